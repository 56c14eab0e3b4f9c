#include "seq/fastx.h"

#include "base/error.h"
#include "base/utf8.h"
#include "seq/header.h"
#include "seq/reader.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER_SIZE = 65536 };

static const char *const standard_input[] = {"-"};

/* ---- Errors ---- */

/* Adds the position to an error of the input itself, which knows only the file. */
static tx_status fail_input(tx_reader *reader, tx_status status, tx_error *error)
{
  if (error && status != TX_ERROR_MEMORY) {
    size_t used = strlen(error->message);
    if (reader->number)
      snprintf(error->message + used, sizeof error->message - used,
               " (after line %" PRIu64 ", in or after record %" PRIu64 ")", reader->scanner.line,
               reader->number);
    error->line = reader->scanner.line;
    error->record = reader->number;
  }
  return status;
}

/* Describes kinds of file that are often passed by mistake, by their first bytes. */
static const char *known_kind(const char *data, size_t size)
{
  static const struct {
    const char *bytes;
    size_t size;
    const char *name;
  } kinds[] = {
      {"PK\x03\x04", 4, "a zip archive"},
      {"7z\xbc\xaf", 4, "a 7z archive"},
      {"\xff\xfe", 2, "UTF-16 text"},
      {"\xfe\xff", 2, "UTF-16 text"},
  };
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    if (size >= kinds[i].size && memcmp(data, kinds[i].bytes, kinds[i].size) == 0) return kinds[i].name;
  return NULL;
}

/* Fails because of the first byte of a file that is neither FASTA nor FASTQ. */
static tx_status fail_start(tx_reader *reader, int byte, tx_error *error)
{
  const tx_scanner *scanner = &reader->scanner;
  const char *kind = known_kind(scanner->buffer + scanner->position, scanner->limit - scanner->position);
  if (kind)
    return tx_fail_at(error, TX_ERROR_DATA, reader->file, scanner->line, 0,
                      "this is %s: convert it to FASTA or FASTQ first (plain or gzip)", kind);
  if (byte < 32 || byte > 126)
    return tx_fail_at(error, TX_ERROR_DATA, reader->file, scanner->line, 0,
                      "binary data (byte 0x%02x): expected FASTA, FASTQ, BAM or CRAM",
                      (unsigned)byte);
  return tx_fail_at(error, TX_ERROR_DATA, reader->file, scanner->line, 0,
                    "text before the first '>' or '@': expected FASTA or FASTQ, found '%c'", byte);
}

/* ---- Headers ---- */

/* Appends to the header. Names and comments may be UTF-8; a control character means that the file is not
   text. */
static tx_status append_header(tx_reader *reader, const char *text, size_t length, tx_error *error)
{
  for (size_t i = 0; i < length; i++)
    if ((unsigned char)text[i] < 32 && !tx_header_is_space(text[i]))
      return tx_reader_fail(reader, error, "byte 0x%02x in the header line: this looks like binary data",
                            (unsigned)(unsigned char)text[i]);
  tx_bytes_append(&reader->header, text, length);
  return reader->header.failed ? tx_fail_memory(error, "a header line") : TX_OK;
}

/* Makes the header valid UTF-8, and refuses control characters in it. */
static tx_status clean_header(tx_reader *reader, tx_error *error)
{
  if (!tx_is_ascii(reader->header.data, reader->header.size)) {
    const tx_bytes old = reader->header;
    tx_utf8_line(&reader->spare, old.data, old.size, reader->line, &reader->headers);
    if (reader->spare.failed) return tx_fail_memory(error, "a header line");
    reader->header = reader->spare;
    reader->spare = old;
  }
  for (const char *at = reader->header.data; *at; at++)
    if (!tx_header_is_space(*at) && tx_control_length(at))
      return tx_reader_fail(reader, error, "a control character in the header line");
  return TX_OK;
}

