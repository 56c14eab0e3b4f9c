#include "optim/kl_matrix.h"

#include "base/memory.h"
#include "tensor/blas.h"
#include "tensor/products.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 16 /* floats of 64 bytes */ };

/* Eigenvalues before the first is measured, as in the authors' code. */
static const float first_value = 0.1F;

static size_t aligned(size_t floats)
{
  return (floats + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static size_t longest(size_t rows, size_t columns)
{
  return rows > columns ? rows : columns;
}

/* Scratch of a step, laid out in the caller's memory. */
typedef struct workspace {
  const tx_product *product;
  float *gradient, *first, *second;  /* (m, n) */
  float *square;                     /* (longest side)^2; before the renewal the (m, n) of G QR */
  float *left_scales, *right_scales; /* (m), (n) 1/sqrt of the eigenvalues */
  double *sums;                      /* (n) */
  float *gemm, *qr;
} workspace;

static float *take(float **next, size_t floats)
{
  float *taken = *next;
  *next += aligned(floats);
  return taken;
}

size_t tx_kl_matrix_scratch(size_t rows, size_t columns)
{
  const size_t side = longest(rows, columns), doubles = sizeof(double) / sizeof(float);
  return 3 * aligned(rows * columns) + aligned(side * side) + aligned(rows) + aligned(columns) +
         aligned(doubles * columns) + aligned(*tx_product_current(TX_PRECISION_FLOAT32)->gemm_scratch) +
         aligned(tx_blas_qr_scratch(side));
}

static workspace lay_out(const tx_kl_matrix *matrix, float *scratch)
{
  const size_t rows = matrix->rows, columns = matrix->columns, side = longest(rows, columns),
               doubles = sizeof(double) / sizeof(float);
  workspace work = {.product = tx_product_current(TX_PRECISION_FLOAT32)};
  work.gradient = take(&scratch, rows * columns);
  work.first = take(&scratch, rows * columns);
  work.second = take(&scratch, rows * columns);
  work.square = take(&scratch, side * side);
  work.left_scales = take(&scratch, rows);
  work.right_scales = take(&scratch, columns);
  work.sums = (double *)(void *)take(&scratch, doubles * columns);
  work.gemm = take(&scratch, *work.product->gemm_scratch);
  work.qr = take(&scratch, tx_blas_qr_scratch(side));
  return work;
}

size_t tx_kl_matrix_elements(const tx_kl_options *options, size_t rows, size_t columns)
{
  return 2 * aligned(rows * rows) + 2 * aligned(columns * columns) + aligned(rows) + aligned(columns) +
         (options->soap ? 2 : 1) * aligned(rows * columns);
}

void tx_kl_matrix_place(const tx_kl_options *options, size_t rows, size_t columns, float *state,
                        tx_kl_matrix *matrix)
{
  matrix->rows = rows;
  matrix->columns = columns;
  matrix->left = take(&state, rows * rows);
  matrix->right = take(&state, columns * columns);
  matrix->left_vectors = take(&state, rows * rows);
  matrix->right_vectors = take(&state, columns * columns);
  matrix->left_values = take(&state, rows);
  matrix->right_values = take(&state, columns);
  matrix->moment = take(&state, rows * columns);
  matrix->second = options->soap ? take(&state, rows * columns) : NULL;
}

/* A matrix (rows, columns) without gaps between its rows, taken as it is or as its transpose. */
typedef struct operand {
  const float *values;
  size_t rows, columns;
  bool transposed;
} operand;

/* c = a b */
static void multiply(const workspace *work, operand a, operand b, float *c)
{
  const size_t m = a.transposed ? a.columns : a.rows, k = a.transposed ? a.rows : a.columns,
               n = b.transposed ? b.rows : b.columns;
  work->product->gemm(a.transposed, b.transposed, m, n, k, a.values, a.columns, b.values, b.columns, false, c,
                      n, work->gemm);
}

/* y (m, n) = QL^T x. */
static void into_left(const workspace *work, const tx_kl_matrix *matrix, const float *x, float *y)
{
  const size_t m = matrix->rows, n = matrix->columns;
  multiply(work, (operand){matrix->left_vectors, m, m, true}, (operand){x, m, n, false}, y);
}

/* y (m, n) = x QR. */
static void into_right(const workspace *work, const tx_kl_matrix *matrix, const float *x, float *y)
{
  const size_t m = matrix->rows, n = matrix->columns;
  multiply(work, (operand){x, m, n, false}, (operand){matrix->right_vectors, n, n, false}, y);
}

/* y (m, n) = QL x QR^T: transforms out of the basis. */
static void out_of_basis(const workspace *work, const tx_kl_matrix *matrix, const float *x, float *half,
                         float *y)
{
  const size_t m = matrix->rows, n = matrix->columns;
  multiply(work, (operand){matrix->left_vectors, m, m, false}, (operand){x, m, n, false}, half);
  multiply(work, (operand){half, m, n, false}, (operand){matrix->right_vectors, n, n, true}, y);
}

static void scale_values(size_t count, float factor, float *values)
{
#pragma omp simd
  for (size_t i = 0; i < count; i++) values[i] *= factor;
}

/* target (rows, columns) = source^T, source (columns, rows), in tiles that stay in the cache. */
static void transpose(size_t rows, size_t columns, const float *source, float *target)
{
  enum { TILE = 16 };
  for (size_t i = 0; i < rows; i += TILE)
    for (size_t j = 0; j < columns; j += TILE)
      for (size_t a = i; a < rows && a < i + TILE; a++)
        for (size_t b = j; b < columns && b < j + TILE; b++) target[a * columns + b] = source[b * rows + a];
}

static bool all_finite(size_t count, const float *values)
{
  float sum = 0; /* sum of differences, which are 0, or NaN for values that are not finite */
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < count; i++) sum += values[i] - values[i];
  return sum == 0.0F;
}

/* Whether a factor is finite. It is a sum of products with their own transpose, so its trace bounds all
   elements. */
static bool factor_finite(size_t side, const float *factor)
{
  float trace = 0;
  for (size_t i = 0; i < side; i++) trace += factor[i * side + i];
  return (bool)isfinite(trace);
}

/* Columns of `vectors` = eigenvectors of the factor, the largest eigenvalue's first. */
static tx_status first_vectors(size_t side, const float *factor, float *vectors, float *scratch,
                               float *square, const char **fault)
{
  memcpy(square, factor, side * side * sizeof *square);
  if (!tx_blas_eigenvectors(side, square, scratch)) {
    *fault = "the iteration for the eigenvectors of a factor does not converge";
    return TX_ERROR_NUMERIC;
  }
  for (size_t i = 0; i < side / 2; i++)
    for (size_t j = 0; j < side; j++) {
      const float kept = square[i * side + j];
      square[i * side + j] = square[(side - 1 - i) * side + j];
      square[(side - 1 - i) * side + j] = kept;
    }
  transpose(side, side, square, vectors);
  return TX_OK;
}

/* The gradient of the update, times its scale, without gaps between its rows. */
static void scaled_gradient(const tx_kl_matrix *matrix, const tx_kl_update *update, float *gradient)
{
  const size_t n = matrix->columns;
  for (size_t i = 0; i < matrix->rows; i++) {
    const float *restrict from = update->gradient + i * update->stride;
    float *restrict to = gradient + i * n;
#pragma omp simd
    for (size_t j = 0; j < n; j++) to[j] = update->scale * from[j];
  }
}

tx_status tx_kl_matrix_start(const tx_kl_options *options, tx_kl_matrix *matrix, const tx_kl_update *update,
                             float *scratch, const char **fault)
{
  const workspace work = lay_out(matrix, scratch);
  const size_t m = matrix->rows, n = matrix->columns;
  const float rest = (float)(1.0 - options->beta2);
  float *eigen;
  tx_status status;
  scaled_gradient(matrix, update, work.gradient);
  multiply(&work, (operand){work.gradient, m, n, false}, (operand){work.gradient, m, n, true}, matrix->left);
  multiply(&work, (operand){work.gradient, m, n, true}, (operand){work.gradient, m, n, false}, matrix->right);
  scale_values(m * m, rest / (float)n, matrix->left);
  scale_values(n * n, rest / (float)m, matrix->right);
  for (size_t i = 0; i < m; i++) matrix->left_values[i] = first_value;
  for (size_t j = 0; j < n; j++) matrix->right_values[j] = first_value;
  if (!factor_finite(m, matrix->left) || !factor_finite(n, matrix->right)) {
    *fault = "a factor is not finite";
    return TX_ERROR_NUMERIC;
  }
  /* used once in a run, so it is not kept in every thread's scratch */
  eigen = tx_malloc_aligned(tx_blas_eigen_scratch(longest(m, n)), sizeof *eigen);
  if (!eigen) {
    *fault = "out of memory for its eigenvectors";
    return TX_ERROR_MEMORY;
  }
  status = first_vectors(m, matrix->left, matrix->left_vectors, eigen, work.square, fault);
  if (status == TX_OK)
    status = first_vectors(n, matrix->right, matrix->right_vectors, eigen, work.square, fault);
  free(eigen);
  return status;
}

/* The largest value of 1/sqrt of an eigenvalue: max(10, min(side, clamp)). */
static double most_of(size_t side, double clamp)
{
  const double bounded = (double)side < clamp ? (double)side : clamp;
  return bounded > 10.0 ? bounded : 10.0;
}

/* min(1/sqrt(value), most): stored values can exceed it only by rounding or in a checkpoint of an earlier
   version. */
static void inverse_roots(size_t side, double clamp, const float *values, float *scales)
{
  const float most = (float)most_of(side, clamp);
  for (size_t i = 0; i < side; i++) {
    const float scale = 1.0F / sqrtf(values[i]);
    scales[i] = scale < most ? scale : most;
  }
}

/* value = beta2 value + (1 - beta2) mean, but at least 1/most^2: the authors' code stores the clamped inverse
   root, so that an eigenvalue without gradients for a long time rises at once when they return. */
static float move_value(const tx_kl_options *options, double least, float value, double mean)
{
  const double moved = options->beta2 * (double)value + (1.0 - options->beta2) * mean;
  return (float)(moved < least ? least : moved); /* NaN stays */
}

/* Updates the eigenvalues' moving means from the gradient in the basis (m, n): row means of its squares under
   the other side's scales. */
static void move_values(const tx_kl_options *options, tx_kl_matrix *matrix, const workspace *work,
                        const float *h)
{
  const size_t m = matrix->rows, n = matrix->columns;
  const double most_left = most_of(m, options->clamp), most_right = most_of(n, options->clamp);
  const double least_left = 1.0 / (most_left * most_left), least_right = 1.0 / (most_right * most_right);
  double *columns = work->sums;
  memset(columns, 0, n * sizeof *columns);
  for (size_t i = 0; i < m; i++) {
    const float *row = h + i * n, *right = work->right_scales;
    const double left = (double)work->left_scales[i];
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t j = 0; j < n; j++) {
      const double by_row = (double)row[j] * (double)right[j], by_column = (double)row[j] * left;
      sum += by_row * by_row;
      columns[j] += by_column * by_column;
    }
    matrix->left_values[i] = move_value(options, least_left, matrix->left_values[i], sum / (double)n);
  }
  for (size_t j = 0; j < n; j++)
    matrix->right_values[j] =
        move_value(options, least_right, matrix->right_values[j], columns[j] / (double)m);
}

