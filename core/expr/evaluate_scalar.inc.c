/* Comparison loops with one value. Parameters: TYPE, the element; NAME, a suffix. Defines
 * scalar_NAME(op, a, b, n, out). */
#define MS_JOIN2(a, b) a##b
#define MS_JOIN(a, b) MS_JOIN2(a, b)

static void MS_JOIN(scalar_, NAME)(ms_operator op, const TYPE *a, TYPE b, int64_t n, uint8_t *out) {
  if (op == MS_OP_EQ) {
    for (int64_t i = 0; i < n; i++) out[i] = a[i] == b;
  } else if (op == MS_OP_NE) {
    for (int64_t i = 0; i < n; i++) out[i] = a[i] != b;
  } else if (op == MS_OP_LT) {
    for (int64_t i = 0; i < n; i++) out[i] = a[i] < b;
  } else if (op == MS_OP_LE) {
    for (int64_t i = 0; i < n; i++) out[i] = a[i] <= b;
  } else if (op == MS_OP_GT) {
    for (int64_t i = 0; i < n; i++) out[i] = a[i] > b;
  } else {
    for (int64_t i = 0; i < n; i++) out[i] = a[i] >= b;
  }
}

#undef MS_JOIN
#undef MS_JOIN2
#undef TYPE
#undef NAME
