/* The loss of a shared space and its gradients against golden/align_loss.safetensors: float64 of PyTorch, the
   loss written out and checked there against its cross-entropy with probabilities. */
#include "golden/golden.h"

#include "objective/align_loss.h"

enum { RECORDS = 12, WIDTH = 8 };

static const double *doubles(const tx_safetensors *file, const char *prefix, const char *name, size_t count)
{
  const tx_section *section = golden_section(file, prefix, name);
  assert_int_equal(section->dtype, TX_DTYPE_F64);
  assert_int_equal(section->size, count * sizeof(double));
  return section->data;
}

static void check(const char *key, const char *what, const double *got, const double *want, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (!(fabs(got[i] - want[i]) <= 1e-10 * (1 + fabs(want[i]))))
      fail_msg("%s, %s[%zu]: %.15g, expected %.15g", key, what, i, got[i], want[i]);
}

/* A set of modalities: the first letters of their names. */
static void check_set(const tx_safetensors *file, const char *set, const char *labels, bool normalised)
{
  static const unsigned char present[RECORDS] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  static double gradients[3][RECORDS * WIDTH];
  const char *names[3];
  double *targets[3] = {gradients[0], gradients[1], gradients[2]};
  char key[80];
  tx_align_work work;
  tx_align_result result;
  tx_error error;
  const tx_section *own = golden_section(file, "labels.", labels);
  tx_align_batch batch = {.count = RECORDS,
                          .width = WIDTH,
                          .labels = own->data,
                          .normalised = normalised,
                          .log_scale = *doubles(file, "", "log_scale", 1)};
  for (const char *c = set; *c; c++) {
    names[batch.modalities] = *c == 'i' ? "image" : *c == 'd' ? "dna" : "text";
    batch.present[batch.modalities] = present;
    batch.features[batch.modalities] =
        doubles(file, "features.", names[batch.modalities], RECORDS * WIDTH);
    batch.modalities++;
  }
  snprintf(key, sizeof key, "%s.%s.%s.", set, labels, normalised ? "normalised" : "authors");
  assert_int_equal(tx_align_work_create(RECORDS, WIDTH, batch.modalities, &work, &error), TX_OK);
  tx_align_loss(&batch, &work, targets, &result);
  check(key, "loss", &result.loss, doubles(file, key, "loss", 1), 1);
  check(key, "d_log_scale", &result.d_log_scale, doubles(file, key, "d_log_scale", 1), 1);
  for (size_t m = 0; m < batch.modalities; m++) {
    char name[16];
    snprintf(name, sizeof name, "d_%s", names[m]);
    check(key, name, gradients[m], doubles(file, key, name, RECORDS * WIDTH), RECORDS * WIDTH);
  }
  tx_align_work_free(&work);
}

static void test_loss(void **state)
{
  static const char *const sets[] = {"idt", "id", "dt"};
  tx_safetensors *file = NULL;
  tx_error error;
  (void)state;
  assert_int_equal(tx_safetensors_open(TX_TESTS_DIR "/golden/align_loss.safetensors", 0, &file, &error),
                   TX_OK);
  for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
    check_set(file, sets[i], "own", false);
    check_set(file, sets[i], "shared", false);
    check_set(file, sets[i], "shared", true);
  }
  tx_safetensors_close(file);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_loss)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
