/* A comparison as text, as tables and as JSON. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "eval/comparison.h"

enum { SHOWN_NAMES = 12 }; /* of a site, in the summary */
#define NOT_INDIVIDUALS "reads are not individuals"

static const char *side_of(const tx_compared_taxon *taxon)
{
  return !(taxon->reads > 0) ? "specimens" : taxon->specimens > 0 ? "both" : "bulk";
}

/* Whether the classifier knows a taxon; nothing where that was not declared. */
static const char *known_word(const tx_compared_rank *rank, const tx_compared_taxon *taxon)
{
  return !rank->knows ? "" : taxon->known ? "yes" : "no";
}

static void write_lists_row(tx_bytes *text, const char *rank, const char *site, const tx_list_scores *scores,
                            bool counts)
{
  tx_bytes_field(text, rank);
  tx_bytes_text(text, "\t");
  tx_bytes_field(text, site);
  if (counts)
    tx_bytes_printf(text, "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64, scores->both, scores->bulk_only,
                    scores->specimens_only);
  else
    tx_bytes_text(text, "\t\t\t");
  tx_bytes_printf(text, "\t%.6f\t%.6f\t%.6f\t%.6f\n", scores->precision, scores->recall, scores->f1,
                  scores->jaccard);
}

static void write_lists(const tx_comparison *comparison, tx_bytes *text)
{
  tx_bytes_text(text, "rank\tsite\tboth\tbulk_only\tspecimens_only\tprecision\trecall\tF1\tJaccard\n");
  for (size_t r = 0; r < comparison->rank_count; r++) {
    const char *rank = comparison->ranks[r].name;
    tx_list_scores scores;
    for (size_t s = 0; s < comparison->site_count; s++) {
      scores = tx_comparison_list(comparison, r, s);
      write_lists_row(text, rank, tx_comparison_site(comparison, s), &scores, true);
    }
    scores = tx_comparison_micro(comparison, r);
    write_lists_row(text, rank, "all (micro)", &scores, true);
    scores = tx_comparison_macro(comparison, r);
    write_lists_row(text, rank, "all (macro)", &scores, false);
  }
}

static void write_names(const tx_comparison *comparison, tx_bytes *text)
{
  tx_bytes_text(text, "rank\tsite\ttaxon\tin\treads\tspecimens\tknown\n");
  for (size_t r = 0; r < comparison->rank_count; r++)
    for (size_t s = 0; s < comparison->site_count; s++) {
      const tx_compared_taxon *taxa;
      const size_t count = tx_comparison_taxa(comparison, r, s, &taxa);
      for (size_t i = 0; i < count; i++) {
        tx_bytes_field(text, comparison->ranks[r].name);
        tx_bytes_text(text, "\t");
        tx_bytes_field(text, tx_comparison_site(comparison, s));
        tx_bytes_text(text, "\t");
        tx_bytes_field(text, taxa[i].name);
        tx_bytes_printf(text, "\t%s\t%.15g\t%.15g\t%s\n", side_of(&taxa[i]), taxa[i].reads, taxa[i].specimens,
                        known_word(&comparison->ranks[r], &taxa[i]));
      }
    }
}

/* A figure, or nothing where it has no meaning. */
static void write_figure(tx_bytes *text, bool there, double figure)
{
  if (there)
    tx_bytes_printf(text, "\t%.6f", figure);
  else
    tx_bytes_text(text, "\t");
}

static void write_abundance(const tx_comparison *comparison, tx_bytes *text)
{
  tx_bytes_text(text, "rank\tsite\ttaxa\tunassigned_reads\tspearman\tpearson_log1p\tbray_curtis\tnote\n");
  for (size_t r = 0; r < comparison->rank_count; r++)
    for (size_t s = 0; s < comparison->site_count; s++) {
      const tx_abundance_scores scores = tx_comparison_abundance(comparison, r, s);
      tx_bytes_field(text, comparison->ranks[r].name);
      tx_bytes_text(text, "\t");
      tx_bytes_field(text, tx_comparison_site(comparison, s));
      tx_bytes_printf(text, "\t%" PRIu64 "\t%.15g", scores.taxa, tx_comparison_unassigned(comparison, r, s));
      write_figure(text, scores.correlated, scores.spearman);
      write_figure(text, scores.correlated, scores.pearson);
      write_figure(text, scores.shared, scores.bray_curtis);
      tx_bytes_text(text, "\t" NOT_INDIVIDUALS "\n");
    }
}

