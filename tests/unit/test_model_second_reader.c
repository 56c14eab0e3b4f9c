/* A second reader of model files, written from docs/model-format.md alone in plain C: it shares no code with
   the library's reader. What it reads of a written model must be what went in. */
#include "unit/model_fixture.h"

#include <math.h>

#include "seq/bases.h"

enum { READ_SECTIONS = 128, READ_TEXT = 4096 };

typedef struct read_section {
  char name[64], dtype[8];
  unsigned long shape[4];
  int dimensions;
  unsigned long begin, end;
} read_section;

typedef struct read_model {
  unsigned char *bytes; /* the whole file */
  unsigned long size, data_at;
  read_section sections[READ_SECTIONS];
  int section_count;
  char crc32[READ_TEXT], format[READ_TEXT], kind[READ_TEXT], dims[READ_TEXT], tokenizer[READ_TEXT],
      config[READ_TEXT], provenance[READ_TEXT], precision[READ_TEXT];
} read_model;

/* CRC-32 with a table of its own. */
static unsigned long checksum(const unsigned char *bytes, unsigned long size, unsigned long zeros_at)
{
  unsigned long table[256], crc = 0xffffffffUL;
  for (unsigned long i = 0; i < 256; i++) {
    table[i] = i;
    for (int bit = 0; bit < 8; bit++) table[i] = table[i] & 1 ? table[i] >> 1 ^ 0xedb88320UL : table[i] >> 1;
  }
  for (unsigned long i = 0; i < size; i++) {
    const unsigned long byte = i >= zeros_at && i < zeros_at + 8 ? '0' : bytes[i];
    crc = table[(crc ^ byte) & 0xff] ^ crc >> 8;
  }
  return crc ^ 0xffffffffUL;
}

/* A cursor over the header's text. Each step fails the test when the text is not what the format says. */
static const char *pass(const char *at, char expected)
{
  while (*at == ' ') at++;
  if (*at != expected) fail_msg("expected '%c' at '%.30s'", expected, at);
  return at + 1;
}

static int next_is(const char *at, char wanted)
{
  while (*at == ' ') at++;
  return *at == wanted;
}

static const char *read_text(const char *at, char *text, size_t size)
{
  size_t used = 0;
  at = pass(at, '"');
  while (*at != '"') {
    char letter = *at++;
    assert_true(letter != 0);
    if (letter == '\\') {
      letter = *at++;
      if (letter == 'u') { /* the writer escapes only control characters */
        letter = (char)strtol((const char[5]){at[0], at[1], at[2], at[3], 0}, NULL, 16);
        at += 4;
      } else if (letter == 'n') {
        letter = '\n';
      } else if (letter == 't') {
        letter = '\t';
      }
    }
    assert_true(used + 1 < size);
    text[used++] = letter;
  }
  text[used] = 0;
  return at + 1;
}

static const char *read_number(const char *at, unsigned long *value)
{
  char *end;
  *value = strtoul(at, &end, 10);
  assert_true(end != at);
  return end;
}

static const char *read_metadata(const char *at, read_model *model)
{
  const struct {
    const char *key;
    char *value;
  } known[] = {{"taxamba.crc32", model->crc32},         {"taxamba.format", model->format},
               {"taxamba.kind", model->kind},           {"taxamba.dims", model->dims},
               {"taxamba.config", model->config},       {"taxamba.provenance", model->provenance},
               {"taxamba.tokenizer", model->tokenizer}, {"taxamba.precision", model->precision}};
  char key[64], unknown[READ_TEXT];

  at = pass(at, '{');
  for (;;) {
    char *value = unknown;
    at = pass(read_text(at, key, sizeof key), ':');
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
      if (strcmp(key, known[i].key) == 0) value = known[i].value;
    at = read_text(at, value, READ_TEXT);
    if (!next_is(at, ',')) return pass(at, '}');
    at = pass(at, ',');
  }
}

