/* Labelled barcodes from tables and annotated FASTA: records with a lineage. */
#ifndef TAXAMBA_LABELLED_H
#define TAXAMBA_LABELLED_H

#include <taxamba/param.h>
#include <taxamba/record.h>
#include <taxamba/taxonomy.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where the labels are.

   Tables: CSV or TSV (a tab in the header line decides), LF or CRLF. Quotes of a CSV are those
   of RFC 4180; in a TSV, as in exports of BOLD, every line is a row, whatever quotes it has. Columns are
   found by name in any order; the letter case may differ. Usual ranks are superkingdom, domain, kingdom,
   phylum, class, order, family, subfamily, tribe, genus, species; genus_name counts as genus, and so on. They
   are read in the order of the columns, or from the top down if these are in no order of a taxonomy, which a
   note tells. Another note lists columns of other ranks, which are not read. Each file has its
   own header line. With TX_LABELLED_AUTO tables and FASTA may be mixed. The first file determines the ranks:
   later tables must have columns for them, and no file may have another rank, unless options.ranks names the
   ranks to use. (Several FASTA files determine them together by their first headers, up to the first table.)

   Lineages in one line ("k__Fungi;p__..." or "k:Fungi,p:...") name their ranks by prefix: sk superkingdom,
   d domain, k kingdom, p phylum, c class, o order, f family, sf subfamily, g genus, s species, t strain;
   UNITE's sh, the species hypothesis, is read only when options.ranks asks for "species_hypothesis". The
   prefix is removed; the rest of a name, underscores included, is not changed, but taxids ("Eukaryota_2759",
   MIDORI2) and what follows the last name are no part of it. Fields with another prefix are left aside, and a
   warning counts them. The ranks have the order of the headers. Names by position have no prefix:
   options.ranks names their ranks.

   Ids and labels are valid UTF-8: a line that is not is read as Latin-1 (Windows-1252), and a warning counts
   such lines. Blanks of any kind, no-break ones too, are one ' ' in them, and none at the ends. */
typedef enum tx_labelled_format {
  /* each file is recognised by its content: '>' or '@' begins FASTA/FASTQ (whose first header determines the
     style of the headers), otherwise it is a table */
  TX_LABELLED_AUTO,
  /* CSV or TSV with a header line; BIOSCAN-5M column names by default, others through the options */
  TX_LABELLED_TABLE,
  /* >ID|k__Fungi;p__...;s__...|SH  (UNITE, MycoAI); the lineage may stand anywhere in the header line */
  TX_LABELLED_UNITE,
  TX_LABELLED_SINTAX,   /* >ID;tax=k:Fungi,p:...,s:...;  (anywhere in the header line) */
  /* FASTA, and a two-column file ID <tab> k__..; p__.. (QIIME 2) named by `taxonomy_file` */
  TX_LABELLED_TAXONOMY,
  TX_LABELLED_PLAIN,    /* FASTA/FASTQ without labels */
  /* >A;B;C;  >ID|x|A,B,C  >ID Root;A;B;C  (DADA2, BOLD v5, RDP): as many names as options.ranks, or between
     ';' fewer; a root does not count */
  TX_LABELLED_POSITIONAL,
  TX_LABELLED_RDP,      /* >ID words <tab> Lineage=Root;rootrank;Bacteria;domain;Firmicutes;phylum */
  TX_LABELLED_MIDORI,   /* >ID###root_1;Eukaryota_2759;...: kingdom to species, with taxids */
  /* >AB1.1.1470 Bacteria;...;Bacillus;organism: domain to species; of eukaryotes, whose ranks are others,
     only these two */
  TX_LABELLED_SILVA,
  TX_LABELLED_OBITOOLS, /* >ID taxid=9606; family_name=Hominidae;  or the same as JSON (version 4) */
  /* >kraken:taxid|9606|ID  >ID taxid=9606: names from `taxdump`; only where asked for also >ID|9606| */
  TX_LABELLED_TAXID,
  TX_LABELLED_SPECIES   /* >ID Genus species (DADA2's assignSpecies); only where asked for */
} tx_labelled_format;

