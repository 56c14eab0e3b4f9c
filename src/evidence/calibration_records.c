#include "evidence/calibration_records.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/wait.h"
#include "evidence/answer.h"
#include "evidence/notes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECORDS_FEWEST = 30, RECORDS_MOST = 6000 };

typedef struct intake {
  const tx_reference_set *set;
  const tx_calibrate_options *options;
  const tx_taxonomy *opt_joint; /* of the references and a network */
  tx_labelled *reader;
  tx_calibration_records *out;
  int own_rank[TX_RANKS_MAX]; /* rank of the reader for each of the set, -1 = none */
  tx_sequence_buffer spare;
  tx_search **searches; /* (threads) */
  tx_sequence_buffer *reverses;
  bool failed; /* no memory in a thread */
  uint64_t read, of_others, too_short, uses[TX_LABELS_CONTRADICT + 1];
  uint64_t labels[TX_RANKS_MAX], known[TX_RANKS_MAX]; /* at each rank; names that the references have */
  char examples[TX_RANKS_MAX][100]; /* the first label at each rank */
  size_t unlike, thinned;
} intake;

/* Whether some taxon of `rank` is directly inside the taxon; rank -1: inside none. */
static bool has_child(const tx_taxonomy *taxonomy, int parent_rank, int32_t parent, size_t rank)
{
  for (size_t c = 0; c < tx_taxonomy_class_count(taxonomy, rank); c++) {
    size_t above = 0;
    const int32_t own = tx_taxonomy_parent(taxonomy, rank, (int32_t)c, &above);
    if (own == parent && (own < 0 || (int)above == parent_rank)) return true;
  }
  return false;
}

tx_label_use tx_labels_use(const tx_taxonomy *taxonomy, const char *const *taxa, int *ret_rank,
                           int32_t *ret_taxon)
{
  const size_t ranks = tx_taxonomy_rank_count(taxonomy);
  int32_t labels[TX_RANKS_MAX];
  int lowest = -1, known = -1;
  tx_taxonomy_match(taxonomy, taxa, labels);
  for (size_t r = 0; r < ranks; r++) {
    if (!taxa[r]) continue;
    if (labels[r] < 0 && tx_taxonomy_knows(taxonomy, r, taxa[r])) return TX_LABELS_CONTRADICT;
    lowest = (int)r;
    if (labels[r] >= 0) known = (int)r;
  }
  if (lowest < 0) return TX_LABELS_NONE;
  if (known == lowest && known + 1 < (int)ranks) return TX_LABELS_OPEN;
  for (int r = known + 1; r < lowest && !taxa[r]; r++)
    if (has_child(taxonomy, known, known < 0 ? -1 : labels[known], (size_t)r)) return TX_LABELS_OPEN;
  *ret_rank = known;
  *ret_taxon = known < 0 ? -1 : labels[known];
  return TX_LABELS_CLEAR;
}

/* Finds the ranks of the set in the input, and reports those that it lacks. */
static tx_status settle_ranks(intake *in, tx_error *error)
{
  const tx_taxonomy *taxonomy = in->set->references->taxonomy;
  bool any = false;
  for (size_t r = 0; r < in->set->space.ranks; r++) {
    const char *name = tx_taxonomy_rank_name(taxonomy, r);
    in->own_rank[r] = -1;
    for (size_t i = 0; i < tx_labelled_rank_count(in->reader); i++)
      if (strcmp(name, tx_labelled_rank_name(in->reader, i)) == 0) in->own_rank[r] = (int)i;
    any = any || in->own_rank[r] >= 0;
    if (in->own_rank[r] < 0 && r >= in->set->space.top)
      tx_hooks_note(&in->options->hooks, "the input has no rank %s", name);
  }
  return any ? TX_OK
             : tx_fail(error, TX_ERROR_DATA, "the input has no label at a rank of the references%s",
                       tx_labelled_hint(in->reader));
}

