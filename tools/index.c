/* taxamba index: labelled barcodes in, a file of references out. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <taxamba/references.h>

#include "audit.h"
#include "commands.h"
#include "intake.h"

typedef struct index_options {
  tx_common common;
  char output[TX_TEXT_SIZE];
  char add[TX_TEXT_SIZE];
  char model[TX_TEXT_SIZE];
  char split[TX_TEXT_SIZE];
  char amplicon[TX_TEXT_SIZE];
  /* how labelled files are read, by the names that the options have in train */
  char ranks[TX_TEXT_SIZE];
  TX_LABELLED_FIELDS
  uint64_t threads, seed;
  bool info, audit;
  bool json;
} index_options;

#define FIELD(name) offsetof(index_options, name)

static size_t tables(void *options, tx_param_table out[TX_TABLES_MAX])
{
  static const tx_param params[] = {
      {"output", 'o', TX_PARAM_OUTPUT, FIELD(output), 0, 0, "", "FILE", "Output",
       "Where the references go. The file appears when it is complete."},
      {"add", 'a', TX_PARAM_INPUT, FIELD(add), 0, 0, "", "FILE", "Data",
       "Adds the input to the references of FILE, which stays as it is. The ranks and the weights are those "
       "of FILE: other labels of the input are left aside, and nothing is fitted."},
      {"model", 'm', TX_PARAM_MODEL, FIELD(model), 0, 0, "", "FILE", "Output",
       "Writes a copy of this model with the references in it, instead of a file of references alone: "
       "taxamba classify then answers by them. Those that it had are replaced."},
      {"info", 0, TX_PARAM_FLAG, FIELD(info), 0, 0, "false", NULL, "Output",
       "Prints what the references of FILE are, and exits."},
      {"audit", 0, TX_PARAM_FLAG, FIELD(audit), 0, 0, "false", NULL, "Output",
       "Prints which references of FILE a person should look at, as a table, and exits."},
      {"json", 'j', TX_PARAM_FLAG, FIELD(json), 0, 0, "false", NULL, "Output",
       "Prints one JSON object instead of lines."},
      {"split", 's', TX_PARAM_TEXT, FIELD(split), 0, 0, "", "NAMES", "Data",
       "Split or splits to take, separated by commas. Default: train, when the input has a split column."},
      {"ranks", 0, TX_PARAM_TEXT, FIELD(ranks), 0, 0, "", "LIST", "Data",
       "Ranks to read, separated by commas, top first. Default: those that the input has."},
      {"amplicon", 0, TX_PARAM_TEXT, FIELD(amplicon), 0, 0, "", "FWD,REV", "Data",
       "Takes only the stretch between two primers of each record, without their sites. Both primers from 5' "
       "to 3', as they are ordered, in IUPAC letters or I (inosine)."},
      TX_LABELLED_PARAMS(index_options),
      {"threads", 't', TX_PARAM_COUNT, FIELD(threads), 0, 1024, "0", "N", "Run",
       "Threads of the fit or the audit; 0 for all processors. The result is the same for any number."},
      {"seed", 0, TX_PARAM_COUNT, FIELD(seed), 0, 9007199254740992.0, "1", "N", "Run",
       "Random seed of the fit: which references stand for unknown barcodes, and where they are cut."},
  };
  index_options *index = options;
  out[0] = (tx_param_table){params, sizeof params / sizeof *params, index};
  out[1].params = tx_common_params(&out[1].count);
  out[1].object = &index->common;
  return 2;
}

