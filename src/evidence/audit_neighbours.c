/* Each reference is searched for among all others: labels that disagree with those of the nearest ones, and
   barcodes that resemble none, or only as their reverse complement. */
#include "evidence/audit.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/wait.h"
#include "evidence/answer.h"

#include <stdlib.h>
#include <string.h>

enum {
  CHUNK = 512,
  DISTANCES = 64, /* intervals of 1 % that the distance to the nearest reference is counted in */
  FEWEST = 20     /* least number of references of an interval; with fewer it is joined to the next */
};

/* How much farther than the nearest reference those are whose labels count, in percent. */
#define NEAR 1.0
/* Share of references with the taxon of the nearest one, from which on that is usual. */
#define USUAL 0.95

/* What the search with a reference found. Bit r of the labels is rank r. */
typedef struct outlook {
  float distance; /* of the nearest reference; negative: there is none to compare with */
  float identity;
  uint16_t same;  /* ranks at which one of the near references has the same taxon */
  uint16_t other; /* ranks at which all that have a label have another one */
  bool like;      /* it resembles some other reference */
  bool reversed;  /* its reverse complement resembles one, and is more than NEAR closer to it */
} outlook;

/* The scratch of one thread. */
typedef struct worker {
  tx_search *search;
  tx_sequence_buffer reverse;
} worker;

typedef struct audit {
  const tx_references *references;
  const tx_audit_options *options;
  tx_pool *pool;
  worker *workers;   /* (threads of the pool) */
  outlook *outlooks; /* (references) */
  size_t first;      /* of the chunk in hand */
  bool failed;       /* no memory */
} audit;

/* The references near one of them, nearest first. */
typedef struct surroundings {
  tx_candidate candidates[TX_CANDIDATES_MAX];
  size_t count;
  size_t near; /* the first of them, at most NEAR farther than the nearest */
  bool like;
} surroundings;

/* Whether a candidate can vouch for a label: it overlaps at least half of the shorter of the two. An equal
   barcode with a contradicting label is a finding of its own and does not. */
static bool can_vouch(const tx_references *references, size_t reference, const tx_candidate *candidate)
{
  const tx_sequence own = tx_references_sequence(references, reference),
                    other = tx_references_sequence(references, candidate->reference);
  const size_t shorter = own.count < other.count ? own.count : other.count;
  if (candidate->alignment.length * (size_t)2 < shorter) return false;
  return candidate->alignment.mismatches || tx_sequence_compare(&own, &other) != 0 ||
         tx_audit_contradiction(references, reference, candidate->reference) == references->ranks;
}

/* Searches with a barcode, of which `reference` is the one with the labels, among all other references. */
static void look_around(const audit *self, worker *own, const tx_sequence *sequence, size_t reference,
                        surroundings *ret)
{
  const tx_exclusion exclusion = {(int64_t)reference, -1, 0};
  size_t count;
  uint32_t votes;
  const tx_candidate *candidates = tx_search_run(own->search, sequence, &exclusion, &count, &votes);
  ret->count = ret->near = 0;
  ret->like = count && tx_evidence_is_like(votes, sequence->count);
  for (size_t i = 0; ret->like && i < count; i++)
    if (can_vouch(self->references, reference, &candidates[i])) ret->candidates[ret->count++] = candidates[i];
  while (ret->near < ret->count &&
         ret->candidates[ret->near].distance <= ret->candidates[0].distance + NEAR)
    ret->near++;
}

/* The same with the reverse complement. False: no memory. */
static bool look_around_reversed(const audit *self, worker *own, size_t reference, surroundings *ret)
{
  const tx_sequence sequence = tx_references_sequence(self->references, reference);
  if (!tx_sequence_reverse(&own->reverse, &sequence)) return false;
  look_around(self, own, &own->reverse.view, reference, ret);
  return true;
}

static double identity_of(const tx_candidate *candidate)
{
  return 1 - (double)candidate->alignment.mismatches / candidate->alignment.length;
}

/* Compares the labels of a reference with those of the references near it. */
static void compare_labels(const tx_references *references, size_t reference, const surroundings *around,
                           outlook *found)
{
  const int32_t *own = tx_references_lineage(references, reference);
  for (size_t i = 0; i < around->near; i++) {
    const int32_t *other = tx_references_lineage(references, around->candidates[i].reference);
    for (size_t r = 0; r < references->ranks; r++) {
      const uint16_t bit = (uint16_t)(1u << r);
      if (own[r] < 0 || other[r] < 0) continue;
      if (own[r] == other[r]) found->same |= bit;
      else found->other |= bit;
    }
  }
  found->other &= (uint16_t)~found->same;
}

