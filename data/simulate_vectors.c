/* Image-like and text-like vectors of the simulated specimens, with a known signal.

   An image-like vector is the sum of one random vector for each of the taxa of the specimen, from the order
   down to the species, one that all images share, and noise of its own: records of a species lie close
   together, those of a genus less so. A text-like vector is the sum of the vectors of the names that the
   label of the record has, without noise, as the text of a label has none. One specimen in 16 has no image.
   Only integer arithmetic decides, so that every machine writes the same bytes. */
#include "simulate_vectors.h"
#include "evolution.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { IMAGE = 32, TEXT = 16, UNIT = 1024 };

/* Weights of the parts of an image. */
enum { SHARED_PART = 3, ORDER_PART = 4, FAMILY_PART = 4, GENUS_PART = 4, SPECIES_PART = 3, NOISE_PART = 4 };

/* Kinds of random vectors. */
enum { OF_ALL, OF_ORDER, OF_FAMILY, OF_GENUS, OF_SPECIES, OF_SPECIMEN, OF_WORD, OF_PRESENCE };

/* Number `place` of the random vector of a thing: -UNIT..UNIT-1, the mean of four draws. */
static int draw(uint64_t seed, unsigned kind, unsigned thing, unsigned place)
{
  uint64_t state = seed ^ ((uint64_t)kind << 48 | (uint64_t)thing << 24 | place);
  int sum = 0;
  for (int i = 0; i < 4; i++) sum += (int)(random_next(&state) >> 53) - UNIT;
  return sum / 4;
}

static int image_number(const vector_specimen *own, uint64_t seed, unsigned place)
{
  return SHARED_PART * draw(seed, OF_ALL, 0, place) + ORDER_PART * draw(seed, OF_ORDER, own->order, place) +
         FAMILY_PART * draw(seed, OF_FAMILY, own->family, place) +
         GENUS_PART * draw(seed, OF_GENUS, own->genus, place) +
         SPECIES_PART * draw(seed, OF_SPECIES, own->species, place) +
         NOISE_PART * draw(seed, OF_SPECIMEN, own->number, place);
}

static int text_number(const vector_specimen *own, uint64_t seed, unsigned place)
{
  int sum = draw(seed, OF_WORD, own->order, place);
  if (own->has_family) sum += draw(seed, OF_WORD, 1000 + own->family, place);
  if (own->has_genus) sum += draw(seed, OF_WORD, 2000 + own->genus, place);
  if (own->has_species) sum += draw(seed, OF_WORD, 3000 + own->species, place);
  return sum;
}

static bool has_image(const vector_specimen *own, uint64_t seed)
{
  return draw(seed, OF_PRESENCE, own->number, 0) % 16 != 0;
}

static void fail(const char *path)
{
  fprintf(stderr, "simulate_barcodes: %s: %s\n", path, strerror(errno));
  exit(1);
}

static FILE *open_file(const char *folder, const char *name)
{
  char path[4096];
  FILE *file;
  if ((size_t)snprintf(path, sizeof path, "%s/vectors/%s", folder, name) >= sizeof path) errno = ENAMETOOLONG;
  file = fopen(path, "wb");
  if (!file) fail(path);
  return file;
}

static void close_file(FILE *file, const char *name)
{
  const bool bad = ferror(file) != 0;
  if (fclose(file) != 0 || bad) fail(name);
}

/* The header of a NumPy array of float32, 128 bytes. */
static void write_header(FILE *file, unsigned rows, unsigned width)
{
  char text[119];
  const int length = snprintf(
      text, sizeof text, "{'descr': '<f4', 'fortran_order': False, 'shape': (%u, %u), }", rows, width);
  memset(text + length, ' ', sizeof text - 1 - (size_t)length);
  text[117] = '\n';
  fwrite("\x93NUMPY\x01\x00\x76\x00", 1, 10, file);
  fwrite(text, 1, 118, file);
}

/* A number that float32 has exactly, little-endian. */
static void write_number(FILE *file, int number)
{
  const float value = (float)number / UNIT;
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  for (int i = 0; i < 4; i++) fputc((int)(bits >> 8 * i & 255), file);
}

static void write_modality(const char *folder, const char *name, const vector_specimen *specimens,
                           unsigned count, uint64_t seed, bool image)
{
  char array_name[64], ids_name[64];
  unsigned rows = 0;
  FILE *array, *ids;
  snprintf(array_name, sizeof array_name, "%s.npy", name);
  snprintf(ids_name, sizeof ids_name, "%s.npy.ids", name);
  array = open_file(folder, array_name);
  ids = open_file(folder, ids_name);
  for (unsigned i = 0; i < count; i++) rows += !image || has_image(&specimens[i], seed);
  write_header(array, rows, image ? IMAGE : TEXT);
  for (unsigned i = 0; i < count; i++) {
    const vector_specimen *own = &specimens[i];
    if (image && !has_image(own, seed)) continue;
    for (unsigned place = 0; place < (image ? IMAGE : TEXT); place++)
      write_number(array, image ? image_number(own, seed, place) : text_number(own, seed, place));
    fprintf(ids, "SIM%04u-26\n", own->number);
  }
  close_file(array, array_name);
  close_file(ids, ids_name);
}

void write_vectors(const char *folder, const vector_specimen *specimens, unsigned count, uint64_t seed)
{
  char path[4096];
  if ((size_t)snprintf(path, sizeof path, "%s/vectors", folder) >= sizeof path) errno = ENAMETOOLONG;
  if (mkdir(path, 0777) != 0 && errno != EEXIST) fail(path);
  write_modality(folder, "image", specimens, count, seed, true);
  write_modality(folder, "text", specimens, count, seed, false);
}
