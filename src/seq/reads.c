#include "seq/reads.h"

#include "base/bytes.h"
#include "base/error.h"
#include "seq/bases.h"
#include "seq/cram.h"
#include "seq/fastx.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* HEAD: bytes of a record before its name, after its size. */
enum { HEAD = 32, NAME_MAX = 255, PACKED = 2048 };

struct tx_reads {
  tx_scanner *scanner;
  const char *file;
  uint64_t number; /* reads begun */
  tx_cram *cram;   /* NULL: BAM */
  /* BAM: what is left of the current record */
  uint32_t letters; /* bases */
  uint64_t rest;    /* bytes after the bases */
  char name[NAME_MAX + 1];
  char bases[2 * PACKED + 1];
};

static tx_status fail_damaged(const tx_reads *reads, const char *what, tx_error *error)
{
  return tx_fail_at(error, TX_ERROR_DATA, reads->file, 0, reads->number,
                    "truncated or corrupt BAM data: %s; make or download the file again", what);
}

/* Takes exactly `size` bytes, into `data` unless it is NULL. *opt_ended: the input has ended before the
   first, which is an error where it is NULL. */
static tx_status take(tx_reads *reads, void *data, uint64_t size, bool *opt_ended, tx_error *error)
{
  uint64_t done = 0;
  if (opt_ended) *opt_ended = false;
  while (done < size) {
    const char *bytes;
    size_t count, most = size - done < SIZE_MAX ? (size_t)(size - done) : SIZE_MAX;
    const tx_status status = tx_scanner_bytes(reads->scanner, most, &bytes, &count, error);
    if (status != TX_OK) return status;
    if (!count && !done && opt_ended) {
      *opt_ended = true;
      return TX_OK;
    }
    if (!count) return fail_damaged(reads, "it ends too early", error);
    if (data) memcpy((char *)data + done, bytes, count);
    done += count;
  }
  return TX_OK;
}

static uint32_t little(const unsigned char *bytes, size_t count)
{
  uint32_t value = 0;
  for (size_t i = count; i-- > 0;) value = value << 8 | bytes[i];
  return value;
}

/* Takes a number that counts what follows: below 2^31. */
static tx_status take_count(tx_reads *reads, uint32_t *ret_count, tx_error *error)
{
  unsigned char bytes[4];
  tx_status status = take(reads, bytes, sizeof bytes, NULL, error);
  if (status != TX_OK) return status;
  *ret_count = little(bytes, sizeof bytes);
  return *ret_count <= INT32_MAX ? TX_OK : fail_damaged(reads, "a length is negative", error);
}

/* Skips the header and the reference sequences. */
static tx_status skip_bam_header(tx_reads *reads, tx_error *error)
{
  uint32_t size, references = 0;
  tx_status status = take_count(reads, &size, error);
  if (status == TX_OK) status = take(reads, NULL, size, NULL, error);
  if (status == TX_OK) status = take_count(reads, &references, error);
  for (uint32_t i = 0; status == TX_OK && i < references; i++) {
    status = take_count(reads, &size, error);
    if (status == TX_OK) status = take(reads, NULL, (uint64_t)size + 4, NULL, error);
  }
  return status;
}

bool tx_reader_is_reads(const char *bytes, size_t count)
{
  if (!count) return false;
  if (!memcmp(bytes, "BAM\1", count < 4 ? count : 4)) return true;
  /* a text may begin with these letters, but not with the version behind them */
  return !memcmp(bytes, "CRAM", count < 4 ? count : 4) && (count < 5 || (unsigned char)bytes[4] < 8);
}

tx_status tx_reads_open(tx_scanner *scanner, const char *file, tx_reads **ret_reads, tx_error *error)
{
  tx_reads *reads = calloc(1, sizeof *reads);
  char magic[4];
  tx_status status;
  *ret_reads = reads;
  if (!reads) return tx_fail_memory(error, "a reader of BAM and CRAM");
  reads->scanner = scanner;
  reads->file = file;
  status = take(reads, magic, sizeof magic, NULL, error);
  if (status != TX_OK) return status;
  if (magic[0] == 'C') return tx_cram_open(scanner, file, &reads->cram, error);
  return skip_bam_header(reads, error);
}

