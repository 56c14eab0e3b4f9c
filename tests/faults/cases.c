/* The command lines of the sweep, and the small files they work on. */
#include "sweep.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A network that trains in a few milliseconds, and whose second epoch is better than the first. */
#define TINY \
  "train -q -t 1 --d-model 16 --n-layer 1 --d-state 4 --headdim 8 --batch 16 --epochs 2 --patience 0 " \
  "--learning-rate 0.02"
#define KMER TINY " --tokenizer kmer -k 3"
#define RANKS " --metric loss --ranks genus,species -o m.safetensors"
#define TAXA KMER RANKS " --optimiser adamw --no-references"
#define ALIGN \
  KMER " --optimiser adamw --objective align --vectors ../in/v.npy --shared-width 4 -o m.safetensors"
#define SETS KMER " --objective multilabel --taxa-column taxa --ranks order,family,genus,species"
#define OLD "m.safetensors m.safetensors.jsonl"

static const tx_sweep_case cases[] = {
    {"version", "--version", NULL, NULL, false, false},
    {"help", "help", NULL, NULL, false, false},
    {"help-train", "help train", NULL, NULL, false, false},
    {"option-help", "embed --help", NULL, NULL, false, false},
    {"man", "man", NULL, NULL, false, false},
    {"man-classify", "man classify", NULL, NULL, false, false},
    {"completion", "completion bash", NULL, NULL, false, false},
    {"print-config", "train --print-config", NULL, NULL, false, false},
    {"train-taxa", TAXA " ../in/table.csv", NULL, OLD, true, false},
    {"train-next", KMER " --optimiser adamw --objective next-token -o m.safetensors ../in/table.csv", NULL,
     NULL, true, false},
    {"train-soap", KMER RANKS " --optimiser kl-soap ../in/table.csv", NULL, OLD, true, false},
    {"train-resume", TAXA " --resume ../in/table.csv", NULL, OLD " m.safetensors.checkpoint", true, false},
    {"train-init", TAXA " --init ../in/next.safetensors ../in/table.csv", NULL, OLD, true, false},
    {"train-add", TAXA " --add --init ../in/m.safetensors ../in/sintax.fasta", NULL, OLD, true, false},
    {"train-teacher", TAXA " --teacher ../in/m.safetensors --teacher-embedding 0.5 ../in/table.csv", NULL,
     OLD, true, false},
    {"train-align", ALIGN " ../in/table.csv", NULL, OLD, true, false},
    {"eval-retrieval",
     "eval -q -t 1 --retrieval -m ../in/a.safetensors --vectors ../in/v.npy --bootstrap 3 ../in/table.csv",
     NULL, NULL, false, false},
    {"embed-modality",
     "embed -q -m ../in/a.safetensors --modality v --vectors ../in/v.npy -o v.npy --ids v.ids", NULL,
     "v.npy v.ids", false, false},
    {"train-sets", SETS " --optimiser adamw -o m.safetensors ../in/mixed.tsv", NULL, OLD, true, false},
    {"train-traits", TAXA " --traits ../in/traits.tsv --trait-columns hind_leg_mm ../in/table.csv", NULL, OLD,
     true, false},
    {"train-second",
     KMER " --optimiser adamw --metric loss --no-references --ranks subfamily,genus,species -o m.safetensors "
          "--valid-file ../in/sintax.fasta --second-labels ../in/two.csv --second-prefix b_ ../in/table.csv",
     NULL, OLD, true, false},
    {"train-config", TAXA " --config ../in/settings.json --valid-file ../in/sintax.fasta ../in/table.csv.gz",
     NULL, NULL, true, false},
    {"train-bpe",
     TINY RANKS " --optimiser adamw --tokenizer bpe --bpe-symbols 24 --contrast 0.1 --ema 0.5 "
                "../in/sintax.fasta",
     NULL, NULL, true, false},
    {"train-taxonomy", TAXA " --taxonomy-file ../in/taxonomy.tsv ../in/qiime2.fasta", NULL, NULL, true,
     false},
    {"classify-plain", "classify -q -t 1 -m ../in/m.safetensors ../in/queries.fasta", NULL, NULL, false,
     false},
    {"classify-file", "classify -q -t 1 -m ../in/m.safetensors -o rows.tsv ../in/queries.fasta", NULL,
     "rows.tsv", false, false},
    {"classify-gz", "classify -q -t 1 -m ../in/m.safetensors -o rows.tsv ../in/queries.fasta.gz", NULL,
     "rows.tsv", false, false},
    {"classify-bgzip", "classify -q -t 1 -m ../in/m.safetensors -o rows.tsv ../in/bgzip.fasta.gz", NULL,
     "rows.tsv", false, false},
    {"classify-bam", "classify -q -t 1 -m ../in/m.safetensors -o rows.tsv ../in/reads.bam", NULL, "rows.tsv",
     false, false},
    {"classify-cram", "classify -q -t 1 -m ../in/m.safetensors -o rows.tsv ../in/reads.cram", NULL,
     "rows.tsv", false, false},
    {"classify-xz", "classify -q -t 1 -m ../in/m.safetensors -o rows.tsv ../in/plain.fasta.xz", NULL,
     "rows.tsv", false, false},
    {"classify-bzip2", "classify -q -t 1 -m ../in/m.safetensors -o rows.tsv ../in/plain.fasta.bz2", NULL,
     "rows.tsv", false, false},
    {"classify-zstd", "classify -q -t 1 -m ../in/m.safetensors -o rows.tsv ../in/plain.fasta.zst", NULL,
     "rows.tsv", false, false},
    {"classify-stdin", "classify -q -t 1 -m ../in/m.safetensors -", "../in/queries.fasta", NULL, false,
     false},
    {"classify-threads",
     "classify -q -t 3 --batch 4 --strand both -m ../in/m.safetensors -o rows.tsv ../in/queries.fasta", NULL,
     "rows.tsv", false, false},
    {"classify-jsonl", "classify -q -t 1 -f jsonl -m ../in/m.safetensors -o rows.tsv ../in/queries.fasta",
     NULL, "rows.tsv", false, false},
    {"classify-sintax",
     "classify -q -t 1 -f sintax -c 0.1 -m ../in/m.safetensors -o rows.tsv ../in/queries.fasta", NULL,
     "rows.tsv", false, false},
    {"classify-int8",
     "classify -q -t 1 --precision int8 -m ../in/m.safetensors -o rows.tsv ../in/queries.fasta", NULL,
     "rows.tsv", false, false},
    {"classify-evidence",
     "classify -q -t 1 --evidence full -r ../in/r.tx -o rows.tsv ../in/queries.fasta", NULL, "rows.tsv",
     false, false},
    {"classify-table",
     "classify -q -t 1 -m ../in/m.safetensors --sample-from id --size --table t.biom --table t.phyloseq.tsv "
     "--table {sample}.krona -o rows.tsv ../in/sampled.fasta",
     NULL, "rows.tsv t.biom t.phyloseq.tsv t.phyloseq.tax.tsv S1.krona S2.krona", false, false},
    {"classify-counts",
     "classify -q -t 1 -m ../in/m.safetensors -f qiime2 --otu-table ../in/otus.tsv --table t.kreport "
     "-o rows.tsv ../in/sampled.fasta",
     NULL, "rows.tsv t.kreport", false, false},
    {"table", "table -q --rank genus --sample-from ../in/list.tsv --table rows.tsv ../in/few.tsv", NULL,
     "rows.tsv", false, false},
    {"classify-both",
     "classify -q -t 1 --look both -r ../in/heard.tx -m ../in/m.safetensors -o rows.tsv ../in/queries.fasta",
     NULL, "rows.tsv", false, false},
    {"classify-info", "classify --info -m ../in/m.safetensors", NULL, NULL, false, false},
    {"embed-npy", "embed -q -t 1 -m ../in/m.safetensors -o v.npy --ids v.ids ../in/queries.fasta", NULL,
     "v.npy v.ids", false, false},
    {"embed-tsv", "embed -q -t 1 -n -f tsv -m ../in/m.safetensors ../in/queries.fasta", NULL, NULL, false,
     false},
    {"eval-heads", "eval -q -t 1 -m ../in/m.safetensors ../in/table.csv", NULL, NULL, false, false},
    {"classify-sets", "classify -q -t 1 -m ../in/sets.safetensors -o rows.tsv ../in/queries.fasta", NULL,
     "rows.tsv", false, false},
    {"eval-sets",
     "eval -q -t 1 -m ../in/sets.safetensors --taxa-column taxa --split train --baseline-split val "
     "--bootstrap 20 ../in/mixed.tsv",
     NULL, NULL, false, false},
    {"eval-neighbours", "eval -q -t 1 -m ../in/m.safetensors --neighbours --json ../in/table.csv", NULL, NULL,
     false, false},
    {"eval-suite",
     "eval -q -t 1 --benchmark bioscan5m -m ../in/m.safetensors --baselines --leaks-list rows.tsv "
     "--json ../in/table.csv",
     NULL, "rows.tsv", false, false},
    {"eval-predictions",
     "eval -q -t 1 --bootstrap 20 --predictions ../in/predictions.tsv --known ../in/table.csv "
     "../in/all.fasta",
     NULL, NULL, false, false},
    {"eval-hits",
     "eval -q -t 1 --predictions ../in/hits.tsv --prediction-taxonomy ../in/table.csv --json ../in/table.csv",
     NULL, NULL, false, false},
    {"compare",
     "compare -q --otu-table ../in/counts.tsv -p ../in/predictions.tsv --samples ../in/replicates.tsv "
     "--known ../in/all.fasta -o c ../in/specimens.csv",
     NULL, "c.lists.tsv c.names.tsv c.abundance.tsv c.json", false, false},
    {"compare-biom", "compare -q --otu-table ../in/counts.biom --json ../in/specimens.csv", NULL, NULL, false,
     false},
    {"sources", "sources -q --first-prefix a_ --second-prefix b_ -o rows.tsv ../in/two.csv", NULL, "rows.tsv",
     false, false},
    {"sources-evidence",
     "sources -q -t 1 -f jsonl --second-prefix b_ --ranks genus,species --sequences ../in/table.csv -r "
     "../in/r.tx -m ../in/m.safetensors ../in/table.csv ../in/two.csv",
     NULL, NULL, false, false},
    {"quantize", "quantize -q -m ../in/m.safetensors -o small.safetensors", NULL, "small.safetensors", false,
     false},
    {"quantize-place", "quantize -q --precision bf16 -m m.safetensors -o m.safetensors", NULL,
     "m.safetensors", false, false},
    {"import", "import -q -o i.safetensors --labels ../in/labels.txt ../in/network.ckpt", NULL,
     "i.safetensors", false, false},
    {"export", "export -q -m ../in/m.safetensors -o w.safetensors", NULL, "w.safetensors", false, false},
    {"export-ckpt", "export -q -m ../in/m.safetensors -o w.ckpt", NULL, "w.ckpt", false, false},
    {"index", "index -q -t 1 -o r.tx ../in/table.csv", NULL, "r.tx", false, false},
    {"index-add", "index -q -t 1 --add ../in/r.tx -o r.tx ../in/sintax.fasta", NULL, "r.tx", false, false},
    {"index-amplicon",
     "index -q -t 1 --amplicon AAATTGATCAAGTAAAACAT,ATATTCAAAAAAACCTGAAG -o r.tx ../in/table.csv", NULL,
     "r.tx", false, false},
    {"index-rows",
     "index -q -t 1 --where split!=test --where split=train --missing-names ../in/missing.txt -o r.tx "
     "../in/table.csv",
     NULL, "r.tx", false, false},
    {"index-taxdump", "index -q -t 1 --taxdump ../in -o r.tx ../in/taxids.fasta", NULL, "r.tx", false, false},
    {"index-audit", "index -q -t 1 --audit ../in/r.tx", NULL, NULL, false, false},
    {"index-info", "index --info ../in/r.tx", NULL, NULL, false, false},
    {"calibrate", "calibrate -q -t 1 -r ../in/genera.tx -o r.tx ../in/all.fasta", NULL, "r.tx", false, false},
    {"cluster", "cluster -q -t 1 -k 3 -m ../in/m.safetensors --tree rows.tsv -o - ../in/queries.fasta", NULL,
     "rows.tsv", false, false},
    {"cluster-scores",
     "cluster -q -t 1 -e ../in/v.npy -l ../in/table.csv --rank genus --scale zscore --scores rows.tsv", NULL,
     "rows.tsv", false, false},
    {"cluster-average", "cluster -q -t 1 -e ../in/v.npy --method average --metric cosine", NULL, NULL, false,
     false},
    {"traits",
     "traits -q -t 1 -m ../in/m.safetensors --traits ../in/traits.tsv --column hind_leg_mm --bootstrap 9 "
     "-l ../in/table.csv --rank genus -o rows.tsv ../in/table.csv",
     NULL, "rows.tsv", false, false},
    {"traits-agreement",
     "traits -q --traits ../in/traits.tsv --agreement body_length_mm,hind_leg_mm --scores rows.tsv", NULL,
     "rows.tsv", false, false},
    {"report", "report -q -o r.html --json r.json -t ../in/all.fasta ../in/predictions.tsv", NULL,
     "r.html r.json", false, false},
    {"report-sample", "report -q -o r.html --size ../in/few.tsv", NULL, "r.html", false, false},
    {"calibrate-network",
     "calibrate -q -t 1 -r ../in/genera.tx -m ../in/m.safetensors -o r.tx ../in/all.fasta", NULL, "r.tx",
     false, false},
    {"calibrate-unlike", "calibrate -q -m ../in/m.safetensors -o u.safetensors ../in/full.csv", NULL,
     "u.safetensors", false, false},
    {NULL, NULL, NULL, NULL, false, false}};

