/* Groups of near-copies, and the search that compares their representatives first. */
#include "tree_fixture.h"

static tx_groups *make_groups(const tx_references *references)
{
  tx_groups *groups;
  tx_error error = {0};
  if (tx_groups_create(references, &groups, &error) != TX_OK) fail_msg("%s", error.message);
  return groups;
}

static tx_search_index *make_index(const tx_references *references, bool grouped, unsigned k)
{
  tx_search_index *index;
  tx_error error = {0};
  if (tx_search_index_create_as(references, &(tx_search_shape){grouped, k}, &index, &error) != TX_OK)
    fail_msg("%s", error.message);
  return index;
}

static tx_search *make_search(const tx_search_index *index)
{
  tx_search *search;
  tx_error error = {0};
  if (tx_search_create(index, &search, &error) != TX_OK) fail_msg("%s", error.message);
  return search;
}

/* Differences of a member and its representative, and in *ret_outside the bases beyond it. */
static size_t differences(const tx_sequence *longer, const tx_sequence *member, int32_t shift,
                          size_t *ret_outside)
{
  size_t count = 0;
  *ret_outside = 0;
  for (size_t i = 0; i < member->count; i++) {
    const int64_t at = (int64_t)i + shift;
    if (at < 0 || at >= (int64_t)longer->count)
      ++*ret_outside;
    else
      count += (tx_sequence_set(member, i) & tx_sequence_set(longer, (size_t)at)) == 0;
  }
  return count;
}

static void check_group(const tx_references *references, const tx_groups *groups, size_t group, uint8_t *seen)
{
  const uint32_t representative = groups->representatives[group];
  const tx_sequence longer = tx_references_sequence(references, representative);
  assert_false(seen[representative]++);
  if (group) assert_true(representative > groups->representatives[group - 1]);
  for (uint32_t i = groups->starts[group]; i < groups->starts[group + 1]; i++) {
    const tx_group_member *member = &groups->members[i];
    const tx_sequence sequence = tx_references_sequence(references, member->reference);
    size_t outside;
    assert_false(seen[member->reference]++);
    assert_int_equal(references->references[member->reference].lineage,
                     references->references[representative].lineage);
    if (i > groups->starts[group]) assert_true(member->reference > member[-1].reference);
    assert_true(differences(&longer, &sequence, member->shift, &outside) * 50 <= sequence.count);
    assert_true(outside <= 16);
  }
}

static void every_reference_is_in_one_group(void **state)
{
  tree *t = make_tree(4);
  tx_references *references = tree_references(t, false), *backwards = tree_references(t, true);
  tx_groups *groups = make_groups(references), *others = make_groups(backwards);
  uint8_t *seen = calloc(references->count, 1);
  (void)state;
  assert_non_null(seen);
  for (size_t g = 0; g < groups->count; g++) check_group(references, groups, g, seen);
  for (size_t i = 0; i < references->count; i++) assert_int_equal(seen[i], 1);
  /* 81 species of up to four barcodes, at most three substitutions of 400 from their founder */
  assert_true(groups->count >= 81 && groups->count <= 90);
  assert_int_equal(groups->count, others->count);
  assert_memory_equal(groups->representatives, others->representatives, groups->count * sizeof(uint32_t));
  assert_memory_equal(groups->starts, others->starts, (groups->count + 1) * sizeof(uint32_t));
  assert_memory_equal(groups->members, others->members,
                      groups->starts[groups->count] * sizeof *groups->members);
  free(seen);
  tx_groups_free(groups);
  tx_groups_free(others);
  tx_references_free(references);
  tx_references_free(backwards);
  free(t);
}

/* Bases first .. first + count of a record. */
static void add_part(tx_references_builder *builder, const char *id, const tree_record *record, size_t first,
                     size_t count)
{
  const char *taxa[TREE_RANKS];
  char bases[TREE_BASES + 1];
  for (size_t r = 0; r < TREE_RANKS; r++) taxa[r] = record->names[r];
  memcpy(bases, record->bases + first, count);
  bases[count] = '\0';
  add_record(builder, id, bases, taxa);
}

static void fragments_and_uncertain_bases_join_a_group(void **state)
{
  tree *t = make_tree(5);
  tree_record doubtful = t->records[0], stranger = t->records[0];
  tx_references_builder *builder = begin_references();
  tx_references *references;
  tx_groups *groups;
  (void)state;
  memcpy(doubtful.bases + 200, "NNNNNNRY", 8);
  strcpy(stranger.names[TREE_RANKS - 1], "other");
  add_tree_record(builder, &t->records[0]);
  add_part(builder, "fragment", &t->records[0], 130, 200);
  add_part(builder, "doubtful", &doubtful, 0, TREE_BASES - 10);
  add_tree_record(builder, &stranger); /* the same bases and another label: a group of its own */
  add_tree_record(builder, &t->records[t->count - 1]);
  references = end_references(builder);
  groups = make_groups(references);
  assert_int_equal(references->count, 5);
  assert_int_equal(groups->count, 3);
  for (size_t g = 0; g < groups->count; g++)
    for (uint32_t i = groups->starts[g]; i < groups->starts[g + 1]; i++) {
      size_t length;
      const char *id = tx_references_id(references, groups->members[i].reference, &length);
      assert_int_equal(groups->members[i].shift, *id == 'f' ? 130 : 0);
    }
  tx_groups_free(groups);
  tx_references_free(references);
  free(t);
}

