#include "out/rows.h"

#include "base/bytes.h"
#include "base/error.h"
#include "out/details.h"
#include "out/prefix.h"
#include "out/sets.h"
#include "out/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A format of predictions: what is written before the rows, and a row, both into writer->row. */
typedef struct row_format {
  void (*opt_header)(tx_prediction_writer *writer);
  void (*put)(tx_prediction_writer *writer, const tx_record *record, const tx_prediction *prediction);
} row_format;

struct tx_prediction_writer {
  tx_output *output;
  const row_format *format;
  const tx_taxonomy *taxonomy;
  const tx_reference_set *opt_references; /* references that answered, for their columns */
  size_t ranks;
  char label[TX_RANKS_MAX][2]; /* SINTAX letter of a rank, "" where its name is written out */
  tx_samples *opt_samples;     /* for the column sample */
  const char *sample;          /* of the record being written */
  bool sizes;                  /* the column size */
  bool sets;                   /* a record may have several taxa at a rank */
  bool begun;                  /* the header is written */
  tx_bytes row;
};

/* The letter of a rank in SINTAX. Other ranks are written out, so that `subfamily` is not read as
   `species`. */
static char rank_letter(const char *name)
{
  static const char *const standard[] = {"domain", "kingdom", "phylum", "class",
                                         "order",  "family",  "genus",  "species"};
  for (size_t i = 0; i < sizeof standard / sizeof *standard; i++)
    if (strcasecmp(name, standard[i]) == 0) return standard[i][0];
  return '\0';
}

static void put_name(tx_bytes *row, const char *name)
{
  tx_text_field(row, name, strlen(name));
}

static tx_status write_row(tx_prediction_writer *writer, tx_error *error)
{
  if (writer->row.failed) return tx_fail_memory(error, "a row of output");
  return tx_output_write(writer->output, writer->row.data, writer->row.size, error);
}

static void put_tsv_header(tx_prediction_writer *writer)
{
  tx_bytes_text(&writer->row, "id");
  for (size_t rank = 0; rank < writer->ranks; rank++) {
    const char *name = tx_taxonomy_rank_name(writer->taxonomy, rank);
    tx_bytes_text(&writer->row, "\t");
    put_name(&writer->row, name);
    tx_bytes_text(&writer->row, "\t");
    put_name(&writer->row, name);
    tx_bytes_text(&writer->row, "_confidence");
  }
  tx_bytes_text(&writer->row, writer->sets ? "\ttaxa\tstrand\tstatus" : "\tstrand\tstatus");
  if (writer->opt_references)
    tx_bytes_text(&writer->row, "\treason\tnovel_rank\tnovel_probability\treference\tidentity\taligned"
                                "\trunner_up\trunner_up_identity");
  if (writer->opt_samples) tx_bytes_text(&writer->row, "\tsample");
  if (writer->sizes) tx_bytes_text(&writer->row, "\tsize");
  tx_bytes_text(&writer->row, "\n");
}

static const char *status_word(tx_record_status status)
{
  static const char *const words[] = {[TX_RECORD_OK] = "ok",
                                      [TX_RECORD_TOO_SHORT] = "too_short",
                                      [TX_RECORD_NO_BASES] = "no_bases",
                                      [TX_RECORD_UNLIKE] = "unlike"};
  return words[status];
}

static void put_strand(tx_bytes *row, const tx_prediction *prediction)
{
  const char strand = tx_prediction_strand(prediction);
  tx_bytes_append(row, &strand, 1);
}

/* The sample of a record, NULL without that column. */
static tx_status find_sample(tx_prediction_writer *writer, const tx_record *record, const char **ret_name,
                             tx_error *error)
{
  const tx_share *shares = NULL;
  size_t count = 0;
  tx_status status;
  *ret_name = NULL;
  if (!writer->opt_samples) return TX_OK;
  status = tx_samples_of(writer->opt_samples, record, &shares, &count, error);
  if (status == TX_OK && count) *ret_name = tx_samples_names(writer->opt_samples)[shares[0].sample];
  return status;
}

