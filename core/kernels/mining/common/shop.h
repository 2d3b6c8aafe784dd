/* The model behind the synthetic shop: one customer at a time, each from random streams of its own.
 *
 * Purchases follow BG/NBD: rate ~ Gamma(r, alpha) a week, after each repeat purchase the customer drops out with
 * probability p ~ Beta(a, b) (Fader, Hardie, Lee 2005, Marketing Science 24(2)). The values of orders follow
 * Gamma-Gamma: shape p, rate nu ~ Gamma(q, gamma) (Fader, Hardie 2013, note 025). A persona, drawn apart from
 * these, sets what is bought, how often the shop is visited, and how campaigns work. */
#ifndef MS_KERNELS_MINING_COMMON_SHOP_H
#define MS_KERNELS_MINING_COMMON_SHOP_H

#include "core/base/random.h"
#include "core/frame/kernel.h"

#define MS_SHOP_R 0.85
#define MS_SHOP_ALPHA 9.0 /* weeks */
#define MS_SHOP_A 0.7
#define MS_SHOP_B 3.2
#define MS_SHOP_P 4.0
#define MS_SHOP_Q 4.5
#define MS_SHOP_GAMMA 175.0 /* mean value of an order: p gamma / (q - 1) = 200 */

enum {
  MS_SHOP_PERSONAS = 5,
  MS_SHOP_CATEGORIES = 8,
  MS_SHOP_PRODUCTS = 400,
  MS_SHOP_CAMPAIGNS = 6,
  MS_SHOP_PAIRS = 6 /* planted pairs of products */
};

typedef struct {
  const char *name;
  double weight;
  double taste[MS_SHOP_CATEGORIES]; /* weights */
  double visits;                    /* a week while active */
  double open, click;               /* of campaign messages: P(open), P(click | open) */
  double convert, uplift;           /* P(conversion) without a message, what a message adds */
} ms_shop_persona;
extern const ms_shop_persona ms_shop_personas[MS_SHOP_PERSONAS];
extern const char *const ms_shop_categories[MS_SHOP_CATEGORIES];
/* Product pairs that go together: the second follows the first into the basket with this probability. */
#define MS_SHOP_PAIR_CHANCE 0.45
extern const int ms_shop_pairs[MS_SHOP_PAIRS][2];

typedef struct {
  uint64_t seed;
  int64_t customers, duplicates;
  int64_t begin, end; /* the period seen, microseconds */
} ms_shop_settings;

typedef struct {
  int64_t id; /* from 1 */
  int persona;
  bool chinese, female, consent;
  int64_t joined; /* first purchase, microseconds */
  double rate;    /* purchases a week */
  double dropout; /* probability after a repeat purchase */
  double nu;      /* rate of the value of an order; its mean is p / nu */
} ms_shop_customer;

ms_shop_customer ms_shop_customer_draw(const ms_shop_settings *settings, int64_t id);

/* The customer's orders within the period, one after the other. */
typedef struct {
  const ms_shop_settings *settings;
  const ms_shop_customer *customer;
  ms_random random;
  int64_t next;
  bool repeat;
  int64_t dropped; /* when the customer dropped out; INT64_MAX: active at the end */
} ms_shop_orders;
typedef struct {
  int64_t at;
  double amount;
  int channel, status;
} ms_shop_order;
ms_shop_orders ms_shop_orders_new(const ms_shop_settings *settings,
                                  const ms_shop_customer *customer);
bool ms_shop_orders_next(ms_shop_orders *orders, ms_shop_order *out);
/* Runs through all orders; how many there are. */
int64_t ms_shop_orders_count(ms_shop_orders *orders);

/* Random streams of a customer, one for each use. */
typedef enum {
  MS_SHOP_TRAITS,
  MS_SHOP_NAME,
  MS_SHOP_PURCHASES,
  MS_SHOP_LINES,
  MS_SHOP_VISITS,
  MS_SHOP_CONTACTS,
  MS_SHOP_USES = 8
} ms_shop_use;
ms_random ms_shop_stream(const ms_shop_settings *settings, int64_t customer, ms_shop_use use);

/* Index drawn with the weights. */
int ms_shop_pick(ms_random *random, const double *weights, int count);
int ms_shop_product_category(int product);

/* ---- tables ---- */

typedef struct {
  const char *name;
  ms_type type;
  const char *const *words; /* text: the values; a code each */
  int word_count;
} ms_shop_column;

/* A table whose rows belong to customers. Values go to columns[c][row]: int64_t, double, or uint32_t codes. */
typedef struct {
  const ms_shop_column *columns;
  size_t count;
  int64_t (*rows)(const ms_shop_settings *settings, int64_t customer);
  void (*fill)(const ms_shop_settings *settings, int64_t customer, int64_t row,
               void *const *columns);
} ms_shop_table;

extern const ms_shop_table ms_shop_orders_table, ms_shop_lines_table, ms_shop_visits_table,
    ms_shop_contacts_table;

/* The table's frame; customers in parallel. */
ms_frame *ms_shop_table_frame(ms_context *context, const ms_shop_settings *settings,
                              const ms_shop_table *table);
/* Tables of another kind. */
ms_frame *ms_shop_customers_frame(ms_context *context, const ms_shop_settings *settings);
ms_frame *ms_shop_truth_frame(ms_context *context, const ms_shop_settings *settings);
ms_frame *ms_shop_products_frame(ms_context *context, const ms_shop_settings *settings);
ms_frame *ms_shop_campaigns_frame(ms_context *context, const ms_shop_settings *settings);
ms_frame *ms_shop_parameters_frame(ms_context *context, const ms_shop_settings *settings);

double ms_shop_product_price(const ms_shop_settings *settings, int product);
/* When a campaign is sent, microseconds. */
int64_t ms_shop_campaign_at(const ms_shop_settings *settings, int campaign);

#define MS_SHOP_DAY INT64_C(86400000000)
#define MS_SHOP_WEEK (7 * MS_SHOP_DAY)

#endif
