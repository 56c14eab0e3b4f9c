/* taxamba compare: the taxa of bulk samples against a list of specimens. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <taxamba/compare.h>
#include <taxamba/model.h>
#include <taxamba/references.h>

#include "commands.h"

typedef struct compare_options {
  tx_common common;
  char counts[TX_TEXT_SIZE];
  int count_rows; /* tx_count_rows */
  char sequences[TX_TEXT_SIZE];
  char samples[TX_TEXT_SIZE];
  uint64_t min_reads, min_replicates;
  char predictions[TX_TEXT_SIZE];
  int predictions_format; /* tx_predictions_format */
  char prediction_taxonomy[TX_TEXT_SIZE];
  char prediction_ranks[TX_TEXT_SIZE];
  double min_confidence;
  char site_column[TX_TEXT_SIZE];
  char ranks[TX_TEXT_SIZE];
  char id_column[TX_TEXT_SIZE], where[TX_TEXT_SIZE], missing_names[TX_TEXT_SIZE];
  char model[TX_TEXT_SIZE];
  char references[TX_TEXT_SIZE];
  char known[TX_TEXT_SIZE];
  char output[TX_TEXT_SIZE];
  bool json;
} compare_options;

#define FIELD(name) offsetof(compare_options, name)

static size_t tables(void *options, tx_param_table out[TX_TABLES_MAX])
{
  static const tx_param params[] = {
      {"otu-table", 0, TX_PARAM_INPUT, FIELD(counts), 0, 0, "", "FILE", "Bulk samples",
       "Counts of sequences in samples: of vsearch --otutabout, biom convert, QIIME 2, DADA2, phyloseq or "
       "mothur, or a BIOM file. The content decides."},
      {"count-rows", 0, TX_PARAM_CHOICE, FIELD(count_rows), 0, 0, "auto", "auto|sequences|samples",
       "Bulk samples", "What the rows of a text table are; needed only where it does not say it."},
      {"sequences", 0, TX_PARAM_INPUT, FIELD(sequences), 0, 0, "", "FILE", "Bulk samples",
       "FASTA of the sequences, where the counts name them by their bases (DADA2): their ids."},
      {"samples", 0, TX_PARAM_INPUT, FIELD(samples), 0, 0, "", "FILE", "Bulk samples",
       "Table with columns replicate and sample: which column of the counts is a replicate of which site. "
       "Default: each is a site."},
      {"min-reads", 0, TX_PARAM_COUNT, FIELD(min_reads), 1, 9007199254740992.0, "1", "N", "Bulk samples",
       "A replicate has a sequence if it has at least so many reads of it."},
      {"min-replicates", 0, TX_PARAM_COUNT, FIELD(min_replicates), 1, 1000000, "1", "N", "Bulk samples",
       "A site has a sequence if at least so many of its replicates have; its reads are then the sum of "
       "all."},
      {"predictions", 'p', TX_PARAM_INPUT, FIELD(predictions), 0, 0, "", "FILE", "Names",
       "Taxa of the sequences by id: what taxamba classify writes, or another classifier "
       "(--predictions-format). Default: the lineages in the counts."},
      {"predictions-format", 0, TX_PARAM_CHOICE, FIELD(predictions_format), 0, 0, "auto",
       "auto|table|jsonl|sintax|qiime2|blast6|kraken", "Names", "As in taxamba eval."},
      {"prediction-taxonomy", 0, TX_PARAM_INPUT, FIELD(prediction_taxonomy), 0, 0, "", "FILE", "Names",
       "Lineages of the references that blast6 and kraken name, as in taxamba eval."},
      {"prediction-ranks", 0, TX_PARAM_TEXT, FIELD(prediction_ranks), 0, 0, "", "LIST", "Names",
       "Ranks of lineages by position (A;B;C), separated by commas, top first: of predictions, of the "
       "counts, "
       "or of --prediction-taxonomy."},
      {"min-confidence", 'c', TX_PARAM_REAL, FIELD(min_confidence), 0, 1, "0", "P", "Names",
       "Cuts each lineage below the last rank that reaches this probability."},
      {"ranks", 0, TX_PARAM_TEXT, FIELD(ranks), 0, 0, "", "LIST", "Names",
       "Ranks to compare, separated by commas, top first; bin is one like the others. Default: those of the "
       "predictions that are columns of the specimens."},
      {"site-column", 0, TX_PARAM_TEXT, FIELD(site_column), 0, 0, "sample", "NAME", "Specimens",
       "Column of the specimens that names the site."},
      {"id-column", 0, TX_PARAM_TEXT, FIELD(id_column), 0, 0, "", "NAME", "Specimens",
       "Column of the specimens' ids. Default: processid, else process_id, id, seqid or sampleid, else the "
       "first column."},
      TX_WHERE_PARAM(compare_options),
      TX_MISSING_NAMES_PARAM(compare_options, "Specimens"),
      {"model", 'm', TX_PARAM_MODEL, FIELD(model), 0, 0, "", "FILE", "What can be known",
       "The model that made the predictions: names that are missed and that it cannot call are marked."},
      {"references", 'r', TX_PARAM_INPUT, FIELD(references), 0, 0, "", "FILE", "What can be known",
       "The references that made them, of taxamba index: the same."},
      {"known", 0, TX_PARAM_INPUT, FIELD(known), 0, 0, "", "FILE", "What can be known",
       "A labelled file or a QIIME 2 taxonomy with the taxa that could be called: the same."},
      {"output", 'o', TX_PARAM_OUTPUT, FIELD(output), 0, 0, "",
       "PREFIX|.lists.tsv|.names.tsv|.abundance.tsv|.json", "Output",
       "Writes the tables PREFIX.lists.tsv, PREFIX.names.tsv and PREFIX.abundance.tsv, and PREFIX.json with "
       "all of it. Default: a summary on standard output."},
      {"json", 'j', TX_PARAM_FLAG, FIELD(json), 0, 0, "false", NULL, "Output",
       "Prints one JSON object instead of a summary."},
  };
  compare_options *compare = options;
  out[0] = (tx_param_table){params, sizeof params / sizeof *params, compare};
  out[1].params = tx_common_params(&out[1].count);
  out[1].object = &compare->common;
  return 2;
}

