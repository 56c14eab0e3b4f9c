#include "base/fields.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

/* The end of a field, whose quotes are removed; *ret_field is its start. */
static char *cut_field(char *at, char delimiter, char **ret_field)
{
  char *to; /* before `at`, or there at the end of the text */
  *ret_field = at;
  if (*at != '"') return at + strcspn(at, (const char[]){delimiter, '\0'});
  to = ++at;
  *ret_field = at;
  for (; *at; at++) {
    if (*at == '"' && at[1] == '"')
      at++;
    else if (*at == '"' && (!at[1] || at[1] == delimiter))
      break;
    *to++ = *at;
  }
  if (*at) at++; /* of a quote that is never closed only the quote itself is lost */
  *to = '\0';
  return at;
}

bool tx_fields_cut(tx_fields *fields, const char *line, size_t length, char delimiter)
{
  char *at;
  fields->count = 0;
  if (!tx_reserve(&fields->text, &fields->text_capacity, length + 1, 1)) return false;
  memcpy(fields->text, line, length);
  fields->text[length] = '\0';
  for (at = fields->text; at;) {
    char *end, **item;
    if (!tx_reserve(&fields->items, &fields->item_capacity, fields->count + 1, sizeof *fields->items))
      return false;
    item = &fields->items[fields->count++];
    end = cut_field(at, delimiter, item);
    at = *end ? end + 1 : NULL;
    *end = '\0';
    if (at && delimiter == ' ') at += strspn(at, " ");
    *item = tx_text_trim(*item, strlen(*item), NULL);
  }
  return true;
}

void tx_fields_free(tx_fields *fields)
{
  free(fields->text);
  free(fields->items);
  *fields = (tx_fields){0};
}
