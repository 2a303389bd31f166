// SPDX-License-Identifier: Apache-2.0
// SSDP's messages, see message.h. A search is a request line and header fields as HTTP
// has them; anybody can send one.
#include "discovery/message.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/base/util.h"

#define TARGET  "urn:dmtf-org:service:redfish-rest:1"
#define MAX_AGE 1800 /* s; DSP0266: at least */

/* ---- reading ---- */

struct part {
	const char *at;
	size_t len;
};

static bool is(struct part p, const char *text)
{
	return p.len == strlen(text) && strncasecmp(p.at, text, p.len) == 0;
}

static struct part trimmed(struct part p)
{
	while (p.len && (*p.at == ' ' || *p.at == '\t'))
		p = (struct part){ p.at + 1, p.len - 1 };
	while (p.len && (p.at[p.len - 1] == ' ' || p.at[p.len - 1] == '\t'))
		p.len--;
	return p;
}

/* Up to the line's end, CR LF, or to the datagram's. False: there is none, or one with
 * control characters. */
static bool take_line(struct part *from, struct part *ret)
{
	const char *end = memchr(from->at, '\n', from->len);
	size_t len = end ? (size_t)(end - from->at) : from->len;

	if (!from->len || (end && (len == 0 || from->at[len - 1] != '\r')))
		return false;
	*ret = (struct part){ from->at, end ? len - 1 : len };
	from->at += end ? len + 1 : len;
	from->len -= end ? len + 1 : len;
	for (size_t i = 0; i < ret->len; i++) {
		unsigned char c = (unsigned char)ret->at[i];
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

/* Decimal digits, at most nine. False: others, or none. */
static bool number(struct part p, unsigned *ret)
{
	unsigned n = 0;

	if (p.len < 1 || p.len > 9)
		return false;
	for (size_t i = 0; i < p.len; i++) {
		if (p.at[i] < '0' || p.at[i] > '9')
			return false;
		n = n * 10 + (unsigned)(p.at[i] - '0');
	}
	*ret = n;
	return true;
}

/* The minor version of a target that is a Redfish service of version 1. */
static bool take_minor(struct part target, unsigned *ret)
{
	size_t len = strlen(TARGET);

	*ret = 0;
	if (is(target, TARGET))
		return true;
	return target.len > len + 1 &&
	       strncasecmp(target.at, TARGET ":", len + 1) == 0 &&
	       number((struct part){ target.at + len + 1, target.len - len - 1 }, ret);
}

static bool is_redfish(struct part target)
{
	unsigned minor;

	return take_minor(target, &minor);
}

/* A search for an older version finds a newer one that is compatible: all of 1. */
static bool finds_us(struct part target, unsigned minor)
{
	unsigned n;

	return is(target, "ssdp:all") || (take_minor(target, &n) && n <= minor);
}

/* A field that is looked for, and its value once it was there. */
struct field {
	const char *name;
	struct part value;
};

/* False: no field, or one of those looked for a second time. */
static bool take_field(struct part line, struct field *fields, size_t n)
{
	const char *colon = memchr(line.at, ':', line.len);
	struct part name = { line.at, colon ? (size_t)(colon - line.at) : 0 };

	if (!name.len || memchr(name.at, ' ', name.len) ||
	    memchr(name.at, '\t', name.len))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!is(name, fields[i].name))
			continue;
		if (fields[i].value.at)
			return false;
		fields[i].value = trimmed((struct part){ line.at + name.len + 1,
							 line.len - name.len - 1 });
	}
	return true;
}

/* The lines below the first one, up to an empty one; a body is not looked at. */
static bool take_fields(struct part rest, struct field *fields, size_t n)
{
	struct part line;

	for (unsigned lines = 0; rest.len; lines++) {
		if (lines == SSDP_LINES_MAX || !take_line(&rest, &line))
			return false;
		if (!line.len)
			return true;
		if (!take_field(line, fields, n))
			return false;
	}
	return true;
}

bool ssdp_search_read(const char *data, size_t len, unsigned minor,
		      struct ssdp_search *ret)
{
	struct part rest = { data, len }, line;
	struct field f[] = { { "MAN", { NULL, 0 } },
			     { "ST", { NULL, 0 } },
			     { "MX", { NULL, 0 } } };
	const struct part *man = &f[0].value, *st = &f[1].value, *mx = &f[2].value;

	if (len > SSDP_DATAGRAM_MAX || !take_line(&rest, &line) || line.len != 19 ||
	    memcmp(line.at, "M-SEARCH * HTTP/1.1", 19) != 0 ||
	    !take_fields(rest, f, ARRAY_SIZE(f)))
		return false;
	*ret = (struct ssdp_search){ 0 };
	if (!is(*man, "\"ssdp:discover\"") || !st->len ||
	    (mx->at && !number(*mx, &ret->mx)))
		return false;
	ret->mx = ret->mx < SSDP_MX_MAX ? ret->mx : SSDP_MX_MAX;
	ret->redfish = finds_us(*st, minor);
	return true;
}

