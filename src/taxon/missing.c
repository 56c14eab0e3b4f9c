/* Label texts that mean "no label". */
#include <string.h>
#include <taxamba/labelled.h>

#include "base/text.h"

static bool equals(const char *text, size_t length, const char *word)
{
  for (; length && *word; length--, text++, word++)
    if (tx_text_lower(*text) != *word) return false;
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
  return length > 3 && text[length - 1] == 'p' && text[length - 2] == 's' &&
         (text[length - 3] == ' ' || text[length - 3] == '_');
}

int tx_label_is_missing(const char *text)
{
  static const char *const words[] = {
      "none", "na", "n/a", "nan", "null", "unknown", "not_classified", "not classified"};
  static const char *const beginnings[] = {"unidentified", "unclassified", "unassigned"};
  size_t length;
  size_t prefix = 0;
  if (!text) return 1;
  while (tx_text_is_space(*text)) text++;
  length = strlen(text);
  while (length && tx_text_is_space(text[length - 1])) length--;
  while (prefix < 2 && prefix < length && text[prefix] >= 'a' && text[prefix] <= 'z') prefix++;
  if (prefix && length >= prefix + 2 && text[prefix] == '_' && text[prefix + 1] == '_') {
    /* "s__", "s__unidentified" */
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
