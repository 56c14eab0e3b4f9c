/* The weights of a model under the names of the published PyTorch code. */
#include "base/bytes.h"
#include "base/error.h"
#include "base/zip.h"
#include "model/model.h"
#include "model/pytorch_names.h"
#include "nn/strands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <taxamba/pytorch.h>

#define FOLDER "archive/"
#define MODULE "model."

enum { NAME_SIZE = 64 };

typedef struct export
{
  const tx_model *model;
  tx_bytes tokenizer, taxonomy;
}
export;

static bool ends_with(const char *path, const char *ending)
{
  const size_t length = strlen(path), end = strlen(ending);
  return length > end && strcmp(path + length - end, ending) == 0;
}

/* ---- safetensors ---- */

static tx_status put_safetensors(const export *own, tx_output *output, tx_error *error)
{
  const tx_dims *dims = &own->model->dims;
  const size_t count = tx_layout_count(dims);
  const tx_metadata metadata[] = {{"format", "pt"},
                                  {TX_PYTORCH_TOKENIZER, own->tokenizer.data},
                                  {TX_PYTORCH_TAXONOMY, own->taxonomy.data}};
  tx_section *sections = calloc(count, sizeof *sections);
  char(*names)[TX_PYTORCH_NAME_SIZE] = calloc(count, sizeof *names);
  tx_status status = TX_OK;
  if (!sections || !names) status = tx_fail_memory(error, "the weights of a model");
  for (size_t i = 0; status == TX_OK && i < count; i++) {
    tx_tensor_info info;
    tx_layout_tensor(dims, i, &info);
    tx_pytorch_name(dims, i, names[i]);
    sections[i] = (tx_section){.name = names[i],
                               .dtype = TX_DTYPE_F32,
                               .dimensions = info.dimensions,
                               .data = own->model->weights[i],
                               .size = info.count * sizeof(float)};
    for (size_t j = 0; j < info.dimensions; j++) sections[i].shape[j] = info.shape[j];
  }
  if (status == TX_OK)
    status = tx_safetensors_put(output, sections, count, metadata, sizeof metadata / sizeof *metadata, error);
  free(sections);
  free(names);
  return status;
}

/* ---- a zip archive with a pickle of protocol 2 ---- */

static void put_number(tx_bytes *pickle, uint64_t number, size_t bytes)
{
  for (size_t i = 0; i < bytes; i++) tx_bytes_append(pickle, &(unsigned char){(number >> 8 * i) & 255}, 1);
}

static void put_text(tx_bytes *pickle, const char *text, size_t length)
{
  tx_bytes_text(pickle, "X");
  put_number(pickle, length, 4);
  tx_bytes_append(pickle, text, length);
}

static void put_integer(tx_bytes *pickle, uint64_t number)
{
  tx_bytes_append(pickle, "\x8a\x08", 2);
  put_number(pickle, number, 8);
}

static void put_sizes(tx_bytes *pickle, const size_t *sizes, size_t count)
{
  tx_bytes_text(pickle, "(");
  for (size_t i = 0; i < count; i++) put_integer(pickle, sizes[i]);
  tx_bytes_text(pickle, "t");
}

/* A tensor: the call that makes it of storage `index`. */
static void put_tensor(tx_bytes *pickle, const tx_tensor_info *info, size_t index)
{
  char key[NAME_SIZE];
  size_t strides[3], step = 1;
  const int length = snprintf(key, sizeof key, "%zu", index);
  for (size_t i = info->dimensions; i > 0; i--) {
    strides[i - 1] = step;
    step *= info->shape[i - 1];
  }
  tx_bytes_text(pickle, "ctorch._utils\n_rebuild_tensor_v2\n((");
  put_text(pickle, "storage", strlen("storage"));
  tx_bytes_text(pickle, "ctorch\nFloatStorage\n");
  put_text(pickle, key, (size_t)length);
  put_text(pickle, "cpu", strlen("cpu"));
  put_integer(pickle, info->count);
  tx_bytes_text(pickle, "tQ");
  put_integer(pickle, 0);
  put_sizes(pickle, info->shape, info->dimensions);
  put_sizes(pickle, strides, info->dimensions);
  tx_bytes_text(pickle, "\x89"
                        "ccollections\nOrderedDict\n)RtR"); /* no gradient, no hooks */
}

