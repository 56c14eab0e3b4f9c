#include "cli.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <taxamba/runtime.h>

const tx_param *tx_common_params(size_t *ret_count)
{
  static const tx_param params[] = {
      {"quiet", 'q', TX_PARAM_FLAG, offsetof(tx_common, quiet), 0, 0, "false", NULL, "General",
       "Prints errors only: no notes, no progress, no closing line."},
  };
  *ret_count = sizeof params / sizeof *params;
  return params;
}

static volatile sig_atomic_t stop_requested;

static void request_stop(int number)
{
  (void)number;
  __atomic_store_n(&stop_requested, 1, __ATOMIC_RELAXED);
}

void tx_stop_request(void)
{
  __atomic_store_n(&stop_requested, 1, __ATOMIC_RELAXED);
}

const volatile int *tx_stop_flag(void)
{
  return &stop_requested;
}

void tx_signals_install(void)
{
  /* the last two are warnings of batch systems */
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGXCPU};
  struct sigaction action, old;
  memset(&action, 0, sizeof action);
  sigemptyset(&action.sa_mask);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, NULL); /* a write then fails with EPIPE, which ends the run in order */
  sigaction(SIGXFSZ, &action, NULL); /* likewise with EFBIG */
  action.sa_handler = request_stop;
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    action.sa_flags = numbers[i] == SIGXCPU ? 0 : (int)SA_RESETHAND;
    /* nohup and background jobs ignore some: leave it so */
    if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
      sigaction(numbers[i], &action, NULL);
  }
}

/* Whether a line of progress is displayed: the terminal has one. */
static int line_shown;

static void clear_line(void)
{
  if (__atomic_exchange_n(&line_shown, 0, __ATOMIC_RELAXED)) fputs("\r\033[K", stderr);
}

static void show_warning(void *context, const char *line)
{
  tx_warn(context, "%s", line);
}

static void show_note(void *context, const char *line)
{
  tx_note(context, "%s", line);
}

tx_input_hooks tx_input_watch(const tx_call *call)
{
  tx_input_hooks hooks = {tx_stop_flag(), show_warning, NULL, show_note};
  memcpy(&hooks.context, &call, sizeof call); /* only read, but the hook's type lacks the const */
  return hooks;
}

tx_status tx_cli_fail(tx_error *error, tx_status code, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error->message, sizeof error->message, format, arguments);
  va_end(arguments);
  for (char *c = error->message; *c; c++)
    if ((unsigned char)*c < 32 || *c == 127) *c = '?';
  error->code = code;
  error->line = error->record = 0;
  return code;
}

int tx_report(const char *command, tx_status status, const tx_error *error)
{
  int code = TX_EXIT_FAILURE;
  clear_line();
  switch (status) {
  case TX_OK:
  case TX_END:
  case TX_ERROR_PIPE: /* the reader has what it wanted */
    return TX_EXIT_OK;
  case TX_STOPPED:
    fprintf(stderr, "taxamba %s: interrupted\n", command);
    return TX_EXIT_STOPPED;
  case TX_ERROR_USAGE:
    code = TX_EXIT_USAGE;
    break;
  case TX_ERROR_DATA:
    code = TX_EXIT_DATA;
    break;
  case TX_ERROR_MODEL:
    code = TX_EXIT_MODEL;
    break;
  case TX_ERROR_NUMERIC:
    code = TX_EXIT_NUMERIC;
    break;
  case TX_ERROR_MEMORY:
  case TX_ERROR_IO:
    break;
  }
  fprintf(stderr, "taxamba %s: error: %s", command, error->message);
  if (status == TX_ERROR_USAGE) fprintf(stderr, "; see 'taxamba %s --help'", command);
  fputc('\n', stderr);
  return code;
}

void tx_note(const tx_call *call, const char *format, ...)
{
  va_list arguments;
  if (((const tx_common *)call->options)->quiet) return;
  clear_line();
  fprintf(stderr, "taxamba %s: note: ", call->command->name);
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
}

void tx_warn(const tx_call *call, const char *format, ...)
{
  va_list arguments;
  clear_line();
  fprintf(stderr, "taxamba %s: warning: ", call->command->name);
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
}

