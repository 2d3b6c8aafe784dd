/* Eigenvalues and eigenvectors of small symmetric matrices. */
#ifndef MS_MINING_EIGEN_H
#define MS_MINING_EIGEN_H

#include "core/base/context.h"

/* `matrix` (size * size, symmetric, finite) is overwritten. values: from the largest to the least; vectors: vector v is
 * row v, of length 1; its sign is any. Cyclic Jacobi rotations (Golub and Van Loan, Matrix Computations, 8.5), which find
 * small eigenvalues of a scaled matrix as well as large ones. O(size^3) a sweep, some ten sweeps. MS_ECANCEL. */
ms_status ms_eigen_symmetric(ms_context *context, size_t size, double *matrix, double *values,
                             double *vectors);

#endif
