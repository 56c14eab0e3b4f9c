/* The formats of tables of taxa. A new one is a file with its functions, and a row of the table in
   table_files.c. */
#ifndef TX_OUT_TABLE_FORMATS_H
#define TX_OUT_TABLE_FORMATS_H

#include "out/taxon_table.h"

typedef struct tx_table_format {
  const char *name;
  const char *endings; /* of names of files: ".hdf5|.h5" */
  /* a file has one sample, or the sum of all; and its lineages are a tree, so that none is lumped */
  bool single;
  /* Appends the content of a file; a failed allocation is kept in `out`. opt_sample: that sample alone; only
     for `single`. */
  tx_status (*put)(const tx_taxon_rows *rows, const size_t *opt_sample, tx_bytes *out, tx_error *error);
  /* Appends the content of the second file; NULL if the format has one only. */
  tx_status (*opt_put_second)(const tx_taxon_rows *rows, const size_t *opt_sample, tx_bytes *out,
                              tx_error *error);
} tx_table_format;

tx_status tx_table_put_tsv(const tx_taxon_rows *rows, const size_t *opt_sample, tx_bytes *out,
                           tx_error *error);
tx_status tx_table_put_biom(const tx_taxon_rows *rows, const size_t *opt_sample, tx_bytes *out,
                            tx_error *error);
tx_status tx_table_put_biom_hdf5(const tx_taxon_rows *rows, const size_t *opt_sample, tx_bytes *out,
                                 tx_error *error);
tx_status tx_table_put_otu_table(const tx_taxon_rows *rows, const size_t *opt_sample, tx_bytes *out,
                                 tx_error *error);
tx_status tx_table_put_tax_table(const tx_taxon_rows *rows, const size_t *opt_sample, tx_bytes *out,
                                 tx_error *error);
tx_status tx_table_put_krona(const tx_taxon_rows *rows, const size_t *opt_sample, tx_bytes *out,
                             tx_error *error);
tx_status tx_table_put_kraken(const tx_taxon_rows *rows, const size_t *opt_sample, tx_bytes *out,
                              tx_error *error);

#endif
