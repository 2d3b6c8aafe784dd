/* The memory budget: what the environment says, of what the machine has. */
#include "core/runtime/budget.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, SHARE = 80 };
#define LEAST (UINT64_C(16) << 20) /* below this not even a small frame fits */

static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }

/* The number in the file; UINT64_MAX where there is none ("max": no limit). */
static uint64_t limit_in(const char *path) {
  uint64_t limit = UINT64_MAX;
  FILE *file = fopen(path, "rb");
  if (!file) return limit;
  if (fscanf(file, "%" SCNu64, &limit) != 1) limit = UINT64_MAX;
  (void)fclose(file);
  return limit;
}

/* The least limit of a group and the groups above it: `below` is the group's path under the root. */
static uint64_t limit_of(const char *root, char *below, const char *name) {
  uint64_t limit = UINT64_MAX;
  for (;;) {
    char path[PATH_SIZE + 64];
    (void)snprintf(path, sizeof path, "%s%s/%s", root, below, name);
    limit = least(limit, limit_in(path));
    char *slash = strrchr(below, '/');
    if (!slash) return limit;
    *slash = 0;
  }
}

/* What the control groups allow. A line of /proc/self/cgroup is "0::/path" (version 2) or "4:memory:/path" (1). */
static uint64_t group_limit(void) {
  uint64_t limit = UINT64_MAX;
  FILE *file = fopen("/proc/self/cgroup", "rb");
  if (!file) return limit;
  char line[PATH_SIZE];
  while (fgets(line, sizeof line, file)) {
    line[strcspn(line, "\n")] = 0;
    char *second = strchr(line, ':'), *path = second ? strchr(second + 1, ':') : NULL;
    if (!path) continue;
    *path++ = 0;
    if (second[1] == 0) limit = least(limit, limit_of("/sys/fs/cgroup", path, "memory.max"));
    if (strcmp(second + 1, "memory") == 0) {
      limit = least(limit, limit_of("/sys/fs/cgroup/memory", path, "memory.limit_in_bytes"));
    }
  }
  (void)fclose(file);
  return limit;
}

static uint64_t machine(void) {
  long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
  uint64_t memory = pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size : UINT64_MAX;
  return least(memory, group_limit());
}

static uint64_t share(double percent) { return (uint64_t)((double)machine() / 100 * percent); }

static bool parse(const char *text, uint64_t *bytes) {
  char *end;
  if (!isdigit((unsigned char)*text)) return false;
  double amount = strtod(text, &end);
  if (strcmp(end, "%") == 0) {
    *bytes = share(amount);
    return amount > 0 && amount <= 100;
  }
  static const char units[] = "kmgt";
  if (*end) {
    const char *unit = strchr(units, tolower((unsigned char)*end));
    if (!unit || end[1]) return false;
    for (const char *u = units; u <= unit; u++) amount *= 1024;
  }
  if (!(amount < 1e18)) return false;
  *bytes = (uint64_t)amount;
  return true;
}

bool ms_budget_read(uint64_t *bytes) {
  const char *text = getenv("MOONSIFT_MEMORY");
  if (!text || !*text) {
    *bytes = share(SHARE);
    return true;
  }
  if (!parse(text, bytes)) {
    (void)fprintf(stderr,
                  "moonsift: MOONSIFT_MEMORY is '%s'; wanted bytes, such as 2000000000, 500M or 8G "
                  "(k, M, G, T), or a share of the machine, such as 50%%\n",
                  text);
    return false;
  }
  if (*bytes >= LEAST) return true;
  (void)fprintf(stderr, "moonsift: MOONSIFT_MEMORY is '%s'; wanted 16M at least\n", text);
  return false;
}
