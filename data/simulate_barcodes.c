/* Simulates a small clade of COI-like barcodes with a known taxonomy, and writes the files of this folder:

     simulate_barcodes FOLDER [SEED]

   A random reading frame of 220 codons is evolved along a tree order > family > genus > species > specimen.
   Substitutions are proposed one at a time: transitions more often than transversions, third codon positions
   more often than first and second, A and T more often than C and G (as in insect mitochondria); a stop codon
   of the invertebrate mitochondrial code (TAA, TAG) is never accepted and a change of amino acid rarely. Only
   integer arithmetic decides, so that every machine writes the same bytes. All names are invented; no real
   organism is meant. */
#include "simulate_vectors.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evolution.h"
#include "simulate_labels.h"
#include "simulate_mixed.h"
#include "simulate_traits.h"

enum {
  ORDERS = 3,
  FAMILIES = 8,
  GENERA = 20,
  SPECIES = 60,
  SPECIMENS_MAX = 1000,
  NAME_SIZE = 48,
  DEFAULT_SEED = 20260101
};

typedef struct clade {
  char bases[BASES + 1];
  unsigned parent; /* index among the clades of the rank above */
  char name[NAME_SIZE];
} clade;

typedef struct specimen {
  char bases[BASES + 1];
  unsigned species;
  const char *split;
  bool has_family, has_subfamily, has_genus, has_species;
} specimen;

typedef struct world {
  uint64_t random;
  clade orders[ORDERS], families[FAMILIES], genera[GENERA], species[SPECIES];
  specimen specimens[SPECIMENS_MAX];
  unsigned specimen_count;
} world;

static const char *const genus_names[GENERA] = {
    "Simulalpha",   "Simulbeta", "Simulgamma", "Simuldelta",  "Simulepsilon", "Simulzeta",   "Simuleta",
    "Simultheta",   "Simuliota", "Simulkappa", "Simullambda", "Simulmu",      "Simulnu",     "Simulxi",
    "Simulomicron", "Simulpi",   "Simulrho",   "Simulsigma",  "Simultau",     "Simulupsilon"};
static const char *const family_names[FAMILIES] = {"Simulalphidae",    "Simuldeltidae",  "Simuletidae",
                                                   "Simuliotidae",     "Simullambdidae", "Simulnuidae",
                                                   "Simulomicronidae", "Simulsigmidae"};
static const char *const order_names[ORDERS] = {"Simuloptera", "Fictoptera", "Falsoptera"};
static const char *const epithets[] = {"prima", "secunda", "tertia", "quarta", "quinta"};
static const unsigned family_of_genus[GENERA] = {0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 6, 7, 7, 7};
static const unsigned order_of_family[FAMILIES] = {0, 0, 0, 1, 1, 1, 2, 2};
static const unsigned species_of_genus[GENERA] = {5, 3, 2, 4, 3, 2, 3, 3, 4, 2, 3, 3, 4, 3, 3, 2, 2, 4, 3, 2};

static void make_clades(world *w)
{
  char root[BASES + 1];
  make_root(&w->random, root);
  for (unsigned i = 0; i < ORDERS; i++) {
    snprintf(w->orders[i].name, NAME_SIZE, "%s", order_names[i]);
    evolve(&w->random, root, order_branch, w->orders[i].bases);
  }
  for (unsigned i = 0; i < FAMILIES; i++) {
    w->families[i].parent = order_of_family[i];
    snprintf(w->families[i].name, NAME_SIZE, "%s", family_names[i]);
    evolve(&w->random, w->orders[order_of_family[i]].bases, family_branch, w->families[i].bases);
  }
  unsigned species = 0;
  for (unsigned i = 0; i < GENERA; i++) {
    w->genera[i].parent = family_of_genus[i];
    snprintf(w->genera[i].name, NAME_SIZE, "%s", genus_names[i]);
    evolve(&w->random, w->families[family_of_genus[i]].bases, genus_branch, w->genera[i].bases);
    for (unsigned s = 0; s < species_of_genus[i] && species < SPECIES; s++, species++) {
      w->species[species].parent = i;
      snprintf(w->species[species].name, NAME_SIZE, "%s %s", genus_names[i], epithets[s]);
      evolve(&w->random, w->genera[i].bases, species_branch, w->species[species].bases);
    }
  }
}

