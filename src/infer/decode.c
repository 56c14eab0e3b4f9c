#include "infer/decode.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* exp(-60) is 1e-26: a million such paths do not change a confidence in its fourth decimal. Most paths of a
   large taxonomy are below this bound, and their exp is not computed. */
#define NEGLIGIBLE (-60.0)

struct tx_lineage_decoder {
  size_t ranks;
  size_t start[TX_RANKS_MAX + 1]; /* start[r]..start[r + 1] - 1: the classes of rank r */
  size_t paths;
  int32_t *indices; /* (paths, ranks) */
};

/* Marks every taxon that is the parent of another: (classes). */
static bool *find_parents(const tx_lineage_decoder *decoder, const tx_taxonomy *taxonomy)
{
  size_t classes = decoder->start[decoder->ranks];
  bool *parents = calloc(classes ? classes : 1, sizeof *parents);
  if (!parents) return NULL;
  for (size_t rank = 0; rank < decoder->ranks; rank++) {
    size_t count = decoder->start[rank + 1] - decoder->start[rank];
    for (size_t class_index = 0; class_index < count; class_index++) {
      size_t parent_rank = 0;
      int32_t parent = tx_taxonomy_parent(taxonomy, rank, (int32_t)class_index, &parent_rank);
      if (parent >= 0) parents[decoder->start[parent_rank] + (size_t)parent] = true;
    }
  }
  return parents;
}

/* Fills the paths of the terminal taxa. */
static void fill_paths(tx_lineage_decoder *decoder, const tx_taxonomy *taxonomy, const bool *parents)
{
  int32_t lineage[TX_RANKS_MAX];
  int32_t *indices = decoder->indices;
  for (size_t rank = 0; rank < decoder->ranks; rank++) {
    size_t count = decoder->start[rank + 1] - decoder->start[rank];
    for (size_t class_index = 0; class_index < count; class_index++) {
      if (parents[decoder->start[rank] + class_index]) continue;
      tx_taxonomy_lineage(taxonomy, rank, (int32_t)class_index, lineage);
      for (size_t r = 0; r < decoder->ranks; r++)
        *indices++ = lineage[r] < 0 ? -1 : (int32_t)decoder->start[r] + lineage[r];
    }
  }
}

tx_status tx_lineage_decoder_create(const tx_taxonomy *taxonomy, tx_lineage_decoder **ret_decoder,
                                    tx_error *error)
{
  tx_lineage_decoder *decoder = calloc(1, sizeof *decoder);
  bool *parents = NULL;
  size_t cells = 0;
  tx_status status = TX_OK;
  if (!decoder) return tx_fail_memory(error, "the paths of the taxonomy");
  decoder->ranks = tx_taxonomy_rank_count(taxonomy);
  for (size_t rank = 0; rank < decoder->ranks; rank++)
    decoder->start[rank + 1] = decoder->start[rank] + tx_taxonomy_class_count(taxonomy, rank);
  if (decoder->start[decoder->ranks] == 0 || decoder->start[decoder->ranks] > INT32_MAX) {
    status = tx_fail(error, TX_ERROR_MODEL,
                     "the model's taxonomy has %zu taxa: nothing can be classified "
                     "with it",
                     decoder->start[decoder->ranks]);
    goto fail;
  }
  parents = find_parents(decoder, taxonomy);
  if (!parents) goto memory;
  for (size_t i = 0; i < decoder->start[decoder->ranks]; i++) decoder->paths += !parents[i];
  if (!tx_multiply(decoder->paths, decoder->ranks, &cells)) goto memory;
  decoder->indices = tx_malloc_aligned(cells, sizeof *decoder->indices);
  if (!decoder->indices) goto memory;
  fill_paths(decoder, taxonomy, parents);
  free(parents);
  *ret_decoder = decoder;
  return TX_OK;
memory:
  status = tx_fail_memory(error, "the paths of the taxonomy");
fail:
  free(parents);
  tx_lineage_decoder_free(decoder);
  return status;
}

void tx_lineage_decoder_free(tx_lineage_decoder *decoder)
{
  if (!decoder) return;
  free(decoder->indices);
  free(decoder);
}

size_t tx_lineage_decoder_paths(const tx_lineage_decoder *decoder)
{
  return decoder->paths;
}

