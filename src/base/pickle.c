#include "base/pickle.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/names.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The operations: Python's Lib/pickletools.py describes each. VALUES_MAX: a checkpoint has some thousands. */
enum { CHUNK = 1024, VALUES_MAX = 1 << 19, NAME_SIZE_MAX = 512, PROTOCOL_MAX = 5 };

typedef struct chunk {
  struct chunk *next;
  size_t used;
  tx_pickle_value values[CHUNK];
} chunk;

struct tx_pickle {
  chunk *chunks;
  size_t value_count;
  tx_names *names;
  const tx_pickle_value *root;
};

typedef struct machine {
  const unsigned char *data;
  size_t size, at;
  tx_pickle *pickle;
  tx_pickle_value **stack;
  size_t depth, stack_capacity;
  size_t *marks;
  size_t mark_count, mark_capacity;
  tx_pickle_value **memo; /* NULL where nothing was stored */
  size_t memo_count, memo_capacity;
  bool stopped;
  tx_error *error;
} machine;

typedef struct pickle_operation {
  const char *name;
  tx_status (*run)(machine *m, const struct pickle_operation *operation);
  unsigned bytes;  /* of the number that follows the code */
  unsigned number; /* what else distinguishes operations that one function runs */
} pickle_operation;

static tx_status fail_at(machine *m, const char *what)
{
  return tx_fail(m->error, TX_ERROR_DATA, "its pickle is not valid at byte %zu: %s", m->at, what);
}

static tx_status fail_memory(machine *m)
{
  return tx_fail_memory(m->error, "the values of a pickle");
}

/* ---- values and the stack ---- */

static tx_status push(machine *m, tx_pickle_value *value)
{
  if (!tx_reserve(&m->stack, &m->stack_capacity, m->depth + 1, sizeof *m->stack)) return fail_memory(m);
  m->stack[m->depth++] = value;
  return TX_OK;
}

/* Pushes a new value of the kind. */
static tx_status push_new(machine *m, tx_pickle_kind kind, tx_pickle_value **ret_value)
{
  tx_pickle *pickle = m->pickle;
  if (pickle->value_count == VALUES_MAX) return fail_at(m, "it has more than 524,288 values");
  if (!pickle->chunks || pickle->chunks->used == CHUNK) {
    chunk *added = calloc(1, sizeof *added);
    if (!added) return fail_memory(m);
    added->next = pickle->chunks;
    pickle->chunks = added;
  }
  pickle->value_count++;
  *ret_value = &pickle->chunks->values[pickle->chunks->used++];
  (*ret_value)->kind = kind;
  return push(m, *ret_value);
}

static size_t stack_floor(const machine *m)
{
  return m->mark_count ? m->marks[m->mark_count - 1] : 0;
}

/* Takes the uppermost value; values under the last mark are not in reach. */
static tx_status pop(machine *m, tx_pickle_value **ret_value)
{
  if (m->depth == stack_floor(m)) return fail_at(m, "it takes a value where there is none");
  *ret_value = m->stack[--m->depth];
  return TX_OK;
}

/* The uppermost value, which stays. */
static tx_status top(machine *m, tx_pickle_value **ret_value)
{
  tx_status status = pop(m, ret_value);
  if (status == TX_OK) m->depth++;
  return status;
}

/* Takes the last mark away; the values above it are stack[*ret_first .. depth-1]. */
static tx_status pop_mark(machine *m, size_t *ret_first)
{
  if (m->mark_count == 0) return fail_at(m, "it goes back to a mark where there is none");
  *ret_first = m->marks[--m->mark_count];
  return TX_OK;
}

/* Moves the values from stack[first] on to the end of the items of `value`. */
static tx_status move_items(machine *m, tx_pickle_value *value, size_t first)
{
  const size_t count = m->depth - first;
  if (count == 0) return TX_OK;
  if (!tx_reserve(&value->items, &value->capacity, value->count + count, sizeof *value->items))
    return fail_memory(m);
  for (size_t i = 0; i < count; i++) value->items[value->count++] = m->stack[first + i];
  m->depth = first;
  return TX_OK;
}

