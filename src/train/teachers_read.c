/* The answers of the teachers: a pass of the library's own inference over the training records. */
#include "train/teachers.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"
#include "infer/work.h"
#include "nn/strands.h"
#include "seq/bases.h"
#include "settings/note.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <taxamba/runtime.h>

enum {
  GROUP = TX_PACK_SEQUENCES, /* records of an item of the pool */
  ITEMS_AT_ONCE = 64,        /* between two looks at the stop flag */
  NOTE_SECONDS = 60
};

/* Scratch of a thread. */
typedef struct reader {
  tx_predict_work **works; /* (teachers) */
  uint8_t *codes[2];       /* (longest) strands of a record */
  double *logarithms;      /* (GROUP, most classes of a teacher) */
  double *means;           /* (GROUP, classes of the run at all ranks) sums of the probabilities */
  size_t answers[TX_RANKS_MAX][GROUP]; /* teachers that have answered at a rank */
  float *embeddings;                   /* (GROUP, most width of a teacher) */
  tx_strand_answer results[GROUP];
  tx_status status;
  size_t failed; /* the teacher */
} reader;

typedef struct reading {
  const tx_dataset *dataset;
  tx_teachers *teachers;
  tx_classifier **classifiers; /* (teachers) */
  reader *readers;             /* (threads) */
  size_t threads;
  size_t most_classes, most_width;
  size_t starts[TX_RANKS_MAX + 1]; /* of the classes of each rank of the run */
  size_t first;                    /* record of item 0 */
} reading;

static tx_status make_classifiers(reading *in, tx_error *error)
{
  tx_predict_options options;
  tx_status status = TX_OK;
  tx_predict_defaults(&options);
  options.cache_bytes = 0;
  options.embed = in->teachers->teaching.width > 0;
  options.normalise = true;
  in->classifiers = calloc(in->teachers->count, sizeof(tx_classifier *));
  if (!in->classifiers) return tx_fail_memory(error, "the teachers");
  for (size_t i = 0; i < in->teachers->count && status == TX_OK; i++) {
    const tx_model *model = in->teachers->items[i].model;
    size_t classes;
    status = tx_classifier_create(model, &options, &in->classifiers[i], error);
    if (status != TX_OK) break;
    classes = tx_lineage_decoder_classes(in->classifiers[i]->opt_decoder);
    if (classes > in->most_classes) in->most_classes = classes;
    if (model->dims.width > in->most_width) in->most_width = model->dims.width;
  }
  for (size_t r = 0; r < in->dataset->ranks; r++)
    in->starts[r + 1] = in->starts[r] + tx_taxonomy_class_count(in->dataset->taxonomy, r);
  return status;
}

static tx_status make_reader(const reading *in, reader *own, tx_error *error)
{
  tx_status status = TX_OK;
  own->works = calloc(in->teachers->count, sizeof(tx_predict_work *));
  for (size_t s = 0; s < 2; s++) own->codes[s] = malloc(in->dataset->longest + 1);
  own->logarithms = tx_malloc_aligned(GROUP * in->most_classes, sizeof *own->logarithms);
  own->means = tx_malloc_aligned(GROUP * in->starts[in->dataset->ranks], sizeof *own->means);
  own->embeddings = tx_malloc_aligned(GROUP * in->most_width, sizeof *own->embeddings);
  if (!own->works || !own->codes[0] || !own->codes[1] || !own->logarithms || !own->means || !own->embeddings)
    return tx_fail_memory(error, "the teachers: lower --threads");
  for (size_t i = 0; i < in->teachers->count && status == TX_OK; i++)
    status = tx_predict_work_create(in->classifiers[i], &own->works[i], error);
  return status;
}

static void free_readers(reading *in)
{
  for (size_t t = 0; in->readers && t < in->threads; t++) {
    reader *own = &in->readers[t];
    for (size_t i = 0; own->works && i < in->teachers->count; i++) tx_predict_work_free(own->works[i]);
    free(own->works);
    for (size_t s = 0; s < 2; s++) free(own->codes[s]);
    free(own->logarithms);
    free(own->means);
    free(own->embeddings);
  }
  free(in->readers);
  for (size_t i = 0; in->classifiers && i < in->teachers->count; i++) tx_classifier_free(in->classifiers[i]);
  free(in->classifiers);
}

/* Adds a record to the pack of a teacher: its first bases, and of a model of both strands the reverse
   complement of its last ones. */
