#include "FaultyFiles.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { longest_path = 512 };

// How a file was before an operation that no flush has followed yet.
struct undo {
  struct undo *older;
  char path[longest_path];
  sqlite3_int64 size, offset, length;
  char octets[];
};

struct file {
  sqlite3_file base;
  char path[longest_path];
  int is_watched;
  sqlite3_file real[];
};

static struct {
  pthread_mutex_t lock;
  char folder[longest_path];
  long operations, first, count;
  int forever, result;
  struct undo *newest;
} plan = {.lock = PTHREAD_MUTEX_INITIALIZER};

static sqlite3_vfs *disk;

static struct file *of(sqlite3_file *base) { return (struct file *)base; }
static sqlite3_file *real(sqlite3_file *base) { return of(base)->real; }

static void forget(const char *path) {
  struct undo **place = &plan.newest;
  while (*place) {
    struct undo *undo = *place;
    if (path && strcmp(undo->path, path)) {
      place = &undo->older;
    } else {
      *place = undo->older;
      free(undo);
      plan.count--;
    }
  }
}

// Remembers `length` octets from `offset` on. The lock is held.
static void remember(struct file *file, sqlite3_int64 offset, sqlite3_int64 length) {
  sqlite3_int64 size = 0;
  file->real->pMethods->xFileSize(file->real, &size);
  if (offset + length > size) length = size > offset ? size - offset : 0;
  struct undo *undo = calloc(1, sizeof *undo + (size_t)length);
  if (!undo) abort();
  strcpy(undo->path, file->path);
  undo->size = size;
  undo->offset = offset;
  undo->length = length;
  if (length) file->real->pMethods->xRead(file->real, undo->octets, (int)length, offset);
  undo->older = plan.newest;
  plan.newest = undo;
  plan.count++;
}

// Counts an operation; what it is to fail with, or SQLITE_OK. The lock is held.
static int count(int in_full) {
  long number = ++plan.operations;
  int fails = plan.first && (number == plan.first || (plan.forever && number > plan.first));
  if (!fails) return SQLITE_OK;
  return plan.result == SQLITE_FULL ? SQLITE_FULL : in_full;
}

static int x_write(sqlite3_file *base, const void *octets, int length, sqlite3_int64 offset) {
  struct file *file = of(base);
  if (!file->is_watched) return file->real->pMethods->xWrite(file->real, octets, length, offset);
  pthread_mutex_lock(&plan.lock);
  int result = count(SQLITE_IOERR_WRITE);
  remember(file, offset, length);
  // A write that fails may have come half of the way.
  int done = result == SQLITE_OK ? length : length / 2;
  int written = file->real->pMethods->xWrite(file->real, octets, done, offset);
  pthread_mutex_unlock(&plan.lock);
  return result == SQLITE_OK ? written : result;
}

static int x_truncate(sqlite3_file *base, sqlite3_int64 size) {
  struct file *file = of(base);
  if (!file->is_watched) return file->real->pMethods->xTruncate(file->real, size);
  pthread_mutex_lock(&plan.lock);
  int result = count(SQLITE_IOERR_TRUNCATE);
  if (result == SQLITE_OK) {
    remember(file, size, 1 << 30);
    result = file->real->pMethods->xTruncate(file->real, size);
  }
  pthread_mutex_unlock(&plan.lock);
  return result;
}

static int x_sync(sqlite3_file *base, int flags) {
  struct file *file = of(base);
  if (!file->is_watched) return file->real->pMethods->xSync(file->real, flags);
  pthread_mutex_lock(&plan.lock);
  int result = count(SQLITE_IOERR_FSYNC);
  if (result == SQLITE_OK) forget(file->path);
  pthread_mutex_unlock(&plan.lock);
  return result;
}

