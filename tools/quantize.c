/* taxamba quantize: a model file with its weights in fewer bits. */
#include <string.h>
#include <sys/stat.h>

#include <taxamba/model.h>

#include "commands.h"

typedef struct quantize_options {
  tx_common common;
  char model[TX_TEXT_SIZE];
  char output[TX_TEXT_SIZE];
  int precision; /* 0 = TX_PRECISION_FLOAT32 and so on */
} quantize_options;

#define FIELD(name) offsetof(quantize_options, name)

static size_t tables(void *options, tx_param_table out[TX_TABLES_MAX])
{
  static const tx_param params[] = {
      TX_MODEL_PARAM(FIELD(model)),
      {"output", 'o', TX_PARAM_OUTPUT, FIELD(output), 0, 0, "", "FILE", "Output",
       "Where the new model goes; it may be the same file. It appears when it is complete."},
      {"precision", 0, TX_PARAM_CHOICE, FIELD(precision), 0, 0, "int8", "float32|bf16|int8", "Output",
       "Numbers in which the matrices of weights are stored: 4, 2 or 1 byte each. The rest of the weights "
       "stays float32."},
  };
  quantize_options *quantize = options;
  out[0] = (tx_param_table){params, sizeof params / sizeof *params, quantize};
  out[1].params = tx_common_params(&out[1].count);
  out[1].object = &quantize->common;
  return 2;
}

static const tx_param_rule *rules(size_t *ret_count)
{
  static const tx_param_rule rows[] = {
      TX_ALWAYS("model"),
      TX_ALWAYS("output"),
      TX_ALWAYS("precision"),
      TX_ALWAYS("quiet"),
  };
  *ret_count = sizeof rows / sizeof *rows;
  return rows;
}

static tx_status convert(const tx_call *call, const tx_model *model, tx_error *error)
{
  const quantize_options *options = call->options;
  tx_precision stored = tx_model_stored_precision(model);
  tx_precision wanted = (tx_precision)(options->precision + TX_PRECISION_FLOAT32);
  const char *from = tx_precision_name(stored), *to = tx_precision_name(wanted);
  struct stat written = {0};
  tx_status status;
  if (wanted == stored) tx_note(call, "the weights are %s already: this is a copy", from);
  if (wanted < stored)
    tx_note(call, "%s has more digits than %s, but what was lost is not regained", to, from);
  status = tx_model_convert(model, wanted, options->output, tx_stop_flag(), error);
  if (status != TX_OK) return status;
  (void)stat(options->output, &written);
  tx_provenance(call, "%s to %s, %zu to %lld bytes", from, to, tx_model_file_size(model),
                (long long)written.st_size);
  return TX_OK;
}

static tx_status run(const tx_call *call, tx_error *error)
{
  const quantize_options *options = call->options;
  tx_model *model = NULL;
  tx_status status;
  if (call->operand_count)
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "'%.200s' is one argument too many: the model is named by --model",
                       call->operands[0]);
  if (!options->output[0] || strcmp(options->output, "-") == 0)
    return tx_cli_fail(error, TX_ERROR_USAGE, "a model needs a file: add --output FILE.safetensors");
  status = tx_model_open(options->model, &model, error);
  if (status == TX_OK) status = convert(call, model, error);
  tx_model_close(model);
  return status;
}

static const tx_example examples[] = {
    {"taxamba quantize -m coi.safetensors -o coi-int8.safetensors", "A quarter of the size; classify, embed "
                                                                    "and eval take it as it is:"},
    {"taxamba quantize -m coi.safetensors -o coi-bf16.safetensors --precision bf16",
     "Half the size, closer to the original:"},
    {"taxamba eval -m coi-int8.safetensors metadata.csv.gz", "What it costs, on labelled records:"},
    {NULL, NULL},
};

const tx_command tx_quantize_command = {
    .name = "quantize",
    .summary = "Writes a model file with its weights in fewer bits",
    .operands = "--output FILE",
    .description = "Reads a model and writes it anew with its matrices of weights as bf16 (the upper half "
                   "of a float32), as int8 (whole numbers from -127 to 127, with a factor for each row of a "
                   "matrix), or as float32 again. Everything else is copied unchanged; the provenance notes "
                   "the precision that the model had before.\n\n"
                   "The new file is used like any other. By itself it is computed with in the precision that "
                   "it is stored in, which --precision of classify, embed and eval overrides.\n\n"
                   "Quantising twice gives the same bytes as quantising once. Going back to a higher "
                   "precision gives a larger file and nothing more: the digits are lost. A checkpoint of a "
                   "training is not taken.",
    .examples = examples,
    .options_size = sizeof(quantize_options),
    .tables = tables,
    .rules = rules,
    .run = run,
    .in_place = true,
};
