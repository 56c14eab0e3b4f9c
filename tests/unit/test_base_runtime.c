/* base/cpu and taxamba/runtime.h: what the library says about the machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <taxamba/runtime.h>

#include "base/cpu.h"

/* The kernel lists what the processor has and the system supports; it must agree with what we found ourselves. */
static tx_cpu_level level_by_the_kernel(void)
{
#if !defined(__x86_64__)
  return TX_CPU_SCALAR; /* an emulator would answer with the flags of its host */
#else
  static const char *const words[] = {" avx2 ", " fma ", " avx512f ", " avx512dq ", " avx512bw ", " avx512vl ", " avx512_vnni ", " avx512_bf16 "};
  static char line[16384];
  FILE *file = fopen("/proc/cpuinfo", "r");
  int found = 0;
  if (!file) return tx_cpu_best();
  while (fgets(line, sizeof line, file) && strncmp(line, "flags", 5) != 0) line[0] = '\0';
  fclose(file);
  line[strcspn(line, "\n")] = ' ';
  for (int i = 0; i < 8; i++) found |= (strstr(line, words[i]) != NULL) << i;
  if ((found & 63) == 63) return found == 255 ? TX_CPU_AVX512BF16 : found & 64 ? TX_CPU_AVX512VNNI : TX_CPU_AVX512;
  return (found & 3) == 3 ? TX_CPU_AVX2 : TX_CPU_SCALAR;
#endif
}

static void finds_the_level(void **state)
{
  (void)state;
  assert_int_equal(tx_cpu_best(), level_by_the_kernel());
  assert_string_equal(tx_cpu_name(TX_CPU_SCALAR), "scalar");
  assert_string_equal(tx_cpu_name(TX_CPU_AVX2), "avx2");
  assert_string_equal(tx_cpu_name(TX_CPU_AVX512), "avx512");
  assert_string_equal(tx_cpu_name(TX_CPU_AVX512VNNI), "avx512vnni");
  assert_string_equal(tx_cpu_name(TX_CPU_AVX512BF16), "avx512bf16");
}

/* Each word in a process of its own, as it is looked at once. */
static tx_cpu_level level_with(const char *word)
{
  int result = 0;
  pid_t child = fork();
  assert_true(child >= 0);
  if (!child) {
    tx_cpu_level level;
    if (word)
      setenv("TX_CPU", word, 1);
    else
      unsetenv("TX_CPU");
    level = tx_cpu_current();
    setenv("TX_CPU", "scalar", 1); /* too late */
    _exit(tx_cpu_current() == level && !strcmp(tx_cpu(), tx_cpu_name(level)) ? (int)level : 99);
  }
  assert_int_equal(waitpid(child, &result, 0), child);
  assert_true(WIFEXITED(result));
  return (tx_cpu_level)WEXITSTATUS(result);
}

/* A word that is no level of any processor is told. */
static void knows_the_words_of_the_environment(void **state)
{
  static const char *const bad[] = {"bogus", "AVX2", "avx", "avx2 ", "0"};
  tx_error error;
  (void)state;
  unsetenv("TX_CPU");
  assert_int_equal(tx_cpu_check(&error), TX_OK);
  setenv("TX_CPU", "", 1);
  assert_int_equal(tx_cpu_check(&error), TX_OK);
  for (tx_cpu_level level = TX_CPU_SCALAR; level < TX_CPU_LEVELS; level++) {
    setenv("TX_CPU", tx_cpu_name(level), 1);
    assert_int_equal(tx_cpu_check(&error), TX_OK);
  }
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    setenv("TX_CPU", bad[i], 1);
    assert_int_equal(tx_cpu_check(&error), TX_ERROR_USAGE);
    assert_non_null(strstr(error.message, bad[i]));
    assert_non_null(strstr(error.message, "scalar, avx2, avx512, avx512vnni, avx512bf16"));
  }
  unsetenv("TX_CPU");
}

static void obeys_the_environment(void **state)
{
  (void)state;
  const tx_cpu_level best = tx_cpu_best();
  assert_int_equal(level_with(NULL), best);
  assert_int_equal(level_with("scalar"), TX_CPU_SCALAR);
  for (tx_cpu_level level = TX_CPU_AVX2; level < TX_CPU_LEVELS; level++) /* never more than there is */
    assert_int_equal(level_with(tx_cpu_name(level)), best < level ? best : level);
  assert_int_equal(level_with("AVX2"), best);
  assert_int_equal(level_with("neon"), best);
  assert_int_equal(level_with(""), best);
}

static void counts_processors(void **state)
{
  (void)state;
  assert_true(tx_processors() >= 1);
  assert_true(tx_processors() <= (size_t)sysconf(_SC_NPROCESSORS_CONF));
}

static void measures_memory(void **state)
{
  (void)state;
  const size_t size = (size_t)64 << 20;
  uint64_t before = tx_peak_memory();
  char *block = malloc(size);
  assert_non_null(block);
  assert_true(before > 100000);
  for (size_t i = 0; i < size; i += 1024) block[i] = 1;
  assert_true(block[size / 2] == 1);
  assert_true(tx_peak_memory() > before + size / 2);
  free(block);
  assert_true(tx_peak_memory() > before + size / 2); /* the peak, not the present */
}

static void measures_time(void **state)
{
  (void)state;
  const struct timespec pause = {.tv_nsec = 20000000};
  double start = tx_clock();
  nanosleep(&pause, NULL);
  assert_true(tx_clock() - start >= 0.0199);
  assert_true(tx_clock() - start < 60);
}

static void names_its_libraries(void **state)
{
  (void)state;
  const char *text = tx_libraries();
  assert_non_null(strstr(text, "htslib 1."));
  assert_non_null(strstr(text, "zlib 1."));
  assert_non_null(strstr(text, "OpenBLAS 0."));
  assert_non_null(strstr(text, "cJSON 1."));
  assert_null(strchr(text, '\n'));
  assert_ptr_equal(text, tx_libraries());
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(obeys_the_environment), /* first: the children must find the level not yet chosen */
      cmocka_unit_test(knows_the_words_of_the_environment),
      cmocka_unit_test(finds_the_level),
      cmocka_unit_test(counts_processors),
      cmocka_unit_test(measures_memory),
      cmocka_unit_test(measures_time),
      cmocka_unit_test(names_its_libraries),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
