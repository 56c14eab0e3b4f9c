#include "labelled/assignments.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/lines.h"
#include "base/memory.h"
#include "base/names.h"
#include "base/text.h"

/* The lineage of an ID. */
typedef struct assignment {
  uint64_t line;
  uint32_t lineage;
} assignment;

struct tx_assignments {
  tx_names *ids;
  tx_names *texts; /* texts of lineages, as in the file */
  assignment *of_id;
  size_t id_capacity;
  tx_header header; /* a text that is being read */
  tx_bytes text;    /* its copy */
  const tx_style *style;
  tx_rank_order order;
};

/* Copies a text to where it is read from. */
static bool copy_text(tx_assignments *assignments, const char *text)
{
  tx_bytes_clear(&assignments->text);
  tx_bytes_append(&assignments->text, text, strlen(text));
  assignments->header.text = &assignments->text;
  return !assignments->text.failed;
}

/* Reads a new text: it must be a lineage. The first that is of some style determines that of all. */
static tx_status check_text(tx_assignments *assignments, const char *text, const tx_lines *lines,
                            tx_error *error)
{
  char fault[TX_HEADER_FAULT_SIZE];
  const tx_style *style = assignments->style;
  tx_lineage lineage;
  tx_status status;
  if (!copy_text(assignments, text)) return tx_fail_memory(error, "the taxonomy file");
  if (!style) style = tx_style_detect(&assignments->header);
  if (style->reads) assignments->style = style;
  status = tx_style_read(style->reads ? style : tx_style_of(TX_LABELLED_UNITE), &assignments->header,
                         &lineage, fault);
  if (status == TX_ERROR_MEMORY) return tx_fail_memory(error, "the taxonomy file");
  if (status != TX_OK)
    return tx_fail_at(error, status, tx_lines_name(lines), tx_lines_number(lines), 0, "%s",
                      fault + strspn(fault, ": "));
  tx_rank_order_add(&assignments->order, &lineage);
  return TX_OK;
}

static tx_status add_text(tx_assignments *assignments, const char *text, const tx_lines *lines,
                          uint32_t *ret_number, tx_error *error)
{
  const int64_t known = tx_names_find(assignments->texts, text, strlen(text));
  tx_status status = TX_OK;
  *ret_number = (uint32_t)known;
  if (known < 0) status = check_text(assignments, text, lines, error);
  if (known >= 0 || status != TX_OK) return status;
  return tx_names_add(assignments->texts, text, strlen(text), ret_number, error);
}

static tx_status add_line(tx_assignments *assignments, char *line, const tx_lines *lines, tx_error *error)
{
  size_t known = tx_names_count(assignments->ids);
  uint64_t number = tx_lines_number(lines);
  uint32_t id_number;
  uint32_t lineage;
  tx_status status;
  char *text = strchr(line, '\t');
  char *id;
  if (!text)
    return tx_fail_at(error, TX_ERROR_DATA, tx_lines_name(lines), number, 0,
                      "no tab: expected an ID, a tab and a lineage");
  *text++ = '\0';
  text[strcspn(text, "\t")] = '\0';
  id = tx_text_trim(line, strlen(line), NULL);
  text = tx_text_fold_blanks(text);
  if (tx_text_has_control(id) || tx_text_has_control(text))
    return tx_fail_at(error, TX_ERROR_DATA, tx_lines_name(lines), number, 0, "a control character");
  if (!*id) return tx_fail_at(error, TX_ERROR_DATA, tx_lines_name(lines), number, 0, "the ID is empty");
  status = add_text(assignments, text, lines, &lineage, error);
  if (status) return status;
  if (!tx_reserve(&assignments->of_id, &assignments->id_capacity, known + 1, sizeof *assignments->of_id))
    return tx_fail_memory(error, "the taxonomy file");
  status = tx_names_add(assignments->ids, id, strlen(id), &id_number, error);
  if (status) return status;
  if (id_number == known) {
    assignments->of_id[id_number] = (assignment){number, lineage};
  } else if (assignments->of_id[id_number].lineage != lineage) {
    return tx_fail_at(error, TX_ERROR_DATA, tx_lines_name(lines), number, 0, "ID '%.100s' has another "
        "lineage in line %" PRIu64, id,
                      assignments->of_id[id_number].line);
  }
  return TX_OK;
}

