#include <taxamba/param.h>

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

#define NAME_SIZE 64                  /* longer names have no near misses */
#define EXACT_LIMIT 9007199254740992u /* 2^53: JSON readers convert numbers to doubles */

typedef union value {
  bool flag;
  uint64_t count;
  double real;
  const char *text;
  int choice;
} value;

static const tx_param *find(const tx_param *params, size_t count, const char *name)
{
  for (size_t i = 0; i < count; i++)
    if (!strcmp(params[i].name, name)) return &params[i];
  return NULL;
}

/* Levenshtein distance: insertions, deletions and substitutions; SIZE_MAX for long names. */
static size_t distance(const char *a, const char *b)
{
  size_t row[NAME_SIZE + 1];
  size_t width = strlen(b);
  if (width > NAME_SIZE || strlen(a) > NAME_SIZE) return SIZE_MAX;
  for (size_t j = 0; j <= width; j++) row[j] = j;
  for (size_t i = 0; a[i]; i++) {
    size_t corner = row[0]; /* value above and to the left of row[j] */
    row[0] = i + 1;
    for (size_t j = 1; j <= width; j++) {
      size_t above = row[j];
      size_t best = corner + (a[i] != b[j - 1]);
      if (above + 1 < best) best = above + 1;
      if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
      row[j] = best;
      corner = above;
    }
  }
  return row[width];
}

/* The known name that is closest; NULL when none is similar (at most a third of the letters may differ) and
   none starts with it. */
static const char *closest(const tx_param *params, size_t count, const char *name)
{
  const char *best = NULL;
  size_t least = strlen(name) / 3 + 1;
  for (size_t i = 0; i < count; i++) {
    size_t far = distance(name, params[i].name);
    if (far <= least && (!best || far < least)) {
      best = params[i].name;
      least = far;
    }
  }
  for (size_t i = 0; i < count && !best; i++)
    if (strlen(name) >= 2 && !strncmp(params[i].name, name, strlen(name))) best = params[i].name;
  return best;
}

/* Where a value comes from: the command line (file NULL) or a JSON file. */
typedef struct origin {
  const char *file;
  tx_status code;
} origin;

static tx_status fail_value(const origin *from, const tx_param *param, const char *text, const char *wanted,
                            tx_error *error)
{
  if (from->file)
    return tx_fail(error, from->code, "%s: %s: '%.200s' is not %s", from->file, param->name, text, wanted);
  return tx_fail(error, from->code, "--%s: '%.200s' is not %s", param->name, text, wanted);
}

static tx_status fail_unknown(const origin *from, const tx_param *params, size_t count, const char *name,
                              tx_error *error)
{
  const char *near = closest(params, count, name);
  if (from->file && near)
    return tx_fail(error, from->code,
                   "%s: unknown parameter '%.200s'; did you mean '%s'?",
                   from->file, name, near);
  if (from->file) return tx_fail(error, from->code, "%s: unknown parameter '%.200s'", from->file, name);
  if (near) return tx_fail(error, from->code, "unknown option --%.200s; did you mean --%s?", name, near);
  return tx_fail(error, from->code, "unknown option --%.200s", name);
}

static tx_status check_count(const origin *from, const tx_param *param, uint64_t count, bool exact,
                             const char *text, tx_error *error)
{
  char wanted[128];
  if (exact && (double)count >= param->minimum && (double)count <= param->maximum) return TX_OK;
  snprintf(wanted, sizeof wanted, "a whole number from %.0f to %.0f", param->minimum, param->maximum);
  return fail_value(from, param, text, wanted, error);
}

static tx_status check_real(const origin *from, const tx_param *param, double real, bool exact,
                            const char *text, tx_error *error)
{
  char wanted[128];
  if (exact && isfinite(real) && real >= param->minimum && real <= param->maximum) return TX_OK;
  snprintf(wanted, sizeof wanted, "a number from %g to %g", param->minimum, param->maximum);
  return fail_value(from, param, text, wanted, error);
}

