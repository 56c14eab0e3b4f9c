#include "labelled/taxdump.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <taxamba/labelled.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/lines.h"
#include "base/memory.h"

enum { LEVELS_MOST = 256, NO_RANK = -1, FIELDS = 4 };

typedef struct dump_node {
  uint32_t taxid;
  uint32_t parent; /* a taxid, then its index */
  uint32_t name;   /* offset in `names`; 0 = none */
  int8_t rank;     /* NO_RANK: none of those of lineages */
  bool sound;      /* the way to the root is */
} dump_node;

/* A taxid that is not used any more. */
typedef struct former_taxid {
  uint32_t taxid, now; /* 0: deleted */
} former_taxid;

struct tx_taxdump {
  dump_node *nodes; /* by taxid */
  size_t count, capacity;
  tx_bytes names;
  former_taxid *formers; /* by taxid */
  size_t former_count, former_capacity;
  uint8_t ranks[TX_LINEAGE_RANKS]; /* the usual ranks that occur */
  size_t rank_count;
};

/* A line of a file, cut at tabs, '|' and tabs. */
typedef struct dump_row {
  tx_lines *lines;
  const char *fields[FIELDS];
  size_t lengths[FIELDS];
  size_t count;
} dump_row;

static tx_status fail_row(const dump_row *row, const char *text, tx_error *error)
{
  return tx_fail_at(error, TX_ERROR_DATA, tx_lines_name(row->lines), tx_lines_number(row->lines), 0,
                    "%s: this is no file of a taxdump", text);
}

static void cut_row(dump_row *row, const char *line)
{
  for (row->count = 0; row->count < FIELDS; row->count++) {
    const char *end = line;
    while (*end && strncmp(end, "\t|", 2) != 0) end++;
    row->fields[row->count] = line;
    row->lengths[row->count] = (size_t)(end - line);
    if (!*end) {
      row->count += end > line;
      return;
    }
    line = end + 2 + (end[2] == '\t');
  }
}

static bool read_number(const dump_row *row, size_t field, uint32_t *ret_number)
{
  uint32_t number = 0;
  if (field >= row->count || !row->lengths[field] || row->lengths[field] > 9) return false;
  for (size_t i = 0; i < row->lengths[field]; i++) {
    const char digit = row->fields[field][i];
    if (digit < '0' || digit > '9') return false;
    number = 10 * number + (uint32_t)(digit - '0');
  }
  *ret_number = number;
  return number > 0;
}

/* nodes.dmp: taxid, parent, rank, ... */
static tx_status take_node(tx_taxdump *taxdump, const dump_row *row, tx_error *error)
{
  char rank[24] = "";
  dump_node node = {0};
  if (!read_number(row, 0, &node.taxid) || !read_number(row, 1, &node.parent) || row->count < 3)
    return fail_row(row, "no taxid, parent and rank", error);
  if (row->lengths[2] < sizeof rank) memcpy(rank, row->fields[2], row->lengths[2]);
  node.rank = (int8_t)tx_lineage_find_rank(rank);
  if (!tx_reserve(&taxdump->nodes, &taxdump->capacity, taxdump->count + 1, sizeof node))
    return tx_fail_memory(error, "a taxdump");
  taxdump->nodes[taxdump->count++] = node;
  return TX_OK;
}

static int compare_nodes(const void *left, const void *right)
{
  const dump_node *a = left, *b = right;
  return (a->taxid > b->taxid) - (a->taxid < b->taxid);
}

static dump_node *find_node(const tx_taxdump *taxdump, uint32_t taxid)
{
  const dump_node wanted = {.taxid = taxid};
  return taxdump->count ? bsearch(&wanted, taxdump->nodes, taxdump->count, sizeof wanted, compare_nodes)
                        : NULL;
}

/* Marks the way of a node to the root as sound; false if it has too many levels. */
static bool check_way(tx_taxdump *taxdump, uint32_t start)
{
  dump_node *nodes = taxdump->nodes;
  size_t levels = 0;
  uint32_t at = start;
  while (!nodes[at].sound && nodes[at].parent != at && levels++ < LEVELS_MOST) at = nodes[at].parent;
  if (levels > LEVELS_MOST) return false;
  for (nodes[at].sound = true; !nodes[start].sound; start = nodes[start].parent) nodes[start].sound = true;
  return true;
}