static void write_json_text(tx_bytes *text, const char *name)
{
  tx_bytes_json_string(text, name, strlen(name));
}

static void write_json_list(tx_bytes *text, const tx_list_scores *scores, bool counts)
{
  if (counts)
    tx_bytes_printf(text, "\"both\":%" PRIu64 ",\"bulk_only\":%" PRIu64 ",\"specimens_only\":%" PRIu64 ",",
                    scores->both, scores->bulk_only, scores->specimens_only);
  tx_bytes_printf(text, "\"precision\":%.17g,\"recall\":%.17g,\"f1\":%.17g,\"jaccard\":%.17g",
                  scores->precision, scores->recall, scores->f1, scores->jaccard);
}

static void write_json_number(tx_bytes *text, const char *name, bool there, double number)
{
  if (there)
    tx_bytes_printf(text, ",\"%s\":%.17g", name, number);
  else
    tx_bytes_printf(text, ",\"%s\":null", name);
}

static void write_json_taxa(const tx_comparison *comparison, size_t rank, size_t site, tx_bytes *text)
{
  const tx_compared_taxon *taxa;
  const size_t count = tx_comparison_taxa(comparison, rank, site, &taxa);
  tx_bytes_text(text, ",\"taxa\":[");
  for (size_t i = 0; i < count; i++) {
    tx_bytes_text(text, i ? ",{\"taxon\":" : "{\"taxon\":");
    write_json_text(text, taxa[i].name);
    tx_bytes_printf(text, ",\"in\":\"%s\",\"reads\":%.17g,\"specimens\":%.17g", side_of(&taxa[i]),
                    taxa[i].reads, taxa[i].specimens);
    if (comparison->ranks[rank].knows)
      tx_bytes_printf(text, ",\"known\":%s", taxa[i].known ? "true" : "false");
    tx_bytes_text(text, "}");
  }
  tx_bytes_text(text, "]");
}

static void write_json_site(const tx_comparison *comparison, size_t rank, size_t site, tx_bytes *text)
{
  const tx_list_scores list = tx_comparison_list(comparison, rank, site);
  const tx_abundance_scores abundance = tx_comparison_abundance(comparison, rank, site);
  tx_bytes_text(text, "{\"site\":");
  write_json_text(text, tx_comparison_site(comparison, site));
  tx_bytes_text(text, ",");
  write_json_list(text, &list, true);
  write_json_taxa(comparison, rank, site, text);
  tx_bytes_printf(text, ",\"unassigned_reads\":%.17g,\"abundance\":{\"taxa\":%" PRIu64,
                  tx_comparison_unassigned(comparison, rank, site), abundance.taxa);
  write_json_number(text, "spearman", abundance.correlated, abundance.spearman);
  write_json_number(text, "pearson_log1p", abundance.correlated, abundance.pearson);
  write_json_number(text, "bray_curtis", abundance.shared, abundance.bray_curtis);
  tx_bytes_text(text, ",\"note\":\"" NOT_INDIVIDUALS "\"}}");
}

static void write_json(const tx_comparison *comparison, tx_bytes *text)
{
  tx_bytes_text(text, "{\"ranks\":[");
  for (size_t r = 0; r < comparison->rank_count; r++) {
    const tx_list_scores micro = tx_comparison_micro(comparison, r);
    const tx_list_scores macro = tx_comparison_macro(comparison, r);
    tx_bytes_text(text, r ? ",\n{\"rank\":" : "\n{\"rank\":");
    write_json_text(text, comparison->ranks[r].name);
    tx_bytes_text(text, ",\"micro\":{");
    write_json_list(text, &micro, true);
    tx_bytes_text(text, "},\"macro\":{");
    write_json_list(text, &macro, false);
    tx_bytes_text(text, "},\"sites\":[");
    for (size_t s = 0; s < comparison->site_count; s++) {
      if (s) tx_bytes_text(text, ",");
      write_json_site(comparison, r, s, text);
    }
    tx_bytes_text(text, "]}");
  }
  tx_bytes_text(text, "]}\n");
}

