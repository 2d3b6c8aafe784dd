/* The shop's tables whose rows belong to customers: orders, their lines, visits, contacts of campaigns. Each is
 * counted customer by customer, then filled in place, in parallel. */
#include <math.h>

#include "core/kernels/mining/common/shop.h"

enum { CUSTOMERS_A_TASK = 2048 };

static const char *const channels[] = {"web", "app", "store", "微信", "天猫"};
static const char *const statuses[] = {"paid", "refunded", "cancelled"};
static const char *const visit_channels[] = {"web", "app", "小程序"};
static const char *const arms[] = {"control", "treated"};

/* ---- orders ---- */

static int64_t orders_rows(const ms_shop_settings *settings, int64_t id) {
  ms_shop_customer customer = ms_shop_customer_draw(settings, id);
  ms_shop_orders orders = ms_shop_orders_new(settings, &customer);
  return ms_shop_orders_count(&orders);
}

static void orders_fill(const ms_shop_settings *settings, int64_t id, int64_t row,
                        void *const *columns) {
  ms_shop_customer customer = ms_shop_customer_draw(settings, id);
  ms_shop_orders orders = ms_shop_orders_new(settings, &customer);
  for (ms_shop_order order; ms_shop_orders_next(&orders, &order); row++) {
    ((int64_t *)columns[0])[row] = row + 1;
    ((int64_t *)columns[1])[row] = id;
    ((int64_t *)columns[2])[row] = order.at;
    ((double *)columns[3])[row] = order.amount;
    ((uint32_t *)columns[4])[row] = (uint32_t)order.channel;
    ((uint32_t *)columns[5])[row] = (uint32_t)order.status;
  }
}

static const ms_shop_column orders_columns[] = {
    {"order_id", MS_INTEGER, NULL, 0}, {"customer_id", MS_INTEGER, NULL, 0},
    {"ordered_at", MS_TIME, NULL, 0},  {"amount", MS_REAL, NULL, 0},
    {"channel", MS_TEXT, channels, 5}, {"status", MS_TEXT, statuses, 3}};
const ms_shop_table ms_shop_orders_table = {orders_columns, 6, orders_rows, orders_fill};

/* ---- order lines ---- */

enum { LINES_MOST = 12 };

typedef struct {
  int count;
  int products[LINES_MOST];
} basket;

static bool in_basket(const basket *items, int product) {
  for (int i = 0; i < items->count; i++) {
    if (items->products[i] == product) return true;
  }
  return false;
}

/* Products of the persona's categories, the first of each category far more often; planted pairs added. */
static basket fill_basket(ms_random *random, const ms_shop_customer *customer) {
  const ms_shop_persona *persona = &ms_shop_personas[customer->persona];
  const int shelf = MS_SHOP_PRODUCTS / MS_SHOP_CATEGORIES;
  basket items = {0};
  int64_t wanted = 1 + ms_random_poisson(random, 1.2);
  for (int64_t i = 0; i < wanted && items.count < LINES_MOST - 1; i++) {
    int category = ms_shop_pick(random, persona->taste, MS_SHOP_CATEGORIES);
    double u = ms_random_unit(random);
    int product = (int)(u * u * shelf) * MS_SHOP_CATEGORIES + category + 1;
    if (in_basket(&items, product)) continue;
    items.products[items.count++] = product;
    for (int pair = 0; pair < MS_SHOP_PAIRS; pair++) {
      if (ms_shop_pairs[pair][0] != product) continue;
      bool follows = ms_random_unit(random) < MS_SHOP_PAIR_CHANCE;
      int second = ms_shop_pairs[pair][1];
      if (follows && items.count < LINES_MOST && !in_basket(&items, second)) {
        items.products[items.count++] = second;
      }
    }
  }
  return items;
}

static int64_t lines_rows(const ms_shop_settings *settings, int64_t id) {
  ms_shop_customer customer = ms_shop_customer_draw(settings, id);
  ms_shop_orders orders = ms_shop_orders_new(settings, &customer);
  ms_random random = ms_shop_stream(settings, id, MS_SHOP_LINES);
  int64_t rows = 0;
  for (ms_shop_order order; ms_shop_orders_next(&orders, &order);) {
    rows += fill_basket(&random, &customer).count;
  }
  return rows;
}

