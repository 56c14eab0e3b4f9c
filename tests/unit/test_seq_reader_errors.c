/* The FASTA/FASTQ reader on everything it must refuse: the kind of error, its place, and words that help. */
#include "unit/seq_files.h"

#include <sys/stat.h>

typedef struct bad_case {
  const char *text;
  size_t size; /* 0: strlen(text) */
  int line, record;
  const char *words;   /* in the message */
  const char *records; /* read before */
} bad_case;

static const bad_case bad_cases[] = {
    {"ACGT\n", 0, 1, 0, "text before the first '>' or '@': expected FASTA or FASTQ, found 'A'", ""},
    {"\n\nACGT\n>a\nAC\n", 0, 3, 0, "text before the first '>' or '@'", ""},
    {";old\n>a\nAC\n", 0, 1, 0, "text before the first", ""},
    {"\xef\xbb>a\nAC\n", 0, 1, 0, "binary data", ""},
    {"\0\0\0\0", 4, 1, 0, "binary data (byte 0x00)", ""},
    {"\x7f"
     "ELF",
     0, 1, 0, "binary data (byte 0x7f)", ""},
    {"\xff\xfe>\0a\0", 6, 1, 0, "UTF-16 text", ""},
    {"BZh91AX&SY", 0, 1, 0, "text before the first '>' or '@': expected FASTA or FASTQ, found 'B'", ""},
    {"\xfd\x37zXY\0\0", 7, 1, 0, "binary data (byte 0xfd): expected FASTA, FASTQ, BAM or CRAM", ""},
    {"CRAM text", 0, 1, 0, "text before the first '>' or '@': expected FASTA or FASTQ, found 'C'", ""},
    {"BAM", 0, 1, 0, "text before the first '>' or '@': expected FASTA or FASTQ, found 'B'", ""},
    {"PK\x03\x04....", 0, 1, 0, "zip archive", ""},
    {">", 0, 1, 1, "record 1: a record without a name", ""},
    {">\nAC\n", 0, 1, 1, "a record without a name", ""},
    {">a\nAC\n> \t\nAC\n", 0, 3, 2, "a record without a name", "a||AC|1|1;"},
    {"@\nAC\n+\nII\n", 0, 1, 1, "a record without a name", ""},
    {">a\0b\nAC\n", 8, 1, 1, "byte 0x00 in the header line", ""},
    {">a\x1b[0m\nAC\n", 0, 1, 1, "byte 0x1b in the header line", ""},
    {">a\rACGT\r>b\rAC\r", 0, 1, 1, "carriage return inside the header", ""},
    {">a\nAC\n>b c\nGT\nMKE\n", 0, 5, 2,
     "record 2: \"b\": 'E' is no nucleotide letter: this looks like "
     "protein",
     "a||AC|1|1;"},
    {">a\nAC*\n", 0, 2, 1, "'*' is no nucleotide letter: this looks like protein", ""},
    {">a\nACl\n", 0, 2, 1, "'l' is no nucleotide letter: this looks like protein", ""},
    {">a\nAC1\n", 0, 2, 1, "'1' is no nucleotide letter (ACGTU", ""},
    {">a\nAC\n@b\n", 0, 3, 1, "'@' is no nucleotide letter", ""},
    {">a\nAC\n >b\nAC\n", 0, 3, 1, "'>' is no nucleotide letter", ""},
    {">a\nA\0C\n", 7, 2, 1, "byte 0x00: this looks like binary data", ""},
    {">a\nA\xc3\xa9"
     "C\n",
     0, 2, 1, "byte 0xc3: this looks like binary data", ""},
    {">a\nACGTACGTACGTIAC\n>b\nACGTACGT\nACGTIIAC\nACGEACGL\n", 0, 5, 2, "looks like protein",
     "a||ACGTACGTACGTNAC|1|1;"},
    {">a\nAC?!?!\n>b\nAC#\n", 0, 4, 2, "'#' is no nucleotide letter", "a||ACNNNN|1|1;"},
    {"@a\nACG?TACGTACGTIACG\n+\nIIIIIIIIIIIIIIIII\n@b\nACGEFACG\n+\nIIIIIIII\n", 0, 6, 2,
     "looks like protein", "a||ACGNTACGTACGTNACG|1|1;"},
    {">a\x7f\nAC\n", 0, 1, 1, "a control character in the header line", ""},
    {">a b\xc2\x85\nAC\n", 0, 1, 1, "a control character in the header line", ""},
    {"@a\nACGT\n+\nIII\n", 0, 4, 1, "\"a\": quality and sequence differ in length: 3 characters for 4 bases",
     ""},
    {"@a\nACGT\n+\nIII\n@b\nA\n+\nI\n", 0, 4, 1, "3 characters for 4 bases", ""},
    {"@a\nACGT\n+\nI\n@b\nA\n+\nI\n", 0, 4, 1, "1 characters for 4 bases", ""},
    {"@a\nA\n+\nI\n@b\nACGT\n+\nIIIII\n@c\nA\n+\nI\n", 0, 8, 2, "for 4 bases", "a||A|1|1;"},
    {"@a\nACGT\n+\n", 0, 3, 1, "0 characters for 4 bases", ""},
    {"@a\nACGT\n+", 0, 3, 1, "0 characters for 4 bases", ""},
    {"@a\nACG\nTAC\n+\nIII\nI\n", 0, 6, 1, "4 characters for 6 bases", ""},
    {"@a\nACG\nTAC\n+\nIII\nIIII\n", 0, 6, 1, "for 6 bases", ""},
    {"@a\nACGT\n", 0, 2, 1, "no '+' line", ""},
    {"@a", 0, 1, 1, "no '+' line", ""},
    {"@a\nACGT\n@b\nA\n+\nI\n", 0, 3, 1, "'@' is no nucleotide letter", ""},
    {"@a\n\n+\nI\n", 0, 4, 1, "expected a line that starts with '@'", "a|||1|1;"},
    {"@a\nA\n+\nI\nI\n", 0, 5, 1, "expected a line that starts with '@'", "a||A|1|1;"},
    {"@a\nA\n+\nI\n>b\nA\n", 0, 5, 1, "expected a line that starts with '@'", "a||A|1|1;"},
    {"@a\nAC\n+\nI\0\n", 11, 4, 1, "byte 0x00 in the quality", ""},
    {"@a\nAC\n+\nI\xff\n", 0, 4, 1, "byte 0xff in the quality", ""},
    {"@HD\tVN:1.6\n@SQ\tSN:x\n", 0, 2, 1, "'@' is no nucleotide letter", ""},
};

