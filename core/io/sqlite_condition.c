/* The condition of a filter in SQL: comparisons of columns with constants and with columns of the same type,
 * `in`, `is null`, booleans, and these joined by and, or, not, all of which mean the same there: both know
 * three truth values, and compare texts by their bytes. What is joined by `and` on the outside is pushed part
 * by part. */
#include <math.h>
#include <string.h>

#include "core/base/calendar.h"
#include "core/expr/node.h"
#include "core/io/sqlite_push.h"

/* Values of `in`, height of a part, parts, at most: SQLite limits its own trees to 1000. */
enum { LIST_MOST = 1000, HEIGHT_MOST = 200, PARTS_MOST = 200 };

typedef struct {
  ms_push *push;
  ms_string sql;
  bool *used;
} writer;

static bool emit(writer *w, const ms_node *node);

/* ---- constants --------------------------------------------------------------------------------- */

static bool emit_literal(writer *w, const ms_value *value, ms_slice text) {
  bool quoted = value->type == MS_TEXT || value->type == MS_DATE || value->type == MS_TIME;
  if (value->type == MS_REAL) {
    char *real = sqlite3_mprintf("%!.17g", value->real);
    ms_string_text(&w->sql, real ? real : "null");
    sqlite3_free(real);
  } else if (quoted) {
    ms_string_char(&w->sql, '\'', 1);
    for (size_t i = 0; i < text.size; i++) {
      ms_string_char(&w->sql, text.data[i], text.data[i] == '\'' ? 2 : 1);
    }
    ms_string_char(&w->sql, '\'', 1);
  } else {
    ms_string_format(&w->sql, "%lld", (long long)value->integer);
  }
  return true;
}

/* As text where the database holds text: dates and times too. False where it cannot be compared there. */
static bool storable(const ms_value *value, char buffer[static MS_MOMENT_SIZE], ms_slice *text) {
  int64_t moment = value->integer;
  *text = (ms_slice){buffer, 0};
  switch (value->type) {
    case MS_BOOLEAN:
    case MS_INTEGER: return true;
    case MS_REAL: return !isnan(value->real);
    case MS_DATE:
      if (moment < MS_DATE_LOW || moment > MS_DATE_HIGH) return false;
      text->size = ms_date_format(moment, buffer);
      return true;
    case MS_TIME:
      if (moment < MS_TIME_LOW || moment > MS_TIME_HIGH) return false;
      text->size = ms_time_format(moment, buffer);
      return true;
    case MS_TEXT: *text = value->text; return true;
  }
  return false;
}

static bool emit_value(writer *w, const ms_value *value) {
  char buffer[MS_MOMENT_SIZE];
  ms_slice text;
  ms_options *out = w->push->out;
  if (value->null) {
    ms_string_text(&w->sql, "null");
    return true;
  }
  if (!storable(value, buffer, &text)) return false;
  if (!out) return emit_literal(w, value, text);
  char name[32];
  (void)sqlite3_snprintf(sizeof name, name, "@p%llu", (unsigned long long)ms_options_count(out));
  if (value->type == MS_REAL) {
    ms_options_real(out, name, value->real);
  } else if (value->type == MS_BOOLEAN || value->type == MS_INTEGER) {
    ms_options_integer(out, name, value->type, value->integer);
  } else {
    ms_options_text(out, name, text.data, text.size);
  }
  ms_string_text(&w->sql, name);
  return true;
}

/* ---- columns ----------------------------------------------------------------------------------- */

/* The table's column of a node; -1 where it cannot be compared in SQL. */
static int64_t column_of(const writer *w, const ms_node *node) {
  const ms_push *push = w->push;
  const char *name = NULL;
  for (size_t i = 0; i + 1 < push->columns.count && !name; i += 2) {
    if (strcmp(push->columns.items[i], node->name) == 0) name = push->columns.items[i + 1];
  }
  int64_t found = name ? ms_sqlite_column_find(push->table, name) : -1;
  if (found < 0 || !ms_push_comparable(push->kinds[found])) return -1;
  return ms_sqlite_kind_type(push->kinds[found]) == node->type ? found : -1;
}

static bool emit_column(writer *w, const ms_node *node) {
  int64_t found = column_of(w, node);
  if (found < 0) return false;
  w->used[found] = true;
  ms_sqlite_add_quoted(&w->sql, w->push->table->columns[found].name);
  if (node->type == MS_TEXT) ms_string_text(&w->sql, " collate binary");
  return true;
}

