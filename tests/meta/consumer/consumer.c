#include <stdio.h>
#include <string.h>
#include <taxamba/taxamba.h>

int main(void)
{
  tx_error error;
  tx_model *model = NULL;
  if (strcmp(tx_version(), TX_VERSION) != 0) {
    printf("headers %s, library %s\n", TX_VERSION, tx_version());
    return 1;
  }
  if (tx_model_open("/dev/null", &model, &error) != TX_ERROR_MODEL && error.code != TX_ERROR_IO) return 1;
  printf("taxamba %s: %s\n", tx_version(), error.message);
  return 0;
}