static void put_setting(tx_bytes *pickle, const char *key, uint64_t value)
{
  put_text(pickle, key, strlen(key));
  put_integer(pickle, value);
}

/* The arguments with which the published code makes the network, and what it reads of a barcode. */
static void put_settings(tx_bytes *pickle, const tx_model *model)
{
  const tx_dims *dims = &model->dims;
  const tx_tokenizer *tokenizer = &model->tokenizer;
  put_text(pickle, "hyper_parameters", strlen("hyper_parameters"));
  tx_bytes_text(pickle, "}(");
  put_text(pickle, "model", strlen("model"));
  tx_bytes_text(pickle, "}(");
  put_setting(pickle, "d_model", dims->width);
  put_setting(pickle, "n_layer", dims->layers);
  put_setting(pickle, "d_inner", dims->mlp);
  put_setting(pickle, "vocab_size", dims->vocabulary);
  put_setting(pickle, "max_position_embeddings", dims->positions);
  if (tx_dims_ranks(dims) == 1) put_setting(pickle, "n_classes", dims->heads[0].size);
  put_text(pickle, "residual_in_fp32", strlen("residual_in_fp32"));
  tx_bytes_text(pickle, "\x88");
  put_text(pickle, "layer", strlen("layer"));
  tx_bytes_text(pickle, "}(");
  put_setting(pickle, "d_model", dims->width);
  put_setting(pickle, "d_state", dims->state);
  put_setting(pickle, "d_conv", dims->kernel);
  put_setting(pickle, "expand", dims->expand);
  put_setting(pickle, "headdim", dims->head_width);
  tx_bytes_text(pickle, "uu");
  put_text(pickle, "tokenizer", strlen("tokenizer"));
  tx_bytes_text(pickle, "}(");
  put_setting(pickle, "k_mer", tokenizer->k);
  put_setting(pickle, "stride", tokenizer->stride);
  tx_bytes_text(pickle, "u");
  put_text(pickle, "dataset", strlen("dataset"));
  tx_bytes_text(pickle, "}(");
  put_setting(pickle, "max_len", tokenizer->max_bases);
  put_text(pickle, "use_padding", strlen("use_padding"));
  tx_bytes_text(pickle, tokenizer->pad_to ? "\x88" : "\x89");
  tx_bytes_text(pickle, "uu");
}

static void put_own_text(tx_bytes *pickle, const char *key, const tx_bytes *text)
{
  put_text(pickle, key, strlen(key));
  put_text(pickle, text->data, text->size);
}

/* A name of the state dict. The published code saves and loads that of the module around the network. */
static void put_module_text(tx_bytes *pickle, const char *name)
{
  char full[TX_PYTORCH_NAME_SIZE + sizeof MODULE];
  const int length = snprintf(full, sizeof full, MODULE "%s", name);
  put_text(pickle, full, (size_t)length);
}

/* The pickle: a dict of the state dict, settings, and the texts of Taxamba. */
static void put_pickle(const export *own, tx_bytes *pickle)
{
  const tx_dims *dims = &own->model->dims;
  tx_bytes_text(pickle, "\x80\x02}(");
  put_text(pickle, "state_dict", strlen("state_dict"));
  tx_bytes_text(pickle, "ccollections\nOrderedDict\n)R(");
  for (size_t i = 0; i < tx_layout_count(dims); i++) {
    char name[TX_PYTORCH_NAME_SIZE];
    tx_tensor_info info;
    tx_layout_tensor(dims, i, &info);
    tx_pytorch_name(dims, i, name);
    put_module_text(pickle, name);
    put_tensor(pickle, &info, i);
  }
  tx_bytes_text(pickle, "u");
  put_settings(pickle, own->model);
  put_text(pickle, "taxamba", strlen("taxamba"));
  tx_bytes_text(pickle, "}(");
  put_own_text(pickle, TX_PYTORCH_TOKENIZER, &own->tokenizer);
  put_own_text(pickle, TX_PYTORCH_TAXONOMY, &own->taxonomy);
  tx_bytes_text(pickle, "uu.");
}

