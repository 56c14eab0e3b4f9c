/* Two label sources as a summary, as rows, and as a labelled table of the labels that stand. */
#include <taxamba/label_evidence.h>

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/wait.h"
#include "sources/label_sources.h"

typedef struct label_report {
  const tx_label_sources *sources;
  const tx_label_evidence *opt_evidence;
  tx_label_trust trust;
  tx_label_agreement agreements[TX_RANKS_MAX];
  tx_bytes text;
} label_report;

static const char *const side_names[TX_LABEL_SIDES + 1] = {"first", "second", "none"};

static void write_string(tx_bytes *text, const char *key, const char *value)
{
  tx_bytes_printf(text, ",\"%s\":", key);
  if (value)
    tx_bytes_json_string(text, value, strlen(value));
  else
    tx_bytes_text(text, "null");
}

static void write_number(tx_bytes *text, const char *key, double value)
{
  if (isnan(value))
    tx_bytes_printf(text, ",\"%s\":null", key);
  else
    tx_bytes_printf(text, ",\"%s\":%.6g", key, value);
}

static bool weighs(const label_report *report, size_t kind)
{
  return report->opt_evidence && tx_label_evidence_has(report->opt_evidence, (tx_evidence_kind)kind);
}

static const char *used_text(const label_report *report, size_t individual)
{
  const tx_label_side used = tx_label_sources_used(report->sources, individual, report->trust);
  return used == TX_LABEL_SIDES ? "" : tx_label_sources_text(report->sources, individual, used);
}

/* ---- rows ---- */

static void write_figure(tx_bytes *text, double figure)
{
  if (isnan(figure))
    tx_bytes_text(text, "\t");
  else
    tx_bytes_printf(text, "\t%.4f", figure);
}

static void write_evidence_names(label_report *report)
{
  if (!report->opt_evidence) return;
  tx_bytes_text(&report->text, "\trank\tevidence");
  for (size_t kind = 0; kind < TX_EVIDENCE_KINDS; kind++) {
    const char *name = tx_evidence_kind_name((tx_evidence_kind)kind);
    if (weighs(report, kind))
      tx_bytes_printf(&report->text, "\t%s\t%s_first\t%s_second\t%s_best\t%s_best_value", name, name, name,
                      name, name);
  }
}

static void write_evidence_row(label_report *report, size_t individual)
{
  const int rank = tx_label_sources_differing_rank(report->sources, individual);
  if (!report->opt_evidence) return;
  tx_bytes_printf(
      &report->text, "\t%s\t%s", rank < 0 ? "" : tx_label_sources_rank_name(report->sources, (size_t)rank),
      rank < 0 ? "" : tx_support_name(tx_label_evidence_verdict(report->opt_evidence, individual)));
  for (size_t kind = 0; kind < TX_EVIDENCE_KINDS; kind++) {
    const tx_side_evidence *own =
        tx_label_evidence_of(report->opt_evidence, individual, (tx_evidence_kind)kind);
    if (!weighs(report, kind)) continue;
    if (!own) {
      tx_bytes_text(&report->text, "\t\t\t\t\t");
      continue;
    }
    tx_bytes_printf(&report->text, "\t%s", tx_support_name(own->support));
    for (size_t side = 0; side < TX_LABEL_SIDES; side++) write_figure(&report->text, own->value[side]);
    tx_bytes_text(&report->text, "\t");
    tx_bytes_field(&report->text, own->best ? own->best : "");
    write_figure(&report->text, own->best_value);
  }
}

static void write_rows(label_report *report)
{
  const tx_label_sources *sources = report->sources;
  tx_bytes_field(&report->text, sources->id_name);
  tx_bytes_text(&report->text, "\tfirst\tsecond\tstate\tused");
  write_evidence_names(report);
  tx_bytes_text(&report->text, "\n");
  for (size_t i = 0; i < sources->count; i++) {
    const char *const fields[] = {
        sources->individuals[i].id, tx_label_sources_text(sources, i, TX_LABEL_FIRST),
        tx_label_sources_text(sources, i, TX_LABEL_SECOND),
        tx_label_state_name(tx_label_sources_state(sources, i)), used_text(report, i)};
    for (size_t f = 0; f < sizeof fields / sizeof *fields; f++) {
      if (f) tx_bytes_text(&report->text, "\t");
      tx_bytes_field(&report->text, fields[f]);
    }
    write_evidence_row(report, i);
    tx_bytes_text(&report->text, "\n");
  }
}

