/* The models of --teacher: opening them, their taxa in those of the run, and their answers about its training
   records. */
#ifndef TX_TRAIN_TEACHERS_H
#define TX_TRAIN_TEACHERS_H

#include "base/pool.h"
#include "evidence/witness.h"
#include "model/model.h"
#include "objective/teaching.h"

typedef struct tx_teacher {
  char *name;         /* as it was given */
  char checksum[9];   /* of the file */
  tx_model *model;    /* NULL after the reading */
  tx_witness_map map; /* from the taxa of the run to its own */
} tx_teacher;

/* Zero: none. */
typedef struct tx_teachers {
  tx_teacher *items; /* (count) */
  size_t count;
  tx_teaching teaching; /* empty before the reading */
} tx_teachers;

/* Opens the models that the configuration names. TX_ERROR_USAGE: one has no network or no heads of taxa, or
   nothing is to be learnt of them; otherwise the errors of tx_model_open. The teachers must be freed after a
   failure too. */
tx_status tx_teachers_open(const tx_train_config *config, tx_teachers *teachers, tx_error *error);

/* Finds the taxa of the dataset in those of the teachers, by lineage, and makes the table of answers.
   TX_ERROR_DATA: a teacher knows none of them. */
tx_status tx_teachers_match(const tx_train_config *config, const tx_dataset *dataset,
                            const tx_train_hooks *hooks, tx_teachers *teachers, tx_error *error);

/* Reads each training record once with every teacher, and closes the models. The answers do not depend on the
   number of threads. TX_ERROR_NUMERIC: an answer is not finite; TX_STOPPED. */
tx_status tx_teachers_read(const tx_dataset *dataset, tx_pool *pool, const tx_train_hooks *hooks,
                           tx_teachers *teachers, tx_error *error);

void tx_teachers_free(tx_teachers *teachers);

#endif
