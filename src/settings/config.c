#include "settings/config.h"

#include "base/error.h"
#include "settings/lists.h"
#include "seq/bpe.h"
#include "seq/primers.h"
#include "seq/tokenizer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <taxamba/labelled.h>

#define FIELD(name) offsetof(tx_train_config, name)

/* The epochs of a run that does not set them, as the text of the parameter has them. */
#define EPOCHS_OF_ONE 1800.0
#define EPOCHS_LEAST 2.0
#define EPOCHS_MOST 80.0

static const tx_param train_params[] = {
    /* objective */
    {"objective", 0, TX_PARAM_CHOICE, FIELD(objective), 0, 0, "taxa",
     "taxa|next-token|masked|masked-autoencoder|multilabel|align", "Objective",
     "What is learnt: the taxa at the ranks, or, to pretrain an encoder on sequences whose labels are not "
     "looked at, each next token (as BarcodeMamba does), tokens that are masked (as BarcodeBERT does), or "
     "tokens that are left out and which a decoder names from the others (masked-autoencoder, as BarcodeMAE "
     "does, Safari et al. 2025); options about labels are left aside then. multilabel: the set of taxa of a "
     "record that may have several, at any rank, with labels that may stop at any rank "
     "(--taxa-column). align: a "
     "space that the DNA shares with vectors of other modalities, of images or texts of the same records "
     "(--vectors), in which a record is found from one modality by another; the networks that made the "
     "vectors stay as they are (locked towers), only a linear map of each is learnt."},
    {"vectors", 0, TX_PARAM_INPUTS, FIELD(vectors), 0, 0, "", "FILES", "Objective",
     "With objective align: NumPy arrays (n, width) of float32 or float64, one for each modality, separated "
     "by commas. The name of a modality is that of its file up to the first dot. A record that lacks one "
     "modality takes part in the others. A record is told apart from the others of its --batch, so that more "
     "than the usual number serve."},
    {"vector-ids", 0, TX_PARAM_INPUTS, FIELD(vector_ids), 0, 0, "", "FILES", "Objective",
     "Ids of the records of those rows, one a line, a file for each array. Default: the name of the array "
     "and '.ids'."},
    {"positives", 0, TX_PARAM_TEXT, FIELD(positives), 0, 0, "record", "NAME", "Objective",
     "What belongs together with objective align: the modalities of one record, as CLIBD was trained, or "
     "of all records with the same label at this rank."},
    {"shared-width", 0, TX_PARAM_COUNT, FIELD(shared_width), 1, 4096, "128", "N", "Objective",
     "Width of the space of objective align."},
    {"mask-share", 0, TX_PARAM_REAL, FIELD(mask_share), 0.01, 1, "0.5", "SHARE", "Objective",
     "Probability with which the objectives masked and masked-autoencoder hide a token, drawn anew for each "
     "epoch; words with N are not hidden. BarcodeBERT and BarcodeMAE: 0.5."},
    {"decoder-layers", 0, TX_PARAM_COUNT, FIELD(decoder_layers), 1, 64, "1", "N", "Objective",
     "Layers of the decoder of objective masked-autoencoder, as wide as those of the encoder. The model has "
     "no decoder."},
    {"init", 0, TX_PARAM_MODEL, FIELD(init), 0, 0, "", "FILE", "Objective",
     "Starts from the encoder of this model, trained or pretrained, and from its heads of those ranks whose "
     "taxa are the same, with objective align from its maps of the same widths and modalities. "
     "Tokenizer, learned words included, and sizes are those of the model; options that say otherwise are "
     "refused."},
    {"add", 0, TX_PARAM_FLAG, FIELD(add), 0, 0, "false", NULL, "Objective",
     "Keeps the taxa of the heads of --init, with what they have learnt, and adds those of the input to "
     "them; references of that model stay, too. Without it the new model has the taxa of the input only."},
    {"freeze-encoder", 0, TX_PARAM_FLAG, FIELD(freeze_encoder), 0, 0, "false", NULL, "Objective",
     "Only the heads learn, or the maps of objective align; the encoder stays as it is in the model of "
     "--init."},
    /* data */
    {"ranks", 0, TX_PARAM_TEXT, FIELD(ranks), 0, 0, "", "LIST", "Data",
     "Ranks to learn, separated by commas, top first. Default: those of the file that have a label."},
    TX_LABELLED_PARAMS(tx_train_config),
    TX_TAXA_COLUMN_PARAM(tx_train_config),
    {"split", 0, TX_PARAM_TEXT, FIELD(split), 0, 0, "train", "NAMES", "Data",
     "Training split or splits, separated by commas; used of tables with a split column. Other records, as "
     "of FASTA, all count as training records."},
    {"valid-split", 0, TX_PARAM_TEXT, FIELD(valid_split), 0, 0, "val", "NAMES", "Data",
     "Validation split or splits, separated by commas; used of tables with a split column."},
    {"valid-file", 0, TX_PARAM_INPUT, FIELD(valid_file), 0, 0, "", "FILE", "Data",
     "Validation records from this labelled file, when the input itself has none."},
    {"valid-fraction", 0, TX_PARAM_REAL, FIELD(valid_fraction), 0, 0.9, "0.05", "SHARE", "Data",
     "Without other validation records, this share of the training records is held out, drawn by the seed. "
     "0 holds out none."},
    {"second-labels", 0, TX_PARAM_INPUT, FIELD(second_labels), 0, 0, "", "FILE", "Data",
     "Labels of a second source that is trusted less: a table with the ids of the records, which need not "
     "have sequences. At the ranks at which a training record has no label, that of the second source takes "
     "part with --second-weight, unless the two differ at some rank: then the first counts alone. Records "
     "that only the second source labels are training records too. Validation and references have no label "
     "of it."},
    {"second-prefix", 0, TX_PARAM_TEXT, FIELD(second_prefix), 0, 0, "", "TEXT", "Data",
     "What the names of its columns begin with: 'other_' for other_genus, in the table that taxamba sources "
     "writes. It may be the training table itself."},
    {"second-weight", 0, TX_PARAM_REAL, FIELD(second_weight), 0.0001, 1, "0.3", "WEIGHT", "Data",
     "Factor of the loss at a label of the second source."},
    {"amplicon", 0, TX_PARAM_TEXT, FIELD(amplicon), 0, 0, "", "FWD,REV", "Data",
     "Takes only the stretch between two primers of each record, without their sites, for training and for "
     "validation. Both primers from 5' to 3', as they are ordered, in IUPAC letters or I (inosine). A site "
     "has at most 15 % mismatches, rounded down, but one in any case; both strands are tried. A record with "
     "one site reaches to its end; one without a site is left out, and a note counts it."},
    {"min-bases", 0, TX_PARAM_COUNT, FIELD(min_bases), 1, 100000, "50", "N", "Data",
     "Records with fewer certain bases (A, C, G, T) are left out."},
    {"references", 0, TX_PARAM_FLAG, FIELD(references), 0, 0, "true", NULL, "Data",
     "Puts the training records into the model as references: taxamba classify then answers by search and "
     "alignment, and by the network where it is told to. Fitting their weights takes seconds."},
    /* tokenizer */
    {"tokenizer", 0, TX_PARAM_CHOICE, FIELD(tokenizer), 0, 0, "bpe", "char|kmer|bpe", "Tokenizer",
     "Tokens are single bases (char), words of k bases (kmer), or frequent words of any length that are "
     "learned from the training records (bpe, byte-pair encoding)."},
    {"k", 'k', TX_PARAM_COUNT, FIELD(k), 3, 8, "6", "N", "Tokenizer", "Bases in a k-mer."},
    {"stride", 0, TX_PARAM_COUNT, FIELD(stride), 0, 8, "0", "N", "Tokenizer",
     "Bases from one k-mer to the next, at most k. 0: k, so that k-mers do not overlap."},
    {"bpe-symbols", 0, TX_PARAM_COUNT, FIELD(bpe_symbols), 8, TX_BPE_SYMBOLS_MAX, "4096", "N", "Tokenizer",
     "Tokens that --tokenizer bpe learns, the bases included; fewer where the records have no more words "
     "that occur twice."},
    {"bpe-longest", 0, TX_PARAM_COUNT, FIELD(bpe_longest), 2, TX_BPE_LONGEST_MAX, "16", "N", "Tokenizer",
     "Most bases of a token that --tokenizer bpe learns."},
    {"max-bases", 0, TX_PARAM_COUNT, FIELD(max_bases), 0, 100000, "1500", "N", "Tokenizer",
     "Bases used of a record, from its start; 0 uses all. The COI barcode is 660 bases, ITS runs to about "
     "1300."},
    {"pad-to", 0, TX_PARAM_COUNT, FIELD(pad_to), 0, TX_TOKENIZER_PAD_MAX, "0", "N", "Tokenizer",
     "Pads on the left with N to so many bases, as BarcodeMamba does (660); 0 for no padding."},
    {"pool-padding", 0, TX_PARAM_FLAG, FIELD(pool_padding), 0, 0, "false", NULL, "Tokenizer",
     "Takes the mean over all positions, those of the padding included, as BarcodeMamba does. Only with "
     "--pad-to."},
    /* encoder */
    {"d-model", 'd', TX_PARAM_COUNT, FIELD(d_model), 8, 4096, "128", "N", "Encoder",
     "Width of the encoder and of the embedding."},
    {"n-layer", 'l', TX_PARAM_COUNT, FIELD(n_layer), 1, 64, "2", "N", "Encoder", "Number of layers."},
    {"d-state", 0, TX_PARAM_COUNT, FIELD(d_state), 1, 512, "64", "N", "Encoder",
     "Size of the state of a Mamba-2 head."},
    {"headdim", 0, TX_PARAM_COUNT, FIELD(headdim), 1, 512, "32", "N", "Encoder",
     "Width of a Mamba-2 head; must divide expand times d-model. BarcodeMamba has 48 with a d-model of 384."},
    {"expand", 0, TX_PARAM_COUNT, FIELD(expand), 1, 8, "2", "N", "Encoder",
     "Inner width of the mixer as a multiple of d-model."},
    {"d-conv", 0, TX_PARAM_COUNT, FIELD(d_conv), 2, 4, "4", "N", "Encoder",
     "Width of the causal convolution in tokens."},
    {"mlp-width", 0, TX_PARAM_COUNT, FIELD(mlp_width), 0, 32768, "0", "N", "Encoder",
     "Hidden width of the MLP; 0 is 4 times d-model."},
    {"positions", 0, TX_PARAM_COUNT, FIELD(positions), 0, 100000, "0", "N", "Encoder",
     "Rows of learned position embeddings (Gehring et al. 2017): each token has that of its place added, "
     "tokens beyond the last row share it. 0 for none; with objective masked-autoencoder 0 is as many as "
     "--max-bases has tokens (bpe: half as many as it has bases)."},
    {"both-strands", 0, TX_PARAM_FLAG, FIELD(both_strands), 0, 0, "false", NULL, "Encoder",
     "Runs the encoder on a barcode and on its reverse complement and averages the two embeddings, in "
     "training and whenever the model is used, so that the strand makes no difference (conjoined network: "
     "Zhou et al. 2022). Takes twice the time. Pretraining predicts the tokens of one strand and only keeps "
     "the setting. With --init: that of the model; the weights fit both."},
    {"dropout", 0, TX_PARAM_REAL, FIELD(dropout), 0, 0.9, "0.1", "SHARE", "Encoder",
     "Dropout on the embedded tokens while training."},
    /* optimisation */
    {"epochs", 'e', TX_PARAM_COUNT, FIELD(epochs), 0, 1000000, "0", "N", "Optimisation",
     "Passes over the training records; 0 is 1800 divided by the square root of their number, at least 2 and "
     "at most 80."},
    {"batch", 'b', TX_PARAM_COUNT, FIELD(batch), 1, 65536, "16", "N", "Optimisation",
     "Records of one optimiser step."},
    {"shard", 0, TX_PARAM_COUNT, FIELD(shard), 1, 4096, "8", "N", "Optimisation",
     "Records that one thread takes at a time. The last digits of the result depend on it, not on the "
     "number of threads."},
    {"precision", 0, TX_PARAM_CHOICE, FIELD(precision), 0, 0, "float32", "float32|bf16", "Optimisation",
     "Numbers that the products of the layers read. bf16 is faster on some processors that have it (try "
     "both); weights, gradients and sums stay float32."},
    {"optimiser", 0, TX_PARAM_CHOICE, FIELD(optimiser), 0, 0, "kl-soap", "adamw|kl-shampoo|kl-soap",
     "Optimisation",
     "KL-SOAP and KL-Shampoo precondition the matrices of the layers and heads; AdamW updates the other "
     "parameters. They need fewer steps than AdamW alone, and more memory and time for each."},
    {"learning-rate", 0, TX_PARAM_REAL, FIELD(learning_rate), 0, 1000, "0.002", "RATE", "Optimisation",
     "Peak learning rate."},
    {"encoder-rate", 0, TX_PARAM_REAL, FIELD(encoder_rate), 0, 1, "1", "SHARE", "Optimisation",
     "Learning rate of the encoder as a share of that of the heads: below 1 for one that is pretrained "
     "(discriminative fine-tuning: Howard and Ruder 2018)."},
    {"final-learning-rate", 0, TX_PARAM_REAL, FIELD(final_learning_rate), 0, 1, "0.1", "SHARE",
     "Optimisation", "Learning rate at the end of the cosine, as a share of the peak."},
    {"warmup", 0, TX_PARAM_REAL, FIELD(warmup), 0, 1, "0.01", "SHARE", "Optimisation",
     "Share of all steps over which the learning rate rises to its peak."},
    {"weight-decay", 0, TX_PARAM_REAL, FIELD(weight_decay), 0, 10, "0.1", "RATE", "Optimisation",
     "Decoupled weight decay of matrices; biases, norms and state-space parameters have none."},
    {"beta1", 0, TX_PARAM_REAL, FIELD(beta1), 0, 0.99999, "0.9", "SHARE", "Optimisation",
     "Decay of the first moment of AdamW."},
    {"beta2", 0, TX_PARAM_REAL, FIELD(beta2), 0, 0.999999, "0.999", "SHARE", "Optimisation",
     "Decay of the second moment of AdamW."},
    {"epsilon", 0, TX_PARAM_REAL, FIELD(epsilon), 1e-16, 1, "1e-08", "X", "Optimisation",
     "Keeps AdamW from dividing by zero."},
    {"preconditioner-frequency", 0, TX_PARAM_COUNT, FIELD(preconditioner_frequency), 1, 1000000, "10", "N",
     "Optimisation", "Steps from one renewal of the eigenvectors of KL-Shampoo and KL-SOAP to the next."},
    {"preconditioner-limit", 0, TX_PARAM_COUNT, FIELD(preconditioner_limit), 1, 32768, "2048", "N",
     "Optimisation",
     "Matrices with a longer side are left to AdamW: KL-Shampoo and KL-SOAP keep two squares of each side "
     "and factorise them."},
    {"preconditioner-block", 0, TX_PARAM_COUNT, FIELD(preconditioner_block), 8, 32768, "512", "N",
     "Optimisation",
     "KL-Shampoo and KL-SOAP cut a matrix with a longer side into equal blocks of at most this side, each "
     "preconditioned by itself: less memory and time, which then grow with the matrix and not with the "
     "square of its longer side."},
    {"preconditioner-beta1", 0, TX_PARAM_REAL, FIELD(preconditioner_beta1), 0, 0.99999, "0.9", "SHARE",
     "Optimisation", "Decay of the moment of the gradient of KL-Shampoo and KL-SOAP."},
    {"preconditioner-beta2", 0, TX_PARAM_REAL, FIELD(preconditioner_beta2), 0, 0.999999, "0.98", "SHARE",
     "Optimisation",
     "Decay of the factors and eigenvalues of KL-Shampoo and KL-SOAP, and of the second moment of KL-SOAP."},
    {"preconditioner-epsilon", 0, TX_PARAM_REAL, FIELD(preconditioner_epsilon), 1e-16, 1, "1e-08", "X",
     "Optimisation", "Damping of KL-Shampoo and KL-SOAP."},
    {"preconditioner-clamp", 0, TX_PARAM_REAL, FIELD(preconditioner_clamp), 1, 1e9, "4000", "X",
     "Optimisation",
     "Upper bound of the inverse root of an eigenvalue: max(10, min(side of the matrix, this))."},
    {"normalise-updates", 0, TX_PARAM_FLAG, FIELD(normalise_updates), 0, 0, "false", NULL, "Optimisation",
     "Scales each update of KL-Shampoo and KL-SOAP to a root mean square of 1."},
    {"clip", 0, TX_PARAM_REAL, FIELD(clip), 0, 1e9, "1", "NORM", "Optimisation",
     "Largest global norm of a gradient; longer ones are scaled down. 0 for no limit."},
    {"label-smoothing", 0, TX_PARAM_REAL, FIELD(label_smoothing), 0, 0.9, "0.05", "SHARE", "Optimisation",
     "Share of the target that is spread over the wrong classes."},
    {"hierarchical-smoothing", 0, TX_PARAM_TEXT, FIELD(hierarchical_smoothing), 0, 0, "", "LIST",
     "Optimisation",
     "Shares of the target that the true taxa of the ranks above spread over all that is below them: one "
     "number, or one for each rank but the last, whose share is --label-smoothing. MycoAI (Romeijn et al. "
     "2024) has 0.02. Default: none."},
    {"class-weights", 0, TX_PARAM_REAL, FIELD(class_weights), 0, 2, "0", "POWER", "Optimisation",
     "Weighs a record in the loss of a rank by n^-POWER, n the training records of its taxon. MycoAI has "
     "0.5; 0 weighs all alike."},
    {"rank-weights", 0, TX_PARAM_TEXT, FIELD(rank_weights), 0, 0, "", "LIST", "Optimisation",
     "Weights of the ranks in the loss, one for each, top first, separated by commas. Default: all alike."},
    {"balance", 0, TX_PARAM_REAL, FIELD(balance), 0, 1, "0", "POWER", "Optimisation",
     "Draws a training record in proportion to n^-POWER, n the records with the same lowest taxon (Kang et "
     "al. 2020, q = 1 - POWER). 0 takes every record once an epoch, 1 every species equally often."},
    {"noise-robustness", 0, TX_PARAM_REAL, FIELD(noise_robustness), 0, 1, "0", "Q", "Optimisation",
     "Trusts labels less that the network finds unlikely: the loss L of a record at a rank becomes (1 - "
     "exp(-Q L)) / Q, the generalised cross-entropy of Zhang and Sabuncu (2018). 0 is cross-entropy, 1 close "
     "to the mean absolute error, which learns slowly; 0.1 to 0.3 suit many classes."},
    {"contrast", 0, TX_PARAM_REAL, FIELD(contrast), 0, 1000, "0.5", "WEIGHT", "Optimisation",
     "Weight of a contrastive loss on the embeddings, beside that of the heads: records of the same species "
     "come near each other, of the same genus less so, for nearest neighbours (Khosla et al. 2020; Zhang et "
     "al. 2022). 0 for none."},
    {"contrast-temperature", 0, TX_PARAM_REAL, FIELD(contrast_temperature), 0.01, 10, "0.1", "X",
     "Optimisation",
     "Divides the cosines of the contrastive loss: the smaller, the more the nearest records count."},
    {"contrast-decay", 0, TX_PARAM_REAL, FIELD(contrast_decay), 0, 1, "0.5", "SHARE", "Optimisation",
     "Share of a rank in the target of the contrastive loss as a multiple of that of the rank below it; 0 "
     "is the lowest rank alone."},
    {"contrast-memory", 0, TX_PARAM_COUNT, FIELD(contrast_memory), 1, 1048576, "4096", "N", "Optimisation",
     "Embeddings of the latest training records that the contrastive loss compares with (Wang et al. 2020)."},
    {"teacher", 0, TX_PARAM_MODELS, FIELD(teacher), 0, 0, "", "FILE", "Optimisation",
     "Learns the answers of this trained model beside the labels (distillation: Hinton et al. 2015), so that "
     "a small network comes close to a large one. It reads each training record once and whole; the network "
     "that learns sees the record cropped and changed. Records of the input without any label take part. "
     "Given several times, the mean of their probabilities is learnt."},
    {"teacher-weight", 0, TX_PARAM_REAL, FIELD(teacher_weight), 0, 1000, "1", "WEIGHT", "Optimisation",
     "Weight of the probabilities of --teacher in the loss; that of the labels is 1."},
    {"teacher-temperature", 0, TX_PARAM_REAL, FIELD(teacher_temperature), 0.1, 100, "1", "X", "Optimisation",
     "Divides the logits of teacher and learner where they are compared: the larger, the more the improbable "
     "taxa count. Above 1 only for teachers without label smoothing, which gives all taxa some probability."},
    {"teacher-embedding", 0, TX_PARAM_REAL, FIELD(teacher_embedding), 0, 1000, "0", "WEIGHT", "Optimisation",
     "Weight of the distance between the embedding of --teacher and a linear map of that of the network, "
     "which exists in training only (one minus the cosine). 0 for none."},
    {"ema", 0, TX_PARAM_REAL, FIELD(ema), 0, 0.999999, "0.998", "DECAY", "Optimisation",
     "Validates and keeps an exponential moving average of the weights (Polyak and Juditsky 1992) of this "
     "decay for a step, such as 0.999. 0 for the weights as they are."},
    /* augmentation */
    {"random-offset", 0, TX_PARAM_FLAG, FIELD(random_offset), 0, 0, "true", NULL, "Augmentation",
     "Reads each training record from a random base of the first k-mer."},
    {"reverse-complement", 0, TX_PARAM_REAL, FIELD(reverse_complement), -1, 1, "-1", "SHARE", "Augmentation",
     "Share of the training records that are read as their reverse complement. -1: 0.5 when pretraining, 0 "
     "for taxa and align."},
    {"strand-share", 0, TX_PARAM_REAL, FIELD(strand_share), -1, 0.9, "-1", "SHARE", "Augmentation",
     "Share of the training records that are shown as their reverse complement without their taxa: a head of "
     "the model learns to tell them from the others, by which classify, embed and eval find the strand of a "
     "record. 0 for no such head. -1: 0.1; 0 with --both-strands or --reverse-complement."},
    {"strand-weight", 0, TX_PARAM_REAL, FIELD(strand_weight), 0, 1000, "1", "WEIGHT", "Augmentation",
     "Weight of the loss of the strand beside that of the taxa."},
    {"traits", 0, TX_PARAM_INPUT, FIELD(traits), 0, 0, "", "FILE", "Traits",
     "Table (CSV or TSV) of numbers measured on the specimens, joined with the records by their names: a "
     "head learns them beside the taxa. taxamba traits --head evaluates it."},
    {"trait-columns", 0, TX_PARAM_TEXT, FIELD(trait_columns), 0, 0, "", "LIST", "Traits",
     "Columns of --traits to learn, separated by commas, at most 16. A+B is the mean of those of the two "
     "that have a value. Records without a value of a trait do not count for it."},
    {"trait-id-column", 0, TX_PARAM_TEXT, FIELD(trait_id_column), 0, 0, "", "NAME", "Traits",
     "Column of --traits with the names. Default: individualID, else combinedID, processid, sampleid or "
     "id, else the first column."},
    {"trait-zero-missing", 0, TX_PARAM_FLAG, FIELD(trait_zero_missing), 0, 0, "false", NULL, "Traits",
     "A 0 stands for 'not measured'."},
    {"trait-transform", 0, TX_PARAM_CHOICE, FIELD(trait_transform), 0, 0, "none", "none|log", "Traits",
     "log learns the logarithm; values that are not above 0 are left out. Both are scaled to mean 0 and "
     "standard deviation 1 of the training records."},
    {"trait-weight", 0, TX_PARAM_REAL, FIELD(trait_weight), 0, 1000, "1", "WEIGHT", "Traits",
     "Weight of the squared errors of the traits beside the loss of the taxa."},
    {"trait-huber", 0, TX_PARAM_REAL, FIELD(trait_huber), 0, 1000, "0", "X", "Traits",
     "Errors above so many standard deviations count linearly instead of squared (Huber 1964), against "
     "outliers; 0 for squares alone."},
    {"substitution", 0, TX_PARAM_REAL, FIELD(substitution), 0, 0.5, "0.02", "SHARE", "Augmentation",
     "Largest share of substituted bases; each training record draws its own rate below it."},
    {"crop", 0, TX_PARAM_REAL, FIELD(crop), 0, 1, "0.8", "SHARE", "Augmentation",
     "Share of the training records that are cropped."},
    {"crop-minimum", 0, TX_PARAM_REAL, FIELD(crop_minimum), 0.05, 100000, "100", "X", "Augmentation",
     "Least that a crop keeps of a barcode: up to 1 a share of it, above 1 a number of bases. What it keeps "
     "is drawn from there to the whole barcode, as many crops of 100 to 200 bases as of 200 to 400, and lies "
     "anywhere in it."},
    {"crop-lengths", 0, TX_PARAM_TEXT, FIELD(crop_lengths), 0, 0, "", "LIST", "Augmentation",
     "Lengths of the crops in bases, separated by commas, one of which each crop draws instead of a length "
     "from --crop-minimum on: for amplicons of known lengths. A shorter barcode stays whole."},
    /* control */
    {"metric", 0, TX_PARAM_TEXT, FIELD(metric), 0, 0, "", "NAME", "Control",
     "What chooses the kept epoch: loss, or RANK-accuracy; when pretraining loss, perplexity or "
     "token-accuracy; for multilabel loss or micro-F1; for align loss or pair-accuracy. With --crop it is "
     "that of the validation records whole and of one fragment of each. Of the epochs whose "
     "accuracy is within chance of the highest (half its 95 % interval, by the number of validation records) "
     "and whose validation loss is within chance of the lowest (its standard error) the last one is kept. "
     "Default: accuracy at the lowest rank; perplexity for "
     "next-token, token-accuracy for masked and masked-autoencoder, loss for multilabel, pair-accuracy for "
     "align (whether, among the validation records of a batch, the nearest one of another modality belongs "
     "to the record)."},
    {"patience", 0, TX_PARAM_COUNT, FIELD(patience), 0, 1000000, "0", "N", "Control",
     "Stops after so many epochs in which neither the metric nor the validation loss was better than ever "
     "before; 0 never stops early. The learning rate falls until the last epoch, and a run that ends before "
     "has not settled."},
    {"seed", 0, TX_PARAM_COUNT, FIELD(seed), 0, 9007199254740992.0, "1", "N", "Control",
     "Random seed: the same seed, settings, data and machine give the same model."},
    {"threads", 't', TX_PARAM_COUNT, FIELD(threads), 0, 1024, "0", "N", "Control",
     "Threads; 0 is one for each processor. The result does not depend on it."},
    {"checkpoint-minutes", 0, TX_PARAM_COUNT, FIELD(checkpoint_minutes), 0, 525600, "10", "N", "Control",
     "Minutes between checkpoints within an epoch; 0 for none. One is saved at every epoch's end and on a "
     "stop in any case."},
};