static void write_text_scores(const tx_comparison *comparison, int width, tx_bytes *text)
{
  tx_bytes_printf(text, "%-*s  mean   both  bulk-only  specimens-only  precision  recall      F1  Jaccard\n",
                  width, "rank");
  for (size_t r = 0; r < comparison->rank_count; r++) {
    const tx_list_scores micro = tx_comparison_micro(comparison, r);
    const tx_list_scores macro = tx_comparison_macro(comparison, r);
    tx_bytes_printf(text,
                    "%-*s  micro  %4" PRIu64 "  %9" PRIu64 "  %14" PRIu64 "  %9.4f  %6.4f  %6.4f  %7.4f\n",
                    width, comparison->ranks[r].name, micro.both, micro.bulk_only, micro.specimens_only,
                    micro.precision, micro.recall, micro.f1, micro.jaccard);
    tx_bytes_printf(text, "%-*s  macro  %4s  %9s  %14s  %9.4f  %6.4f  %6.4f  %7.4f\n", width,
                    comparison->ranks[r].name, "", "", "", macro.precision, macro.recall, macro.f1,
                    macro.jaccard);
  }
}

/* A mean over the sites that have the figure. */
static void write_text_mean(tx_bytes *text, double sum, size_t count, int width)
{
  if (count)
    tx_bytes_printf(text, "  %*.4f", width, sum / (double)count);
  else
    tx_bytes_printf(text, "  %*s", width, "-");
}

static void write_text_abundance(const tx_comparison *comparison, int width, tx_bytes *text)
{
  tx_bytes_printf(text,
                  "\nreads against numbers of specimens, means of the sites (" NOT_INDIVIDUALS ")\n"
                  "%-*s  Spearman  Pearson of log(1 + x)  Bray-Curtis\n",
                  width, "rank");
  for (size_t r = 0; r < comparison->rank_count; r++) {
    double spearman = 0, pearson = 0, bray_curtis = 0;
    size_t correlated = 0, shared = 0;
    for (size_t s = 0; s < comparison->site_count; s++) {
      const tx_abundance_scores scores = tx_comparison_abundance(comparison, r, s);
      correlated += scores.correlated;
      shared += scores.shared;
      spearman += scores.spearman;
      pearson += scores.pearson;
      bray_curtis += scores.bray_curtis;
    }
    tx_bytes_printf(text, "%-*s", width, comparison->ranks[r].name);
    write_text_mean(text, spearman, correlated, 8);
    write_text_mean(text, pearson, correlated, 21);
    write_text_mean(text, bray_curtis, shared, 11);
    tx_bytes_text(text, "\n");
  }
}

/* The names of one side of a site and rank on a line; all of them are in the table of names. */
static void write_text_site(const tx_comparison *comparison, size_t rank, size_t site, const char *side,
                            tx_bytes *text)
{
  const tx_compared_taxon *taxa;
  const size_t count = tx_comparison_taxa(comparison, rank, site, &taxa);
  size_t here = 0;
  for (size_t i = 0; i < count; i++) {
    if (strcmp(side_of(&taxa[i]), side) != 0 || here++ >= SHOWN_NAMES) continue;
    if (here == 1) tx_bytes_plain(text, tx_comparison_site(comparison, site));
    tx_bytes_text(text, here == 1 ? ": " : ", ");
    tx_bytes_plain(text, taxa[i].name);
    if (comparison->ranks[rank].knows && !taxa[i].known && taxa[i].specimens > 0)
      tx_bytes_text(text, " (unknown)");
  }
  if (here > SHOWN_NAMES) tx_bytes_printf(text, " and %zu more", here - SHOWN_NAMES);
  if (here) tx_bytes_text(text, "\n");
}

