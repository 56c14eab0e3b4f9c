#include "search/search.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
  BUDGET = 100000, /* entries of the lists that a search looks at */
  CHOSEN = 128,    /* references with the highest scores, of which the candidates are chosen */
  PER_LINEAGE = 6, /* most candidates of one lineage */
  BUCKETS = 128    /* of list lengths: four to an octave */
};

typedef struct scored {
  uint32_t score, reference;
} scored;

struct tx_search {
  const tx_search_index *index;
  tx_aligner *aligner;
  uint32_t *stamps;  /* (4^k) the search that saw the k-mer last */
  uint32_t stamp;
  uint32_t *kmers;   /* (2, TX_SEQUENCE_MAX) of the barcode: as they come, then by list length */
  uint32_t *scores;  /* (references) */
  uint8_t *taken;    /* (lineages) candidates of this search, all zero between searches */
  scored chosen[CHOSEN];
  tx_candidate candidates[TX_CANDIDATES_MAX];
};

/* Reading frames. */

enum { FRAMES = 3, CODON = 3, FRAME_UNKNOWN = 3, FRAME_BASES = 200 };

/* The frame with the fewest stops, if it is one; *ret_open: it has none. */
static uint8_t find_frame(const tx_sequence *sequence, bool *ret_open)
{
  size_t stops[FRAMES] = {0, 0, 0}, best = 0, equals = 0, at = 0, exception = 0, end;
  for (; tx_sequence_stretch(sequence, &at, &exception, &end); at = end)
    for (size_t i = at; i + CODON <= end; i++)
      stops[i % FRAMES] += tx_sequence_is_stop(tx_sequence_word(sequence->words, i));
  for (size_t f = 1; f < FRAMES; f++)
    if (stops[f] < stops[best]) best = f;
  for (size_t f = 0; f < FRAMES; f++) equals += stops[f] == stops[best];
  *ret_open = stops[best] == 0;
  return equals == 1 ? (uint8_t)best : FRAME_UNKNOWN;
}

/* A marker is taken for coding when four of five references are open in one frame only, or in several but
   short. */
static void find_frames(tx_search_index *index)
{
  size_t judged = 0, coding = 0;
  for (size_t i = 0; i < index->references->count; i++) {
    const tx_sequence sequence = tx_references_sequence(index->references, i);
    bool open;
    index->frames[i] = find_frame(&sequence, &open);
    if (sequence.count < FRAME_BASES) continue;
    judged++;
    coding += open && index->frames[i] != FRAME_UNKNOWN;
  }
  index->coding = judged && coding * 5 >= judged * 4;
}

tx_status tx_search_index_create(const tx_references *references, tx_search_index **ret_index,
                                 tx_error *error)
{
  tx_search_index *index = calloc(1, sizeof *index);
  tx_status status;
  *ret_index = NULL;
  if (!index) return tx_fail_memory(error, "the search");
  index->references = references;
  index->frames = calloc(references->count + 1, 1);
  for (size_t i = 0; i < references->count; i++)
    if (references->references[i].length > index->longest) index->longest = references->references[i].length;
  status = index->frames ? tx_kmer_lists_create(references, tx_kmer_length(references->count), &index->lists,
                                                error)
                         : tx_fail_memory(error, "the search");
  if (status == TX_OK) find_frames(index);
  if (status == TX_OK)
    *ret_index = index;
  else
    tx_search_index_free(index);
  return status;
}

void tx_search_index_free(tx_search_index *index)
{
  if (!index) return;
  tx_kmer_lists_free(index->lists);
  free(index->frames);
  free(index);
}

tx_status tx_search_create(const tx_search_index *index, tx_search **ret_search, tx_error *error)
{
  tx_search *search = calloc(1, sizeof *search);
  *ret_search = NULL;
  if (search) {
    search->index = index;
    search->aligner = tx_aligner_create(index->longest, !index->coding);
    search->stamps = calloc((size_t)1 << 2 * index->lists->k, sizeof *search->stamps);
    search->kmers = calloc(2 * (size_t)TX_SEQUENCE_MAX, sizeof *search->kmers);
    search->scores = calloc(index->references->count + 1, sizeof *search->scores);
    search->taken = calloc(index->references->lineage_count + 1, 1);
  }
  if (!search || !search->aligner || !search->stamps || !search->kmers || !search->scores || !search->taken) {
    tx_search_free(search);
    return tx_fail_memory(error, "the search");
  }
  *ret_search = search;
  return TX_OK;
}

