/* Lineages in headers as the collections and tools write them: one row per style. */
#include "unit/input_files.h"

#include "labelled/source.h"

#include <taxamba/labelled.h>

/* A part of NCBI's taxonomy, as its taxdump of 2025 has it. */
static const char nodes[] = "1\t|\t1\t|\tno rank\t|\t\t|\t8\t|\n"
                            "131567\t|\t1\t|\tcellular root\t|\t\t|\t8\t|\n"
                            "2759\t|\t131567\t|\tdomain\t|\t\t|\t1\t|\n"
                            "33208\t|\t2759\t|\tkingdom\t|\t\t|\t4\t|\n"
                            "7711\t|\t33208\t|\tphylum\t|\t\t|\t10\t|\n"
                            "40674\t|\t7711\t|\tclass\t|\t\t|\t2\t|\n"
                            "9443\t|\t40674\t|\torder\t|\t\t|\t5\t|\n"
                            "9604\t|\t9443\t|\tfamily\t|\t\t|\t5\t|\n"
                            "207598\t|\t9604\t|\tsubfamily\t|\t\t|\t5\t|\n"
                            "9605\t|\t207598\t|\tgenus\t|\t\t|\t5\t|\n"
                            "9606\t|\t9605\t|\tspecies\t|\tHS\t|\t5\t|\n"
                            "63221\t|\t9606\t|\tsubspecies\t|\tHN\t|\t5\t|\n";
static const char names[] = "1\t|\troot\t|\t\t|\tscientific name\t|\n"
                            "131567\t|\tcellular organisms\t|\t\t|\tscientific name\t|\n"
                            "2759\t|\tEukaryota\t|\tEukaryota <eukaryotes>\t|\tscientific name\t|\n"
                            "2759\t|\teukaryotes\t|\t\t|\tgenbank common name\t|\n"
                            "33208\t|\tMetazoa\t|\t\t|\tscientific name\t|\n"
                            "7711\t|\tChordata\t|\t\t|\tscientific name\t|\n"
                            "40674\t|\tMammalia\t|\t\t|\tscientific name\t|\n"
                            "9443\t|\tPrimates\t|\t\t|\tscientific name\t|\n"
                            "9604\t|\tHominidae\t|\t\t|\tscientific name\t|\n"
                            "207598\t|\tHomininae\t|\t\t|\tscientific name\t|\n"
                            "9605\t|\tHomo\t|\t\t|\tscientific name\t|\n"
                            "9606\t|\thuman\t|\t\t|\tgenbank common name\t|\n"
                            "9606\t|\tHomo sapiens\t|\t\t|\tscientific name\t|\n"
                            "63221\t|\tHomo sapiens neanderthalensis\t|\t\t|\tscientific name\t|\n";
static const char merged[] = "741158\t|\t9606\t|\n";
static const char deleted[] = "77\t|\n5\t|\n";

#define HUMAN                                                                                                \
  "domain=Eukaryota;kingdom=Metazoa;phylum=Chordata;class=Mammalia;order=Primates;family=Hominidae;"         \
  "genus=Homo;species=Homo sapiens"

typedef struct style_case {
  const char *style;
  tx_labelled_format format;
  const char *ranks;
  bool taxdump;
  const char *header;
  uint32_t taxid;
  const char *wanted; /* the reader's ranks with their names */
} style_case;

