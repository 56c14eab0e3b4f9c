/* The streams of <stdio.h>. */
#include "inject_calls.h"

#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Streams: glibc makes their system calls where nothing can step in, so each becomes a stream that calls the
   functions above. */
static FILE *streams[TX_DESCRIPTORS]; /* which of them has the descriptor, for fileno */

static int stream_end(void *cookie)
{
  return (int)((char(*)[TX_PATH_KEPT])cookie - tx_descriptor_names);
}

static ssize_t stream_read(void *cookie, char *data, size_t size)
{
  ssize_t count;
  tx_inject_in_stream = true;
  count = read(stream_end(cookie), data, size);
  tx_inject_in_stream = false;
  return count;
}

/* A whole write or none, as glibc's own streams try it: what is left after a short write is written by the
   next call. */
static ssize_t stream_write(void *cookie, const char *data, size_t size)
{
  size_t done = 0;
  while (done < size) {
    ssize_t count;
    tx_inject_in_stream = true;
    count = write(stream_end(cookie), data + done, size - done);
    tx_inject_in_stream = false;
    if (count < 0) return done ? (ssize_t)done : 0; /* a cookie tells of an error by 0 */
    done += (size_t)count;
  }
  return (ssize_t)done;
}

static int stream_seek(void *cookie, off64_t *position, int from)
{
  off64_t place = lseek(stream_end(cookie), *position, from);
  if (place < 0) return -1;
  *position = place;
  return 0;
}

static int stream_close(void *cookie)
{
  int result;
  streams[stream_end(cookie)] = NULL;
  tx_inject_in_stream = true;
  result = close(stream_end(cookie));
  tx_inject_in_stream = false;
  return result;
}

/* The cookie is the place of the descriptor's name: nothing to allocate, which a leak sanitizer could miss in
   the stream. */
static FILE *stream_of(int descriptor, const char *mode)
{
  const cookie_io_functions_t functions = {stream_read, stream_write, stream_seek, stream_close};
  if (descriptor >= TX_DESCRIPTORS) {
    errno = EMFILE;
    return NULL;
  }
  streams[descriptor] = fopencookie(tx_descriptor_names[descriptor], mode, functions);
  return streams[descriptor];
}

int fileno(FILE *stream)
{
  int (*original)(FILE *);
  void *found;
  for (int descriptor = 0; descriptor < TX_DESCRIPTORS; descriptor++)
    if (streams[descriptor] == stream) return descriptor;
  found = tx_next_definition("fileno");
  memcpy(&original, &found, sizeof original);
  return original(stream);
}

FILE *fopen(const char *restrict path, const char *restrict mode)
{
  int flags = *mode == 'r'   ? O_RDONLY
              : *mode == 'w' ? O_WRONLY | O_CREAT | O_TRUNC
                             : O_WRONLY | O_CREAT | O_APPEND;
  int descriptor = open(path, flags, 0666);
  FILE *file;
  if (descriptor < 0) return NULL;
  file = stream_of(descriptor, mode);
  if (!file) (void)close(descriptor);
  return file;
}

FILE *fopen64(const char *restrict path, const char *restrict mode)
{
  return fopen(path, mode);
}

FILE *fdopen(int descriptor, const char *mode)
{
  return stream_of(descriptor, mode);
}

/* A cookie closes what it was given; the standard descriptors stay open, as exit() flushes but does not close
   them. */
void tx_inject_start(tx_injection *injection)
{
  void *frames[4];
  (void)backtrace(frames, 4); /* loads the unwinder, which allocates */
  (void)tx_next_definition("fstatat");
  tx_keep_name(tx_descriptor_names[STDIN_FILENO], "standard input");
  tx_keep_name(tx_descriptor_names[STDOUT_FILENO], "standard output");
  tx_keep_name(tx_descriptor_names[STDERR_FILENO], "standard error");
  stdin = stream_of(STDIN_FILENO, "r");
  stdout = stream_of(STDOUT_FILENO, "w");
  tx_injection_shared = injection;
}