/* "uuid:UUID::TARGET", whose UUID is 8-4-4-4-12 hexadecimal digits. */
static bool take_uuid(struct part usn, char ret[37])
{
	if (usn.len < 43 || strncasecmp(usn.at, "uuid:", 5) != 0 ||
	    memcmp(usn.at + 41, "::", 2) != 0)
		return false;
	for (size_t i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		char c = usn.at[5 + i];
		if (dash ? c != '-' : !isxdigit((unsigned char)c))
			return false;
		ret[i] = (char)tolower((unsigned char)c);
	}
	ret[36] = '\0';
	return true;
}

static bool take_url(struct part url, char ret[SSDP_URL_MAX])
{
	if (!url.len || url.len >= SSDP_URL_MAX)
		return false;
	for (size_t i = 0; i < url.len; i++) {
		if (url.at[i] <= ' ' || url.at[i] > '~')
			return false;
	}
	memcpy(ret, url.at, url.len);
	ret[url.len] = '\0';
	return true;
}

bool ssdp_answer_read(const char *data, size_t len, struct ssdp_answer *ret)
{
	struct part rest = { data, len }, line;
	struct field f[] = { { "ST", { NULL, 0 } },
			     { "USN", { NULL, 0 } },
			     { "AL", { NULL, 0 } },
			     { "LOCATION", { NULL, 0 } } };

	if (len > SSDP_DATAGRAM_MAX || !take_line(&rest, &line) || line.len < 12 ||
	    memcmp(line.at, "HTTP/1.1 200", 12) != 0 ||
	    !take_fields(rest, f, ARRAY_SIZE(f)))
		return false;
	return is_redfish(f[0].value) && take_uuid(f[1].value, ret->uuid) &&
	       take_url(f[2].value.len ? f[2].value : f[3].value, ret->url);
}

/* ---- writing ---- */

/* The version as DSP0266 has it in targets: the minor one only when it is not 0. */
static void our_target(const struct ssdp_service *s, char ret[64])
{
	if (s->minor)
		(void)snprintf(ret, 64, TARGET ":%u", s->minor);
	else
		(void)snprintf(ret, 64, TARGET);
}

static size_t whole(int len, size_t max)
{
	return len > 0 && (size_t)len <= max && len < SSDP_MESSAGE_MAX ? (size_t)len
								       : 0;
}

static size_t answer(const struct ssdp_service *s, bool location, size_t max,
		     char ret[SSDP_MESSAGE_MAX])
{
	char target[64];

	our_target(s, target);
	return whole(snprintf(ret, SSDP_MESSAGE_MAX,
			      "HTTP/1.1 200 OK\r\n"
			      "CACHE-CONTROL: max-age=%d\r\n"
			      "ST: %s\r\n"
			      "USN: uuid:%s::%s\r\n"
			      "AL: %s\r\n"
			      "%s%s%s"
			      "EXT:\r\n"
			      "\r\n",
			      MAX_AGE, target, s->uuid, target, s->url,
			      location ? "LOCATION: " : "", location ? s->url : "",
			      location ? "\r\n" : ""),
		     max);
}

size_t ssdp_answer_write(const struct ssdp_service *s, size_t max,
			 char ret[SSDP_MESSAGE_MAX])
{
	size_t len = answer(s, true, max, ret);

	return len ? len : answer(s, false, max, ret);
}

size_t ssdp_notify_write(const struct ssdp_service *s, const char *host,
			 unsigned max_age, char ret[SSDP_MESSAGE_MAX])
{
	char target[64], hold[SSDP_URL_MAX * 2 + 80] = "";

	our_target(s, target);
	if (max_age)
		(void)snprintf(hold, sizeof(hold),
			       "CACHE-CONTROL: max-age=%u\r\n"
			       "AL: %s\r\n"
			       "LOCATION: %s\r\n",
			       max_age < MAX_AGE ? MAX_AGE : max_age, s->url, s->url);
	return whole(snprintf(ret, SSDP_MESSAGE_MAX,
			      "NOTIFY * HTTP/1.1\r\n"
			      "HOST: %s\r\n"
			      "NT: %s\r\n"
			      "NTS: ssdp:%s\r\n"
			      "USN: uuid:%s::%s\r\n"
			      "%s"
			      "\r\n",
			      host, target, max_age ? "alive" : "byebye", s->uuid,
			      target, hold),
		     SSDP_MESSAGE_MAX);
}

/* The comment makes room: an answer has at most three times the search's length. */
size_t ssdp_search_write(const char *host, unsigned mx, char ret[SSDP_MESSAGE_MAX])
{
	return whole(snprintf(ret, SSDP_MESSAGE_MAX,
			      "M-SEARCH * HTTP/1.1\r\n"
			      "HOST: %s\r\n"
			      "MAN: \"ssdp:discover\"\r\n"
			      "MX: %u\r\n"
			      "ST: " TARGET "\r\n"
			      "USER-AGENT: Linux/1 UPnP/1.1 bmc-scan/1 "
			      "(searches for Redfish services of this network)\r\n"
			      "\r\n",
			      host, mx),
		     SSDP_MESSAGE_MAX);
}
