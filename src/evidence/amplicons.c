#include "evidence/amplicons.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/wait.h"
#include "search/search.h"
#include "seq/bases.h"

#include <stdlib.h>
#include <string.h>

enum {
  CHUNK = 512,
  LENGTHS = 2,      /* one site is enough within so many medians of the end of the record */
  VOTES_LEAST = 16, /* shared 8-mers on one diagonal of a record and an amplicon that it resembles */
  VOTES_SHARE = 20, /* and one in so many of the shorter one's */
  QUANTILE = 4      /* one in so many amplicons is as wide as what is cut */
};

/* A record that was kept. The store has its identifier, its taxa (empty where it has none), and the letters
   of the stretch that the primers leave. */
typedef struct kept {
  size_t text, letters, count;
  int primers;
  const char *file;
  uint64_t line;
  /* by alignment: the bases to take, of the reverse complement if reversed; none: it resembles no amplicon */
  size_t first, bases;
  bool reversed;
} kept;

/* The scratch of one thread. */
typedef struct worker {
  tx_search *search;
  tx_sequence_buffer forward, reverse;
} worker;

struct tx_amplicons {
  tx_primers primers;
  size_t ranks;
  tx_amplicon_buffer buffer;
  tx_references_builder *found; /* amplicons with a site, which the other records are aligned with */
  size_t *lengths;              /* of the amplicons with both sites */
  size_t length_count, length_capacity;
  kept *kept;
  size_t kept_count, kept_capacity;
  tx_bytes store;
  tx_amplicon_counts counts;
};

tx_status tx_amplicons_create(const char *primers, const char *const *ranks, size_t rank_count,
                              tx_amplicons **ret_amplicons, tx_error *error)
{
  tx_amplicons *amplicons = calloc(1, sizeof *amplicons);
  tx_status status;
  *ret_amplicons = NULL;
  if (!amplicons) return tx_fail_memory(error, "the amplicons");
  amplicons->ranks = rank_count;
  status = tx_primers_parse(primers, &amplicons->primers, error);
  if (status == TX_OK) status = tx_references_builder_create(ranks, rank_count, &amplicons->found, error);
  if (status == TX_OK)
    *ret_amplicons = amplicons;
  else
    tx_amplicons_free(amplicons);
  return status;
}

void tx_amplicons_free(tx_amplicons *amplicons)
{
  if (!amplicons) return;
  tx_amplicon_buffer_free(&amplicons->buffer);
  tx_references_builder_free(amplicons->found);
  free(amplicons->lengths);
  free(amplicons->kept);
  tx_bytes_free(&amplicons->store);
  free(amplicons);
}

tx_amplicon_counts tx_amplicons_counts(const tx_amplicons *amplicons)
{
  return amplicons->counts;
}

/* Adds an amplicon with a site to both builders. */
static tx_status add_found(tx_amplicons *amplicons, const tx_reference_record *record,
                           tx_references_builder *builder, tx_error *error)
{
  tx_status status = tx_references_builder_add(builder, record, error);
  return status == TX_OK ? tx_references_builder_add(amplicons->found, record, error) : status;
}

static tx_status keep(tx_amplicons *amplicons, const tx_reference_record *record, int primers,
                      tx_error *error)
{
  tx_bytes *store = &amplicons->store;
  kept *own;
  if (!tx_reserve(&amplicons->kept, &amplicons->kept_capacity, amplicons->kept_count + 1, sizeof *own))
    return tx_fail_memory(error, "the amplicons");
  own = &amplicons->kept[amplicons->kept_count++];
  *own = (kept){.text = store->size, .primers = primers, .file = record->file, .line = record->line};
  tx_bytes_append(store, record->id, strlen(record->id) + 1);
  for (size_t r = 0; r < amplicons->ranks; r++) {
    const char *taxon = record->taxa[r] ? record->taxa[r] : "";
    tx_bytes_append(store, taxon, strlen(taxon) + 1);
  }
  own->letters = store->size;
  own->count = record->base_count;
  tx_bytes_append(store, record->bases, record->base_count);
  return store->failed ? tx_fail_memory(error, "the amplicons") : TX_OK;
}

tx_status tx_amplicons_add(tx_amplicons *amplicons, const tx_reference_record *record,
                           tx_references_builder *builder, tx_error *error)
{
  tx_reference_record own = *record;
  tx_amplicon cut;
  if (!tx_primers_cut(&amplicons->primers, record->bases, record->base_count, &amplicons->buffer, &cut) ||
      !tx_reserve(&amplicons->lengths, &amplicons->length_capacity, amplicons->length_count + 1,
                  sizeof *amplicons->lengths))
    return tx_fail_memory(error, "the amplicons");
  own.bases = cut.letters;
  own.base_count = cut.count;
  if (cut.primers < 2) return keep(amplicons, &own, cut.primers, error);
  amplicons->lengths[amplicons->length_count++] = cut.count;
  amplicons->counts.both++;
  return add_found(amplicons, &own, builder, error);
}

