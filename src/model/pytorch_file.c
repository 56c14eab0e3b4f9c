#include "model/pytorch_file.h"

#include "base/content.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/names.h"
#include "base/pickle.h"
#include "base/zip.h"

#include <stdlib.h>
#include <string.h>

enum { TEXTS_MAX = 8, REFERENCES_MAX = 4, SPARE = 16 << 20 };

/* The content of an entry of the archive, read when the first tensor refers to it. */
typedef struct storage {
  const unsigned char *data;
  unsigned char *owned;
} storage;

struct tx_pytorch_file {
  const char *path;
  size_t size; /* of the file */
  tx_content content;
  tx_safetensors *safetensors;
  tx_zip *zip;
  tx_pickle *pickle;
  unsigned char *pickle_owned;
  size_t prefix; /* length of the folder's name in the archive, with its '/' */
  storage *storages;
  size_t inflated; /* bytes of the storages that were decompressed */
  tx_names *names; /* their numbers are the indices of the tensors */
  tx_pytorch_tensor *tensors;
  size_t count, capacity;
  char *texts[2 * TEXTS_MAX]; /* keys and values */
  size_t text_count;
};

static const struct {
  const char *name;
  tx_dtype dtype;
} storage_types[] = {
    {"torch FloatStorage", TX_DTYPE_F32}, {"torch DoubleStorage", TX_DTYPE_F64},
    {"torch HalfStorage", TX_DTYPE_F16},  {"torch BFloat16Storage", TX_DTYPE_BF16},
    {"torch LongStorage", TX_DTYPE_I64},  {"torch IntStorage", TX_DTYPE_I32},
    {"torch CharStorage", TX_DTYPE_I8},   {"torch ByteStorage", TX_DTYPE_U8},
    {"torch BoolStorage", TX_DTYPE_U8},
};

#define TENSOR "torch._utils _rebuild_tensor_v2"
#define PARAMETER "torch._utils _rebuild_parameter"
#define ORDERED "collections OrderedDict"

static const char *const known_names[] = {TENSOR, PARAMETER, ORDERED};

static tx_status fail(const tx_pytorch_file *state, const char *key, const char *what, tx_error *error)
{
  return tx_fail(error, TX_ERROR_MODEL, "%s: '%.80s' of its state dict %s", state->path, key, what);
}

/* Reports a fault of a part as one of the file. */
static tx_status fail_part(const tx_pytorch_file *state, tx_status status, const tx_error *inner,
                           tx_error *error)
{
  if (status == TX_ERROR_MEMORY) return tx_fail_memory(error, "a checkpoint");
  if (strncmp(inner->message, state->path, strlen(state->path)) == 0)
    return tx_fail(error, TX_ERROR_MODEL, "%s", inner->message);
  return tx_fail(error, TX_ERROR_MODEL, "%s: %s", state->path, inner->message);
}

/* ---- the list of tensors ---- */

/* Adds a tensor under its name without the modules around the network. */
static tx_status add_tensor(tx_pytorch_file *state, const char *key, tx_pytorch_tensor *tensor,
                            tx_error *error)
{
  static const char *const around[] = {"model.", "module.", "_orig_mod."};
  const char *name = key;
  uint32_t number;
  tx_status status;
  for (size_t i = 0; i < sizeof around / sizeof *around;) {
    const size_t length = strlen(around[i]);
    if (strncmp(name, around[i], length) == 0 && name[length]) {
      name += length;
      i = 0;
    } else {
      i++;
    }
  }
  status = tx_names_add(state->names, name, strlen(name), &number, error);
  if (status != TX_OK) return status;
  if (number != state->count) return fail(state, key, "is there twice", error);
  if (!tx_reserve(&state->tensors, &state->capacity, state->count + 1, sizeof *state->tensors))
    return tx_fail_memory(error, "a checkpoint");
  tensor->name = tx_names_key(state->names, number, NULL);
  state->tensors[state->count++] = *tensor;
  return TX_OK;
}

static size_t size_of(tx_dtype dtype)
{
  uint64_t bytes = 0;
  const tx_section one = {.dtype = dtype};
  return tx_section_bytes(&one, &bytes) ? (size_t)bytes : 0;
}

/* ---- safetensors ---- */

