#include "base/json.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/names.h"

#define COUNT_LIMIT 9007199254740992.0 /* 2^53: whole numbers below it are exact in a double */
#define FEW_KEYS 16

/* Casts to the cJSON type, whose name is used in this file only. */
static const cJSON *to_item(const tx_json *value)
{
  return (const cJSON *)(const void *)value;
}

static const tx_json *from_item(const cJSON *item)
{
  return (const tx_json *)(const void *)item;
}

/* End of the string that starts at text[at] == '"', or 0 when it breaks a rule that cJSON does not check:
   control characters, bytes that are not UTF-8, and the escape \u0000, which would end the string early in
   C. */
static size_t string_end(const char *text, size_t length, size_t at)
{
  at++;
  while (at < length && text[at] != '"') {
    size_t step = tx_utf8_length(text + at, length - at);
    if (!step || (unsigned char)text[at] < 0x20) return 0;
    if (text[at] == '\\') {
      if (length - at >= 6 && !memcmp(text + at, "\\u0000", 6)) return 0;
      step = 2;
    }
    at += step;
  }
  return at < length ? at + 1 : 0;
}

static size_t digits_end(const char *text, size_t length, size_t at)
{
  while (at < length && text[at] >= '0' && text[at] <= '9') at++;
  return at;
}

/* End of the number at text[at], or 0 when it is not valid by RFC 8259 (cJSON accepts everything that strtod
   does: "01", "1.", ".5"). */
static size_t number_end(const char *text, size_t length, size_t at)
{
  size_t start;
  if (text[at] == '-') at++;
  start = at;
  at = digits_end(text, length, at);
  if (at == start || (text[start] == '0' && at > start + 1)) return 0;
  if (at < length && text[at] == '.') {
    start = ++at;
    at = digits_end(text, length, at);
    if (at == start) return 0;
  }
  if (at < length && (text[at] == 'e' || text[at] == 'E')) {
    at++;
    if (at < length && (text[at] == '+' || text[at] == '-')) at++;
    start = at;
    at = digits_end(text, length, at);
    if (at == start) return 0;
  }
  return at;
}

/* Checks the strings and numbers of a text: SIZE_MAX when all are well formed, else the start of the first
   bad one. */
static size_t bad_word(const char *text, size_t length)
{
  size_t at = 0;
  while (at < length) {
    size_t end = at + 1;
    if (text[at] == '"')
      end = string_end(text, length, at);
    else if (text[at] == '-' || (text[at] >= '0' && text[at] <= '9'))
      end = number_end(text, length, at);
    else if (!text[at] || !strchr(" \t\r\n{}[]:,truefalsn", text[at]))
      return at;
    if (!end) return at;
    at = end;
  }
  return SIZE_MAX;
}

static tx_status fail_parse(const char *text, size_t length, size_t at, const char *what, tx_error *error)
{
  uint64_t line = 1;
  if (at > length) at = length;
  for (size_t i = 0; i < at; i++) line += text[i] == '\n';
  /* cJSON gives the last byte both when it is wrong and when more should follow. */
  if (at + 1 >= length) return tx_fail_at(error, TX_ERROR_DATA, what, line, 0, "not valid JSON at its end");
  return tx_fail_at(error, TX_ERROR_DATA, what, line, 0, "not valid JSON near '%.*s'",
                    (int)(length - at < 20 ? length - at : 20), text + at);
}

/* The first key that occurs twice in an object, or NULL. */
static tx_status find_duplicate(const cJSON *object, const char **ret_key, tx_error *error)
{
  tx_names *names = NULL;
  size_t count = 0;
  tx_status status = TX_OK;
  *ret_key = NULL;
  for (const cJSON *child = object->child; child && count <= FEW_KEYS; child = child->next, count++)
    for (const cJSON *other = object->child; other != child; other = other->next)
      if (!strcmp(other->string, child->string)) *ret_key = child->string;
  if (count <= FEW_KEYS || *ret_key) return TX_OK;
  status = tx_names_create(&names, error);
  for (const cJSON *child = object->child; child && !status && !*ret_key; child = child->next) {
    size_t known = tx_names_count(names);
    uint32_t number;
    status = tx_names_add(names, child->string, strlen(child->string), &number, error);
    if (!status && number < known) *ret_key = child->string;
  }
  if (status || !*ret_key) *ret_key = NULL;
  tx_names_free(names);
  return status;
}

/* Checks what cJSON accepts in a parsed document: duplicate keys and numbers too large for a double. cJSON
   limits the depth. */
