/* An array of points and their names, any bytes: the first two bytes say how many of the rest are the array,
   the others are the names. It ends in an orderly way; what was read has a name for each row. */
#include "harness.h"

#include "cluster/points.h"

static void check_points(const tx_points *points)
{
  size_t usable = 0;
  require(tx_points_width(points) > 0, "points without numbers");
  for (size_t i = 0; i < tx_points_count(points); i++) {
    require(tx_points_id(points, i)[0] != '\0', "a point without a name");
    usable += tx_points_vector(points, i) != NULL;
  }
  require(usable == tx_points_usable(points), "another number of vectors");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  size_t array_size;
  tx_input *array, *ids;
  tx_points *points = NULL;
  tx_error error = {0};
  tx_status status;
  if (size < 2) return 0;
  array_size = (size_t)data[0] | (size_t)data[1] << 8;
  data += 2;
  size -= 2;
  if (array_size > size) array_size = size;
  array = fuzz_input(data, array_size);
  if (!array) return 0;
  ids = fuzz_input(data + array_size, size - array_size);
  if (!ids) {
    tx_input_close(array);
    return 0;
  }
  status = tx_points_read_inputs(array, ids, &points, &error);
  if (status == TX_OK) {
    check_points(points);
  } else {
    require(status == TX_ERROR_DATA || status == TX_ERROR_MEMORY, "an error of another kind");
    require_error(status, &error);
    require(!points, "half-read points");
  }
  tx_points_free(points);
  return 0;
}
