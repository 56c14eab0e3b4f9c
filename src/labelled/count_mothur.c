#include "labelled/count_mothur.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

enum { SHARED_LEAD = 3, COUNTS_LEAD = 2 };

bool tx_count_is_mothur_shared(const tx_count_text *text)
{
  char *const *names = text->header.items;
  return text->header.count >= SHARED_LEAD && tx_text_equal_fold(names[0], "label") &&
         tx_text_equal_fold(names[1], "group") && strncmp(names[2], "num", 3) == 0;
}

bool tx_count_is_mothur_counts(const tx_count_text *text)
{
  char *const *names = text->header.items;
  return text->header.count >= COUNTS_LEAD && tx_text_equal_fold(names[0], "representative_sequence") &&
         tx_text_equal_fold(names[1], "total");
}

static tx_status name_columns(tx_count_text *text, size_t lead, const char *what, tx_error *error)
{
  tx_status status = TX_OK;
  if (text->header.count > lead && !*text->header.items[text->header.count - 1]) text->header.count--;
  for (size_t i = lead; i < text->header.count && status == TX_OK; i++)
    status =
        tx_count_builder_name(text->builder, text->builder->columns, text->header.items[i], what, 0, error);
  return status;
}

static tx_status check_fields(const tx_count_text *text, tx_error *error)
{
  if (text->fields.count == text->header.count) return TX_OK;
  return tx_fail_at(error, TX_ERROR_DATA, text->builder->file, tx_lines_number(text->lines), 0,
                    "%zu fields, expected %zu as in the header", text->fields.count, text->header.count);
}

/* Adds the counts in the fields behind the lead of a row. */
static tx_status add_counts(const tx_count_text *text, size_t lead, uint32_t row, tx_error *error)
{
  tx_status status = TX_OK;
  for (size_t i = lead; i < text->fields.count && status == TX_OK; i++) {
    tx_count_entry entry = {row, (uint32_t)(i - lead), 0};
    status = tx_count_text_number(text, text->fields.items[i], &entry.count, error);
    if (status == TX_OK)
      status = tx_count_builder_add(text->builder, &entry, tx_lines_number(text->lines), error);
  }
  return status;
}

tx_status tx_count_read_mothur_shared(tx_count_text *text, tx_error *error)
{
  char *label = NULL;
  tx_status status = name_columns(text, SHARED_LEAD, "OTU", error);
  text->builder->format = "mothur shared";
  text->builder->rows_are_samples = true;
  while (status == TX_OK) {
    const uint32_t row = (uint32_t)tx_names_count(text->builder->rows);
    status = tx_count_text_next(text, text->header.count, error);
    if (status == TX_OK) status = check_fields(text, error);
    if (status != TX_OK) break;
    if (!label) {
      label = tx_copy_text(text->fields.items[0], strlen(text->fields.items[0]));
      if (!label) status = tx_fail_memory(error, "the count table");
    } else if (strcmp(label, text->fields.items[0]) != 0) {
      status = tx_count_text_fail(text, "a second label, ", text->fields.items[0],
                                  ": keep one (mothur: label=...)", error);
    }
    if (status == TX_OK)
      status = tx_count_builder_name(text->builder, text->builder->rows, text->fields.items[1], "sample",
                                     tx_lines_number(text->lines), error);
    if (status == TX_OK) status = add_counts(text, SHARED_LEAD, row, error);
  }
  free(label);
  return status == TX_END ? TX_OK : status;
}

/* The column of a number of the line "#1,NAME 2,NAME": numbers need not begin at 1 or be without gaps. */
typedef struct sparse_groups {
  tx_names *numbers; /* texts of the numbers, in the order of the columns they name */
  uint32_t *columns;
  size_t capacity;
} sparse_groups;