static int x_close(sqlite3_file *base) { return real(base)->pMethods->xClose(real(base)); }
static int x_read(sqlite3_file *base, void *octets, int length, sqlite3_int64 offset) {
  return real(base)->pMethods->xRead(real(base), octets, length, offset);
}
static int x_size(sqlite3_file *base, sqlite3_int64 *size) {
  return real(base)->pMethods->xFileSize(real(base), size);
}
static int x_lock(sqlite3_file *base, int level) {
  return real(base)->pMethods->xLock(real(base), level);
}
static int x_unlock(sqlite3_file *base, int level) {
  return real(base)->pMethods->xUnlock(real(base), level);
}
static int x_reserved(sqlite3_file *base, int *result) {
  return real(base)->pMethods->xCheckReservedLock(real(base), result);
}
static int x_control(sqlite3_file *base, int operation, void *argument) {
  return real(base)->pMethods->xFileControl(real(base), operation, argument);
}
static int x_sector(sqlite3_file *base) { return real(base)->pMethods->xSectorSize(real(base)); }
static int x_device(sqlite3_file *base) {
  return real(base)->pMethods->xDeviceCharacteristics(real(base));
}
static int x_map(sqlite3_file *base, int page, int size, int extend, void volatile **memory) {
  return real(base)->pMethods->xShmMap(real(base), page, size, extend, memory);
}
static int x_shm_lock(sqlite3_file *base, int offset, int count, int flags) {
  return real(base)->pMethods->xShmLock(real(base), offset, count, flags);
}
static void x_barrier(sqlite3_file *base) { real(base)->pMethods->xShmBarrier(real(base)); }
static int x_unmap(sqlite3_file *base, int remove) {
  return real(base)->pMethods->xShmUnmap(real(base), remove);
}

static const sqlite3_io_methods methods = {
  .iVersion = 2, .xClose = x_close, .xRead = x_read, .xWrite = x_write, .xTruncate = x_truncate,
  .xSync = x_sync, .xFileSize = x_size, .xLock = x_lock, .xUnlock = x_unlock,
  .xCheckReservedLock = x_reserved, .xFileControl = x_control, .xSectorSize = x_sector,
  .xDeviceCharacteristics = x_device, .xShmMap = x_map, .xShmLock = x_shm_lock,
  .xShmBarrier = x_barrier, .xShmUnmap = x_unmap,
};

static int v_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags, int *out) {
  struct file *file = of(base);
  (void)vfs;
  memset(file, 0, sizeof *file + (size_t)disk->szOsFile);
  int result = disk->xOpen(disk, path, file->real, flags, out);
  if (result != SQLITE_OK) return result;
  base->pMethods = &methods;
  pthread_mutex_lock(&plan.lock);
  file->is_watched = path && *plan.folder && !strncmp(path, plan.folder, strlen(plan.folder));
  if (file->is_watched) strncpy(file->path, path, longest_path - 1);
  pthread_mutex_unlock(&plan.lock);
  return SQLITE_OK;
}

void faulty_install(void) {
  static sqlite3_vfs vfs;
  pthread_mutex_lock(&plan.lock);
  if (!disk) {
    disk = sqlite3_vfs_find(NULL);
    vfs = *disk;
    vfs.zName = "faulty";
    vfs.pNext = NULL;
    vfs.szOsFile = (int)sizeof(struct file) + disk->szOsFile;
    vfs.xOpen = v_open;
    sqlite3_vfs_register(&vfs, 1);
  }
  pthread_mutex_unlock(&plan.lock);
}

void faulty_watch(const char *folder) {
  pthread_mutex_lock(&plan.lock);
  forget(NULL);
  plan.operations = plan.first = 0;
  strncpy(plan.folder, folder, longest_path - 1);
  pthread_mutex_unlock(&plan.lock);
}

long faulty_operations(void) {
  pthread_mutex_lock(&plan.lock);
  long operations = plan.operations;
  pthread_mutex_unlock(&plan.lock);
  return operations;
}

void faulty_fail(long first, int forever, int result) {
  pthread_mutex_lock(&plan.lock);
  plan.operations = 0;
  plan.first = first;
  plan.forever = forever;
  plan.result = result;
  pthread_mutex_unlock(&plan.lock);
}

void faulty_mend(void) { faulty_fail(0, 0, SQLITE_OK); }

void faulty_lose_power(long kept) {
  pthread_mutex_lock(&plan.lock);
  for (struct undo *undo = plan.newest; undo && plan.count > kept; undo = plan.newest) {
    int file = open(undo->path, O_WRONLY);
    if (file >= 0) {
      if (undo->length) (void)!pwrite(file, undo->octets, (size_t)undo->length, undo->offset);
      (void)!ftruncate(file, undo->size);
      close(file);
    }
    plan.newest = undo->older;
    plan.count--;
    free(undo);
  }
  forget(NULL);
  *plan.folder = 0;
  pthread_mutex_unlock(&plan.lock);
}
