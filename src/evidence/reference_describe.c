/* Describes a reference set as text and as JSON. */
#include "evidence/reference_file.h"

#include "base/error.h"
#include "model/describe.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Number of references with a label at a rank. */
static size_t count_labelled(const tx_references *references, size_t rank)
{
  size_t count = 0;
  for (size_t i = 0; i < references->count; i++) count += tx_references_lineage(references, i)[rank] >= 0;
  return count;
}

static const double rates[] = {0.01, 0.05, 0.1};
enum { RATES = sizeof rates / sizeof *rates };

/* Describes, for each length, the confidence that keeps the share of wrong lineages at each of the rates. */
static void describe_thresholds(const tx_fitted_weights *fitted, size_t kinds, tx_bytes *out)
{
  tx_describe_label(out, "", "thresholds");
  tx_bytes_text(out, "confidence that keeps wrong lineages at");
  for (size_t i = 0; i < RATES; i++) tx_bytes_printf(out, "%s%.0f %%", i ? ", " : " ", 100 * rates[i]);
  tx_bytes_text(out, "\n");
  for (size_t l = 0; l < fitted->length_count; l++) {
    tx_bytes_printf(out, "  %-14" PRIu32 "  ", fitted->lengths[l]);
    for (size_t i = 0; i < RATES; i++)
      tx_bytes_printf(out, "%s%.2f", i ? ", " : "",
                      tx_reliability_threshold(&fitted->reliability[l], kinds, fitted->prior, rates[i]));
    tx_bytes_text(out, "\n");
  }
}

/* Describes, for each length, what the network adds and whether it is asked. */
static void describe_witness(const tx_fitted_weights *fitted, tx_bytes *out)
{
  if (!fitted->witness.present) return;
  tx_describe_label(out, "", "network");
  tx_bytes_printf(out,
                  "%08" PRIx32 " as a witness, on records that it had not learned: weights; log loss without "
                  "and with it, gain; names corrected, spoiled\n",
                  fitted->witness.network);
  for (size_t l = 0; l < fitted->length_count; l++) {
    const tx_witness_scores *s = &fitted->witness.lengths[l].scores;
    tx_bytes_printf(out, "  %-14" PRIu32 "  ", fitted->lengths[l]);
    if (!s->fitted) {
      tx_bytes_printf(out, "no weights: %" PRIu64 " records\n", s->records);
      continue;
    }
    for (size_t g = 0; g < TX_WITNESS_GROUPS; g++)
      tx_bytes_printf(out, "%s%.2f", g ? " " : "", s->weight[g]);
    tx_bytes_printf(out, "; %.4f %.4f, %.4f +- %.4f; %" PRIu64 ", %" PRIu64 " of %" PRIu64 ": %s\n",
                    s->log_loss, s->log_loss_with, s->log_loss - s->log_loss_with, s->gain_error,
                    s->corrected, s->spoiled, s->records, s->helps ? "helps" : "not asked by itself");
  }
}

/* Where a taxon is new, as in tx_split_group. */
static const char *const split_names[TX_SPLIT_GROUPS] = {"lowest", "higher", "within"};

/* Describes, for each length, how taxa are named that only the network knows. */
static void describe_split(const tx_fitted_weights *fitted, tx_bytes *out)
{
  tx_split_weights weights;
  bool begun = false;
  for (size_t l = 0; l < fitted->length_count; l++) {
    if (!tx_fitted_split_at(fitted, TX_WITNESS_FITTED, fitted->lengths[l], &weights)) continue;
    if (!begun) {
      tx_describe_label(out, "", "its taxa");
      tx_bytes_text(out, "that the references lack: where they may be; offset, slope; squared error without "
                         "and with them, gain; names right, wrong\n");
    }
    begun = true;
    for (size_t g = 0; g < TX_SPLIT_GROUPS; g++) {
      const tx_split_scores *s = &fitted->witness.lengths[l].split[g];
      if (!s->fitted) continue;
      tx_bytes_printf(out, "  %-14" PRIu32 "  %s: %.2f %.2f; %.4f %.4f, %.4f +- %.4f; ", fitted->lengths[l],
                      split_names[g], s->offset, s->slope, s->loss, s->loss_with, s->loss - s->loss_with,
                      s->gain_error);
      tx_bytes_printf(out, "%" PRIu64 ", %" PRIu64 " of %" PRIu64 ": %s\n", s->right, s->wrong,
                      s->network + s->neither, s->helps ? "helps" : "not asked by itself");
    }
  }
}

