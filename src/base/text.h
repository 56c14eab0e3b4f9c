/* Texts, and lists of words. Nothing here depends on the locale. */
#ifndef TX_BASE_TEXT_H
#define TX_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <taxamba/status.h>

/* Whether the letter is a space, tab, line feed, vertical tab, form feed or carriage return. */
bool tx_text_is_space(char letter);
/* The small letter of an ASCII capital; any other character unchanged. */
char tx_text_lower(char letter);
/* Removes white space at both ends, in place, and returns the new start. `length` is that of the text,
   *ret_length (may be NULL) that of the rest. */
char *tx_text_trim(char *text, size_t length, size_t *ret_length);
/* The same, and makes each run of white space within the text one ' ', in place; the text ends with a NUL. */
char *tx_text_fold_blanks(char *text);
/* Equality without regard to the case of ASCII letters. */
bool tx_text_equal_fold(const char *a, const char *b);
/* Whether the text contains a control character (tx_control_length). */
bool tx_text_has_control(const char *text);

/* Reads all of a text as a decimal number; false if it is none. strtod alone would accept blanks,
   hexadecimals, "inf" and "nan". A number too small becomes 0, one too large is not finite. */
bool tx_text_decimal(const char *text, double *ret_value);

/* The index of a word in "a|b|c", or -1. */
int tx_choice_find(const char *values, const char *text);

/* Words of a comma-separated list, trimmed. Zero-initialise; free with tx_words_free. */
typedef struct tx_words {
  char *text; /* holds the words */
  char **items;
  size_t count;
} tx_words;

/* Splits the list; NULL and "" give no words. An empty word or one that occurs twice is TX_ERROR_USAGE;
   `what` names the list. */
tx_status tx_words_split(const char *list, const char *what, tx_words *words, tx_error *error);
bool tx_words_contain(const tx_words *words, const char *word);
void tx_words_free(tx_words *words);

#endif
