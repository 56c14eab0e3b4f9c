/* Bulk samples against specimens: every figure of bulk/bulk_expected.json. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <taxamba/compare.h>

#include "base/file.h"
#include "base/json.h"

#define FOLDER TX_TESTS_DIR "/golden/bulk/"

static const char *const ranks[] = {"order", "family", "genus", "species", "bin"};
enum { RANKS = sizeof ranks / sizeof *ranks };

static void must(tx_status status, const tx_error *error)
{
  if (status != TX_OK) fail_msg("%s", error->message);
}

static tx_comparison *compare(const char *counts_file, double min_reads, uint64_t min_count)
{
  const char *specimens = FOLDER "bulk_specimens.tsv";
  const tx_labelled_options options = {
      .ranks = "order,family,genus,species,bin", .split_column = "sample", .sequences_optional = 1};
  const tx_replicates replicates = {
      .path = FOLDER "bulk_replicates.tsv", .min_reads = min_reads, .min_count = min_count};
  tx_comparison *comparison = NULL;
  tx_count_table *counts = NULL;
  tx_predictions *predictions = NULL;
  tx_labelled *reader = NULL;
  tx_bulk_counts left_out;
  uint64_t without_site;
  tx_error error;
  must(tx_count_table_read(counts_file, NULL, &counts, &error), &error);
  if (tx_count_table_taxonomy(counts, 0))
    must(tx_predictions_from_counts(counts, "order,family,genus,species,bin", &predictions, &error), &error);
  else
    must(tx_predictions_read(FOLDER "bulk_taxonomy.tsv", NULL, &predictions, &error), &error);
  must(tx_comparison_create(ranks, RANKS, &comparison, &error), &error);
  must(tx_comparison_add_bulk(comparison, counts, predictions, &replicates, &left_out, &error), &error);
  assert_int_equal(left_out.sequences, 12);
  assert_int_equal(left_out.samples, 9);
  assert_int_equal(left_out.without_prediction + left_out.without_site, 0);
  must(tx_labelled_open(&specimens, 1, &options, &reader, &error), &error);
  must(tx_comparison_add_specimens(comparison, reader, NULL, &without_site, &error), &error);
  assert_int_equal(without_site, 0);
  must(tx_comparison_finish(comparison, &error), &error);
  assert_int_equal(tx_comparison_site_count(comparison), 3);
  tx_labelled_close(reader);
  tx_predictions_free(predictions);
  tx_count_table_free(counts);
  return comparison;
}

static double number(const tx_json *object, const char *key)
{
  const tx_json *value = tx_json_get(object, key);
  if (!value || !tx_json_is_number(value)) fail_msg("no number '%s'", key);
  return tx_json_number(value);
}

static void near(double found, double expected)
{
  if (!(found - expected <= 1e-10 && expected - found <= 1e-10))
    fail_msg("%.15g, not %.15g", found, expected);
}

static void check_scores(const tx_list_scores *scores, const tx_json *expected, int counts)
{
  if (counts) {
    assert_true((double)scores->both == number(expected, "both"));
    assert_true((double)scores->bulk_only == number(expected, "bulk only"));
    assert_true((double)scores->specimens_only == number(expected, "specimens only"));
  }
  near(scores->precision, number(expected, "precision"));
  near(scores->recall, number(expected, "recall"));
  near(scores->f1, number(expected, "F1"));
  if (tx_json_get(expected, "Jaccard")) near(scores->jaccard, number(expected, "Jaccard"));
}

/* The names of one side, in order. */
static void check_names(const tx_compared_taxon *taxa, size_t count, const tx_json *expected, int missed)
{
  const tx_json *name = tx_json_first(expected);
  for (size_t i = 0; i < count; i++) {
    if (missed ? taxa[i].reads > 0 : taxa[i].specimens > 0) continue;
    assert_non_null(name);
    assert_string_equal(taxa[i].name, tx_json_string(name));
    name = tx_json_next(name);
  }
  assert_null(name);
}

