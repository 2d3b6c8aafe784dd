/* The shop's customers: names, addresses, second registrations with slips of the pen; and what is true of each. */
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/kernels/mining/common/shop.h"

/* Frequent surnames and given names; the first of a list are drawn more often. */
static const char *const surnames[] = {"王", "李", "张", "刘", "陈", "杨", "黄",   "赵",  "周",
                                       "吴", "徐", "孙", "马", "朱", "胡", "郭",   "何",  "林",
                                       "高", "罗", "郑", "梁", "谢", "宋", "欧阳", "司马"};
static const char *const given[] = {
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明",
    "超", "秀", "霞", "平", "刚", "桂", "婷", "玉", "欣", "怡", "梓", "涵", "子", "轩", "雨", "萱"};
static const char *const pinyin_surnames[] = {
    "wang", "li",  "zhang", "liu",   "chen", "yang", "huang",  "zhao", "zhou",
    "wu",   "xu",  "sun",   "ma",    "zhu",  "hu",   "guo",    "he",   "lin",
    "gao",  "luo", "zheng", "liang", "xie",  "song", "ouyang", "sima"};
static const char *const women[] = {"Anna", "Maria", "Emma",   "Sophie", "Julia",  "Laura",
                                    "Zoë",  "Elena", "Olivia", "Chloe",  "Ingrid", "Fatima"};
static const char *const men[] = {"James", "Peter", "Lukas",  "Michael", "Thomas", "José",
                                  "David", "Paul",  "Andrew", "Søren",   "Omar",   "Henri"};
static const char *const families[] = {"Smith",  "Müller",  "Garcia",   "Johnson",  "Brown",
                                       "Martin", "Novák",   "Rossi",    "Jensen",   "Wilson",
                                       "Dubois", "O'Brien", "Schmidt",  "Kowalski", "Lee",
                                       "Haddad", "Silva",   "Anderson", "Petrov",   "Virtanen"};
static const char *const chinese_cities[] = {"上海", "北京", "深圳", "广州", "杭州",
                                             "成都", "南京", "武汉", "西安", "重庆"};
static const char *const western_cities[] = {"London", "Berlin", "Paris",  "New York", "Madrid",
                                             "Zürich", "Milano", "Warsaw", "Sydney",   "Oslo"};
static const char *const sources[] = {"search", "微信", "friend", "advert", "store"};

#define COUNT(list) ((int)(sizeof list / sizeof *list))

/* Index with falling weights: the first is drawn most often. */
static int skewed(ms_random *random, int count) {
  double u = ms_random_unit(random);
  return (int)(u * u * count);
}

enum { TEXT_MOST = 96 };

typedef struct {
  char name[TEXT_MOST], email[TEXT_MOST], phone[TEXT_MOST];
  const char *city, *source;
  int64_t birthday;
  bool has_email, has_phone, has_birthday;
} person;

static void draw_chinese(person *p, ms_random *random, int64_t id) {
  int surname = skewed(random, COUNT(surnames)), first = skewed(random, COUNT(given));
  int second = (int)ms_random_below(random, (uint64_t)COUNT(given));
  bool two = ms_random_unit(random) < 0.7;
  (void)snprintf(p->name, TEXT_MOST, "%s%s%s", surnames[surname], given[first],
                 two ? given[second] : "");
  (void)snprintf(p->email, TEXT_MOST, "%s%lld@%s", pinyin_surnames[surname], (long long)id,
                 id % 3 ? "qq.example" : "163.example");
  (void)snprintf(p->phone, TEXT_MOST, "1%d%09lld", 3 + (int)ms_random_below(random, 7),
                 (long long)ms_random_below(random, 1000000000));
  p->city = chinese_cities[skewed(random, COUNT(chinese_cities))];
}

/* Letters of the name without accents, for an address. */
static void address(char *out, const char *name) {
  for (; *name; name++) {
    char c = *name;
    if (c >= 'A' && c <= 'Z') c = (char)(c - 'A' + 'a');
    if (c >= 'a' && c <= 'z') *out++ = c;
  }
  *out = 0;
}