/* Updates the moments in the basis from the gradient there, h (m, n), which is replaced by the direction. */
static void move_moments(const tx_kl_options *options, tx_kl_matrix *matrix, const workspace *work,
                         float *restrict h)
{
  const size_t m = matrix->rows, n = matrix->columns;
  const float beta1 = (float)options->beta1, rest1 = (float)(1.0 - options->beta1),
              epsilon = (float)options->epsilon;
  const float beta2 = (float)options->beta2, rest2 = (float)(1.0 - options->beta2);
  float *restrict moment = matrix->moment, *restrict second = matrix->second;
  if (second) {
#pragma omp simd
    for (size_t i = 0; i < m * n; i++) {
      moment[i] = beta1 * moment[i] + rest1 * h[i];
      second[i] = beta2 * second[i] + rest2 * h[i] * h[i];
      h[i] = moment[i] / (sqrtf(second[i]) + epsilon);
    }
    return;
  }
  for (size_t i = 0; i < m; i++) {
    const float left = work->left_scales[i], *right = work->right_scales;
    float *restrict p = moment + i * n, *restrict row = h + i * n;
#pragma omp simd
    for (size_t j = 0; j < n; j++) {
      const float scale = left * right[j];
      p[j] = beta1 * p[j] + rest1 * row[j];
      row[j] = p[j] * (scale / (1.0F + epsilon * scale));
    }
  }
}