/* The order's amount is shared out by list price, in whole cents; the last line takes what is left. The order's number
 * within the table is not known here: it is put in later (ms_shop_table_frame). */
static void lines_fill(const ms_shop_settings *settings, int64_t id, int64_t row,
                       void *const *columns) {
  ms_shop_customer customer = ms_shop_customer_draw(settings, id);
  ms_shop_orders orders = ms_shop_orders_new(settings, &customer);
  ms_random random = ms_shop_stream(settings, id, MS_SHOP_LINES);
  int64_t ordinal = 0;
  for (ms_shop_order order; ms_shop_orders_next(&orders, &order); ordinal++) {
    basket items = fill_basket(&random, &customer);
    double total = 0;
    for (int i = 0; i < items.count; i++) {
      total += ms_shop_product_price(settings, items.products[i]);
    }
    int64_t left = llround(order.amount * 100);
    for (int i = 0; i < items.count; i++, row++) {
      double price = ms_shop_product_price(settings, items.products[i]);
      int64_t cents = i == items.count - 1 ? left : (int64_t)(order.amount * 100 * price / total);
      left -= cents;
      int64_t quantity = llround((double)cents / 100 / price);
      ((int64_t *)columns[0])[row] = ordinal;
      ((int64_t *)columns[1])[row] = i + 1;
      ((int64_t *)columns[2])[row] = items.products[i];
      ((int64_t *)columns[3])[row] = quantity > 1 ? quantity : 1;
      ((double *)columns[4])[row] = (double)cents / 100;
    }
  }
}

static const ms_shop_column lines_columns[] = {{"order_id", MS_INTEGER, NULL, 0},
                                               {"line", MS_INTEGER, NULL, 0},
                                               {"product_id", MS_INTEGER, NULL, 0},
                                               {"quantity", MS_INTEGER, NULL, 0},
                                               {"amount", MS_REAL, NULL, 0}};
const ms_shop_table ms_shop_lines_table = {lines_columns, 5, lines_rows, lines_fill};

/* ---- visits ---- */

typedef struct {
  ms_random random;
  double rate;
  int64_t next, end;
} visiting;

/* Visits are a Poisson process from joining until dropping out or the end of the period. */
static visiting visits_new(const ms_shop_settings *settings, const ms_shop_customer *customer) {
  ms_shop_orders orders = ms_shop_orders_new(settings, customer);
  (void)ms_shop_orders_count(&orders);
  visiting visits = {.random = ms_shop_stream(settings, customer->id, MS_SHOP_VISITS),
                     .rate = ms_shop_personas[customer->persona].visits,
                     .next = customer->joined,
                     .end = orders.dropped < settings->end ? orders.dropped : settings->end};
  return visits;
}

static bool visits_next(visiting *visits, int64_t *at) {
  if (visits->next > visits->end || visits->end == INT64_MAX) return false;
  *at = visits->next - visits->next % 1000000;
  double weeks = ms_random_exponential(&visits->random, visits->rate);
  visits->next += (int64_t)((weeks < 10000 ? weeks : 10000) * (double)MS_SHOP_WEEK);
  return true;
}

static int64_t visits_rows(const ms_shop_settings *settings, int64_t id) {
  ms_shop_customer customer = ms_shop_customer_draw(settings, id);
  visiting visits = visits_new(settings, &customer);
  int64_t rows = 0;
  for (int64_t at; visits_next(&visits, &at);) {
    for (int i = 0; i < 3; i++) (void)ms_random_next(&visits.random);
    rows++;
  }
  return rows;
}

static void visits_fill(const ms_shop_settings *settings, int64_t id, int64_t row,
                        void *const *columns) {
  ms_shop_customer customer = ms_shop_customer_draw(settings, id);
  visiting visits = visits_new(settings, &customer);
  for (int64_t at; visits_next(&visits, &at); row++) {
    uint64_t channel = ms_random_next(&visits.random), pages = ms_random_next(&visits.random);
    uint64_t seconds = ms_random_next(&visits.random);
    ((int64_t *)columns[0])[row] = row + 1;
    ((int64_t *)columns[1])[row] = id;
    ((int64_t *)columns[2])[row] = at;
    ((uint32_t *)columns[3])[row] = (uint32_t)(channel % 3);
    ((int64_t *)columns[4])[row] = 1 + (int64_t)(pages % 12);
    ((int64_t *)columns[5])[row] = 5 + (int64_t)(seconds % 900);
  }
}

