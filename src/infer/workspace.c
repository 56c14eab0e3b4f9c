#include <taxamba/classifier.h>

#include "base/error.h"
#include "infer/group.h"

#include <stdlib.h>

struct tx_workspace {
  const tx_classifier *classifier;
  tx_group *group;
  tx_result *result;
};

tx_status tx_workspace_create(const tx_classifier *classifier, tx_workspace **ret_workspace, tx_error *error)
{
  tx_workspace *workspace = calloc(1, sizeof *workspace);
  tx_status status;
  *ret_workspace = NULL;
  if (!workspace) return tx_fail_memory(error, "the workspace of a thread");
  workspace->classifier = classifier;
  workspace->result = calloc(1, tx_result_size(classifier));
  status = workspace->result ? tx_group_create(classifier, &workspace->group, error)
                             : tx_fail_memory(error, "the workspace of a thread");
  if (status == TX_OK)
    *ret_workspace = workspace;
  else
    tx_workspace_free(workspace);
  return status;
}

void tx_workspace_free(tx_workspace *workspace)
{
  if (!workspace) return;
  tx_group_free(workspace->group);
  free(workspace->result);
  free(workspace);
}

tx_status tx_classify(tx_workspace *workspace, const char *sequence, size_t length,
                      const tx_prediction **ret_prediction, tx_error *error)
{
  const tx_record record = {
      .id = "", .comment = "", .bases = sequence, .base_count = length, .file = "the sequence"};
  void *result = workspace->result;
  size_t computed = 0;
  tx_status status =
      tx_group_predict(workspace->classifier, workspace->group, &record, &result, 1, &computed, error);
  *ret_prediction = status == TX_OK ? &workspace->result->prediction : NULL;
  return status;
}