void tx_search_free(tx_search *search)
{
  if (!search) return;
  tx_aligner_free(search->aligner);
  free(search->stamps);
  free(search->kmers);
  free(search->scores);
  free(search->taken);
  free(search);
}

/* The distinct k-mers of the barcode that some reference has. */
static size_t list_kmers(tx_search *search, const tx_sequence *query)
{
  const tx_kmer_lists *lists = search->index->lists;
  const uint32_t mask = (uint32_t)((UINT64_C(1) << 2 * lists->k) - 1);
  size_t at = 0, exception = 0, end, count = 0;
  if (++search->stamp == 0) {
    memset(search->stamps, 0, ((size_t)mask + 1) * sizeof *search->stamps);
    search->stamp = 1;
  }
  for (; tx_sequence_stretch(query, &at, &exception, &end); at = end)
    for (size_t i = at; i + lists->k <= end; i++) {
      const uint32_t kmer = (uint32_t)tx_sequence_word(query->words, i) & mask;
      if (search->stamps[kmer] == search->stamp) continue;
      search->stamps[kmer] = search->stamp;
      if (lists->starts[kmer] < lists->starts[kmer + 1]) search->kmers[count++] = kmer;
    }
  return count;
}

static size_t bucket(const tx_kmer_lists *lists, uint32_t kmer)
{
  const uint64_t length = lists->starts[kmer + 1] - lists->starts[kmer];
  size_t log = 0;
  while (length >> log > 1) log++;
  return 4 * log + (log >= 2 ? length >> (log - 2) & 3 : length << (2 - log) & 3);
}

/* Rarest first, as far as equal buckets go: a counting sort. */
static const uint32_t *order_kmers(tx_search *search, size_t count)
{
  const tx_kmer_lists *lists = search->index->lists;
  uint32_t *ordered = search->kmers + TX_SEQUENCE_MAX;
  size_t starts[BUCKETS + 1] = {0};
  for (size_t i = 0; i < count; i++) starts[bucket(lists, search->kmers[i]) + 1]++;
  for (size_t i = 0; i < BUCKETS; i++) starts[i + 1] += starts[i];
  for (size_t i = 0; i < count; i++)
    ordered[starts[bucket(lists, search->kmers[i])]++] = search->kmers[i];
  return ordered;
}

static void score(tx_search *search, const uint32_t *kmers, size_t count)
{
  const tx_kmer_lists *lists = search->index->lists;
  uint64_t looked_at = 0;
  memset(search->scores, 0, search->index->references->count * sizeof *search->scores);
  for (size_t i = 0; i < count && looked_at < BUDGET; i++) {
    const uint64_t end = lists->starts[kmers[i] + 1];
    const uint32_t weight = lists->weights[kmers[i]];
    looked_at += end - lists->starts[kmers[i]];
    for (uint64_t j = lists->starts[kmers[i]]; j < end; j++) search->scores[lists->numbers[j]] += weight;
  }
}

static bool is_excluded(const tx_search *search, uint32_t reference, const tx_exclusion *exclusion)
{
  if (!exclusion) return false;
  if (exclusion->reference == reference) return true;
  return exclusion->taxon >= 0 &&
         tx_references_lineage(search->index->references, reference)[exclusion->rank] == exclusion->taxon;
}

/* Whether a stands behind b in the order of the scores. */
static bool is_behind(scored a, scored b)
{
  return a.score != b.score ? a.score < b.score : a.reference > b.reference;
}

/* Restores a heap whose root is the last in order. */
static void sift(scored *heap, size_t count, size_t at)
{
  for (;;) {
    size_t child = 2 * at + 1;
    scored own = heap[at];
    if (child >= count) return;
    if (child + 1 < count && is_behind(heap[child + 1], heap[child])) child++;
    if (!is_behind(heap[child], own)) return;
    heap[at] = heap[child];
    heap[child] = own;
    at = child;
  }
}

static int compare_scored(const void *left, const void *right)
{
  const scored *a = left, *b = right;
  return is_behind(*a, *b) ? 1 : is_behind(*b, *a) ? -1 : 0;
}

