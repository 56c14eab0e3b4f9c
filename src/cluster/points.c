#include "cluster/points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"

struct tx_points {
  size_t width, count, usable;
  double *values; /* (count, width) */
  size_t value_capacity;
  tx_bytes ids;   /* the names, each with its NUL */
  size_t *starts; /* of the names */
  size_t named, start_capacity;
};

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the points");
}

tx_status tx_points_create(size_t width, tx_points **ret_points, tx_error *error)
{
  tx_points *points;
  if (width == 0) return tx_fail(error, TX_ERROR_USAGE, "points need at least one number each");
  points = calloc(1, sizeof *points);
  if (!points) return out_of_memory(error);
  points->width = width;
  *ret_points = points;
  return TX_OK;
}

void tx_points_free(tx_points *points)
{
  if (!points) return;
  free(points->values);
  free(points->starts);
  tx_bytes_free(&points->ids);
  free(points);
}

tx_status tx_points_add(tx_points *points, double **ret_vector, tx_error *error)
{
  size_t needed;
  if (!tx_multiply(points->count + 1, points->width, &needed) ||
      !tx_reserve(&points->values, &points->value_capacity, needed, sizeof *points->values))
    return out_of_memory(error);
  *ret_vector = points->values + points->count++ * points->width;
  return TX_OK;
}

void tx_points_judge(tx_points *points)
{
  points->usable += tx_points_vector(points, points->count - 1) != NULL;
}

tx_status tx_points_name(tx_points *points, const char *id, size_t length, tx_error *error)
{
  if (!tx_reserve(&points->starts, &points->start_capacity, points->named + 1, sizeof *points->starts))
    return out_of_memory(error);
  points->starts[points->named++] = points->ids.size;
  tx_bytes_append(&points->ids, id, length);
  tx_bytes_append(&points->ids, "", 1);
  return points->ids.failed ? out_of_memory(error) : TX_OK;
}

tx_status tx_points_put(void *context, const tx_record *record, const tx_prediction *prediction,
                        tx_error *error)
{
  tx_points *points = context;
  const float *embedding = tx_prediction_embedding(prediction);
  double *vector = NULL;
  tx_status status = tx_points_add(points, &vector, error);
  if (status != TX_OK) return status;
  for (size_t i = 0; i < points->width; i++) vector[i] = embedding ? (double)embedding[i] : NAN;
  tx_points_judge(points);
  return tx_points_name(points, record->id, record->id_length, error);
}

size_t tx_points_count(const tx_points *points)
{
  return points->count;
}

size_t tx_points_width(const tx_points *points)
{
  return points->width;
}

size_t tx_points_usable(const tx_points *points)
{
  return points->usable;
}

const char *tx_points_id(const tx_points *points, size_t record)
{
  return points->ids.data + points->starts[record];
}

const double *tx_points_vector(const tx_points *points, size_t record)
{
  const double *vector = points->values + record * points->width;
  for (size_t i = 0; i < points->width; i++)
    if (!isfinite(vector[i])) return NULL;
  return vector;
}
