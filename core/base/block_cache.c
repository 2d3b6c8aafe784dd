/* Kept blocks: a short list, best fit. Sizes are rounded up to eighths of a power of two, so that columns of about
 * equal length fit each other's blocks. */
#include "core/base/block_cache.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { HUGE_PAGE = 2 << 20, ALIGNMENT = 64 };

/* Under AddressSanitizer a block goes back at once, so that its use after that is found. */
#if defined(__SANITIZE_ADDRESS__)
#define KEEPS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KEEPS 0
#endif
#endif
#ifndef KEEPS
#define KEEPS 1
#endif

void ms_block_cache_start(ms_block_cache *cache) {
  pthread_mutex_init(&cache->lock, NULL);
  long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
  cache->most = pages > 0 && size > 0 && KEEPS ? (size_t)pages * (size_t)size / 4 : 0;
}

static size_t rounded(size_t size) {
  size_t step = MS_BLOCK_BIG / 8;
  while (step * 16 <= size) step *= 2;
  size_t up = (size + step - 1) / step * step;
  return up < size ? size : up;
}

static void *obtain(size_t room) {
  if (room < 2 * (size_t)HUGE_PAGE) return aligned_alloc(ALIGNMENT, room);
  size_t whole = (room + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
  void *block = whole < room ? NULL : aligned_alloc(HUGE_PAGE, whole);
  if (block) (void)madvise(block, whole, MADV_HUGEPAGE);
  return block;
}

/* The smallest kept block that fits without wasting more than half of the size asked for. */
static void *find(ms_block_cache *cache, size_t size, size_t *room) {
  size_t best = cache->count;
  for (size_t i = 0; i < cache->count; i++) {
    size_t has = cache->kept[i].room;
    if (has < size || has - size > size / 2) continue;
    if (best == cache->count || has < cache->kept[best].room) best = i;
  }
  if (best == cache->count) return NULL;
  void *block = cache->kept[best].block;
  *room = cache->kept[best].room;
  cache->bytes -= *room;
  cache->kept[best] = cache->kept[--cache->count];
  return block;
}

void *ms_block_cache_take(ms_block_cache *cache, size_t size, size_t *room) {
  pthread_mutex_lock(&cache->lock);
  void *block = find(cache, size, room);
  pthread_mutex_unlock(&cache->lock);
  if (block) return block;
  *room = rounded(size);
  block = obtain(*room);
  if (block) return block;
  ms_block_cache_empty(cache);
  return obtain(*room);
}

void ms_block_cache_give(ms_block_cache *cache, void *block, size_t room) {
  pthread_mutex_lock(&cache->lock);
  if (cache->count < MS_BLOCKS_KEPT && cache->bytes + room <= cache->most) {
    cache->kept[cache->count].block = block;
    cache->kept[cache->count++].room = room;
    cache->bytes += room;
    block = NULL;
  }
  pthread_mutex_unlock(&cache->lock);
  free(block);
}

void ms_block_cache_empty(ms_block_cache *cache) {
  pthread_mutex_lock(&cache->lock);
  while (cache->count) free(cache->kept[--cache->count].block);
  cache->bytes = 0;
  pthread_mutex_unlock(&cache->lock);
}