/* Appends the record in the spare buffer, whose labels are clear. */
static tx_status append(intake *in, const char *const *taxa, int rank, int32_t taxon, tx_error *error)
{
  tx_calibration_records *out = in->out;
  tx_calibration_record *own;
  size_t lowest = in->set->space.ranks - 1;
  uint32_t number;
  tx_status status;
  if (!tx_reserve(&out->records, &out->capacity, out->count + 1, sizeof *out->records))
    return tx_fail_memory(error, "the records");
  own = &out->records[out->count];
  *own = (tx_calibration_record){.sequence = in->spare, .rank = rank, .taxon = taxon};
  memset(&in->spare, 0, sizeof in->spare);
  out->count++;
  own->clear = in->opt_joint && tx_labels_use(in->opt_joint, taxa, &own->joint_rank, &own->joint_taxon) ==
                                    TX_LABELS_CLEAR;
  while (!taxa[lowest]) lowest--;
  status = tx_names_add(out->names, taxa[lowest], strlen(taxa[lowest]), &number, error);
  if (status == TX_OK) own->label = tx_names_key(out->names, number, NULL);
  return status;
}

/* Judges what the labels of a record are good for, and keeps it if they are clear. */
static tx_status consider(intake *in, const char *const *taxa, const char *letters, size_t count,
                          bool *ret_kept, tx_error *error)
{
  tx_label_use use;
  int32_t taxon = -1;
  int rank = -1;
  *ret_kept = false;
  for (size_t r = 0; r < in->set->space.ranks; r++) {
    if (taxa[r] && !in->labels[r]++) snprintf(in->examples[r], sizeof in->examples[r], "%s", taxa[r]);
    in->known[r] += taxa[r] && tx_taxonomy_knows(in->set->references->taxonomy, r, taxa[r]);
  }
  use = tx_labels_use(in->set->references->taxonomy, taxa, &rank, &taxon);
  if (use == TX_LABELS_CLEAR) {
    if (!tx_sequence_fill(&in->spare, letters, count, false)) return tx_fail_memory(error, "the records");
    if (tx_sequence_certain(&in->spare.view) < TX_REFERENCE_MIN) {
      in->too_short++;
      return TX_OK;
    }
  }
  in->uses[use]++;
  *ret_kept = use == TX_LABELS_CLEAR;
  return *ret_kept ? append(in, taxa, rank, taxon, error) : TX_OK;
}

static tx_status take(intake *in, const tx_labelled_record *labelled, tx_error *error)
{
  const tx_record *record = &labelled->record;
  const char *usual = in->options->usual_split, *taxa[TX_RANKS_MAX];
  bool kept;
  tx_status status;
  in->read++;
  if (usual && labelled->split && strcmp(usual, labelled->split) != 0) {
    in->of_others++;
    return TX_OK;
  }
  for (size_t r = 0; r < in->set->space.ranks; r++)
    taxa[r] = in->own_rank[r] >= 0 ? labelled->taxa[in->own_rank[r]] : NULL;
  status = consider(in, taxa, record->bases, record->base_count, &kept, error);
  return status == TX_OK && kept
             ? tx_input_files_add(&in->out->files, record->file, labelled->split, error)
             : status;
}

static tx_status read_records(intake *in, tx_error *error)
{
  const tx_reference_hooks *hooks = &in->options->hooks;
  tx_labelled_record record;
  tx_status status = tx_names_create(&in->out->names, error);
  while (status == TX_OK && (status = tx_labelled_next(in->reader, &record, error)) == TX_OK) {
    status = take(in, &record, error);
    if (hooks->progress) hooks->progress(hooks->context, &(tx_reference_progress){in->read, false});
    if (status == TX_OK && tx_is_stopped(hooks->stop)) status = tx_fail(error, TX_STOPPED, "stopped");
  }
  if (status == TX_END) status = TX_OK;
  return status == TX_OK && hooks->check ? hooks->check(hooks->context, error) : status;
}

/* Whether one of the candidates has the same bases. */
static bool equals(const tx_references *references, const tx_sequence *sequence,
                   const tx_candidate *candidates, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    const tx_sequence other = tx_references_sequence(references, candidates[i].reference);
    if (tx_sequence_compare(&other, sequence) == 0) return true;
  }
  return false;
}

