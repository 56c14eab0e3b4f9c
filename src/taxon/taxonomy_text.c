#include "taxon/taxonomy.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "taxon/tree.h"

tx_status tx_taxonomy_write(const tx_taxonomy *taxonomy, tx_bytes *out, tx_error *error)
{
  for (size_t r = 0; r < taxonomy->rank_count; r++) {
    if (r) tx_bytes_append(out, "\t", 1);
    tx_bytes_text(out, taxonomy->rank_names[r]);
  }
  tx_bytes_append(out, "\n", 1);
  for (size_t r = 0; r < taxonomy->rank_count; r++) {
    for (size_t i = taxonomy->first[r]; i < taxonomy->first[r + 1]; i++) {
      const tx_taxon *taxon = &taxonomy->taxa[i];
      tx_bytes_printf(out, "%zu\t%" PRId32 "\t%" PRId32 "\t", r, taxon->parent_rank, taxon->parent);
      tx_bytes_text(out, taxon->name);
      tx_bytes_append(out, "\n", 1);
    }
  }
  return out->failed ? tx_fail_memory(error, "the text of the taxonomy") : TX_OK;
}

/* A reader's state: the text is copied, so that lines and fields can be ended in place. */
typedef struct text_reader {
  char *text;
  char *at;
  char *end;
  uint64_t line;
  const char *ranks[TX_RANKS_MAX];
  size_t rank_count;
  size_t counts[TX_RANKS_MAX];
  tx_taxon *taxa;
  size_t taxon_count;
  size_t capacity;
} text_reader;

static tx_status fail_line(const text_reader *reader, tx_error *error, const char *what)
{
  return tx_fail(error, TX_ERROR_MODEL, "taxonomy, line %" PRIu64 ": %s", reader->line, what);
}

/* Reads the next line, its newline replaced by NUL; every line has one. */
static tx_status next_line(text_reader *reader, char **ret_line, tx_error *error)
{
  char *line = reader->at;
  char *newline = memchr(line, '\n', (size_t)(reader->end - line));
  *ret_line = line; /* set also on failure: gcc cannot see that a failure is never TX_OK */
  reader->line++;
  if (!newline) return fail_line(reader, error, "the last line has no newline");
  *newline = '\0';
  reader->at = newline + 1;
  return TX_OK;
}

/* Ends the field at the tab and moves *at past it; NULL when there is no tab. */
static char *next_field(char **at)
{
  char *field = *at;
  char *tab = strchr(field, '\t');
  if (!tab) return NULL;
  *tab = '\0';
  *at = tab + 1;
  return field;
}

/* Reads a decimal number without sign or leading zeros, or "-1"; -2 for any other text or beyond int32. */
static int64_t read_number(const char *text)
{
  int64_t value = 0;
  if (!strcmp(text, "-1")) return -1;
  if (!*text || (*text == '0' && text[1])) return -2;
  for (; *text; text++) {
    if (*text < '0' || *text > '9') return -2;
    value = value * 10 + (*text - '0');
    if (value > INT32_MAX) return -2;
  }
  return value;
}

static tx_status read_ranks(text_reader *reader, tx_error *error)
{
  char *line;
  tx_status status = next_line(reader, &line, error);
  if (!status && !*line) return TX_OK; /* the taxonomy of a model that only embeds */
  while (!status) {
    char *field = next_field(&line);
    if (reader->rank_count == TX_RANKS_MAX) return fail_line(reader, error, "too many ranks");
    reader->ranks[reader->rank_count++] = field ? field : line;
    if (!field) break;
  }
  return status ? status : tx_ranks_check(reader->ranks, reader->rank_count, TX_ERROR_MODEL, error);
}

static tx_status read_taxon(text_reader *reader, tx_error *error)
{
  char *line;
  char *fields[3];
  int64_t rank;
  int64_t parent_rank;
  int64_t parent;
  tx_status status = next_line(reader, &line, error);
  if (status) return status;
  for (size_t i = 0; i < 3; i++) {
    fields[i] = next_field(&line);
    if (!fields[i]) return fail_line(reader, error, "there must be four fields with tabs between them");
  }
  rank = read_number(fields[0]);
  parent_rank = read_number(fields[1]);
  parent = read_number(fields[2]);
  if (rank < 0 || (size_t)rank >= reader->rank_count)
    return fail_line(reader, error, "the rank is out of range");
  for (size_t r = (size_t)rank + 1; r < reader->rank_count; r++)
    if (reader->counts[r]) return fail_line(reader, error, "the taxa are not in the order of the ranks");
  if (parent_rank < -1 || parent < -1) return fail_line(reader, error, "the parent is no number");
  if ((parent_rank < 0) != (parent < 0)) return fail_line(reader, error, "half a parent");
  if (parent_rank >= rank) return fail_line(reader, error, "the parent is not of a higher rank");
  if (parent >= 0 && (uint64_t)parent >= reader->counts[parent_rank])
    return fail_line(reader, error, "the parent's class is out of range");
  if (!*line || tx_text_has_control(line))
    return fail_line(reader, error,
                     "the name is empty or has control characters");
  if (reader->taxon_count >= INT32_MAX) return fail_line(reader, error, "too many taxa");
  if (!tx_reserve(&reader->taxa, &reader->capacity, reader->taxon_count + 1, sizeof *reader->taxa))
    return tx_fail_memory(error, "the taxonomy");
  reader->taxa[reader->taxon_count++] = (tx_taxon){line, (int32_t)parent, (int32_t)parent_rank};
  reader->counts[rank]++;
  return TX_OK;
}

tx_status tx_taxonomy_read(const char *text, size_t length, tx_taxonomy **ret_taxonomy, tx_error *error)
{
  text_reader reader = {0};
  tx_status status;
  *ret_taxonomy = NULL;
  if (length && memchr(text, '\0', length)) return tx_fail(error, TX_ERROR_MODEL, "taxonomy: a NUL byte");
  reader.text = reader.at = tx_copy_text(text, length);
  if (!reader.text) return tx_fail_memory(error, "the taxonomy");
  reader.end = reader.text + length;
  status = read_ranks(&reader, error);
  while (!status && reader.at < reader.end) status = read_taxon(&reader, error);
  if (!status)
    status = tx_taxonomy_assemble(reader.ranks, reader.rank_count, reader.counts, reader.taxa, TX_ERROR_MODEL,
                                  ret_taxonomy, error);
  free(reader.taxa);
  free(reader.text);
  return status;
}
