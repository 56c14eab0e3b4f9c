/* Header lines of records: the id, the comment, and the size that an id states. */
#ifndef TX_SEQ_HEADER_H
#define TX_SEQ_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <taxamba/record.h>

/* Whether the letter is a tab, VT, FF, CR, blank, or the ^A with which NCBI joins titles. */
bool tx_header_is_space(char letter);

/* Fills id, id_length, comment, comment_length and size of the record from a header line without its marker.
   The text is changed in place (text[length] too, which must exist), and the record points into it. Returns
   false if it has no id. */
bool tx_header_split(char *text, size_t length, const tx_id_options *options, tx_record *record);

/* Takes the size from an id (see tx_record.size), in place where options->without_size asks for it.
   *length: that of the id, which ends with a NUL, before and after. */
uint64_t tx_header_take_size(char *id, size_t *length, const tx_id_options *options);

#endif