static void draw_western(person *p, ms_random *random, const ms_shop_customer *customer) {
  const char *first =
      customer->female ? women[skewed(random, COUNT(women))] : men[skewed(random, COUNT(men))];
  const char *family = families[skewed(random, COUNT(families))];
  char a[TEXT_MOST], b[TEXT_MOST];
  (void)snprintf(p->name, TEXT_MOST, "%s %s", first, family);
  address(a, first);
  address(b, family);
  (void)snprintf(p->email, TEXT_MOST, "%.20s.%.20s%lld@mail.example", a, b,
                 (long long)customer->id);
  (void)snprintf(p->phone, TEXT_MOST, "+44%010lld",
                 (long long)ms_random_below(random, INT64_C(10000000000)));
  p->city = western_cities[skewed(random, COUNT(western_cities))];
}

static person draw_person(const ms_shop_settings *settings, const ms_shop_customer *customer) {
  ms_random random = ms_shop_stream(settings, customer->id, MS_SHOP_NAME);
  person p = {0};
  if (customer->chinese) {
    draw_chinese(&p, &random, customer->id);
  } else {
    draw_western(&p, &random, customer);
  }
  p.source = sources[skewed(&random, COUNT(sources))];
  double age = 18 + ms_random_gamma(&random, 4, 0.2);
  p.birthday = settings->end / MS_SHOP_DAY - (int64_t)((age < 90 ? age : 90) * 365.25);
  p.has_birthday = ms_random_unit(&random) < 0.9;
  p.has_email = ms_random_unit(&random) < 0.85;
  p.has_phone = ms_random_unit(&random) < 0.9;
  return p;
}

/* A second registration of the same person: the name slightly off, one of e-mail and phone the same. */
static void blur(person *p, ms_random *random, bool chinese, int64_t id) {
  if (chinese) {
    ms_slice name = ms_slice_of(p->name);
    size_t cut = ms_utf8_offset(name, ms_utf8_length(name) - 1);
    const char *last = given[ms_random_below(random, (uint64_t)COUNT(given))];
    (void)snprintf(p->name + cut, TEXT_MOST - cut, "%s", last);
  } else {
    char *blank = strchr(p->name, ' ');
    size_t size = strlen(p->name);
    if (ms_random_unit(random) < 0.5 && blank) {
      char swapped[2 * TEXT_MOST];
      *blank = 0;
      (void)snprintf(swapped, sizeof swapped, "%s, %s", blank + 1, p->name);
      (void)snprintf(p->name, TEXT_MOST, "%.*s", TEXT_MOST - 1, swapped);
    } else if (size > 3) {
      p->name[size - 1] = 0; /* the last letter is forgotten */
      if (!ms_utf8_valid(ms_slice_of(p->name))) p->name[size - 2] = 0;
    }
  }
  if (ms_random_unit(random) < 0.5) {
    (void)snprintf(p->email, TEXT_MOST, "new%lld@mail.example", (long long)id);
  } else {
    p->has_phone = false;
  }
}

static void text_or_null(ms_builder *builder, size_t column, const char *text, bool has) {
  if (has) {
    ms_builder_text(builder, column, text, strlen(text));
  } else {
    ms_builder_null(builder, column);
  }
}

static void add_person(ms_builder *builder, int64_t id, const ms_shop_customer *customer,
                       const person *p) {
  ms_builder_integer(builder, 0, id);
  text_or_null(builder, 1, p->name, true);
  text_or_null(builder, 2, customer->female ? "F" : "M", true);
  if (p->has_birthday) {
    ms_builder_integer(builder, 3, p->birthday);
  } else {
    ms_builder_null(builder, 3);
  }
  text_or_null(builder, 4, p->city, true);
  text_or_null(builder, 5, p->email, p->has_email);
  text_or_null(builder, 6, p->phone, p->has_phone);
  text_or_null(builder, 7, p->source, true);
  ms_builder_integer(builder, 8, customer->joined - customer->joined % 1000000);
  ms_builder_integer(builder, 9, customer->consent);
}

/* The customer whom registration customers + 1 + d repeats; the random stream goes on with the slips. */
static int64_t original(const ms_shop_settings *settings, int64_t d, ms_random *random) {
  *random = ms_random_new(settings->seed, UINT64_C(1) << 61 | (uint64_t)d);
  return 1 + (int64_t)ms_random_below(random, (uint64_t)settings->customers);
}