static void describe_split_json(const tx_split_scores *scores, tx_bytes *out)
{
  const char *separator = "";
  if (!(scores[0].fitted || scores[1].fitted || scores[2].fitted)) return;
  tx_bytes_text(out, ",\"only_network\":{");
  for (size_t g = 0; g < TX_SPLIT_GROUPS; g++) {
    const tx_split_scores *s = &scores[g];
    if (!s->fitted) continue;
    tx_bytes_printf(out, "%s\"%s\":{\"helps\":%s,\"offset\":%.6g,\"slope\":%.6g", separator, split_names[g],
                    s->helps ? "true" : "false", s->offset, s->slope);
    tx_bytes_printf(out,
                    ",\"records\":%" PRIu64 ",\"network\":%" PRIu64 ",\"neither\":%" PRIu64
                    ",\"squared_error\":[%.6g,%.6g],\"gain_error\":%.6g,\"right\":%" PRIu64
                    ",\"wrong\":%" PRIu64 "}",
                    s->records, s->network, s->neither, s->loss, s->loss_with, s->gain_error, s->right,
                    s->wrong);
    separator = ",";
  }
  tx_bytes_text(out, "}");
}

static void describe_witness_json(const tx_fitted_weights *fitted, tx_bytes *out)
{
  if (!fitted->witness.present) return;
  tx_bytes_printf(out, ",\"witness\":{\"network\":\"%08" PRIx32 "\",\"lengths\":[",
                  fitted->witness.network);
  for (size_t l = 0; l < fitted->length_count; l++) {
    const tx_witness_scores *s = &fitted->witness.lengths[l].scores;
    tx_bytes_printf(out, "%s{\"length\":%" PRIu32 ",\"fitted\":%s,\"helps\":%s,\"weights\":[%.6g,%.6g,%.6g]",
                    l ? "," : "", fitted->lengths[l], s->fitted ? "true" : "false",
                    s->helps ? "true" : "false", s->weight[0], s->weight[1], s->weight[2]);
    tx_bytes_printf(out,
                    ",\"records\":%" PRIu64 ",\"asked\":%" PRIu64
                    ",\"log_loss\":[%.6g,%.6g],\"gain_error\":%.6g,\"corrected\":%" PRIu64
                    ",\"spoiled\":%" PRIu64,
                    s->records, s->asked, s->log_loss, s->log_loss_with, s->gain_error, s->corrected,
                    s->spoiled);
    describe_split_json(fitted->witness.lengths[l].split, out);
    tx_bytes_text(out, "}");
  }
  tx_bytes_text(out, "]}");
}

/* Describes the prior: "known species 0.600, new species 0.281, ..., other 0.031". */
static void describe_prior(const tx_reference_set *set, tx_bytes *out)
{
  const tx_outcome_space *space = &set->space;
  tx_describe_label(out, "", "prior");
  for (size_t k = 0; k < space->kinds; k++) {
    const size_t rank = space->ranks - (k ? k : 1); /* that is known, or that the new taxon has */
    if (k + 1 == space->kinds)
      tx_bytes_text(out, "other");
    else
      tx_bytes_printf(out, "%s %s", k ? "new" : "known",
                      tx_taxonomy_rank_name(set->references->taxonomy, rank));
    tx_bytes_printf(out, " %.3f%s", set->fitted.prior[k], k + 1 == space->kinds ? "\n" : ", ");
  }
}

/* Appends the bins of one rank that have calls: [weight, mean confidence, share of correct calls]. */
static void describe_bins(const tx_reliability *reliability, size_t rank, tx_bytes *out)
{
  const char *separator = "";
  for (size_t b = 0; b < TX_EVIDENCE_BINS; b++) {
    const double weight = reliability->weight[rank][b];
    if (weight <= 0) continue;
    tx_bytes_printf(out, "%s[%.6g,%.6g,%.6g]", separator, weight, reliability->confidence[rank][b] / weight,
                    reliability->right[rank][b] / weight);
    separator = ",";
  }
}

