#ifndef CSHIMS_THREADS_H
#define CSHIMS_THREADS_H
#include <sys/prctl.h>

/* Names the calling thread: at most 15 bytes are kept. */
static inline int cshims_set_thread_name(const char *name)
{
    return prctl(PR_SET_NAME, name, 0L, 0L, 0L);
}
#endif
