#include "model/weights.h"

#include "base/error.h"
#include "base/memory.h"
#include "tensor/quantise.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGN_FLOATS = 16 }; /* dequantised tensors begin at multiples of 64 bytes */

tx_dtype tx_weights_dtype(tx_precision stored, const tx_tensor_info *info)
{
  if (info->dimensions != 2 || stored == TX_PRECISION_FLOAT32) return TX_DTYPE_F32;
  return stored == TX_PRECISION_BF16 ? TX_DTYPE_BF16 : TX_DTYPE_I8;
}

void tx_weights_scale_name(const tx_tensor_info *info, char name[TX_SCALE_NAME_SIZE])
{
  const size_t length = strlen(info->name);
  memcpy(name, info->name, length);
  memcpy(name + length, TX_SCALE_SUFFIX, sizeof TX_SCALE_SUFFIX);
}

bool tx_weights_finite(const float *weights, size_t count)
{
  uint32_t bad = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, &weights[i], sizeof bits);
    bad |= (bits & 0x7f800000U) == 0x7f800000U; /* infinity or NaN */
  }
  return bad == 0;
}

static size_t aligned_count(size_t count)
{
  return (count + ALIGN_FLOATS - 1) / ALIGN_FLOATS * ALIGN_FLOATS;
}

/* Finds the section of a tensor, which must have its shape and type. */
static tx_status find_tensor(const char *path, const tx_model *model, const tx_tensor_info *info,
                             const tx_section **ret_section, tx_error *error)
{
  const tx_section *section = tx_safetensors_find(model->file, info->name);
  const tx_dtype dtype = tx_weights_dtype(model->stored, info);
  bool fits;

  if (!section) return tx_fail(error, TX_ERROR_MODEL, "%s: the weights '%s' are missing", path, info->name);
  fits = section->dtype == dtype && section->dimensions == info->dimensions;
  for (size_t j = 0; fits && j < info->dimensions; j++) fits = section->shape[j] == info->shape[j];
  if (!fits)
    return tx_fail(error, TX_ERROR_MODEL,
                   "%s: the weights '%s' have the wrong shape or type: this model of precision %s has them "
                   "as %s",
                   path, info->name, tx_precision_name(model->stored), tx_dtype_name(dtype));
  *ret_section = section;
  return TX_OK;
}

/* Finds the scales of an I8 tensor: one for each row, finite and positive. */
static tx_status find_scales(const char *path, const tx_model *model, const tx_tensor_info *info,
                             const float **ret_scales, tx_error *error)
{
  char name[TX_SCALE_NAME_SIZE];
  const tx_section *section;
  const float *scales;

  tx_weights_scale_name(info, name);
  section = tx_safetensors_find(model->file, name);
  if (!section) return tx_fail(error, TX_ERROR_MODEL, "%s: the scales '%s' are missing", path, name);
  if (section->dtype != TX_DTYPE_F32 || section->dimensions != 1 || section->shape[0] != info->shape[0])
    return tx_fail(error, TX_ERROR_MODEL,
                   "%s: the scales '%s' have the wrong shape or type: one F32 for each of %zu rows is needed",
                   path, name, info->shape[0]);
  scales = section->data;
  for (size_t row = 0; row < info->shape[0]; row++)
    if (!(scales[row] > 0) || !tx_weights_finite(&scales[row], 1))
      return tx_fail(error, TX_ERROR_MODEL, "%s: the scales '%s' are not all finite and above 0", path, name);
  *ret_scales = scales;
  return TX_OK;
}

/* Converts an I8 tensor to floats. */
static tx_status dequantise(const char *path, const tx_model *model, const tx_tensor_info *info,
                            const int8_t *quantised, float *values, tx_error *error)
{
  const size_t columns = info->shape[1];
  const float *scales = NULL;
  tx_status status = find_scales(path, model, info, &scales, error);

  if (status != TX_OK) return status;
  for (size_t i = 0; i < info->count; i++)
    if (quantised[i] == INT8_MIN)
      return tx_fail(error, TX_ERROR_MODEL, "%s: the weights '%s' hold -128, which no weight may be", path,
                     info->name);
  for (size_t row = 0; row < info->shape[0]; row++)
    tx_dequantise_row(columns, quantised + row * columns, scales[row], values + row * columns);
  return TX_OK;
}

