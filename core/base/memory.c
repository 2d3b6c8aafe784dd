/* The account of memory. A block is preceded by a header of one cache line that holds its size and
 * account; the account is freed by the last of its owners, which are the context and every block in
 * use. */
#include "core/base/memory.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/block_cache.h"

enum { ALIGNMENT = 64 };

struct ms_memory {
  atomic_ullong used, peak, budget, countdown;
  atomic_llong owners;
  ms_block_cache cache;
};

typedef struct {
  ms_memory *memory;
  size_t size; /* counted: what was asked for, header and slack */
  size_t room; /* what the block has, if it is a big one */
} header;

ms_memory *ms_memory_new(void) {
  ms_memory *memory = calloc(1, sizeof *memory);
  if (!memory) return NULL;
  atomic_init(&memory->owners, 1);
  ms_block_cache_start(&memory->cache);
  return memory;
}

static void leave(ms_memory *memory) {
  if (atomic_fetch_sub(&memory->owners, 1) != 1) return;
  ms_block_cache_empty(&memory->cache);
  free(memory);
}

void ms_memory_free(ms_memory *memory) {
  if (memory) leave(memory);
}

bool ms_memory_fails(ms_memory *memory) {
  unsigned long long left = atomic_load_explicit(&memory->countdown, memory_order_relaxed);
  while (left && !atomic_compare_exchange_weak(&memory->countdown, &left, left - 1)) {}
  return left == 1;
}

bool ms_memory_charge(ms_memory *memory, size_t size) {
  unsigned long long used = atomic_fetch_add(&memory->used, size) + size;
  unsigned long long budget = atomic_load_explicit(&memory->budget, memory_order_relaxed);
  if (budget && used > budget) {
    atomic_fetch_sub(&memory->used, size);
    return false;
  }
  unsigned long long peak = atomic_load_explicit(&memory->peak, memory_order_relaxed);
  while (used > peak && !atomic_compare_exchange_weak(&memory->peak, &peak, used)) {}
  return true;
}

void ms_memory_discharge(ms_memory *memory, size_t size) { atomic_fetch_sub(&memory->used, size); }

void *ms_memory_take(ms_memory *memory, size_t size) {
  /* 64 readable bytes behind every block let kernels load whole vectors at its end. */
  if (size > SIZE_MAX / 2 || ms_memory_fails(memory)) return NULL;
  size_t whole = size + 2 * ALIGNMENT;
  if (!ms_memory_charge(memory, whole)) return NULL;
  size_t room = 0;
  header *block = NULL;
  if (whole >= MS_BLOCK_BIG) {
    /* Kept blocks are no reason to pass the budget. */
    unsigned long long budget = atomic_load_explicit(&memory->budget, memory_order_relaxed);
    if (budget && ms_memory_used(memory) > budget / 2) ms_block_cache_empty(&memory->cache);
    block = ms_block_cache_take(&memory->cache, whole, &room);
  } else {
    block = aligned_alloc(ALIGNMENT, (whole + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
  }
  if (!block) {
    atomic_fetch_sub(&memory->used, whole);
    return NULL;
  }
  atomic_fetch_add(&memory->owners, 1);
  *block = (header){memory, whole, room};
  return (char *)block + ALIGNMENT;
}

void *ms_memory_zero(ms_memory *memory, size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) return NULL;
  void *block = ms_memory_take(memory, bytes);
  if (block) memset(block, 0, bytes);
  return block;
}

static header *header_of(void *block) { return (header *)(void *)((char *)block - ALIGNMENT); }

void *ms_memory_grow(ms_memory *memory, void *block, size_t size) {
  if (!block) return ms_memory_take(memory, size);
  size_t old = header_of(block)->size - 2 * ALIGNMENT;
  if (size <= old) return block;
  void *grown = ms_memory_take(memory, size);
  if (!grown) return NULL;
  memcpy(grown, block, old);
  ms_memory_give(block);
  return grown;
}

void ms_memory_give(void *block) {
  if (!block) return;
  header *head = header_of(block);
  ms_memory *memory = head->memory;
  atomic_fetch_sub(&memory->used, head->size);
  if (head->room) {
    ms_block_cache_give(&memory->cache, head, head->room);
  } else {
    free(head);
  }
  leave(memory);
}

void ms_memory_budget(ms_memory *memory, uint64_t bytes) { atomic_store(&memory->budget, bytes); }
void ms_memory_fail_at(ms_memory *memory, uint64_t allocation) {
  atomic_store(&memory->countdown, allocation);
}
uint64_t ms_memory_fail_left(const ms_memory *memory) { return atomic_load(&memory->countdown); }
uint64_t ms_memory_used(const ms_memory *memory) {
  return atomic_load_explicit(&memory->used, memory_order_relaxed);
}
uint64_t ms_memory_peak(const ms_memory *memory) {
  return atomic_load_explicit(&memory->peak, memory_order_relaxed);
}
