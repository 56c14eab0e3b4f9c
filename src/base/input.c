#include "base/input.h"

#include <errno.h>
#include <fcntl.h>
#include <htslib/hfile.h>
#include <htslib/hts.h>
#include <htslib/hts_log.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/gzip.h"
#include "base/memory.h"
#include "base/wait.h"

struct tx_input {
  char *name;
  int descriptor; /* owned by `raw`; -1 for bytes in memory */
  bool regular;   /* a regular file, or memory: reading never waits */
  tx_input_hooks hooks;
  struct stat opened; /* status of the file when it was opened */
  bool ended;
  tx_status failure; /* status of the first failed read: later ones fail too */
  hFILE *raw;
  bool looked;   /* whether it is gzip has been determined */
  tx_gzip *gzip; /* NULL for plain input */
  char peeked[TX_INPUT_PEEK_MAX];
  size_t peek_begin, peek_end; /* bytes of `peeked` that are not yet taken */
};

/* Turns htslib's messages on standard error off: our errors report the same. This is a setting of the whole
   process, made once, before the first file is opened. */
static void silence(void)
{
  hts_set_log_level(HTS_LOG_OFF);
}

/* Fails with `text`; `number` is an errno, or 0. */
static tx_status fail_input(tx_input *input, tx_error *error, tx_status code, const char *text, int number)
{
  input->failure = number == ENOMEM ? TX_ERROR_MEMORY : code;
  if (number == ENOMEM) return tx_fail_memory(error, input->name);
  if (!number) return tx_fail(error, code, "%s: %s", input->name, text);
  return tx_fail(error, code, "%s: %s: %s", input->name, text, strerror(number));
}

static tx_status fail_gzip(tx_input *input, tx_error *error)
{
  const char *text = "truncated or corrupt gzip data; make or download the file again";
  return fail_input(input, error, TX_ERROR_DATA, text, 0);
}

/* Checks that the file has not changed: a file that is written while it is read is a mixture of two. Its time
   of change shows that it was overwritten in place. */
static tx_status check_unchanged(tx_input *input, tx_error *error)
{
  const struct stat *opened = &input->opened;
  struct stat now;
  if (!input->regular || input->descriptor < 0 || fstat(input->descriptor, &now) != 0) return TX_OK;
  if (now.st_size == opened->st_size && now.st_mtim.tv_sec == opened->st_mtim.tv_sec &&
      now.st_mtim.tv_nsec == opened->st_mtim.tv_nsec)
    return TX_OK;
  return fail_input(input, error, TX_ERROR_IO,
                    "the file changed while it was read; try again when it is complete", 0);
}

/* Number of bytes that hFILE has buffered: its `begin` and `end` are what its own inline hread and hgetc
   use. */
static size_t held(const hFILE *raw)
{
  return (size_t)(raw->end - raw->begin);
}

/* Reads bytes as they are in the file. hread waits until it has everything it is asked for, so it is asked
   for no more than one read of the system returned. */
static tx_status read_raw(void *context, void *data, size_t size, size_t *ret_count, tx_error *error)
{
  tx_input *input = context;
  ssize_t count;
  *ret_count = 0;
  if (!input->regular) {
    if (!held(input->raw)) {
      if (!tx_wait_read(input->descriptor, input->hooks.stop)) return TX_STOPPED;
      count = hpeek(input->raw, data, 1);
      if (count < 0) return fail_input(input, error, TX_ERROR_IO, "cannot read", errno);
    }
    if (size > held(input->raw)) size = held(input->raw);
  }
  count = size ? hread(input->raw, data, size) : 0;
  if (count < 0) return fail_input(input, error, TX_ERROR_IO, "cannot read", errno);
  *ret_count = (size_t)count;
  return TX_OK;
}

/* Shows the first `count` raw bytes without taking them; fewer only at the end. One read of the system at a
   time. */