/* Zero-initialise for the defaults; NULL or "" means the default. Strings must outlive the reader. */
typedef struct tx_labelled_options {
  tx_labelled_format format;
  /* comma-separated, top first (TX_ERROR_USAGE if usual ranks are upside down); default: of a table the usual
     ranks that are columns of its first file, of headers the prefixes in the first 1,000 (or 4 MiB), of a
     taxonomy file all its prefixes */
  const char *ranks;
  /* (wanted_count) ranks that the caller can use, top first, where `ranks` names none: those of them that the
     first file has come first, and then its other ranks; other ranks of later records are no error. The
     array need not outlive the opening */
  const char *const *wanted;
  size_t wanted_count;
  /* keep only rows whose split column has this value (comma-separated for several) */
  const char *split;
  /* lineages for FASTA, as QIIME 2 has them or in the style of a header; implies TX_LABELLED_TAXONOMY */
  const char *taxonomy_file;
  /* folder with NCBI's names.dmp and nodes.dmp (merged.dmp, delnodes.dmp): a record with a taxid gets the
     names of its ancestors, whatever else its header has; warnings count the taxids that are not there */
  const char *taxdump;
  /* default "processid", else "process_id", "id", "seqid", "sampleid", else the first column */
  const char *id_column;
  const char *sequence_column; /* default "dna_barcode", else "sequence", "nucleotides", "nuc", "nucraw" */
  const char *split_column;    /* default "split", if there is one */
  /* column of tables with the taxa of records that have several, separated by ';'. Each is a lineage from the
     top rank down, its names separated by '|', cut at any depth ("Insecta|Diptera"; a gap is empty:
     "Insecta||Chironomidae"), or, without '|', the name of one taxon of any rank. The ranks are `ranks`, else
     the columns of ranks, else `wanted`; a rank needs no column then. A row whose field is empty has the
     lineage in the columns of the ranks. Default: none, and a record has one lineage */
  const char *taxa_column;
  /* keep only rows of tables that meet these conditions, one a line: COLUMN=VALUE, COLUMN!=VALUE */
  const char *where;
  /* file of more names that stand for "no label", one a line; letter case does not count, '*' stands for any
     text, a line that begins with '#' for nothing */
  const char *missing_names;
  /* not 0: a record that is malformed is left out instead of being an error, and one warning at the end
     tells how many there were, and what was wrong with the first five */
  int skip_bad;
  /* not 0: records without their labels. Headers and columns of ranks are not read, and there are no ranks.
     Of `format` only whether it is a table has an effect; `ranks` and `taxonomy_file` are not used */
  int unlabelled;
  /* not 0: a table may lack the column of the sequences; its records have no bases */
  int sequences_optional;
  /* not 0: of the `ranks` those that the first file has as columns, if it is a table */
  int ranks_optional;
  /* of FASTA and FASTQ, what is kept of a sequence: see tx_reader_limit; 0, 0 is everything */
  size_t first_bases, last_bases;
  tx_id_options ids;           /* what the ids of the records are */
  tx_input_hooks hooks;        /* hooks of every file that is read */
} tx_labelled_options;

/* Entries of a parameter table for the columns of tables, and for conditions of their rows, for any struct
   TYPE with fields of these names (TX_TEXT_SIZE characters). */
#define TX_COLUMNS_PARAMS(TYPE) \
  {"id-column", 0, TX_PARAM_TEXT, offsetof(TYPE, id_column), 0, 0, "", "NAME", "Data", \
       "Column of the record names in a table. Default: processid, else process_id, id, seqid or sampleid, " \
       "else the first column."}, \
      {"sequence-column", 0, TX_PARAM_TEXT, offsetof(TYPE, sequence_column), 0, 0, "", "NAME", "Data", \
       "Column of the sequences in a table. Default: dna_barcode, else sequence, nucleotides, nuc or " \
       "nucraw."}
#define TX_WHOLE_ID_PARAM(TYPE) \
  {"whole-id", 0, TX_PARAM_FLAG, offsetof(TYPE, whole_id), 0, 0, "false", NULL, "Data", \
       "The id of a record of FASTA or FASTQ is its whole header line, not only the first word of it."}
#define TX_SKIP_BAD_PARAM(TYPE) \
  {"skip-bad", 0, TX_PARAM_FLAG, offsetof(TYPE, skip_bad), 0, 0, "false", NULL, "Data", \
       "Leaves out records that are malformed (a row with too few fields, letters that are no bases, a " \
       "header without a name, a FASTQ record of unequal lengths, a bad lineage, ...) instead of ending at " \
       "the first of them, and tells how many there were and what is wrong with the first five."}
