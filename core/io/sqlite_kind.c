/* Declared types of SQLite, and what a column of each is read as.
 *
 * SQLite keeps any text as a declared type. The first row of this table that fits decides (case is
 * ignored; docs/databases.md shows the same table):
 *   nothing, STRING, ANY             by the values
 *   contains BOOL                    boolean
 *   contains DATETIME or TIMESTAMP   time
 *   DATE                             date
 *   contains INT or SERIAL           integer
 *   contains CHAR CLOB TEXT UUID JSON ENUM, or is TIME   text
 *   contains BLOB or BINARY          not read
 *   contains REAL FLOA DOUB NUM DEC MONEY CURRENCY       real
 *   anything else                    by the values */
#include <string.h>

#include "core/io/sqlite.h"

static bool contains(const char *text, const char *part) {
  size_t size = strlen(part);
  for (; *text; text++) {
    if (sqlite3_strnicmp(text, part, (int)size) == 0) return true;
  }
  return false;
}

ms_sqlite_kind ms_sqlite_kind_declared(const char *declared) {
  static const struct {
    const char *part;
    ms_sqlite_kind kind;
  } rules[] = {{"BOOL", MS_READ_BOOLEAN}, {"DATETIME", MS_READ_TIME}, {"TIMESTAMP", MS_READ_TIME},
               {"DATE", MS_READ_DATE},    {"INT", MS_READ_INTEGER},   {"SERIAL", MS_READ_INTEGER},
               {"CHAR", MS_READ_TEXT},    {"CLOB", MS_READ_TEXT},     {"TEXT", MS_READ_TEXT},
               {"UUID", MS_READ_TEXT},    {"JSON", MS_READ_TEXT},     {"ENUM", MS_READ_TEXT},
               {"TIME", MS_READ_TEXT},    {"BLOB", MS_READ_BLOB},     {"BINARY", MS_READ_BLOB},
               {"REAL", MS_READ_REAL},    {"FLOA", MS_READ_REAL},     {"DOUB", MS_READ_REAL},
               {"NUM", MS_READ_REAL},     {"DEC", MS_READ_REAL},      {"MONEY", MS_READ_REAL},
               {"CURRENCY", MS_READ_REAL}};
  if (!declared || !declared[0]) return MS_READ_INFER;
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
    if (contains(declared, rules[i].part)) return rules[i].kind;
  }
  return MS_READ_INFER;
}

static const struct {
  const char *word;
  ms_sqlite_kind kind;
  ms_type type;
} words[] = {{"boolean", MS_READ_BOOLEAN, MS_BOOLEAN}, {"integer", MS_READ_INTEGER, MS_INTEGER},
             {"real", MS_READ_REAL, MS_REAL},          {"date", MS_READ_DATE, MS_DATE},
             {"yyyymmdd", MS_READ_COMPACT, MS_DATE},   {"time", MS_READ_TIME, MS_TIME},
             {"unix_ms", MS_READ_MILLI, MS_TIME},      {"unix_us", MS_READ_MICRO, MS_TIME},
             {"text", MS_READ_ANY, MS_TEXT},           {"infer", MS_READ_INFER, MS_TEXT},
             {"declared text", MS_READ_TEXT, MS_TEXT}, /* not for users: has a blank */
             {"blob", MS_READ_BLOB, MS_TEXT}};
enum { WORDS = sizeof words / sizeof *words, WORDS_FOR_USERS = WORDS - 2 };

ms_status ms_sqlite_kind_word(ms_context *context, const char *word, ms_sqlite_kind *out) {
  const char *names[WORDS_FOR_USERS];
  for (size_t i = 0; i < WORDS_FOR_USERS; i++) {
    names[i] = words[i].word;
    if (strcmp(word, names[i]) == 0) {
      *out = words[i].kind;
      return MS_OK;
    }
  }
  (void)ms_fail(context, MS_EARGUMENT, "types: '%s' is no type of a column", word);
  ms_fail_suggest(context, word, names, WORDS_FOR_USERS);
  return MS_EARGUMENT;
}

ms_type ms_sqlite_kind_type(ms_sqlite_kind kind) {
  for (size_t i = 0; i < WORDS; i++) {
    if (words[i].kind == kind) return words[i].type;
  }
  return MS_TEXT;
}

const char *ms_sqlite_declaration(ms_type type) {
  switch (type) {
    case MS_BOOLEAN: return "BOOLEAN";
    case MS_INTEGER: return "INTEGER";
    case MS_REAL: return "REAL";
    case MS_DATE: return "DATE";
    case MS_TIME: return "DATETIME";
    case MS_TEXT: return "TEXT";
  }
  return "TEXT";
}

ms_status ms_sqlite_overrides(ms_context *context, ms_sqlite_plan *plan, const ms_names *types) {
  if (types->count % 2) {
    return ms_fail(context, MS_EARGUMENT, "%s: option 'types' wants pairs of column and type",
                   plan->verb);
  }
  for (size_t i = 0; i < types->count; i += 2) {
    ms_sqlite_kind kind;
    if (ms_sqlite_kind_word(context, types->items[i + 1], &kind) != MS_OK) return MS_EARGUMENT;
    for (size_t j = 0; j < plan->count; j++) {
      ms_sqlite_field *field = &plan->fields[j];
      if (strcmp(field->name, types->items[i]) != 0) continue;
      field->kind = kind;
      field->declared = types->items[i + 1];
    }
  }
  return MS_OK;
}
