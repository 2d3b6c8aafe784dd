/* Encodings of text. The guess between GB18030 and Big5 counts pairs of bytes that are common characters
 * of each: GB 2312 (both bytes from A1 up, Chinese from B0) and the 5,401 frequent characters of Big5
 * (first byte A4 … C6). Text of one rarely looks like the other's. */
#include "core/base/encoding.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>
#include <strings.h>

enum { LOOK_AT = 1 << 20, PIECE = 1 << 18 };

static ms_encoding marked(ms_slice bytes) {
  if (bytes.size >= 3 && memcmp(bytes.data, "\xef\xbb\xbf", 3) == 0)
    return (ms_encoding){"UTF-8", 3, true};
  if (bytes.size >= 4 && memcmp(bytes.data, "\xff\xfe\0\0", 4) == 0)
    return (ms_encoding){"UTF-32LE", 4, false};
  if (bytes.size >= 4 && memcmp(bytes.data, "\0\0\xfe\xff", 4) == 0)
    return (ms_encoding){"UTF-32BE", 4, false};
  if (bytes.size >= 2 && memcmp(bytes.data, "\xff\xfe", 2) == 0)
    return (ms_encoding){"UTF-16LE", 2, false};
  if (bytes.size >= 2 && memcmp(bytes.data, "\xfe\xff", 2) == 0)
    return (ms_encoding){"UTF-16BE", 2, false};
  return (ms_encoding){NULL, 0, false};
}

/* UTF-16 without a mark: digits, delimiters and line feeds have a zero beside them, always on the same side. */
static const char *utf16(ms_slice bytes) {
  size_t size = bytes.size < LOOK_AT ? bytes.size & ~(size_t)1 : LOOK_AT, zeros[2] = {0, 0};
  size_t feeds = 0, lone = 0;
  if (bytes.size % 2 != 0 || size < 4) return NULL;
  for (size_t i = 0; i < size; i++) {
    zeros[i & 1] += bytes.data[i] == 0;
    feeds += bytes.data[i] == '\n';
    lone += bytes.data[i] == '\n' && bytes.data[i ^ 1] != 0;
  }
  if ((zeros[0] > 0) == (zeros[1] > 0)) return NULL;
  if (feeds == lone && zeros[0] + zeros[1] < size / 4) return NULL; /* U+4E0A has such a byte too */
  return zeros[1] ? "UTF-16LE" : "UTF-16BE";
}

typedef struct {
  size_t pairs, common, broken;
} score;

static score score_gb(const unsigned char *at, const unsigned char *end) {
  score s = {0, 0, 0};
  while (at < end) {
    if (*at < 0x80) {
      at++;
    } else if (end - at < 2) {
      break; /* cut off by the end of what is looked at */
    } else if (at[0] >= 0x81 && at[0] <= 0xfe && at[1] >= 0x40 && at[1] != 0x7f && at[1] != 0xff) {
      s.pairs++;
      s.common +=
          at[1] >= 0xa1 && ((at[0] >= 0xb0 && at[0] <= 0xf7) || (at[0] >= 0xa1 && at[0] <= 0xa3));
      at += 2;
    } else if (end - at < 4) {
      break;
    } else if (at[0] >= 0x81 && at[0] <= 0xfe && at[1] >= 0x30 && at[1] <= 0x39 && at[2] >= 0x81 &&
               at[2] <= 0xfe && at[3] >= 0x30 && at[3] <= 0x39) {
      s.pairs++;
      at += 4;
    } else {
      s.broken++;
      at++;
    }
  }
  return s;
}

static score score_big5(const unsigned char *at, const unsigned char *end) {
  score s = {0, 0, 0};
  while (at < end) {
    if (*at < 0x80) {
      at++;
    } else if (end - at < 2) {
      break;
    } else if (at[0] >= 0x81 && at[0] <= 0xfe &&
               ((at[1] >= 0x40 && at[1] <= 0x7e) || (at[1] >= 0xa1 && at[1] <= 0xfe))) {
      s.pairs++;
      s.common += (at[0] >= 0xa4 && at[0] <= 0xc6) || (at[0] == 0xa1 && at[1] <= 0x7e);
      at += 2;
    } else {
      s.broken++;
      at++;
    }
  }
  return s;
}

/* Share of common pairs; 0 where more than one in a hundred is no pair at all. */
static double fit(score s) {
  if (s.pairs == 0 || s.broken > s.pairs / 100) return 0;
  return (double)s.common / (double)s.pairs;
}

ms_encoding ms_encoding_detect(ms_slice bytes, bool utf8) {
  ms_encoding found = marked(bytes);
  if (found.name) return found;
  const char *wide = utf16(bytes);
  if (wide) return (ms_encoding){wide, 0, false};
  if (utf8) return (ms_encoding){"UTF-8", 0, true};
  /* The part that is looked at begins where the first byte is that is not ASCII. */
  const unsigned char *at = (const unsigned char *)bytes.data, *end = at + bytes.size;
  while (at < end && *at < 0x80) at++;
  if (end - at > LOOK_AT) end = at + LOOK_AT;
  double gb = fit(score_gb(at, end)), big5 = fit(score_big5(at, end));
  const char *name = gb >= 0.6 && gb >= big5 ? "GB18030"
                     : big5 >= 0.6           ? "BIG5-HKSCS"
                                             : "WINDOWS-1252";
  return (ms_encoding){name, 0, false};
}