/* Splits the header into id and comment, in place. */
static tx_status split_header(tx_reader *reader, tx_error *error)
{
  tx_status status = reader->header.size ? clean_header(reader, error) : TX_OK;
  char *text = reader->header.data;
  size_t end = reader->header.size;
  if (status != TX_OK) return status;
  while (end > 0 && tx_header_is_space(text[end - 1])) end--;
  if (end > 0 && memchr(text, '\r', end)) {
    status = tx_reader_fail(reader, error,
                            "carriage return inside the header line: convert the line ends to "
                            "newlines (tr '\\r' '\\n')");
    reader->resume.possible = false; /* all records are in one line */
    return status;
  }
  if (end == 0 || !tx_header_split(text, end, &reader->ids, &reader->record))
    return tx_reader_fail(reader, error,
                          "a record without a name: the header has nothing after its first character");
  return TX_OK;
}

static tx_status read_header(tx_reader *reader, tx_error *error)
{
  bool ended = false;
  tx_scanner_take(&reader->scanner); /* the marker */
  tx_reader_begin_record(reader);
  reader->number++;
  reader->line = reader->scanner.line;
  tx_foreign_begin(&reader->foreign);
  while (!ended) {
    const char *text;
    size_t length;
    tx_status status = tx_scanner_stretch(&reader->scanner, &text, &length, &ended, error);
    if (status != TX_OK) return fail_input(reader, status, error);
    status = append_header(reader, text, length, error);
    if (status != TX_OK) return status;
  }
  return split_header(reader, error);
}

/* ---- Sequence lines ---- */

/* Appends a stretch that contains space or foreign bytes. An unknown letter is an N. */
static tx_status append_mixed(tx_reader *reader, const char *text, size_t length, tx_error *error)
{
  size_t start = 0;
  char description[128];
  for (size_t i = 0; i < length; i++) {
    const tx_letters class = tx_letters_class(text[i]);
    if (class == TX_LETTERS_PURE) continue;
    if (class == TX_LETTERS_FOREIGN && !tx_letters_unknown(text[i]))
      return tx_reader_fail(reader, error, "%s", tx_letters_describe(text[i], description));
    if (i > start) tx_reader_append(reader, text + start, i - start);
    start = i + 1;
    if (class != TX_LETTERS_FOREIGN) continue;
    tx_reader_append(reader, "N", 1);
    tx_foreign_add(&reader->foreign, text[i], reader->scanner.line);
  }
  if (length > start) tx_reader_append(reader, text + start, length - start);
  return TX_OK;
}

/* Appends one line to the sequence. */
static tx_status read_bases(tx_reader *reader, tx_error *error)
{
  bool ended = false;
  while (!ended) {
    const char *text;
    size_t length;
    tx_status status = tx_scanner_stretch(&reader->scanner, &text, &length, &ended, error);
    if (status != TX_OK) return fail_input(reader, status, error);
    if (length > 0 && text[length - 1] == '\r') length--; /* such files also take the fast path */
    if (length == 0) continue;
    if (tx_letters_scan(text, length) == TX_LETTERS_PURE)
      tx_reader_append(reader, text, length);
    else if ((status = append_mixed(reader, text, length, error)) != TX_OK)
      return status;
    if (reader->bases.failed) return tx_fail_memory(error, "a sequence");
  }
  return TX_OK;
}

/* The sequence is complete: fails if it is none of bases. */
static tx_status check_foreign(tx_reader *reader, tx_error *error)
{
  char description[128];
  if (tx_foreign_end(&reader->foreign, reader->letters)) return TX_OK;
  reader->resume.possible = true;
  reader->resume.at_line = true;
  return tx_fail_at(error, TX_ERROR_DATA, reader->file, reader->foreign.first_line, reader->number,
                    "\"%.100s\": %s", reader->record.id,
                    tx_letters_describe(reader->foreign.first, description));
}

static tx_status read_fasta_body(tx_reader *reader, tx_error *error)
{
  for (;;) {
    int byte;
    tx_status status = tx_scanner_peek(&reader->scanner, &byte, error);
    if (status != TX_OK) return fail_input(reader, status, error);
    if (byte < 0 || byte == '>') return check_foreign(reader, error);
    status = read_bases(reader, error);
    if (status != TX_OK) return status;
  }
}

/* ---- FASTQ ---- */

static tx_status fail_quality(tx_reader *reader, uint64_t count, tx_error *error)
{
  return tx_reader_fail(reader, error,
                        "quality and sequence differ in length: %s%" PRIu64 " characters for %" PRIu64
                        " bases",
                        count > reader->letters ? "at least " : "", count, reader->letters);
}