enum { TRAIN_PARAM_COUNT = sizeof train_params / sizeof train_params[0] };

const tx_param *tx_train_params(size_t *ret_count)
{
  *ret_count = TRAIN_PARAM_COUNT;
  return train_params;
}

const tx_param *tx_train_param(const char *name)
{
  size_t i = 0;
  while (i < TRAIN_PARAM_COUNT && strcmp(train_params[i].name, name) != 0) i++;
  return i < TRAIN_PARAM_COUNT ? &train_params[i] : NULL;
}

uint64_t tx_train_epochs(const tx_train_config *config, size_t records)
{
  /* Both the epochs and the steps change with the square root of the number of records: many records need
     fewer passes than few, and more steps. */
  const double epochs = floor(EPOCHS_OF_ONE / sqrt((double)records) + 0.5);
  return config->epochs ? config->epochs : (uint64_t)fmin(fmax(epochs, EPOCHS_LEAST), EPOCHS_MOST);
}

/* Whether a setting controls how a run proceeds, not what it computes. */
static bool is_control(const char *name)
{
  return strcmp(name, "threads") == 0 || strcmp(name, "checkpoint-minutes") == 0 ||
         strcmp(name, "patience") == 0;
}

static tx_config_text *text_pair(void)
{
  return calloc(2, sizeof(tx_config_text));
}

