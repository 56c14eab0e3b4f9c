/* The training table in memory: packed bases, lineage numbers, labels, and which records train and which
   validate. */
#ifndef TX_DATASET_DATASET_H
#define TX_DATASET_DATASET_H

#include "nn/regression.h"
#include "seq/tokenizer.h"
#include "taxon/taxonomy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/labelled.h>
#include <taxamba/train.h>

/* Labels of a record at a rank, beside the classes 0, 1, ... */
enum { TX_LABEL_NONE = -1, TX_LABEL_UNKNOWN = -2 /* a taxon that the training records do not have */ };

/* Taxa of a model that are learnt beside those of the training records (--add). */
typedef struct tx_known_taxa {
  const tx_taxonomy *taxonomy; /* NULL: none */
  const char *file;            /* of the model, for reports */
} tx_known_taxa;

/* The requirements of an objective, and of a run, on the records. */
typedef struct tx_dataset_needs {
  bool labels;   /* records need a label at some rank; if false, labels are ignored */
  bool ids;      /* identifiers are kept */
  size_t tokens; /* minimum tokens of a record at every offset */
  tx_known_taxa known; /* set by the run */
  /* likewise: with labels, records that have none are training records too, after all others */
  bool with_unlabelled;
} tx_dataset_needs;

/* A growing list of record numbers. */
typedef struct tx_part {
  uint32_t *records;
  size_t count;
  size_t capacity;
} tx_part;

/* The lineages of records that have several, beside the first one of each. */
typedef struct tx_more_lineages {
  uint32_t *records;  /* (count) rising */
  uint32_t *lineages; /* (count) index in the builder of the dataset */
  size_t count, records_capacity, lineages_capacity;
  /* (named_size) of the lineages of the builder: it is the name of one taxon of any rank, which stands at the
     first rank until the names are resolved */
  uint8_t *is_named;
  size_t named_size, named_capacity;
  size_t named_count; /* of them */
} tx_more_lineages;

/* About bases / 2 + 16 bytes a record: 2.5 million barcodes of 660 bases take 0.9 GB. Immutable once
   loaded. */
typedef struct tx_dataset {
  size_t count;
  uint8_t *packed; /* packed records without gaps, two bases per byte */
  size_t packed_size, packed_capacity;
  uint64_t *offsets;  /* (count) first byte of a record */
  uint32_t *lengths;  /* (count) bases */
  uint32_t *lineages; /* (count) index in `builder`; 0 if it is NULL */
  size_t offsets_capacity, lengths_capacity, lineages_capacity;
  tx_more_lineages more;
  size_t longest;       /* bases of the longest record */
  tx_part train, valid; /* records of the two parts in input order */

  bool named;         /* identifiers are kept */
  char *ids;          /* NUL-terminated identifiers one after the other; NULL if they are not kept */
  size_t ids_size, ids_capacity;
  uint64_t *id_starts; /* (count) */
  size_t id_starts_capacity;

  bool unlabelled; /* labels are ignored: there are no ranks and no labels, and the taxonomy is empty */

  /* The distinct lineages as read, at the ranks of the input; NULL when there are no ranks. */
  tx_taxonomy_builder *builder;

  /* (count) ranks of the input, as bits, at which the label of a record is that of a second source
     (dataset/second.h), and the factor of its loss; NULL without one */
  uint16_t *second;
  size_t second_capacity;
  double second_weight;

  uint32_t *known; /* (known_count) lineages of tx_known_taxa */
  size_t known_count, known_capacity;

  /* The targets of the network: the ranks that have a label among the training records or known taxa. */
  tx_taxonomy *taxonomy;
  size_t ranks;
  size_t input_ranks[TX_RANKS_MAX];      /* rank of the input for each of them */
  int32_t *labels;                       /* (lineages, ranks) a class, TX_LABEL_NONE or TX_LABEL_UNKNOWN */
  uint64_t labelled[TX_RANKS_MAX];       /* training records with a label, per rank */
  uint64_t valid_labelled[TX_RANKS_MAX]; /* validation records with a label, known or not */
  uint64_t valid_known[TX_RANKS_MAX];    /* those whose label is a taxon of the training records */
  tx_regression traits; /* numbers that the records may have (--traits); count 0: none */
  float *trait_values;  /* (count, traits.count) z-scaled, NaN where there is none */
  uint32_t fingerprint; /* CRC-32 of bases, labels, parts and traits */
} tx_dataset;

