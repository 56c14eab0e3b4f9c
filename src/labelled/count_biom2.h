/* BIOM 2.1: HDF5, with the counts of each sequence as a compressed row. */
#ifndef TX_LABELLED_COUNT_BIOM2_H
#define TX_LABELLED_COUNT_BIOM2_H

#include "base/bytes.h"
#include "labelled/count_table.h"

/* Reads the bytes of a file. TX_ERROR_DATA when they are no such table. */
tx_status tx_count_read_biom2(const tx_bytes *content, tx_count_builder *builder, tx_error *error);

#endif
