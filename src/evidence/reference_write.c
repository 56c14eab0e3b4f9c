/* Writes a reference set. */
#include "evidence/reference_file.h"
#include "evidence/unlike.h"

#include "base/error.h"
#include "model/model.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Limits that keep the score of an outcome finite, whatever its features and the prior. */
#define WEIGHT_MOST 1e6
#define SHARE_LEAST 1e-9

void tx_reference_features(tx_bytes *out)
{
  for (size_t f = 0; f < TX_FEATURES; f++) {
    if (f) tx_bytes_text(out, ",");
    tx_bytes_text(out, tx_feature_name((tx_feature)f));
  }
}

/* Whether all numbers can be weights of examples or sums of them. */
static bool is_reliability(const tx_reliability *reliability)
{
  double numbers[sizeof *reliability / sizeof(double)];
  memcpy(numbers, reliability, sizeof numbers);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (!(numbers[i] >= 0 && numbers[i] <= 1e12)) return false;
  return true;
}

const char *tx_fitted_weights_fault(const tx_fitted_weights *fitted, size_t kinds)
{
  uint32_t shorter = 0;
  if (fitted->length_count < 1 || fitted->length_count > TX_FIT_LENGTHS) return "a wrong number of lengths";
  for (size_t i = 0; i < fitted->length_count; i++) {
    if (fitted->lengths[i] <= shorter || fitted->lengths[i] > TX_SEQUENCE_MAX)
      return "lengths that are not in order";
    shorter = fitted->lengths[i];
    if (!is_reliability(&fitted->reliability[i]) || !is_reliability(&fitted->witness.lengths[i].reliability))
      return "a reliability that is out of range";
    for (size_t k = 0; k < kinds; k++)
      for (size_t f = 0; f < TX_FEATURES; f++)
        if (!(fabs(fitted->weights[i].of[k][f]) <= WEIGHT_MOST)) return "a weight that is out of range";
  }
  for (size_t k = 0; k < kinds; k++)
    if (!(fitted->prior[k] >= SHARE_LEAST && fitted->prior[k] <= 1)) return "a share that is out of range";
  return NULL;
}

static void fill_table(const tx_references *references, uint32_t *table)
{
  for (size_t i = 0; i < references->count; i++) {
    const tx_reference *r = &references->references[i];
    uint32_t *row = table + i * TX_REFERENCE_COLUMNS;
    row[TX_REFERENCE_LENGTH] = r->length;
    row[TX_REFERENCE_LINEAGE] = r->lineage;
    row[TX_REFERENCE_RECORDS] = r->records;
    row[TX_REFERENCE_EXCEPTIONS] = r[1].exception - r->exception;
    row[TX_REFERENCE_ID_BYTES] = (uint32_t)(references->id_starts[i + 1] - references->id_starts[i]);
  }
}

static void fill_weights(const tx_reference_set *set, double *weights)
{
  for (size_t i = 0; i < set->fitted.length_count; i++)
    for (size_t k = 0; k < set->space.kinds; k++) {
      memcpy(weights, set->fitted.weights[i].of[k], TX_FEATURES * sizeof *weights);
      weights += TX_FEATURES;
    }
}

static void fill_reliability(const tx_reference_set *set, double *numbers)
{
  const size_t ranks = set->references->ranks, kinds = set->space.kinds;
  for (size_t i = 0; i < set->fitted.length_count; i++)
    tx_reliability_pack(&set->fitted.reliability[i], ranks, kinds,
                        numbers + i * tx_reliability_size(ranks, kinds));
}

static void fill_witness(const tx_reference_set *set, tx_reference_sections *own)
{
  const tx_fitted_weights *fitted = &set->fitted;
  const size_t size = tx_reliability_size(set->references->ranks, set->space.kinds);
  for (size_t i = 0; own->witness && i < fitted->length_count; i++) {
    tx_witness_pack(&fitted->witness.lengths[i], own->witness + i * TX_WITNESS_COLUMNS);
    tx_reliability_pack(&fitted->witness.lengths[i].reliability, set->references->ranks, set->space.kinds,
                        own->witness_reliability + i * size);
    if (own->split) tx_split_pack(fitted->witness.lengths[i].split, own->split + i * TX_SPLIT_COLUMNS);
  }
}

/* Whether taxa that only the network knows are named at some length. */
static bool has_split(const tx_fitted_weights *fitted)
{
  tx_split_weights weights;
  for (size_t i = 0; i < fitted->length_count; i++)
    if (tx_fitted_split_at(fitted, TX_WITNESS_FITTED, fitted->lengths[i], &weights)) return true;
  return false;
}

