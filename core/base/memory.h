/* All memory of a session: counted, within a budget, and made to fail on demand.
 *
 * Every block carries its size and its account, so that giving it back needs nothing but the
 * pointer. */
#ifndef MS_BASE_MEMORY_H
#define MS_BASE_MEMORY_H

#include "core/api.h"

/* An account of memory, shared by a context, its workers and all frames that they make. */
typedef struct ms_memory ms_memory;

/* A new account without a budget, or NULL. Counted: each block in use is an owner too, so that
 * frames may outlive the context. */
ms_memory *ms_memory_new(void);
void ms_memory_free(ms_memory *memory);

/* A block of `size` bytes (0 allowed), aligned to 64, not cleared; NULL where the budget, the
 * system or a planned failure says no. */
void *ms_memory_take(ms_memory *memory, size_t size);
/* As above, for count * size bytes, checked for overflow, cleared. */
void *ms_memory_zero(ms_memory *memory, size_t count, size_t size);
/* The block with at least `size` bytes, moved if need be; NULL leaves the old one as it was.
 * `block` NULL is a new block. */
void *ms_memory_grow(ms_memory *memory, void *block, size_t size);
/* Gives a block back; NULL is fine. */
void ms_memory_give(void *block);

/* Counts `size` bytes that somebody else's allocator serves (a Lua state's); false where the budget forbids it. And
 * no longer. */
bool ms_memory_charge(ms_memory *memory, size_t size);
void ms_memory_discharge(ms_memory *memory, size_t size);

void ms_memory_budget(ms_memory *memory, uint64_t bytes);
void ms_memory_fail_at(ms_memory *memory, uint64_t allocation);
/* Counts a request that may be served without a new block (scratch); true if it is the one that is to
 * fail. How many requests are left until that one; 0 after it, or where none is planned. */
bool ms_memory_fails(ms_memory *memory);
uint64_t ms_memory_fail_left(const ms_memory *memory);
uint64_t ms_memory_used(const ms_memory *memory);
uint64_t ms_memory_peak(const ms_memory *memory);

#endif
