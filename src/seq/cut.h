/* Records cut before they are read: to the amplicon of a pair of primers, a window, a random fragment. */
#ifndef TX_SEQ_CUT_H
#define TX_SEQ_CUT_H

#include <stdbool.h>
#include <stddef.h>
#include <taxamba/record.h>

/* It counts what it leaves out. For one thread at a time. */
typedef struct tx_record_cutter tx_record_cutter;

/* The strings are not borrowed. TX_ERROR_USAGE for primers or a window that are none, TX_ERROR_MEMORY. */
tx_status tx_record_cutter_create(const tx_cut_options *options, tx_record_cutter **ret_cutter,
                                  tx_error *error);
/* Cuts a record: its bases are then those of the cutter, without gaps, until the next call. *ret_left:
   whether it has any base of the stretch; otherwise it is counted as left out. What is left depends on the
   options and on the id and the bases of the record alone. TX_ERROR_MEMORY. */
tx_status tx_record_cutter_cut(tx_record_cutter *cutter, tx_record *record, bool *ret_left, tx_error *error);
/* Writes one line on how the records were cut so far; "" where there is nothing to say. */
void tx_record_cutter_describe(const tx_record_cutter *cutter, char *text, size_t size);
/* NULL is allowed. */
void tx_record_cutter_free(tx_record_cutter *cutter);

#endif