/* Reads the inputs according to the configuration, leaves out records that the objective cannot use, chooses
   the parts, builds the taxonomy of the training records and labels all records. `hooks` may be NULL;
   hooks->message receives notes. TX_ERROR_DATA when there is no training record (with a label, if labels are
   needed). */
tx_status tx_dataset_load(const tx_train_config *config, const tx_dataset_needs *needs,
                          const tx_tokenizer *tokenizer, const tx_train_files *files,
                          const tx_train_hooks *hooks, tx_dataset **ret_dataset, tx_error *error);

/* The steps of tx_dataset_load. */
tx_status tx_dataset_create(tx_dataset **ret_dataset, tx_error *error);
/* Sets the ranks of the input, before the first record. */
tx_status tx_dataset_set_ranks(tx_dataset *dataset, const char *const *ranks, size_t count, tx_error *error);
/* Number of ranks of the input, and of distinct lineages. */
size_t tx_dataset_input_ranks(const tx_dataset *dataset);
size_t tx_dataset_lineage_count(const tx_dataset *dataset);
/* Appends one record of `count` codes (trimmed) to a part. `lineage`: its number in the builder, 0 without
   one. */
tx_status tx_dataset_add(tx_dataset *dataset, tx_part *part, const uint8_t *codes, size_t count,
                         uint32_t lineage, tx_error *error);
/* Appends the records of `more`. */
tx_status tx_part_append(tx_part *part, const tx_part *more, tx_error *error);
/* Keeps the identifier of the record that was added last; every record gets one, or none does. */
tx_status tx_dataset_add_id(tx_dataset *dataset, const char *id, size_t length, tx_error *error);
/* The identifier of a record, "" if they are not kept. Borrowed. */
const char *tx_dataset_id(const tx_dataset *dataset, uint32_t record);
/* Moves a share of the training records to the validation part; the choice depends on the seed alone. */
tx_status tx_dataset_hold_out(tx_dataset *dataset, double fraction, uint64_t seed, tx_error *error);
/* Returns the minimum bases of a record that has needs->tokens tokens without overlap at every offset. */
size_t tx_dataset_shortest(const tx_dataset_needs *needs, const tx_tokenizer *tokenizer);
/* Adds ranks of the input, names[*count], to those of the known taxa: names (TX_RANKS_MAX) gets both, each
   new rank behind the one that it follows in the input. TX_ERROR_USAGE: too many. */
tx_status tx_dataset_join_ranks(const tx_taxonomy *known, const char **names, size_t *count, tx_error *error);
/* Adds the lineages of the known taxa, after those of the records. */
tx_status tx_dataset_add_known(tx_dataset *dataset, const tx_known_taxa *known, tx_error *error);
/* Makes the taxonomy, labels, counts and fingerprint (dataset/labels.c). Warns of ranks at which no
   validation label is a taxon of the training records; if that holds for all ranks, the validation part
   becomes empty. */
tx_status tx_dataset_label(tx_dataset *dataset, const tx_train_hooks *hooks, tx_error *error);

/* Sets the ranks of the input at which the record that was added last has the label of a second source; every
   record gets them, or none does. */
tx_status tx_dataset_add_second(tx_dataset *dataset, uint16_t ranks, tx_error *error);
/* Takes the labels of the second source from the validation records. */
tx_status tx_dataset_drop_second(tx_dataset *dataset, tx_error *error);
/* Whether the label at a rank of the input is that of a second source. */
bool tx_dataset_is_second(const tx_dataset *dataset, uint32_t record, size_t input_rank);
/* The factor of a record's loss at a rank: 1, or that of a second source. */
double tx_dataset_weight_of(const tx_dataset *dataset, uint32_t record, size_t rank);
/* Makes the dataset one without labels, for a run that has used them. */
tx_status tx_dataset_forget_labels(tx_dataset *dataset, tx_error *error);
/* Returns the label of a record at a rank. */
int32_t tx_dataset_label_of(const tx_dataset *dataset, uint32_t record, size_t rank);
/* Unpacks a record into codes (longest); returns its length. */
size_t tx_dataset_codes(const tx_dataset *dataset, uint32_t record, uint8_t *codes);
/* Returns the bytes of memory for records, without the taxonomy. */
size_t tx_dataset_memory(const tx_dataset *dataset);
void tx_dataset_free(tx_dataset *dataset);

#endif
