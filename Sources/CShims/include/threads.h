#ifndef CSHIMS_THREADS_H
#define CSHIMS_THREADS_H
#include <stdint.h>
#include <sys/prctl.h>

/* Where the statically linked Swift runtime keeps the calling thread's id, to
 * lock the first use of a global with a priority-inheriting futex
 * (stdlib/public/Threading/Linux: ulock_get_tid). */
extern __thread uint32_t cshims_runtime_thread_id
    __asm__("_ZZN5swift14threading_impl5linux13ulock_get_tidEvE3tid");

/* The runtime then asks the kernel for the id again. */
static inline void cshims_forget_thread_id(void)
{
    cshims_runtime_thread_id = 0;
}

/* Names the calling thread: at most 15 bytes are kept. */
static inline int cshims_set_thread_name(const char *name)
{
    return prctl(PR_SET_NAME, name, 0L, 0L, 0L);
}
#endif
