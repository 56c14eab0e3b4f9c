#include "search/search.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
  BUDGET = 100000,      /* entries of the lists that a search looks at */
  BUDGET_MANY = 200000, /* ... when so many references are listed: */
  MANY = 100000,
  CHOSEN = 128,    /* references with the highest scores, of which the candidates are chosen */
  PER_LINEAGE = 6, /* most candidates of one lineage */
  BUCKETS = 128,   /* of list lengths: four to an octave */
  GROUPED = 30000, /* references from which on near-copies are grouped */
  ALIGNED = 32,    /* references that are aligned for their score */
  COPIES = 5,      /* members of a group that are aligned, those nearest to the barcode */
  COMPARED = 4096  /* most members of a group that are compared for that; of more, evenly spaced ones */
};

/* Members of a group are looked at if its representative is at most so much farther than the nearest one, in
   percent: a member is at most 2 nearer than its representative. */
#define COPIES_WITHIN 3.0

/* A reference as the lists number it. */
typedef struct scored {
  uint32_t score, reference;
} scored;

struct tx_search {
  const tx_search_index *index;
  tx_aligner *aligner;
  uint32_t *stamps; /* (4^k) the search that saw the k-mer last, and how: a multiple of STAMPS, and a stamp */
  uint32_t search_number; /* that multiple */
  uint32_t *kmers;        /* (2, TX_SEQUENCE_MAX) of the barcode: as they come, then by list length */
  uint32_t *scores;       /* (listed references) */
  uint8_t *taken;         /* (lineages) candidates of this search, all zero between searches */
  scored chosen[CHOSEN];
  uint32_t listed[ALIGNED]; /* the first candidates as the lists number them */
  tx_candidate candidates[TX_CANDIDATES_MAX];
};

/* What a search has done with a k-mer. */
enum { LISTED, LOOKED_AT, COUNTED, STAMPS };

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

/* The number of references in the lists, and the reference that number `listed` of them is. */
static size_t listed_count(const tx_search_index *index)
{
  return index->groups ? index->groups->count : index->references->count;
}

static uint32_t listed_reference(const tx_search_index *index, uint32_t listed)
{
  return index->groups ? index->groups->representatives[listed] : listed;
}

static tx_status fill_index(tx_search_index *index, const tx_search_shape *shape, tx_error *error)
{
  const tx_references *references = index->references;
  tx_status status = TX_OK;
  index->frames = calloc(references->count + 1, 1);
  if (!index->frames) return tx_fail_memory(error, "the search");
  for (size_t i = 0; i < references->count; i++)
    if (references->references[i].length > index->longest) index->longest = references->references[i].length;
  if (shape->grouped) status = tx_groups_create(references, &index->groups, error);
  if (status == TX_OK)
    status =
        tx_kmer_lists_create(references, index->groups,
                             shape->k ? shape->k : tx_kmer_length(listed_count(index)), &index->lists, error);
  if (status == TX_OK) find_frames(index);
  return status;
}

tx_status tx_search_index_create_as(const tx_references *references, const tx_search_shape *shape,
                                    tx_search_index **ret_index, tx_error *error)
{
  tx_search_index *index = calloc(1, sizeof *index);
  tx_status status;
  *ret_index = NULL;
  if (!index) return tx_fail_memory(error, "the search");
  index->references = references;
  status = fill_index(index, shape, error);
  if (status == TX_OK)
    *ret_index = index;
  else
    tx_search_index_free(index);
  return status;
}

tx_status tx_search_index_create(const tx_references *references, tx_search_index **ret_index,
                                 tx_error *error)
{
  return tx_search_index_create_as(references, &(tx_search_shape){.grouped = references->count >= GROUPED},
                                   ret_index, error);
}