static const char *taxon_name(const tx_prediction_writer *writer, const tx_prediction *prediction,
                              size_t rank)
{
  return tx_taxonomy_class_name(writer->taxonomy, rank, tx_prediction_taxon(prediction, rank));
}

static const char *reason_word(tx_reason reason)
{
  static const char *const words[] = {[TX_REASON_NONE] = "",
                                      [TX_REASON_MATCH] = "match",
                                      [TX_REASON_AMBIGUOUS] = "ambiguous",
                                      [TX_REASON_NOVEL] = "novel",
                                      [TX_REASON_NETWORK] = "network",
                                      [TX_REASON_NETWORK_ONLY] = "network_only"};
  return words[reason];
}

/* Appends the identifier of a reference, with a function that writes text in the way of the format. */
static void put_reference(tx_prediction_writer *writer, const tx_match *match,
                          void (*put)(tx_bytes *row, const char *text, size_t length))
{
  size_t length;
  const char *id = tx_reference_set_id(writer->opt_references, match->reference, &length);
  put(&writer->row, id, length);
}

static const char *match_taxon(const tx_prediction_writer *writer, const tx_match *match)
{
  return match->taxon >= 0 ? tx_taxonomy_class_name(writer->taxonomy, match->rank, match->taxon) : "";
}

/* Appends the columns of an answer by references; they are empty where there is none. */
static void put_tsv_evidence(tx_prediction_writer *writer, const tx_prediction *prediction)
{
  tx_bytes *row = &writer->row;
  const int novel = tx_prediction_novel_rank(prediction);
  tx_match nearest, other;
  if (!tx_prediction_nearest(prediction, &nearest)) {
    tx_bytes_text(row, "\t\t\t\t\t\t\t\t");
    return;
  }
  tx_bytes_append(row, "\t", 1);
  tx_bytes_text(row, reason_word(tx_prediction_reason(prediction)));
  tx_bytes_append(row, "\t", 1);
  if (novel >= 0) put_name(row, tx_taxonomy_rank_name(writer->taxonomy, (size_t)novel));
  tx_bytes_append(row, "\t", 1);
  tx_text_confidence(row, tx_prediction_novelty(prediction));
  tx_bytes_append(row, "\t", 1);
  put_reference(writer, &nearest, tx_text_field);
  tx_bytes_printf(row, "\t%.2f\t%zu\t", 100 * nearest.identity, nearest.columns);
  if (tx_prediction_runner_up(prediction, &other)) {
    put_name(row, match_taxon(writer, &other));
    tx_bytes_printf(row, "\t%.2f", 100 * other.identity);
  } else {
    tx_bytes_append(row, "\t", 1);
  }
}

static void put_tsv(tx_prediction_writer *writer, const tx_record *record, const tx_prediction *prediction)
{
  tx_bytes *row = &writer->row;
  tx_text_field(row, record->id, record->id_length);
  if (writer->sets) tx_sets_put_tsv(row, writer->taxonomy, prediction);
  for (size_t rank = 0; rank < writer->ranks && !writer->sets; rank++) {
    tx_bytes_append(row, "\t", 1);
    if (tx_prediction_taxon(prediction, rank) >= 0) put_name(row, taxon_name(writer, prediction, rank));
    tx_bytes_append(row, "\t", 1);
    if (tx_prediction_taxon(prediction, rank) >= 0)
      tx_text_confidence(row, tx_prediction_confidence(prediction, rank));
  }
  tx_bytes_append(row, "\t", 1);
  put_strand(row, prediction);
  tx_bytes_append(row, "\t", 1);
  tx_bytes_text(row, status_word(tx_prediction_status(prediction)));
  if (writer->opt_references) put_tsv_evidence(writer, prediction);
  if (writer->opt_samples) {
    tx_bytes_append(row, "\t", 1);
    if (writer->sample) put_name(row, writer->sample);
  }
  if (writer->sizes) tx_bytes_printf(row, "\t%" PRIu64, record->size);
  tx_bytes_append(row, "\n", 1);
}

