/* Learning rate over a run: linear warm-up, then a cosine down to a share of the peak. */
#ifndef TX_OPTIM_SCHEDULE_H
#define TX_OPTIM_SCHEDULE_H

#include <stdint.h>

typedef struct tx_schedule {
  uint64_t steps;  /* steps of the whole run */
  uint64_t warmup; /* steps until the peak */
  double peak;
  double final; /* learning rate after the last step */
} tx_schedule;

/* Makes a schedule. `warmup` is a share of the steps, `final` a share of the peak. */
tx_schedule tx_schedule_make(uint64_t steps, double warmup, double peak, double final);

/* Learning rate of step 0, 1, ... steps - 1. */
double tx_schedule_rate(const tx_schedule *schedule, uint64_t step);

#endif
