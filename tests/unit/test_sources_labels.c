/* Two label sources: names of NEON's layout, kappa at its edges, and what made-up evidence supports. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <taxamba/label_evidence.h>

#include "taxon/taxonomy.h"

static tx_error error;

static void must(tx_status status)
{
  if (status != TX_OK) fail_msg("%s", error.message);
}

/* Reads two tables from these texts. */
static tx_label_sources *read_texts(const char *first, const char *second)
{
  char paths[TX_LABEL_SIDES][64];
  const char *const texts[] = {first, second};
  tx_label_table tables[TX_LABEL_SIDES];
  tx_label_sources *sources = NULL;
  tx_status status;
  memset(tables, 0, sizeof tables);
  for (size_t side = 0; side < TX_LABEL_SIDES; side++) {
    int descriptor;
    snprintf(paths[side], sizeof paths[side], "/tmp/taxamba_labels_XXXXXX");
    descriptor = mkstemp(paths[side]);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, texts[side], strlen(texts[side])), (int)strlen(texts[side]));
    assert_int_equal(close(descriptor), 0);
    tables[side].path = paths[side];
  }
  status = tx_label_sources_read(tables, &sources, &error);
  for (size_t side = 0; side < TX_LABEL_SIDES; side++) assert_int_equal(unlink(paths[side]), 0);
  must(status);
  return sources;
}

#define NEON "individualID,scientificName,taxonRank,identificationQualifier,morphospeciesID\n"

/* The names of an individual by the first source, from the top down, with '/' between them. */
static void check_names(const tx_label_sources *sources, size_t individual, const char *expected)
{
  char text[200] = "";
  for (size_t r = 0; r < tx_label_sources_rank_count(sources); r++) {
    const char *name = tx_label_sources_taxon(sources, individual, TX_LABEL_FIRST, r);
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s/", name ? name : "");
  }
  assert_string_equal(text, expected);
}

static void test_scientific_names(void **state)
{
  tx_label_sources *sources = read_texts(NEON "a,Amara aenea,species,,\n"
                                              "b,Amara sp.,genus,,D01.x\n"
                                              "c,Carabidae,family,,\n"
                                              "d,Cicindela (Cicindela) repanda,subspecies,,\n"
                                              "e,Amara aenea,genus,cf. species,\n"
                                              "f,Amara aenea,,,\n"
                                              "g,Carabidae sp.,,,\n"
                                              "h,Carabidae,,,\n"
                                              "i,NA,species,,\n"
                                              "j,Amara_aenea x,species,,\n",
                                         NEON "z,Amara aenea,species,,\n");
  (void)state;
  assert_int_equal(tx_label_sources_rank_count(sources), 3);
  assert_string_equal(tx_label_sources_rank_name(sources, 0), "family");
  check_names(sources, 0, "/Amara/Amara aenea/");
  check_names(sources, 1, "/Amara//");
  check_names(sources, 2, "Carabidae///");
  check_names(sources, 3, "/Cicindela/Cicindela repanda/");
  check_names(sources, 4, "/Amara//");
  check_names(sources, 5, "/Amara/Amara aenea/");
  check_names(sources, 7, "Carabidae///");
  check_names(sources, 8, "///");
  assert_int_equal(tx_label_sources_state(sources, 8), TX_LABELS_NEITHER);
  tx_label_sources_free(sources);
}

static void test_kappa(void **state)
{
  tx_label_agreement agreement;
  tx_label_sources *sources = read_texts("id,genus\na,A\nb,A\n", "id,genus\na,A\nb,A\n");
  (void)state;
  must(tx_label_sources_agreement(sources, 0, &agreement, &error));
  assert_int_equal(agreement.same, 2);
  assert_true(isnan(agreement.kappa)); /* by chance they could not differ */
  tx_label_sources_free(sources);
  sources = read_texts("id,genus\na,A\nb,B\nc,A\nd,B\n", "id,genus\na,B\nb,A\nc,A\nd,B\ne,A\n");
  must(tx_label_sources_agreement(sources, 0, &agreement, &error));
  assert_int_equal(agreement.both, 4);
  assert_int_equal(agreement.second_only, 1);
  assert_true(fabs(agreement.kappa) < 1e-12);
  tx_label_sources_free(sources);
}

/* a: the sources differ at the genus, b and c: at the species, d to f: they agree. */
static tx_label_sources *read_scene(void)
{
  return read_texts("id,genus,species,sequence\na,A,A one,ACGT\nb,A,A one,ACGT\nc,A,A one,ACGT\n"
                    "d,A,A one,ACGT\ne,B,B one,ACGT\nf,A,A two,ACGT\n",
                    "id,genus,species\na,B,B one\nb,A,A two\nc,A,A none\nd,A,A one\ne,B,B one\nf,A,A two\n");
}

static tx_taxonomy *make_taxonomy(void)
{
  static const char *const ranks[] = {"genus", "species"};
  static const char *const lineages[][2] = {{"A", "A one"}, {"A", "A two"}, {"B", "B one"}, {"C", "C one"}};
  tx_taxonomy_builder *builder = NULL;
  tx_taxonomy *taxonomy = NULL;
  int32_t *labels = NULL, lineage;
  must(tx_taxonomy_builder_create(ranks, 2, &builder, &error));
  for (size_t i = 0; i < 4; i++)
    must(tx_taxonomy_builder_add(builder, lineages[i], "f", i + 1, &lineage, &error));
  must(tx_taxonomy_builder_finish(builder, &taxonomy, &labels, &error));
  free(labels);
  tx_taxonomy_builder_free(builder);
  return taxonomy;
}