static void put_jsonl_evidence(tx_prediction_writer *writer, const tx_prediction *prediction)
{
  tx_bytes *row = &writer->row;
  const int novel = tx_prediction_novel_rank(prediction);
  size_t first, count;
  tx_match nearest, other;
  if (!tx_prediction_nearest(prediction, &nearest)) return;
  tx_bytes_printf(row, ",\"reason\":\"%s\",\"novel_rank\":", reason_word(tx_prediction_reason(prediction)));
  if (novel >= 0) {
    const char *name = tx_taxonomy_rank_name(writer->taxonomy, (size_t)novel);
    tx_bytes_json_string(row, name, strlen(name));
  } else {
    tx_bytes_text(row, "null");
  }
  tx_bytes_text(row, ",\"novel_probability\":");
  tx_text_confidence(row, tx_prediction_novelty(prediction));
  if (tx_prediction_part(prediction, &first, &count))
    tx_bytes_printf(row, ",\"part\":{\"from\":%zu,\"to\":%zu}", first + 1, first + count);
  tx_bytes_text(row, ",\"reference\":{\"id\":");
  put_reference(writer, &nearest, tx_bytes_json_string);
  tx_bytes_printf(row, ",\"identity\":%.2f,\"aligned\":%zu}", 100 * nearest.identity, nearest.columns);
  if (!tx_prediction_runner_up(prediction, &other)) return;
  tx_bytes_text(row, ",\"runner_up\":{\"taxon\":");
  tx_bytes_json_string(row, match_taxon(writer, &other), strlen(match_taxon(writer, &other)));
  tx_bytes_text(row, ",\"id\":");
  put_reference(writer, &other, tx_bytes_json_string);
  tx_bytes_printf(row, ",\"identity\":%.2f,\"aligned\":%zu}", 100 * other.identity, other.columns);
}

/* Appends the called taxa of a lineage, and the end of their list. */
static void put_jsonl_lineage(tx_prediction_writer *writer, const tx_prediction *prediction)
{
  tx_bytes *row = &writer->row;
  const char *separator = "";
  for (size_t rank = 0; rank < writer->ranks; rank++) {
    const char *rank_name = tx_taxonomy_rank_name(writer->taxonomy, rank), *name;
    if (tx_prediction_taxon(prediction, rank) < 0) continue;
    name = taxon_name(writer, prediction, rank);
    tx_bytes_text(row, separator);
    tx_bytes_text(row, "{\"rank\":");
    tx_bytes_json_string(row, rank_name, strlen(rank_name));
    tx_bytes_text(row, ",\"taxon\":");
    tx_bytes_json_string(row, name, strlen(name));
    tx_bytes_text(row, ",\"confidence\":");
    tx_text_confidence(row, tx_prediction_confidence(prediction, rank));
    tx_bytes_append(row, "}", 1);
    separator = ",";
  }
  tx_bytes_text(row, "]");
}

/* Appends the members of the object of a record. */
static void put_jsonl_members(tx_prediction_writer *writer, const tx_record *record,
                              const tx_prediction *prediction)
{
  tx_bytes *row = &writer->row;
  tx_bytes_text(row, "{\"id\":");
  tx_bytes_json_string(row, record->id, record->id_length);
  tx_bytes_text(row, ",\"status\":\"");
  tx_bytes_text(row, status_word(tx_prediction_status(prediction)));
  tx_bytes_text(row, "\",\"strand\":\"");
  put_strand(row, prediction);
  if (writer->sets) {
    tx_bytes_text(row, "\",\"taxa\":");
    tx_sets_put_json(row, writer->taxonomy, prediction);
  } else {
    tx_bytes_text(row, "\",\"lineage\":[");
    put_jsonl_lineage(writer, prediction);
  }
  put_jsonl_evidence(writer, prediction);
  if (writer->sample) {
    tx_bytes_text(row, ",\"sample\":");
    tx_bytes_json_string(row, writer->sample, strlen(writer->sample));
  }
  if (writer->sizes) tx_bytes_printf(row, ",\"size\":%" PRIu64, record->size);
}

static void put_jsonl(tx_prediction_writer *writer, const tx_record *record, const tx_prediction *prediction)
{
  put_jsonl_members(writer, record, prediction);
  tx_bytes_text(&writer->row, "}\n");
}

