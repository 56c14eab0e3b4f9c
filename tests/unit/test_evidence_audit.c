/* The audit of a reference set: planted errors are found, and nothing else is. */
#include "tree_fixture.h"

#include "base/error.h"

enum { FINDINGS_MOST = 200, TEXT = 128 };

typedef struct found {
  tx_audit_kind kind;
  size_t rank;
  char id[16], other[16], taxon[TEXT], other_taxon[TEXT], note[TEXT];
  double identity;
} found;

typedef struct list {
  const tx_reference_set *set;
  found items[FINDINGS_MOST];
  size_t count;
  size_t stop_after; /* 0: take all */
} list;

static void copy_id(const tx_reference_set *set, size_t reference, char *id)
{
  size_t length;
  const char *text = tx_reference_set_id(set, reference, &length);
  assert_true(length < 16);
  memcpy(id, text, length);
  id[length] = '\0';
}

static tx_status take(void *context, const tx_audit_finding *finding, tx_error *error)
{
  list *l = context;
  const tx_taxonomy *taxonomy = tx_reference_set_taxonomy(l->set);
  found *item = &l->items[l->count];
  assert_true(l->count < FINDINGS_MOST);
  if (l->stop_after && l->count == l->stop_after) return tx_fail(error, TX_ERROR_IO, "full");
  *item = (found){.kind = finding->kind, .rank = finding->rank, .identity = finding->identity};
  copy_id(l->set, finding->reference, item->id);
  if (finding->other < tx_reference_set_count(l->set)) copy_id(l->set, finding->other, item->other);
  snprintf(item->taxon, TEXT, "%s", tx_taxonomy_class_name(taxonomy, finding->rank, finding->taxon));
  if (finding->other_taxon >= 0)
    snprintf(item->other_taxon, TEXT, "%s",
             tx_taxonomy_class_name(taxonomy, finding->rank, finding->other_taxon));
  snprintf(item->note, TEXT, "%s", finding->note);
  l->count++;
  return TX_OK;
}

/* Audits the references; frees them. */
static list *audit(tx_references *references, size_t threads)
{
  list *l = calloc(1, sizeof *l);
  tx_reference_set *set;
  tx_error error = {0};
  const tx_audit_options options = {.threads = threads, .finding = take, .context = l};
  assert_non_null(l);
  if (tx_reference_set_create(references, &set, &error) != TX_OK) fail_msg("%s", error.message);
  l->set = set;
  if (tx_reference_set_audit(set, &options, &error) != TX_OK) fail_msg("%s", error.message);
  tx_reference_set_free(set);
  return l;
}

static size_t count_kind(const list *l, tx_audit_kind kind)
{
  size_t count = 0;
  for (size_t i = 0; i < l->count; i++) count += l->items[i].kind == kind;
  return count;
}

/* The finding of a kind about a reference. */
static const found *get(const list *l, tx_audit_kind kind, const char *id)
{
  for (size_t i = 0; i < l->count; i++)
    if (l->items[i].kind == kind && strcmp(l->items[i].id, id) == 0) return &l->items[i];
  fail_msg("no finding about %s", id);
  return NULL;
}

static void a_clean_set_has_no_findings(void **state)
{
  tree *t = make_tree(1);
  list *l = audit(tree_references(t, false), 1);
  (void)state;
  assert_int_equal(l->count, 0);
  free(l);
  free(t);
}

