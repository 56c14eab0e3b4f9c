#include "search/align.h"

#include "base/memory.h"
#include "search/edit_distance.h"

#include <stdlib.h>
#include <string.h>

enum {
  SUPPORT = 5, /* shared 8-mers that make a diagonal count: a stretch of 12 equal bases */
  SUPPORT_GAPPED = 3,
  REACH = 100, /* how far from the best diagonal others are looked for */
  SAMPLED = 2  /* every second 8-mer of the reference is looked up; every one if gapped */
};

typedef struct diagonal {
  uint16_t votes;
  uint16_t first, last; /* positions in the barcode of the first and the last vote */
} diagonal;

struct tx_aligner {
  bool gapped;
  size_t step; /* from one 8-mer of a reference that is looked up to the next */
  const tx_sequence *query;
  uint64_t *certain; /* the low bits of its certain bases */
  size_t certain_capacity;
  tx_base_places *places; /* its bases, filled when first needed, with their sets */
  uint8_t *sets;
  bool has_places;
  uint64_t present[TX_VOTE_KMERS / 64]; /* 8-mers of the barcode */
  uint16_t position[TX_VOTE_KMERS];     /* the first place of each that is present */
  diagonal *diagonals;                  /* (TX_SEQUENCE_MAX + longest + 1), all zero between calls */
  uint32_t *touched;                    /* (longest) */
  size_t touched_count;
  uint64_t *other;     /* (longest) the certain bits of a reference */
  uint8_t *other_sets; /* (longest) */
};

tx_aligner *tx_aligner_create(size_t longest, bool gapped)
{
  tx_aligner *aligner = calloc(1, sizeof *aligner);
  if (!aligner) return NULL;
  aligner->gapped = gapped;
  aligner->step = gapped ? 1 : SAMPLED;
  aligner->diagonals = calloc(TX_SEQUENCE_MAX + longest + 1, sizeof *aligner->diagonals);
  aligner->touched = calloc(longest + 1, sizeof *aligner->touched);
  aligner->other = calloc(tx_sequence_words(longest), sizeof *aligner->other);
  aligner->other_sets = calloc(longest + 1, 1);
  aligner->places = calloc(1, sizeof *aligner->places);
  aligner->sets = calloc(TX_SEQUENCE_MAX, 1);
  if (aligner->diagonals && aligner->touched && aligner->other && aligner->other_sets && aligner->places &&
      aligner->sets &&
      tx_reserve(&aligner->certain, &aligner->certain_capacity, tx_sequence_words(TX_SEQUENCE_MAX),
                 sizeof *aligner->certain))
    return aligner;
  tx_aligner_free(aligner);
  return NULL;
}

void tx_aligner_free(tx_aligner *aligner)
{
  if (!aligner) return;
  free(aligner->certain);
  free(aligner->places);
  free(aligner->sets);
  free(aligner->diagonals);
  free(aligner->touched);
  free(aligner->other);
  free(aligner->other_sets);
  free(aligner);
}

static uint32_t vote_kmer(const uint64_t *words, size_t at)
{
  return (uint32_t)tx_sequence_word(words, at) & (TX_VOTE_KMERS - 1);
}

void tx_aligner_set(tx_aligner *aligner, const tx_sequence *query)
{
  size_t at = 0, exception = 0, end;
  aligner->query = query;
  aligner->has_places = false;
  tx_sequence_certain_bits(query, aligner->certain);
  memset(aligner->present, 0, sizeof aligner->present);
  for (; tx_sequence_stretch(query, &at, &exception, &end); at = end)
    for (size_t i = at; i + TX_VOTE_BASES <= end; i++) {
      const uint32_t kmer = vote_kmer(query->words, i);
      if (aligner->present[kmer / 64] >> kmer % 64 & 1) continue;
      aligner->present[kmer / 64] |= UINT64_C(1) << kmer % 64;
      aligner->position[kmer] = (uint16_t)i;
    }
}

