#ifndef CSHIMS_DESCRIPTORS_H
#define CSHIMS_DESCRIPTORS_H
#include <stdint.h>
#include <sys/eventfd.h>

/* eventfd(2), non-blocking, closed on exec; -1 and errno on failure. */
static inline int cshims_eventfd(void)
{
    return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}
#endif
