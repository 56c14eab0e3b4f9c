/* Reads a reference set. Everything is checked before it is used. */
#include "evidence/reference_file.h"

#include "base/error.h"
#include "model/model.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/names.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct reading {
  const char *name;
  const tx_safetensors *file;
  tx_references *references;
  tx_fitted_weights fitted;
  char *provenance;
  tx_error *error;
} reading;

static tx_status TX_PRINTF(2, 3) fault(const reading *in, const char *format, ...)
{
  char text[400];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return tx_fail(in->error, TX_ERROR_MODEL, "%s: the references are not valid: %s", in->name, text);
}

static tx_status no_memory(const reading *in)
{
  return tx_fail_memory(in->error, "the references");
}

/* Finds a section by its name. shape: the sizes that it must have, 0 for any size. */
static tx_status find(const reading *in, const char *name, tx_dtype dtype, const uint64_t shape[3],
                      size_t dimensions, const tx_section **ret_section)
{
  const tx_section *section = tx_safetensors_find(in->file, name);
  if (!section || section->dtype != dtype || section->dimensions != dimensions)
    return fault(in, "'%s' is missing or no %s section of %zu dimension%s", name, tx_dtype_name(dtype),
                 dimensions, dimensions == 1 ? "" : "s");
  for (size_t i = 0; i < dimensions; i++)
    if (shape[i] && section->shape[i] != shape[i])
      return fault(in, "'%s' has the shape of something else", name);
  *ret_section = section;
  return TX_OK;
}

/* Checks the format and the features: weights are valid only for the features that they were fitted with. */
static tx_status check_version(const reading *in)
{
  const char *format = tx_safetensors_metadata(in->file, "references.format");
  const char *features = tx_safetensors_metadata(in->file, "references.features");
  tx_bytes own = {0};
  bool failed, same;
  if (!format || !features)
    return tx_fail(in->error, TX_ERROR_MODEL, "%s: it has no references: make them with taxamba index",
                   in->name);
  if (strcmp(format, "2") != 0)
    return tx_fail(in->error, TX_ERROR_MODEL,
                   "%s: the references have format '%.20s', and this version reads %d: made by another "
                   "version: update Taxamba, or run taxamba index again",
                   in->name, format, TX_REFERENCES_FORMAT);
  tx_reference_features(&own);
  failed = own.failed;
  same = !failed && strcmp(features, own.data) == 0;
  tx_bytes_free(&own);
  if (failed) return no_memory(in);
  if (same) return TX_OK;
  return tx_fail(in->error, TX_ERROR_MODEL,
                 "%s: the weights of the references are for other features than those of this version: made "
                 "by another version: run taxamba index again",
                 in->name);
}

static tx_status read_taxonomy(reading *in)
{
  static const uint64_t any[3] = {0};
  tx_references *references = in->references;
  const tx_section *section = NULL;
  tx_error inner = {0};
  tx_status status = find(in, "references.taxonomy", TX_DTYPE_U8, any, 1, &section);
  if (status != TX_OK) return status;
  status = tx_taxonomy_read(section->data, section->size, &references->taxonomy, &inner);
  if (status == TX_ERROR_MEMORY) return no_memory(in);
  if (status != TX_OK) return fault(in, "%.300s", inner.message);
  references->ranks = tx_taxonomy_rank_count(references->taxonomy);
  if (!references->ranks) return fault(in, "the taxonomy has no rank");
  for (size_t r = 0; r < references->ranks; r++)
    if (!tx_taxonomy_class_count(references->taxonomy, r))
      return fault(in, "rank '%.40s' has no taxon", tx_taxonomy_rank_name(references->taxonomy, r));
  return TX_OK;
}

/* Checks that the classes are those of one path in the taxonomy, which may have gaps. */
static tx_status check_lineage(const reading *in, size_t number, const int32_t *classes)
{
  const tx_taxonomy *taxonomy = in->references->taxonomy;
  int32_t path[TX_RANKS_MAX];
  bool found = false;
  for (size_t r = in->references->ranks; r-- > 0;) {
    if (classes[r] < -1 || (classes[r] >= 0 && (size_t)classes[r] >= tx_taxonomy_class_count(taxonomy, r)))
      return fault(in, "lineage %zu has a class that is out of range", number);
    if (classes[r] < 0) continue;
    if (found && path[r] != classes[r]) return fault(in, "lineage %zu is no path of the taxonomy", number);
    if (!found) tx_taxonomy_lineage(taxonomy, r, classes[r], path);
    found = true;
  }
  return TX_OK;
}

