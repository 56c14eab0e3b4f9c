/* The page of a report. */
#ifndef TX_REPORT_PAGE_H
#define TX_REPORT_PAGE_H

#include "report/data.h"

/* Appends the whole page. */
void tx_report_page(const tx_result_report *report, tx_bytes *out);
/* Appends the numbers of all figures, with the command and the inputs, as one JSON object. */
void tx_report_json(const tx_result_report *report, tx_bytes *out);

#endif
