// Atomic access to words that lie in mapped memory. Swift's own Atomic owns its storage and cannot
// be laid over memory that is shared by layout; these can, and they inline into Swift.
#pragma once
#include <stdint.h>

static inline uint16_t cl_load_acquire_16(const void *word) {
  return __atomic_load_n((const uint16_t *)word, __ATOMIC_ACQUIRE);
}

static inline void cl_store_release_16(void *word, uint16_t value) {
  __atomic_store_n((uint16_t *)word, value, __ATOMIC_RELEASE);
}

static inline uint32_t cl_load_relaxed_32(const void *word) {
  return __atomic_load_n((const uint32_t *)word, __ATOMIC_RELAXED);
}

static inline uint32_t cl_load_acquire_32(const void *word) {
  return __atomic_load_n((const uint32_t *)word, __ATOMIC_ACQUIRE);
}

static inline void cl_store_relaxed_32(void *word, uint32_t value) {
  __atomic_store_n((uint32_t *)word, value, __ATOMIC_RELAXED);
}

static inline void cl_store_release_32(void *word, uint32_t value) {
  __atomic_store_n((uint32_t *)word, value, __ATOMIC_RELEASE);
}

static inline uint64_t cl_load_relaxed_64(const void *word) {
  return __atomic_load_n((const uint64_t *)word, __ATOMIC_RELAXED);
}

static inline uint64_t cl_load_acquire_64(const void *word) {
  return __atomic_load_n((const uint64_t *)word, __ATOMIC_ACQUIRE);
}

static inline void cl_store_relaxed_64(void *word, uint64_t value) {
  __atomic_store_n((uint64_t *)word, value, __ATOMIC_RELAXED);
}

static inline void cl_store_release_64(void *word, uint64_t value) {
  __atomic_store_n((uint64_t *)word, value, __ATOMIC_RELEASE);
}

// Whether the word was `expected` and is `desired` now.
static inline _Bool cl_compare_exchange_64(void *word, uint64_t expected, uint64_t desired) {
  return __atomic_compare_exchange_n(
    (uint64_t *)word, &expected, desired, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

// The word before the addition.
static inline uint32_t cl_fetch_add_32(void *word, uint32_t value) {
  return __atomic_fetch_add((uint32_t *)word, value, __ATOMIC_SEQ_CST);
}

// Orders everything before against everything after, in all threads' eyes.
static inline void cl_fence(void) {
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
}