/* Records 0 to 3 are of the first species, 162 and on of the second order. */
static void labels_that_disagree_are_found(void **state)
{
  tree *t = make_tree(1);
  list *l;
  const found *item;
  (void)state;
  memcpy(t->records[3].names, t->records[200].names, sizeof t->records[3].names);
  memcpy(t->records[50].names[3], t->records[54].names[3], sizeof t->records[50].names[3]);
  l = audit(tree_references(t, false), 2);
  assert_int_equal(l->count, 2);
  item = &l->items[0]; /* the higher rank comes first */
  assert_int_equal(item->kind, TX_AUDIT_LABEL);
  assert_string_equal(item->id, t->records[3].id);
  assert_int_equal(item->rank, 0);
  assert_string_equal(item->taxon, t->records[200].names[0]);
  assert_string_equal(item->other_taxon, t->records[0].names[0]);
  assert_true(item->identity > 0.95 && item->identity <= 1);
  item = &l->items[1];
  assert_string_equal(item->id, t->records[50].id);
  assert_int_equal(item->rank, 3);
  assert_string_equal(item->other_taxon, t->records[51].names[3]);
  assert_non_null(strstr(item->note, "others of its taxon"));
  free(l);
  free(t);
}

static void barcodes_that_resemble_none_are_found(void **state)
{
  tree *t = make_tree(3);
  char reversed[TREE_BASES + 1];
  list *l;
  (void)state;
  reverse_complement(t->records[9].bases, reversed);
  memcpy(t->records[9].bases, reversed, sizeof reversed);
  for (size_t i = 0; i < TREE_BASES; i++)
    t->records[77].bases[i] = "ACGT"[tx_random_below(&t->random, 4)];
  l = audit(tree_references(t, false), 1);
  assert_int_equal(l->count, 2);
  assert_string_equal(get(l, TX_AUDIT_UNLIKE, t->records[77].id)->note, "resembles no other reference");
  assert_string_equal(get(l, TX_AUDIT_UNLIKE, t->records[77].id)->other, "");
  assert_string_equal(get(l, TX_AUDIT_UNLIKE, t->records[9].id)->other_taxon, t->records[10].names[3]);
  assert_true(get(l, TX_AUDIT_UNLIKE, t->records[9].id)->identity > 0.95);
  free(l);
  free(t);
}

static void equal_barcodes_with_other_labels_are_found(void **state)
{
  tree *t = make_tree(4);
  tx_references_builder *builder = begin_references();
  const char *above[TREE_RANKS] = {t->records[8].names[0], t->records[8].names[1], NULL, NULL};
  const char *other[TREE_RANKS] = {t->records[12].names[0], t->records[12].names[1], t->records[12].names[2],
                                   t->records[12].names[3]};
  list *l;
  (void)state;
  for (size_t i = 0; i < t->count; i++) add_tree_record(builder, &t->records[i]);
  add_record(builder, "above", t->records[8].bases, above); /* no contradiction */
  add_record(builder, "other", t->records[8].bases, other);
  l = audit(end_references(builder), 1);
  assert_int_equal(count_kind(l, TX_AUDIT_EQUAL), 1);
  for (size_t i = 0; i < l->count; i++)
    if (l->items[i].kind == TX_AUDIT_EQUAL) {
      assert_true(strcmp(l->items[i].id, "other") == 0 || strcmp(l->items[i].other, "other") == 0);
      assert_true(l->items[i].identity == 1);
      assert_string_not_equal(l->items[i].taxon, l->items[i].other_taxon);
    }
  free(l);
  free(t);
}

static void near_equal_names_are_found(void **state)
{
  static const char *const names[] = {"Canis faMiliaris", "Canis familiaris", "Canis_familiaris",
                                      "Canis familaris",  "Canis sp. 1",      "Canis sp. 2",
                                      "Canis sp. A",      "Canis sp. B",      "Aba",
                                      "Abe"};
  tree *t = make_tree(5);
  list *l;
  (void)state;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    for (size_t j = 0; j < TREE_RECORDS; j++)
      snprintf(t->records[TREE_RECORDS * i + j].names[3], 40, "%s", names[i]);
  l = audit(tree_references(t, false), 1);
  assert_int_equal(count_kind(l, TX_AUDIT_NAME), 3);
  for (size_t i = 0; i < l->count; i++) {
    assert_int_equal(l->items[i].kind, TX_AUDIT_NAME);
    assert_int_equal(l->items[i].rank, 3);
    assert_non_null(strstr(l->items[i].note, strstr(l->items[i].taxon, "familaris") ||
                                                     strstr(l->items[i].other_taxon, "familaris")
                                                 ? "one letter"
                                                 : "letter case"));
    assert_true(l->items[i].identity > 0.5);
  }
  free(l);
  free(t);
}

