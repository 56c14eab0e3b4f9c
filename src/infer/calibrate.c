#include <taxamba/calibrate.h>

#include "base/error.h"
#include "evidence/calibrate.h"
#include "evidence/notes.h"
#include "infer/listen.h"

#include <taxamba/runtime.h>

/* The network of the options as a voice; NULL: there is none that knows the references. */
static tx_status make_listener(const tx_reference_set *set, const tx_calibrate_options *options,
                               tx_pool *pool, tx_listener **ret_listener, tx_error *error)
{
  tx_status status;
  *ret_listener = NULL;
  if (!options->model) return TX_OK;
  status = tx_listener_create(options->model, set, pool, ret_listener, error);
  if (status == TX_OK && !*ret_listener)
    tx_hooks_note(&options->hooks,
                  "the network of the model knows no taxon of the references: it is no witness");
  return status;
}

tx_status tx_reference_set_calibrate(tx_reference_set *set, tx_labelled *reader,
                                     const tx_calibrate_options *options, tx_calibration_report *ret_report,
                                     tx_error *error)
{
  tx_listener *listener = NULL;
  tx_pool *pool = NULL;
  tx_status status = tx_pool_create(options->threads ? options->threads : tx_processors(), &pool, error);
  if (status == TX_OK) status = make_listener(set, options, pool, &listener, error);
  if (status == TX_OK)
    status = tx_calibrate(set, reader, options, pool, tx_listener_voice(listener), ret_report, error);
  tx_listener_free(listener);
  tx_pool_free(pool);
  return status;
}