static tx_status read_lineages(reading *in)
{
  tx_references *references = in->references;
  const size_t ranks = references->ranks;
  const uint64_t shape[3] = {0, ranks, 0};
  const tx_section *section = NULL;
  tx_names *known = NULL;
  tx_status status = find(in, "references.lineages", TX_DTYPE_I32, shape, 2, &section);
  if (status != TX_OK) return status;
  if (section->shape[0] > INT32_MAX) return fault(in, "too many lineages");
  references->lineage_count = (size_t)section->shape[0];
  references->lineages = malloc(section->size + 1);
  if (!references->lineages) return no_memory(in);
  memcpy(references->lineages, section->data, section->size);
  status = tx_names_create(&known, in->error);
  for (size_t i = 0; status == TX_OK && i < references->lineage_count; i++) {
    const int32_t *classes = references->lineages + i * ranks;
    uint32_t number = 0;
    status = check_lineage(in, i, classes);
    if (status == TX_OK) status = tx_names_add(known, classes, ranks * sizeof *classes, &number, in->error);
    if (status == TX_OK && number != i) status = fault(in, "lineage %zu occurs twice", i);
  }
  tx_names_free(known);
  return status;
}

/* Reads the table: each row has the number of elements of the other sections that belong to a reference.
   Their sums must be the sizes of these sections. */
static tx_status read_table(reading *in, const tx_section *table)
{
  tx_references *references = in->references;
  const uint32_t *row = table->data;
  uint64_t words = 0, exceptions = 0, lineages = 0;
  references->count = (size_t)table->shape[0];
  references->references = calloc(references->count + 1, sizeof *references->references);
  references->id_starts = calloc(references->count + 1, sizeof *references->id_starts);
  if (!references->references || !references->id_starts) return no_memory(in);
  for (size_t i = 0; i < references->count; i++, row += TX_REFERENCE_COLUMNS) {
    const uint32_t lineage = row[TX_REFERENCE_LINEAGE], length = row[TX_REFERENCE_LENGTH];
    if (length < TX_REFERENCE_MIN || length > TX_SEQUENCE_MAX)
      return fault(in, "reference %zu has %" PRIu32 " bases", i, length);
    if (lineage > lineages || lineage >= references->lineage_count)
      return fault(in, "reference %zu has a lineage that is out of order", i);
    if (!row[TX_REFERENCE_RECORDS]) return fault(in, "reference %zu stands for no record", i);
    if (row[TX_REFERENCE_EXCEPTIONS] > length) return fault(in, "reference %zu has too many exceptions", i);
    lineages += lineage == lineages;
    references->references[i] =
        (tx_reference){words, (uint32_t)exceptions, length, lineage, row[TX_REFERENCE_RECORDS]};
    references->id_starts[i + 1] = references->id_starts[i] + row[TX_REFERENCE_ID_BYTES];
    words += tx_sequence_words(length);
    exceptions += row[TX_REFERENCE_EXCEPTIONS];
    references->records += row[TX_REFERENCE_RECORDS];
    if (exceptions > UINT32_MAX || references->records > INT32_MAX)
      return fault(in, "too many exceptions or records");
  }
  references->references[references->count] =
      (tx_reference){.word = words, .exception = (uint32_t)exceptions};
  references->word_count = (size_t)words;
  references->exception_count = (size_t)exceptions;
  return lineages == references->lineage_count ? TX_OK : fault(in, "a lineage that no reference has");
}

/* The fault of a sequence's exceptions, NULL if there is none: they must be in order, inside the sequence,
   and over letters that are stored as A. */
static const char *exceptions_fault(const tx_sequence *sequence)
{
  uint64_t end = 0;
  uint32_t set = 0;
  for (size_t i = 0; i < sequence->exception_count; i++) {
    const tx_exception *e = &sequence->exceptions[i];
    if (!e->length || e->start < end || (i && e->start == end && e->set == set))
      return "exceptions that are not in order";
    end = (uint64_t)e->start + e->length;
    set = e->set;
    if (end > sequence->count) return "an exception behind its end";
    if (set > 15 || (set & (set - 1)) == 0) return "an exception that is no set of bases";
    for (size_t at = e->start; at < end; at++)
      if (sequence->words[at / TX_WORD_BASES] >> 2 * (at % TX_WORD_BASES) & 3)
        return "an exception over another letter";
  }
  return tx_sequence_certain(sequence) < TX_REFERENCE_MIN ? "too few certain bases" : NULL;
}