/* Whether the barcode equals, contains or is contained in an earlier one: such a pair in two splits would be
   a leak. */
static bool is_repeated(const world *w, const char *bases)
{
  for (unsigned i = 0; i < w->specimen_count; i++)
    if (strstr(w->specimens[i].bases, bases) || strstr(bases, w->specimens[i].bases)) return true;
  return false;
}

static specimen *add_specimen(world *w, unsigned species, const char *split)
{
  if (w->specimen_count == SPECIMENS_MAX) {
    fprintf(stderr, "simulate_barcodes: more than %d specimens\n", SPECIMENS_MAX);
    exit(1);
  }
  specimen *new_one = &w->specimens[w->specimen_count];
  do {
    evolve(&w->random, w->species[species].bases, specimen_branch, new_one->bases);
    blemish(&w->random, new_one->bases);
  } while (is_repeated(w, new_one->bases));
  new_one->species = species;
  new_one->split = split;
  /* As in real tables: some genera have no family, few records a subfamily, and one in ten no species. */
  const unsigned genus = w->species[species].parent;
  new_one->has_family = genus != 7 && genus != 13 && genus != 16;
  new_one->has_subfamily = genus < 3 && random_percent(&w->random, 60);
  new_one->has_genus = true;
  new_one->has_species = true;
  w->specimen_count++;
  return new_one;
}

/* The last species of a genus with three or more is held out: its records are test_unseen. */
static bool is_held_out(const world *w, unsigned species)
{
  const unsigned genus = w->species[species].parent;
  return species_of_genus[genus] >= 3 && (species + 1 == SPECIES || w->species[species + 1].parent != genus);
}

static void make_specimens(world *w)
{
  for (unsigned species = 0; species < SPECIES; species++) {
    if (is_held_out(w, species)) {
      for (unsigned i = 0; i < 4; i++) add_specimen(w, species, "test_unseen");
      continue;
    }
    for (unsigned i = 0; i < 9; i++) {
      specimen *record = add_specimen(w, species, "train");
      if (i > 0 && random_percent(&w->random, 11)) {
        record->has_species = false;
        record->has_genus = random_percent(&w->random, 70);
      }
    }
    add_specimen(w, species, "val");
    for (unsigned i = 0; i < 2; i++) add_specimen(w, species, "test");
    if (species % 2 == 0) {
      specimen *record = add_specimen(w, species, "pretrain");
      record->has_species = false;
      record->has_genus = random_percent(&w->random, 50);
    }
  }
  for (unsigned i = w->specimen_count - 1; i > 0; i--) { /* Fisher-Yates: the table is in no order */
    const unsigned j = random_below(&w->random, i + 1);
    const specimen kept = w->specimens[i];
    w->specimens[i] = w->specimens[j];
    w->specimens[j] = kept;
  }
}

static FILE *open_file(const char *folder, const char *name)
{
  char path[4096];
  if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >= sizeof path) {
    fprintf(stderr, "simulate_barcodes: the path is too long: %s\n", folder);
    exit(1);
  }
  FILE *file = fopen(path, "wb");
  if (!file) {
    fprintf(stderr, "simulate_barcodes: %s: %s\n", path, strerror(errno));
    exit(1);
  }
  return file;
}

static void close_file(FILE *file)
{
  const bool bad = ferror(file) != 0;
  if (fclose(file) != 0 || bad) {
    fprintf(stderr, "simulate_barcodes: cannot write: %s\n", strerror(errno));
    exit(1);
  }
}

typedef struct lineage {
  const char *order, *family, *subfamily, *genus, *species, *lowest; /* "" = no label */
} lineage;