/* Parses decimal digits only: strtoull alone would accept blanks, signs and (negated) negative numbers. */
static bool parse_count(const char *text, uint64_t *ret)
{
  char *end;
  unsigned long long number;
  if (!*text || text[strspn(text, "0123456789")]) return false;
  errno = 0;
  number = strtoull(text, &end, 10);
  *ret = (uint64_t)number;
  return !errno && !*end;
}

/* The word of an index in "a|b|c" and its length, or NULL. */
static const char *choice_word(const char *values, int index, size_t *ret_length)
{
  for (; index >= 0; index--) {
    *ret_length = strcspn(values, "|");
    if (!index) return values;
    if (!values[*ret_length]) break;
    values += *ret_length + 1;
  }
  return NULL;
}

static tx_status fail_choice(const origin *from, const tx_param *param, const char *text, tx_error *error)
{
  char wanted[512];
  size_t used = (size_t)snprintf(wanted, sizeof wanted, "one of ");
  for (const char *at = param->values; *at && used + 3 < sizeof wanted; at++) {
    if (*at == '|') wanted[used++] = ',';
    wanted[used++] = *at == '|' ? ' ' : *at;
  }
  wanted[used] = '\0';
  return fail_value(from, param, text, wanted, error);
}

static tx_status convert(const origin *from, const tx_param *param, const char *text, value *ret,
                         tx_error *error)
{
  bool exact;
  switch (param->type) {
  case TX_PARAM_FLAG:
    ret->flag = !strcmp(text, "true");
    if (!ret->flag && strcmp(text, "false")) return fail_value(from, param, text, "true or false", error);
    return TX_OK;
  case TX_PARAM_COUNT:
    ret->count = 0;
    exact = parse_count(text, &ret->count);
    return check_count(from, param, ret->count, exact, text, error);
  case TX_PARAM_REAL:
    ret->real = 0;
    exact = tx_text_decimal(text, &ret->real);
    return check_real(from, param, ret->real, exact, text, error);
  case TX_PARAM_TEXT:
  case TX_PARAM_LIST:
  case TX_PARAM_INPUT:
  case TX_PARAM_OUTPUT:
  case TX_PARAM_INPUTS:
  case TX_PARAM_OUTPUTS:
  case TX_PARAM_MODEL:
  case TX_PARAM_MODELS:
    ret->text = text;
    if (strlen(text) >= TX_TEXT_SIZE)
      return fail_value(from, param, text,
                        "short enough (at most 4095 bytes)",
                        error);
    return TX_OK;
  case TX_PARAM_CHOICE:
    ret->choice = tx_choice_find(param->values, text);
    return ret->choice < 0 ? fail_choice(from, param, text, error) : TX_OK;
  }
  return tx_fail(error, TX_ERROR_USAGE, "the parameter %s has an unknown type", param->name);
}

/* Stores a value. The fields have the types that param.h specifies for each kind, so that memcpy to their
   offset is right. */
static void store(const tx_param *param, void *object, const value *from)
{
  char *field = (char *)object + param->offset;
  switch (param->type) {
  case TX_PARAM_FLAG:
    memcpy(field, &from->flag, sizeof from->flag);
    break;
  case TX_PARAM_COUNT:
    memcpy(field, &from->count, sizeof from->count);
    break;
  case TX_PARAM_REAL:
    memcpy(field, &from->real, sizeof from->real);
    break;
  case TX_PARAM_TEXT:
  case TX_PARAM_LIST:
  case TX_PARAM_INPUT:
  case TX_PARAM_OUTPUT:
  case TX_PARAM_INPUTS:
  case TX_PARAM_OUTPUTS:
  case TX_PARAM_MODEL:
  case TX_PARAM_MODELS:
    memmove(field, from->text, strlen(from->text) + 1);
    break;
  case TX_PARAM_CHOICE:
    memcpy(field, &from->choice, sizeof from->choice);
    break;
  }
}

