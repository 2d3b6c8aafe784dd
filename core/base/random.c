/* Random streams and draws from known distributions. */
#include "core/base/random.h"

#include <math.h>

static uint64_t splitmix(uint64_t *state) {
  uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return z ^ (z >> 31);
}

ms_random ms_random_new(uint64_t seed, uint64_t stream) {
  uint64_t state = seed;
  state = splitmix(&state) ^ stream * UINT64_C(0xD1342543DE82EF95);
  ms_random random;
  for (int i = 0; i < 4; i++) random.state[i] = splitmix(&state);
  return random;
}

static uint64_t rotate(uint64_t x, int bits) { return x << bits | x >> (64 - bits); }

uint64_t ms_random_next(ms_random *random) {
  uint64_t *s = random->state, result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate(s[3], 45);
  return result;
}

uint64_t ms_random_below(ms_random *random, uint64_t below) {
  __extension__ typedef unsigned __int128 wide;
  wide product = (wide)ms_random_next(random) * below;
  if ((uint64_t)product < below) {
    uint64_t least = -below % below;
    while ((uint64_t)product < least) product = (wide)ms_random_next(random) * below;
  }
  return (uint64_t)(product >> 64);
}

double ms_random_unit(ms_random *random) {
  return ((double)(ms_random_next(random) >> 11) + 0.5) * 0x1p-53;
}

double ms_random_normal(ms_random *random) {
  for (;;) {
    double u = 2 * ms_random_unit(random) - 1, v = 2 * ms_random_unit(random) - 1;
    double s = u * u + v * v;
    if (s > 0 && s < 1) return u * sqrt(-2 * log(s) / s);
  }
}

double ms_random_exponential(ms_random *random, double rate) {
  return -log(ms_random_unit(random)) / rate;
}

double ms_random_gamma(ms_random *random, double shape, double rate) {
  double boost = 1;
  if (shape < 1) {
    boost = pow(ms_random_unit(random), 1 / shape);
    shape += 1;
  }
  double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
  for (;;) {
    double x = ms_random_normal(random), v = 1 + c * x;
    if (v <= 0) continue;
    v = v * v * v;
    if (log(ms_random_unit(random)) < 0.5 * x * x + d - d * v + d * log(v)) {
      return boost * d * v / rate;
    }
  }
}

double ms_random_beta(ms_random *random, double a, double b) {
  double x = ms_random_gamma(random, a, 1), y = ms_random_gamma(random, b, 1);
  return x / (x + y);
}

int64_t ms_random_poisson(ms_random *random, double mean) {
  double limit = exp(-mean), product = ms_random_unit(random);
  int64_t count = 0;
  while (product > limit) {
    product *= ms_random_unit(random);
    count++;
  }
  return count;
}
