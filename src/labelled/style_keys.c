/* Styles of header lines with keys: OBITools, and taxids as kraken and others have them. */
#include "labelled/styles.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"

enum { KEY_SIZE = 40 };

static bool is_key_letter(char letter)
{
  return letter == '_' || (letter >= '0' && letter <= '9') ||
         (tx_text_lower(letter) >= 'a' && tx_text_lower(letter) <= 'z');
}

/* The rank of a key such as "family_name", -1 if it is none. */
static int rank_of_key(const char *key, size_t length)
{
  static const char ending[] = "_name";
  const size_t size = sizeof ending - 1;
  char name[KEY_SIZE];
  if (length <= size || length - size >= sizeof name || strncmp(key + length - size, ending, size) != 0)
    return -1;
  memcpy(name, key, length - size);
  name[length - size] = '\0';
  return tx_lineage_find_rank(name);
}

/* The taxid that a text begins with, "9606" or "taxon:9606 [Homo sapiens]@species"; 0 if there is none. */
static uint32_t read_taxid(const char *text)
{
  uint32_t taxid = 0;
  if (!strncmp(text, "taxon:", 6)) text += 6;
  for (size_t i = 0; text[i] >= '0' && text[i] <= '9'; i++) {
    if (i == 9) return 0;
    taxid = 10 * taxid + (uint32_t)(text[i] - '0');
  }
  return taxid;
}

/* What stands behind a key for taxids, NULL if there is none. */
static const char *find_taxid(const char *header)
{
  static const char *const keys[] = {"taxid|", "taxid=", "taxid:", "tax_id=", "taxon:"};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    for (const char *at = strstr(header, keys[i]); at; at = strstr(at + 1, keys[i]))
      if (at == header || !is_key_letter(at[-1])) return at + strlen(keys[i]);
  return NULL;
}

/* A part between '|' of digits only, or a text of digits: only where taxids are asked for. */
static const char *find_number(const char *header)
{
  for (const char *part = header; part; part = strchr(part, '|') ? strchr(part, '|') + 1 : NULL) {
    const size_t digits = strspn(part, "0123456789");
    if (digits && (part[digits] == '|' || !part[digits])) return part;
  }
  return NULL;
}

bool tx_detects_taxid(const tx_header *header)
{
  const char *text = header->text->data;
  return find_taxid(text) || (header->alone && *text && !text[strspn(text, "0123456789")]);
}

bool tx_detects_resolved_taxid(const tx_header *header)
{
  return header->opt_taxdump && tx_detects_taxid(header);
}

/* Fails where a taxid is all that there is, and nothing tells its names. */
static tx_status check_names(const tx_header *header, const tx_lineage *lineage, char *fault)
{
  if (!lineage->taxid || lineage->count || header->opt_taxdump) return TX_OK;
  snprintf(fault, TX_HEADER_FAULT_SIZE,
           ": the header has a taxid (%lu) and no names: they need the folder of a taxdump",
           (unsigned long)lineage->taxid);
  return TX_ERROR_DATA;
}

tx_status tx_reads_taxid(tx_header *header, tx_lineage *lineage, char *fault)
{
  const char *value = find_taxid(header->text->data);
  if (!value) value = find_number(header->text->data);
  tx_lineage_begin(lineage, tx_lineage_unusual());
  if (value) {
    lineage->taxid = read_taxid(value);
    return check_names(header, lineage, fault);
  }
  snprintf(fault, TX_HEADER_FAULT_SIZE,
           ": no taxid in the header, expected 'kraken:taxid|9606', 'taxid=9606' or '|9606|'");
  return TX_ERROR_DATA;
}

/* OBITools before version 4: "ID taxid=9606; family_name=Hominidae; ...". Finds the next key and its value;
   *at moves behind the value. */
static bool next_key(const char **at, const char **ret_key, size_t *ret_key_length, size_t *ret_length)
{
  const char *equals = strchr(*at, '='), *key = equals;
  if (!equals) return false;
  while (key > *at && is_key_letter(key[-1])) key--;
  *ret_key = key;
  *ret_key_length = (size_t)(equals - key);
  *ret_length = strcspn(equals + 1, ";");
  *at = equals + 1 + *ret_length;
  return true;
}