static const char *read_one_section(const char *at, read_section *section)
{
  char key[64];
  at = pass(at, '{');
  for (;;) {
    at = pass(read_text(at, key, sizeof key), ':');
    if (strcmp(key, "dtype") == 0) {
      at = read_text(at, section->dtype, sizeof section->dtype);
    } else if (strcmp(key, "shape") == 0) {
      at = pass(at, '[');
      while (!next_is(at, ']')) {
        assert_true(section->dimensions < 4);
        at = read_number(at, &section->shape[section->dimensions++]);
        if (next_is(at, ',')) at = pass(at, ',');
      }
      at = pass(at, ']');
    } else {
      assert_string_equal(key, "data_offsets");
      at = read_number(pass(at, '['), &section->begin);
      at = pass(read_number(pass(at, ','), &section->end), ']');
    }
    if (!next_is(at, ',')) return pass(at, '}');
    at = pass(at, ',');
  }
}

static void read_header(read_model *model)
{
  char name[64];
  char *header = malloc(model->data_at - 8 + 1);
  const char *at;
  assert_non_null(header);
  memcpy(header, model->bytes + 8, model->data_at - 8);
  header[model->data_at - 8] = 0;

  at = pass(header, '{');
  for (;;) {
    at = pass(read_text(at, name, sizeof name), ':');
    if (strcmp(name, "__metadata__") == 0) {
      at = read_metadata(at, model);
    } else {
      read_section *section = &model->sections[model->section_count++];
      assert_true(model->section_count <= READ_SECTIONS);
      memset(section, 0, sizeof *section);
      memcpy(section->name, name, sizeof name);
      at = read_one_section(at, section);
    }
    if (!next_is(at, ',')) break;
    at = pass(at, ',');
  }
  at = pass(at, '}');
  for (; *at; at++) assert_int_equal(*at, ' ');
  free(header);
}

static void read_file(const char *path, read_model *model)
{
  size_t size;
  memset(model, 0, sizeof *model);
  model->bytes = read_whole(path, &size);
  model->size = size;
  assert_true(size > 50);
  for (int i = 7; i >= 0; i--) model->data_at = model->data_at << 8 | model->bytes[i];
  model->data_at += 8;
  assert_true(model->data_at <= size);
  read_header(model);
}

static const read_section *find(const read_model *model, const char *name)
{
  for (int i = 0; i < model->section_count; i++)
    if (strcmp(model->sections[i].name, name) == 0) return &model->sections[i];
  fail_msg("section %s is missing", name);
  return NULL;
}