static void judge(void *context, size_t item, size_t thread)
{
  audit *self = context;
  const size_t reference = self->first + item;
  const tx_sequence sequence = tx_references_sequence(self->references, reference);
  outlook *found = &self->outlooks[reference];
  surroundings around, reversed;
  look_around(self, &self->workers[thread], &sequence, reference, &around);
  *found = (outlook){.distance = -1, .like = around.like};
  if (!look_around_reversed(self, &self->workers[thread], reference, &reversed)) {
    self->failed = true;
    return;
  }
  found->reversed = reversed.count && (!around.count || reversed.candidates[0].distance + NEAR <
                                                            around.candidates[0].distance);
  if (!around.count || found->reversed) return;
  found->distance = (float)around.candidates[0].distance;
  found->identity = (float)identity_of(&around.candidates[0]);
  compare_labels(self->references, reference, &around, found);
}

static tx_status judge_all(audit *self, tx_error *error)
{
  const size_t count = self->references->count;
  for (; self->first < count; self->first += CHUNK) {
    const size_t items = count - self->first < CHUNK ? count - self->first : CHUNK;
    tx_pool_run(self->pool, items, judge, self);
    if (self->options->progress) self->options->progress(self->options->context, self->first + items);
    if (self->failed) return tx_fail_memory(error, "the audit");
    if (tx_is_stopped(self->options->stop)) return tx_fail(error, TX_STOPPED, "stopped");
  }
  return TX_OK;
}

/* The distance up to which the near references usually have the taxon of the reference at a rank. */
static float usual_distance(const audit *self, size_t rank)
{
  size_t same[DISTANCES] = {0}, all[DISTANCES] = {0}, same_sum = 0, sum = 0, limit = 0;
  for (size_t i = 0; i < self->references->count; i++) {
    const outlook *found = &self->outlooks[i];
    const size_t at = found->distance < 0 ? 0
                      : found->distance < DISTANCES ? (size_t)found->distance
                                                    : DISTANCES - 1;
    if (!((found->same | found->other) >> rank & 1)) continue;
    all[at]++;
    same[at] += found->same >> rank & 1;
  }
  for (size_t at = 0; at < DISTANCES; at++) {
    same_sum += same[at];
    sum += all[at];
    if (sum < FEWEST && at + 1 < DISTANCES) continue;
    if ((double)same_sum < USUAL * (double)sum) break;
    limit = at + 1;
    same_sum = sum = 0;
  }
  return (float)limit;
}

/* A label that disagrees. */
typedef struct suspect {
  size_t reference, rank;
  float identity;
} suspect;

static int compare_suspects(const void *left, const void *right)
{
  const suspect *a = left, *b = right;
  if (a->rank != b->rank) return a->rank < b->rank ? -1 : 1;
  if (a->identity != b->identity) return a->identity > b->identity ? -1 : 1;
  return a->reference < b->reference ? -1 : a->reference > b->reference;
}

/* *ret_suspects is the caller's. */
static tx_status find_suspects(const audit *self, suspect **ret_suspects, size_t *ret_count, tx_error *error)
{
  float limits[TX_RANKS_MAX];
  size_t capacity = 0;
  for (size_t r = 0; r < self->references->ranks; r++) limits[r] = usual_distance(self, r);
  for (size_t i = 0; i < self->references->count; i++) {
    const outlook *found = &self->outlooks[i];
    size_t rank = 0;
    while (rank < self->references->ranks &&
           !(found->other >> rank & 1 && found->distance < limits[rank]))
      rank++;
    if (rank == self->references->ranks) continue;
    if (!tx_reserve(ret_suspects, &capacity, *ret_count + 1, sizeof **ret_suspects))
      return tx_fail_memory(error, "the audit");
    (*ret_suspects)[(*ret_count)++] = (suspect){i, rank, found->identity};
  }
  if (*ret_count) qsort(*ret_suspects, *ret_count, sizeof **ret_suspects, compare_suspects);
  return TX_OK;
}

/* Number of references of a taxon. */
static size_t count_references(const tx_references *references, size_t rank, int32_t taxon)
{
  size_t count = 0;
  for (size_t i = 0; i < references->count; i++)
    count += tx_references_lineage(references, i)[rank] == taxon;
  return count;
}

