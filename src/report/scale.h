/* Scales of axes, their ticks, and numbers as text. */
#ifndef TX_REPORT_SCALE_H
#define TX_REPORT_SCALE_H

#include <stdbool.h>
#include <stddef.h>

enum { TX_TICKS_MAX = 16 };

/* Maps low..high to the coordinates from..to; `log` scales have low > 0. */
typedef struct tx_scale {
  double low, high, from, to;
  bool log;
} tx_scale;

/* The coordinate of a value; outside of the scale that of its nearer end. A scale of one value has its middle
   everywhere. */
double tx_scale_at(const tx_scale *scale, double value);
/* Ticks at multiples of 1, 2 or 5 times a power of ten inside low..high, at most `most` (2..TX_TICKS_MAX);
   of a log scale powers of ten, with 2 and 5 times them while they fit. Returns how many; 0 if the bounds are
   not finite. */
size_t tx_scale_ticks(const tx_scale *scale, size_t most, double ticks[TX_TICKS_MAX]);
/* Widens low..high to multiples of their tick step, so that both ends have a tick. */
void tx_scale_widen(tx_scale *scale, size_t most);

/* Writes a number: with `decimals` of them (whole numbers with thin groups of three digits: 12 345), "-" if
   it is not finite. */
void tx_number_text(double value, int decimals, char *text, size_t size);
/* A tick: as few decimals as tell it. */
void tx_tick_text(double value, char *text, size_t size);

/* The 95 % interval of Wilson (1927) for `hits` of `count`; NaN for none. */
void tx_wilson(double hits, double count, double *ret_low, double *ret_high);

#endif