static tx_status read_sections(tx_pytorch_file *state, tx_error *error)
{
  tx_status status = TX_OK;
  for (size_t i = 0; i < tx_safetensors_count(state->safetensors) && status == TX_OK; i++) {
    const tx_section *section = tx_safetensors_at(state->safetensors, i);
    tx_pytorch_tensor tensor = {
        .dtype = section->dtype, .dimensions = section->dimensions, .count = 1, .data = section->data};
    for (size_t j = section->dimensions; j > 0; j--) {
      tensor.shape[j - 1] = (size_t)section->shape[j - 1];
      tensor.stride[j - 1] = tensor.count;
      tensor.count *= tensor.shape[j - 1];
    }
    status = add_tensor(state, section->name, &tensor, error);
  }
  return status;
}

/* ---- the pickle ---- */

static const tx_pickle_value *item_of(const tx_pickle_value *tuple, size_t index)
{
  return tuple && tuple->kind == TX_PICKLE_TUPLE && index < tuple->count ? tuple->items[index] : NULL;
}

/* Sets a number that is not negative. */
static bool take_size(const tx_pickle_value *value, size_t *ret_size)
{
  if (!value || value->kind != TX_PICKLE_INTEGER || value->as.integer < 0 ||
      (uint64_t)value->as.integer > SIZE_MAX)
    return false;
  *ret_size = (size_t)value->as.integer;
  return true;
}

/* Reads the content of an entry once. What is decompressed is at most a multiple of the file: weights hardly
   get smaller by compression. */
static tx_status open_storage(tx_pytorch_file *state, const tx_zip_entry *entry,
                              const unsigned char **ret_data, tx_error *error)
{
  storage *own = &state->storages[entry - tx_zip_at(state->zip, 0)];
  const size_t most = state->size < (SIZE_MAX - SPARE) / 4 ? 4 * state->size + SPARE : SIZE_MAX;
  tx_error inner = {0};
  tx_status status;
  if (!own->data) {
    status = tx_zip_read(state->zip, entry, entry->deflated ? most - state->inflated : SIZE_MAX, &own->data,
                         &own->owned, &inner);
    if (status != TX_OK) return fail_part(state, status, &inner, error);
    if (entry->deflated) state->inflated += entry->size;
  }
  *ret_data = own->data;
  return TX_OK;
}

/* Finds the numbers of a storage: ("storage", its type, name of its entry, device, number of elements). */
static tx_status find_storage(tx_pytorch_file *state, const char *key, const tx_pickle_value *value,
                              tx_pytorch_tensor *tensor, size_t *ret_count, tx_error *error)
{
  const tx_pickle_value *id = value && value->kind == TX_PICKLE_PERSISTENT ? value->as.call.function : NULL;
  const tx_pickle_value *type = item_of(id, 1), *name = item_of(id, 2);
  const tx_zip_entry *entry;
  char path[256];
  size_t i = 0;
  if (!tx_pickle_is_text(item_of(id, 0), "storage") || !name || name->kind != TX_PICKLE_TEXT ||
      !take_size(item_of(id, 4), ret_count) || state->prefix + name->count + 6 > sizeof path)
    return fail(state, key, "has no valid storage", error);
  while (i < sizeof storage_types / sizeof *storage_types && !tx_pickle_is_text(type, storage_types[i].name))
    i++;
  if (i == sizeof storage_types / sizeof *storage_types)
    return tx_fail(error, TX_ERROR_MODEL,
                   "%s: '%.80s' of its state dict has a storage of the type '%.60s', "
                   "which is not read",
                   state->path, key, type && type->kind == TX_PICKLE_NAME ? type->as.text : "");
  tensor->dtype = storage_types[i].dtype;
  memcpy(path, tx_zip_at(state->zip, 0)->name, state->prefix);
  memcpy(path + state->prefix, "data/", 5);
  memcpy(path + state->prefix + 5, name->as.text, name->count);
  path[state->prefix + 5 + name->count] = '\0';
  entry = tx_zip_find(state->zip, path);
  if (!entry || *ret_count > entry->size / size_of(tensor->dtype))
    return fail(state, key, "has no storage in the file, or one that is too short", error);
  return open_storage(state, entry, &tensor->data, error);
}

/* Reads a tensor: (storage, first element, shape, strides, ...). Its elements must be in the storage, and as
   many as there: one that repeats them would be larger than the file. */