/* Copies the rows begin..end-1 of a square, as far as they are below its block on the diagonal, to the other
   side of the diagonal, in tiles that stay in the cache. */
static void mirror(size_t side, size_t begin, size_t end, float *square)
{
  enum { TILE = 16 };
  for (size_t j = 0; j < begin; j += TILE)
    for (size_t i = begin; i < end; i += TILE)
      for (size_t b = j; b < begin && b < j + TILE; b++)
        for (size_t a = i; a < end && a < i + TILE; a++) square[b * side + a] = square[a * side + b];
}

/* factor (side, side) = decay factor + x x^T, or x^T x on the right; x (m, n). Only the blocks up to the
   diagonal are computed. */
static void add_square(const workspace *work, bool right, size_t m, size_t n, const float *x, float decay,
                       float *factor)
{
  enum { BLOCK = 96 };
  const size_t side = right ? n : m, other = right ? m : n, down = right ? 1 : n;
  for (size_t begin = 0; begin < side; begin += BLOCK) {
    const size_t end = begin + BLOCK < side ? begin + BLOCK : side;
    for (size_t i = begin; i < end; i++) scale_values(end, decay, factor + i * side);
    work->product->gemm(right, !right, end - begin, end, other, x + begin * down, n, x, n, true,
                        factor + begin * side, side, work->gemm);
    mirror(side, begin, end, factor);
  }
}