#define TX_MISSING_NAMES_PARAM(TYPE, GROUP) \
  {"missing-names", 0, TX_PARAM_INPUT, offsetof(TYPE, missing_names), 0, 0, "", "FILE", GROUP, \
       "More names that stand for no label, one a line, beside the usual ones (unidentified, uncultured, " \
       "...); '*' stands for any text."}
#define TX_TAXA_COLUMN_PARAM(TYPE) \
  {"taxa-column", 0, TX_PARAM_TEXT, offsetof(TYPE, taxa_column), 0, 0, "", "NAME", "Data", \
       "Column of a table with the taxa of each record, which may be several, separated by ';': lineages " \
       "from the top rank down with '|' between the names, cut at any depth, or the names of single taxa. " \
       "Where it is empty the columns of the ranks count. Default: none."}
#define TX_WHERE_PARAM(TYPE) \
  {"where", 0, TX_PARAM_LIST, offsetof(TYPE, where), 0, 0, "", "COLUMN=VALUE", "Data", \
       "Only rows of tables that have this value in this column, or another one (COLUMN!=VALUE). Given " \
       "several times, all must hold."}

/* Entries of a parameter table for the options that define how labelled input is read, for any struct TYPE
   with fields of these names (format an int, the others TX_TEXT_SIZE characters). */
#define TX_LABELLED_PARAMS(TYPE) \
  {"format", 0, TX_PARAM_CHOICE, offsetof(TYPE, format), 0, 0, "auto", \
   "auto|table|unite|sintax|taxonomy|plain|positional|rdp|midori|silva|obitools|taxid|species", "Data", \
   "Format of the labelled input; auto looks at the content of each file, so that tables and FASTA can be " \
   "mixed. positional: headers with one name for each of --ranks (>A;B;C, >ID|x|A,B,C, >ID A;B;C), which " \
   "auto takes too where --ranks is given and no prefix is found. Only where asked for: species (>ID Genus " \
   "species), and taxid for headers with a bare number (>ID|9606|)."}, \
      {"taxonomy-file", 0, TX_PARAM_INPUT, offsetof(TYPE, taxonomy_file), 0, 0, "", "FILE", "Data", \
       "Two-column taxonomy (ID, lineage) for FASTA input, as QIIME 2 has it; lineages by position need " \
       "--ranks, taxids --taxdump."}, \
      {"taxdump", 0, TX_PARAM_TEXT, offsetof(TYPE, taxdump), 0, 0, "", "DIR", "Data", \
       "Folder of NCBI's taxonomy (names.dmp, nodes.dmp, merged.dmp, delnodes.dmp): headers with a taxid " \
       "get its lineage."}, \
      TX_WHOLE_ID_PARAM(TYPE), \
      TX_COLUMNS_PARAMS(TYPE), \
  {"split-column", 0, TX_PARAM_TEXT, offsetof(TYPE, split_column), 0, 0, "", "NAME", "Data", \
   "Column that says which split a row belongs to. Default: split."}, \
      TX_WHERE_PARAM(TYPE), \
      TX_MISSING_NAMES_PARAM(TYPE, "Data"), \
      TX_SKIP_BAD_PARAM(TYPE)

/* Those fields, for a struct that needs no comment at each. */
#define TX_LABELLED_FIELDS \
  int format; /* tx_labelled_format */ \
  char taxonomy_file[TX_TEXT_SIZE], taxdump[TX_TEXT_SIZE]; \
  char id_column[TX_TEXT_SIZE], sequence_column[TX_TEXT_SIZE], \
      split_column[TX_TEXT_SIZE], where[TX_TEXT_SIZE], missing_names[TX_TEXT_SIZE]; \
  bool whole_id, skip_bad;
/* Initialisers of a tx_labelled_options from those fields; `object` is a pointer to the struct. */
#define TX_LABELLED_SETTINGS(object) \
  .format = (tx_labelled_format)(object)->format, .taxonomy_file = (object)->taxonomy_file, \
  .taxdump = (object)->taxdump, \
  .id_column = (object)->id_column, .sequence_column = (object)->sequence_column, \
  .split_column = (object)->split_column, .where = (object)->where, \
  .missing_names = (object)->missing_names, .skip_bad = (object)->skip_bad, \
  .ids = {.whole = (object)->whole_id}

/* One of the lineages of a record. */
typedef struct tx_labelled_lineage {
  const char *taxa[TX_RANKS_MAX]; /* per rank of the reader, NULL = no label */
  /* the name of one taxon whose rank is not told, with no taxa then; else NULL */
  const char *opt_name;
} tx_labelled_lineage;

