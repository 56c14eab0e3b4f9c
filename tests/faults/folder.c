/* Small folders, wholly in memory. */
#include "sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void give_up(const char *deed, const char *path)
{
  fprintf(stderr, "fault_sweep: cannot %s %s: %s\n", deed, path, strerror(errno));
  exit(2);
}

static void join(char *path, size_t size, const char *folder, const char *name)
{
  if ((size_t)snprintf(path, size, "%s/%s", folder, name) >= size) give_up("name", name);
}

tx_file_kept tx_file_read(const char *path)
{
  tx_file_kept file = {.data = NULL};
  struct stat status;
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  const char *slash = strrchr(path, '/');
  if (descriptor < 0 || fstat(descriptor, &status)) give_up("read", path);
  file.size = (size_t)status.st_size;
  file.data = malloc(file.size + 1);
  if (!file.data || read(descriptor, file.data, file.size) != (ssize_t)file.size) give_up("read", path);
  file.data[file.size] = '\0';
  close(descriptor);
  snprintf(file.name, sizeof file.name, "%s", slash ? slash + 1 : path);
  return file;
}

static bool is_entry(const struct dirent *entry)
{
  return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

void tx_folder_read(const char *path, tx_folder *ret_folder)
{
  DIR *entries = opendir(path);
  struct dirent *entry;
  ret_folder->count = 0;
  if (!entries) give_up("open", path);
  while ((entry = readdir(entries)) != NULL) {
    char name[512];
    if (!is_entry(entry)) continue;
    join(name, sizeof name, path, entry->d_name);
    if (ret_folder->count < TX_FILES) ret_folder->files[ret_folder->count++] = tx_file_read(name);
  }
  closedir(entries);
}

void tx_folder_free(tx_folder *folder)
{
  for (size_t i = 0; i < folder->count; i++) free(folder->files[i].data);
  folder->count = 0;
}

const tx_file_kept *tx_folder_find(const tx_folder *folder, const char *name)
{
  for (size_t i = 0; i < folder->count; i++)
    if (!strcmp(folder->files[i].name, name)) return &folder->files[i];
  return NULL;
}

bool tx_file_same(const tx_file_kept *a, const tx_file_kept *b)
{
  return a && b && a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

static void copy_file(const char *from, const char *to)
{
  tx_file_kept file = tx_file_read(from);
  int descriptor = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (descriptor < 0 || write(descriptor, file.data, file.size) != (ssize_t)file.size) give_up("write", to);
  close(descriptor);
  free(file.data);
}

void tx_folder_fill(const char *path, const char *from, const char *words)
{
  DIR *entries;
  struct dirent *entry;
  char name[512], source[512], list[512];
  char *rest = list;
  if (mkdir(path, 0755) && errno != EEXIST) give_up("make", path);
  entries = opendir(path);
  if (!entries) give_up("open", path);
  while ((entry = readdir(entries)) != NULL) {
    if (!is_entry(entry)) continue;
    join(name, sizeof name, path, entry->d_name);
    if (unlink(name)) give_up("remove", name);
  }
  closedir(entries);
  snprintf(list, sizeof list, "%s", words ? words : "");
  for (char *word = strtok_r(list, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    join(source, sizeof source, from, word);
    join(name, sizeof name, path, word);
    copy_file(source, name);
  }
}
