/* Simulates a table of the size and layout of BIOSCAN-5M, to standard output:

     simulate_table ROWS [DISTINCT [SPECIES [SEED]]]

   ROWS records with DISTINCT different barcodes (default: 2.49 of 5.15) of SPECIES named species (default:
   those of BIOSCAN-5M in proportion), in the splits of BIOSCAN-5M in their proportions. A barcode is of one
   split only; common ones have many records, rare ones one. Records of pretrain have no species: they are of
   clusters without a name, and most have an order and a family only. Nothing of a row is kept: barcodes are
   made again from their number when a row has them. Memory: 17 to 33 bytes for each distinct barcode,
   which tell that they are different, and the genera. The bytes are the same on every machine. */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evolution.h"

enum { NAME_SIZE = 48, SPLITS = 8, PRETRAIN = 7, RECORDS = 5150850, BARCODES = 2486492, ALL_SPECIES = 22622 };

/* Whose barcodes the splits have: species that train has, others of its genera, species that no split to be
   scored has, clusters without a name. */
typedef enum group { SEEN, UNSEEN, HELD_OUT, UNNAMED, GROUPS } group;

static const struct {
  const char *name;
  uint64_t records; /* of BIOSCAN-5M */
  group of;
} splits[SPLITS] = {{"train", 289203, SEEN},      {"val", 14757, SEEN},
                    {"test", 39373, SEEN},        {"val_unseen", 8819, UNSEEN},
                    {"test_unseen", 7887, UNSEEN}, {"key_unseen", 36465, UNSEEN},
                    {"other_heldout", 76590, HELD_OUT}, {"pretrain", 4677756, UNNAMED}};

typedef struct clade {
  char bases[BASES + 1];
  uint64_t parent;
} clade;

typedef struct world {
  uint64_t seed, rows, barcodes;
  uint64_t first_row[SPLITS + 1], first_barcode[SPLITS + 1]; /* of each split */
  uint64_t species[GROUPS], first_species[GROUPS];
  uint64_t genera, families, orders;
  clade *genus, *family, *order;
  uint8_t *attempts; /* (barcodes) attempts at each until it was a new one */
  uint64_t *hashes;  /* (slots) of the barcodes so far, 0 = free */
  uint64_t slots;
} world;

/* A random state of its own for each thing that is made. */
static uint64_t state_of(const world *w, uint64_t kind, uint64_t number)
{
  uint64_t state = w->seed ^ kind << 56;
  state = random_next(&state) ^ number;
  return random_next(&state);
}

static void *allocate(uint64_t count, size_t size)
{
  void *memory = calloc(count ? (size_t)count : 1, size);
  if (!memory) {
    fputs("simulate_table: no memory\n", stderr);
    exit(1);
  }
  return memory;
}

static uint64_t below(uint64_t *state, uint64_t bound)
{
  return random_below(state, (unsigned)bound);
}

/* Some numbers are drawn far more often than others: the first ones. */
static uint64_t skewed(uint64_t *state, uint64_t bound)
{
  const uint64_t a = below(state, bound), b = below(state, a + 1);
  return below(state, b + 1);
}

static void make_clades(world *w)
{
  uint64_t state = state_of(w, 1, 0);
  char root[BASES + 1];
  make_root(&state, root);
  for (uint64_t i = 0; i < w->orders; i++) evolve(&state, root, order_branch, w->order[i].bases);
  for (uint64_t i = 0; i < w->families; i++) {
    w->family[i].parent = i < w->orders ? i : skewed(&state, w->orders);
    evolve(&state, w->order[w->family[i].parent].bases, family_branch, w->family[i].bases);
  }
  for (uint64_t i = 0; i < w->genera; i++) {
    w->genus[i].parent = i < w->families ? i : skewed(&state, w->families);
    evolve(&state, w->family[w->genus[i].parent].bases, genus_branch, w->genus[i].bases);
  }
}

static uint64_t largest(uint64_t a, uint64_t b)
{
  return a > b ? a : b;
}

static uint64_t share(uint64_t of, uint64_t part, uint64_t whole)
{
  return of * part / whole;
}

