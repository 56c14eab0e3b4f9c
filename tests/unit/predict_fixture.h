/* A small random model and records for tests of predictions, and runs of tx_predict over them. */
#ifndef TX_TESTS_PREDICT_FIXTURE_H
#define TX_TESTS_PREDICT_FIXTURE_H

#include "infer/decode.h"
#include "infer/prediction.h"
#include "base/random.h"
#include "model/model.h"

#include <taxamba/output.h>
#include <taxamba/predict.h>

#include <math.h>

#include "unit/scratch.h"

enum { RECORDS = 100, LONGEST = 420, MAX_BASES = 240, OFFSETS = 3, WIDTH = 16, RANKS = 3 };

static scratch place;
static tx_model *model;
static size_t model_strands = 1; /* of the model that write_model makes */
static bool model_tells_strand;  /* whether it has a head of the strand */
static char ids[RECORDS][16];
static char bases[RECORDS][LONGEST + 1];

/* ---- the model ---- */

/* Two orders; a genus without a family, a family without children. */
static const char taxonomy_text[] =
    "order\tfamily\tspecies\n"
    "0\t-1\t-1\tA\n0\t-1\t-1\tB\n"
    "1\t0\t0\tAa\n1\t0\t0\tAb\n1\t0\t1\tBa\n1\t0\t1\tBend\n"
    "2\t0\t0\tlone\n2\t1\t0\ts1\n2\t1\t0\ts2\n2\t1\t1\ts3\n2\t1\t2\ts4\n2\t1\t2\ts5\n";

/* Heads are multiplied by `scale`, within what a float can hold. */
static inline tx_status write_model(const char *path, double scale, tx_error *error)
{
  const tx_tokenizer tokenizer = {TX_TOKENIZER_KMER, 3, OFFSETS, MAX_BASES, 0, false, NULL};
  tx_dims dims = {tx_tokenizer_vocabulary(&tokenizer),
                  WIDTH,
                  2,
                  8,
                  8,
                  2,
                  4,
                  32,
                  RANKS,
                  {{TX_HEAD_TAXA, 2}, {TX_HEAD_TAXA, 4}, {TX_HEAD_TAXA, 6}},
                  .strands = model_strands};
  if (model_tells_strand) dims.heads[dims.head_count++] = (tx_head){TX_HEAD_STRAND, 1};
  tx_taxonomy *taxonomy = NULL;
  float *weights = calloc(tx_layout_elements(&dims), sizeof *weights);
  tx_status status = tx_taxonomy_read(taxonomy_text, sizeof taxonomy_text - 1, &taxonomy, error);
  assert_non_null(weights);
  assert_int_equal(status, TX_OK);
  tx_layout_initialise(&dims, 42, weights);
  for (size_t i = 0; i < tx_layout_count(&dims); i++) { /* larger weights, so that the answers differ */
    tx_tensor_info info;
    tx_layout_tensor(&dims, i, &info);
    if (info.init != TX_INIT_NORMAL) continue;
    for (size_t j = 0; j < info.count; j++) {
      float *weight = &weights[info.offset + j];
      *weight = (float)fmax(-3e38, fmin(3e38, *weight * (strncmp(info.name, "heads", 5) ? 20 : scale)));
    }
  }
  status = tx_model_write(
      path,
      &(tx_model_parts){.dims = &dims, .tokenizer = &tokenizer, .taxonomy = taxonomy, .weights = weights},
      error);
  free(weights);
  tx_taxonomy_free(taxonomy);
  return status;
}

static inline int make_place(void **state)
{
  tx_random random;
  tx_error error;
  (void)state;
  scratch_create(&place);
  if (write_model(place.path, 60, &error) != TX_OK || tx_model_open(place.path, &model, &error) != TX_OK) {
    fprintf(stderr, "%s\n", error.message);
    return -1;
  }
  tx_random_seed(&random, 3, 0, 0, 0);
  for (size_t i = 0; i < RECORDS; i++) {
    size_t length = i % 10 == 9 ? tx_random_below(&random, 60) : 60 + tx_random_below(&random, LONGEST - 60);
    snprintf(ids[i], sizeof ids[i], "r%zu", i);
    for (size_t j = 0; j < length; j++)
      bases[i][j] = tx_random_below(&random, 50) ? "ACGT"[tx_random_below(&random, 4)] : 'N';
    if (i == 20) memset(bases[i], 'N', length);
  }
  return 0;
}

