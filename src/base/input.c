#include "base/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/gzip.h"
#include "base/memory.h"
#include "base/unpack.h"
#include "base/wait.h"

enum { RAW_SIZE = 65536 };

struct tx_input {
  char *name;
  int descriptor; /* -1 for bytes in memory */
  bool regular;   /* a regular file, or memory: reading never waits */
  tx_input_hooks hooks;
  struct stat opened; /* status of the file when it was opened */
  bool ended;
  tx_status failure; /* status of the first failed read: later ones fail too */
  unsigned char *raw; /* (RAW_SIZE), or all bytes in memory */
  size_t raw_begin, raw_end; /* bytes of `raw` that are not yet taken */
  bool raw_ended;
  bool looked;   /* whether it is compressed has been determined */
  tx_gzip *gzip; /* NULL for other input */
  tx_unpacker *unpacker; /* NULL for other input */
  const tx_unpack_format *format; /* of the unpacker */
  char peeked[TX_INPUT_PEEK_MAX];
  size_t peek_begin, peek_end; /* bytes of `peeked` that are not yet taken */
};

/* Fails with `text`; `number` is an errno, or 0. */
static tx_status fail_input(tx_input *input, tx_error *error, tx_status code, const char *text, int number)
{
  input->failure = number == ENOMEM ? TX_ERROR_MEMORY : code;
  if (number == ENOMEM) return tx_fail_memory(error, input->name);
  if (!number) return tx_fail(error, code, "%s: %s", input->name, text);
  return tx_fail(error, code, "%s: %s: %s", input->name, text, strerror(number));
}

static tx_status fail_packed(tx_input *input, const char *format, tx_error *error)
{
  char text[96];
  snprintf(text, sizeof text, "truncated or corrupt %s data; make or download the file again", format);
  return fail_input(input, error, TX_ERROR_DATA, text, 0);
}

