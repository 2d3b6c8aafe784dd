/* simulate_shop: the tables of a synthetic shop whose truth is known, for trying, teaching and testing.
 *
 * Model and sources: core/kernels/mining/common/shop.h. Every table is drawn from the same streams, so that tables
 * asked for one by one belong together. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/kernels/mining/common/shop.h"

typedef struct {
  int64_t customers, seed, years;
  double duplicates;
  const ms_option_value *as_of;
  int table;
} shop_options;

static const ms_option options[] = {
    {.name = "table",
     .type = MS_OPTION_CHOICE,
     .required = true,
     .unit = "customers orders order_lines products visits campaigns contacts truth parameters",
     .brief = "which table to draw",
     .offset = offsetof(shop_options, table)},
    {.name = "customers",
     .type = MS_OPTION_INTEGER,
     .fallback = "1000",
     .low = 1,
     .high = 100000000,
     .brief = "customers of the shop",
     .offset = offsetof(shop_options, customers)},
    {.name = "seed",
     .type = MS_OPTION_INTEGER,
     .fallback = "1",
     .brief = "the same seed draws the same shop",
     .offset = offsetof(shop_options, seed)},
    {.name = "years",
     .type = MS_OPTION_INTEGER,
     .fallback = "2",
     .low = 1,
     .high = 20,
     .unit = "years",
     .brief = "length of the period seen",
     .offset = offsetof(shop_options, years)},
    {.name = "duplicates",
     .type = MS_OPTION_REAL,
     .fallback = "0.02",
     .low = 0,
     .high = 1,
     .brief = "second registrations, as a share of the customers",
     .offset = offsetof(shop_options, duplicates)},
    {.name = "as_of",
     .type = MS_OPTION_VALUE,
     .brief = "date on which the period ends; 2025-01-01 unless given",
     .offset = offsetof(shop_options, as_of)},
    {0}};

static ms_status read_settings(ms_context *context, const shop_options *given,
                               ms_shop_settings *out) {
  int64_t end = 20089 * MS_SHOP_DAY; /* 2025-01-01 */
  if (given->as_of) {
    const ms_value *value = given->as_of->values;
    bool one = given->as_of->count == 1 && !value->null;
    if (one && value->type == MS_DATE) {
      end = value->integer * MS_SHOP_DAY;
    } else if (one && value->type == MS_TIME) {
      end = value->integer;
    } else {
      return ms_fail(context, MS_EARGUMENT, "simulate_shop: option 'as_of' must be a date");
    }
  }
  *out = (ms_shop_settings){.seed = (uint64_t)given->seed,
                            .customers = given->customers,
                            .begin = end - given->years * 365 * MS_SHOP_DAY,
                            .end = end};
  out->duplicates = llround((double)given->customers * given->duplicates);
  return MS_OK;
}

/* Declares columns and starts a builder. */
static ms_builder *builder_of(ms_context *context, const ms_shop_column *columns, size_t count) {
  ms_builder *builder = ms_builder_new(context);
  for (size_t c = 0; builder && c < count; c++) {
    if (ms_builder_column(builder, columns[c].name, columns[c].type) == MS_OK) continue;
    ms_builder_free(builder);
    return NULL;
  }
  return builder;
}

static void add_text(ms_builder *builder, size_t column, const char *text) {
  ms_builder_text(builder, column, text, strlen(text));
}

ms_frame *ms_shop_products_frame(ms_context *context, const ms_shop_settings *settings) {
  static const ms_shop_column columns[] = {{"product_id", MS_INTEGER, NULL, 0},
                                           {"name", MS_TEXT, NULL, 0},
                                           {"category", MS_TEXT, NULL, 0},
                                           {"list_price", MS_REAL, NULL, 0}};
  ms_builder *builder = builder_of(context, columns, 4);
  if (!builder) return NULL;
  for (int product = 1; product <= MS_SHOP_PRODUCTS; product++) {
    const char *category = ms_shop_categories[ms_shop_product_category(product)];
    char name[64];
    (void)snprintf(name, sizeof name, "%s %03d", category, product);
    ms_builder_integer(builder, 0, product);
    add_text(builder, 1, name);
    add_text(builder, 2, category);
    ms_builder_real(builder, 3, ms_shop_product_price(settings, product));
  }
  return ms_builder_finish(builder);
}