static const style_case cases[] = {
    {"UNITE, general release", TX_LABELLED_AUTO, NULL, false,
     "Abrothallus_subhalei|MT153946|SH1227328.10FU|refs|k__Fungi;p__Ascomycota;c__Dothideomycetes;"
     "o__Abrothallales;f__Abrothallaceae;g__Abrothallus;s__Abrothallus_subhalei",
     0,
     "kingdom=Fungi;phylum=Ascomycota;class=Dothideomycetes;order=Abrothallales;family=Abrothallaceae;"
     "genus=Abrothallus;species=Abrothallus_subhalei"},
    {"UNITE with its species hypothesis", TX_LABELLED_AUTO, "genus,species_hypothesis", false,
     "X|k__Fungi;g__Abrothallus;s__Abrothallus_sp;sh__SH1227328.10FU", 0,
     "genus=Abrothallus;species_hypothesis=SH1227328.10FU"},
    {"MycoAI", TX_LABELLED_AUTO, NULL, false,
     "KY1|k__Fungi;p__Ascomycota;c__?;o__?;f__?;g__Tuber;s__Tuber_melosporum|SH1.09FU", 0,
     "kingdom=Fungi;phylum=Ascomycota;class=;order=;family=;genus=Tuber;species=Tuber_melosporum"},
    {"SINTAX", TX_LABELLED_AUTO, NULL, false,
     "AB008314;tax=d:Bacteria,p:Firmicutes,c:Bacilli,o:Lactobacillales,f:Streptococcaceae,g:Streptococcus;",
     0,
     "domain=Bacteria;phylum=Firmicutes;class=Bacilli;order=Lactobacillales;family=Streptococcaceae;"
     "genus=Streptococcus"},
    {"UTAX of PR2: kingdom above domain", TX_LABELLED_AUTO, NULL, false,
     "AB353770.1.1740_U;tax=k:Eukaryota,d:TSAR,p:Alveolata-Dinoflagellata,c:Dinophyceae,o:Peridiniales,"
     "f:Kryptoperidiniaceae,g:Unruhdinium,s:Unruhdinium_kevei",
     0,
     "kingdom=Eukaryota;domain=TSAR;phylum=Alveolata-Dinoflagellata;class=Dinophyceae;order=Peridiniales;"
     "family=Kryptoperidiniaceae;genus=Unruhdinium;species=Unruhdinium_kevei"},
    {"PR2, nine ranks for DADA2", TX_LABELLED_AUTO,
     "domain,supergroup,division,subdivision,class,order,family,genus,species", false,
     "Eukaryota;TSAR;Alveolata;Dinoflagellata;Dinophyceae;Peridiniales;Kryptoperidiniaceae;Unruhdinium;"
     "Unruhdinium_kevei;",
     0,
     "domain=Eukaryota;supergroup=TSAR;division=Alveolata;subdivision=Dinoflagellata;class=Dinophyceae;"
     "order=Peridiniales;family=Kryptoperidiniaceae;genus=Unruhdinium;species=Unruhdinium_kevei"},
    {"QIIME 2 taxonomy in the header", TX_LABELLED_AUTO, NULL, false,
     "4479944 k__Bacteria; p__Proteobacteria; c__Gammaproteobacteria; o__; f__; g__; s__", 0,
     "kingdom=Bacteria;phylum=Proteobacteria;class=Gammaproteobacteria;order=;family=;genus=;species="},
    {"GTDB", TX_LABELLED_AUTO, NULL, false,
     "RS_GCF_000005845.2~NC_000913.3-#2 d__Bacteria;p__Pseudomonadota;c__Gammaproteobacteria;"
     "o__Enterobacterales;f__Enterobacteriaceae;g__Escherichia;s__Escherichia coli "
     "[location=4166659..4168200] [ssu_len=1542] [contig_len=4641652]",
     0,
     "domain=Bacteria;phylum=Pseudomonadota;class=Gammaproteobacteria;order=Enterobacterales;"
     "family=Enterobacteriaceae;genus=Escherichia;species=Escherichia coli"},
    {"RDP, release", TX_LABELLED_AUTO, NULL, false,
     "S000494589 uncultured bacterium; YRM60L1D06060904\tLineage=Root;rootrank;Bacteria;domain;"
     "\"Actinobacteria\";phylum;Actinobacteria;class;Acidimicrobidae;subclass;Acidimicrobiales;order;"
     "Acidimicrobiaceae;family;Acidimicrobium;genus",
     0,
     "domain=Bacteria;phylum=Actinobacteria;class=Actinobacteria;order=Acidimicrobiales;"
     "family=Acidimicrobiaceae;genus=Acidimicrobium"},
    {"RDP, a rank that is asked for", TX_LABELLED_AUTO, "subclass,genus", false,
     "S1 x\tLineage=Root;rootrank;Bacteria;domain;Acidimicrobidae;subclass;Acidimicrobium;genus", 0,
     "subclass=Acidimicrobidae;genus=Acidimicrobium"},
    {"RDP, training set", TX_LABELLED_AUTO, "domain,phylum,class,order,family,genus", false,
     "X53199_S000003910\tRoot;Bacteria;\"Proteobacteria\";Gammaproteobacteria;\"Enterobacteriales\";"
     "Enterobacteriaceae;Proteus",
     0,
     "domain=Bacteria;phylum=Proteobacteria;class=Gammaproteobacteria;order=Enterobacteriales;"
     "family=Enterobacteriaceae;genus=Proteus"},
    {"COI classifier of RDP", TX_LABELLED_AUTO, "domain,kingdom,phylum,species", false,
     "KX000001 cellularOrganisms;Eukaryota;Metazoa;Arthropoda;Aedes_aegypti", 0,
     "domain=Eukaryota;kingdom=Metazoa;phylum=Arthropoda;species=Aedes_aegypti"},
    {"DADA2", TX_LABELLED_AUTO, "kingdom,phylum,class,order,family,genus", false,
     "Bacteria;Proteobacteria;Gammaproteobacteria;Enterobacterales;Enterobacteriaceae;Escherichia-Shigella;",
     0,
     "kingdom=Bacteria;phylum=Proteobacteria;class=Gammaproteobacteria;order=Enterobacterales;"
     "family=Enterobacteriaceae;genus=Escherichia-Shigella"},
    {"DADA2, fewer names", TX_LABELLED_AUTO, "kingdom,phylum,class,order,family,genus", false,
     "Bacteria;Firmicutes;Bacilli;", 0,
     "kingdom=Bacteria;phylum=Firmicutes;class=Bacilli;order=;family=;genus="},
    {"DADA2, assignSpecies", TX_LABELLED_SPECIES, NULL, false,
     "AB001445.1.1538 Pseudomonas amygdali pv. morsprunorum", 0,
     "genus=Pseudomonas;species=Pseudomonas amygdali"},
    {"BOLD 5", TX_LABELLED_AUTO, "kingdom,phylum,class,order,family,subfamily,genus,species,subspecies",
     false,
     "AAA1-24|COI-5P|Costa Rica|Animalia,Arthropoda,Insecta,Ephemeroptera,Baetidae,None,Baetis,"
     "Baetis fuscatus,None",
     0,
     "kingdom=Animalia;phylum=Arthropoda;class=Insecta;order=Ephemeroptera;family=Baetidae;subfamily=;"
     "genus=Baetis;species=Baetis fuscatus;subspecies="},
    {"SILVA", TX_LABELLED_AUTO, NULL, false,
     "AB001445.1.1538 Bacteria;Pseudomonadota;Gammaproteobacteria;Pseudomonadales;Pseudomonadaceae;"
     "Pseudomonas;Pseudomonas amygdali pv. morsprunorum",
     0,
     "domain=Bacteria;phylum=Pseudomonadota;class=Gammaproteobacteria;order=Pseudomonadales;"
     "family=Pseudomonadaceae;genus=Pseudomonas;species=Pseudomonas amygdali pv. morsprunorum"},
    {"SILVA, a chloroplast", TX_LABELLED_AUTO, "order,genus,species", false,
     "Z00044.102545.104035 Bacteria;Cyanobacteria;Cyanobacteriia;Chloroplast;Nicotiana tabacum", 0,
     "order=Chloroplast;genus=;species=Nicotiana tabacum"},
    {"SILVA, a eukaryote", TX_LABELLED_AUTO, "domain,phylum,species", false,
     "AY846379.1.1791 Eukaryota;Archaeplastida;Chloroplastida;Chlorophyta;Chlorophyceae;Sphaeropleales;"
     "Monoraphidium;Monoraphidium;Monoraphidium minutum",
     0, "domain=Eukaryota;phylum=;species=Monoraphidium minutum"},
    {"MIDORI2, BLAST", TX_LABELLED_AUTO, NULL, false,
     "MG559732.1.<1.>690###root_1;Eukaryota_2759;Discosea_555280;Flabellinia_1485085;"
     "order_Vannellidae_95227;Vannellidae_95227;Clydonella_218657;Clydonella sawyeri_2201168",
     2201168,
     "kingdom=Eukaryota;phylum=Discosea;class=Flabellinia;order=;family=Vannellidae;genus=Clydonella;"
     "species=Clydonella sawyeri"},
    {"MIDORI2, RDP", TX_LABELLED_AUTO, "family,species", false,
     "KY290222.1.<1.>1539\troot_1;Eukaryota_2759;Chordata_7711;Actinopteri_186623;Perciformes_8111;"
     "Serranidae_8214;Epinephelus_94232;Epinephelus coioides_94237",
     94237, "family=Serranidae;species=Epinephelus coioides"},
    {"MIDORI2, SINTAX", TX_LABELLED_AUTO, NULL, false,
     "KY290222.1.1.1539;tax=k:Eukaryota_2759,p:Chordata_7711,g:Epinephelus_94232,s:Epinephelus "
     "coioides_94237",
     94237, "kingdom=Eukaryota;phylum=Chordata;genus=Epinephelus;species=Epinephelus coioides"},
    {"MIDORI of 2018", TX_LABELLED_AUTO, "kingdom,phylum,species", false,
     "AF382008\troot;Eukaryota;Chordata;Homo sapiens", 0,
     "kingdom=Eukaryota;phylum=Chordata;species=Homo sapiens"},
    {"kraken", TX_LABELLED_AUTO, NULL, true, "kraken:taxid|63221|NC_011137.1 Neanderthal", 63221, HUMAN},
    {"kraken, behind the id", TX_LABELLED_AUTO, "subfamily,subspecies", true,
     "NC_011137.1|kraken:taxid|63221", 63221, "subfamily=Homininae;subspecies=Homo sapiens neanderthalensis"},
    {"NCBI, a taxid in brackets", TX_LABELLED_AUTO, NULL, true, "NC_012920.1 [organism=Homo] [taxid=9606]",
     9606, HUMAN},
    {"a taxid alone", TX_LABELLED_TAXID, NULL, true, "AB1|9606|COI", 9606, HUMAN},
    {"a taxid that was merged", TX_LABELLED_AUTO, "genus", true, "AB1 taxid=741158;", 741158, "genus=Homo"},
    {"OBITools", TX_LABELLED_AUTO, NULL, false,
     "AB1 taxid=9606; family=9604; family_name=Hominidae; genus=9605; genus_name=Homo; rank=species; "
     "species_name=Homo sapiens; scientific_name=Homo sapiens; Human mitochondrion; complete",
     9606, "family=Hominidae;genus=Homo;species=Homo sapiens"},
    {"OBITools with a taxdump", TX_LABELLED_AUTO, NULL, true, "AB1 taxid=9606; species_name=Homo;", 9606,
     HUMAN},
    {"OBITools 4", TX_LABELLED_AUTO, NULL, false,
     "AB1 {\"count\":2,\"family_name\":\"Hominidae\",\"family_taxid\":\"taxon:9604 [Hominidae]@family\","
     "\"genus_name\":\"NA\",\"species_name\":\"Homo \\u0073apiens\",\"taxid\":\"taxon:9606 [Homo "
     "sapiens]@species\"}",
     9606, "family=Hominidae;genus=;species=Homo sapiens"},
    {"OBITools 4 with a taxdump", TX_LABELLED_AUTO, NULL, true,
     "AB1 {\"family_taxid\":\"taxon:9604 [H]@f\","
     "\"taxid\":9606}",
     9606, HUMAN},
    {"CRABS, SINTAX", TX_LABELLED_AUTO, NULL, false,
     "KY1;tax=d:Eukaryota,p:Chordata,c:Mammalia,o:Primates,f:Hominidae,g:Homo,s:Homo_sapiens", 0,
     "domain=Eukaryota;phylum=Chordata;class=Mammalia;order=Primates;family=Hominidae;genus=Homo;"
     "species=Homo_sapiens"},
    {"CRABS, RDP", TX_LABELLED_AUTO, "superkingdom,phylum,class,order,family,genus,species", false,
     "KY1\troot;Eukaryota;Chordata;Mammalia;Primates;Hominidae;NA;Homo_sapiens", 0,
     "superkingdom=Eukaryota;phylum=Chordata;class=Mammalia;order=Primates;family=Hominidae;genus=;"
     "species=Homo_sapiens"},
    {"a prefix that is not known", TX_LABELLED_AUTO, NULL, false, "X|k__Fungi;xyz__B;g__Tuber|y", 0,
     "kingdom=Fungi;genus=Tuber"},
};