static tx_status read_tensor(tx_pytorch_file *state, const char *key, const tx_pickle_value *arguments,
                             tx_pytorch_tensor *tensor, tx_error *error)
{
  const tx_pickle_value *shape = item_of(arguments, 2), *strides = item_of(arguments, 3);
  size_t elements = 0, first, last;
  tx_status status = find_storage(state, key, item_of(arguments, 0), tensor, &elements, error);
  bool valid;
  if (status != TX_OK) return status;
  valid = take_size(item_of(arguments, 1), &first) && shape && strides && shape->kind == TX_PICKLE_TUPLE &&
          strides->kind == TX_PICKLE_TUPLE && shape->count == strides->count &&
          shape->count <= TX_PYTORCH_DIMENSIONS;
  tensor->dimensions = valid ? shape->count : 0;
  tensor->count = 1;
  last = valid ? first : 0;
  for (size_t i = 0; valid && i < tensor->dimensions; i++) {
    size_t step = 0;
    valid = take_size(shape->items[i], &tensor->shape[i]) &&
            take_size(strides->items[i], &tensor->stride[i]) &&
            tx_multiply(tensor->count, tensor->shape[i], &tensor->count) &&
            (tensor->shape[i] == 0 || tx_multiply(tensor->shape[i] - 1, tensor->stride[i], &step)) &&
            tx_add(last, step, &last);
  }
  if (!valid || tensor->count > elements || (tensor->count && last >= elements))
    return fail(state, key, "has elements outside of its storage, or more than four dimensions", error);
  if (tensor->count) tensor->data += first * size_of(tensor->dtype);
  return TX_OK;
}

/* Reads an entry of the state dict. */
static tx_status read_value(tx_pytorch_file *state, const char *key, const tx_pickle_value *value,
                            tx_error *error)
{
  tx_pytorch_tensor tensor = {0};
  tx_status status;
  for (size_t i = 0; i < REFERENCES_MAX && tx_pickle_is_call(value, PARAMETER); i++)
    value = item_of(value->as.call.arguments, 0);
  if (!tx_pickle_is_call(value, TENSOR)) {
    const tx_pickle_value *function = value && value->kind == TX_PICKLE_CALL ? value->as.call.function : NULL;
    if (!function || function->kind != TX_PICKLE_NAME) return fail(state, key, "is no tensor", error);
    return tx_fail(error, TX_ERROR_MODEL,
                   "%s: '%.80s' of its state dict is no tensor: it calls '%.80s', which is refused",
                   state->path, key, function->as.text);
  }
  status = read_tensor(state, key, value->as.call.arguments, &tensor, error);
  return status == TX_OK ? add_tensor(state, key, &tensor, error) : status;
}

static bool is_dict(const tx_pickle_value *value)
{
  return value && (value->kind == TX_PICKLE_DICT || tx_pickle_is_call(value, ORDERED));
}

/* The state dict under one of its usual names, else the whole. */
static const tx_pickle_value *find_state_dict(const tx_pickle_value *root)
{
  static const char *const names[] = {"state_dict", "model_state_dict", "model"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const tx_pickle_value *found = tx_pickle_get(root, names[i]);
    if (found) return found;
  }
  return root;
}

static tx_status read_state_dict(tx_pytorch_file *state, tx_error *error)
{
  const tx_pickle_value *dict = find_state_dict(tx_pickle_root(state->pickle));
  tx_status status = TX_OK;
  if (!is_dict(dict)) {
    const bool call = dict->kind == TX_PICKLE_CALL && dict->as.call.function->kind == TX_PICKLE_NAME;
    return tx_fail(error, TX_ERROR_MODEL,
                   "%s: it has no state dict%s%.80s; save model.state_dict() instead of the model",
                   state->path, call ? " but what is made by " : "",
                   call ? dict->as.call.function->as.text : "");
  }
  for (size_t i = 0; i + 1 < dict->count && status == TX_OK; i += 2) {
    const tx_pickle_value *key = dict->items[i];
    char *text;
    if (key->kind != TX_PICKLE_TEXT || key->count == 0 || memchr(key->as.text, '\0', key->count))
      return tx_fail(error, TX_ERROR_MODEL, "%s: a key of its state dict is no name", state->path);
    text = tx_copy_text(key->as.text, key->count);
    if (!text) return tx_fail_memory(error, "a checkpoint");
    status = read_value(state, text, dict->items[i + 1], error);
    free(text);
  }
  return status;
}

