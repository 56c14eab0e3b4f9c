/* The description of a model, for people and for programs. */
#include "model/model.h"
#include "model/model_regression.h"

#include "base/error.h"
#include "base/json.h"
#include "model/describe.h"
#include "nn/dims.h"
#include "nn/strands.h"
#include "seq/trained_lengths.h"

#include <string.h>

/* Appends what the provenance has about a rank after its size: numbers of records. */
static void append_rank_notes(tx_bytes *out, const tx_json *provenance, size_t rank)
{
  const tx_json *element = tx_json_first(tx_json_get(provenance, "ranks"));
  for (; element && rank > 0; rank--) element = tx_json_next(element);
  if (!element || !tx_json_is_object(element)) return;
  for (const tx_json *note = tx_json_first(element); note; note = tx_json_next(note)) {
    if (strcmp(tx_json_key(note), "name") == 0 || strcmp(tx_json_key(note), "taxa") == 0) continue;
    tx_bytes_text(out, ", ");
    tx_describe_words(out, tx_json_key(note));
    tx_bytes_text(out, " ");
    tx_describe_inline(out, note);
  }
}

static const char *kind_of(const tx_model *model)
{
  return tx_safetensors_metadata(model->file, "taxamba.kind");
}

static void append_tokenizer(tx_bytes *out, const tx_tokenizer *tokenizer)
{
  tx_describe_label(out, "", "tokenizer");
  if (tokenizer->kind == TX_TOKENIZER_CHAR)
    tx_bytes_text(out, "single bases");
  else if (tokenizer->kind == TX_TOKENIZER_KMER)
    tx_bytes_printf(out, "k-mers, k %u, stride %u", (unsigned)tokenizer->k, (unsigned)tokenizer->stride);
  else
    tx_bytes_printf(out, "byte pairs, %zu merges, up to %zu bases", tx_bpe_merges(tokenizer->bpe),
                    tx_bpe_longest(tokenizer->bpe));
  if (tokenizer->max_bases) tx_bytes_printf(out, ", first %u bases", (unsigned)tokenizer->max_bases);
  if (tokenizer->pad_to) tx_bytes_printf(out, ", padded to %u bases%s", (unsigned)tokenizer->pad_to,
                                          tokenizer->pool_padding ? " (in the mean too)" : "");
  tx_bytes_printf(out, ", %zu symbols\n", tx_tokenizer_symbols(tokenizer));
}

static void append_encoder(tx_bytes *out, const tx_dims *dims)
{
  size_t count;
  const tx_dim *table = tx_dim_table(&count);
  tx_describe_label(out, "", "encoder");
  tx_bytes_text(out, "Mamba-2");
  for (size_t i = 0; i < count; i++) {
    const size_t value = tx_dim_value(&table[i], dims);
    if (!table[i].opt_label || !tx_dim_is_present(&table[i], dims)) continue;
    if (table[i].counted)
      tx_bytes_printf(out, ", %zu %s%s", value, table[i].opt_label, value == 1 ? "" : "s");
    else
      tx_bytes_printf(out, ", %s %zu", table[i].opt_label, value);
  }
  tx_bytes_text(out, "\n");
}