/* factor = beta2 factor + (1 - beta2) / other_side x x^T, or x^T x on the right; x (m, n) has the other
   side's scales already, and is scaled here once more, so that the product can add to the factor. */
static void move_factor(const tx_kl_options *options, const workspace *work, bool right, size_t m, size_t n,
                        float *x, float *factor)
{
  const size_t other = right ? m : n;
  scale_values(m * n, (float)sqrt((1.0 - options->beta2) / (double)other), x);
  add_square(work, right, m, n, x, (float)options->beta2, factor);
}

/* From QL^T G and G QR, which are overwritten. */
static void move_factors(const tx_kl_options *options, tx_kl_matrix *matrix, const workspace *work)
{
  const size_t m = matrix->rows, n = matrix->columns;
  float *x = work->first;
  for (size_t i = 0; i < m; i++) scale_values(n, work->left_scales[i], x + i * n);
  move_factor(options, work, true, m, n, x, matrix->right);
  x = work->square;
  for (size_t i = 0; i < m; i++) {
    float *restrict row = x + i * n;
    const float *scales = work->right_scales;
#pragma omp simd
    for (size_t j = 0; j < n; j++) row[j] *= scales[j];
  }
  move_factor(options, work, false, m, n, x, matrix->left);
}

/* One step of power iteration: vectors = Q of (factor vectors) = Q R. */
static void renew(const workspace *work, size_t side, const float *factor, float *vectors)
{
  multiply(work, (operand){vectors, side, side, true}, (operand){factor, side, side, true}, work->square);
  tx_blas_qr(side, work->square, work->qr);
  transpose(side, side, work->square, vectors);
}