static tx_support heads_say(tx_label_evidence *evidence, const tx_taxonomy *taxonomy, size_t individual,
                            const double *genera, const double *species)
{
  const double *const probabilities[] = {genera, species};
  must(tx_label_evidence_add_heads(evidence, individual, taxonomy, probabilities, &error));
  return tx_label_evidence_of(evidence, individual, TX_EVIDENCE_HEADS)->support;
}

static void test_heads(void **state)
{
  tx_label_sources *sources = read_scene();
  tx_taxonomy *taxonomy = make_taxonomy();
  tx_label_evidence *evidence = NULL;
  const tx_side_evidence *own;
  static const double genera[] = {0.2, 0.7, 0.1}, other[] = {0.1, 0.2, 0.7},
                      equal[] = {0.4, 0.4, 0.2}, species[] = {0.6, 0.3, 0.1, 0};
  (void)state;
  must(tx_label_evidence_create(sources, &evidence, &error));
  assert_null(tx_label_evidence_of(evidence, 3, TX_EVIDENCE_HEADS)); /* they agree */
  assert_int_equal(tx_label_evidence_verdict(evidence, 0), TX_SUPPORT_NONE);
  assert_int_equal(heads_say(evidence, taxonomy, 0, other, species), TX_SUPPORT_NEITHER);
  assert_int_equal(heads_say(evidence, taxonomy, 0, equal, species), TX_SUPPORT_NEITHER);
  assert_int_equal(heads_say(evidence, taxonomy, 0, genera, species), TX_SUPPORT_SECOND);
  own = tx_label_evidence_of(evidence, 0, TX_EVIDENCE_HEADS);
  assert_true(own->value[TX_LABEL_FIRST] == 0.2 && own->value[TX_LABEL_SECOND] == 0.7);
  assert_string_equal(own->best, "B");
  assert_int_equal(own->rank, 0);
  assert_int_equal(heads_say(evidence, taxonomy, 1, genera, species), TX_SUPPORT_FIRST);
  assert_int_equal(tx_label_evidence_of(evidence, 1, TX_EVIDENCE_HEADS)->rank, 1);
  /* the model lacks the name of the second: it cannot choose, whatever it says of the first */
  assert_int_equal(heads_say(evidence, taxonomy, 2, genera, species), TX_SUPPORT_UNKNOWN);
  own = tx_label_evidence_of(evidence, 2, TX_EVIDENCE_HEADS);
  assert_true(own->known[TX_LABEL_FIRST] && !own->known[TX_LABEL_SECOND]);
  assert_true(own->value[TX_LABEL_FIRST] == 0.6 && isnan(own->value[TX_LABEL_SECOND]));
  tx_label_evidence_free(evidence);
  tx_taxonomy_free(taxonomy);
  tx_label_sources_free(sources);
}

static void test_neighbours(void **state)
{
  static const float embeddings[][2] = {{1, 0.1F}, {0, 1}, {1, 0}, {0.5F, 1}, {2, 0.2F}, {0.1F, 3}};
  tx_label_sources *sources = read_scene();
  tx_label_evidence *evidence = NULL;
  const tx_side_evidence *own;
  tx_record record;
  size_t count = 0;
  (void)state;
  must(tx_label_evidence_create(sources, &evidence, &error));
  tx_label_evidence_start(evidence, false);
  while (tx_label_evidence_source(evidence, &record, &error) == TX_OK) count++;
  assert_int_equal(count, 3);
  tx_label_evidence_start(evidence, true);
  for (count = 0; tx_label_evidence_source(evidence, &record, &error) == TX_OK; count++) {
    const size_t i = tx_label_evidence_individual(&record);
    assert_string_equal(record.id, tx_label_sources_id(sources, i));
    must(tx_label_evidence_add_embedding(evidence, i, embeddings[i], 2, &error));
  }
  assert_int_equal(count, 6);
  must(tx_label_evidence_find_neighbours(evidence, NULL, &error));
  own = tx_label_evidence_of(evidence, 0, TX_EVIDENCE_NEIGHBOURS);
  assert_int_equal(own->support, TX_SUPPORT_SECOND);
  /* the genus A: also of b and c, whose sources agree on it */
  assert_true(fabs(own->value[TX_LABEL_FIRST] - 1 / sqrt(1.01)) < 1e-6);
  assert_string_equal(own->best, "B");
  own = tx_label_evidence_of(evidence, 1, TX_EVIDENCE_NEIGHBOURS);
  assert_int_equal(own->support, TX_SUPPORT_SECOND);
  assert_true(fabs(own->value[TX_LABEL_FIRST] - 1 / sqrt(1.25)) < 1e-6);
  assert_int_equal(tx_label_evidence_of(evidence, 2, TX_EVIDENCE_NEIGHBOURS)->support, TX_SUPPORT_UNKNOWN);
  assert_int_equal(tx_label_evidence_verdict(evidence, 1), TX_SUPPORT_SECOND);
  assert_false(tx_label_evidence_has(evidence, TX_EVIDENCE_REFERENCES));
  tx_label_evidence_free(evidence);
  tx_label_sources_free(sources);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_scientific_names), cmocka_unit_test(test_kappa),
                                     cmocka_unit_test(test_heads), cmocka_unit_test(test_neighbours)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