static const tx_param_rule *rules(size_t *ret_count)
{
  static const tx_param_rule rows[] = {
      TX_ALWAYS("otu-table"),
      TX_ALWAYS("count-rows"),
      TX_ALWAYS("sequences"),
      TX_ALWAYS("samples"),
      TX_ALWAYS("min-reads"),
      TX_ALWAYS("min-replicates"),
      TX_ALWAYS("predictions"),
      TX_WITH("predictions-format", "predictions"),
      TX_WITH("prediction-taxonomy", "predictions"),
      TX_ALWAYS("prediction-ranks"),
      TX_WITH("min-confidence", "predictions"),
      TX_ALWAYS("ranks"),
      TX_ALWAYS("site-column"),
      TX_ALWAYS("id-column"),
      TX_ALWAYS("where"),
      TX_ALWAYS("missing-names"),
      TX_WITHOUT("model", "references"),
      TX_ALWAYS("references"),
      TX_ALWAYS("known"),
      TX_WITHOUT("output", "json"),
      TX_ALWAYS("json"),
      TX_ALWAYS("quiet"),
  };
  *ret_count = sizeof rows / sizeof *rows;
  return rows;
}

/* What is read, and the comparison made of it. */
typedef struct sides {
  char *ranks; /* those of the predictions, separated by commas */
  tx_predictions *predictions;
  tx_count_table *counts;
  tx_labelled *specimens;
  tx_comparison *comparison;
} sides;

static bool is_predicted(void *context, const char *id)
{
  const char *called[TX_RANKS_MAX];
  double confidence[TX_RANKS_MAX];
  return tx_predictions_find(context, id, called, confidence);
}

static tx_status open_bulk(const tx_call *call, sides *both, tx_error *error)
{
  const compare_options *options = call->options;
  const tx_predictions_options read = {.format = (tx_predictions_format)options->predictions_format,
                                       .min_confidence = options->min_confidence,
                                       .lineages = options->prediction_taxonomy,
                                       .ranks = options->prediction_ranks,
                                       .hooks = tx_input_watch(call)};
  tx_count_options count = {.rows = (tx_count_rows)options->count_rows, .hooks = tx_input_watch(call)};
  uint64_t unnamed = 0;
  tx_status status = TX_OK;
  if (options->predictions[0]) {
    status = tx_predictions_read(options->predictions, &read, &both->predictions, error);
    count.known = is_predicted;
    count.known_context = both->predictions;
  }
  if (status == TX_OK) status = tx_count_table_read(options->counts, &count, &both->counts, error);
  if (status == TX_OK && options->sequences[0])
    status = tx_count_table_name_sequences(both->counts, options->sequences, &count.hooks, &unnamed, error);
  if (status == TX_OK && unnamed)
    tx_note(call, "%" PRIu64 " sequences of the counts are not in '%s'", unnamed, options->sequences);
  if (status == TX_OK && !both->predictions)
    status = tx_predictions_from_counts(both->counts, options->prediction_ranks, &both->predictions, error);
  return status;
}

