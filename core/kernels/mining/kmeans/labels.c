/* Numbers of clusters: by weight, or those that the nearest old clusters had. */
#include "core/kernels/mining/kmeans/kmeans.h"

#include <stdlib.h>

typedef struct {
  double weight;
  int64_t label;
  size_t at;
  const double *centre;
  size_t columns;
} ranked;

static int by_weight(const void *a, const void *b) {
  const ranked *x = a, *y = b;
  if (x->weight != y->weight) return x->weight < y->weight ? 1 : -1;
  for (size_t j = 0; j < x->columns; j++) {
    if (x->centre[j] != y->centre[j]) return x->centre[j] < y->centre[j] ? -1 : 1;
  }
  return (x->at > y->at) - (x->at < y->at);
}

static int by_label(const void *a, const void *b) {
  const ranked *x = a, *y = b;
  return (x->label > y->label) - (x->label < y->label);
}

ms_status ms_kmeans_label(ms_context *context, const ms_kmeans_result *found,
                          const ms_centres *centres, ms_kmeans_labels *out) {
  size_t k = centres->count, p = centres->columns;
  ranked *list = ms_scratch(context, k, sizeof *list);
  out->count = k;
  out->order = ms_scratch(context, k, sizeof *out->order);
  out->labels = ms_scratch(context, k, sizeof *out->labels);
  if (!list || !out->order || !out->labels) return MS_EMEMORY;
  for (size_t c = 0; c < k; c++)
    list[c] = (ranked){
        .weight = found->weight[c], .at = c, .centre = centres->values + c * p, .columns = p};
  qsort(list, k, sizeof *list, by_weight);
  for (size_t i = 0; i < k; i++) {
    out->order[i] = list[i].at;
    out->labels[i] = (int64_t)i + 1;
  }
  return MS_OK;
}

/* Which old centre each new one has got, or SIZE_MAX. */
static ms_status pair(ms_context *context, const ms_centres *new, const ms_centres *old,
                      size_t *partner) {
  const ms_centres *few = new->count <= old->count ? new : old, *many = few == new ? old : new;
  size_t p = new->columns;
  double *costs = ms_scratch(context, few->count * many->count, sizeof *costs);
  size_t *chosen = ms_scratch(context, few->count, sizeof *chosen);
  if (!costs || !chosen) return MS_EMEMORY;
  for (size_t a = 0; a < few->count; a++) {
    for (size_t b = 0; b < many->count; b++)
      costs[a * many->count + b] = ms_point_distance(few->values + a * p, many->values + b * p, p);
  }
  ms_status status = ms_assignment(context, few->count, many->count, costs, chosen);
  if (status != MS_OK) return status;
  for (size_t c = 0; c < new->count; c++) partner[c] = SIZE_MAX;
  for (size_t a = 0; a < few->count; a++)
    partner[few == new ? a : chosen[a]] = few == new ? chosen[a] : a;
  return MS_OK;
}

ms_status ms_kmeans_match(ms_context *context, const ms_frame *match, const ms_centres *old,
                          const ms_kmeans_result *found, ms_kmeans_labels *labels) {
  size_t k = labels->count;
  const int64_t *names = ms_part_index(context, "kmeans", match, "cluster", INT64_C(1) << 53);
  size_t *partner = names ? ms_scratch(context, k, sizeof *partner) : NULL;
  ranked *list = partner ? ms_scratch(context, k, sizeof *list) : NULL;
  if (!list) return ms_error_status(context);
  ms_centres new_ones = {k, old->columns, found->centres};
  ms_status status = pair(context, &new_ones, old, partner);
  if (status != MS_OK) return status;
  int64_t next = 0;
  for (size_t i = 0; i < old->count; i++) next = names[i] > next ? names[i] : next;
  for (size_t i = 0; i < k; i++) {
    size_t c = labels->order[i];
    list[i] = (ranked){.label = partner[c] == SIZE_MAX ? ++next : names[partner[c]], .at = c};
  }
  qsort(list, k, sizeof *list, by_label);
  for (size_t i = 0; i < k; i++) {
    labels->order[i] = list[i].at;
    labels->labels[i] = list[i].label;
  }
  return MS_OK;
}