/* ---- JSON lines ---- */

static void write_json_side(label_report *report, size_t individual, tx_label_side side)
{
  const tx_label_sources *sources = report->sources;
  const tx_identification *own = &sources->individuals[individual].sides[side];
  bool any = false;
  tx_bytes_printf(&report->text, ",\"%s\":{\"label\":", side_names[side]);
  tx_bytes_json_string(&report->text, own->text, strlen(own->text));
  tx_bytes_text(&report->text, ",\"taxa\":{");
  for (size_t r = 0; r < sources->rank_count; r++) {
    if (!own->taxa[r]) continue;
    if (any) tx_bytes_text(&report->text, ",");
    tx_bytes_json_string(&report->text, sources->ranks[r], strlen(sources->ranks[r]));
    tx_bytes_text(&report->text, ":");
    tx_bytes_json_string(&report->text, own->taxa[r], strlen(own->taxa[r]));
    any = true;
  }
  tx_bytes_text(&report->text, "}");
  if (*own->qualifier) write_string(&report->text, "qualifier", own->qualifier);
  if (*own->morphospecies) write_string(&report->text, "morphospecies", own->morphospecies);
  tx_bytes_text(&report->text, "}");
}

static void write_json_evidence(label_report *report, size_t individual)
{
  bool any = false;
  write_string(&report->text, "evidence",
               tx_support_name(tx_label_evidence_verdict(report->opt_evidence, individual)));
  tx_bytes_text(&report->text, ",\"kinds\":{");
  for (size_t kind = 0; kind < TX_EVIDENCE_KINDS; kind++) {
    const tx_side_evidence *own =
        tx_label_evidence_of(report->opt_evidence, individual, (tx_evidence_kind)kind);
    if (!weighs(report, kind) || !own) continue;
    tx_bytes_printf(&report->text, "%s\"%s\":{\"supports\":\"%s\"", any ? "," : "",
                    tx_evidence_kind_name((tx_evidence_kind)kind), tx_support_name(own->support));
    write_string(&report->text, "rank", own->rank < 0 ? NULL : report->sources->ranks[own->rank]);
    for (size_t side = 0; side < TX_LABEL_SIDES; side++) {
      tx_bytes_printf(&report->text, ",\"knows_%s\":%s", side_names[side],
                      own->known[side] ? "true" : "false");
      write_number(&report->text, side_names[side], own->value[side]);
    }
    write_string(&report->text, "best", own->best);
    write_number(&report->text, "best_value", own->best_value);
    tx_bytes_text(&report->text, "}");
    any = true;
  }
  tx_bytes_text(&report->text, "}");
}

static void write_json_individuals(label_report *report)
{
  const tx_label_sources *sources = report->sources;
  for (size_t i = 0; i < sources->count; i++) {
    const int rank = tx_label_sources_differing_rank(sources, i);
    tx_bytes_text(&report->text, "{\"id\":");
    tx_bytes_json_string(&report->text, sources->individuals[i].id, strlen(sources->individuals[i].id));
    write_string(&report->text, "state", tx_label_state_name(tx_label_sources_state(sources, i)));
    write_string(&report->text, "used", used_text(report, i));
    write_string(&report->text, "ID_status", side_names[tx_label_sources_used(sources, i, report->trust)]);
    for (size_t side = 0; side < TX_LABEL_SIDES; side++) write_json_side(report, i, (tx_label_side)side);
    write_string(&report->text, "differing_rank", rank < 0 ? NULL : sources->ranks[rank]);
    if (report->opt_evidence && rank >= 0) write_json_evidence(report, i);
    tx_bytes_text(&report->text, "}\n");
  }
}

/* ---- the summary ---- */

