// SPDX-License-Identifier: Apache-2.0
// The judgement of a request's headers, see head.h. Called by mhd.c, receive.c and the
// fuzzer.
#include "http/head.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "core/base/util.h"

#define BLOCK       4096 /* no page is smaller: memory up to its end can be read */
#define VERSION_LEN 8    /* "HTTP/1.1" */
#define DIGITS_MAX  18   /* of a Content-Length */

enum { HOST, LENGTH, ENCODING };

/* At most one of each: of two, another server may take the other. */
static const char *const once[] = {
	[HOST] = "Host",
	[LENGTH] = "Content-Length",
	[ENCODING] = "Transfer-Encoding",
	"Authorization",
	"X-Auth-Token",
	"Content-Type",
	"Content-Encoding",
};

static bool is_token(const char *s, size_t len)
{
	static const char more[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < len; i++) {
		char c = s[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
			     (c >= 'a' && c <= 'z');
		if (!plain && (!c || !strchr(more, c)))
			return false;
	}
	return len > 0;
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

static bool is_field(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (is_control(s[i]) && s[i] != '\t')
			return false;
	}
	return true;
}

void http_head_target(struct http_head *h, const char *target)
{
	size_t len = strlen(target), line = len + 1 + VERSION_LEN + 2;
	const char *version = target + len + 1;
	size_t block = BLOCK - (uintptr_t)version % BLOCK;

	h->target_len = len;
	h->target_ok = true;
	for (size_t i = 0; i < len; i++) {
		if (is_control(target[i]) || target[i] == ' ')
			h->target_ok = false;
	}
	/* libmicrohttpd gives a buffer out zeroed, so a NUL ends what has come. (Where
	 * pages have 64 kB it does not, and `seen` may be too much.) */
	h->seen = block > VERSION_LEN + 2
			  ? strnlen(target + line, block - VERSION_LEN - 2)
			  : 0;
}

/* The end of all lines. */
static const char *end_of(const struct http_head *h)
{
	return h->method + h->size;
}

/* Whether a line ends at `at`, which is in the buffer, and what follows is in it, too.
 */
static bool line_ends(const struct http_head *h, const char *at)
{
	return end_of(h) - at >= 2 && at[0] == 0 && at[1] == 0;
}

void http_head_begin(struct http_head *h)
{
	size_t len = strlen(h->method), line = len + h->target_len + VERSION_LEN + 4;

	h->wrong = NULL;
	h->found = 0;
	h->chunked = h->certain = false;
	h->ok = h->target_ok && is_token(h->method, len) && h->size >= line &&
		h->target == h->method + len + 1 &&
		h->version == h->target + h->target_len + 1 &&
		line_ends(h, h->version + VERSION_LEN);
	if (h->ok)
		h->at = h->version + VERSION_LEN + 2;
}

/* ---- what a header says ---- */

static bool is_length(const char *value, size_t len)
{
	size_t digits = strspn(value, "0123456789");

	return len > 0 && len <= DIGITS_MAX && digits == len;
}

static bool says_sense(struct http_head *h, const char *name, size_t len,
		       const char *value, size_t value_len)
{
	for (unsigned i = 0; i < ARRAY_SIZE(once); i++) {
		if (strlen(once[i]) != len || strncasecmp(once[i], name, len) != 0)
			continue;
		bool again = h->found & 1U << i;
		h->found |= 1U << i;
		if (again)
			return false;
		if (i == LENGTH)
			return is_length(value, value_len);
		if (i == ENCODING)
			return strcasecmp(value, "chunked") == 0;
	}
	return true;
}

/* Whether this is the line that begins at h->at; moves behind it. */
static bool is_next(struct http_head *h, const char *name, size_t name_len,
		    const char *value, size_t value_len)
{
	const char *end = end_of(h), *at = h->at;

	if (name != at || (size_t)(end - at) <= name_len || at[name_len] != 0)
		return false;
	for (at += name_len + 1; at < end && (*at == ' ' || *at == '\t');)
		at++;
	if (value != at || (size_t)(end - at) < value_len)
		return false;
	h->at = at + value_len + 2;
	return line_ends(h, at + value_len);
}

void http_head_line(struct http_head *h, const char *name, size_t name_len,
		    const char *value, size_t value_len)
{
	if (!h->ok)
		return;
	h->ok = is_next(h, name, name_len, value, value_len);
	if (!h->ok)
		return;
	h->ok = is_token(name, name_len) && is_field(value, value_len) &&
		says_sense(h, name, name_len, value, value_len);
	if (!h->ok)
		h->wrong = name;
}

void http_head_end(struct http_head *h)
{
	if (!h->ok)
		return;
	size_t lines = (size_t)(end_of(h) - h->version) - VERSION_LEN - 2;
	bool host = h->found & 1U << HOST || strcmp(h->version, "HTTP/1.0") == 0;
	bool both = h->found & 1U << LENGTH && h->found & 1U << ENCODING;
	h->chunked = h->found & 1U << ENCODING;
	bool old = h->chunked && strcmp(h->version, "HTTP/1.1") != 0;
	/* without a header, LF NUL may be what looks like the request line's CR LF */
	h->certain = h->seen >= lines && lines > 2;
	h->ok = host && !both && !old && line_ends(h, h->at) && h->at + 2 == end_of(h);
	if (!host || both || old)
		h->wrong = once[host ? ENCODING : HOST];
}
