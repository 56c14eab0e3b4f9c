/* Large sets of references, grown from real ones by mutation along a tree: new species of real genera, new
   genera of real families, haplotypes and near-copies of species, part of them labelled down to genus or
   family only. Real records that are kept out of the set are its queries: records of species that stay
   (`seen`), and whole species whose genus stays (`unseen`). The same seed gives the same bytes on every
   machine, and a larger set contains the smaller one. */
#include "bench.h"

#include "base/memory.h"
#include "base/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <taxamba/labelled.h>

enum { RANKS = 4, ORDER = 0, FAMILY = 1, GENUS = 2, SPECIES = 3, LENGTH_LEAST = 300, PER_UNSEEN = 3 };

/* The shares of what grows. A family of 10 genera and a species of 8 barcodes are what BIOSCAN-5M has. */
#define NEW_SPECIES 0.125 /* of all new records */
#define NEW_GENUS 0.08    /* of the new species */
#define NAMED 0.4         /* of the new species: labelled down to the species */
#define NAMED_GENUS 0.7   /* ... or at least down to the genus */
#define UNNAMED_COPY 0.1  /* of the copies: labelled down to the genus only */
#define THIRD 0.85        /* of the substitutions: at third codon positions */
#define TRANSITION 0.65   /* of the substitutions */

typedef struct options {
  char table[TX_TEXT_SIZE], split[TX_TEXT_SIZE], what[TX_TEXT_SIZE];
  uint64_t count, seed;
} options;

static const tx_param params[] = {
    {"table", 0, TX_PARAM_INPUT, offsetof(options, table), 0, 0, "", "FILE", "",
     "Table in the layout of BIOSCAN-5M."},
    {"split", 0, TX_PARAM_TEXT, offsetof(options, split), 0, 0, "train", "NAME", "",
     "Its rows of this split are grown from, and give the queries."},
    {"what", 0, TX_PARAM_TEXT, offsetof(options, what), 0, 0, "references", "NAME", "",
     "references, seen or unseen: FASTA with SINTAX headers."},
    {"count", 0, TX_PARAM_COUNT, offsetof(options, count), 0, 100000000, "0", "N", "",
     "References; 0 for the real ones alone."},
    {"seed", 0, TX_PARAM_COUNT, offsetof(options, seed), 0, 1e15, "1", "N", "", "Seed of the growth."},
};

typedef struct record {
  char *bases;
  uint32_t species; /* in `forest.species` */
  bool to_genus;    /* the label of the species is left out */
} record;

typedef struct species {
  char *taxa[RANKS]; /* NULL: no label */
  const char *genus; /* the true one, also without a label */
  uint32_t founder;  /* a record */
  int use;           /* of real species: which queries it gives */
} species;

typedef struct forest {
  record *records;
  size_t count, capacity;
  species *species;
  size_t species_count, species_capacity;
  tx_random random;
} forest;

enum { USE_NONE, USE_SEEN, USE_UNSEEN };

/* ---- the real records ---- */

