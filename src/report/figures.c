#include "report/figures.h"

/* The plots: columns are those of the figure's table. OF_SETS: points for each series and set, without
   intervals; OF_GROUPS: points with intervals for each series. */
#define OF_SETS .series = 0, .set = 1, .x = 2, .y = 3, .low = -1, .high = -1
#define OF_GROUPS .series = 0, .set = -1, .x = 1, .y = 3, .low = 4, .high = 5, .weight = -1, .fitted_y = true

static const tx_plot accuracy_plot = {
    .series = 0, .set = 1, .x = 2, .y = 5, .low = 6, .high = 7, .weight = -1, .fitted_y = true,
    .x_label = "rank", .y_label = "accuracy"};
static const tx_plot reliability_plot = {
    OF_SETS, .weight = 4, .lines = true, .unit_x = true, .unit_y = true, .diagonal = true,
    .x_label = "mean confidence of the calls", .y_label = "accuracy of the calls"};
static const tx_plot risk_plot = {
    OF_SETS, .weight = -1, .lines = true, .unit_x = true, .x_label = "coverage",
    .y_label = "risk (share of wrong calls)"};
static const tx_plot length_plot = {OF_GROUPS, .x_label = "bases", .y_label = "accuracy"};
static const tx_plot size_plot = {OF_GROUPS, .x_label = "records of the class", .y_label = "accuracy"};
static const tx_plot novelty_plot = {
    OF_SETS, .weight = -1, .lines = true, .unit_x = true, .unit_y = true, .diagonal = true,
    .x_label = "false positive rate", .y_label = "true positive rate"};
static const tx_plot cluster_plot = {OF_SETS, .weight = -1, .x_label = "score", .y_label = "value"};
static const tx_plot loss_plot = {
    OF_SETS, .weight = -1, .lines = true, .x_label = "epoch", .y_label = "loss"};
static const tx_plot training_plot = {
    OF_SETS, .weight = -1, .lines = true, .unit_y = true, .x_label = "epoch",
    .y_label = "accuracy of the validation records"};

/* Columns of a figure, and the function that fills them. */
#define NUMBERS(id, count) .columns = tx_##id##_columns, .column_count = count, .collect = tx_collect_##id

static const tx_chart figures[] = {
    {"unlike", "Reads like no reference",
     "A record has the status <code>unlike</code> if it is not similar enough to any reference, or of a "
     "network alone to what it has learned, to say anything.",
     TX_PART_SAMPLE, tx_needs_sample, NUMBERS(unlike, 8), tx_draw_alarm, NULL, true},
    {"composition", "Taxa of the samples",
     "The most frequent taxa of all samples, each sample as a bar of its shares.", TX_PART_SAMPLE,
     tx_needs_sample, NUMBERS(composition, 4), tx_draw_stacks, NULL, false},
    {"lengths", "Lengths of the reads",
     "How long the reads are, and which lengths the answers are meant for.", TX_PART_SAMPLE, tx_needs_sample,
     NUMBERS(lengths, 5), tx_draw_histogram, NULL, false},
    {"taxa", "Top taxa", "Reads of each lineage in all samples together, down to the rank of the bars.",
     TX_PART_SAMPLE, tx_needs_sample, NUMBERS(taxa, 5), tx_draw_bars, NULL, false},
    {"attention", "Look at these",
     "Records that deserve a look, those with most reads first: like no reference, probably a taxon without "
     "a "
     "reference, or a confidence below 0.8 at their lowest rank.",
     TX_PART_SAMPLE, tx_needs_sample, NUMBERS(attention, 6), tx_draw_bars, NULL, false},
    {"reads", "Taxonomy by reads",
     "Each column is a rank. The height of a cell is its share of the reads; a cell ends where the lineages "
     "do.",
     TX_PART_SAMPLE, tx_needs_sample, NUMBERS(reads_tree, 6), tx_draw_tree, NULL, true},
    {"accuracy", "Accuracy per rank",
     "Share of the labelled queries that are named rightly; no call counts as wrong. Whiskers are 95 % "
     "intervals. <em>Known taxa</em> are those that the classifier was made from.",
     TX_PART_EVALUATION, tx_needs_scores, NUMBERS(accuracy, 13), tx_draw_plot, &accuracy_plot, false},
    {"reliability", "Reliability",
     "Calls in bins of their confidence. On the diagonal a confidence is the share that is right; below it "
     "the "
     "classifier is too sure. The area of a point is the number of calls.",
     TX_PART_EVALUATION, tx_needs_scores, NUMBERS(reliability, 7), tx_draw_plot, &reliability_plot, false},
    {"risk", "Risk against coverage",
     "If only the surest calls are kept: which share of the queries has a call, and how many of these calls "
     "are "
     "wrong.",
     TX_PART_EVALUATION, tx_needs_scores, NUMBERS(risk, 6), tx_draw_plot, &risk_plot, false},
    {"novelty", "New taxa",
     "How well taxa without a reference are told from known ones: each point is a threshold of the "
     "probability "
     "of a new taxon (without it, of one minus the confidence). Guessing gives the diagonal.",
     TX_PART_EVALUATION, tx_needs_novelty, NUMBERS(novelty, 5), tx_draw_plot, &novelty_plot, false},
    {"by_length", "Accuracy by length", "Queries in groups of their length, with 95 % intervals (Wilson).",
     TX_PART_EVALUATION, tx_needs_scored, NUMBERS(by_length, 6), tx_draw_plot, &length_plot, false},
    {"by_class_size", "Accuracy by size of class",
     "Queries in groups of the number of records of their taxon, with 95 % intervals (Wilson).",
     TX_PART_EVALUATION, tx_needs_scored, NUMBERS(by_class_size, 6), tx_draw_plot, &size_plot, false},
    {"confusions", "Worst confusions",
     "True lineage, and below it the one that was called. A flag marks labels that may be wrong themselves: "
     "of "
     "records in an audit, or where the classifier is sure (0.95) of the other taxon.",
     TX_PART_EVALUATION, tx_needs_scored, NUMBERS(confusions, 6), tx_draw_bars, NULL, false},
    {"accuracy_tree", "Taxonomy by accuracy",
     "Each column is a rank. The height of a cell is its share of the queries, its colour the share of them "
     "that "
     "are named rightly at that rank.",
     TX_PART_EVALUATION, tx_needs_scored, NUMBERS(accuracy_tree, 6), tx_draw_tree, NULL, true},
    {"map", "Map of the embeddings", "Records that the vectors place near each other are near each other.",
     TX_PART_CLUSTERS, tx_needs_maps, NUMBERS(map, 4), tx_draw_map, NULL, false},
    {"clusters", "Clusters against classes",
     "Agreement of clusters and classes: 1 is perfect, 0 of the adjusted scores (AMI, ARI) is chance. The "
     "silhouette is that of the space that was clustered.",
     TX_PART_CLUSTERS, tx_needs_clusterings, NUMBERS(clusterings, 6), tx_draw_plot, &cluster_plot, false},
    {"losses", "Losses of the training", "Means of an epoch.", TX_PART_TRAINING, tx_needs_runs,
     NUMBERS(losses, 5), tx_draw_plot, &loss_plot, false},
    {"training_accuracy", "Accuracy during the training",
     "Share of the validation records that are named rightly.", TX_PART_TRAINING, tx_needs_runs,
     NUMBERS(training_accuracy, 4), tx_draw_plot, &training_plot, false},
};

const tx_chart *tx_charts(size_t *ret_count)
{
  *ret_count = sizeof figures / sizeof *figures;
  return figures;
}