ms_status ms_encoding_named(ms_context *context, const char *name, ms_slice bytes,
                            ms_encoding *out) {
  static const char *const other[][2] = {
      {"utf8", "UTF-8"},          {"gbk", "GB18030"},          {"gb2312", "GB18030"},
      {"latin1", "WINDOWS-1252"}, {"latin-1", "WINDOWS-1252"}, {"iso-8859-1", "WINDOWS-1252"},
      {"cp936", "GB18030"},       {"big5", "BIG5-HKSCS"},      {"utf16", "UTF-16LE"},
      {"utf-16", "UTF-16LE"}};
  const char *known = name;
  for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
    if (strcasecmp(name, other[i][0]) == 0) known = other[i][1];
  }
  ms_encoding mark = marked(bytes);
  bool wide = strncasecmp(known, "UTF-16", 6) == 0 && mark.mark == 2;
  *out = (ms_encoding){.name = wide ? mark.name : known, .utf8 = strcasecmp(known, "UTF-8") == 0};
  if (mark.name && strcasecmp(mark.name, out->name) == 0) out->mark = mark.mark;
  iconv_t opened = iconv_open("UTF-8", out->name);
  if (opened == (iconv_t)-1) {
    ms_status status = ms_fail(context, MS_EENCODING, "unknown encoding '%s'", name);
    static const char *const names[] = {"utf-8",   "utf-16le", "utf-16be", "gbk",
                                        "gb18030", "big5",     "latin-1",  "windows-1252"};
    ms_fail_suggest(context, name, names, sizeof names / sizeof *names);
    return status;
  }
  iconv_close(opened);
  return MS_OK;
}

struct ms_decoder {
  iconv_t handle;
};

ms_decoder *ms_decoder_new(ms_context *context, const ms_encoding *encoding) {
  ms_decoder *decoder = ms_memory_take(ms_context_account(context), sizeof *decoder);
  if (!decoder) return ms_fail_null(context, MS_EMEMORY, "not enough memory to convert text");
  decoder->handle = iconv_open("UTF-8", encoding->name);
  if (decoder->handle == (iconv_t)-1) {
    ms_memory_give(decoder);
    return ms_fail_null(context, MS_EENCODING, "cannot convert from '%s'", encoding->name);
  }
  return decoder;
}

size_t ms_decoder_read(ms_decoder *decoder, ms_slice *in, bool last, char *out) {
  char *from = (char *)(uintptr_t)in->data, *to = out;
  size_t left = in->size, space = in->size * 4;
  while (left > 0) {
    if (iconv(decoder->handle, &from, &left, &to, &space) != (size_t)-1 ||
        (errno == EINVAL && !last))
      break;
    *to++ = *from++; /* not text: kept as it is */
    left--;
    space--;
  }
  *in = (ms_slice){from, left};
  return (size_t)(to - out);
}

void ms_decoder_free(ms_decoder *decoder) {
  if (!decoder) return;
  iconv_close(decoder->handle);
  ms_memory_give(decoder);
}

ms_status ms_encoding_write(ms_context *context, const char *name, ms_slice text, ms_slice *out,
                            size_t *bad) {
  iconv_t handle = iconv_open(name, "UTF-8");
  if (handle == (iconv_t)-1) return ms_fail(context, MS_EENCODING, "unknown encoding '%s'", name);
  size_t room = text.size * 4 + 16, space = room, left = text.size;
  char *data = ms_scratch(context, room, 1), *to = data, *from = (char *)(uintptr_t)text.data;
  ms_status status = data ? MS_OK : MS_EMEMORY;
  while (!status && left > 0) {
    size_t piece = left < PIECE ? left : PIECE, rest = piece;
    bool fine = iconv(handle, &from, &rest, &to, &space) != (size_t)-1 ||
                (errno == EINVAL && piece < left); /* a character between two pieces */
    left -= piece - rest;
    if (!fine) {
      *bad = (size_t)(from - text.data);
      status = ms_fail(context, MS_EENCODING, "a character that %s does not have", name);
    } else if (ms_cancelled(context)) {
      status = MS_ECANCEL;
    }
  }
  iconv_close(handle);
  if (!status) *out = (ms_slice){data, room - space};
  return status;
}

/* Length of the well-formed sequence at `at`, 0 if it is none (Unicode, table 3-7). */
static size_t sequence(const unsigned char *at, size_t left) {
  unsigned char a = at[0];
  size_t size = a < 0xc2 ? 0 : a < 0xe0 ? 2 : a < 0xf0 ? 3 : a < 0xf5 ? 4 : 0;
  if (size == 0 || size > left || (at[1] & 0xc0) != 0x80) return 0;
  if ((a == 0xe0 && at[1] < 0xa0) || (a == 0xed && at[1] > 0x9f) || (a == 0xf0 && at[1] < 0x90) ||
      (a == 0xf4 && at[1] > 0x8f))
    return 0;
  for (size_t i = 2; i < size; i++) {
    if ((at[i] & 0xc0) != 0x80) return 0;
  }
  return size;
}

bool ms_utf8_check(const char *data, size_t size) {
  const unsigned char *at = (const unsigned char *)data, *end = at + size;
  while (at < end) {
    if (*at < 0x80) {
      if (end - at >= 32) {
        uint64_t words[4];
        memcpy(words, at, 32);
        if (((words[0] | words[1] | words[2] | words[3]) & UINT64_C(0x8080808080808080)) == 0) {
          at += 32;
          continue;
        }
      }
      at++;
      continue;
    }
    size_t step = sequence(at, (size_t)(end - at));
    if (step == 0) return false;
    at += step;
  }
  return true;
}
