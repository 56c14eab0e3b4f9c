/* Records on their way to references through a pair of primers: with both sites, one or none, on either
   strand, they become the same amplicons. */
#include "tree_fixture.h"

#include "evidence/amplicons.h"

/* Primers, and what stands before and behind the barcodes of the tree. */
#define PRIMERS "GGWACWGGWTGAACWGTWTAYCCYCC,TAIACYTCIGGRTGICCRAARAAYCA"
#define BEFORE "ACGGTTCAAGCTTAGG" "GGAACAGGATGAACAGTATACCCCCC"
#define BEHIND "TGATTTTTTGGACACCCAGAAGTCTA" "CCATGACCATTGGA"
#define OTHER_BEFORE "ACGGTTCAAGCTTAGG" "GTCAGTCAGCTTAGCATTAGGCCTAT"
#define OTHER_BEHIND "CAGTACCTGATACCGTAGATACCTAG" "CCATGACCATTGGA"

enum { LONGEST = 1200 };

typedef struct run {
  tx_amplicons *amplicons;
  tx_references_builder *builder;
  size_t number;
} run;

static run begin(void)
{
  run r = {.builder = begin_references()};
  tx_error error = {0};
  if (tx_amplicons_create(PRIMERS, tree_ranks, TREE_RANKS, &r.amplicons, &error) != TX_OK)
    fail_msg("%s", error.message);
  return r;
}

static void add(run *r, const tree_record *record, const char *before, const char *behind, bool reversed)
{
  char bases[LONGEST], other[LONGEST];
  const char *taxa[TREE_RANKS];
  tx_error error = {0};
  tx_reference_record own = {record->id, bases, 0, taxa, "tree", 1};
  for (size_t i = 0; i < TREE_RANKS; i++) taxa[i] = record->names[i];
  snprintf(bases, sizeof bases, "%s%s%s", before, record->bases, behind);
  own.base_count = strlen(bases);
  reverse_complement(bases, other);
  if (reversed) own.bases = other;
  if (tx_amplicons_add(r->amplicons, &own, r->builder, &error) != TX_OK) fail_msg("%s", error.message);
}

static tx_references *end(run *r, size_t threads, tx_amplicon_counts *ret_counts)
{
  tx_pool *pool;
  tx_error error = {0};
  assert_int_equal(tx_pool_create(threads, &pool, &error), TX_OK);
  if (tx_amplicons_finish(r->amplicons, r->builder, pool, NULL, &error) != TX_OK)
    fail_msg("%s", error.message);
  tx_pool_free(pool);
  *ret_counts = tx_amplicons_counts(r->amplicons);
  tx_amplicons_free(r->amplicons);
  return end_references(r->builder);
}

static void assert_same(const tx_references *a, const tx_references *b)
{
  assert_int_equal(a->count, b->count);
  for (size_t i = 0; i < a->count; i++) {
    const tx_sequence x = tx_references_sequence(a, i), y = tx_references_sequence(b, i);
    assert_int_equal(tx_sequence_compare(&x, &y), 0);
    assert_memory_equal(tx_references_lineage(a, i), tx_references_lineage(b, i),
                        a->ranks * sizeof *a->lineages);
  }
  assert_memory_equal(a->ids, b->ids, a->id_starts[a->count]);
}

/* Of every eight records four have both sites, two have one, two none; some are reversed. */
static void add_mixed(run *r, const tree *t, size_t i)
{
  static const char *const before[8] = {BEFORE, BEFORE, BEFORE, BEFORE, BEFORE, "", "", OTHER_BEFORE};
  static const char *const behind[8] = {BEHIND, BEHIND, BEHIND, BEHIND, "", BEHIND, "", OTHER_BEHIND};
  add(r, &t->records[i], before[i % 8], behind[i % 8], i / 8 % 2);
}

static void all_become_the_same_amplicons(void **state)
{
  tree *t = make_tree(1);
  tx_references *whole = tree_references(t, false);
  (void)state;
  for (size_t round = 0; round < 2; round++) {
    run r = begin();
    tx_amplicon_counts counts;
    tx_references *cut;
    for (size_t i = 0; i < t->count; i++) add_mixed(&r, t, round ? t->count - 1 - i : i);
    cut = end(&r, round ? 3 : 1, &counts);
    assert_int_equal(counts.both, 164);
    assert_int_equal(counts.one, 80);
    assert_int_equal(counts.aligned, 80);
    assert_int_equal(counts.left_out, 0);
    assert_same(cut, whole);
    tx_references_free(cut);
  }
  tx_references_free(whole);
  free(t);
}

/* A record that goes on far behind one site is cut like the others; one that resembles none is left out. */
static void what_cannot_be_cut_is_left_out(void **state)
{
  tree *t = make_tree(2);
  run r = begin();
  char far[600] = OTHER_BEHIND;
  tree_record foreign = {.id = "foreign", .names = {"Ta", "Taa", "Taaa", "Taaaa"}};
  tx_amplicon_counts counts;
  tx_references *whole = tree_references(t, false), *cut;
  (void)state;
  for (size_t i = strlen(far); i + 1 < sizeof far; i++) far[i] = "ACGT"[tx_random_below(&t->random, 4)];
  for (size_t i = 0; i < TREE_BASES; i++) foreign.bases[i] = "ACGT"[tx_random_below(&t->random, 4)];
  for (size_t i = 0; i < t->count; i++) add(&r, &t->records[i], BEFORE, i % 9 ? BEHIND : far, false);
  add(&r, &foreign, "", "", false);
  cut = end(&r, 1, &counts);
  assert_int_equal(counts.both, 288);
  assert_int_equal(counts.one, 0);
  assert_int_equal(counts.aligned, 36);
  assert_int_equal(counts.left_out, 1);
  assert_same(cut, whole);
  tx_references_free(cut);
  tx_references_free(whole);
  free(t);
}

/* Without any record with both sites, one is enough; without any site, nothing is taken. */
static void no_record_needs_both_sites(void **state)
{
  tree *t = make_tree(3);
  tx_references *whole = tree_references(t, false), *cut;
  tx_amplicon_counts counts;
  run r = begin();
  (void)state;
  for (size_t i = 0; i < t->count; i++) add(&r, &t->records[i], BEFORE, "", i % 2);
  cut = end(&r, 2, &counts);
  assert_int_equal(counts.one, t->count);
  assert_same(cut, whole);
  tx_references_free(cut);
  r = begin();
  for (size_t i = 0; i < 9; i++) add(&r, &t->records[i], "", "", false);
  add_tree_record(r.builder, &t->records[9]);
  cut = end(&r, 1, &counts);
  assert_int_equal(counts.left_out, 9);
  assert_int_equal(cut->count, 1);
  tx_references_free(cut);
  tx_references_free(whole);
  free(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_become_the_same_amplicons),
      cmocka_unit_test(what_cannot_be_cut_is_left_out),
      cmocka_unit_test(no_record_needs_both_sites),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