static tx_labelled *open_text(const char *text, const tx_labelled_options *options, tx_status expected,
                              tx_error *error)
{
  tx_labelled *reader;
  tx_input *input;
  tx_status status;
  assert_int_equal(tx_input_open_memory("x.fasta", text, strlen(text), &input, error), TX_OK);
  status = tx_labelled_open_inputs(input, "x.fasta", NULL, options, &reader, error);
  if (status != expected) fail_msg("status %d: %s", (int)status, status ? error->message : "");
  return reader;
}

static void describe(const tx_labelled *reader, const tx_labelled_record *record, char *text, size_t size)
{
  size_t used = 0;
  text[0] = '\0';
  for (size_t r = 0; r < tx_labelled_rank_count(reader); r++)
    used += (size_t)snprintf(text + used, size - used, "%s%s=%s", r ? ";" : "",
                             tx_labelled_rank_name(reader, r), record->taxa[r] ? record->taxa[r] : "");
}

static void put_taxdump(input_files *files)
{
  input_files_create(files);
  input_files_text(files, "nodes.dmp", nodes);
  input_files_text(files, "names.dmp", names);
  input_files_text(files, "merged.dmp", merged);
  input_files_text(files, "delnodes.dmp", deleted);
}

static void test_styles(void **state)
{
  input_files files;
  (void)state;
  put_taxdump(&files);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const style_case *row = &cases[i];
    const tx_labelled_options options = {
        .format = row->format, .ranks = row->ranks, .taxdump = row->taxdump ? files.folder : NULL};
    char text[1000], got[1000];
    tx_labelled_record record;
    tx_labelled *reader;
    tx_error error;
    snprintf(text, sizeof text, ">%s\nACGTACGT\n", row->header);
    reader = open_text(text, &options, TX_OK, &error);
    if (tx_labelled_next(reader, &record, &error) != TX_OK) fail_msg("%s: %s", row->style, error.message);
    describe(reader, &record, got, sizeof got);
    if (strcmp(got, row->wanted) != 0) fail_msg("%s: %s", row->style, got);
    assert_int_equal(record.taxid, row->taxid);
    tx_labelled_close(reader);
  }
  input_files_remove(&files);
}

