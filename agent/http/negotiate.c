// SPDX-License-Identifier: Apache-2.0
// See negotiate.h. Headers are untrusted: what can't be read counts as not there.
#include "http/negotiate.h"

#include <string.h>
#include <strings.h>

#define NONE (-1) /* no weight: not in the list */
#define FULL 1000

#define HTTPS "https://"

struct part {
	const char *text;
	size_t len;
};

static struct part trim(const char *text, size_t len)
{
	while (len && (text[0] == ' ' || text[0] == '\t')) {
		text++;
		len--;
	}
	while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	return (struct part){ text, len };
}

/* The length up to one of `ends`, but not in a quoted string. */
static size_t span(const char *s, size_t len, char end)
{
	bool quoted = false;
	size_t i = 0;

	for (; i < len && (quoted || s[i] != end); i++) {
		if (s[i] == '"')
			quoted = !quoted;
		else if (quoted && s[i] == '\\' && i + 1 < len)
			i++;
	}
	return i;
}

static bool is(struct part p, const char *text)
{
	return p.len == strlen(text) && strncasecmp(p.text, text, p.len) == 0;
}

/* "0.125" in thousandths; what is no weight is 0. */
static int weight(struct part p)
{
	int value = 0, unit = FULL;

	if (!p.len || p.len > 5 || p.text[0] < '0' || p.text[0] > '1')
		return 0;
	for (size_t i = 0; i < p.len; i++) {
		if (i == 1 && p.text[i] == '.')
			continue;
		if (i == 1 || p.text[i] < '0' || p.text[i] > '9')
			return 0;
		value += (p.text[i] - '0') * unit;
		unit /= 10;
	}
	return value > FULL ? 0 : value;
}

/* The weight among an element's parameters. */
static int weight_of(const char *s, size_t len)
{
	while (len) {
		size_t n = span(s, len, ';'), at = span(s, n, '=');
		if (at < n && is(trim(s, at), "q"))
			return weight(trim(s + at + 1, n - at - 1));
		n += n < len;
		s += n;
		len -= n;
	}
	return FULL;
}

/* The weight of the list's element `name`, or NONE. */
static int find(const char *header, const char *name)
{
	size_t left = strlen(header);

	while (left) {
		size_t n = span(header, left, ','), head = span(header, n, ';');
		if (is(trim(header, head), name))
			return head < n ? weight_of(header + head + 1, n - head - 1)
					: FULL;
		n += n < left;
		header += n;
		left -= n;
	}
	return NONE;
}

static bool is_empty(const char *header)
{
	return !header || !header[strspn(header, " \t,")];
}

bool http_accepts(const char *header, const char *type)
{
	size_t main = strcspn(type, "/") + 1;
	char any[32] = "";

	if (is_empty(header))
		return true;
	if (main + 1 < sizeof(any)) {
		memcpy(any, type, main);
		any[main] = '*';
	}
	int q = find(header, type);
	if (q == NONE)
		q = find(header, any);
	if (q == NONE)
		q = find(header, "*/*");
	return q > 0;
}

bool http_accepts_gzip(const char *header)
{
	if (is_empty(header))
		return false;
	int gzip = find(header, "gzip"), identity = find(header, "identity");
	if (gzip == NONE)
		gzip = find(header, "x-gzip");
	if (gzip == NONE)
		gzip = find(header, "*");
	return gzip > 0 && gzip >= identity;
}

bool http_same_origin(const char *origin, const char *host, bool secure)
{
	const char *at = origin ? strstr(origin, "://") : NULL;

	if (!origin)
		return true;
	if (secure && strncasecmp(origin, HTTPS, sizeof(HTTPS) - 1) != 0)
		return false;
	return at && host && strcasecmp(at + 3, host) == 0;
}
