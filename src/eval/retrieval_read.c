/* Reading the keys and queries of a retrieval. */
#include "eval/retrieval.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the records of the retrieval");
}

tx_status tx_retrieval_create(const char *const *ranks, size_t rank_count, tx_retrieval **ret_retrieval,
                              tx_error *error)
{
  tx_retrieval *own = calloc(1, sizeof *own);
  tx_status status = own ? TX_OK : out_of_memory(error);
  for (size_t r = 0; r < rank_count && status == TX_OK; r++) {
    own->ranks[r] = tx_copy_text(ranks[r], strlen(ranks[r]));
    status = own->ranks[r] ? tx_names_create(&own->taxa[r], error) : out_of_memory(error);
    own->rank_count++;
  }
  if (status == TX_OK)
    *ret_retrieval = own;
  else
    tx_retrieval_free(own);
  return status;
}

void tx_retrieval_add_space(tx_retrieval *retrieval, const char *name, size_t width)
{
  retrieval->names[retrieval->spaces] = name;
  retrieval->widths[retrieval->spaces++] = width;
}

void tx_retrieval_free(tx_retrieval *retrieval)
{
  if (!retrieval) return;
  tx_labelled_close(retrieval->reader);
  for (size_t r = 0; r < TX_RANKS_MAX; r++) {
    free(retrieval->ranks[r]);
    tx_names_free(retrieval->taxa[r]);
  }
  for (size_t s = 0; s < TX_RETRIEVAL_SETS; s++) {
    tx_words_free(&retrieval->splits[s]);
    free(retrieval->sets[s].labels);
    for (size_t m = 0; m < TX_SPACES_MAX; m++) free(retrieval->sets[s].vectors[m]);
  }
  free(retrieval->places);
  free(retrieval->embedded);
  free(retrieval->results);
  free(retrieval);
}

/* Makes room for one more record. */
static tx_status reserve(tx_retrieval *own, tx_retrieval_records *set, tx_error *error)
{
  size_t needed;
  bool made = tx_multiply(set->count + 1, own->rank_count, &needed) &&
              tx_reserve(&set->labels, &set->label_capacity, needed, sizeof *set->labels);
  for (size_t m = 0; made && m < own->spaces; m++)
    made = tx_multiply(set->count + 1, own->widths[m], &needed) &&
           tx_reserve(&set->vectors[m], &set->vector_capacity[m], needed, sizeof(float));
  return made ? TX_OK : out_of_memory(error);
}

tx_status tx_retrieval_add(tx_retrieval *retrieval, tx_retrieval_set number, const char *const *taxa,
                           const float *const *opt_vectors, tx_error *error)
{
  tx_retrieval_records *set = &retrieval->sets[number];
  tx_status status = reserve(retrieval, set, error);
  for (size_t r = 0; r < retrieval->rank_count && status == TX_OK; r++) {
    int32_t *label = &set->labels[set->count * retrieval->rank_count + r];
    uint32_t taxon;
    *label = -1;
    if (!taxa[r]) continue;
    status = tx_names_add_spaced(retrieval->taxa[r], taxa[r], &taxon, error);
    if (status == TX_OK) *label = (int32_t)taxon;
  }
  if (status != TX_OK) return status;
  for (size_t m = 0; m < retrieval->spaces; m++) {
    const size_t width = retrieval->widths[m];
    float *row = set->vectors[m] + set->count * width;
    for (size_t i = 0; i < width; i++)
      row[i] = opt_vectors && opt_vectors[m] ? opt_vectors[m][i] : NAN;
  }
  set->count++;
  return TX_OK;
}

/* The modalities: the DNA first, if there is a model; all of one width then. */
static tx_status list_spaces(const tx_retrieval_input *input, tx_retrieval *own, tx_error *error)
{
  const tx_model *model = input->opt_model;
  const size_t count = tx_vectors_modalities(input->vectors);
  own->dna = TX_SPACES_MAX;
  if (model) {
    own->dna = own->spaces;
    tx_retrieval_add_space(own, TX_MODALITY_DNA, tx_model_shared_width(model));
  }
  for (size_t m = 0; m < count; m++) {
    const char *name = tx_vectors_name(input->vectors, m);
    const size_t width = tx_vectors_width(input->vectors, m);
    const size_t tower = model ? tx_model_modality(model, name) : 0;
    if (model && tower == tx_model_modalities(model))
      return tx_fail(error, TX_ERROR_USAGE, "the model has no modality '%s': its first is '%s'", name,
                     tx_model_modality_name(model, 0));
    if (model && tx_model_modality_width(model, tower) != width)
      return tx_fail(error, TX_ERROR_DATA, "vectors of '%s' have %zu numbers, those of the model %zu", name,
                     width, tx_model_modality_width(model, tower));
    tx_retrieval_add_space(own, name, model ? tx_model_shared_width(model) : width);
  }
  return TX_OK;
}