static bool same(const char *a, const char *b)
{
  return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static uint32_t find_species(forest *f, const char *const *taxa)
{
  species *own;
  for (uint32_t i = 0; i < f->species_count; i++)
    if (same(f->species[i].taxa[SPECIES], taxa[SPECIES]) && same(f->species[i].taxa[GENUS], taxa[GENUS]))
      return i;
  if (!tx_reserve(&f->species, &f->species_capacity, f->species_count + 1, sizeof *own)) tx_bench_must(NULL);
  own = &f->species[f->species_count];
  memset(own, 0, sizeof *own);
  for (size_t r = 0; r < RANKS; r++)
    if (taxa[r]) own->taxa[r] = tx_bench_must(tx_copy_text(taxa[r], strlen(taxa[r])));
  own->genus = own->taxa[GENUS];
  own->founder = (uint32_t)f->count;
  return (uint32_t)f->species_count++;
}

static record *add_record(forest *f, char *bases, uint32_t of)
{
  if (!tx_reserve(&f->records, &f->capacity, f->count + 1, sizeof *f->records)) tx_bench_must(NULL);
  f->records[f->count] = (record){.bases = tx_bench_must(bases), .species = of};
  return &f->records[f->count++];
}

static void read_table(const options *given, forest *f)
{
  const char *const path = given->table;
  const tx_labelled_options how = {
      .format = TX_LABELLED_TABLE, .split = given->split, .ranks = "order,family,genus,species"};
  tx_labelled *reader;
  tx_labelled_record labelled;
  tx_error error;
  tx_status status;
  tx_bench_must_do(tx_labelled_open(&path, 1, &how, &reader, &error), &error);
  while ((status = tx_labelled_next(reader, &labelled, &error)) == TX_OK) {
    const char *const *taxa = labelled.taxa;
    if (labelled.record.base_count < LENGTH_LEAST || !taxa[GENUS] || !taxa[SPECIES]) continue;
    add_record(f, tx_copy_text(labelled.record.bases, labelled.record.base_count), find_species(f, taxa));
  }
  if (status != TX_END) tx_bench_must_do(status, &error);
  tx_labelled_close(reader);
}

static size_t count_records(const forest *f, uint32_t of)
{
  size_t count = 0;
  for (size_t i = 0; i < f->count; i++) count += f->records[i].species == of;
  return count;
}

/* A tenth of the species of genera with three or more becomes `unseen`; of the others with three records or
   more one record is `seen`. */
static void choose_queries(forest *f, uint64_t seed)
{
  for (uint32_t i = 0; i < f->species_count; i++) {
    size_t siblings = 0;
    tx_random random;
    tx_random_seed(&random, seed, i, 1, 0);
    for (uint32_t j = 0; j < f->species_count; j++)
      siblings += f->species[j].use != USE_UNSEEN && same(f->species[i].genus, f->species[j].genus);
    if (siblings >= 3 && tx_random_below(&random, 10) == 0)
      f->species[i].use = USE_UNSEEN;
    else if (count_records(f, i) >= 3)
      f->species[i].use = USE_SEEN;
  }
}

/* ---- growth ---- */

static bool is_stop(const char *codon)
{
  return codon[0] == 'T' && codon[1] == 'A' && (codon[2] == 'A' || codon[2] == 'G');
}

static size_t find_frame(const char *bases, size_t count)
{
  size_t stops[3] = {0}, best = 0;
  for (size_t i = 0; i + 3 <= count; i++) stops[i % 3] += is_stop(bases + i);
  for (size_t f = 1; f < 3; f++)
    if (stops[f] < stops[best]) best = f;
  return best;
}

static char substitute(tx_random *random, char base)
{
  static const char letters[] = "ACGT", transitions[] = "GTAC";
  const char *at = strchr(letters, base);
  const bool transition = tx_random_real(random) < TRANSITION;
  char other;
  if (!at) return base;
  if (transition) return transitions[at - letters];
  do other = letters[tx_random_below(random, 4)];
  while (other == base || other == transitions[at - letters]);
  return other;
}

/* `changes` substitutions, most at third codon positions; none makes a stop codon. */
static void mutate(tx_random *random, char *bases, size_t changes)
{
  const size_t count = strlen(bases), frame = find_frame(bases, count), codons = (count - frame) / 3;
  for (size_t i = 0; i < changes; i++) {
    const bool third = tx_random_real(random) < THIRD;
    char *codon = bases + frame + 3 * tx_random_below(random, codons);
    char *base = codon + (third ? 2 : tx_random_below(random, 2));
    const char old = *base;
    *base = substitute(random, old);
    if (is_stop(codon)) *base = old;
  }
}

static char *descend(forest *f, uint32_t from, double least, double most)
{
  char *bases = tx_bench_must(tx_copy_text(f->records[from].bases, strlen(f->records[from].bases)));
  const double share = least + (most - least) * tx_random_real(&f->random);
  mutate(&f->random, bases, 1 + (size_t)(share * (double)strlen(bases)));
  return bases;
}

static char *number_name(const char *kind, size_t number)
{
  char text[64];
  snprintf(text, sizeof text, "%s%zu", kind, number);
  return tx_bench_must(tx_copy_text(text, strlen(text)));
}

/* A species beside that of record `from`, of its genus or of a new one of its family. */
static void grow_species(forest *f, uint32_t from)
{
  const bool new_genus = tx_random_real(&f->random) < NEW_GENUS;
  const double label = tx_random_real(&f->random);
  const species parent = f->species[f->records[from].species];
  species own = {.genus = parent.genus, .founder = (uint32_t)f->count};
  char *bases = new_genus ? descend(f, from, 0.09, 0.15) : descend(f, from, 0.02, 0.11);
  if (new_genus) own.genus = number_name("Genus", f->species_count);
  own.taxa[ORDER] = parent.taxa[ORDER];
  own.taxa[FAMILY] = parent.taxa[FAMILY];
  if (label < NAMED_GENUS || !own.taxa[FAMILY]) own.taxa[GENUS] = (char *)(uintptr_t)own.genus;
  if (label < NAMED) own.taxa[SPECIES] = number_name("species", f->species_count);
  if (!tx_reserve(&f->species, &f->species_capacity, f->species_count + 1, sizeof own)) tx_bench_must(NULL);
  f->species[f->species_count] = own;
  add_record(f, bases, (uint32_t)f->species_count++);
}

/* Half are haplotypes of the founder, half near-copies of any record. */
static void grow_copy(forest *f, uint32_t from)
{
  const uint32_t of = f->records[from].species;
  const bool near = tx_random_real(&f->random) < 0.5;
  char *bases = near ? descend(f, from, 0, 0.002) : descend(f, f->species[of].founder, 0.002, 0.01);
  record *own = add_record(f, bases, of);
  own->to_genus = tx_random_real(&f->random) < UNNAMED_COPY;
}

/* Leaves the queries out; *ret_queries gets those that are wanted. */
static void set_aside(forest *f, int wanted, forest *queries)
{
  size_t kept = 0;
  uint32_t *taken = tx_bench_must(calloc(f->species_count, sizeof *taken));
  for (size_t i = 0; i < f->count; i++) {
    record *own = &f->records[i];
    species *of = &f->species[own->species];
    const bool query = of->use == USE_UNSEEN || (of->use == USE_SEEN && taken[own->species] == 0);
    if (query) {
      if (of->use == wanted && taken[own->species] < PER_UNSEEN)
        add_record(queries, own->bases, own->species);
      else
        free(own->bases);
      taken[own->species]++;
    } else {
      if (taken[own->species] == (of->use == USE_SEEN)) of->founder = (uint32_t)kept;
      taken[own->species] = taken[own->species] < 2 ? 2 : taken[own->species];
      f->records[kept++] = *own;
    }
  }
  free(taken);
  f->count = kept;
}

static void print_record(const forest *f, const record *own, const char *prefix, size_t number)
{
  static const char letters[] = "ofgs";
  const species *of = &f->species[own->species];
  const char *comma = "";
  printf(">%s%zu;tax=", prefix, number);
  for (size_t r = 0; r < RANKS; r++) {
    if (!of->taxa[r] || (r == SPECIES && own->to_genus)) continue;
    printf("%s%c:", comma, letters[r]);
    for (const char *at = of->taxa[r]; *at; at++) putchar(strchr(" ,;:", *at) ? '_' : *at);
    comma = ",";
  }
  printf(";\n%s\n", own->bases);
}

int main(int argument_count, char **arguments)
{
  static options given;
  static forest real, queries;
  bool references;
  int use;
  tx_bench_arguments(params, sizeof params / sizeof *params, &given, argument_count, arguments);
  references = strcmp(given.what, "references") == 0;
  use = strcmp(given.what, "seen") == 0 ? USE_SEEN : USE_UNSEEN;
  read_table(&given, &real);
  if (!real.count) {
    fprintf(stderr, "bench_grow: no record of split %s with a species in %s\n", given.split, given.table);
    return 1;
  }
  choose_queries(&real, given.seed);
  set_aside(&real, use, &queries);
  tx_random_seed(&real.random, given.seed, 0, 0, 0);
  while (references && real.count < given.count) {
    const uint32_t from = (uint32_t)tx_random_below(&real.random, real.count);
    if (tx_random_real(&real.random) < NEW_SPECIES)
      grow_species(&real, from);
    else
      grow_copy(&real, from);
  }
  queries.species = real.species;
  for (size_t i = 0; references && i < real.count; i++) print_record(&real, &real.records[i], "r", i);
  for (size_t i = 0; !references && i < queries.count; i++)
    print_record(&queries, &queries.records[i], given.what, i);
  return fflush(stdout) || ferror(stdout) ? 1 : 0;
}
