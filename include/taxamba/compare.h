/* A list of taxa from bulk samples against a list of specimens, site by site and rank by rank. */
#ifndef TAXAMBA_COMPARE_H
#define TAXAMBA_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/count_table.h>
#include <taxamba/labelled.h>
#include <taxamba/predictions.h>
#include <taxamba/status.h>
#include <taxamba/taxonomy.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Lists of both sides. Not thread-safe. */
typedef struct tx_comparison tx_comparison;

/* Shared names of one site and rank, or of all sites. A share with nothing to divide by is 0. */
typedef struct tx_list_scores {
  uint64_t both, bulk_only, specimens_only; /* taxa */
  double precision;                         /* both / taxa of the bulk sample */
  double recall;                            /* both / taxa of the specimens */
  double f1;                                /* 2 both / (2 both + bulk_only + specimens_only) */
  double jaccard;                           /* both / (both + bulk_only + specimens_only) */
} tx_list_scores;

/* Reads against numbers of specimens, over the taxa of either side. Reads are not individuals. */
typedef struct tx_abundance_scores {
  uint64_t taxa;
  /* at least three taxa, and neither side is the same for all: otherwise the first two have no meaning */
  bool correlated;
  double spearman; /* equal values have the mean of their ranks */
  double pearson;  /* of log(1 + x) */
  /* both sides have something: otherwise the next has no meaning */
  bool shared;
  double bray_curtis; /* of shares: half the sum of |a / sum a - b / sum b| */
} tx_abundance_scores;

/* One name of a site and rank. */
typedef struct tx_compared_taxon {
  const char *name; /* borrowed */
  double reads;     /* 0: not in the bulk sample */
  double specimens; /* 0: no specimen */
  bool known;       /* declared by tx_comparison_know */
} tx_compared_taxon;

/* The ranks are those that are compared, 1 to TX_RANKS_MAX; BIN is one like the others. */
TX_API tx_status tx_comparison_create(const char *const *ranks, size_t rank_count,
                                      tx_comparison **ret_comparison, tx_error *error);

/* How replicates become sites. Zero-initialise: each sample is a site. */
typedef struct tx_replicates {
  /* Table with a header line, TSV or CSV: which replicate (a sample of the counts) is of which site. Its
     columns are replicate (else replicate_id) and sample (else sample_id, site), or just two. NULL or "":
     none. */
  const char *path;
  double min_reads;   /* a replicate has a sequence if it has so many reads of it (0 counts as 1) */
  uint64_t min_count; /* a site has a sequence if so many of its replicates have (0 counts as 1) */
  tx_input_hooks hooks;
} tx_replicates;

/* What was left out of a bulk table. */
typedef struct tx_bulk_counts {
  uint64_t sequences, without_prediction;        /* sequences of the table */
  uint64_t samples, without_site;                /* samples of the table */
  const char *example_sequence, *example_sample; /* the first left out, NULL if none; of the table */
} tx_bulk_counts;

/* Adds the bulk samples: reads of a sequence in a site are the sum of its replicates, if enough of them have
   it; its taxa are the calls of its id. A sequence without a prediction, or without a call at a rank, counts
   as unassigned. Ranks of the comparison that the predictions lack are without calls. TX_ERROR_DATA: a bad
   table of replicates, no sample in it, no sequence with a prediction. */
TX_API tx_status tx_comparison_add_bulk(tx_comparison *comparison, const tx_count_table *counts,
                                        const tx_predictions *predictions, const tx_replicates *replicates,
                                        tx_bulk_counts *ret_counts, tx_error *error);
/* Adds the specimens, one a record, of the site in its split column. Records without a site are counted in
   *ret_without_site and left out. TX_STOPPED after *opt_stop. */
TX_API tx_status tx_comparison_add_specimens(tx_comparison *comparison, tx_labelled *reader,
                                             const volatile int *opt_stop, uint64_t *ret_without_site,
                                             tx_error *error);
/* Declares taxa that the classifier of the bulk samples can call: those of a taxonomy, or of lineages. A name
   that is missed and not among them cannot have been found. */
TX_API tx_status tx_comparison_know_taxonomy(tx_comparison *comparison, const tx_taxonomy *taxonomy,
                                             tx_error *error);
TX_API tx_status tx_comparison_know_lineages(tx_comparison *comparison, const tx_predictions *lineages,
                                             tx_error *error);

/* Compares; afterwards nothing can be added. Only sites of both sides are compared; TX_ERROR_DATA when there
   is none. */
TX_API tx_status tx_comparison_finish(tx_comparison *comparison, tx_error *error);
/* The compared sites, in order of their names; and sites of one side only, with the first of them (NULL if
   there is none). Names are borrowed. */
TX_API size_t tx_comparison_site_count(const tx_comparison *comparison);
TX_API const char *tx_comparison_site(const tx_comparison *comparison, size_t site);
TX_API size_t tx_comparison_lone_sites(const tx_comparison *comparison, bool bulk, const char **ret_example);
TX_API size_t tx_comparison_rank_count(const tx_comparison *comparison);
TX_API const char *tx_comparison_rank_name(const tx_comparison *comparison, size_t rank);
/* Scores of a site. */
TX_API tx_list_scores tx_comparison_list(const tx_comparison *comparison, size_t rank, size_t site);
TX_API tx_abundance_scores tx_comparison_abundance(const tx_comparison *comparison, size_t rank, size_t site);
/* Scores of all sites: of the sums of their counts (micro), and the means of the sites' scores (macro), whose
   counts are 0. */
TX_API tx_list_scores tx_comparison_micro(const tx_comparison *comparison, size_t rank);
TX_API tx_list_scores tx_comparison_macro(const tx_comparison *comparison, size_t rank);
/* The taxa of a site in order of their names; borrowed. */
TX_API size_t tx_comparison_taxa(const tx_comparison *comparison, size_t rank, size_t site,
                                 const tx_compared_taxon **ret_taxa);
/* Reads of a site without a call at the rank. */
TX_API double tx_comparison_unassigned(const tx_comparison *comparison, size_t rank, size_t site);

typedef enum tx_comparison_part {
  TX_COMPARISON_TEXT,      /* for people: scores of all sites, abundance, names missed */
  TX_COMPARISON_LISTS,     /* TSV: scores per rank and site, and of all sites */
  TX_COMPARISON_NAMES,     /* TSV: every name of a site, and on which side it is */
  TX_COMPARISON_ABUNDANCE, /* TSV: correlations per rank and site */
  TX_COMPARISON_JSON       /* all of it */
} tx_comparison_part;
/* The text of a part, which the caller frees. */
TX_API tx_status tx_comparison_report(const tx_comparison *comparison, tx_comparison_part part,
                                      char **ret_text, tx_error *error);
/* Writes PREFIX.lists.tsv, PREFIX.names.tsv, PREFIX.abundance.tsv and PREFIX.json, all of them or none. */
TX_API tx_status tx_comparison_write(const tx_comparison *comparison, const char *prefix,
                                     const volatile int *opt_stop, tx_error *error);
/* Frees it; NULL is allowed. */
TX_API void tx_comparison_free(tx_comparison *comparison);

#ifdef __cplusplus
}
#endif
#endif