/* Little-endian bytes as a float. */
static float float_at(const unsigned char *b)
{
  const uint32_t bits = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

static void check_values(const read_model *model, const char *name, const unsigned long *shape,
                         int dimensions, const float *wanted)
{
  const read_section *section = find(model, name);
  unsigned long count = 1;
  assert_string_equal(section->dtype, "F32");
  assert_int_equal(section->dimensions, dimensions);
  for (int i = 0; i < dimensions; i++) {
    assert_int_equal(section->shape[i], shape[i]);
    count *= shape[i];
  }
  assert_int_equal(section->end - section->begin, 4 * count);
  for (unsigned long i = 0; i < count; i++) {
    const float value = float_at(model->bytes + model->data_at + section->begin + 4 * i);
    if (!(value == wanted[i])) fail_msg("%s[%lu] is %g, not %g", name, i, (double)value, (double)wanted[i]);
  }
}

static scratch place;
static model_fixture fixture;
static read_model model;

static int set_up(void **state)
{
  tx_error error = {0};
  (void)state;
  scratch_create(&place);
  fixture_create(&fixture);
  if (tx_model_write(place.path, &fixture.parts, &error) != TX_OK) return -1;
  read_file(place.path, &model);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  free(model.bytes);
  fixture_free(&fixture);
  scratch_remove(&place);
  return 0;
}

static void the_frame_is_as_specified(void **state)
{
  static const char start[] = "{\"__metadata__\":{\"taxamba.crc32\":\"";
  unsigned long position = 0;
  (void)state;
  assert_int_equal(model.data_at % 64, 0);
  assert_memory_equal(model.bytes + 8, start, strlen(start));
  assert_int_equal(strlen(model.crc32), 8);
  assert_int_equal(strtoul(model.crc32, NULL, 16), checksum(model.bytes, model.size, 42));
  for (int i = 0; i < model.section_count; i++) { /* in order, without holes, to the end */
    assert_int_equal(model.sections[i].begin, position);
    position = model.sections[i].end;
  }
  assert_int_equal(model.data_at + position, model.size);
}

static void the_metadata_is_as_specified(void **state)
{
  (void)state;
  assert_string_equal(model.format, "1");
  assert_string_equal(model.kind, "model");
  assert_string_equal(model.config, fixture_config);
  assert_string_equal(model.provenance, fixture_provenance);
  assert_string_equal(model.dims, "{\"vocabulary\":72,\"width\":8,\"layers\":2,\"state\":4,\"head_width\":8,"
                                  "\"expand\":2,\"kernel\":4,\"mlp\":12,"
                                  "\"classes\":[2,2,4]}");
  assert_string_equal(model.tokenizer,
                      "{\"kind\":\"kmer\",\"k\":3,\"stride\":2,\"max_bases\":660,\"pad_to\":0}");
}

/* Ranks, then one line per taxon: rank, rank and class of the parent, name. */
static void the_taxonomy_is_as_specified(void **state)
{
  static const char wanted[] = "order\tfamily\tspecies\n"
                               "0\t-1\t-1\tColeoptera\n"
                               "0\t-1\t-1\tDiptera\n"
                               "1\t0\t0\tCarabidae\n"
                               "1\t0\t1\tCulicidae\n"
                               "2\t1\t0\tCarabus auratus\n";
  const read_section *section = find(&model, "taxamba.taxonomy");
  const char *text = (const char *)model.bytes + model.data_at + section->begin;
  const size_t length = section->end - section->begin;
  (void)state;
  assert_string_equal(section->dtype, "U8");
  assert_int_equal(section->dimensions, 1);
  assert_int_equal(section->shape[0], length);
  assert_true(length > strlen(wanted) && text[length - 1] == '\n');
  assert_memory_equal(text, wanted, strlen(wanted));
}

/* Every tensor of a layer in the order of the format, with its shape written out for these sizes. */
static void the_weights_are_as_specified(void **state)
{
  static const struct {
    const char *name;
    unsigned long shape[3];
    int dimensions;
  } layer[] = {{"norm1.weight", {8}, 1},
               {"norm1.bias", {8}, 1},
               {"mixer.in_proj.weight", {42, 8}, 2},
               {"mixer.conv1d.weight", {24, 1, 4}, 3},
               {"mixer.conv1d.bias", {24}, 1},
               {"mixer.dt_bias", {2}, 1},
               {"mixer.A_log", {2}, 1},
               {"mixer.D", {2}, 1},
               {"mixer.norm_weight", {16}, 1},
               {"mixer.out_proj.weight", {8, 16}, 2},
               {"norm2.weight", {8}, 1},
               {"norm2.bias", {8}, 1},
               {"fc1.weight", {12, 8}, 2},
               {"fc1.bias", {12}, 1},
               {"fc2.weight", {8, 12}, 2},
               {"fc2.bias", {8}, 1}};
  static const unsigned long classes[] = {2, 2, 4};
  const float *wanted = fixture.weights;
  char name[64];
  (void)state;

  check_values(&model, "emb.weight", (const unsigned long[]){72, 8}, 2, wanted);
  wanted += 72 * 8;
  for (int i = 0; i < 2; i++)
    for (size_t j = 0; j < sizeof layer / sizeof *layer; j++) {
      snprintf(name, sizeof name, "layers.%d.%s", i, layer[j].name);
      check_values(&model, name, layer[j].shape, layer[j].dimensions, wanted);
      assert_string_equal(model.sections[1 + i * 16 + (int)j].name, name);
      wanted += layer[j].shape[0] * (layer[j].dimensions > 1 ? layer[j].shape[1] : 1) *
                (layer[j].dimensions > 2 ? layer[j].shape[2] : 1);
    }
  check_values(&model, "ln_f.weight", (const unsigned long[]){8}, 1, wanted);
  check_values(&model, "ln_f.bias", (const unsigned long[]){8}, 1, wanted + 8);
  wanted += 16;
  for (int rank = 0; rank < 3; rank++) {
    snprintf(name, sizeof name, "heads.%d.weight", rank);
    check_values(&model, name, (const unsigned long[]){classes[rank], 8}, 2, wanted);
    wanted += classes[rank] * 8;
    snprintf(name, sizeof name, "heads.%d.bias", rank);
    check_values(&model, name, &classes[rank], 1, wanted);
    wanted += classes[rank];
  }
  assert_int_equal(wanted - fixture.weights, tx_layout_elements(&fixture.dims));
  assert_int_equal(model.section_count, 1 + 32 + 2 + 6 + 1);
}

/* Element i of a matrix of a format 2 file, and how far it may be from what it was made of. */
static double element(const read_model *file, const read_section *section, unsigned long i, double *ret_bound)
{
  const unsigned char *data = file->bytes + file->data_at + section->begin;
  const unsigned long row = i / section->shape[1];
  char name[80];
  double scale;
  if (strcmp(section->dtype, "BF16") == 0) {
    const unsigned char b[4] = {0, 0, data[2 * i], data[2 * i + 1]};
    *ret_bound = fabs((double)float_at(b)) / 256;
    return (double)float_at(b);
  }
  assert_string_equal(section->dtype, "I8");
  snprintf(name, sizeof name, "%s.scale", section->name);
  section = find(file, name);
  assert_string_equal(section->dtype, "F32");
  assert_int_equal(section->dimensions, 1);
  scale = (double)float_at(file->bytes + file->data_at + section->begin + 4 * row);
  assert_true(scale > 0);
  *ret_bound = scale / 2;
  return (data[i] < 128 ? data[i] : data[i] - 256) * scale;
}

/* Matrices in fewer bits, everything else as in format 1. */
static void check_format_2(tx_precision precision, const char *name, const char *dtype, int sections)
{
  tx_error error = {0};
  read_model file;
  fixture.parts.precision = precision;
  assert_int_equal(tx_model_write(place.path, &fixture.parts, &error), TX_OK);
  read_file(place.path, &file);
  assert_int_equal(strtoul(file.crc32, NULL, 16), checksum(file.bytes, file.size, 42));
  assert_string_equal(file.format, "2");
  assert_string_equal(file.precision, name);
  assert_string_equal(file.dims, model.dims);
  assert_int_equal(file.section_count, sections);
  for (int s = 0; s < model.section_count; s++) { /* of the format 1 file */
    const read_section *old = &model.sections[s], *section = find(&file, old->name);
    const unsigned char *was = model.bytes + model.data_at + old->begin;
    assert_int_equal(section->dimensions, old->dimensions);
    assert_memory_equal(section->shape, old->shape, sizeof old->shape);
    if (old->dimensions != 2) {
      assert_string_equal(section->dtype, old->dtype);
      assert_memory_equal(file.bytes + file.data_at + section->begin, was, old->end - old->begin);
      continue;
    }
    assert_string_equal(section->dtype, dtype);
    for (unsigned long i = 0; i < old->shape[0] * old->shape[1]; i++) {
      double bound;
      const double value = element(&file, section, i, &bound);
      if (!(fabs(value - (double)float_at(was + 4 * i)) <= bound))
        fail_msg("%s[%lu] is %g", old->name, i, value);
    }
  }
  free(file.bytes);
}

static void fewer_bits_are_as_specified(void **state)
{
  (void)state;
  check_format_2(TX_PRECISION_BF16, "bf16", "BF16", 42);
  check_format_2(TX_PRECISION_INT8, "int8", "I8", 42 + 1 + 2 * 4 + 3);
}

/* One key more, and nothing else. */
static void both_strands_are_as_specified(void **state)
{
  tx_error error = {0};
  read_model file;
  (void)state;
  fixture.parts.precision = TX_PRECISION_FLOAT32;
  fixture.dims.strands = 2;
  assert_int_equal(tx_model_write(place.path, &fixture.parts, &error), TX_OK);
  fixture.dims.strands = 0;
  read_file(place.path, &file);
  assert_string_equal(file.format, "1");
  assert_memory_equal(file.dims, model.dims, strlen(model.dims) - 1);
  assert_string_equal(file.dims + strlen(model.dims) - 1, ",\"strands\":2}");
  assert_int_equal(file.size - file.data_at, model.size - model.data_at);
  assert_memory_equal(file.bytes + file.data_at, model.bytes + model.data_at, model.size - model.data_at);
  free(file.bytes);
}

/* Token ids of letters by the rules of a BPE tokenizer's JSON; returns how many. */
static int bpe_tokens(const char *json, const char *letters, int *ids)
{
  const char *merges = strstr(json, "\"merges\":[");
  int count = 0, symbol = 7;
  assert_non_null(merges);
  for (; *letters; letters++)
    ids[count++] = strchr("ACGT", *letters) ? 3 + (int)(strchr("ACGT", *letters) - "ACGT") : 2;
  for (const char *at = strchr(merges, '[') + 1; *at == '[' || *at == ','; symbol++) {
    unsigned long left, right;
    int used = 0;
    at = pass(read_number(pass(read_number(pass(at + (*at == ','), '['), &left), ','), &right), ']');
    for (int i = 0; i < count; used++)
      if (i + 1 < count && ids[i] == (int)left && ids[i + 1] == (int)right) {
        ids[used] = symbol;
        i += 2;
      } else {
        ids[used] = ids[i++];
      }
    count = used;
  }
  return count;
}

/* The example of docs/model-format.md, then any letters against the library. */
static void byte_pairs_are_as_specified(void **state)
{
  static const tx_bpe_pair pairs[] = {{3, 6}, {7, 5}, {5, 5}};
  static const char *const letters[] = {"ATGGGNATC", "A", "N", "GGGGGATGATGGATATGNNATC"};
  static const int wanted[] = {8, 9, 2, 7, 4};
  const tx_dims dims = fixture.dims;
  const tx_tokenizer kmers = fixture.tokenizer;
  tx_error error = {0};
  read_model file;
  (void)state;
  fixture.tokenizer = (tx_tokenizer){.kind = TX_TOKENIZER_BPE, .k = 1, .stride = 1, .max_bases = 660};
  assert_int_equal(tx_bpe_create(pairs, 3, &fixture.tokenizer.bpe, &error), TX_OK);
  fixture.dims.vocabulary = 16;
  fixture.parts.precision = TX_PRECISION_FLOAT32;
  assert_int_equal(tx_model_write(place.path, &fixture.parts, &error), TX_OK);
  read_file(place.path, &file);
  assert_string_equal(file.format, "1");
  assert_string_equal(file.tokenizer, "{\"kind\":\"bpe\",\"k\":1,\"stride\":1,\"max_bases\":660,\"pad_to\":0,"
                                      "\"merges\":[[3,6],[7,5],[5,5]]}");
  for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
    uint8_t codes[32];
    int32_t ids[256];
    int own[32];
    const int count = bpe_tokens(file.tokenizer, letters[i], own);
    const size_t bases = tx_bases_encode(letters[i], strlen(letters[i]), codes);
    assert_int_equal(tx_tokenizer_encode(&fixture.tokenizer, codes, bases, 0, ids, NULL), count);
    for (int t = 0; t < count; t++) assert_int_equal(own[t], ids[t]);
    if (i > 0) continue;
    assert_int_equal(count, 5);
    assert_memory_equal(own, wanted, sizeof wanted);
  }
  free(file.bytes);
  tx_tokenizer_free(&fixture.tokenizer);
  fixture.tokenizer = kmers;
  fixture.dims = dims;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_frame_is_as_specified),     cmocka_unit_test(the_metadata_is_as_specified),
      cmocka_unit_test(the_taxonomy_is_as_specified),  cmocka_unit_test(the_weights_are_as_specified),
      cmocka_unit_test(fewer_bits_are_as_specified),   cmocka_unit_test(byte_pairs_are_as_specified),
      cmocka_unit_test(both_strands_are_as_specified),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
