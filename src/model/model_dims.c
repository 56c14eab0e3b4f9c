#include "model/model_dims.h"

#include "base/error.h"
#include "nn/dims.h"
#include "nn/regression.h"

/* Reads the size of a row of the table. Where only one value is possible, any other is an error here. */
static tx_status read_dim(const tx_json *json, const tx_dim *dim, tx_dims *dims, tx_error *error)
{
  const bool single = dim->least == dim->most;
  uint64_t value;
  tx_status status = tx_json_get_count(json, dim->key, single ? dim->least : 0,
                                       single ? dim->most : UINT32_MAX, &value, error);
  if (status == TX_OK) *tx_dim_field(dim, dims) = (size_t)value;
  return status;
}

static tx_status read_heads(const tx_json *json, tx_dims *dims, tx_error *error)
{
  const tx_json *classes = tx_json_get(json, "classes");
  if (!classes || !tx_json_is_array(classes))
    return tx_fail(error, TX_ERROR_MODEL, "'classes' is missing or no array");
  for (const tx_json *item = tx_json_first(classes); item; item = tx_json_next(item)) {
    const double number = tx_json_is_number(item) ? tx_json_number(item) : -1;
    if (dims->head_count == TX_RANKS_MAX || !(number >= 1 && number <= UINT32_MAX) ||
        number != (double)(uint32_t)number)
      return tx_fail(error, TX_ERROR_MODEL, "'classes' must hold at most %d whole numbers from 1",
                     TX_RANKS_MAX);
    dims->heads[dims->head_count++] = (tx_head){TX_HEAD_TAXA, (size_t)number};
  }
  return TX_OK;
}

/* The heads behind those of the taxa, in the order of their kinds: the key of each is its size. */
static const struct {
  const char *key;
  tx_head_kind kind;
  uint64_t most;
} other_heads[] = {{"strand_head", TX_HEAD_STRAND, 1},
                   {"multilabel_head", TX_HEAD_MULTILABEL, UINT32_MAX},
                   {"regression_head", TX_HEAD_REGRESSION, TX_REGRESSION_MAX},
                   {"shared_head", TX_HEAD_SHARED, UINT32_MAX}};
enum { OTHER_HEADS = sizeof other_heads / sizeof *other_heads };

/* Adds to *keys the keys that were read. */
static tx_status read_other_heads(const tx_json *json, tx_dims *dims, size_t *keys, tx_error *error)
{
  for (size_t i = 0; i < OTHER_HEADS; i++) {
    uint64_t value;
    tx_status status;
    if (!tx_json_get(json, other_heads[i].key)) continue;
    status = tx_json_get_count(json, other_heads[i].key, 1, other_heads[i].most, &value, error);
    if (status != TX_OK) return status;
    dims->heads[dims->head_count++] = (tx_head){other_heads[i].kind, (size_t)value};
    (*keys)++;
  }
  return TX_OK;
}

/* The vectors of the other modalities of a shared space. Adds to *keys. */
static tx_status read_towers(const tx_json *json, tx_dims *dims, size_t *keys, tx_error *error)
{
  const tx_json *towers = tx_json_get(json, "towers");
  if (!towers) return TX_OK;
  if (!tx_json_is_array(towers)) return tx_fail(error, TX_ERROR_MODEL, "'towers' is no array");
  for (const tx_json *item = tx_json_first(towers); item; item = tx_json_next(item)) {
    const double number = tx_json_is_number(item) ? tx_json_number(item) : -1;
    if (dims->tower_count == TX_TOWERS_MAX || !(number >= 1 && number <= UINT32_MAX) ||
        number != (double)(uint32_t)number)
      return tx_fail(error, TX_ERROR_MODEL, "'towers' must hold at most %d whole numbers from 1",
                     TX_TOWERS_MAX);
    dims->towers[dims->tower_count++] = (size_t)number;
  }
  (*keys)++;
  return TX_OK;
}

tx_status tx_dims_read(const tx_json *json, tx_dims *dims, tx_error *error)
{
  size_t count, keys = 0, known = 1 /* that of the taxa */;
  const tx_dim *table = tx_dim_table(&count);
  tx_status status = TX_OK;
  for (size_t i = 0; i < count && status == TX_OK; i++) {
    if (table[i].optional && !tx_json_get(json, table[i].key)) continue;
    status = read_dim(json, &table[i], dims, error);
    known++;
  }
  if (status == TX_OK) status = read_heads(json, dims, error);
  if (status == TX_OK) status = read_other_heads(json, dims, &known, error);
  if (status == TX_OK) status = read_towers(json, dims, &known, error);
  if (status != TX_OK) return status;
  /* an unknown key would change the meaning of the weights */
  for (const tx_json *item = tx_json_first(json); item; item = tx_json_next(item)) keys++;
  return keys == known ? TX_OK : tx_fail(error, TX_ERROR_MODEL, "an unknown key");
}

static void append_heads(const tx_dims *dims, tx_bytes *out)
{
  tx_bytes_text(out, ",\"classes\":[");
  for (size_t rank = 0; rank < tx_dims_ranks(dims); rank++)
    tx_bytes_printf(out, "%s%zu", rank ? "," : "", dims->heads[rank].size);
  tx_bytes_text(out, "]");
  for (size_t i = 0; i < OTHER_HEADS; i++) {
    const size_t head = tx_dims_head_of(dims, other_heads[i].kind);
    if (head < dims->head_count)
      tx_bytes_printf(out, ",\"%s\":%zu", other_heads[i].key, dims->heads[head].size);
  }
  if (!dims->tower_count) return;
  tx_bytes_text(out, ",\"towers\":[");
  for (size_t tower = 0; tower < dims->tower_count; tower++)
    tx_bytes_printf(out, "%s%zu", tower ? "," : "", dims->towers[tower]);
  tx_bytes_text(out, "]");
}

/* Optional sizes are omitted where possible, so that older versions read the file. */
void tx_dims_write(const tx_dims *dims, tx_bytes *out)
{
  size_t count;
  const tx_dim *table = tx_dim_table(&count);
  for (size_t i = 0; i < count; i++) {
    if (table[i].offset == offsetof(tx_dims, strands)) append_heads(dims, out); /* as in all files so far */
    if (tx_dim_is_present(&table[i], dims))
      tx_bytes_printf(out, "%s\"%s\":%zu", i ? "," : "{", table[i].key, tx_dim_value(&table[i], dims));
  }
  tx_bytes_text(out, "}");
}
