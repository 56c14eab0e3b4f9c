#include "base/pickle.h"

#include <string.h>

bool tx_pickle_is_text(const tx_pickle_value *value, const char *text)
{
  const size_t length = strlen(text);
  return value && (value->kind == TX_PICKLE_TEXT || value->kind == TX_PICKLE_NAME) &&
         value->count == length && memcmp(value->as.text, text, length) == 0;
}

bool tx_pickle_is_call(const tx_pickle_value *value, const char *name)
{
  return value && value->kind == TX_PICKLE_CALL && value->as.call.function->kind == TX_PICKLE_NAME &&
         tx_pickle_is_text(value->as.call.function, name);
}

const tx_pickle_value *tx_pickle_get(const tx_pickle_value *dict, const char *key)
{
  if (!dict || (dict->kind != TX_PICKLE_DICT && dict->kind != TX_PICKLE_CALL)) return NULL;
  for (size_t i = dict->count & ~(size_t)1; i > 0; i -= 2)
    if (dict->items[i - 2]->kind == TX_PICKLE_TEXT && tx_pickle_is_text(dict->items[i - 2], key))
      return dict->items[i - 1];
  return NULL;
}
