// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)     ((a) < (b) ? (a) : (b))
#define MAX(a, b)     ((a) > (b) ? (a) : (b))

static inline void bmc_free_auto(void *p)
{
	free(*(void **)p);
}

static inline void bmc_close_auto(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

#define auto_free __attribute__((cleanup(bmc_free_auto)))
#define auto_fd   __attribute__((cleanup(bmc_close_auto)))

/** Copies `src` (NULL is "") into dst[size], cut at a UTF-8 boundary and terminated.
 *  Returns true when all of it fitted. */
bool bmc_copy(char *dst, size_t size, const char *src);

/** Milliseconds of CLOCK_BOOTTIME. Any thread. */
int64_t bmc_now(void);

/** For tests: moves bmc_now() forward. Timers fire in the loop's next pass; threads
 * that wait see it within CLOCK_SLICE_MS (pool.c). Any thread. */
void bmc_clock_skip(int64_t ms);
bool bmc_clock_skipped(void);

/** A BMC_TIME as milliseconds since 1970 (UTC), and back. The distance between the two
 *  clocks is kept until it differs by more than a second, so that a time's text stays
 *  the same under a clock that is slewed. Any thread. */
int64_t bmc_wall(int64_t boottime_ms);
int64_t bmc_boottime(int64_t wall_ms);

/** True when `s` is well-formed UTF-8 without control characters. */
bool bmc_text_ok(const char *s, size_t len);
/** What clients, hardware and networks send must not break a log line or a document:
 *  bytes that keep `s` from being text become '?'. */
void bmc_text_sanitize(char *s);

/** Writes `n` bytes as 2 n lower-case digits and a NUL to `ret`. */
void bmc_hex(const void *bytes, size_t n, char *ret);

#define BMC_HASH_START 0xcbf29ce484222325U
/** FNV-1a over more bytes: for ETags and buckets, not against an attacker. */
uint64_t bmc_hash(uint64_t h, const char *text, size_t len);

/** A UUID made of another and a name (RFC 9562, version 8): the same for the same two.
 *  False, and "": there is no other. */
bool bmc_uuid_of(const char *base, const char *name, char ret[37]);

/** Fills `buf` from getrandom(2). Aborts if the kernel can't. */
void bmc_random(void *buf, size_t len);

/** Overwrites `len` bytes in a way the compiler keeps. */
void bmc_wipe(void *buf, size_t len);

/** Compares in a time that depends on `len` only. */
bool bmc_equal_const_time(const void *a, const void *b, size_t len);