static const char *words_fault(const tx_sequence *sequence)
{
  const size_t count = tx_sequence_words(sequence->count), rest = sequence->count % TX_WORD_BASES;
  if (sequence->words[count - 1] || (rest && sequence->words[count - 2] >> 2 * rest))
    return "bases behind its end";
  return NULL;
}

static tx_status check_sequences(const reading *in)
{
  const tx_references *references = in->references;
  for (size_t i = 0; i < references->count; i++) {
    const tx_sequence sequence = tx_references_sequence(references, i);
    const char *wrong = words_fault(&sequence);
    if (!wrong) wrong = exceptions_fault(&sequence);
    if (wrong) return fault(in, "reference %zu has %s", i, wrong);
    if (i && tx_references_compare(references, i - 1, i) >= 0)
      return fault(in, "reference %zu is not in order, or occurs twice", i);
  }
  return TX_OK;
}

static void *copy(const tx_section *section)
{
  void *data = tx_malloc_aligned(section->size + 1, 1);
  if (data) memcpy(data, section->data, section->size);
  return data;
}

static tx_status read_sequences(reading *in)
{
  static const uint64_t any[3] = {0}, rows[3] = {0, TX_REFERENCE_COLUMNS, 0}, triples[3] = {0, 3, 0};
  tx_references *references = in->references;
  const tx_section *table = NULL, *words = NULL, *exceptions = NULL, *ids = NULL;
  tx_status status = find(in, "references.table", TX_DTYPE_I32, rows, 2, &table);
  if (status == TX_OK) status = find(in, "references.words", TX_DTYPE_I64, any, 1, &words);
  if (status == TX_OK) status = find(in, "references.exceptions", TX_DTYPE_I32, triples, 2, &exceptions);
  if (status == TX_OK) status = find(in, "references.identifiers", TX_DTYPE_U8, any, 1, &ids);
  if (status != TX_OK) return status;
  if (!table->shape[0] || table->shape[0] > INT32_MAX) return fault(in, "none, or too many");
  status = read_table(in, table);
  if (status != TX_OK) return status;
  if (words->shape[0] != references->word_count || exceptions->shape[0] != references->exception_count ||
      ids->shape[0] != references->id_starts[references->count])
    return fault(in, "the table does not fit the words, the exceptions or the identifiers");
  references->words = copy(words);
  references->exceptions = copy(exceptions);
  references->ids = copy(ids);
  if (!references->words || !references->exceptions || !references->ids) return no_memory(in);
  return check_sequences(in);
}

/* The kinds of outcomes, which follow from the taxonomy. */
static size_t count_kinds(const reading *in)
{
  return in->references->ranks - tx_outcome_top(in->references->taxonomy) + 1;
}

static tx_status read_lengths(reading *in, uint64_t weights)
{
  static const uint64_t any[3] = {0};
  const tx_section *lengths = NULL;
  const tx_status status = find(in, "references.lengths", TX_DTYPE_I32, any, 1, &lengths);
  if (status != TX_OK) return status;
  if (lengths->shape[0] != weights || !lengths->shape[0] || lengths->shape[0] > TX_FIT_LENGTHS)
    return fault(in, "the weights do not fit the lengths that they are for");
  in->fitted.length_count = (size_t)lengths->shape[0];
  memcpy(in->fitted.lengths, lengths->data, lengths->size);
  return TX_OK;
}

static tx_status read_reliability(reading *in, size_t kinds)
{
  const size_t ranks = in->references->ranks, size = tx_reliability_size(ranks, kinds);
  const uint64_t shape[3] = {in->fitted.length_count, size, 0};
  const tx_section *section = NULL;
  tx_status status = find(in, "references.reliability", TX_DTYPE_F64, shape, 2, &section);
  for (size_t i = 0; status == TX_OK && i < in->fitted.length_count; i++)
    tx_reliability_unpack((const double *)section->data + i * size, ranks, kinds, &in->fitted.reliability[i]);
  return status;
}

