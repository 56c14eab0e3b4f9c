/* The styles of lineages in header lines, one row each: how a header of the style is told from others, and
   how its lineage is read. */
#ifndef TX_LABELLED_STYLES_H
#define TX_LABELLED_STYLES_H

#include "base/bytes.h"
#include "base/text.h"
#include "labelled/taxdump.h"
#include "taxon/lineage.h"

#include <taxamba/labelled.h>

enum { TX_HEADER_FAULT_SIZE = 400 };

/* What a style reads. */
typedef struct tx_header {
  tx_bytes *text;        /* the header line; reading cuts it up, and names point into it */
  bool alone;            /* the text is a lineage, as a taxonomy file has it, not a header line */
  const tx_words *ranks; /* the ranks that were asked for */
  const tx_taxdump *opt_taxdump;
} tx_header;

typedef struct tx_style {
  tx_labelled_format format; /* which format has the style; several may share one */
  /* whether a header is of the style; NULL: only if its format is asked for */
  bool (*detects)(const tx_header *header);
  /* Reads the lineage; NULL: there are no labels. Not TX_OK: TX_ERROR_MEMORY, or TX_ERROR_DATA with what goes
     behind the record's id in `fault` (TX_HEADER_FAULT_SIZE bytes) */
  tx_status (*reads)(tx_header *header, tx_lineage *lineage, char *fault);
} tx_style;

/* The first style that detects the header; that without labels if none does. */
const tx_style *tx_style_detect(const tx_header *header);
/* The first style of a format. */
const tx_style *tx_style_of(tx_labelled_format format);
/* Reads a header by its style. With a taxdump, a taxid in the header decides over the names. */
tx_status tx_style_read(const tx_style *style, tx_header *header, tx_lineage *lineage, char *fault);

/* Ends the header's text behind a part that was found in it, and returns the part. */
static inline char *tx_header_cut(tx_header *header, const char *start, size_t length)
{
  char *text = header->text->data + (start - header->text->data);
  text[length] = '\0';
  return text;
}

/* Rows of the table that other files have. */
bool tx_detects_rdp(const tx_header *header); /* style_lists.c */
tx_status tx_reads_rdp(tx_header *header, tx_lineage *lineage, char *fault);
bool tx_detects_midori(const tx_header *header);
tx_status tx_reads_midori(tx_header *header, tx_lineage *lineage, char *fault);
bool tx_detects_silva(const tx_header *header);
tx_status tx_reads_silva(tx_header *header, tx_lineage *lineage, char *fault);
bool tx_detects_positions(const tx_header *header);
tx_status tx_reads_positions(tx_header *header, tx_lineage *lineage, char *fault);
bool tx_detects_json(const tx_header *header); /* style_keys.c */
bool tx_detects_keys(const tx_header *header);
tx_status tx_reads_obitools(tx_header *header, tx_lineage *lineage, char *fault);
bool tx_detects_taxid(const tx_header *header);
bool tx_detects_resolved_taxid(const tx_header *header); /* only with a taxdump */
tx_status tx_reads_taxid(tx_header *header, tx_lineage *lineage, char *fault);

#endif
