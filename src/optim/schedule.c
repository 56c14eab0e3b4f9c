#include "optim/schedule.h"

#include <math.h>

tx_schedule tx_schedule_make(uint64_t steps, double warmup, double peak, double final)
{
  tx_schedule schedule = {steps, (uint64_t)ceil(warmup * (double)steps), peak, peak * final};
  return schedule;
}

double tx_schedule_rate(const tx_schedule *schedule, uint64_t step)
{
  const double pi = 3.14159265358979323846;
  double progress;
  if (step < schedule->warmup) return schedule->peak * (double)(step + 1) / (double)schedule->warmup;
  if (step >= schedule->steps) return schedule->final;
  progress = (double)(step - schedule->warmup) / (double)(schedule->steps - schedule->warmup);
  return schedule->final + (schedule->peak - schedule->final) * 0.5 * (1.0 + cos(pi * progress));
}