static bool emit_operand(writer *w, const ms_node *node) {
  if (node->kind == MS_NODE_COLUMN) return emit_column(w, node);
  return node->kind == MS_NODE_CONSTANT && emit_value(w, &node->value);
}

/* ---- operators --------------------------------------------------------------------------------- */

static const char *comparison(ms_operator op) {
  if (op == MS_OP_EQ) return " = ";
  if (op == MS_OP_NE) return " <> ";
  if (op == MS_OP_LT) return " < ";
  if (op == MS_OP_LE) return " <= ";
  if (op == MS_OP_GT) return " > ";
  if (op == MS_OP_GE) return " >= ";
  return op == MS_OP_SAME ? " is " : NULL;
}

/* Numbers of both types are compared exactly, here as there. */
static bool emit_comparison(writer *w, const ms_node *node) {
  const ms_node *a = node->args[0], *b = node->args[1];
  bool numbers = (a->type == MS_INTEGER || a->type == MS_REAL) &&
                 (b->type == MS_INTEGER || b->type == MS_REAL);
  if (a->type != b->type && !numbers) return false;
  if (!emit_operand(w, a)) return false;
  ms_string_text(&w->sql, comparison(node->op));
  return emit_operand(w, b);
}

static bool emit_in(writer *w, const ms_node *node) {
  if (node->count != 1 || node->list_count > LIST_MOST || !emit_operand(w, node->args[0])) {
    return false;
  }
  ms_string_text(&w->sql, " in (");
  for (size_t i = 0; i < node->list_count; i++) {
    if (i) ms_string_text(&w->sql, ", ");
    if (!node->list[i].null && node->list[i].type != node->args[0]->type) return false;
    if (!emit_value(w, &node->list[i])) return false;
  }
  ms_string_text(&w->sql, ")");
  return true;
}

static bool emit_joined(writer *w, const ms_node *node, const char *word) {
  for (size_t i = 0; i < node->count; i++) {
    if (i) ms_string_text(&w->sql, word);
    if (!emit(w, node->args[i])) return false;
  }
  return true;
}

static bool emit_operator(writer *w, const ms_node *node) {
  if (comparison(node->op)) return emit_comparison(w, node);
  if (node->op == MS_OP_AND) return emit_joined(w, node, " and ");
  if (node->op == MS_OP_OR) return emit_joined(w, node, " or ");
  if (node->op == MS_OP_IN) return emit_in(w, node);
  if (node->op == MS_OP_NOT) {
    ms_string_text(&w->sql, "not ");
    return emit(w, node->args[0]);
  }
  if (node->op != MS_OP_IS_NULL || !emit_operand(w, node->args[0])) return false;
  ms_string_text(&w->sql, " is null");
  return true;
}

static bool emit(writer *w, const ms_node *node) {
  if (node->type != MS_BOOLEAN) return false;
  if (node->kind != MS_NODE_OPERATOR) return emit_operand(w, node);
  ms_string_text(&w->sql, "(");
  if (!emit_operator(w, node)) return false;
  ms_string_text(&w->sql, ")");
  return true;
}

/* ---- the whole --------------------------------------------------------------------------------- */

/* Adds what of the node can be pushed to the SQL of the whole. */
static void push_parts(ms_push *push, const ms_node *node, ms_string *whole) {
  if (node->kind == MS_NODE_OPERATOR && node->op == MS_OP_AND) {
    for (size_t i = 0; i < node->count; i++) push_parts(push, node->args[i], whole);
    return;
  }
  size_t columns = push->table->count;
  writer w = {.push = push, .sql = ms_string_new(push->context)};
  w.used = ms_scratch_zero(push->context, columns, sizeof *w.used);
  bool small = node->depth <= HEIGHT_MOST && push->parts++ < PARTS_MOST;
  const char *sql = w.used && small && emit(&w, node) ? ms_string_done(&w.sql) : NULL;
  if (!sql) {
    push->exact = false;
    return;
  }
  for (size_t i = 0; i < columns; i++) push->used[i] = push->used[i] || w.used[i];
  if (whole->size) ms_string_text(whole, " and ");
  ms_string_text(whole, sql);
}

const char *ms_push_condition(ms_push *push) {
  const ms_scope scope = {
      .verb = "filter", .rows = push->rows, .given = push->given, .calls = true};
  size_t calls = 0;
  const ms_expression *expression = ms_expression_new(push->context, &scope, push->where, &calls);
  if (!expression) return NULL;
  if (expression->call_count) {
    push->exact = false;
    return NULL;
  }
  ms_string whole = ms_string_new(push->context);
  push_parts(push, expression->root, &whole);
  return whole.size ? ms_string_done(&whole) : NULL;
}
