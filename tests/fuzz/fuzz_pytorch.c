/* A checkpoint of PyTorch, any bytes: as a file (zip or safetensors), or, if they begin like a pickle, as
   that of an archive around them, whose checksums are right. It ends in an orderly way; every element of a
   tensor that is accepted can be read. */
#include "harness.h"

#include "../unit/made_zip.h"
#include "base/memory.h"
#include "model/pytorch_import.h"

enum { READ_MAX = 1 << 20, STORAGES = 24 /* a small network has fewer */ };

/* Whether it is a network or not, the answer comes in an orderly way. */
static void check_network(tx_pytorch_file *file)
{
  static const tx_pytorch_options options;
  tx_error error = {0};
  const tx_status status = tx_pytorch_check("fuzz", file, &options, &error);
  if (status != TX_OK) require_error(status, &error);
  require(status == TX_OK || status == TX_ERROR_MODEL || status == TX_ERROR_MEMORY,
          "an error of another kind");
}

static void check_file(const tx_pytorch_file *file)
{
  for (size_t i = 0; i < tx_pytorch_count(file); i++) {
    const tx_pytorch_tensor *tensor = tx_pytorch_at(file, i);
    float *values;
    require(tx_pytorch_find(file, tensor->name) == tensor, "a tensor that is not found under its name");
    if (tensor->count > READ_MAX) continue;
    values = malloc((tensor->count + 1) * sizeof *values);
    require(values != NULL, "out of memory");
    (void)tx_pytorch_copy(tensor, values);
    free(values);
  }
  require(!tx_pytorch_at(file, tx_pytorch_count(file)), "a tensor past the end");
  for (size_t i = 0; tx_pytorch_other_name(file, i); i++) require(i < 1 << 20, "names without an end");
  require(tx_pytorch_setting(file, "dataset", "max_len") >= -1, "a setting out of range");
  (void)tx_pytorch_text(file, "taxamba.tokenizer");
}

static void read_bytes(const void *data, size_t size)
{
  tx_pytorch_file *file = NULL;
  tx_error error = {0};
  const tx_status status = tx_pytorch_read("fuzz", data, size, &file, &error);
  if (status == TX_OK) {
    check_file(file);
    check_network(file);
  } else {
    require(status == TX_ERROR_MODEL || status == TX_ERROR_MEMORY, "an error of another kind");
    require_error(status, &error);
    require(!file, "a half-read checkpoint");
  }
  tx_pytorch_close(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const uint8_t numbers[256] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  made_zip zip = {0};
  if (size == 0 || data[0] != 0x80) {
    read_bytes(data, size);
    return 0;
  }
  made_content(&zip, "a/data.pkl", data, size);
  for (int i = 0; i < STORAGES; i++) {
    char name[32];
    snprintf(name, sizeof name, "a/data/%d", i);
    made_content(&zip, name, numbers, sizeof numbers);
  }
  made_end(&zip);
  require(!zip.bytes.failed && !zip.directory.failed, "out of memory");
  read_bytes(zip.bytes.data, zip.bytes.size);
  made_free(&zip);
  return 0;
}