static void describe_reliability(const tx_reference_set *set, tx_bytes *out)
{
  const tx_fitted_weights *fitted = &set->fitted;
  const size_t kinds = set->space.kinds;
  tx_bytes_text(out, ",\"reliability\":[");
  for (size_t l = 0; l < fitted->length_count; l++) {
    tx_bytes_printf(out, "%s{\"length\":%" PRIu32 ",\"thresholds\":{", l ? "," : "", fitted->lengths[l]);
    for (size_t i = 0; i < RATES; i++)
      tx_bytes_printf(out, "%s\"%g\":%.6g", i ? "," : "", rates[i],
                      tx_reliability_threshold(&fitted->reliability[l], kinds, fitted->prior, rates[i]));
    tx_bytes_text(out, "},\"bins\":[");
    for (size_t r = 0; r < set->references->ranks; r++) {
      tx_bytes_text(out, r ? ",[" : "[");
      describe_bins(&fitted->reliability[l], r, out);
      tx_bytes_text(out, "]");
    }
    tx_bytes_text(out, "]}");
  }
  tx_bytes_text(out, "]");
}

static void describe_text(const tx_reference_set *set, const tx_json *provenance, tx_bytes *out)
{
  const tx_references *references = set->references;
  size_t distinct;
  const size_t conflicts = tx_references_conflicts(references, &distinct);
  tx_describe_label(out, "", "format");
  tx_bytes_printf(out, "%d (%s)\n", TX_REFERENCES_FORMAT, TX_REFERENCES_KIND);
  tx_describe_label(out, "", "references");
  tx_bytes_printf(out, "%zu, of %" PRIu64 " records and %zu lineages\n", references->count,
                  references->records, references->lineage_count);
  tx_describe_label(out, "", "distinct barcodes");
  tx_bytes_printf(out, "%zu\n", distinct);
  tx_describe_label(out, "", "contradictions");
  tx_bytes_printf(out, "%zu barcodes with contradicting labels\n", conflicts);
  tx_describe_label(out, "", "median length");
  tx_bytes_printf(out, "%" PRIu32 " bases\n", tx_references_median_length(references));
  tx_describe_label(out, "", "coding");
  tx_bytes_text(out, set->index->coding ? "yes\n" : "no\n");
  tx_describe_label(out, "", "k");
  tx_bytes_printf(out, "%u\n", set->index->lists->k);
  if (set->index->groups) {
    tx_describe_label(out, "", "representatives");
    tx_bytes_printf(out, "%zu; the others are near-copies of them\n", set->index->groups->count);
  }
  tx_describe_label(out, "", "weights for");
  for (size_t i = 0; i < set->fitted.length_count; i++)
    tx_bytes_printf(out, "%s%" PRIu32, i ? ", " : "", set->fitted.lengths[i]);
  tx_bytes_text(out, " bases\n");
  describe_prior(set, out);
  describe_thresholds(&set->fitted, set->space.kinds, out);
  describe_witness(&set->fitted, out);
  describe_split(&set->fitted, out);
  tx_describe_label(out, "", "ranks");
  tx_bytes_printf(out, "%zu\n", references->ranks);
  for (size_t r = 0; r < references->ranks; r++) {
    const size_t taxa = tx_taxonomy_class_count(references->taxonomy, r);
    tx_describe_label(out, "  ", tx_taxonomy_rank_name(references->taxonomy, r));
    tx_bytes_printf(out, "%zu %s, %zu references\n", taxa, taxa == 1 ? "taxon" : "taxa",
                    count_labelled(references, r));
  }
  tx_describe_entries(out, provenance);
}