const tx_sweep_case *tx_sweep_cases(void)
{
  return cases;
}

static void give_up(const char *what)
{
  fprintf(stderr, "fault_sweep: cannot prepare %s\n", what);
  exit(2);
}

/* Copies the first line of a table and every `step`-th line after it. */
static void thin_table(const char *from, const char *to, unsigned step)
{
  tx_file_kept file = tx_file_read(from);
  FILE *out = fopen(to, "w");
  unsigned line = 0;
  if (!out) give_up(to);
  for (char *at = file.data, *end; (end = strchr(at, '\n')) != NULL; at = end + 1, line++)
    if (line % step == 0) fwrite(at, 1, (size_t)(end + 1 - at), out);
  free(file.data);
  if (fclose(out)) give_up(to);
}

/* Copies every `step`-th record of FASTA. */
static void thin_fasta(const char *from, const char *to, unsigned step)
{
  tx_file_kept file = tx_file_read(from);
  FILE *out = fopen(to, "w");
  unsigned record = 0;
  if (!out) give_up(to);
  for (char *at = file.data, *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
    if (*at == '>') record++;
    if (record % step == 0) fwrite(at, 1, (size_t)(end + 1 - at), out);
  }
  free(file.data);
  if (fclose(out)) give_up(to);
}

static void copy_whole(const char *from, const char *to)
{
  tx_file_kept file = tx_file_read(from);
  FILE *out = fopen(to, "w");
  if (!out || fwrite(file.data, 1, file.size, out) != file.size || fclose(out)) give_up(to);
  free(file.data);
}