static void faults_of_single_barcodes_are_found(void **state)
{
  tree *t = make_tree(6);
  list *l;
  (void)state;
  memset(t->records[5].bases + 100, 'N', 21); /* more than 5 % */
  memset(t->records[6].bases + 100, 'N', 20);
  t->records[7].bases[199] = '\0';
  l = audit(tree_references(t, false), 1);
  assert_int_equal(l->count, 2);
  assert_string_equal(get(l, TX_AUDIT_SEQUENCE, t->records[5].id)->note,
                      "21 of 400 bases are uncertain");
  assert_string_equal(get(l, TX_AUDIT_SEQUENCE, t->records[7].id)->note,
                      "199 bases, less than half of the median (400)");
  free(l);
  free(t);
}

/* In a set without stop codons in the first frame, one barcode gets some in every frame. */
static void stop_codons_are_found(void **state)
{
  tree *t = make_tree(7);
  list *l;
  (void)state;
  for (size_t i = 0; i < t->count; i++)
    for (size_t at = 0; at + 3 <= TREE_BASES; at += 3) {
      char *codon = t->records[i].bases + at;
      if (codon[0] == 'T' && codon[1] == 'A' && (codon[2] == 'A' || codon[2] == 'G')) codon[1] = 'C';
    }
  memcpy(t->records[20].bases + 30, "TAATTAATTAA", 11);
  memcpy(t->records[30].bases + TREE_BASES - 4, "TAAC", 4); /* the end of the gene */
  l = audit(tree_references(t, false), 1);
  assert_int_equal(l->count, 1);
  assert_string_equal(get(l, TX_AUDIT_SEQUENCE, t->records[20].id)->note,
                      "1 stop codon in the best reading frame");
  free(l);
  free(t);
}

static void threads_make_no_difference(void **state)
{
  tree *t = make_tree(8);
  list *a, *b;
  (void)state;
  for (size_t i = 0; i < 10; i++)
    memcpy(t->records[31 * i].names, t->records[31 * i + 9].names, sizeof t->records[0].names);
  a = audit(tree_references(t, false), 1);
  b = audit(tree_references(t, true), 3);
  assert_true(a->count > 0);
  assert_int_equal(a->count, b->count);
  assert_memory_equal(a->items, b->items, a->count * sizeof *a->items);
  free(a);
  free(b);
  free(t);
}

static void the_caller_can_end_it(void **state)
{
  tree *t = make_tree(1);
  list l = {.stop_after = 1};
  tx_reference_set *set;
  tx_error error = {0};
  volatile int stop = 1;
  tx_audit_options options = {.threads = 1, .finding = take, .context = &l};
  (void)state;
  memcpy(t->records[1].names, t->records[200].names, sizeof t->records[1].names);
  memcpy(t->records[90].names, t->records[290].names, sizeof t->records[1].names);
  assert_int_equal(tx_reference_set_create(tree_references(t, false), &set, &error), TX_OK);
  l.set = set;
  assert_int_equal(tx_reference_set_audit(set, &options, &error), TX_ERROR_IO);
  assert_int_equal(l.count, 1);
  options.stop = &stop;
  assert_int_equal(tx_reference_set_audit(set, &options, &error), TX_STOPPED);
  tx_reference_set_free(set);
  free(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_clean_set_has_no_findings),
      cmocka_unit_test(labels_that_disagree_are_found),
      cmocka_unit_test(barcodes_that_resemble_none_are_found),
      cmocka_unit_test(equal_barcodes_with_other_labels_are_found),
      cmocka_unit_test(near_equal_names_are_found),
      cmocka_unit_test(faults_of_single_barcodes_are_found),
      cmocka_unit_test(stop_codons_are_found),
      cmocka_unit_test(threads_make_no_difference),
      cmocka_unit_test(the_caller_can_end_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
