#include "search/region.h"

#include "seq/bases.h"

/* MARGIN: bases kept beside the stretch that references cover, as these need not reach its ends. */
enum { MARGIN = 50, WINDOW_LEAST = 400 };

bool tx_region_is_in(const tx_search_index *index, size_t bases)
{
  const size_t usual = tx_references_median_length(index->references), longest = index->longest;
  return 2 * bases > 5 * usual && bases > (longest < 4 * usual ? longest : 4 * usual);
}

/* The part of a window that the candidates cover, of those with at least half of the most votes. */
static tx_region covered(const tx_search_index *index, const tx_candidate *candidates, size_t count,
                         uint32_t votes, size_t window)
{
  int64_t from = INT64_MAX, to = INT64_MIN;
  for (size_t i = 0; i < count; i++) {
    const tx_alignment *alignment = &candidates[i].alignment;
    const int64_t start = -(int64_t)alignment->diagonal,
                  end = start + index->references->references[candidates[i].reference].length;
    if (2 * (uint64_t)alignment->votes < votes) continue;
    if (start < from) from = start;
    if (end > to) to = end;
  }
  from = from > MARGIN ? from - MARGIN : 0;
  to = to < (int64_t)window - MARGIN ? to + MARGIN : (int64_t)window;
  return from < to ? (tx_region){(size_t)from, (size_t)(to - from)} : (tx_region){0, 0};
}

static bool is_certain(char letter)
{
  const uint32_t set = tx_bases_set(letter);
  return set && (set & (set - 1)) == 0;
}

/* A look for the region: what is searched, and the best so far. */
typedef struct hunt {
  tx_search *search;
  const tx_search_index *index;
  const char *letters;
  bool reversed;
  tx_region_work *work;
  uint32_t votes;
  tx_region region;
} hunt;

/* Searches with a window; its region counts if it has more votes than those before. */
static tx_status try_window(hunt *own, size_t first, size_t count)
{
  tx_region_work *work = own->work;
  const tx_candidate *candidates;
  tx_region found;
  size_t left = count, candidate_count;
  uint32_t votes;
  for (; left && !is_certain(own->letters[first]); left--) first++; /* as tx_sequence_fill does */
  if (!tx_sequence_fill(&work->forward, own->letters + first, left, false)) return TX_ERROR_MEMORY;
  if (own->reversed && !tx_sequence_reverse(&work->reverse, &work->forward.view)) return TX_ERROR_MEMORY;
  candidates = tx_search_run(own->search, own->reversed ? &work->reverse.view : &work->forward.view, NULL,
                             &candidate_count, &votes);
  if (!candidate_count || votes <= own->votes) return TX_OK;
  found = covered(own->index, candidates, candidate_count, votes, work->forward.view.count);
  if (!found.count) return TX_OK;
  if (own->reversed) found.first = work->forward.view.count - found.first - found.count;
  own->votes = votes;
  own->region = (tx_region){first + found.first, found.count};
  return TX_OK;
}

tx_status tx_region_find(tx_search *search, const tx_search_index *index, const tx_region_text *text,
                         tx_region_work *work, tx_region *ret_region)
{
  const size_t usual = tx_references_median_length(index->references),
               most = 2 * usual > WINDOW_LEAST ? 2 * usual : WINDOW_LEAST,
               window = most < TX_SEQUENCE_MAX ? most : TX_SEQUENCE_MAX;
  hunt own = {search, index, text->letters, text->reversed, work, 0, {0, 0}};
  tx_status status = TX_OK;
  size_t at = 0;
  while (status == TX_OK && at + window < text->count) {
    status = try_window(&own, at, window);
    at += window / 2;
  }
  if (status == TX_OK) status = try_window(&own, at, text->count - at);
  *ret_region = own.region;
  return status;
}

void tx_region_work_free(tx_region_work *work)
{
  tx_sequence_buffer_free(&work->forward);
  tx_sequence_buffer_free(&work->reverse);
}
