#include "model/describe.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_WIDTH 18

/* Appends the shortest decimal text that reads back as the same number. */
static void append_number(tx_bytes *out, double number)
{
  char text[40];
  if (number == floor(number) && fabs(number) < 1e15)
    snprintf(text, sizeof text, "%.0f", number);
  else
    for (int digits = 6; digits <= 17; digits++) {
      snprintf(text, sizeof text, "%.*g", digits, number);
      if (strtod(text, NULL) == number) break;
    }
  tx_bytes_text(out, text);
}

void tx_describe_json(tx_bytes *out, const tx_json *value)
{
  if (tx_json_is_string(value)) {
    const char *text = tx_json_string(value);
    tx_bytes_json_string(out, text, strlen(text));
  } else if (tx_json_is_number(value)) {
    append_number(out, tx_json_number(value));
  } else if (tx_json_is_bool(value)) {
    tx_bytes_text(out, tx_json_bool(value) ? "true" : "false");
  } else if (tx_json_is_array(value) || tx_json_is_object(value)) {
    const bool object = tx_json_is_object(value);
    tx_bytes_text(out, object ? "{" : "[");
    for (const tx_json *item = tx_json_first(value); item; item = tx_json_next(item)) {
      if (item != tx_json_first(value)) tx_bytes_text(out, ",");
      if (object) {
        tx_bytes_json_string(out, tx_json_key(item), strlen(tx_json_key(item)));
        tx_bytes_text(out, ":");
      }
      tx_describe_json(out, item);
    }
    tx_bytes_text(out, object ? "}" : "]");
  } else {
    tx_bytes_text(out, "null");
  }
}

void tx_describe_words(tx_bytes *out, const char *key)
{
  const size_t start = out->size;
  tx_bytes_plain(out, key);
  for (size_t i = start; i < out->size && !out->failed; i++)
    if (out->data[i] == '_' || out->data[i] == '-') out->data[i] = ' ';
}

void tx_describe_inline(tx_bytes *out, const tx_json *value)
{
  if (tx_json_is_string(value)) {
    tx_bytes_plain(out, tx_json_string(value));
  } else if (tx_json_is_number(value)) {
    append_number(out, tx_json_number(value));
  } else if (tx_json_is_bool(value)) {
    tx_bytes_text(out, tx_json_bool(value) ? "yes" : "no");
  } else if (tx_json_is_array(value) || tx_json_is_object(value)) {
    for (const tx_json *item = tx_json_first(value); item; item = tx_json_next(item)) {
      if (item != tx_json_first(value)) tx_bytes_text(out, ", ");
      if (tx_json_is_object(value)) {
        tx_describe_words(out, tx_json_key(item));
        tx_bytes_text(out, " ");
      }
      tx_describe_inline(out, item);
    }
  } else {
    tx_bytes_text(out, "none");
  }
}

void tx_describe_label(tx_bytes *out, const char *indent, const char *key)
{
  const size_t start = out->size;
  tx_bytes_text(out, indent);
  tx_describe_words(out, key);
  do tx_bytes_text(out, " ");
  while (!out->failed && out->size - start < LABEL_WIDTH);
}

void tx_describe_entries(tx_bytes *out, const tx_json *object)
{
  for (const tx_json *entry = tx_json_first(object); entry; entry = tx_json_next(entry)) {
    const tx_json *element = tx_json_is_array(entry) ? tx_json_first(entry) : NULL;
    const bool list = element && tx_json_is_object(element);
    const tx_json *value = list ? element : entry;
    if (strcmp(tx_json_key(entry), "ranks") == 0) continue;
    for (; value; value = list ? tx_json_next(value) : NULL) {
      tx_describe_label(out, "", tx_json_key(entry));
      tx_describe_inline(out, value);
      tx_bytes_text(out, "\n");
    }
  }
}
