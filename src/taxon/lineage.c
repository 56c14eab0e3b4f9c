#include "taxon/lineage.h"

#include <stdio.h>
#include <string.h>
#include <taxamba/labelled.h>

#include "base/text.h"

static const struct {
  const char *name;
  const char *prefixes[2];
  bool usual;
} ranks[TX_LINEAGE_RANKS] = {
    {"realm", {NULL, NULL}, false},
    {"superkingdom", {"sk", NULL}, true},
    {"domain", {"d", NULL}, true},
    {"supergroup", {NULL, NULL}, false},
    {"kingdom", {"k", NULL}, true},
    {"subkingdom", {"ks", NULL}, false},
    {"division", {NULL, NULL}, false},
    {"subdivision", {NULL, NULL}, false},
    {"superphylum", {"sp", NULL}, false},
    {"phylum", {"p", NULL}, true},
    {"subphylum", {"ps", NULL}, false},
    {"superclass", {"sc", NULL}, false},
    {"class", {"c", NULL}, true},
    {"subclass", {"cs", NULL}, false},
    {"infraclass", {NULL, NULL}, false},
    {"superorder", {"so", NULL}, false},
    {"order", {"o", NULL}, true},
    {"suborder", {"os", NULL}, false},
    {"infraorder", {NULL, NULL}, false},
    {"superfamily", {NULL, NULL}, false},
    {"family", {"f", NULL}, true},
    {"subfamily", {"sf", "fs"}, false},
    {"tribe", {NULL, NULL}, false},
    {"genus", {"g", NULL}, true},
    {"subgenus", {NULL, NULL}, false},
    {"species", {"s", NULL}, true},
    {"subspecies", {NULL, NULL}, false},
    {"strain", {"t", NULL}, false},
    {"species_hypothesis", {"sh", NULL}, false},
};

const char *tx_lineage_rank(size_t rank)
{
  return ranks[rank].name;
}

const char *tx_lineage_prefix(size_t rank)
{
  return ranks[rank].prefixes[0];
}

int tx_lineage_find_rank(const char *name)
{
  for (size_t i = 0; i < TX_LINEAGE_RANKS; i++)
    if (!strcmp(ranks[i].name, name)) return (int)i;
  return -1;
}

uint32_t tx_lineage_unusual(void)
{
  uint32_t bits = 0;
  for (size_t i = 0; i < TX_LINEAGE_RANKS; i++) bits |= (uint32_t)!ranks[i].usual << i;
  return bits;
}

/* Length of the letters of a prefix that the text begins with and that `mark` closes, 0 if there is none. */
static size_t prefix_letters(const char *text, const char *mark)
{
  size_t letters = 0;
  while (letters < 4 && text[letters] >= 'a' && text[letters] <= 'z') letters++;
  return letters < 4 && !strncmp(text + letters, mark, strlen(mark)) ? letters : 0;
}

/* The rank of a prefix, -1 if none has it. */
static int find_prefix(const char *text, size_t letters)
{
  for (size_t i = 0; i < TX_LINEAGE_RANKS && letters; i++)
    for (size_t k = 0; k < 2 && ranks[i].prefixes[k]; k++)
      if (strlen(ranks[i].prefixes[k]) == letters && !strncmp(text, ranks[i].prefixes[k], letters))
        return (int)i;
  return -1;
}

void tx_lineage_begin(tx_lineage *lineage, uint32_t optional)
{
  memset(lineage, 0, sizeof *lineage);
  lineage->optional = optional;
}

void tx_lineage_skip(tx_lineage *lineage, const char *field)
{
  if (!lineage->skipped++) lineage->first_skipped = field;
}

/* The number behind the last '_' of a field, 0 if there is none; *ret_length: of the rest. */
static uint32_t taxid_at_end(const char *field, size_t length, size_t *ret_length)
{
  size_t at = length;
  uint64_t taxid = 0, unit = 1;
  while (at && field[at - 1] >= '0' && field[at - 1] <= '9' && length - at < 9) {
    taxid += (uint64_t)(field[--at] - '0') * unit;
    unit *= 10;
  }
  if (at == length || at < 2 || field[at - 1] != '_') return 0;
  *ret_length = at - 1;
  return (uint32_t)taxid;
}

/* Folds blanks, and removes double quotes around a name, and its taxid. */
static char *strip(tx_lineage *lineage, char *name, const char *rank)
{
  size_t length;
  uint32_t taxid;
  name = tx_text_fold_blanks(name);
  length = strlen(name);
  if (length > 1 && name[0] == '"' && name[length - 1] == '"') {
    name[length - 1] = '\0';
    name = tx_text_trim(name + 1, length - 2, &length);
  }
  if (!lineage->split_taxids || !(taxid = taxid_at_end(name, length, &length))) return name;
  name[length] = '\0';
  lineage->taxid = taxid;
  /* MIDORI2 fills a rank without a name with that of the next: "order_Vannellidae_95227" */
  length = strlen(rank);
  if (!strncmp(name, rank, length) && name[length] == '_') {
    if (!lineage->placeholders++) lineage->placeholder = name;
    name += strlen(name);
  }
  return name;
}