static void empty_texts_have_no_records(void **state)
{
  static const char *const texts[] = {"", "\n\r\n \t\n", "\xef\xbb\xbf", "\xef\xbb\xbf\r\n"};
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    for (packing how = PLAIN; how <= BGZIP; how++) {
      char out[512];
      tx_error error = {0};
      assert_int_equal(read_text(texts[i], strlen(texts[i]), how, 65536, out, sizeof out, &error), TX_END);
      assert_string_equal(out, "");
    }
}

static void refuses_bad_text(void **state)
{
  static const size_t sizes[] = {64, 65536, 16, 1, 2, 3, 5};
  (void)state;
  for (size_t i = 0; i < sizeof bad_cases / sizeof bad_cases[0]; i++) {
    const bad_case *bad = &bad_cases[i];
    size_t size = bad->size ? bad->size : strlen(bad->text);
    for (packing how = PLAIN; how <= BGZIP; how++)
      for (size_t j = 0; j < sizeof sizes / sizeof sizes[0]; j++) {
        char out[512], place[64];
        tx_error error = {0};
        bool needs_buffer = !strncmp(bad->words, "UTF-16", 6) ||
                            strstr(bad->words, "zip archive"); /* named by several first bytes */
        if (needs_buffer && sizes[j] < 16) continue;
        assert_int_equal(read_text(bad->text, size, how, sizes[j], out, sizeof out, &error), TX_ERROR_DATA);
        assert_int_equal(error.code, TX_ERROR_DATA);
        if (!strstr(error.message, bad->words)) fail_msg("case %zu: %s", i, error.message);
        if ((int)error.line != bad->line || (int)error.record != bad->record)
          fail_msg("case %zu, place: %s", i, error.message);
        snprintf(place, sizeof place, bad->line ? "/input:%d: " : "/input: ", bad->line);
        assert_non_null(strstr(error.message, place));
        assert_string_equal(out, bad->records);
      }
  }
}

static void refuses_paths(void **state)
{
  char path[512], out[64];
  const char *paths[2];
  tx_error error = {0};
  (void)state;
  paths[0] = path_of(path, "missing.fasta");
  assert_int_equal(read_records(paths, 1, 65536, out, sizeof out, &error), TX_ERROR_IO);
  assert_non_null(strstr(error.message, "missing.fasta"));
  paths[0] = seq_folder;
  assert_int_equal(read_records(paths, 1, 65536, out, sizeof out, &error), TX_ERROR_IO);
  assert_non_null(strstr(error.message, "directory"));
  paths[0] = path_of(path, "unreadable");
  write_file(path, ">a\nA\n", 5, PLAIN);
  assert_int_equal(chmod(path, 0), 0);
  if (geteuid() != 0) {
    assert_int_equal(read_records(paths, 1, 65536, out, sizeof out, &error), TX_ERROR_IO);
    assert_non_null(strstr(error.message, "unreadable"));
  }
  assert_int_equal(chmod(path, 0600), 0);
  /* The second of two files is missing: found after the records of the first. */
  paths[1] = "/nonexistent/second.fasta";
  assert_int_equal(read_records(paths, 2, 65536, out, sizeof out, &error), TX_ERROR_IO);
  assert_string_equal(out, "a||A|1|1;");
  assert_non_null(strstr(error.message, "second.fasta"));
  /* An empty file has no records. */
  paths[1] = "/dev/null";
  assert_int_equal(read_records(paths, 2, 65536, out, sizeof out, &error), TX_END);
  assert_string_equal(out, "a||A|1|1;");
  assert_int_equal(unlink(path), 0);
}