/* The record as it was kept; taxa (ranks) are filled. */
static tx_reference_record recall(const tx_amplicons *amplicons, const kept *own, const char **taxa)
{
  const char *text = amplicons->store.data + own->text;
  tx_reference_record record = {.id = text,
                                .bases = amplicons->store.data + own->letters,
                                .base_count = own->count,
                                .taxa = taxa,
                                .file = own->file,
                                .line = own->line};
  for (size_t r = 0; r < amplicons->ranks; r++) {
    text += strlen(text) + 1;
    taxa[r] = *text ? text : NULL;
  }
  return record;
}

static int compare_lengths(const void *left, const void *right)
{
  const size_t a = *(const size_t *)left, b = *(const size_t *)right;
  return (a > b) - (a < b);
}

/* The longest stretch behind one site that may end before the other. */
static size_t longest_open(tx_amplicons *amplicons)
{
  const size_t count = amplicons->length_count;
  if (!count) return SIZE_MAX;
  qsort(amplicons->lengths, count, sizeof *amplicons->lengths, compare_lengths);
  return LENGTHS * amplicons->lengths[count / 2];
}

/* Adds the kept records with one site near their end; the others stay at the start of the list. */
static tx_status add_open(tx_amplicons *amplicons, tx_references_builder *builder, tx_error *error)
{
  const size_t longest = longest_open(amplicons), count = amplicons->kept_count;
  tx_status status = TX_OK;
  amplicons->kept_count = 0;
  for (size_t i = 0; status == TX_OK && i < count; i++) {
    const kept own = amplicons->kept[i];
    const char *taxa[TX_RANKS_MAX];
    const tx_reference_record record = recall(amplicons, &own, taxa);
    if (own.primers && own.count <= longest) {
      amplicons->counts.one++;
      status = add_found(amplicons, &record, builder, error);
    } else {
      amplicons->kept[amplicons->kept_count++] = own;
    }
  }
  return status;
}

/* The alignment of records without their sites. */
typedef struct alignment {
  tx_amplicons *amplicons;
  const tx_references *references; /* the amplicons that were found */
  worker *workers;                 /* (threads of the pool) */
  size_t first;                    /* of the chunk in hand */
  bool failed;                     /* no memory */
} alignment;

static int compare_places(const void *left, const void *right)
{
  const int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
  return (a > b) - (a < b);
}

/* Where amplicons begin and end on a strand. */
typedef struct extents {
  int32_t firsts[TX_CANDIDATES_MAX], ends[TX_CANDIDATES_MAX];
  size_t count;
} extents;

/* Collects the extents of the amplicons that the strand resembles. */
static void collect(const alignment *self, const tx_sequence *sequence, const tx_candidate *candidates,
                    size_t count, extents *found)
{
  found->count = 0;
  for (size_t i = 0; i < count; i++) {
    const uint32_t length = self->references->references[candidates[i].reference].length;
    const size_t shorter = sequence->count < length ? sequence->count : length;
    const uint32_t votes = candidates[i].alignment.votes;
    if (votes < VOTES_LEAST || (uint64_t)votes * VOTES_SHARE < shorter) continue;
    found->firsts[found->count] = -candidates[i].alignment.diagonal;
    found->ends[found->count++] = (int32_t)length - candidates[i].alignment.diagonal;
  }
  qsort(found->firsts, found->count, sizeof *found->firsts, compare_places);
  qsort(found->ends, found->count, sizeof *found->ends, compare_places);
}

/* Aligns one strand, and cuts it if it resembles amplicons more than *distance says: to the widest extent
   that a quarter of them have, since some are of records that ended early. */
static void align_strand(const alignment *self, worker *own, const tx_sequence *sequence, bool reversed,
                         kept *record, double *distance)
{
  size_t count;
  uint32_t votes;
  extents found;
  int32_t first, end;
  const tx_candidate *candidates = tx_search_run(own->search, sequence, NULL, &count, &votes);
  if (!count || candidates->distance >= *distance) return;
  collect(self, sequence, candidates, count, &found);
  if (!found.count) return;
  first = found.firsts[found.count / QUANTILE];
  end = found.ends[found.count - 1 - found.count / QUANTILE];
  if (first < 0) first = 0;
  if (end > (int32_t)sequence->count) end = (int32_t)sequence->count;
  if (end <= first) return;
  record->first = (size_t)first;
  record->bases = (size_t)(end - first);
  record->reversed = reversed;
  *distance = candidates->distance;
}