static void describe_json(const tx_reference_set *set, const tx_json *provenance, tx_bytes *out)
{
  const tx_references *references = set->references;
  size_t distinct;
  const size_t conflicts = tx_references_conflicts(references, &distinct);
  tx_bytes_printf(out, "{\"format\":%d,\"kind\":\"%s\",\"references\":%zu,\"records\":%" PRIu64,
                  TX_REFERENCES_FORMAT, TX_REFERENCES_KIND, references->count, references->records);
  tx_bytes_printf(out, ",\"distinct_barcodes\":%zu,\"lineages\":%zu,\"contradictions\":%zu", distinct,
                  references->lineage_count, conflicts);
  tx_bytes_printf(out, ",\"median_length\":%" PRIu32, tx_references_median_length(references));
  tx_bytes_printf(out, ",\"coding\":%s,\"k\":%u", set->index->coding ? "true" : "false",
                  set->index->lists->k);
  if (set->index->groups) tx_bytes_printf(out, ",\"representatives\":%zu", set->index->groups->count);
  tx_bytes_text(out, ",\"weight_lengths\":[");
  for (size_t i = 0; i < set->fitted.length_count; i++)
    tx_bytes_printf(out, "%s%" PRIu32, i ? "," : "", set->fitted.lengths[i]);
  tx_bytes_text(out, "],\"prior\":[");
  for (size_t k = 0; k < set->space.kinds; k++)
    tx_bytes_printf(out, "%s%.6g", k ? "," : "", set->fitted.prior[k]);
  tx_bytes_text(out, "],\"ranks\":[");
  for (size_t r = 0; r < references->ranks; r++) {
    const char *name = tx_taxonomy_rank_name(references->taxonomy, r);
    tx_bytes_text(out, r ? ",{\"name\":" : "{\"name\":");
    tx_bytes_json_string(out, name, strlen(name));
    tx_bytes_printf(out, ",\"taxa\":%zu,\"references\":%zu}",
                    tx_taxonomy_class_count(references->taxonomy, r), count_labelled(references, r));
  }
  tx_bytes_text(out, "]");
  describe_reliability(set, out);
  describe_witness_json(&set->fitted, out);
  tx_bytes_text(out, ",\"provenance\":");
  tx_describe_json(out, provenance);
  tx_bytes_text(out, "}\n");
}

tx_status tx_reference_set_describe(const tx_reference_set *set, bool json, char **ret_text, tx_error *error)
{
  const char *text = set->provenance ? set->provenance : "{}";
  tx_json *provenance = NULL;
  tx_bytes out = {0};
  tx_status status = tx_json_parse(text, strlen(text), "the provenance", &provenance, error);
  *ret_text = NULL;
  if (status != TX_OK) return status;
  (json ? describe_json : describe_text)(set, provenance, &out);
  tx_json_free(provenance);
  if (!out.failed) {
    *ret_text = out.data;
    return TX_OK;
  }
  tx_bytes_free(&out);
  return tx_fail_memory(error, "the description of the references");
}

/* Joins the description of the model and that of the references, which becomes further lines or one more
   member of the JSON object. */
static tx_status join(const char *model, const char *references, bool json, char **ret_text, tx_error *error)
{
  tx_bytes out = {0};
  if (json) { /* each description is one object and a line break */
    tx_bytes_append(&out, model, strlen(model) - strlen("}\n"));
    tx_bytes_text(&out, ",\"references\":");
    tx_bytes_append(&out, references, strlen(references) - strlen("\n"));
    tx_bytes_text(&out, "}\n");
  } else {
    tx_bytes_text(&out, model);
    tx_bytes_text(&out, "\nreferences in the model\n");
    tx_bytes_text(&out, references);
  }
  if (out.failed) {
    tx_bytes_free(&out);
    return tx_fail_memory(error, "a description");
  }
  *ret_text = out.data;
  return TX_OK;
}

tx_status tx_reference_describe_model(const tx_model *model, bool json, char **ret_text, tx_error *error)
{
  tx_reference_set *set = NULL;
  char *own = NULL, *other = NULL;
  tx_status status = tx_model_describe(model, json, &own, error);
  *ret_text = NULL;
  if (status == TX_OK) status = tx_reference_set_of_model(model, &set, error);
  if (status == TX_OK && !set) {
    *ret_text = own;
    return TX_OK;
  }
  if (status == TX_OK) status = tx_reference_set_describe(set, json, &other, error);
  if (status == TX_OK) status = join(own, other, json, ret_text, error);
  tx_reference_set_free(set);
  free(own);
  free(other);
  return status;
}
