/* Functions that all commands share: options from parameter tables, exit codes, signals, notes, progress,
   provenance. */
#ifndef TX_TOOLS_CLI_H
#define TX_TOOLS_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <taxamba/param.h>
#include <taxamba/record.h>
#include <taxamba/status.h>

#define TX_TABLES_MAX 7

enum tx_exit_code {
  TX_EXIT_OK = 0,
  TX_EXIT_FAILURE = 1,
  TX_EXIT_USAGE = 2,
  TX_EXIT_DATA = 3,
  TX_EXIT_MODEL = 4,
  TX_EXIT_NUMERIC = 5,
  TX_EXIT_STOPPED = 130
};

/* A parameter table and the struct it describes. */
typedef tx_param_table tx_param_table;

/* The options that were typed, each once. */
enum { TX_GIVEN_MAX = 128 };
typedef struct tx_given {
  const char *names[TX_GIVEN_MAX];
  size_t count;
} tx_given;

typedef struct tx_example {
  const char *line;        /* what to type */
  const char *explanation; /* what it does */
} tx_example;

typedef struct tx_call tx_call;

typedef struct tx_command {
  const char *name;
  const char *summary;                                             /* one line without a full stop */
  const char *operands;                                            /* "[FILE]..." */
  const char *description;                                         /* paragraphs separated by an empty line */
  const tx_example *examples;                                      /* ended by {NULL, NULL} */
  /* the options that --help shows, ended by NULL; NULL = all */
  const char *const *usual;
  /* size of the command's struct, whose first member is a tx_common */
  size_t options_size;
  /* fills in the tables of that struct; returns how many */
  size_t (*tables)(void *options, tx_param_table tables[TX_TABLES_MAX]);
  /* the rules that say when options have an effect; the second, which may be NULL, has the options that the
     library judges itself */
  const tx_param_rule *(*rules)(size_t *ret_count);
  const tx_param_rule *(*library_rules)(size_t *ret_count);
  /* may be NULL: called between two readings of the command line */
  tx_status (*configure)(void *options, tx_error *error);
  /* may be NULL: fills names of files that follow from others */
  tx_status (*settle)(void *options, tx_error *error);
  tx_status (*run)(const tx_call *call, tx_error *error);
  /* the output may be the model that is read */
  bool in_place;
} tx_command;

/* The options of every command; the first member of each command's options. */
typedef struct tx_common {
  bool quiet;
} tx_common;

/* One run of a command. */
struct tx_call {
  const tx_command *command;
  void *options;
  const char *const *operands;
  size_t operand_count;
  const tx_given *given;
  const char *line; /* the command line as typed, for the provenance */
  double started;   /* tx_clock() */
};

const tx_param *tx_common_params(size_t *ret_count);

/* The row of a command's option for the model it reads, of TX_TEXT_SIZE characters. */
#define TX_MODEL_PARAM(offset) \
  {"model", 'm', TX_PARAM_MODEL, offset, 1, 0, "", "FILE", "Model", \
   "The trained model: a file, or an installed one by its name, such as coi-arthropoda (a file of that " \
   "name is ./coi-arthropoda). Without it: the one that TAXAMBA_MODEL names, else coi-arthropoda."}

/* Rows of a command's table of rules. */
#define TX_ALWAYS(name) {name, TX_RULE_ALWAYS, NULL, NULL, TX_RULE_REFUSED}
#define TX_WITH(name, other) {name, TX_RULE_GIVEN, other, NULL, TX_RULE_REFUSED}
#define TX_WITHOUT(name, other) {name, TX_RULE_ABSENT, other, NULL, TX_RULE_REFUSED}
#define TX_VALUE(name, other, values) {name, TX_RULE_VALUE, other, values, TX_RULE_REFUSED}

/* Whether an option was typed. */
bool tx_is_given(const tx_call *call, const char *name);

/* Search for the closest of `count` words to `word`, NULL when none is similar. */
typedef struct tx_closest {
  const char *word;
  size_t distance;
} tx_closest;
void tx_closest_try(tx_closest *closest, const char *word, const char *candidate);

/* Runs one command: argv[0] is its name. Returns the exit code. */
int tx_command_main(const tx_command *command, int argc, char **argv);

/* Prints "taxamba COMMAND: error: ..." for a failed status and returns the exit code of the status. */
int tx_report(const char *command, tx_status status, const tx_error *error);

/* Fills an error of the tool itself. Returns `code`. */
tx_status tx_cli_fail(tx_error *error, tx_status code, const char *format, ...) TX_PRINTF(3, 4);

/* Prints "taxamba COMMAND: note: ..." on stderr unless --quiet. */
void tx_note(const tx_call *call, const char *format, ...) TX_PRINTF(2, 3);

/* Prints "taxamba COMMAND: warning: ..." on stderr, also with --quiet. */
void tx_warn(const tx_call *call, const char *format, ...) TX_PRINTF(2, 3);
/* Prints a line of the library: as it is if it begins with "warning: ", else as a note. */
void tx_message(const tx_call *call, const char *line);

/* Writes text to standard output, and ends it: flushed and checked. */
tx_status tx_print(const char *text, tx_error *error);
tx_status tx_print_end(tx_error *error);

/* A flag that is set to nonzero by SIGINT, SIGTERM, SIGHUP, SIGUSR1 and SIGXCPU. A second signal of the same
   kind ends the program, except SIGXCPU, which the kernel sends again every second. */
const volatile int *tx_stop_flag(void);
/* Sets the same flag from within, when the command no longer needs what it waits for. */
void tx_stop_request(void);
/* Hooks for the readers of a command: they stop at a signal, and their warnings go to stderr, also with
   --quiet. `call` is borrowed. */
tx_input_hooks tx_input_watch(const tx_call *call);
void tx_signals_install(void);

/* Checks that every input can be read, before hours are spent on the first of them; "-" twice is
   TX_ERROR_USAGE. Without an operand and with a terminal as standard input there is nothing to read:
   TX_ERROR_USAGE. */
tx_status tx_check_inputs(const char *const *paths, size_t count, tx_error *error);

/* Refuses the options about columns that are given, because of `why`. TX_ERROR_USAGE; TX_OK: none is. */
tx_status tx_refuse_columns(const tx_call *call, const char *why, tx_error *error);
/* Checks that the options about columns have an effect: has_table says whether one of the files opened so far
   is a table. TX_ERROR_USAGE. */
tx_status tx_check_columns(const tx_call *call, bool has_table, tx_error *error);

/* A line of progress that rewrites itself, on a terminal without --quiet. Notes and warnings take its place,
   also those of other threads. */
typedef struct tx_progress {
  const char *command;
  bool quiet;
  bool terminal;   /* stderr is a terminal */
  bool off;        /* no line rewrites itself */
  double interval; /* seconds between plain lines where stderr is no terminal; 0: none */
  double last;
} tx_progress;
/* rows: standard output gets rows meanwhile. On a terminal they take the place of the progress. */
void tx_progress_start(tx_progress *progress, const tx_call *call, bool rows, double interval);
/* Whether it is time for a line. */
bool tx_progress_due(const tx_progress *progress);
void tx_progress_show(tx_progress *progress, const char *format, ...) TX_PRINTF(2, 3);
/* Shows a line that stays, whatever the time. */
void tx_progress_line(tx_progress *progress, const char *format, ...) TX_PRINTF(2, 3);
void tx_progress_clear(tx_progress *progress);

/* Prints the last line on stderr: "taxamba COMMAND VERSION: WHAT, N MiB peak memory, N s". */
void tx_provenance(const tx_call *call, const char *format, ...) TX_PRINTF(2, 3);

#endif
