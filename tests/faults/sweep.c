/* The sweep: runs every command again and again, and each time another call fails.
     fault_sweep memory|io|kill DATA WORK [--share N] [--case NAME]   tests one of N faults
     fault_sweep repeat DATA WORK CASE KIND N ACT                      makes one of them again, and shows
   everything DATA is the folder of simulated barcodes; WORK is made, with the inputs and the last run. Exit
   code 0: no fault; 1: some; 2: usage.

   A clean run first notes every call with a hash of the chain of its callers. The first and the last call of
   each chain are always in the plan before --share thins it; of the others as many as --every says. */
#include "sweep.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ACTS = 4, KINDS_MEMORY = 2, SHOWN = 40, CHAINS = 8192 };

typedef struct act_name {
  int act;
  const char *name;
} act_name;

static const act_name act_names[] = {{ENOMEM, "ENOMEM"},      {EAGAIN, "EAGAIN"},    {EIO, "EIO"},
                                     {ENOSPC, "ENOSPC"},      {EINTR, "EINTR"},      {EMFILE, "EMFILE"},
                                     {TX_ACT_SHORT, "short"}, {TX_ACT_KILL, "kill"}, {TX_ACT_TORN, "torn"}};

/* What can befall a call of each kind; 0 ends. */
static const int io_acts[TX_CALL_KINDS][ACTS + 1] = {
    [TX_CALL_READ] = {EIO, EINTR, TX_ACT_SHORT},
    [TX_CALL_WRITE] = {EIO, ENOSPC, EINTR, TX_ACT_SHORT},
    [TX_CALL_OPEN] = {EIO, EMFILE, EINTR},
    [TX_CALL_CREATE] = {EIO, ENOSPC, EINTR},
    [TX_CALL_STAT] = {EIO},
    [TX_CALL_ACCESS] = {EIO},
    [TX_CALL_SEEK] = {EIO},
    [TX_CALL_MAP] = {ENOMEM, EIO},
    [TX_CALL_TRUNCATE] = {EIO, ENOSPC},
    [TX_CALL_SYNC] = {EIO, ENOSPC},
    [TX_CALL_CLOSE] = {EIO, ENOSPC, EINTR},
    [TX_CALL_RENAME] = {EIO, ENOSPC},
    [TX_CALL_UNLINK] = {EIO},
    [TX_CALL_MODE] = {EIO},
    [TX_CALL_CONTROL] = {EIO},
    [TX_CALL_LINK] = {EIO},
    [TX_CALL_FOLDER] = {EIO},
};

typedef enum sweep_mode { MODE_MEMORY, MODE_IO, MODE_KILL } sweep_mode;

typedef struct sweep {
  sweep_mode mode;
  unsigned long share;  /* one of so many faults is tested */
  unsigned long every;  /* of the calls of a chain between its first and its last one, one of so many is
                           planned; 0: none */
  const char *only;     /* name of a case */
  char *program, *data; /* paths from the root */
  const char *work;
  tx_injection *injection;
  unsigned long planned; /* over all cases, for the share */
  unsigned long faults;
  unsigned long totals[5];
  unsigned long total_calls;
} sweep;

static const char *name_of_act(int act)
{
  for (size_t i = 0; i < sizeof act_names / sizeof *act_names; i++)
    if (act_names[i].act == act) return act_names[i].name;
  return "?";
}

/* The acts that befall a call in this mode, ended by 0. */
static void acts_of(sweep_mode mode, const tx_seen_call *call, int acts[ACTS + 1])
{
  memset(acts, 0, (ACTS + 1) * sizeof *acts);
  if (mode == MODE_MEMORY)
    acts[0] = call->kind == TX_CALL_MALLOC ? ENOMEM : call->kind == TX_CALL_THREAD ? EAGAIN : 0;
  else if (mode == MODE_IO)
    memcpy(acts, io_acts[call->kind], (ACTS + 1) * sizeof *acts);
  else if (call->writes) {
    acts[0] = TX_ACT_KILL;
    acts[1] = call->kind == TX_CALL_WRITE ? TX_ACT_TORN : 0;
  }
}