static tx_status peek_raw(tx_input *input, unsigned char *magic, size_t count, size_t *ret_count,
                          tx_error *error)
{
  size_t most = 0;
  for (size_t asked = 1; asked <= count; asked++) {
    ssize_t got;
    if (!input->regular && held(input->raw) < asked && !tx_wait_read(input->descriptor, input->hooks.stop))
      return TX_STOPPED;
    got = hpeek(input->raw, magic, asked);
    if (got < 0) return fail_input(input, error, TX_ERROR_IO, "cannot read", errno);
    most = (size_t)got;
    if (most < asked) break;
  }
  *ret_count = most;
  return TX_OK;
}

/* Determines the format from the content: gzip's two magic bytes, or plain. Waits for no more bytes than that
   needs. */
static tx_status look_inside(tx_input *input, tx_error *error)
{
  unsigned char magic[2] = {0};
  size_t count;
  tx_status status;
  if (input->looked) return TX_OK;
  status = peek_raw(input, magic, 1, &count, error);
  if (status == TX_OK && count && magic[0] == 0x1F) {
    status = peek_raw(input, magic, sizeof magic, &count, error);
    /* this control character alone is not a text */
    if (status == TX_OK && count == 1) return fail_gzip(input, error);
    if (status == TX_OK && magic[1] == 0x8B) {
      input->gzip = tx_gzip_create(read_raw, input);
      if (!input->gzip) return fail_input(input, error, TX_ERROR_MEMORY, "", ENOMEM);
    }
  }
  if (status == TX_OK) input->looked = true;
  return status;
}

static tx_status open_descriptor(tx_input *input, const char *path, bool standard, tx_error *error)
{
  struct stat status;
  int descriptor;
  /* Opening must not wait for the writer of a named pipe: reading waits for it. */
  do {
    descriptor = standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                          : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) return fail_input(input, error, TX_ERROR_IO, "cannot open", errno);
  if (fstat(descriptor, &status)) {
    int number = errno;
    close(descriptor);
    return fail_input(input, error, TX_ERROR_IO, "cannot read", number);
  }
  if (S_ISDIR(status.st_mode)) {
    close(descriptor);
    return fail_input(input, error, TX_ERROR_IO, "is a directory", 0);
  }
  if (!standard) (void)fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK);
  input->descriptor = descriptor;
  input->regular = S_ISREG(status.st_mode);
  input->opened = status;
  /* Opened by descriptor: hopen would interpret names such as "data:..." or "http:..." as addresses. */
  input->raw = hdopen(descriptor, "r");
  if (!input->raw) {
    int number = errno;
    close(descriptor);
    return fail_input(input, error, TX_ERROR_IO, "cannot open", number);
  }
  return TX_OK;
}

static tx_status create_input(const char *name, const tx_input_hooks *opt_hooks, tx_input **ret_input,
                              tx_error *error)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  tx_input *input = calloc(1, sizeof *input);
  if (input) input->name = tx_copy_text(name, strlen(name));
  if (!input || !input->name) {
    free(input);
    return tx_fail_memory(error, "an input file");
  }
  pthread_once(&once, silence);
  if (opt_hooks) input->hooks = *opt_hooks;
  *ret_input = input;
  return TX_OK;
}

/* Opens bytes in memory. htslib requires a block of its own, which it frees. */
static tx_status open_memory(tx_input *input, const void *data, size_t size, tx_error *error)
{
  char *copy = malloc(size ? size : 1);
  if (!copy) return tx_fail_memory(error, "an input in memory");
  if (size) memcpy(copy, data, size);
  input->regular = true;
  input->descriptor = -1;
  input->raw = hopen("mem:", "r:", copy, size);
  if (input->raw) return TX_OK;
  free(copy);
  return tx_fail_memory(error, "an input in memory");
}

/* Ends every opening, also a failed one. */
static tx_status finish_open(tx_input *input, tx_status status, tx_input **ret_input, tx_error *error)
{
  *ret_input = NULL;
  if (!status) status = look_inside(input, error);
  if (status)
    tx_input_close(input);
  else
    *ret_input = input;
  return status;
}

