/*
 * Loaded before libc (LD_PRELOAD): lets one allocation fail that a C library
 * makes on our behalf, the FAIL_NTH of libcrypto, libssl, libcurl, libjansson
 * and libsqlite3, or of those that FAIL_IN names.  FAIL_COUNT names a file that
 * gets their number in the end.  What Swift allocates never fails here: its
 * runtime ends the process then.
 */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

#define LIBRARIES  5

typedef struct {
    const char  *begin, *end;
} range;


static int fails(const void *caller);
static int note_library(struct dl_phdr_info *info, size_t size, void *data);


static const char  *names[LIBRARIES] = {
    "libcrypto", "libssl", "libcurl", "libjansson", "libsqlite3"
};

static range          ranges[LIBRARIES];
static unsigned long  nth, seen;
static int            ready;


void *
malloc(size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}


void *
calloc(size_t count, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL
                                              : __libc_calloc(count, size);
}


void *
realloc(void *old, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL
                                              : __libc_realloc(old, size);
}


static int
fails(const void *caller)
{
    int          i;
    const char  *place;

    place = caller;

    for (i = 0; ready && i < LIBRARIES; i++) {

        if (place >= ranges[i].begin && place < ranges[i].end) {
            return __sync_add_and_fetch(&seen, 1) == nth;
        }
    }

    return 0;
}


__attribute__((constructor)) static void
begin(void)
{
    const char  *text;

    dl_iterate_phdr(note_library, NULL);

    text = getenv("FAIL_NTH");
    nth = (text == NULL) ? 0 : strtoul(text, NULL, 10);
    ready = 1;
}


static int
note_library(struct dl_phdr_info *info, size_t size, void *data)
{
    int                i, k;
    const char        *begin, *wanted;
    const ElfW(Phdr)  *header;

    (void) size;
    (void) data;
    wanted = getenv("FAIL_IN");

    for (i = 0; i < LIBRARIES; i++) {

        if (strstr(info->dlpi_name, names[i]) == NULL
            || (wanted != NULL && strstr(wanted, names[i]) == NULL))
        {
            continue;
        }

        for (k = 0; k < info->dlpi_phnum; k++) {
            header = &info->dlpi_phdr[k];

            if (header->p_type == PT_LOAD && (header->p_flags & PF_X)) {
                begin = (const char *) info->dlpi_addr + header->p_vaddr;
                ranges[i].begin = begin;
                ranges[i].end = begin + header->p_memsz;
            }
        }
    }

    return 0;
}


__attribute__((destructor)) static void
end(void)
{
    FILE        *file;
    const char  *path;

    path = getenv("FAIL_COUNT");
    ready = 0;

    if (path != NULL && (file = fopen(path, "w")) != NULL) {
        fprintf(file, "%lu\n", seen);
        fclose(file);
    }
}