/* Whether the first line names the columns: "#...", "Feature ID ...", "id ...", or a second column that is
   called after what it holds. */
static bool is_header(const char *line)
{
  static const char *const columns[] = {"taxon", "taxid", "taxonomy", "lineage"};
  const char *second = strchr(line, '\t');
  char start[11] = "";
  if (*line == '#') return true;
  strncpy(start, line, 10);
  if (tx_text_equal_fold(start, "feature id") || !strncmp(line, "id\t", 3) || !strncmp(line, "ID\t", 3))
    return true;
  strncpy(start, second ? second + 1 : "", 10);
  start[strcspn(start, "\t")] = '\0';
  for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
    if (tx_text_equal_fold(start, columns[i])) return true;
  return false;
}

static tx_status read_lines(tx_assignments *assignments, tx_lines *lines, tx_skipped *skipped,
                            tx_error *error)
{
  const char *line;
  size_t length;
  tx_status status;
  while (!(status = tx_lines_next(lines, &line, &length, error))) {
    char *copy;
    if (!length || (tx_lines_number(lines) == 1 && is_header(line))) continue;
    copy = tx_copy_text(line, length);
    if (!copy) return tx_fail_memory(error, "the taxonomy file");
    status = add_line(assignments, copy, lines, error);
    free(copy);
    if (status && !tx_skipped_take(skipped, status, error)) return status;
  }
  if (status == TX_END && !tx_names_count(assignments->ids))
    return tx_fail_at(error, TX_ERROR_DATA, tx_lines_name(lines), 0, 0, "there is no line with an ID and a "
        "lineage");
  return status == TX_END ? TX_OK : status;
}

tx_status tx_assignments_read(tx_input *input, const tx_header *header, tx_skipped *skipped,
                              tx_assignments **ret_assignments,
                              tx_error *error)
{
  tx_assignments *assignments = calloc(1, sizeof *assignments);
  tx_lines *lines = NULL;
  tx_status status = tx_lines_adopt(input, &lines, error);
  *ret_assignments = NULL;
  if (!assignments) {
    tx_lines_close(lines);
    return tx_fail_memory(error, "the taxonomy file");
  }
  assignments->header = *header;
  assignments->header.alone = true;
  if (!status) status = tx_names_create(&assignments->ids, error);
  if (!status) status = tx_names_create(&assignments->texts, error);
  if (!status) status = read_lines(assignments, lines, skipped, error);
  tx_lines_close(lines);
  if (status) {
    tx_assignments_free(assignments);
    return status;
  }
  *ret_assignments = assignments;
  return TX_OK;
}

const char *tx_assignments_find(const tx_assignments *assignments, const char *id, size_t id_length)
{
  const int64_t number = tx_names_find(assignments->ids, id, id_length);
  return number < 0 ? NULL : tx_names_key(assignments->texts, assignments->of_id[number].lineage, NULL);
}

const tx_style *tx_assignments_style(const tx_assignments *assignments)
{
  return assignments->style ? assignments->style : tx_style_of(TX_LABELLED_UNITE);
}

const tx_rank_order *tx_assignments_order(const tx_assignments *assignments)
{
  return &assignments->order;
}

void tx_assignments_free(tx_assignments *assignments)
{
  if (!assignments) return;
  tx_names_free(assignments->ids);
  tx_names_free(assignments->texts);
  free(assignments->of_id);
  tx_bytes_free(&assignments->text);
  free(assignments);
}
