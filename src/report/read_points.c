/* Reads the points of a map. */
#include "report/data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

#include <taxamba/points.h>

/* Sums of a map's vectors: their mean, and what is left of their spread. */
typedef struct projection {
  const tx_points *points;
  double *mean, *axis, *next; /* (width) each; axis is (2, width) */
  size_t width;
} projection;

static double dot(const double *a, const double *b, size_t count)
{
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += a[i] * b[i];
  return sum;
}

/* One step of the power method for a principal component: next = covariance * axis, without the part along
   `opt_other`. Returns its length. */
static double power_step(projection *p, double *axis, const double *opt_other)
{
  double length;
  memset(p->next, 0, p->width * sizeof *p->next);
  for (size_t i = 0; i < tx_points_count(p->points); i++) {
    const double *x = tx_points_vector(p->points, i);
    double along = 0;
    if (!x) continue;
    for (size_t k = 0; k < p->width; k++) along += (x[k] - p->mean[k]) * axis[k];
    for (size_t k = 0; k < p->width; k++) p->next[k] += along * (x[k] - p->mean[k]);
  }
  if (opt_other) {
    const double along = dot(p->next, opt_other, p->width);
    for (size_t k = 0; k < p->width; k++) p->next[k] -= along * opt_other[k];
  }
  length = sqrt(dot(p->next, p->next, p->width));
  for (size_t k = 0; k < p->width && length > 0; k++) axis[k] = p->next[k] / length;
  return length;
}

/* Finds two principal components by the power method; enough steps for a picture. Returns the variance along
   both in variance[2], and in all. */
static double find_axes(projection *p, double variance[2])
{
  double all = 0;
  size_t count = 0;
  for (size_t i = 0; i < tx_points_count(p->points); i++) {
    const double *x = tx_points_vector(p->points, i);
    if (!x) continue;
    count++;
    for (size_t k = 0; k < p->width; k++) p->mean[k] += (x[k] - p->mean[k]) / (double)count;
  }
  for (size_t i = 0; i < tx_points_count(p->points); i++) {
    const double *x = tx_points_vector(p->points, i);
    for (size_t k = 0; x && k < p->width; k++) all += (x[k] - p->mean[k]) * (x[k] - p->mean[k]);
  }
  for (size_t a = 0; a < 2; a++) {
    double *axis = p->axis + a * p->width;
    for (size_t k = 0; k < p->width; k++) axis[k] = 1.0 / (double)(1 + (k * 7 + a * 3) % 11);
    variance[a] = 0;
    for (size_t step = 0; step < 60; step++) {
      const double before = variance[a];
      variance[a] = power_step(p, axis, a ? p->axis : NULL);
      if (fabs(variance[a] - before) <= 1e-7 * variance[a]) break;
    }
  }
  return all;
}

static tx_status project(tx_report_map *map, const tx_points *points, tx_error *error)
{
  projection p = {.points = points, .width = tx_points_width(points)};
  double variance[2], all;
  size_t at = 0;
  p.mean = calloc(p.width, sizeof *p.mean);
  p.axis = calloc(p.width, 2 * sizeof *p.axis);
  p.next = calloc(p.width, sizeof *p.next);
  if (!p.mean || !p.axis || !p.next) {
    free(p.mean);
    free(p.axis);
    free(p.next);
    return tx_fail_memory(error, "the map");
  }
  all = find_axes(&p, variance);
  for (size_t a = 0; a < 2; a++) map->share[a] = all > 0 ? variance[a] / all : 0;
  for (size_t i = 0; i < tx_points_count(points); i++) {
    const double *x = tx_points_vector(points, i);
    if (!x) continue;
    for (size_t a = 0; a < 2; a++)
      map->at[2 * at + a] =
          dot(x, p.axis + a * p.width, p.width) - dot(p.mean, p.axis + a * p.width, p.width);
    at++;
  }
  free(p.mean);
  free(p.axis);
  free(p.next);
  return TX_OK;
}

static tx_status take(tx_result_report *report, const tx_points *points, tx_report_map *map, tx_error *error)
{
  const size_t usable = tx_points_usable(points);
  tx_status status = TX_OK;
  map->width = tx_points_width(points);
  map->ids = calloc(usable + 1, sizeof *map->ids);
  map->at = calloc(usable + 1, 2 * sizeof *map->at);
  if (!map->ids || !map->at) return tx_fail_memory(error, "the map");
  for (size_t i = 0; i < tx_points_count(points) && status == TX_OK; i++) {
    const double *x = tx_points_vector(points, i);
    const char *id = tx_points_id(points, i);
    if (!x) continue;
    map->at[2 * map->count] = x[0];
    map->at[2 * map->count + 1] = map->width > 1 ? x[1] : 0;
    status = tx_report_id(report, id, strlen(id), &map->ids[map->count++], error);
  }
  return status == TX_OK && map->width > 2 ? project(map, points, error) : status;
}

tx_status tx_report_read_points(tx_result_report *report, const char *path, const char *name, tx_error *error)
{
  tx_report_map *map = tx_report_grow(&report->maps, &report->map_count, &report->map_capacity, sizeof *map);
  tx_bytes ids = {0};
  tx_points *points = NULL;
  tx_status status;
  if (!map || !(map->name = tx_copy_text(name, strlen(name)))) return tx_fail_memory(error, "the map");
  tx_bytes_printf(&ids, "%s.ids", path);
  status = ids.failed ? tx_fail_memory(error, "the map")
                      : tx_points_read(path, ids.data, &report->hooks, &points, error);
  if (status == TX_OK) status = take(report, points, map, error);
  tx_points_free(points);
  tx_bytes_free(&ids);
  return status;
}
