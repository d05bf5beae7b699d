/* What Swift cannot call: variadic functions, macros, glibc's odd corners.
 * One line each, no logic. */
#ifndef CSHIMS_H
#define CSHIMS_H
#include "curl.h"
#include "atomics.h"
#include "descriptors.h"
#include "lane.h"
#include "threads.h"
#endif