/* The names of one side of a rank. */
static void write_text_names(const tx_comparison *comparison, size_t rank, const char *side,
                             const char *title, tx_bytes *text)
{
  tx_bytes lines = {0};
  for (size_t s = 0; s < comparison->site_count; s++) write_text_site(comparison, rank, s, side, &lines);
  if (lines.failed) text->failed = true;
  if (lines.size) {
    tx_bytes_printf(text, "\n%s %s\n", comparison->ranks[rank].name, title);
    tx_bytes_append(text, lines.data, lines.size);
  }
  tx_bytes_free(&lines);
}

static void write_text(const tx_comparison *comparison, tx_bytes *text)
{
  size_t named = comparison->rank_count - 1; /* the rank whose names are shown: species, if it is there */
  int width = 4;
  for (size_t r = 0; r < comparison->rank_count; r++) {
    const size_t length = strlen(comparison->ranks[r].name);
    if (strcmp(comparison->ranks[r].name, "species") == 0) named = r;
    if (length > (size_t)width && length < 64) width = (int)length;
  }
  tx_bytes_printf(text, "%zu sites\n", comparison->site_count);
  write_text_scores(comparison, width, text);
  write_text_abundance(comparison, width, text);
  write_text_names(
      comparison, named, "specimens",
      comparison->ranks[named].knows ? "missed (unknown: the classifier cannot call it)" : "missed", text);
  write_text_names(comparison, named, "bulk", "in the bulk sample only", text);
}

static tx_status write_part(const tx_comparison *comparison, tx_comparison_part part, tx_bytes *text,
                            tx_error *error)
{
  static void (*const writers[])(const tx_comparison *, tx_bytes *) = {write_text, write_lists, write_names,
                                                                       write_abundance, write_json};
  if (!comparison->finished) return tx_fail(error, TX_ERROR_USAGE, "the comparison has not been finished");
  writers[part](comparison, text);
  return text->failed ? tx_fail_memory(error, "the comparison") : TX_OK;
}

tx_status tx_comparison_report(const tx_comparison *comparison, tx_comparison_part part, char **ret_text,
                               tx_error *error)
{
  tx_bytes text = {0};
  const tx_status status = write_part(comparison, part, &text, error);
  *ret_text = NULL;
  if (status == TX_OK)
    *ret_text = text.data;
  else
    tx_bytes_free(&text);
  return status;
}

tx_status tx_comparison_write(const tx_comparison *comparison, const char *prefix,
                              const volatile int *opt_stop, tx_error *error)
{
  static const struct {
    tx_comparison_part part;
    const char *suffix;
  } files[] = {{TX_COMPARISON_LISTS, ".lists.tsv"},
               {TX_COMPARISON_NAMES, ".names.tsv"},
               {TX_COMPARISON_ABUNDANCE, ".abundance.tsv"},
               {TX_COMPARISON_JSON, ".json"}};
  enum { FILES = sizeof files / sizeof *files };
  tx_output *outputs[FILES] = {NULL};
  tx_status status = TX_OK;
  for (size_t f = 0; f < FILES && status == TX_OK; f++) {
    tx_bytes path = {0}, text = {0};
    tx_bytes_printf(&path, "%s%s", prefix, files[f].suffix);
    if (path.failed) status = tx_fail_memory(error, "a name");
    if (status == TX_OK) status = write_part(comparison, files[f].part, &text, error);
    if (status == TX_OK) status = tx_output_open(path.data, opt_stop, &outputs[f], error);
    if (status == TX_OK) status = tx_output_write(outputs[f], text.data, text.size, error);
    tx_bytes_free(&path);
    tx_bytes_free(&text);
  }
  if (status == TX_OK) return tx_outputs_commit(outputs, FILES, error);
  for (size_t f = 0; f < FILES; f++) tx_output_abort(outputs[f]);
  return status;
}
