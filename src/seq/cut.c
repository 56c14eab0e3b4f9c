#include "seq/cut.h"

#include "base/error.h"
#include "base/gzip.h"
#include "base/memory.h"
#include "base/random.h"
#include "seq/bases.h"
#include "seq/primers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLACE_STREAM = 1 /* purpose of the random stream of a record */, WINDOW_MAX = 1000000000 };

struct tx_record_cutter {
  bool has_primers, has_window;
  tx_primers primers;
  long first, last; /* of the window, as given */
  uint64_t crop, seed;
  tx_amplicon_buffer buffer;
  char *letters; /* without gaps */
  size_t letter_capacity;
  tx_amplicon_counts counts;
  uint64_t outside; /* records that have nothing of the window */
};

/* Reads FIRST,LAST. */
static bool read_window(const char *text, long *ret_first, long *ret_last)
{
  char *end;
  const long first = strtol(text, &end, 10);
  if (end == text || *end != ',') return false;
  text = end + 1;
  const long last = strtol(text, &end, 10);
  if (end == text || *end) return false;
  if (!first || !last || labs(first) > WINDOW_MAX || labs(last) > WINDOW_MAX) return false;
  if ((first > 0) == (last > 0) && first > last) return false;
  *ret_first = first;
  *ret_last = last;
  return true;
}

tx_status tx_record_cutter_create(const tx_cut_options *options, tx_record_cutter **ret_cutter,
                                  tx_error *error)
{
  tx_record_cutter *cutter = calloc(1, sizeof *cutter);
  tx_status status = TX_OK;
  *ret_cutter = NULL;
  if (!cutter) return tx_fail_memory(error, "what records are cut with");
  cutter->has_primers = options->opt_amplicon && options->opt_amplicon[0];
  cutter->has_window = options->opt_window && options->opt_window[0];
  cutter->crop = options->crop;
  cutter->seed = options->seed;
  if (cutter->has_primers) status = tx_primers_parse(options->opt_amplicon, &cutter->primers, error);
  if (status == TX_OK && cutter->has_window &&
      !read_window(options->opt_window, &cutter->first, &cutter->last))
    status = tx_fail(error, TX_ERROR_USAGE,
                     "--window '%.100s' is not FIRST,LAST: whole numbers from 1 on, or from the end (-1 is "
                     "the last base), the first not behind the last",
                     options->opt_window);
  if (status == TX_OK)
    *ret_cutter = cutter;
  else
    tx_record_cutter_free(cutter);
  return status;
}

void tx_record_cutter_free(tx_record_cutter *cutter)
{
  if (!cutter) return;
  tx_amplicon_buffer_free(&cutter->buffer);
  free(cutter->letters);
  free(cutter);
}

static tx_status cut_amplicon(tx_record_cutter *cutter, tx_record *record, tx_error *error)
{
  tx_amplicon amplicon;
  if (!tx_primers_cut(&cutter->primers, record->bases, record->base_count, &cutter->buffer, &amplicon))
    return tx_fail_memory(error, "an amplicon");
  if (!amplicon.primers) amplicon.count = 0;
  if (!amplicon.count)
    cutter->counts.left_out++;
  else if (amplicon.primers == 1)
    cutter->counts.one++;
  else
    cutter->counts.both++;
  record->bases = amplicon.letters;
  record->base_count = amplicon.count;
  return TX_OK;
}

/* Copies the letters without gaps, by which places are counted. */
static tx_status drop_gaps(tx_record_cutter *cutter, tx_record *record, tx_error *error)
{
  size_t used = 0;
  if (!tx_reserve(&cutter->letters, &cutter->letter_capacity, record->base_count + 1, 1))
    return tx_fail_memory(error, "a fragment");
  for (size_t i = 0; i < record->base_count; i++)
    if (tx_bases_set(record->bases[i])) cutter->letters[used++] = record->bases[i];
  record->bases = cutter->letters;
  record->base_count = used;
  return TX_OK;
}

/* Keeps the letters from `first` up to before `end`, as far as there are any. */
static void keep(tx_record *record, long first, long end)
{
  const long count = (long)record->base_count;
  if (first < 0) first = 0;
  if (end > count) end = count;
  record->bases += first < end ? first : 0;
  record->base_count = first < end ? (size_t)(end - first) : 0;
}

static void cut_window(tx_record_cutter *cutter, tx_record *record)
{
  const long count = (long)record->base_count;
  keep(record, cutter->first > 0 ? cutter->first - 1 : count + cutter->first,
       cutter->last > 0 ? cutter->last : count + cutter->last + 1);
  cutter->outside += !record->base_count;
}

static void cut_fragment(const tx_record_cutter *cutter, tx_record *record)
{
  tx_random random;
  long first;
  if (record->base_count <= cutter->crop) return;
  tx_random_seed(&random, cutter->seed, tx_crc32(0, record->id, record->id_length), 0, PLACE_STREAM);
  first = (long)tx_random_below(&random, record->base_count - cutter->crop + 1);
  keep(record, first, first + (long)cutter->crop);
}

tx_status tx_record_cutter_cut(tx_record_cutter *cutter, tx_record *record, bool *ret_left, tx_error *error)
{
  tx_status status = TX_OK;
  *ret_left = false;
  if (cutter->has_primers) {
    status = cut_amplicon(cutter, record, error);
    if (status != TX_OK || !record->base_count) return status;
  }
  if (cutter->has_window || cutter->crop) status = drop_gaps(cutter, record, error);
  if (status != TX_OK) return status;
  if (cutter->has_window) {
    cut_window(cutter, record);
    if (!record->base_count) return TX_OK;
  }
  if (cutter->crop) cut_fragment(cutter, record);
  *ret_left = true;
  return TX_OK;
}

void tx_record_cutter_describe(const tx_record_cutter *cutter, char *text, size_t size)
{
  size_t used = 0;
  text[0] = '\0';
  if (cutter->has_primers) {
    tx_amplicon_counts_describe(&cutter->counts, false, text, size);
    used = strlen(text);
  }
  if (cutter->outside)
    snprintf(text + used, size - used, "%swindow: %" PRIu64 " records have nothing of it and are left out",
             used ? "; " : "", cutter->outside);
}
