/* Big blocks of memory, kept for the next taker when they are given back.
 *
 * The first touch of a fresh page costs the system many times what a kernel does with it (a gigabyte: 0.26 s and
 * more where it was measured, 0.04 s when touched again), so columns and scratch of the last call serve the next. */
#ifndef MS_BASE_BLOCK_CACHE_H
#define MS_BASE_BLOCK_CACHE_H

#include <pthread.h>
#include <stddef.h>

/* Blocks from this size on come from here. */
enum { MS_BLOCK_BIG = 256 * 1024, MS_BLOCKS_KEPT = 256 };

typedef struct {
  pthread_mutex_t lock;
  size_t count, bytes, most; /* kept blocks and bytes; bytes kept at most */
  struct {
    void *block;
    size_t room;
  } kept[MS_BLOCKS_KEPT];
} ms_block_cache;

void ms_block_cache_start(ms_block_cache *cache);
/* A block of at least `size` bytes (MS_BLOCK_BIG or more), aligned to a huge page from 4 MiB on; *room is what it has.
 * NULL where the system has none even after the kept blocks went back to it. */
void *ms_block_cache_take(ms_block_cache *cache, size_t size, size_t *room);
void ms_block_cache_give(ms_block_cache *cache, void *block, size_t room);
/* Gives all kept blocks back to the system. */
void ms_block_cache_empty(ms_block_cache *cache);

#endif