static tx_status fail_unpack(tx_input *input, const tx_unpack_format *format, const char *why,
                             tx_error *error)
{
  char text[160];
  snprintf(text, sizeof text, "%s data, which %s: decompress it first (%s FILE | taxamba ...)", format->name,
           why, format->command);
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

/* Reads bytes as they are in the file, by one read of the system that returns some; *ret_count 0 at the
   end. */
static tx_status read_system(tx_input *input, void *data, size_t size, size_t *ret_count, tx_error *error)
{
  ssize_t count = 0;
  *ret_count = 0;
  if (input->raw_ended) return TX_OK;
  if (size > RAW_SIZE) size = RAW_SIZE;
  do {
    if (!input->regular && !tx_wait_read(input->descriptor, input->hooks.stop)) return TX_STOPPED;
    count = read(input->descriptor, data, size);
  } while (count < 0 && (errno == EINTR || (!input->regular && errno == EAGAIN)));
  if (count < 0) return fail_input(input, error, TX_ERROR_IO, "cannot read", errno);
  input->raw_ended = count == 0; /* a terminal would otherwise be asked for its end twice */
  *ret_count = (size_t)count;
  return TX_OK;
}

/* Reads raw bytes, those that are held first. */
static tx_status read_raw(void *context, void *data, size_t size, size_t *ret_count, tx_error *error)
{
  tx_input *input = context;
  const size_t held = input->raw_end - input->raw_begin;
  if (!held) return read_system(input, data, size, ret_count, error);
  if (size > held) size = held;
  memcpy(data, input->raw + input->raw_begin, size);
  input->raw_begin += size;
  *ret_count = size;
  return TX_OK;
}

/* Holds at least `least` raw bytes, fewer only at the end. Called before the first byte is taken. */
static tx_status hold_raw(tx_input *input, size_t least, tx_error *error)
{
  while (input->raw_end < least && !input->raw_ended) {
    size_t count;
    const tx_status status =
        read_system(input, input->raw + input->raw_end, RAW_SIZE - input->raw_end, &count, error);
    if (status != TX_OK) return status;
    input->raw_end += count;
  }
  return TX_OK;
}

static tx_status open_unpacker(tx_input *input, const tx_unpack_format *format, tx_error *error)
{
  if (!format->create) return fail_unpack(input, format, "this program was built without", error);
  input->format = format;
  input->unpacker = tx_unpacker_create(format, read_raw, input);
  return input->unpacker ? TX_OK : fail_input(input, error, TX_ERROR_MEMORY, "", ENOMEM);
}

static tx_status open_gzip(tx_input *input, tx_error *error)
{
  tx_status status = hold_raw(input, 2, error);
  if (status != TX_OK) return status;
  /* this control character alone is not a text */
  if (input->raw_end == 1) return fail_packed(input, "gzip", error);
  if (input->raw[1] != 0x8B) return TX_OK;
  input->gzip = tx_gzip_create(read_raw, input);
  return input->gzip ? TX_OK : fail_input(input, error, TX_ERROR_MEMORY, "", ENOMEM);
}

/* Determines the format from the content. Waits for no more bytes than that needs. */
static tx_status look_inside(tx_input *input, tx_error *error)
{
  static const tx_unpack_format *const formats[] = {&tx_bzip2_format, &tx_xz_format, &tx_zstd_format};
  tx_status status;
  if (input->looked) return TX_OK;
  status = hold_raw(input, 1, error);
  if (status == TX_OK && input->raw_end && input->raw[0] == 0x1F) status = open_gzip(input, error);
  for (size_t i = 0; status == TX_OK && i < sizeof formats / sizeof *formats; i++) {
    const tx_unpack_format *format = formats[i];
    size_t count = 0;
    while (status == TX_OK && count < format->magic_size && count < input->raw_end &&
           format->matches(input->raw, count + 1)) {
      count++;
      if (count < format->magic_size) status = hold_raw(input, count + 1, error);
    }
    if (status == TX_OK && count == format->magic_size) status = open_unpacker(input, format, error);
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
  input->raw = malloc(RAW_SIZE);
  return input->raw ? TX_OK : fail_input(input, error, TX_ERROR_MEMORY, "", ENOMEM);
}

static tx_status create_input(const char *name, const tx_input_hooks *opt_hooks, tx_input **ret_input,
                              tx_error *error)
{
  tx_input *input = calloc(1, sizeof *input);
  if (input) input->name = tx_copy_text(name, strlen(name));
  if (!input || !input->name) {
    free(input);
    return tx_fail_memory(error, "an input file");
  }
  input->descriptor = -1;
  if (opt_hooks) input->hooks = *opt_hooks;
  *ret_input = input;
  return TX_OK;
}

static tx_status open_memory(tx_input *input, const void *data, size_t size, tx_error *error)
{
  input->raw = malloc(size ? size : 1);
  if (!input->raw) return tx_fail_memory(error, "an input in memory");
  if (size) memcpy(input->raw, data, size);
  input->regular = input->raw_ended = true;
  input->raw_end = size;
  return TX_OK;
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

static void warn_trailing(const tx_input *input, const char *format)
{
  char text[96];
  snprintf(text, sizeof text, "what follows the %s data is no %s and was left out", format, format);
  tx_input_warn(input, text);
}

/* Reports how gzip data ended. */
static tx_status end_gzip(tx_input *input, tx_error *error)
{
  switch (tx_gzip_get_state(input->gzip)) {
  case TX_GZIP_DAMAGED:
    return fail_packed(input, "gzip", error);
  case TX_GZIP_TRAILING:
    warn_trailing(input, "gzip");
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

/* Reports how other compressed data ended. */
static tx_status end_unpacker(tx_input *input, tx_error *error)
{
  switch (tx_unpacker_state(input->unpacker)) {
  case TX_UNPACK_BROKEN:
    return fail_packed(input, input->format->name, error);
  case TX_UNPACK_REFUSED:
    return fail_unpack(input, input->format, "needs more memory than is allowed", error);
  case TX_UNPACK_TRAILING:
    warn_trailing(input, input->format->name);
    break;
  case TX_UNPACK_OPEN:
  case TX_UNPACK_ENDED:
    break;
  }
  return TX_OK;
}

static tx_status read_text(tx_input *input, void *data, size_t size, size_t *ret_count, tx_error *error)
{
  tx_status status = look_inside(input, error);
  if (status != TX_OK) return status;
  status = input->gzip       ? tx_gzip_read(input->gzip, data, size, ret_count, error)
           : input->unpacker ? tx_unpacker_read(input->unpacker, data, size, ret_count, error)
                             : read_raw(input, data, size, ret_count, error);
  if (status != TX_OK || *ret_count) return status;
  if (input->gzip) status = end_gzip(input, error);
  if (input->unpacker) status = end_unpacker(input, error);
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

tx_status tx_input_peek(tx_input *input, size_t least, const char **ret_data, size_t *ret_count,
                        tx_error *error)
{
  tx_status status = TX_OK;
  size_t more = 1;
  if (least > sizeof input->peeked) least = sizeof input->peeked;
  while (status == TX_OK && more && input->peek_end - input->peek_begin < least) {
    input->peek_end -= input->peek_begin;
    memmove(input->peeked, input->peeked + input->peek_begin, input->peek_end);
    input->peek_begin = 0;
    status = read_bytes(input, input->peeked + input->peek_end, sizeof input->peeked - input->peek_end, &more,
                        error);
    input->peek_end += more;
  }
  if (status < TX_OK) input->peek_begin = input->peek_end; /* later reads fail, too */
  *ret_data = input->peeked + input->peek_begin;
  *ret_count = input->peek_end - input->peek_begin;
  return status;
}

void tx_input_close(tx_input *input)
{
  if (!input) return;
  tx_gzip_free(input->gzip);
  tx_unpacker_free(input->unpacker);
  if (input->descriptor >= 0) close(input->descriptor); /* nothing is written: there is nothing to report */
  free(input->raw);
  free(input->name);
  free(input);
}
