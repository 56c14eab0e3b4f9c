/* Lists of numbers in one setting: "0.02,0.02,0.01". */
#ifndef TX_SETTINGS_LISTS_H
#define TX_SETTINGS_LISTS_H

#include <taxamba/taxonomy.h>
#include <taxamba/train.h>

/* Reads 0 to TX_RANKS_MAX numbers between minimum and maximum, separated by commas; "" has none.
   TX_ERROR_USAGE names the option and the word at fault. */
tx_status tx_number_list(const char *option, const char *text, double minimum, double maximum,
                         double values[TX_RANKS_MAX], size_t *ret_count, tx_error *error);

/* Read the settings that are such lists, within their bounds; lengths are whole numbers. */
tx_status tx_smoothing_list(const tx_train_config *config, double values[TX_RANKS_MAX], size_t *ret_count,
                            tx_error *error);
tx_status tx_rank_weight_list(const tx_train_config *config, double values[TX_RANKS_MAX], size_t *ret_count,
                              tx_error *error);
tx_status tx_crop_length_list(const tx_train_config *config, double values[TX_RANKS_MAX], size_t *ret_count,
                              tx_error *error);

#endif
