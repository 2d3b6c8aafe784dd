/* The Gregorian calendar in integers (Howard Hinnant, "chrono-compatible low-level date
 * algorithms"): a year begins in March, so that the leap day is its last; 400 years are one era. */
#include "core/base/calendar.h"

int64_t ms_civil_days(int64_t year, int month, int day) {
  year -= month <= 2;
  int64_t era = ms_floor_div(year, 400);
  int64_t of_era = year - era * 400;
  int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  int64_t day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
  return era * 146097 + day_of_era - 719468;
}

ms_civil ms_days_civil(int64_t days) {
  days += 719468;
  int64_t era = ms_floor_div(days, 146097);
  uint32_t of_era = (uint32_t)(days - era * 146097);
  uint32_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  uint32_t of_year = of_era - (365 * year + year / 4 - year / 100);
  uint32_t month = (5 * of_year + 2) / 153;
  uint32_t day = of_year - (153 * month + 2) / 5 + 1;
  month += month < 10 ? 3u : -9u;
  return (ms_civil){(int64_t)year + era * 400 + (month <= 2), (int)month, (int)day};
}

static bool is_leap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int ms_month_days(int64_t year, int month) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return days[month - 1] + (month == 2 && is_leap(year));
}

bool ms_civil_valid(int64_t year, int month, int day) {
  return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 &&
         day <= ms_month_days(year, month);
}

/* 1970-01-01 was a Thursday. */
int ms_weekday(int64_t days) {
  int64_t shifted = days + 3;
  return (int)(shifted - ms_floor_div(shifted, 7) * 7) + 1;
}

int ms_day_of_year(int64_t days) {
  return (int)(days - ms_civil_days(ms_days_civil(days).year, 1, 1)) + 1;
}

/* A week belongs to the year of its Thursday. */
int ms_iso_week(int64_t days, int64_t *iso_year) {
  int64_t thursday = days - ms_weekday(days) + 4;
  int64_t year = ms_days_civil(thursday).year;
  if (iso_year) *iso_year = year;
  return (int)((thursday - ms_civil_days(year, 1, 1)) / 7) + 1;
}

int64_t ms_add_months(int64_t days, int64_t months) {
  ms_civil date = ms_days_civil(days);
  int64_t total = date.year * 12 + date.month - 1 + months;
  int64_t year = ms_floor_div(total, 12);
  int month = (int)(total - year * 12) + 1;
  int last = ms_month_days(year, month);
  return ms_civil_days(year, month, date.day < last ? date.day : last);
}

int64_t ms_months_between(int64_t from, int64_t to) {
  if (to < from) return -ms_months_between(to, from);
  ms_civil a = ms_days_civil(from), b = ms_days_civil(to);
  int64_t months = (b.year - a.year) * 12 + b.month - a.month;
  return months - (ms_add_months(from, months) > to);
}

/* `width` digits of a number that is not negative; gives where it ends. */
static char *put(char *out, int64_t value, int width) {
  for (int i = width - 1; i >= 0; i--, value /= 10) out[i] = (char)('0' + value % 10);
  return out + width;
}

size_t ms_date_format(int64_t days, char out[static MS_MOMENT_SIZE]) {
  ms_civil date = ms_days_civil(days);
  char *at = out;
  if (date.year < 0) *at++ = '-';
  int64_t year = date.year < 0 ? -date.year : date.year;
  at = put(at, year, year > 99999 ? 9 : year > 9999 ? 5 : 4);
  *at++ = '-';
  at = put(at, date.month, 2);
  *at++ = '-';
  at = put(at, date.day, 2);
  *at = 0;
  return (size_t)(at - out);
}

size_t ms_time_format(int64_t local_micros, char out[static MS_MOMENT_SIZE]) {
  int64_t days = ms_floor_div(local_micros, MS_DAY), rest = local_micros - days * MS_DAY;
  char *at = out + ms_date_format(days, out);
  int64_t seconds = rest / MS_SECOND, fraction = rest % MS_SECOND;
  *at++ = ' ';
  at = put(at, seconds / 3600, 2);
  *at++ = ':';
  at = put(at, seconds / 60 % 60, 2);
  *at++ = ':';
  at = put(at, seconds % 60, 2);
  if (fraction) {
    *at++ = '.';
    at = put(at, fraction, 6);
    while (at[-1] == '0') at--;
  }
  *at = 0;
  return (size_t)(at - out);
}