/* The numbers of everything, in the proportions of BIOSCAN-5M. */
static void divide(world *w, uint64_t species)
{
  static const uint64_t named[GROUPS] = {11846, 914, 9862, 0};
  uint64_t records = 0;
  for (size_t s = 0; s < SPLITS; s++) {
    records += splits[s].records;
    w->first_row[s + 1] = s == PRETRAIN ? w->rows : share(w->rows, records, RECORDS);
    w->first_barcode[s + 1] =
        s == PRETRAIN ? w->barcodes
                      : largest(share(w->barcodes, records, RECORDS), w->first_barcode[s] + 1);
  }
  for (size_t g = 0; g < GROUPS; g++) {
    w->species[g] = g == UNNAMED ? 13 * species : largest(1, share(species, named[g], ALL_SPECIES));
    w->first_species[g] = g ? w->first_species[g - 1] + w->species[g - 1] : 0;
  }
  w->genera = largest(1, species / 3);
  w->families = largest(1, w->genera / 8);
  w->orders = largest(1, w->families / 17);
  w->genus = allocate(w->genera, sizeof *w->genus);
  w->family = allocate(w->families, sizeof *w->family);
  w->order = allocate(w->orders, sizeof *w->order);
  w->attempts = allocate(w->barcodes, sizeof *w->attempts);
  for (w->slots = 16; w->slots < 2 * w->barcodes;) w->slots *= 2;
  w->hashes = allocate(w->slots, sizeof *w->hashes);
}

static size_t split_of(const uint64_t first[SPLITS + 1], uint64_t number)
{
  size_t split = 0;
  while (number >= first[split + 1]) split++;
  return split;
}

/* The species of a barcode: in train and key_unseen each has one. */
static uint64_t species_of(const world *w, size_t split, uint64_t barcode)
{
  const group of = splits[split].of;
  const uint64_t at = barcode - w->first_barcode[split];
  uint64_t state = state_of(w, 2, barcode);
  const bool all = at < w->species[of] && strcmp(splits[split].name, "test") != 0 &&
                   strcmp(splits[split].name, "val") != 0;
  return w->first_species[of] + (all ? at : skewed(&state, w->species[of]));
}

/* Species that are not in train are of genera that it has. */
static uint64_t genus_of(const world *w, uint64_t species)
{
  uint64_t state = state_of(w, 3, species);
  if (species < w->species[SEEN]) return species % w->genera;
  return skewed(&state, species < w->first_species[HELD_OUT] && w->species[SEEN] < w->genera
                            ? w->species[SEEN]
                            : w->genera);
}

static void make_barcode(const world *w, uint64_t barcode, char *bases)
{
  const uint64_t species = species_of(w, split_of(w->first_barcode, barcode), barcode);
  const unsigned attempts = w->attempts[barcode];
  const branch_length length = {attempts / 4, specimen_branch.high + attempts / 2};
  uint64_t state = state_of(w, 4, species);
  char ancestor[BASES + 1];
  evolve(&state, w->genus[genus_of(w, species)].bases, species_branch, ancestor);
  state = state_of(w, 5, barcode) + attempts;
  evolve(&state, ancestor, length, bases);
  blemish(&state, bases);
}

/* FNV-1a, never 0. */
static uint64_t hash_of(const char *text)
{
  uint64_t hash = UINT64_C(0xcbf29ce484222325);
  for (; *text; text++) hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
  return hash ? hash : 1;
}

/* False: a barcode with this hash is there already. */
static bool add_hash(world *w, uint64_t hash)
{
  uint64_t at = (hash ^ hash >> 29) & (w->slots - 1);
  for (; w->hashes[at]; at = (at + 1) & (w->slots - 1))
    if (w->hashes[at] == hash) return false;
  w->hashes[at] = hash;
  return true;
}

static void make_different(world *w)
{
  char bases[BASES + 1];
  for (uint64_t b = 0; b < w->barcodes; b++) {
    for (make_barcode(w, b, bases); !add_hash(w, hash_of(bases)); make_barcode(w, b, bases))
      if (++w->attempts[b] == UINT8_MAX) {
        fputs("simulate_table: too many barcodes for so few species\n", stderr);
        exit(1);
      }
  }
  free(w->hashes);
}

/* Letters only, as digits in a name look like a name that is none. Another text for each number. */
static void name_of(uint64_t number, const char *end, char *name)
{
  static const char consonants[] = "bdfglmnprstvz", vowels[] = "aeiou";
  size_t at = 0;
  do {
    name[at++] = consonants[number % 13];
    number /= 13;
    name[at++] = vowels[number % 5];
    number /= 5;
  } while (number);
  snprintf(name + at, NAME_SIZE - at, "%s", end);
}

