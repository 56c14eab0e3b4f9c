#include "base/input.h"

#include <errno.h>
#include <fcntl.h>
#include <htslib/bgzf.h>
#include <htslib/hfile.h>
#include <htslib/hts.h>
#include <htslib/hts_log.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"

#define GZIP_HEADER_SIZE 18 /* what BGZF looks at; a whole gzip file is never smaller */
#define LINE_BUFFER_SIZE 131072

struct tx_input {
  char *name;
  int descriptor; /* owned by `raw`; -1 for bytes in memory */
  bool regular;   /* a regular file: reading never waits */
  struct stat opened; /* the file as it was then */
  bool ended;
  tx_status failure; /* of the first failed read: later ones fail too */
  hFILE *raw;        /* owned by `gzip` once that is there */
  BGZF *gzip;        /* NULL for plain input */
  char peeked[TX_INPUT_PEEK_MAX];
  size_t peek_begin, peek_end; /* what of `peeked` is not yet taken */
};

/* htslib prints what it finds wrong on standard error; our errors say it already. This is a setting of the whole process,
   made once, before the first file is opened. */
static void silence(void)
{
  hts_set_log_level(HTS_LOG_OFF);
}

/* `number` is an errno, or 0. */
static tx_status fail_input(tx_input *input, tx_error *error, tx_status code, const char *text, int number)
{
  input->failure = number == ENOMEM ? TX_ERROR_MEMORY : code;
  if (number == ENOMEM) return tx_fail_memory(error, input->name);
  if (!number) return tx_fail(error, code, "%s: %s", input->name, text);
  return tx_fail(error, code, "%s: %s: %s", input->name, text, strerror(number));
}

/* htslib answers damage and lack of memory alike; the callers set errno to 0 before they ask it, so that it tells. */
static tx_status fail_gzip(tx_input *input, tx_error *error)
{
  const char *text = "truncated or corrupt gzip data; make or download the file again";
  return fail_input(input, error, TX_ERROR_DATA, text, errno == ENOMEM ? ENOMEM : 0);
}

/* A file that is written while it is read is a mixture of two. Its time tells one that was written over in
   place. */
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

/* Waits for bytes on a descriptor that another process may have made non-blocking. */
static void wait_ready(const tx_input *input)
{
  struct pollfd wait = {.fd = input->descriptor, .events = POLLIN};
  if (!input->regular) (void)poll(&wait, 1, -1);
}

/* Bytes that hFILE holds already: its `begin` and `end` are what its own inline hread and hgetc work on. */
static size_t held(const hFILE *raw)
{
  return (size_t)(raw->end - raw->begin);
}

/* The content decides: gzip's two magic bytes, or plain. No more bytes are waited for than the answer needs. */
static tx_status look_inside(tx_input *input, tx_error *error)
{
  unsigned char magic[GZIP_HEADER_SIZE];
  ssize_t count;
  wait_ready(input);
  errno = 0;
  count = hpeek(input->raw, magic, 1);
  if (count == 1 && magic[0] == 0x1F) {
    count = hpeek(input->raw, magic, 2);
    if (count == 1) return fail_gzip(input, error); /* no text is this one control character */
    if (count == 2 && magic[1] == 0x8B) {
      count = hpeek(input->raw, magic, sizeof magic);
      /* BGZF takes a shorter file for plain text. */
      if (count >= 0 && count < GZIP_HEADER_SIZE) return fail_gzip(input, error);
      if (count >= 0) {
        errno = 0;
        input->gzip = bgzf_hopen(input->raw, "r");
        if (!input->gzip) return fail_gzip(input, error);
        if (!bgzf_compression(input->gzip)) return fail_gzip(input, error); /* the magic, but no method htslib knows */
      }
    }
  }
  if (count < 0) return fail_input(input, error, TX_ERROR_IO, "cannot read", errno);
  return TX_OK;
}