/* Allocates memory for the tensors that the file does not store as floats. All sections are checked first: a
   file that is smaller than its header says causes no allocation. */
static tx_status make_room(const char *path, tx_model *model, size_t count, tx_error *error)
{
  size_t elements = 0;

  for (size_t i = 0; i < count; i++) {
    tx_tensor_info info;
    const tx_section *section = NULL;
    tx_status status;
    tx_layout_tensor(&model->dims, i, &info);
    status = find_tensor(path, model, &info, &section, error);
    if (status != TX_OK) return status;
    if (section->dtype != TX_DTYPE_F32) elements += aligned_count(info.count);
  }
  if (elements == 0) return TX_OK;
  model->dequantised = tx_malloc_aligned(elements, sizeof *model->dequantised);
  return model->dequantised ? TX_OK : tx_fail_memory(error, "the weights of a model");
}

tx_status tx_weights_read(const char *path, tx_model *model, tx_error *error)
{
  const size_t count = tx_layout_count(&model->dims);
  float *next;
  tx_status status = make_room(path, model, count, error);

  if (status != TX_OK) return status;
  model->weights = calloc(count, sizeof *model->weights);
  if (!model->weights) return tx_fail_memory(error, "the weights of a model");
  next = model->dequantised;
  for (size_t i = 0; i < count; i++) {
    tx_tensor_info info;
    const tx_section *section = NULL;
    tx_layout_tensor(&model->dims, i, &info);
    status = find_tensor(path, model, &info, &section, error);
    if (status == TX_OK && section->dtype == TX_DTYPE_I8)
      status = dequantise(path, model, &info, section->data, next, error);
    if (status != TX_OK) return status;
    if (section->dtype == TX_DTYPE_BF16)
      for (size_t j = 0; j < info.count; j++)
        next[j] = tx_bf16_to_float(((const uint16_t *)section->data)[j]);
    model->weights[i] = section->dtype == TX_DTYPE_F32 ? section->data : next;
    if (section->dtype != TX_DTYPE_F32) next += aligned_count(info.count);
    if (!tx_weights_finite(model->weights[i], info.count))
      return tx_fail(error, TX_ERROR_MODEL, "%s: the weights '%s' are not all finite", path, info.name);
  }
  return TX_OK;
}

/* A tensor with the name of its scales, both of which sections borrow. */
typedef struct named {
  tx_tensor_info info;
  char scale[TX_SCALE_NAME_SIZE];
} named;

typedef struct encoder {
  tx_encoded *encoded;
  unsigned char *next_value;
  float *next_scale;
} encoder;

static tx_section section_of(const tx_tensor_info *info, tx_dtype dtype, const void *data)
{
  tx_section section = {.name = info->name, .dtype = dtype, .dimensions = info->dimensions, .data = data};
  uint64_t bytes = 0;
  for (size_t j = 0; j < info->dimensions; j++) section.shape[j] = info->shape[j];
  (void)tx_section_bytes(&section, &bytes); /* the sizes are within tx_dims_fault */
  section.size = (size_t)bytes;
  return section;
}

static tx_status encode_bf16(encoder *state, const named *tensor, const float *weights, tx_error *error)
{
  uint16_t *halves = (uint16_t *)(void *)state->next_value; /* no section of an odd size precedes it */
  for (size_t i = 0; i < tensor->info.count; i++) {
    halves[i] = tx_bf16_from_float(weights[i]);
    if ((halves[i] & 0x7f80U) == 0x7f80U)
      return tx_fail(error, TX_ERROR_NUMERIC,
                     "the model is not written: a weight of '%s' is too large for bf16",
                     tensor->info.name);
  }
  state->encoded->narrow[state->encoded->narrow_count++] = section_of(&tensor->info, TX_DTYPE_BF16, halves);
  state->next_value += tensor->info.count * sizeof *halves;
  return TX_OK;
}

