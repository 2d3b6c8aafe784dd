/* Random numbers: xoshiro256** streams (Blackman and Vigna 2018), one for each (seed, stream), so that what is drawn
 * for a row, a customer or a task does not depend on the order or the thread in which it is drawn. */
#ifndef MS_BASE_RANDOM_H
#define MS_BASE_RANDOM_H

#include <stdint.h>

typedef struct {
  uint64_t state[4];
} ms_random;

ms_random ms_random_new(uint64_t seed, uint64_t stream);
uint64_t ms_random_next(ms_random *random);
/* 0 … below - 1, without bias (Lemire 2019); below > 0. */
uint64_t ms_random_below(ms_random *random, uint64_t below);
/* In (0, 1). */
double ms_random_unit(ms_random *random);
/* Standard normal (polar method of Marsaglia). */
double ms_random_normal(ms_random *random);
/* Mean 1 / rate. */
double ms_random_exponential(ms_random *random, double rate);
/* Mean shape / rate (Marsaglia and Tsang 2000). */
double ms_random_gamma(ms_random *random, double shape, double rate);
double ms_random_beta(ms_random *random, double a, double b);
/* By inversion; for means up to some tens. */
int64_t ms_random_poisson(ms_random *random, double mean);

#endif
