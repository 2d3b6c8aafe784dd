/* Loads a field's digits from one storage. Parameters: NAME, VALUE (element type), OUT (unsigned result),
 * and BIAS, an expression over `field` that is taken from each value. */
static void NAME(const ms_key_field *field, int64_t first, int64_t count, OUT *out) {
  const VALUE *values = (const VALUE *)ms_column_data(field->column) + first;
  const OUT bias = (OUT)(BIAS);
  for (int64_t i = 0; i < count; i++) out[i] = (OUT)((OUT)values[i] - bias);
}
#undef NAME
#undef VALUE
#undef OUT
#undef BIAS