/* Takes one line and adds its quality characters to *count; fails once there are more than bases. */
static tx_status count_quality(tx_reader *reader, uint64_t *count, tx_error *error)
{
  bool ended = false;
  while (!ended) {
    const char *text;
    size_t length, printable = 0;
    tx_status status = tx_scanner_stretch(&reader->scanner, &text, &length, &ended, error);
    if (status != TX_OK) return fail_input(reader, status, error);
    for (size_t i = 0; i < length; i++) printable += text[i] > 32 && text[i] < 127;
    for (size_t i = 0; i < length && printable < length; i++) {
      bool is_quality = text[i] > 32 && text[i] < 127;
      if (!is_quality && tx_letters_class(text[i]) != TX_LETTERS_SPACED)
        return tx_reader_fail(reader, error, "byte 0x%02x in the quality: this looks like binary data",
                              (unsigned)(unsigned char)text[i]);
    }
    *count += printable;
    if (*count > reader->letters) return fail_quality(reader, *count, error);
  }
  return TX_OK;
}

/* Reads the quality, which ends where it is as long as the sequence, whatever its lines begin with. A
   sequence on one line must have its quality on one line: only then is a quality that is too short found at
   its own record, and not some records later. */
static tx_status read_quality(tx_reader *reader, size_t sequence_lines, tx_error *error)
{
  uint64_t count = 0;
  while (count < reader->letters) {
    uint64_t before = count;
    int byte;
    tx_status status = tx_scanner_peek(&reader->scanner, &byte, error);
    if (status != TX_OK) return fail_input(reader, status, error);
    if (byte < 0) return fail_quality(reader, count, error);
    status = count_quality(reader, &count, error);
    if (status != TX_OK) return status;
    if (count > before && count < reader->letters && sequence_lines < 2)
      return fail_quality(reader, count, error);
  }
  return TX_OK;
}

/* Reads the lines up to the '+' line. */
static tx_status read_fastq_sequence(tx_reader *reader, tx_error *error)
{
  reader->resume.part = TX_PART_SEQUENCE;
  for (;;) {
    uint64_t before = reader->letters;
    int byte;
    tx_status status = tx_scanner_peek(&reader->scanner, &byte, error);
    if (status != TX_OK) return fail_input(reader, status, error);
    if (byte < 0)
      return tx_reader_fail(reader, error,
                            "the file ends within this FASTQ record: no '+' line after its sequence");
    if (byte == '+') return check_foreign(reader, error);
    reader->resume.at_line = byte == '@'; /* the next record, as this one has lost lines */
    if (byte == '@')
      return tx_reader_fail(reader, error, "'@' is no nucleotide letter: lines of this record are missing");
    reader->resume.lines++;
    status = read_bases(reader, error);
    if (status != TX_OK) return status;
    reader->resume.lines -= reader->letters == before;
  }
}

static tx_status read_fastq_body(tx_reader *reader, tx_error *error)
{
  tx_status status = read_fastq_sequence(reader, error);
  if (status != TX_OK) return status;
  status = tx_scanner_skip_line(&reader->scanner, error);
  if (status != TX_OK) return fail_input(reader, status, error);
  reader->resume.part = TX_PART_END;
  return read_quality(reader, reader->resume.lines, error);
}

/* ---- Files ---- */

/* Opens the current file, or takes `opened` if it is already open. */
static tx_status open_file(tx_reader *reader, tx_input *opened, tx_error *error)
{
  const char *path = reader->paths[reader->path_index];
  reader->file = strcmp(path, "-") == 0 ? "standard input" : path;
  reader->format = TX_FILE_UNKNOWN;
  reader->looked = false;
  reader->number = reader->line = 0;
  if (opened) return tx_scanner_adopt(&reader->scanner, opened, reader->buffer_size, error);
  return tx_scanner_open(&reader->scanner, path, &reader->hooks, reader->buffer_size, error);
}

/* Skips the UTF-8 byte order mark that some editors write at the start of a text. */
static tx_status skip_byte_order_mark(tx_reader *reader, tx_error *error)
{
  static const int mark[3] = {0xef, 0xbb, 0xbf};
  for (size_t i = 0; i < 3; i++) {
    int byte;
    tx_status status = tx_scanner_peek(&reader->scanner, &byte, error);
    if (status != TX_OK) return fail_input(reader, status, error);
    if (byte != mark[i]) return i ? fail_start(reader, mark[0], error) : TX_OK;
    tx_scanner_take(&reader->scanner);
  }
  return TX_OK;
}

