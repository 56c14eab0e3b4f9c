/* Failing calls of the system. inject*.c define functions of the C library under their own names, so that the
   program and every library in it call them here: each counts its calls and lets the n-th of one kind fail,
   as the plan says. Nothing of it is in the product. */
#ifndef TX_TESTS_FAULTS_INJECT_H
#define TX_TESTS_FAULTS_INJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The kinds of calls. The variants of one call (pread, openat, 64 bits) are one kind. */
typedef enum tx_call_kind {
  TX_CALL_MALLOC,
  TX_CALL_THREAD,
  TX_CALL_READ,
  TX_CALL_WRITE,
  TX_CALL_OPEN,
  TX_CALL_CREATE, /* open with O_CREAT */
  TX_CALL_STAT,
  TX_CALL_ACCESS,
  TX_CALL_SEEK,
  TX_CALL_MAP,
  TX_CALL_TRUNCATE,
  TX_CALL_SYNC,
  TX_CALL_CLOSE,
  TX_CALL_RENAME,
  TX_CALL_UNLINK,
  TX_CALL_MODE,
  TX_CALL_CONTROL, /* fcntl, dup, flock */
  TX_CALL_LINK,    /* readlink */
  TX_CALL_FOLDER,  /* opendir */
  TX_CALL_KINDS
} tx_call_kind;

/* What happens to the call, if it is not an errno. */
enum {
  TX_ACT_SHORT = -1, /* read and write: about half of the bytes */
  TX_ACT_KILL = -2,  /* SIGKILL instead of the call */
  TX_ACT_TORN = -3   /* write: half of the bytes, then SIGKILL */
};

enum { TX_FRAMES = 24, TX_PATH_KEPT = 256, TX_RECORDS = 1 << 18, TX_VERSIONS = 64 };

typedef struct tx_plan {
  tx_call_kind kind;
  unsigned long n; /* 1 is the first call; 0: nothing fails */
  int act;         /* an errno or TX_ACT_... */
} tx_plan;

typedef struct tx_seen_call {
  uint32_t chain; /* hash of the chain of callers */
  uint16_t kind;
  bool writes; /* the call changes a file */
} tx_seen_call;

/* Shared by the driver and the process under test. */
typedef struct tx_injection {
  tx_plan plan;
  bool records; /* note every call in `seen` */
  unsigned long calls[TX_CALL_KINDS];
  unsigned long fired;     /* 1 when the planned call was made */
  char path[TX_PATH_KEPT]; /* the file it was about, "" if unknown */
  int descriptor;          /* or its descriptor, -1 if it had none */
  bool written;            /* bytes were written by that descriptor, and not synchronised since */
  bool stream; /* made by a stream of <stdio.h>, which does not take up an interrupted call again */
  void *frames[TX_FRAMES]; /* who called */
  int frame_count;
  unsigned long seen_count;
  tx_seen_call seen[TX_RECORDS];
  unsigned long version_count; /* with `records`: contents of files at the moment they were renamed */
  uint64_t versions[TX_VERSIONS];
} tx_injection;

/* In the process under test: from now on calls are counted, and standard input and output of <stdio.h> too go
   through them. `injection` lies in memory that is shared with the driver. */
void tx_inject_start(tx_injection *injection);

const char *tx_call_kind_name(tx_call_kind kind);

/* FNV-1a of `size` bytes, to compare contents. */
uint64_t tx_hash(const void *data, size_t size);

#endif