static void add_record(const reading *in, reader *own, size_t teacher, uint32_t record,
                       tx_strand_answer *answer)
{
  const tx_classifier *classifier = in->classifiers[teacher];
  const size_t most = classifier->model->tokenizer.max_bases;
  tx_strand_codes strands[2];
  for (size_t s = 0; s < tx_dims_strands(&classifier->model->dims); s++) {
    uint8_t *codes = own->codes[s];
    const size_t whole = tx_dataset_codes(in->dataset, record, codes),
                 count = most && most < whole ? most : whole;
    if (s == 1) memmove(codes, codes + whole - count, count);
    strands[s] = (tx_strand_codes){codes, tx_bases_trim(codes, count, 0)};
    if (s == 1) tx_bases_reverse_complement(codes, strands[s].count);
  }
  tx_predict_work_add(classifier, own->works[teacher], strands, answer);
}

/* Adds the probabilities of a teacher at a rank, at the temperature, to those of the run's taxa. */
static void add_probabilities(const reading *in, reader *own, size_t teacher, size_t i, size_t rank)
{
  const tx_witness_map *map = &in->teachers->items[teacher].map;
  const tx_lineage_decoder *decoder = in->classifiers[teacher]->opt_decoder;
  const size_t there = (size_t)map->rank[rank], classes = in->starts[rank + 1] - in->starts[rank];
  const double *logarithms =
      own->logarithms + i * in->most_classes + tx_lineage_decoder_start(decoder, there);
  const double sharpness = 1 / in->teachers->teaching.temperature;
  double *means = own->means + i * in->starts[in->dataset->ranks] + in->starts[rank], sum = 0;
  for (size_t c = 0; c < in->classifiers[teacher]->model->dims.heads[there].size; c++)
    sum += exp(logarithms[c] * sharpness);
  for (size_t c = 0; c < classes; c++)
    if (map->classes[rank][c] >= 0) means[c] += exp(logarithms[map->classes[rank][c]] * sharpness) / sum;
  own->answers[rank][i]++;
}

/* Appends the embedding of a teacher to those of the others; `at` is where its numbers begin. */
static void put_embedding(const reading *in, const reader *own, uint32_t record, size_t i, size_t width,
                          size_t at)
{
  const tx_teaching *teaching = &in->teachers->teaching;
  memcpy(teaching->embeddings + record * teaching->width + at, own->embeddings + i * in->most_width,
         width * sizeof(float));
}

/* The answers of one teacher about a group of records. */
static void ask(const reading *in, reader *own, size_t teacher, const uint32_t *records, size_t count,
                size_t at)
{
  const tx_witness_map *map = &in->teachers->items[teacher].map;
  for (size_t i = 0; i < count; i++) {
    own->results[i] = (tx_strand_answer){.opt_log_probabilities = own->logarithms + i * in->most_classes,
                                         .embedding = own->embeddings + i * in->most_width};
    add_record(in, own, teacher, records[i], &own->results[i]);
  }
  tx_predict_work_run(in->classifiers[teacher], own->works[teacher]);
  for (size_t i = 0; i < count; i++) {
    if (own->results[i].fault != TX_OK) {
      own->status = own->results[i].fault;
      own->failed = teacher;
    }
    if (own->results[i].fault != TX_OK || own->results[i].status != TX_RECORD_OK) continue;
    for (size_t r = 0; r < in->dataset->ranks; r++)
      if (map->rank[r] >= 0 && in->teachers->teaching.known[r]) add_probabilities(in, own, teacher, i, r);
    if (in->teachers->teaching.width)
      put_embedding(in, own, records[i], i, in->classifiers[teacher]->model->dims.width, at);
  }
}

static void set_length_to_one(float *vector, size_t width)
{
  double square = 0;
  for (size_t d = 0; d < width; d++) square += (double)vector[d] * (double)vector[d];
  for (size_t d = 0; d < width && square > 0; d++) vector[d] = (float)((double)vector[d] / sqrt(square));
}

static void read_group(void *context, size_t item, size_t thread)
{
  const reading *in = context;
  reader *own = &in->readers[thread];
  const tx_part *train = &in->dataset->train;
  const size_t begin = in->first + item * GROUP, ranks = in->dataset->ranks, width = in->starts[ranks];
  const size_t count = train->count - begin < GROUP ? train->count - begin : GROUP;
  const uint32_t *records = train->records + begin;
  tx_teaching *teaching = &in->teachers->teaching;
  size_t at = 0;
  memset(own->means, 0, GROUP * width * sizeof *own->means);
  memset(own->answers, 0, sizeof own->answers);
  for (size_t t = 0; t < in->teachers->count; t++) {
    ask(in, own, t, records, count, at);
    at += in->classifiers[t]->model->dims.width;
  }
  for (size_t i = 0; i < count; i++) {
    for (size_t r = 0; r < ranks; r++) {
      double *means = own->means + i * width + in->starts[r];
      const size_t classes = in->starts[r + 1] - in->starts[r];
      if (!own->answers[r][i]) continue;
      for (size_t c = 0; c < classes; c++) means[c] /= (double)own->answers[r][i];
      tx_teaching_put(teaching, records[i], r, means, classes);
    }
    if (teaching->width)
      set_length_to_one(teaching->embeddings + records[i] * teaching->width, teaching->width);
  }
}

