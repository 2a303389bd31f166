// SPDX-License-Identifier: Apache-2.0
/* Small things that everybody needs: bounded copies, clocks, random bytes, UTF-8. */
#include "core/base/util.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "bmc/model.h"

/* Length of the UTF-8 sequence that a byte starts; 0 for a byte that starts none. */
static size_t sequence_length(unsigned char c)
{
	if (c < 0x80)
		return 1;
	if (c >= 0xc2 && c <= 0xdf)
		return 2;
	if (c >= 0xe0 && c <= 0xef)
		return 3;
	return c >= 0xf0 && c <= 0xf4 ? 4 : 0;
}

static uint32_t sequence_value(const unsigned char *p, size_t n)
{
	static const unsigned char lead[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t v = p[0] & lead[n];

	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return UINT32_MAX;
		v = v << 6 | (p[i] & 0x3fu);
	}
	return v;
}

static bool character_ok(uint32_t v, size_t n)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };

	if (v < least[n] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return false;
	return v >= 0x20 && (v < 0x7f || v > 0x9f);
}

bool bmc_text_ok(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;

	for (size_t i = 0, n; i < len; i += n) {
		n = sequence_length(p[i]);
		if (n == 0 || n > len - i || !character_ok(sequence_value(p + i, n), n))
			return false;
	}
	return true;
}

void bmc_text_sanitize(char *s)
{
	for (size_t n = strlen(s); n > 0 && !bmc_text_ok(s, n); s++, n--) {
		if ((unsigned char)*s < 0x20 || (unsigned char)*s >= 0x7f)
			*s = '?';
	}
}

uint64_t bmc_hash(uint64_t h, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)text[i]) * 0x100000001b3U;
	return h;
}

bool bmc_uuid_of(const char *base, const char *name, char ret[37])
{
	uint64_t a = bmc_hash(BMC_HASH_START, base, strlen(base) + 1), b;

	ret[0] = 0;
	if (!base[0])
		return false;
	a = bmc_hash(a, name, strlen(name) + 1);
	b = bmc_hash(bmc_hash(a, name, strlen(name) + 1), base, strlen(base));
	(void)snprintf(ret, 37, "%08x-%04x-8%03x-%04x-%012" PRIx64, (unsigned)(a >> 32),
		       (unsigned)(a >> 16 & 0xffff), (unsigned)(a & 0xfff),
		       (unsigned)(b >> 48 & 0x3fff) | 0x8000U,
		       b & UINT64_C(0xffffffffffff));
	return true;
}

bool bmc_copy(char *dst, size_t size, const char *src)
{
	size_t len = src ? strlen(src) : 0;
	size_t n = len;

	if (size == 0)
		return len == 0;
	if (n >= size) {
		n = size - 1;
		/* Do not cut a character in two: go back over its continuation bytes.
		 */
		while (n > 0 && ((unsigned char)src[n] & 0xc0) == 0x80)
			n--;
	}
	if (n > 0)
		memmove(dst, src, n);
	dst[n] = '\0';
	return n == len;
}

static int64_t clock_ms(clockid_t id)
{
	struct timespec ts;

	(void)clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static _Atomic int64_t skipped; /* by tests */

int64_t bmc_now(void)
{
	return clock_ms(CLOCK_BOOTTIME) + atomic_load(&skipped);
}

void bmc_clock_skip(int64_t ms)
{
	(void)atomic_fetch_add(&skipped, ms);
}

bool bmc_clock_skipped(void)
{
	return atomic_load(&skipped) != 0;
}

/* Wall clock minus boot time. */
static int64_t wall_offset(void)
{
	static _Atomic int64_t kept = BMC_UNKNOWN;
	int64_t is = clock_ms(CLOCK_REALTIME) - clock_ms(CLOCK_BOOTTIME);
	int64_t was = atomic_load(&kept);

	if (was != BMC_UNKNOWN && is - was <= 1000 && was - is <= 1000)
		return was;
	/* The first writer wins, so that all threads agree on the time. */
	if (atomic_compare_exchange_strong(&kept, &was, is))
		return is;
	return was;
}

int64_t bmc_wall(int64_t boottime_ms)
{
	return boottime_ms == BMC_UNKNOWN ? BMC_UNKNOWN : boottime_ms + wall_offset();
}

int64_t bmc_boottime(int64_t wall_ms)
{
	return wall_ms == BMC_UNKNOWN ? BMC_UNKNOWN : wall_ms - wall_offset();
}

void bmc_hex(const void *bytes, size_t n, char *ret)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *b = bytes;

	for (size_t i = 0; i < n; i++) {
		*ret++ = digits[b[i] >> 4];
		*ret++ = digits[b[i] & 15];
	}
	*ret = '\0';
}

void bmc_random(void *buf, size_t len)
{
	unsigned char *p = buf;

	while (len > 0) {
		ssize_t n = getrandom(p, len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			abort(); /* without randomness no token can be trusted */
		p += n;
		len -= (size_t)n;
	}
}

void bmc_wipe(void *buf, size_t len)
{
	explicit_bzero(buf, len);
}

bool bmc_equal_const_time(const void *a, const void *b, size_t len)
{
	const unsigned char *x = a, *y = b;
	unsigned char differ = 0;

	for (size_t i = 0; i < len; i++)
		differ |= (unsigned char)(x[i] ^ y[i]);
	return differ == 0;
}
