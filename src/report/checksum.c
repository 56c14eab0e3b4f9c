#include "report/checksum.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/sha256.h"

static tx_status add_file(const char *path, int descriptor, tx_sha256 *hash, tx_error *error)
{
  unsigned char data[1 << 14];
  ssize_t count;
  do {
    count = read(descriptor, data, sizeof data);
    if (count < 0 && errno != EINTR)
      return tx_fail(error, TX_ERROR_IO, "%s: cannot read: %s", path, strerror(errno));
    if (count > 0) tx_sha256_add(hash, data, (size_t)count);
  } while (count);
  return TX_OK;
}

tx_status tx_file_checksum(const char *path, char text[65], uint64_t *ret_size, tx_error *error)
{
  uint8_t digest[TX_SHA256_BYTES];
  struct stat information;
  tx_sha256 hash;
  int descriptor = -1;
  tx_status status = tx_open_regular(path, &information, &descriptor, error);
  if (status != TX_OK) return status;
  tx_sha256_start(&hash);
  if (S_ISREG(information.st_mode))
    status = add_file(path, descriptor, &hash, error);
  else
    status = tx_fail(error, TX_ERROR_IO, "%s: no regular file, which is needed as it is read twice", path);
  close(descriptor);
  *ret_size = hash.length;
  tx_sha256_end(&hash, digest);
  tx_sha256_text(digest, text);
  return status;
}