static tx_status read_network(reading *in)
{
  const char *format = tx_safetensors_metadata(in->file, "references.witness_format");
  const char *network = tx_safetensors_metadata(in->file, "references.witness_network");
  if (strcmp(format, TX_WITNESS_FORMAT) != 0)
    return tx_fail(in->error, TX_ERROR_MODEL,
                   "%s: the weights of the network have format '%.20s', and this version reads %s: made by "
                   "another version: update Taxamba, or run taxamba calibrate again",
                   in->name, format, TX_WITNESS_FORMAT);
  if (!network || strlen(network) != 8 || strspn(network, "0123456789abcdef") != 8)
    return fault(in, "'references.witness_network' is no checksum");
  in->fitted.witness.network = (uint32_t)strtoul(network, NULL, 16);
  in->fitted.witness.present = true;
  return TX_OK;
}

/* Reads the weights of taxa that only the network knows, which are optional beside the others. */
static tx_status read_split(reading *in)
{
  const uint64_t shape[3] = {in->fitted.length_count, TX_SPLIT_COLUMNS, 0};
  const char *format = tx_safetensors_metadata(in->file, "references.split_format");
  const tx_section *section = NULL;
  const char *wrong = NULL;
  tx_status status;
  if (!format) return TX_OK;
  if (strcmp(format, TX_SPLIT_FORMAT) != 0)
    return tx_fail(in->error, TX_ERROR_MODEL,
                   "%s: the weights of the network's taxa have format '%.20s', and this version reads %s: "
                   "made by another version: update Taxamba, or run taxamba calibrate again",
                   in->name, format, TX_SPLIT_FORMAT);
  status = find(in, "references.split", TX_DTYPE_F64, shape, 2, &section);
  for (size_t i = 0; status == TX_OK && !wrong && i < in->fitted.length_count; i++)
    wrong = tx_split_unpack((const double *)section->data + i * TX_SPLIT_COLUMNS,
                            in->fitted.witness.lengths[i].split);
  return wrong ? fault(in, "the weights have %s", wrong) : status;
}

/* Reads the weights of a network, which are optional. */
static tx_status read_witness(reading *in, size_t kinds)
{
  const size_t ranks = in->references->ranks, size = tx_reliability_size(ranks, kinds);
  const uint64_t shape[3] = {in->fitted.length_count, TX_WITNESS_COLUMNS, 0},
                 table_shape[3] = {in->fitted.length_count, size, 0};
  const tx_section *section = NULL, *table = NULL;
  tx_status status;
  if (!tx_safetensors_metadata(in->file, "references.witness_format")) return TX_OK;
  status = read_network(in);
  if (status == TX_OK) status = find(in, "references.witness", TX_DTYPE_F64, shape, 2, &section);
  if (status == TX_OK)
    status = find(in, "references.witness_reliability", TX_DTYPE_F64, table_shape, 2, &table);
  for (size_t i = 0; status == TX_OK && i < in->fitted.length_count; i++) {
    tx_witness_length *length = &in->fitted.witness.lengths[i];
    const char *wrong = tx_witness_unpack((const double *)section->data + i * TX_WITNESS_COLUMNS, length);
    if (wrong) return fault(in, "the weights have %s", wrong);
    tx_reliability_unpack((const double *)table->data + i * size, ranks, kinds, &length->reliability);
  }
  return status == TX_OK ? read_split(in) : status;
}

static tx_status read_weights(reading *in)
{
  static const uint64_t features[3] = {0, 0, TX_FEATURES};
  const size_t kinds = count_kinds(in);
  const uint64_t shape[3] = {kinds, 0, 0};
  const tx_section *section = NULL, *prior = NULL;
  const double *weights;
  const char *wrong;
  tx_status status = find(in, "references.weights", TX_DTYPE_F64, features, 3, &section);
  if (status == TX_OK) status = read_lengths(in, section->shape[0]);
  if (status == TX_OK) status = find(in, "references.prior", TX_DTYPE_F64, shape, 1, &prior);
  if (status != TX_OK) return status;
  if (section->shape[1] != kinds) return fault(in, "the weights are not for the ranks of the taxonomy");
  memcpy(in->fitted.prior, prior->data, prior->size);
  weights = section->data;
  for (size_t i = 0; i < in->fitted.length_count; i++)
    for (size_t k = 0; k < kinds; k++, weights += TX_FEATURES)
      memcpy(in->fitted.weights[i].of[k], weights, TX_FEATURES * sizeof *weights);
  status = read_reliability(in, kinds);
  if (status == TX_OK) status = read_witness(in, kinds);
  if (status != TX_OK) return status;
  wrong = tx_fitted_weights_fault(&in->fitted, kinds);
  return wrong ? fault(in, "the weights have %s", wrong) : TX_OK;
}