static lineage lineage_of(const world *w, const specimen *record)
{
  const clade *species = &w->species[record->species], *genus = &w->genera[species->parent],
              *family = &w->families[genus->parent];
  lineage l = {w->orders[family->parent].name,
               record->has_family ? family->name : "",
               record->has_subfamily ? "Simulalphinae" : "",
               record->has_genus ? genus->name : "",
               record->has_species ? species->name : "",
               ""};
  l.lowest = *l.species     ? l.species
             : *l.genus     ? l.genus
             : *l.subfamily ? l.subfamily
             : *l.family    ? l.family
                            : l.order;
  return l;
}

/* The 23 columns of the BIOSCAN-5M metadata. */
static void write_metadata(const world *w, const char *folder)
{
  FILE *file = open_file(folder, "simulated_metadata.csv");
  fputs("processid,sampleid,taxon,phylum,class,order,family,subfamily,genus,species,dna_bin,dna_barcode,"
        "country,province_state,"
        "coord-lat,coord-lon,image_measurement_value,area_fraction,scale_factor,inferred_ranks,split,index_"
        "bioscan_1M_insect,chunk\n",
        file);
  for (unsigned i = 0; i < w->specimen_count; i++) {
    const specimen *record = &w->specimens[i];
    const lineage l = lineage_of(w, record);
    fprintf(file,
            "SIM%04u-26,SIM%04u-26,%s,Simulopoda,Simulecta,%s,%s,%s,%s,%s,SIM:BIN%04u,%s,,,,,,,,,%s,,\n",
            i + 1, i + 1, l.lowest, l.order, l.family, l.subfamily, l.genus, l.species, record->species + 1,
            record->bases, record->split);
  }
  close_file(file);
}

static void write_wrapped(FILE *file, const char *bases)
{
  const size_t length = strlen(bases);
  for (size_t at = 0; at < length; at += 80) fprintf(file, "%.80s\n", bases + at);
}

static const char *spelled(const char *name, const char *missing, char *text)
{
  snprintf(text, NAME_SIZE, "%s", *name ? name : missing);
  for (char *c = text; *c; c++)
    if (*c == ' ') *c = '_';
  return text;
}

static void write_rank(FILE *file, const char *prefix, const char *name, const char *missing)
{
  char text[NAME_SIZE];
  fprintf(file, "%s%s", prefix, spelled(name, missing, text));
}

static void write_prefixed(FILE *file, const lineage *l, const char *between)
{
  fprintf(file, "k__Simulata%sp__Simulopoda%sc__Simulecta", between, between);
  const char *const names[] = {l->order, l->family, l->genus, l->species};
  for (size_t r = 0; r < 4; r++) {
    char prefix[16];
    snprintf(prefix, sizeof prefix, "%s%c__", between, "ofgs"[r]);
    write_rank(file, prefix, names[r], "unidentified");
  }
}

/* The same kind of records in the three other label formats: every sixth training record. */
static void write_annotated(const world *w, const char *folder)
{
  FILE *unite = open_file(folder, "simulated_unite.fasta"),
       *sintax = open_file(folder, "simulated_sintax.fasta");
  FILE *fasta = open_file(folder, "simulated_qiime2.fasta"),
       *taxonomy = open_file(folder, "simulated_qiime2_taxonomy.tsv");
  fputs("Feature ID\tTaxon\n", taxonomy);
  unsigned seen = 0;
  for (unsigned i = 0; i < w->specimen_count; i++) {
    const specimen *record = &w->specimens[i];
    if (strcmp(record->split, "train") != 0 || seen++ % 6 != 0) continue;
    const lineage l = lineage_of(w, record);
    fprintf(unite, ">SIM%04u|", i + 1);
    write_prefixed(unite, &l, ";");
    fprintf(unite, "|SH%07u.01FU\n", record->species + 1);
    fprintf(sintax, ">SIM%04u;tax=k:Simulata,p:Simulopoda,c:Simulecta", i + 1);
    const char *const names[] = {l.order, l.family, l.genus, l.species};
    for (size_t r = 0; r < 4; r++) {
      const char prefix[] = {',', "ofgs"[r], ':', '\0'};
      if (*names[r]) write_rank(sintax, prefix, names[r], "");
    }
    fputs(";\n", sintax);
    fprintf(fasta, ">SIM%04u\n", i + 1);
    fprintf(taxonomy, "SIM%04u\t", i + 1);
    write_prefixed(taxonomy, &l, "; ");
    fputc('\n', taxonomy);
    write_wrapped(unite, record->bases);
    write_wrapped(sintax, record->bases);
    write_wrapped(fasta, record->bases);
  }
  close_file(unite);
  close_file(sintax);
  close_file(fasta);
  close_file(taxonomy);
}

