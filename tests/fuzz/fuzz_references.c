/* Reference files, as they are and mended (mended.h), so that the edits reach what lies behind the checksum.
   What opens must answer: a barcode of its own and one that is not like any get taxa inside the taxonomy
   and probabilities. It is described in one piece, and what is stored of it again are the sections of the
   file. */
#include "mended.h"

#include "evidence/answer.h"
#include "evidence/reference_file.h"

#include <math.h>

enum { MOST_BASES = 400 };

static void check_answer(const tx_reference_set *set, const tx_evidence_answer *answer)
{
  double above = 1;
  if (!answer->like) return;
  require(answer->nearest.reference < tx_reference_set_count(set), "a reference that does not exist");
  require(answer->nearest.identity >= 0 && answer->nearest.identity <= 1, "no identity");
  require(answer->novelty >= 0 && answer->novelty <= 1 + 1e-9, "no probability of a new taxon");
  for (size_t r = 0; r < set->references->ranks; r++) {
    const size_t classes = tx_taxonomy_class_count(tx_reference_set_taxonomy(set), r);
    require(answer->taxa[r] >= -1 && answer->taxa[r] < (int32_t)classes, "a taxon that does not exist");
    if (answer->taxa[r] < 0) continue;
    require(answer->confidence[r] >= 0 && answer->confidence[r] <= above + 1e-9, "no confidence");
    above = answer->confidence[r];
  }
}

static void try_answers(const tx_reference_set *set)
{
  static const char foreign[] = "acgtryswkmACGTNNNNTTGACCATAGGACCCATATAGAGACACAGGTTTAACACCCAGGGATACGATTTACA";
  const tx_sequence own = tx_references_sequence(set->references, 0);
  const tx_evidence_options options = {.forward = true, .reverse = true};
  const size_t count = own.count < MOST_BASES ? own.count : MOST_BASES;
  char letters[MOST_BASES];
  tx_evidence *evidence = NULL;
  tx_evidence_answer answer;
  tx_error error = {0};
  if (tx_evidence_create(set, &evidence, &error) != TX_OK) return;
  for (size_t i = 0; i < count; i++)
    letters[i] = "ACGT"[own.words[i / TX_WORD_BASES] >> 2 * (i % TX_WORD_BASES) & 3];
  if (tx_evidence_answer_record(evidence, &options, letters, count, &answer) == TX_OK)
    check_answer(set, &answer);
  if (tx_evidence_answer_record(evidence, &options, foreign, sizeof foreign - 1, &answer) == TX_OK)
    check_answer(set, &answer);
  tx_evidence_free(evidence);
}

static void try_descriptions(const tx_reference_set *set)
{
  for (int json = 0; json < 2; json++) {
    char *text = NULL;
    tx_error error = {0};
    if (tx_reference_set_describe(set, json, &text, &error) != TX_OK) continue;
    require(text && text[strlen(text) - 1] == '\n', "half a description");
    free(text);
  }
}

/* The sections that would be written are those that were read. */
static void compare_sections(const tx_reference_set *set, const uint8_t *data, size_t size)
{
  tx_reference_sections sections;
  tx_safetensors *file = NULL;
  tx_error error = {0};
  if (tx_safetensors_read("fuzz", data, size, 1, &file, &error) != TX_OK) return;
  if (tx_reference_sections_create(set, &sections, &error) == TX_OK) {
    for (size_t i = 0; i < sections.section_count; i++) {
      const tx_section *made = &sections.sections[i], *read = tx_safetensors_find(file, made->name);
      require(read && read->size == made->size, "a section of another size");
      require(!made->size || memcmp(read->data, made->data, made->size) == 0, "a section has changed");
    }
    tx_reference_sections_free(&sections);
  } else {
    require(error.code == TX_ERROR_MEMORY, "what was read cannot be written");
  }
  tx_safetensors_close(file);
}

static void try_references(const uint8_t *data, size_t size)
{
  tx_reference_set *set = NULL;
  tx_error error = {0};
  const tx_status status = tx_reference_set_read("fuzz", data, size, &set, &error);
  if (status != TX_OK) {
    require(status == TX_ERROR_MODEL || status == TX_ERROR_MEMORY, "an error of another kind");
    require_error(status, &error);
    require(!set, "a half-open set");
    return;
  }
  try_answers(set);
  try_descriptions(set);
  compare_sections(set, data, size);
  tx_reference_set_free(set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  size_t mended_size = 0;
  uint8_t *mended = mend(data, size, &mended_size);
  if (mended && (mended_size != size || memcmp(mended, data, size) != 0)) try_references(mended, mended_size);
  try_references(data, size);
  free(mended);
  return 0;
}
