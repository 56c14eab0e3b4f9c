/* What the files that define the functions of the system share. */
#ifndef TX_TESTS_FAULTS_INJECT_CALLS_H
#define TX_TESTS_FAULTS_INJECT_CALLS_H

#include "inject.h"

enum { TX_DESCRIPTORS = 64 };

extern tx_injection *tx_injection_shared;                      /* NULL until tx_inject_start */
extern char tx_descriptor_names[TX_DESCRIPTORS][TX_PATH_KEPT]; /* what each descriptor was opened as */
/* bytes written by it, and not synchronised since */
extern bool tx_descriptor_written[TX_DESCRIPTORS];
extern __thread bool tx_inject_inside;                         /* our own calls are not counted */
extern __thread bool tx_inject_in_stream;                      /* a stream of <stdio.h> calls */

/* Counts a call. 0: go on; else what the plan has for it. `path` or `descriptor` says what the call is about;
   `writes`: it changes a file. */
int tx_inject_meet(tx_call_kind kind, const char *path, int descriptor, bool writes);
/* The same for calls that answer -1: sets errno. */
bool tx_inject_fails(tx_call_kind kind, const char *path, int descriptor, bool writes);

void tx_keep_name(char *kept, const char *path);
/* The next definition of a function in the order of the libraries. */
void *tx_next_definition(const char *name);

#endif
