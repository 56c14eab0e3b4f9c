/* The reader on BAM, made here by the SAM specification, and on BAM and CRAM that samtools has made. */
#include "unit/seq_files.h"

#include "base/bytes.h"
#include "seq/reads.h"

static void put(tx_bytes *bam, uint32_t value, size_t count)
{
  for (size_t i = 0; i < count; i++) tx_bytes_append(bam, &(char){(char)(value >> 8 * i & 255)}, 1);
}

static void put_header(tx_bytes *bam)
{
  tx_bytes_append(bam, "BAM\1", 4);
  put(bam, 4, 4);
  tx_bytes_append(bam, "@CO\n", 4);
  put(bam, 1, 4);
  put(bam, 4, 4);
  tx_bytes_append(bam, "ref", 4);
  put(bam, 1000, 4);
}

/* Appends a read with so many operations of its alignment, and a tag. */
static void put_read(tx_bytes *bam, const char *name, unsigned flags, size_t operations, const char *bases)
{
  static const char letters[] = "=ACMGRSVTWYHKDBN";
  const size_t count = strlen(bases), name_size = strlen(name) + 1;
  put(bam, (uint32_t)(32 + name_size + 4 * operations + (count + 1) / 2 + count + 4), 4);
  put(bam, 0, 4);
  put(bam, 7, 4);
  put(bam, (uint32_t)name_size, 1);
  put(bam, 60, 1);
  put(bam, 0, 2);
  put(bam, (uint32_t)operations, 2);
  put(bam, flags, 2);
  put(bam, (uint32_t)count, 4);
  put(bam, 0, 4);
  put(bam, 0, 4);
  put(bam, 0, 4);
  tx_bytes_append(bam, name, name_size);
  for (size_t i = 0; i < operations; i++) put(bam, 16, 4);
  for (size_t i = 0; i < count; i += 2) {
    const size_t first = (size_t)(strchr(letters, bases[i]) - letters),
                 second = bases[i + 1] ? (size_t)(strchr(letters, bases[i + 1]) - letters) : 0;
    put(bam, (uint32_t)(first << 4 | second), 1);
  }
  for (size_t i = 0; i < count; i++) put(bam, 0xFF, 1);
  tx_bytes_append(bam, "XYA!", 4);
}

static void reads_bam(void **state)
{
  static const size_t sizes[] = {1, 2, 7, 64, 65536};
  tx_bytes bam = {0};
  char out[4096];
  (void)state;
  put_header(&bam);
  put_read(&bam, "a;size=3", 4, 0, "ACGTN=MRWSYKVHDB");
  put_read(&bam, "p", 77, 0, "ACG");
  put_read(&bam, "p", 141, 0, "T");
  put_read(&bam, "odd", 0x1 | 0x40 | 0x80, 0, "A"); /* in the middle of a template */
  put_read(&bam, "minus", 16, 3, "ACGTMRN");
  put_read(&bam, "minus", 256, 1, "AC");
  put_read(&bam, "minus", 2048 | 16, 1, "AC");
  put_read(&bam, "", 4, 0, "AC");
  put_read(&bam, "none", 4, 0, "");
  for (packing how = PLAIN; how <= BGZIP; how++)
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
      tx_error error = {0};
      if (read_text(bam.data, bam.size, how, sizes[i], out, sizeof out, &error) != TX_END)
        fail_msg("%s", error.message);
      assert_string_equal(out, "a;size=3||ACGTNNMRWSYKVHDB|0|1;p/1||ACG|0|2;p/2||T|0|3;odd||A|0|4;"
                               "minus||NYKACGT|0|5;*||AC|0|8;none|||0|9;");
    }
  tx_bytes_free(&bam);
}

static void take_warning(void *context, const char *line)
{
  snprintf(context, 200, "%s", line);
}