/* Sorts the nodes, finds their parents and the ranks that occur. */
static tx_status join_nodes(tx_taxdump *taxdump, const char *name, tx_error *error)
{
  bool occurs[TX_LINEAGE_RANKS] = {false};
  dump_node *nodes = taxdump->nodes;
  if (!taxdump->count) return tx_fail(error, TX_ERROR_DATA, "%s has no taxon: this is no taxdump", name);
  qsort(nodes, taxdump->count, sizeof *nodes, compare_nodes);
  for (size_t i = 0; i < taxdump->count; i++) {
    const dump_node *parent = find_node(taxdump, nodes[i].parent);
    if (i && nodes[i].taxid == nodes[i - 1].taxid)
      return tx_fail(error, TX_ERROR_DATA, "%s: the taxid %" PRIu32 " occurs twice", name, nodes[i].taxid);
    if (!parent)
      return tx_fail(error, TX_ERROR_DATA,
                     "%s: %" PRIu32 ", the parent of %" PRIu32
                     ", is missing: the file is cut short or mixed with another",
                     name, nodes[i].parent, nodes[i].taxid);
    nodes[i].parent = (uint32_t)(parent - nodes);
    if (nodes[i].rank >= 0) occurs[nodes[i].rank] = true;
  }
  for (uint32_t i = 0; i < taxdump->count; i++)
    if (!check_way(taxdump, i))
      return tx_fail(error, TX_ERROR_DATA,
                     "%s: above the taxid %" PRIu32 " are more than %d levels, or a circle", name,
                     nodes[i].taxid, LEVELS_MOST);
  for (size_t r = 0; r < TX_LINEAGE_RANKS; r++)
    if (occurs[r] && !(tx_lineage_unusual() >> r & 1)) taxdump->ranks[taxdump->rank_count++] = (uint8_t)r;
  return TX_OK;
}

/* names.dmp: taxid, name, unique name, class of the name. */
static tx_status take_name(tx_taxdump *taxdump, const dump_row *row, tx_error *error)
{
  static const char wanted[] = "scientific name";
  uint32_t taxid;
  dump_node *node;
  if (!read_number(row, 0, &taxid) || row->count < FIELDS)
    return fail_row(row, "no taxid, name, unique name and class of the name", error);
  if (row->lengths[3] != sizeof wanted - 1 || memcmp(row->fields[3], wanted, sizeof wanted - 1) != 0)
    return TX_OK;
  node = find_node(taxdump, taxid);
  if (!node) return fail_row(row, "nodes.dmp does not have this taxid", error);
  if (taxdump->names.size > UINT32_MAX - row->lengths[1] - 1)
    return fail_row(row, "more than 4 GiB of names", error);
  node->name = (uint32_t)taxdump->names.size;
  tx_bytes_append(&taxdump->names, row->fields[1], row->lengths[1]);
  tx_bytes_append(&taxdump->names, "", 1);
  return taxdump->names.failed ? tx_fail_memory(error, "a taxdump") : TX_OK;
}

/* merged.dmp: old and new taxid; delnodes.dmp: taxid. */
static tx_status take_former(tx_taxdump *taxdump, const dump_row *row, tx_error *error)
{
  former_taxid former = {0};
  if (!read_number(row, 0, &former.taxid) || (row->count > 1 && !read_number(row, 1, &former.now)))
    return fail_row(row, "no taxid", error);
  if (!tx_reserve(&taxdump->formers, &taxdump->former_capacity, taxdump->former_count + 1, sizeof former))
    return tx_fail_memory(error, "a taxdump");
  taxdump->formers[taxdump->former_count++] = former;
  return TX_OK;
}

static int compare_formers(const void *left, const void *right)
{
  const former_taxid *a = left, *b = right;
  if (a->taxid != b->taxid) return a->taxid > b->taxid ? 1 : -1;
  return (a->now > b->now) - (a->now < b->now);
}

static tx_status sort_formers(tx_taxdump *taxdump, const char *name, tx_error *error)
{
  (void)name;
  (void)error;
  if (taxdump->former_count)
    qsort(taxdump->formers, taxdump->former_count, sizeof *taxdump->formers, compare_formers);
  return TX_OK;
}

/* How a file is read: what takes a row, and what follows the last one. */
typedef struct dump_file {
  const char *name;
  bool optional;
  tx_status (*take)(tx_taxdump *taxdump, const dump_row *row, tx_error *error);
  tx_status (*finish)(tx_taxdump *taxdump, const char *name, tx_error *error);
} dump_file;

static const dump_file dump_files[TX_TAXDUMP_FILES] = {
    {"nodes.dmp", false, take_node, join_nodes},
    {"names.dmp", false, take_name, NULL},
    {"merged.dmp", true, take_former, sort_formers},
    {"delnodes.dmp", true, take_former, sort_formers},
};

static tx_status read_file(tx_taxdump *taxdump, tx_input *input, const dump_file *file, tx_error *error)
{
  dump_row row = {0};
  const char *line;
  size_t length;
  tx_status status = tx_lines_adopt(input, &row.lines, error);
  if (status != TX_OK) return status;
  while ((status = tx_lines_next(row.lines, &line, &length, error)) == TX_OK) {
    cut_row(&row, line);
    if (row.count) status = file->take(taxdump, &row, error);
    if (status != TX_OK) break;
  }
  if (status == TX_END)
    status = file->finish ? file->finish(taxdump, tx_lines_name(row.lines), error) : TX_OK;
  tx_lines_close(row.lines);
  return status;
}

