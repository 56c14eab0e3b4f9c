#include "base/cpu.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <cpuid.h>

/* The register states the operating system saves for us (XCR0). */
static uint64_t saved_states(void)
{
  uint32_t low;
  uint32_t high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t)high << 32 | low;
}

tx_cpu_features tx_cpu_found(void)
{
  const uint64_t ymm_states = 0x06; /* SSE, AVX */
  const uint64_t zmm_states = 0xE6; /* the same, and the masks and upper halves of AVX-512 */
  const unsigned avx_vnni = 1U << 4; /* a bit of leaf 7.1, for which older headers have no name */
  const unsigned avx512 = bit_AVX512F | bit_AVX512DQ | bit_AVX512BW | bit_AVX512VL;
  const unsigned basic = bit_OSXSAVE | bit_AVX | bit_FMA;
  tx_cpu_features found = TX_CPU_AVX2;
  unsigned a, b, c, d, more;
  uint64_t states;
  if (!__get_cpuid(1, &a, &b, &c, &d) || (c & basic) != basic) return 0;
  states = saved_states(); /* allowed, as OSXSAVE is set */
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
  if ((states & ymm_states) != ymm_states || !(b & bit_AVX2)) return 0;
  if ((states & zmm_states) == zmm_states && (b & avx512) == avx512) found |= TX_CPU_AVX512;
  if ((found & TX_CPU_AVX512) && (c & bit_AVX512VNNI)) found |= TX_CPU_AVX512_VNNI;
  if (!__get_cpuid_count(7, 1, &more, &b, &c, &d)) return found;
  if (more & avx_vnni) found |= TX_CPU_AVX_VNNI;
  if ((found & TX_CPU_AVX512) && (more & bit_AVX512BF16)) found |= TX_CPU_AVX512_BF16;
  return found;
}

#else

tx_cpu_features tx_cpu_found(void)
{
  return 0;
}

#endif

const tx_cpu_set *tx_cpu_sets(size_t *ret_count)
{
  static const tx_cpu_set sets[] = {
      {"scalar", 0},
      {"avx2", TX_CPU_AVX2},
      {"avxvnni", TX_CPU_AVX2 | TX_CPU_AVX_VNNI},
      {"avx512", TX_CPU_AVX2 | TX_CPU_AVX512},
      {"avx512vnni", TX_CPU_AVX2 | TX_CPU_AVX512 | TX_CPU_AVX512_VNNI},
      {"avx512bf16", TX_CPU_AVX2 | TX_CPU_AVX512 | TX_CPU_AVX512_VNNI | TX_CPU_AVX512_BF16},
  };
  *ret_count = sizeof sets / sizeof *sets;
  return sets;
}

static tx_cpu_features choose(void)
{
  const char *wanted = getenv("TX_CPU");
  const tx_cpu_features found = tx_cpu_found();
  size_t count;
  const tx_cpu_set *sets = tx_cpu_sets(&count);
  for (size_t i = 0; wanted && i < count; i++)
    if (!strcmp(wanted, sets[i].name)) return found & sets[i].features;
  return found;
}

tx_cpu_features tx_cpu_current(void)
{
  static atomic_int chosen = -1; /* found once; two threads that race find the same */
  int features = atomic_load_explicit(&chosen, memory_order_relaxed);
  if (features < 0) {
    features = (int)choose();
    atomic_store_explicit(&chosen, features, memory_order_relaxed);
  }
  return (tx_cpu_features)features;
}

const char *tx_cpu_name(tx_cpu_features features)
{
  size_t count;
  const tx_cpu_set *sets = tx_cpu_sets(&count);
  while (count > 1 && !tx_cpu_has(features, sets[count - 1].features)) count--;
  return sets[count - 1].name;
}