static void load(const tx_param *param, const void *object, value *ret)
{
  const char *field = (const char *)object + param->offset;
  memset(ret, 0, sizeof *ret);
  switch (param->type) {
  case TX_PARAM_FLAG:
    memcpy(&ret->flag, field, sizeof ret->flag);
    break;
  case TX_PARAM_COUNT:
    memcpy(&ret->count, field, sizeof ret->count);
    break;
  case TX_PARAM_REAL:
    memcpy(&ret->real, field, sizeof ret->real);
    break;
  case TX_PARAM_TEXT:
  case TX_PARAM_LIST:
  case TX_PARAM_INPUT:
  case TX_PARAM_OUTPUT:
  case TX_PARAM_INPUTS:
  case TX_PARAM_OUTPUTS:
  case TX_PARAM_MODEL:
  case TX_PARAM_MODELS:
    ret->text = field;
    break;
  case TX_PARAM_CHOICE:
    memcpy(&ret->choice, field, sizeof ret->choice);
    break;
  }
}

bool tx_param_is_text(tx_param_type type)
{
  return type == TX_PARAM_TEXT || type == TX_PARAM_LIST || type == TX_PARAM_INPUT ||
         type == TX_PARAM_INPUTS || type == TX_PARAM_OUTPUT || type == TX_PARAM_OUTPUTS ||
         type == TX_PARAM_MODEL || type == TX_PARAM_MODELS;
}

tx_status tx_param_defaults(const tx_param *params, size_t count, void *object, tx_error *error)
{
  const origin table = {.file = NULL, .code = TX_ERROR_USAGE};
  for (size_t i = 0; i < count; i++) {
    value standard;
    tx_status status;
    if (find(params, i, params[i].name))
      return tx_fail(error, TX_ERROR_USAGE,
                     "the parameter %s occurs twice",
                     params[i].name);
    /* The comparison of paths before anything is written (tools/paths.c) uses the kinds: a path must not be
       declared as a text. */
    if (params[i].type == TX_PARAM_TEXT && params[i].values && !strcmp(params[i].values, "FILE"))
      return tx_fail(error, TX_ERROR_USAGE,
                     "the parameter %s is a file: its kind must say whether it is read or written",
                     params[i].name);
    status = convert(&table, &params[i], params[i].standard, &standard, error);
    if (status) return status;
    store(&params[i], object, &standard);
  }
  return TX_OK;
}

tx_status tx_param_set(const tx_param *params, size_t count, void *object, const char *name, const char *text,
                       tx_error *error)
{
  const origin line = {.file = NULL, .code = TX_ERROR_USAGE};
  const tx_param *param = find(params, count, name);
  value given;
  tx_status status;
  if (!param) return fail_unknown(&line, params, count, name, error);
  status = convert(&line, param, text, &given, error);
  if (!status) store(param, object, &given);
  return status;
}

static tx_status fail_type(const origin *from, const tx_param *param, const char *wanted, tx_error *error)
{
  return tx_fail(error, from->code, "%s: %s: must be %s", from->file, param->name, wanted);
}

/* Converts a JSON value, which must have the parameter's own type; only a count above 2^53 is a string of
   digits. */
static tx_status convert_json(const origin *from, const tx_param *param, const tx_json *json, value *ret,
                              tx_error *error)
{
  double number = tx_json_number(json);
  char text[64];
  snprintf(text, sizeof text, "%.17g", number);
  switch (param->type) {
  case TX_PARAM_FLAG:
    if (!tx_json_is_bool(json)) return fail_type(from, param, "true or false", error);
    ret->flag = tx_json_bool(json);
    return TX_OK;
  case TX_PARAM_COUNT:
    if (tx_json_is_string(json)) break;
    if (!tx_json_is_number(json)) return fail_type(from, param, "a whole number", error);
    ret->count = number >= 0 && number <= (double)EXACT_LIMIT ? (uint64_t)number : 0;
    return check_count(from, param, ret->count, (double)ret->count == number, text, error);
  case TX_PARAM_REAL:
    if (!tx_json_is_number(json)) return fail_type(from, param, "a number", error);
    ret->real = number;
    return check_real(from, param, number, true, text, error);
  case TX_PARAM_TEXT:
  case TX_PARAM_LIST:
  case TX_PARAM_INPUT:
  case TX_PARAM_OUTPUT:
  case TX_PARAM_INPUTS:
  case TX_PARAM_OUTPUTS:
  case TX_PARAM_MODEL:
  case TX_PARAM_MODELS:
  case TX_PARAM_CHOICE:
    if (!tx_json_is_string(json)) return fail_type(from, param, "a string", error);
    break;
  }
  return convert(from, param, tx_json_string(json), ret, error);
}

