// SPDX-License-Identifier: Apache-2.0
// Fuzz target: the judgement of a request's headers (http/head.h). Input: two bytes,
// how much had come when the request line was parsed, then the request. It is parsed in
// place as libmicrohttpd 0.9.75 does it; what is judged good then must be good to a
// parser that takes RFC 9112 at its word and sees the bytes as they came.
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "fuzz.h"
#include "http/head.h"

#define INPUT_MAX 6000
#define ROOM      8192
#define LINES_MAX 200

static _Alignas(4096) char buffer[ROOM];

/* ---- as libmicrohttpd parses ---- */

struct model {
	char *read, *end; /* what is not parsed yet */
	char *method, *target, *version;
	const char *names[LINES_MAX], *values[LINES_MAX];
	size_t n;
	char folded[ROOM]; /* where a folded line's name goes */
};

static char *next_line(struct model *m, size_t *len)
{
	char *line = m->read;

	for (char *p = line; p < m->end; p++) {
		bool crlf = p[0] == '\r' && p + 1 < m->end && p[1] == '\n';
		if (!crlf && p[0] != '\n')
			continue;
		*len = (size_t)(p - line);
		p[0] = 0;
		p[crlf] = 0;
		m->read = p + 1 + crlf;
		return line;
	}
	return NULL;
}

static bool request_line(struct model *m)
{
	size_t len = 0;
	char *line = next_line(m, &len), *p;

	while (line && !line[0])
		line = next_line(m, &len);
	if (!line || !(p = memchr(line, ' ', len)) || p == line)
		return false;
	char *end = line + len;
	*p++ = 0;
	while (p < end && *p == ' ')
		p++;
	if (p >= end)
		return false;
	char *v = end - 1;
	while (v > p && *v == ' ')
		v--;
	while (v > p && *v != ' ')
		v--;
	if (v == p || end - v - 1 != 8 || memcmp(v + 1, "HTTP/1.", 7) != 0 ||
	    v[8] < '0' || v[8] > '9')
		return false;
	*v = 0;
	m->method = line;
	m->target = p;
	m->version = v + 1;
	return true;
}

static bool header_line(struct model *m, char *line)
{
	char *colon = strchr(line, ':');

	if (!colon || m->n == LINES_MAX)
		return false;
	*colon++ = 0;
	colon += strspn(colon, " \t");
	m->names[m->n] = line;
	m->values[m->n++] = colon;
	return true;
}

static void fold(struct model *m, const char *line)
{
	const char *name = m->names[m->n - 1];

	(void)bmc_copy(m->folded, sizeof(m->folded), name);
	memset((char *)(uintptr_t)name, 0, strlen(name));
	(void)strncat(m->folded, line + strspn(line, " \t"),
		      sizeof(m->folded) - strlen(m->folded) - 1);
	m->names[m->n - 1] = m->folded;
}

static bool headers(struct model *m)
{
	size_t len;
	char *line;

	while ((line = next_line(m, &len))) {
		if (!line[0])
			return true;
		if (m->n && (line[0] == ' ' || line[0] == '\t'))
			fold(m, line);
		else if (!header_line(m, line))
			return false;
	}
	return false;
}

/* ---- as it is written ---- */

static bool is_tchar(char c)
{
	return c && strchr("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
			   c);
}

static const char *strict_line(const char *p, const char *end)
{
	const char *begin = p;

	while (p < end && is_tchar(*p))
		p++;
	if (p == begin || p == end || *p++ != ':')
		return NULL;
	while (p < end && (*p == '\t' || ((unsigned char)*p >= 0x20 && *p != 0x7f)))
		p++;
	return end - p >= 2 && p[0] == '\r' && p[1] == '\n' ? p + 2 : NULL;
}

/* The end of the request that begins at p, or NULL. */
static const char *strict(const char *p, const char *end)
{
	const char *begin = p;

	while (p < end && is_tchar(*p))
		p++;
	if (p == begin || p == end || *p++ != ' ')
		return NULL;
	for (begin = p; p < end && (unsigned char)*p > 0x20 && *p != 0x7f;)
		p++;
	if (p == begin || end - p < 11 || memcmp(p, " HTTP/1.", 8) != 0 ||
	    p[9] != '\r' || p[10] != '\n')
		return NULL;
	p += 11;
	while (p && end - p >= 2 && (p[0] != '\r' || p[1] != '\n'))
		p = strict_line(p, end);
	return p && end - p >= 2 ? p + 2 : NULL;
}

static void ask(const char *raw, size_t len, size_t come)
{
	static struct model m;
	struct http_head h = { 0 };
	char copy[ROOM];

	memset(buffer, 0, sizeof(buffer));
	memcpy(buffer, raw, len);
	memcpy(copy, buffer, sizeof(copy));
	m = (struct model){ .read = buffer, .end = buffer + len };
	if (!request_line(&m))
		return;
	size_t parsed = (size_t)(m.read - buffer);
	come = MAX(come, parsed);
	if (come < len)
		memset(buffer + come, 0, len - come);
	http_head_target(&h, m.target);
	memcpy(m.read, copy + parsed, len - parsed);
	if (!headers(&m))
		return;
	h.method = m.method;
	h.target = m.target;
	h.version = m.version;
	h.size = (size_t)(m.read - m.method);
	http_head_begin(&h);
	for (size_t i = 0; i < m.n; i++)
		http_head_line(&h, m.names[i], strlen(m.names[i]), m.values[i],
			       strlen(m.values[i]));
	http_head_end(&h);
	if (!h.ok)
		return;
	const char *begin = copy + (m.method - buffer);
	/* with a NUL that can't be seen the connection ends, so that it is harmless */
	if (!h.certain && memchr(begin, 0, h.size))
		return;
	if (strict(begin, copy + len) != begin + h.size)
		abort(); /* judged good, and is not */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2 || size > INPUT_MAX)
		return 0;
	ask((const char *)data + 2, size - 2, (size_t)data[0] << 8 | data[1]);
	return 0;
}
