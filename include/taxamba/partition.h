/* Scores of a clustering: against known classes, and of the space that it was made in. */
#ifndef TAXAMBA_PARTITION_H
#define TAXAMBA_PARTITION_H

#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Two partitions of the same records, compared. Natural logarithms. A number that stands for "no class" or
   "noise" is a class or cluster like the others; the caller leaves such records out if they are not to count.

   Where a formula has no value:
   - partitions that are the same, one class against one cluster among them: ami, nmi, ari and v are 1;
   - no mutual information: nmi is 0;
   - no two records share both class and cluster: fmi is 0;
   - one class only: homogeneity is 1; one cluster only: completeness is 1; both 0: v is 0. */
typedef struct tx_partition_scores {
  size_t records, classes, clusters;
  /* adjusted mutual information (Vinh et al. 2010): (mi - expected_mi) / (mean of the entropies -
     expected_mi); the expectation is exact, over the hypergeometric model of fixed sizes */
  double ami;
  double nmi;          /* mi / arithmetic mean of the entropies */
  double ari;          /* adjusted Rand index (Hubert & Arabie 1985) */
  double ri;           /* Rand index: share of pairs of records on which both agree */
  double fmi;          /* Fowlkes & Mallows 1983: geometric mean of precision and recall of pairs */
  double homogeneity;  /* mi / class_entropy (Rosenberg & Hirschberg 2007) */
  double completeness; /* mi / cluster_entropy */
  double v;            /* harmonic mean of the two */
  double mi;           /* mutual information */
  double expected_mi;  /* its expectation */
  double class_entropy, cluster_entropy;
} tx_partition_scores;

/* Compares classes (count) with clusters (count), any numbers. TX_ERROR_USAGE: count is 0 or 2^31 or more;
   TX_ERROR_MEMORY. Time: count log count, plus the distinct pairs of a class size and a cluster size times
   the smaller of both. */
TX_API tx_status tx_partition_compare(const int32_t *classes, const int32_t *clusters, size_t count,
                                      tx_partition_scores *ret_scores, tx_error *error);

#ifdef __cplusplus
}
#endif
#endif