static void put_evidence(tx_prediction_writer *writer, const tx_record *record,
                         const tx_prediction *prediction)
{
  tx_bytes *row = &writer->row;
  put_jsonl_members(writer, record, prediction);
  tx_bytes_printf(row, ",\"length\":%" PRIu64, (uint64_t)record->base_count + record->omitted);
  tx_details_put(row, writer->taxonomy, writer->opt_references, prediction);
  tx_bytes_text(row, "}\n");
}

/* Appends a name inside a list, in which a comma would end it. */
static void put_list_name(tx_bytes *row, const char *name)
{
  size_t at = row->size;
  put_name(row, name);
  for (; at < row->size; at++)
    if (row->data[at] == ',') row->data[at] = '_';
}

static void put_list(tx_prediction_writer *writer, const tx_prediction *prediction, bool confidences)
{
  tx_bytes *row = &writer->row;
  const char *separator = "";
  for (size_t rank = 0; rank < writer->ranks; rank++) {
    if (tx_prediction_taxon(prediction, rank) < 0) continue;
    tx_bytes_text(row, separator);
    if (writer->label[rank][0])
      tx_bytes_text(row, writer->label[rank]);
    else
      put_list_name(row, tx_taxonomy_rank_name(writer->taxonomy, rank));
    tx_bytes_append(row, ":", 1);
    put_list_name(row, taxon_name(writer, prediction, rank));
    if (confidences) {
      tx_bytes_append(row, "(", 1);
      tx_text_confidence(row, tx_prediction_confidence(prediction, rank));
      tx_bytes_append(row, ")", 1);
    }
    separator = ",";
  }
}

static void put_sintax(tx_prediction_writer *writer, const tx_record *record, const tx_prediction *prediction)
{
  tx_bytes *row = &writer->row;
  tx_text_field(row, record->id, record->id_length);
  tx_bytes_append(row, "\t", 1);
  put_list(writer, prediction, true);
  tx_bytes_append(row, "\t", 1);
  put_strand(row, prediction);
  tx_bytes_append(row, "\t", 1);
  put_list(writer, prediction, false);
  tx_bytes_append(row, "\n", 1);
}

static void put_qiime2_header(tx_prediction_writer *writer)
{
  tx_bytes_text(&writer->row, "Feature ID\tTaxon\tConfidence\n");
}

/* Ranks without a taxon above the lowest one are a prefix without a name, as QIIME 2 has them. */
static void put_qiime2(tx_prediction_writer *writer, const tx_record *record, const tx_prediction *prediction)
{
  tx_bytes *row = &writer->row;
  size_t depth = writer->ranks;
  while (depth && tx_prediction_taxon(prediction, depth - 1) < 0) depth--;
  tx_text_field(row, record->id, record->id_length);
  tx_bytes_append(row, "\t", 1);
  for (size_t rank = 0; rank < depth; rank++) {
    const bool called = tx_prediction_taxon(prediction, rank) >= 0;
    if (rank) tx_bytes_text(row, "; ");
    tx_prefix_put(row, tx_taxonomy_rank_name(writer->taxonomy, rank), "");
    if (called) put_name(row, taxon_name(writer, prediction, rank));
  }
  if (!depth) tx_bytes_text(row, "Unassigned");
  tx_bytes_append(row, "\t", 1);
  tx_text_confidence(row, depth ? tx_prediction_confidence(prediction, depth - 1) : 0);
  tx_bytes_append(row, "\n", 1);
}

/* Rows in the order of tx_prediction_format. A new format is a row here, a value of that enumeration and a
   word in the option of classify. */
static const row_format formats[] = {
    [TX_FORMAT_TSV] = {put_tsv_header, put_tsv},
    [TX_FORMAT_JSONL] = {NULL, put_jsonl},
    [TX_FORMAT_SINTAX] = {NULL, put_sintax},
    [TX_FORMAT_QIIME2] = {put_qiime2_header, put_qiime2},
    [TX_FORMAT_EVIDENCE] = {NULL, put_evidence},
};