ms_frame *ms_shop_campaigns_frame(ms_context *context, const ms_shop_settings *settings) {
  static const ms_shop_column columns[] = {{"campaign_id", MS_INTEGER, NULL, 0},
                                           {"name", MS_TEXT, NULL, 0},
                                           {"channel", MS_TEXT, NULL, 0},
                                           {"sent_on", MS_DATE, NULL, 0},
                                           {"cost_per_contact", MS_REAL, NULL, 0}};
  static const char *const names[MS_SHOP_CAMPAIGNS] = {"新年特惠",      "spring", "618",
                                                       "free shipping", "秒杀",   "gift card"};
  static const char *const channels[] = {"email", "sms", "微信"};
  static const double costs[] = {0.05, 0.4, 0.1};
  ms_builder *builder = builder_of(context, columns, 5);
  if (!builder) return NULL;
  for (int campaign = 0; campaign < MS_SHOP_CAMPAIGNS; campaign++) {
    ms_builder_integer(builder, 0, campaign + 1);
    add_text(builder, 1, names[campaign]);
    add_text(builder, 2, channels[campaign % 3]);
    ms_builder_integer(builder, 3, ms_shop_campaign_at(settings, campaign) / MS_SHOP_DAY);
    ms_builder_real(builder, 4, costs[campaign % 3]);
  }
  return ms_builder_finish(builder);
}

ms_frame *ms_shop_parameters_frame(ms_context *context, const ms_shop_settings *settings) {
  static const ms_shop_column columns[] = {{"name", MS_TEXT, NULL, 0}, {"value", MS_REAL, NULL, 0}};
  ms_builder *builder = builder_of(context, columns, 2);
  if (!builder) return NULL;
  const struct {
    const char *name;
    double value;
  } model[] = {{"customers", (double)settings->customers},
               {"duplicates", (double)settings->duplicates},
               {"bgnbd.r", MS_SHOP_R},
               {"bgnbd.alpha", MS_SHOP_ALPHA},
               {"bgnbd.a", MS_SHOP_A},
               {"bgnbd.b", MS_SHOP_B},
               {"gammagamma.p", MS_SHOP_P},
               {"gammagamma.q", MS_SHOP_Q},
               {"gammagamma.gamma", MS_SHOP_GAMMA},
               {"pair.chance", MS_SHOP_PAIR_CHANCE}};
  for (size_t i = 0; i < sizeof model / sizeof *model; i++) {
    add_text(builder, 0, model[i].name);
    ms_builder_real(builder, 1, model[i].value);
  }
  char name[96];
  for (int i = 0; i < MS_SHOP_PERSONAS; i++) {
    const ms_shop_persona *persona = &ms_shop_personas[i];
    const struct {
      const char *what;
      double value;
    } traits[] = {{"weight", persona->weight},   {"visits", persona->visits},
                  {"open", persona->open},       {"click", persona->click},
                  {"convert", persona->convert}, {"uplift", persona->uplift}};
    for (size_t k = 0; k < sizeof traits / sizeof *traits; k++) {
      (void)snprintf(name, sizeof name, "persona.%s.%s", persona->name, traits[k].what);
      add_text(builder, 0, name);
      ms_builder_real(builder, 1, traits[k].value);
    }
  }
  for (int i = 0; i < MS_SHOP_PAIRS; i++) {
    (void)snprintf(name, sizeof name, "pair.%d", ms_shop_pairs[i][0]);
    add_text(builder, 0, name);
    ms_builder_real(builder, 1, ms_shop_pairs[i][1]);
  }
  return ms_builder_finish(builder);
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *given) {
  (void)inputs;
  const shop_options *o = given;
  ms_shop_settings settings;
  if (read_settings(context, o, &settings) != MS_OK) return NULL;
  switch (o->table) {
    case 0: return ms_shop_customers_frame(context, &settings);
    case 1: return ms_shop_table_frame(context, &settings, &ms_shop_orders_table);
    case 2: return ms_shop_table_frame(context, &settings, &ms_shop_lines_table);
    case 3: return ms_shop_products_frame(context, &settings);
    case 4: return ms_shop_table_frame(context, &settings, &ms_shop_visits_table);
    case 5: return ms_shop_campaigns_frame(context, &settings);
    case 6: return ms_shop_table_frame(context, &settings, &ms_shop_contacts_table);
    case 7: return ms_shop_truth_frame(context, &settings);
    default: return ms_shop_parameters_frame(context, &settings);
  }
}

const ms_kernel ms_kernel_simulate_shop = {
    .name = "simulate_shop",
    .group = "mining",
    .brief = "draws a table of a synthetic shop from known models",
    .cost = "O(rows) time and memory",
    .least = 0,
    .most = 0,
    .options = options,
    .size = sizeof(shop_options),
    .run = run,
};