void tx_message(const tx_call *call, const char *line)
{
  static const char warning[] = "warning: ";
  if (strncmp(line, warning, sizeof warning - 1) == 0)
    tx_warn(call, "%s", line + sizeof warning - 1);
  else
    tx_note(call, "%s", line);
}

static tx_status output_failed(tx_error *error)
{
  int reason = errno;
  return tx_cli_fail(error, reason == EPIPE ? TX_ERROR_PIPE : TX_ERROR_IO, "cannot write standard output: %s",
                     strerror(reason));
}

tx_status tx_print(const char *text, tx_error *error)
{
  size_t length = strlen(text);
  if (fwrite(text, 1, length, stdout) != length) return output_failed(error);
  return TX_OK;
}

tx_status tx_print_end(tx_error *error)
{
  errno = 0;
  if (ferror(stdout) || fflush(stdout) != 0) return output_failed(error);
  return TX_OK;
}

tx_status tx_check_inputs(const char *const *paths, size_t count, tx_error *error)
{
  bool standard_input = count == 0;
  for (size_t i = 0; i < count; i++) {
    struct stat entry;
    if (strcmp(paths[i], "-") == 0) {
      if (standard_input)
        return tx_cli_fail(error, TX_ERROR_USAGE,
                           "standard input ('-') can be read only once");
      standard_input = true;
    } else if (stat(paths[i], &entry) != 0 || access(paths[i], R_OK) != 0) {
      return tx_cli_fail(error, TX_ERROR_IO, "%s: cannot open: %s", paths[i], strerror(errno));
    } else if (S_ISDIR(entry.st_mode)) {
      return tx_cli_fail(error, TX_ERROR_IO, "%s: is a directory", paths[i]);
    }
  }
  if (count == 0 && isatty(STDIN_FILENO))
    return tx_cli_fail(error, TX_ERROR_USAGE, "no input: name a file, or pipe sequences into standard input");
  return TX_OK;
}

void tx_progress_start(tx_progress *progress, const tx_call *call, bool rows, double interval)
{
  progress->command = call->command->name;
  progress->quiet = ((const tx_common *)call->options)->quiet;
  progress->terminal = isatty(STDERR_FILENO);
  progress->off = progress->quiet || (progress->terminal ? rows && isatty(STDOUT_FILENO) : interval == 0);
  progress->interval = interval;
  progress->last = tx_clock();
}

bool tx_progress_due(const tx_progress *progress)
{
  return !progress->off && tx_clock() - progress->last >= (progress->terminal ? 0.5 : progress->interval);
}

void tx_progress_clear(tx_progress *progress)
{
  (void)progress;
  clear_line();
}

/* Shows a line in place of the one before; `stays`: the next one does not replace it. */
static void show_line(tx_progress *progress, bool stays, const char *format, va_list arguments)
    TX_PRINTF(3, 0);

static void show_line(tx_progress *progress, bool stays, const char *format, va_list arguments)
{
  if (stays ? progress->quiet : progress->off) return;
  clear_line();
  fprintf(stderr, "taxamba %s: ", progress->command);
  vfprintf(stderr, format, arguments);
  if (stays || !progress->terminal) fputc('\n', stderr);
  fflush(stderr);
  if (!stays && progress->terminal) __atomic_store_n(&line_shown, 1, __ATOMIC_RELAXED);
  progress->last = tx_clock();
}

void tx_progress_show(tx_progress *progress, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  show_line(progress, false, format, arguments);
  va_end(arguments);
}

void tx_progress_line(tx_progress *progress, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  show_line(progress, true, format, arguments);
  va_end(arguments);
}

void tx_provenance(const tx_call *call, const char *format, ...)
{
  va_list arguments;
  if (((const tx_common *)call->options)->quiet) return;
  clear_line();
  fprintf(stderr, "taxamba %s %s: ", call->command->name, tx_version());
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fprintf(stderr, ", %.0f MiB peak memory, %.1f s\n", (double)tx_peak_memory() / 1048576.0,
          tx_clock() - call->started);
}
