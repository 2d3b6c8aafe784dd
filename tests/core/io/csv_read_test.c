/* read_csv: what a field, a record and a file mean. */
#include "csv_helpers.h"

static void infers_types_from_all_fields(void **state) {
  (void)state;
  READ("b,i,r,d,t,s\ntrue,1,1.5,2024-01-31,2024-01-31 12:30,x\n"
       "FALSE,-2,2,2024/2/1,2024-02-01T00:00:01.5Z,y\n",
       "b:boolean i:integer r:real d:date t:time s:text\n"
       "1|1|1.5|19753|1706704200000000|x\n0|-2|2|19754|1706745601500000|y\n");
}

static void keeps_what_is_not_a_number_as_text(void **state) {
  (void)state;
  READ("a,b,c,d\n00123,+1,9223372036854775808,-0\n5,2,1,1\n",
       "a:text b:text c:text d:real\n00123|+1|9223372036854775808|-0\n5|2|1|1\n");
  READ("a,b\n9223372036854775807,1.5\n-9223372036854775808,9007199254740993\n",
       "a:integer b:text\n9223372036854775807|1.5\n-9223372036854775808|9007199254740993\n");
  READ("a\n1\n2024-01-01\n", "a:text\n1\n2024-01-01\n");
  READ("a\n1e999\n", "a:text\n1e999\n");
  READ("a\n2023-02-29\n", "a:text\n2023-02-29\n");
}

static void tells_empty_text_from_null(void **state) {
  (void)state;
  READ("a,b,n\n,\"\",\"\"\nx,y,1\n", "a:text b:text n:integer\n∅||∅\nx|y|1\n");
  READ_WITH("a,b\nNA,\"NA\"\n1,x\n", "a:integer b:text\n∅|NA\n1|x\n", "null_values=NA");
  READ("a\n\n\n", "a:text\n∅\n∅\n");
}

static void takes_every_line_end(void **state) {
  (void)state;
  const char *wanted = "a:integer b:integer\n1|2\n3|4\n";
  READ("a,b\n1,2\n3,4", wanted);
  READ("a,b\r\n1,2\r\n3,4\r\n", wanted);
  READ("a,b\r1,2\r3,4\r", wanted);
  READ("\n\na,b\r\n1,2\n\n3,4\r\n\r\n", wanted);
}

static void reads_quoted_fields(void **state) {
  (void)state;
  READ("a,b\n\"x,\"\"y\"\"\",\"1\n2\"\n", "a:text b:text\nx,\"y\"|1\\n2\n");
  READ_WITH("a,b\n'x,y',1\n", "a:text b:integer\nx,y|1\n", "quote='");
  READ_WITH("a,b\n\"x\",1\n", "a:text b:integer\n\"x\"|1\n", "quote=");
}

static void sets_bad_rows_aside(void **state) {
  (void)state;
  READ_REJECTS("a,b\n1,2\n3\n4,5,6\n7,8\n", "a:integer b:integer\n1|2\n7|8\n",
               "3|∅|3|1 field, 2 wanted\n4|∅|4,5,6|3 fields, 2 wanted\n", "on_bad=reject");
  READ_WITH("a,b\n1,2\n3\n", "E-FORMAT", "on_bad=error");
  READ_REJECTS("a,b\n1\n4,5,6\n", "a:integer b:text\n1|∅\n", "3|∅|4,5,6|3 fields, 2 wanted\n",
               "on_bad=null");
  READ_WITH("a,b,c\r\n1\r\n4,5,6\r\n", "a:integer b:integer c:integer\n1|∅|∅\n4|5|6\n",
            "on_bad=null");
}

static void loses_one_line_for_one_lost_quote(void **state) {
  (void)state;
  READ_REJECTS("a,b\n1,\"x\n2,y\n3,\"z\"\n", "a:integer b:text\n2|y\n3|z\n",
               "2|∅|1,\"x|text behind a closing quote\n", "header=true");
  READ_REJECTS("a,b\n1,x\n2,\"y\n3,z\n", "a:integer b:text\n1|x\n3|z\n",
               "3|∅|2,\"y|a quote that is never closed\n", "header=true");
  READ_REJECTS("a,b\n1,5\" disk\n2,\"y\" z\n3,z\n", "a:integer b:text\n3|z\n",
               "2|∅|1,5\" disk|a quote within an unquoted field\n"
               "3|∅|2,\"y\" z|text behind a closing quote\n",
               "header=true");
}

