#include "eval/prediction_lines.h"

#include <string.h>
#include <taxamba/labelled.h>

#include "base/error.h"

tx_status tx_prediction_lines_next(tx_prediction_lines *lines, tx_error *error)
{
  bool comment;
  do {
    tx_status status = tx_lines_next(lines->lines, &lines->line, &lines->length, error);
    if (status != TX_OK) return status;
    if (tx_lines_number(lines->lines) == 1 && lines->length >= 3 &&
        memcmp(lines->line, "\xEF\xBB\xBF", 3) == 0) {
      lines->line += 3;
      lines->length -= 3;
    }
    /* BLAST writes comments between the queries; an id may begin with '#'. */
    comment = lines->line[0] == '#' && lines->line[1] == ' ';
  } while (!lines->length || comment);
  if (tx_fields_cut(&lines->fields, lines->line, lines->length, lines->delimiter)) return TX_OK;
  return tx_fail_memory(error, "the predictions");
}

tx_status tx_prediction_lines_fail(const tx_prediction_lines *lines, const char *what, const char *more,
                                   tx_error *error)
{
  const uint64_t number = lines->lines ? tx_lines_number(lines->lines) : 0;
  return tx_fail_at(error, TX_ERROR_DATA, lines->rows->file, number, 0, "%s%.200s",
                    what, more);
}

tx_status tx_prediction_lines_begin(const tx_prediction_lines *lines, const char *text, tx_error *error)
{
  return tx_prediction_rows_begin(lines->rows, text, strcspn(text, " "), tx_lines_number(lines->lines),
                                  error);
}

/* Names in the order of the ranks. */
static tx_status add_positions(const tx_prediction_lines *lines, char *text, double last, tx_error *error)
{
  const char separator[2] = {strchr(text, ';') ? ';' : strchr(text, '|') ? '|' : ',', '\0'};
  const char *names[TX_RANKS_MAX] = {NULL};
  size_t count = 0, deepest = 0;
  tx_words ranks = {0};
  tx_status status = tx_words_split(lines->ranks, "--ranks", &ranks, error);
  for (char *next = text; status == TX_OK && next && count < ranks.count && count < TX_RANKS_MAX; count++) {
    char *name = next;
    const size_t size = strcspn(name, separator);
    next = name[size] ? name + size + 1 : NULL;
    name[size] = '\0';
    name = tx_text_trim(name, size, NULL);
    names[count] = tx_label_is_missing(name) ? NULL : name;
    if (names[count]) deepest = count;
  }
  for (size_t r = 0; r < count && status == TX_OK; r++)
    status = tx_prediction_rows_add(lines->rows, ranks.items[r], names[r],
                                    r == deepest ? last : TX_NO_CONFIDENCE, error);
  tx_words_free(&ranks);
  return status;
}

/* Whether the text begins with small letters and the mark. */
static bool has_prefix(const char *text, const char *mark)
{
  const size_t letters = strspn(text, "abcdefghijklmnopqrstuvwxyz");
  return letters >= 1 && letters <= 2 && strncmp(text + letters, mark, strlen(mark)) == 0;
}

tx_status tx_prediction_lines_lineage(const tx_prediction_lines *lines, char *text, double last,
                                      tx_error *error)
{
  const bool sintax = has_prefix(text, ":");
  tx_lineage lineage;
  char fault[TX_FAULT_SIZE];
  if (lines->ranks && *lines->ranks && !sintax && !has_prefix(text, "__"))
    return add_positions(lines, text, last, error);
  if (!(sintax ? tx_lineage_read_sintax(text, &lineage, fault)
               : tx_lineage_read_unite(text, &lineage, fault)))
    return tx_prediction_lines_fail(lines, "bad lineage: ", fault, error);
  lines->rows->ranks_by_prefix = true;
  return tx_prediction_rows_add_lineage(lines->rows, &lineage, last, error);
}