/* ---- what follows the code of an operation ---- */

static uint64_t read_number(const unsigned char *at, size_t bytes)
{
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; i++) value |= (uint64_t)at[i] << 8 * i;
  return value;
}

static tx_status take_bytes(machine *m, uint64_t count, const unsigned char **ret_bytes)
{
  if (count > m->size - m->at) return fail_at(m, "it is cut off");
  *ret_bytes = m->data + m->at;
  m->at += (size_t)count;
  return TX_OK;
}

static tx_status take_number(machine *m, unsigned bytes, uint64_t *ret_number)
{
  const unsigned char *at = NULL;
  tx_status status = take_bytes(m, bytes, &at);
  if (status == TX_OK) *ret_number = read_number(at, bytes);
  return status;
}

static tx_status take_line(machine *m, const unsigned char **ret_line, size_t *ret_length)
{
  const unsigned char *line = m->data + m->at, *end = memchr(line, '\n', m->size - m->at);
  if (!end) return fail_at(m, "it is cut off");
  *ret_line = line;
  *ret_length = (size_t)(end - line);
  m->at += *ret_length + 1;
  return TX_OK;
}

/* ---- operations ---- */

static tx_status run_skip(machine *m, const pickle_operation *operation)
{
  uint64_t value = 0;
  tx_status status = take_number(m, operation->bytes, &value);
  if (status == TX_OK && operation->number && value > operation->number)
    return fail_at(m, "it is of a protocol above 5");
  return status;
}

static tx_status run_stop(machine *m, const pickle_operation *operation)
{
  tx_pickle_value *root = NULL;
  tx_status status = pop(m, &root);
  (void)operation;
  if (status != TX_OK) return status;
  if (m->depth || m->mark_count) return fail_at(m, "it ends with more than one value");
  m->pickle->root = root;
  m->stopped = true;
  return TX_OK;
}

static tx_status run_mark(machine *m, const pickle_operation *operation)
{
  (void)operation;
  if (!tx_reserve(&m->marks, &m->mark_capacity, m->mark_count + 1, sizeof *m->marks)) return fail_memory(m);
  m->marks[m->mark_count++] = m->depth;
  return TX_OK;
}

static tx_status run_pop(machine *m, const pickle_operation *operation)
{
  tx_pickle_value *value = NULL;
  (void)operation;
  if (m->depth == stack_floor(m) && m->mark_count) {
    m->mark_count--;
    return TX_OK;
  }
  return pop(m, &value);
}

static tx_status run_pop_mark(machine *m, const pickle_operation *operation)
{
  (void)operation;
  return pop_mark(m, &m->depth);
}

static tx_status run_duplicate(machine *m, const pickle_operation *operation)
{
  tx_pickle_value *value = NULL;
  tx_status status = top(m, &value);
  (void)operation;
  return status == TX_OK ? push(m, value) : status;
}

/* None, and the empty tuple, list, set and dict: operation->number is the kind. */
static tx_status run_empty(machine *m, const pickle_operation *operation)
{
  tx_pickle_value *value = NULL;
  return push_new(m, (tx_pickle_kind)operation->number, &value);
}

static tx_status run_bool(machine *m, const pickle_operation *operation)
{
  tx_pickle_value *value = NULL;
  tx_status status = push_new(m, TX_PICKLE_BOOL, &value);
  if (status == TX_OK) value->as.integer = operation->number;
  return status;
}

/* An integer of a fixed number of bytes; that of 4 has a sign. */
static tx_status run_integer(machine *m, const pickle_operation *operation)
{
  tx_pickle_value *value = NULL;
  uint64_t number = 0;
  tx_status status = take_number(m, operation->bytes, &number);
  if (status == TX_OK) status = push_new(m, TX_PICKLE_INTEGER, &value);
  if (status == TX_OK)
    value->as.integer = operation->bytes == 4 ? (int64_t)(int32_t)(uint32_t)number : (int64_t)number;
  return status;
}