/* Headers that are of a style and are refused, with what the message says. */
static void test_refusals(void **state)
{
  static const struct {
    tx_labelled_format format;
    const char *ranks, *header, *message;
  } rows[] = {
      {TX_LABELLED_AUTO, NULL, "A taxid=9606;",
       "\"A\": the header has a taxid (9606) and no names: they need"},
      {TX_LABELLED_AUTO, NULL, "A {\"taxid\":9606}", "\"A\": the header has a taxid (9606) and no names"},
      {TX_LABELLED_AUTO, NULL, "A {\"taxid\":9606,}", "\"A\": bad header: JSON"},
      {TX_LABELLED_AUTO, NULL, "A {\"a_name\":1,\"genus_name\":\"X\",\"genus_name\":\"Y\"}", "occurs twice"},
      {TX_LABELLED_AUTO, NULL, "A genus_name=X; genus_name=Y;",
       "\"A\": bad lineage: rank 'genus' occurs twice"},
      {TX_LABELLED_AUTO, NULL, "A Lineage=Root;rootrank;Bacteria", "bad lineage: no rank follows 'Bacteria'"},
      {TX_LABELLED_AUTO, NULL, "A Lineage=A;genus;B;genus", "bad lineage: rank 'genus' occurs twice"},
      {TX_LABELLED_AUTO, NULL, "A|k__Fungi;Ascomycota", "'Ascomycota' has no rank prefix"},
      {TX_LABELLED_TAXID, NULL, "A b", "no taxid in the header, expected 'kraken:taxid|9606'"},
      {TX_LABELLED_SPECIES, NULL, "A", "no name behind the id"},
      {TX_LABELLED_MIDORI, NULL, "A k__B", "expected 'root_1;'"},
      {TX_LABELLED_MIDORI, NULL, "A root_1;A;B;C;D;E;F;G;H", "expected 'root_1;'"},
      {TX_LABELLED_SILVA, NULL, "A Bacteria;B", "expected 'ACCESSION.START.STOP Bacteria;"},
      {TX_LABELLED_RDP, NULL, "A Root;B", "expected 'Lineage=Root;rootrank;"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const tx_labelled_options options = {.format = rows[i].format, .ranks = rows[i].ranks};
    char text[200];
    tx_error error;
    snprintf(text, sizeof text, ">%s\nACGT\n", rows[i].header);
    open_text(text, &options, TX_ERROR_DATA, &error);
    if (!strstr(error.message, rows[i].message)) fail_msg("%s: %s", rows[i].header, error.message);
    assert_int_equal(error.line, 1);
  }
}

typedef struct warnings {
  char text[1000];
} warnings;

static void take_warning(void *context, const char *line)
{
  warnings *all = context;
  const size_t used = strlen(all->text);
  snprintf(all->text + used, sizeof all->text - used, "%s\n", line);
}

/* What was left aside and which taxids are not there is told once, at the end. */
static void test_warnings(void **state)
{
  static const char text[] =
      ">A taxid=9606; genus_name=Homo;\nAC\n>B taxid=741158;\nAC\n>C taxid=77;\nAC\n>D taxid=88;\nAC\n"
      ">E taxid=99;\nAC\n>F taxid=88; genus_name=Pan;\nAC\n";
  static const char *const genera[] = {"Homo", "Homo", NULL, NULL, NULL, "Pan"};
  input_files files;
  warnings all = {""};
  tx_labelled_options options = {.hooks = {.warn = take_warning, .context = &all}};
  tx_labelled_record record;
  tx_labelled *reader;
  tx_error error;
  (void)state;
  put_taxdump(&files);
  options.taxdump = files.folder;
  reader = open_text(text, &options, TX_OK, &error);
  for (size_t i = 0; i < sizeof genera / sizeof *genera; i++) {
    assert_int_equal(tx_labelled_next(reader, &record, &error), TX_OK);
    assert_true(!record.taxa[6] == !genera[i] && (!genera[i] || !strcmp(record.taxa[6], genera[i])));
  }
  assert_string_equal(all.text, "");
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_END);
  assert_int_equal(tx_labelled_next(reader, &record, &error), TX_END);
  assert_string_equal(
      all.text, "1 records have a taxid that was merged into another since: they get its names; the "
                "first is 741158\n"
                "1 records have a taxid that was deleted: they keep the names of their header, if it has "
                "any; the first is 77\n"
                "3 records have a taxid that is not in the taxdump: they keep the names of their header, "
                "if it has any; the first is 88\n");
  tx_labelled_close(reader);
  input_files_remove(&files);
  all.text[0] = '\0';
  options.taxdump = NULL;
  reader = open_text(">A|k__B;x__C;yy__D\nAC\n>B|k__B;z__\nAC\n", &options, TX_OK, &error);
  while (tx_labelled_next(reader, &record, &error) == TX_OK) {
  }
  assert_string_equal(all.text, "3 fields of lineages are left aside, because their rank is not known; the "
                                "first is 'x__C'\n");
  tx_labelled_close(reader);
}

