#include "report/scale.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

double tx_scale_at(const tx_scale *scale, double value)
{
  double low = scale->low, high = scale->high, share;
  if (!isfinite(value)) return (scale->from + scale->to) / 2;
  if (scale->log) {
    low = log(low);
    high = log(high);
    value = value > 0 ? log(value) : low;
  }
  if (!(high > low)) return (scale->from + scale->to) / 2;
  share = (value - low) / (high - low);
  share = share < 0 ? 0 : share > 1 ? 1 : share;
  return scale->from + share * (scale->to - scale->from);
}

/* The smallest of 1, 2, 5 times a power of ten that cuts low..high into fewer than `most` steps. */
static double step_of(double low, double high, size_t most)
{
  const double rough = (high - low) / (double)(most > 1 ? most - 1 : 1);
  const double power = pow(10, floor(log10(rough)));
  const double times = rough / power;
  const double slack = 1 + 1e-9;
  return power * (times <= slack ? 1 : times <= 2 * slack ? 2 : times <= 5 * slack ? 5 : 10);
}

static size_t log_ticks(const tx_scale *scale, size_t most, double ticks[TX_TICKS_MAX])
{
  static const double finer[] = {1, 2, 5};
  const double first = floor(log10(scale->low) + 1e-9), last = ceil(log10(scale->high) - 1e-9);
  const size_t each = 3 * (last - first) <= (double)most ? 3 : 1;
  const double by = each == 1 ? fmax(1, ceil((last - first + 1) / (double)most)) : 1;
  size_t count = 0;
  for (double power = first; power <= last; power += by)
    for (size_t i = 0; i < each && count < most; i++) {
      const double tick = finer[i] * pow(10, power);
      if (tick >= scale->low * (1 - 1e-9) && tick <= scale->high * (1 + 1e-9)) ticks[count++] = tick;
    }
  return count;
}

size_t tx_scale_ticks(const tx_scale *scale, size_t most, double ticks[TX_TICKS_MAX])
{
  size_t count = 0;
  double step;
  if (most > TX_TICKS_MAX) most = TX_TICKS_MAX;
  if (!isfinite(scale->low) || !isfinite(scale->high) || most < 2) return 0;
  if (!(scale->high > scale->low)) {
    ticks[0] = scale->low;
    return 1;
  }
  if (scale->log) return log_ticks(scale, most, ticks);
  step = step_of(scale->low, scale->high, most);
  for (double i = ceil(scale->low / step - 1e-9); count < most; i++) {
    const double tick = i * step;
    if (tick > scale->high + step * 1e-9) break;
    ticks[count++] = fabs(tick) < step * 1e-9 ? 0 : tick;
  }
  return count;
}

void tx_scale_widen(tx_scale *scale, size_t most)
{
  double step;
  if (scale->log || !isfinite(scale->low) || !isfinite(scale->high)) return;
  if (!(scale->high > scale->low)) scale->high = scale->low + (scale->low != 0 ? fabs(scale->low) : 1);
  step = step_of(scale->low, scale->high, most);
  scale->low = floor(scale->low / step + 1e-9) * step;
  scale->high = ceil(scale->high / step - 1e-9) * step;
}

void tx_number_text(double value, int decimals, char *text, size_t size)
{
  char plain[64];
  size_t whole, at = 0;
  if (!isfinite(value)) {
    snprintf(text, size, "-");
    return;
  }
  snprintf(plain, sizeof plain, "%.*f", decimals, value);
  whole = strcspn(plain, ".");
  for (size_t i = 0; plain[i] && at + 8 < size; i++) {
    /* no-break thin space between groups, not behind a sign, and not in short numbers */
    if (i && i < whole && whole > 4 && (whole - i) % 3 == 0 && plain[i - 1] != '-') {
      memcpy(text + at, "\xe2\x80\xaf", 3);
      at += 3;
    }
    text[at++] = plain[i];
  }
  text[at] = '\0';
}

void tx_tick_text(double value, char *text, size_t size)
{
  int decimals = 0;
  while (decimals < 6 && fabs(value * pow(10, decimals) - round(value * pow(10, decimals))) > 1e-6)
    decimals++;
  if (fabs(value) >= 1e6 || (fabs(value) < 1e-4 && value != 0))
    snprintf(text, size, "%.3g", value);
  else
    tx_number_text(value, decimals, text, size);
}

void tx_wilson(double hits, double count, double *ret_low, double *ret_high)
{
  const double z = 1.959963984540054, share = hits / count;
  const double middle = (share + z * z / (2 * count)) / (1 + z * z / count);
  const double half =
      z / (1 + z * z / count) * sqrt(share * (1 - share) / count + z * z / (4 * count * count));
  *ret_low = *ret_high = NAN;
  if (!(count > 0)) return;
  *ret_low = fmax(0, middle - half);
  *ret_high = fmin(1, middle + half);
}