typedef struct tx_labelled_record {
  /* record.bases may be empty when a table row has no sequence. In FASTA, record.id is the first word of the
     header (or what options.ids says) including a lineage in it: the same as tx_reader_next gives.
     record.number counts the rows of the file, including those of other splits */
  tx_record record;
  /* per rank of the reader, NULL = no label; borrowed until the next call */
  const char *taxa[TX_RANKS_MAX];
  /* (lineage_count) of a table with options.taxa_column: the lineages of the record, each of them with a
     label; `taxa` are then those of the columns of the ranks. 0 for other files, whose records have the one
     lineage of `taxa`. Borrowed until the next call */
  const tx_labelled_lineage *lineages;
  size_t lineage_count;
  /* value of the split column, NULL if there is none; always NULL for FASTA and FASTQ */
  const char *split;
  /* the taxid that the header has (MIDORI2, OBITools, kraken), 0 = none; always 0 for tables */
  uint32_t taxid;
} tx_labelled_record;

typedef struct tx_labelled tx_labelled;

/* Opens the files (count >= 1; "-" is standard input). Errors: TX_ERROR_IO; TX_ERROR_DATA for a missing
   column (the message lists those present), an empty file, or a fault in the first records; TX_ERROR_USAGE
   for bad options, for instance a split without a split column (FASTA files have none). Later files are
   opened by tx_labelled_next, which fails in the same way. A table with only a header line is not an error:
   it has no records. */
TX_API tx_status tx_labelled_open(const char *const *paths, size_t count, const tx_labelled_options *options,
                                  tx_labelled **ret_reader, tx_error *error);
/* The ranks found or asked for, top first. Borrowed. */
TX_API size_t tx_labelled_rank_count(const tx_labelled *reader);
TX_API const char *tx_labelled_rank_name(const tx_labelled *reader, size_t rank);
/* Whether the tables read so far have a split column (all have one, or none). Records of FASTA and FASTQ have
   no split. */
TX_API int tx_labelled_has_split(const tx_labelled *reader);
/* Whether one of the files read so far is a table: only those have columns. */
TX_API int tx_labelled_has_table(const tx_labelled *reader);
/* The next record that passes the split filter; TX_END; or an error with file, line and record: a row with
   another number of fields than the header, an unclosed quote, letters that are not nucleotides, a header
   without a lineage, a malformed lineage, a rank that no earlier record had (unless options.ranks is given),
   an ID without taxonomy, a control character in an ID or a label. With options.skip_bad such records are
   left out. After an error every call repeats it. */
TX_API tx_status tx_labelled_next(tx_labelled *reader, tx_labelled_record *record, tx_error *error);
/* The number of names so far that were taken for "no label"; empty fields and prefixes without a name do not
   count. *ret_example: the first of them, "" if there is none; borrowed. */
TX_API uint64_t tx_labelled_placeholders(const tx_labelled *reader, const char **ret_example);
/* What to say where labels are missing: "; the header 'x y' (FILE:LINE) has no lineage ..." with the forms
   that are read, for the first file whose first header has none; "" if there is no such file. Borrowed. */
TX_API const char *tx_labelled_hint(const tx_labelled *reader);
/* tx_labelled_next without the labels, with the signature of a tx_record_source; `context` is the
   tx_labelled. */
TX_API tx_status tx_labelled_source(void *context, tx_record *record, tx_error *error);
TX_API void tx_labelled_close(tx_labelled *reader);

/* Whether a label text stands for "no label" (letter case matters only for "sp" behind a name):
   - NULL, nothing, or white space;
   - None, NA, N/A, NaN, null, unknown, not_classified, not_assigned, Ambiguous_taxa (or with a blank),
     no_name, n.d., sp, sp., indet, indet., ?, -;
   - anything that begins with unidentified, unclassified, unassigned, uncultured, undetermined,
     "unknown " or "environmental sample";
   - metagenome, and anything that ends in " metagenome" or "_metagenome";
   - anything that contains "incertae sedis", with a space, '_', '-', '.' or nothing between the words;
   - an unnamed species: anything that ends in " sp", "_sp", " sp." or "_sp." ("Apis sp."; but "Apis sp.
     1" is a label), " spp" or " indet", with '_' or a full stop too;
   - a rank prefix of one or two small letters and "__", alone or before any of these ("s__",
     "s__unidentified"). */
TX_API int tx_label_is_missing(const char *text);

#ifdef __cplusplus
}
#endif
#endif
