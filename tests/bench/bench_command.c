/* Time and peak memory of whole programs. The plan has a line per command, its fields separated by tabs:
     name  threads  work  unit  program  argument...
   The figure is work / seconds in `unit` ("sequences/s"), or with work 0 milliseconds, in which case a later
   line of the same name and threads with work is shown once more with that time taken off (what a program
   reads before it begins). The repeats go round all commands, so that a slow minute of the machine meets each
   of them; the best counts. Output of the commands is thrown away. */
#include "bench.h"
#include "report.h"

#include "base/bytes.h"
#include "base/memory.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <taxamba/runtime.h>
#include <unistd.h>

enum { FIELDS_MAX = 64 };

typedef struct options {
  uint64_t repeats;
  char plan[TX_TEXT_SIZE], json[TX_TEXT_SIZE], title[TX_TEXT_SIZE];
} options;

static const tx_param params[] = {
    {"plan", 0, TX_PARAM_INPUT, offsetof(options, plan), 0, 0, "-", "FILE", "",
     "The commands; - is standard input."},
    {"repeats", 0, TX_PARAM_COUNT, offsetof(options, repeats), 1, 100000, "3", "N", "",
     "Runs of each command; the best counts."},
    {"title", 0, TX_PARAM_TEXT, offsetof(options, title), 0, 0, "bench_command", "TEXT", "",
     "Heading of the table."},
    {"json", 0, TX_PARAM_OUTPUT, offsetof(options, json), 0, 0, "", "FILE", "",
     "Write the results as JSON; - is standard output."},
};

typedef struct cost {
  double seconds;
  long peak_kib;
} cost;

typedef struct command {
  char *line; /* cut at its tabs */
  char *fields[FIELDS_MAX + 1];
  const char *name;
  const char *unit;
  size_t threads;
  double work;
  cost best; /* the shortest time, the largest memory */
} command;

/* ---- running ---- */

/* In a child of its own: getrusage knows the largest of a process's children only. */
static void measure_child(char *const *arguments, int out)
{
  const double begin = tx_clock();
  const pid_t child = fork();
  struct rusage usage;
  cost c;
  int status;
  if (child == 0) {
    const int nowhere = open("/dev/null", O_WRONLY);
    if (nowhere < 0 || dup2(nowhere, STDOUT_FILENO) < 0) _exit(126);
    execvp(arguments[0], arguments);
    fprintf(stderr, "cannot run %s\n", arguments[0]);
    _exit(127);
  }
  if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status)) _exit(1);
  c.seconds = tx_clock() - begin;
  getrusage(RUSAGE_CHILDREN, &usage);
  c.peak_kib = usage.ru_maxrss;
  _exit(write(out, &c, sizeof c) == (ssize_t)sizeof c ? 0 : 1);
}

static cost run_once(const command *c)
{
  int ends[2], status;
  cost got = {0, 0};
  pid_t helper;
  if (pipe(ends)) tx_bench_must(NULL);
  helper = fork();
  if (helper == 0) measure_child(c->fields + 4, ends[1]);
  close(ends[1]);
  if (helper < 0 || read(ends[0], &got, sizeof got) != (ssize_t)sizeof got ||
      waitpid(helper, &status, 0) != helper || status) {
    fprintf(stderr, "bench_command: %s failed:", c->name);
    for (char *const *field = c->fields + 4; *field; field++) fprintf(stderr, " %s", *field);
    fputc('\n', stderr);
    exit(1);
  }
  close(ends[0]);
  return got;
}

/* ---- the plan ---- */

static void read_command(char *line, command *c)
{
  size_t count = 0;
  *c = (command){.line = line, .best = {1e30, 0}};
  for (char *at = line; at && count < FIELDS_MAX;) {
    char *tab = strchr(at, '\t');
    if (tab) *tab = 0;
    c->fields[count++] = at;
    at = tab ? tab + 1 : NULL;
  }
  if (count < 5 || count == FIELDS_MAX) {
    fprintf(stderr, "bench_command: a line of the plan has %zu fields: %s\n", count, line);
    exit(2);
  }
  c->name = c->fields[0];
  c->threads = strtoul(c->fields[1], NULL, 10);
  c->work = strtod(c->fields[2], NULL);
  c->unit = c->fields[3];
}

static command *read_plan(const char *path, size_t *ret_count)
{
  FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;
  command *commands = NULL;
  char *line = NULL;
  size_t count = 0, capacity = 0, size = 0;
  ssize_t length;
  if (!file) {
    fprintf(stderr, "bench_command: cannot open %s\n", path);
    exit(2);
  }
  while ((length = getline(&line, &size, file)) > 0) {
    if (line[length - 1] == '\n') line[--length] = 0;
    if (!length) continue;
    if (!tx_reserve(&commands, &capacity, count + 1, sizeof *commands)) tx_bench_must(NULL);
    read_command(tx_bench_must(tx_copy_text(line, (size_t)length)), &commands[count++]);
  }
  free(line);
  if (file != stdin) fclose(file);
  *ret_count = count;
  return commands;
}

/* ---- results ---- */

static void add(tx_bench_report *report, const command *c, const char *what, double value, const char *unit)
{
  tx_bench_result r = {.threads = c->threads, .value = value, .unit = unit};
  snprintf(r.name, sizeof r.name, "%s%s", c->name, what);
  tx_bench_report_add(report, &r);
}

/* The command of the same name with or without work, NULL if there is none before `c`. */
static const command *earlier(const command *commands, const command *c, size_t threads, bool works)
{
  for (const command *other = commands; other < c; other++)
    if (!strcmp(other->name, c->name) && other->threads == threads && (other->work > 0) == works)
      return other;
  return NULL;
}

static void report_command(tx_bench_report *report, const command *commands, const command *c)
{
  const command *start = earlier(commands, c, c->threads, false), *single = earlier(commands, c, 1, true);
  if (c->work <= 0) {
    add(report, c, ", start", c->best.seconds * 1e3, "ms");
    return;
  }
  add(report, c, "", c->work / c->best.seconds, c->unit);
  if (start && start->best.seconds < c->best.seconds)
    add(report, c, ", start taken off", c->work / (c->best.seconds - start->best.seconds), c->unit);
  if (single && c->threads > 1) add(report, c, ", speed-up", single->best.seconds / c->best.seconds, "times");
  add(report, c, ", peak memory", (double)c->best.peak_kib / 1024, "MiB");
}

int main(int argument_count, char **arguments)
{
  static options given;
  tx_bench_report report = {0};
  command *commands;
  size_t count;
  bool written;
  tx_bench_arguments(params, sizeof params / sizeof *params, &given, argument_count, arguments);
  commands = read_plan(given.plan, &count);
  for (uint64_t repeat = 0; repeat < given.repeats; repeat++)
    for (size_t i = 0; i < count; i++) {
      const cost c = run_once(&commands[i]);
      if (c.seconds < commands[i].best.seconds) commands[i].best.seconds = c.seconds;
      if (c.peak_kib > commands[i].best.peak_kib) commands[i].best.peak_kib = c.peak_kib;
    }
  report.program = given.title;
  for (size_t i = 0; i < count; i++) report_command(&report, commands, &commands[i]);
  written = tx_bench_report_close(&report, given.json);
  for (size_t i = 0; i < count; i++) free(commands[i].line);
  free(commands);
  return written ? 0 : 1;
}
