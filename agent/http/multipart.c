// SPDX-License-Identifier: Apache-2.0
// A body of several parts, taken apart as it comes. Its delimiter begins with the only
// CR in it, so a comparison that fails can begin again only at the byte at which it
// failed. Lenient parsers make two readings of one body possible: what RFC 2046 does
// not have is refused. Called by handlers that take such bodies.
#include "http/multipart.h"

#include <string.h>
#include <strings.h>

#include "core/base/util.h"

static enum http_multipart_what refuse(struct http_multipart *m, const char *why)
{
	m->state = HTTP_MULTIPART_REFUSED;
	m->wrong = why;
	return HTTP_MULTIPART_WRONG;
}

static void use(struct http_piece *in, size_t n)
{
	in->at += n;
	in->len -= n;
}

/* ---- headers with parameters ---- */

static bool is_token(char c)
{
	return c > ' ' && c < 0x7f && !strchr("()<>@,;:\\\"/[]?=", c);
}

/* A value, quoted or not, at `*p`; what does not fit is cut. */
static bool take_value(const char **p, char *ret, size_t size)
{
	bool quoted = **p == '"';
	const char *s = *p + quoted;
	size_t n = 0;

	while (*s && (quoted ? *s != '"' : is_token(*s))) {
		/* no other escapes: browsers send the backslashes of a path as they are
		 */
		if (quoted && *s == '\\' && (s[1] == '"' || s[1] == '\\'))
			s++;
		if (n + 1 < size)
			ret[n++] = *s;
		s++;
	}
	ret[n] = 0;
	*p = s + quoted;
	return quoted ? *s == '"' : n > 0;
}

/* The parameter of this name behind a header's first word. False: the parameters can't
 * be read, or it is there twice. */
static bool parameter(const char *p, const char *name, char *ret, size_t size)
{
	char key[32], value[256];
	bool found = false;

	ret[0] = 0;
	for (p += strspn(p, " \t"); *p; p += strspn(p, " \t")) {
		if (*p++ != ';')
			return false;
		p += strspn(p, " \t");
		if (!is_token(*p) || !take_value(&p, key, sizeof(key)) || *p++ != '=' ||
		    !take_value(&p, value, sizeof(value)))
			return false;
		if (strcasecmp(key, name) != 0)
			continue;
		if (found)
			return false;
		found = true;
		(void)bmc_copy(ret, size, value);
	}
	return true;
}

/* What is behind the first word, when it is `word`; else NULL. */
static const char *behind(const char *text, const char *word)
{
	size_t n = strlen(word);

	return strncasecmp(text, word, n) == 0 && strchr("; \t", text[n]) ? text + n
									  : NULL;
}

static bool is_boundary(const char *s)
{
	size_t n = strspn(s, "0123456789abcdefghijklmnopqrstuvwxyz"
			     "ABCDEFGHIJKLMNOPQRSTUVWXYZ'()+_,-./:=? ");

	return n > 0 && n <= HTTP_BOUNDARY_MAX && !s[n] && s[n - 1] != ' ';
}

bool http_multipart_init(struct http_multipart *m, const char *content_type)
{
	char boundary[256];
	const char *rest =
		content_type ? behind(content_type, "multipart/form-data") : NULL;

	memset(m, 0, sizeof(*m));
	if (!rest || !parameter(rest, "boundary", boundary, sizeof(boundary)) ||
	    !is_boundary(boundary))
		return false;
	m->n_delimiter = 4 + strlen(boundary);
	memcpy(m->delimiter, "\r\n--", 4);
	memcpy(m->delimiter + 4, boundary, m->n_delimiter - 4);
	m->matched = 2; /* the first line needs no CRLF before it */
	return true;
}

static bool take_disposition(struct http_multipart *m, const char *value)
{
	const char *rest = behind(value, "form-data");

	return rest && !m->name[0] &&
	       parameter(rest, "name", m->name, sizeof(m->name)) && m->name[0] &&
	       parameter(rest, "filename", m->filename, sizeof(m->filename));
}

/* RFC 7578, 4.7: no encoding is used. */
static bool is_plain(const char *encoding)
{
	return strcasecmp(encoding, "binary") == 0 ||
	       strcasecmp(encoding, "8bit") == 0 || strcasecmp(encoding, "7bit") == 0;
}

static bool take_header(struct http_multipart *m)
{
	char *value = strchr(m->line, ':');

	if (!value || value == m->line || !is_token(m->line[0]))
		return false;
	*value++ = 0;
	value += strspn(value, " \t");
	if (strcasecmp(m->line, "Content-Disposition") == 0)
		return take_disposition(m, value);
	if (strcasecmp(m->line, "Content-Transfer-Encoding") == 0)
		return is_plain(value);
	if (strcasecmp(m->line, "Content-Type") == 0)
		return bmc_copy(m->type, sizeof(m->type), value);
	return true;
}

/* ---- the states ---- */

/* Bytes of `in` before the first that may begin a delimiter. */
static size_t plain(const struct http_multipart *m, const struct http_piece *in)
{
	const char *p = in->at, *end = p + in->len;

	while ((p = memchr(p, '\r', (size_t)(end - p)))) {
		size_t n = MIN(m->n_delimiter, (size_t)(end - p));
		if (memcmp(p, m->delimiter, n) == 0)
			return (size_t)(p - in->at);
		p++;
	}
	return in->len;
}

/* Compares on; false: what had been equal was no delimiter. */
static bool compare(struct http_multipart *m, struct http_piece *in)
{
	while (in->len && m->matched < m->n_delimiter) {
		if (*in->at != m->delimiter[m->matched])
			return false;
		m->matched++;
		use(in, 1);
	}
	return true;
}