/* Checks the lists and what else the bounds of a parameter cannot say. A mistake in a list is reported before
   any data are read; the length of one for ranks can only be checked with the data. */
static tx_status check_values(const tx_train_config *config, tx_error *error)
{
  double values[TX_RANKS_MAX];
  size_t count;
  tx_primers primers;
  tx_status status = tx_smoothing_list(config, values, &count, error);
  if (status == TX_OK) status = tx_rank_weight_list(config, values, &count, error);
  if (status == TX_OK) status = tx_crop_length_list(config, values, &count, error);
  if (status == TX_OK && config->crop_minimum > 1 && config->crop_minimum != floor(config->crop_minimum))
    status =
        tx_fail(error, TX_ERROR_USAGE, "--crop-minimum %g: above 1 it is a number of bases, which is whole",
                config->crop_minimum);
  if (status == TX_OK && config->strand_share > 0 && config->reverse_complement > 0)
    status = tx_fail(error, TX_ERROR_USAGE,
                     "--strand-share has no effect with --reverse-complement %g: records are then read on "
                     "both strands alike; leave one of them out",
                     config->reverse_complement);
  if (status == TX_OK && config->amplicon[0]) status = tx_primers_parse(config->amplicon, &primers, error);
  return status;
}

tx_status tx_train_config_check(const tx_train_config *config, tx_error *error)
{
  tx_status status = TX_OK;
  tx_config_text *text = text_pair();
  tx_train_config *copy = malloc(sizeof *copy);
  if (!text || !copy) {
    status = tx_fail_memory(error, "the configuration");
    goto done;
  }
  *copy = *config;
  /* Callers of the library can fill the struct by hand: every value goes through the checks of the command
     line. */
  for (size_t i = 0; i < TRAIN_PARAM_COUNT && status == TX_OK; i++) {
    if (tx_param_is_text(train_params[i].type) &&
        !memchr((const char *)config + train_params[i].offset, 0, TX_TEXT_SIZE)) {
      status = tx_fail(error, TX_ERROR_USAGE, "the value of --%s does not end", train_params[i].name);
      break;
    }
    tx_param_format(&train_params[i], config, text->value, sizeof text->value);
    status = tx_param_set(train_params, TRAIN_PARAM_COUNT, copy, train_params[i].name, text->value, error);
  }
  if (status == TX_OK) status = check_values(config, error);
done:
  free(copy);
  free(text);
  return status;
}

