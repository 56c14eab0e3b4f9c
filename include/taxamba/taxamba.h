/* Umbrella header of libtaxamba: taxonomic classification of DNA barcodes. */
#ifndef TAXAMBA_TAXAMBA_H
#define TAXAMBA_TAXAMBA_H

#include <taxamba/calibrate.h>
#include <taxamba/classes.h>
#include <taxamba/classifier.h>
#include <taxamba/cluster.h>
#include <taxamba/compare.h>
#include <taxamba/count_table.h>
#include <taxamba/evaluate.h>
#include <taxamba/head_reader.h>
#include <taxamba/label_evidence.h>
#include <taxamba/label_sources.h>
#include <taxamba/labelled.h>
#include <taxamba/model.h>
#include <taxamba/multilabel.h>
#include <taxamba/neighbours.h>
#include <taxamba/output.h>
#include <taxamba/param.h>
#include <taxamba/partition.h>
#include <taxamba/paths.h>
#include <taxamba/points.h>
#include <taxamba/precision.h>
#include <taxamba/predict.h>
#include <taxamba/prediction.h>
#include <taxamba/prediction_reader.h>
#include <taxamba/predictions.h>
#include <taxamba/pytorch.h>
#include <taxamba/record.h>
#include <taxamba/references.h>
#include <taxamba/report.h>
#include <taxamba/retrieval.h>
#include <taxamba/runtime.h>
#include <taxamba/samples.h>
#include <taxamba/status.h>
#include <taxamba/suite.h>
#include <taxamba/taxon_table.h>
#include <taxamba/taxonomy.h>
#include <taxamba/train.h>
#include <taxamba/trait_study.h>
#include <taxamba/traits.h>
#include <taxamba/truth.h>
#include <taxamba/vectors.h>
#include <taxamba/version.h>

#endif
