#include "out/prefix.h"

#include "taxon/lineage.h"

void tx_prefix_put(tx_bytes *out, const char *rank, const char *name)
{
  const int prefix = tx_prefix_find(rank);
  tx_bytes_text(out, prefix >= 0 ? tx_prefix_letters((size_t)prefix) : rank);
  tx_bytes_text(out, "__");
  tx_bytes_text(out, name);
}
