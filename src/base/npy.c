/* NumPy arrays of two dimensions: magic, version, length of the header, a Python dictionary, the numbers. */
#include "base/npy.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/lines.h"
#include "base/memory.h"

/* WIDTH_MAX: numbers of a row, far above any embedding. */
enum { HEADER_MAX = 65536, PREFIX_SIZE = 8, WIDTH_MAX = 1 << 20 };

struct tx_npy {
  tx_input *input;
  size_t count, width, number_size; /* of a number: 4 or 8 bytes */
  size_t row;                       /* read so far */
  unsigned char *bytes;             /* of a row */
};

static tx_status not_an_array(const tx_input *array, const char *what, tx_error *error)
{
  return tx_fail(error, TX_ERROR_DATA,
                 "%s: %s; an array of points is a .npy file of float32 or float64 with two dimensions "
                 "(records, numbers), as numpy.save writes it",
                 tx_input_name(array), what);
}

/* Reads exactly `size` bytes; *ret_whole is false when the input ends before. */
static tx_status read_bytes(tx_input *input, void *data, size_t size, bool *ret_whole, tx_error *error)
{
  size_t done = 0;
  *ret_whole = false;
  while (done < size) {
    size_t count = 0;
    const tx_status status = tx_input_read(input, (char *)data + done, size - done, &count, error);
    if (status != TX_OK) return status;
    if (count == 0) return TX_OK;
    done += count;
  }
  *ret_whole = true;
  return TX_OK;
}

/* What follows a key of the dictionary and its colon, or NULL. */
static const char *value_of(const char *header, const char *key)
{
  const char *at = strstr(header, key);
  if (!at) return NULL;
  at += strlen(key);
  while (*at == ' ') at++;
  if (*at++ != ':') return NULL;
  while (*at == ' ') at++;
  return at;
}

/* A number of the shape and the separator behind it. */
static bool read_extent(const char **at, size_t *ret_extent)
{
  size_t extent = 0;
  const char *digit = *at;
  for (; *digit >= '0' && *digit <= '9'; digit++)
    if (!tx_multiply(extent, 10, &extent) || !tx_add(extent, (size_t)(*digit - '0'), &extent)) return false;
  if (digit == *at) return false;
  if (*digit == 'L') digit++; /* Python 2 wrote 3L */
  while (*digit == ' ') digit++;
  if (*digit == ',') digit++;
  while (*digit == ' ') digit++;
  *at = digit;
  *ret_extent = extent;
  return true;
}

static tx_status parse_header(const tx_input *array, const char *text, tx_npy *header, tx_error *error)
{
  const char *type = value_of(text, "'descr'"), *order = value_of(text, "'fortran_order'"),
             *shape = value_of(text, "'shape'");
  if (!type || !order || !shape) return not_an_array(array, "the header of the array is damaged", error);
  if (strncmp(type, "'<f4'", 5) == 0)
    header->number_size = 4;
  else if (strncmp(type, "'<f8'", 5) == 0)
    header->number_size = 8;
  else
    return not_an_array(array, "the numbers of the array have another type", error);
  if (strncmp(order, "False", 5) != 0)
    return not_an_array(array, "the array is in Fortran order (numpy.ascontiguousarray turns it round)",
                        error);
  if (*shape++ != '(' || !read_extent(&shape, &header->count) || !read_extent(&shape, &header->width) ||
      *shape != ')')
    return not_an_array(array, "the array has not two dimensions", error);
  if (header->width == 0) return not_an_array(array, "the rows of the array are empty", error);
  if (header->width > WIDTH_MAX) return not_an_array(array, "the rows of the array are too long", error);
  return TX_OK;
}

static tx_status read_header(tx_input *array, tx_npy *header, tx_error *error)
{
  unsigned char prefix[PREFIX_SIZE], length[4] = {0};
  size_t length_size, size = 0;
  bool whole;
  char *text;
  tx_status status = read_bytes(array, prefix, sizeof prefix, &whole, error);
  if (status != TX_OK) return status;
  if (!whole || memcmp(prefix, "\x93NUMPY", 6) != 0 || prefix[6] < 1 || prefix[6] > 3)
    return not_an_array(array, "the file is no NumPy array", error);
  length_size = prefix[6] == 1 ? 2 : 4;
  status = read_bytes(array, length, length_size, &whole, error);
  if (status != TX_OK) return status;
  for (size_t i = 0; i < length_size; i++) size |= (size_t)length[i] << 8 * i;
  if (!whole || size > HEADER_MAX) return not_an_array(array, "the header of the array is damaged", error);
  text = calloc(size + 1, 1);
  if (!text) return tx_fail_memory(error, "the header of an array");
  status = read_bytes(array, text, size, &whole, error);
  if (status == TX_OK && !whole) status = not_an_array(array, "the array ends in its header", error);
  if (status == TX_OK) status = parse_header(array, text, header, error);
  free(text);
  return status;
}