static size_t file_bytes(const char *path, unsigned char *data, size_t capacity)
{
  FILE *file = fopen(path, "rb");
  size_t size;
  assert_non_null(file);
  size = fread(data, 1, capacity, file);
  assert_true(size > 0 && size < capacity);
  assert_int_equal(fclose(file), 0);
  return size;
}

/* Reads all records; the status of the end, their number and a checksum of their text. */
static tx_status last_status(const char *path, size_t *records, uLong *checksum, tx_error *error)
{
  const char *paths[1] = {path};
  tx_reader *reader = NULL;
  tx_record record;
  tx_status status = tx_reader_open(paths, 1, NULL, &reader, error);
  *records = 0;
  *checksum = 0;
  while (status == TX_OK && (status = tx_reader_next(reader, &record, error)) == TX_OK) {
    ++*records;
    *checksum = crc32_z(*checksum, (const Bytef *)record.id, record.id_length + 1);
    *checksum = crc32_z(*checksum, (const Bytef *)record.bases, record.base_count + 1);
  }
  tx_reader_close(reader);
  return status;
}

/* Every cut of a compressed file is an error. So is a flipped bit, unless it does not change what is packed
   (one copy of a repeated word taken for another); then all records are as before. */
static void refuses_damaged_gzip(void **state)
{
  enum { RECORDS = 400, CAPACITY = 1 << 17 };
  char *text = malloc(RECORDS * 100), path[512];
  unsigned char *packed = malloc(CAPACITY);
  size_t length = 0, records;
  (void)state;
  assert_true(text && packed);
  for (size_t i = 0; i < RECORDS; i++) {
    length += (size_t)snprintf(text + length, 20, ">r%zu\n", i);
    for (size_t j = 0; j < 60; j++) text[length++] = "ACGT"[(i * i * 31 + j * j * 7 + i * j) >> 2 & 3];
    text[length++] = '\n';
  }
  path_of(path, "damaged.gz");
  for (packing how = GZIP; how <= BGZIP; how++) {
    size_t errors = 0, flips = 0, size, whole;
    uLong good, checksum;
    tx_error error = {0};
    write_file(path, text, length, how);
    size = file_bytes(path, packed, CAPACITY);
    whole = how == BGZIP ? size - 28 : size; /* bgzip's end-of-file block is no data */
    assert_int_equal(last_status(path, &records, &good, &error), TX_END);
    assert_int_equal(records, RECORDS);
    for (size_t cut = 1; cut < whole; cut += 1 + (cut < whole - 12) * cut / 9) {
      write_file(path, packed, cut, PLAIN);
      assert_int_equal(last_status(path, &records, &checksum, &error), TX_ERROR_DATA);
      assert_non_null(strstr(error.message, "damaged.gz"));
    }
    for (size_t at = 20; at < whole; at += 1 + (at < whole - 20) * at / 40) {
      packed[at] ^= 0x10;
      write_file(path, packed, size, PLAIN);
      if (last_status(path, &records, &checksum, &error) == TX_END)
        assert_true(checksum == good && records == RECORDS);
      else
        assert_int_equal(error.code, TX_ERROR_DATA);
      errors += error.code == TX_ERROR_DATA;
      error.code = TX_OK;
      flips++;
      packed[at] ^= 0x10;
    }
    assert_true(errors * 10 > flips * 9);
  }
  assert_int_equal(unlink(path), 0);
  free(text);
  free(packed);
}

/* Names of any length and kind leave one line that still says what is wrong. */
static void keeps_messages_short(void **state)
{
  enum { LENGTH = 5000 };
  char *text = malloc(LENGTH + 16), out[64];
  tx_error error = {0};
  (void)state;
  assert_non_null(text);
  text[0] = '>';
  memset(text + 1, 'n', LENGTH);
  memcpy(text + 1 + LENGTH, "\nACQ\n", 6);
  assert_int_equal(read_text(text, LENGTH + 6, PLAIN, 65536, out, sizeof out, &error), TX_ERROR_DATA);
  assert_non_null(strstr(error.message, "'Q' is no nucleotide letter"));
  assert_null(strchr(error.message, '\n'));
  assert_true(strlen(error.message) < 600);
  free(text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(empty_texts_have_no_records),
      cmocka_unit_test(refuses_bad_text),
      cmocka_unit_test(refuses_paths),
      cmocka_unit_test(refuses_damaged_gzip),
      cmocka_unit_test(keeps_messages_short),
  };
  return cmocka_run_group_tests_name("seq_reader_errors", tests, make_folder, remove_folder);
}