static inline int remove_place(void **state)
{
  (void)state;
  tx_model_close(model);
  scratch_remove(&place);
  return 0;
}

/* ---- a run over texts ---- */

typedef struct answer {
  tx_prediction prediction;
  float embedding[WIDTH];
} answer;

typedef struct session {
  const char *const *texts;
  size_t count, at;
  const size_t *order; /* NULL: as they are */
  answer *answers;     /* by place in `texts` */
  size_t taken;
} session;

static inline tx_status next_text(void *context, tx_record *record, tx_error *error)
{
  session *self = context;
  size_t i;
  (void)error;
  if (self->at == self->count) return TX_END;
  i = self->order ? self->order[self->at] : self->at;
  self->at++;
  memset(record, 0, sizeof *record);
  record->id = ids[i];
  record->id_length = strlen(ids[i]);
  record->comment = "";
  record->bases = self->texts[i];
  record->base_count = strlen(self->texts[i]);
  record->file = "made.fa";
  record->line = 2 * self->at - 1;
  record->number = self->at;
  return TX_OK;
}

static inline tx_status keep(void *context, const tx_record *record, const tx_prediction *prediction,
                             tx_error *error)
{
  session *self = context;
  size_t i = strtoul(record->id + 1, NULL, 10);
  (void)error;
  memset(&self->answers[i], 0, sizeof self->answers[i]);
  self->answers[i].prediction = *prediction;
  self->answers[i].prediction.embedding = NULL;
  if (prediction->embedding)
    memcpy(self->answers[i].embedding, prediction->embedding, sizeof self->answers[i].embedding);
  self->taken++;
  return TX_OK;
}

static inline tx_predict_options make_options(void)
{
  tx_predict_options options;
  tx_predict_defaults(&options);
  options.embed = true;
  return options;
}

static tx_run_stats last_run;

static inline void predict(const tx_predict_options *options, const char *const *texts, size_t count,
                           const size_t *order, answer *answers)
{
  session self = {texts, count, 0, order, answers, 0};
  tx_run_stats stats;
  tx_error error = {0};
  tx_status status =
      tx_predict(model, options, &(tx_predict_steps){next_text, &self, keep, NULL, &self}, &stats, &error);
  if (status != TX_OK) fail_msg("%s", error.message);
  assert_int_equal(self.taken, count);
  assert_int_equal(stats.records, count);
  last_run = stats;
}

static inline answer predict_one(const tx_predict_options *options, const char *text)
{
  answer single;
  predict(options, &text, 1, NULL, &single);
  return single;
}

static inline bool same_answer(const answer *a, const answer *b)
{
  const tx_prediction *p = &a->prediction, *q = &b->prediction;
  return p->status == q->status && p->strand == q->strand && memcmp(p->taxa, q->taxa, sizeof p->taxa) == 0 &&
         memcmp(p->confidence, q->confidence, sizeof p->confidence) == 0 &&
         memcmp(a->embedding, b->embedding, sizeof a->embedding) == 0;
}

static inline const char **all_texts(void)
{
  static const char *texts[RECORDS];
  for (size_t i = 0; i < RECORDS; i++) texts[i] = bases[i];
  return texts;
}

static inline void reverse_complement(const char *text, char *ret_text)
{
  size_t length = strlen(text);
  for (size_t i = 0; i < length; i++) {
    char letter = text[length - 1 - i];
    ret_text[i] = letter == 'A' ? 'T' : letter == 'C' ? 'G' : letter == 'G' ? 'C' : letter == 'T' ? 'A' : 'N';
  }
  ret_text[length] = '\0';
}

#endif