/* A little-endian number of 4 or 8 bytes. */
static double number_from(const unsigned char *bytes, size_t size)
{
  uint64_t bits = 0;
  for (size_t i = 0; i < size; i++) bits |= (uint64_t)bytes[i] << 8 * i;
  if (size == 4) {
    const uint32_t half = (uint32_t)bits;
    float number;
    memcpy(&number, &half, sizeof number);
    return (double)number;
  } else {
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
  }
}

tx_status tx_npy_open(tx_input *input, tx_npy **ret_array, tx_error *error)
{
  tx_npy *array = calloc(1, sizeof *array);
  size_t size = 0;
  tx_status status = array ? TX_OK : tx_fail_memory(error, "an array");
  if (status == TX_OK) status = read_header(input, array, error);
  if (status == TX_OK && !tx_multiply(array->width, array->number_size, &size))
    status = tx_fail_memory(error, "a row of an array");
  if (status == TX_OK) {
    array->bytes = malloc(size);
    if (!array->bytes) status = tx_fail_memory(error, "a row of an array");
  }
  if (status == TX_OK) {
    array->input = input;
    *ret_array = array;
    return TX_OK;
  }
  tx_input_close(input);
  free(array);
  return status;
}

size_t tx_npy_count(const tx_npy *array)
{
  return array->count;
}

size_t tx_npy_width(const tx_npy *array)
{
  return array->width;
}

tx_status tx_npy_next(tx_npy *array, double *row, tx_error *error)
{
  bool whole;
  tx_status status;
  if (array->row == array->count) {
    status = read_bytes(array->input, array->bytes, 1, &whole, error);
    if (status != TX_OK) return status;
    if (!whole) return TX_END;
    return tx_fail(error, TX_ERROR_DATA, "%s: there are bytes after the last of %zu rows",
                   tx_input_name(array->input), array->count);
  }
  status = read_bytes(array->input, array->bytes, array->width * array->number_size, &whole, error);
  if (status != TX_OK) return status;
  if (!whole)
    return tx_fail(error, TX_ERROR_DATA, "%s: the array ends in row %zu of %zu", tx_input_name(array->input),
                   array->row + 1, array->count);
  for (size_t i = 0; i < array->width; i++)
    row[i] = number_from(array->bytes + i * array->number_size, array->number_size);
  array->row++;
  return TX_OK;
}

void tx_npy_close(tx_npy *array)
{
  if (!array) return;
  tx_input_close(array->input);
  free(array->bytes);
  free(array);
}

tx_status tx_npy_read_ids(tx_input *input, size_t rows, tx_npy_id_taker take, void *context, tx_error *error)
{
  tx_lines *lines = NULL;
  const char *line = NULL;
  size_t length = 0, named = 0;
  tx_status status = tx_lines_adopt(input, &lines, error);
  if (status != TX_OK) return status;
  while ((status = tx_lines_next(lines, &line, &length, error)) == TX_OK) {
    const unsigned long long number = tx_lines_number(lines);
    if (named == rows)
      status = tx_fail_at(error, TX_ERROR_DATA, tx_lines_name(lines), number, 0,
                          "more names than the %zu rows of the array", rows);
    else if (length == 0)
      status = tx_fail_at(error, TX_ERROR_DATA, tx_lines_name(lines), number, 0, "an empty name");
    else if (memchr(line, '\t', length))
      status = tx_fail_at(error, TX_ERROR_DATA, tx_lines_name(lines), number, 0,
                          "a name with a tab: the file has one name a line and nothing else");
    else
      status = take(context, &(tx_npy_id){line, length, named++, tx_lines_name(lines), number}, error);
    if (status != TX_OK) break;
  }
  if (status == TX_END && named < rows)
    status = tx_fail(error, TX_ERROR_DATA, "%s: %zu names for the %zu rows of the array",
                     tx_lines_name(lines), named, rows);
  tx_lines_close(lines);
  return status == TX_END ? TX_OK : status;
}