/* The CHOSEN references with the highest scores, highest first. */
static size_t choose(tx_search *search, const tx_exclusion *exclusion)
{
  const size_t references = search->index->references->count;
  scored *heap = search->chosen;
  size_t count = 0;
  uint32_t least = 1;
  for (uint32_t i = 0; i < references; i++) {
    if (search->scores[i] < least || is_excluded(search, i, exclusion)) continue;
    if (count < CHOSEN) {
      heap[count++] = (scored){search->scores[i], i};
      if (count < CHOSEN) continue;
      for (size_t j = CHOSEN / 2; j-- > 0;) sift(heap, count, j);
    } else {
      heap[0] = (scored){search->scores[i], i};
      sift(heap, count, 0);
    }
    least = heap[0].score + 1;
  }
  qsort(heap, count, sizeof *heap, compare_scored);
  return count;
}

static int compare_candidates(const void *left, const void *right)
{
  const tx_candidate *a = left, *b = right;
  if (a->distance != b->distance) return a->distance < b->distance ? -1 : 1;
  if (a->alignment.votes != b->alignment.votes) return a->alignment.votes > b->alignment.votes ? -1 : 1;
  return a->reference < b->reference ? -1 : 1;
}

static size_t align_chosen(tx_search *search, size_t chosen, uint32_t *ret_votes)
{
  const tx_references *references = search->index->references;
  size_t aligned = 0, count = 0;
  for (size_t i = 0; i < chosen && aligned < TX_CANDIDATES_MAX; i++) {
    const uint32_t number = search->chosen[i].reference;
    const tx_sequence sequence = tx_references_sequence(references, number);
    tx_candidate *candidate = &search->candidates[count];
    uint8_t *taken = &search->taken[references->references[number].lineage];
    if (*taken == PER_LINEAGE) continue;
    ++*taken;
    aligned++;
    tx_align(search->aligner, &sequence, &candidate->alignment);
    if (candidate->alignment.votes > *ret_votes) *ret_votes = candidate->alignment.votes;
    if (candidate->alignment.length < TX_OVERLAP_MIN) continue;
    candidate->reference = number;
    candidate->score = search->chosen[i].score;
    candidate->distance = 100 * ((double)candidate->alignment.mismatches + 1) /
                          ((double)candidate->alignment.length + 10);
    count++;
  }
  for (size_t i = 0; i < chosen; i++)
    search->taken[references->references[search->chosen[i].reference].lineage] = 0;
  return count;
}

/* The reading frame of the barcode that most of its references say, the lower of equal ones;
   FRAME_UNKNOWN: none says one. */
static size_t query_frame(const tx_search *search, size_t count)
{
  size_t votes[FRAMES] = {0, 0, 0}, best = 0;
  for (size_t i = 0; i < count; i++) {
    const tx_candidate *candidate = &search->candidates[i];
    const uint8_t frame = search->index->frames[candidate->reference];
    const int64_t start = (int64_t)frame - candidate->alignment.diagonal;
    if (frame != FRAME_UNKNOWN) votes[(start % FRAMES + FRAMES) % FRAMES]++;
  }
  for (size_t f = 1; f < FRAMES; f++)
    if (votes[f] > votes[best]) best = f;
  return votes[best] ? best : FRAME_UNKNOWN;
}

/* All by one frame: a reference whose own frame is unknown has the same columns as the others. */
static void count_codons(tx_search *search, size_t count)
{
  const size_t frame = search->index->coding ? query_frame(search, count) : FRAME_UNKNOWN;
  if (frame == FRAME_UNKNOWN) return;
  for (size_t i = 0; i < count; i++) {
    tx_candidate *candidate = &search->candidates[i];
    const tx_sequence sequence = tx_references_sequence(search->index->references, candidate->reference);
    tx_align_codons(search->aligner, &sequence, frame, &candidate->alignment);
  }
}

const tx_candidate *tx_search_run(tx_search *search, const tx_sequence *query,
                                  const tx_exclusion *opt_exclusion, size_t *ret_count, uint32_t *ret_votes)
{
  const size_t kmers = list_kmers(search, query);
  size_t chosen;
  *ret_votes = 0;
  score(search, order_kmers(search, kmers), kmers);
  chosen = choose(search, opt_exclusion);
  tx_aligner_set(search->aligner, query);
  *ret_count = align_chosen(search, chosen, ret_votes);
  count_codons(search, *ret_count);
  qsort(search->candidates, *ret_count, sizeof *search->candidates, compare_candidates);
  return search->candidates;
}
