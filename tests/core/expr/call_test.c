/* Aggregates and windows as the expression describes them, definitions, and what is refused. */
#include "tests/core/unit.h"

#include "core/expr/expr.h"
#include "core/expr/functions.h"

typedef struct {
  ms_context *context;
  ms_frame *rows, *groups;
  size_t next;
} fixture;

static ms_frame *make(ms_context *context, const char *const *names, const ms_type *types,
                      size_t count) {
  ms_builder *builder = ms_builder_new(context);
  for (size_t i = 0; i < count; i++) ms_builder_column(builder, names[i], types[i]);
  return ms_builder_finish(builder);
}

static int set_up(void **state) {
  static fixture f;
  static const char *const names[] = {"city", "amount", "qty", "paid", "day"};
  static const ms_type types[] = {MS_TEXT, MS_REAL, MS_INTEGER, MS_BOOLEAN, MS_DATE};
  static const char *const keys[] = {"city", "revenue"};
  static const ms_type key_types[] = {MS_TEXT, MS_REAL};
  f = (fixture){.context = ms_context_new()};
  f.rows = make(f.context, names, types, 5);
  f.groups = make(f.context, keys, key_types, 2);
  *state = &f;
  return 0;
}
static int tear_down(void **state) {
  fixture *f = *state;
  ms_frame_free(f->rows);
  ms_frame_free(f->groups);
  ms_context_free(f->context);
  return 0;
}

static ms_expression *parse(fixture *f, const char *text, bool grouped, bool calls) {
  ms_scope scope = {
      .verb = "test", .rows = f->rows, .groups = grouped ? f->groups : NULL, .calls = calls};
  return ms_expression_new(f->context, &scope, text, &f->next);
}

static const ms_call *only_call(fixture *f, const char *text, bool grouped) {
  const ms_call *const *calls;
  ms_expression *expression = parse(f, text, grouped, true);
  assert_non_null(expression);
  assert_int_equal(ms_expression_calls(expression, &calls), 1);
  return calls[0];
}

static void aggregates_of_groups_see_rows_inside_and_keys_outside(void **state) {
  fixture *f = *state;
  const ms_call *call = only_call(f, "revenue / sum(amount where paid) + length(city)", true);
  assert_int_equal(call->id, MS_CALL_SUM);
  assert_int_equal(call->type, MS_REAL);
  assert_false(call->window);
  assert_string_equal(ms_expression_is_column(call->arguments[0]), "amount");
  assert_string_equal(ms_expression_is_column(call->where), "paid");
  assert_string_equal(call->column, "#0");
  assert_int_equal(only_call(f, "count(distinct city)", true)->id, MS_CALL_COUNT_DISTINCT);
  assert_string_equal(only_call(f, "count(*)", true)->column, "#2");
  assert_int_equal(only_call(f, "sum(paid)", true)->type, MS_INTEGER);
  assert_int_equal(only_call(f, "max(day)", true)->type, MS_DATE);
  assert_true(only_call(f, "quantile(qty, 0.25)", true)->parameter == 0.25);
}

static void a_bare_aggregate_means_over_all_rows(void **state) {
  fixture *f = *state;
  const ms_call *call = only_call(f, "amount / sum(amount)", false);
  assert_true(call->window);
  assert_int_equal(call->partitions + call->orders, 0);
  assert_true(call->frame_first == INT64_MIN && call->frame_last == INT64_MAX && !call->peers);
}

static void windows_have_partition_order_and_frame(void **state) {
  fixture *f = *state;
  const ms_call *call = only_call(
      f, "ntile(5) over (partition by city, paid order by amount desc nulls first, day)", false);
  assert_true(call->parameter == 5 && call->partitions == 2 && call->orders == 2);
  assert_true(call->order[0].descending && call->order[0].nulls_first);
  assert_false(call->order[1].descending || call->order[1].nulls_first);
  call = only_call(f, "sum(qty) over (order by day)", false);
  assert_true(call->frame_first == INT64_MIN && call->frame_last == 0 && call->peers);
  call =
      only_call(f, "mean(qty) over (order by day rows between 6 preceding and current row)", false);
  assert_true(call->frame_first == -6 && call->frame_last == 0 && !call->peers);
  call = only_call(f, "max(qty) over (rows between 1 preceding and unbounded following)", false);
  assert_true(call->frame_first == -1 && call->frame_last == INT64_MAX);
  call = only_call(f, "cumsum(qty) over (order by day)", false);
  assert_true(call->frame_first == INT64_MIN && call->frame_last == 0 && !call->peers);
  call = only_call(f, "lag(qty, 2, 0.5) over (order by day)", false);
  assert_true(call->parameter == 2 && call->type == MS_REAL);
  assert_int_equal(ms_expression_type(call->arguments[1]), MS_REAL);
}