/* Renews the eigenvectors. The moment is the gradient's, so it is transformed to the new basis; Adam's second
   moment stays, as in the authors' code. */
static void renew_basis(tx_kl_matrix *matrix, const workspace *work)
{
  out_of_basis(work, matrix, matrix->moment, work->first, work->second);
  renew(work, matrix->rows, matrix->left, matrix->left_vectors);
  renew(work, matrix->columns, matrix->right, matrix->right_vectors);
  into_left(work, matrix, work->second, work->first);
  into_right(work, matrix, work->first, matrix->moment);
}

/* weights -= rate change, then weights -= rate decay weights. False if the change is not finite. */
static bool move_weights(const tx_kl_options *options, const tx_kl_matrix *matrix, const tx_kl_update *update,
                         const float *change)
{
  const double rate = update->learning_rate;
  const size_t n = matrix->columns, count = matrix->rows * n;
  const float keep = update->decay ? (float)(1.0 - rate * options->weight_decay) : 1.0F;
  float factor = (float)rate;
  if (!all_finite(count, change)) return false;
  if (options->normalise) {
    double squares = 0;
#pragma omp simd reduction(+ : squares)
    for (size_t i = 0; i < count; i++) squares += (double)change[i] * (double)change[i];
    /* a change that is zero stays zero */
    if (squares > 0) factor = (float)(rate / sqrt(squares / (double)count));
  }
  for (size_t i = 0; i < matrix->rows; i++) {
    const float *restrict from = change + i * n;
    float *restrict weights = update->weights + i * update->stride;
#pragma omp simd
    for (size_t j = 0; j < n; j++) weights[j] = keep * (weights[j] - factor * from[j]);
  }
  return true;
}

tx_status tx_kl_matrix_step(const tx_kl_options *options, tx_kl_matrix *matrix, const tx_kl_update *update,
                            float *scratch, const char **fault)
{
  const workspace work = lay_out(matrix, scratch);
  const size_t m = matrix->rows, n = matrix->columns;
  scaled_gradient(matrix, update, work.gradient);
  inverse_roots(m, options->clamp, matrix->left_values, work.left_scales);
  inverse_roots(n, options->clamp, matrix->right_values, work.right_scales);
  into_left(&work, matrix, work.gradient, work.first);
  into_right(&work, matrix, work.gradient, work.square);
  if (n > m) /* H by the product with the shorter side */
    into_left(&work, matrix, work.square, work.second);
  else
    into_right(&work, matrix, work.first, work.second);
  move_values(options, matrix, &work, work.second);
  move_moments(options, matrix, &work, work.second);
  move_factors(options, matrix, &work);
  out_of_basis(&work, matrix, work.second, work.first, work.gradient);
  if (!move_weights(options, matrix, update, work.gradient)) {
    *fault = "its update is not finite";
    return TX_ERROR_NUMERIC;
  }
  if (!factor_finite(m, matrix->left) || !factor_finite(n, matrix->right)) {
    *fault = "a factor is not finite";
    return TX_ERROR_NUMERIC;
  }
  if (!all_finite(m, matrix->left_values) || !all_finite(n, matrix->right_values)) {
    *fault = "an eigenvalue is not finite";
    return TX_ERROR_NUMERIC;
  }
  if (update->step % options->frequency == 0) renew_basis(matrix, &work);
  return TX_OK;
}