static void put_name(tx_lineage *lineage, size_t at, const char *rank, char *name)
{
  name = strip(lineage, name, rank);
  if (!tx_label_is_missing(name)) {
    lineage->names[at] = name;
  } else if (*name) {
    if (!lineage->placeholders++) lineage->placeholder = name;
  }
}

bool tx_lineage_put(tx_lineage *lineage, size_t rank, char *name, char *fault)
{
  if (memchr(lineage->order, (int)rank, lineage->count)) {
    snprintf(fault, TX_FAULT_SIZE, "rank '%s' occurs twice", ranks[rank].name);
    return false;
  }
  name = tx_text_fold_blanks(name);
  if (tx_text_has_control(name)) { /* of an escape in JSON */
    snprintf(fault, TX_FAULT_SIZE, "a control character in the name of the %s", ranks[rank].name);
    return false;
  }
  lineage->order[lineage->count++] = (uint8_t)rank;
  put_name(lineage, rank, ranks[rank].name, name);
  return true;
}

void tx_lineage_put_position(tx_lineage *lineage, size_t position, const char *rank, char *name)
{
  lineage->by_position = true;
  put_name(lineage, position, rank, name);
}

/* Whether a word is a tag: "size=9", "[location=1..9]". */
static bool is_tag(const char *word)
{
  size_t letters = 0;
  if (*word == '[') word++;
  while (word[letters] == '_' || (tx_text_lower(word[letters]) >= 'a' && tx_text_lower(word[letters]) <= 'z'))
    letters++;
  return letters && word[letters] == '=';
}

/* Length of a lineage at the end of a header without what follows its last name. */
static size_t without_description(const char *text, char separator, const char *mark)
{
  size_t length = strlen(text), start = 0;
  bool joined = false; /* words of the name by '_' */
  for (size_t i = 0; i < length; i++)
    if (text[i] == separator && text[i + 1 + strspn(text + i + 1, " ")]) start = i + 1;
  start += strspn(text + start, " ");
  if (prefix_letters(text + start, mark)) start += prefix_letters(text + start, mark) + strlen(mark);
  for (size_t i = start; i < length; i++) {
    joined = joined || text[i] == '_';
    if (text[i] == ' ' && (joined || is_tag(text + i + 1))) return i;
  }
  return length;
}

const char *tx_lineage_find_unite(const char *header, size_t *ret_length)
{
  for (const char *at = header; *at; at++) {
    if (at != header && !strchr("|;= \t", at[-1])) continue;
    if (find_prefix(at, prefix_letters(at, "__")) < 0) continue;
    *ret_length = strcspn(at, "|\t");
    if (!at[*ret_length]) *ret_length = without_description(at, ';', "__");
    return at;
  }
  return NULL;
}

const char *tx_lineage_find_sintax(const char *header, size_t *ret_length)
{
  for (const char *at = strstr(header, "tax="); at; at = strstr(at + 1, "tax=")) {
    if (at != header && !strchr("; \t", at[-1])) continue;
    at += 4;
    *ret_length = strcspn(at, ";\t");
    if (!at[*ret_length]) *ret_length = without_description(at, ',', ":");
    return at;
  }
  return NULL;
}

/* Reads one field, "k__Fungi" or "k:Fungi", trimmed and not empty. */
static bool read_field(char *field, const char *mark, tx_lineage *lineage, char *fault)
{
  const size_t letters = prefix_letters(field, mark);
  const int rank = find_prefix(field, letters);
  if (!letters) {
    snprintf(fault, TX_FAULT_SIZE,
             "'%.60s' has no rank prefix (sk, d, k, p, c, o, f, sf, g, s or t, then '%s')", field, mark);
    return false;
  }
  if (rank >= 0) return tx_lineage_put(lineage, (size_t)rank, field + letters + strlen(mark), fault);
  tx_lineage_skip(lineage, field);
  return true;
}