/* Copies the texts of a dict named "taxamba". */
static tx_status read_texts(tx_pytorch_file *state, tx_error *error)
{
  const tx_pickle_value *dict = tx_pickle_get(tx_pickle_root(state->pickle), "taxamba");
  for (size_t i = 0; dict && is_dict(dict) && i + 1 < dict->count && i < 2 * TEXTS_MAX; i += 2) {
    for (size_t j = 0; j < 2; j++) {
      const tx_pickle_value *value = dict->items[i + j];
      const bool text = value->kind == TX_PICKLE_TEXT && !memchr(value->as.text, '\0', value->count);
      state->texts[i + j] = tx_copy_text(text ? value->as.text : "", text ? value->count : 0);
      if (!state->texts[i + j]) return tx_fail_memory(error, "a checkpoint");
    }
    state->text_count = i + 2;
  }
  return TX_OK;
}

/* ---- the archive ---- */

/* The folder of an archive is the first part of the name of its first entry. */
static tx_status read_archive(tx_pytorch_file *state, tx_error *error)
{
  const tx_zip_entry *first = tx_zip_at(state->zip, 0), *entry;
  const char *end = first ? strchr(first->name, '/') : NULL;
  const unsigned char *data;
  unsigned char *owned;
  char path[256];
  tx_status status;
  state->prefix = end ? (size_t)(end - first->name) + 1 : 0;
  if (state->prefix + sizeof "byteorder" > sizeof path || !first)
    return tx_fail(error, TX_ERROR_DATA, "it has no data.pkl: no checkpoint of PyTorch");
  memcpy(path, first->name, state->prefix);
  memcpy(path + state->prefix, "byteorder", sizeof "byteorder");
  entry = tx_zip_find(state->zip, path);
  if (entry && (entry->size != 6 || entry->deflated || memcmp(entry->data, "little", 6) != 0))
    return tx_fail(error, TX_ERROR_DATA, "its numbers are big-endian, which is not read");
  memcpy(path + state->prefix, "data.pkl", sizeof "data.pkl");
  entry = tx_zip_find(state->zip, path);
  if (!entry) return tx_fail(error, TX_ERROR_DATA, "it has no data.pkl: no checkpoint of PyTorch");
  status = tx_zip_read(state->zip, entry, TX_PICKLE_SIZE_MAX, &data, &owned, error);
  if (status != TX_OK) return status;
  state->pickle_owned = owned;
  state->storages = calloc(tx_zip_count(state->zip), sizeof *state->storages);
  if (!state->storages) return tx_fail_memory(error, "a checkpoint");
  return tx_pickle_read(data, entry->size, &state->pickle, error);
}

static tx_status read_state(tx_pytorch_file *state, const void *data, size_t size, tx_error *error)
{
  tx_error inner = {0};
  tx_status status = tx_names_create(&state->names, error);
  state->size = size;
  if (status != TX_OK) return status;
  if (size >= 9 && memcmp(data, "PK", 2) != 0 && ((const unsigned char *)data)[8] == '{') {
    status = tx_safetensors_read(state->path, data, size, 1, &state->safetensors, error);
    return status == TX_OK ? read_sections(state, error) : status;
  }
  if (size < 4 || memcmp(data, "PK\3\4", 4) != 0)
    return tx_fail(error, TX_ERROR_MODEL,
                   "%s: neither a checkpoint of PyTorch 1.6 or later nor a safetensors file%s", state->path,
                   size && *(const unsigned char *)data == 0x80
                       ? ": a pickle; open it with torch.load and save its tensors anew"
                       : "");
  status = tx_zip_open(state->path, data, size, &state->zip, &inner);
  if (status == TX_OK) status = read_archive(state, &inner);
  if (status != TX_OK) return fail_part(state, status, &inner, error);
  status = read_state_dict(state, error);
  return status == TX_OK ? read_texts(state, error) : status;
}

static tx_status create(const char *path, tx_pytorch_file **ret_state, tx_error *error)
{
  tx_pytorch_file *state = calloc(1, sizeof *state);
  if (!state) return tx_fail_memory(error, "a checkpoint");
  state->path = path;
  *ret_state = state;
  return TX_OK;
}