static void reverse_complement(char *bases)
{
  const size_t length = strlen(bases);
  for (size_t i = 0; i < (length + 1) / 2; i++) {
    static const char from[] = "ACGTN", to[] = "TGCAN";
    const char left = to[strchr(from, bases[i]) - from],
               right = to[strchr(from, bases[length - 1 - i]) - from];
    bases[i] = right;
    bases[length - 1 - i] = left;
  }
}

/* Fresh specimens that are in no table, with a few awkward ones. The header says what each really is. */
static void write_queries(world *w, const char *folder)
{
  FILE *file = open_file(folder, "simulated_queries.fasta");
  for (unsigned i = 0; i < 36; i++) {
    const unsigned species = (i * 7 + 2) % SPECIES;
    specimen *record = add_specimen(w, species, "query");
    if (i % 12 == 9) reverse_complement(record->bases);
    if (i == 4)
      for (char *c = record->bases; *c; c++) *c = *c == 'T' ? 'u' : (char)(*c + ('a' - 'A'));
    fprintf(file, ">query%02u %s%s%s\n", i + 1, w->species[species].name,
            is_held_out(w, species) ? " (species not in the training split)" : "",
            i % 12 == 9 ? " (reverse strand)" : "");
    write_wrapped(file, record->bases);
    w->specimen_count--;
  }
  fputs(">query37 a read of 24 bases\n", file);
  fprintf(file, "%.24s\n", w->species[0].bases);
  fputs(">query38 nothing but N\nNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNN\n", file);
  close_file(file);
}

/* The vectors of the specimens of the table (simulate_vectors.c). */
static void write_modalities(const world *w, const char *folder, uint64_t seed)
{
  static vector_specimen specimens[SPECIMENS_MAX];
  for (unsigned i = 0; i < w->specimen_count; i++) {
    const specimen *record = &w->specimens[i];
    const unsigned genus = w->species[record->species].parent, family = w->genera[genus].parent;
    specimens[i] = (vector_specimen){.number = i + 1,
                                     .order = w->families[family].parent,
                                     .family = family,
                                     .genus = genus,
                                     .species = record->species,
                                     .has_family = record->has_family,
                                     .has_genus = record->has_genus,
                                     .has_species = record->has_species};
  }
  write_vectors(folder, specimens, w->specimen_count, seed);
}

/* Records of several specimens (simulate_mixed.c): of the training specimens and, for the tests, of those of
   split test. */
static void write_mixed(const world *w, const char *folder, uint64_t seed)
{
  static const char *const splits[] = {"train", "test"};
  static mixed_specimen specimens[SPECIMENS_MAX];
  unsigned count = 0, first_test = 0;
  FILE *file = open_file(folder, "simulated_mixed.tsv");
  for (size_t s = 0; s < 2; s++) {
    first_test = count;
    for (unsigned i = 0; i < w->specimen_count; i++) {
      const specimen *record = &w->specimens[i];
      const clade *species = &w->species[record->species], *genus = &w->genera[species->parent],
                  *family = &w->families[genus->parent];
      if (strcmp(record->split, splits[s]) != 0) continue;
      specimens[count++] =
          (mixed_specimen){record->bases,
                           {w->orders[family->parent].name, family->name, genus->name, species->name},
                           record->species};
    }
  }
  write_mixed_table(specimens, first_test, count, seed, file);
  close_file(file);
}