static void obeys_given_types(void **state) {
  (void)state;
  READ_REJECTS("a,b\n007,1\nx,2\n8,3\n", "a:integer b:integer\n7|1\n8|3\n", "3|a|x,2|not integer\n",
               "types=a:integer");
  READ_REJECTS("a,b\n1,1\nx,2\n", "a:real b:integer\n1|1\n∅|2\n", "3|a|x,2|not real\n",
               "types=a:real", "on_bad=null");
  READ_WITH("d\n20240131\n", "d:date\n19753\n", "types=d:date");
  READ_WITH("d\n1\n", "d:text\n1\n", "types=d:text");
  READ_WITH("d\n1\n", "E-COL-UNKNOWN", "types=e:text");
  READ_WITH("d\n1\n", "E-ARGUMENT", "types=d:texts");
}

static void names_columns(void **state) {
  (void)state;
  READ("\xef\xbb\xbf\"a\",,c d\nx,1,2\n", "a:text column_2:integer c d:integer\nx|1|2\n");
  READ("a,a\n1,2\n", "E-COL-DUPLICATE");
  READ_WITH("a,a,a_2\n1,2,3\n", "a:integer a_2:integer a_2_2:integer\n1|2|3\n",
            "duplicates=rename");
  READ("x,1\ny,2\n", "column_1:text column_2:integer\nx|1\ny|2\n");
  READ_WITH("a,b\n1,2\n", "b:integer\n2\n", "columns=b");
  READ_WITH("a,b\n1,2\n", "E-COL-UNKNOWN", "columns=c");
  READ("a,b\n", "a:text b:text\n");
  READ("", "E-DATA");
}

static void finds_the_delimiter(void **state) {
  (void)state;
  READ("a;b\n1,5;2\n", "a:text b:integer\n1,5|2\n");
  READ("a\tb\n1\t2\n", "a:integer b:integer\n1|2\n");
  READ("a|b\n1|2\n", "a:integer b:integer\n1|2\n");
  READ("a:b\nx:2\n", "a:text b:integer\nx|2\n");
  READ("t,n\n12:30:01,2\n", "t:text n:integer\n12:30:01|2\n");
}

static void undresses_numbers(void **state) {
  (void)state;
  READ_WITH("a;b;c\n1.234,5;¥12;12.5%\n-1.000;$ -3;5 %\n",
            "a:real b:text c:text\n1234.5|¥12|12.5%\n-1000|$ -3|5 %\n", "thousands=.", "decimal=,",
            "delimiter=;");
  READ_WITH("a;b;c\n1,234.5;¥12;12.5%\n-1,000;-$3;5 %\n",
            "a:real b:integer c:real\n1234.5|12|0.125\n-1000|-3|0.050000000000000003\n",
            "thousands=,", "currency=true", "percent=true", "delimiter=;");
  READ_WITH("a\n\"1,23\"\n", "a:text\n1,23\n", "thousands=,");
  READ_WITH("d\n31.12.2023\n", "d:date\n19722\n", "date_formats=%d.%m.%Y");
}

static void stops_and_skips(void **state) {
  (void)state;
  READ_WITH("junk \"\nx\na,b\n1,2\n3,4\n5,6\n", "a:integer b:integer\n1|2\n3|4\n", "skip=2",
            "max_rows=2");
}