static tx_status open_descriptor(tx_input *input, const char *path, bool standard, tx_error *error)
{
  struct stat status;
  int descriptor;
  do {
    descriptor = standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
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
  input->descriptor = descriptor;
  input->regular = S_ISREG(status.st_mode);
  input->opened = status;
  /* Opened by number: hopen would take names such as "data:..." or "http:..." for addresses. */
  input->raw = hdopen(descriptor, "r");
  if (!input->raw) {
    int number = errno;
    close(descriptor);
    return fail_input(input, error, TX_ERROR_IO, "cannot open", number);
  }
  return TX_OK;
}

static tx_status create_input(const char *name, tx_input **ret_input, tx_error *error)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  tx_input *input = calloc(1, sizeof *input);
  if (input) input->name = tx_copy_text(name, strlen(name));
  if (!input || !input->name) {
    free(input);
    return tx_fail_memory(error, "an input file");
  }
  pthread_once(&once, silence);
  *ret_input = input;
  return TX_OK;
}

/* htslib's file in memory wants a block of its own, which it frees. */
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

tx_status tx_input_open_memory(const char *name, const void *data, size_t size, tx_input **ret_input, tx_error *error)
{
  tx_input *input = NULL;
  tx_status status = create_input(name, &input, error);
  *ret_input = NULL;
  if (!status) status = open_memory(input, data, size, error);
  if (!status) status = look_inside(input, error);
  if (status) {
    tx_input_close(input);
    return status;
  }
  *ret_input = input;
  return TX_OK;
}

tx_status tx_input_open(const char *path, tx_input **ret_input, tx_error *error)
{
  bool standard = !strcmp(path, "-");
  tx_input *input = NULL;
  tx_status status = create_input(standard ? "standard input" : path, &input, error);
  *ret_input = NULL;
  if (!status) status = open_descriptor(input, path, standard, error);
  if (!status) status = look_inside(input, error);
  if (status) {
    tx_input_close(input);
    return status;
  }
  *ret_input = input;
  return TX_OK;
}

const char *tx_input_name(const tx_input *input)
{
  return input->name;
}

/* bgzf_close frees nothing of its own when closing the file under it tells of a failure, as it does of an earlier failed read too: that
   one is told already. */
static void close_gzip(tx_input *input)
{
  hclearerr(input->raw);
  (void)bgzf_close(input->gzip);
  input->gzip = NULL;
  input->raw = NULL;
}

static tx_status read_gzip(tx_input *input, void *data, size_t size, size_t *ret_count, tx_error *error)
{
  ssize_t count;
  errno = 0;
  count = bgzf_read(input->gzip, data, size);
  if (count < 0 || input->gzip->errcode || (!count && herrno(input->raw))) {
    int number = herrno(input->raw);
    if (number) return fail_input(input, error, TX_ERROR_IO, "cannot read", number);
    return fail_gzip(input, error);
  }
  *ret_count = (size_t)count;
  if (!count) {
    const tx_status status = check_unchanged(input, error);
    if (status) return status;
    close_gzip(input); /* all is read: what fails now is the closing of the file, which loses nothing */
    input->ended = true;
  }
  return TX_OK;
}

static tx_status read_plain(tx_input *input, void *data, size_t size, size_t *ret_count, tx_error *error)
{
  ssize_t count;
  if (!input->regular) {
    /* hread waits for all it is asked for: ask for no more than one read of the system brought. */
    if (!held(input->raw)) {
      wait_ready(input);
      count = hpeek(input->raw, data, 1);
      if (count < 0) return fail_input(input, error, TX_ERROR_IO, "cannot read", errno);
    }
    if (size > held(input->raw)) size = held(input->raw);
  }
  count = size ? hread(input->raw, data, size) : 0;
  if (count < 0) return fail_input(input, error, TX_ERROR_IO, "cannot read", errno);
  *ret_count = (size_t)count;
  if (count) return TX_OK;
  input->ended = true;
  return check_unchanged(input, error);
}