/* An integer that says how many bytes it has, in two's complement. */
static tx_status run_long(machine *m, const pickle_operation *operation)
{
  tx_pickle_value *value = NULL;
  const unsigned char *bytes = NULL;
  uint64_t count = 0;
  tx_status status = take_number(m, operation->bytes, &count);
  if (status == TX_OK) status = take_bytes(m, count, &bytes);
  if (status == TX_OK) status = push_new(m, count > 8 ? TX_PICKLE_LARGE : TX_PICKLE_INTEGER, &value);
  if (status != TX_OK || count > 8 || count == 0) return status;
  value->as.integer = (int64_t)read_number(bytes, (size_t)count);
  if (count < 8 && bytes[count - 1] & 0x80)
    value->as.integer = (int64_t)(read_number(bytes, (size_t)count) | UINT64_MAX << 8 * count);
  return TX_OK;
}

static tx_status run_real(machine *m, const pickle_operation *operation)
{
  tx_pickle_value *value = NULL;
  const unsigned char *bytes = NULL;
  uint64_t bits = 0;
  tx_status status = take_bytes(m, operation->bytes, &bytes);
  if (status == TX_OK) status = push_new(m, TX_PICKLE_REAL, &value);
  if (status != TX_OK) return status;
  for (size_t i = 0; i < 8; i++) bits = bits << 8 | bytes[i];
  memcpy(&value->as.real, &bits, sizeof bits);
  return TX_OK;
}

/* A text or bytes; operation->number is the kind. */
static tx_status run_text(machine *m, const pickle_operation *operation)
{
  tx_pickle_value *value = NULL;
  const unsigned char *bytes = NULL;
  uint64_t count = 0;
  tx_status status = take_number(m, operation->bytes, &count);
  if (status == TX_OK) status = take_bytes(m, count, &bytes);
  if (status == TX_OK) status = push_new(m, (tx_pickle_kind)operation->number, &value);
  if (status != TX_OK) return status;
  value->as.text = (const char *)bytes;
  value->count = (size_t)count;
  return TX_OK;
}

/* A tuple of 1 to 3 values, or with 0 of those above the last mark; also a list or dict of those. */
static tx_status run_collect(machine *m, const pickle_operation *operation)
{
  const tx_pickle_kind kind = (tx_pickle_kind)(operation->number >> 2);
  const size_t fixed = operation->number & 3;
  tx_pickle_value *value = NULL;
  size_t first = 0;
  tx_status status;
  if (fixed == 0) {
    status = pop_mark(m, &first);
    if (status != TX_OK) return status;
  } else {
    if (m->depth - stack_floor(m) < fixed) return fail_at(m, "it takes a value where there is none");
    first = m->depth - fixed;
  }
  status = push_new(m, kind, &value);
  if (status != TX_OK) return status;
  m->depth--;
  if (kind == TX_PICKLE_DICT && (m->depth - first) % 2) return fail_at(m, "a key has no value");
  status = move_items(m, value, first);
  return status == TX_OK ? push(m, value) : status;
}

/* Adds to a list or dict below: 1 or 2 values, or those above the last mark. What is added to a call is kept
   with it: it may give such a value. */
static tx_status run_add(machine *m, const pickle_operation *operation)
{
  const bool pairs = operation->number & 4;
  const size_t fixed = operation->number & 3;
  tx_pickle_value *value = NULL;
  size_t first = 0;
  if (fixed == 0) {
    tx_status status = pop_mark(m, &first);
    if (status != TX_OK) return status;
  } else {
    if (m->depth - stack_floor(m) < fixed) return fail_at(m, "it takes a value where there is none");
    first = m->depth - fixed;
  }
  if (first == stack_floor(m)) return fail_at(m, "it adds to a value where there is none");
  value = m->stack[first - 1];
  if (value->kind != TX_PICKLE_CALL && value->kind != (pairs ? TX_PICKLE_DICT : TX_PICKLE_LIST))
    return fail_at(m, "it adds to what is neither list nor dict");
  if (pairs && (m->depth - first) % 2) return fail_at(m, "a key has no value");
  return move_items(m, value, first);
}

