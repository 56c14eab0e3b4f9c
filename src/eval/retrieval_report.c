/* The scores of a retrieval as lines or as JSON. */
#include "eval/retrieval.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/error.h"

static const char *const figure_names[TX_FIGURES] = {"seen", "unseen", "harmonic"};
static const int top_numbers[TX_TOPS] = {1, 3, 5};

/* A figure: "-", or null, where there is no query. */
static void put_figure(tx_bytes *text, const char *before, double figure, bool json)
{
  if (isnan(figure))
    tx_bytes_printf(text, "%s%s", before, json ? "null" : "-");
  else
    tx_bytes_printf(text, json ? "%s%.10g" : "%s%.4f", before, figure);
}

/* The lines of a rank: one for each average and number of nearest keys. */
static void put_lines(const tx_retrieval *own, const tx_retrieval_result *result, size_t rank, tx_bytes *text)
{
  const tx_retrieval_scores *scores = &result->scores[rank];
  for (size_t t = 0; t < TX_TOPS; t++)
    for (int macro = 0; macro < 2; macro++) {
      const double *figures = macro ? scores->macro[t] : scores->micro[t];
      tx_bytes_printf(text, "%s\t%s\t%s\t%d\t%s\t%" PRIu64 "\t%" PRIu64, result->query, result->key,
                      macro ? "macro" : "micro", top_numbers[t], own->ranks[rank], scores->queries[0],
                      scores->queries[1]);
      for (size_t f = 0; f < TX_FIGURES; f++) put_figure(text, "\t", figures[f], false);
      for (size_t f = 0; f < TX_FIGURES && own->resamples; f++) {
        put_figure(text, "\t", macro ? (double)NAN : scores->intervals[t][f].low, false);
        put_figure(text, "\t", macro ? (double)NAN : scores->intervals[t][f].high, false);
      }
      tx_bytes_text(text, "\n");
    }
}

static void put_table(const tx_retrieval *own, tx_bytes *text)
{
  tx_bytes_text(text, "query\tkey\taverage\ttop\trank\tseen_queries\tunseen_queries\tseen\tunseen\tharmonic");
  for (size_t f = 0; f < TX_FIGURES && own->resamples; f++)
    tx_bytes_printf(text, "\t%s_low\t%s_high", figure_names[f], figure_names[f]);
  tx_bytes_text(text, "\n");
  for (size_t i = 0; i < own->result_count; i++)
    for (size_t r = 0; r < own->rank_count; r++) put_lines(own, &own->results[i], r, text);
}

static void put_scores(const tx_retrieval *own, const tx_retrieval_scores *scores, tx_bytes *text)
{
  tx_bytes_printf(text, ",\"seen_queries\":%" PRIu64 ",\"unseen_queries\":%" PRIu64, scores->queries[0],
                  scores->queries[1]);
  for (int macro = 0; macro < 2; macro++)
    for (size_t t = 0; t < TX_TOPS; t++) {
      const double *figures = macro ? scores->macro[t] : scores->micro[t];
      tx_bytes_printf(text, ",\"%s_top%d\":{", macro ? "macro" : "micro", top_numbers[t]);
      for (size_t f = 0; f < TX_FIGURES; f++) {
        tx_bytes_printf(text, "%s\"%s\":", f ? "," : "", figure_names[f]);
        put_figure(text, "", figures[f], true);
      }
      for (size_t f = 0; f < TX_FIGURES && own->resamples && !macro; f++) {
        tx_bytes_printf(text, ",\"%s_interval\":", figure_names[f]);
        put_figure(text, "[", scores->intervals[t][f].low, true);
        put_figure(text, ",", scores->intervals[t][f].high, true);
        tx_bytes_text(text, "]");
      }
      tx_bytes_text(text, "}");
    }
}

static void put_json(const tx_retrieval *own, tx_bytes *text)
{
  tx_bytes_printf(text, "{\"keys\":%zu,\"seen\":%zu,\"unseen\":%zu,\"resamples\":%zu,\"retrieval\":[",
                  own->sets[TX_SET_KEYS].count, own->sets[TX_SET_SEEN].count, own->sets[TX_SET_UNSEEN].count,
                  own->resamples);
  for (size_t i = 0; i < own->result_count; i++) {
    const tx_retrieval_result *result = &own->results[i];
    tx_bytes_printf(text, "%s{\"query\":\"%s\",\"key\":\"%s\",\"ranks\":[", i ? "," : "", result->query,
                    result->key);
    for (size_t r = 0; r < own->rank_count; r++) {
      tx_bytes_text(text, r ? ",{\"rank\":" : "{\"rank\":");
      tx_bytes_json_string(text, own->ranks[r], strlen(own->ranks[r]));
      put_scores(own, &result->scores[r], text);
      tx_bytes_text(text, "}");
    }
    tx_bytes_text(text, "]}");
  }
  tx_bytes_text(text, "]}\n");
}

tx_status tx_retrieval_report(const tx_retrieval *retrieval, bool json, char **ret_text, tx_error *error)
{
  tx_bytes text = {0};
  if (json)
    put_json(retrieval, &text);
  else
    put_table(retrieval, &text);
  if (text.failed) {
    tx_bytes_free(&text);
    return tx_fail_memory(error, "the report");
  }
  *ret_text = text.data;
  return TX_OK;
}