static void write_row(const world *w, uint64_t row, uint64_t number)
{
  const size_t split = split_of(w->first_row, number);
  const uint64_t barcodes = w->first_barcode[split + 1] - w->first_barcode[split],
                 at = number - w->first_row[split];
  uint64_t state = state_of(w, 6, number);
  const uint64_t barcode = w->first_barcode[split] + (at < barcodes ? at : skewed(&state, barcodes)),
                 species = species_of(w, split, barcode), genus = genus_of(w, species),
                 family = w->genus[genus].parent, order = w->family[family].parent;
  const bool named = splits[split].of != UNNAMED, has_genus = named || random_percent(&state, 17),
             has_family = named || has_genus || random_percent(&state, 94);
  char bases[BASES + 1], names[3][NAME_SIZE], full[2 * NAME_SIZE + 8] = "";
  make_barcode(w, barcode, bases);
  name_of(order, "ptera", names[0]);
  name_of(family, "idae", names[1]);
  name_of(genus, "ella", names[2]);
  if (named) {
    char epithet[NAME_SIZE];
    name_of(species, "ensis", epithet);
    snprintf(full, sizeof full, "Simul%s %s", names[2], epithet);
  }
  printf("SIM%07" PRIu64 "-26,SIM%07" PRIu64 "-26,,Simulopoda,Simulecta,", row + 1, row + 1);
  printf("Simul%s,%s%s,,%s%s,%s,SIM:BIN%07" PRIu64 ",%s,,,,,,,,,%s,,\n", names[0], has_family ? "Simul" : "",
         has_family ? names[1] : "", has_genus ? "Simul" : "", has_genus ? names[2] : "", full, species + 1,
         bases, splits[split].name);
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
  while (b) {
    const uint64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/* The rows of the splits are mixed: row i of the table is number i * step mod ROWS. */
static void write_table(const world *w)
{
  uint64_t step = share(w->rows, 618034, 1000000), number = 0;
  while (common_divisor(step, w->rows) != 1) step++;
  fputs("processid,sampleid,taxon,phylum,class,order,family,subfamily,genus,species,dna_bin,dna_barcode,"
        "country,province_state,coord-lat,coord-lon,image_measurement_value,area_fraction,scale_factor,"
        "inferred_ranks,split,index_bioscan_1M_insect,chunk\n",
        stdout);
  for (uint64_t row = 0; row < w->rows; row++, number = (number + step) % w->rows) write_row(w, row, number);
}

static bool read_number(const char *text, uint64_t least, uint64_t most, uint64_t *ret_number)
{
  char *end;
  errno = 0;
  *ret_number = strtoull(text, &end, 10);
  return !errno && end != text && !*end && *text != '-' && *ret_number >= least && *ret_number <= most;
}

int main(int argument_count, char **arguments)
{
  world w = {.seed = 20260101};
  uint64_t species = 0;
  bool right = argument_count >= 2 && argument_count <= 5 &&
               read_number(arguments[1], 1000, 1000000000, &w.rows);
  if (right) {
    w.barcodes = share(w.rows, BARCODES, RECORDS);
    species = largest(30, share(w.rows, ALL_SPECIES, RECORDS));
  }
  if (right && argument_count > 2) right = read_number(arguments[2], SPLITS, w.rows / 2, &w.barcodes);
  if (right && argument_count > 3) right = read_number(arguments[3], 30, 10000000, &species);
  if (right && argument_count > 4) right = read_number(arguments[4], 0, UINT64_MAX, &w.seed);
  if (!right) {
    fputs("usage: simulate_table ROWS [DISTINCT [SPECIES [SEED]]]\n"
          "1000 rows at least, half as many distinct barcodes at most, 30 species at least\n",
          stderr);
    return 2;
  }
  divide(&w, species);
  make_clades(&w);
  make_different(&w);
  write_table(&w);
  if (fflush(stdout) != 0 || ferror(stdout)) {
    fprintf(stderr, "simulate_table: cannot write: %s\n", strerror(errno));
    return 1;
  }
  free(w.genus);
  free(w.family);
  free(w.order);
  free(w.attempts);
  return 0;
}