/* Who made the failing call, as function names and lines where addr2line is installed. */
static void show_callers(const sweep *s)
{
  const tx_injection *injection = s->injection;
  for (int i = 2, shown = 0; i < injection->frame_count && shown < 9; i++) {
    Dl_info where;
    const char *file;
    char command[512], line[256], function[128] = "";
    FILE *answer;
    if (!dladdr(injection->frames[i], &where) || !where.dli_fname) continue;
    file = strstr(where.dli_fname, "fault_sweep")
               ? s->program
               : where.dli_fname; /* that may be a name from another folder */
    snprintf(command, sizeof command, "addr2line -sfe '%s' %#lx 2>/dev/null", file,
             (unsigned long)((const char *)injection->frames[i] - (const char *)where.dli_fbase) - 1);
    answer = popen(command, "r");
    if (!answer) return;
    if (fgets(function, sizeof function, answer) && fgets(line, sizeof line, answer)) {
      function[strcspn(function, "\n")] = line[strcspn(line, "\n")] = '\0';
      if (function[0] == '?' && where.dli_sname) snprintf(function, sizeof function, "%s", where.dli_sname);
      printf("      %s %s%s\n", function, line[0] == '?' ? "in " : "",
             line[0] == '?' ? where.dli_fname : line);
      shown++;
    }
    pclose(answer);
  }
}

static void show_fault(sweep *s, const tx_sweep_case *the_case, const tx_plan *plan, const char *reason,
                       const tx_outcome *outcome)
{
  const char *kind = tx_call_kind_name(plan->kind), *act = name_of_act(plan->act);
  s->faults++;
  if (s->faults > SHOWN) return;
  printf("FAULT: %s, %s %lu %s%s%s: %s\n", the_case->name, kind, plan->n, act,
         *s->injection->path ? " of " : "", s->injection->path, reason);
  printf("      it said: %.300s%s", outcome->err.data, outcome->err.size ? "" : "nothing\n");
  show_callers(s);
  printf("      repeat: %s repeat %s %s %s %s %lu %s\n", s->program, s->data, s->work, the_case->name, kind,
         plan->n, act);
}

/* Makes one call fail. */
static tx_verdict test_plan(sweep *s, const tx_sweep_case *the_case, const tx_reference *reference,
                            const tx_plan *plan)
{
  char reason[512];
  tx_outcome outcome;
  tx_verdict verdict;
  tx_folder_fill("run", "old", the_case->start);
  s->injection->plan = *plan;
  tx_run(the_case, NULL, s->injection, &outcome);
  verdict = tx_judge(the_case, reference, s->injection, &outcome, reason, sizeof reason);
  if (verdict == TX_VERDICT_KILLED ||
      (verdict == TX_VERDICT_REFUSED && (s->mode == MODE_IO || plan->n % 16 == 0))) {
    tx_injection *kept = malloc(sizeof *kept); /* who called, for the report */
    if (!kept) exit(2);
    memcpy(kept, s->injection, sizeof *kept);
    if (the_case->trains && !tx_continue(the_case, reference, s->injection, reason, sizeof reason))
      verdict = TX_VERDICT_FAULT;
    memcpy(s->injection, kept, sizeof *kept);
    free(kept);
  }
  if (verdict == TX_VERDICT_FAULT) show_fault(s, the_case, plan, reason, &outcome);
  tx_outcome_free(&outcome);
  return verdict;
}

typedef struct chain_count {
  uint32_t chain;
  unsigned long count, met;
} chain_count;

static chain_count *find_chain(chain_count *chains, uint32_t chain, uint16_t kind)
{
  size_t at = (chain ^ kind * 2654435761u) % CHAINS;
  for (size_t turn = 0; turn < CHAINS; turn++, at = (at + 1) % CHAINS)
    if (!chains[at].count || chains[at].chain == (chain ^ kind)) break;
  chains[at].chain = chain ^ kind;
  return &chains[at];
}

static bool is_planned(const sweep *s, const chain_count *found)
{
  return found->met == 1 || found->met == found->count || (s->every && found->met % s->every == 0);
}