static void knows_encodings_by_their_bytes(void **state) {
  (void)state;
  const char *wanted = "a:text b:integer\nx上|1\n";
  READ("\xff\xfe"
       "a\0,\0b\0\n\0x\0\x0aN,\0"
       "1\0\n\0",
       wanted);
  READ("\xfe\xff\0a\0,\0b\0\n\0xN\x0a\0,\0"
       "1\0\n",
       wanted);
  READ("a\0,\0b\0\n\0x\0\x0aN,\0"
       "1\0\n\0",
       wanted);
  READ("a,b\nx\xc9\xcf,1\n", wanted);
  READ("a,b\n\xbb"
       "\x4f"
       "\xc6"
       "\x57"
       "\xa7"
       "\xda"
       "\xad"
       "\xcc"
       "\xa4"
       "\xa4"
       "\xa4"
       "\xe5"
       ",1\n",
       "a:text b:integer\n臺灣我們中文|1\n");
  READ("a,b\ncaf\xe9 noir,1\n", "a:text b:integer\ncafé noir|1\n");
  READ_WITH("a,b\nx\xc9\xcf,1\n", wanted, "encoding=gbk");
  READ_WITH("a\n1\n", "E-ENCODING", "encoding=gbkk");
}

static void keeps_and_names_bytes_that_are_no_text(void **state) {
  (void)state;
  READ_REJECTS("a,b\nx,1\ny\xff,2\n", "a:text b:integer\nx|1\ny\xff|2\n",
               "3|∅|y\xff,2|byte 2 is not text in the encoding; the row is kept\n",
               "encoding=utf-8");
  READ_WITH("a,b\ny\xff,2\n", "E-ENCODING", "encoding=utf-8", "on_bad=error");
}

static void takes_zeros_long_fields_and_many_columns(void **state) {
  (void)state;
  READ("a,b\nx\0y,\"\0\"\n", "a:text b:text\nx\\x00y|\\x00\n");
  size_t size = 1 << 20, used = 0;
  char *text = malloc(8 * size), *wanted = malloc(8 * size);
  used = (size_t)sprintf(text, "a,b\n1,\"");
  memset(text + used, 'x', size);
  memcpy(text + used + size, "\"\n", 2);
  sprintf(wanted, "a:integer b:text\n1|%.*s\n", (int)size, text + used);
  check_read(text, used + size + 2, NULL, wanted, NULL);
  size_t out = 0;
  used = 0;
  for (int row = 0; row < 3; row++) {
    for (int j = 0; j < 5000; j++) {
      used += (size_t)sprintf(text + used, row ? "%s%d" : "%sc%d", j ? "," : "", row * 5000 + j);
      out += row ? (size_t)sprintf(wanted + out, "%s%d", j ? "|" : "", row * 5000 + j)
                 : (size_t)sprintf(wanted + out, "%sc%d:integer", j ? " " : "", j);
    }
    text[used++] = '\n';
    wanted[out++] = '\n';
  }
  wanted[out] = 0;
  check_read(text, used, NULL, wanted, NULL);
  free(text);
  free(wanted);
}

static void reads_comments_escapes_and_blanks(void **state) {
  (void)state;
  READ_REJECTS("#x\na;b\n# y \"\n\"p \\\"q\\\"\";1\nr\\;s;2\nt\n",
               "a:text b:integer\np \"q\"|1\nr;s|2\n", "6|∅|t|1 field, 2 wanted\n", "comment=#",
               "escape=\\", "delimiter=;");
  READ_WITH("  id  name\r\n 1   x \r\n 22 \t \"y z\"\r\n\r\n",
            "id:integer name:text\n1|x\n22|y z\n", "delimiter=whitespace");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(infers_types_from_all_fields),
      cmocka_unit_test(keeps_what_is_not_a_number_as_text),
      cmocka_unit_test(tells_empty_text_from_null),
      cmocka_unit_test(takes_every_line_end),
      cmocka_unit_test(reads_quoted_fields),
      cmocka_unit_test(sets_bad_rows_aside),
      cmocka_unit_test(loses_one_line_for_one_lost_quote),
      cmocka_unit_test(obeys_given_types),
      cmocka_unit_test(names_columns),
      cmocka_unit_test(finds_the_delimiter),
      cmocka_unit_test(undresses_numbers),
      cmocka_unit_test(stops_and_skips),
      cmocka_unit_test(knows_encodings_by_their_bytes),
      cmocka_unit_test(keeps_and_names_bytes_that_are_no_text),
      cmocka_unit_test(takes_zeros_long_fields_and_many_columns),
      cmocka_unit_test(reads_comments_escapes_and_blanks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