static tx_status check_readers(const reading *in, tx_error *error)
{
  for (size_t t = 0; t < in->threads; t++) {
    const reader *own = &in->readers[t];
    if (own->status == TX_ERROR_NUMERIC)
      return tx_fail(error, own->status, "--teacher %s: an output for a training record is not finite",
                     in->teachers->items[own->failed].name);
    if (own->status != TX_OK) return tx_fail_memory(error, "the teachers: lower --threads");
  }
  return TX_OK;
}

static tx_status read_records(reading *in, tx_pool *pool, const tx_train_hooks *hooks, tx_error *error)
{
  const size_t records = in->dataset->train.count, most = (size_t)ITEMS_AT_ONCE * GROUP;
  double told = tx_clock();
  tx_status status = TX_OK;
  while (in->first < records && status == TX_OK) {
    const size_t left = records - in->first, run = left < most ? left : most;
    if (tx_train_stopped(hooks)) return TX_STOPPED;
    tx_pool_run(pool, (run + GROUP - 1) / GROUP, read_group, in);
    status = check_readers(in, error);
    in->first += run;
    if (in->first == records || tx_clock() - told < NOTE_SECONDS) continue;
    told = tx_clock();
    tx_train_note(hooks, "teachers: %zu of %zu records are read", in->first, records);
  }
  return status;
}

/* Tells how much is outside the taxa that are kept, and how often the most probable one is the label. */
static void note_answers(const reading *in, const tx_train_hooks *hooks, double seconds)
{
  const tx_dataset *dataset = in->dataset;
  const tx_teaching *teaching = &in->teachers->teaching;
  tx_bytes text = {0};
  for (size_t r = 0; r < dataset->ranks; r++) {
    double rest = 0;
    size_t labelled = 0, right = 0;
    for (size_t i = 0; i < dataset->train.count; i++) {
      const uint32_t record = dataset->train.records[i];
      const tx_soft_target target = tx_teaching_target(teaching, record, r);
      const int32_t label = tx_dataset_label_of(dataset, record, r);
      rest += (double)target.rest;
      labelled += label >= 0;
      right += label >= 0 && target.classes[0] == label;
    }
    if (teaching->known[r] && labelled)
      tx_bytes_printf(&text, "%s%s %.1f %% (%.1f %%)", text.size ? ", " : "",
                      tx_taxonomy_rank_name(dataset->taxonomy, r), 100.0 * (double)right / (double)labelled,
                      100.0 * rest / (double)dataset->train.count);
  }
  if (text.size && !text.failed)
    tx_train_note(hooks,
                  "teachers: %zu records read in %.1f s; their first taxon is the label of, and outside of "
                  "the %d taxa that are kept is a probability of: %s",
                  dataset->train.count, seconds, TX_TEACHING_KEPT, text.data);
  tx_bytes_free(&text);
}

tx_status tx_teachers_read(const tx_dataset *dataset, tx_pool *pool, const tx_train_hooks *hooks,
                           tx_teachers *teachers, tx_error *error)
{
  reading in = {.dataset = dataset, .teachers = teachers, .threads = tx_pool_threads(pool)};
  const double start = tx_clock();
  tx_status status;
  if (!teachers->count) return TX_OK;
  in.readers = calloc(in.threads, sizeof *in.readers);
  status = in.readers ? make_classifiers(&in, error) : tx_fail_memory(error, "the teachers");
  for (size_t t = 0; t < in.threads && status == TX_OK; t++) status = make_reader(&in, &in.readers[t], error);
  if (status == TX_OK) status = read_records(&in, pool, hooks, error);
  if (status == TX_OK) note_answers(&in, hooks, tx_clock() - start);
  free_readers(&in);
  for (size_t i = 0; i < teachers->count; i++) {
    tx_model_close(teachers->items[i].model);
    teachers->items[i].model = NULL;
  }
  return status;
}
