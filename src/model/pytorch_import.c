/* A model file made from a checkpoint of PyTorch. */
#include "base/error.h"
#include "base/json.h"
#include "base/lines.h"
#include "base/path.h"
#include "base/text.h"
#include "model/model.h"
#include "model/pytorch_import.h"
#include "model/pytorch_names.h"
#include "nn/layout.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PUBLISHED_BASES = 660, K_MIN = 3, K_MAX = 8, NOTE_SIZE = 600, NAMES_SHOWN = 3 };

#define HEAD "head.output_transform.weight"
#define TOKEN_HEAD "head.weight"

typedef struct import {
  const char *path;
  const tx_pytorch_options *options;
  tx_pytorch_file *file;
  tx_dims dims;
  tx_tokenizer tokenizer;
  tx_taxonomy *taxonomy;
  float *weights;
} import;

static void note(const import *own, const char *format, ...) TX_PRINTF(2, 3);

static void note(const import *own, const char *format, ...)
{
  char line[NOTE_SIZE];
  va_list arguments;
  if (!own->options->note) return;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  own->options->note(own->options->note_context, line);
}

/* ---- sizes ---- */

/* Finds a tensor of this number of dimensions. */
static tx_status find(const import *own, const char *name, size_t dimensions,
                      const tx_pytorch_tensor **ret_tensor, tx_error *error)
{
  *ret_tensor = tx_pytorch_find(own->file, name);
  if (!*ret_tensor)
    return tx_fail(error, TX_ERROR_MODEL, "%s: no network of BarcodeMamba: it has no '%s'", own->path, name);
  if ((*ret_tensor)->dimensions != dimensions || (*ret_tensor)->count == 0)
    return tx_fail(error, TX_ERROR_MODEL, "%s: '%s' has %zu dimensions instead of %zu, or no elements",
                   own->path, name, (*ret_tensor)->dimensions, dimensions);
  return TX_OK;
}

/* Finds a tensor of the first layer. */
static tx_status find_first(const import *own, size_t slot, size_t dimensions,
                            const tx_pytorch_tensor **ret_tensor, tx_error *error)
{
  const tx_dims one = {.layers = 1, .expand = 1, .width = 1, .head_width = 1};
  char name[TX_PYTORCH_NAME_SIZE];
  tx_pytorch_name(&one, tx_layer_tensor(0, slot), name);
  return find(own, name, dimensions, ret_tensor, error);
}

static size_t count_layers(const import *own)
{
  size_t layers = 0;
  char name[TX_PYTORCH_NAME_SIZE];
  do snprintf(name, sizeof name, "backbone.layers.%zu.norm1.weight", layers);
  while (tx_pytorch_find(own->file, name) && ++layers);
  return layers;
}

/* Sets the sizes from the shapes. Whether all shapes agree is checked with each tensor. */
static tx_status read_sizes(import *own, tx_error *error)
{
  tx_dims *dims = &own->dims;
  const tx_pytorch_tensor *words, *out, *steps, *convolution, *mlp, *positions;
  const char *fault;
  size_t inner;
  tx_status status = find(own, TX_PYTORCH_VOCABULARY, 2, &words, error);
  if (status == TX_OK && tx_pytorch_find(own->file, "backbone.layers.0.mixer.x_proj.weight"))
    return tx_fail(error, TX_ERROR_MODEL, "%s: its layers are of Mamba-1 ('mixer.x_proj'), not of Mamba-2",
                   own->path);
  if (status == TX_OK) status = find_first(own, OUT_PROJ, 2, &out, error);
  if (status == TX_OK) status = find_first(own, DT_BIAS, 1, &steps, error);
  if (status == TX_OK) status = find_first(own, CONV_WEIGHT, 3, &convolution, error);
  if (status == TX_OK) status = find_first(own, FC1_WEIGHT, 2, &mlp, error);
  if (status != TX_OK) return status;
  inner = out->shape[1];
  dims->width = words->shape[1];
  if (inner % dims->width || inner % steps->shape[0] || convolution->shape[0] <= inner ||
      (convolution->shape[0] - inner) % 2)
    return tx_fail(error, TX_ERROR_MODEL, "%s: the shapes of its first layer do not fit together", own->path);
  dims->layers = count_layers(own);
  dims->expand = inner / dims->width;
  dims->head_width = inner / steps->shape[0];
  dims->state = (convolution->shape[0] - inner) / 2;
  dims->kernel = convolution->shape[2];
  dims->mlp = mlp->shape[0];
  positions = tx_pytorch_find(own->file, TX_PYTORCH_POSITIONS);
  dims->positions = positions ? positions->shape[0] : 0;
  dims->vocabulary = words->shape[0];
  fault = tx_dims_fault(dims);
  return fault ? tx_fail(error, TX_ERROR_MODEL, "%s: %s", own->path, fault) : TX_OK;
}

