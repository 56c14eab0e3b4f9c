/* Declarative parameters: one table drives defaults, range checks, JSON configuration, --help, the man pages
   and shell completion. A table describes the fields of one struct. */
#ifndef TAXAMBA_PARAM_H
#define TAXAMBA_PARAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TX_TEXT_SIZE 4096

typedef enum tx_param_type {
  TX_PARAM_FLAG,   /* bool field; on the command line --name and --no-name */
  TX_PARAM_COUNT,  /* uint64_t field; decimal, minimum..maximum */
  TX_PARAM_REAL,   /* double field; finite, minimum..maximum */
  /* char[TX_TEXT_SIZE] field; "" means not given; no path of a file, which is one of the following */
  TX_PARAM_TEXT,
  TX_PARAM_LIST,   /* char[TX_TEXT_SIZE] field: one text a line; each use on the command line adds one */
  TX_PARAM_INPUT,  /* char[TX_TEXT_SIZE] field: a file that is read; "-" is standard input */
  /* char[TX_TEXT_SIZE] field: files that are read, separated by commas */
  TX_PARAM_INPUTS,
  TX_PARAM_OUTPUT, /* char[TX_TEXT_SIZE] field: a file that is written; "-" is standard output */
  /* char[TX_TEXT_SIZE] field: files that are written, one a line; each use on the command line adds one */
  TX_PARAM_OUTPUTS,
  /* char[TX_TEXT_SIZE] field: a file that is read, or the name of a shipped model (tx_model_path) */
  TX_PARAM_MODEL,
  TX_PARAM_MODELS, /* the same, one a line; each use on the command line adds one */
  TX_PARAM_CHOICE  /* int field: the index of the chosen word in `values` ("a|b|c") */
} tx_param_type;

typedef struct tx_param {
  const char *name;     /* long option and JSON key, kebab-case: "d-model" */
  char letter;          /* short option, 0 if none */
  tx_param_type type;
  size_t offset;        /* offsetof the field in the struct */
  /* inclusive bounds of COUNT and REAL; MODEL: 1 where "" is the default model, 0 where it is none */
  double minimum;
  double maximum;
  const char *standard; /* the default, as text ("" for an empty TEXT, "false" for a FLAG) */
  /* CHOICE: "a|b|c"; otherwise the word shown in help ("FILE"); NULL for FLAG. OUTPUT: the word may be
     followed by the endings of files that are written beside this one: "FILE|.checkpoint" */
  const char *values;
  const char *section;  /* heading in help and man page ("Input", "Encoder", ...) */
  const char *help;     /* one or two sentences */
} tx_param;

/* Whether the field is a char[TX_TEXT_SIZE]. */
TX_API bool tx_param_is_text(tx_param_type type);

/* Sets every field of `object` to its default. Fails only when the table itself is wrong (TX_ERROR_USAGE): a
   name that occurs twice, a default out of bounds, a TEXT whose word is FILE, which must be INPUT or
   OUTPUT. */
TX_API tx_status tx_param_defaults(const tx_param *params, size_t count, void *object, tx_error *error);

/* Sets the field `name` from text (FLAG: "true" or "false"), with every check. TX_ERROR_USAGE names the
   offending word, and the closest known name when `name` is unknown. */
TX_API tx_status tx_param_set(const tx_param *params, size_t count, void *object, const char *name,
                              const char *text, tx_error *error);

/* Reads the text of a configuration file for tx_param_read_json, at most 1 MiB. The caller frees *ret_text.
   opt_stop as in the hooks of record.h. TX_ERROR_IO, TX_ERROR_DATA (too large), TX_ERROR_MEMORY,
   TX_STOPPED. */
TX_API tx_status tx_param_read_file(const char *file, const volatile int *opt_stop, char **ret_text,
                                    size_t *ret_length, tx_error *error);
/* Sets fields from one flat JSON object {"d-model": 256, "augment": true, ...}; keys are parameter names,
   unknown keys are errors (TX_ERROR_DATA with `file` in the message). Numbers, booleans and strings must
   match the parameter's type. */
TX_API tx_status tx_param_read_json(const tx_param *params, size_t count, void *object, const char *file,
                                    const char *json, size_t json_length, tx_error *error);

/* Writes all parameters of `object` as one flat JSON object on one line, in table order. A new string; the
   caller frees it. */
TX_API tx_status tx_param_write_json(const tx_param *params, size_t count, const void *object,
                                     char **ret_json, tx_error *error);

/* Writes the current value of one parameter as text, as tx_param_set would read it. Returns the length
   written, as snprintf. */
TX_API int tx_param_format(const tx_param *param, const void *object, char *text, size_t size);

/* A parameter table and the struct that it describes. */
typedef struct tx_param_table {
  const tx_param *params;
  size_t count;
  void *object;
} tx_param_table;

/* When a parameter has an effect. A table of rules next to the table of parameters defines it as data, which
   code, pages and tests all read. A parameter has an effect if all of its rules hold. */
typedef enum tx_rule_condition {
  TX_RULE_ALWAYS, /* whatever values the others have */
  TX_RULE_VALUE,  /* while `other` has one of `values` */
  TX_RULE_GIVEN,  /* while `other` is given: not "", "-" (a standard stream), 0 or false */
  TX_RULE_ABSENT  /* while `other` is not given */
} tx_rule_condition;

/* How a value without effect is treated when it came from a file of settings, which may serve many runs. One
   that was typed for this run is always refused. */
typedef enum tx_rule_verdict { TX_RULE_NOTED, TX_RULE_REFUSED } tx_rule_verdict;

typedef struct tx_param_rule {
  const char *name; /* the parameter */
  tx_rule_condition condition;
  const char *other;  /* the parameter that decides, NULL of TX_RULE_ALWAYS */
  const char *values; /* of TX_RULE_VALUE: "a|b" */
  tx_rule_verdict verdict;
} tx_param_rule;

/* The reason why a parameter has no effect, for a message "OPTION has no effect WHERE: ADVICE". */
typedef struct tx_param_idleness {
  const tx_param_rule *rule; /* rule that does not hold */
  char option[80];           /* "--mask-share", "--no-random-offset" */
  char where[160];           /* "with --objective taxa", "without --known" */
  char advice[160];          /* "leave it out or add --objective masked", "leave one of them out" */
} tx_param_idleness;

/* Whether the parameter `name` has no effect with the values in the tables' objects; *ret_idleness then has
   the reason. A default value changes nothing, so it never counts as without effect. A parameter that has no
   effect counts as its default where it decides about another. */
TX_API bool tx_param_idle(const tx_param_rule *rules, size_t rule_count, const tx_param_table *tables,
                          size_t table_count, const char *name, tx_param_idleness *ret_idleness);

#ifdef __cplusplus
}
#endif
#endif
