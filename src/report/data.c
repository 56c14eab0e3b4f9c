#include "report/data.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the report");
}

void *tx_report_grow(void *array_pointer, size_t *count, size_t *capacity, size_t size)
{
  char *array;
  if (!tx_reserve(array_pointer, capacity, *count + 1, size)) return NULL;
  memcpy(&array, array_pointer, sizeof array);
  memset(array + *count * size, 0, size);
  return array + (*count)++ * size;
}

tx_status tx_report_reach(void *array_pointer, size_t *capacity, size_t number, size_t size, int fill,
                          tx_error *error)
{
  const size_t before = *capacity;
  char *array;
  if (number < before) return TX_OK;
  if (!tx_reserve(array_pointer, capacity, number + 1, size)) return out_of_memory(error);
  memcpy(&array, array_pointer, sizeof array);
  memset(array + before * size, fill, (*capacity - before) * size);
  return TX_OK;
}

tx_status tx_report_id(tx_result_report *report, const char *id, size_t length, uint32_t *ret_id,
                       tx_error *error)
{
  return tx_names_add(report->ids, id, length, ret_id, error);
}

int tx_report_find_rank(char *const *ranks, size_t count, const char *name)
{
  for (size_t r = 0; r < count; r++)
    if (strcmp(ranks[r], name) == 0) return (int)r;
  return -1;
}

size_t tx_report_chosen_rank(const tx_result_report *report, char *const *ranks, size_t count)
{
  const int at = report->rank ? tx_report_find_rank(ranks, count, report->rank) : -1;
  return at >= 0 ? (size_t)at : count ? count - 1 : 0;
}

const char *tx_report_taxon(const tx_result_report *report, uint32_t number)
{
  return number == TX_REPORT_NONE ? "" : tx_names_key(report->taxa, number, NULL);
}

bool tx_report_has_calls(const tx_result_report *report, bool scored)
{
  for (size_t i = 0; i < report->calls_count; i++)
    if (report->calls[i].scored == scored) return true;
  return false;
}

tx_status tx_report_set_good_lengths(tx_result_report *report, size_t shortest, size_t longest,
                                     const char *what, tx_error *error)
{
  report->good_shortest = shortest;
  report->good_longest = longest;
  free(report->good_what);
  report->good_what = what && *what ? tx_copy_text(what, strlen(what)) : NULL;
  return report->good_what || !what || !*what ? TX_OK : out_of_memory(error);
}
