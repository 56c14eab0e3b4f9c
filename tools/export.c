/* taxamba export: the weights of a model under the names of the published PyTorch code. */
#include <string.h>

#include <taxamba/model.h>
#include <taxamba/pytorch.h>

#include "commands.h"

typedef struct export_options {
  tx_common common;
  char model[TX_TEXT_SIZE];
  char output[TX_TEXT_SIZE];
} export_options;

#define FIELD(name) offsetof(export_options, name)

static size_t tables(void *options, tx_param_table out[TX_TABLES_MAX])
{
  static const tx_param params[] = {
      TX_MODEL_PARAM(FIELD(model)),
      {"output", 'o', TX_PARAM_OUTPUT, FIELD(output), 0, 0, "", "FILE", "Output",
       "Where the weights go: for torch.load where the name ends in .ckpt or .pt, else safetensors. It "
       "appears when it is complete."},
  };
  export_options *export = options;
  out[0] = (tx_param_table){params, sizeof params / sizeof *params, export};
  out[1].params = tx_common_params(&out[1].count);
  out[1].object = &export->common;
  return 2;
}

static const tx_param_rule *rules(size_t *ret_count)
{
  static const tx_param_rule rows[] = {TX_ALWAYS("model"), TX_ALWAYS("output"), TX_ALWAYS("quiet")};
  *ret_count = sizeof rows / sizeof *rows;
  return rows;
}

static tx_status run(const tx_call *call, tx_error *error)
{
  const export_options *options = call->options;
  tx_model *model = NULL;
  tx_status status;
  if (call->operand_count)
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "'%.200s' is one argument too many: the model is named by --model", call->operands[0]);
  if (!options->output[0] || strcmp(options->output, "-") == 0)
    return tx_cli_fail(error, TX_ERROR_USAGE, "the weights need a file: add --output FILE.safetensors");
  status = tx_model_open(options->model, &model, error);
  if (status == TX_OK) {
    const tx_precision stored = tx_model_stored_precision(model);
    if (stored != TX_PRECISION_FLOAT32)
      tx_note(call, "the weights are %s and are written as float32, with the digits that they have",
              tx_precision_name(stored));
    status = tx_pytorch_export(model, options->output, tx_stop_flag(), error);
  }
  if (status == TX_OK) tx_provenance(call, "%s is written", options->output);
  tx_model_close(model);
  return status;
}

static const tx_example examples[] = {
    {"taxamba export -m coi-arthropoda -o coi.safetensors", "For safetensors.torch.load_file:"},
    {"taxamba export -m mine.safetensors -o mine.ckpt",
     "For torch.load, with the sizes as hyper_parameters:"},
    {NULL, NULL},
};

const tx_command tx_export_command = {
    .name = "export",
    .summary = "Writes the weights of a model for PyTorch",
    .operands = "--output FILE",
    .description =
        "Writes the weights of a model as float32 under the names of the published code of BarcodeMamba, as "
        "a "
        "state dict. Taxonomy and tokenizer go with them as text, and taxamba import makes the same model of "
        "the file again; the references of a model are not exported.\n\n"
        "That code has one classifier: of a model with one rank it is head.output_transform, those of "
        "several "
        "ranks are head.heads.0, head.heads.1, ... It pads every barcode and takes the mean over all "
        "positions; a model that does not (pad_to 0) gives its embeddings there without padding. Learned "
        "tokens (bpe) must be made by the caller. A model of both strands is refused, because that code "
        "reads "
        "one.",
    .examples = examples,
    .options_size = sizeof(export_options),
    .tables = tables,
    .rules = rules,
    .run = run,
};