static void fill_sections(const tx_reference_set *set, tx_reference_sections *own)
{
  const tx_references *r = set->references;
  const tx_section sections[TX_REFERENCE_SECTIONS] = {
      {"references.words", TX_DTYPE_I64, 1, {r->word_count}, r->words, 0},
      {"references.weights",
       TX_DTYPE_F64,
       3,
       {set->fitted.length_count, set->space.kinds, TX_FEATURES},
       own->weights,
       0},
      {"references.prior", TX_DTYPE_F64, 1, {set->space.kinds}, set->fitted.prior, 0},
      {"references.reliability",
       TX_DTYPE_F64,
       2,
       {set->fitted.length_count, tx_reliability_size(r->ranks, set->space.kinds)},
       own->reliability,
       0},
      {"references.witness",
       TX_DTYPE_F64,
       2,
       {set->fitted.length_count, TX_WITNESS_COLUMNS},
       own->witness,
       0},
      {"references.witness_reliability",
       TX_DTYPE_F64,
       2,
       {set->fitted.length_count, tx_reliability_size(r->ranks, set->space.kinds)},
       own->witness_reliability,
       0},
      {"references.split",
       TX_DTYPE_F64,
       2,
       {set->fitted.length_count, TX_SPLIT_COLUMNS},
       own->split,
       0},
      {"references.table", TX_DTYPE_I32, 2, {r->count, TX_REFERENCE_COLUMNS}, own->table, 0},
      {"references.exceptions", TX_DTYPE_I32, 2, {r->exception_count, 3}, r->exceptions, 0},
      {"references.lineages", TX_DTYPE_I32, 2, {r->lineage_count, r->ranks}, r->lineages, 0},
      {"references.lengths", TX_DTYPE_I32, 1, {set->fitted.length_count}, set->fitted.lengths, 0},
      {"references.identifiers", TX_DTYPE_U8, 1, {r->id_starts[r->count]}, r->ids, 0},
      {"references.taxonomy", TX_DTYPE_U8, 1, {own->taxonomy.size}, own->taxonomy.data, 0},
  };
  own->section_count = 0;
  for (size_t i = 0; i < TX_REFERENCE_SECTIONS; i++) {
    tx_section *section = &own->sections[own->section_count];
    uint64_t bytes = 0; /* cannot overflow, as the section is in memory */
    if (!own->witness && strncmp(sections[i].name, "references.witness", strlen("references.witness")) == 0)
      continue;
    if (!own->split && strcmp(sections[i].name, "references.split") == 0) continue;
    *section = sections[i];
    (void)tx_section_bytes(section, &bytes);
    section->size = (size_t)bytes;
    own->section_count++;
  }
}

static void add_metadata(tx_reference_sections *own, const char *key, const char *value)
{
  own->metadata[own->metadata_count++] = (tx_metadata){key, value};
}

tx_status tx_reference_sections_create(const tx_reference_set *set, tx_reference_sections *ret_sections,
                                       tx_error *error)
{
  tx_reference_sections *own = ret_sections;
  const char *fault = tx_fitted_weights_fault(&set->fitted, set->space.kinds);
  tx_status status;
  memset(own, 0, sizeof *own);
  if (fault) return tx_fail(error, TX_ERROR_NUMERIC, "the references are not written: they have %s", fault);
  status = tx_taxonomy_write(set->references->taxonomy, &own->taxonomy, error);
  tx_reference_features(&own->features);
  own->table = calloc(set->references->count * TX_REFERENCE_COLUMNS, sizeof *own->table);
  own->weights = calloc(set->fitted.length_count * set->space.kinds * TX_FEATURES, sizeof *own->weights);
  own->reliability = calloc(set->fitted.length_count,
                            tx_reliability_size(set->references->ranks, set->space.kinds) * sizeof(double));
  if (set->fitted.witness.present) {
    own->witness = calloc(set->fitted.length_count, TX_WITNESS_COLUMNS * sizeof(double));
    own->witness_reliability =
        calloc(set->fitted.length_count,
               tx_reliability_size(set->references->ranks, set->space.kinds) * sizeof(double));
  }
  if (has_split(&set->fitted))
    own->split = calloc(set->fitted.length_count, TX_SPLIT_COLUMNS * sizeof(double));
  if (status == TX_OK &&
      (own->features.failed || !own->table || !own->weights || !own->reliability ||
       (set->fitted.witness.present && (!own->witness || !own->witness_reliability)) ||
       (has_split(&set->fitted) && !own->split)))
    status = tx_fail_memory(error, "a file of references");
  if (status != TX_OK) {
    tx_reference_sections_free(own);
    return status;
  }
  fill_table(set->references, own->table);
  fill_weights(set, own->weights);
  fill_reliability(set, own->reliability);
  fill_witness(set, own);
  fill_sections(set, own);
  add_metadata(own, "references.format", "2");
  add_metadata(own, "references.features", own->features.data);
  add_metadata(own, "references.provenance", set->provenance ? set->provenance : "{}");
  if (!own->witness) return TX_OK;
  snprintf(own->network, sizeof own->network, "%08" PRIx32, set->fitted.witness.network);
  add_metadata(own, "references.witness_format", TX_WITNESS_FORMAT);
  add_metadata(own, "references.witness_network", own->network);
  if (own->split) add_metadata(own, "references.split_format", TX_SPLIT_FORMAT);
  return TX_OK;
}

