#include "train/teachers.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"
#include "settings/note.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static tx_status open_teacher(const char *name, size_t length, tx_teacher *teacher, tx_error *error)
{
  const char *checksum;
  tx_status status;
  teacher->name = tx_copy_text(name, length);
  if (!teacher->name) return tx_fail_memory(error, "the teachers");
  status = tx_model_open(teacher->name, &teacher->model, error);
  if (status != TX_OK) return status;
  checksum = tx_safetensors_metadata(teacher->model->file, "taxamba.crc32");
  snprintf(teacher->checksum, sizeof teacher->checksum, "%s", checksum ? checksum : "");
  if (tx_dims_ranks(&teacher->model->dims) == 0)
    return tx_fail(error, TX_ERROR_USAGE,
                   "--teacher %s has no heads of taxa: it cannot teach what it does not name (--init starts "
                   "from a pretrained encoder)",
                   teacher->name);
  return TX_OK;
}

tx_status tx_teachers_open(const tx_train_config *config, tx_teachers *teachers, tx_error *error)
{
  const char *at = config->teacher;
  tx_status status = TX_OK;
  size_t most = 1;
  if (!*at) return TX_OK;
  if (!(config->teacher_weight > 0) && !(config->teacher_embedding > 0))
    return tx_fail(error, TX_ERROR_USAGE,
                   "--teacher has no effect with --teacher-weight 0 and --teacher-embedding 0: leave it out "
                   "or raise one of them");
  for (const char *c = at; *c; c++) most += *c == '\n';
  teachers->items = calloc(most, sizeof *teachers->items);
  if (!teachers->items) return tx_fail_memory(error, "the teachers");
  while (*at && status == TX_OK) {
    const size_t length = strcspn(at, "\n");
    if (length) status = open_teacher(at, length, &teachers->items[teachers->count++], error);
    at += length + (at[length] == '\n');
  }
  return status;
}

/* Two taxa of the run that are one taxon of the teacher, which knows less of their ancestors: the first gets
   its probability, so that none counts twice. */
static tx_status drop_repeats(const tx_taxonomy *run, tx_teacher *teacher, tx_error *error)
{
  tx_witness_map *map = &teacher->map;
  for (size_t r = 0; r < map->ranks; r++) {
    bool *seen;
    if (map->rank[r] < 0) continue;
    seen = calloc(tx_taxonomy_class_count(teacher->model->taxonomy, (size_t)map->rank[r]) + 1, sizeof *seen);
    if (!seen) return tx_fail_memory(error, "the teachers");
    for (size_t c = 0; c < tx_taxonomy_class_count(run, r); c++) {
      const int32_t found = map->classes[r][c];
      if (found >= 0 && seen[found]) map->classes[r][c] = -1;
      if (found >= 0) seen[found] = true;
    }
    free(seen);
  }
  return TX_OK;
}

/* Marks the ranks at which the teacher has taxa of the run, and tells how many. */
static tx_status count_taxa(const tx_taxonomy *run, const tx_teacher *teacher, const tx_train_hooks *hooks,
                            bool *known, tx_error *error)
{
  tx_bytes text = {0};
  tx_status status = TX_OK;
  for (size_t r = 0; r < teacher->map.ranks; r++) {
    const size_t classes = tx_taxonomy_class_count(run, r);
    size_t found = 0;
    for (size_t c = 0; c < classes; c++) found += tx_witness_class(&teacher->map, r, (int32_t)c) >= 0;
    if (!found) continue;
    known[r] = true;
    tx_bytes_printf(&text, "%s%s %zu of %zu", text.size ? ", " : "", tx_taxonomy_rank_name(run, r), found,
                    classes);
  }
  if (text.failed)
    status = tx_fail_memory(error, "the teachers");
  else if (!text.size)
    status = tx_fail(error, TX_ERROR_DATA,
                     "--teacher %s knows none of the taxa of the training records: give a model of the same "
                     "group of organisms with the same names and ranks",
                     teacher->name);
  else
    tx_train_note(hooks, "teacher: %s, width %zu; it knows of the taxa: %s", teacher->name,
                  teacher->model->dims.width, text.data);
  tx_bytes_free(&text);
  return status;
}

tx_status tx_teachers_match(const tx_train_config *config, const tx_dataset *dataset,
                            const tx_train_hooks *hooks, tx_teachers *teachers, tx_error *error)
{
  tx_teaching *teaching = &teachers->teaching;
  tx_status status = TX_OK;
  if (!teachers->count) return TX_OK;
  for (size_t i = 0; i < teachers->count && status == TX_OK; i++) {
    tx_teacher *teacher = &teachers->items[i];
    status = tx_witness_map_init(&teacher->map, dataset->taxonomy, teacher->model->taxonomy, error);
    if (status == TX_OK) status = drop_repeats(dataset->taxonomy, teacher, error);
    if (status == TX_OK) status = count_taxa(dataset->taxonomy, teacher, hooks, teaching->known, error);
    if (config->teacher_embedding > 0) teaching->width += teacher->model->dims.width;
  }
  if (status != TX_OK) return status;
  return tx_teaching_create(dataset->count, dataset->ranks, config->teacher_temperature, teaching, error);
}

void tx_teachers_free(tx_teachers *teachers)
{
  for (size_t i = 0; i < teachers->count; i++) {
    tx_witness_map_clear(&teachers->items[i].map);
    tx_model_close(teachers->items[i].model);
    free(teachers->items[i].name);
  }
  free(teachers->items);
  tx_teaching_free(&teachers->teaching);
  memset(teachers, 0, sizeof *teachers);
}
