/* Parts of the description of a file: lines for people, JSON for programs. */
#ifndef TX_MODEL_DESCRIBE_H
#define TX_MODEL_DESCRIBE_H

#include "base/bytes.h"
#include "base/json.h"

/* Appends a parsed value as JSON on one line: valid whatever the spelling in the file. The parser limits the
   depth. */
void tx_describe_json(tx_bytes *out, const tx_json *value);
/* Appends a key as words: valid_split -> "valid split". */
void tx_describe_words(tx_bytes *out, const char *key);
/* Appends a value for people on one line. */
void tx_describe_inline(tx_bytes *out, const tx_json *value);
/* Appends the label of a line, padded; `key` may come from the file. */
void tx_describe_label(tx_bytes *out, const char *indent, const char *key);
/* Appends one line per entry of a JSON object, one per element for a list of objects (the data files).
   "ranks" is skipped: they have lines of their own. */
void tx_describe_entries(tx_bytes *out, const tx_json *object);

#endif
