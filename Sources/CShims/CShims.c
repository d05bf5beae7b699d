#include "CShims.h"

__thread void *cshims_lane;
