/* References along a small tree: order, family, genus, species, with barcodes that differ the more, the
   farther apart they stand. Everything follows from the seed. */
#ifndef TX_TESTS_TREE_FIXTURE_H
#define TX_TESTS_TREE_FIXTURE_H

#include "base/random.h"
#include "evidence/reference_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TREE_RANKS = 4, TREE_BASES = 400, TREE_CHILDREN = 3, TREE_RECORDS = 4, TREE_MOST = 1000 };

typedef struct tree_record {
  char id[16];
  char bases[TREE_BASES + 1];
  char names[TREE_RANKS][40];
} tree_record;

typedef struct tree {
  tx_random random;
  tree_record records[TREE_MOST];
  size_t count;
} tree;

static const char *const tree_ranks[TREE_RANKS] = {"order", "family", "genus", "species"};

static inline void mutate(tx_random *random, char *bases, size_t changes)
{
  for (size_t i = 0; i < changes; i++)
    bases[tx_random_below(random, strlen(bases))] = "ACGT"[tx_random_below(random, 4)];
}

static inline void grow(tree *t, size_t rank, const char *bases, char names[TREE_RANKS][40])
{
  static const size_t changes[TREE_RANKS] = {160, 60, 30, 16};
  for (size_t child = 0; child < TREE_CHILDREN; child++) {
    const size_t length = rank + 1; /* "Ta", "Tab", ...: the names above and a letter */
    char own[TREE_BASES + 1];
    memcpy(own, bases, sizeof own);
    mutate(&t->random, own, changes[rank]);
    memcpy(names[rank], rank ? names[rank - 1] : "T", length);
    names[rank][length] = (char)('a' + (int)child);
    names[rank][length + 1] = '\0';
    if (rank + 1 < TREE_RANKS) {
      grow(t, rank + 1, own, names);
      continue;
    }
    for (size_t i = 0; i < TREE_RECORDS; i++) {
      tree_record *record = &t->records[t->count++];
      memcpy(record->bases, own, sizeof own);
      mutate(&t->random, record->bases, i);
      memcpy(record->names, names, sizeof record->names);
      snprintf(record->id, sizeof record->id, "r%zu", t->count);
    }
  }
}

/* 324 records of 81 species. The caller frees it. */
static inline tree *make_tree(uint64_t seed)
{
  tree *t = calloc(1, sizeof *t);
  char root[TREE_BASES + 1] = {0}, names[TREE_RANKS][40];
  assert_non_null(t);
  tx_random_seed(&t->random, seed, 0, 0, 0);
  for (size_t i = 0; i < TREE_BASES; i++) root[i] = "ACGT"[tx_random_below(&t->random, 4)];
  grow(t, 0, root, names);
  return t;
}

static inline void add_record(tx_references_builder *builder, const char *id, const char *bases,
                              const char *const *taxa)
{
  tx_error error = {0};
  const tx_reference_record record = {id, bases, strlen(bases), taxa, "tree", 1};
  if (tx_references_builder_add(builder, &record, &error) != TX_OK) fail_msg("%s", error.message);
}

static inline void add_tree_record(tx_references_builder *builder, const tree_record *record)
{
  const char *taxa[TREE_RANKS];
  for (size_t r = 0; r < TREE_RANKS; r++) taxa[r] = record->names[r];
  add_record(builder, record->id, record->bases, taxa);
}

static inline tx_references_builder *begin_references(void)
{
  tx_references_builder *builder;
  tx_error error = {0};
  if (tx_references_builder_create(tree_ranks, TREE_RANKS, &builder, &error) != TX_OK)
    fail_msg("%s", error.message);
  return builder;
}

/* Frees the builder. */
static inline tx_references *end_references(tx_references_builder *builder)
{
  tx_references *references;
  tx_error error = {0};
  if (tx_references_builder_finish(builder, &references, &error) != TX_OK) fail_msg("%s", error.message);
  tx_references_builder_free(builder);
  return references;
}

/* All records of a tree; backwards: in the opposite order. */
static inline tx_references *tree_references(const tree *t, bool backwards)
{
  tx_references_builder *builder = begin_references();
  for (size_t i = 0; i < t->count; i++)
    add_tree_record(builder, &t->records[backwards ? t->count - 1 - i : i]);
  return end_references(builder);
}

/* A set of the references, with fitted weights. */
static inline tx_reference_set *fit_references(tx_references *references, size_t threads)
{
  tx_reference_set *set = NULL;
  tx_pool *pool = NULL;
  tx_error error = {0};
  if (tx_reference_set_create(references, &set, &error) != TX_OK ||
      tx_pool_create(threads, &pool, &error) != TX_OK ||
      tx_evidence_fit(&set->space, pool, 1, NULL, &set->fitted, &error) != TX_OK)
    fail_msg("%s", error.message);
  tx_pool_free(pool);
  return set;
}

static inline void reverse_complement(const char *bases, char *out)
{
  const size_t count = strlen(bases);
  for (size_t i = 0; i < count; i++) {
    const char base = bases[count - 1 - i];
    out[i] = base == 'A' ? 'T' : base == 'C' ? 'G' : base == 'G' ? 'C' : base == 'T' ? 'A' : base;
  }
  out[count] = '\0';
}

#endif