/* Runs the case as it is, and keeps what came out. */
static void make_reference(sweep *s, const tx_sweep_case *the_case, tx_reference *reference)
{
  memset(reference, 0, sizeof *reference);
  tx_folder_fill("run", "old", the_case->start);
  tx_folder_read("run", &reference->start);
  memset(&s->injection->plan, 0, sizeof s->injection->plan);
  s->injection->records = true;
  tx_run(the_case, NULL, s->injection, &reference->whole);
  s->injection->records = false;
  reference->version_count = s->injection->version_count;
  memcpy(reference->versions, s->injection->versions, sizeof reference->versions);
  if (reference->whole.status != 0 || reference->whole.err.size) {
    printf("%s does not run without faults:\n%s", the_case->name, reference->whole.err.data);
    exit(2);
  }
}

static void free_reference(tx_reference *reference)
{
  tx_folder_free(&reference->start);
  tx_outcome_free(&reference->whole);
}

static void sweep_case(sweep *s, const tx_sweep_case *the_case)
{
  tx_reference reference;
  unsigned long numbers[TX_CALL_KINDS] = {0}, verdicts[5] = {0}, tested = 0, seen, calls = 0,
                faults = s->faults;
  chain_count *chains = calloc(CHAINS, sizeof *chains);
  tx_seen_call *list;
  struct timespec begin, end;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  make_reference(s, the_case, &reference);
  seen = s->injection->seen_count < TX_RECORDS ? s->injection->seen_count : TX_RECORDS;
  list = malloc((seen + 1) * sizeof *list);
  if (!chains || !list) exit(2);
  memcpy(list, s->injection->seen, seen * sizeof *list);
  for (unsigned long i = 0; i < seen; i++) find_chain(chains, list[i].chain, list[i].kind)->count++;
  for (unsigned long i = 0; i < seen; i++) {
    chain_count *found = find_chain(chains, list[i].chain, list[i].kind);
    int acts[ACTS + 1];
    numbers[list[i].kind]++;
    found->met++;
    acts_of(s->mode, &list[i], acts);
    calls += acts[0] != 0;
    if (!is_planned(s, found)) continue;
    for (int a = 0; acts[a]; a++) {
      const tx_plan plan = {(tx_call_kind)list[i].kind, numbers[list[i].kind], acts[a]};
      if (s->planned++ % s->share != 0) continue;
      verdicts[test_plan(s, the_case, &reference, &plan)]++;
      tested++;
    }
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  printf("%-18s %8lu %8lu %8lu %8lu %8lu %8lu %8lu %8.1f\n", the_case->name, calls, tested,
         verdicts[TX_VERDICT_REFUSED], verdicts[TX_VERDICT_DONE], verdicts[TX_VERDICT_KILLED],
         verdicts[TX_VERDICT_MISSED], s->faults - faults,
         (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec));
  fflush(stdout);
  for (int v = 0; v < 5; v++) s->totals[v] += verdicts[v];
  s->total_calls += calls;
  free(chains);
  free(list);
  free_reference(&reference);
}

static int sweep_all(sweep *s)
{
  unsigned long tested = 0;
  printf("%-18s %8s %8s %8s %8s %8s %8s %8s %8s\n", "case", "calls", "failed", "exit 1", "exit 0", "killed",
         "missed", "FAULTS", "seconds");
  for (const tx_sweep_case *the_case = tx_sweep_cases(); the_case->name; the_case++) {
    if (s->only && strcmp(s->only, the_case->name) != 0) continue;
    if (s->mode == MODE_KILL && !the_case->trains && !the_case->start) continue; /* it writes no file */
    sweep_case(s, the_case);
  }
  for (int v = 0; v < 5; v++) tested += s->totals[v];
  printf("%-18s %8lu %8lu %8lu %8lu %8lu %8lu %8lu\n", "all", s->total_calls, tested,
         s->totals[TX_VERDICT_REFUSED], s->totals[TX_VERDICT_DONE], s->totals[TX_VERDICT_KILLED],
         s->totals[TX_VERDICT_MISSED], s->faults);
  if (s->faults > SHOWN) printf("(%lu more faults are not shown)\n", s->faults - SHOWN);
  return s->faults ? 1 : 0;
}

/* Makes one fault again: its case, kind, number and act are the last four words. */
static int repeat(sweep *s, char **words)
{
  const tx_sweep_case *the_case = tx_sweep_cases();
  tx_plan plan = {TX_CALL_KINDS, strtoul(words[2], NULL, 10), 0};
  tx_reference reference;
  tx_verdict verdict;
  while (the_case->name && strcmp(the_case->name, words[0]) != 0) the_case++;
  for (int kind = 0; kind < TX_CALL_KINDS; kind++)
    if (!strcmp(tx_call_kind_name((tx_call_kind)kind), words[1])) plan.kind = (tx_call_kind)kind;
  for (size_t i = 0; i < sizeof act_names / sizeof *act_names; i++)
    if (!strcmp(act_names[i].name, words[3])) plan.act = act_names[i].act;
  if (!the_case->name || plan.kind == TX_CALL_KINDS || !plan.act) {
    fputs("fault_sweep: no such case, kind or act\n", stderr);
    return 2;
  }
  s->mode = plan.act == TX_ACT_KILL || plan.act == TX_ACT_TORN ? MODE_KILL
            : (int)plan.kind < KINDS_MEMORY                    ? MODE_MEMORY
                                                               : MODE_IO;
  make_reference(s, the_case, &reference);
  printf("taxamba %s\n", the_case->arguments);
  verdict = test_plan(s, the_case, &reference, &plan);
  printf("%s; file '%s', descriptor %d; the last run is in %s/run\n",
         verdict == TX_VERDICT_FAULT ? "a fault"
         : s->injection->fired       ? "no fault"
                                     : "that call was not made",
         s->injection->path, s->injection->descriptor, s->work);
  if (verdict != TX_VERDICT_FAULT) show_callers(s);
  free_reference(&reference);
  if (system("echo '--- standard error'; cat err; ls -lA run") != 0) return 2;
  return verdict == TX_VERDICT_FAULT ? 1 : 0;
}

static int usage(void)
{
  fputs("usage: fault_sweep memory|io|kill DATA WORK [--share N] [--every N] [--case NAME]\n"
        "       fault_sweep repeat DATA WORK CASE KIND N ACT\n",
        stderr);
  return 2;
}

/* A thread of OpenBLAS in this process would not be there in its children. */
static void start_again_without_threads(char **argv)
{
  if (getenv("OPENBLAS_NUM_THREADS")) return;
  setenv("OPENBLAS_NUM_THREADS", "1", 1);
  execv("/proc/self/exe", argv);
}

int main(int argc, char **argv)
{
  static const char *const modes[] = {"memory", "io", "kill"};
  sweep s = {.mode = MODE_MEMORY, .share = 1, .every = 0};
  bool repeats;
  int code;
  if (argc < 4) return usage();
  start_again_without_threads(argv);
  repeats = !strcmp(argv[1], "repeat");
  if (repeats && argc != 8) return usage();
  for (size_t i = 0; i < 3; i++)
    if (!strcmp(argv[1], modes[i])) s.mode = (sweep_mode)i;
  if (!repeats && strcmp(argv[1], modes[s.mode]) != 0) return usage();
  for (int i = 4; !repeats && i < argc; i += 2) {
    if (i + 1 == argc) return usage();
    if (!strcmp(argv[i], "--share"))
      s.share = strtoul(argv[i + 1], NULL, 10);
    else if (!strcmp(argv[i], "--every"))
      s.every = strtoul(argv[i + 1], NULL, 10);
    else if (!strcmp(argv[i], "--case"))
      s.only = argv[i + 1];
    else
      return usage();
  }
  s.program = realpath("/proc/self/exe", NULL);
  s.data = realpath(argv[2], NULL);
  s.work = argv[3];
  if (!s.program || !s.data || !s.share || (mkdir(s.work, 0755) && errno != EEXIST) || chdir(s.work))
    return usage();
  s.injection = mmap(NULL, sizeof *s.injection, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (s.injection == MAP_FAILED) return usage();
  tx_sweep_prepare(s.data, s.injection);
  code = repeats ? repeat(&s, argv + 4) : sweep_all(&s);
  free(s.program);
  free(s.data);
  return code;
}
