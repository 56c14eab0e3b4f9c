/* Runs one fuzz harness without a fuzzer: every file of the given folders, and seeded mutations of each.

     fuzz_x [--mutations N] [--input FILE] FOLDER...

   Each corpus file runs in a child process, which notes its place in shared memory, so that a crash, an abort
   of a sanitizer or a hang is reported with the very input (saved as crash-HARNESS-FILE-NUMBER in the working
   folder). Exit code 0 only if there was at least one file and none failed. The mutations depend on the
   file's bytes alone: a failure repeats. */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PATH_SIZE = 4096, FILE_LIMIT = 1 << 24, SECONDS_PER_FILE = 300 };

typedef struct input {
  uint8_t *data;
  size_t size;
} input;

static uint64_t next_random(uint64_t *state)
{
  uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return z ^ (z >> 31);
}

static size_t below(uint64_t *state, size_t bound)
{
  return bound ? (size_t)(next_random(state) % bound) : 0;
}

static void *allocate(size_t size)
{
  void *block = malloc(size ? size : 1);
  if (!block) {
    fputs("fuzz driver: out of memory\n", stderr);
    exit(1);
  }
  return block;
}

static bool read_whole(const char *path, input *ret)
{
  FILE *file = fopen(path, "rb");
  if (!file) return false;
  ret->data = allocate(FILE_LIMIT);
  ret->size = fread(ret->data, 1, FILE_LIMIT, file);
  const bool good = !ferror(file);
  fclose(file);
  if (!good) free(ret->data);
  return good;
}

/* Number 0 is the file itself, 1..16 truncations, the rest one to four random edits. In a block of exactly
   its size, so that a sanitizer sees a read past the end. */
static input mutate(const input *original, uint64_t number)
{
  uint64_t state = 0xcbf29ce484222325u ^ number;
  for (size_t i = 0; i < original->size; i++) state = (state ^ original->data[i]) * UINT64_C(0x100000001b3);
  input made = {NULL, original->size};
  if (number >= 1 && number <= 16) made.size = original->size * (size_t)(number - 1) / 16;
  made.data = allocate(made.size);
  memcpy(made.data, original->data, made.size);
  if (number <= 16 || made.size == 0) return made;
  for (size_t edits = 1 + below(&state, 4); edits > 0; edits--) {
    const size_t at = below(&state, made.size), other = below(&state, made.size);
    size_t length = 1 + below(&state, 16);
    switch (below(&state, 5)) {
    case 0: made.data[at] ^= (uint8_t)(1u << below(&state, 8)); break;
    case 1: made.data[at] = (uint8_t)next_random(&state); break;
    case 2: made.data[at] = (uint8_t) "\0\n\r\t >@|;,:\"\\{}[]-0\xff"[below(&state, 20)]; break;
    case 3:
      if (length > made.size - at) length = made.size - at;
      if (length > made.size - other) length = made.size - other;
      memmove(made.data + at, made.data + other, length);
      break;
    default:
      if (length > made.size - at) length = made.size - at;
      memset(made.data + at, made.data[other], length);
      break;
    }
  }
  return made;
}

static void run_one(const input *original, uint64_t number)
{
  input made = mutate(original, number);
  LLVMFuzzerTestOneInput(made.data, made.size);
  free(made.data);
}

static void save_failure(const char *harness, const char *name, const input *original, uint64_t number)
{
  char path[PATH_SIZE];
  input made = mutate(original, number);
  snprintf(path, sizeof path, "crash-%s-%s-%llu", harness, name, (unsigned long long)number);
  FILE *file = fopen(path, "wb");
  if (file) {
    const bool written = fwrite(made.data, 1, made.size, file) == made.size;
    if (fclose(file) == 0 && written) fprintf(stderr, "  the input is in %s\n", path);
  }
  free(made.data);
}

/* One corpus file in a child process. True if all inputs passed. */
static bool run_file(const char *harness, const char *path, uint64_t mutations, volatile uint64_t *place)
{
  input original;
  if (!read_whole(path, &original)) {
    fprintf(stderr, "%s: cannot read %s\n", harness, path);
    return false;
  }
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  *place = 0;
  fflush(NULL);
  const pid_t child = fork();
  if (child == 0) {
    alarm(SECONDS_PER_FILE);
    for (uint64_t number = 0; number <= mutations; number++) {
      *place = number;
      run_one(&original, number);
    }
    free(original.data);
    exit(0);
  }
  int status = 0;
  bool passed = false;
  if (child < 0)
    fprintf(stderr, "%s: fork: %s\n", harness, strerror(errno));
  else if (waitpid(child, &status, 0) == child)
    passed = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  if (!passed) {
    fprintf(stderr, "%s: FAILED on %s, mutation %llu (%s %d)\n", harness, name, (unsigned long long)*place,
            WIFSIGNALED(status) ? "signal" : "exit code",
            WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    save_failure(harness, name, &original, *place);
  }
  free(original.data);
  return passed;
}

static int by_name(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The regular files of a folder, sorted. */
static char **list_folder(const char *folder, size_t *ret_count)
{
  char **paths = NULL;
  size_t count = 0;
  DIR *directory = opendir(folder);
  *ret_count = 0;
  if (!directory) return NULL;
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    char path[PATH_SIZE];
    struct stat status;
    if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= sizeof path) continue;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode)) continue;
    char **more = realloc(paths, (count + 1) * sizeof *more);
    if (!more) break;
    paths = more;
    paths[count] = allocate(strlen(path) + 1);
    memcpy(paths[count++], path, strlen(path) + 1);
  }
  closedir(directory);
  if (paths) qsort(paths, count, sizeof *paths, by_name);
  *ret_count = count;
  return paths;
}

static volatile uint64_t *shared_place(void)
{
  FILE *file = tmpfile();
  if (!file || ftruncate(fileno(file), sizeof(uint64_t)) != 0) return NULL;
  void *mapped = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fileno(file), 0);
  return mapped == MAP_FAILED ? NULL : mapped; /* the file stays open: the system takes it back at the end */
}

int main(int argument_count, char **arguments)
{
  const char *slash = strrchr(arguments[0], '/'), *harness = slash ? slash + 1 : arguments[0];
  volatile uint64_t *place = shared_place();
  uint64_t mutations = 200;
  size_t files = 0, failures = 0;
  if (!place) {
    perror("fuzz driver: no temporary file");
    return 1;
  }
  for (int i = 1; i < argument_count; i++) {
    if (strcmp(arguments[i], "--mutations") == 0 && i + 1 < argument_count) {
      mutations = strtoull(arguments[++i], NULL, 10);
    } else if (strcmp(arguments[i], "--input") == 0 && i + 1 < argument_count) {
      files++;
      failures += !run_file(harness, arguments[++i], 0, place);
    } else {
      size_t count;
      char **paths = list_folder(arguments[i], &count);
      if (count == 0) {
        fprintf(stderr, "%s: no corpus files in %s\n", harness, arguments[i]);
        failures++;
      }
      for (size_t f = 0; f < count; f++) {
        files++;
        failures += !run_file(harness, paths[f], mutations, place);
        free(paths[f]);
      }
      free(paths);
    }
  }
  printf("%s: %zu corpus files, %llu inputs, %zu failures\n", harness, files,
         (unsigned long long)(files * (mutations + 1)), failures);
  return files > 0 && failures == 0 ? 0 : 1;
}
