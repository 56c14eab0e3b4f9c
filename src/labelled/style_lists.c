/* Styles of header lines with a list of names between ';' or ','. */
#include "labelled/styles.h"

#include <stdio.h>
#include <string.h>

/* The next field of a list, cut off in place; NULL at its end. */
static char *next_field(char **at, char separator)
{
  char *field = *at;
  const char stop[2] = {separator, '\0'};
  size_t length;
  if (!field) return NULL;
  length = strcspn(field, stop);
  *at = field[length] ? field + length + 1 : NULL;
  field[length] = '\0';
  return tx_text_trim(field, length, NULL);
}

/* RDP: "Lineage=Root;rootrank;Bacteria;domain;Firmicutes;phylum". */
static const char *find_pairs(const char *header)
{
  const char *at = strstr(header, "ineage=");
  return at && at != header && tx_text_lower(at[-1]) == 'l' ? at + strlen("ineage=") : NULL;
}

bool tx_detects_rdp(const tx_header *header)
{
  return find_pairs(header->text->data) != NULL;
}

static bool is_no_rank(const char *rank)
{
  return !strcmp(rank, "rootrank") || !strcmp(rank, "norank") || !strcmp(rank, "no rank");
}

tx_status tx_reads_rdp(tx_header *header, tx_lineage *lineage, char *fault)
{
  const char *found = find_pairs(header->text->data);
  char reason[TX_FAULT_SIZE], *at, *name;
  if (!found) {
    snprintf(fault, TX_HEADER_FAULT_SIZE,
             ": no lineage in the header, expected 'Lineage=Root;rootrank;NAME;RANK;...'");
    return TX_ERROR_DATA;
  }
  at = tx_header_cut(header, found, strcspn(found, "\t|"));
  tx_lineage_begin(lineage, tx_lineage_unusual());
  while ((name = next_field(&at, ';')) != NULL) {
    const char *word = next_field(&at, ';');
    const int rank = word ? tx_lineage_find_rank(word) : -1;
    if (rank >= 0 && !tx_lineage_put(lineage, (size_t)rank, name, reason)) {
      snprintf(fault, TX_HEADER_FAULT_SIZE, ": bad lineage: %s", reason);
      return TX_ERROR_DATA;
    }
    if (!word && *name) {
      snprintf(fault, TX_HEADER_FAULT_SIZE, ": bad lineage: no rank follows '%.60s'", name);
      return TX_ERROR_DATA;
    }
    if (word && rank < 0 && !is_no_rank(word)) tx_lineage_skip(lineage, word);
  }
  return TX_OK;
}

/* Cuts the list out of the header, skips its root, and returns its first name. */
static char *open_list(tx_header *header, const tx_name_list *list, bool skip_root, tx_lineage *lineage)
{
  char *text = tx_header_cut(header, list->start, list->length);
  lineage->split_taxids = tx_names_have_taxids(text, list->separator);
  if (skip_root) next_field(&text, list->separator);
  return text;
}

static const char *const midori_ranks[] = {"kingdom", "phylum", "class",  "order",
                                           "family",  "genus",  "species"};
static const char *const silva_ranks[] = {"domain", "phylum", "class", "order", "family", "genus", "species"};
enum { LIST_RANKS = 7 };

/* MIDORI2: seven names with taxids behind "root_1". */
static bool find_midori(const tx_header *header, tx_name_list *list)
{
  for (const char *at = header->text->data; tx_name_list_next(&at, list);)
    if (list->root && !strncmp(list->start, "root_1;", 7)) return true;
  return false;
}

bool tx_detects_midori(const tx_header *header)
{
  tx_name_list list;
  return find_midori(header, &list) && list.names == LIST_RANKS + 1;
}