static const ms_shop_column visits_columns[] = {
    {"visit_id", MS_INTEGER, NULL, 0}, {"customer_id", MS_INTEGER, NULL, 0},
    {"visited_at", MS_TIME, NULL, 0},  {"channel", MS_TEXT, visit_channels, 3},
    {"pages", MS_INTEGER, NULL, 0},    {"seconds", MS_INTEGER, NULL, 0}};
const ms_shop_table ms_shop_visits_table = {visits_columns, 6, visits_rows, visits_fill};

/* ---- contacts ---- */

/* Whether a customer takes part in a campaign: has joined, consents, and three in ten are chosen. */
static bool contacted(const ms_shop_settings *settings, const ms_shop_customer *customer,
                      int campaign, ms_random *random) {
  bool chosen = ms_random_unit(random) < 0.3;
  return chosen && customer->consent && customer->joined < ms_shop_campaign_at(settings, campaign);
}

typedef struct {
  bool treated, opened, clicked, converted;
  double revenue;
} outcome;

static outcome respond(const ms_shop_customer *customer, ms_random *random) {
  const ms_shop_persona *persona = &ms_shop_personas[customer->persona];
  double u[5];
  for (int i = 0; i < 5; i++) u[i] = ms_random_unit(random);
  outcome o = {.treated = u[0] < 0.8};
  o.opened = o.treated && u[1] < persona->open;
  o.clicked = o.opened && u[2] < persona->click;
  o.converted = u[3] < persona->convert + (o.treated ? persona->uplift : 0);
  o.revenue = o.converted ? round(MS_SHOP_P / customer->nu * (0.5 + u[4]) * 100) / 100 : 0;
  return o;
}

static int64_t contacts_rows(const ms_shop_settings *settings, int64_t id) {
  ms_shop_customer customer = ms_shop_customer_draw(settings, id);
  ms_random random = ms_shop_stream(settings, id, MS_SHOP_CONTACTS);
  int64_t rows = 0;
  for (int campaign = 0; campaign < MS_SHOP_CAMPAIGNS; campaign++) {
    if (!contacted(settings, &customer, campaign, &random)) continue;
    (void)respond(&customer, &random);
    rows++;
  }
  return rows;
}

static void contacts_fill(const ms_shop_settings *settings, int64_t id, int64_t row,
                          void *const *columns) {
  ms_shop_customer customer = ms_shop_customer_draw(settings, id);
  ms_random random = ms_shop_stream(settings, id, MS_SHOP_CONTACTS);
  for (int campaign = 0; campaign < MS_SHOP_CAMPAIGNS; campaign++) {
    if (!contacted(settings, &customer, campaign, &random)) continue;
    outcome o = respond(&customer, &random);
    ((int64_t *)columns[0])[row] = campaign + 1;
    ((int64_t *)columns[1])[row] = id;
    ((uint32_t *)columns[2])[row] = o.treated;
    ((int64_t *)columns[3])[row] = ms_shop_campaign_at(settings, campaign);
    ((int64_t *)columns[4])[row] = o.opened;
    ((int64_t *)columns[5])[row] = o.clicked;
    ((int64_t *)columns[6])[row] = o.converted;
    ((double *)columns[7])[row] = o.revenue;
    row++;
  }
}

static const ms_shop_column contacts_columns[] = {{"campaign_id", MS_INTEGER, NULL, 0},
                                                  {"customer_id", MS_INTEGER, NULL, 0},
                                                  {"arm", MS_TEXT, arms, 2},
                                                  {"sent_at", MS_TIME, NULL, 0},
                                                  {"opened", MS_BOOLEAN, NULL, 0},
                                                  {"clicked", MS_BOOLEAN, NULL, 0},
                                                  {"converted", MS_BOOLEAN, NULL, 0},
                                                  {"revenue", MS_REAL, NULL, 0}};
const ms_shop_table ms_shop_contacts_table = {contacts_columns, 8, contacts_rows, contacts_fill};

/* ---- any of them as a frame ---- */

typedef struct {
  const ms_shop_settings *settings;
  const ms_shop_table *table;
  int64_t *first;       /* row of each customer; [customers + 1] */
  int64_t *order_first; /* lines: number of orders before each customer; else NULL */
  void **columns;
} filling;

