#include "seq/fastx.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/utf8.h"
#include "seq/bases.h"
#include "seq/header.h"
#include "seq/resume.h"
#include "seq/scanner.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER_SIZE = 65536 };

typedef enum file_format { FORMAT_UNKNOWN, FORMAT_FASTA, FORMAT_FASTQ } file_format;

struct tx_reader {
  const char *const *paths;
  size_t path_count, path_index; /* path_index: the file being read, or to be opened next */
  size_t buffer_size;
  tx_input_hooks hooks;
  tx_scanner scanner;       /* its input is NULL between files */
  const char *file;         /* name of the current file for messages and records */
  file_format format;       /* format of the current file */
  uint64_t number;          /* records begun in the current file */
  uint64_t line;            /* line of the current header */
  tx_bytes header;          /* the header without its marker; the id is NUL-terminated in place */
  tx_bytes spare;           /* for a header that has to be made UTF-8 */
  tx_foreign_lines headers; /* those of the current file that were not UTF-8 */
  /* bases of the record; with a limit: the first bases, then the last ones so far */
  tx_bytes bases;
  uint64_t letters;         /* number of letters of the sequence, in `bases` or not */
  size_t first, last;       /* limits of tx_reader_limit; 0, 0: no limit */
  tx_foreign foreign;       /* of the current file */
  tx_id_options ids;
  tx_record record;         /* the current one; its header only, whose texts are within `header` */
  tx_resume resume; /* how reading goes on behind a malformed record */
  tx_status status; /* the error that ended the reading, TX_OK until then */
  tx_error failure;
};

static const char *const standard_input[] = {"-"};

/* ---- Errors ---- */

/* Fails with an error at the current line of the current record, with its name if that is known. */
static tx_status fail_record(tx_reader *reader, tx_error *error, const char *wording, ...) TX_PRINTF(3, 4);

static tx_status fail_record(tx_reader *reader, tx_error *error, const char *wording, ...)
{
  char text[256];
  va_list arguments;
  va_start(arguments, wording);
  vsnprintf(text, sizeof text, wording, arguments);
  va_end(arguments);
  reader->resume.possible = true;
  if (reader->record.id_length)
    return tx_fail_at(error, TX_ERROR_DATA, reader->file, reader->scanner.line, reader->number,
                      "\"%.100s\": %s", reader->record.id, text);
  return tx_fail_at(error, TX_ERROR_DATA, reader->file, reader->scanner.line, reader->number, "%s", text);
}

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
      {"BZh", 3, "bzip2 data"},
      {"\xfd\x37zXZ", 5, "xz data"},
      {"\x28\xb5\x2f\xfd", 4, "zstd data"},
      {"PK\x03\x04", 4, "a zip archive"},
      {"7z\xbc\xaf", 4, "a 7z archive"},
      {"BAM\x01", 4, "a BAM file"},
      {"CRAM", 4, "a CRAM file"},
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
                      "binary data (byte 0x%02x): expected FASTA or FASTQ",
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
      return fail_record(reader, error, "byte 0x%02x in the header line: this looks like binary data",
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
      return fail_record(reader, error, "a control character in the header line");
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
    status = fail_record(reader, error,
                         "carriage return inside the header line: convert the line ends to "
                         "newlines (tr '\\r' '\\n')");
    reader->resume.possible = false; /* all records are in one line */
    return status;
  }
  if (end == 0 || !tx_header_split(text, end, &reader->ids, &reader->record))
    return fail_record(reader, error,
                       "a record without a name: the header has nothing after its first character");
  return TX_OK;
}