static void what_cannot_be_a_call_is_refused(void **state) {
  fixture *f = *state;
  static const struct {
    const char *text;
    bool grouped, calls;
    const char *error;
  } table[] = {
      {"sum(amount)", false, false, "test: sum is an aggregate; it cannot stand here"},
      {"sum(max(amount))", false, true, "test: max is an aggregate and stands within another"},
      {"amount + sum(amount)", true, true,
       "test: column 'amount' is not a group key and has many values in a group"},
      {"row_number()", true, true, "test: row_number cannot stand in agg"},
      {"sum(amount) over ()", true, true, "test: 'over' cannot stand in agg"},
      {"sum(city)", true, true, "test: sum does not take city (text)"},
      {"sum()", true, true, "test: sum has another number of arguments"},
      {"sum(amount where qty)", true, true, "test: 'where' needs a boolean, not qty (integer)"},
      {"rank()", false, true, "test: rank needs an order: over (order by …)"},
      {"rank() over (partition by city)", false, true,
       "test: rank needs an order: over (order by …)"},
      {"ntile(0) over (order by day)", false, true,
       "test: ntile needs a constant whole number here"},
      {"quantile(qty, 2)", true, true, "test: quantile needs a constant from 0 to 1 here"},
      {"lag(qty, qty) over (order by day)", false, true,
       "test: lag needs a constant whole number here"},
      {"lag(qty, 1, 'x') over (order by day)", false, true,
       "test: 'x' (text) does not fit qty (integer)"},
      {"sum(qty) over (rows between current row and 2 preceding)", false, true,
       "test: the frame is never any row"},
      {"sum(qty) over (range between 1 preceding and current row)", false, true,
       "test: frames are by rows only"},
      {"sum(qty) filter (where paid)", true, true,
       "test: expected an operator or the end, found filter"}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    assert_null(parse(f, table[i].text, table[i].grouped, table[i].calls));
    assert_string_equal(ms_error_text(f->context), table[i].error);
    ms_context_end(f->context);
  }
}

static void definitions_have_a_name(void **state) {
  fixture *f = *state;
  static const struct {
    const char *definition, *name, *text;
  } table[] = {{"total = sum(amount)", "total", " sum(amount)"},
               {"城市=upper(city)", "城市", "upper(city)"},
               {"`odd name` = 1", "odd name", " 1"},
               {" amount ", "amount", " amount "},
               {"`odd name`", "odd name", "`odd name`"},
               {"amount == 1", "amount == 1", "amount == 1"},
               {" amount * 2 ", "amount * 2", " amount * 2 "},
               {"null", "null", "null"}};
  ms_scope scope = {.verb = "test", .rows = f->rows};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    const char *name, *text;
    assert_int_equal(ms_definition_split(f->context, &scope, table[i].definition, &name, &text),
                     MS_OK);
    assert_string_equal(name, table[i].name);
    assert_string_equal(text, table[i].text);
  }
}

/* 200 levels of nesting are read, chains far beyond that; then there is an error and no overflow of the stack. */
static void depth_and_length_are_limited(void **state) {
  fixture *f = *state;
  static char text[70000];
  for (int deep = 190; deep <= 100190; deep *= 20) {
    size_t n = deep < 30000 ? (size_t)deep : 30000;
    memset(text, '(', n);
    text[n] = '1';
    memset(text + n + 1, ')', n);
    text[2 * n + 1] = 0;
    ms_expression *expression = parse(f, text, false, false);
    assert_int_equal(expression != NULL, deep < 200);
    if (!expression) assert_int_equal(ms_error_status(f->context), MS_ELIMIT);
  }
  for (size_t terms = 900; terms < 30000; terms *= 5) {
    text[0] = 0;
    for (size_t i = 0; i < terms; i++) memcpy(text + 2 * i, "1+", 2);
    strcpy(text + 2 * terms, "1");
    assert_int_equal(parse(f, text, false, false) != NULL, terms < 1000);
  }
  memset(text, ' ', 65537);
  text[65537] = 0;
  assert_null(parse(f, text, false, false));
  assert_int_equal(ms_error_status(f->context), MS_ELIMIT);
}

static void every_function_is_listed_with_its_meaning(void **state) {
  (void)state;
  size_t count = ms_function_count();
  assert_true(count > 120);
  for (size_t i = 0; i < count; i++) {
    size_t size = strlen(ms_function_name(i));
    assert_true(size > 0 && strlen(ms_function_brief(i)) > 3 && strlen(ms_function_group(i)) > 2);
    assert_memory_equal(ms_function_signature(i), ms_function_name(i), size);
    assert_int_equal(ms_function_signature(i)[size], '(');
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(aggregates_of_groups_see_rows_inside_and_keys_outside, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(a_bare_aggregate_means_over_all_rows, set_up, tear_down),
      cmocka_unit_test_setup_teardown(windows_have_partition_order_and_frame, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_cannot_be_a_call_is_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(definitions_have_a_name, set_up, tear_down),
      cmocka_unit_test_setup_teardown(depth_and_length_are_limited, set_up, tear_down),
      cmocka_unit_test(every_function_is_listed_with_its_meaning),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
