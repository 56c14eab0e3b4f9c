/* What each head of a model's network says of a sequence: the probability of every taxon of its rank. */
#ifndef TAXAMBA_HEAD_READER_H
#define TAXAMBA_HEAD_READER_H

#include <stddef.h>
#include <taxamba/model.h>
#include <taxamba/predict.h>
#include <taxamba/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A network with scratch memory. One thread at a time. */
typedef struct tx_head_reader tx_head_reader;

/* Creates a reader. The model is borrowed and must outlive it; of the options precision, offsets and
   min_bases have an effect. TX_ERROR_USAGE: the model has no ranks; options that do not fit it.
   TX_ERROR_MEMORY. */
TX_API tx_status tx_head_reader_create(const tx_model *model, const tx_predict_options *options,
                                       tx_head_reader **ret_reader, tx_error *error);
TX_API void tx_head_reader_free(tx_head_reader *reader);

/* Reads a sequence of `length` letters, as tx_classify does; minus: its reverse complement.
   *ret_probabilities [rank] are those of the classes of a rank of the model's taxonomy: a softmax each,
   averaged over the offsets, before the lineage is chosen. They belong to the reader until its next call;
   NULL for a sequence that cannot be read (too short, no certain base). Errors: TX_ERROR_MEMORY;
   TX_ERROR_NUMERIC. */
TX_API tx_status tx_head_reader_read(tx_head_reader *reader, const char *sequence, size_t length, int minus,
                                     const double *const **ret_probabilities, tx_error *error);

#ifdef __cplusplus
}
#endif
#endif