/* A file of lineages beside the FASTA may be of any style that needs no id. */
static void test_taxonomy_file(void **state)
{
  static const struct {
    const char *ranks, *line, *wanted;
  } rows[] = {
      {NULL, "A\tk:Animalia,g:Homo", NULL},
      {NULL, "A\ttax=k:Animalia,g:Homo", "kingdom=Animalia;genus=Homo"},
      {NULL, "A\td__Bacteria;k__X;s__Escherichia coli_D x",
       "domain=Bacteria;kingdom=X;species=Escherichia "
       "coli_D x"},
      {"domain,phylum,class", "A\tBacteria;Firmicutes", "domain=Bacteria;phylum=Firmicutes;class="},
      {"domain,clan", "A\tBacteria;X;", "domain=Bacteria;clan=X"},
      {NULL, "A\troot_1;Eukaryota_2759;Chordata_7711;C_1;O_2;F_3;Homo_9605;Homo sapiens_9606",
       "kingdom=Eukaryota;phylum=Chordata;class=C;order=O;family=F;genus=Homo;species=Homo sapiens"},
      {"genus,species", "A\t9606", "genus=Homo;species=Homo sapiens"},
      {"genus,species", "accession\ttaxid\nA\ttaxon:9606", "genus=Homo;species=Homo sapiens"},
  };
  input_files files;
  (void)state;
  put_taxdump(&files);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const tx_labelled_options options = {
        .ranks = rows[i].ranks, .taxonomy_file = "t.tsv", .taxdump = i > 5 ? files.folder : NULL};
    char got[300];
    tx_labelled_record record;
    tx_labelled *reader;
    tx_input *input, *taxonomy;
    tx_error error;
    tx_status status;
    assert_int_equal(tx_input_open_memory("x", ">A b\nACGT\n", 10, &input, &error), TX_OK);
    assert_int_equal(tx_input_open_memory("t.tsv", rows[i].line, strlen(rows[i].line), &taxonomy, &error),
                     TX_OK);
    status = tx_labelled_open_inputs(input, "x", taxonomy, &options, &reader, &error);
    if (!rows[i].wanted) {
      assert_int_equal(status, TX_ERROR_DATA);
      continue;
    }
    if (status != TX_OK || tx_labelled_next(reader, &record, &error) != TX_OK) fail_msg("%s", error.message);
    describe(reader, &record, got, sizeof got);
    assert_string_equal(got, rows[i].wanted);
    tx_labelled_close(reader);
  }
  input_files_remove(&files);
}