static void describe_text(const tx_model *model, const tx_json *config, const tx_json *provenance,
                          tx_bytes *out)
{
  const tx_dims *dims = &model->dims;

  tx_describe_label(out, "", "format");
  tx_bytes_printf(out, "%s (%s)\n", tx_safetensors_metadata(model->file, "taxamba.format"), kind_of(model));
  tx_describe_label(out, "", "precision");
  tx_bytes_printf(out, "%s (%zu bytes)\n", tx_precision_name(model->stored), tx_model_file_size(model));
  append_tokenizer(out, &model->tokenizer);

  append_encoder(out, dims);
  if (tx_dims_strands(dims) > 1) {
    tx_describe_label(out, "", "strands");
    tx_bytes_text(out,
                  "both, their embeddings averaged: a barcode and its reverse complement are the same\n");
  }
  if (tx_dims_have_strand_head(dims)) {
    tx_describe_label(out, "", "strand");
    tx_bytes_text(out, "learned: the model tells a barcode from its reverse complement\n");
  }
  if (model->likeness.scores) {
    tx_describe_label(out, "", "unlike");
    tx_bytes_text(out, "below");
    for (size_t i = 0; i < model->likeness.lengths; i++)
      tx_bytes_printf(out, "%s %.2f (%.0f bases)", i ? "," : "", model->likeness.threshold[i],
                      model->likeness.length[i]);
    tx_bytes_text(out, " bits a base above chance\n");
  }
  for (size_t i = 0; i < model->regression.count; i++) {
    const tx_regression_output *output = &model->regression.outputs[i];
    tx_describe_label(out, "", i ? "" : "traits");
    tx_bytes_plain(out, output->name);
    tx_bytes_printf(out, ": %smean %.6g, standard deviation %.6g\n", output->log ? "logarithm, " : "",
                    output->mean, output->deviation);
  }
  if (dims->tower_count) {
    tx_describe_label(out, "", "shared space");
    tx_bytes_printf(out, "%zu numbers: dna", tx_dims_shared_width(dims));
    for (size_t m = 0; m < dims->tower_count; m++)
      tx_bytes_printf(out, ", %s (from %zu)", model->modalities.items[m], dims->towers[m]);
    tx_bytes_text(out, "\n");
  }
  tx_describe_label(out, "", "parameters");
  tx_bytes_printf(out, "%zu\n", tx_layout_elements(dims));
  if (tx_dims_are_multilabel(dims)) {
    tx_describe_label(out, "", "labels");
    tx_bytes_text(out, "several: a record may have any number of taxa at each rank\n");
  }
  tx_describe_label(out, "", "ranks");
  tx_bytes_printf(out, "%zu\n", tx_taxonomy_rank_count(model->taxonomy));
  for (size_t rank = 0; rank < tx_taxonomy_rank_count(model->taxonomy); rank++) {
    const size_t taxa = tx_taxonomy_class_count(model->taxonomy, rank);
    tx_describe_label(out, "  ", tx_taxonomy_rank_name(model->taxonomy, rank));
    tx_bytes_printf(out, "%zu %s", taxa, taxa == 1 ? "taxon" : "taxa");
    append_rank_notes(out, provenance, rank);
    tx_bytes_text(out, "\n");
  }
  tx_describe_entries(out, provenance);
  if (!tx_json_get(provenance, "seed") && tx_json_get(config, "seed")) {
    tx_describe_label(out, "", "seed");
    tx_describe_inline(out, tx_json_get(config, "seed"));
    tx_bytes_text(out, "\n");
  }
}

