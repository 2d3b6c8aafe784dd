/* The shop's model: customers and their orders. */
#include "core/kernels/mining/common/shop.h"

#include <math.h>

const char *const ms_shop_categories[MS_SHOP_CATEGORIES] = {"美妆", "服饰",  "食品",  "数码",
                                                            "home", "sport", "books", "toys"};

const ms_shop_persona ms_shop_personas[MS_SHOP_PERSONAS] = {
    {"loyal", 0.15, {4, 3, 2, 1, 2, 1, 1, 1}, 1.6, 0.45, 0.30, 0.050, 0.030},
    {"bargain hunter", 0.25, {2, 4, 4, 1, 3, 1, 1, 2}, 0.9, 0.35, 0.25, 0.020, 0.060},
    {"gadget fan", 0.15, {0.5, 1, 1, 6, 1, 2, 2, 1}, 1.2, 0.30, 0.20, 0.025, 0.015},
    {"family", 0.25, {1, 2, 4, 1, 4, 2, 2, 5}, 0.7, 0.30, 0.15, 0.030, 0.020},
    {"occasional", 0.20, {1, 1, 1, 1, 1, 1, 3, 1}, 0.2, 0.12, 0.10, 0.008, -0.004}};

/* Products 1 … 400; product i belongs to category (i - 1) % 8. */
const int ms_shop_pairs[MS_SHOP_PAIRS][2] = {{1, 9},   {12, 52}, {3, 29},
                                             {20, 44}, {37, 5},  {15, 56}};

int ms_shop_product_category(int product) { return (product - 1) % MS_SHOP_CATEGORIES; }

ms_random ms_shop_stream(const ms_shop_settings *settings, int64_t customer, ms_shop_use use) {
  return ms_random_new(settings->seed, (uint64_t)customer * MS_SHOP_USES + (uint64_t)use);
}

int ms_shop_pick(ms_random *random, const double *weights, int count) {
  double total = 0;
  for (int i = 0; i < count; i++) total += weights[i];
  double at = ms_random_unit(random) * total;
  for (int i = 0; i < count - 1; i++) {
    at -= weights[i];
    if (at < 0) return i;
  }
  return count - 1;
}

ms_shop_customer ms_shop_customer_draw(const ms_shop_settings *settings, int64_t id) {
  ms_random random = ms_shop_stream(settings, id, MS_SHOP_TRAITS);
  ms_shop_customer customer = {.id = id};
  double weights[MS_SHOP_PERSONAS];
  for (int i = 0; i < MS_SHOP_PERSONAS; i++) weights[i] = ms_shop_personas[i].weight;
  customer.persona = ms_shop_pick(&random, weights, MS_SHOP_PERSONAS);
  customer.chinese = ms_random_unit(&random) < 0.6;
  customer.female = ms_random_unit(&random) < 0.55;
  customer.consent = ms_random_unit(&random) < 0.8;
  customer.rate = ms_random_gamma(&random, MS_SHOP_R, MS_SHOP_ALPHA);
  customer.dropout = ms_random_beta(&random, MS_SHOP_A, MS_SHOP_B);
  customer.nu = ms_random_gamma(&random, MS_SHOP_Q, MS_SHOP_GAMMA);
  /* The shop grows: more customers join in the later part of the first nine tenths of the period. */
  double when = pow(ms_random_unit(&random), 0.8) * 0.9;
  customer.joined = settings->begin + (int64_t)(when * (double)(settings->end - settings->begin));
  return customer;
}

ms_shop_orders ms_shop_orders_new(const ms_shop_settings *settings,
                                  const ms_shop_customer *customer) {
  return (ms_shop_orders){.settings = settings,
                          .customer = customer,
                          .random = ms_shop_stream(settings, customer->id, MS_SHOP_PURCHASES),
                          .next = customer->joined,
                          .dropped = INT64_MAX};
}

/* Whole seconds, as a shop's clock writes them. */
static int64_t whole_seconds(int64_t at) { return at - at % 1000000; }

bool ms_shop_orders_next(ms_shop_orders *orders, ms_shop_order *out) {
  static const double channels[] = {3, 3, 1, 2, 2}, statuses[] = {0.93, 0.05, 0.02};
  if (orders->next >= orders->settings->end) return false;
  ms_random *random = &orders->random;
  out->at = whole_seconds(orders->next);
  double amount = ms_random_gamma(random, MS_SHOP_P, orders->customer->nu);
  out->amount = round(amount * 100) / 100 + 0.01;
  out->channel = ms_shop_pick(random, channels, 5);
  out->status = ms_shop_pick(random, statuses, 3);
  bool stays = !orders->repeat || ms_random_unit(random) >= orders->customer->dropout;
  double weeks = ms_random_exponential(random, orders->customer->rate);
  orders->repeat = true;
  if (!stays) {
    orders->dropped = out->at;
    orders->next = INT64_MAX;
  } else if (weeks > 10000) {
    orders->next = INT64_MAX;
  } else {
    orders->next += (int64_t)(weeks * (double)MS_SHOP_WEEK);
  }
  return true;
}

int64_t ms_shop_orders_count(ms_shop_orders *orders) {
  ms_shop_order order;
  int64_t count = 0;
  while (ms_shop_orders_next(orders, &order)) count++;
  return count;
}

double ms_shop_product_price(const ms_shop_settings *settings, int product) {
  ms_random random = ms_random_new(settings->seed, UINT64_C(1) << 62 | (uint64_t)product);
  return round(exp(3.6 + 0.8 * ms_random_normal(&random)) * 10) / 10 + 0.9;
}

int64_t ms_shop_campaign_at(const ms_shop_settings *settings, int campaign) {
  int64_t period = settings->end - settings->begin;
  int64_t at = settings->begin + period / (MS_SHOP_CAMPAIGNS + 1) * (campaign + 1);
  return at - at % MS_SHOP_DAY + 10 * (MS_SHOP_DAY / 24);
}
