#include "seq/cram.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/gzip.h"

#include <errno.h>
#include <htslib/hfile.h>
#include <htslib/hts.h>
#include <htslib/hts_log.h>
#include <htslib/sam.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* DEFINITION: bytes of the file definition; LANDMARKS_MAX: of a container, whose slices they are. */
enum { DEFINITION = 26, LANDMARKS_MAX = 1 << 20, PIECE = 256 };
/* Numbers in the header of the container that ends a file. */
enum { END_LENGTH = 15, END_START = 0x454F46 };

/* What is needed of a container's header (CRAM specification, section 7). */
typedef struct container {
  uint32_t length;   /* bytes of its blocks */
  int32_t reference; /* -1: not aligned, -2: several, which may be so as well */
  int32_t start;
  int32_t records;
} container;

struct tx_cram {
  tx_scanner *scanner;
  const char *file;
  uint64_t number;          /* reads begun */
  unsigned char version[2];
  tx_bytes bytes;           /* of the current container */
  bool ended;
  htsFile *hts;             /* of the current container, NULL between containers */
  sam_hdr_t *header;
  bam1_t *record;
  int32_t left;             /* its reads that are still to come */
  tx_bytes bases;
  bool given;               /* the bases were taken */
};

/* Turns htslib's messages on standard error off: our errors report the same. This is a setting of the whole
   process, made once. */
static void silence(void)
{
  hts_set_log_level(HTS_LOG_OFF);
}

static tx_status fail_damaged(const tx_cram *cram, const char *what, tx_error *error)
{
  return tx_fail_at(error, TX_ERROR_DATA, cram->file, 0, cram->number,
                    "truncated or corrupt CRAM data: %s; make or download the file again", what);
}

static tx_status fail_memory(const tx_cram *cram, tx_error *error)
{
  return tx_fail_at(error, TX_ERROR_MEMORY, cram->file, 0, cram->number, "out of memory for CRAM data");
}

/* ---- Bytes ---- */

/* Appends the next `size` bytes to those of the container. *opt_ended: the input has ended before the first,
   which is an error where it is NULL. */
static tx_status take(tx_cram *cram, size_t size, bool *opt_ended, tx_error *error)
{
  size_t done = 0;
  while (done < size) {
    const char *bytes;
    size_t count;
    const tx_status status = tx_scanner_bytes(cram->scanner, size - done, &bytes, &count, error);
    if (status != TX_OK) return status;
    if (!count && !done && opt_ended) {
      *opt_ended = true;
      return TX_OK;
    }
    if (!count) return fail_damaged(cram, "it ends too early", error);
    tx_bytes_append(&cram->bytes, bytes, count);
    if (cram->bytes.failed) return fail_memory(cram, error);
    done += count;
  }
  return TX_OK;
}

/* How many bytes of a number follow its first: as many as that has leading ones, at most `most`. */
static size_t following(char first, size_t most)
{
  size_t count = 0;
  while (count < most && (unsigned char)first & 0x80 >> count) count++;
  return count;
}

/* A number of one to five bytes (ITF8), of which the last of five has four bits. */
static int32_t decode_number(const char *data, size_t more)
{
  const unsigned char *bytes = (const unsigned char *)data;
  uint32_t number = bytes[0] & 0xFFu >> (more + (more < 4));
  int32_t result;
  for (size_t i = 1; i <= more; i++)
    number = i < 4 ? number << 8 | bytes[i] : number << 4 | (bytes[i] & 15u);
  memcpy(&result, &number, sizeof result);
  return result;
}

static tx_status take_number(tx_cram *cram, int32_t *ret_number, tx_error *error)
{
  const size_t at = cram->bytes.size;
  tx_status status = take(cram, 1, NULL, error);
  if (status == TX_OK) status = take(cram, following(cram->bytes.data[at], 4), NULL, error);
  if (status != TX_OK) return status;
  *ret_number = decode_number(cram->bytes.data + at, cram->bytes.size - at - 1);
  return TX_OK;
}

/* Takes a number of one to nine bytes (LTF8), which is not needed. */
static tx_status skip_number(tx_cram *cram, tx_error *error)
{
  const size_t at = cram->bytes.size;
  const tx_status status = take(cram, 1, NULL, error);
  return status == TX_OK ? take(cram, following(cram->bytes.data[at], 8), NULL, error) : status;
}

