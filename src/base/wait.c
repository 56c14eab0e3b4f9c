#include "base/wait.h"

#include <poll.h>
#include <stddef.h>

enum { INTERVAL = 100 /* milliseconds */ };

bool tx_is_stopped(const volatile int *opt_stop)
{
  return opt_stop && __atomic_load_n(opt_stop, __ATOMIC_RELAXED);
}

static bool wait_for(int descriptor, short events, const volatile int *opt_stop)
{
  struct pollfd wait = {.fd = descriptor, .events = events};
  for (;;) {
    int count;
    if (tx_is_stopped(opt_stop)) return false;
    count = poll(&wait, 1, opt_stop ? INTERVAL : -1);
    /* also with POLLERR, POLLHUP and POLLNVAL: the call that follows reports them */
    if (count > 0) return true;
  }
}

bool tx_wait_read(int descriptor, const volatile int *opt_stop)
{
  return wait_for(descriptor, POLLIN, opt_stop);
}

bool tx_wait_write(int descriptor, const volatile int *opt_stop)
{
  return wait_for(descriptor, POLLOUT, opt_stop);
}

bool tx_wait_moment(const volatile int *opt_stop)
{
  if (tx_is_stopped(opt_stop)) return false;
  (void)poll(NULL, 0, INTERVAL);
  return !tx_is_stopped(opt_stop);
}