/* The names of the predictions' ranks, separated by commas; the caller frees them. */
static char *join_ranks(const tx_predictions *predictions)
{
  size_t size = 1;
  char *list;
  for (size_t r = 0; r < tx_predictions_rank_count(predictions); r++)
    size += strlen(tx_predictions_rank_name(predictions, r)) + 1;
  list = calloc(size, 1);
  for (size_t r = 0, used = 0; list && r < tx_predictions_rank_count(predictions); r++)
    used += (size_t)snprintf(list + used, size - used, r ? ",%s" : "%s",
                             tx_predictions_rank_name(predictions, r));
  return list;
}

static tx_status open_specimens(const tx_call *call, sides *both, tx_error *error)
{
  const compare_options *options = call->options;
  const bool asked = options->ranks[0];
  const tx_labelled_options labelled = {
      .format = TX_LABELLED_TABLE,
      .ranks = asked ? options->ranks : both->ranks,
      .ranks_optional = !asked,
      .sequences_optional = 1,
      .split_column = options->site_column,
      .id_column = options->id_column,
      .where = options->where,
      .missing_names = options->missing_names,
      .hooks = tx_input_watch(call),
  };
  const char *ranks[TX_RANKS_MAX];
  size_t count = 0;
  tx_status status = both->ranks ? TX_OK : tx_cli_fail(error, TX_ERROR_MEMORY, "out of memory for the ranks");
  if (status == TX_OK)
    status = tx_labelled_open(call->operands, call->operand_count, &labelled, &both->specimens, error);
  if (status == TX_OK) {
    count = tx_labelled_rank_count(both->specimens);
    for (size_t r = 0; r < count; r++) ranks[r] = tx_labelled_rank_name(both->specimens, r);
    status = tx_comparison_create(ranks, count, &both->comparison, error);
  }
  return status;
}

/* --ranks must be ranks of the predictions. */
static tx_status check_ranks(const sides *both, tx_error *error)
{
  for (size_t r = 0; r < tx_comparison_rank_count(both->comparison); r++) {
    const char *name = tx_comparison_rank_name(both->comparison, r);
    size_t other = 0;
    while (other < tx_predictions_rank_count(both->predictions) &&
           strcmp(tx_predictions_rank_name(both->predictions, other), name) != 0)
      other++;
    if (other == tx_predictions_rank_count(both->predictions))
      return tx_cli_fail(error, TX_ERROR_DATA,
                         "no rank '%.60s' in the predictions (%s): say which by --ranks", name,
                         tx_predictions_format_name(both->predictions));
  }
  return TX_OK;
}

static tx_status add_known(const tx_call *call, const sides *both, tx_error *error)
{
  const compare_options *options = call->options;
  const tx_input_hooks hooks = tx_input_watch(call);
  tx_model *model = NULL;
  tx_reference_set *references = NULL;
  tx_predictions *lineages = NULL;
  tx_status status = TX_OK;
  if (options->model[0]) status = tx_model_open(options->model, &model, error);
  if (status == TX_OK && model)
    status = tx_comparison_know_taxonomy(both->comparison, tx_model_taxonomy(model), error);
  if (status == TX_OK && options->references[0])
    status = tx_reference_set_open(options->references, &references, error);
  if (status == TX_OK && references)
    status = tx_comparison_know_taxonomy(both->comparison, tx_reference_set_taxonomy(references), error);
  if (status == TX_OK && options->known[0])
    status = tx_predictions_read_lineages(options->known, both->ranks, &hooks, &lineages, error);
  if (status == TX_OK && lineages) status = tx_comparison_know_lineages(both->comparison, lineages, error);
  tx_predictions_free(lineages);
  tx_reference_set_free(references);
  tx_model_close(model);
  return status;
}

/* Says what was left out. */
static void note_left_out(const tx_call *call, const sides *both, const tx_bulk_counts *bulk,
                          uint64_t without_site)
{
  const char *example;
  size_t count;
  if (bulk->without_prediction)
    tx_note(call,
            "%" PRIu64 " of %" PRIu64 " sequences have no prediction and count as unassigned, such as '%s'",
            bulk->without_prediction, bulk->sequences, bulk->example_sequence);
  if (bulk->without_site)
    tx_note(call,
            "%" PRIu64 " of %" PRIu64 " samples of the counts are not in --samples and are left out, such "
            "as '%s'",
            bulk->without_site, bulk->samples, bulk->example_sample);
  if (without_site) tx_note(call, "%" PRIu64 " specimens have no site and are left out", without_site);
  count = tx_comparison_lone_sites(both->comparison, true, &example);
  if (count) tx_note(call, "%zu sites have no specimens and are left out, such as '%s'", count, example);
  count = tx_comparison_lone_sites(both->comparison, false, &example);
  if (count) tx_note(call, "%zu sites have no counts and are left out, such as '%s'", count, example);
}