/* Reads the provenance, which is displayed and not used otherwise: it need only be a JSON object. */
static tx_status read_provenance(reading *in)
{
  const char *text = tx_safetensors_metadata(in->file, "references.provenance");
  tx_json *json = NULL;
  tx_error inner = {0};
  bool object;
  tx_status status;
  if (!text) return fault(in, "there is no provenance");
  status = tx_json_parse(text, strlen(text), "the provenance", &json, &inner);
  object = status == TX_OK && tx_json_is_object(json);
  tx_json_free(json);
  if (status == TX_ERROR_MEMORY) return no_memory(in);
  if (!object) return fault(in, "the provenance is no JSON object");
  in->provenance = tx_copy_text(text, strlen(text));
  return in->provenance ? TX_OK : no_memory(in);
}

/* Reads and validates the sections; everything is copied. On errors there is nothing to free. */
static tx_status read_sections(reading *in)
{
  tx_status status = check_version(in);
  if (status != TX_OK) return status;
  in->references = calloc(1, sizeof *in->references);
  if (!in->references) return no_memory(in);
  status = read_taxonomy(in);
  if (status == TX_OK) status = read_lineages(in);
  if (status == TX_OK) status = read_sequences(in);
  if (status == TX_OK) status = read_weights(in);
  if (status == TX_OK) status = read_provenance(in);
  if (status != TX_OK) tx_references_free(in->references);
  return status;
}

/* Makes the set of what was read, which belongs to it then, or is freed. */
static tx_status make_set(const reading *in, tx_reference_set **ret_set)
{
  const tx_status status = tx_reference_set_create(in->references, ret_set, in->error);
  if (status != TX_OK) {
    free(in->provenance);
    return status;
  }
  (*ret_set)->fitted = in->fitted;
  (*ret_set)->provenance = in->provenance;
  return TX_OK;
}

tx_status tx_reference_sections_read(const char *name, const tx_safetensors *file, tx_reference_set **ret_set,
                                     tx_error *error)
{
  reading in = {.name = name, .file = file, .error = error};
  const tx_status status = read_sections(&in);
  *ret_set = NULL;
  return status == TX_OK ? make_set(&in, ret_set) : status;
}

/* Reads a set from an open file, and closes the file in any case: before the index is made, so that the two
   are not in memory at once. */
static tx_status open_file(const char *name, tx_safetensors *file, tx_reference_set **ret_set,
                           tx_error *error)
{
  reading in = {.name = name, .file = file, .error = error};
  const char *kind = tx_safetensors_metadata(file, "taxamba.kind");
  tx_status status;
  if (!kind || !tx_safetensors_metadata(file, "taxamba.format") ||
      !tx_safetensors_metadata(file, "taxamba.crc32"))
    status = tx_fail(error, TX_ERROR_MODEL,
                     "%s: not a reference file of Taxamba: a safetensors file of another program", name);
  else if (strcmp(kind, TX_REFERENCES_KIND) != 0 && !tx_safetensors_metadata(file, "references.format"))
    status = tx_fail(error, TX_ERROR_MODEL,
                     "%s: not a reference file but of kind '%.40s', without references: make one with "
                     "taxamba "
                     "index",
                     name, kind);
  else
    status = read_sections(&in);
  tx_safetensors_close(file);
  return status == TX_OK ? make_set(&in, ret_set) : status;
}

tx_status tx_reference_set_open(const char *path, tx_reference_set **ret_set, tx_error *error)
{
  tx_safetensors *file = NULL;
  tx_status status = tx_safetensors_open(path, 1, &file, error);
  *ret_set = NULL;
  return status == TX_OK ? open_file(path, file, ret_set, error) : status;
}

tx_status tx_reference_set_of_model(const tx_model *model, tx_reference_set **ret_set, tx_error *error)
{
  *ret_set = NULL;
  if (!tx_safetensors_metadata(model->file, "references.format")) return TX_OK;
  return tx_reference_sections_read("the model", model->file, ret_set, error);
}

tx_status tx_reference_set_read(const char *name, const void *data, size_t size, tx_reference_set **ret_set,
                                tx_error *error)
{
  tx_safetensors *file = NULL;
  tx_status status = tx_safetensors_read(name, data, size, 1, &file, error);
  *ret_set = NULL;
  return status == TX_OK ? open_file(name, file, ret_set, error) : status;
}
