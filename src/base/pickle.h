/* Pickles read as data. A pickle is a program for Python that may call any function; here nothing is called
   and no name is looked up: a call becomes a value that says what would have been called with what, and the
   reader of the values decides which calls it knows (model/pytorch_file.c: those that make tensors). */
#ifndef TX_BASE_PICKLE_H
#define TX_BASE_PICKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

/* Larger pickles are not read; the numbers of a tensor are outside of it. */
#define TX_PICKLE_SIZE_MAX ((size_t)16 << 20)

typedef enum tx_pickle_kind {
  TX_PICKLE_NONE,
  TX_PICKLE_BOOL,
  TX_PICKLE_INTEGER,
  TX_PICKLE_LARGE, /* an integer of more than 64 bits, whose value is not kept */
  TX_PICKLE_REAL,
  TX_PICKLE_TEXT,
  TX_PICKLE_BYTES,
  TX_PICKLE_TUPLE,
  TX_PICKLE_LIST, /* also a set */
  TX_PICKLE_DICT,
  TX_PICKLE_NAME,       /* of a class or function: text is the module, a blank, its name */
  TX_PICKLE_PERSISTENT, /* something outside of the pickle: `function` says what */
  TX_PICKLE_CALL        /* what `function` would have returned for `arguments` */
} tx_pickle_kind;

/* Values may be part of several others, also of themselves. */
typedef struct tx_pickle_value tx_pickle_value;
struct tx_pickle_value {
  tx_pickle_kind kind;
  /* of a tuple, list or dict (keys and values in turn), and what is added to a call that gives one; `count`
     is also the bytes of a text */
  size_t count, capacity;
  const tx_pickle_value **items;
  union {
    int64_t integer; /* also of a bool */
    double real;
    const char *text; /* followed by NUL only in a name; texts and bytes are those of the pickle */
    struct {
      const tx_pickle_value *function, *arguments, *state; /* the last two may be NULL */
    } call;
  } as;
};

typedef struct tx_pickle tx_pickle;

/* Reads a pickle of protocol 2 to 5, which is borrowed until the close. Every length is checked against the
   bytes; memory is bounded by a multiple of `size`. TX_ERROR_DATA names the first operation that is not
   read (those of protocols 0 and 1, of registered extensions, of buffers outside of the pickle) or not
   possible; TX_ERROR_MEMORY. The message does not name the file. */
tx_status tx_pickle_read(const void *data, size_t size, tx_pickle **ret_pickle, tx_error *error);
/* The value of the pickle. */
const tx_pickle_value *tx_pickle_root(const tx_pickle *pickle);
/* The names of classes and functions in the order of their first use, each once; NULL past the end. */
const char *tx_pickle_name(const tx_pickle *pickle, size_t index);
/* NULL is allowed. */
void tx_pickle_close(tx_pickle *pickle);

bool tx_pickle_is_text(const tx_pickle_value *value, const char *text);
/* Whether the value is a call of the function or class of this name ("torch._utils _rebuild_tensor_v2"). */
bool tx_pickle_is_call(const tx_pickle_value *value, const char *name);
/* The last value under a key of a dict, or of a call that gives a dict (collections OrderedDict). NULL if it
   has none. */
const tx_pickle_value *tx_pickle_get(const tx_pickle_value *dict, const char *key);

#endif
