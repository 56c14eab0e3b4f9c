#include "out/prefix.h"

#include "taxon/lineage.h"

void tx_prefix_put(tx_bytes *out, const char *rank, const char *name)
{
  const int known = tx_lineage_find_rank(rank);
  const char *letters = known >= 0 ? tx_lineage_prefix((size_t)known) : NULL;
  tx_bytes_text(out, letters ? letters : rank);
  tx_bytes_text(out, "__");
  tx_bytes_text(out, name);
}