static void count_states(const tx_label_sources *sources, uint64_t counts[TX_LABEL_STATES])
{
  memset(counts, 0, TX_LABEL_STATES * sizeof *counts);
  for (size_t i = 0; i < sources->count; i++) counts[sources->individuals[i].state]++;
}

/* Numbers of individuals whose sources differ at a rank (SIZE_MAX: at any), by what evidence supports;
   TX_EVIDENCE_KINDS is the verdict of all kinds. Returns their number. */
static uint64_t count_supports(const label_report *report, size_t kind, size_t rank,
                               uint64_t counts[TX_SUPPORTS])
{
  uint64_t all = 0;
  memset(counts, 0, TX_SUPPORTS * sizeof *counts);
  for (size_t i = 0; i < report->sources->count; i++) {
    const int differing = report->sources->individuals[i].differing_rank;
    if (differing < 0 || (rank != SIZE_MAX && (size_t)differing != rank)) continue;
    all++;
    if (!report->opt_evidence) continue;
    counts[kind == TX_EVIDENCE_KINDS
               ? tx_label_evidence_verdict(report->opt_evidence, i)
               : tx_label_evidence_of(report->opt_evidence, i, (tx_evidence_kind)kind)->support]++;
  }
  return all;
}

/* What each kind supports at a rank, SIZE_MAX: at all of them. */
static void write_json_supports(label_report *report, size_t rank)
{
  uint64_t counts[TX_SUPPORTS];
  bool any = false;
  if (!report->opt_evidence) return;
  tx_bytes_text(&report->text, ",\"evidence\":{");
  for (size_t kind = 0; kind <= TX_EVIDENCE_KINDS; kind++) {
    if (kind < TX_EVIDENCE_KINDS && !weighs(report, kind)) continue;
    count_supports(report, kind, rank, counts);
    tx_bytes_printf(&report->text, "%s\"%s\":{", any ? "," : "",
                    kind == TX_EVIDENCE_KINDS ? "all" : tx_evidence_kind_name((tx_evidence_kind)kind));
    for (size_t s = 0; s < TX_SUPPORTS; s++)
      tx_bytes_printf(&report->text, "%s\"%s\":%" PRIu64, s ? "," : "", tx_support_name((tx_support)s),
                      counts[s]);
    tx_bytes_text(&report->text, "}");
    any = true;
  }
  tx_bytes_text(&report->text, "}");
}

static void write_kappa(tx_bytes *text, double kappa)
{
  if (isnan(kappa))
    tx_bytes_text(text, ",\"kappa\":null");
  else
    tx_bytes_printf(text, ",\"kappa\":%.17g", kappa);
}

static void write_json_summary(label_report *report)
{
  const tx_label_sources *sources = report->sources;
  uint64_t states[TX_LABEL_STATES], supports[TX_SUPPORTS];
  count_states(sources, states);
  tx_bytes_printf(&report->text, "{\"summary\":{\"individuals\":%zu,\"trusted\":\"%s\",\"states\":{",
                  sources->count, side_names[report->trust.side]);
  for (size_t s = 0; s < TX_LABEL_STATES; s++)
    tx_bytes_printf(&report->text, "%s\"%s\":%" PRIu64, s ? "," : "", tx_label_state_name((tx_label_state)s),
                    states[s]);
  tx_bytes_text(&report->text, "},\"ranks\":[");
  for (size_t r = 0; r < sources->rank_count; r++) {
    const tx_label_agreement *own = &report->agreements[r];
    tx_bytes_text(&report->text, r ? ",{\"rank\":" : "{\"rank\":");
    tx_bytes_json_string(&report->text, sources->ranks[r], strlen(sources->ranks[r]));
    tx_bytes_printf(&report->text,
                    ",\"both\":%" PRIu64 ",\"same\":%" PRIu64 ",\"first_only\":%" PRIu64
                    ",\"second_only\":%" PRIu64 ",\"disagreements\":%" PRIu64,
                    own->both, own->same, own->first_only, own->second_only,
                    count_supports(report, 0, r, supports));
    write_kappa(&report->text, own->kappa);
    write_json_supports(report, r);
    tx_bytes_text(&report->text, "}");
  }
  tx_bytes_printf(&report->text, "],\"disagreements\":%" PRIu64,
                  count_supports(report, 0, SIZE_MAX, supports));
  write_json_supports(report, SIZE_MAX);
  tx_bytes_text(&report->text, "}}\n");
}