static tx_status check_item(const cJSON *item, const char *what, tx_error *error)
{
  if (cJSON_IsNumber(item) && !isfinite(item->valuedouble))
    return tx_fail(error, TX_ERROR_DATA, "%s: a number is too large", what);
  if (cJSON_IsObject(item)) {
    const char *key;
    tx_status status = find_duplicate(item, &key, error);
    if (status) return status;
    if (key) return tx_fail(error, TX_ERROR_DATA, "%s: the key '%s' occurs twice", what, key);
  }
  for (const cJSON *child = item->child; child; child = child->next) {
    tx_status status = check_item(child, what, error);
    if (status) return status;
  }
  return TX_OK;
}

tx_status tx_json_parse(const char *text, size_t length, const char *what, tx_json **ret_document,
                        tx_error *error)
{
  const char *end = NULL;
  size_t bad = bad_word(text, length);
  cJSON *document;
  tx_status status;
  *ret_document = NULL;
  if (bad != SIZE_MAX) return fail_parse(text, length, bad, what, error);
  errno = 0; /* the only way to detect that cJSON had no memory */
  document = cJSON_ParseWithLengthOpts(text, length, &end, 0);
  bad = end ? (size_t)(end - text) : 0;
  if (!document && errno == ENOMEM) return tx_fail_memory(error, what);
  if (!document) return fail_parse(text, length, bad, what, error);
  while (bad < length && strchr(" \t\r\n", text[bad])) bad++;
  status = bad < length ? fail_parse(text, length, bad, what, error) : check_item(document, what, error);
  if (status) {
    cJSON_Delete(document);
    return status;
  }
  *ret_document = (tx_json *)(void *)document;
  return TX_OK;
}

void tx_json_free(tx_json *document)
{
  cJSON_Delete((cJSON *)(void *)document);
}

bool tx_json_is_object(const tx_json *value)
{
  return cJSON_IsObject(to_item(value));
}

bool tx_json_is_array(const tx_json *value)
{
  return cJSON_IsArray(to_item(value));
}

bool tx_json_is_string(const tx_json *value)
{
  return cJSON_IsString(to_item(value));
}

bool tx_json_is_number(const tx_json *value)
{
  return cJSON_IsNumber(to_item(value));
}

bool tx_json_is_bool(const tx_json *value)
{
  return cJSON_IsBool(to_item(value));
}

const tx_json *tx_json_first(const tx_json *value)
{
  return value ? from_item(to_item(value)->child) : NULL;
}

const tx_json *tx_json_next(const tx_json *value)
{
  return value ? from_item(to_item(value)->next) : NULL;
}

const char *tx_json_key(const tx_json *value)
{
  return value ? to_item(value)->string : NULL;
}

const tx_json *tx_json_get(const tx_json *object, const char *key)
{
  return tx_json_is_object(object) ? from_item(cJSON_GetObjectItemCaseSensitive(to_item(object), key)) : NULL;
}

const char *tx_json_string(const tx_json *value)
{
  return tx_json_is_string(value) ? to_item(value)->valuestring : NULL;
}

bool tx_json_bool(const tx_json *value)
{
  return cJSON_IsTrue(to_item(value));
}

double tx_json_number(const tx_json *value)
{
  return tx_json_is_number(value) ? to_item(value)->valuedouble : (double)NAN;
}

tx_status tx_json_get_count(const tx_json *object, const char *key, uint64_t minimum, uint64_t maximum,
                            uint64_t *ret, tx_error *error)
{
  const tx_json *value = tx_json_get(object, key);
  double number = tx_json_number(value);
  if (!value) return tx_fail(error, TX_ERROR_DATA, "the key '%s' is missing", key);
  /* The order of the conditions matters: beyond 2^53 (and for NaN) the cast below would be undefined or
     inexact. */
  if (!(number >= 0) || number > COUNT_LIMIT || number != floor(number) || (uint64_t)number < minimum ||
      (uint64_t)number > maximum)
    return tx_fail(error, TX_ERROR_DATA, "'%s' must be a whole number from %" PRIu64 " to %" PRIu64, key,
                   minimum, maximum);
  *ret = (uint64_t)number;
  return TX_OK;
}

tx_status tx_json_get_string(const tx_json *object, const char *key, const char **ret, tx_error *error)
{
  const tx_json *value = tx_json_get(object, key);
  if (!value) return tx_fail(error, TX_ERROR_DATA, "the key '%s' is missing", key);
  if (!tx_json_is_string(value)) return tx_fail(error, TX_ERROR_DATA, "'%s' must be a string", key);
  *ret = tx_json_string(value);
  return TX_OK;
}

const char *tx_cjson_version(void)
{
  return cJSON_Version();
}