/* ---- the tokenizer ---- */

/* The tokenizer of so many rows of the embedding: as many as it has symbols, or up to a multiple of 8. */
static bool tokenizer_of(size_t rows, tx_tokenizer *tokenizer)
{
  *tokenizer = (tx_tokenizer){.kind = TX_TOKENIZER_CHAR, .k = 1, .stride = 1};
  for (uint32_t k = K_MIN; k <= K_MAX && tx_tokenizer_vocabulary(tokenizer) < rows; k++)
    *tokenizer = (tx_tokenizer){.kind = TX_TOKENIZER_KMER, .k = k, .stride = k};
  return rows >= tx_tokenizer_symbols(tokenizer) && rows <= tx_tokenizer_vocabulary(tokenizer);
}

static tx_status read_written_tokenizer(import *own, const char *text, tx_error *error)
{
  tx_json *json = NULL;
  tx_error inner = {0};
  tx_status status = tx_json_parse(text, strlen(text), "its tokenizer", &json, &inner);
  if (status == TX_OK) status = tx_tokenizer_read(json, &own->tokenizer, &inner);
  tx_json_free(json);
  if (status == TX_OK && tx_tokenizer_vocabulary(&own->tokenizer) == own->dims.vocabulary) return TX_OK;
  if (status == TX_ERROR_MEMORY) return tx_fail_memory(error, "a tokenizer");
  return tx_fail(error, TX_ERROR_MODEL, "%s: its tokenizer is not valid: %s", own->path,
                 status == TX_OK ? "it does not fit the embedding" : inner.message);
}

/* The first of an option and a setting of the checkpoint that is above 0, else the default. Too large a
   number stays one. */
static uint32_t choose(uint64_t option, int64_t setting, uint32_t standard)
{
  const uint64_t chosen = option ? option : setting > 0 ? (uint64_t)setting : standard;
  return chosen < UINT32_MAX ? (uint32_t)chosen : UINT32_MAX;
}

static tx_status read_tokenizer(import *own, tx_error *error)
{
  const tx_pytorch_options *options = own->options;
  const char *written = tx_pytorch_text(own->file, TX_PYTORCH_TOKENIZER);
  const bool given = options->max_bases || options->stride || options->no_padding;
  tx_tokenizer *tokenizer = &own->tokenizer;
  tx_error inner = {0};
  if (written && !given) return read_written_tokenizer(own, written, error);
  if (!tokenizer_of(own->dims.vocabulary, tokenizer))
    return tx_fail(error, TX_ERROR_MODEL,
                   "%s: an embedding of %zu rows is neither of single bases (8 rows) nor of k-mers of 3 to 8 "
                   "bases without N (67 or 72, 259 or 264, ..., 4099 or 4104 for 6): other vocabularies are "
                   "not in the checkpoint",
                   own->path, own->dims.vocabulary);
  own->dims.vocabulary = tx_tokenizer_vocabulary(tokenizer);
  if (options->stride && tokenizer->kind != TX_TOKENIZER_KMER)
    return tx_fail(error, TX_ERROR_USAGE, "a stride is for k-mers; %s reads single bases", own->path);
  if (tokenizer->kind == TX_TOKENIZER_KMER)
    tokenizer->stride =
        choose(options->stride, tx_pytorch_setting(own->file, "tokenizer", "stride"), tokenizer->k);
  tokenizer->max_bases =
      choose(options->max_bases, tx_pytorch_setting(own->file, "dataset", "max_len"), PUBLISHED_BASES);
  if (!options->no_padding && tx_pytorch_setting(own->file, "dataset", "use_padding") != 0) {
    tokenizer->pad_to = tokenizer->max_bases;
    tokenizer->pool_padding = true;
  }
  if (tx_tokenizer_check(tokenizer, &inner) == TX_OK) return TX_OK;
  return tx_fail(error, given ? TX_ERROR_USAGE : TX_ERROR_MODEL, "%s: %s", own->path, inner.message);
}