static ms_status count_task(ms_context *worker, void *state, size_t task) {
  filling *job = state;
  int64_t from = (int64_t)task * CUSTOMERS_A_TASK, to = from + CUSTOMERS_A_TASK;
  if (to > job->settings->customers) to = job->settings->customers;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  for (int64_t i = from; i < to; i++) {
    job->first[i + 1] = job->table->rows(job->settings, i + 1);
    if (job->order_first) job->order_first[i + 1] = orders_rows(job->settings, i + 1);
  }
  return MS_OK;
}

static ms_status fill_task(ms_context *worker, void *state, size_t task) {
  filling *job = state;
  int64_t from = (int64_t)task * CUSTOMERS_A_TASK, to = from + CUSTOMERS_A_TASK;
  if (to > job->settings->customers) to = job->settings->customers;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  for (int64_t i = from; i < to; i++) {
    job->table->fill(job->settings, i + 1, job->first[i], job->columns);
    if (!job->order_first) continue;
    int64_t *numbers = job->columns[0];
    for (int64_t row = job->first[i]; row < job->first[i + 1]; row++) {
      numbers[row] += job->order_first[i] + 1;
    }
  }
  return MS_OK;
}

/* The column of words behind codes. */
static ms_column *word_column(ms_context *context, const ms_shop_column *column,
                              const uint32_t *codes, int64_t rows) {
  ms_intern *intern = ms_intern_new(context);
  bool ok = intern != NULL;
  for (int i = 0; ok && i < column->word_count; i++) {
    ms_slice word = ms_slice_of(column->words[i]);
    ok = ms_intern_add(intern, word.data, word.size) >= 0;
  }
  ms_dictionary *dictionary = ok ? ms_intern_done(intern) : NULL;
  ms_intern_free(intern);
  return dictionary ? ms_column_from_codes(context, rows, codes, dictionary, NULL) : NULL;
}

static ms_column *real_column(ms_context *context, const double *values, int64_t rows) {
  ms_buffer *buffer = ms_buffer_new(context, (size_t)rows, sizeof *values);
  for (int64_t i = 0; buffer && i < rows; i++) ((double *)(void *)buffer->data)[i] = values[i];
  return ms_column_from_real(context, rows, buffer, NULL);
}

ms_frame *ms_shop_table_frame(ms_context *context, const ms_shop_settings *settings,
                              const ms_shop_table *table) {
  size_t customers = (size_t)settings->customers;
  size_t tasks = (customers + CUSTOMERS_A_TASK - 1) / CUSTOMERS_A_TASK;
  filling job = {.settings = settings, .table = table};
  job.first = ms_scratch_zero(context, customers + 1, sizeof *job.first);
  job.columns = job.first ? ms_scratch(context, table->count, sizeof *job.columns) : NULL;
  if (!job.columns) return NULL;
  if (table == &ms_shop_lines_table) {
    job.order_first = ms_scratch_zero(context, customers + 1, sizeof *job.order_first);
    if (!job.order_first) return NULL;
  }
  if (ms_parallel(context, tasks, count_task, &job) != MS_OK) return NULL;
  for (size_t i = 0; i < customers; i++) {
    job.first[i + 1] += job.first[i];
    if (job.order_first) job.order_first[i + 1] += job.order_first[i];
  }
  int64_t rows = job.first[customers];
  for (size_t c = 0; c < table->count; c++) {
    job.columns[c] = ms_scratch(context, (size_t)rows, sizeof(int64_t));
    if (!job.columns[c]) return NULL;
  }
  if (ms_parallel(context, tasks, fill_task, &job) != MS_OK) return NULL;
  ms_assembly parts = ms_assembly_new(context, table->count);
  for (size_t c = 0; c < table->count; c++) {
    const ms_shop_column *column = &table->columns[c];
    ms_column *made = NULL;
    if (column->type == MS_TEXT) {
      made = word_column(context, column, job.columns[c], rows);
    } else if (column->type == MS_REAL) {
      made = real_column(context, job.columns[c], rows);
    } else {
      made = ms_column_from_int64(context, column->type, rows, job.columns[c], NULL);
    }
    ms_assembly_add(&parts, column->name, made);
  }
  return ms_assembly_finish(&parts, rows);
}