static const tx_param_rule *rules(size_t *ret_count)
{
  static const tx_param_rule rows[] = {
      TX_WITHOUT("output", "info"),
      TX_WITHOUT("output", "audit"),
      TX_WITHOUT("add", "info"),
      TX_WITHOUT("add", "audit"),
      TX_WITHOUT("model", "info"),
      TX_WITHOUT("model", "audit"),
      TX_WITHOUT("info", "audit"),
      TX_ALWAYS("audit"),
      TX_WITH("json", "info"),
      TX_WITHOUT("split", "info"),
      TX_WITHOUT("split", "audit"),
      TX_WITHOUT("ranks", "info"),
      TX_WITHOUT("ranks", "audit"),
      TX_WITHOUT("amplicon", "info"),
      TX_WITHOUT("amplicon", "audit"),
      TX_WITHOUT("format", "info"),
      TX_WITHOUT("format", "audit"),
      TX_WITHOUT("taxonomy-file", "info"),
      TX_WITHOUT("taxonomy-file", "audit"),
      TX_VALUE("taxonomy-file", "format", "auto|taxonomy"),
      TX_WITHOUT("taxdump", "info"),
      TX_WITHOUT("taxdump", "audit"),
      TX_WITHOUT("whole-id", "info"),
      TX_WITHOUT("whole-id", "audit"),
      TX_WITHOUT("id-column", "info"),
      TX_WITHOUT("id-column", "audit"),
      TX_WITHOUT("sequence-column", "info"),
      TX_WITHOUT("sequence-column", "audit"),
      TX_WITHOUT("split-column", "info"),
      TX_WITHOUT("split-column", "audit"),
      TX_WITHOUT("where", "info"),
      TX_WITHOUT("where", "audit"),
      TX_WITHOUT("missing-names", "info"),
      TX_WITHOUT("missing-names", "audit"),
      TX_WITHOUT("skip-bad", "info"),
      TX_WITHOUT("skip-bad", "audit"),
      /* With --add, too: where other ranks can be told apart than before the weights are fitted anew. */
      TX_WITHOUT("threads", "info"),
      TX_WITHOUT("seed", "info"),
      TX_WITHOUT("seed", "audit"),
      TX_ALWAYS("quiet"),
  };
  *ret_count = sizeof rows / sizeof *rows;
  return rows;
}

static tx_status build(const tx_call *call, const tx_reference_set *base, tx_reference_set **ret_set,
                       tx_error *error)
{
  const index_options *options = call->options;
  const tx_labelled_options labelled = {TX_LABELLED_SETTINGS(options), .ranks = options->ranks,
                                        .split = options->split, .hooks = tx_input_watch(call)};
  tx_intake intake;
  const tx_reference_options own = {
      .threads = (size_t)options->threads,
      .seed = options->seed,
      .usual_split = options->split[0] ? NULL : "train",
      .opt_base = base,
      .opt_base_name = options->add,
      .opt_amplicon = options->amplicon[0] ? options->amplicon : NULL,
      .hooks = tx_intake_hooks(&intake),
  };
  tx_status status = tx_intake_open(call, &labelled, base, &intake, error);
  if (status == TX_OK) status = tx_reference_set_build(intake.reader, &own, ret_set, error);
  tx_intake_close(&intake);
  return status;
}

/* The file of references that --info or --audit is about. */
static tx_status open_only(const tx_call *call, const char *option, tx_reference_set **ret_set,
                           tx_error *error)
{
  if (call->operand_count != 1)
    return tx_cli_fail(error, TX_ERROR_USAGE, "%s needs one file of references, not %zu", option,
                       call->operand_count);
  return tx_reference_set_open(call->operands[0], ret_set, error);
}

static tx_status print_audit(const tx_call *call, tx_error *error)
{
  const index_options *options = call->options;
  tx_reference_set *set = NULL;
  tx_status status = open_only(call, "--audit", &set, error);
  if (status == TX_OK) status = tx_audit_print(call, set, (size_t)options->threads, error);
  tx_reference_set_free(set);
  return status;
}

static tx_status print_info(const tx_call *call, tx_error *error)
{
  const index_options *options = call->options;
  tx_reference_set *set = NULL;
  char *text = NULL;
  tx_status status = open_only(call, "--info", &set, error);
  if (status == TX_OK) status = tx_reference_set_describe(set, options->json, &text, error);
  if (status == TX_OK) status = tx_print(text, error);
  if (status == TX_OK) status = tx_print_end(error);
  free(text);
  tx_reference_set_free(set);
  return status;
}

