/* Balance of the pipeline: a thread that is held up keeps nothing but its group from the others. */
#include "unit/pipeline_fixture.h"

enum { HELD = 100, BALANCE_THREADS = 2 };

typedef struct balance {
  fixture base;
  atomic_size_t computed; /* records */
  size_t held_group;      /* size of the group that waited for all others */
} balance;

/* Waits until so many records are read, or computed. */
static bool wait_for(const double until, atomic_uint_fast64_t *produced, atomic_size_t *computed,
                     size_t count)
{
  while ((produced ? (size_t)atomic_load(produced) : atomic_load(computed)) < count) {
    if (now() > until) return false;
    sleep_microseconds(500);
  }
  return true;
}

static tx_status balance_compute(void *context, size_t thread, const tx_record *records, void *const *results,
                                 size_t count, size_t *ret_computed, tx_error *error)
{
  balance *self = context;
  bool good;
  uint64_t first = records[0].number, last = records[count - 1].number;
  tx_status status = compute(&self->base, thread, records, results, count, ret_computed, error);
  /* Nobody begins before all is read: else a quick thread would use up the places of the ring with batches of
     one record. */
  good = wait_for(now() + 20, &self->base.produced, NULL, self->base.count);
  if (first <= HELD && last >= HELD) {
    self->held_group = count;
    good = good && wait_for(now() + 20, NULL, &self->computed, self->base.count - count);
  }
  if (!good) return tx_fail(error, TX_ERROR_IO, "the others wait for a thread that is held up");
  atomic_fetch_add(&self->computed, count);
  return status;
}

static void test_balance(void **state)
{
  balance self;
  tx_pipeline_options options = make_options(BALANCE_THREADS, 64);
  tx_pipeline_steps steps = {source, &self.base, balance_compute, &self, sink, flush, &self.base};
  tx_pipeline_stats stats;
  tx_error error = {0};
  (void)state;
  start(&self.base, 110); /* two batches or three: the last is begun by one thread, and ended by the other */
  self.base.longest = 0;  /* all cost the same */
  atomic_init(&self.computed, 0);
  self.held_group = 0;
  if (tx_pipeline_run(&options, &steps, &stats, &error) != TX_OK) fail_msg("%s", error.message);
  assert_int_equal(stats.records, 110);
  /* few records are left by then, so that the group is smaller than under load */
  assert_in_range(self.held_group, 1, 3);
  finish(&self.base);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_balance)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
