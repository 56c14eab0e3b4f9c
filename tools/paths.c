#include "paths.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <taxamba/model.h>
#include <taxamba/paths.h>

enum { IN_PLACE = 1 }; /* the group of a model that may be replaced */

/* Uses, and the names made for them. */
typedef struct gathering {
  tx_path_use *uses;
  char **names;
  size_t count, capacity;
} gathering;

/* Takes over the two names; `path` NULL: a standard stream. */
static tx_status add(gathering *all, char *what, char *path, tx_path_use use, tx_error *error)
{
  if (all->count == all->capacity) {
    const size_t capacity = all->capacity ? all->capacity * 2 : 32;
    tx_path_use *uses = realloc(all->uses, capacity * sizeof *uses);
    char **names = realloc(all->names, 2 * capacity * sizeof *names);
    if (uses) all->uses = uses;
    if (names) all->names = names;
    if (uses && names) all->capacity = capacity;
  }
  if (!what || (!path && use.path) || all->count == all->capacity) {
    free(what);
    free(path);
    return tx_cli_fail(error, TX_ERROR_MEMORY, "out of memory for the names of files");
  }
  use.what = all->names[2 * all->count] = what;
  use.path = all->names[2 * all->count + 1] = path;
  all->uses[all->count++] = use;
  return TX_OK;
}

static char *join(const char *first, const char *second, size_t second_length)
{
  const size_t length = strlen(first);
  char *text = malloc(length + second_length + 1);
  if (!text) return NULL;
  memcpy(text, first, length);
  memcpy(text + length, second, second_length);
  text[length + second_length] = '\0';
  return text;
}

static char *copy(const char *text)
{
  return join("", text, strlen(text));
}

static tx_status add_stream(gathering *all, const char *what, int descriptor, tx_error *error)
{
  return add(all, copy(what), NULL,
             (tx_path_use){.descriptor = descriptor, .output = descriptor == STDOUT_FILENO}, error);
}

static tx_status add_file(gathering *all, const char *what, const char *path, bool output, unsigned group,
                          tx_error *error)
{
  return add(all, copy(what), copy(path), (tx_path_use){.path = path, .output = output, .group = group},
             error);
}

static bool is_stream(const char *path)
{
  return strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0;
}

/* An output, and the files beside it whose endings its table has. Standard output is a use of its own. */
static tx_status add_output(gathering *all, const char *what, const tx_param *param, const char *path,
                            unsigned group, tx_error *error)
{
  tx_status status;
  if (is_stream(path)) return TX_OK;
  status = add_file(all, what, path, true, group, error);
  for (const char *ending = strchr(param->values, '|'); ending && status == TX_OK;
       ending = strchr(ending, '|')) {
    const size_t length = strcspn(++ending, "|");
    char *name = join(path, ending, length);
    status =
        add(all, join(what, "'s", 2), name, (tx_path_use){.path = name ? name : "", .output = true}, error);
  }
  return status;
}

static tx_status add_model(gathering *all, const tx_call *call, const char *what, const tx_param *param,
                           const char *name, tx_error *error)
{
  const char *asked = name[0] ? name : tx_model_default_path();
  char *path = NULL;
  tx_error unused = {0};
  tx_status status;
  if (!name[0] && param->minimum < 1) return TX_OK;
  if (tx_model_path(name, &path, &unused) != TX_OK) return TX_OK; /* the error comes with the opening */
  if (strcmp(path, asked) != 0 && access(asked, F_OK) == 0)
    tx_note(call, "%s is the shipped model of this name; the file here is left aside (./%s names it)", asked,
            asked);
  status = add_file(all, what, path, false, call->command->in_place ? IN_PLACE : 0, error);
  free(path);
  return status;
}

/* Models, one a line. */
static tx_status add_models(gathering *all, const tx_call *call, const char *what, const tx_param *param,
                            const char *names, tx_error *error)
{
  tx_status status = TX_OK;
  while (*names && status == TX_OK) {
    const size_t length = strcspn(names, "\n");
    char *name = join("", names, length);
    status = name ? add_model(all, call, what, param, name, error)
                  : tx_cli_fail(error, TX_ERROR_MEMORY, "out of memory for the names of files");
    free(name);
    names += length + (names[length] == '\n');
  }
  return status;
}

/* Inputs, separated by commas. */
static tx_status add_inputs(gathering *all, const char *what, const char *paths, tx_error *error)
{
  tx_status status = TX_OK;
  while (*paths && status == TX_OK) {
    const size_t length = strcspn(paths, ",");
    char *path = join("", paths, length);
    status = add(all, copy(what), path, (tx_path_use){.path = path ? path : ""}, error);
    paths += length + (paths[length] == ',');
  }
  return status;
}