/* With both lengths of k-mers. */
static void the_nearest_is_found_as_without_groups(void **state)
{
  tree *t = make_tree(6);
  tx_references *references = tree_references(t, false);
  tx_search_index *all = make_index(references, false, 8);
  tx_search *in_all = make_search(all);
  tx_sequence_buffer query = {0};
  tx_random random;
  (void)state;
  tx_random_seed(&random, 3, 0, 0, 0);
  for (unsigned k = 8; k <= 10; k += 2) {
    tx_search_index *grouped = make_index(references, true, k);
    tx_search *search = make_search(grouped);
    for (size_t round = 0; round < 100; round++) {
      char bases[TREE_BASES + 1];
      tx_candidate nearest;
      const tx_candidate *found;
      size_t count;
      uint32_t votes;
      memcpy(bases, t->records[tx_random_below(&random, t->count)].bases, sizeof bases);
      mutate(&random, bases, tx_random_below(&random, 6));
      assert_true(tx_sequence_fill(&query, bases, TREE_BASES, false));
      nearest = tx_search_run(in_all, &query.view, NULL, &count, &votes)[0];
      found = tx_search_run(search, &query.view, NULL, &count, &votes);
      assert_true(count > 0 && count <= TX_CANDIDATES_MAX);
      assert_int_equal(found[0].reference, nearest.reference);
      assert_int_equal(found[0].alignment.mismatches, nearest.alignment.mismatches);
      for (size_t i = 1; i < count; i++) assert_true(found[i - 1].distance <= found[i].distance);
      for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++) assert_int_not_equal(found[i].reference, found[j].reference);
    }
    tx_search_free(search);
    tx_search_index_free(grouped);
  }
  tx_sequence_buffer_free(&query);
  tx_search_free(in_all);
  tx_search_index_free(all);
  tx_references_free(references);
  free(t);
}

/* A representative that is left out leaves its near-copies, with their own score. */
static void exclusions_hold_for_members(void **state)
{
  tree *t = make_tree(7);
  tx_references *references = tree_references(t, false);
  tx_search_index *index = make_index(references, true, 8);
  tx_search *search = make_search(index);
  (void)state;
  for (size_t g = 0; g < index->groups->count; g++) {
    const uint32_t representative = index->groups->representatives[g];
    const tx_sequence query = tx_references_sequence(references, representative);
    const tx_exclusion itself = {representative, -1, 0};
    const bool alone = index->groups->starts[g] == index->groups->starts[g + 1];
    const tx_exclusion taxon = {-1, tx_references_lineage(references, representative)[2], 2};
    size_t count;
    uint32_t votes, full, kin = 0;
    const tx_candidate *found = tx_search_run(search, &query, NULL, &count, &votes);
    assert_int_equal(found[0].reference, representative);
    full = found[0].score;
    found = tx_search_run(search, &query, &itself, &count, &votes);
    for (size_t i = 0; i < count; i++) {
      const tx_candidate *own = &found[i];
      assert_int_not_equal(own->reference, representative);
      assert_true(own->score <= full && (own->score < full || !own->alignment.mismatches));
      kin += references->references[own->reference].lineage == references->references[representative].lineage;
    }
    if (!alone) assert_true(kin > 0);
    found = tx_search_run(search, &query, &taxon, &count, &votes);
    for (size_t i = 0; i < count; i++)
      assert_int_not_equal(tx_references_lineage(references, found[i].reference)[2], taxon.taxon);
  }
  tx_search_free(search);
  tx_search_index_free(index);
  tx_references_free(references);
  free(t);
}

static tx_references *with_strangers(const tree *t, size_t strangers)
{
  static const char *const taxa[] = {"X", "Xa", "Xb", "Xc"};
  tx_references_builder *builder = begin_references();
  tx_random random;
  tx_random_seed(&random, 1, 0, 0, 0);
  for (size_t i = 0; i < t->count; i++) add_tree_record(builder, &t->records[i]);
  for (size_t i = 0; i < strangers; i++) {
    char bases[TREE_BASES + 1] = {0};
    for (size_t j = 0; j < TREE_BASES; j++) bases[j] = "ACGT"[tx_random_below(&random, 4)];
    add_record(builder, "stranger", bases, taxa);
  }
  return end_references(builder);
}

static void unrelated_references_change_nothing(void **state)
{
  tree *t = make_tree(8);
  tx_references *few = with_strangers(t, 0), *more = with_strangers(t, 9);
  tx_search_index *index = make_index(few, true, 8), *wider = make_index(more, true, 8);
  tx_search *search = make_search(index), *other = make_search(wider);
  (void)state;
  for (size_t i = 0; i < few->count; i += 5) {
    const tx_sequence query = tx_references_sequence(few, i);
    size_t count, others;
    uint32_t votes;
    const tx_candidate *a = tx_search_run(search, &query, NULL, &count, &votes);
    const tx_candidate *b = tx_search_run(other, &query, NULL, &others, &votes);
    /* strangers share k-mers by chance, so that scores may differ, and can be candidates, far behind */
    for (size_t j = 0; j < 8; j++) {
      const tx_sequence x = tx_references_sequence(few, a[j].reference),
                        y = tx_references_sequence(more, b[j].reference);
      assert_true(count > 8 && others > 8);
      assert_int_equal(tx_sequence_compare(&x, &y), 0);
      assert_int_equal(a[j].alignment.mismatches, b[j].alignment.mismatches);
    }
  }
  tx_search_free(search);
  tx_search_free(other);
  tx_search_index_free(index);
  tx_search_index_free(wider);
  tx_references_free(few);
  tx_references_free(more);
  free(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_reference_is_in_one_group),
      cmocka_unit_test(fragments_and_uncertain_bases_join_a_group),
      cmocka_unit_test(the_nearest_is_found_as_without_groups),
      cmocka_unit_test(exclusions_hold_for_members),
      cmocka_unit_test(unrelated_references_change_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
