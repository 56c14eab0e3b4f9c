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

/* Whether the text is the word, or ends with it after a space or '_'; its letter case does not count. */
static bool ends_with_word(const char *text, size_t length, const char *word)
{
  const size_t size = strlen(word);
  if (length < size || !equals(text + length - size, size, word)) return false;
  return length == size || strchr(" _", text[length - size - 1]);
}

/* "Apis sp", "Apis_sp.", "Apis spp.", "Apis indet.": a species nobody named. "Apis sp. 1" has a qualifier and
   is a name. */
static bool is_unnamed_species(const char *text, size_t length)
{
  if (length && text[length - 1] == '.') length--;
  if (length > 3 && (ends_with_word(text, length, "spp") || ends_with_word(text, length, "indet")))
    return true;
  return length > 3 && text[length - 1] == 'p' && text[length - 2] == 's' &&
         (text[length - 3] == ' ' || text[length - 3] == '_');
}

/* "metagenome", "soil metagenome", "environmental samples". */
static bool is_unknown_source(const char *text, size_t length)
{
  return ends_with_word(text, length, "metagenome") || begins(text, length, "environmental sample") ||
         begins(text, length, "environmental_sample");
}

int tx_label_is_missing(const char *text)
{
  static const char *const words[] = {
      "none",           "na",           "n/a",          "nan",     "null", "unknown",        "not_classified",
      "not classified", "not assigned", "not_assigned", "no_name", "n.d.", "ambiguous_taxa", "ambiguous taxa",
      "sp",             "sp.",          "indet",        "indet.",  "?",    "-"};
  static const char *const beginnings[] = {"unidentified", "unclassified", "unassigned", "uncultured",
                                           "undetermined", "unknown "};
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
  return is_unnamed_species(text, length) || is_unknown_source(text, length) ||
         holds_incertae_sedis(text, length);
}
