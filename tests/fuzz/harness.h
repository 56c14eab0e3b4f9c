/* What the fuzz harnesses share: a check that aborts, and the input as a file for readers that take paths. */
#ifndef TX_TESTS_FUZZ_HARNESS_H
#define TX_TESTS_FUZZ_HARNESS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void require(int condition, const char *what)
{
  if (condition) return;
  fprintf(stderr, "fuzz: %s\n", what);
  abort();
}

/* A temporary file with the input; its name in path. 0, or -1 when there can be none. */
static inline int write_input(char *path, size_t capacity, const uint8_t *data, size_t size)
{
  const char *folder = getenv("TMPDIR");
  int descriptor;
  size_t done = 0;
  snprintf(path, capacity, "%s/taxamba-fuzz-XXXXXX", folder && *folder ? folder : "/tmp");
  descriptor = mkstemp(path);
  if (descriptor < 0) return -1;
  while (done < size) {
    ssize_t count = write(descriptor, data + done, size - done);
    if (count <= 0) break;
    done += (size_t)count;
  }
  close(descriptor);
  if (done == size) return 0;
  unlink(path);
  return -1;
}

#endif
