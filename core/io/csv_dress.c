/* Numbers dressed for people. Groups of thousands must have three digits each, so that a comma in the
 * wrong place is not read as a thousand. */
#include "core/io/csv_dress.h"

#include <string.h>

#include "core/io/csv_number.h"

/* ¥ in both widths, $, €, £ */
static const char *const signs[] = {"\xc2\xa5", "\xef\xbf\xa5", "$", "\xe2\x82\xac", "\xc2\xa3"};

/* Takes one currency sign, with blanks, off the front or the end. */
static ms_slice without_sign(ms_slice text) {
  for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
    size_t size = strlen(signs[i]);
    if (text.size <= size) continue;
    if (memcmp(text.data, signs[i], size) == 0) {
      text.data += size;
      text.size -= size;
    } else if (memcmp(text.data + text.size - size, signs[i], size) == 0) {
      text.size -= size;
    } else {
      continue;
    }
    while (text.size > 0 && text.data[0] == ' ') {
      text.data++;
      text.size--;
    }
    while (text.size > 0 && text.data[text.size - 1] == ' ') text.size--;
    break;
  }
  return text;
}

/* Copies the digits in front of the decimal mark without separators; gives what was read, 0 if the
 * groups are wrong. */
static size_t copy_groups(const ms_csv_rules *rules, ms_slice text, char *room, size_t *used) {
  size_t i = 0, group = 0, groups = 0;
  for (; i < text.size; i++) {
    char c = text.data[i];
    if (ms_csv_digit(c)) {
      room[(*used)++] = c;
      group++;
    } else if (rules->thousands && c == rules->thousands) {
      if (group == 0 || group > 3 || (groups > 0 && group != 3)) return 0;
      groups++;
      group = 0;
    } else {
      break;
    }
  }
  return groups > 0 && group != 3 ? 0 : i;
}

ms_slice ms_csv_undress(const ms_csv_rules *rules, ms_slice text, char *room) {
  const ms_slice none = {room, 0};
  size_t used = 0;
  bool percent = false;
  if (text.size == 0 || text.size + 8 > MS_CSV_DRESS_MOST) return none;
  if (rules->currency) text = without_sign(text);
  if (text.size > 1 && text.data[0] == '-') {
    room[used++] = '-';
    text.data++;
    text.size--;
    if (rules->currency) text = without_sign(text);
  }
  if (rules->percent && text.size > 1 && text.data[text.size - 1] == '%') {
    percent = true;
    text.size -= text.size > 2 && text.data[text.size - 2] == ' ' ? 2 : 1;
  }
  size_t at = copy_groups(rules, text, room, &used);
  if (at < text.size && text.data[at] == rules->decimal) {
    room[used++] = '.';
    at++;
  } else if (at == 0) {
    return none;
  }
  bool power = false;
  for (; at < text.size; at++) {
    char c = text.data[at];
    if (c == '.' || c == ',') return none;
    power |= c == 'e' || c == 'E';
    room[used++] = c;
  }
  if (percent && power) return none;
  if (percent) {
    memcpy(room + used, "e-2", 3);
    used += 3;
  }
  return (ms_slice){room, used};
}
