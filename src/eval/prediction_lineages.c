#include "eval/prediction_lineages.h"

#include <string.h>

#include "base/error.h"

/* vsearch --sintax: header, "d:A(1.00),p:B(0.98)", strand, and the lineage cut at --sintax_cutoff. */
bool tx_is_sintax(const tx_prediction_lines *lines)
{
  char *const *fields = lines->fields.items;
  const char *text;
  if (lines->fields.count < 3 || lines->fields.count > 4) return false;
  text = fields[1];
  if (strlen(fields[2]) > 1 || !strchr("+-.", fields[2][0])) return false;
  if (!*text) return true;
  text += strspn(text, "abcdefghijklmnopqrstuvwxyz");
  return *text == ':' && strchr(text, '(');
}

/* One name, "p:B(0.98)". */
static tx_status add_sintax_name(const tx_prediction_lines *lines, char *part, tx_error *error)
{
  char *confidence = strrchr(part, '('), *end = confidence ? strchr(confidence, ')') : NULL;
  tx_lineage lineage;
  double value;
  char fault[TX_FAULT_SIZE];
  tx_status status;
  if (!end || end[1])
    return tx_prediction_lines_fail(lines, "no confidence in parentheses behind ", part, error);
  *confidence++ = *end = '\0';
  status =
      tx_prediction_rows_confidence(lines->rows, confidence, tx_lines_number(lines->lines), &value, error);
  if (status != TX_OK) return status;
  if (!tx_lineage_read_sintax(part, &lineage, fault))
    return tx_prediction_lines_fail(lines, "bad lineage: ", fault, error);
  return tx_prediction_rows_add_lineage(lines->rows, &lineage, value, error);
}

static tx_status add_sintax(const tx_prediction_lines *lines, tx_error *error)
{
  tx_status status;
  if (lines->fields.count < 2)
    return tx_prediction_lines_fail(lines, "expected an id, a tab and a lineage", "", error);
  status = tx_prediction_lines_begin(lines, lines->fields.items[0], error);
  for (char *part = lines->fields.items[1], *next; status == TX_OK && part && *part; part = next) {
    next = strstr(part, "),");
    if (next) {
      next[1] = '\0';
      next += 2;
    }
    status = add_sintax_name(lines, part, error);
  }
  return status;
}

tx_status tx_read_sintax(tx_prediction_lines *lines, tx_error *error)
{
  tx_status status = TX_OK;
  lines->rows->format = "sintax";
  lines->rows->has_confidences = true;
  lines->rows->ranks_by_prefix = true;
  while (status == TX_OK) {
    status = add_sintax(lines, error);
    if (status == TX_OK) status = tx_prediction_lines_next(lines, error);
  }
  return status == TX_END ? TX_OK : status;
}

bool tx_is_qiime2(const tx_prediction_lines *lines)
{
  return lines->fields.count >= 2 && tx_text_equal_fold(lines->fields.items[1], "taxon") &&
         (tx_text_equal_fold(lines->fields.items[0], "feature id") ||
          tx_text_equal_fold(lines->fields.items[0], "featureid") ||
          tx_text_equal_fold(lines->fields.items[0], "#otu id"));
}

static tx_status add_qiime2(const tx_prediction_lines *lines, size_t confidence_field, tx_error *error)
{
  char *const *fields = lines->fields.items;
  double confidence = TX_NO_CONFIDENCE;
  tx_status status;
  if (lines->fields.count < 2)
    return tx_prediction_lines_fail(lines, "no tab: expected an id, a tab and a lineage", "", error);
  status = tx_prediction_lines_begin(lines, fields[0], error);
  if (status == TX_OK && confidence_field && confidence_field < lines->fields.count &&
      *fields[confidence_field])
    status = tx_prediction_rows_confidence(lines->rows, fields[confidence_field],
                                           tx_lines_number(lines->lines), &confidence, error);
  return status == TX_OK ? tx_prediction_lines_lineage(lines, fields[1], confidence, error) : status;
}

tx_status tx_read_qiime2(tx_prediction_lines *lines, tx_error *error)
{
  size_t confidence_field = 0;
  tx_status status = TX_OK;
  lines->rows->format = "QIIME 2 taxonomy";
  if (tx_is_qiime2(lines)) {
    for (size_t i = 2; i < lines->fields.count; i++)
      if (tx_text_equal_fold(lines->fields.items[i], "confidence") ||
          tx_text_equal_fold(lines->fields.items[i], "consensus"))
        confidence_field = i;
    status = tx_prediction_lines_next(lines, error);
  }
  while (status == TX_OK) {
    /* "#q2:types" and the like are directives. */
    if (strncmp(lines->line, "#q2:", 4) != 0) status = add_qiime2(lines, confidence_field, error);
    if (status == TX_OK) status = tx_prediction_lines_next(lines, error);
  }
  return status == TX_END ? TX_OK : status;
}