void tx_search_index_free(tx_search_index *index)
{
  if (!index) return;
  tx_kmer_lists_free(index->lists);
  tx_groups_free(index->groups);
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
    search->scores = calloc(listed_count(index) + 1, sizeof *search->scores);
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

static uint32_t kmer_mask(const tx_kmer_lists *lists)
{
  return (uint32_t)((UINT64_C(1) << 2 * lists->k) - 1);
}

/* Makes the stamps of earlier searches invalid. */
static void begin_stamps(tx_search *search)
{
  if (search->search_number > UINT32_MAX - 2 * STAMPS) {
    memset(search->stamps, 0, ((size_t)kmer_mask(search->index->lists) + 1) * sizeof *search->stamps);
    search->search_number = 0;
  }
  search->search_number += STAMPS;
}

/* The distinct k-mers of the barcode that some reference has. */
static size_t list_kmers(tx_search *search, const tx_sequence *query)
{
  const tx_kmer_lists *lists = search->index->lists;
  const uint32_t mask = kmer_mask(lists), stamp = search->search_number + LISTED;
  size_t at = 0, exception = 0, end, count = 0;
  for (; tx_sequence_stretch(query, &at, &exception, &end); at = end)
    for (size_t i = at; i + lists->k <= end; i++) {
      const uint32_t kmer = (uint32_t)tx_sequence_word(query->words, i) & mask;
      if (search->stamps[kmer] == stamp) continue;
      search->stamps[kmer] = stamp;
      if (lists->counts[kmer]) search->kmers[count++] = kmer;
    }
  return count;
}

static size_t bucket(const tx_kmer_lists *lists, uint32_t kmer)
{
  const uint32_t length = lists->counts[kmer];
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
  for (size_t i = 0; i < count; i++) ordered[starts[bucket(lists, search->kmers[i])]++] = search->kmers[i];
  return ordered;
}

static void add_list(uint32_t *scores, const tx_kmer_lists *lists, uint32_t kmer)
{
  const uint64_t end = lists->starts[kmer + 1];
  const uint32_t weight = lists->weights[kmer];
  uint32_t number = UINT32_MAX; /* -1 */
  for (uint64_t i = lists->starts[kmer]; i < end; i++) {
    number += lists->gaps[i];
    if (lists->gaps[i] != TX_KMER_SKIP) scores[number] += weight;
  }
}

static void score(tx_search *search, const uint32_t *kmers, size_t count)
{
  const tx_kmer_lists *lists = search->index->lists;
  const uint64_t budget = listed_count(search->index) < MANY ? BUDGET : BUDGET_MANY;
  uint64_t looked_at = 0;
  memset(search->scores, 0, listed_count(search->index) * sizeof *search->scores);
  for (size_t i = 0; i < count && looked_at < budget; i++) {
    looked_at += lists->counts[kmers[i]];
    search->stamps[kmers[i]] = search->search_number + LOOKED_AT;
    add_list(search->scores, lists, kmers[i]);
  }
}

/* Turns a stamp of all k-mers of a reference into another. Returns the sum of their weights. */
static uint32_t restamp(tx_search *search, const tx_sequence *sequence, uint32_t from, uint32_t to)
{
  const tx_kmer_lists *lists = search->index->lists;
  const uint32_t mask = kmer_mask(lists);
  size_t at = 0, exception = 0, end;
  uint32_t sum = 0;
  for (; tx_sequence_stretch(sequence, &at, &exception, &end); at = end)
    for (size_t i = at; i + lists->k <= end; i++) {
      const uint32_t kmer = (uint32_t)tx_sequence_word(sequence->words, i) & mask;
      if (search->stamps[kmer] != search->search_number + from) continue;
      search->stamps[kmer] = search->search_number + to;
      sum += lists->weights[kmer];
    }
  return sum;
}

/* The score that a reference would have in the lists. */
static uint32_t score_of(tx_search *search, uint32_t reference)
{
  const tx_sequence sequence = tx_references_sequence(search->index->references, reference);
  restamp(search, &sequence, LOOKED_AT, COUNTED);
  return restamp(search, &sequence, COUNTED, LOOKED_AT);
}

static bool is_excluded(const tx_search *search, uint32_t reference, const tx_exclusion *exclusion)
{
  if (!exclusion) return false;
  if (exclusion->reference == reference) return true;
  return exclusion->taxon >= 0 &&
         tx_references_lineage(search->index->references, reference)[exclusion->rank] == exclusion->taxon;
}

/* Whether a listed reference is left out with all its near-copies, which have the same lineage. */
static bool is_left_out(const tx_search *search, uint32_t listed, const tx_exclusion *exclusion)
{
  const tx_groups *groups = search->index->groups;
  const uint32_t reference = listed_reference(search->index, listed);
  if (!is_excluded(search, reference, exclusion)) return false;
  return exclusion->reference != reference || !groups || groups->starts[listed] == groups->starts[listed + 1];
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
  const size_t listed = listed_count(search->index);
  scored *heap = search->chosen;
  size_t count = 0;
  uint32_t least = 1;
  for (uint32_t i = 0; i < listed; i++) {
    if (search->scores[i] < least || is_left_out(search, i, exclusion)) continue;
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

static double distance_of(const tx_alignment *alignment)
{
  return 100 * ((double)alignment->mismatches + 1) / ((double)alignment->length + 10);
}

static int compare_candidates(const void *left, const void *right)
{
  const tx_candidate *a = left, *b = right;
  if (a->distance != b->distance) return a->distance < b->distance ? -1 : 1;
  if (a->alignment.votes != b->alignment.votes) return a->alignment.votes > b->alignment.votes ? -1 : 1;
  return a->reference < b->reference ? -1 : 1;
}

/* Fills a candidate from its alignment. False: it overlaps the barcode too little. */
static bool align_candidate(tx_search *search, uint32_t reference, uint32_t score, tx_candidate *candidate)
{
  const tx_sequence sequence = tx_references_sequence(search->index->references, reference);
  tx_align(search->aligner, &sequence, &candidate->alignment);
  if (candidate->alignment.length < TX_OVERLAP_MIN) return false;
  candidate->reference = reference;
  candidate->score = score;
  candidate->distance = distance_of(&candidate->alignment);
  return true;
}

/* Aligns the chosen references in the order of their scores; search->listed gets their numbers. */
static size_t align_chosen(tx_search *search, size_t chosen, uint32_t *ret_votes)
{
  const tx_references *references = search->index->references;
  size_t aligned = 0, count = 0;
  for (size_t i = 0; i < chosen && aligned < ALIGNED; i++) {
    const uint32_t number = listed_reference(search->index, search->chosen[i].reference);
    tx_candidate *candidate = &search->candidates[count];
    uint8_t *taken = &search->taken[references->references[number].lineage];
    bool usable;
    if (*taken == PER_LINEAGE) continue;
    ++*taken;
    aligned++;
    usable = align_candidate(search, number, search->chosen[i].score, candidate);
    if (candidate->alignment.votes > *ret_votes) *ret_votes = candidate->alignment.votes;
    if (usable) search->listed[count++] = search->chosen[i].reference;
  }
  for (size_t i = 0; i < chosen; i++) {
    const uint32_t number = listed_reference(search->index, search->chosen[i].reference);
    search->taken[references->references[number].lineage] = 0;
  }
  return count;
}

/* Near-copies. */

typedef struct copy {
  double distance; /* without gaps */
  uint32_t reference;
} copy;

/* Puts a copy among the nearest; of equal distance the lower number, which comes first, stays before. */
static size_t put_copy(copy *nearest, size_t count, copy own)
{
  size_t at = count;
  while (at > 0 && nearest[at - 1].distance > own.distance) at--;
  if (at == COPIES) return count;
  if (count < COPIES) count++;
  memmove(nearest + at + 1, nearest + at, (count - 1 - at) * sizeof *nearest);
  nearest[at] = own;
  return count;
}

/* The members of a group nearest to the barcode, which its representative is aligned with on a diagonal. */
static size_t find_copies(tx_search *search, uint32_t group, int32_t diagonal, const tx_exclusion *exclusion,
                          copy *nearest)
{
  const tx_groups *groups = search->index->groups;
  const uint32_t first = groups->starts[group], end = groups->starts[group + 1];
  const uint32_t step = (end - first) / COMPARED + 1;
  size_t count = 0;
  for (uint32_t i = first; i < end; i += step) {
    const tx_group_member *member = &groups->members[i];
    const tx_sequence sequence = tx_references_sequence(search->index->references, member->reference);
    tx_alignment alignment;
    if (is_excluded(search, member->reference, exclusion)) continue;
    tx_align_diagonal(search->aligner, &sequence, diagonal - member->shift, &alignment);
    if (alignment.length >= TX_OVERLAP_MIN)
      count = put_copy(nearest, count, (copy){distance_of(&alignment), member->reference});
  }
  return count;
}

/* The numbers of the candidates, nearest first. */
static void order_candidates(const tx_search *search, size_t count, uint8_t order[ALIGNED])
{
  for (size_t i = 0; i < count; i++) {
    size_t at = i;
    for (; at > 0 && compare_candidates(&search->candidates[order[at - 1]], &search->candidates[i]) > 0; at--)
      order[at] = order[at - 1];
    order[at] = (uint8_t)i;
  }
}

/* Aligns the members of the nearest groups, and takes out the representatives that are excluded. */
static size_t add_copies(tx_search *search, size_t aligned, const tx_exclusion *exclusion,
                         uint32_t *ret_votes)
{
  uint8_t order[ALIGNED];
  size_t count = aligned, kept = 0;
  double most;
  if (!aligned) return 0;
  order_candidates(search, aligned, order);
  most = search->candidates[order[0]].distance + COPIES_WITHIN;
  for (size_t i = 0; i < aligned && search->candidates[order[i]].distance <= most; i++) {
    const tx_candidate *candidate = &search->candidates[order[i]];
    copy nearest[COPIES];
    const size_t copies =
        find_copies(search, search->listed[order[i]], candidate->alignment.diagonal, exclusion, nearest);
    uint32_t score = candidate->score;
    /* The score must not know what is excluded. */
    if (copies && is_excluded(search, candidate->reference, exclusion))
      score = score_of(search, nearest[0].reference);
    for (size_t j = 0; j < copies && count < TX_CANDIDATES_MAX; j++)
      count += align_candidate(search, nearest[j].reference, score, &search->candidates[count]);
  }
  for (size_t i = 0; i < count; i++) {
    if (search->candidates[i].alignment.votes > *ret_votes)
      *ret_votes = search->candidates[i].alignment.votes;
    if (!is_excluded(search, search->candidates[i].reference, exclusion))
      search->candidates[kept++] = search->candidates[i];
  }
  return kept;
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
  size_t kmers, chosen;
  *ret_votes = 0;
  begin_stamps(search);
  kmers = list_kmers(search, query);
  score(search, order_kmers(search, kmers), kmers);
  chosen = choose(search, opt_exclusion);
  tx_aligner_set(search->aligner, query);
  *ret_count = align_chosen(search, chosen, ret_votes);
  if (search->index->groups) *ret_count = add_copies(search, *ret_count, opt_exclusion, ret_votes);
  count_codons(search, *ret_count);
  qsort(search->candidates, *ret_count, sizeof *search->candidates, compare_candidates);
  return search->candidates;
}