static tx_status split_words(const tx_retrieval_input *input, tx_retrieval *own, tx_error *error)
{
  const char *const lists[TX_RETRIEVAL_SETS] = {input->keys, input->seen, input->unseen};
  tx_status status = TX_OK;
  for (size_t s = 0; s < TX_RETRIEVAL_SETS && status == TX_OK; s++)
    status = tx_words_split(lists[s], "the list of splits", &own->splits[s], error);
  return status;
}

tx_status tx_retrieval_open(const tx_retrieval_input *input, tx_retrieval **ret_retrieval, tx_error *error)
{
  tx_labelled_options options = input->labelled;
  tx_labelled *reader = NULL;
  tx_retrieval *own = NULL;
  const char *ranks[TX_RANKS_MAX];
  size_t count;
  tx_status status;
  if (input->opt_model && !tx_model_shared_width(input->opt_model))
    return tx_fail(error, TX_ERROR_USAGE,
                   "the model has no space that it shares with other modalities: train it with --objective "
                   "align");
  options.sequences_optional = !input->opt_model;
  status = tx_labelled_open(input->paths, input->count, &options, &reader, error);
  if (status != TX_OK) return status;
  count = tx_labelled_rank_count(reader);
  for (size_t r = 0; r < count; r++) ranks[r] = tx_labelled_rank_name(reader, r);
  if (!tx_labelled_has_split(reader))
    status = tx_fail(error, TX_ERROR_USAGE, "%s has no split column, which tells keys from queries",
                     input->paths[0]);
  if (status == TX_OK && !count)
    status = tx_fail(error, TX_ERROR_DATA, "%s has no column of a rank", input->paths[0]);
  if (status == TX_OK) status = tx_retrieval_create(ranks, count, &own, error);
  if (status != TX_OK) {
    tx_labelled_close(reader);
    return status;
  }
  own->reader = reader;
  own->vectors = input->vectors;
  own->opt_model = input->opt_model;
  status = split_words(input, own, error);
  if (status == TX_OK) status = list_spaces(input, own, error);
  if (status == TX_OK)
    *ret_retrieval = own;
  else
    tx_retrieval_free(own);
  return status;
}

/* Adds a record with the vectors that are given; the place of its DNA comes later. */
static tx_status take(tx_retrieval *own, tx_retrieval_set set, const tx_labelled_record *labelled,
                      tx_error *error)
{
  const tx_record *record = &labelled->record;
  const size_t first = own->dna < own->spaces ? 1 : 0;
  const float *vectors[TX_SPACES_MAX] = {NULL};
  float *projected[TX_SPACES_MAX] = {NULL};
  tx_status status = TX_OK;
  if (!tx_reserve(&own->places, &own->place_capacity, own->place_count + 1, sizeof *own->places))
    return out_of_memory(error);
  for (size_t m = first; m < own->spaces && status == TX_OK; m++) {
    const float *vector = tx_vectors_find(own->vectors, m - first, record->id, record->id_length);
    vectors[m] = vector;
    if (!vector || !own->opt_model) continue;
    projected[m] = malloc(own->widths[m] * sizeof(float));
    if (!projected[m])
      status = out_of_memory(error);
    else
      tx_model_project(own->opt_model, tx_model_modality(own->opt_model, own->names[m]), vector,
                       projected[m]);
    vectors[m] = projected[m];
  }
  own->places[own->place_count] = (tx_retrieval_place){set, own->sets[set].count};
  if (status == TX_OK) status = tx_retrieval_add(own, set, labelled->taxa, vectors, error);
  if (status == TX_OK) own->place_count++;
  for (size_t m = 0; m < own->spaces; m++) free(projected[m]);
  return status;
}

tx_status tx_retrieval_source(void *context, tx_record *record, tx_error *error)
{
  tx_retrieval *own = context;
  tx_labelled_record labelled;
  tx_status status;
  while ((status = tx_labelled_next(own->reader, &labelled, error)) == TX_OK) {
    size_t set = 0;
    while (set < TX_RETRIEVAL_SETS &&
           !(labelled.split && tx_words_contain(&own->splits[set], labelled.split)))
      set++;
    if (set == TX_RETRIEVAL_SETS) continue;
    *record = labelled.record;
    return take(own, (tx_retrieval_set)set, &labelled, error);
  }
  return status;
}

tx_status tx_retrieval_put(void *context, const tx_record *record, const tx_prediction *prediction,
                           tx_error *error)
{
  tx_retrieval *own = context;
  const size_t width = own->widths[own->dna];
  const float *place = tx_prediction_embedding(prediction);
  size_t needed;
  (void)record;
  if (!tx_multiply(own->embedded_count + 1, width, &needed) ||
      !tx_reserve(&own->embedded, &own->embedded_capacity, needed, sizeof *own->embedded))
    return out_of_memory(error);
  for (size_t i = 0; i < width; i++)
    own->embedded[own->embedded_count * width + i] = place ? place[i] : NAN;
  own->embedded_count++;
  return TX_OK;
}
