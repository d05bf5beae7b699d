/* What Swift cannot call: variadic functions, macros, glibc's odd corners.
 * One line each, no logic. */
#ifndef CSHIMS_H
#define CSHIMS_H
#include "descriptors.h"
#endif
