#include "labelled/styles.h"

#include <stdio.h>
#include <string.h>

/* Reads the lineage at the start of a text that was found in the header, NULL if none was. */
static tx_status read_prefixed(tx_header *header, const char *text, size_t length, bool sintax,
                               tx_lineage *lineage, char *fault)
{
  char reason[TX_FAULT_SIZE];
  if (!text) {
    snprintf(fault, TX_HEADER_FAULT_SIZE, ": no lineage in the header, expected %s",
             sintax ? "';tax=k:...,p:...;'" : "'|k__...;p__...;s__...|'");
    return TX_ERROR_DATA;
  }
  if (sintax ? tx_lineage_read_sintax(tx_header_cut(header, text, length), lineage, reason)
             : tx_lineage_read_unite(tx_header_cut(header, text, length), lineage, reason))
    return TX_OK;
  snprintf(fault, TX_HEADER_FAULT_SIZE, ": bad lineage: %s", reason);
  return TX_ERROR_DATA;
}

static bool detects_sintax(const tx_header *header)
{
  return tx_lineage_find_sintax(header->text->data, &(size_t){0}) != NULL;
}

static tx_status reads_sintax(tx_header *header, tx_lineage *lineage, char *fault)
{
  size_t length;
  const char *text = tx_lineage_find_sintax(header->text->data, &length);
  return read_prefixed(header, text, length, true, lineage, fault);
}

static bool detects_unite(const tx_header *header)
{
  return tx_lineage_find_unite(header->text->data, &(size_t){0}) != NULL;
}

/* A lineage alone is read whole: "Unassigned" has no labels, and nothing follows the last name. */
static tx_status reads_unite(tx_header *header, tx_lineage *lineage, char *fault)
{
  size_t length = header->text->size;
  const char *text = header->alone ? header->text->data : tx_lineage_find_unite(header->text->data, &length);
  return read_prefixed(header, text, length, false, lineage, fault);
}

/* "ID Genus species ...", as DADA2 has it for assignSpecies: the genus stands twice, as its own name and in
   that of the species, and is copied behind the text. */
static tx_status reads_species(tx_header *header, tx_lineage *lineage, char *fault)
{
  const char *text = header->text->data;
  const size_t start = header->alone ? 0 : strcspn(text, " \t") + strspn(text + strcspn(text, " \t"), " \t");
  const size_t genus = strcspn(text + start, " \t");
  const size_t blanks = strspn(text + start + genus, " \t");
  const size_t size = genus + blanks + strcspn(text + start + genus + blanks, " \t");
  const size_t copy = header->text->size + 1;
  char *data;
  if (!genus) {
    snprintf(fault, TX_HEADER_FAULT_SIZE, ": no name behind the id, expected 'Genus species'");
    return TX_ERROR_DATA;
  }
  tx_bytes_append(header->text, "", 1);
  for (size_t i = 0; i < genus; i++) tx_bytes_append(header->text, &(char){header->text->data[start + i]}, 1);
  if (header->text->failed) return TX_ERROR_MEMORY;
  data = header->text->data;
  tx_lineage_begin(lineage, 0);
  tx_lineage_put(lineage, (size_t)tx_lineage_find_rank("genus"), data + copy, fault);
  data[start + size] = '\0';
  tx_lineage_put(lineage, (size_t)tx_lineage_find_rank("species"), data + start + (blanks ? 0 : size), fault);
  return TX_OK;
}

/* In the order in which a header is tried. */
static const tx_style styles[] = {
    {TX_LABELLED_OBITOOLS, tx_detects_json, tx_reads_obitools},
    {TX_LABELLED_OBITOOLS, tx_detects_keys, tx_reads_obitools},
    {TX_LABELLED_TAXID, tx_detects_resolved_taxid, tx_reads_taxid},
    {TX_LABELLED_SINTAX, detects_sintax, reads_sintax},
    {TX_LABELLED_UNITE, detects_unite, reads_unite},
    {TX_LABELLED_RDP, tx_detects_rdp, tx_reads_rdp},
    {TX_LABELLED_MIDORI, tx_detects_midori, tx_reads_midori},
    {TX_LABELLED_SILVA, tx_detects_silva, tx_reads_silva},
    {TX_LABELLED_POSITIONAL, tx_detects_positions, tx_reads_positions},
    {TX_LABELLED_TAXID, tx_detects_taxid, tx_reads_taxid},
    {TX_LABELLED_SPECIES, NULL, reads_species},
    {TX_LABELLED_PLAIN, NULL, NULL},
};
enum { STYLES = sizeof styles / sizeof *styles, PLAIN = STYLES - 1 };

const tx_style *tx_style_detect(const tx_header *header)
{
  for (size_t i = 0; i < STYLES; i++)
    if (styles[i].detects && styles[i].detects(header)) return &styles[i];
  return &styles[PLAIN];
}

const tx_style *tx_style_of(tx_labelled_format format)
{
  size_t i = 0;
  while (i < PLAIN && styles[i].format != format) i++;
  return &styles[i];
}

tx_status tx_style_read(const tx_style *style, tx_header *header, tx_lineage *lineage, char *fault)
{
  tx_status status;
  if (!style->reads) {
    tx_lineage_begin(lineage, 0);
    return TX_OK;
  }
  status = style->reads(header, lineage, fault);
  if (status == TX_OK && header->opt_taxdump && lineage->taxid)
    tx_taxdump_lineage(header->opt_taxdump, lineage);
  return status;
}