/* Tables of CRABS have no header line; others keep theirs. */
static void test_crabs(void **state)
{
  static const char *const lines[] = {
      "OP1\t302098\tEukaryota\tChordata\tMammalia\tNA\tBalaenidae\tEubalaena\tEubalaena_japonica\t"
      "ACGTACGTACGTACGTACGTN\n",
      "OP1\tEubalaena japonica\t302098\tEukaryota\tChordata\tMammalia\tNA\tBalaenidae\tEubalaena\t"
      "Eubalaena_japonica\tACGTACGTACGTACGTACGTN\n",
  };
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    char text[600], got[300];
    tx_labelled_record record;
    tx_labelled *reader;
    tx_error error;
    snprintf(text, sizeof text, "%s%s", lines[i], lines[i]);
    reader = open_text(text, NULL, TX_OK, &error);
    for (size_t k = 1; k <= 2; k++) {
      assert_int_equal(tx_labelled_next(reader, &record, &error), TX_OK);
      assert_string_equal(record.record.id, "OP1");
      assert_string_equal(record.record.bases, "ACGTACGTACGTACGTACGTN");
      assert_int_equal(record.record.line, k);
      assert_int_equal(record.record.number, k);
      describe(reader, &record, got, sizeof got);
      assert_string_equal(got,
                          "superkingdom=Eukaryota;phylum=Chordata;class=Mammalia;order=;family=Balaenidae;"
                          "genus=Eubalaena;species=Eubalaena_japonica");
    }
    assert_int_equal(tx_labelled_next(reader, &record, &error), TX_END);
    tx_labelled_close(reader);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_styles),        cmocka_unit_test(test_refusals), cmocka_unit_test(test_warnings),
      cmocka_unit_test(test_taxonomy_file), cmocka_unit_test(test_crabs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
