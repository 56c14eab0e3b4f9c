/* NumPy arrays of points: magic, version, length of the header, a Python dictionary, the numbers. */
#include "cluster/points.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/lines.h"
#include "base/memory.h"

/* WIDTH_MAX: numbers of a row, far above any embedding. */
enum { HEADER_MAX = 65536, PREFIX_SIZE = 8, WIDTH_MAX = 1 << 20 };

typedef struct array_header {
  size_t count, width, number_size; /* of a number: 4 or 8 bytes */
} array_header;

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

static tx_status parse_header(const tx_input *array, const char *text, array_header *header, tx_error *error)
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

static tx_status read_header(tx_input *array, array_header *header, tx_error *error)
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

/* Memory grows with what is read, not with what the header promises. */
static tx_status read_rows(tx_input *array, const array_header *header, tx_points *points, tx_error *error)
{
  size_t size;
  unsigned char *row;
  bool whole = true;
  tx_status status = TX_OK;
  if (!tx_multiply(header->width, header->number_size, &size) || !(row = malloc(size)))
    return tx_fail_memory(error, "a row of an array");
  for (size_t r = 0; r < header->count && status == TX_OK; r++) {
    double *vector = NULL;
    status = read_bytes(array, row, size, &whole, error);
    if (status == TX_OK && !whole)
      status = tx_fail(error, TX_ERROR_DATA, "%s: the array ends in row %zu of %zu", tx_input_name(array),
                       r + 1, header->count);
    if (status == TX_OK) status = tx_points_add(points, &vector, error);
    if (status != TX_OK) break;
    for (size_t i = 0; i < header->width; i++)
      vector[i] = number_from(row + i * header->number_size, header->number_size);
    tx_points_judge(points);
  }
  if (status == TX_OK) {
    status = read_bytes(array, row, 1, &whole, error);
    if (status == TX_OK && whole)
      status = tx_fail(error, TX_ERROR_DATA, "%s: there are bytes after the last of %zu rows",
                       tx_input_name(array), header->count);
  }
  free(row);
  return status;
}

static tx_status read_ids(tx_input *input, tx_points *points, tx_error *error)
{
  tx_lines *lines = NULL;
  const char *line = NULL;
  size_t length = 0;
  tx_status status = tx_lines_adopt(input, &lines, error);
  if (status != TX_OK) return status;
  while ((status = tx_lines_next(lines, &line, &length, error)) == TX_OK) {
    if (tx_points_named(points) == tx_points_count(points))
      status = tx_fail_at(error, TX_ERROR_DATA, tx_lines_name(lines), tx_lines_number(lines), 0,
                          "more names than the %zu rows of the array", tx_points_count(points));
    else if (length == 0)
      status =
          tx_fail_at(error, TX_ERROR_DATA, tx_lines_name(lines), tx_lines_number(lines), 0, "an empty name");
    else if (memchr(line, '\t', length))
      status = tx_fail_at(error, TX_ERROR_DATA, tx_lines_name(lines), tx_lines_number(lines), 0,
                          "a name with a tab: the file has one name a line and nothing else");
    else
      status = tx_points_name(points, line, length, error);
    if (status != TX_OK) break;
  }
  if (status == TX_END && tx_points_named(points) < tx_points_count(points))
    status = tx_fail(error, TX_ERROR_DATA, "%s: %zu names for the %zu rows of the array",
                     tx_lines_name(lines), tx_points_named(points), tx_points_count(points));
  tx_lines_close(lines);
  return status == TX_END ? TX_OK : status;
}

tx_status tx_points_read_inputs(tx_input *array, tx_input *ids, tx_points **ret_points, tx_error *error)
{
  array_header header = {0};
  tx_points *points = NULL;
  tx_status status = read_header(array, &header, error);
  if (status == TX_OK) status = tx_points_create(header.width, &points, error);
  if (status == TX_OK) status = read_rows(array, &header, points, error);
  tx_input_close(array);
  if (status == TX_OK)
    status = read_ids(ids, points, error);
  else
    tx_input_close(ids);
  if (status == TX_OK)
    *ret_points = points;
  else
    tx_points_free(points);
  return status;
}

tx_status tx_points_read(const char *array_path, const char *ids_path, const tx_input_hooks *opt_hooks,
                         tx_points **ret_points, tx_error *error)
{
  tx_input *array = NULL, *ids = NULL;
  tx_status status = tx_input_open(array_path, opt_hooks, &array, error);
  if (status != TX_OK) return status;
  status = tx_input_open(ids_path, opt_hooks, &ids, error);
  if (status != TX_OK) {
    tx_input_close(array);
    return status;
  }
  return tx_points_read_inputs(array, ids, ret_points, error);
}
