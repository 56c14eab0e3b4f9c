/* taxamba: which command it is, and what is asked of the program as a whole. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <taxamba/runtime.h>

#include "cli.h"
#include "commands.h"
#include "help.h"
#include "options.h"

static const tx_command *find_command(const char *name)
{
  for (const tx_command *const *command = tx_commands(); *command; command++)
    if (strcmp((*command)->name, name) == 0) return *command;
  return NULL;
}

static int unknown_command(const char *name)
{
  static const char *const others[] = {"help", "man", "completion"};
  tx_closest closest = {NULL, 0};
  for (const tx_command *const *command = tx_commands(); *command; command++)
    tx_closest_try(&closest, name, (*command)->name);
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) tx_closest_try(&closest, name, others[i]);
  fprintf(stderr, "taxamba: error: unknown command '%s'", name);
  if (closest.word) fprintf(stderr, " (did you mean '%s'?)", closest.word);
  fputs("; see 'taxamba --help'\n", stderr);
  return TX_EXIT_USAGE;
}

/* The end of whatever was printed to standard output. */
static int printed(void)
{
  tx_error error = {0};
  tx_status status = tx_print_end(&error);
  if (status == TX_ERROR_IO) fprintf(stderr, "taxamba: error: %s\n", error.message);
  return status == TX_ERROR_IO ? TX_EXIT_FAILURE : TX_EXIT_OK;
}

typedef void (*page_writer)(FILE *out, const tx_command *command, const tx_param_table *tables,
                            size_t table_count);

/* Calls `write` with the tables of a command at their defaults. */
static int with_tables(const tx_command *command, page_writer write)
{
  tx_error error = {0};
  tx_param_table tables[TX_TABLES_MAX];
  void *options = calloc(1, command->options_size);
  size_t count;
  tx_status status;
  if (!options)
    return tx_report(command->name, tx_cli_fail(&error, TX_ERROR_MEMORY, "out of memory for the options"),
                     &error);
  count = command->tables(options, tables);
  status = tx_options_defaults(tables, count, &error);
  if (status == TX_OK) write(stdout, command, tables, count);
  free(options);
  return tx_report(command->name, status, &error);
}

/* help and man: of a command, or of the program. */
static int page(int argc, char **argv, page_writer write)
{
  const tx_command *command;
  int code;
  if (argc > 2) {
    fprintf(stderr, "taxamba: error: '%s' takes one command, not '%s' as well; see 'taxamba --help'\n",
            argv[0], argv[2]);
    return TX_EXIT_USAGE;
  }
  command = find_command(argv[1]);
  if (!command) return unknown_command(argv[1]);
  code = with_tables(command, write);
  return code == TX_EXIT_OK ? printed() : code;
}

static int completion(int argc, char **argv)
{
  if (argc != 2 || strcmp(argv[1], "bash") != 0) {
    fputs("taxamba: error: there is completion for one shell: taxamba completion bash\n", stderr);
    return TX_EXIT_USAGE;
  }
  tx_completion_begin(stdout);
  for (const tx_command *const *command = tx_commands(); *command; command++) {
    int code = with_tables(*command, tx_completion_command);
    if (code != TX_EXIT_OK) return code;
  }
  tx_completion_end(stdout);
  return printed();
}

static int version(void)
{
  printf("taxamba %s\n", tx_version());
  printf("Libraries: %s\n", tx_libraries());
  printf("Kernels: %s; processors: %zu\n", tx_cpu(), tx_processors());
  return printed();
}

/* A closed standard stream must not be taken over by the next file that is opened: rows would go into it. */
static void hold_standard_streams(void)
{
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
    if (fcntl(stream, F_GETFD) == -1 &&
        open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY) != stream)
      exit(TX_EXIT_FAILURE);
}

/* OpenBLAS, which a training may load, starts as many threads as it finds processors, unless it is told
   before: they would have nothing to do, and where the address space is small they hang or end the
   process. */
static void keep_openblas_alone(void)
{
  if (setenv("OPENBLAS_NUM_THREADS", "1", 1) == 0) return;
  fputs("taxamba: error: out of memory for the environment\n", stderr);
  exit(TX_EXIT_FAILURE);
}

int main(int argc, char **argv)
{
  static char buffer[1 << 17]; /* holds any page, so that its one write at the end can say why it failed */
  const tx_command *command;
  tx_error error = {0};
  hold_standard_streams();
  keep_openblas_alone();
  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  tx_signals_install();
  if (tx_cpu_check(&error) != TX_OK) {
    fprintf(stderr, "taxamba: error: %s\n", error.message);
    return TX_EXIT_USAGE;
  }
  if (argc < 2) {
    tx_help_overview(stderr);
    return TX_EXIT_USAGE;
  }
  if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "version") == 0) return version();
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
      (strcmp(argv[1], "help") == 0 && argc == 2)) {
    tx_help_overview(stdout);
    return printed();
  }
  if (strcmp(argv[1], "man") == 0 && argc == 2) {
    tx_man_page(stdout, NULL, NULL, 0);
    return printed();
  }
  if (strcmp(argv[1], "help") == 0) return page(argc - 1, argv + 1, tx_help_command);
  if (strcmp(argv[1], "man") == 0) return page(argc - 1, argv + 1, tx_man_page);
  if (strcmp(argv[1], "completion") == 0) return completion(argc - 1, argv + 1);
  command = find_command(argv[1]);
  if (command) return tx_command_main(command, argc - 1, argv + 1);
  return unknown_command(argv[1]);
}
