#include "labelled/sample_names.h"

#include <string.h>
#include <strings.h>

/* Takes one of the endings off; false if the name has none of them, or consists of it. */
static bool take_ending(const char *const *endings, tx_stretch *name)
{
  for (; *endings; endings++) {
    const size_t length = strlen(*endings);
    if (name->length <= length || strncasecmp(name->text + name->length - length, *endings, length) != 0)
      continue;
    name->length -= length;
    return true;
  }
  return false;
}

tx_stretch tx_sample_of_path(const char *path)
{
  static const char *const packed[] = {".gz", ".bgz", ".bgzf", ".zst", ".xz", ".bz2", NULL};
  static const char *const kinds[] = {".fasta", ".fas", ".fa",  ".fna", ".ffn", ".fastq", ".fq",   ".bam",
                                      ".cram",  ".tsv", ".csv", ".txt", ".tab", ".jsonl", ".json", NULL};
  const char *slash = strrchr(path, '/');
  tx_stretch name = {slash && slash[1] ? slash + 1 : path, 0};
  name.length = strlen(name.text);
  take_ending(packed, &name);
  take_ending(kinds, &name);
  return name;
}

/* The value of an annotation, "KEY=VALUE" between ';' or at either end. */
static tx_stretch find_annotation(const char *id, size_t length, const char *key)
{
  const size_t key_length = strlen(key);
  for (const char *at = id, *end = id + length; at < end;) {
    const char *stop = memchr(at, ';', (size_t)(end - at));
    const size_t size = (size_t)((stop ? stop : end) - at);
    if (size > key_length && strncmp(at, key, key_length) == 0)
      return (tx_stretch){at + key_length, size - key_length};
    at += size + 1;
  }
  return (tx_stretch){id, 0};
}

static bool is_digit(char letter)
{
  return letter >= '0' && letter <= '9';
}

tx_stretch tx_sample_of_id(const char *id, size_t length)
{
  tx_stretch found = find_annotation(id, length, "sample=");
  const char *stop = memchr(id, ';', length);
  size_t size = stop ? (size_t)(stop - id) : length, digits = 0;
  if (!found.length) found = find_annotation(id, length, "barcodelabel=");
  if (found.length) return found;
  while (digits < size && is_digit(id[size - 1 - digits])) digits++;
  size -= digits;
  if (!digits || size < 2 || (id[size - 1] != '.' && id[size - 1] != '_')) return found;
  return (tx_stretch){id, size - 1};
}
