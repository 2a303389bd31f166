// SPDX-License-Identifier: Apache-2.0
/* One file of sysfs: bounded, and not believed before it has the shape it should have.
 * Called on the lanes' threads, and for names and labels on poll's. */
#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "hwmon.h"

#define DIGITS_MAX  18 /* fit an int64_t */
#define W1_LOWEST   (-55000)
#define W1_HIGHEST  125000
#define W1_POWER_ON 85000 /* what a DS18B20 has before its first conversion */
#define W1_NEAR     3000
#define W1_BYTES    9

bool hwmon_parse_number(const char *text, size_t len, int64_t *ret)
{
	int64_t n = 0, sign = 1;
	size_t i = 0, digits = 0;

	while (i < len && isspace((unsigned char)text[i]))
		i++;
	if (i < len && text[i] == '-') {
		sign = -1;
		i++;
	}
	for (; i < len && text[i] >= '0' && text[i] <= '9'; i++, digits++) {
		if (digits == DIGITS_MAX)
			return false;
		n = n * 10 + (text[i] - '0');
	}
	while (i < len && isspace((unsigned char)text[i]))
		i++;
	*ret = sign * n;
	return digits > 0 && i == len;
}

/* A line that is shorted to ground reads as zeros, whose checksum is right. */
static bool all_zero(const char *text)
{
	for (int i = 0; i < W1_BYTES; i++) {
		if (strncmp(text + 3 * (size_t)i, "00 ", 3) != 0)
			return false;
	}
	return true;
}

/* "aa bb ... ii : crc=ii YES\naa bb ... ii t=23125\n" */
bool hwmon_parse_w1(const char *text, size_t len, int64_t before, int64_t *ret)
{
	const char *end = memchr(text, '\n', len), *t = NULL;
	int64_t value;

	if (memchr(text, '\0', len) || !end || end - text < 4 ||
	    strncmp(end - 4, " YES", 4) != 0 || all_zero(text))
		return false;
	for (const char *p = end; p + 3 <= text + len && !t; p++) {
		if (strncmp(p, " t=", 3) == 0)
			t = p + 3;
	}
	if (!t || !hwmon_parse_number(t, (size_t)(text + len - t), &value) ||
	    value < W1_LOWEST || value > W1_HIGHEST)
		return false;
	if (value == W1_POWER_ON &&
	    (before == BMC_UNKNOWN || llabs(before - W1_POWER_ON) > W1_NEAR))
		return false;
	*ret = value;
	return true;
}

ssize_t hwmon_slurp(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t n = fd < 0 ? -1 : 0;
	size_t got = 0;

	buf[0] = '\0';
	while (n >= 0 && got < size - 1 &&
	       (n = read(fd, buf + got, size - 1 - got)) > 0)
		got += (size_t)n;
	n = n < 0 ? -errno : (ssize_t)got;
	if (fd >= 0)
		(void)close(fd);
	buf[got] = '\0';
	return n;
}

void hwmon_clean(char *text)
{
	size_t n = strcspn(text, "\n"), from = strspn(text, " \t");

	while (n > from && isspace((unsigned char)text[n - 1]))
		n--;
	if (from > n)
		from = n;
	memmove(text, text + from, n - from);
	text[n - from] = '\0';
	for (char *p = text; *p; p++) {
		if (*p < ' ' || *p > '~')
			*p = '?';
	}
}

static int64_t scaled(const struct hwmon_reading *r, int64_t n)
{
	int64_t value;

	if (__builtin_mul_overflow(n, r->multiply, &value) ||
	    __builtin_add_overflow(value / r->divide, r->add, &value) ||
	    value < r->min || value > r->max)
		return BMC_UNKNOWN;
	return value;
}

void hwmon_read(struct hwmon_reading *r)
{
	int64_t before = r->num, n = 0;
	char buf[HWMON_TEXT_MAX];
	ssize_t len = hwmon_slurp(r->path, buf, sizeof(buf));
	bool ok = len >= 0;

	r->num = BMC_UNKNOWN;
	r->error = ok ? 0 : (int)-len;
	if (r->how == HWMON_TEXT) {
		hwmon_clean(buf);
		(void)snprintf(r->text, sizeof(r->text), "%.*s",
			       (int)sizeof(r->text) - 1, buf);
		return;
	}
	if (ok && r->how == HWMON_W1)
		ok = hwmon_parse_w1(buf, (size_t)len, before, &n);
	else if (ok)
		ok = hwmon_parse_number(buf, (size_t)len, &n);
	if (ok)
		r->num = scaled(r, n);
}