void tx_reference_sections_free(tx_reference_sections *sections)
{
  free(sections->table);
  free(sections->weights);
  free(sections->reliability);
  free(sections->witness);
  free(sections->witness_reliability);
  free(sections->split);
  tx_bytes_free(&sections->taxonomy);
  tx_bytes_free(&sections->features);
  memset(sections, 0, sizeof *sections);
}

struct tx_reference_writer {
  tx_output *output;
};

tx_status tx_reference_writer_open(const char *path, const volatile int *opt_stop,
                                   tx_reference_writer **ret_writer, tx_error *error)
{
  tx_reference_writer *writer = calloc(1, sizeof *writer);
  tx_status status;
  *ret_writer = NULL;
  if (!writer) return tx_fail_memory(error, "a file of references");
  status = tx_output_open(path, opt_stop, &writer->output, error);
  if (status == TX_OK)
    *ret_writer = writer;
  else
    free(writer);
  return status;
}

void tx_reference_writer_abort(tx_reference_writer *writer)
{
  if (!writer) return;
  tx_output_abort(writer->output);
  free(writer);
}

/* Commits the file unless `status` is an error, and closes the writer in any case. */
static tx_status end(tx_reference_writer *writer, tx_status status, tx_error *error)
{
  if (status == TX_OK) {
    status = tx_output_commit(writer->output, error);
    writer->output = NULL;
  }
  tx_reference_writer_abort(writer);
  return status;
}

tx_status tx_reference_writer_commit_model(tx_reference_writer *writer, const tx_reference_set *set,
                                           const tx_model *model, tx_error *error)
{
  tx_reference_sections own;
  tx_status status = tx_reference_sections_create(set, &own, error);
  if (status == TX_OK) {
    const tx_model_additions additions = {TX_REFERENCE_PREFIX, own.sections, own.section_count,
                                          own.metadata, own.metadata_count};
    status = tx_model_put_copy(model, &additions, writer->output, error);
    tx_reference_sections_free(&own);
  }
  return end(writer, status, error);
}

tx_status tx_reference_writer_commit_unlike(tx_reference_writer *writer, const tx_unlike *unlike,
                                            const tx_model *model, tx_error *error)
{
  return end(writer, tx_model_put_unlike(model, &unlike->likeness, writer->output, error), error);
}

tx_status tx_reference_writer_commit(tx_reference_writer *writer, const tx_reference_set *set,
                                     tx_error *error)
{
  tx_metadata metadata[2 + TX_REFERENCE_METADATA] = {{"taxamba.format", "1"},
                                                     {"taxamba.kind", TX_REFERENCES_KIND}};
  tx_reference_sections own;
  tx_status status = tx_reference_sections_create(set, &own, error);
  if (status == TX_OK) {
    memcpy(metadata + 2, own.metadata, sizeof own.metadata);
    status = tx_safetensors_put(writer->output, own.sections, own.section_count, metadata,
                                2 + own.metadata_count, error);
    tx_reference_sections_free(&own);
  }
  return end(writer, status, error);
}

tx_status tx_reference_set_write(const tx_reference_set *set, const char *path, const volatile int *opt_stop,
                                 tx_error *error)
{
  tx_reference_writer *writer = NULL;
  tx_status status = tx_reference_writer_open(path, opt_stop, &writer, error);
  return status == TX_OK ? tx_reference_writer_commit(writer, set, error) : status;
}