static uint32_t little(const char *data)
{
  const unsigned char *bytes = (const unsigned char *)data;
  return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* Takes the header of a container. TX_END where the file ends. */
static tx_status take_header(tx_cram *cram, container *ret_container, tx_error *error)
{
  int32_t span, blocks, landmarks, unused;
  size_t checked;
  bool ended = false;
  tx_status status;
  tx_bytes_clear(&cram->bytes);
  status = take(cram, 4, &ended, error);
  if (status != TX_OK || ended) return status == TX_OK ? TX_END : status;
  ret_container->length = little(cram->bytes.data);
  status = take_number(cram, &ret_container->reference, error);
  if (status == TX_OK) status = take_number(cram, &ret_container->start, error);
  if (status == TX_OK) status = take_number(cram, &span, error);
  if (status == TX_OK) status = take_number(cram, &ret_container->records, error);
  if (status == TX_OK) status = skip_number(cram, error); /* records before it */
  if (status == TX_OK) status = skip_number(cram, error); /* bases */
  if (status == TX_OK) status = take_number(cram, &blocks, error);
  if (status == TX_OK) status = take_number(cram, &landmarks, error);
  if (status == TX_OK && (landmarks < 0 || landmarks > LANDMARKS_MAX))
    status = fail_damaged(cram, "the header of a container", error);
  for (int32_t i = 0; status == TX_OK && i < landmarks; i++)
    status = take_number(cram, &unused, error);
  checked = cram->bytes.size;
  if (status == TX_OK) status = take(cram, 4, NULL, error);
  if (status != TX_OK) return status;
  if (little(cram->bytes.data + checked) != tx_crc32(0, cram->bytes.data, checked) ||
      ret_container->length > INT32_MAX || ret_container->records < 0)
    return fail_damaged(cram, "the header of a container", error);
  return TX_OK;
}

/* The size of the block at `data`: method, kind, number, sizes, bytes, checksum. 0: it is damaged. */
static size_t block_size(const char *data, size_t left)
{
  size_t at = 2;
  int32_t packed = 0;
  for (size_t i = 0; i < 3; i++) {
    size_t more;
    if (at >= left) return 0;
    more = following(data[at], 4);
    if (more >= left - at) return 0;
    if (i == 1) packed = decode_number(data + at, more);
    at += 1 + more;
  }
  if (packed < 0 || left - at < 4 || (size_t)packed > left - at - 4) return 0;
  at += (size_t)packed;
  return little(data + at) == tx_crc32(0, data, at) ? at + 4 : 0;
}

/* Takes the blocks of a container, and compares their checksums: htslib may ask for any memory before it
   does. */
static tx_status take_blocks(tx_cram *cram, const container *own, tx_error *error)
{
  size_t at = cram->bytes.size;
  tx_status status = take(cram, own->length, NULL, error);
  while (status == TX_OK && at < cram->bytes.size) {
    const size_t size = block_size(cram->bytes.data + at, cram->bytes.size - at);
    if (!size) status = fail_damaged(cram, "a block", error);
    at += size;
  }
  return status;
}

/* ---- Containers ---- */

static void put_little(tx_bytes *bytes, uint32_t value)
{
  unsigned char text[4];
  for (size_t i = 0; i < sizeof text; i++) text[i] = (unsigned char)(value >> 8 * i & 255);
  tx_bytes_append(bytes, text, sizeof text);
}

/* Appends a file definition, and a container with the shortest header of a SAM file: without reference
   sequences no read can ask for one, and htslib has none to look for. */
static void put_start(const tx_cram *cram, tx_bytes *bytes)
{
  static const char text[] = "@HD\tVN:1.6\n";
  const uint32_t text_size = sizeof text - 1;
  const char size = (char)(text_size + 4);
  tx_bytes block = {0}, head = {0};
  tx_bytes_append(&block, (const char[]){0, 0, 0, size, size}, 5); /* raw, header, number, sizes */
  put_little(&block, text_size);
  tx_bytes_append(&block, text, text_size);
  put_little(&block, tx_crc32(0, block.data, block.size));
  put_little(&head, (uint32_t)block.size);
  tx_bytes_append(&head, (const char[]){0, 0, 0, 0, 0, 0, 1, 0}, 8); /* one block, no landmark */
  put_little(&head, tx_crc32(0, head.data, head.size));
  tx_bytes_append(bytes, "CRAM", 4);
  tx_bytes_append(bytes, cram->version, sizeof cram->version);
  tx_bytes_append(bytes, (const char[DEFINITION - 6]){0}, DEFINITION - 6);
  tx_bytes_append(bytes, head.data, head.size);
  tx_bytes_append(bytes, block.data, block.size);
  bytes->failed = bytes->failed || block.failed || head.failed;
  tx_bytes_free(&block);
  tx_bytes_free(&head);
}

static void close_container(tx_cram *cram)
{
  if (cram->hts) (void)hts_close(cram->hts);
  sam_hdr_destroy(cram->header);
  cram->hts = NULL;
  cram->header = NULL;
  cram->left = 0;
}

/* Fails after a call of htslib, which says no more than that it failed. */
static tx_status fail_htslib(const tx_cram *cram, tx_error *error)
{
  return errno == ENOMEM ? fail_memory(cram, error) : fail_damaged(cram, "a container", error);
}

/* Opens the container in cram->bytes as a file of its own, of which some fields are to be decoded. */
static tx_status open_container(tx_cram *cram, int fields, tx_error *error)
{
  tx_bytes file = {0};
  hFILE *memory;
  put_start(cram, &file);
  tx_bytes_append(&file, cram->bytes.data, cram->bytes.size);
  if (file.failed) {
    tx_bytes_free(&file);
    return fail_memory(cram, error);
  }
  /* hopen owns the bytes, also if it fails for want of memory; it does not get as far if it cannot load what
     it needs, which hisremote does before. */
  if (hisremote("mem:")) errno = 0;
  memory = hopen("mem:", "r:", file.data, file.size);
  if (!memory && errno != ENOMEM) tx_bytes_free(&file);
  if (!memory) return fail_memory(cram, error);
  errno = 0;
  cram->hts = hts_hopen(memory, cram->file, "rc");
  if (!cram->hts) {
    hclose_abruptly(memory);
    return fail_htslib(cram, error);
  }
  if (hts_set_opt(cram->hts, CRAM_OPT_REQUIRED_FIELDS, fields) < 0 ||
      !(cram->header = sam_hdr_read(cram->hts)))
    return fail_htslib(cram, error);
  return TX_OK;
}

static tx_status fail_aligned(const tx_cram *cram, tx_error *error)
{
  return tx_fail_at(error, TX_ERROR_DATA, cram->file, 0, cram->number + 1,
                    "the reads of this CRAM file are aligned, and their bases are in the reference "
                    "sequence: samtools fastq --reference REFERENCE FILE | taxamba ... -");
}

/* Decodes the container once without bases. Only with bases does htslib (1.16) use the number of a read's
   reference before it compares it with the number of references, of which there are none here. */
static tx_status check_container(tx_cram *cram, const container *own, tx_error *error)
{
  tx_status status = open_container(cram, SAM_QNAME | SAM_FLAG | SAM_RNAME, error);
  errno = 0;
  for (int32_t i = 0; status == TX_OK && i < own->records; i++) {
    if (sam_read1(cram->hts, cram->header, cram->record) >= 0) continue;
    status = own->reference == -1 || errno == ENOMEM ? fail_htslib(cram, error) : fail_aligned(cram, error);
  }
  close_container(cram);
  return status;
}

/* Judges the end of the file, after the container that ends it or without. */
static tx_status meet_end(tx_cram *cram, bool complete, tx_error *error)
{
  const char *bytes;
  size_t count = 0;
  tx_status status = TX_OK;
  cram->ended = true;
  if (complete) status = tx_scanner_bytes(cram->scanner, 1, &bytes, &count, error);
  if (status != TX_OK) return status;
  if (!complete)
    tx_input_warn(cram->scanner->input,
                  "CRAM data without the container that ends it: the file may have been cut");
  if (count) tx_input_warn(cram->scanner->input, "what follows the end of the CRAM data was left out");
  return TX_END;
}

/* Goes to the next container with reads; TX_END after the last. */
static tx_status next_container(tx_cram *cram, tx_error *error)
{
  container own;
  tx_status status = cram->ended ? TX_END : take_header(cram, &own, error);
  if (status == TX_END && !cram->ended) return meet_end(cram, false, error);
  if (status != TX_OK) return status;
  if (own.records && own.reference >= 0) return fail_aligned(cram, error);
  status = take_blocks(cram, &own, error);
  if (status != TX_OK) return status;
  if (!own.records && own.length == END_LENGTH && own.start == END_START) return meet_end(cram, true, error);
  if (!own.records) return TX_OK;
  status = check_container(cram, &own, error);
  if (status == TX_OK) status = open_container(cram, SAM_QNAME | SAM_FLAG | SAM_SEQ, error);
  if (status == TX_OK) cram->left = own.records;
  return status;
}

/* ---- Public ---- */

tx_status tx_cram_open(tx_scanner *scanner, const char *file, tx_cram **ret_cram, tx_error *error)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  tx_cram *cram = calloc(1, sizeof *cram);
  container header;
  tx_status status;
  *ret_cram = cram;
  if (!cram) return tx_fail_memory(error, "a reader of CRAM");
  pthread_once(&once, silence);
  cram->scanner = scanner;
  cram->file = file;
  cram->record = bam_init1();
  if (!cram->record) return fail_memory(cram, error);
  status = take(cram, DEFINITION - 4, NULL, error);
  if (status != TX_OK) return status;
  memcpy(cram->version, cram->bytes.data, sizeof cram->version);
  if (cram->version[0] != 3 || cram->version[1] > 1)
    return tx_fail_at(error, TX_ERROR_DATA, file, 0, 0,
                      "CRAM of version %d.%d, only 3.0 and 3.1 can be read: samtools fastq FILE | taxamba "
                      "... -",
                      cram->version[0], cram->version[1]);
  status = take_header(cram, &header, error); /* the header of SAM, which is not needed */
  if (status == TX_END) return fail_damaged(cram, "it ends too early", error);
  return status == TX_OK ? take(cram, header.length, NULL, error) : status; /* perhaps padded */
}

