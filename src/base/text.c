#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"

bool tx_text_is_space(char letter)
{
  return letter == ' ' || (letter >= '\t' && letter <= '\r');
}

char tx_text_lower(char letter)
{
  return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

char *tx_text_trim(char *text, size_t length, size_t *ret_length)
{
  while (length && tx_text_is_space(text[length - 1])) length--;
  while (length && tx_text_is_space(*text)) {
    text++;
    length--;
  }
  text[length] = '\0';
  if (ret_length) *ret_length = length;
  return text;
}

char *tx_text_fold_blanks(char *text)
{
  char *from = tx_text_trim(text, strlen(text), NULL), *to = from;
  text = from;
  while (*from) {
    const bool space = tx_text_is_space(*from);
    *to++ = space ? ' ' : *from;
    from++;
    while (space && tx_text_is_space(*from)) from++;
  }
  *to = '\0';
  return text;
}

bool tx_text_equal_fold(const char *a, const char *b)
{
  while (*a && tx_text_lower(*a) == tx_text_lower(*b)) {
    a++;
    b++;
  }
  return tx_text_lower(*a) == tx_text_lower(*b);
}

bool tx_text_has_control(const char *text)
{
  for (; *text; text++)
    if (tx_control_length(text)) return true;
  return false;
}

bool tx_text_decimal(const char *text, double *ret_value)
{
  char *end;
  if (!*text || text[strspn(text, "0123456789+-.eE")]) return false;
  *ret_value = strtod(text, &end);
  return end != text && !*end;
}

int tx_choice_find(const char *values, const char *text)
{
  size_t length = strlen(text);
  for (int index = 0; length; index++) {
    size_t size = strcspn(values, "|");
    if (size == length && !memcmp(values, text, size)) return index;
    if (!values[size]) break;
    values += size + 1;
  }
  return -1;
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
    char *word = tx_text_trim(at, size, &size);
    if (!size || tx_words_contain(words, word)) {
      tx_status status =
          size ? tx_fail(error, TX_ERROR_USAGE, "%s '%s': '%s' occurs twice", what, list, word)
               : tx_fail(error, TX_ERROR_USAGE,
                         "%s '%s': there is an empty word between the commas",
                         what, list);
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