/* Long reads come in pieces, and no more of them is kept than is asked for, on either strand. */
static void limits_long_reads(void **state)
{
  enum { LENGTH = 20001, FIRST = 100, LAST = 60 };
  tx_bytes bam = {0}, bases = {0};
  char path[512], warning[200] = "";
  const char *paths[1];
  const tx_input_hooks hooks = {.warn = take_warning, .context = warning};
  (void)state;
  for (size_t i = 0; i < LENGTH; i++) tx_bytes_append(&bases, &"ACGGTTTAC"[i * i % 9], 1);
  put_header(&bam);
  put_read(&bam, "plus", 4, 0, bases.data);
  put_read(&bam, "minus", 16, 0, bases.data);
  put_read(&bam, "again", 256, 0, bases.data);
  paths[0] = path_of(path, "long.bam");
  write_file(path, bam.data, bam.size, BGZIP);
  for (size_t limited = 0; limited < 2; limited++) {
    tx_reader *reader;
    tx_record record;
    tx_error error = {0};
    assert_int_equal(tx_reader_open(paths, 1, &hooks, &reader, &error), TX_OK);
    if (limited) tx_reader_limit(reader, FIRST, LAST);
    for (int strand = 0; strand < 2; strand++) {
      const size_t kept = limited ? FIRST + LAST : LENGTH;
      assert_int_equal(tx_reader_next(reader, &record, &error), TX_OK);
      assert_int_equal(record.base_count, kept);
      assert_int_equal(record.omitted, LENGTH - kept);
      for (size_t i = 0; i < kept; i++) {
        const size_t at = limited && i >= FIRST ? LENGTH - LAST + (i - FIRST) : i;
        const char stored = bases.data[strand ? LENGTH - 1 - at : at];
        const char wanted = strand ? "TGCA"[strchr("ACGT", stored) - "ACGT"] : stored;
        if (record.bases[i] != wanted) fail_msg("base %zu of strand %d is %c", i, strand, record.bases[i]);
      }
    }
    assert_int_equal(tx_reader_next(reader, &record, &error), TX_END);
    assert_non_null(strstr(warning, "long.bam: 1 secondary and supplementary alignments were left out"));
    tx_reader_close(reader);
  }
  assert_int_equal(unlink(path), 0);
  tx_bytes_free(&bam);
  tx_bytes_free(&bases);
}

static void expect_damage(const char *data, size_t size, const char *words)
{
  char out[4096];
  tx_error error = {0};
  assert_int_equal(read_text(data, size, PLAIN, 64, out, sizeof out, &error), TX_ERROR_DATA);
  if (!strstr(error.message, words)) fail_msg("%s", error.message);
}

static void refuses_damaged_bam(void **state)
{
  tx_bytes bam = {0};
  size_t start, boundary;
  (void)state;
  put_header(&bam);
  start = bam.size;
  put_read(&bam, "a", 4, 1, "ACGT");
  boundary = bam.size;
  put_read(&bam, "b", 4, 1, "ACGT");
  for (size_t cut = 5; cut < bam.size; cut++) {
    char out[4096];
    tx_error error = {0};
    const tx_status status = read_text(bam.data, cut, PLAIN, 64, out, sizeof out, &error);
    if (status != (cut == start || cut == boundary ? TX_END : TX_ERROR_DATA)) fail_msg("cut at %zu", cut);
    if (status != TX_END)
      assert_non_null(strstr(error.message, "truncated or corrupt BAM data: it ends too early"));
  }
  bam.data[start] = 43; /* of the record, less than its parts */
  expect_damage(bam.data, bam.size,
                "input: record 1: truncated or corrupt BAM data: lengths that contradict each other");
  bam.data[start + 3] = (char)0x80;
  expect_damage(bam.data, bam.size, "lengths that contradict");
  bam.data[start] = 32 + 2 + 4 + 2 + 4 + 4;
  bam.data[start + 3] = 0;
  bam.data[start + 4 + 32 + 1] = 'x'; /* the NUL of the name */
  expect_damage(bam.data, bam.size, "a name without its end");
  bam.data[start + 4 + 32 + 1] = bam.data[start + 4 + 32] = '\0';
  expect_damage(bam.data, bam.size, "a name without its end");
  bam.data[start + 4 + 32] = '\t';
  expect_damage(bam.data, bam.size, "byte 0x09 in the name of a read");
  bam.data[start + 4 + 32] = 'a';
  bam.data[start + 4 + 16 + 3] = (char)0xFF; /* of the bases */
  expect_damage(bam.data, bam.size, "lengths that contradict");
  bam.data[7] = (char)0xFF; /* of the header */
  expect_damage(bam.data, bam.size, "a length is negative");
  tx_bytes_free(&bam);
}