tx_status tx_reads_midori(tx_header *header, tx_lineage *lineage, char *fault)
{
  tx_name_list list;
  char *at, *name;
  size_t rank = 0;
  if (!find_midori(header, &list) || list.names > LIST_RANKS + 1) {
    snprintf(fault, TX_HEADER_FAULT_SIZE,
             ": no lineage in the header, expected 'root_1;' and the names of %d ranks, kingdom to species",
             LIST_RANKS);
    return TX_ERROR_DATA;
  }
  tx_lineage_begin(lineage, 0);
  at = open_list(header, &list, true, lineage);
  while ((name = next_field(&at, list.separator)) != NULL && rank < LIST_RANKS)
    tx_lineage_put(lineage, (size_t)tx_lineage_find_rank(midori_ranks[rank++]), name, fault);
  return TX_OK;
}

/* Length of a number with a full stop before it at the start of the text, 0 if there is none. */
static size_t part_number(const char *text)
{
  const size_t digits = *text == '.' ? strspn(text + 1, "0123456789") : 0;
  return digits ? digits + 1 : 0;
}

/* SILVA: "ACCESSION.START.STOP Bacteria;...;organism", without a separator at the end. */
static bool find_silva(const tx_header *header, tx_name_list *list)
{
  static const char *const domains[] = {"Bacteria;", "Archaea;", "Eukaryota;"};
  const char *text = header->text->data, *at = text, *place = text + strcspn(text, ". \t");
  size_t start = part_number(place), stop = start ? part_number(place + start) : 0;
  if (!header->alone && (!stop || !strchr(" \t", place[start + stop]))) return false;
  if (!tx_name_list_next(&at, list) || list->closed) return false;
  for (size_t i = 0; i < sizeof domains / sizeof *domains; i++)
    if (!strncmp(list->start, domains[i], strlen(domains[i]))) return true;
  return false;
}

/* Ranks that fit the names by number are the user's own. */
bool tx_detects_silva(const tx_header *header)
{
  tx_name_list list;
  return find_silva(header, &list) &&
         (list.names != header->ranks->count || header->ranks->count == LIST_RANKS) && !header->alone;
}

/* The last name is the organism. Eukaryotes have other ranks, more or fewer: of theirs, and of lineages that
   are too long, only the domain and the organism are taken. */
tx_status tx_reads_silva(tx_header *header, tx_lineage *lineage, char *fault)
{
  tx_name_list list;
  char *at, *name;
  size_t number = 0;
  bool ends_only;
  if (!find_silva(header, &list)) {
    snprintf(fault, TX_HEADER_FAULT_SIZE,
             ": no lineage in the header, expected 'ACCESSION.START.STOP Bacteria;...;organism'");
    return TX_ERROR_DATA;
  }
  ends_only = list.start[0] == 'E' || list.names > LIST_RANKS;
  tx_lineage_begin(lineage, 0);
  at = open_list(header, &list, false, lineage);
  while ((name = next_field(&at, list.separator)) != NULL) {
    const size_t rank = ++number == list.names ? LIST_RANKS - 1 : number - 1;
    const bool end = number == 1 || number == list.names;
    if (end || !ends_only)
      tx_lineage_put(lineage, (size_t)tx_lineage_find_rank(silva_ranks[rank]), name, fault);
    else if (number == 2)
      tx_lineage_skip(lineage, name);
  }
  return TX_OK;
}

bool tx_detects_positions(const tx_header *header)
{
  tx_name_list list;
  return tx_name_list_find(header->text->data, header->ranks->count, header->alone ? 2 : 1, &list);
}

tx_status tx_reads_positions(tx_header *header, tx_lineage *lineage, char *fault)
{
  const tx_words *ranks = header->ranks;
  tx_name_list list;
  char *at, *name;
  size_t position = 0;
  if (!tx_name_list_find(header->text->data, ranks->count, 2, &list)) {
    snprintf(fault, TX_HEADER_FAULT_SIZE,
             ": the header has no lineage of %zu names, one for each of the ranks, nor of fewer between ';'",
             ranks->count);
    return TX_ERROR_DATA;
  }
  tx_lineage_begin(lineage, 0);
  at = open_list(header, &list, list.root && list.names != ranks->count, lineage);
  lineage->by_position = true;
  while (position < ranks->count && (name = next_field(&at, list.separator)) != NULL) {
    tx_lineage_put_position(lineage, position, ranks->items[position], name);
    position++;
  }
  return TX_OK;
}
