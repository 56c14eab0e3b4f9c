/* JSON reading (the only user of cJSON). Getters are strict: wrong type or out of range is an error that
   names the key. Writing goes through tx_bytes_printf and tx_bytes_json_string. */
#ifndef TX_BASE_JSON_H
#define TX_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

typedef struct tx_json tx_json; /* a value inside a document */

/* Parses a whole text, after which only white space may follow. Nesting is limited, duplicate keys are
   errors. `what` names the text in messages. */
tx_status tx_json_parse(const char *text, size_t length, const char *what, tx_json **ret_document,
                        tx_error *error);
void tx_json_free(tx_json *document);

bool tx_json_is_object(const tx_json *value);
bool tx_json_is_array(const tx_json *value);
bool tx_json_is_string(const tx_json *value);
bool tx_json_is_number(const tx_json *value);
bool tx_json_is_bool(const tx_json *value);
/* First child of an object or array, and next sibling; NULL at the end. */
const tx_json *tx_json_first(const tx_json *value);
const tx_json *tx_json_next(const tx_json *value);
const char *tx_json_key(const tx_json *value);     /* key of an object's child */
const tx_json *tx_json_get(const tx_json *object, const char *key); /* case-sensitive, NULL if absent */
const char *tx_json_string(const tx_json *value);  /* NULL if it is not a string */
bool tx_json_bool(const tx_json *value);
double tx_json_number(const tx_json *value);
/* A whole number in minimum..maximum (at most 2^53). TX_ERROR_DATA naming `key` otherwise. */
tx_status tx_json_get_count(const tx_json *object, const char *key, uint64_t minimum, uint64_t maximum,
                            uint64_t *ret, tx_error *error);
tx_status tx_json_get_string(const tx_json *object, const char *key, const char **ret, tx_error *error);
/* The version of cJSON in use. Static storage. */
const char *tx_cjson_version(void);

#endif