static char *read_corpus(const char *name, size_t *ret_size)
{
  char path[1024], *data = malloc(65536);
  FILE *file;
  snprintf(path, sizeof path, "%s/fuzz/corpus/reader/%s", TX_TESTS_DIR, name);
  file = fopen(path, "rb");
  assert_non_null(file);
  assert_non_null(data);
  *ret_size = fread(data, 1, 65536, file);
  fclose(file);
  return data;
}

/* The same reads in each format. */
static void reads_files_of_samtools(void **state)
{
  static const char *const names[] = {"unaligned.bam", "unaligned_raw.bam", "unaligned.cram",
                                      "unaligned_3_1.cram"};
  char first[8192], out[8192];
  (void)state;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    for (size_t buffer = 1; buffer < 70000; buffer *= 37) {
      size_t size;
      char *data = read_corpus(names[i], &size);
      tx_error error = {0};
      if (read_text(data, size, PLAIN, buffer, out, sizeof out, &error) != TX_END)
        fail_msg("%s: %s", names[i], error.message);
      if (!i && buffer == 1) memcpy(first, out, sizeof out);
      assert_string_equal(out, first);
      free(data);
    }
  assert_int_equal(strncmp(first, "query01||TTTGCTGCTATA", 21), 0);
  assert_non_null(strstr(first, ";query02;size=7||"));
  assert_non_null(strstr(first, ";pair/1||"));
  assert_non_null(strstr(first, ";pair/2||"));
  assert_non_null(strstr(first, ";nothing|||0|5;"));
}

/* A changed or missing byte of CRAM, which has checksums, is found or makes no difference. */
static void refuses_damaged_cram(void **state)
{
  size_t size, found = 0;
  char *data = read_corpus("unaligned.cram", &size), whole[8192], out[8192];
  tx_error error = {0};
  (void)state;
  assert_int_equal(read_text(data, size, PLAIN, 65536, whole, sizeof whole, &error), TX_END);
  for (size_t i = 5; i < size; i++) {
    tx_status status = read_text(data, i, PLAIN, 65536, out, sizeof out, &error);
    /* between two containers: a warning tells */
    if (status == TX_END && strncmp(out, whole, strlen(out)) != 0) fail_msg("cut at %zu", i);
    found += status == TX_ERROR_DATA;
    data[i] ^= 1;
    status = read_text(data, size, PLAIN, 65536, out, sizeof out, &error);
    if (status != TX_ERROR_DATA && (status != TX_END || strcmp(out, whole) != 0))
      fail_msg("byte %zu: %d %s", i, (int)status, error.message);
    data[i] ^= 1;
  }
  assert_true(found + 8 > size - 5);
  free(data);
}

static void refuses_other_cram(void **state)
{
  static const char *const names[] = {"aligned.cram", "aligned_several.cram"};
  char out[8192];
  size_t size;
  char *data;
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    data = read_corpus(names[i], &size);
    expect_damage(data, size, "record 1: the reads of this CRAM file are aligned, and their bases are in the "
                              "reference sequence: samtools fastq --reference REFERENCE FILE");
    free(data);
  }
  data = read_corpus("unaligned.cram", &size);
  data[4] = 2;
  expect_damage(data, size, "CRAM of version 2.0, only 3.0 and 3.1 can be read: samtools fastq FILE");
  free(data);
  data = read_corpus("aligned.bam", &size);
  assert_int_equal(read_text(data, size, PLAIN, 65536, out, sizeof out, &(tx_error){0}), TX_END);
  assert_int_equal(strncmp(out, "plus||TTTGCTGCTATA", 18), 0);
  assert_non_null(strstr(out, ";minus||"));
  assert_non_null(strstr(out, "|0|2;loose||"));
  free(data);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_bam),
      cmocka_unit_test(limits_long_reads),
      cmocka_unit_test(refuses_damaged_bam),
      cmocka_unit_test(reads_files_of_samtools),
      cmocka_unit_test(refuses_damaged_cram),
      cmocka_unit_test(refuses_other_cram),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
