/* Lineages on one line: "k__Fungi;p__Ascomycota;...;s__Candida_albicans" (UNITE, QIIME 2) and
   "k:Fungi,p:Ascomycota" (SINTAX). */
#ifndef TX_TAXON_LINEAGE_H
#define TX_TAXON_LINEAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ranks that have a prefix, in standard order: superkingdom (sk), domain (d), kingdom (k), phylum (p), class
   (c), order (o), family (f), subfamily (sf), genus (g), species (s), strain (t), species_hypothesis (sh:
   UNITE; only read when asked for). */
enum { TX_PREFIXES = 12, TX_PREFIX_HYPOTHESIS = 11 };

typedef struct tx_lineage {
  const char *names[TX_PREFIXES]; /* without prefix; NULL = no label (tx_label_is_missing) */
  uint32_t present;               /* bit i: prefix i occurs, with or without a label */
  uint32_t placeholders;          /* names that stand for no label */
  const char *placeholder;        /* the first of them, NULL if there is none */
} tx_lineage;

const char *tx_prefix_rank(size_t prefix);
/* The letters of a prefix: "sk". */
const char *tx_prefix_letters(size_t prefix);
/* The prefix of a rank name, -1 if it has none. */
int tx_prefix_find(const char *rank);

/* Finds the lineage within a header line and ends it with a NUL; NULL if there is none. UNITE: from a prefix
   such as "k__" after '|', ';' or space up to the next '|'. SINTAX: the text after "tax=", which follows ';'
   or space up to the next ';'. */
char *tx_lineage_find_unite(char *header);
char *tx_lineage_find_sintax(char *header);

/* Finds a lineage of `count` names by position within a header line, and ends it with a NUL; NULL if there is
   none. It is a part between '|', without its first word where only what follows has separators: "A;B;C;",
   "ID|x|A,B,C", "ID A;B;C". *ret_separator: ';' if it has one, else ','; an empty name at its end does not
   count. */
char *tx_lineage_find_positions(char *header, size_t count, char *ret_separator);

/* Cuts the text into fields, in place: `names` point into it. False with a reason in fault (at least 160
   bytes): a field without a known prefix, a rank that occurs twice. A text that is itself a missing label
   ("Unassigned") has no labels. */
bool tx_lineage_read_unite(char *text, tx_lineage *lineage, char *fault);
bool tx_lineage_read_sintax(char *text, tx_lineage *lineage, char *fault);

#endif