tx_status tx_input_open_memory(const char *name, const void *data, size_t size, tx_input **ret_input,
                               tx_error *error)
{
  tx_input *input = NULL;
  tx_status status = create_input(name, NULL, &input, error);
  if (!status) status = open_memory(input, data, size, error);
  return finish_open(input, status, ret_input, error);
}

tx_status tx_input_open(const char *path, const tx_input_hooks *opt_hooks, tx_input **ret_input,
                        tx_error *error)
{
  bool standard = !strcmp(path, "-");
  tx_input *input = NULL;
  tx_status status = create_input(standard ? "standard input" : path, opt_hooks, &input, error);
  if (!status) status = open_descriptor(input, path, standard, error);
  return finish_open(input, status, ret_input, error);
}

const char *tx_input_name(const tx_input *input)
{
  return input->name;
}

void tx_input_warn(const tx_input *input, const char *text)
{
  char line[TX_MESSAGE_SIZE];
  if (!input->hooks.warn) return;
  snprintf(line, sizeof line, "%.700s: %s", input->name, text);
  input->hooks.warn(input->hooks.context, line);
}

/* Reports how the compressed input ended. */
static tx_status end_gzip(tx_input *input, tx_error *error)
{
  switch (tx_gzip_get_state(input->gzip)) {
  case TX_GZIP_DAMAGED:
    return fail_gzip(input, error);
  case TX_GZIP_TRAILING:
    tx_input_warn(input, "what follows the gzip data is no gzip and was left out");
    break;
  case TX_GZIP_NO_END_BLOCK:
    tx_input_warn(input,
                  "bgzip data without the empty block that ends it: the file may have been cut between two "
                  "blocks");
    break;
  case TX_GZIP_OPEN:
  case TX_GZIP_ENDED:
    break;
  }
  return TX_OK;
}

static tx_status read_text(tx_input *input, void *data, size_t size, size_t *ret_count, tx_error *error)
{
  tx_status status = look_inside(input, error);
  if (status != TX_OK) return status;
  status = input->gzip ? tx_gzip_read(input->gzip, data, size, ret_count, error)
                       : read_raw(input, data, size, ret_count, error);
  if (status != TX_OK || *ret_count) return status;
  if (input->gzip) status = end_gzip(input, error);
  if (status != TX_OK) return status;
  input->ended = true;
  return check_unchanged(input, error);
}

static tx_status read_bytes(tx_input *input, void *data, size_t size, size_t *ret_count, tx_error *error)
{
  *ret_count = 0;
  if (input->failure) return fail_input(input, error, input->failure, "an earlier read failed", 0);
  if (!size || input->ended) return TX_OK;
  if (size > PTRDIFF_MAX) size = PTRDIFF_MAX;
  return read_text(input, data, size, ret_count, error);
}

tx_status tx_input_read(tx_input *input, void *data, size_t size, size_t *ret_count, tx_error *error)
{
  size_t held_count = input->peek_end - input->peek_begin;
  if (!held_count) return read_bytes(input, data, size, ret_count, error);
  if (size > held_count) size = held_count;
  memcpy(data, input->peeked + input->peek_begin, size);
  input->peek_begin += size;
  *ret_count = size;
  return TX_OK;
}

tx_status tx_input_peek(tx_input *input, const char **ret_data, size_t *ret_count, tx_error *error)
{
  tx_status status = TX_OK;
  if (input->peek_begin == input->peek_end) {
    input->peek_begin = 0;
    status = read_bytes(input, input->peeked, sizeof input->peeked, &input->peek_end, error);
  }
  *ret_data = input->peeked + input->peek_begin;
  *ret_count = input->peek_end - input->peek_begin;
  return status;
}

void tx_input_close(tx_input *input)
{
  if (!input) return;
  tx_gzip_free(input->gzip);
  if (input->raw) hclose_abruptly(input->raw); /* nothing is written, so closing has nothing to report */
  free(input->name);
  free(input);
}

const char *tx_htslib_version(void)
{
  return hts_version();
}
