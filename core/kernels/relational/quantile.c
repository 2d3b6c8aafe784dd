/* Selection in the manner of Floyd and Rivest (CACM 18, 1975): the pivot comes from a small sorted sample, a little to
 * the far side of the wanted rank, so that about one and a half passes over the values are enough. The sample is
 * evenly spread, never random. Partitioning does not branch on the values. */
#include "core/kernels/relational/quantile.h"

#include <math.h>

enum { SMALL = 24, SAMPLE = 31, ASIDE = 3, ASK = 1 << 19 };

static void sort_few(double *x, int64_t n) {
  for (int64_t i = 1; i < n; i++) {
    double value = x[i];
    int64_t j = i;
    for (; j > 0 && value < x[j - 1]; j--) x[j] = x[j - 1];
    x[j] = value;
  }
}

/* A value near the k-th least of x[0 … n), rather between it and the nearer end than beyond it. */
static double pivot_near(const double *x, int64_t n, int64_t k) {
  double sample[SAMPLE];
  int64_t count = n < 16 * SAMPLE ? 5 : SAMPLE;
  for (int64_t i = 0; i < count; i++) sample[i] = x[(2 * i + 1) * n / (2 * count)];
  sort_few(sample, count);
  int64_t aside = count == SAMPLE ? ASIDE : 0;
  int64_t at = (int64_t)((double)k / (double)n * (double)count) + (2 * k < n ? aside : -aside);
  return sample[at < 0 ? 0 : at >= count ? count - 1 : at];
}

/* Values below the pivot go to the front; gives their number. */
static int64_t split_below(double *x, int64_t n, double pivot) {
  int64_t front = 0;
  for (int64_t i = 0; i < n; i++) {
    double value = x[i];
    x[i] = x[front];
    x[front] = value;
    front += value < pivot;
  }
  return front;
}

/* The same for values not above the pivot. */
static int64_t split_upto(double *x, int64_t n, double pivot) {
  int64_t front = 0;
  for (int64_t i = 0; i < n; i++) {
    double value = x[i];
    x[i] = x[front];
    x[front] = value;
    front += value <= pivot;
  }
  return front;
}

/* Puts the k-th and the next least in their places (if there is a next). No NaN. */
static void place_two(ms_context *context, double *x, int64_t n, int64_t k) {
  int64_t low = 0, high = n;
  while (high - low > SMALL) {
    if (high - low > ASK && ms_cancelled(context)) return;
    double pivot = pivot_near(x + low, high - low, k - low);
    int64_t front = low + split_below(x + low, high - low, pivot);
    if (front == low) {
      /* the pivot is the least: its equals go to the front */
      front += split_upto(x + low, high - low, pivot);
      if (k + 1 < front) return;
      if (k < front) {
        x[k] = pivot;
        high = front;
        break;
      }
      low = front;
    } else if (k < front) {
      high = front;
    } else {
      low = front;
    }
  }
  if (high - low <= SMALL) sort_few(x + low, high - low);
  if (k + 1 < high || high == n) return;
  int64_t least = high;
  for (int64_t i = high + 1; i < n; i++) least = x[i] < x[least] ? i : least;
  double value = x[least];
  x[least] = x[high];
  x[high] = value;
}

double ms_quantile_select(ms_context *context, double *x, int64_t n, double p) {
  int64_t missing = 0;
  for (int64_t i = 0; i < n; i++) missing += x[i] != x[i];
  if (missing || (n > ASK && ms_cancelled(context))) return NAN;
  double at = (double)(n - 1) * p;
  int64_t k = (int64_t)floor(at);
  double share = at - (double)k;
  place_two(context, x, n, k);
  if (share == 0 || k + 1 >= n || x[k] == x[k + 1]) return x[k];
  return x[k] + share * (x[k + 1] - x[k]);
}