/* Files of the corpus of the reader. */
static void copy_reads(const char *data)
{
  static const char *const names[][2] = {{"bgzip.fasta.gz", "in/bgzip.fasta.gz"},
                                         {"unaligned.bam", "in/reads.bam"},
                                         {"unaligned.cram", "in/reads.cram"},
                                         {"plain.fasta.xz", "in/plain.fasta.xz"},
                                         {"plain.fasta.bz2", "in/plain.fasta.bz2"},
                                         {"plain.fasta.zst", "in/plain.fasta.zst"}};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char path[512];
    snprintf(path, sizeof path, "%s/../tests/fuzz/corpus/reader/%s", data, names[i][0]);
    copy_whole(path, names[i][1]);
  }
}

static void write_text(const char *path, const char *text)
{
  FILE *out = fopen(path, "w");
  if (!out || fputs(text, out) < 0 || fclose(out)) give_up(path);
}

/* Copies FASTA with taxids in place of the lineages, and writes the taxdump that has them. */
static void write_taxids(const char *from, const char *to)
{
  tx_file_kept file = tx_file_read(from);
  FILE *out = fopen(to, "w");
  unsigned record = 0;
  if (!out) give_up(to);
  for (char *at = file.data, *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
    const size_t length = *at == '>' ? strcspn(at, ";\n") : (size_t)(end - at);
    fwrite(at, 1, length, out);
    if (*at == '>') fprintf(out, " taxid=%u;", 3 + record++ % 2);
    fputc('\n', out);
  }
  free(file.data);
  if (fclose(out)) give_up(to);
  write_text("in/nodes.dmp", "1\t|\t1\t|\tno rank\t|\n2\t|\t1\t|\tgenus\t|\n3\t|\t2\t|\tspecies\t|\n"
                             "4\t|\t2\t|\tspecies\t|\n");
  write_text("in/names.dmp", "2\t|\tApis\t|\t\t|\tscientific name\t|\n3\t|\tApis a\t|\t\t|\tscientific "
                             "name\t|\n4\t|\tApis b\t|\t\t|\tscientific name\t|\n");
  write_text("in/merged.dmp", "5\t|\t4\t|\n");
  write_text("in/delnodes.dmp", "6\t|\n");
}

