// Preloaded, ends the program at the first file that it opens for writing, with exit code 97.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void refuse(const char* path) {
  fprintf(stderr, "opened for writing: %s\n", path);
  _exit(97);
}

static void check(const char* path, int flags) {
  if ((flags & O_ACCMODE) != O_RDONLY && strncmp(path, "/dev/", 5) != 0) refuse(path);
}

#define NEXT(name) dlsym(RTLD_NEXT, name)

#define OPEN(name)                                  \
  int name(const char* path, int flags, ...) {      \
    va_list more;                                   \
    va_start(more, flags);                          \
    const int mode = va_arg(more, int);             \
    va_end(more);                                   \
    check(path, flags);                             \
    int (*next)(const char*, int, ...);             \
    *(void**)&next = NEXT(#name);                   \
    return next(path, flags, mode);                 \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                      \
  int name(int folder, const char* path, int flags, ...) { \
    va_list more;                                         \
    va_start(more, flags);                                \
    const int mode = va_arg(more, int);                   \
    va_end(more);                                         \
    check(path, flags);                                   \
    int (*next)(int, const char*, int, ...);              \
    *(void**)&next = NEXT(#name);                         \
    return next(folder, path, flags, mode);               \
  }
OPENAT(openat)
OPENAT(openat64)

#define FOPEN(name)                                              \
  FILE* name(const char* path, const char* mode) {               \
    if (strpbrk(mode, "wa+") != NULL) check(path, O_WRONLY);     \
    FILE* (*next)(const char*, const char*);                     \
    *(void**)&next = NEXT(#name);                                \
    return next(path, mode);                                     \
  }
FOPEN(fopen)
FOPEN(fopen64)

int creat(const char* path, mode_t mode) {
  (void)mode;
  refuse(path);
  return -1;
}

#define TEMPORARY(name, arguments)  \
  int name arguments {              \
    refuse(path);                   \
    return -1;                      \
  }
TEMPORARY(mkstemp, (char* path))
TEMPORARY(mkstemp64, (char* path))
TEMPORARY(mkostemp, (char* path, int flags __attribute__((unused))))
TEMPORARY(mkostemp64, (char* path, int flags __attribute__((unused))))