static unsigned differences(const char *a, const char *b)
{
  unsigned count = 0;
  for (size_t i = 0; i < BASES; i++) count += a[i] != b[i];
  return count;
}

/* Traits evolve along the same tree: orders, families, genera, species. Their random numbers are others. */
static void write_traits(const world *w, uint64_t seed, const char *folder)
{
  static trait_node nodes[ORDERS + FAMILIES + GENERA + SPECIES];
  static unsigned species[SPECIMENS_MAX];
  enum { FAMILY = ORDERS, GENUS = FAMILY + FAMILIES, FIRST_SPECIES = GENUS + GENERA };
  const trait_tree tree = {nodes, FIRST_SPECIES + SPECIES, species, w->specimen_count};
  FILE *file = open_file(folder, "simulated_traits.tsv");
  for (unsigned i = 0; i < ORDERS; i++)
    nodes[i] = (trait_node){-1, (order_branch.low + order_branch.high) / 2};
  for (unsigned i = 0; i < FAMILIES; i++)
    nodes[FAMILY + i] =
        (trait_node){(int)w->families[i].parent,
                     differences(w->families[i].bases, w->orders[w->families[i].parent].bases)};
  for (unsigned i = 0; i < GENERA; i++)
    nodes[GENUS + i] = (trait_node){FAMILY + (int)w->genera[i].parent,
                                    differences(w->genera[i].bases, w->families[w->genera[i].parent].bases)};
  for (unsigned i = 0; i < SPECIES; i++)
    nodes[FIRST_SPECIES + i] =
        (trait_node){GENUS + (int)w->species[i].parent,
                     differences(w->species[i].bases, w->genera[w->species[i].parent].bases)};
  for (unsigned i = 0; i < w->specimen_count; i++) species[i] = FIRST_SPECIES + w->specimens[i].species;
  write_trait_table(&tree, seed, file);
  close_file(file);
}

/* Two sources of labels for the records of the table that have a species in the training split. */
static void write_sources(const world *w, const char *folder, uint64_t seed)
{
  static true_label labels[SPECIMENS_MAX];
  const char *species[SPECIES], *genera[GENERA];
  unsigned genus_of[SPECIES], count = 0;
  const known_names names = {species, genus_of, genera, SPECIES};
  FILE *file = open_file(folder, "simulated_two_sources.csv");
  for (unsigned i = 0; i < GENERA; i++) genera[i] = w->genera[i].name;
  for (unsigned i = 0; i < SPECIES; i++) {
    species[i] = w->species[i].name;
    genus_of[i] = w->species[i].parent;
  }
  for (unsigned i = 0; i < w->specimen_count; i++) {
    const specimen *record = &w->specimens[i];
    if (strcmp(record->split, "pretrain") != 0 && strcmp(record->split, "test_unseen") != 0)
      labels[count++] =
          (true_label){i + 1, record->species, record->split, strcmp(record->split, "train") == 0};
  }
  write_two_sources(file, labels, count, &names, seed);
  close_file(file);
}

int main(int argument_count, char **arguments)
{
  static world w; /* too large for a stack */
  uint64_t seed;
  w.random = DEFAULT_SEED;
  if (argument_count == 3) {
    char *end;
    errno = 0;
    w.random = strtoull(arguments[2], &end, 10);
    if (errno || end == arguments[2] || *end) argument_count = 0;
  }
  if (argument_count != 2 && argument_count != 3) {
    fputs("usage: simulate_barcodes FOLDER [SEED]\n", stderr);
    return 2;
  }
  seed = w.random;
  make_clades(&w);
  make_specimens(&w);
  write_metadata(&w, arguments[1]);
  write_traits(&w, seed, arguments[1]);
  write_annotated(&w, arguments[1]);
  write_sources(&w, arguments[1], seed);
  write_queries(&w, arguments[1]);
  write_modalities(&w, arguments[1], seed);
  write_mixed(&w, arguments[1], seed);
  return 0;
}