static tx_status run(const tx_call *call, tx_error *error)
{
  const index_options *options = call->options;
  tx_reference_set *base = NULL, *set = NULL;
  tx_model *model = NULL;
  tx_reference_writer *writer = NULL;
  tx_status status;
  if (options->info) return print_info(call, error);
  if (options->audit) return print_audit(call, error);
  if (call->operand_count == 0) return tx_cli_fail(error, TX_ERROR_USAGE, "no file of labelled barcodes");
  if (!options->output[0] || strcmp(options->output, "-") == 0)
    return tx_cli_fail(error, TX_ERROR_USAGE, "references need a file: add --output FILE");
  status = tx_check_inputs(call->operands, call->operand_count, error);
  if (status == TX_OK && options->add[0]) status = tx_reference_set_open(options->add, &base, error);
  if (status == TX_OK && options->model[0]) status = tx_model_open(options->model, &model, error);
  if (status == TX_OK) status = tx_reference_writer_open(options->output, tx_stop_flag(), &writer, error);
  if (status == TX_OK) status = build(call, base, &set, error);
  if (status == TX_OK) {
    status = model ? tx_reference_writer_commit_model(writer, set, model, error)
                   : tx_reference_writer_commit(writer, set, error);
    writer = NULL;
  }
  if (status == TX_OK)
    tx_provenance(call, "%zu references of %" PRIu64 " records", tx_reference_set_count(set),
                  tx_reference_set_records(set));
  tx_reference_writer_abort(writer);
  tx_reference_set_free(set);
  tx_reference_set_free(base);
  tx_model_close(model);
  return status;
}

static const tx_example examples[] = {
    {"taxamba index -o coi.tx metadata.csv.gz", "References from split train of a BIOSCAN-5M table:"},
    {"taxamba index -o its.tx --ranks family,genus,species unite.fasta.gz", "From FASTA with UNITE headers, "
                                                                            "three ranks:"},
    {"taxamba index -o larger.tx --add coi.tx own.fasta", "Barcodes of one's own beside them, in seconds:"},
    {"taxamba index -o with.safetensors --model coi.safetensors metadata.csv.gz",
     "A copy of a model with references in it:"},
    {"taxamba index -o its2.tx --amplicon GCATCGATGAAGAACGCAGC,TCCTCCGCTTATTGATATGC unite.fasta.gz",
     "Only the stretch between the primers ITS3 and ITS4:"},
    {"taxamba index --info coi.tx", "What a file of references holds:"},
    {"taxamba index --audit coi.tx >look.tsv", "References whose label or barcode is doubtful:"},
    {NULL, NULL},
};

const tx_command tx_index_command = {
    .name = "index",
    .summary = "Makes a file of references from labelled barcodes",
    .operands = "FILE...",
    .description =
        "Reads labelled barcodes in the formats of taxamba train, and writes them as references that others "
        "are compared with. Equal barcodes of one lineage become one reference, with the number of its "
        "records; equal barcodes with different labels are all kept. Barcodes with fewer than 50 certain "
        "bases, or without a label at any rank, are left out. Notes tell how many, how many distinct "
        "barcodes there are, and how many of them have labels that contradict each other.\n\n"
        "Then the weights of the answer are fitted: references take the part of unknown barcodes, whole and "
        "cut, of taxa that are known and of taxa that are left out.\n\n"
        "--add takes the references of an existing file and adds the input to them. That takes seconds, as "
        "the weights are kept; after many additions it is worth making the file anew.\n\n"
        "In a set of 30,000 references or more, near-copies (of one lineage, with at most 2 % "
        "substitutions) are searched together, by one representative first. --info prints the number of "
        "representatives.\n\n"
        "--amplicon takes only the stretch that two primers amplify, for reads of that stretch; the sites of "
        "the primers are cut off. A site has at most 15 % mismatches, rounded down, but one in any "
        "case; gaps are none. Both strands of a record are tried, and the amplicon is stored on that of the "
        "forward primer. One site is enough if the record ends before the other one: if no more than twice "
        "the median of the amplicons with both sites follows, or if no record has both. Records that were "
        "amplified by the same primers, or by others, may have no site: they are aligned with the amplicons "
        "found so far and cut where those begin and end. What resembles none of them is left out, "
        "and a note counts it.\n\n"
        "--audit compares each reference with the nearest others and prints those that a person should look "
        "at. label: the nearest all have another taxon. unlike: it resembles no other reference, or only as "
        "its reverse complement. equal: an equal barcode has another taxon. name: two names of a rank are "
        "nearly the same. sequence: more than 5 % of the bases are uncertain, the barcode is far shorter "
        "than most, or a coding one has stop codons. A finding is a reason to look, not an error.\n\n"
        "The same records, in any order, with any number of threads, give the same file, but for the names "
        "of the input files in it.",
    .examples = examples,
    .options_size = sizeof(index_options),
    .tables = tables,
    .rules = rules,
    .run = run,
};