tx_status tx_pytorch_read(const char *name, const void *data, size_t size, tx_pytorch_file **ret_state,
                          tx_error *error)
{
  tx_pytorch_file *state = NULL;
  tx_status status = create(name, &state, error);
  if (status != TX_OK) return status;
  status = read_state(state, data, size, error);
  if (status == TX_OK)
    *ret_state = state;
  else
    tx_pytorch_close(state);
  return status;
}

tx_status tx_pytorch_open(const char *path, tx_pytorch_file **ret_state, tx_error *error)
{
  tx_pytorch_file *state = NULL;
  tx_status status = create(path, &state, error);
  if (status != TX_OK) return status;
  status = tx_content_read(path, NULL, &state->content, error);
  if (status == TX_OK) status = read_state(state, state->content.data, state->content.size, error);
  if (status == TX_OK)
    *ret_state = state;
  else
    tx_pytorch_close(state);
  return status;
}

/* ---- what was read ---- */

size_t tx_pytorch_count(const tx_pytorch_file *state)
{
  return state->count;
}

const tx_pytorch_tensor *tx_pytorch_at(const tx_pytorch_file *state, size_t index)
{
  return index < state->count ? &state->tensors[index] : NULL;
}

const tx_pytorch_tensor *tx_pytorch_find(const tx_pytorch_file *state, const char *name)
{
  const int64_t index = tx_names_find(state->names, name, strlen(name));
  return index < 0 ? NULL : &state->tensors[index];
}

const char *tx_pytorch_text(const tx_pytorch_file *state, const char *key)
{
  if (state->safetensors) return tx_safetensors_metadata(state->safetensors, key);
  for (size_t i = 0; i < state->text_count; i += 2)
    if (strcmp(state->texts[i], key) == 0) return state->texts[i + 1];
  return NULL;
}

/* A value under a key of a dict. Those of omegaconf are objects whose state has them under "_content", and
   that of a plain value under "_val". */
static const tx_pickle_value *setting_of(const tx_pickle_value *group, const char *key)
{
  const tx_pickle_value *value;
  if (group && group->kind == TX_PICKLE_CALL && group->as.call.state)
    group = tx_pickle_get(group->as.call.state, "_content");
  value = tx_pickle_get(group, key);
  if (value && value->kind == TX_PICKLE_CALL && value->as.call.state) {
    const tx_pickle_value *plain = tx_pickle_get(value->as.call.state, "_val");
    if (plain) value = plain;
  }
  return value;
}

int64_t tx_pytorch_setting(const tx_pytorch_file *state, const char *group, const char *key)
{
  const tx_pickle_value *root = state->pickle ? tx_pickle_root(state->pickle) : NULL,
                        *value = setting_of(setting_of(tx_pickle_get(root, "hyper_parameters"), group), key);
  const bool number = value && (value->kind == TX_PICKLE_INTEGER || value->kind == TX_PICKLE_BOOL);
  return number && value->as.integer >= 0 ? value->as.integer : -1;
}

const char *tx_pytorch_other_name(const tx_pytorch_file *state, size_t index)
{
  const char *name = NULL;
  for (size_t i = 0; state->pickle && (name = tx_pickle_name(state->pickle, i)) != NULL; i++) {
    size_t j = 0, k = 0;
    while (j < sizeof known_names / sizeof *known_names && strcmp(name, known_names[j]) != 0) j++;
    while (k < sizeof storage_types / sizeof *storage_types && strcmp(name, storage_types[k].name) != 0) k++;
    if (j == sizeof known_names / sizeof *known_names && k == sizeof storage_types / sizeof *storage_types &&
        index-- == 0)
      return name;
  }
  return NULL;
}

void tx_pytorch_close(tx_pytorch_file *state)
{
  if (!state) return;
  for (size_t i = 0; state->storages && i < tx_zip_count(state->zip); i++) free(state->storages[i].owned);
  for (size_t i = 0; i < 2 * TEXTS_MAX; i++) free(state->texts[i]);
  free(state->storages);
  free(state->tensors);
  tx_names_free(state->names);
  tx_pickle_close(state->pickle);
  free(state->pickle_owned);
  tx_zip_close(state->zip);
  tx_safetensors_close(state->safetensors);
  tx_content_free(&state->content);
  free(state);
}