static tx_status push_name(machine *m, const unsigned char *module, size_t module_length,
                           const unsigned char *name, size_t length)
{
  char text[NAME_SIZE_MAX];
  uint32_t number;
  tx_pickle_value *value = NULL;
  tx_status status;
  if (module_length + length + 2 > sizeof text || memchr(module, '\0', module_length) ||
      memchr(name, '\0', length))
    return fail_at(m, "the name of a class is not valid");
  memcpy(text, module, module_length);
  text[module_length] = ' ';
  memcpy(text + module_length + 1, name, length);
  status = tx_names_add(m->pickle->names, text, module_length + 1 + length, &number, m->error);
  if (status == TX_OK) status = push_new(m, TX_PICKLE_NAME, &value);
  if (status == TX_OK) value->as.text = tx_names_key(m->pickle->names, number, &value->count);
  return status;
}

static tx_status run_name(machine *m, const pickle_operation *operation)
{
  const unsigned char *module = NULL, *name = NULL;
  size_t module_length = 0, length = 0;
  tx_status status = take_line(m, &module, &module_length);
  (void)operation;
  if (status == TX_OK) status = take_line(m, &name, &length);
  return status == TX_OK ? push_name(m, module, module_length, name, length) : status;
}

static tx_status run_stack_name(machine *m, const pickle_operation *operation)
{
  tx_pickle_value *module = NULL, *name = NULL;
  tx_status status = pop(m, &name);
  (void)operation;
  if (status == TX_OK) status = pop(m, &module);
  if (status != TX_OK) return status;
  if (module->kind != TX_PICKLE_TEXT || name->kind != TX_PICKLE_TEXT)
    return fail_at(m, "the name of a class is no text");
  return push_name(m, (const unsigned char *)module->as.text, module->count,
                   (const unsigned char *)name->as.text, name->count);
}

/* A call with its arguments; NEWOBJ_EX, with number 1, has named ones above them, which are not kept. */
static tx_status run_call(machine *m, const pickle_operation *operation)
{
  tx_pickle_value *function = NULL, *arguments = NULL, *named = NULL, *value = NULL;
  tx_status status = operation->number ? pop(m, &named) : TX_OK;
  if (status == TX_OK) status = pop(m, &arguments);
  if (status == TX_OK) status = pop(m, &function);
  if (status == TX_OK) status = push_new(m, TX_PICKLE_CALL, &value);
  if (status != TX_OK) return status;
  value->as.call.function = function;
  value->as.call.arguments = arguments;
  return TX_OK;
}

/* The state of an object; that of other values (attributes of a dict) is left out. */
static tx_status run_build(machine *m, const pickle_operation *operation)
{
  tx_pickle_value *state = NULL, *value = NULL;
  tx_status status = pop(m, &state);
  (void)operation;
  if (status == TX_OK) status = top(m, &value);
  if (status == TX_OK && value->kind == TX_PICKLE_CALL) value->as.call.state = state;
  return status;
}

static tx_status run_persistent(machine *m, const pickle_operation *operation)
{
  tx_pickle_value *id = NULL, *value = NULL;
  tx_status status = pop(m, &id);
  (void)operation;
  if (status == TX_OK) status = push_new(m, TX_PICKLE_PERSISTENT, &value);
  if (status == TX_OK) value->as.call.function = id;
  return status;
}

