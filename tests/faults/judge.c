/* One run of the program in a process of its own, and what is expected of a run in which a call failed. */
#include "sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SANITIZER_CODE = 99, TIME_LIMIT = 120 /* seconds; a run takes less than one */ };

/* main() of tools/taxamba.c, renamed for this program. */
int tx_program_main(int argc, char **argv);

/* A report of a sanitizer gets an exit code that the program does not have. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
  return "exitcode=99:detect_leaks=1:allocator_may_return_null=1";
}

const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void)
{
  return "exitcode=99:print_stacktrace=1";
}

static void redirect(const char *path, int flags, int descriptor)
{
  int opened = open(path, flags, 0644);
  if (opened < 0 || dup2(opened, descriptor) < 0) _exit(2);
  close(opened);
}

/* The child's part: the program as a shell would start it. */
static void become_program(const tx_sweep_case *the_case, const char *extra, tx_injection *injection)
{
  static char line[2048];
  char *words[TX_WORDS] = {(char[]){"taxamba"}};
  int count = 1;
  char *rest = NULL;
  if (chdir("run")) _exit(2);
  redirect(the_case->input ? the_case->input : "/dev/null", O_RDONLY, STDIN_FILENO);
  redirect("../out", O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
  redirect("../err", O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
  snprintf(line, sizeof line, "%s%s%s", the_case->arguments, extra ? " " : "", extra ? extra : "");
  for (char *word = strtok_r(line, " ", &rest); word && count < TX_WORDS - 1;
       word = strtok_r(NULL, " ", &rest))
    words[count++] = word;
  words[count] = NULL;
  alarm(TIME_LIMIT);
  tx_inject_start(injection);
  exit(tx_program_main(count, words));
}

void tx_run(const tx_sweep_case *the_case, const char *extra, tx_injection *injection,
            tx_outcome *ret_outcome)
{
  pid_t child;
  memset(injection->calls, 0, sizeof injection->calls);
  injection->fired = injection->seen_count = injection->version_count = 0;
  injection->path[0] = '\0';
  injection->frame_count = 0;
  fflush(NULL);
  child = fork();
  if (child < 0) exit(2);
  if (child == 0) become_program(the_case, extra, injection);
  while (waitpid(child, &ret_outcome->status, 0) < 0 && errno == EINTR) continue;
  tx_folder_read("run", &ret_outcome->after);
  ret_outcome->out = tx_file_read("out");
  ret_outcome->err = tx_file_read("err");
}

void tx_outcome_free(tx_outcome *outcome)
{
  tx_folder_free(&outcome->after);
  free(outcome->out.data);
  free(outcome->err.data);
}

/* Replaces what differs from run to run: times, speeds, memory, the number of processors. Keeps the length of
   everything else. */
static void normalise(tx_file_kept *file)
{
  static const char *const keys[] = {
      "\"date\":",    "seconds\":",   "\"records_per_second\":", "\"peak_memory\":",
      "processors: ", "\"command\":", "\"event\":\"resume",      "\"event\":\"start"};
  char *to = file->data;
  for (char *from = file->data; *from;) {
    const char *key = NULL;
    for (size_t i = 0; i < sizeof keys / sizeof *keys && !key; i++)
      if (!strncmp(from, keys[i], strlen(keys[i]))) key = keys[i];
    if (!key) {
      *to++ = *from++;
      continue;
    }
    from += strlen(key);
    if (*from == '"') from++;
    while (*from && !strchr(",}\"\n", *from)) from++;
  }
  *to = '\0';
  file->size = (size_t)(to - file->data);
}

/* Compares but for what differs from run to run. */
static bool alike(const tx_file_kept *a, const tx_file_kept *b)
{
  tx_file_kept first = *a, second = *b;
  bool same;
  first.data = malloc(a->size + 1);
  second.data = malloc(b->size + 1);
  if (!first.data || !second.data) exit(2);
  memcpy(first.data, a->data, a->size + 1);
  memcpy(second.data, b->data, b->size + 1);
  normalise(&first);
  normalise(&second);
  same = tx_file_same(&first, &second);
  free(first.data);
  free(second.data);
  return same;
}

static bool is_log(const char *name)
{
  return !strcmp(name, "m.safetensors.jsonl");
}

static bool is_checkpoint(const char *name)
{
  return !strcmp(name, "m.safetensors.checkpoint");
}

/* Every line of a log is a whole object. */
static bool lines_whole(const tx_file_kept *log)
{
  const char *at = log->data;
  for (const char *end; (end = strchr(at, '\n')) != NULL; at = end + 1)
    if (strncmp(at, "{\"event\":\"", 10) != 0 || end[-1] != '}') return false;
  return *at == '\0';
}

/* Success: the same output and files as without a fault. */
static bool all_right(const tx_reference *reference, const tx_outcome *outcome, tx_call_kind kind,
                      char *reason, size_t size)
{
  const tx_folder *wanted = &reference->whole.after;
  if (!alike(&outcome->out, &reference->whole.out))
    return snprintf(reason, size, "exit code 0 and another standard output"), false;
  for (size_t i = 0; i < wanted->count; i++) {
    const tx_file_kept *file = tx_folder_find(&outcome->after, wanted->files[i].name);
    if (!file ||
        !(is_log(file->name) ? alike(file, &wanted->files[i]) : tx_file_same(file, &wanted->files[i])))
      return snprintf(reason, size, "exit code 0 and %s is %s", wanted->files[i].name,
                      file ? "not as it should be" : "missing"),
             false;
  }
  for (size_t i = 0; i < outcome->after.count && kind != TX_CALL_UNLINK; i++)
    if (!tx_folder_find(wanted, outcome->after.files[i].name))
      return snprintf(reason, size, "exit code 0 and %s is left behind", outcome->after.files[i].name), false;
  return true;
}

/* Whether a model of a training that did not end is the old one, or one of those that the run writes on its
   way. */
static bool model_whole(const tx_reference *reference, const tx_file_kept *model)
{
  uint64_t hash = tx_hash(model->data, model->size);
  if (tx_file_same(model, tx_folder_find(&reference->start, model->name))) return true;
  for (unsigned long i = 0; i < reference->version_count; i++)
    if (hash == reference->versions[i]) return true;
  return false;
}

/* A folder could not be synchronised: the new file has its name by then. */
static bool is_folder_sync(const tx_injection *injection)
{
  const size_t length = strlen(injection->path);
  return injection->plan.kind == TX_CALL_SYNC && length &&
         (!strcmp(injection->path, ".") || injection->path[length - 1] == '/');
}

/* Failure: what was there before is whole, and nothing new is there. */
static bool nothing_changed(const tx_sweep_case *the_case, const tx_reference *reference,
                            const tx_outcome *outcome, bool may_leave, bool renamed, char *reason,
                            size_t size)
{
  for (size_t i = 0; i < reference->start.count; i++) {
    const tx_file_kept *old = &reference->start.files[i];
    const tx_file_kept *file = tx_folder_find(&outcome->after, old->name);
    /* A training keeps its progress; once complete it removes the checkpoint. */
    if (the_case->trains && is_checkpoint(old->name)) continue;
    if (!file) return snprintf(reason, size, "the old %s is gone", old->name), false;
    if ((renamed || the_case->half) && tx_file_same(file, tx_folder_find(&reference->whole.after, old->name)))
      continue;
    if (!the_case->trains && !tx_file_same(file, old))
      return snprintf(reason, size, "the old %s has changed", old->name), false;
  }
  for (size_t i = 0; i < outcome->after.count; i++) {
    const tx_file_kept *file = &outcome->after.files[i];
    bool expected = tx_folder_find(&reference->start, file->name) ||
                    (the_case->trains &&
                     (is_checkpoint(file->name) || tx_folder_find(&reference->whole.after, file->name)));
    if (!expected && !may_leave) return snprintf(reason, size, "%s is left behind", file->name), false;
    if (the_case->trains && !strcmp(file->name, "m.safetensors") && !model_whole(reference, file))
      return snprintf(reason, size, "%s is neither the old model nor a new one", file->name), false;
  }
  return true;
}

/* The name that a message should have of the file that failed: that of a temporary file without what was
   added to it. */
static void expected_name(const char *path, char *name, size_t size)
{
  const char *slash = strrchr(path, '/');
  char *end;
  snprintf(name, size, "%s", slash ? slash + 1 : path);
  if (name[0] == '.') memmove(name, name + 1, strlen(name));
  end = strstr(name, ".tmp.");
  if (end) *end = '\0';
}

/* One line that says what failed. */
static bool said_so(const tx_injection *injection, const tx_outcome *outcome, char *reason, size_t size)
{
  const char *line = outcome->err.data;
  const char *end = strchr(line, '\n');
  char name[TX_PATH_KEPT];
  if (injection->plan.kind == TX_CALL_WRITE && injection->descriptor == STDERR_FILENO) return true;
  if (!end || end[1] != '\0' || strncmp(line, "taxamba", 7) != 0)
    return snprintf(reason, size, "not one line of error"), false;
  if (injection->plan.kind == TX_CALL_MALLOC && !strstr(line, "memory"))
    return snprintf(reason, size, "no word about memory"), false;
  expected_name(injection->path, name, sizeof name);
  if (*name && !strstr(line, name))
    return snprintf(reason, size, "the message does not name %s", name), false;
  return true;
}

/* htslib 1.16, and the library of ciphers that it starts, do not free all that they have when an allocation
   fails, and nobody else can. */
static bool is_leak_of_htslib(const tx_injection *injection, const tx_outcome *outcome)
{
  return injection->plan.kind == TX_CALL_MALLOC && strstr(outcome->err.data, "LeakSanitizer") &&
         (strstr(outcome->err.data, "libhts") || strstr(outcome->err.data, "libcrypto"));
}

/* The loader's own end of the process, after ours, if a library has thread-local data that is made only when
   it is to be freed (a library that htslib is linked with). */
static bool is_end_of_loader(const tx_injection *injection, const tx_outcome *outcome)
{
  return injection->plan.kind == TX_CALL_MALLOC && WEXITSTATUS(outcome->status) == 127 &&
         strstr(outcome->err.data, "cannot allocate memory for thread-local data");
}

/* Whether the program cannot do right without the call that failed: bytes that were not read, written,
   synchronised or named. */
static bool is_needed(const tx_injection *injection)
{
  const char *path = injection->path;
  if (injection->plan.act != EIO && injection->plan.act != ENOSPC) return false;
  if (!strncmp(path, "/proc/", 6) || !strncmp(path, "/sys/", 5) || injection->descriptor == STDERR_FILENO)
    return false;
  if (strlen(path) > 5 && !strcmp(path + strlen(path) - 5, ".lock"))
    return false; /* what it says is for people */
  switch (injection->plan.kind) {
  case TX_CALL_READ:
  case TX_CALL_WRITE:
  case TX_CALL_CREATE:
  case TX_CALL_RENAME:
    return true;
  case TX_CALL_SYNC:
    return !is_folder_sync(injection);
  case TX_CALL_CLOSE:
    return injection->written && strstr(path, ".tmp."); /* and is not thrown away unused */
  default:
    return false;
  }
}

tx_verdict tx_judge(const tx_sweep_case *the_case, const tx_reference *reference,
                    const tx_injection *injection, const tx_outcome *outcome, char *reason, size_t size)
{
  const int act = injection->plan.act;
  const bool kills = act == TX_ACT_KILL || act == TX_ACT_TORN;
  bool fine;
  reason[0] = '\0';
  if (WIFSIGNALED(outcome->status)) {
    if (kills && injection->fired && WTERMSIG(outcome->status) == SIGKILL)
      return nothing_changed(the_case, reference, outcome, true, true, reason, size) ? TX_VERDICT_KILLED
                                                                                     : TX_VERDICT_FAULT;
    snprintf(reason, size, WTERMSIG(outcome->status) == SIGALRM ? "it hangs" : "it ends by signal %d",
             WTERMSIG(outcome->status));
    return TX_VERDICT_FAULT;
  }
  if (WEXITSTATUS(outcome->status) == 0 || is_end_of_loader(injection, outcome)) {
    if (injection->fired && is_needed(injection))
      return snprintf(reason, size, "exit code 0 although that failed"), TX_VERDICT_FAULT;
    fine = all_right(reference, outcome, injection->plan.kind, reason, size);
    return !fine ? TX_VERDICT_FAULT : injection->fired ? TX_VERDICT_DONE : TX_VERDICT_MISSED;
  }
  if (is_leak_of_htslib(injection, outcome)) return TX_VERDICT_DONE;
  if (WEXITSTATUS(outcome->status) != 1) {
    snprintf(reason, size,
             WEXITSTATUS(outcome->status) == SANITIZER_CODE ? "a sanitizer speaks" : "exit code %d, not 1",
             WEXITSTATUS(outcome->status));
    return TX_VERDICT_FAULT;
  }
  if (!injection->fired)
    return snprintf(reason, size, "exit code 1 without a failing call"), TX_VERDICT_FAULT;
  if (act == TX_ACT_SHORT) return snprintf(reason, size, "a short count is no failure"), TX_VERDICT_FAULT;
  if (act == EINTR && !injection->stream && injection->plan.kind != TX_CALL_OPEN &&
      injection->plan.kind != TX_CALL_CREATE)
    return snprintf(reason, size, "an interrupted call is no failure"), TX_VERDICT_FAULT;
  fine = said_so(injection, outcome, reason, size) &&
         nothing_changed(the_case, reference, outcome, injection->plan.kind == TX_CALL_UNLINK,
                         is_folder_sync(injection), reason, size);
  if (fine && (outcome->out.size > reference->whole.out.size ||
               memcmp(outcome->out.data, reference->whole.out.data, outcome->out.size)))
    return snprintf(reason, size, "standard output is no beginning of what it should be"), TX_VERDICT_FAULT;
  return fine ? TX_VERDICT_REFUSED : TX_VERDICT_FAULT;
}

bool tx_continue(const tx_sweep_case *the_case, const tx_reference *reference, tx_injection *injection,
                 char *reason, size_t size)
{
  const tx_file_kept *wanted = tx_folder_find(&reference->whole.after, "m.safetensors");
  const bool resumes = strstr(the_case->arguments, "--resume") != NULL;
  const tx_file_kept *model, *log;
  tx_outcome outcome;
  tx_folder folder;
  bool fine = true, half;
  tx_folder_read("run", &folder);
  half = tx_folder_find(&folder, "m.safetensors.checkpoint") != NULL;
  model = tx_folder_find(&folder, "m.safetensors");
  if (resumes && !half) { /* it was complete: there is nothing to go on with */
    fine = tx_file_same(model, wanted);
    if (!fine) snprintf(reason, size, "no checkpoint and no complete model");
    tx_folder_free(&folder);
    return fine;
  }
  tx_folder_free(&folder);
  injection->plan.n = 0;
  tx_run(the_case, half && !resumes ? "--resume" : NULL, injection, &outcome);
  log = tx_folder_find(&outcome.after, "m.safetensors.jsonl");
  if (outcome.status != 0)
    fine = snprintf(reason, size, "going on from there fails: %.200s", outcome.err.data) < 0;
  else if (!tx_file_same(tx_folder_find(&outcome.after, "m.safetensors"), wanted))
    fine = snprintf(reason, size, "going on from there gives another model") < 0;
  else if (!log || !lines_whole(log))
    fine = snprintf(reason, size, "a line of the log is not whole after going on from there") < 0;
  tx_outcome_free(&outcome);
  return fine;
}
