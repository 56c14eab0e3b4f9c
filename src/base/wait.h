/* Waiting for a descriptor until a stop is requested. The only place that waits for the other end of a pipe,
   a terminal or a device. */
#ifndef TX_BASE_WAIT_H
#define TX_BASE_WAIT_H

#include <stdbool.h>

/* Whether a stop is requested. Atomic, because the handler that sets it may run in another thread than the
   caller. NULL: never. */
bool tx_is_stopped(const volatile int *opt_stop);
/* Waits until the descriptor can be read (true: or is at its end) or, with `write`, written. False when
   *opt_stop is set, which is checked before waiting and every tenth of a second. Regular files are always
   ready. */
bool tx_wait_read(int descriptor, const volatile int *opt_stop);
bool tx_wait_write(int descriptor, const volatile int *opt_stop);
/* Waits a tenth of a second; false when *opt_stop is set. */
bool tx_wait_moment(const volatile int *opt_stop);

#endif