static bool look(intake *in, tx_calibration_record *record, const tx_sequence *sequence, size_t thread)
{
  const size_t usual = tx_references_median_length(in->set->references);
  size_t count;
  uint32_t votes;
  const tx_candidate *candidates = tx_search_run(in->searches[thread], sequence, NULL, &count, &votes);
  record->like = count && tx_evidence_is_like(votes, sequence->count < usual ? sequence->count : usual);
  record->equal = record->like && equals(in->set->references, sequence, candidates, count);
  return record->like;
}

/* Turns a record to the strand of the references. */
static void look_strands(void *context, size_t item, size_t thread)
{
  intake *in = context;
  tx_calibration_record *record = &in->out->records[item];
  tx_sequence_buffer *reverse = &in->reverses[thread], forward;
  if (tx_is_stopped(in->options->hooks.stop) || look(in, record, &record->sequence.view, thread)) return;
  if (!tx_sequence_reverse(reverse, &record->sequence.view)) {
    in->failed = true;
    return;
  }
  if (!look(in, record, &reverse->view, thread)) return;
  forward = record->sequence;
  record->sequence = *reverse;
  *reverse = forward;
}

static tx_status turn_records(intake *in, tx_pool *pool, tx_error *error)
{
  const size_t threads = tx_pool_threads(pool);
  tx_status status = TX_OK;
  in->searches = calloc(threads, sizeof(tx_search *));
  in->reverses = calloc(threads, sizeof *in->reverses);
  if (!in->searches || !in->reverses) status = tx_fail_memory(error, "the records");
  for (size_t i = 0; status == TX_OK && i < threads; i++)
    status = tx_search_create(in->set->index, &in->searches[i], error);
  if (status == TX_OK) {
    tx_pool_run(pool, in->out->count, look_strands, in);
    if (in->failed) status = tx_fail_memory(error, "the records");
    if (tx_is_stopped(in->options->hooks.stop)) status = tx_fail(error, TX_STOPPED, "stopped");
  }
  for (size_t i = 0; i < threads; i++) {
    if (in->searches) tx_search_free(in->searches[i]);
    if (in->reverses) tx_sequence_buffer_free(&in->reverses[i]);
  }
  free(in->searches);
  free(in->reverses);
  return status;
}

/* Removes the records that resemble no reference. */
static void drop_unlike(intake *in)
{
  tx_calibration_records *out = in->out;
  size_t kept = 0;
  for (size_t i = 0; i < out->count; i++) {
    if (out->records[i].like)
      out->records[kept++] = out->records[i];
    else
      tx_sequence_buffer_free(&out->records[i].sequence);
  }
  in->unlike = out->count - kept;
  out->count = kept;
}

/* By label and content: the order of the input does not show. */
static int compare(const void *a, const void *b)
{
  const tx_calibration_record *left = a, *right = b;
  int order = strcmp(left->label, right->label);
  if (!order) order = (left->rank > right->rank) - (left->rank < right->rank);
  if (!order) order = (left->taxon > right->taxon) - (left->taxon < right->taxon);
  if (!order) order = (left->joint_rank > right->joint_rank) - (left->joint_rank < right->joint_rank);
  if (!order) order = (left->joint_taxon > right->joint_taxon) - (left->joint_taxon < right->joint_taxon);
  return order ? order : tx_sequence_compare(&left->sequence.view, &right->sequence.view);
}

/* Keeps RECORDS_MOST records that the seed decides, in their order. */
static tx_status thin_out(intake *in, tx_error *error)
{
  tx_calibration_records *out = in->out;
  uint32_t *order;
  uint8_t *chosen;
  tx_random random;
  size_t kept = 0;
  if (out->count <= RECORDS_MOST) return TX_OK;
  order = calloc(out->count, sizeof *order);
  chosen = calloc(out->count, 1);
  if (order && chosen) {
    for (size_t i = 0; i < out->count; i++) order[i] = (uint32_t)i;
    tx_random_seed(&random, in->options->seed, out->count, 1, 0);
    tx_random_shuffle(&random, order, out->count);
    for (size_t i = 0; i < RECORDS_MOST; i++) chosen[order[i]] = 1;
    for (size_t i = 0; i < out->count; i++) {
      if (chosen[i])
        out->records[kept++] = out->records[i];
      else
        tx_sequence_buffer_free(&out->records[i].sequence);
    }
    in->thinned = out->count - kept;
    out->count = kept;
  }
  free(order);
  free(chosen);
  return kept ? TX_OK : tx_fail_memory(error, "the records");
}

