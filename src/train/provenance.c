#include "train/provenance.h"

#include "base/error.h"
#include "train/init.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static void append_name(tx_bytes *out, const char *path)
{
  const char *slash = strrchr(path, '/');
  const char *name = slash ? slash + 1 : path;
  tx_bytes_json_string(out, name, strlen(name));
}

/* Members that only some runs have. */
static void append_origin(tx_bytes *out, const tx_trainer *trainer)
{
  if (trainer->objective != tx_objective_standard())
    tx_bytes_printf(out, ",\"objective\":\"%s\"", trainer->objective->name);
  if (trainer->init) {
    tx_bytes_text(out, ",\"init\":{\"file\":");
    append_name(out, trainer->config->init);
    tx_bytes_printf(out, ",\"crc32\":\"%.8s\"}", tx_init_checksum(trainer));
  }
  if (trainer->config->second_labels[0]) {
    tx_bytes_text(out, ",\"second_labels\":");
    append_name(out, trainer->config->second_labels);
  }
  for (size_t i = 0; i < trainer->teachers.count; i++) {
    tx_bytes_text(out, i ? ",{\"file\":" : ",\"teachers\":[{\"file\":");
    append_name(out, trainer->teachers.items[i].name);
    tx_bytes_printf(out, ",\"crc32\":\"%s\"}%s", trainer->teachers.items[i].checksum,
                    i + 1 == trainer->teachers.count ? "]" : "");
  }
}

tx_status tx_provenance_write(const tx_trainer *trainer, char **ret_json, tx_error *error)
{
  const tx_dataset *dataset = trainer->dataset;
  const tx_train_state *state = &trainer->state;
  tx_bytes out = {0};
  tx_bytes_printf(&out, "{\"version\":\"%s\",\"inputs\":[", tx_version());
  for (size_t i = 0; i < trainer->files->input_count; i++) {
    if (i) tx_bytes_text(&out, ",");
    append_name(&out, trainer->files->inputs[i]);
  }
  tx_bytes_text(&out, "]");
  if (trainer->config->valid_file[0]) {
    tx_bytes_text(&out, ",\"valid_file\":");
    append_name(&out, trainer->config->valid_file);
  }
  tx_bytes_printf(&out,
                  ",\"training_records\":%zu,\"validation_records\":%zu,\"data_crc32\":\"%08" PRIx32
                  "\",\"seed\":%" PRIu64,
                  dataset->train.count, dataset->valid.count, dataset->fingerprint, trainer->config->seed);
  append_origin(&out, trainer);
  tx_bytes_text(&out, ",\"ranks\":[");
  for (size_t r = 0; r < dataset->ranks; r++) {
    const char *name = tx_taxonomy_rank_name(dataset->taxonomy, r);
    tx_bytes_text(&out, r ? ",{\"name\":" : "{\"name\":");
    tx_bytes_json_string(&out, name, strlen(name));
    tx_bytes_printf(
        &out, ",\"taxa\":%zu,\"training_records\":%" PRIu64 ",\"validation_records\":%" PRIu64 "}",
        tx_taxonomy_class_count(dataset->taxonomy, r), dataset->labelled[r], dataset->valid_labelled[r]);
  }
  tx_bytes_text(&out, "],\"metric\":");
  tx_bytes_json_string(&out, trainer->metric.name, strlen(trainer->metric.name));
  tx_bytes_printf(&out, ",\"best_epoch\":%" PRIu64, state->selection.epoch);
  if (state->selection.epoch) tx_log_number(&out, "best_metric", state->selection.metric);
  tx_bytes_text(&out, "}");
  if (out.failed) {
    tx_bytes_free(&out);
    return tx_fail_memory(error, "the provenance");
  }
  *ret_json = out.data;
  return TX_OK;
}
