/* A calibration, with or without a network as a witness. */
#ifndef TX_EVIDENCE_CALIBRATE_H
#define TX_EVIDENCE_CALIBRATE_H

#include "evidence/calibration_records.h"

/* tx_reference_set_calibrate with the threads of a pool. opt_voice: the network whose weights are fitted;
   without one the set has none afterwards. */
tx_status tx_calibrate(tx_reference_set *set, tx_labelled *reader, const tx_calibrate_options *options,
                       tx_pool *pool, const tx_witness_voice *opt_voice, tx_calibration_report *ret_report,
                       tx_error *error);

#endif