/* ---- the classifier ---- */

/* Appends the names of the classes as the text of a taxonomy of one rank. */
static tx_status read_labels(const import *own, size_t classes, tx_bytes *text, tx_error *error)
{
  const char *path = own->options->opt_labels;
  tx_lines *lines = NULL;
  const char *line;
  size_t length, count = 0;
  tx_status status = tx_lines_open(path, NULL, &lines, error);
  if (status != TX_OK) return status;
  while ((status = tx_lines_next(lines, &line, &length, error)) == TX_OK) {
    if (length == 0 || memchr(line, '\t', length) || tx_text_has_control(line)) {
      status = tx_fail_at(error, TX_ERROR_DATA, path, tx_lines_number(lines), 0,
                          "expected the name of a class, and nothing else");
      break;
    }
    count++;
    tx_bytes_printf(text, "0\t-1\t-1\t%s\n", line);
  }
  tx_lines_close(lines);
  if (status != TX_END) return status;
  if (count == classes) return TX_OK;
  return tx_fail(error, TX_ERROR_DATA, "%s: %zu names, but the classifier of %s has %zu classes", path, count,
                 own->path, classes);
}

/* Reads the taxonomy, and sets a head for each of its ranks, and that of the strand. */
static tx_status set_taxonomy(import *own, const char *text, size_t length, tx_error *error)
{
  tx_error inner = {0};
  tx_status status = tx_taxonomy_read(text, length, &own->taxonomy, &inner);
  if (status == TX_ERROR_MEMORY) return tx_fail_memory(error, "a taxonomy");
  if (status != TX_OK)
    return tx_fail(error, TX_ERROR_MODEL, "%s: its taxonomy is not valid: %s", own->path, inner.message);
  own->dims.head_count = tx_taxonomy_rank_count(own->taxonomy);
  for (size_t rank = 0; rank < own->dims.head_count; rank++)
    own->dims.heads[rank] = (tx_head){TX_HEAD_TAXA, tx_taxonomy_class_count(own->taxonomy, rank)};
  if (own->dims.head_count < TX_HEADS_MAX && tx_pytorch_find(own->file, TX_PYTORCH_STRAND ".weight"))
    own->dims.heads[own->dims.head_count++] = (tx_head){TX_HEAD_STRAND, 1};
  return TX_OK;
}

