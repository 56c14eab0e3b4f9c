#include "out/sets.h"

#include "out/text.h"

#include <string.h>

/* Appends a name in which a separator would end it. */
static void put_name(tx_bytes *row, const char *name)
{
  size_t at = row->size;
  tx_text_field(row, name, strlen(name));
  for (; at < row->size; at++)
    if (row->data[at] == ';' || row->data[at] == '|') row->data[at] = '_';
}

/* The next called taxon of a rank from `class_index` on, or -1. */
static int32_t next_called(const tx_taxonomy *taxonomy, const tx_prediction *prediction, size_t rank,
                           size_t class_index)
{
  for (; class_index < tx_taxonomy_class_count(taxonomy, rank); class_index++)
    if (tx_prediction_calls(prediction, tx_taxonomy_node(taxonomy, rank, (int32_t)class_index)))
      return (int32_t)class_index;
  return -1;
}

/* Whether a called taxon is below this one. */
static bool has_called_below(const tx_taxonomy *taxonomy, const tx_prediction *prediction, size_t rank,
                             int32_t class_index)
{
  for (size_t r = rank + 1; r < tx_taxonomy_rank_count(taxonomy); r++)
    for (int32_t c = next_called(taxonomy, prediction, r, 0); c >= 0;
         c = next_called(taxonomy, prediction, r, (size_t)c + 1)) {
      size_t above;
      if (tx_taxonomy_parent(taxonomy, r, c, &above) == class_index && above == rank) return true;
    }
  return false;
}

/* Appends the names from the top rank down to the taxon; a rank without one is an empty name. */
static void put_lineage(tx_bytes *row, const tx_taxonomy *taxonomy, size_t rank, int32_t class_index)
{
  int32_t lineage[TX_RANKS_MAX];
  tx_taxonomy_lineage(taxonomy, rank, class_index, lineage);
  for (size_t r = 0; r <= rank; r++) {
    if (r) tx_bytes_append(row, "|", 1);
    if (lineage[r] >= 0) put_name(row, tx_taxonomy_class_name(taxonomy, r, lineage[r]));
  }
  /* a lone name would be read as that of any rank */
  if (rank == 0 && tx_taxonomy_rank_count(taxonomy) > 1) tx_bytes_append(row, "|", 1);
}

void tx_sets_put_tsv(tx_bytes *row, const tx_taxonomy *taxonomy, const tx_prediction *prediction)
{
  const char *separator = "";
  for (size_t rank = 0; rank < tx_taxonomy_rank_count(taxonomy); rank++) {
    separator = "\t";
    for (int32_t c = next_called(taxonomy, prediction, rank, 0); c >= 0;
         c = next_called(taxonomy, prediction, rank, (size_t)c + 1), separator = ";") {
      tx_bytes_text(row, separator);
      put_name(row, tx_taxonomy_class_name(taxonomy, rank, c));
    }
    if (*separator == '\t') tx_bytes_text(row, separator);
    separator = "\t";
    for (int32_t c = next_called(taxonomy, prediction, rank, 0); c >= 0;
         c = next_called(taxonomy, prediction, rank, (size_t)c + 1), separator = ";") {
      tx_bytes_text(row, separator);
      tx_text_confidence(row, tx_prediction_probability(prediction, tx_taxonomy_node(taxonomy, rank, c)));
    }
    if (*separator == '\t') tx_bytes_text(row, separator);
  }
  tx_bytes_text(row, "\t");
  separator = "";
  for (size_t rank = 0; rank < tx_taxonomy_rank_count(taxonomy); rank++)
    for (int32_t c = next_called(taxonomy, prediction, rank, 0); c >= 0;
         c = next_called(taxonomy, prediction, rank, (size_t)c + 1)) {
      if (has_called_below(taxonomy, prediction, rank, c)) continue;
      tx_bytes_text(row, separator);
      put_lineage(row, taxonomy, rank, c);
      separator = ";";
    }
}

void tx_sets_put_json(tx_bytes *row, const tx_taxonomy *taxonomy, const tx_prediction *prediction)
{
  const char *separator = "";
  tx_bytes_text(row, "[");
  for (size_t rank = 0; rank < tx_taxonomy_rank_count(taxonomy); rank++)
    for (int32_t c = next_called(taxonomy, prediction, rank, 0); c >= 0;
         c = next_called(taxonomy, prediction, rank, (size_t)c + 1), separator = ",") {
      const char *rank_name = tx_taxonomy_rank_name(taxonomy, rank);
      const char *name = tx_taxonomy_class_name(taxonomy, rank, c);
      int32_t lineage[TX_RANKS_MAX];
      tx_taxonomy_lineage(taxonomy, rank, c, lineage);
      tx_bytes_printf(row, "%s{\"rank\":", separator);
      tx_bytes_json_string(row, rank_name, strlen(rank_name));
      tx_bytes_text(row, ",\"taxon\":");
      tx_bytes_json_string(row, name, strlen(name));
      tx_bytes_text(row, ",\"confidence\":");
      tx_text_confidence(row, tx_prediction_probability(prediction, tx_taxonomy_node(taxonomy, rank, c)));
      tx_bytes_text(row, ",\"above\":[");
      for (size_t r = 0, count = 0; r < rank; r++) {
        const char *above = lineage[r] >= 0 ? tx_taxonomy_class_name(taxonomy, r, lineage[r]) : NULL;
        if (!above) continue;
        if (count++) tx_bytes_text(row, ",");
        tx_bytes_json_string(row, above, strlen(above));
      }
      tx_bytes_text(row, "]}");
    }
  tx_bytes_text(row, "]");
}
