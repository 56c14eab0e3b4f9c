/* Writers of clusters and trees. */
#include "cluster/clustering.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

enum { FLUSH_SIZE = 1 << 16 };

static tx_status write_out(tx_output *output, tx_bytes *text, size_t least, tx_error *error)
{
  tx_status status = TX_OK;
  if (text->failed) return tx_fail_memory(error, "rows of output");
  if (text->size >= least && text->size) {
    status = tx_output_write(output, text->data, text->size, error);
    tx_bytes_clear(text);
  }
  return status;
}

static tx_status finish(tx_output *output, tx_bytes *text, tx_status status, tx_error *error)
{
  if (status == TX_OK) status = write_out(output, text, 0, error);
  tx_bytes_free(text);
  if (status == TX_OK) return tx_output_commit(output, error);
  tx_output_abort(output);
  return status;
}

static void put_cluster(tx_bytes *text, const tx_clustering *clustering, const char *id, size_t record)
{
  const bool none = clustering->labels[record] == TX_NO_VECTOR;
  if (none)
    tx_bytes_printf(text, "%s\tNA", id);
  else
    tx_bytes_printf(text, "%s\t%d", id, (int)clustering->labels[record]);
  if (clustering->opt_probabilities && none)
    tx_bytes_text(text, "\tNA");
  else if (clustering->opt_probabilities)
    tx_bytes_printf(text, "\t%.4f", clustering->opt_probabilities[record]);
  tx_bytes_text(text, "\n");
}

tx_status tx_clustering_write(const tx_clustering *clustering, const tx_points *points, const char *path,
                              const volatile int *opt_stop, tx_error *error)
{
  tx_output *output = NULL;
  tx_bytes text = {0};
  tx_status status = tx_output_open(path, opt_stop, &output, error);
  if (status != TX_OK) return status;
  tx_bytes_text(&text, clustering->opt_probabilities ? "id\tcluster\tprobability\n" : "id\tcluster\n");
  for (size_t i = 0; i < clustering->records && status == TX_OK; i++) {
    put_cluster(&text, clustering, tx_points_id(points, i), i);
    status = write_out(output, &text, FLUSH_SIZE, error);
  }
  return finish(output, &text, status, error);
}

/* A name as Newick has it: in quotes unless it is plain. */
static void put_name(tx_bytes *text, const char *name)
{
  if (name[0] && !name[strcspn(name, " \t'\"()[]{}:;,=_")]) {
    tx_bytes_text(text, name);
    return;
  }
  tx_bytes_text(text, "'");
  for (; *name; name++) tx_bytes_append(text, *name == '\'' ? "''" : name, *name == '\'' ? 2 : 1);
  tx_bytes_text(text, "'");
}

typedef struct newick {
  const tx_clustering *clustering;
  const tx_points *points;
  tx_output *output;
  tx_bytes text;
} newick;

static double height_of(const tx_tree *tree, uint32_t node)
{
  return node < tree->count ? 0 : tree->joins[node - tree->count].height / 2;
}

/* Trees may be as deep as there are records, so there is a stack instead of recursion: a node is visited
   before, between and after its two parts. */
static tx_status write_nodes(newick *out, uint32_t *stack, unsigned char *visits, tx_error *error)
{
  const tx_tree *tree = &out->clustering->tree;
  size_t depth = 1;
  tx_status status = TX_OK;
  stack[0] = (uint32_t)(2 * tree->count - 2);
  visits[0] = 0;
  while (depth && status == TX_OK) {
    const uint32_t node = stack[depth - 1];
    const tx_join *join = node < tree->count ? NULL : &tree->joins[node - tree->count];
    if (join && visits[depth - 1] < 2) {
      tx_bytes_text(&out->text, visits[depth - 1] ? "," : "(");
      stack[depth] = visits[depth - 1]++ ? join->right : join->left;
      visits[depth++] = 0;
      continue;
    }
    if (join)
      tx_bytes_text(&out->text, ")");
    else
      put_name(&out->text, tx_points_id(out->points, out->clustering->record_of[node]));
    if (--depth)
      tx_bytes_printf(&out->text, ":%.9g", height_of(tree, stack[depth - 1]) - height_of(tree, node));
    status = write_out(out->output, &out->text, FLUSH_SIZE, error);
  }
  tx_bytes_text(&out->text, ";\n");
  return status;
}

tx_status tx_clustering_write_tree(const tx_clustering *clustering, const tx_points *points, const char *path,
                                   const volatile int *opt_stop, tx_error *error)
{
  newick out = {clustering, points, NULL, {0}};
  uint32_t *stack;
  unsigned char *visits;
  tx_status status;
  if (!clustering->has_tree) return tx_fail(error, TX_ERROR_USAGE, "this method makes no tree");
  stack = tx_malloc_aligned(clustering->rows + 1, sizeof *stack);
  visits = tx_malloc_aligned(clustering->rows + 1, sizeof *visits);
  status = stack && visits ? tx_output_open(path, opt_stop, &out.output, error)
                           : tx_fail_memory(error, "the tree of a clustering");
  if (status == TX_OK) {
    status = write_nodes(&out, stack, visits, error);
    status = finish(out.output, &out.text, status, error);
  }
  free(stack);
  free(visits);
  return status;
}