/* Cuts the text at the separators and reads each field. */
static bool read_fields(char *text, char separator, const char *mark, tx_lineage *lineage, char *fault)
{
  const char stop[2] = {separator, '\0'};
  tx_lineage_begin(lineage, 1u << TX_LINEAGE_HYPOTHESIS);
  text = tx_text_trim(text, strlen(text), NULL);
  if (!strchr(text, separator) && !prefix_letters(text, mark) && tx_label_is_missing(text)) return true;
  lineage->split_taxids = tx_names_have_taxids(text, separator);
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

static bool is_one_of(const char *field, size_t length, const char *const *words, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (strlen(words[i]) == length && !strncmp(field, words[i], length)) return true;
  return false;
}

bool tx_names_have_taxids(const char *text, char separator)
{
  static const char *const largest[] = {"root_1",
                                        "cellular organisms_131567",
                                        "Eukaryota_2759",
                                        "Bacteria_2",
                                        "Archaea_2157",
                                        "Viruses_10239",
                                        "Metazoa_33208",
                                        "Fungi_4751",
                                        "Viridiplantae_33090"};
  const char stop[2] = {separator, '\0'};
  size_t names = 0, rest;
  for (;;) {
    size_t length = strcspn(text, stop), prefix;
    const char *field = text + strspn(text, " \t");
    const bool last = !text[length];
    prefix = prefix_letters(field, "__") ? prefix_letters(field, "__") + 2 : 0;
    if (!prefix && prefix_letters(field, ":")) prefix = prefix_letters(field, ":") + 1;
    length = (size_t)(text + length - field);
    text = field + length + 1;
    while (length && tx_text_is_space(field[length - 1])) length--;
    if (length > prefix) {
      field += prefix;
      length -= prefix;
      if (!names++ && !is_one_of(field, length, largest, sizeof largest / sizeof *largest)) return false;
      if (!taxid_at_end(field, length, &rest)) return false;
    }
    if (last) return names > 1;
  }
}

/* Counts the names of a list, and sees its root and its end. */
static void measure(tx_name_list *list)
{
  static const char *const roots[] = {"Root", "root", "root_1", "cellularOrganisms"};
  const char stop[2] = {list->separator, '\0'};
  const size_t first = strcspn(list->start, stop);
  list->names = 1;
  list->closed = false;
  for (size_t i = 0; i < list->length; i++) {
    if (list->start[i] != list->separator) continue;
    list->closed = i + 1 + strspn(list->start + i + 1, " \t") >= list->length;
    list->names += !list->closed;
  }
  list->root = first < list->length && is_one_of(list->start, first, roots, sizeof roots / sizeof *roots);
}

bool tx_name_list_next(const char **at, tx_name_list *list)
{
  while (*at) {
    const char *part = *at, *separator, *blank, *hashes;
    const size_t length = strcspn(part, "|");
    *at = part[length] ? part + length + 1 : NULL;
    list->start = part;
    separator = memchr(part, ';', length);
    list->separator = separator ? ';' : ',';
    separator = part + strcspn(part, ";,");
    blank = part + strcspn(part, " \t");
    if (blank < part + length && separator > blank) list->start = blank + strspn(blank, " \t");
    hashes = strstr(part, "###");
    if (hashes && hashes < separator) list->start = hashes + 3;
    if (list->start > part + length) continue;
    list->length = (size_t)(part + length - list->start);
    if (memchr(list->start, '=', list->length)) continue;
    measure(list);
    return true;
  }
  return false;
}

bool tx_name_list_find(const char *header, size_t count, int shorter, tx_name_list *ret_list)
{
  tx_name_list list;
  for (const char *at = header; count > 1 && tx_name_list_next(&at, &list);) {
    *ret_list = list;
    if (list.names == count || (list.root && list.names == count + 1)) return true;
  }
  for (const char *at = header; count > 1 && shorter && tx_name_list_next(&at, &list);) {
    *ret_list = list;
    if (list.separator == ';' && list.names < count + list.root &&
        (list.closed || list.root || (shorter > 1 && list.names > 1)))
      return true;
  }
  return false;
}

/* The index of a rank in the order, -1 if it is not there. */
static int find_place(const tx_rank_order *order, uint8_t rank)
{
  const uint8_t *place = memchr(order->ranks, rank, order->count);
  return place ? (int)(place - order->ranks) : -1;
}

/* Adds the rank at position `at` of the lineage: after those before it, before those behind it. */
static void add_rank(tx_rank_order *order, const tx_lineage *lineage, size_t at)
{
  const uint8_t rank = lineage->order[at];
  size_t low = 0, high = order->count;
  for (size_t i = 0; i < at; i++) {
    const int place = find_place(order, lineage->order[i]);
    if (place >= (int)low) low = (size_t)place + 1;
  }
  for (size_t i = at + 1; i < lineage->count; i++) {
    const int place = find_place(order, lineage->order[i]);
    if (place >= (int)low && place < (int)high) high = (size_t)place;
  }
  while (low < high && order->ranks[low] < rank) low++;
  memmove(order->ranks + low + 1, order->ranks + low, order->count - low);
  order->ranks[low] = rank;
  order->count++;
}

void tx_rank_order_add(tx_rank_order *order, const tx_lineage *lineage)
{
  for (size_t i = 0; i < lineage->count; i++)
    if (!(lineage->optional >> lineage->order[i] & 1) && find_place(order, lineage->order[i]) < 0)
      add_rank(order, lineage, i);
}