static int width_of_ranks(const tx_label_sources *sources)
{
  size_t width = 4;
  for (size_t r = 0; r < sources->rank_count; r++)
    if (strlen(sources->ranks[r]) > width) width = strlen(sources->ranks[r]);
  return (int)width;
}

static void write_support_row(label_report *report, size_t kind, size_t rank, int width)
{
  uint64_t counts[TX_SUPPORTS];
  if (!count_supports(report, kind, rank, counts)) return;
  tx_bytes_printf(&report->text,
                  "%-10s  %-*s  %5" PRIu64 "  %6" PRIu64 "  %7" PRIu64 "  %7" PRIu64 "  %4" PRIu64 "\n",
                  kind == TX_EVIDENCE_KINDS ? "most of it" : tx_evidence_kind_name((tx_evidence_kind)kind),
                  width, rank == SIZE_MAX ? "all" : report->sources->ranks[rank], counts[TX_SUPPORT_FIRST],
                  counts[TX_SUPPORT_SECOND], counts[TX_SUPPORT_NEITHER], counts[TX_SUPPORT_UNKNOWN],
                  counts[TX_SUPPORT_NONE]);
}

static void write_summary_supports(label_report *report)
{
  const int width = width_of_ranks(report->sources);
  tx_bytes_printf(&report->text, "\nevidence    %-*s  first  second  neither  unknown  none\n", width,
                  "rank");
  for (size_t kind = 0; kind <= TX_EVIDENCE_KINDS; kind++) {
    if (kind < TX_EVIDENCE_KINDS && !weighs(report, kind)) continue;
    for (size_t r = 0; r < report->sources->rank_count; r++) write_support_row(report, kind, r, width);
    write_support_row(report, kind, SIZE_MAX, width);
  }
}

static void write_summary(label_report *report)
{
  const tx_label_sources *sources = report->sources;
  const int width = width_of_ranks(sources);
  uint64_t states[TX_LABEL_STATES], supports[TX_SUPPORTS], all;
  count_states(sources, states);
  tx_bytes_printf(&report->text, "%zu individuals; where both have a label, that of the %s stands\n",
                  sources->count, side_names[report->trust.side]);
  for (size_t s = 0; s < TX_LABEL_STATES; s++)
    if (states[s] || s <= TX_LABELS_DISAGREE)
      tx_bytes_printf(&report->text, "%-28s  %7" PRIu64 "\n", tx_label_state_name((tx_label_state)s),
                      states[s]);
  tx_bytes_printf(&report->text,
                  "\n%-*s     both     same    kappa  first only  second only  disagreements\n", width,
                  "rank");
  for (size_t r = 0; r < sources->rank_count; r++) {
    const tx_label_agreement *own = &report->agreements[r];
    tx_bytes_printf(&report->text, "%-*s  %7" PRIu64 "  %7" PRIu64, width, sources->ranks[r], own->both,
                    own->same);
    if (isnan(own->kappa))
      tx_bytes_text(&report->text, "         ");
    else
      tx_bytes_printf(&report->text, "  %7.4f", own->kappa);
    tx_bytes_printf(&report->text, "  %10" PRIu64 "  %11" PRIu64 "  %13" PRIu64 "\n", own->first_only,
                    own->second_only, count_supports(report, 0, r, supports));
  }
  all = count_supports(report, 0, SIZE_MAX, supports);
  tx_bytes_printf(&report->text,
                  "\n%" PRIu64 " disagreements, each at the highest rank where the names differ\n", all);
  if (report->opt_evidence) write_summary_supports(report);
}