static void check_reads(const tx_compared_taxon *taxa, size_t count, const tx_json *expected)
{
  const tx_json *reads = tx_json_get(expected, "reads");
  size_t with_reads = 0, listed = 0;
  for (const tx_json *item = tx_json_first(reads); item; item = tx_json_next(item)) listed++;
  for (size_t i = 0; i < count; i++) {
    if (!(taxa[i].reads > 0)) continue;
    with_reads++;
    assert_true(taxa[i].reads == number(reads, taxa[i].name));
  }
  assert_int_equal(with_reads, listed);
}

static void check_abundance(const tx_abundance_scores *scores, const tx_json *expected)
{
  assert_true((double)scores->taxa == number(expected, "taxa"));
  assert_int_equal(scores->correlated, tx_json_get(expected, "Spearman (union)") != NULL);
  if (scores->correlated) {
    near(scores->spearman, number(expected, "Spearman (union)"));
    near(scores->pearson, number(expected, "Pearson of log1p (union)"));
  }
  assert_true(scores->shared);
  near(scores->bray_curtis, number(expected, "Bray-Curtis of shares"));
}

static void check_rank(const tx_comparison *comparison, size_t rank, const tx_json *document, const char *tag)
{
  const tx_json *lists = tx_json_get(tx_json_get(tx_json_get(document, "lists"), tag), ranks[rank]);
  const tx_json *abundance = tx_json_get(tx_json_get(tx_json_get(document, "abundance"), tag), ranks[rank]);
  const tx_json *reads = tx_json_get(tx_json_get(tx_json_get(document, "taxa"), tag), ranks[rank]);
  const tx_list_scores micro = tx_comparison_micro(comparison, rank);
  const tx_list_scores macro = tx_comparison_macro(comparison, rank);
  check_scores(&micro, tx_json_get(lists, "all (micro)"), 1);
  check_scores(&macro, tx_json_get(lists, "all (macro)"), 0);
  for (size_t s = 0; s < 3; s++) {
    const char *site = tx_comparison_site(comparison, s);
    const tx_json *list = tx_json_get(lists, site), *taxa_of_site = tx_json_get(reads, site);
    const tx_list_scores scores = tx_comparison_list(comparison, rank, s);
    const tx_abundance_scores abundances = tx_comparison_abundance(comparison, rank, s);
    const tx_compared_taxon *taxa;
    const size_t count = tx_comparison_taxa(comparison, rank, s, &taxa);
    check_scores(&scores, list, 1);
    check_names(taxa, count, tx_json_get(list, "missed"), 1);
    check_names(taxa, count, tx_json_get(list, "extra"), 0);
    check_reads(taxa, count, taxa_of_site);
    assert_true(tx_comparison_unassigned(comparison, rank, s) == number(taxa_of_site, "unassigned"));
    check_abundance(&abundances, tx_json_get(abundance, site));
  }
}

static void test_expected(void **state)
{
  static const char *const files[] = {FOLDER "bulk_vsearch_otutab.tsv", FOLDER "bulk.biom1.json"};
  static const char *const tags[] = {"reads1_replicates1", "reads2_replicates2"};
  tx_json *document = NULL;
  char *text = NULL;
  size_t length;
  tx_error error;
  (void)state;
  must(tx_read_file(FOLDER "bulk_expected.json", 1 << 20, NULL, &text, &length, &error), &error);
  must(tx_json_parse(text, length, "expected", &document, &error), &error);
  for (size_t f = 0; f < 2; f++)
    for (size_t t = 0; t < 2; t++) {
      tx_comparison *comparison = compare(files[f], (double)(t + 1), t + 1);
      for (size_t r = 0; r < RANKS; r++) check_rank(comparison, r, document, tags[t]);
      tx_comparison_free(comparison);
    }
  tx_json_free(document);
  free(text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_expected)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