static void align(void *context, size_t item, size_t thread)
{
  alignment *self = context;
  worker *own = &self->workers[thread];
  kept *record = &self->amplicons->kept[self->first + item];
  double distance = 100;
  if (!tx_sequence_fill(&own->forward, self->amplicons->store.data + record->letters, record->count, false) ||
      !tx_sequence_reverse(&own->reverse, &own->forward.view)) {
    self->failed = true;
    return;
  }
  align_strand(self, own, &own->forward.view, false, record, &distance);
  align_strand(self, own, &own->reverse.view, true, record, &distance);
}

static tx_status align_all(alignment *self, tx_pool *pool, const volatile int *opt_stop, tx_error *error)
{
  const size_t count = self->amplicons->kept_count;
  for (; self->first < count; self->first += CHUNK) {
    const size_t items = count - self->first < CHUNK ? count - self->first : CHUNK;
    tx_pool_run(pool, items, align, self);
    if (self->failed) return tx_fail_memory(error, "the amplicons");
    if (tx_is_stopped(opt_stop)) return tx_fail(error, TX_STOPPED, "stopped");
  }
  return TX_OK;
}

/* Adds the stretch of a record that resembles an amplicon. */
static tx_status add_aligned(tx_amplicons *amplicons, const kept *own, worker *scratch,
                             tx_references_builder *builder, tx_error *error)
{
  const char *taxa[TX_RANKS_MAX];
  tx_reference_record record = recall(amplicons, own, taxa);
  const tx_sequence *strand = own->reversed ? &scratch->reverse.view : &scratch->forward.view;
  tx_amplicon_buffer *buffer = &amplicons->buffer;
  if (!tx_sequence_fill(&scratch->forward, record.bases, record.base_count, false) ||
      !tx_sequence_reverse(&scratch->reverse, &scratch->forward.view) ||
      !tx_reserve(&buffer->letters, &buffer->letter_capacity, own->bases, 1))
    return tx_fail_memory(error, "the amplicons");
  for (size_t i = 0; i < own->bases; i++)
    buffer->letters[i] = tx_bases_set_letter(tx_sequence_set(strand, own->first + i));
  record.bases = buffer->letters;
  record.base_count = own->bases;
  amplicons->counts.aligned++;
  return tx_references_builder_add(builder, &record, error);
}

static tx_status align_rest(tx_amplicons *amplicons, const tx_search_index *index,
                            tx_references_builder *builder, tx_pool *pool, const volatile int *opt_stop,
                            tx_error *error)
{
  const size_t threads = tx_pool_threads(pool);
  alignment self = {.amplicons = amplicons, .references = index->references};
  tx_status status = TX_OK;
  self.workers = calloc(threads, sizeof *self.workers);
  if (!self.workers) return tx_fail_memory(error, "the amplicons");
  for (size_t i = 0; status == TX_OK && i < threads; i++)
    status = tx_search_create(index, &self.workers[i].search, error);
  if (status == TX_OK) status = align_all(&self, pool, opt_stop, error);
  for (size_t i = 0; status == TX_OK && i < amplicons->kept_count; i++)
    if (amplicons->kept[i].bases)
      status = add_aligned(amplicons, &amplicons->kept[i], &self.workers[0], builder, error);
  for (size_t i = 0; i < threads; i++) {
    tx_search_free(self.workers[i].search);
    tx_sequence_buffer_free(&self.workers[i].forward);
    tx_sequence_buffer_free(&self.workers[i].reverse);
  }
  free(self.workers);
  return status;
}

tx_status tx_amplicons_finish(tx_amplicons *amplicons, tx_references_builder *builder, tx_pool *pool,
                              const volatile int *opt_stop, tx_error *error)
{
  tx_references *references = NULL;
  tx_search_index *index = NULL;
  tx_status status = add_open(amplicons, builder, error);
  if (status == TX_OK && amplicons->kept_count && tx_references_builder_count(amplicons->found)) {
    status = tx_references_builder_finish(amplicons->found, &references, error);
    if (status == TX_OK) status = tx_search_index_create(references, &index, error);
    if (status == TX_OK) status = align_rest(amplicons, index, builder, pool, opt_stop, error);
  }
  amplicons->counts.left_out = amplicons->kept_count - amplicons->counts.aligned;
  tx_search_index_free(index);
  tx_references_free(references);
  return status;
}