static tx_status add_group(const tx_count_text *text, char *word, sparse_groups *groups, tx_error *error)
{
  const size_t known = tx_names_count(groups->numbers);
  uint32_t number = 0;
  int64_t column;
  char *name = strchr(word, ',');
  tx_status status;
  if (!name)
    return tx_fail(error, TX_ERROR_DATA, "%s: the line of the samples has '%.100s': expected NUMBER,SAMPLE",
                   text->builder->file, word);
  *name++ = '\0';
  column = tx_names_find(text->builder->columns, name, strlen(name));
  if (column < 0)
    return tx_fail(error, TX_ERROR_DATA, "%s: sample '%.100s' is numbered, but not in the header",
                   text->builder->file, name);
  if (!tx_reserve(&groups->columns, &groups->capacity, known + 1, sizeof *groups->columns))
    return tx_fail_memory(error, "the count table");
  groups->columns[known] = (uint32_t)column;
  status = tx_names_add(groups->numbers, word, strlen(word), &number, error);
  if (status == TX_OK && number < known)
    return tx_fail(error, TX_ERROR_DATA, "%s: two samples have the number %.20s", text->builder->file, word);
  return status;
}

static tx_status read_groups(const tx_count_text *text, const char *line, sparse_groups *groups,
                             tx_error *error)
{
  char *copy = tx_copy_text(line + 1, strlen(line + 1));
  tx_status status =
      copy ? tx_names_create(&groups->numbers, error) : tx_fail_memory(error, "the count table");
  for (char *word = copy, *end; status == TX_OK && *word; word = end) {
    end = word + strcspn(word, "\t");
    if (*end) *end++ = '\0';
    if (*word) status = add_group(text, word, groups, error);
  }
  free(copy);
  return status;
}

static tx_status add_sparse(const tx_count_text *text, const sparse_groups *groups, uint32_t row,
                            tx_error *error)
{
  tx_status status = TX_OK;
  for (size_t i = COUNTS_LEAD; i < text->fields.count && status == TX_OK; i++) {
    tx_count_entry entry = {.row = row};
    char *count = strchr(text->fields.items[i], ',');
    int64_t number;
    if (!count) return tx_count_text_fail(text, "", text->fields.items[i], " is not SAMPLE,COUNT", error);
    *count++ = '\0';
    number = tx_names_find(groups->numbers, text->fields.items[i], strlen(text->fields.items[i]));
    if (number < 0)
      return tx_count_text_fail(text, "no sample has the number ", text->fields.items[i], "", error);
    entry.column = groups->columns[number];
    status = tx_count_text_number(text, count, &entry.count, error);
    if (status == TX_OK)
      status = tx_count_builder_add(text->builder, &entry, tx_lines_number(text->lines), error);
  }
  return status;
}

tx_status tx_count_read_mothur_counts(tx_count_text *text, const char *opt_groups, tx_error *error)
{
  /* Without groups the total is the only column. */
  const bool groups_there = text->header.count > COUNTS_LEAD && *text->header.items[COUNTS_LEAD];
  const size_t lead = groups_there ? COUNTS_LEAD : 1;
  sparse_groups groups = {0};
  tx_status status = name_columns(text, lead, "sample", error);
  text->builder->format = opt_groups ? "mothur count_table, sparse" : "mothur count_table";
  if (status == TX_OK && opt_groups) status = read_groups(text, opt_groups, &groups, error);
  while (status == TX_OK) {
    const uint32_t row = (uint32_t)tx_names_count(text->builder->rows);
    status = tx_count_text_next(text, opt_groups ? COUNTS_LEAD : text->header.count, error);
    if (status == TX_OK && !opt_groups) status = check_fields(text, error);
    if (status == TX_OK)
      status = tx_count_builder_name(text->builder, text->builder->rows, text->fields.items[0], "sequence",
                                     tx_lines_number(text->lines), error);
    if (status == TX_OK)
      status = opt_groups ? add_sparse(text, &groups, row, error) : add_counts(text, lead, row, error);
  }
  tx_names_free(groups.numbers);
  free(groups.columns);
  return status == TX_END ? TX_OK : status;
}