size_t tx_lineage_decoder_start(const tx_lineage_decoder *decoder, size_t rank)
{
  return decoder->start[rank];
}

size_t tx_lineage_decoder_classes(const tx_lineage_decoder *decoder)
{
  return decoder->start[decoder->ranks];
}

const int32_t *tx_lineage_decoder_path(const tx_lineage_decoder *decoder, size_t path)
{
  return decoder->indices + path * decoder->ranks;
}

/* Returns the sum over all ranks of the log factors of one path; largest[r] is the largest log-probability of
   rank r. A rank without any taxon is left out: it gives no information, and a factor for it would only
   sharpen the distribution. */
static double path_score(const tx_lineage_decoder *decoder, const int32_t *path,
                         const double *log_probabilities, const double *largest)
{
  double sum = 0, mean;
  size_t own = 0;
  for (size_t rank = 0; rank < decoder->ranks; rank++) {
    if (path[rank] < 0) continue;
    sum += log_probabilities[path[rank]];
    own++;
  }
  if (own == decoder->ranks) return sum;
  mean = sum / (double)own;
  for (size_t rank = 0; rank < decoder->ranks; rank++)
    if (path[rank] < 0 && decoder->start[rank] < decoder->start[rank + 1])
      sum += mean < largest[rank] ? mean : largest[rank];
  return sum;
}

/* Computes the confidences of the taxa of the best path. All sums are over the paths in the same order, so
   that rounding cannot make the sum over a subset (a lower rank) larger than that over the whole. */
static void add_confidences(const tx_lineage_decoder *decoder, const double *weights,
                            tx_decoded_lineage *lineage)
{
  const int32_t *best = tx_lineage_decoder_path(decoder, lineage->path);
  double total = 0;
  for (size_t rank = 0; rank < decoder->ranks; rank++) lineage->confidence[rank] = 0;
  for (size_t path = 0; path < decoder->paths; path++) {
    const int32_t *indices = tx_lineage_decoder_path(decoder, path);
    if (weights[path] == 0) continue;
    total += weights[path];
    for (size_t rank = 0; rank < decoder->ranks; rank++)
      if (indices[rank] == best[rank]) lineage->confidence[rank] += weights[path];
  }
  for (size_t rank = 0; rank < decoder->ranks; rank++) {
    lineage->taxa[rank] = best[rank] < 0 ? -1 : best[rank] - (int32_t)decoder->start[rank];
    lineage->confidence[rank] = best[rank] < 0 ? 0 : lineage->confidence[rank] / total;
  }
}

void tx_decode(const tx_lineage_decoder *decoder, const double *log_probabilities, double *weights,
               tx_decoded_lineage *ret_lineage)
{
  double largest[TX_RANKS_MAX];
  size_t best = 0;
  for (size_t rank = 0; rank < decoder->ranks; rank++) {
    largest[rank] = -INFINITY;
    for (size_t i = decoder->start[rank]; i < decoder->start[rank + 1]; i++)
      if (log_probabilities[i] > largest[rank]) largest[rank] = log_probabilities[i];
  }
  for (size_t path = 0; path < decoder->paths; path++) {
    weights[path] = path_score(decoder, tx_lineage_decoder_path(decoder, path), log_probabilities, largest);
    if (weights[path] > weights[best]) best = path;
  }
  ret_lineage->path = best;
  ret_lineage->score = weights[best];
  for (size_t path = 0; path < decoder->paths; path++) {
    double behind = weights[path] - ret_lineage->score;
    weights[path] = behind > NEGLIGIBLE ? exp(behind) : 0;
  }
  add_confidences(decoder, weights, ret_lineage);
}

double tx_round_down(double confidence)
{
  double rounded = floor(confidence * 1e4 + 1e-8) / 1e4;
  return rounded > 1 ? 1 : rounded > 0 ? rounded : 0;
}

void tx_decoded_lineage_cut(tx_decoded_lineage *lineage, size_t ranks, double min_confidence)
{
  bool below = false;
  for (size_t rank = 0; rank < ranks; rank++) {
    if (lineage->taxa[rank] < 0) continue;
    lineage->confidence[rank] = tx_round_down(lineage->confidence[rank]);
    if (lineage->confidence[rank] < min_confidence) below = true;
    if (!below) continue;
    lineage->taxa[rank] = -1;
    lineage->confidence[rank] = 0;
  }
}
