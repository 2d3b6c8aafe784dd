/* All verbs, readers and kernels by name: kernels.def as a list. */
#ifndef MS_KERNELS_REGISTRY_H
#define MS_KERNELS_REGISTRY_H

#include "core/frame/kernel.h"

/* In the order of kernels.def. */
extern const ms_kernel *const ms_kernels[];

/* The kernel of that name, or NULL with MS_EKERNEL and the nearest name. */
const ms_kernel *ms_kernel_find(ms_context *context, const char *name);

#endif