/* Takes the name, which ends with a NUL. */
static tx_status take_name(tx_reads *reads, size_t size, tx_read *read, tx_error *error)
{
  tx_status status = take(reads, reads->name, size, NULL, error);
  if (status != TX_OK) return status;
  if (!size || memchr(reads->name, '\0', size) != reads->name + size - 1)
    return fail_damaged(reads, "a name without its end", error);
  if (size == 1) memcpy(reads->name, "*", 2); /* no name */
  read->name = reads->name;
  read->name_length = strlen(reads->name);
  return TX_OK;
}

/* Takes a record up to its bases. */
static tx_status next_bam(tx_reads *reads, tx_read *read, tx_error *error)
{
  unsigned char bytes[4], head[HEAD];
  bool ended;
  uint32_t size;
  uint64_t used;
  size_t cigar;
  tx_status status = take(reads, NULL, ((uint64_t)reads->letters + 1) / 2 + reads->rest, NULL, error);
  reads->letters = 0;
  reads->rest = 0;
  if (status == TX_OK) status = take(reads, bytes, sizeof bytes, &ended, error);
  if (status != TX_OK || ended) return status == TX_OK ? TX_END : status;
  reads->number++;
  size = little(bytes, sizeof bytes);
  status = take(reads, head, sizeof head, NULL, error);
  if (status != TX_OK) return status;
  cigar = 4 * (size_t)little(head + 12, 2);
  read->flags = little(head + 14, 2);
  reads->letters = little(head + 16, 4);
  used = HEAD + head[8] + (uint64_t)cigar + ((uint64_t)reads->letters + 1) / 2 + reads->letters;
  if (size > INT32_MAX || used > size)
    return fail_damaged(reads, "lengths that contradict each other", error);
  reads->rest = size - (used - reads->letters);
  status = take_name(reads, head[8], read, error);
  return status == TX_OK ? take(reads, NULL, cigar, NULL, error) : status;
}

/* Takes some of the bases: two a byte, the first in the high half. */
static tx_status take_bases(tx_reads *reads, const char **ret_bases, size_t *ret_count, tx_error *error)
{
  static const char letters[] = "NACMGRSVTWYHKDBN";
  unsigned char packed[PACKED];
  const uint32_t count = reads->letters < 2 * PACKED ? reads->letters : 2 * PACKED;
  tx_status status = take(reads, packed, (count + 1) / 2, NULL, error);
  if (status != TX_OK) return status;
  for (size_t i = 0; i < count; i++) reads->bases[i] = letters[packed[i / 2] >> (i % 2 ? 0 : 4) & 15];
  reads->letters -= count;
  *ret_bases = reads->bases;
  *ret_count = count;
  return TX_OK;
}

tx_status tx_reads_next(tx_reads *reads, tx_read *ret_read, tx_error *error)
{
  tx_status status =
      reads->cram ? tx_cram_next(reads->cram, ret_read, error) : next_bam(reads, ret_read, error);
  for (size_t i = 0; status == TX_OK && i < ret_read->name_length; i++)
    if (ret_read->name[i] < 33 || ret_read->name[i] > 126)
      return tx_fail_at(error, TX_ERROR_DATA, reads->file, 0, reads->cram ? 0 : reads->number,
                        "byte 0x%02x in the name of a read: truncated or corrupt data",
                        (unsigned)(unsigned char)ret_read->name[i]);
  return status;
}

tx_status tx_reads_bases(tx_reads *reads, const char **ret_bases, size_t *ret_count, tx_error *error)
{
  return reads->cram ? tx_cram_bases(reads->cram, ret_bases, ret_count)
                     : take_bases(reads, ret_bases, ret_count, error);
}

void tx_reads_free(tx_reads *reads)
{
  if (!reads) return;
  tx_cram_free(reads->cram);
  free(reads);
}