tx_status tx_prediction_writer_open(const char *path, tx_prediction_format format,
                                    const tx_taxonomy *taxonomy, const tx_reference_set *opt_references,
                                    const volatile int *opt_stop, tx_prediction_writer **ret_writer,
                                    tx_error *error)
{
  tx_prediction_writer *writer;
  tx_status status;
  if ((unsigned)format >= sizeof formats / sizeof *formats)
    return tx_fail(error, TX_ERROR_USAGE, "format: %d is none of tsv, jsonl, sintax, qiime2 and evidence",
                   (int)format);
  if (format == TX_FORMAT_EVIDENCE && !opt_references)
    return tx_fail(error, TX_ERROR_USAGE, "format: only answers by references have evidence");
  writer = calloc(1, sizeof *writer);
  if (!writer) return tx_fail_memory(error, "a writer");
  writer->format = &formats[format];
  writer->taxonomy = taxonomy;
  writer->opt_references = opt_references;
  writer->ranks = tx_taxonomy_rank_count(taxonomy);
  for (size_t rank = 0; rank < writer->ranks; rank++)
    writer->label[rank][0] = rank_letter(tx_taxonomy_rank_name(taxonomy, rank));
  status = tx_output_open(path ? path : "", opt_stop, &writer->output, error);
  if (status != TX_OK) {
    tx_prediction_writer_abort(writer);
    return status;
  }
  *ret_writer = writer;
  return TX_OK;
}

void tx_prediction_writer_add_columns(tx_prediction_writer *writer, tx_samples *opt_samples, bool sizes)
{
  writer->opt_samples = opt_samples;
  writer->sizes = sizes;
}

tx_status tx_prediction_writer_sets(tx_prediction_writer *writer, tx_error *error)
{
  if (writer->format != &formats[TX_FORMAT_TSV] && writer->format != &formats[TX_FORMAT_JSONL])
    return tx_fail(error, TX_ERROR_USAGE,
                   "format: the model gives sets of taxa, which only tsv and jsonl can have");
  writer->sets = true;
  return TX_OK;
}

/* Writes the header, once the columns are known. */
static tx_status begin(tx_prediction_writer *writer, tx_error *error)
{
  if (writer->begun || !writer->format->opt_header) return TX_OK;
  writer->begun = true;
  tx_bytes_clear(&writer->row);
  writer->format->opt_header(writer);
  return write_row(writer, error);
}

tx_status tx_prediction_writer_put(void *context, const tx_record *record, const tx_prediction *prediction,
                                   tx_error *error)
{
  tx_prediction_writer *writer = context;
  tx_status status = begin(writer, error);
  if (status == TX_OK) status = find_sample(writer, record, &writer->sample, error);
  if (status != TX_OK) return status;
  tx_bytes_clear(&writer->row);
  writer->format->put(writer, record, prediction);
  return write_row(writer, error);
}

tx_status tx_prediction_writer_flush(void *context, tx_error *error)
{
  tx_prediction_writer *writer = context;
  tx_status status;
  if (tx_output_seekable(writer->output)) return TX_OK; /* the file is not visible before it is complete */
  status = begin(writer, error);
  if (status != TX_OK) return status;
  return tx_output_flush(writer->output, error);
}

tx_status tx_prediction_writer_finish(tx_prediction_writer *writer, tx_output **ret_output, tx_error *error)
{
  const tx_status status = begin(writer, error);
  *ret_output = NULL;
  if (status == TX_OK) {
    *ret_output = writer->output;
    writer->output = NULL;
  }
  tx_prediction_writer_abort(writer);
  return status;
}

tx_status tx_prediction_writer_commit(tx_prediction_writer *writer, tx_error *error)
{
  tx_output *output = NULL;
  const tx_status status = tx_prediction_writer_finish(writer, &output, error);
  return status == TX_OK ? tx_output_commit(output, error) : status;
}

void tx_prediction_writer_abort(tx_prediction_writer *writer)
{
  if (!writer) return;
  tx_output_abort(writer->output);
  tx_bytes_free(&writer->row);
  free(writer);
}
