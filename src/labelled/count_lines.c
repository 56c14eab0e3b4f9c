#include "labelled/count_lines.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/memory.h"

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the count table");
}

tx_status tx_count_text_fail(const tx_count_text *text, const char *before, const char *field,
                             const char *after, tx_error *error)
{
  return tx_fail_at(error, TX_ERROR_DATA, text->builder->file, tx_lines_number(text->lines), 0,
                    "%s'%.100s'%s", before, field, after);
}

tx_status tx_count_text_number(const tx_count_text *text, const char *field, double *ret_count,
                               tx_error *error)
{
  if (tx_text_decimal(field, ret_count)) return TX_OK;
  return tx_count_text_fail(text, "the count ", field, " is no number", error);
}

/* The next line that is not empty; borrowed. */
static tx_status next_line(tx_count_text *text, const char **ret_line, size_t *ret_length, tx_error *error)
{
  tx_status status;
  do {
    status = tx_lines_next(text->lines, ret_line, ret_length, error);
    if (status != TX_OK) return status;
    if (tx_lines_number(text->lines) == 1 && *ret_length >= 3 && memcmp(*ret_line, "\xEF\xBB\xBF", 3) == 0) {
      *ret_line += 3;
      *ret_length -= 3;
    }
  } while (strspn(*ret_line, " \t") == *ret_length);
  return TX_OK;
}

tx_status tx_count_text_next(tx_count_text *text, size_t most, tx_error *error)
{
  tx_fields *fields = &text->fields;
  const char *line;
  size_t length;
  tx_status status = next_line(text, &line, &length, error);
  if (status != TX_OK) return status;
  if (!tx_fields_cut(fields, line, length, text->delimiter)) return out_of_memory(error);
  if (fields->count > most && !*fields->items[fields->count - 1]) fields->count--;
  return TX_OK;
}

/* A line that begins with '#' is the header if it has columns: a tab, or commas as in a CSV. */
static bool is_comment(const char *line)
{
  const char *comma = strchr(line, ',');
  if (*line != '#') return false;
  if (strncmp(line, "#Compressed Format", 18) == 0) return true;
  return !strchr(line, '\t') && (!comma || comma[1] == ' ');
}

static char choose_delimiter(const char *line)
{
  static const char delimiters[] = "\t,; ";
  for (const char *delimiter = delimiters; *delimiter; delimiter++)
    if (strchr(line, *delimiter)) return *delimiter;
  return '\t';
}

tx_status tx_count_text_header(tx_count_text *text, char **ret_groups, tx_error *error)
{
  bool compressed = false;
  const char *line;
  size_t length;
  tx_status status;
  for (;;) {
    status = next_line(text, &line, &length, error);
    if (status != TX_OK) break;
    if (compressed && !*ret_groups && *line == '#' && line[1] >= '0' && line[1] <= '9') {
      *ret_groups = tx_copy_text(line, length);
      if (!*ret_groups) return out_of_memory(error);
    } else if (!is_comment(line)) {
      break;
    }
    compressed = compressed || strncmp(line, "#Compressed Format", 18) == 0;
  }
  if (status == TX_END)
    return tx_fail(error, TX_ERROR_DATA,
                   "%s: no header: expected a count table (vsearch --otutabout, biom "
                   "convert, DADA2, phyloseq, mothur, BIOM)",
                   text->builder->file);
  if (status != TX_OK) return status;
  text->delimiter = choose_delimiter(line);
  return tx_fields_cut(&text->header, line, length, text->delimiter) ? TX_OK : out_of_memory(error);
}
