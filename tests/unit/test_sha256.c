/* SHA-256 against the examples of FIPS 180-4, in pieces of any size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/sha256.h"

static void check(const char *text, size_t repeat, size_t piece, const char *expected)
{
  uint8_t digest[TX_SHA256_BYTES];
  char hex[2 * TX_SHA256_BYTES + 1];
  tx_sha256 hash;
  tx_sha256_start(&hash);
  for (size_t i = 0; i < repeat; i++)
    for (size_t at = 0; at < strlen(text); at += piece)
      tx_sha256_add(&hash, text + at, strlen(text) - at < piece ? strlen(text) - at : piece);
  tx_sha256_end(&hash, digest);
  for (size_t i = 0; i < sizeof digest; i++) snprintf(hex + 2 * i, 3, "%02x", digest[i]);
  assert_string_equal(hex, expected);
}

static void test_examples(void **state)
{
  (void)state;
  check("", 1, 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  check("abc", 1, 64, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  for (size_t piece = 1; piece < 60; piece += 7)
    check("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1, piece,
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  check("aaaaaaaaaa", 100000, 10, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_examples)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
