#include "intake.h"

#include <inttypes.h>

static void show_message(void *context, const char *line)
{
  tx_intake *intake = context;
  tx_progress_clear(&intake->progress);
  tx_message(intake->call, line);
}

/* All is read. */
static tx_status check_input(void *context, tx_error *error)
{
  const tx_intake *intake = context;
  return tx_check_columns(intake->call, tx_labelled_has_table(intake->reader), error);
}

tx_status tx_intake_open(const tx_call *call, const tx_labelled_options *options,
                         const tx_reference_set *opt_set, tx_intake *ret_intake, tx_error *error)
{
  tx_labelled_options own = *options;
  const tx_taxonomy *taxonomy = opt_set ? tx_reference_set_taxonomy(opt_set) : NULL;
  const char *ranks[TX_RANKS_MAX];
  tx_status status;
  own.wanted = ranks;
  own.wanted_count = taxonomy ? tx_taxonomy_rank_count(taxonomy) : 0;
  for (size_t r = 0; r < own.wanted_count; r++) ranks[r] = tx_taxonomy_rank_name(taxonomy, r);
  *ret_intake = (tx_intake){.call = call};
  status = tx_labelled_open(call->operands, call->operand_count, &own, &ret_intake->reader, error);
  if (status == TX_OK && call->operand_count == 1) status = check_input(ret_intake, error);
  tx_progress_start(&ret_intake->progress, call, false, 0);
  return status;
}

static void show_progress(void *context, const tx_reference_progress *progress)
{
  tx_intake *intake = context;
  if (progress->fitting && !intake->fitting) {
    intake->fitting = true;
    tx_progress_show(&intake->progress, "fitting the weights of the answer");
  } else if (!progress->fitting && tx_progress_due(&intake->progress)) {
    tx_progress_show(&intake->progress, "%" PRIu64 " records read", progress->records);
  }
}

tx_reference_hooks tx_intake_hooks(tx_intake *intake)
{
  return (tx_reference_hooks){show_progress, show_message, check_input, intake, tx_stop_flag()};
}

void tx_intake_close(tx_intake *intake)
{
  tx_progress_clear(&intake->progress);
  tx_labelled_close(intake->reader);
}