/* A diagonal is numbered by its position in the reference - position in the barcode + bases of the
   barcode. */
static void vote(tx_aligner *aligner, const tx_sequence *reference)
{
  size_t at = 0, exception = 0, end, touched = 0;
  for (; tx_sequence_stretch(reference, &at, &exception, &end); at = end)
    for (size_t i = at; i + TX_VOTE_BASES <= end; i += aligner->step) {
      const uint32_t kmer = vote_kmer(reference->words, i);
      uint16_t position;
      diagonal *d;
      if (!(aligner->present[kmer / 64] >> kmer % 64 & 1)) continue;
      position = aligner->position[kmer];
      d = &aligner->diagonals[i + aligner->query->count - position];
      if (!d->votes) {
        aligner->touched[touched++] = (uint32_t)(i + aligner->query->count - position);
        d->first = d->last = position;
      }
      d->votes++;
      if (position < d->first) d->first = position;
      if (position > d->last) d->last = position;
    }
  aligner->touched_count = touched;
}

/* Diagonals that count: their range, and those at both ends of the barcode. */
typedef struct support {
  uint32_t best, lowest, highest;
  uint32_t first, last; /* diagonals of the first and the last vote in the barcode */
  uint16_t first_at, last_at;
} support;

static support find_support(const tx_aligner *aligner)
{
  const size_t support_least = aligner->gapped ? SUPPORT_GAPPED : SUPPORT;
  support s = {.best = aligner->touched[0]};
  for (size_t i = 1; i < aligner->touched_count; i++) {
    const uint32_t own = aligner->touched[i];
    const uint16_t votes = aligner->diagonals[own].votes, best = aligner->diagonals[s.best].votes;
    if (votes > best || (votes == best && own < s.best)) s.best = own;
  }
  s.lowest = s.highest = s.first = s.last = s.best;
  s.first_at = aligner->diagonals[s.best].first;
  s.last_at = aligner->diagonals[s.best].last;
  for (size_t i = 0; i < aligner->touched_count; i++) {
    const uint32_t own = aligner->touched[i];
    const diagonal *d = &aligner->diagonals[own];
    if (d->votes * aligner->step < support_least || own + REACH < s.best || own > s.best + REACH) continue;
    if (own < s.lowest) s.lowest = own;
    if (own > s.highest) s.highest = own;
    if (d->first < s.first_at || (d->first == s.first_at && own < s.first))
      s.first_at = d->first, s.first = own;
    if (d->last > s.last_at || (d->last == s.last_at && own < s.last)) s.last_at = d->last, s.last = own;
  }
  return s;
}

static void clear_votes(tx_aligner *aligner)
{
  for (size_t i = 0; i < aligner->touched_count; i++)
    aligner->diagonals[aligner->touched[i]] = (diagonal){0, 0, 0};
}

/* The bases of a word at codon positions 1 and 2 when its first base stands at position `phase` (0..2). */
static uint64_t codon_bits(size_t phase)
{
  uint64_t word = 0;
  for (size_t i = 0; i < TX_WORD_BASES; i++)
    if ((phase + i) % 3 != 2) word |= UINT64_C(1) << 2 * i;
  return word;
}

/* Columns with an uncertain letter whose sets do not meet: they count, and are mismatches. */
static uint32_t clashes(const tx_sequence *own, const tx_sequence *other, int64_t shift, bool twice)
{
  uint32_t found = 0;
  for (size_t i = 0; i < own->exception_count; i++) {
    const tx_exception *e = &own->exceptions[i];
    if (e->set == 15) continue;
    for (uint32_t j = 0; j < e->length; j++) {
      const int64_t at = (int64_t)e->start + j + shift;
      uint32_t set;
      if (at < 0 || at >= (int64_t)other->count) continue;
      set = tx_sequence_set(other, (size_t)at);
      if ((set & (set - 1)) != 0 && !twice) continue; /* uncertain in both: counted from the other side */
      found += (set & e->set) == 0;
    }
  }
  return found;
}

