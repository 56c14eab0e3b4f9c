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

tx_cpu_level tx_cpu_best(void)
{
  const uint64_t ymm_states = 0x06; /* SSE, AVX */
  const uint64_t zmm_states = 0xE6; /* those, and the masks and upper halves of AVX-512 */
  const unsigned avx512 = bit_AVX512F | bit_AVX512DQ | bit_AVX512BW | bit_AVX512VL;
  const unsigned basic = bit_OSXSAVE | bit_AVX | bit_FMA;
  unsigned a;
  unsigned b;
  unsigned c;
  unsigned d;
  uint64_t states;
  if (!__get_cpuid(1, &a, &b, &c, &d) || (c & basic) != basic) return TX_CPU_SCALAR;
  states = saved_states(); /* allowed, as OSXSAVE is set */
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return TX_CPU_SCALAR;
  if ((states & ymm_states) != ymm_states || !(b & bit_AVX2)) return TX_CPU_SCALAR;
  if ((states & zmm_states) != zmm_states || (b & avx512) != avx512) return TX_CPU_AVX2;
  return TX_CPU_AVX512;
}

#elif defined(__aarch64__)

tx_cpu_level tx_cpu_best(void)
{
  return (tx_cpu_level)TX_CPU_NEON; /* part of the architecture */
}

#else

tx_cpu_level tx_cpu_best(void)
{
  return TX_CPU_SCALAR;
}

#endif

static tx_cpu_level choose(void)
{
  const char *wanted = getenv("TX_CPU");
  tx_cpu_level best = tx_cpu_best();
  for (tx_cpu_level level = TX_CPU_SCALAR; wanted && level < best; level++)
    if (!strcmp(wanted, tx_cpu_name(level))) return level;
  return best;
}

tx_cpu_level tx_cpu_current(void)
{
  static atomic_int chosen = -1; /* found once; two threads that race find the same */
  int level = atomic_load_explicit(&chosen, memory_order_relaxed);
  if (level < 0) {
    level = (int)choose();
    atomic_store_explicit(&chosen, level, memory_order_relaxed);
  }
  return (tx_cpu_level)level;
}

const char *tx_cpu_name(tx_cpu_level level)
{
#if defined(__aarch64__)
  if ((int)level == TX_CPU_NEON) return "neon";
#endif
  return level == TX_CPU_AVX512 ? "avx512" : level == TX_CPU_AVX2 ? "avx2" : "scalar";
}