static void encode_int8(encoder *state, const named *tensor, const float *weights)
{
  const size_t rows = tensor->info.shape[0], columns = tensor->info.shape[1];
  int8_t *quantised = (int8_t *)state->next_value;
  for (size_t row = 0; row < rows; row++)
    tx_quantise_row(columns, weights + row * columns, quantised + row * columns, &state->next_scale[row]);
  state->encoded->wide[state->encoded->wide_count++] = (tx_section){.name = tensor->scale,
                                                                    .dtype = TX_DTYPE_F32,
                                                                    .dimensions = 1,
                                                                    .shape = {rows},
                                                                    .data = state->next_scale,
                                                                    .size = rows * sizeof *state->next_scale};
  state->encoded->narrow[state->encoded->narrow_count++] = section_of(&tensor->info, TX_DTYPE_I8, quantised);
  state->next_scale += rows;
  state->next_value += tensor->info.count;
}

/* Allocates the sections, and memory for the tensors that are not written as they are. */
static tx_status prepare(const tx_dims *dims, tx_precision precision, encoder *state, named **ret_tensors,
                         tx_error *error)
{
  const size_t count = tx_layout_count(dims);
  named *tensors = calloc(count, sizeof *tensors);
  tx_section *sections = calloc(2 * count, sizeof *sections);
  size_t bytes = 0, rows = 0;
  tx_encoded *encoded = state->encoded;

  encoded->memory[0] = tensors;
  encoded->memory[1] = sections;
  for (size_t i = 0; tensors && i < count; i++) {
    tx_tensor_info *info = &tensors[i].info;
    tx_dtype dtype;
    tx_layout_tensor(dims, i, info);
    tx_weights_scale_name(info, tensors[i].scale);
    dtype = tx_weights_dtype(precision, info);
    if (dtype == TX_DTYPE_BF16) bytes += info->count * sizeof(uint16_t);
    if (dtype == TX_DTYPE_I8) bytes += info->count;
    if (dtype == TX_DTYPE_I8) rows += info->shape[0];
  }
  encoded->memory[2] = malloc(bytes ? bytes : 1);
  encoded->memory[3] = calloc(rows ? rows : 1, sizeof(float));
  for (size_t i = 0; i < sizeof encoded->memory / sizeof *encoded->memory; i++)
    if (!encoded->memory[i]) return tx_fail_memory(error, "the weights of a model file");
  encoded->wide = sections;
  encoded->narrow = sections + count; /* of a tensor there is at most one section in each of the two halves */
  state->next_value = encoded->memory[2];
  state->next_scale = encoded->memory[3];
  *ret_tensors = tensors;
  return TX_OK;
}

tx_status tx_weights_encode(const tx_dims *dims, const float *weights, tx_precision precision,
                            tx_encoded *ret_encoded, tx_error *error)
{
  const size_t count = tx_layout_count(dims);
  encoder state = {.encoded = ret_encoded};
  named *tensors = NULL;
  tx_status status;

  memset(ret_encoded, 0, sizeof *ret_encoded);
  status = prepare(dims, precision, &state, &tensors, error);
  for (size_t i = 0; status == TX_OK && i < count; i++) {
    const float *values = weights + tensors[i].info.offset;
    switch (tx_weights_dtype(precision, &tensors[i].info)) {
    case TX_DTYPE_BF16:
      status = encode_bf16(&state, &tensors[i], values, error);
      break;
    case TX_DTYPE_I8:
      encode_int8(&state, &tensors[i], values);
      break;
    default:
      ret_encoded->wide[ret_encoded->wide_count++] = section_of(&tensors[i].info, TX_DTYPE_F32, values);
    }
  }
  return status;
}

void tx_encoded_free(tx_encoded *encoded)
{
  for (size_t i = 0; i < sizeof encoded->memory / sizeof *encoded->memory; i++) free(encoded->memory[i]);
  memset(encoded, 0, sizeof *encoded);
}