static enum http_multipart_what delimited(struct http_multipart *m)
{
	bool was_part = m->in_part;

	m->state = HTTP_MULTIPART_DELIMITED;
	m->matched = m->skipped = 0;
	m->in_part = m->dashed = false;
	m->n_line = 0;
	return was_part ? HTTP_MULTIPART_PART_END : HTTP_MULTIPART_MORE;
}

static enum http_multipart_what in_body(struct http_multipart *m, struct http_piece *in,
					struct http_piece *ret)
{
	if (!m->pending && m->matched == 0) {
		*ret = (struct http_piece){ in->at, plain(m, in) };
		if (ret->len)
			return HTTP_MULTIPART_DATA;
	}
	if (!m->pending && !compare(m, in)) {
		m->pending = m->matched;
		m->matched = m->pending_at = 0;
	}
	if (m->pending) {
		*ret = (struct http_piece){ m->delimiter + m->pending_at,
					    m->pending - m->pending_at };
		return HTTP_MULTIPART_DATA;
	}
	return m->matched == m->n_delimiter ? delimited(m) : HTTP_MULTIPART_MORE;
}

static enum http_multipart_what in_preamble(struct http_multipart *m,
					    struct http_piece *in)
{
	size_t n = m->matched == 0 ? plain(m, in) : 0;

	m->skipped += n;
	use(in, n);
	if (!compare(m, in)) {
		m->skipped += m->matched;
		m->matched = 0;
	}
	if (m->skipped > HTTP_PREAMBLE_MAX)
		return refuse(m, "it does not begin with its boundary");
	return m->matched == m->n_delimiter ? delimited(m) : HTTP_MULTIPART_MORE;
}

static enum http_multipart_what part_follows(struct http_multipart *m)
{
	if (++m->n_parts > HTTP_MULTIPART_PARTS_MAX)
		return refuse(m, "it has too many parts");
	m->state = HTTP_MULTIPART_HEADERS;
	m->name[0] = m->filename[0] = m->type[0] = 0;
	m->n_line = m->n_lines = 0;
	return HTTP_MULTIPART_MORE;
}

/* Behind a delimiter: "--" after the last part; blanks and CRLF before the next one. */
static enum http_multipart_what in_delimiter(struct http_multipart *m,
					     struct http_piece *in)
{
	char c = *in->at;

	use(in, 1);
	if (m->dashed && c == '-') {
		m->state = HTTP_MULTIPART_EPILOGUE;
		m->ended = true;
		return HTTP_MULTIPART_MORE;
	}
	if (!m->dashed && m->n_line && c == '\n')
		return part_follows(m);
	if (m->dashed || m->n_line)
		return refuse(m, "a line begins with its boundary and is no delimiter");
	if ((c == ' ' || c == '\t') && ++m->skipped <= HTTP_MULTIPART_PADDING_MAX)
		return HTTP_MULTIPART_MORE;
	m->dashed = c == '-' && m->skipped == 0;
	m->n_line = c == '\r';
	if (!m->dashed && !m->n_line)
		return refuse(m, "a line begins with its boundary and is no delimiter");
	return HTTP_MULTIPART_MORE;
}

static enum http_multipart_what line_ended(struct http_multipart *m)
{
	m->line[--m->n_line] = 0;
	if (m->n_line == 0) {
		if (!m->name[0])
			return refuse(m, "a part has no name");
		m->state = HTTP_MULTIPART_BODY;
		m->in_part = true;
		return HTTP_MULTIPART_PART;
	}
	m->n_line = 0;
	if (++m->n_lines > HTTP_MULTIPART_LINES_MAX || !take_header(m))
		return refuse(m, "a header of a part is invalid");
	return HTTP_MULTIPART_MORE;
}

static enum http_multipart_what in_headers(struct http_multipart *m,
					   struct http_piece *in)
{
	char c = *in->at;
	bool cr = m->n_line && m->line[m->n_line - 1] == '\r';

	use(in, 1);
	if (cr)
		return c == '\n' ? line_ended(m)
				 : refuse(m, "a header of a part is invalid");
	if (m->n_line == HTTP_MULTIPART_LINE_MAX ||
	    (c != '\r' && c != '\t' && ((unsigned char)c < ' ' || c == 0x7f)))
		return refuse(m, "a header of a part is invalid");
	m->line[m->n_line++] = c;
	return HTTP_MULTIPART_MORE;
}

static enum http_multipart_what step(struct http_multipart *m, struct http_piece *in,
				     struct http_piece *ret)
{
	switch (m->state) {
	case HTTP_MULTIPART_PREAMBLE:
		return in_preamble(m, in);
	case HTTP_MULTIPART_DELIMITED:
		return in_delimiter(m, in);
	case HTTP_MULTIPART_HEADERS:
		return in_headers(m, in);
	case HTTP_MULTIPART_BODY:
		return in_body(m, in, ret);
	case HTTP_MULTIPART_EPILOGUE:
		use(in, in->len);
		return HTTP_MULTIPART_MORE;
	default:
		return HTTP_MULTIPART_WRONG;
	}
}

enum http_multipart_what http_multipart_next(struct http_multipart *m,
					     struct http_piece *in,
					     struct http_piece *ret)
{
	enum http_multipart_what what = HTTP_MULTIPART_MORE;

	while (what == HTTP_MULTIPART_MORE && (in->len || m->pending))
		what = step(m, in, ret);
	return what;
}

void http_multipart_take(struct http_multipart *m, struct http_piece *in, size_t n)
{
	if (!m->pending) {
		use(in, n);
		return;
	}
	m->pending_at += n;
	if (m->pending_at == m->pending)
		m->pending = m->pending_at = 0;
}