/* Stores the uppermost value under a number, or with no bytes under the next one. */
static tx_status run_store(machine *m, const pickle_operation *operation)
{
  tx_pickle_value *value = NULL;
  uint64_t index = m->memo_count;
  const size_t before = m->memo_count;
  tx_status status = top(m, &value);
  if (status == TX_OK && operation->bytes) status = take_number(m, operation->bytes, &index);
  if (status != TX_OK) return status;
  if (index >= VALUES_MAX) return fail_at(m, "it stores a value under too large a number");
  if (!tx_reserve(&m->memo, &m->memo_capacity, (size_t)index + 1, sizeof *m->memo)) return fail_memory(m);
  for (size_t i = before; i <= index; i++) m->memo[i] = NULL;
  if (index >= m->memo_count) m->memo_count = (size_t)index + 1;
  m->memo[index] = value;
  return TX_OK;
}

static tx_status run_fetch(machine *m, const pickle_operation *operation)
{
  uint64_t index = 0;
  tx_status status = take_number(m, operation->bytes, &index);
  if (status != TX_OK) return status;
  if (index >= m->memo_count || !m->memo[index]) return fail_at(m, "it fetches a value that was not stored");
  return push(m, m->memo[index]);
}

#define COLLECT(kind, fixed) ((unsigned)(kind) << 2 | (fixed))

static const pickle_operation operations[256] = {
    [0x80] = {"PROTO", run_skip, 1, PROTOCOL_MAX},
    [0x95] = {"FRAME", run_skip, 8, 0},
    ['.'] = {"STOP", run_stop, 0, 0},
    ['('] = {"MARK", run_mark, 0, 0},
    ['0'] = {"POP", run_pop, 0, 0},
    ['1'] = {"POP_MARK", run_pop_mark, 0, 0},
    ['2'] = {"DUP", run_duplicate, 0, 0},
    ['N'] = {"NONE", run_empty, 0, TX_PICKLE_NONE},
    [')'] = {"EMPTY_TUPLE", run_empty, 0, TX_PICKLE_TUPLE},
    [']'] = {"EMPTY_LIST", run_empty, 0, TX_PICKLE_LIST},
    ['}'] = {"EMPTY_DICT", run_empty, 0, TX_PICKLE_DICT},
    [0x8f] = {"EMPTY_SET", run_empty, 0, TX_PICKLE_LIST},
    [0x88] = {"NEWTRUE", run_bool, 0, 1},
    [0x89] = {"NEWFALSE", run_bool, 0, 0},
    ['J'] = {"BININT", run_integer, 4, 0},
    ['K'] = {"BININT1", run_integer, 1, 0},
    ['M'] = {"BININT2", run_integer, 2, 0},
    [0x8a] = {"LONG1", run_long, 1, 0},
    [0x8b] = {"LONG4", run_long, 4, 0},
    ['G'] = {"BINFLOAT", run_real, 8, 0},
    ['X'] = {"BINUNICODE", run_text, 4, TX_PICKLE_TEXT},
    [0x8c] = {"SHORT_BINUNICODE", run_text, 1, TX_PICKLE_TEXT},
    [0x8d] = {"BINUNICODE8", run_text, 8, TX_PICKLE_TEXT},
    ['T'] = {"BINSTRING", run_text, 4, TX_PICKLE_TEXT},
    ['U'] = {"SHORT_BINSTRING", run_text, 1, TX_PICKLE_TEXT},
    ['B'] = {"BINBYTES", run_text, 4, TX_PICKLE_BYTES},
    ['C'] = {"SHORT_BINBYTES", run_text, 1, TX_PICKLE_BYTES},
    [0x8e] = {"BINBYTES8", run_text, 8, TX_PICKLE_BYTES},
    [0x96] = {"BYTEARRAY8", run_text, 8, TX_PICKLE_BYTES},
    ['t'] = {"TUPLE", run_collect, 0, COLLECT(TX_PICKLE_TUPLE, 0)},
    [0x85] = {"TUPLE1", run_collect, 0, COLLECT(TX_PICKLE_TUPLE, 1)},
    [0x86] = {"TUPLE2", run_collect, 0, COLLECT(TX_PICKLE_TUPLE, 2)},
    [0x87] = {"TUPLE3", run_collect, 0, COLLECT(TX_PICKLE_TUPLE, 3)},
    ['l'] = {"LIST", run_collect, 0, COLLECT(TX_PICKLE_LIST, 0)},
    [0x91] = {"FROZENSET", run_collect, 0, COLLECT(TX_PICKLE_LIST, 0)},
    ['d'] = {"DICT", run_collect, 0, COLLECT(TX_PICKLE_DICT, 0)},
    ['a'] = {"APPEND", run_add, 0, 1},
    ['e'] = {"APPENDS", run_add, 0, 0},
    [0x90] = {"ADDITEMS", run_add, 0, 0},
    ['s'] = {"SETITEM", run_add, 0, 4 | 2},
    ['u'] = {"SETITEMS", run_add, 0, 4},
    ['c'] = {"GLOBAL", run_name, 0, 0},
    [0x93] = {"STACK_GLOBAL", run_stack_name, 0, 0},
    ['R'] = {"REDUCE", run_call, 0, 0},
    [0x81] = {"NEWOBJ", run_call, 0, 0},
    [0x92] = {"NEWOBJ_EX", run_call, 0, 1},
    ['b'] = {"BUILD", run_build, 0, 0},
    ['Q'] = {"BINPERSID", run_persistent, 0, 0},
    ['q'] = {"BINPUT", run_store, 1, 0},
    ['r'] = {"LONG_BINPUT", run_store, 4, 0},
    [0x94] = {"MEMOIZE", run_store, 0, 0},
    ['h'] = {"BINGET", run_fetch, 1, 0},
    ['j'] = {"LONG_BINGET", run_fetch, 4, 0},
};