bool tx_detects_keys(const tx_header *header)
{
  const char *key;
  size_t key_length, length;
  for (const char *at = header->text->data; next_key(&at, &key, &key_length, &length);)
    if (rank_of_key(key, key_length) >= 0) return true;
  return false;
}

static tx_status put_key(const char *key, size_t key_length, char *value, tx_lineage *lineage, char *fault)
{
  char reason[TX_FAULT_SIZE];
  const int rank = rank_of_key(key, key_length);
  if (key_length == 5 && !strncmp(key, "taxid", 5)) lineage->taxid = read_taxid(value);
  if (rank < 0 || tx_lineage_put(lineage, (size_t)rank, value, reason)) return TX_OK;
  snprintf(fault, TX_HEADER_FAULT_SIZE, ": bad lineage: %s", reason);
  return TX_ERROR_DATA;
}

/* A value without single quotes around it. */
static char *unquote(char *value, size_t length)
{
  value = tx_text_trim(value, length, &length);
  if (length < 2 || value[0] != '\'' || value[length - 1] != '\'') return value;
  value[length - 1] = '\0';
  return value + 1;
}

static tx_status read_keys(tx_header *header, tx_lineage *lineage, char *fault)
{
  const char *key;
  size_t key_length, length;
  bool more = true;
  tx_status status = TX_OK;
  for (const char *at = header->text->data;
       status == TX_OK && more && next_key(&at, &key, &key_length, &length);) {
    more = *at;
    at += more;
    status = put_key(key, key_length, unquote(tx_header_cut(header, key + key_length + 1, length), length),
                     lineage, fault);
  }
  return status;
}

/* OBITools 4: 'ID {"taxid":"taxon:9606 [Homo sapiens]@species","family_name":"Hominidae"}'. */
static const char *find_object(const char *header, size_t *ret_length)
{
  const char *start = strchr(header, '{'), *end = start ? strrchr(start, '}') : NULL;
  if (!end || (start != header && start[-1] != ' ' && start[-1] != '\t')) return NULL;
  *ret_length = (size_t)(end - start) + 1;
  return start;
}

bool tx_detects_json(const tx_header *header)
{
  size_t length;
  const char *object = find_object(header->text->data, &length);
  return object && (strstr(object, "\"taxid\"") || strstr(object, "_name\""));
}

/* Copies the names of an object over the header's text, of which they were a part: it has room for them. */
static tx_status put_members(const tx_json *object, tx_header *header, tx_lineage *lineage, char *fault)
{
  char *free_place = header->text->data;
  const char *end = free_place + header->text->size;
  tx_status status = TX_OK;
  for (const tx_json *item = tx_json_first(object); item && status == TX_OK; item = tx_json_next(item)) {
    const char *key = tx_json_key(item), *value = tx_json_string(item);
    const size_t size = value ? strlen(value) + 1 : 0;
    if (!strcmp(key, "taxid") && tx_json_is_number(item) && tx_json_number(item) >= 1 &&
        tx_json_number(item) < 1e9)
      lineage->taxid = (uint32_t)tx_json_number(item);
    if (!value || size > (size_t)(end - free_place)) continue;
    memcpy(free_place, value, size);
    status = put_key(key, strlen(key), free_place, lineage, fault);
    free_place += size;
  }
  return status;
}

static tx_status read_object(tx_header *header, const char *text, size_t length, tx_lineage *lineage,
                             char *fault)
{
  tx_json *object;
  tx_error error;
  tx_status status = tx_json_parse(text, length, "JSON", &object, &error);
  if (status == TX_ERROR_DATA) snprintf(fault, TX_HEADER_FAULT_SIZE, ": bad header: %.300s", error.message);
  if (status != TX_OK) return status;
  status = put_members(object, header, lineage, fault);
  tx_json_free(object);
  return status;
}

tx_status tx_reads_obitools(tx_header *header, tx_lineage *lineage, char *fault)
{
  size_t length;
  const char *object = find_object(header->text->data, &length);
  tx_status status;
  tx_lineage_begin(lineage, tx_lineage_unusual());
  status = object ? read_object(header, object, length, lineage, fault) : read_keys(header, lineage, fault);
  return status == TX_OK ? check_names(header, lineage, fault) : status;
}