/* Deals the taxa, in an order that the seed decides, to the fold with the fewest records. starts (taxa + 1):
   the first record of each; order (taxa): scratch. */
static void deal_folds(tx_calibration_records *out, uint64_t seed, const uint32_t *starts, uint32_t *order)
{
  size_t sizes[TX_CALIBRATION_FOLDS] = {0};
  tx_random random;
  for (size_t i = 0; i < out->taxa; i++) order[i] = (uint32_t)i;
  tx_random_seed(&random, seed, out->taxa, 2, 0);
  tx_random_shuffle(&random, order, out->taxa);
  for (size_t i = 0; i < out->taxa; i++) {
    uint32_t fold = 0;
    for (uint32_t f = 1; f < TX_CALIBRATION_FOLDS; f++)
      if (sizes[f] < sizes[fold]) fold = f;
    for (uint32_t r = starts[order[i]]; r < starts[order[i] + 1]; r++) {
      out->records[r].fold = fold;
      sizes[fold]++;
    }
  }
}

static tx_status make_folds(tx_calibration_records *out, uint64_t seed, tx_error *error)
{
  uint32_t *starts = calloc(out->count + 1, sizeof *starts), *order = calloc(out->count + 1, sizeof *order);
  out->taxa = 0;
  for (size_t i = 0; starts && order && i < out->count; i++)
    if (i == 0 || strcmp(out->records[i].label, out->records[i - 1].label) != 0)
      starts[out->taxa++] = (uint32_t)i;
  if (starts && order) {
    starts[out->taxa] = (uint32_t)out->count;
    deal_folds(out, seed, starts, order);
  }
  free(starts);
  free(order);
  return out->taxa || !out->count ? TX_OK : tx_fail_memory(error, "the records");
}

/* Warns of the ranks at which no label is a taxon of the references. */
static void warn_unmatched(const intake *in)
{
  const tx_taxonomy *taxonomy = in->set->references->taxonomy;
  for (size_t r = in->set->space.top; r < in->set->space.ranks; r++)
    if (in->labels[r] && !in->known[r])
      tx_hooks_note(&in->options->hooks,
                    "warning: no label at rank %s is a taxon of the references: the input has '%s', they "
                    "have '%.100s'; are the names spelled alike?",
                    tx_taxonomy_rank_name(taxonomy, r), in->examples[r],
                    tx_taxonomy_class_name(taxonomy, r, 0));
}

static void send_notes(const intake *in)
{
  size_t equal = 0;
  for (size_t i = 0; i < in->out->count; i++) equal += in->out->records[i].equal;
  tx_hooks_note(&in->options->hooks,
                "read %" PRIu64 " records: %" PRIu64 " of other splits, %" PRIu64 " too short, %" PRIu64
                " without any label; the weights are fitted on %zu of %zu taxa",
                in->read, in->of_others, in->too_short, in->uses[TX_LABELS_NONE], in->out->count,
                in->out->taxa);
  if (in->uses[TX_LABELS_OPEN])
    tx_hooks_note(&in->options->hooks,
                  "left out: %" PRIu64 " without a label at a rank where their taxon may be known",
                  in->uses[TX_LABELS_OPEN]);
  if (in->uses[TX_LABELS_CONTRADICT])
    tx_hooks_note(&in->options->hooks,
                  "left out: %" PRIu64 " whose taxon the references have inside another one",
                  in->uses[TX_LABELS_CONTRADICT]);
  if (in->unlike) tx_hooks_note(&in->options->hooks, "left out: %zu that resemble no reference", in->unlike);
  if (in->thinned)
    tx_hooks_note(&in->options->hooks, "left out at random: %zu, as %d are enough", in->thinned,
                  RECORDS_MOST);
  if (equal)
    tx_hooks_note(
        &in->options->hooks,
        "%zu of the barcodes equal a reference: if they are the same records, leave them out, as the "
        "confidences become too high",
        equal);
}