static tx_status read_bytes(tx_input *input, void *data, size_t size, size_t *ret_count, tx_error *error)
{
  *ret_count = 0;
  if (input->failure) return fail_input(input, error, input->failure, "an earlier read failed", 0);
  if (!size || input->ended) return TX_OK;
  if (size > PTRDIFF_MAX) size = PTRDIFF_MAX;
  return input->gzip ? read_gzip(input, data, size, ret_count, error) : read_plain(input, data, size, ret_count, error);
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
  if (input->gzip)
    close_gzip(input); /* the stream was left before its end: nothing to hear about it */
  else if (input->raw)
    hclose_abruptly(input->raw);
  free(input->name);
  free(input);
}

const char *tx_htslib_version(void)
{
  return hts_version();
}

struct tx_lines {
  tx_input *input;
  char *buffer;
  size_t capacity;
  size_t begin; /* start of the next line */
  size_t end;   /* end of the bytes read */
  bool ended;
  unsigned long long number;
};

tx_status tx_lines_open(const char *path, tx_lines **ret_lines, tx_error *error)
{
  tx_input *input;
  tx_status status = tx_input_open(path, &input, error);
  *ret_lines = NULL;
  return status ? status : tx_lines_adopt(input, ret_lines, error);
}

tx_status tx_lines_adopt(tx_input *input, tx_lines **ret_lines, tx_error *error)
{
  tx_lines *lines = calloc(1, sizeof *lines);
  *ret_lines = NULL;
  if (!lines || !tx_reserve(&lines->buffer, &lines->capacity, LINE_BUFFER_SIZE, 1)) {
    free(lines);
    tx_input_close(input);
    return tx_fail_memory(error, "a reader of lines");
  }
  lines->input = input;
  *ret_lines = lines;
  return TX_OK;
}

/* Brings more bytes behind the unfinished line, which moves to the front. One byte is left free for a closing NUL. */
static tx_status fill(tx_lines *lines, tx_error *error)
{
  size_t count;
  tx_status status;
  if (lines->begin) {
    memmove(lines->buffer, lines->buffer + lines->begin, lines->end - lines->begin);
    lines->end -= lines->begin;
    lines->begin = 0;
  }
  if (lines->capacity - lines->end < LINE_BUFFER_SIZE / 4 &&
      (lines->capacity > SIZE_MAX / 2 || !tx_reserve(&lines->buffer, &lines->capacity, lines->capacity * 2, 1)))
    return tx_fail_memory(error, "a long line");
  status = tx_input_read(lines->input, lines->buffer + lines->end, lines->capacity - lines->end - 1, &count, error);
  if (status) return status;
  lines->end += count;
  if (!count) lines->ended = true;
  return TX_OK;
}

tx_status tx_lines_next(tx_lines *lines, const char **ret_line, size_t *ret_length, tx_error *error)
{
  size_t searched = 0;
  size_t length;
  char *line;
  char *newline = NULL;
  for (;;) {
    size_t size = lines->end - lines->begin;
    line = lines->buffer + lines->begin;
    if (size > searched) newline = memchr(line + searched, '\n', size - searched);
    searched = size;
    if (newline || lines->ended) break;
    tx_status status = fill(lines, error);
    if (status) return status;
  }
  if (!newline && !searched) return TX_END;
  length = newline ? (size_t)(newline - line) : searched;
  lines->begin += length + (newline ? 1 : 0);
  lines->number++;
  if (memchr(line, '\0', length))
    return tx_fail_at(error, TX_ERROR_DATA, tx_input_name(lines->input), lines->number, 0, "a NUL byte; this is no text file");
  if (newline && length && line[length - 1] == '\r') length--;
  line[length] = '\0';
  *ret_line = line;
  *ret_length = length;
  return TX_OK;
}

unsigned long long tx_lines_number(const tx_lines *lines)
{
  return lines->number;
}

const char *tx_lines_name(const tx_lines *lines)
{
  return tx_input_name(lines->input);
}

void tx_lines_close(tx_lines *lines)
{
  if (!lines) return;
  tx_input_close(lines->input);
  free(lines->buffer);
  free(lines);
}
