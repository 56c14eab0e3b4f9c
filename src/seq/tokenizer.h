/* Tokenizers: base codes to token ids. */
#ifndef TX_SEQ_TOKENIZER_H
#define TX_SEQ_TOKENIZER_H

#include "base/bytes.h"
#include "base/json.h"
#include "seq/bpe.h"

#include <stdbool.h>
#include <stdint.h>
#include <taxamba/status.h>

/* Limits of the padding, which is added whatever the length of the record, and of the bases read of a record:
   a model cannot ask for an unlimited amount of work (docs/model-format.md). */
enum { TX_TOKENIZER_PAD_MAX = 8192, TX_TOKENIZER_BASES_MAX = 1 << 20 };

enum { TX_TOKEN_MASK = 0, TX_TOKEN_SEP = 1, TX_TOKEN_UNK = 2, TX_TOKEN_FIRST = 3 };

typedef enum tx_tokenizer_kind { TX_TOKENIZER_CHAR, TX_TOKENIZER_KMER, TX_TOKENIZER_BPE } tx_tokenizer_kind;

/* A tokenizer: plain data, copied freely; immutable in a model. */
typedef struct tx_tokenizer {
  tx_tokenizer_kind kind;
  uint32_t k;         /* k-mer: 3..8; char and BPE: 1 */
  uint32_t stride;    /* 1..k */
  uint32_t max_bases; /* bases used of a record, at most TX_TOKENIZER_BASES_MAX; 0 = all */
  /* bases to which a record is padded with N on the left, at most TX_TOKENIZER_PAD_MAX; 0 = no padding
     (BarcodeMamba's original: 660) */
  uint32_t pad_to;
  /* the mean is over all tokens, also those that are padding throughout, as in BarcodeMamba's original; only
     with pad_to */
  bool pool_padding;
  /* merges of BPE, NULL for none yet; owned by the tokenizer that was read or learned, borrowed by copies.
     NULL for the other kinds */
  tx_bpe *bpe;
} tx_tokenizer;

/* The name of a kind: "char", "kmer", "bpe". Static storage. */
const char *tx_tokenizer_kind_name(tx_tokenizer_kind kind);
/* Checks ranges. TX_ERROR_USAGE. */
tx_status tx_tokenizer_check(const tx_tokenizer *tokenizer, tx_error *error);
/* Number of ids in use: char 8, k-mer 3 + 4^k, BPE 7 and one for each merge. */
size_t tx_tokenizer_symbols(const tx_tokenizer *tokenizer);
/* Rows of the embedding: symbols rounded up to a multiple of 8. */
size_t tx_tokenizer_vocabulary(const tx_tokenizer *tokenizer);
/* Returns the number of offsets at which a barcode can be read: the stride for k-mers, 1 for the other
   tokenizers. */
size_t tx_tokenizer_offsets(const tx_tokenizer *tokenizer);
/* Returns the approximate number of bases per token, from which the bases of a pack are estimated. */
size_t tx_tokenizer_bases_per_token(const tx_tokenizer *tokenizer);
/* Upper bound of the tokens for `count` bases (padding included). */
size_t tx_tokenizer_bound(const tx_tokenizer *tokenizer, size_t count);
/* Returns the number of elements that `ids` must have for `count` bases: the bound, and for BPE its
   scratch. */
size_t tx_tokenizer_capacity(const tx_tokenizer *tokenizer, size_t count);
/* Encodes codes (already trimmed by max_bases) from base `offset` as tokens: only whole k-mers. The padding
   comes first and the offset counts from its start, so that each offset reads another frame of the barcode.
   ids must hold tx_tokenizer_capacity(count); the elements after the tokens are scratch.
   *ret_padding (may be NULL) is the number of leading tokens that are padding throughout. Returns the number
   of ids. */
size_t tx_tokenizer_encode(const tx_tokenizer *tokenizer, const uint8_t *codes, size_t count, size_t offset,
                           int32_t *ids, size_t *ret_padding);
/* Writes the JSON object for the model file, and reads it strictly (TX_ERROR_MODEL). */
tx_status tx_tokenizer_write(const tx_tokenizer *tokenizer, tx_bytes *out, tx_error *error);
tx_status tx_tokenizer_read(const tx_json *json, tx_tokenizer *tokenizer, tx_error *error);
/* Frees the merges of a tokenizer that was read or learned. */
void tx_tokenizer_free(tx_tokenizer *tokenizer);

#endif
