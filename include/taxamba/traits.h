/* Traits: numbers measured on specimens, read from tables and found by the name of the specimen. */
#ifndef TAXAMBA_TRAITS_H
#define TAXAMBA_TRAITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/record.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Zero-initialise for the defaults; NULL or "" means the default. The texts need not outlive the reading. */
typedef struct tx_traits_options {
  /* names of columns separated by commas, one trait each (at least one). "a+b" is one trait: the mean of
     those of its columns that have a value for the specimen */
  const char *columns;
  /* default individualID, else combinedID, processid, sampleid or id, else the first column */
  const char *id_column;
  /* Of a long table, which has a row for each measurement (NEON's BeetleMeasurements): the column that tells
     what was measured, whose values `columns` then names, and the column of the number (default: value, else
     dist_cm). "" is a wide table, with a column for each trait */
  const char *structure_column;
  const char *value_column;
  /* of a long table: the column that tells who measured. Their numbers are kept apart: "ElytraLength@NAME" is
     that of one of them, "ElytraLength" the mean of those who measured the specimen */
  const char *annotator_column;
  const char *taxon_column; /* default scientificName, else species or taxon; kept if there is one */
  const char *split_column; /* default split; kept if there is one */
  int zero_missing;         /* not 0: a 0 stands for "not measured" */
  tx_input_hooks hooks;
} tx_traits_options;

/* Traits of specimens. Immutable: any number of threads may read it. */
typedef struct tx_traits tx_traits;

/* Reads a table (CSV or TSV, as in labelled.h). A field that is empty, NA, N/A, NaN, null, none or '-' is no
   value. A specimen may stand in several rows: the same value twice counts once, and of different values none
   is used. Errors: TX_ERROR_IO; TX_ERROR_DATA with file, line and row: a missing column (the message lists
   those present), a field that is no number, a specimen without a name, a structure that no row has, more
   than 256 annotators and structures; TX_ERROR_USAGE: no column, one named twice; TX_ERROR_MEMORY;
   TX_STOPPED. */
TX_API tx_status tx_traits_read(const char *path, const tx_traits_options *options, tx_traits **ret_traits,
                                tx_error *error);
TX_API void tx_traits_free(tx_traits *traits);

TX_API size_t tx_traits_count(const tx_traits *traits);
/* Name of a trait, as asked for. Borrowed. */
TX_API const char *tx_traits_name(const tx_traits *traits, size_t trait);
/* How many specimens, and the name of one. Borrowed. */
TX_API size_t tx_traits_specimens(const tx_traits *traits);
TX_API const char *tx_traits_id(const tx_traits *traits, size_t specimen);
/* The specimen of that name, -1 if there is none. */
TX_API int64_t tx_traits_find(const tx_traits *traits, const char *id, size_t length);
/* The value of a trait, NaN if there is none. */
TX_API double tx_traits_value(const tx_traits *traits, size_t trait, size_t specimen);
/* Taxon and split of a specimen, NULL if there is none, or several. Borrowed. */
TX_API const char *tx_traits_taxon(const tx_traits *traits, size_t specimen);
TX_API const char *tx_traits_split(const tx_traits *traits, size_t specimen);

typedef struct tx_traits_counts {
  size_t rows;
  size_t repeated;      /* values that stand in the table more than once, and are the same */
  size_t conflicts;     /* specimens with different values of one column, none of which is used */
  size_t zeros;         /* zeros taken for "not measured" */
  const char *conflict; /* name of the first of those specimens, "" if there is none; borrowed */
} tx_traits_counts;
TX_API tx_traits_counts tx_traits_count_rows(const tx_traits *traits);

/* How two measurements of the same specimens agree. Differences are first - second. NaN where a score has no
   value (R2 of a constant second, limits of fewer than two pairs). */
typedef struct tx_agreement {
  size_t pairs; /* specimens that have both */
  double rmse, mae;
  double r2;        /* the second is the truth, so that this is not symmetric */
  double bias;      /* mean difference */
  double low, high; /* limits of agreement (Bland & Altman 1986): bias -+ 1.96 standard deviations (n - 1) */
  double within;    /* share of the differences below the tolerance, in size */
} tx_agreement;

/* Compares first (count) and second (count), NaN where there is no value. tolerance in the unit of both. */
TX_API tx_agreement tx_agreement_of(const double *first, const double *second, size_t count,
                                    double tolerance);
/* The same for two traits of a table. TX_ERROR_DATA: no specimen has both; TX_ERROR_MEMORY. */
TX_API tx_status tx_traits_agreement(const tx_traits *traits, size_t first, size_t second, double tolerance,
                                     tx_agreement *ret_agreement, tx_error *error);

#ifdef __cplusplus
}
#endif
#endif