static tx_status put_archive(const export *own, tx_output *output, tx_error *error)
{
  const tx_dims *dims = &own->model->dims;
  tx_zip_writer writer = {0};
  tx_bytes pickle = {0};
  tx_status status;
  put_pickle(own, &pickle);
  status = pickle.failed ? tx_fail_memory(error, "a checkpoint")
                         : tx_zip_put(&writer, output, FOLDER "data.pkl", pickle.data, pickle.size, error);
  if (status == TX_OK)
    status = tx_zip_put(&writer, output, FOLDER "byteorder", "little", strlen("little"), error);
  for (size_t i = 0; i < tx_layout_count(dims) && status == TX_OK; i++) {
    char name[NAME_SIZE];
    tx_tensor_info info;
    tx_layout_tensor(dims, i, &info);
    snprintf(name, sizeof name, FOLDER "data/%zu", i);
    status = tx_zip_put(&writer, output, name, own->model->weights[i], info.count * sizeof(float), error);
  }
  if (status == TX_OK) status = tx_zip_put(&writer, output, FOLDER "version", "3\n", 2, error);
  if (status == TX_OK) status = tx_zip_end(&writer, output, error);
  tx_zip_writer_free(&writer);
  tx_bytes_free(&pickle);
  return status;
}

static tx_status check_model(const tx_model *model, tx_error *error)
{
  if (strcmp(tx_safetensors_metadata(model->file, "taxamba.kind"), "model") != 0)
    return tx_fail(
        error, TX_ERROR_MODEL,
        "a checkpoint of a training is not exported; export the model that the training ends with");
  if (model->dims.tower_count)
    return tx_fail(error, TX_ERROR_USAGE,
                   "the model shares a space with other modalities, which the published code does not know: "
                   "it is not exported");
  if (tx_dims_strands(&model->dims) > 1)
    return tx_fail(error, TX_ERROR_USAGE,
                   "the model reads both strands of a barcode and takes the mean, which the published code "
                   "does not do: it is not exported");
  if (tx_dims_are_multilabel(&model->dims))
    return tx_fail(error, TX_ERROR_USAGE,
                   "the model gives sets of taxa, and the published code has no head for that: it is not "
                   "exported");
  return TX_OK;
}

tx_status tx_pytorch_export(const tx_model *model, const char *path, const volatile int *opt_stop,
                            tx_error *error)
{
  export own = {.model = model};
  tx_output *output = NULL;
  tx_status status = check_model(model, error);
  if (status == TX_OK) status = tx_tokenizer_write(&model->tokenizer, &own.tokenizer, error);
  if (status == TX_OK) status = tx_taxonomy_write(model->taxonomy, &own.taxonomy, error);
  if (status == TX_OK && (own.tokenizer.failed || own.taxonomy.failed))
    status = tx_fail_memory(error, "a checkpoint");
  if (status == TX_OK) status = tx_output_open(path, opt_stop, &output, error);
  if (status == TX_OK) {
    status = ends_with(path, ".ckpt") || ends_with(path, ".pt") ? put_archive(&own, output, error)
                                                                : put_safetensors(&own, output, error);
    if (status == TX_OK)
      status = tx_output_commit(output, error);
    else
      tx_output_abort(output);
  }
  tx_bytes_free(&own.tokenizer);
  tx_bytes_free(&own.taxonomy);
  return status;
}