tx_status tx_param_read_file(const char *file, const volatile int *opt_stop, char **ret_text,
                             size_t *ret_length, tx_error *error)
{
  enum { LIMIT = 1 << 20 }; /* a configuration is small: anything larger is some other file */
  return tx_read_file(file, LIMIT, opt_stop, ret_text, ret_length, error);
}

tx_status tx_param_read_json(const tx_param *params, size_t count, void *object, const char *file,
                             const char *json, size_t json_length, tx_error *error)
{
  const origin from = {.file = file, .code = TX_ERROR_DATA};
  tx_json *document = NULL;
  tx_status status = tx_json_parse(json, json_length, file, &document, error);
  if (status) return status;
  if (!tx_json_is_object(document))
    status = tx_fail(error, TX_ERROR_DATA,
                     "%s: must be one JSON object of parameters",
                     file);
  /* All are checked before any is stored: an error leaves the object unchanged. */
  for (int storing = 0; storing < 2; storing++)
    for (const tx_json *item = tx_json_first(document); item && !status; item = tx_json_next(item)) {
      const tx_param *param = find(params, count, tx_json_key(item));
      value given;
      status = param ? convert_json(&from, param, item, &given, error)
                     : fail_unknown(&from, params, count, tx_json_key(item), error);
      if (!status && storing) store(param, object, &given);
    }
  tx_json_free(document);
  return status;
}

/* Formats the shortest decimal that reads back as the same double. */
static int format_real(double real, char *text, size_t size)
{
  char trial[40];
  for (int digits = 1; digits <= 17; digits++) {
    snprintf(trial, sizeof trial, "%.*g", digits, real);
    if (strtod(trial, NULL) == real) break;
  }
  return snprintf(text, size, "%s", trial);
}

int tx_param_format(const tx_param *param, const void *object, char *text, size_t size)
{
  value current;
  const char *word;
  size_t length = 0;
  load(param, object, &current);
  switch (param->type) {
  case TX_PARAM_FLAG:
    return snprintf(text, size, "%s", current.flag ? "true" : "false");
  case TX_PARAM_COUNT:
    return snprintf(text, size, "%" PRIu64, current.count);
  case TX_PARAM_REAL:
    return format_real(current.real, text, size);
  case TX_PARAM_TEXT:
  case TX_PARAM_LIST:
  case TX_PARAM_INPUT:
  case TX_PARAM_OUTPUT:
  case TX_PARAM_INPUTS:
  case TX_PARAM_OUTPUTS:
  case TX_PARAM_MODEL:
  case TX_PARAM_MODELS:
    return snprintf(text, size, "%s", current.text);
  case TX_PARAM_CHOICE:
    word = choice_word(param->values, current.choice, &length);
    return snprintf(text, size, "%.*s", (int)length, word ? word : "");
  }
  return snprintf(text, size, "%s", "");
}

tx_status tx_param_write_json(const tx_param *params, size_t count, const void *object, char **ret_json,
                              tx_error *error)
{
  tx_bytes json = {0};
  *ret_json = NULL;
  tx_bytes_text(&json, "{");
  for (size_t i = 0; i < count; i++) {
    char text[TX_TEXT_SIZE];
    value current;
    bool quoted = tx_param_is_text(params[i].type) || params[i].type == TX_PARAM_CHOICE;
    int length = tx_param_format(&params[i], object, text, sizeof text);
    load(&params[i], object, &current);
    if (params[i].type == TX_PARAM_COUNT && current.count > EXACT_LIMIT) quoted = true;
    if (i) tx_bytes_text(&json, ", ");
    tx_bytes_json_string(&json, params[i].name, strlen(params[i].name));
    tx_bytes_text(&json, ": ");
    if (quoted)
      tx_bytes_json_string(&json, text, (size_t)length);
    else
      tx_bytes_text(&json, text);
  }
  tx_bytes_text(&json, "}");
  if (json.failed) {
    tx_bytes_free(&json);
    return tx_fail_memory(error, "a list of parameters");
  }
  *ret_json = json.data;
  return TX_OK;
}