tx_status tx_train_config_write(const tx_train_config *config, char **ret_json, tx_error *error)
{
  tx_train_config *copy = malloc(sizeof *copy);
  tx_status status;
  if (!copy) return tx_fail_memory(error, "the configuration");
  *copy = *config;
  copy->threads = 0; /* the model must have the same bytes for every number of threads */
  copy->checkpoint_minutes = 0;
  status = tx_param_write_json(train_params, TRAIN_PARAM_COUNT, copy, ret_json, error);
  free(copy);
  return status;
}

/* Reads the settings of a checkpoint: a fault in them is a fault of that file, not of the user's settings. */
static tx_status read_saved(const char *json, const char *file, tx_train_config *saved, tx_error *error)
{
  tx_error inner = {0};
  tx_status status = tx_param_read_json(train_params, TRAIN_PARAM_COUNT, saved, "checkpoint.config", json,
                                        strlen(json), &inner);
  if (status == TX_ERROR_MEMORY) return tx_fail_memory(error, "the settings of a checkpoint");
  if (status == TX_OK) return TX_OK;
  return tx_fail(error, TX_ERROR_MODEL, "%s is damaged, or of another version: %s", file, inner.message);
}

tx_status tx_train_config_agrees(const tx_train_config *config, const char *json, const char *file,
                                 tx_error *error)
{
  tx_config_text *text = text_pair();
  tx_train_config *saved = malloc(sizeof *saved);
  tx_status status;
  if (!text || !saved) {
    status = tx_fail_memory(error, "the configuration");
    goto done;
  }
  status = tx_param_defaults(train_params, TRAIN_PARAM_COUNT, saved, error);
  /* what files from before there was a choice mean; all others name theirs */
  saved->optimiser = TX_OPTIMISER_ADAMW;
  saved->contrast = saved->ema = 0;
  saved->preconditioner_block = 0;
  if (status == TX_OK) status = read_saved(json, file, saved, error);
  if (status == TX_OK && saved->preconditioner_block == 0) /* whole matrices; AdamW has none */
    saved->preconditioner_block =
        saved->optimiser == TX_OPTIMISER_ADAMW ? config->preconditioner_block : 32768;
  for (size_t i = 0; i < TRAIN_PARAM_COUNT && status == TX_OK; i++) {
    tx_param_format(&train_params[i], saved, text[0].value, sizeof text[0].value);
    tx_param_format(&train_params[i], config, text[1].value, sizeof text[1].value);
    if (is_control(train_params[i].name) || strcmp(text[0].value, text[1].value) == 0) continue;
    status = tx_fail(error, TX_ERROR_USAGE,
                     "cannot resume from %s: it was made with --%s '%.200s', now it is '%.200s'; give the "
                     "same value or start anew",
                     file, train_params[i].name, text[0].value, text[1].value);
  }
done:
  free(saved);
  free(text);
  return status;
}
