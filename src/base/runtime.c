#include <taxamba/runtime.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/cpu.h"
#include "base/error.h"

const char *tx_cpu(void)
{
  return tx_cpu_name(tx_cpu_current());
}

/* Reads the rest of the line of /proc/self/status that starts with `key`; false on systems without that
   file. */
static int read_status(const char *key, char *line, size_t size)
{
  FILE *file = fopen("/proc/self/status", "re");
  size_t length = strlen(key);
  int found = 0;
  if (!file) return 0;
  while (!found && fgets(line, (int)size, file))
    if (!strncmp(line, key, length)) {
      memmove(line, line + length, strlen(line + length) + 1);
      found = 1;
    }
  fclose(file);
  return found;
}

/* Number of processors that the scheduler lets this process run on, 0 if unknown (sched_getaffinity is not in
   POSIX). */
static size_t allowed_processors(void)
{
  static const unsigned char ones[16] = {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4};
  static const char digits[] = "0123456789abcdef";
  char line[8192];
  size_t count = 0;
  if (!read_status("Cpus_allowed:", line, sizeof line)) return 0;
  for (const char *at = line; *at; at++) {
    const char *digit = strchr(digits, *at);
    if (digit) count += ones[digit - digits];
  }
  return count;
}

/* Number of processors whose time a container may use, rounded up; 0 if there is no such limit (cgroup
   version 2). */
static size_t quota_processors(void)
{
  FILE *file = fopen("/sys/fs/cgroup/cpu.max", "re");
  unsigned long long quota = 0;
  unsigned long long period = 0;
  int fields;
  if (!file) return 0;
  fields = fscanf(file, "%19llu %19llu", &quota, &period);
  fclose(file);
  return fields == 2 && period && quota ? (size_t)((quota - 1) / period + 1) : 0;
}

tx_status tx_cpu_check(tx_error *error)
{
  const char *wanted = getenv("TX_CPU");
  size_t count;
  const tx_cpu_set *sets = tx_cpu_sets(&count);
  char names[128] = "";
  size_t used = 0;
  if (!wanted || !*wanted) return TX_OK;
  for (size_t i = 0; i < count; i++) {
    if (strcmp(wanted, sets[i].name) == 0) return TX_OK;
    used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "", sets[i].name);
  }
  return tx_fail(error, TX_ERROR_USAGE, "the environment variable TX_CPU is '%.100s', which is none of %s",
                 wanted, names);
}

size_t tx_processors(void)
{
  size_t count = allowed_processors();
  size_t quota = quota_processors();
  if (!count) {
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    count = online > 0 ? (size_t)online : 1;
  }
  return quota && quota < count ? quota : count;
}

uint64_t tx_peak_memory(void)
{
  char line[256];
  struct rusage usage;
  /* The kernel's peak of this program; getrusage also counts the memory of the process before exec. */
  if (read_status("VmHWM:", line, sizeof line)) return (uint64_t)strtoull(line, NULL, 10) * 1024;
  if (getrusage(RUSAGE_SELF, &usage)) return 0;
  return (uint64_t)usage.ru_maxrss * 1024;
}

double tx_clock(void)
{
  struct timespec now;
  if (clock_gettime(CLOCK_MONOTONIC, &now)) return 0.0;
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
