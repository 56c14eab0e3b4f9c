#include "dataset/traits.h"

#include "base/error.h"
#include "base/gzip.h"
#include "base/memory.h"
#include "base/text.h"
#include "settings/note.h"

#include <math.h>
#include <string.h>
#include <taxamba/traits.h>

/* Fills the column of a trait, as read or its logarithm; returns how many values are not above 0. */
static size_t fill_column(tx_dataset *dataset, const tx_traits *table, size_t trait)
{
  const size_t count = dataset->traits.count;
  size_t left_out = 0;
  for (size_t i = 0; i < dataset->count; i++) {
    const char *id = tx_dataset_id(dataset, (uint32_t)i);
    const int64_t specimen = tx_traits_find(table, id, strlen(id));
    double value = specimen < 0 ? (double)NAN : tx_traits_value(table, trait, (size_t)specimen);
    if (dataset->traits.outputs[trait].log && value <= 0) {
      left_out++;
      value = (double)NAN;
    }
    if (dataset->traits.outputs[trait].log) value = log(value);
    dataset->trait_values[i * count + trait] = isnan(value) ? NAN : (float)value;
  }
  return left_out;
}

/* Scales a column by the mean and the standard deviation of the training records. */
static tx_status scale_column(tx_dataset *dataset, size_t trait, size_t *ret_known, tx_error *error)
{
  tx_regression_output *output = &dataset->traits.outputs[trait];
  const size_t stride = dataset->traits.count;
  double sum = 0, squares = 0;
  size_t known = 0;
  for (int pass = 0; pass < 2; pass++) {
    for (size_t i = 0; i < dataset->train.count; i++) {
      const double value = (double)dataset->trait_values[dataset->train.records[i] * stride + trait];
      if (isnan(value)) continue;
      if (pass)
        squares += (value - output->mean) * (value - output->mean);
      else
        sum += value;
      known += !pass;
    }
    if (!pass) output->mean = known ? sum / (double)known : 0;
  }
  output->deviation = known ? sqrt(squares / (double)known) : 0;
  *ret_known = known;
  if (known < 2 || !(output->deviation > 0))
    return tx_fail(
        error, TX_ERROR_DATA,
        "trait '%.100s': %zu training records have a value%s; the names of its table must be those "
        "of the records",
        output->name, known, known > 1 ? ", and all the same" : "");
  for (size_t i = 0; i < dataset->count; i++) {
    float *value = &dataset->trait_values[i * stride + trait];
    *value = isnan(*value) ? NAN : (float)(((double)*value - output->mean) / output->deviation);
  }
  return TX_OK;
}

static tx_status name_outputs(const tx_train_config *config, const tx_traits *table, tx_dataset *dataset,
                              tx_error *error)
{
  if (tx_traits_count(table) > TX_REGRESSION_MAX)
    return tx_fail(error, TX_ERROR_USAGE, "--trait-columns: more than %d traits", TX_REGRESSION_MAX);
  for (size_t t = 0; t < tx_traits_count(table); t++) {
    tx_regression_output *output = &dataset->traits.outputs[t];
    const char *name = tx_traits_name(table, t);
    if (strlen(name) >= sizeof output->name || tx_text_has_control(name))
      return tx_fail(error, TX_ERROR_USAGE,
                     "--trait-columns: a name may have %d bytes and no control characters",
                     TX_REGRESSION_NAME_SIZE - 1);
    memcpy(output->name, name, strlen(name) + 1);
    output->log = config->trait_transform == 1;
  }
  dataset->traits.count = tx_traits_count(table);
  return TX_OK;
}

static tx_status take_values(const tx_train_config *config, const tx_traits *table,
                             const tx_train_hooks *hooks, tx_dataset *dataset, tx_error *error)
{
  size_t cells, known = 0, left_out;
  tx_status status = name_outputs(config, table, dataset, error);
  if (status != TX_OK) return status;
  if (!tx_multiply(dataset->count, dataset->traits.count, &cells) ||
      !(dataset->trait_values = tx_malloc_aligned(cells + 1, sizeof *dataset->trait_values)))
    return tx_fail_memory(error, "the traits of the training records");
  for (size_t t = 0; t < dataset->traits.count && status == TX_OK; t++) {
    const tx_regression_output *output = &dataset->traits.outputs[t];
    left_out = fill_column(dataset, table, t);
    status = scale_column(dataset, t, &known, error);
    if (status != TX_OK) break;
    tx_train_note(hooks, "trait %s: %zu training records have it, %smean %.4g, standard deviation %.4g",
                  output->name, known, output->log ? "of the logarithm " : "", output->mean,
                  output->deviation);
    if (left_out)
      tx_train_note(hooks, "trait %s: %zu records are left out, as their value is not above 0", output->name,
                    left_out);
  }
  if (status == TX_OK)
    dataset->fingerprint =
        tx_crc32(dataset->fingerprint, dataset->trait_values, cells * sizeof *dataset->trait_values);
  return status;
}

tx_status tx_dataset_read_traits(const tx_train_config *config, const tx_train_hooks *hooks,
                                 tx_dataset *dataset, tx_error *error)
{
  const tx_traits_options options = {.columns = config->trait_columns,
                                     .id_column = config->trait_id_column,
                                     .zero_missing = config->trait_zero_missing,
                                     .hooks = tx_train_input_hooks(hooks)};
  tx_traits *table = NULL;
  tx_traits_counts counts;
  tx_status status;
  if (!config->traits[0]) return TX_OK;
  if (!config->trait_columns[0])
    return tx_fail(error, TX_ERROR_USAGE,
                   "--traits needs --trait-columns, the names of its columns to learn");
  status = tx_traits_read(config->traits, &options, &table, error);
  if (status != TX_OK) return status;
  counts = tx_traits_count_rows(table);
  if (counts.conflicts)
    tx_train_note(hooks,
                  "warning: %zu specimens of --traits have different values in several rows, which are not "
                  "used; the first is '%.200s'",
                  counts.conflicts, counts.conflict);
  status = take_values(config, table, hooks, dataset, error);
  tx_traits_free(table);
  return status;
}