/* The overlap of the barcode and a reference on one diagonal: bases q + i and r + i, i < count. */
typedef struct overlap {
  const uint64_t *query, *certain, *reference;
  const uint64_t *opt_other; /* the certain bits of the reference, where some base of it is not certain */
  size_t q, r, count;
} overlap;

static overlap find_overlap(tx_aligner *aligner, const tx_sequence *reference, int32_t shift)
{
  const size_t q = shift < 0 ? (size_t)-shift : 0, r = shift < 0 ? 0 : (size_t)shift;
  const size_t left = aligner->query->count - q, right = reference->count - r;
  if (reference->exception_count) tx_sequence_certain_bits(reference, aligner->other);
  return (overlap){.query = aligner->query->words,
                   .certain = aligner->certain,
                   .reference = reference->words,
                   .opt_other = reference->exception_count ? aligner->other : NULL,
                   .q = q,
                   .r = r,
                   .count = left < right ? left : right};
}

/* The differing bits of 32 columns from i on, and in *ret_mask the low bit of each column that is certain. */
static uint64_t differences(const overlap *o, size_t i, uint64_t *ret_mask)
{
  uint64_t mask = tx_sequence_word(o->certain, o->q + i);
  if (o->opt_other) mask &= tx_sequence_word(o->opt_other, o->r + i);
  if (o->count - i < TX_WORD_BASES) mask &= (UINT64_C(1) << 2 * (o->count - i)) - 1;
  *ret_mask = mask;
  return tx_sequence_word(o->query, o->q + i) ^ tx_sequence_word(o->reference, o->r + i);
}

static void compare(tx_aligner *aligner, const tx_sequence *reference, tx_alignment *ret)
{
  const overlap o = find_overlap(aligner, reference, ret->diagonal);
  uint32_t clashing;
  for (size_t i = 0; i < o.count; i += TX_WORD_BASES) {
    uint64_t mask;
    const uint64_t difference = differences(&o, i, &mask);
    ret->length += tx_count_bases(mask);
    ret->mismatches += tx_count_bases((difference | difference >> 1) & mask);
    ret->transversions += tx_count_bases(difference & mask);
  }
  clashing = clashes(aligner->query, reference, ret->diagonal, true) +
             clashes(reference, aligner->query, -(int64_t)ret->diagonal, false);
  ret->length += clashing;
  ret->mismatches += clashing;
}

void tx_align_diagonal(tx_aligner *aligner, const tx_sequence *reference, int32_t on,
                       tx_alignment *ret_alignment)
{
  const int64_t queries = (int64_t)aligner->query->count, references = (int64_t)reference->count;
  memset(ret_alignment, 0, sizeof *ret_alignment);
  ret_alignment->diagonal = on;
  if (on < references && on > -queries) compare(aligner, reference, ret_alignment);
}

void tx_align_codons(tx_aligner *aligner, const tx_sequence *reference, size_t frame, tx_alignment *alignment)
{
  const overlap o = find_overlap(aligner, reference, alignment->diagonal);
  uint64_t codons[3];
  for (size_t phase = 0; phase < 3; phase++) codons[phase] = codon_bits(phase);
  alignment->codon = 0;
  for (size_t i = 0; i < o.count; i += TX_WORD_BASES) {
    uint64_t mask;
    const uint64_t difference = differences(&o, i, &mask);
    alignment->codon +=
        tx_count_bases((difference | difference >> 1) & mask & codons[(o.q + i + 3 - frame) % 3]);
  }
  if (alignment->codon > alignment->mismatches) alignment->codon = alignment->mismatches;
}

