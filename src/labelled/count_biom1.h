/* BIOM 1.0: JSON, sparse or dense. */
#ifndef TX_LABELLED_COUNT_BIOM1_H
#define TX_LABELLED_COUNT_BIOM1_H

#include "base/bytes.h"
#include "labelled/count_table.h"

/* Reads the bytes of a file. TX_ERROR_DATA when they are no such table. */
tx_status tx_count_read_biom1(const tx_bytes *content, tx_count_builder *builder, tx_error *error);

#endif
