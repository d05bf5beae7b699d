#ifndef CSHIMS_LANE_H
#define CSHIMS_LANE_H

/* One pointer for each thread, which Swift cannot declare. */
extern __thread void *cshims_lane;

static inline void *cshims_get_lane(void) { return cshims_lane; }

static inline void cshims_set_lane(void *lane) { cshims_lane = lane; }
#endif
