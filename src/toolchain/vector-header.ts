// SPDX-License-Identifier: Apache-2.0
/**
 * <bits/math-vector.h> tells the compiler which functions exist for vectors, too, and with -ffast-math it calls them:
 * `_ZGVbN2vv_pow` and the like. They are in libmvec, which is not built (see glibc-recipe.ts), so there are none to tell of.
 */

/** glibc's own header for processors without them. */
export const vectorHeader = `#ifndef _MATH_H
# error "Never include <bits/math-vector.h> directly; include <math.h> instead."
#endif

#include <bits/libm-simd-decl-stubs.h>
`;
