/* What the parts of the sweep share: folders in memory, one run of the program, the judgement of a run. */
#ifndef TX_TESTS_FAULTS_SWEEP_H
#define TX_TESTS_FAULTS_SWEEP_H

#include "inject.h"

enum { TX_FILES = 32, TX_WORDS = 64 };

/* A command line and the files around it. It runs in a folder of its own; "../in" has the inputs. */
typedef struct tx_sweep_case {
  const char *name;
  const char *arguments; /* words separated by blanks */
  const char *input;     /* file on standard input, NULL for /dev/null */
  const char *start;     /* files that are there before, copied from ../old; words, NULL for none */
  bool trains;           /* writes m.safetensors, its log and its checkpoint */
  bool half; /* of its two outputs one may be new after an error: true as long as they are not renamed
                together */
} tx_sweep_case;

/* The cases, ended by one without a name. */
const tx_sweep_case *tx_sweep_cases(void);

/* Makes in/ and old/ in the working folder from the simulated data; exits with a message when that cannot be
   done. */
void tx_sweep_prepare(const char *data, tx_injection *injection);

typedef struct tx_file_kept {
  char name[96];
  char *data; /* ended by a NUL that is not counted */
  size_t size;
} tx_file_kept;

typedef struct tx_folder {
  tx_file_kept files[TX_FILES];
  size_t count;
} tx_folder;

void tx_folder_read(const char *path, tx_folder *ret_folder);
void tx_folder_free(tx_folder *folder);
const tx_file_kept *tx_folder_find(const tx_folder *folder, const char *name);
bool tx_file_same(const tx_file_kept *a, const tx_file_kept *b);
/* Empties `path`, a folder without folders, and copies `words` from the folder `from` into it. */
void tx_folder_fill(const char *path, const char *from, const char *words);
/* The whole file; exits when it cannot be read. */
tx_file_kept tx_file_read(const char *path);

/* How a run ended. */
typedef struct tx_outcome {
  int status; /* of waitpid */
  tx_folder after;
  tx_file_kept out, err;
} tx_outcome;

/* Runs the program in run/ as it is, with the plan in `injection`. `extra`: more words, or NULL. */
void tx_run(const tx_sweep_case *the_case, const char *extra, tx_injection *injection,
            tx_outcome *ret_outcome);
void tx_outcome_free(tx_outcome *outcome);

/* What a case does when nothing fails. */
typedef struct tx_reference {
  tx_folder start;
  tx_outcome whole;
  unsigned long version_count; /* contents that its model had on the way */
  uint64_t versions[TX_VERSIONS];
} tx_reference;

typedef enum tx_verdict {
  TX_VERDICT_REFUSED,
  TX_VERDICT_DONE,
  TX_VERDICT_MISSED,
  TX_VERDICT_KILLED,
  TX_VERDICT_FAULT
} tx_verdict;

/* Judges a run with a failing call; says why in `ret_reason` when it is TX_VERDICT_FAULT. */
tx_verdict tx_judge(const tx_sweep_case *the_case, const tx_reference *reference,
                    const tx_injection *injection, const tx_outcome *outcome, char *ret_reason, size_t size);

/* After a training that did not end: goes on, or starts anew, and compares what comes out. False with a
   reason if it is not the same. */
bool tx_continue(const tx_sweep_case *the_case, const tx_reference *reference, tx_injection *injection,
                 char *ret_reason, size_t size);

#endif
