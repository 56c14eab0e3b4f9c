/* taxamba import: a published checkpoint of PyTorch in, a model file out. */
#include <string.h>

#include <taxamba/pytorch.h>

#include "commands.h"

typedef struct import_options {
  tx_common common;
  char output[TX_TEXT_SIZE];
  char labels[TX_TEXT_SIZE];
  char rank[TX_TEXT_SIZE];
  uint64_t max_bases, stride;
  bool padding;
} import_options;

#define FIELD(name) offsetof(import_options, name)

static size_t tables(void *options, tx_param_table out[TX_TABLES_MAX])
{
  static const tx_param params[] = {
      {"output", 'o', TX_PARAM_OUTPUT, FIELD(output), 0, 0, "", "FILE", "Output",
       "Where the model goes. It appears when it is complete."},
      {"labels", 'l', TX_PARAM_INPUT, FIELD(labels), 0, 0, "", "FILE", "Classifier",
       "The names of the classes of a fine-tuned checkpoint, one a line, in the order of its outputs (the "
       "published code sorts the labels of its training table). Without it the classifier is left out, and "
       "the model embeds."},
      {"rank", 0, TX_PARAM_TEXT, FIELD(rank), 0, 0, "species", "RANK", "Classifier",
       "The rank of the classes."},
      {"max-bases", 0, TX_PARAM_COUNT, FIELD(max_bases), 0, 8192, "0", "N", "Tokenizer",
       "Bases read of a barcode, and to which shorter ones are padded. 0: what the checkpoint says, else "
       "660."},
      {"stride", 0, TX_PARAM_COUNT, FIELD(stride), 0, 8, "0", "N", "Tokenizer",
       "Bases from one k-mer to the next. 0: what the checkpoint says, else k."},
      {"padding", 0, TX_PARAM_FLAG, FIELD(padding), 0, 0, "true", NULL, "Tokenizer",
       "Pads barcodes on the left with N and takes the mean over all positions, as the published code does; "
       "--no-padding is for a network that was trained without."},
  };
  import_options *import = options;
  out[0] = (tx_param_table){params, sizeof params / sizeof *params, import};
  out[1].params = tx_common_params(&out[1].count);
  out[1].object = &import->common;
  return 2;
}

static const tx_param_rule *rules(size_t *ret_count)
{
  static const tx_param_rule rows[] = {
      TX_ALWAYS("output"), TX_ALWAYS("labels"),  TX_WITH("rank", "labels"), TX_ALWAYS("max-bases"),
      TX_ALWAYS("stride"), TX_ALWAYS("padding"), TX_ALWAYS("quiet"),
  };
  *ret_count = sizeof rows / sizeof *rows;
  return rows;
}

static void show_note(void *context, const char *line)
{
  tx_note(context, "%s", line);
}

static tx_status run(const tx_call *call, tx_error *error)
{
  const import_options *options = call->options;
  tx_call notes = *call;
  const tx_pytorch_options settings = {.max_bases = options->max_bases,
                                       .stride = options->stride,
                                       .no_padding = !options->padding,
                                       .opt_labels = options->labels[0] ? options->labels : NULL,
                                       .opt_rank = options->rank,
                                       .note = show_note,
                                       .note_context = &notes,
                                       .opt_stop = tx_stop_flag()};
  tx_status status;
  if (call->operand_count != 1)
    return tx_cli_fail(error, TX_ERROR_USAGE, "expected one checkpoint, not %zu", call->operand_count);
  if (!options->output[0] || strcmp(options->output, "-") == 0)
    return tx_cli_fail(error, TX_ERROR_USAGE, "a model needs a file: add --output FILE.safetensors");
  status = tx_pytorch_import(call->operands[0], &settings, options->output, error);
  if (status == TX_OK) tx_provenance(call, "%s is written", options->output);
  return status;
}

static const tx_example examples[] = {
    {"taxamba import -o barcodemamba.safetensors last.ckpt", "A pretrained encoder:"},
    {"taxamba embed -m barcodemamba.safetensors -o vectors.npy barcodes.fasta.gz", "Its embeddings:"},
    {"taxamba import -o species.safetensors --labels species.txt finetuned.ckpt",
     "A fine-tuned classifier, with the names of its classes:"},
    {NULL, NULL},
};

const tx_command tx_import_command = {
    .name = "import",
    .summary = "Reads a published BarcodeMamba checkpoint as a model",
    .operands = "CHECKPOINT",
    .description =
        "Reads the weights of a BarcodeMamba network with Mamba-2 layers, as its published PyTorch code "
        "saves "
        "them (.ckpt, .pt), or from a safetensors file with the same names, and writes a model file. Its "
        "embeddings are those of that code, apart from rounding: barcodes are padded on the left with N to "
        "660 bases, and the mean is taken over all positions.\n\n"
        "Sizes and tokenizer follow from the shapes: single bases, or k-mers without N. The layer that "
        "predicts the next token is left out. Files of taxamba export come back with taxonomy and tokenizer; "
        "for these the options are not needed.\n\n"
        "A checkpoint of PyTorch has a pickle, which is a program for Python. None of it is executed: only "
        "plain values and tensors are read, and a state dict with anything else is refused.",
    .examples = examples,
    .options_size = sizeof(import_options),
    .tables = tables,
    .rules = rules,
    .run = run,
};
