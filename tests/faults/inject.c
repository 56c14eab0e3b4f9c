/* Counting calls and letting one fail; the functions of memory and threads. This needs Linux and glibc. */
#include "inject_calls.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

tx_injection *tx_injection_shared;
char tx_descriptor_names[TX_DESCRIPTORS][TX_PATH_KEPT];
bool tx_descriptor_written[TX_DESCRIPTORS];
__thread bool tx_inject_inside;
__thread bool tx_inject_in_stream;

const char *tx_call_kind_name(tx_call_kind kind)
{
  static const char *const kinds[TX_CALL_KINDS] = {
      "malloc",   "thread", "read",  "write",  "open",   "create", "stat",    "access",   "seek",  "mmap",
      "truncate", "sync",   "close", "rename", "unlink", "mode",   "control", "readlink", "folder"};
  return kinds[kind];
}

uint64_t tx_hash(const void *data, size_t size)
{
  const unsigned char *bytes = data;
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i < size; i++) hash = (hash ^ bytes[i]) * 1099511628211u;
  return hash;
}

void tx_keep_name(char *kept, const char *path)
{
  size_t length = path ? strlen(path) : 0;
  if (length >= TX_PATH_KEPT) length = TX_PATH_KEPT - 1;
  if (length) memcpy(kept, path, length);
  kept[length] = '\0';
}

static void record(tx_call_kind kind, bool writes)
{
  void *frames[TX_FRAMES];
  int count = backtrace(frames, TX_FRAMES);
  unsigned long at = __atomic_fetch_add(&tx_injection_shared->seen_count, 1, __ATOMIC_SEQ_CST);
  if (at >= TX_RECORDS) return;
  tx_injection_shared->seen[at].chain = (uint32_t)tx_hash(frames, (size_t)count * sizeof *frames);
  tx_injection_shared->seen[at].kind = (uint16_t)kind;
  tx_injection_shared->seen[at].writes = writes;
}

int tx_inject_meet(tx_call_kind kind, const char *path, int descriptor, bool writes)
{
  int before = errno;
  unsigned long n;
  if (!tx_injection_shared || tx_inject_inside) return 0;
  tx_inject_inside = true;
  n = __atomic_add_fetch(&tx_injection_shared->calls[kind], 1, __ATOMIC_SEQ_CST);
  if (tx_injection_shared->records) record(kind, writes);
  tx_inject_inside = false;
  errno = before;
  if (tx_injection_shared->plan.kind != kind || tx_injection_shared->plan.n != n) return 0;
  tx_inject_inside = true;
  if (!path && descriptor >= 0 && descriptor < TX_DESCRIPTORS) path = tx_descriptor_names[descriptor];
  tx_keep_name(tx_injection_shared->path, path);
  tx_injection_shared->descriptor = descriptor;
  tx_injection_shared->written =
      descriptor >= 0 && descriptor < TX_DESCRIPTORS && tx_descriptor_written[descriptor];
  tx_injection_shared->stream = tx_inject_in_stream;
  tx_injection_shared->frame_count = backtrace(tx_injection_shared->frames, TX_FRAMES);
  tx_injection_shared->fired = 1;
  if (tx_injection_shared->plan.act == TX_ACT_KILL) raise(SIGKILL);
  tx_inject_inside = false;
  errno = before;
  return tx_injection_shared->plan.act;
}

bool tx_inject_fails(tx_call_kind kind, const char *path, int descriptor, bool writes)
{
  int act = tx_inject_meet(kind, path, descriptor, writes);
  if (act > 0) errno = act;
  return act > 0;
}

void *tx_next_definition(const char *name)
{
  bool before = tx_inject_inside;
  void *found;
  tx_inject_inside = true;
  found = dlsym(RTLD_NEXT, name);
  tx_inject_inside = before;
  return found;
}

/* Memory. The originals are those of glibc, or those of the address sanitizer (TX_WITH_SANITIZER); this file
   itself is built without it, as its functions are called before the sanitizer has set itself up. */
#if TX_WITH_SANITIZER
#define ORIGINAL(name) __interceptor_##name
#else
#define ORIGINAL(name) __libc_##name
#endif
void *ORIGINAL(malloc)(size_t size);
void *ORIGINAL(calloc)(size_t count, size_t size);
void *ORIGINAL(realloc)(void *block, size_t size);
void *ORIGINAL(memalign)(size_t alignment, size_t size);

static bool no_memory(void)
{
  return tx_inject_fails(TX_CALL_MALLOC, NULL, -1, false);
}

void *malloc(size_t size)
{
  return no_memory() ? NULL : ORIGINAL(malloc)(size);
}

void *calloc(size_t count, size_t size)
{
  return no_memory() ? NULL : ORIGINAL(calloc)(count, size);
}

void *realloc(void *block, size_t size)
{
  return no_memory() ? NULL : ORIGINAL(realloc)(block, size);
}

void *reallocarray(void *block, size_t count, size_t size)
{
  if (size && count > SIZE_MAX / size) {
    errno = ENOMEM;
    return NULL;
  }
  return realloc(block, count * size);
}

void *memalign(size_t alignment, size_t size)
{
  return no_memory() ? NULL : ORIGINAL(memalign)(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
  return no_memory() ? NULL : ORIGINAL(memalign)(alignment, size);
}

int posix_memalign(void **ret_block, size_t alignment, size_t size)
{
  int before = errno;
  void *block = no_memory() ? NULL : ORIGINAL(memalign)(alignment, size);
  errno = before;
  if (!block) return ENOMEM;
  *ret_block = block;
  return 0;
}

char *strndup(const char *text, size_t limit)
{
  size_t length = strnlen(text, limit);
  char *copy = malloc(length + 1);
  if (!copy) return NULL;
  memcpy(copy, text, length);
  copy[length] = '\0';
  return copy;
}

char *strdup(const char *text)
{
  return strndup(text, SIZE_MAX - 1);
}

typedef int (*thread_starter)(pthread_t *thread, const pthread_attr_t *attributes, void *(*work)(void *),
                              void *argument);

#if TX_WITH_SANITIZER
int __interceptor_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*work)(void *),
                                 void *argument);
#endif

/* A library that is loaded allocates in its own start, where libgfortran ends the process for want of memory:
   those calls are spared. */
void *dlopen(const char *name, int flags)
{
  void *(*load)(const char *, int);
  void *found = tx_next_definition("dlopen");
  void *handle;
  memcpy(&load, &found, sizeof load);
  tx_inject_inside = true;
  handle = load(name, flags);
  tx_inject_inside = false;
  return handle;
}

#if TX_WITH_SANITIZER
/* The sanitizer asks every new thread for its stack and cannot go on without an answer. */
int pthread_getattr_np(pthread_t thread, pthread_attr_t *ret_attributes)
{
  int result;
  void *found = tx_next_definition("pthread_getattr_np");
  int (*ask)(pthread_t, pthread_attr_t *);
  memcpy(&ask, &found, sizeof ask);
  tx_inject_inside = true;
  result = ask(thread, ret_attributes);
  tx_inject_inside = false;
  return result;
}
#endif

int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attributes,
                   void *(*work)(void *), void *restrict argument)
{
  int act = tx_inject_meet(TX_CALL_THREAD, NULL, -1, false);
  if (act > 0) return act;
#if TX_WITH_SANITIZER
  return __interceptor_pthread_create(thread, attributes, work, argument);
#else
  static thread_starter start;
  if (!start) {
    void *found = tx_next_definition("pthread_create");
    memcpy(&start, &found, sizeof start);
  }
  return start(thread, attributes, work, argument);
#endif
}
