#include "seq/header.h"

#include <string.h>

bool tx_header_is_space(char letter)
{
  return letter == ' ' || letter == '\t' || letter == '\r' || letter == '\v' || letter == '\f' ||
         letter == '\x01';
}

/* Reads the number of a size up to ';' or the end; 0 if it is none, or none that fits. */
static uint64_t read_size(const char *text, const char *end, const char **ret_end)
{
  uint64_t size = 0;
  const char *at = text;
  for (; at < end && *at >= '0' && *at <= '9'; at++) {
    const uint64_t digit = (uint64_t)(*at - '0');
    if (size > (UINT64_MAX - digit) / 10) return 0;
    size = size * 10 + digit;
  }
  *ret_end = at;
  return at == end || *at == ';' ? size : 0;
}

uint64_t tx_header_take_size(char *id, size_t *length, const tx_id_options *options)
{
  static const char key[] = "size=";
  const size_t key_length = sizeof key - 1;
  const char *const end = id + strcspn(id, " "); /* in the first word, whatever the id is */
  for (char *at = id; at && (size_t)(end - at) > key_length; at = memchr(at, ';', (size_t)(end - at))) {
    char *begin = at;
    const char *rest;
    uint64_t size;
    if (*at == ';') at++;
    if ((size_t)(end - at) <= key_length || memcmp(at, key, key_length) != 0) continue;
    size = read_size(at + key_length, end, &rest);
    if (!size) continue;
    if (begin == id && rest < end) rest++; /* the ';' behind it, as there is none before it */
    if (rest + 1 == end && *rest == ';') rest++;
    if (!options->without_size || (begin == id && rest == end)) return size;
    memmove(begin, rest, strlen(rest) + 1);
    *length -= (size_t)(rest - begin);
    return size;
  }
  return 1;
}

bool tx_header_split(char *text, size_t length, const tx_id_options *options, tx_record *record)
{
  char *id = text, *end;
  while (length > 0 && tx_header_is_space(text[length - 1])) length--;
  text[length] = '\0';
  while (tx_header_is_space(*id)) id++;
  if (!*id) return false;
  for (end = id; *end && (options->whole || !tx_header_is_space(*end)); end++)
    if (tx_header_is_space(*end)) *end = ' ';
  record->id = id;
  record->id_length = (size_t)(end - id);
  if (*end) *end++ = '\0';
  while (tx_header_is_space(*end)) end++;
  record->comment = end;
  record->comment_length = (size_t)(text + length - end);
  record->size = tx_header_take_size(id, &record->id_length, options);
  return true;
}