/* Skips space before a record. *ret_byte: the next byte, -1 at the end of the file. */
static tx_status skip_space(tx_reader *reader, int *ret_byte, tx_error *error)
{
  tx_status status = reader->format == TX_FILE_UNKNOWN ? skip_byte_order_mark(reader, error) : TX_OK;
  while (status == TX_OK) {
    status = tx_scanner_peek(&reader->scanner, ret_byte, error);
    if (status != TX_OK) return fail_input(reader, status, error);
    if (*ret_byte < 0 || tx_letters_class((char)*ret_byte) != TX_LETTERS_SPACED) break;
    tx_scanner_take(&reader->scanner);
  }
  return status;
}

/* Goes to the next marker of a text; TX_END at the end of the file. */
static tx_status find_marker(tx_reader *reader, tx_error *error)
{
  int byte = -1;
  const tx_status status = skip_space(reader, &byte, error);
  if (status != TX_OK) return status;
  if (byte < 0) return TX_END;
  if (reader->format == TX_FILE_UNKNOWN) {
    if (byte != '>' && byte != '@') return fail_start(reader, byte, error);
    reader->format = byte == '>' ? TX_FILE_FASTA : TX_FILE_FASTQ;
  } else if (reader->format == TX_FILE_FASTQ && byte != '@') {
    reader->resume = (tx_resume){.part = TX_PART_END, .at_line = true};
    return tx_reader_fail(reader, error,
                          "after this FASTQ record expected a line that starts with '@': its quality is "
                          "longer than its sequence, or a line is missing");
  }
  return TX_OK;
}

/* Determines whether the file is BAM or CRAM, which is seen before a byte of it is taken. */
static tx_status look_for_reads(tx_reader *reader, tx_error *error)
{
  const char *bytes;
  size_t count;
  tx_status status = tx_input_peek(reader->scanner.input, 1, &bytes, &count, error);
  if (status == TX_OK && tx_reader_is_reads(bytes, count))
    status = tx_input_peek(reader->scanner.input, TX_READS_MAGIC, &bytes, &count, error);
  if (status != TX_OK || count < TX_READS_MAGIC || !tx_reader_is_reads(bytes, count)) return status;
  reader->format = TX_FILE_READS;
  return tx_reader_open_reads(reader, error);
}

/* Tells at the end of a file which letters were read as N, and which headers were not UTF-8. */
static void warn_foreign(tx_reader *reader)
{
  char text[200];
  if (tx_foreign_describe(&reader->foreign, text, sizeof text)) tx_input_warn(reader->scanner.input, text);
  if (tx_foreign_lines_describe(&reader->headers, text, sizeof text))
    tx_input_warn(reader->scanner.input, text);
  reader->foreign = (tx_foreign){0};
  reader->headers = (tx_foreign_lines){0};
}

/* Goes behind the malformed record. */
static tx_status resume(tx_reader *reader, tx_error *error)
{
  const tx_status status = reader->format == TX_FILE_FASTA
                               ? tx_resume_fasta(&reader->resume, &reader->scanner, error)
                               : tx_resume_fastq(&reader->resume, &reader->scanner, error);
  if (status != TX_OK) return fail_input(reader, status, error);
  reader->resume.needed = false;
  return TX_OK;
}

static void close_file(tx_reader *reader)
{
  tx_reads_free(reader->reads);
  reader->reads = NULL;
  tx_scanner_close(&reader->scanner);
}

static tx_status read_text(tx_reader *reader, tx_error *error)
{
  tx_status status = reader->resume.needed ? resume(reader, error) : TX_OK;
  if (status == TX_OK) status = find_marker(reader, error);
  if (status == TX_OK) status = read_header(reader, error);
  if (status != TX_OK) return status;
  return reader->format == TX_FILE_FASTA ? read_fasta_body(reader, error) : read_fastq_body(reader, error);
}