/* Two sources of labels for the records of a table of barcodes: the genus and the species that it has, or
   those of the record before. */
static void write_two_sources(const char *from, const char *to)
{
  enum { ID, GENUS = 8, SPECIES = 9, FIELDS };
  tx_file_kept file = tx_file_read(from);
  FILE *out = fopen(to, "w");
  const char *before[2] = {"", ""};
  unsigned line = 0;
  if (!out) give_up(to);
  fputs("processid,a_genus,a_species,b_subfamily,b_genus,b_species\n", out);
  for (char *at = file.data, *end; (end = strchr(at, '\n')) != NULL; at = end + 1, line++) {
    char *fields[FIELDS + 1];
    *end = '\0';
    for (size_t i = 0; i <= FIELDS; i++) {
      fields[i] = at;
      at += strcspn(at, ",");
      if (*at) *at++ = '\0';
    }
    if (!line) continue;
    fprintf(out, "%s,%s,%s,Subfamily,%s,%s\n", fields[ID], fields[GENUS], fields[SPECIES],
            line % 3 ? fields[GENUS] : before[0], line % 3 ? fields[SPECIES] : before[1]);
    before[0] = fields[GENUS];
    before[1] = fields[SPECIES];
    at = end;
  }
  free(file.data);
  if (fclose(out)) give_up(to);
}