static tx_status read_classifier(import *own, tx_error *error)
{
  const char *written = tx_pytorch_text(own->file, TX_PYTORCH_TAXONOMY),
             *rank = own->options->opt_rank ? own->options->opt_rank : "species";
  const tx_pytorch_tensor *head = tx_pytorch_find(own->file, HEAD);
  const size_t classes = head && head->dimensions == 2 ? head->shape[0] : 0;
  tx_bytes text = {0};
  tx_status status = TX_OK;
  if (written && !own->options->opt_labels) return set_taxonomy(own, written, strlen(written), error);
  if (own->options->opt_labels && !classes)
    return tx_fail(error, TX_ERROR_USAGE, "%s has no classifier ('" HEAD "') whose classes the labels name",
                   own->path);
  if (strchr(rank, '\t') || tx_text_has_control(rank) || !*rank)
    return tx_fail(error, TX_ERROR_USAGE, "the name of the rank is not valid");
  if (classes && own->options->opt_labels)
    tx_bytes_printf(&text, "%s\n", rank);
  else
    tx_bytes_text(&text, "\n");
  if (classes && own->options->opt_labels) status = read_labels(own, classes, &text, error);
  if (status == TX_OK && text.failed) status = tx_fail_memory(error, "a taxonomy");
  if (status == TX_OK) status = set_taxonomy(own, text.data, text.size, error);
  if (status == TX_OK && classes && !own->options->opt_labels)
    note(own,
         "the classifier of %zu classes is left out, because the checkpoint does not name them: give "
         "their names in its order, one a line",
         classes);
  tx_bytes_free(&text);
  return status;
}

/* ---- the weights ---- */

/* Whether the shape is that of the layout. The embedding may have fewer rows, without those that no token
   has. */
static bool fits(const tx_tensor_info *info, const tx_pytorch_tensor *tensor)
{
  bool same = tensor->dimensions == info->dimensions;
  for (size_t j = 0; same && j < info->dimensions; j++)
    same =
        tensor->shape[j] == info->shape[j] || (info->offset == 0 && j == 0 && tensor->count <= info->count);
  return same;
}

/* Finds the tensor of a tensor of the layout, with its shape. */
static tx_status find_weights(const import *own, size_t index, const tx_tensor_info *info,
                              const tx_pytorch_tensor **ret_tensor, tx_error *error)
{
  char name[TX_PYTORCH_NAME_SIZE];
  tx_pytorch_name(&own->dims, index, name);
  *ret_tensor = tx_pytorch_find(own->file, name);
  if (!*ret_tensor) return tx_fail(error, TX_ERROR_MODEL, "%s: it has no '%s'", own->path, name);
  if (!fits(info, *ret_tensor))
    return tx_fail(error, TX_ERROR_MODEL, "%s: '%s' has another shape than a network of these sizes",
                   own->path, name);
  return TX_OK;
}

/* All tensors are found before memory is taken: it is no more than the file has. */
static tx_status read_weights(import *own, tx_error *error)
{
  const size_t count = tx_layout_count(&own->dims);
  const tx_pytorch_tensor *tensor;
  tx_tensor_info info;
  for (size_t i = 0; i < count; i++) {
    tx_status status;
    tx_layout_tensor(&own->dims, i, &info);
    status = find_weights(own, i, &info, &tensor, error);
    if (status != TX_OK) return status;
  }
  own->weights = calloc(tx_layout_elements(&own->dims), sizeof *own->weights);
  if (!own->weights) return tx_fail_memory(error, "the weights of a model");
  for (size_t i = 0; i < count; i++) {
    tx_layout_tensor(&own->dims, i, &info);
    (void)find_weights(own, i, &info, &tensor, error);
    if (!tx_pytorch_copy(tensor, own->weights + info.offset))
      return tx_fail(error, TX_ERROR_MODEL, "%s: '%s' has whole numbers", own->path, tensor->name);
  }
  return TX_OK;
}

/* Whether the tensor is part of the model. */
static bool is_used(const import *own, const char *name)
{
  char used[TX_PYTORCH_NAME_SIZE];
  for (size_t i = 0; i < tx_layout_count(&own->dims); i++) {
    tx_pytorch_name(&own->dims, i, used);
    if (strcmp(name, used) == 0) return true;
  }
  return false;
}