static void describe_json(const tx_model *model, const tx_json *config, const tx_json *provenance,
                          tx_bytes *out)
{
  const tx_dims *dims = &model->dims;
  const tx_tokenizer *tokenizer = &model->tokenizer;
  size_t count;
  const tx_dim *table = tx_dim_table(&count);

  tx_bytes_printf(out, "{\"format\":%s,\"kind\":\"%s\",\"precision\":\"%s\",\"bytes\":%zu",
                  tx_safetensors_metadata(model->file, "taxamba.format"), kind_of(model),
                  tx_precision_name(model->stored), tx_model_file_size(model));
  tx_bytes_printf(out, ",\"tokenizer\":{\"kind\":\"%s\",\"k\":%u,\"stride\":%u",
                  tx_tokenizer_kind_name(tokenizer->kind), (unsigned)tokenizer->k,
                  (unsigned)tokenizer->stride);
  if (tokenizer->kind == TX_TOKENIZER_BPE)
    tx_bytes_printf(out, ",\"merges\":%zu,\"longest\":%zu", tx_bpe_merges(tokenizer->bpe),
                    tx_bpe_longest(tokenizer->bpe));
  tx_bytes_printf(out, ",\"max_bases\":%u,\"pad_to\":%u%s,\"symbols\":%zu}", (unsigned)tokenizer->max_bases,
                  (unsigned)tokenizer->pad_to, tokenizer->pool_padding ? ",\"pool_padding\":true" : "",
                  tx_tokenizer_symbols(tokenizer));
  tx_bytes_text(out, ",\"dims\":");
  for (size_t i = 0; i < count; i++)
    tx_bytes_printf(out, "%s\"%s\":%zu", i ? "," : "{", table[i].key, tx_dim_value(&table[i], dims));
  tx_bytes_printf(out, "},\"strand_head\":%s", tx_dims_have_strand_head(dims) ? "true" : "false");
  if (tx_dims_are_multilabel(dims)) tx_bytes_text(out, ",\"multilabel\":true");
  if (model->likeness.scores) {
    tx_bytes_text(out, ",\"unlike\":[");
    for (size_t i = 0; i < model->likeness.lengths; i++)
      tx_bytes_printf(out, "%s{\"bases\":%.9g,\"threshold\":%.9g}", i ? "," : "", model->likeness.length[i],
                      model->likeness.threshold[i]);
    tx_bytes_text(out, "]");
  }
  if (model->regression.count) {
    tx_bytes_text(out, ",\"traits\":");
    tx_regression_write(&model->regression, out);
  }
  if (dims->tower_count) {
    tx_bytes_printf(out, ",\"shared_space\":{\"width\":%zu,\"modalities\":[", tx_dims_shared_width(dims));
    for (size_t m = 0; m < dims->tower_count; m++) {
      tx_bytes_text(out, m ? ",{\"name\":" : "{\"name\":");
      tx_bytes_json_string(out, model->modalities.items[m], strlen(model->modalities.items[m]));
      tx_bytes_printf(out, ",\"width\":%zu}", dims->towers[m]);
    }
    tx_bytes_text(out, "]}");
  }
  tx_bytes_printf(out, ",\"parameters\":%zu,\"ranks\":[", tx_layout_elements(dims));
  for (size_t rank = 0; rank < tx_taxonomy_rank_count(model->taxonomy); rank++) {
    const char *name = tx_taxonomy_rank_name(model->taxonomy, rank);
    tx_bytes_text(out, rank ? ",{\"name\":" : "{\"name\":");
    tx_bytes_json_string(out, name, strlen(name));
    tx_bytes_printf(out, ",\"taxa\":%zu}", tx_taxonomy_class_count(model->taxonomy, rank));
  }
  tx_bytes_text(out, "],\"config\":");
  tx_describe_json(out, config);
  tx_bytes_text(out, ",\"provenance\":");
  tx_describe_json(out, provenance);
  tx_bytes_text(out, "}\n");
}

tx_status tx_model_describe(const tx_model *model, bool json, char **ret_text, tx_error *error)
{
  tx_json *config = NULL, *provenance = NULL;
  tx_bytes out = {0};
  tx_status status = tx_json_parse(model->config, strlen(model->config), "the configuration", &config, error);

  if (status == TX_OK)
    status =
        tx_json_parse(model->provenance, strlen(model->provenance), "the provenance", &provenance, error);
  if (status == TX_OK) {
    if (json)
      describe_json(model, config, provenance, &out);
    else
      describe_text(model, config, provenance, &out);
    if (out.failed) status = tx_fail_memory(error, "the description of a model");
  }
  tx_json_free(config);
  tx_json_free(provenance);
  if (status == TX_OK)
    *ret_text = out.data;
  else
    tx_bytes_free(&out);
  return status;
}

bool tx_model_trained_lengths(const tx_model *model, size_t *ret_shortest, size_t *ret_longest)
{
  tx_json *config = NULL;
  tx_error unused;
  bool known = tx_json_parse(model->config, strlen(model->config), "the configuration", &config, &unused) ==
                   TX_OK &&
               tx_trained_lengths(config, ret_shortest, ret_longest);
  tx_json_free(config);
  return known;
}
