/* Names of taxa with the prefix of their rank: "g__Aedes". */
#ifndef TX_OUT_PREFIX_H
#define TX_OUT_PREFIX_H

#include "base/bytes.h"

/* Appends the letters of a rank, or its name if it has none ("bin"), two underscores and the name, which may
   be "". */
void tx_prefix_put(tx_bytes *out, const char *rank, const char *name);

#endif