tx_status tx_taxdump_read(tx_input *inputs[TX_TAXDUMP_FILES], tx_taxdump **ret_taxdump, tx_error *error)
{
  tx_taxdump *taxdump = calloc(1, sizeof *taxdump);
  tx_status status = taxdump ? TX_OK : tx_fail_memory(error, "a taxdump");
  *ret_taxdump = NULL;
  if (taxdump) tx_bytes_append(&taxdump->names, "", 1);
  for (size_t i = 0; i < TX_TAXDUMP_FILES; i++) {
    if (status == TX_OK && inputs[i])
      status = read_file(taxdump, inputs[i], &dump_files[i], error);
    else
      tx_input_close(inputs[i]);
    inputs[i] = NULL;
  }
  if (status == TX_OK)
    *ret_taxdump = taxdump;
  else
    tx_taxdump_free(taxdump);
  return status;
}

tx_status tx_taxdump_open(const char *folder, const tx_input_hooks *opt_hooks, tx_taxdump **ret_taxdump,
                          tx_error *error)
{
  tx_input *inputs[TX_TAXDUMP_FILES] = {NULL};
  tx_bytes path = {0};
  tx_status status = TX_OK;
  *ret_taxdump = NULL;
  for (size_t i = 0; i < TX_TAXDUMP_FILES && status == TX_OK; i++) {
    tx_bytes_clear(&path);
    tx_bytes_printf(&path, "%s/%s", folder, dump_files[i].name);
    if (path.failed)
      status = tx_fail_memory(error, "a taxdump");
    else if (!dump_files[i].optional || access(path.data, F_OK) == 0)
      status = tx_input_open(path.data, opt_hooks, &inputs[i], error);
  }
  tx_bytes_free(&path);
  if (status == TX_OK) return tx_taxdump_read(inputs, ret_taxdump, error);
  for (size_t i = 0; i < TX_TAXDUMP_FILES; i++) tx_input_close(inputs[i]);
  return status;
}

static const former_taxid *find_former(const tx_taxdump *taxdump, uint32_t taxid)
{
  size_t low = 0, high = taxdump->former_count;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (taxdump->formers[middle].taxid == taxid) return &taxdump->formers[middle];
    if (taxdump->formers[middle].taxid < taxid)
      low = middle + 1;
    else
      high = middle;
  }
  return NULL;
}

/* The node of a taxid, also of one that was merged into it; NULL if there is none. */
static const dump_node *follow(const tx_taxdump *taxdump, uint32_t taxid, tx_taxid_state *ret_state)
{
  const dump_node *found = find_node(taxdump, taxid);
  const former_taxid *former = found ? NULL : find_former(taxdump, taxid);
  *ret_state = found ? TX_TAXID_KNOWN : former ? TX_TAXID_DELETED : TX_TAXID_UNKNOWN;
  if (!former || !former->now) return found;
  found = find_node(taxdump, former->now);
  if (found) *ret_state = TX_TAXID_MERGED;
  return found;
}

tx_taxid_state tx_taxdump_find(const tx_taxdump *taxdump, uint32_t taxid)
{
  tx_taxid_state state;
  follow(taxdump, taxid, &state);
  return state;
}

void tx_taxdump_lineage(const tx_taxdump *taxdump, tx_lineage *lineage)
{
  const uint32_t taxid = lineage->taxid;
  const dump_node *node = follow(taxdump, taxid, &(tx_taxid_state){TX_TAXID_KNOWN});
  if (!node && lineage->count) return; /* the names of the header stay */
  tx_lineage_begin(lineage, tx_lineage_unusual());
  lineage->taxid = taxid;
  memcpy(lineage->order, taxdump->ranks, taxdump->rank_count);
  lineage->count = taxdump->rank_count;
  for (bool top = !node; !top; node = taxdump->nodes + node->parent) {
    const char *name = taxdump->names.data + node->name;
    top = taxdump->nodes + node->parent == node;
    if (node->rank < 0 || lineage->names[node->rank]) continue;
    if (!tx_label_is_missing(name)) {
      lineage->names[node->rank] = name;
    } else if (*name) {
      if (!lineage->placeholders++) lineage->placeholder = name;
    }
  }
}

void tx_taxdump_free(tx_taxdump *taxdump)
{
  if (!taxdump) return;
  free(taxdump->nodes);
  free(taxdump->formers);
  tx_bytes_free(&taxdump->names);
  free(taxdump);
}