/* How many references are near, and how many others the taxon of the reference has. */
static void describe_suspect(const audit *self, const suspect *item, const surroundings *around,
                             tx_bytes *note)
{
  const int32_t own = tx_references_lineage(self->references, item->reference)[item->rank];
  const size_t others = count_references(self->references, item->rank, own) - 1;
  size_t labelled = 0, at = 0;
  for (size_t i = 0; i < around->near; i++)
    labelled +=
        tx_references_lineage(self->references, around->candidates[i].reference)[item->rank] >= 0;
  while (at < around->count &&
         tx_references_lineage(self->references, around->candidates[at].reference)[item->rank] != own)
    at++;
  if (labelled == 1) tx_bytes_text(note, "the nearest reference disagrees; ");
  else tx_bytes_printf(note, "the %zu nearest references disagree; ", labelled);
  if (!others) tx_bytes_text(note, "it is the only one of its taxon");
  else if (at == around->count)
    tx_bytes_printf(note, "%zu other%s of its taxon, none of them similar", others, others == 1 ? "" : "s");
  else
    tx_bytes_printf(note, "%zu other%s of its taxon, identity at most %.2f", others, others == 1 ? "" : "s",
                    100 * identity_of(&around->candidates[at]));
}

static tx_status report_suspect(const audit *self, const suspect *item, tx_bytes *note, tx_error *error)
{
  const tx_sequence sequence = tx_references_sequence(self->references, item->reference);
  tx_audit_finding finding = tx_audit_barcode(self->references, TX_AUDIT_LABEL, item->reference);
  surroundings around;
  size_t at = 0;
  look_around(self, &self->workers[0], &sequence, item->reference, &around);
  while (tx_references_lineage(self->references, around.candidates[at].reference)[item->rank] < 0) at++;
  finding.rank = item->rank;
  finding.taxon = tx_references_lineage(self->references, item->reference)[item->rank];
  finding.other = around.candidates[at].reference;
  finding.other_taxon = tx_references_lineage(self->references, finding.other)[item->rank];
  finding.identity = identity_of(&around.candidates[at]);
  tx_bytes_clear(note);
  describe_suspect(self, item, &around, note);
  if (note->failed) return tx_fail_memory(error, "the audit");
  finding.note = note->data;
  return self->options->finding(self->options->context, &finding, error);
}

static tx_status report_labels(const audit *self, tx_error *error)
{
  suspect *suspects = NULL;
  size_t count = 0;
  tx_bytes note = {0};
  tx_status status = find_suspects(self, &suspects, &count, error);
  for (size_t i = 0; status == TX_OK && i < count; i++) {
    status = report_suspect(self, &suspects[i], &note, error);
    if (tx_is_stopped(self->options->stop)) status = tx_fail(error, TX_STOPPED, "stopped");
  }
  free(suspects);
  tx_bytes_free(&note);
  return status;
}

/* Reports a reference that resembles no other, or the others more as its reverse complement. */
static tx_status report_unlike(const audit *self, size_t reference, tx_error *error)
{
  tx_audit_finding finding = tx_audit_barcode(self->references, TX_AUDIT_UNLIKE, reference);
  surroundings around;
  if (!look_around_reversed(self, &self->workers[0], reference, &around))
    return tx_fail_memory(error, "the audit");
  finding.note = "resembles no other reference";
  if (self->outlooks[reference].reversed) {
    finding.other = around.candidates[0].reference;
    finding.other_taxon = tx_references_lineage(self->references, finding.other)[finding.rank];
    finding.identity = identity_of(&around.candidates[0]);
    finding.note = "its reverse complement resembles other references better";
  }
  return self->options->finding(self->options->context, &finding, error);
}

static tx_status report_all_unlike(const audit *self, tx_error *error)
{
  tx_status status = TX_OK;
  for (size_t i = 0; status == TX_OK && i < self->references->count; i++) {
    if (self->outlooks[i].like && !self->outlooks[i].reversed) continue;
    status = report_unlike(self, i, error);
    if (tx_is_stopped(self->options->stop)) status = tx_fail(error, TX_STOPPED, "stopped");
  }
  return status;
}

tx_status tx_audit_neighbours(const tx_reference_set *set, tx_pool *pool, const tx_audit_options *options,
                              tx_error *error)
{
  const size_t threads = tx_pool_threads(pool);
  audit self = {.references = set->references, .options = options, .pool = pool};
  tx_status status = TX_OK;
  self.workers = calloc(threads, sizeof *self.workers);
  self.outlooks = calloc(set->references->count + 1, sizeof *self.outlooks);
  if (!self.workers || !self.outlooks) status = tx_fail_memory(error, "the audit");
  for (size_t i = 0; status == TX_OK && i < threads; i++)
    status = tx_search_create(set->index, &self.workers[i].search, error);
  if (status == TX_OK) status = judge_all(&self, error);
  if (status == TX_OK) status = report_labels(&self, error);
  if (status == TX_OK) status = report_all_unlike(&self, error);
  for (size_t i = 0; self.workers && i < threads; i++) {
    tx_search_free(self.workers[i].search);
    tx_sequence_buffer_free(&self.workers[i].reverse);
  }
  free(self.workers);
  free(self.outlooks);
  return status;
}
