/* What both versions of BIOM say about a table. */
#ifndef TX_OUT_TABLE_BIOM_H
#define TX_OUT_TABLE_BIOM_H

#define TX_BIOM_URL "http://biom-format.org"
#define TX_BIOM_TYPE "Taxon table"
/* Both versions want a date. It is always this one, so that the same input gives the same bytes: the file
   system knows when a file was made. */
#define TX_BIOM_DATE "1970-01-01T00:00:00"

#endif
