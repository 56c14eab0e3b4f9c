#include "labelled/count_lines.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

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
  if (tx_count_parse(field, ret_count)) return TX_OK;
  return tx_count_text_fail(text, "the count ", field, " is no number", error);
}

/* The end of a field, whose quotes are removed; *ret_field is its start. */
static char *cut_field(char *at, char delimiter, char **ret_field)
{
  char *to;
  *ret_field = at;
  if (*at != '"') return at + strcspn(at, (const char[]){delimiter, '\0'});
  to = ++at;
  *ret_field = at;
  for (; *at; at++) {
    if (*at == '"' && at[1] == '"')
      at++;
    else if (*at == '"' && (!at[1] || at[1] == delimiter))
      break;
    *to++ = *at;
  }
  if (!*at) { /* never closed: the text stays, without the first quote */
    *to = '\0';
    return to;
  }
  *to = '\0';
  return at + 1;
}

static tx_status cut_line(tx_count_text *text, size_t most, tx_error *error)
{
  char *at = text->text;
  text->field_count = 0;
  for (;;) {
    char *end;
    if (!tx_reserve(&text->fields, &text->field_capacity, text->field_count + 1, sizeof *text->fields))
      return out_of_memory(error);
    end = cut_field(at, text->delimiter, &text->fields[text->field_count++]);
    at = *end ? end + 1 : NULL;
    *end = '\0';
    if (!at) break;
    if (text->delimiter == ' ') at += strspn(at, " ");
  }
  for (size_t i = 0; i < text->field_count; i++)
    text->fields[i] = tx_text_trim(text->fields[i], strlen(text->fields[i]), NULL);
  if (text->field_count > most && !*text->fields[text->field_count - 1]) text->field_count--;
  return TX_OK;
}

/* Copies the next line that is not empty. */
static tx_status next_line(tx_count_text *text, tx_error *error)
{
  const char *line;
  size_t length;
  tx_status status;
  do {
    status = tx_lines_next(text->lines, &line, &length, error);
    if (status != TX_OK) return status;
    if (tx_lines_number(text->lines) == 1 && length >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0) {
      line += 3;
      length -= 3;
    }
  } while (strspn(line, " \t") == length);
  if (!tx_reserve(&text->text, &text->text_capacity, length + 1, 1)) return out_of_memory(error);
  memcpy(text->text, line, length + 1);
  return TX_OK;
}

tx_status tx_count_text_next(tx_count_text *text, size_t most, tx_error *error)
{
  tx_status status = next_line(text, error);
  return status == TX_OK ? cut_line(text, most, error) : status;
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
  tx_status status;
  for (;;) {
    status = next_line(text, error);
    if (status != TX_OK) break;
    if (compressed && !*ret_groups && *text->text == '#' && text->text[1] >= '0' && text->text[1] <= '9') {
      *ret_groups = tx_copy_text(text->text, strlen(text->text));
      if (!*ret_groups) return out_of_memory(error);
    } else if (!is_comment(text->text)) {
      break;
    }
    compressed = compressed || strncmp(text->text, "#Compressed Format", 18) == 0;
  }
  if (status == TX_END)
    return tx_fail(error, TX_ERROR_DATA, "%s: no header: expected a count table (vsearch --otutabout, biom "
                                         "convert, DADA2, phyloseq, mothur, BIOM)",
                   text->builder->file);
  if (status != TX_OK) return status;
  text->delimiter = choose_delimiter(text->text);
  status = cut_line(text, SIZE_MAX, error);
  if (status != TX_OK) return status;
  text->header = text->text;
  text->names = text->fields;
  text->name_count = text->field_count;
  text->text = NULL;
  text->fields = NULL;
  text->text_capacity = text->field_capacity = 0;
  return TX_OK;
}
