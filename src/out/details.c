#include "out/details.h"

#include <inttypes.h>
#include <string.h>

static void put_string(tx_bytes *row, const char *text)
{
  tx_bytes_json_string(row, text, strlen(text));
}

/* Appends the kind in words: with a rank and a taxon behind them they read as "new species of genus X". */
static void put_kind(tx_bytes *row, const tx_taxonomy *taxonomy, int rank)
{
  const size_t below = (size_t)(rank + 1);
  tx_bytes words = {0};
  if (rank < 0) {
    tx_bytes_text(row, "\"none\"");
  } else if (below == tx_taxonomy_rank_count(taxonomy)) {
    tx_bytes_text(row, "\"known\"");
  } else {
    tx_bytes_text(&words, "new ");
    tx_bytes_text(&words, tx_taxonomy_rank_name(taxonomy, below));
    tx_bytes_text(&words, " of");
    if (!words.failed) tx_bytes_json_string(row, words.data, words.size);
    row->failed = row->failed || words.failed;
  }
  tx_bytes_free(&words);
}

/* asked: with the part of the network. foreign: only that knows the taxon. */
static void put_outcome(tx_bytes *row, const tx_taxonomy *taxonomy, const tx_answer_outcome *outcome,
                        bool asked, bool foreign)
{
  tx_bytes_text(row, "{\"kind\":");
  put_kind(row, taxonomy, outcome->rank);
  if (outcome->rank >= 0) {
    tx_bytes_text(row, ",\"rank\":");
    put_string(row, tx_taxonomy_rank_name(taxonomy, (size_t)outcome->rank));
    tx_bytes_text(row, ",\"taxon\":");
    put_string(row, tx_taxonomy_class_name(taxonomy, (size_t)outcome->rank, outcome->taxon));
  } else {
    tx_bytes_text(row, ",\"rank\":null,\"taxon\":null");
  }
  if (foreign) tx_bytes_text(row, ",\"only\":\"network\"");
  tx_bytes_printf(row, ",\"probability\":%.6f", outcome->probability);
  if (asked) tx_bytes_printf(row, ",\"references\":%.6f", outcome->alone);
  if (asked && outcome->heard)
    tx_bytes_printf(row, ",\"network\":%.6f", outcome->log_probability);
  else if (asked)
    tx_bytes_text(row, ",\"network\":null");
  tx_bytes_text(row, "}");
}

static void put_lineage(tx_bytes *row, const tx_reference_set *references, size_t reference)
{
  const tx_taxonomy *taxonomy = tx_reference_set_taxonomy(references);
  const char *separator = "";
  for (size_t rank = 0; rank < tx_taxonomy_rank_count(taxonomy); rank++) {
    const int32_t taxon = tx_reference_set_taxon(references, reference, rank);
    if (taxon < 0) continue;
    tx_bytes_text(row, separator);
    put_string(row, tx_taxonomy_rank_name(taxonomy, rank));
    tx_bytes_text(row, ":");
    put_string(row, tx_taxonomy_class_name(taxonomy, rank, taxon));
    separator = ",";
  }
}

static void put_candidate(tx_bytes *row, const tx_reference_set *references,
                          const tx_answer_candidate *candidate)
{
  size_t length;
  const char *id = tx_reference_set_id(references, candidate->reference, &length);
  tx_bytes_text(row, "{\"id\":");
  tx_bytes_json_string(row, id, length);
  tx_bytes_text(row, ",\"lineage\":{");
  put_lineage(row, references, candidate->reference);
  tx_bytes_printf(row, "},\"identity\":%.2f,\"aligned\":%" PRIu32 ",\"mismatches\":%" PRIu32,
                  100 * (1 - candidate->mismatches / (double)candidate->columns), candidate->columns,
                  candidate->mismatches);
  tx_bytes_printf(row, ",\"transversions\":%" PRIu32, candidate->transversions);
  if (candidate->codon_substitutions >= 0)
    tx_bytes_printf(row, ",\"codon_substitutions\":%" PRId32, candidate->codon_substitutions);
  tx_bytes_printf(row, ",\"score\":%" PRIu32 "}", candidate->score);
}

/* Whether the references lack a taxon: such taxa follow theirs. */
static bool is_foreign(const tx_reference_set *references, const tx_answer_outcome *outcome)
{
  return outcome->rank >= 0 &&
         (size_t)outcome->taxon >=
             tx_taxonomy_class_count(tx_reference_set_taxonomy(references), (size_t)outcome->rank);
}

void tx_details_put(tx_bytes *row, const tx_taxonomy *taxonomy, const tx_reference_set *references,
                    const tx_prediction *prediction)
{
  tx_answer_outcome outcome;
  tx_answer_candidate candidate;
  tx_bytes_text(row, ",\"outcomes\":[");
  for (size_t i = 0; tx_prediction_outcome(prediction, i, &outcome); i++) {
    if (i) tx_bytes_append(row, ",", 1);
    put_outcome(row, taxonomy, &outcome, tx_prediction_asked(prediction),
                is_foreign(references, &outcome));
  }
  tx_bytes_text(row, "],\"candidates\":[");
  for (size_t i = 0; tx_prediction_candidate(prediction, i, &candidate); i++) {
    if (i) tx_bytes_append(row, ",", 1);
    put_candidate(row, references, &candidate);
  }
  tx_bytes_text(row, "]");
}
