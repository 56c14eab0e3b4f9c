#include "train/partners.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"
#include "settings/note.h"

#include <stdlib.h>
#include <string.h>

static bool by_record(const tx_train_config *config)
{
  return strcmp(config->positives, "record") == 0;
}

tx_status tx_partners_open(const tx_train_config *config, const tx_train_hooks *hooks,
                           tx_partner_vectors *own, tx_error *error)
{
  const tx_input_hooks input = tx_train_input_hooks(hooks);
  tx_status status;
  if (config->objective != TX_OBJECTIVE_ALIGN) return TX_OK;
  if (!config->vectors[0])
    return tx_fail(error, TX_ERROR_USAGE,
                   "--objective align needs the vectors of another modality: --vectors FILE.npy");
  status = tx_vectors_read(config->vectors, config->vector_ids, &input, &own->vectors, error);
  if (status != TX_OK) return status;
  own->partners.count = tx_vectors_modalities(own->vectors);
  own->partners.normalised = !by_record(config);
  for (size_t m = 0; m < own->partners.count; m++) {
    const char *name = tx_vectors_name(own->vectors, m);
    if (strcmp(name, TX_MODALITY_DNA) == 0)
      return tx_fail(error, TX_ERROR_USAGE,
                     "--vectors: '%s' is the modality of the encoder; give the file another name", name);
    own->partners.widths[m] = tx_vectors_width(own->vectors, m);
    tx_bytes_printf(&own->names, "%s%s", m ? "," : "", name);
  }
  return own->names.failed ? tx_fail_memory(error, "the modalities") : TX_OK;
}

void tx_partners_set_needs(const tx_train_config *config, tx_dataset_needs *needs)
{
  if (config->objective != TX_OBJECTIVE_ALIGN || by_record(config)) return;
  needs->labels = needs->with_unlabelled = true;
}

/* Finds the vectors of all records. */
static tx_status find_rows(const tx_dataset *dataset, tx_partner_vectors *own, tx_error *error)
{
  tx_partners *partners = &own->partners;
  for (size_t m = 0; m < partners->count; m++) {
    partners->rows[m] = calloc(dataset->count + 1, sizeof *partners->rows[m]);
    if (!partners->rows[m]) return tx_fail_memory(error, "the partners of the records");
    for (uint32_t record = 0; record < dataset->count; record++) {
      const char *id = tx_dataset_id(dataset, record);
      partners->rows[m][record] = tx_vectors_find(own->vectors, m, id, strlen(id));
    }
  }
  return TX_OK;
}

/* Records of the same label belong together; one without a label only with itself. */
static tx_status label_records(const tx_train_config *config, const tx_dataset *dataset,
                               tx_partners *partners, tx_error *error)
{
  size_t rank = 0;
  partners->labels = tx_malloc_aligned(dataset->count + 1, sizeof *partners->labels);
  if (!partners->labels) return tx_fail_memory(error, "the partners of the records");
  while (!by_record(config) && rank < dataset->ranks &&
         strcmp(tx_taxonomy_rank_name(dataset->taxonomy, rank), config->positives) != 0)
    rank++;
  if (!by_record(config) && rank == dataset->ranks)
    return tx_fail(error, TX_ERROR_USAGE,
                   "--positives '%.100s' is neither record nor a rank at which the records have a label",
                   config->positives);
  for (uint32_t record = 0; record < dataset->count; record++) {
    const int32_t label = by_record(config) ? -1 : tx_dataset_label_of(dataset, record, rank);
    partners->labels[record] = label >= 0 ? label : -1 - (int32_t)record;
  }
  return TX_OK;
}

static bool has_partner(const tx_partners *partners, uint32_t record)
{
  for (size_t m = 0; m < partners->count; m++)
    if (partners->rows[m][record]) return true;
  return false;
}

/* Leaves out the records of a part that have no vector; returns how many. */
static size_t leave_out(const tx_partners *partners, tx_part *part)
{
  size_t kept = 0;
  const size_t before = part->count;
  for (size_t i = 0; i < part->count; i++)
    if (has_partner(partners, part->records[i])) part->records[kept++] = part->records[i];
  part->count = kept;
  return before - kept;
}

static size_t count_rows(const float *const *rows, const tx_part *part)
{
  size_t count = 0;
  for (size_t i = 0; i < part->count; i++) count += rows[part->records[i]] != NULL;
  return count;
}

tx_status tx_partners_join(const tx_train_config *config, const tx_train_hooks *hooks, tx_dataset *dataset,
                           tx_partner_vectors *own, tx_error *error)
{
  tx_partners *partners = &own->partners;
  const size_t records = dataset->train.count;
  size_t left_out, valid_left_out;
  tx_status status;
  if (!own->vectors) return TX_OK;
  status = find_rows(dataset, own, error);
  if (status == TX_OK) status = label_records(config, dataset, partners, error);
  if (status != TX_OK) return status;
  for (size_t m = 0; m < partners->count; m++)
    tx_train_note(hooks, "%s: %zu of %zu training records have one of its %zu vectors (width %zu)",
                  tx_vectors_name(own->vectors, m), count_rows(partners->rows[m], &dataset->train), records,
                  tx_vectors_rows(own->vectors, m), partners->widths[m]);
  left_out = leave_out(partners, &dataset->train);
  valid_left_out = leave_out(partners, &dataset->valid);
  if (!dataset->train.count)
    return tx_fail(error, TX_ERROR_DATA,
                   "none of the %zu training records has a vector: the ids of --vectors, such as '%.100s', "
                   "are not those of the records, such as '%.100s'",
                   records, tx_vectors_rows(own->vectors, 0) ? tx_vectors_id(own->vectors, 0, 0) : "",
                   tx_dataset_id(dataset, 0));
  if (left_out || valid_left_out)
    tx_train_note(hooks, "without a partner: %zu training and %zu validation records are left out", left_out,
                  valid_left_out);
  tx_train_note(hooks, "the networks that made the vectors stay as they are: a linear map of each is learnt");
  return tx_dataset_forget_labels(dataset, error);
}

void tx_partners_set_sizes(const tx_train_config *config, const tx_partner_vectors *own, tx_dims *dims)
{
  if (!own->vectors) return;
  dims->heads[dims->head_count++] = (tx_head){TX_HEAD_SHARED, (size_t)config->shared_width};
  dims->tower_count = own->partners.count;
  for (size_t m = 0; m < own->partners.count; m++) dims->towers[m] = own->partners.widths[m];
}

void tx_partners_free(tx_partner_vectors *own)
{
  for (size_t m = 0; m < TX_MODALITIES_MAX; m++) free(own->partners.rows[m]);
  free(own->partners.labels);
  tx_vectors_free(own->vectors);
  tx_bytes_free(&own->names);
  memset(own, 0, sizeof *own);
}