tx_status tx_label_sources_report(const tx_label_sources *sources, const tx_label_evidence *opt_evidence,
                                  tx_label_trust trust, tx_label_format format, char **ret_text,
                                  tx_error *error)
{
  label_report report = {.sources = sources, .opt_evidence = opt_evidence, .trust = trust};
  tx_status status = TX_OK;
  *ret_text = NULL;
  for (size_t r = 0; r < sources->rank_count && status == TX_OK; r++)
    status = tx_label_sources_agreement(sources, r, &report.agreements[r], error);
  if (status != TX_OK) return status;
  if (format == TX_LABEL_TSV) {
    write_rows(&report);
  } else if (format == TX_LABEL_JSONL) {
    write_json_individuals(&report);
    write_json_summary(&report);
  } else {
    write_summary(&report);
  }
  if (report.text.failed) {
    tx_bytes_free(&report.text);
    return tx_fail_memory(error, "the report");
  }
  *ret_text = report.text.data;
  return TX_OK;
}

/* ---- the table of the labels that stand ---- */

/* What some individual has. */
typedef struct more_columns {
  bool split, sequence;
} more_columns;

static more_columns find_columns(const tx_label_sources *sources)
{
  more_columns found = {false, false};
  for (size_t i = 0; i < sources->count; i++) {
    found.split = found.split || sources->individuals[i].split;
    found.sequence = found.sequence || sources->individuals[i].sequence;
  }
  return found;
}

static void write_header(const tx_label_sources *sources, more_columns more, tx_bytes *text)
{
  tx_bytes_field(text, sources->id_name);
  for (size_t r = 0; r < sources->rank_count; r++) tx_bytes_printf(text, "\t%s", sources->ranks[r]);
  tx_bytes_text(text, "\tID_status\tstate");
  for (size_t r = 0; r < sources->rank_count; r++) tx_bytes_printf(text, "\tother_%s", sources->ranks[r]);
  if (more.split) tx_bytes_text(text, "\tsplit");
  tx_bytes_text(text, more.sequence ? "\tdna_barcode\n" : "\n");
}

static void write_taxa(const tx_label_sources *sources, const tx_individual *own, tx_label_side side,
                       tx_bytes *text)
{
  for (size_t r = 0; r < sources->rank_count; r++) {
    tx_bytes_text(text, "\t");
    if (side < TX_LABEL_SIDES && own->sides[side].taxa[r]) tx_bytes_field(text, own->sides[side].taxa[r]);
  }
}

tx_status tx_label_sources_write(const tx_label_sources *sources, tx_label_trust trust, const char *path,
                                 const volatile int *opt_stop, uint64_t *ret_labelled, tx_error *error)
{
  tx_output *output = NULL;
  tx_bytes text = {0};
  const more_columns more = find_columns(sources);
  tx_status status = tx_output_open(path, opt_stop, &output, error);
  *ret_labelled = 0;
  write_header(sources, more, &text);
  for (size_t i = 0; i < sources->count && status == TX_OK; i++) {
    const tx_individual *own = &sources->individuals[i];
    const tx_label_side used = tx_label_sources_used(sources, i, trust),
                        stands = used == TX_LABEL_SIDES ? trust.side : used,
                        other = stands == TX_LABEL_FIRST ? TX_LABEL_SECOND : TX_LABEL_FIRST;
    *ret_labelled += used != TX_LABEL_SIDES;
    tx_bytes_field(&text, own->id);
    write_taxa(sources, own, used, &text);
    tx_bytes_printf(&text, "\t%s\t%s", side_names[used], tx_label_state_name(own->state));
    write_taxa(sources, own, other, &text);
    if (more.split) {
      tx_bytes_text(&text, "\t");
      tx_bytes_field(&text, own->split ? own->split : "");
    }
    if (more.sequence) {
      tx_bytes_text(&text, "\t");
      tx_bytes_field(&text, own->sequence ? own->sequence : "");
    }
    tx_bytes_text(&text, "\n");
    if (text.failed) status = tx_fail_memory(error, "the labels");
    if (status == TX_OK) status = tx_output_write(output, text.data, text.size, error);
    tx_bytes_clear(&text);
  }
  if (status == TX_OK && text.size) status = tx_output_write(output, text.data, text.size, error);
  tx_bytes_free(&text);
  if (status == TX_OK) return tx_output_commit(output, error);
  tx_output_abort(output);
  return status;
}