static void compress(const char *path)
{
  char command[256];
  snprintf(command, sizeof command, "gzip -nkf %s", path);
  if (system(command) != 0) give_up("a .gz file (is gzip installed?)");
}

/* Runs a command without faults and moves one of the files it makes. */
static void make(const char *arguments, const char *made, const char *to, tx_injection *injection)
{
  const tx_sweep_case the_case = {"prepare", arguments, NULL, NULL, false, false};
  tx_outcome outcome;
  char from[256];
  snprintf(from, sizeof from, "run/%s", made);
  tx_folder_fill("run", "old", NULL);
  memset(&injection->plan, 0, sizeof injection->plan);
  tx_run(&the_case, NULL, injection, &outcome);
  if (outcome.status != 0) {
    fputs(outcome.err.data, stderr);
    give_up(arguments);
  }
  tx_outcome_free(&outcome);
  if (rename(from, to)) give_up(to);
}

/* The model, the log and the checkpoint as they are after one epoch: the run is killed at the first renaming
   that leaves a checkpoint. */
static void make_checkpoint(tx_injection *injection)
{
  const tx_sweep_case the_case = {"prepare", TAXA " ../in/table.csv", NULL, NULL, true, false};
  for (unsigned long n = 1; n < 20; n++) {
    tx_outcome outcome;
    bool there;
    tx_folder_fill("run", "old", NULL);
    injection->plan.kind = TX_CALL_RENAME;
    injection->plan.n = n;
    injection->plan.act = TX_ACT_KILL;
    tx_run(&the_case, NULL, injection, &outcome);
    there = WIFSIGNALED(outcome.status) && tx_folder_find(&outcome.after, "m.safetensors.checkpoint") &&
            tx_folder_find(&outcome.after, "m.safetensors");
    if (there && !tx_folder_find(&outcome.after, "m.safetensors.jsonl"))
      write_text("run/m.safetensors.jsonl", "");
    tx_outcome_free(&outcome);
    if (there) {
      tx_folder_fill("old", "run", OLD " m.safetensors.checkpoint");
      return;
    }
  }
  give_up("a checkpoint");
}

