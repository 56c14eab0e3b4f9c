#include "taxon/labels.h"

#include <stdlib.h>
#include <string.h>
#include <taxamba/labelled.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"

static bool is_space(char letter)
{
  return letter == ' ' || (letter >= '\t' && letter <= '\r');
}

/* Locale has no say in what a file means. */
static char lower(char letter)
{
  return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

char *tx_label_trim(char *text, size_t length, size_t *ret_length)
{
  while (length && is_space(text[length - 1])) length--;
  while (length && is_space(*text)) {
    text++;
    length--;
  }
  text[length] = '\0';
  if (ret_length) *ret_length = length;
  return text;
}

bool tx_label_equal_fold(const char *a, const char *b)
{
  while (*a && lower(*a) == lower(*b)) {
    a++;
    b++;
  }
  return lower(*a) == lower(*b);
}

bool tx_label_has_control(const char *text)
{
  for (; *text; text++)
    if (tx_control_length(text)) return true;
  return false;
}

static bool equals(const char *text, size_t length, const char *word)
{
  for (; length && *word; length--, text++, word++)
    if (lower(*text) != *word) return false;
  return !length && !*word;
}

static bool begins(const char *text, size_t length, const char *word)
{
  size_t size = strlen(word);
  return length >= size && equals(text, size, word);
}

static bool holds_incertae_sedis(const char *text, size_t length)
{
  for (; length >= 13; text++, length--) {
    if (!begins(text, length, "incertae")) continue;
    if (begins(text + 8, length - 8, "sedis")) return true;
    if (strchr(" _-.", text[8]) && begins(text + 9, length - 9, "sedis")) return true;
  }
  return false;
}

/* "Apis sp", "Apis_sp" and "Apis sp.": a species nobody named. "Apis sp. 1" has a qualifier and is a name. */
static bool is_unnamed_species(const char *text, size_t length)
{
  if (length && text[length - 1] == '.') length--;
  return length > 3 && text[length - 1] == 'p' && text[length - 2] == 's' && (text[length - 3] == ' ' || text[length - 3] == '_');
}

int tx_label_is_missing(const char *text)
{
  static const char *const words[] = {"none", "na", "n/a", "nan", "null", "unknown", "not_classified", "not classified"};
  static const char *const beginnings[] = {"unidentified", "unclassified", "unassigned"};
  size_t length;
  size_t prefix = 0;
  if (!text) return 1;
  while (is_space(*text)) text++;
  length = strlen(text);
  while (length && is_space(text[length - 1])) length--;
  while (prefix < 2 && prefix < length && text[prefix] >= 'a' && text[prefix] <= 'z') prefix++;
  if (prefix && length >= prefix + 2 && text[prefix] == '_' && text[prefix + 1] == '_') { /* "s__", "s__unidentified" */
    text += prefix + 2;
    length -= prefix + 2;
  }
  if (!length) return 1;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (equals(text, length, words[i])) return 1;
  for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
    if (begins(text, length, beginnings[i])) return 1;
  return is_unnamed_species(text, length) || holds_incertae_sedis(text, length);
}

tx_status tx_words_split(const char *list, const char *what, tx_words *words, tx_error *error)
{
  size_t length = list ? strlen(list) : 0;
  size_t commas = 0;
  char *at;
  memset(words, 0, sizeof *words);
  if (!length) return TX_OK;
  for (size_t i = 0; i < length; i++) commas += list[i] == ',';
  words->text = tx_copy_text(list, length);
  words->items = calloc(commas + 1, sizeof *words->items);
  if (!words->text || !words->items) {
    tx_words_free(words);
    return tx_fail_memory(error, what);
  }
  at = words->text;
  for (size_t i = 0; i <= commas; i++) {
    size_t size = strcspn(at, ",");
    char *next = at + size + 1;
    char *word = tx_label_trim(at, size, &size);
    if (!size || tx_words_contain(words, word)) {
      tx_status status = size ? tx_fail(error, TX_ERROR_USAGE, "%s '%s': '%s' stands there twice", what, list, word)
                              : tx_fail(error, TX_ERROR_USAGE, "%s '%s': there is an empty word between the commas", what, list);
      tx_words_free(words);
      return status;
    }
    words->items[words->count++] = word;
    at = next;
  }
  return TX_OK;
}

bool tx_words_contain(const tx_words *words, const char *word)
{
  for (size_t i = 0; i < words->count; i++)
    if (!strcmp(words->items[i], word)) return true;
  return false;
}

void tx_words_free(tx_words *words)
{
  free(words->text);
  free(words->items);
  memset(words, 0, sizeof *words);
}
