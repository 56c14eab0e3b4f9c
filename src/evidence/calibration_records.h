/* Labelled records that are no references, for a calibration. */
#ifndef TX_EVIDENCE_CALIBRATION_RECORDS_H
#define TX_EVIDENCE_CALIBRATION_RECORDS_H

#include "base/pool.h"
#include "evidence/input_files.h"
#include "evidence/joint.h"
#include "evidence/reference_set.h"

#include <string.h>
#include <taxamba/calibrate.h>

typedef struct tx_calibration_record {
  tx_sequence_buffer sequence; /* on the strand that resembles a reference */
  int rank;                    /* of the lowest taxon that the references know; -1: none */
  int32_t taxon;               /* its class; -1: none */
  bool clear;                  /* its labels tell its taxon in the joint taxonomy, too: */
  int joint_rank;              /* the lowest that is known there; -1: none */
  int32_t joint_taxon;
  const char *label;           /* its lowest; borrowed from `names` */
  uint32_t fold;               /* 0..TX_CALIBRATION_FOLDS - 1; records of one taxon have the same */
  bool lowest;                 /* it has a label at the lowest rank */
  bool like;                   /* it resembles a reference */
  bool equal;                  /* its barcode equals a reference */
} tx_calibration_record;

typedef struct tx_calibration_records {
  tx_calibration_record *records; /* sorted by lowest label and content */
  size_t count, capacity;
  tx_names *names;
  size_t taxa; /* different lowest labels */
  tx_input_files files;
} tx_calibration_records;

/* Reads the records, leaves out those that are of no use, and sorts the others; more than 6,000 are thinned
   out at random. opt_joint: with the taxa of a network. Reports through the hooks. The errors are those of
   tx_reference_set_calibrate. The caller frees the records in any case. */
tx_status tx_calibration_records_read(const tx_reference_set *set, tx_labelled *reader,
                                      const tx_calibrate_options *options, const tx_joint *opt_joint,
                                      tx_pool *pool, tx_calibration_records *ret_records, tx_error *error);
/* Records that are no labelled file. next: fills the letters of a record, borrowed until the next call, and
   its taxa (ranks of the set, NULL for no label); TX_END after the last. */
typedef struct tx_calibration_source {
  tx_status (*next)(void *context, const char **taxa, const char **ret_letters, size_t *ret_count,
                    tx_error *error);
  void *context;
  uint64_t seed;
  const volatile int *opt_stop;
} tx_calibration_source;
/* The same for such records, without reports. That there are few, or none, is no error. */
tx_status tx_calibration_records_take(const tx_reference_set *set, const tx_calibration_source *source,
                                      tx_pool *pool, tx_calibration_records *ret_records, tx_error *error);
void tx_calibration_records_clear(tx_calibration_records *records);

/* Whether an entry of the provenance is about a calibration. */
static inline bool tx_is_calibration_entry(const char *key)
{
  return strcmp(key, "calibrated_with") == 0 || strncmp(key, "calibration", strlen("calibration")) == 0;
}

/* What labels tell about the true outcome. */
typedef enum tx_label_use {
  TX_LABELS_CLEAR,
  TX_LABELS_NONE,      /* there is no label */
  TX_LABELS_OPEN,      /* a rank is blank at which the record may or may not be of a known taxon */
  TX_LABELS_CONTRADICT /* a name that the references have, under another taxon */
} tx_label_use;
/* Finds the lowest taxon that the references know; taxa (ranks of the set): NULL for no label. -1, -1: none.
   Both are set only if the labels are clear. */
tx_label_use tx_labels_use(const tx_taxonomy *taxonomy, const char *const *taxa, int *ret_rank,
                           int32_t *ret_taxon);

#endif