void tx_sweep_prepare(const char *data, tx_injection *injection)
{
  static const char *const tables[] = {"old/t.biom",   "old/t.phyloseq.tsv", "old/t.phyloseq.tax.tsv",
                                       "old/S1.krona", "old/S2.krona",       "old/t.kreport"};
  char path[512];
  mkdir("in", 0755);
  mkdir("old", 0755);
  snprintf(path, sizeof path, "%s/simulated_metadata.csv", data);
  thin_table(path, "in/table.csv", 12);
  copy_whole(path, "in/full.csv");
  snprintf(path, sizeof path, "%s/simulated_mixed.tsv", data);
  thin_table(path, "in/mixed.tsv", 20);
  snprintf(path, sizeof path, "%s/simulated_sintax.fasta", data);
  copy_whole(path, "in/all.fasta");
  thin_fasta(path, "in/sintax.fasta", 9);
  snprintf(path, sizeof path, "%s/simulated_qiime2.fasta", data);
  thin_fasta(path, "in/qiime2.fasta", 9);
  snprintf(path, sizeof path, "%s/simulated_qiime2_taxonomy.tsv", data);
  copy_whole(path, "in/taxonomy.tsv");
  snprintf(path, sizeof path, "%s/simulated_queries.fasta", data);
  copy_whole(path, "in/queries.fasta");
  snprintf(path, sizeof path, "%s/simulated_traits.tsv", data);
  copy_whole(path, "in/traits.tsv");
  copy_reads(data);
  snprintf(path, sizeof path, "%s/../tests/golden/pytorch/kmer.ckpt", data);
  copy_whole(path, "in/network.ckpt");
  write_text("in/labels.txt", "Aus a\nAus b\nBus a\nBus b\nCus a\n");
  write_text("in/settings.json", "{\"label-smoothing\": 0.05, \"crop\": 0.25}\n");
  write_taxids("in/sintax.fasta", "in/taxids.fasta");
  write_text("in/missing.txt", "# names\nSimulalpha *\nnot named\n");
  write_text("in/counts.tsv", "#OTU ID\ta1\ta2\nSIM0001\t3\t1\nSIM0004\t2\t0\n");
  write_text("in/replicates.tsv", "replicate\tsample\na1\tA\na2\tA\n");
  write_text("in/counts.biom",
             "{\"matrix_type\":\"sparse\",\"shape\":[1,1],\"rows\":[{\"id\":\"x\",\"metadata\":{\"taxonomy\":"
             "[\"g__Simulsigma\"]}}],\"columns\":[{\"id\":\"A\"}],\"data\":[[0,0,3]]}");
  write_text("in/specimens.csv", "id,sample,genus\np1,A,Simulsigma\np2,A,Simulbeta\n");
  write_two_sources("in/table.csv", "in/two.csv");
  write_text("in/hits.tsv", "SIM0012-26\tSIM0012-26\t99.4\t660\t4\t0\t1\t660\t1\t660\t0.0\t1197\n");
  write_text("in/sampled.fasta",
             ">a;sample=S1;size=4\nACGTACGTTACGATCGATCGATCGACTAGCTAGCTACGTACGATCGATCGATCGACTAG\n"
             ">S2.1;size=2;\nACGT\n");
  write_text("in/otus.tsv", "#OTU ID\tS1\tS2\na\t1\t0\nc\t1\t2\n");
  write_text("in/few.tsv", "id\tgenus\tgenus_confidence\nr1\tA\t0.9\nr2\t\t\n");
  write_text("in/list.tsv", "r1\tS1\nr2\tS2\n");
  compress("in/table.csv");
  compress("in/queries.fasta");
  make(TAXA " ../in/table.csv", "m.safetensors", "in/m.safetensors", injection);
  make(SETS " --optimiser adamw -o m.safetensors ../in/mixed.tsv", "m.safetensors", "in/sets.safetensors",
       injection);
  make(KMER " --optimiser adamw --objective next-token -o m.safetensors ../in/table.csv", "m.safetensors",
       "in/next.safetensors", injection);
  make("classify -q -t 1 -m ../in/m.safetensors -o rows.tsv ../in/all.fasta", "rows.tsv",
       "in/predictions.tsv", injection);
  make("embed -q -t 1 -m ../in/m.safetensors -o v.npy --ids v.ids ../in/table.csv", "v.npy", "in/v.npy",
       injection);
  make("embed -q -t 1 -m ../in/m.safetensors -o v.npy --ids v.ids ../in/table.csv", "v.ids", "in/v.npy.ids",
       injection);
  make(ALIGN " ../in/table.csv", "m.safetensors", "in/a.safetensors", injection);
  make("index -q -t 1 -o r.tx ../in/table.csv", "r.tx", "in/r.tx", injection);
  make("index -q -t 1 --ranks genus -o r.tx ../in/table.csv", "r.tx", "in/genera.tx", injection);
  make("calibrate -q -t 1 -r ../in/genera.tx -m ../in/m.safetensors -o r.tx ../in/all.fasta", "r.tx",
       "in/heard.tx", injection);
  make_checkpoint(injection);
  write_text("old/rows.tsv", "the old rows\n");
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) write_text(tables[i], "the old table\n");
  write_text("old/v.npy", "the old vectors\n");
  write_text("old/v.ids", "the old names\n");
  write_text("old/small.safetensors", "the old small model\n");
  write_text("old/u.safetensors", "the old copy\n");
  write_text("old/i.safetensors", "the old imported model\n");
  write_text("old/w.safetensors", "the old weights\n");
  write_text("old/w.ckpt", "the old checkpoint\n");
  write_text("old/r.tx", "the old references\n");
  write_text("old/c.lists.tsv", "the old lists\n");
  write_text("old/c.names.tsv", "the old names of a comparison\n");
  write_text("old/c.abundance.tsv", "the old abundances\n");
  write_text("old/c.json", "the old comparison\n");
  write_text("old/r.html", "the old page\n");
  write_text("old/r.json", "the old numbers\n");
}
