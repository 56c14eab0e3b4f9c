#include "taxon/lineage.h"

#include <stdio.h>
#include <string.h>
#include <taxamba/labelled.h>

#include "base/text.h"

#define FAULT_SIZE 160

static const struct {
  const char *letters;
  const char *rank;
} prefixes[TX_PREFIXES] = {
    {"sk", "superkingdom"}, {"d", "domain"},  {"k", "kingdom"}, {"p", "phylum"},
    {"c", "class"},         {"o", "order"},   {"f", "family"},  {"sf", "subfamily"},
    {"g", "genus"},         {"s", "species"}, {"t", "strain"},  {"sh", "species_hypothesis"},
};

const char *tx_prefix_rank(size_t prefix)
{
  return prefixes[prefix].rank;
}

const char *tx_prefix_letters(size_t prefix)
{
  return prefixes[prefix].letters;
}

int tx_prefix_find(const char *rank)
{
  for (size_t i = 0; i < TX_PREFIXES; i++)
    if (!strcmp(prefixes[i].rank, rank)) return (int)i;
  return -1;
}

/* The prefix that the text begins with, closed by `mark`; -1 if none. *ret_length: letters and mark. */
static int match_prefix(const char *text, const char *mark, size_t *ret_length)
{
  for (size_t i = 0; i < TX_PREFIXES; i++) {
    size_t length = strlen(prefixes[i].letters);
    if (strncmp(text, prefixes[i].letters, length) || strncmp(text + length, mark, strlen(mark))) continue;
    *ret_length = length + strlen(mark);
    return (int)i;
  }
  return -1;
}

char *tx_lineage_find_unite(char *header)
{
  for (char *at = header; *at; at++) {
    size_t length;
    if (*at != '|' && *at != ';' && *at != ' ' && *at != '\t') continue;
    if (match_prefix(at + 1, "__", &length) < 0) continue;
    at++;
    at[strcspn(at, "|")] = '\0';
    return at;
  }
  return NULL;
}

char *tx_lineage_find_sintax(char *header)
{
  for (char *at = strstr(header, "tax="); at; at = strstr(at + 1, "tax=")) {
    if (at != header && at[-1] != ';' && at[-1] != ' ' && at[-1] != '\t') continue;
    at += 4;
    at[strcspn(at, ";")] = '\0';
    return at;
  }
  return NULL;
}

static size_t count_names(const char *text, char separator)
{
  size_t names = 1;
  for (const char *at = text; *at; at++)
    if (*at == separator && at[1 + strspn(at + 1, " \t")]) names++;
  return names;
}

char *tx_lineage_find_positions(char *header, size_t count, char *ret_separator)
{
  for (char *part = header, *next; part; part = next) {
    char *blank, *text = part;
    next = strchr(part, '|');
    if (next) *next++ = '\0';
    blank = part + strcspn(part, " \t");
    *ret_separator = strchr(part, ';') ? ';' : ',';
    if (*blank && strcspn(part, ";,") > (size_t)(blank - part)) text = blank + strspn(blank, " \t");
    if (count > 1 && count_names(text, *ret_separator) == count) return text;
  }
  return NULL;
}

/* Reads one field, "k__Fungi" or "k:Fungi", trimmed and not empty. */
static bool read_field(char *field, const char *mark, tx_lineage *lineage, char *fault)
{
  size_t length;
  int prefix = match_prefix(field, mark, &length);
  char *name;
  if (prefix < 0) {
    snprintf(fault, FAULT_SIZE, "'%.60s' has no rank prefix (sk, d, k, p, c, o, f, sf, g, s or t, then '%s')",
             field, mark);
    return false;
  }
  if (lineage->present >> prefix & 1) {
    snprintf(fault, FAULT_SIZE, "rank '%s' occurs twice", prefixes[prefix].rank);
    return false;
  }
  lineage->present |= 1u << prefix;
  name = field + length;
  name = tx_text_trim(name, strlen(name), NULL);
  if (!tx_label_is_missing(name)) {
    lineage->names[prefix] = name;
  } else if (*name) {
    if (!lineage->placeholders++) lineage->placeholder = name;
  }
  return true;
}

/* Cuts the text at the separators and reads each field. */
static bool read_fields(char *text, char separator, const char *mark, tx_lineage *lineage, char *fault)
{
  const char stop[2] = {separator, '\0'};
  memset(lineage, 0, sizeof *lineage);
  text = tx_text_trim(text, strlen(text), NULL);
  if (!strchr(text, separator) && match_prefix(text, mark, &(size_t){0}) < 0 && tx_label_is_missing(text))
    return true;
  while (text) {
    size_t size = strcspn(text, stop);
    char *next = text[size] ? text + size + 1 : NULL;
    char *field = tx_text_trim(text, size, &size);
    if (size && !read_field(field, mark, lineage, fault)) return false;
    text = next;
  }
  return true;
}

bool tx_lineage_read_unite(char *text, tx_lineage *lineage, char *fault)
{
  return read_fields(text, ';', "__", lineage, fault);
}

bool tx_lineage_read_sintax(char *text, tx_lineage *lineage, char *fault)
{
  return read_fields(text, ',', ":", lineage, fault);
}