static tx_status check_enough(const intake *in, tx_error *error)
{
  const tx_calibration_records *out = in->out;
  if (out->count >= RECORDS_FEWEST && out->taxa >= TX_CALIBRATION_FOLDS) return TX_OK;
  return tx_fail(
      error, TX_ERROR_DATA,
      "a calibration needs %d records of at least %d taxa, and there are %zu of %zu: of %" PRIu64
      " records %" PRIu64 " are of other splits, %" PRIu64 " too short, %" PRIu64
      " have no label that tells the true outcome, %zu resemble no reference",
      RECORDS_FEWEST, TX_CALIBRATION_FOLDS, out->count, out->taxa, in->read, in->of_others, in->too_short,
      in->uses[TX_LABELS_NONE] + in->uses[TX_LABELS_OPEN] + in->uses[TX_LABELS_CONTRADICT], in->unlike);
}

/* Turns, sorts and thins out what was read, and makes the folds. */
static tx_status finish(intake *in, tx_pool *pool, tx_error *error)
{
  tx_calibration_records *out = in->out;
  tx_status status = turn_records(in, pool, error);
  if (status != TX_OK) return status;
  drop_unlike(in);
  if (out->count) qsort(out->records, out->count, sizeof(tx_calibration_record), compare);
  status = thin_out(in, error);
  return status == TX_OK ? make_folds(out, in->options->seed, error) : status;
}

tx_status tx_calibration_records_read(const tx_reference_set *set, tx_labelled *reader,
                                      const tx_calibrate_options *options, const tx_joint *opt_joint,
                                      tx_pool *pool, tx_calibration_records *ret_records, tx_error *error)
{
  intake in = {.set = set,
               .options = options,
               .opt_joint = opt_joint ? opt_joint->taxonomy : NULL,
               .reader = reader,
               .out = ret_records};
  tx_status status;
  memset(ret_records, 0, sizeof *ret_records);
  status = settle_ranks(&in, error);
  if (status == TX_OK) status = read_records(&in, error);
  if (status == TX_OK) warn_unmatched(&in);
  if (status == TX_OK) status = finish(&in, pool, error);
  tx_sequence_buffer_free(&in.spare);
  if (status == TX_OK) status = check_enough(&in, error);
  if (status == TX_OK) send_notes(&in);
  return status;
}

tx_status tx_calibration_records_take(const tx_reference_set *set, const tx_calibration_source *source,
                                      tx_pool *pool, tx_calibration_records *ret_records, tx_error *error)
{
  const tx_calibrate_options options = {.seed = source->seed, .hooks = {.stop = source->opt_stop}};
  intake in = {.set = set, .options = &options, .out = ret_records};
  const char *taxa[TX_RANKS_MAX], *letters;
  size_t count;
  bool kept;
  tx_status status;
  memset(ret_records, 0, sizeof *ret_records);
  status = tx_names_create(&ret_records->names, error);
  while (status == TX_OK &&
         (status = source->next(source->context, taxa, &letters, &count, error)) == TX_OK) {
    status = consider(&in, taxa, letters, count, &kept, error);
    if (status == TX_OK && tx_is_stopped(source->opt_stop)) status = tx_fail(error, TX_STOPPED, "stopped");
  }
  if (status == TX_END) status = finish(&in, pool, error);
  tx_sequence_buffer_free(&in.spare);
  return status;
}

void tx_calibration_records_clear(tx_calibration_records *records)
{
  for (size_t i = 0; i < records->count; i++) tx_sequence_buffer_free(&records->records[i].sequence);
  free(records->records);
  tx_names_free(records->names);
  tx_input_files_clear(&records->files);
  memset(records, 0, sizeof *records);
}