static tx_status read_header(tx_reader *reader, tx_error *error)
{
  bool ended = false;
  tx_scanner_take(&reader->scanner); /* the marker */
  reader->number++;
  reader->line = reader->scanner.line;
  reader->record = (tx_record){0};
  reader->resume = (tx_resume){.part = TX_PART_HEADER};
  tx_bytes_clear(&reader->header);
  tx_bytes_clear(&reader->bases);
  reader->letters = 0;
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

/* Removes what is no longer needed: of the letters after the first bases, all except the last ones. */
static void drop_middle(tx_reader *reader)
{
  if (reader->bases.size <= reader->first || reader->bases.size - reader->first <= reader->last) return;
  memmove(reader->bases.data + reader->first, reader->bases.data + reader->bases.size - reader->last,
          reader->last);
  reader->bases.size = reader->first + reader->last;
  reader->bases.data[reader->bases.size] = '\0';
}

/* Whether a letter that is not a space is a gap. */
static bool is_gap(char letter)
{
  return letter == '-' || letter == '.';
}

static void append_without_gaps(tx_reader *reader, const char *text, size_t length)
{
  for (size_t start = 0, end = 0; end <= length; end++) {
    if (end < length && !is_gap(text[end])) continue;
    if (end > start) tx_bytes_append(&reader->bases, text + start, end - start);
    start = end + 1;
  }
}

/* Appends the letters of a stretch that may be needed: its first bases while the record's first are not
   complete, then its own last ones. */
static void append_limited(tx_reader *reader, const char *text, size_t length)
{
  size_t start = length, kept = 0;
  while (length && reader->bases.size < reader->first && !reader->bases.failed) {
    size_t missing = reader->first - reader->bases.size, step = length < missing ? length : missing;
    append_without_gaps(reader, text, step);
    text += step;
    start = length -= step;
  }
  while (start > 0 && kept < reader->last) kept += !is_gap(text[--start]);
  append_without_gaps(reader, text + start, length - start);
  /* Not after every stretch, because lines may be short. */
  if (reader->bases.size > reader->first && (reader->bases.size - reader->first) / 2 > reader->last)
    drop_middle(reader);
}

static void append_letters(tx_reader *reader, const char *text, size_t length)
{
  reader->letters += length;
  if (reader->first || reader->last)
    append_limited(reader, text, length);
  else
    tx_bytes_append(&reader->bases, text, length);
}

/* Appends a stretch that contains space or foreign bytes. An unknown letter is an N. */
static tx_status append_mixed(tx_reader *reader, const char *text, size_t length, tx_error *error)
{
  size_t start = 0;
  char description[128];
  for (size_t i = 0; i < length; i++) {
    const tx_letters class = tx_letters_class(text[i]);
    if (class == TX_LETTERS_PURE) continue;
    if (class == TX_LETTERS_FOREIGN && !tx_letters_unknown(text[i]))
      return fail_record(reader, error, "%s", tx_letters_describe(text[i], description));
    if (i > start) append_letters(reader, text + start, i - start);
    start = i + 1;
    if (class != TX_LETTERS_FOREIGN) continue;
    append_letters(reader, "N", 1);
    tx_foreign_add(&reader->foreign, text[i], reader->scanner.line);
  }
  if (length > start) append_letters(reader, text + start, length - start);
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
      append_letters(reader, text, length);
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
  return fail_record(reader, error,
                     "quality and sequence differ in length: %s%" PRIu64 " characters for %" PRIu64 " bases",
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
        return fail_record(reader, error, "byte 0x%02x in the quality: this looks like binary data",
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
      return fail_record(reader, error,
                         "the file ends within this FASTQ record: no '+' line after its sequence");
    if (byte == '+') return check_foreign(reader, error);
    reader->resume.at_line = byte == '@'; /* the next record, as this one has lost lines */
    if (byte == '@')
      return fail_record(reader, error, "'@' is no nucleotide letter: lines of this record are missing");
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
  reader->format = FORMAT_UNKNOWN;
  reader->number = 0;
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
  tx_status status = reader->format == FORMAT_UNKNOWN ? skip_byte_order_mark(reader, error) : TX_OK;
  while (status == TX_OK) {
    status = tx_scanner_peek(&reader->scanner, ret_byte, error);
    if (status != TX_OK) return fail_input(reader, status, error);
    if (*ret_byte < 0 || tx_letters_class((char)*ret_byte) != TX_LETTERS_SPACED) break;
    tx_scanner_take(&reader->scanner);
  }
  return status;
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
  const tx_status status = reader->format == FORMAT_FASTA
                               ? tx_resume_fasta(&reader->resume, &reader->scanner, error)
                               : tx_resume_fastq(&reader->resume, &reader->scanner, error);
  if (status != TX_OK) return fail_input(reader, status, error);
  reader->resume.needed = false;
  return TX_OK;
}

/* Goes to the marker of the next record, if necessary in a later file; TX_END after the last. */
static tx_status find_record(tx_reader *reader, tx_error *error)
{
  int byte = -1;
  for (;;) {
    tx_status status = TX_OK;
    if (reader->path_index == reader->path_count) return TX_END;
    if (!reader->scanner.input) status = open_file(reader, NULL, error);
    if (status == TX_OK) status = skip_space(reader, &byte, error);
    if (status != TX_OK) return status;
    if (byte >= 0) break;
    if (reader->number == 0) tx_input_warn(reader->scanner.input, "is empty: there is no record in it");
    warn_foreign(reader);
    tx_scanner_close(&reader->scanner);
    reader->path_index++;
  }
  if (reader->format == FORMAT_UNKNOWN) {
    if (byte != '>' && byte != '@') return fail_start(reader, byte, error);
    reader->format = byte == '>' ? FORMAT_FASTA : FORMAT_FASTQ;
  } else if (reader->format == FORMAT_FASTQ && byte != '@') {
    reader->resume = (tx_resume){.part = TX_PART_END, .at_line = true};
    return fail_record(reader, error,
                       "after this FASTQ record expected a line that starts with '@': its quality is longer "
                       "than its sequence, or a line is missing");
  }
  return TX_OK;
}

static tx_status next_record(tx_reader *reader, tx_record *record, tx_error *error)
{
  tx_status status = reader->resume.needed ? resume(reader, error) : TX_OK;
  if (status == TX_OK) status = find_record(reader, error);
  if (status == TX_OK) status = read_header(reader, error);
  if (status == TX_OK)
    status = reader->format == FORMAT_FASTA ? read_fasta_body(reader, error) : read_fastq_body(reader, error);
  if (status != TX_OK) return status;
  if (reader->first || reader->last) drop_middle(reader);
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
  if (reader->status != TX_ERROR_DATA || !reader->resume.possible) return false;
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
  tx_scanner_close(&reader->scanner);
  tx_bytes_free(&reader->header);
  tx_bytes_free(&reader->spare);
  tx_bytes_free(&reader->bases);
  free(reader);
}