/* Outputs, one a line. */
static tx_status add_outputs(gathering *all, const char *what, const char *paths, tx_error *error)
{
  tx_status status = TX_OK;
  while (*paths && status == TX_OK) {
    const size_t length = strcspn(paths, "\n");
    char *path = join("", paths, length);
    if (path && is_stream(path))
      free(path);
    else
      status = add(all, copy(what), path, (tx_path_use){.path = path ? path : "", .output = true}, error);
    paths += length + (paths[length] == '\n');
  }
  return status;
}

static tx_status add_option(gathering *all, const tx_call *call, const tx_param *param, const char *value,
                            tx_error *error)
{
  char what[64];
  snprintf(what, sizeof what, "--%s", param->name);
  if (param->type == TX_PARAM_MODEL) return add_model(all, call, what, param, value, error);
  if (!value[0]) return TX_OK;
  if (param->type == TX_PARAM_MODELS) return add_models(all, call, what, param, value, error);
  if (param->type == TX_PARAM_OUTPUT)
    return add_output(all, what, param, value, call->command->in_place ? IN_PLACE : 0, error);
  if (param->type == TX_PARAM_INPUTS) return add_inputs(all, what, value, error);
  if (param->type == TX_PARAM_OUTPUTS) return add_outputs(all, what, value, error);
  return strcmp(value, "-") == 0 ? TX_OK : add_file(all, what, value, false, 0, error);
}

static bool is_file(tx_param_type type)
{
  return type == TX_PARAM_INPUT || type == TX_PARAM_INPUTS || type == TX_PARAM_OUTPUT ||
         type == TX_PARAM_OUTPUTS || type == TX_PARAM_MODEL || type == TX_PARAM_MODELS;
}

/* The files of a call that options and operands name. opt_but: an option that is left out. */
static tx_status gather(gathering *all, const tx_call *call, const char *opt_but, tx_error *error)
{
  tx_param_table tables[TX_TABLES_MAX];
  const size_t table_count = call->command->tables(call->options, tables);
  tx_status status = add_stream(all, "standard output", STDOUT_FILENO, error);
  if (status == TX_OK) status = add_stream(all, "standard input", STDIN_FILENO, error);
  for (size_t i = 0; i < call->operand_count && status == TX_OK; i++)
    if (strcmp(call->operands[i], "-") != 0)
      status = add_file(all, "the input", call->operands[i], false, 0, error);
  for (size_t t = 0; t < table_count; t++)
    for (size_t p = 0; p < tables[t].count && status == TX_OK; p++) {
      const tx_param *param = &tables[t].params[p];
      if (!is_file(param->type) || (opt_but && strcmp(param->name, opt_but) == 0)) continue;
      status = add_option(all, call, param, (const char *)tables[t].object + param->offset, error);
    }
  return status;
}

/* Compares all files, and frees their names. */
static tx_status check(gathering *all, tx_status status, tx_error *error)
{
  if (status == TX_OK) status = tx_paths_check(all->uses, all->count, error);
  for (size_t i = 0; i < 2 * all->count; i++) free(all->names[i]);
  free(all->names);
  free(all->uses);
  return status;
}

tx_status tx_check_paths(const tx_call *call, tx_error *error)
{
  gathering all = {0};
  return check(&all, gather(&all, call, NULL, error), error);
}

tx_status tx_check_outputs(const tx_call *call, const tx_more_outputs *more, tx_error *error)
{
  gathering all = {0};
  char what[64];
  tx_status status = gather(&all, call, more->option, error);
  snprintf(what, sizeof what, "--%s", more->option);
  for (size_t i = 0; i < more->count && status == TX_OK; i++)
    if (!is_stream(more->paths[i])) status = add_file(&all, what, more->paths[i], true, 0, error);
  return check(&all, status, error);
}

tx_status tx_derive_name(char name[TX_TEXT_SIZE], const char *output, const char *ending, tx_error *error)
{
  const size_t length = strlen(output), ending_size = strlen(ending) + 1;
  if (length + ending_size > TX_TEXT_SIZE)
    return tx_cli_fail(error, TX_ERROR_USAGE, "'%.200s...' is too long for the name of a file", output);
  memcpy(name, output, length);
  memcpy(name + length, ending, ending_size);
  return TX_OK;
}
