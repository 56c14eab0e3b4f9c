/* Lineages on one line: "k__Fungi;p__Ascomycota;...;s__Candida_albicans" (UNITE, QIIME 2, GTDB),
   "k:Fungi,p:Ascomycota" (SINTAX), and lists of names by position. */
#ifndef TX_TAXON_LINEAGE_H
#define TX_TAXON_LINEAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ranks that a lineage may name, in standard order; most of the usual ones have a prefix. The last is UNITE's
   species hypothesis. */
enum { TX_LINEAGE_RANKS = 29, TX_LINEAGE_HYPOTHESIS = TX_LINEAGE_RANKS - 1, TX_FAULT_SIZE = 160 };

typedef struct tx_lineage {
  /* without prefix; NULL = no label (tx_label_is_missing). Of a rank of the table, or with by_position of the
     rank of that number among those that were asked for */
  const char *names[TX_LINEAGE_RANKS];
  bool by_position;
  uint8_t order[TX_LINEAGE_RANKS]; /* the ranks that occur, with or without a label, in the text's order */
  size_t count;
  uint32_t optional;         /* bit r: rank r is taken only where it is asked for */
  uint32_t placeholders;     /* names that stand for no label */
  const char *placeholder;   /* the first of them, NULL if there is none */
  uint32_t skipped;          /* fields whose prefix or rank is not known */
  const char *first_skipped; /* the first of them, NULL if there is none */
  bool split_taxids;         /* each name ends in '_' and a taxid, which tx_lineage_put splits off */
  uint32_t taxid;            /* of the lowest taxon, 0 = none */
} tx_lineage;

const char *tx_lineage_rank(size_t rank);
/* The letters of a rank in "g__Apis": "g"; NULL if it has none. */
const char *tx_lineage_prefix(size_t rank);
/* The rank of that name, -1 if the table has none. */
int tx_lineage_find_rank(const char *name);
/* Bits of the ranks that are not usual: for the sources that name many ranks in full. */
uint32_t tx_lineage_unusual(void);

/* Makes the lineage empty. `optional`: see there. */
void tx_lineage_begin(tx_lineage *lineage, uint32_t optional);
/* Adds a rank with its name, which is trimmed, freed of double quotes and of its taxid, in place. False with
   a reason in fault (TX_FAULT_SIZE bytes): the rank occurs twice. */
bool tx_lineage_put(tx_lineage *lineage, size_t rank, char *name, char *fault);
/* The same for the name at a position, whose rank has this name. */
void tx_lineage_put_position(tx_lineage *lineage, size_t position, const char *rank, char *name);
/* Counts a field that was not read. */
void tx_lineage_skip(tx_lineage *lineage, const char *field);

/* Finds the lineage within a header line; NULL if there is none. UNITE: from a prefix such as "k__" at the
   start or after '|', ';', '=' or space up to the next '|' or tab. SINTAX: the text after "tax=", which is at
   the start or follows ';' or space, up to the next ';'. Without what follows the last name: tags
   ("[length=9]", "size=9"), and after names whose words '_' joins any word. */
const char *tx_lineage_find_unite(const char *header, size_t *ret_length);
const char *tx_lineage_find_sintax(const char *header, size_t *ret_length);

/* A list of names by position within a header. */
typedef struct tx_name_list {
  const char *start;
  size_t length;
  size_t names;   /* with the root; empty ones at the end do not count */
  char separator; /* ';', or ',' where there is none */
  bool root;      /* the first name is "Root", "root_1" or "cellularOrganisms" */
  bool closed;    /* it ends in a separator */
} tx_name_list;

/* Finds the next list at or after *at, which it moves; false at the end. Lists are the parts between '|',
   behind "###", and without their first word where only what follows has separators: "A;B;C;", "ID|x|A,B,C",
   "ID A;B;C". A part with '=' is none. */
bool tx_name_list_next(const char **at, tx_name_list *list);
/* The list with `count` names, or with a root and `count` names. `shorter`: else the first of fewer names
   between ';' that is closed or has a root; with `shorter` > 1 any. */
bool tx_name_list_find(const char *header, size_t count, int shorter, tx_name_list *ret_list);
/* Whether all names of the list (or of a lineage with prefixes) end in '_' and a taxid: the first must be one
   of NCBI's largest taxa, so that numbers in names are not taken for taxids. */
bool tx_names_have_taxids(const char *text, char separator);

/* Cuts the text into fields, in place: `names` point into it. False with a reason in fault: a field without a
   prefix, a rank that occurs twice. A text that is itself a missing label ("Unassigned") has no labels. */
bool tx_lineage_read_unite(char *text, tx_lineage *lineage, char *fault);
bool tx_lineage_read_sintax(char *text, tx_lineage *lineage, char *fault);

/* The order of ranks that lineages have. Zero-initialise. */
typedef struct tx_rank_order {
  uint8_t ranks[TX_LINEAGE_RANKS];
  size_t count;
} tx_rank_order;

/* Adds the ranks of a lineage, but for optional ones: a new rank gets a place between those that stand around
   it in the lineage, there by the standard order. */
void tx_rank_order_add(tx_rank_order *order, const tx_lineage *lineage);

#endif