static tx_status compare(const tx_call *call, sides *both, tx_error *error)
{
  const compare_options *options = call->options;
  const tx_replicates replicates = {.path = options->samples,
                                    .min_reads = (double)options->min_reads,
                                    .min_count = options->min_replicates,
                                    .hooks = tx_input_watch(call)};
  tx_bulk_counts bulk = {0};
  uint64_t without_site = 0;
  tx_status status =
      tx_comparison_add_bulk(both->comparison, both->counts, both->predictions, &replicates, &bulk, error);
  if (status == TX_OK)
    status =
        tx_comparison_add_specimens(both->comparison, both->specimens, tx_stop_flag(), &without_site, error);
  if (status == TX_OK) status = add_known(call, both, error);
  if (status == TX_OK) status = tx_comparison_finish(both->comparison, error);
  if (status == TX_OK) note_left_out(call, both, &bulk, without_site);
  return status;
}

static tx_status print_report(const tx_call *call, const tx_comparison *comparison, tx_error *error)
{
  const compare_options *options = call->options;
  char *text = NULL;
  tx_status status;
  if (options->output[0]) return tx_comparison_write(comparison, options->output, tx_stop_flag(), error);
  status =
      tx_comparison_report(comparison, options->json ? TX_COMPARISON_JSON : TX_COMPARISON_TEXT, &text, error);
  if (status == TX_OK) status = tx_print(text, error);
  if (status == TX_OK) status = tx_print_end(error);
  free(text);
  return status;
}

static tx_status run(const tx_call *call, tx_error *error)
{
  const compare_options *options = call->options;
  sides both = {0};
  tx_status status;
  if (call->operand_count == 0)
    return tx_cli_fail(error, TX_ERROR_USAGE, "no table of specimens to compare with");
  if (!options->counts[0])
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "the counts of the bulk samples are missing: add --otu-table "
                       "FILE");
  if (strcmp(options->output, "-") == 0)
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "--output names several files: give their PREFIX, or use --json");
  status = tx_check_inputs(call->operands, call->operand_count, error);
  if (status == TX_OK) status = open_bulk(call, &both, error);
  if (status == TX_OK) both.ranks = join_ranks(both.predictions);
  if (status == TX_OK) status = open_specimens(call, &both, error);
  if (status == TX_OK) status = check_ranks(&both, error);
  if (status == TX_OK) status = compare(call, &both, error);
  if (status == TX_OK) status = print_report(call, both.comparison, error);
  if (status == TX_OK)
    tx_provenance(call, "%zu sites, %zu ranks", tx_comparison_site_count(both.comparison),
                  tx_comparison_rank_count(both.comparison));
  tx_comparison_free(both.comparison);
  tx_labelled_close(both.specimens);
  tx_count_table_free(both.counts);
  tx_predictions_free(both.predictions);
  free(both.ranks);
  return status;
}

static const tx_example examples[] = {
    {"taxamba compare --otu-table counts.tsv -p predictions.tsv --samples replicates.tsv specimens.tsv",
     "Three replicates a site, each counted if it has one read:"},
    {"taxamba compare --otu-table counts.biom -p predictions.tsv --samples replicates.tsv --min-reads 2 "
     "--min-replicates 2 -r refs.tx -o results specimens.tsv",
     "Sequences that two replicates have twice; missed species without a reference are marked:"},
    {NULL, NULL},
};

const tx_command tx_compare_command = {
    .name = "compare",
    .summary = "Compares the taxa of bulk samples with a list of specimens",
    .operands = "--otu-table FILE SPECIMENS...",
    .description =
        "Reads a table of counts (sequences in samples), the taxa of the sequences, and tables of specimens "
        "with their taxa and sites, and compares both lists in each site and at each rank.\n\n"
        "Lists: taxa on both sides, in the bulk sample only, and of specimens only; precision, the share of "
        "the bulk sample's taxa that have specimens; recall, the share of the specimens' taxa that were "
        "found; F1; Jaccard, the share on both sides of all. Micro: of the counts added up over the sites. "
        "Macro: the mean of the sites. A share with nothing to divide by is 0.\n\n"
        "Abundance: over the taxa of either side, Spearman's correlation of reads and numbers of specimens, "
        "Pearson's of log(1 + x) (where there are three taxa or more, not all equal), and the Bray-Curtis "
        "dissimilarity of their shares. Reads are not individuals: primers, biomass and copy numbers weigh "
        "on them, so that these figures say whether the order agrees, and no more.\n\n"
        "Names are compared with '_' as a blank. Sites of one side only are left out, and a note tells it.",
    .examples = examples,
    .options_size = sizeof(compare_options),
    .tables = tables,
    .rules = rules,
    .run = run,
};
