#include "labelled/missing_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "base/utf8.h"

enum { FILE_MOST = 16 << 20 };

static int compare_fold(const char *a, const char *b)
{
  for (; *a && tx_text_lower(*a) == tx_text_lower(*b); a++, b++) {
  }
  return (unsigned char)tx_text_lower(*a) - (unsigned char)tx_text_lower(*b);
}

static bool is_pattern(const char *name)
{
  return strchr(name, '*') != NULL;
}

/* Makes the text valid UTF-8, as labels are. */
static tx_status make_valid(tx_missing_names *names, size_t length, tx_error *error)
{
  tx_bytes text = {0};
  if (tx_is_ascii(names->text, length)) return TX_OK;
  tx_bytes_utf8(&text, names->text, length);
  free(names->text);
  names->text = text.data;
  return text.failed ? tx_fail_memory(error, "the names that stand for no label") : TX_OK;
}

static int compare_items(const void *left, const void *right)
{
  const char *const *a = left, *const *b = right;
  if (is_pattern(*a) != is_pattern(*b)) return is_pattern(*a) ? 1 : -1;
  return compare_fold(*a, *b);
}

tx_status tx_missing_names_read(const char *path, const volatile int *opt_stop, tx_missing_names *names,
                                tx_error *error)
{
  size_t length = 0, lines = 1;
  tx_status status = tx_read_file(path, FILE_MOST, opt_stop, &names->text, &length, error);
  if (status) return status;
  if (memchr(names->text, '\0', length))
    return tx_fail(error, TX_ERROR_DATA, "%s: a NUL byte: this is no list of names", path);
  status = make_valid(names, length, error);
  if (status) return status;
  for (const char *at = names->text; *at; at++) lines += *at == '\n';
  names->items = calloc(lines, sizeof *names->items);
  if (!names->items) return tx_fail_memory(error, "the names that stand for no label");
  for (char *line = names->text, *next; line; line = next) {
    size_t size = strcspn(line, "\n");
    next = line[size] ? line + size + 1 : NULL;
    line[size] = '\0';
    line = tx_text_fold_blanks(line);
    if (*line && *line != '#') names->items[names->count++] = line;
  }
  if (!names->count) return tx_fail(error, TX_ERROR_DATA, "%s: no name: expected one a line", path);
  qsort(names->items, names->count, sizeof *names->items, compare_items);
  while (names->name_count < names->count && !is_pattern(names->items[names->name_count]))
    names->name_count++;
  return TX_OK;
}

/* Whether the text matches a pattern: after a '*' that has matched too little one more letter is tried. */
static bool matches(const char *pattern, const char *text)
{
  const char *star = NULL, *rest = NULL;
  while (*text) {
    if (*pattern == '*') {
      star = ++pattern;
      rest = text;
    } else if (tx_text_lower(*pattern) == tx_text_lower(*text)) {
      pattern++;
      text++;
    } else if (star) {
      pattern = star;
      text = ++rest;
    } else {
      return false;
    }
  }
  while (*pattern == '*') pattern++;
  return !*pattern;
}

bool tx_missing_names_match(const tx_missing_names *names, const char *label)
{
  size_t low = 0, high = names->name_count;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    const int order = compare_fold(label, names->items[middle]);
    if (order == 0) return true;
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  for (size_t i = names->name_count; i < names->count; i++)
    if (matches(names->items[i], label)) return true;
  return false;
}

void tx_missing_names_free(tx_missing_names *names)
{
  free(names->text);
  free(names->items);
  *names = (tx_missing_names){0};
}

void tx_placeholders_add(tx_placeholders *placeholders, const char *name, uint64_t count)
{
  if (count && !placeholders->count) {
    size_t length = strlen(name), most = sizeof placeholders->first - 1;
    if (length > most) length = most;
    while (length && ((unsigned char)name[length] & 0xC0) == 0x80) length--; /* no half letter of UTF-8 */
    memcpy(placeholders->first, name, length);
  }
  placeholders->count += count;
}
