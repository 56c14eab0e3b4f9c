/* Status codes and error reports of every function of the library that can fail. */
#ifndef TAXAMBA_STATUS_H
#define TAXAMBA_STATUS_H

#include <stdint.h>

#if defined(__GNUC__)
#define TX_API __attribute__((visibility("default")))
#define TX_PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))
#else
#define TX_API
#define TX_PRINTF(format_at, first_at)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* 0 is success, positive values are normal ends, negative values are errors. */
typedef enum tx_status {
  TX_OK = 0,
  TX_END = 1,          /* no more records */
  TX_STOPPED = 2,      /* the caller asked to stop (for instance Ctrl-C) */
  TX_ERROR_MEMORY = -1,   /* an allocation failed */
  TX_ERROR_IO = -2,       /* a file cannot be opened, read, written or renamed */
  TX_ERROR_DATA = -3,     /* an input file is not what it should be */
  TX_ERROR_MODEL = -4,    /* a model file is damaged, foreign, or of a newer version */
  TX_ERROR_USAGE = -5,    /* an option or argument is wrong */
  TX_ERROR_NUMERIC = -6,  /* a loss or gradient is not finite */
  TX_ERROR_PIPE = -7      /* the reader of our output went away (EPIPE) */
} tx_status;

#define TX_MESSAGE_SIZE 1024

/* What went wrong. Owned by the caller and filled by the failing call; untouched by success.
   `message` is one line without a newline: what, where (file, line, record), and what to do. */
typedef struct tx_error {
  tx_status code;
  uint64_t line;   /* 1-based line of the input file, 0 if it has no meaning */
  uint64_t record; /* 1-based number of the record, 0 if it has no meaning */
  char message[TX_MESSAGE_SIZE];
} tx_error;

/* The version of the library, "major.minor.patch". Static storage. */
TX_API const char *tx_version(void);

#ifdef __cplusplus
}
#endif
#endif
