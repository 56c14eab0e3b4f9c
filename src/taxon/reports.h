/* Lines for the user about contradictions in labels. The library prints nothing; the caller shows them. */
#ifndef TX_TAXON_REPORTS_H
#define TX_TAXON_REPORTS_H

#include <stddef.h>
#include <taxamba/status.h>

/* Number of lines kept; later ones are only counted, so that a file with many faults does not fill the
   memory. */
enum { TX_REPORTS_MAX = 1000 };

/* Zero-initialise; free with tx_reports_free. */
typedef struct tx_reports {
  char **lines;
  size_t count;
  size_t capacity;
  size_t left_out;
} tx_reports;

/* Adds one line; control characters become '?'. Texts of more than about a kilobyte are cut. */
tx_status tx_reports_add(tx_reports *reports, tx_error *error, const char *format, ...) TX_PRINTF(3, 4);
/* Adds a last line with the number of lines left out, if there are any. */
tx_status tx_reports_close(tx_reports *reports, tx_error *error);
void tx_reports_free(tx_reports *reports);

#endif