/* Reads the next record, if necessary of a later file; TX_END after the last. */
static tx_status read_record(tx_reader *reader, tx_error *error)
{
  for (;;) {
    tx_status status = TX_OK;
    if (reader->path_index == reader->path_count) return TX_END;
    if (!reader->scanner.input) status = open_file(reader, NULL, error);
    if (status == TX_OK && !reader->looked) status = look_for_reads(reader, error);
    if (status != TX_OK) return status;
    reader->looked = true;
    status = reader->format == TX_FILE_READS ? tx_reader_next_read(reader, error) : read_text(reader, error);
    if (status != TX_END) return status;
    if (reader->number == 0) tx_input_warn(reader->scanner.input, "is empty: there is no record in it");
    warn_foreign(reader);
    close_file(reader);
    reader->path_index++;
  }
}

static tx_status next_record(tx_reader *reader, tx_record *record, tx_error *error)
{
  const tx_status status = read_record(reader, error);
  if (status != TX_OK) return status;
  tx_reader_drop_middle(reader);
  *record = reader->record;
  record->bases = reader->bases.size ? reader->bases.data : "";
  record->base_count = reader->bases.size;
  record->omitted = reader->letters - reader->bases.size;
  record->file = reader->file;
  record->line = reader->line;
  record->number = reader->number;
  return TX_OK;
}

/* ---- Public ---- */

static tx_status open_reader(tx_input *first, const char *const *paths, size_t count,
                             const tx_input_hooks *opt_hooks, size_t buffer_size, tx_reader **ret_reader,
                             tx_error *error)
{
  tx_reader *reader = calloc(1, sizeof *reader);
  tx_status status;
  if (!reader) {
    tx_input_close(first);
    return tx_fail_memory(error, "a sequence reader");
  }
  reader->paths = count ? paths : standard_input;
  reader->path_count = count ? count : 1;
  reader->buffer_size = buffer_size;
  if (opt_hooks) reader->hooks = *opt_hooks;
  status = open_file(reader, first, error);
  if (status == TX_OK)
    *ret_reader = reader;
  else
    tx_reader_close(reader);
  return status;
}

tx_status tx_reader_open_sized(const char *const *paths, size_t count, size_t buffer_size,
                               tx_reader **ret_reader, tx_error *error)
{
  return open_reader(NULL, paths, count, NULL, buffer_size, ret_reader, error);
}

tx_status tx_reader_open_input(tx_input *first, const char *const *paths, size_t count,
                               tx_reader **ret_reader, tx_error *error)
{
  return open_reader(first, paths, count, NULL, BUFFER_SIZE, ret_reader, error);
}

tx_status tx_reader_open_input_sized(tx_input *first, const char *const *paths, size_t count,
                                     size_t buffer_size, tx_reader **ret_reader, tx_error *error)
{
  return open_reader(first, paths, count, NULL, buffer_size, ret_reader, error);
}

tx_status tx_reader_open(const char *const *paths, size_t count, const tx_input_hooks *opt_hooks,
                         tx_reader **ret_reader, tx_error *error)
{
  return open_reader(NULL, paths, count, opt_hooks, BUFFER_SIZE, ret_reader, error);
}

tx_status tx_reader_next(tx_reader *reader, tx_record *record, tx_error *error)
{
  tx_status status = reader->status;
  if (status == TX_OK) {
    status = next_record(reader, record, &reader->failure);
    /* the position in the file is lost: every later call repeats this error */
    if (status < TX_OK) reader->status = status;
  }
  if (status < TX_OK && error) *error = reader->failure;
  return status;
}

bool tx_reader_resume(tx_reader *reader)
{
  if (reader->status == TX_OK) return true;
  if (reader->status != TX_ERROR_DATA || !reader->resume.possible || reader->format == TX_FILE_READS)
    return false;
  reader->status = TX_OK;
  reader->resume.possible = false;
  reader->resume.needed = true;
  return true;
}

tx_status tx_reader_source(void *context, tx_record *record, tx_error *error)
{
  return tx_reader_next(context, record, error);
}

void tx_reader_limit(tx_reader *reader, size_t first, size_t last)
{
  reader->first = first;
  reader->last = last;
}

void tx_reader_ids(tx_reader *reader, const tx_id_options *options)
{
  reader->ids = *options;
}

void tx_reader_close(tx_reader *reader)
{
  if (!reader) return;
  close_file(reader);
  tx_bytes_free(&reader->header);
  tx_bytes_free(&reader->spare);
  tx_bytes_free(&reader->bases);
  free(reader);
}
