#ifndef CSHIMS_ATOMICS_H
#define CSHIMS_ATOMICS_H
#include <stdbool.h>
#include <stdint.h>

/* Counters in memory that several processes share: Swift's Atomic can not be
 * laid over memory that it has not made. */

static inline uint64_t cshims_load(const uint64_t *counter)
{
    return __atomic_load_n(counter, __ATOMIC_SEQ_CST);
}

static inline void cshims_store(uint64_t *counter, uint64_t value)
{
    __atomic_store_n(counter, value, __ATOMIC_SEQ_CST);
}

/* Whether the counter was `expected`; only then it becomes `desired`. */
static inline bool cshims_exchange(uint64_t *counter, uint64_t expected,
                                   uint64_t desired)
{
    return __atomic_compare_exchange_n(counter, &expected, desired, false,
                                       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}
#endif