static tx_status run(machine *m)
{
  tx_status status = TX_OK;
  while (status == TX_OK && !m->stopped) {
    const pickle_operation *operation;
    if (m->at == m->size) return fail_at(m, "it is cut off");
    operation = &operations[m->data[m->at]];
    if (!operation->run)
      return tx_fail(m->error, TX_ERROR_DATA,
                     "its pickle has the operation 0x%02x at byte %zu, which is not read: only those of "
                     "protocols 2 to 5 that make plain values and tensors",
                     m->data[m->at], m->at);
    m->at++;
    status = operation->run(m, operation);
  }
  return status;
}

tx_status tx_pickle_read(const void *data, size_t size, tx_pickle **ret_pickle, tx_error *error)
{
  machine m = {.data = data, .size = size, .error = error};
  tx_status status;
  if (size > TX_PICKLE_SIZE_MAX)
    return tx_fail(error, TX_ERROR_DATA, "its pickle has %zu bytes, more than the %zu that are read", size,
                   TX_PICKLE_SIZE_MAX);
  m.pickle = calloc(1, sizeof *m.pickle);
  if (!m.pickle) return tx_fail_memory(error, "the values of a pickle");
  status = tx_names_create(&m.pickle->names, error);
  if (status == TX_OK) status = run(&m);
  free(m.stack);
  free(m.marks);
  free(m.memo);
  if (status == TX_OK)
    *ret_pickle = m.pickle;
  else
    tx_pickle_close(m.pickle);
  return status;
}

const tx_pickle_value *tx_pickle_root(const tx_pickle *pickle)
{
  return pickle->root;
}

const char *tx_pickle_name(const tx_pickle *pickle, size_t index)
{
  return index < tx_names_count(pickle->names) ? tx_names_key(pickle->names, (uint32_t)index, NULL) : NULL;
}

void tx_pickle_close(tx_pickle *pickle)
{
  if (!pickle) return;
  while (pickle->chunks) {
    chunk *next = pickle->chunks->next;
    for (size_t i = 0; i < pickle->chunks->used; i++) free(pickle->chunks->values[i].items);
    free(pickle->chunks);
    pickle->chunks = next;
  }
  tx_names_free(pickle->names);
  free(pickle);
}
