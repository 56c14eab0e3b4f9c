/* NumPy arrays of points and their names. */
#include "cluster/points.h"

#include "base/error.h"
#include "base/npy.h"

/* Memory grows with what is read, not with what the header promises. */
static tx_status read_rows(tx_npy *array, tx_points *points, tx_error *error)
{
  tx_status status = TX_OK;
  for (size_t r = 0; r < tx_npy_count(array) && status == TX_OK; r++) {
    double *vector = NULL;
    status = tx_points_add(points, &vector, error);
    if (status == TX_OK) status = tx_npy_next(array, vector, error);
    if (status == TX_OK) tx_points_judge(points);
  }
  if (status == TX_OK) status = tx_npy_next(array, NULL, error); /* nothing may follow */
  return status == TX_END ? TX_OK : status;
}

static tx_status take_id(void *context, const tx_npy_id *id, tx_error *error)
{
  return tx_points_name(context, id->id, id->length, error);
}

tx_status tx_points_read_inputs(tx_input *array_input, tx_input *ids, tx_points **ret_points, tx_error *error)
{
  tx_npy *array = NULL;
  tx_points *points = NULL;
  tx_status status = tx_npy_open(array_input, &array, error);
  if (status == TX_OK) status = tx_points_create(tx_npy_width(array), &points, error);
  if (status == TX_OK) status = read_rows(array, points, error);
  tx_npy_close(array);
  if (status == TX_OK)
    status = tx_npy_read_ids(ids, tx_points_count(points), take_id, points, error);
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
