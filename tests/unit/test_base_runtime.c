/* base/cpu and taxamba/runtime.h: what the library says about the machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdbool.h>
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

/* The kernel lists what the processor has and the system supports; it must agree with what we found
   ourselves. */
static tx_cpu_features features_by_the_kernel(void)
{
#if !defined(__x86_64__)
  return 0; /* an emulator would answer with the flags of its host */
#else
  static const struct {
    tx_cpu_features feature;
    const char *words[4];
  } flags[] = {{TX_CPU_AVX2, {" avx2 ", " fma "}},
               {TX_CPU_AVX_VNNI, {" avx_vnni "}},
               {TX_CPU_AVX512, {" avx512f ", " avx512dq ", " avx512bw ", " avx512vl "}},
               {TX_CPU_AVX512_VNNI, {" avx512_vnni "}},
               {TX_CPU_AVX512_BF16, {" avx512_bf16 "}}};
  static char line[16384];
  FILE *file = fopen("/proc/cpuinfo", "r");
  tx_cpu_features found = 0;
  if (!file) return tx_cpu_found();
  while (fgets(line, sizeof line, file) && strncmp(line, "flags", 5) != 0) line[0] = '\0';
  fclose(file);
  line[strcspn(line, "\n")] = ' ';
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
    bool all = true;
    for (size_t j = 0; j < 4 && flags[i].words[j]; j++) all = all && strstr(line, flags[i].words[j]);
    if (all) found |= flags[i].feature;
  }
  return found;
#endif
}

static void finds_the_features(void **state)
{
  size_t count;
  const tx_cpu_set *sets = tx_cpu_sets(&count);
  (void)state;
  assert_int_equal(tx_cpu_found(), features_by_the_kernel());
  for (size_t i = 0; i < count; i++) assert_string_equal(tx_cpu_name(sets[i].features), sets[i].name);
  assert_string_equal(tx_cpu_name(0), "scalar");
  assert_string_equal(tx_cpu_name(TX_CPU_AVX_VNNI), "scalar"); /* of no use without AVX2 */
  assert_string_equal(tx_cpu_name(TX_CPU_AVX2 | TX_CPU_AVX512 | TX_CPU_AVX_VNNI), "avx512");
}

/* Each word in a process of its own, as it is looked at once. */
static tx_cpu_features features_with(const char *word)
{
  int result = 0;
  pid_t child = fork();
  assert_true(child >= 0);
  if (!child) {
    tx_cpu_features features;
    if (word)
      setenv("TX_CPU", word, 1);
    else
      unsetenv("TX_CPU");
    features = tx_cpu_current();
    setenv("TX_CPU", "scalar", 1); /* too late */
    _exit(tx_cpu_current() == features && !strcmp(tx_cpu(), tx_cpu_name(features)) ? (int)features : 99);
  }
  assert_int_equal(waitpid(child, &result, 0), child);
  assert_true(WIFEXITED(result));
  return (tx_cpu_features)WEXITSTATUS(result);
}

/* A word that names no set of features is told. */
static void knows_the_words_of_the_environment(void **state)
{
  static const char *const bad[] = {"bogus", "AVX2", "avx", "avx2 ", "0"};
  size_t count;
  const tx_cpu_set *sets = tx_cpu_sets(&count);
  tx_error error;
  (void)state;
  unsetenv("TX_CPU");
  assert_int_equal(tx_cpu_check(&error), TX_OK);
  setenv("TX_CPU", "", 1);
  assert_int_equal(tx_cpu_check(&error), TX_OK);
  for (size_t i = 0; i < count; i++) {
    setenv("TX_CPU", sets[i].name, 1);
    assert_int_equal(tx_cpu_check(&error), TX_OK);
  }
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    setenv("TX_CPU", bad[i], 1);
    assert_int_equal(tx_cpu_check(&error), TX_ERROR_USAGE);
    assert_non_null(strstr(error.message, bad[i]));
    assert_non_null(strstr(error.message, "scalar, avx2, avxvnni, avx512, avx512vnni, avx512bf16"));
  }
  unsetenv("TX_CPU");
}

static void obeys_the_environment(void **state)
{
  const tx_cpu_features found = tx_cpu_found();
  size_t count;
  const tx_cpu_set *sets = tx_cpu_sets(&count);
  (void)state;
  assert_int_equal(features_with(NULL), found);
  for (size_t i = 0; i < count; i++) /* never more than there is */
    assert_int_equal(features_with(sets[i].name), sets[i].features & found);
  assert_int_equal(features_with("AVX2"), found);
  assert_int_equal(features_with("neon"), found);
  assert_int_equal(features_with(""), found);
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
  assert_non_null(strstr(text, "OpenBLAS on demand ("));
  assert_non_null(strstr(text, "cJSON 1."));
  assert_null(strchr(text, '\n'));
  assert_ptr_equal(text, tx_libraries());
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(obeys_the_environment), /* first: the children must find the level not yet chosen */
      cmocka_unit_test(knows_the_words_of_the_environment),
      cmocka_unit_test(finds_the_features),
      cmocka_unit_test(counts_processors),
      cmocka_unit_test(measures_memory),
      cmocka_unit_test(measures_time),
      cmocka_unit_test(names_its_libraries),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
