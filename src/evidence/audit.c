/* The audit of a reference set; equal barcodes with different labels, and faults of single barcodes. */
#include "evidence/audit.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/wait.h"

#include <stdlib.h>
#include <taxamba/runtime.h>

enum {
  UNCERTAIN_PERCENT = 5,
  CODON = 3,
  READABLE_BASES = 200, /* a shorter barcode may be open in several frames by chance */
  SHORT_SHARE = 100,    /* short: less than half of the median, and among the shortest of so many */
  NOBODY = -1
};

const char *tx_audit_kind_name(tx_audit_kind kind)
{
  static const char *const words[] = {[TX_AUDIT_LABEL] = "label",
                                      [TX_AUDIT_UNLIKE] = "unlike",
                                      [TX_AUDIT_EQUAL] = "equal",
                                      [TX_AUDIT_NAME] = "name",
                                      [TX_AUDIT_SEQUENCE] = "sequence"};
  return words[kind];
}

/* Equal barcodes. */

/* A reference and an earlier one with an equal barcode that contradict each other at a rank. */
typedef struct clash {
  uint32_t reference, other;
  size_t rank;
} clash;

typedef struct clashes {
  clash *items;
  size_t count, capacity;
} clashes;

static int compare_clashes(const void *left, const void *right)
{
  const clash *a = left, *b = right;
  if (a->rank != b->rank) return a->rank < b->rank ? -1 : 1;
  return a->reference < b->reference ? -1 : a->reference > b->reference;
}

/* Compares a reference with the first of its equals that has a label at a rank (holders, ranks; NOBODY), from
   the top down, and enters it where there is none. */
static bool compare_equal(const tx_references *references, size_t reference, int64_t *holders, clashes *found)
{
  const int32_t *own = tx_references_lineage(references, reference);
  bool contradicts = false;
  for (size_t r = 0; r < references->ranks; r++) {
    if (own[r] < 0) continue;
    if (holders[r] == NOBODY) {
      holders[r] = (int64_t)reference;
    } else if (!contradicts && tx_references_lineage(references, (size_t)holders[r])[r] != own[r]) {
      if (!tx_reserve(&found->items, &found->capacity, found->count + 1, sizeof *found->items)) return false;
      found->items[found->count++] = (clash){(uint32_t)reference, (uint32_t)holders[r], r};
      contradicts = true;
    }
  }
  return true;
}

/* Equal barcodes are next to each other. */
static bool find_clashes(const tx_references *references, clashes *found)
{
  int64_t holders[TX_RANKS_MAX];
  for (size_t i = 0; i < references->count; i++) {
    const tx_sequence own = tx_references_sequence(references, i),
                      before = tx_references_sequence(references, i ? i - 1 : 0);
    for (size_t r = 0; (i == 0 || tx_sequence_compare(&own, &before) != 0) && r < references->ranks; r++)
      holders[r] = NOBODY;
    if (!compare_equal(references, i, holders, found)) return false;
  }
  return true;
}

/* The reference with fewer records comes first. */
static tx_status report_clash(const tx_references *references, const clash *item,
                              const tx_audit_options *options, tx_error *error)
{
  const bool swap = references->references[item->reference].records >
                    references->references[item->other].records;
  const size_t reference = swap ? item->other : item->reference;
  const size_t other = swap ? item->reference : item->other;
  tx_audit_finding finding = {.kind = TX_AUDIT_EQUAL,
                              .reference = reference,
                              .other = other,
                              .rank = item->rank,
                              .taxon = tx_references_lineage(references, reference)[item->rank],
                              .other_taxon = tx_references_lineage(references, other)[item->rank],
                              .identity = 1};
  tx_bytes note = {0};
  tx_status status;
  tx_bytes_printf(&note, "equal barcodes, of %u and %u record%s", references->references[reference].records,
                  references->references[other].records,
                  references->references[other].records == 1 ? "" : "s");
  if (note.failed) return tx_fail_memory(error, "the audit");
  finding.note = note.data;
  status = options->finding(options->context, &finding, error);
  tx_bytes_free(&note);
  return status;
}