tx_status tx_cram_next(tx_cram *cram, tx_read *ret_read, tx_error *error)
{
  const uint8_t *packed;
  size_t count;
  while (!cram->left) {
    tx_status status;
    close_container(cram);
    status = next_container(cram, error);
    if (status != TX_OK) return status;
  }
  cram->number++;
  cram->left--;
  errno = 0;
  if (sam_read1(cram->hts, cram->header, cram->record) < 0) return fail_htslib(cram, error);
  count = (size_t)cram->record->core.l_qseq;
  packed = bam_get_seq(cram->record);
  tx_bytes_clear(&cram->bases);
  for (size_t i = 0; i < count; i += PIECE) {
    char letters[PIECE];
    size_t size = 0;
    for (; size < PIECE && i + size < count; size++)
      letters[size] = "NACMGRSVTWYHKDBN"[bam_seqi(packed, i + size)];
    tx_bytes_append(&cram->bases, letters, size);
  }
  if (cram->bases.failed) return fail_memory(cram, error);
  cram->given = false;
  ret_read->name = bam_get_qname(cram->record);
  ret_read->name_length = strlen(ret_read->name);
  ret_read->flags = cram->record->core.flag;
  return ret_read->name_length ? TX_OK : fail_damaged(cram, "a read without a name", error);
}

tx_status tx_cram_bases(tx_cram *cram, const char **ret_bases, size_t *ret_count)
{
  *ret_count = cram->given ? 0 : cram->bases.size;
  *ret_bases = cram->bases.size ? cram->bases.data : "";
  cram->given = true;
  return TX_OK;
}

void tx_cram_free(tx_cram *cram)
{
  if (!cram) return;
  close_container(cram);
  if (cram->record) bam_destroy1(cram->record);
  tx_bytes_free(&cram->bytes);
  tx_bytes_free(&cram->bases);
  free(cram);
}

const char *tx_htslib_version(void)
{
  return hts_version();
}