/* A tensor of the backbone that is not used would change what it computes. Others are left out. */
static tx_status check_rest(const import *own, tx_error *error)
{
  const bool classifies = tx_dims_ranks(&own->dims) > 0;
  size_t left = 0;
  const char *example = "";
  for (size_t i = 0; i < tx_pytorch_count(own->file); i++) {
    const char *name = tx_pytorch_at(own->file, i)->name;
    if (strncmp(name, "backbone.", strlen("backbone.")) == 0) {
      if (!is_used(own, name))
        return tx_fail(error, TX_ERROR_MODEL,
                       "%s: '%.80s' is no part of the network of BarcodeMamba that is read here", own->path,
                       name);
    } else if (strcmp(name, TOKEN_HEAD) == 0) {
      note(own, "'" TOKEN_HEAD "', which predicts the next token, is left out");
    } else if (strncmp(name, "head.", strlen("head.")) != 0 || (classifies && !is_used(own, name))) {
      if (left++ == 0) example = name;
    }
  }
  if (left)
    note(own, "%zu tensors beside the network are left out: '%.80s'%s", left, example,
         left > 1 ? ", ..." : "");
  return TX_OK;
}

/* Says which classes the checkpoint names besides tensors. They were not looked up. */
static void note_names(const import *own)
{
  char shown[NOTE_SIZE / 2] = "";
  size_t count = 0, used = 0;
  for (const char *name; (name = tx_pytorch_other_name(own->file, count)) != NULL; count++) {
    tx_bytes plain = {0};
    if (count >= NAMES_SHOWN) continue;
    tx_bytes_plain(&plain, name);
    if (!plain.failed)
      used += (size_t)snprintf(shown + used, sizeof shown - used, "%s%.80s", count ? ", " : "", plain.data);
    tx_bytes_free(&plain);
  }
  if (count)
    note(own, "the checkpoint also names %zu classes or functions of Python (%s%s): none was used", count,
         shown, count > NAMES_SHOWN ? ", ..." : "");
}

static tx_status write_model(const import *own, const char *path, tx_error *error)
{
  const char *name = own->path + tx_folder_length(own->path);
  tx_bytes provenance = {0};
  tx_status status;
  tx_bytes_printf(&provenance, "{\"version\":\"%s\",\"imported_from\":", tx_version());
  tx_bytes_json_string(&provenance, name, strlen(name));
  tx_bytes_text(&provenance, "}");
  status = provenance.failed ? tx_fail_memory(error, "the provenance")
                             : tx_model_write(path,
                                              &(tx_model_parts){.dims = &own->dims,
                                                                .tokenizer = &own->tokenizer,
                                                                .taxonomy = own->taxonomy,
                                                                .weights = own->weights,
                                                                .provenance = provenance.data,
                                                                .opt_stop = own->options->opt_stop},
                                              error);
  tx_bytes_free(&provenance);
  return status;
}

static tx_status read_network(import *own, tx_error *error)
{
  tx_status status = read_sizes(own, error);
  if (status == TX_OK) status = read_tokenizer(own, error);
  if (status == TX_OK) status = read_classifier(own, error);
  if (status == TX_OK) status = check_rest(own, error);
  if (status == TX_OK) status = read_weights(own, error);
  return status;
}

static void free_network(import *own)
{
  free(own->weights);
  tx_taxonomy_free(own->taxonomy);
  tx_tokenizer_free(&own->tokenizer);
}

tx_status tx_pytorch_check(const char *name, tx_pytorch_file *file, const tx_pytorch_options *options,
                           tx_error *error)
{
import own = {.path = name, .options = options, .file = file };
  const tx_status status = read_network(&own, error);
  free_network(&own);
  return status;
}

tx_status tx_pytorch_import(const char *checkpoint, const tx_pytorch_options *options, const char *model_path,
                            tx_error *error)
{
  static const tx_pytorch_options standard;
import own = {.path = checkpoint, .options = options ? options: & standard };
  tx_status status = tx_pytorch_open(checkpoint, &own.file, error);
  if (status == TX_OK) status = read_network(&own, error);
  if (status == TX_OK) note_names(&own);
  if (status == TX_OK) status = write_model(&own, model_path, error);
  free_network(&own);
  tx_pytorch_close(own.file);
  return status;
}