static tx_status audit_equal(const tx_references *references, const tx_audit_options *options,
                             tx_error *error)
{
  clashes found = {0};
  tx_status status = find_clashes(references, &found) ? TX_OK : tx_fail_memory(error, "the audit");
  if (found.count) qsort(found.items, found.count, sizeof *found.items, compare_clashes);
  for (size_t i = 0; status == TX_OK && i < found.count; i++)
    status = report_clash(references, &found.items[i], options, error);
  free(found.items);
  return status;
}

/* Faults of single barcodes. */

/* The number of stop codons in the frame with the fewest; *ret_frames: how many frames have so few. The last
   codon of a frame does not count: whole genes end with a stop. */
static size_t count_stops(const tx_sequence *sequence, size_t *ret_frames)
{
  size_t stops[CODON] = {0, 0, 0}, least, at = 0, exception = 0, end;
  for (; tx_sequence_stretch(sequence, &at, &exception, &end); at = end)
    for (size_t i = at; i + CODON <= end && i + 2 * CODON <= sequence->count; i++)
      stops[i % CODON] += tx_sequence_is_stop(tx_sequence_word(sequence->words, i));
  least = stops[0];
  for (size_t f = 1; f < CODON; f++)
    if (stops[f] < least) least = stops[f];
  *ret_frames = 0;
  for (size_t f = 0; f < CODON; f++) *ret_frames += stops[f] == least;
  return least;
}

static const char *separator(const tx_bytes *note)
{
  return note->size ? "; " : "";
}

/* Whether it is far shorter than the others; the references are in the order of their lengths. */
static bool is_short(const tx_references *references, size_t reference)
{
  const uint32_t length = references->references[reference].length;
  return length * UINT64_C(2) < tx_references_median_length(references) &&
         length <= references->references[references->count / SHORT_SHARE].length;
}

static void check_barcode(const tx_reference_set *set, size_t reference, tx_bytes *note)
{
  const tx_sequence sequence = tx_references_sequence(set->references, reference);
  const size_t uncertain = sequence.count - tx_sequence_certain(&sequence);
  const uint32_t median = tx_references_median_length(set->references);
  size_t frames, stops;
  if (uncertain * 100 > sequence.count * UNCERTAIN_PERCENT)
    tx_bytes_printf(note, "%zu of %zu bases are uncertain", uncertain, sequence.count);
  if (is_short(set->references, reference))
    tx_bytes_printf(note, "%s%zu bases, less than half of the median (%u)", separator(note), sequence.count,
                    median);
  if (!set->index->coding || sequence.count < READABLE_BASES) return;
  stops = count_stops(&sequence, &frames);
  if (stops)
    tx_bytes_printf(note, "%s%zu stop codon%s in the best reading frame", separator(note), stops,
                    stops == 1 ? "" : "s");
  else if (frames > 1)
    tx_bytes_printf(note, "%s%zu reading frames are without stop codons", separator(note), frames);
}

static tx_status audit_barcodes(const tx_reference_set *set, const tx_audit_options *options, tx_error *error)
{
  tx_bytes note = {0};
  tx_status status = TX_OK;
  for (size_t i = 0; status == TX_OK && i < set->references->count; i++) {
    tx_audit_finding finding;
    check_barcode(set, i, &note);
    if (note.failed) status = tx_fail_memory(error, "the audit");
    if (tx_is_stopped(options->stop)) status = tx_fail(error, TX_STOPPED, "stopped");
    if (status != TX_OK || !note.size) continue;
    finding = tx_audit_barcode(set->references, TX_AUDIT_SEQUENCE, i);
    finding.note = note.data;
    status = options->finding(options->context, &finding, error);
    tx_bytes_clear(&note);
  }
  tx_bytes_free(&note);
  return status;
}

tx_status tx_reference_set_audit(const tx_reference_set *set, const tx_audit_options *options,
                                 tx_error *error)
{
  tx_pool *pool = NULL;
  tx_status status = tx_pool_create(options->threads ? options->threads : tx_processors(), &pool, error);
  if (status == TX_OK) status = tx_audit_neighbours(set, pool, options, error);
  if (status == TX_OK) status = audit_equal(set->references, options, error);
  if (status == TX_OK) status = tx_audit_names(set, options, error);
  if (status == TX_OK) status = audit_barcodes(set, options, error);
  tx_pool_free(pool);
  return status;
}