static void spread_sets(const tx_sequence *sequence, uint8_t *sets)
{
  for (size_t i = 0; i < sequence->count; i++)
    sets[i] = (uint8_t)(1u << (sequence->words[i / TX_WORD_BASES] >> 2 * (i % TX_WORD_BASES) & 3));
  for (size_t i = 0; i < sequence->exception_count; i++)
    memset(sets + sequence->exceptions[i].start, (int)sequence->exceptions[i].set,
           sequence->exceptions[i].length);
}

static size_t uncertain_letters(const uint8_t *sets, size_t count)
{
  size_t uncertain = 0;
  for (size_t i = 0; i < count; i++) uncertain += (sets[i] & (sets[i] - 1)) != 0;
  return uncertain;
}

static void fill_places(tx_aligner *aligner)
{
  if (aligner->has_places) return;
  spread_sets(aligner->query, aligner->sets);
  tx_base_places_fill(aligner->places, aligner->sets, aligner->query->count);
  aligner->has_places = true;
}

/* Whether the diagonals of the start (0) and of the end lie in a band. */
static bool middle_within(int64_t middle, int64_t end, int64_t reach)
{
  return llabs(middle) <= reach && llabs(middle - end) <= reach;
}

/* Both cut to their overlap, with the diagonal of its start at the left end and that of its end at the right
   end. */
static void compare_gapped(tx_aligner *aligner, const tx_sequence *reference, const support *s,
                           tx_alignment *ret)
{
  const int64_t zero = (int64_t)aligner->query->count;
  const int64_t first = s->first - zero, last = s->last - zero, lowest = s->lowest - zero,
                highest = s->highest - zero;
  const int64_t q = first < 0 ? -first : 0, r = q + first;
  const int64_t left = zero, right = (int64_t)reference->count - last;
  const int64_t q_count = (left < right ? left : right) - q, r_count = q_count + last - first;
  const int64_t middle = (lowest + highest) / 2 - first; /* of the diagonals, relative to the start */
  size_t distance, uncertain_q, uncertain_r, length;
  tx_band band;
  if (q_count <= 0 || r_count <= 0 || r + r_count > (int64_t)reference->count) return;
  if (!middle_within(middle, last - first, TX_BAND_WIDE)) return;
  band = middle_within(middle, last - first, TX_BAND_NARROW) && highest - lowest <= TX_BAND_NARROW
             ? TX_BAND_NARROW
             : TX_BAND_WIDE;
  fill_places(aligner);
  spread_sets(reference, aligner->other_sets);
  distance = tx_edit_distance(&(tx_edit_stretch){aligner->places, (size_t)q, (size_t)q_count},
                              aligner->other_sets + r, (size_t)r_count, (int)middle, band);
  if (distance >= ret->mismatches) return;
  uncertain_q = uncertain_letters(aligner->sets + q, (size_t)q_count);
  uncertain_r = uncertain_letters(aligner->other_sets + r, (size_t)r_count);
  length = (size_t)(q_count > r_count ? q_count : r_count);
  /* Uncertain letters of the two mostly face each other (a stretch of N between two markers). */
  length -= uncertain_q > uncertain_r ? uncertain_q : uncertain_r;
  ret->length = (uint32_t)length;
  ret->mismatches = (uint32_t)distance;
  if (ret->transversions > ret->mismatches) ret->transversions = ret->mismatches;
}

void tx_align(tx_aligner *aligner, const tx_sequence *reference, tx_alignment *ret_alignment)
{
  support s;
  memset(ret_alignment, 0, sizeof *ret_alignment);
  vote(aligner, reference);
  if (!aligner->touched_count) return;
  s = find_support(aligner);
  ret_alignment->diagonal = (int32_t)s.best - (int32_t)aligner->query->count;
  ret_alignment->votes = (uint32_t)aligner->diagonals[s.best].votes * (uint32_t)aligner->step;
  clear_votes(aligner);
  compare(aligner, reference, ret_alignment);
  if (aligner->gapped || s.lowest != s.highest) compare_gapped(aligner, reference, &s, ret_alignment);
}
