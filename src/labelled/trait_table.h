/* Reading a table of traits from an open input. */
#ifndef TX_LABELLED_TRAIT_TABLE_H
#define TX_LABELLED_TRAIT_TABLE_H

#include <taxamba/traits.h>

#include "base/input.h"

/* tx_traits_read from an open input, which is closed in any case. */
tx_status tx_traits_read_input(tx_input *input, const tx_traits_options *options, tx_traits **ret_traits,
                               tx_error *error);

#endif