ms_frame *ms_shop_customers_frame(ms_context *context, const ms_shop_settings *settings) {
  static const ms_shop_column columns[] = {
      {"customer_id", MS_INTEGER, NULL, 0}, {"name", MS_TEXT, NULL, 0},
      {"gender", MS_TEXT, NULL, 0},         {"birthday", MS_DATE, NULL, 0},
      {"city", MS_TEXT, NULL, 0},           {"email", MS_TEXT, NULL, 0},
      {"phone", MS_TEXT, NULL, 0},          {"source", MS_TEXT, NULL, 0},
      {"joined_at", MS_TIME, NULL, 0},      {"consent", MS_BOOLEAN, NULL, 0}};
  ms_builder *builder = ms_builder_new(context);
  if (!builder) return NULL;
  for (size_t c = 0; c < sizeof columns / sizeof *columns; c++) {
    if (ms_builder_column(builder, columns[c].name, columns[c].type) != MS_OK) goto failed;
  }
  int64_t all = settings->customers + settings->duplicates;
  for (int64_t i = 0; i < all; i++) {
    if (i % 4096 == 0) {
      if (ms_cancelled(context)) goto failed;
      ms_report(context, "drawing customers", (uint64_t)i, (uint64_t)all);
    }
    ms_random random;
    int64_t d = i - settings->customers, id = d < 0 ? i + 1 : original(settings, d, &random);
    ms_shop_customer customer = ms_shop_customer_draw(settings, id);
    person p = draw_person(settings, &customer);
    if (d >= 0) blur(&p, &random, customer.chinese, i + 1);
    add_person(builder, i + 1, &customer, &p);
  }
  return ms_builder_finish(builder);
failed:
  ms_builder_free(builder);
  return NULL;
}

ms_frame *ms_shop_truth_frame(ms_context *context, const ms_shop_settings *settings) {
  static const ms_shop_column columns[] = {
      {"customer_id", MS_INTEGER, NULL, 0},  {"persona", MS_TEXT, NULL, 0},
      {"orders_per_week", MS_REAL, NULL, 0}, {"dropout", MS_REAL, NULL, 0},
      {"order_value", MS_REAL, NULL, 0},     {"active", MS_BOOLEAN, NULL, 0},
      {"dropped_at", MS_TIME, NULL, 0},      {"uplift", MS_REAL, NULL, 0},
      {"duplicate_of", MS_INTEGER, NULL, 0}};
  ms_builder *builder = ms_builder_new(context);
  if (!builder) return NULL;
  for (size_t c = 0; c < sizeof columns / sizeof *columns; c++) {
    if (ms_builder_column(builder, columns[c].name, columns[c].type) != MS_OK) goto failed;
  }
  int64_t all = settings->customers + settings->duplicates;
  for (int64_t i = 0; i < all; i++) {
    if (i % 4096 == 0 && ms_cancelled(context)) goto failed;
    ms_random random;
    int64_t d = i - settings->customers, id = d < 0 ? i + 1 : original(settings, d, &random);
    ms_shop_customer customer = ms_shop_customer_draw(settings, id);
    ms_shop_orders orders = ms_shop_orders_new(settings, &customer);
    (void)ms_shop_orders_count(&orders);
    const ms_shop_persona *persona = &ms_shop_personas[customer.persona];
    bool active = orders.dropped == INT64_MAX;
    ms_builder_integer(builder, 0, i + 1);
    text_or_null(builder, 1, persona->name, true);
    ms_builder_real(builder, 2, customer.rate);
    ms_builder_real(builder, 3, customer.dropout);
    ms_builder_real(builder, 4, MS_SHOP_P / customer.nu);
    ms_builder_integer(builder, 5, active);
    if (active) {
      ms_builder_null(builder, 6);
    } else {
      ms_builder_integer(builder, 6, orders.dropped);
    }
    ms_builder_real(builder, 7, persona->uplift);
    if (d >= 0) {
      ms_builder_integer(builder, 8, id);
    } else {
      ms_builder_null(builder, 8);
    }
  }
  return ms_builder_finish(builder);
failed:
  ms_builder_free(builder);
  return NULL;
}
