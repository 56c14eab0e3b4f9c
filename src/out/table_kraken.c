/* The report of kraken2: percent, reads of the clade, reads of the taxon itself, code of the rank, taxid, and
   the name, indented by two blanks a level. */
#include "out/table_formats.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "out/text.h"

/* A clade: the rows from begin to end (exclusive) have its name at `rank`. */
typedef struct kraken_clade {
  size_t begin, end, rank;
  double reads, own;
} kraken_clade;

typedef struct kraken_report {
  const tx_taxon_rows *rows;
  double *reads; /* (rows) */
  double total;
  char codes[TX_RANKS_MAX][4];
  kraken_clade *clades; /* as large as rows * ranks: a stack of the children of the clades being written */
  size_t clade_count;
  tx_bytes *out;
} kraken_report;

/* A rank that kraken2 does not know has the letter of the one above and the number of steps from it. */
static void name_codes(kraken_report *report)
{
  static const struct {
    const char *rank;
    char letter;
  } known[] = {{"superkingdom", 'D'}, {"domain", 'D'}, {"kingdom", 'K'}, {"phylum", 'P'}, {"class", 'C'},
               {"order", 'O'},        {"family", 'F'}, {"genus", 'G'},   {"species", 'S'}};
  char letter = 'R';
  unsigned steps = 0;
  for (size_t rank = 0; rank < report->rows->rank_count; rank++) {
    steps++;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
      if (strcasecmp(report->rows->ranks[rank], known[i].rank) == 0) {
        letter = known[i].letter;
        steps = 0;
      }
    report->codes[rank][0] = letter;
    if (steps > 9) report->codes[rank][1] = '1';
    if (steps) report->codes[rank][steps > 9 ? 2 : 1] = (char)('0' + steps % 10);
  }
}

static void put_line(const kraken_report *report, const kraken_clade *clade, const char *code, size_t level,
                     const char *name)
{
  tx_bytes_printf(report->out, "%6.2f\t", report->total > 0 ? 100 * clade->reads / report->total : 0);
  tx_taxon_put_reads(report->out, clade->reads);
  tx_bytes_append(report->out, "\t", 1);
  tx_taxon_put_reads(report->out, clade->own);
  tx_bytes_printf(report->out, "\t%s\t%d\t", code, level == 0 && code[0] == 'R');
  for (size_t i = 0; i < level; i++) tx_bytes_append(report->out, "  ", 2);
  tx_text_field(report->out, name, strlen(name));
  tx_bytes_append(report->out, "\n", 1);
}

static const char *name_of(const kraken_report *report, size_t row, size_t rank)
{
  return report->rows->names[row * report->rows->rank_count + rank];
}

static double sum_reads(const kraken_report *report, size_t begin, size_t end)
{
  double reads = 0;
  while (begin < end) reads += report->reads[begin++];
  return reads;
}

/* Pushes the clades directly inside the rows from begin to end, which agree above `rank`; where names are
   missing they are further down. Returns the reads of rows that have no name from `rank` on. */
static double push_children(kraken_report *report, size_t begin, size_t end, size_t rank)
{
  double own = 0;
  if (rank == report->rows->rank_count) return sum_reads(report, begin, end);
  for (size_t next; begin < end; begin = next) {
    const char *name = name_of(report, begin, rank);
    for (next = begin + 1; next < end && strcmp(name_of(report, next, rank), name) == 0;) next++;
    if (*name)
      report->clades[report->clade_count++] =
          (kraken_clade){begin, next, rank, sum_reads(report, begin, next), 0};
    else
      own += push_children(report, begin, next, rank + 1);
  }
  return own;
}

/* The largest first, as kraken2 does; then by the order of the rows. */
static int compare_clades(const void *a, const void *b)
{
  const kraken_clade *first = a, *second = b;
  if (first->reads != second->reads) return first->reads > second->reads ? -1 : 1;
  return first->begin < second->begin ? -1 : first->begin > second->begin;
}

/* Writes the clades inside some rows; they are pushed first, and taken off the stack at the end. */
static void put_clades(kraken_report *report, size_t first, size_t level)
{
  const size_t count = report->clade_count - first;
  if (count) qsort(report->clades + first, count, sizeof *report->clades, compare_clades);
  for (size_t i = first; i < first + count; i++) {
    kraken_clade *own = &report->clades[i];
    const size_t children = report->clade_count;
    if (own->reads <= 0) continue;
    own->own = push_children(report, own->begin, own->end, own->rank + 1);
    put_line(report, own, report->codes[own->rank], level, name_of(report, own->begin, own->rank));
    put_clades(report, children, level + 1);
  }
  report->clade_count = first;
}

tx_status tx_table_put_kraken(const tx_taxon_rows *rows, const size_t *opt_sample, tx_bytes *out,
                              tx_error *error)
{
  kraken_report report = {.rows = rows, .out = out};
  kraken_clade none = {0}, root = {0};
  const size_t known = rows->count && !rows->depths[0]; /* the unclassified come first */
  report.reads = calloc(rows->count + 1, sizeof *report.reads);
  report.clades = calloc(rows->count * rows->rank_count + 1, sizeof *report.clades);
  if (!report.reads || !report.clades) {
    free(report.reads);
    free(report.clades);
    return tx_fail_memory(error, "a report");
  }
  name_codes(&report);
  for (size_t row = 0; row < rows->count; row++)
    report.reads[row] = tx_taxon_rows_reads(rows, row, opt_sample);
  report.total = sum_reads(&report, 0, rows->count);
  none.reads = none.own = sum_reads(&report, 0, known);
  root.reads = report.total - none.reads;
  put_line(&report, &none, "U", 0, "unclassified");
  put_line(&report, &root, "R", 0, "root");
  push_children(&report, known, rows->count, 0);
  put_clades(&report, 0, 1);
  free(report.reads);
  free(report.clades);
  return TX_OK;
}
