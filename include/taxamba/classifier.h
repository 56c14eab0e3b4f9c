/* Classification of one record at a time: an immutable classifier, and a workspace for each thread.

     tx_classifier_create -> tx_workspace_create, one per thread -> tx_classify, any number of times

   tx_predict (predict.h) runs a whole stream of records through the same code, with threads of its own.
   docs/examples has complete programs. */
#ifndef TAXAMBA_CLASSIFIER_H
#define TAXAMBA_CLASSIFIER_H

#include <stddef.h>
#include <taxamba/predict.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A model (or references) prepared for a run: its weights packed for a precision and this processor, the
   lineages of its taxonomy, and the answers to barcodes seen before (options->cache_bytes). Any number of
   threads may use it. */
typedef struct tx_classifier tx_classifier;

/* The scratch memory of one thread. */
typedef struct tx_workspace tx_workspace;

/* Creates a classifier. The options are those of tx_predict, and copied; those of a run of many records
   (threads, batch, stop) have no effect here.
   The model is borrowed and must outlive the classifier; it may be NULL with references, which are borrowed
   too.
   Errors: TX_ERROR_USAGE for options that are out of range or do not fit the model; TX_ERROR_MEMORY. */
TX_API tx_status tx_classifier_create(const tx_model *model, const tx_predict_options *options,
                                      tx_classifier **ret_classifier, tx_error *error);
/* Frees the classifier, after all of its workspaces; NULL is allowed. */
TX_API void tx_classifier_free(tx_classifier *classifier);

/* Creates a workspace. The classifier must outlive it. TX_ERROR_MEMORY. */
TX_API tx_status tx_workspace_create(const tx_classifier *classifier, tx_workspace **ret_workspace,
                                     tx_error *error);
/* Frees the workspace; NULL is allowed. */
TX_API void tx_workspace_free(tx_workspace *workspace);

/* Classifies one sequence: `length` letters, any case, IUPAC codes, U for T, gaps; other letters count as N.
   *ret_prediction is borrowed from the workspace until its next call. A sequence that cannot be called is not
   an error: see tx_prediction_status. The answer depends on the sequence alone. One thread at a time per
   workspace; other workspaces of the same classifier may be used at the same time.
   Errors: TX_ERROR_MEMORY; TX_ERROR_NUMERIC when the model's answer is not finite. */
TX_API tx_status tx_classify(tx_workspace *workspace, const char *sequence, size_t length,
                             const tx_prediction **ret_prediction, tx_error *error);

#ifdef __cplusplus
}
#endif
#endif
