// SPDX-License-Identifier: Apache-2.0
/* Bodies of several parts: whatever pieces they come in, and whatever is wrong with
 * them. */
#include "http-fixture.h"

#include "http/multipart.h"

#define TYPE "multipart/form-data; boundary=limit"

/* What a body was read as: "[name|filename|type]" of each part, its bytes, "." */
struct reading {
	char text[8192];
	size_t len;
	const char *wrong;
	bool ended;
};

static void put(struct reading *r, const char *text, size_t len)
{
	assert_true(r->len + len < sizeof(r->text));
	memcpy(r->text + r->len, text, len);
	r->len += len;
	r->text[r->len] = 0;
}

static void put_part(struct reading *r, const struct http_multipart *m)
{
	char head[600];
	int n = snprintf(head, sizeof(head), "[%s|%s|%s]", m->name, m->filename,
			 m->type);

	put(r, head, (size_t)n);
}

/* Feeds `len` bytes in pieces of `step`, of which `room` are taken at once. */
static void read_pieces(struct reading *r, const char *type, const char *body,
			size_t len, size_t step, size_t room)
{
	struct http_multipart m;
	struct http_piece data;

	memset(r, 0, sizeof(*r));
	assert_true(http_multipart_init(&m, type));
	for (size_t at = 0; at < len && !m.wrong; at += step) {
		/* of its own, so that a sanitizer sees what is read behind it */
		size_t n = MIN(step, len - at);
		char *copy = malloc(n);
		struct http_piece in = { copy, n };
		enum http_multipart_what what;

		memcpy(copy, body + at, n);
		while ((what = http_multipart_next(&m, &in, &data)) !=
			       HTTP_MULTIPART_MORE &&
		       what != HTTP_MULTIPART_WRONG) {
			if (what == HTTP_MULTIPART_PART)
				put_part(r, &m);
			else if (what == HTTP_MULTIPART_PART_END)
				put(r, ".", 1);
			else
				put(r, data.at, MIN(data.len, room));
			if (what == HTTP_MULTIPART_DATA)
				http_multipart_take(&m, &in, MIN(data.len, room));
		}
		free(copy);
	}
	r->wrong = m.wrong;
	r->ended = m.ended;
}

static void read_whole(struct reading *r, const char *body)
{
	read_pieces(r, TYPE, body, strlen(body), strlen(body), SIZE_MAX);
}

#define UPDATE                                                                     \
	"--limit\r\nContent-Disposition: form-data; name=\"UpdateParameters\"\r\n" \
	"Content-Type: application/json\r\n\r\n{}\r\n--limit\r\n"                  \
	"content-disposition: form-data; name=UpdateFile; filename=\"a "           \
	"\\\"b\\\".img\""                                                          \
	"\r\nContent-Type:application/octet-stream\r\n\r\n"                        \
	"\r\n\r\n--limi\r\n-\r\r\n--limi\r\n--limit--\r\n"
#define UPDATE_READ                                                       \
	"[UpdateParameters||application/json]{}.[UpdateFile|a \"b\".img|" \
	"application/octet-stream]\r\n\r\n--limi\r\n-\r\r\n--limi."

static void a_body_is_read_the_same_in_all_pieces(void **state)
{
	struct reading r;

	(void)state;
	read_whole(&r, UPDATE);
	assert_string_equal(r.text, UPDATE_READ);
	assert_true(r.ended && !r.wrong);
	for (size_t step = 1; step <= strlen(UPDATE); step++) {
		for (size_t room = 1; room <= 8; room++) {
			read_pieces(&r, TYPE, UPDATE, strlen(UPDATE), step, room);
			assert_string_equal(r.text, UPDATE_READ);
			assert_true(r.ended && !r.wrong);
		}
	}
}

static void a_body_that_is_cut_has_no_end(void **state)
{
	struct reading r;
	size_t last = strlen(UPDATE) - 2; /* the CRLF behind it need not be there */

	(void)state;
	for (size_t len = 0; len < last; len++) {
		read_pieces(&r, TYPE, UPDATE, len, 7, 3);
		assert_false(r.ended);
		assert_null(r.wrong);
		assert_true(strncmp(r.text, UPDATE_READ, r.len) == 0);
	}
	read_pieces(&r, TYPE, UPDATE, last, 7, 3);
	assert_true(r.ended);
}

#define PART(headers, bytes) "--limit\r\n" headers "\r\n\r\n" bytes "\r\n--limit--"
#define NAMED(rest)          PART("Content-Disposition: form-data; " rest, "x")

static void parts_say_what_they_are(void **state)
{
	static const struct {
		const char *body, *text;
	} cases[] = {
		{ NAMED("name=a"), "[a||]x." },
		{ NAMED("NAME=\"a\""), "[a||]x." },
		{ NAMED("name=\"a;b=c\" ; filename=d"), "[a;b=c|d|]x." },
		{ NAMED("filename=\"\"; name=a"), "[a||]x." },
		{ NAMED("name=a; filename=\"C:\\dir\\f.img\""),
		  "[a|C:\\dir\\f.img|]x." },
		{ NAMED("name=a; filename*=UTF-8''b"), "[a||]x." },
		{ NAMED("name=a\r\nX-Other: y\r\nContent-Transfer-Encoding: Binary"),
		  "[a||]x." },
		{ PART("Content-Disposition: form-data; name=a", ""), "[a||]." },
		{ "before\r\n" NAMED("name=a") "\r\nbehind", "[a||]x." },
		{ "\r\n" NAMED("name=a"), "[a||]x." },
		{ "--limi\r\n" NAMED("name=a"), "[a||]x." },
		{ "--limit \t\r\nContent-Disposition: form-data; name=a\r\n\r\nx"
		  "\r\n--limit--",
		  "[a||]x." },
		{ "--limit--", "" },
	};
	struct reading r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		read_whole(&r, cases[i].body);
		assert_string_equal(r.text, cases[i].text);
		if (!r.ended || r.wrong)
			fail_msg("%s: %s", cases[i].body, r.wrong);
	}
}

static void what_is_no_such_body_is_refused(void **state)
{
	static const char *const cases[] = {
		NAMED("filename=a"),
		NAMED("name="),
		NAMED("name=\"\""),
		NAMED("name=a; name=b"),
		NAMED("name=\"a"),
		NAMED("name=a b"),
		NAMED("name=a; filename"),
		NAMED("name=a; \"filename\"=b"),
		NAMED("name=a\r\nContent-Disposition: form-data; name=b"),
		NAMED("name=a\r\nContent-Transfer-Encoding: base64"),
		NAMED("name=a\r\n folded"),
		NAMED("name=a\r\nno colon"),
		NAMED("name=a\r\n: no name"),
		NAMED("name=a\n"),
		NAMED("name=a\rx"),
		NAMED("name=a\x01"),
		NAMED("name=a\x7f"),
		PART("Content-Disposition: attachment; name=a", "x"),
		PART("Content-Disposition: form-datax; name=a", "x"),
		PART("Content-Type: text/plain", "x"),
		"--limit\r\n\r\nx\r\n--limit--",
		"--limitx\r\nContent-Disposition: form-data; name=a\r\n\r\n",
		"--limit\nContent-Disposition: form-data; name=a\r\n\r\n",
		"--limit -x",
		"--limit--limit-x" + 7, /* "--limit-x" */
		"--limit\r\r\n",
	};
	struct reading r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		read_whole(&r, cases[i]);
		if (r.ended || !r.wrong)
			fail_msg("taken: %s", cases[i]);
	}
}

/* ---- bounds ---- */

static char big[64 * 1024];

static void repeat(const char *text, size_t n)
{
	while (n--)
		(void)strcat(big, text);
}

static bool is_taken(void)
{
	struct reading r;

	read_whole(&r, big);
	return r.ended && !r.wrong;
}

static bool takes_parts(size_t n)
{
	big[0] = 0;
	repeat("\r\n--limit\r\nContent-Disposition: form-data; name=a\r\n\r\n", n);
	repeat("\r\n--limit--", 1);
	return is_taken();
}

static bool takes_headers(size_t n)
{
	big[0] = 0;
	repeat("--limit\r\nContent-Disposition: form-data; name=a\r\n", 1);
	repeat("X: y\r\n", n - 1);
	repeat("\r\n\r\n--limit--", 1);
	return is_taken();
}

/* A header's line of n bytes, with its CR. */
static bool takes_line(size_t n)
{
	big[0] = 0;
	repeat("--limit\r\nContent-Disposition: form-data; name=a\r\nX:", 1);
	repeat("y", n - 3);
	repeat("\r\n\r\n\r\n--limit--", 1);
	return is_taken();
}

static bool takes_padding(size_t n)
{
	big[0] = 0;
	repeat("--limit", 1);
	repeat(" ", n);
	repeat("\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--limit--", 1);
	return is_taken();
}

/* The line breaks around it count. */
static bool takes_preamble(size_t n)
{
	big[0] = 0;
	repeat("y", n - 2);
	repeat("\r\n--limit--", 1);
	return is_taken();
}

static void what_a_client_can_fill_is_bounded(void **state)
{
	(void)state;
	assert_true(takes_parts(HTTP_MULTIPART_PARTS_MAX));
	assert_false(takes_parts(HTTP_MULTIPART_PARTS_MAX + 1));
	assert_true(takes_headers(HTTP_MULTIPART_LINES_MAX));
	assert_false(takes_headers(HTTP_MULTIPART_LINES_MAX + 1));
	assert_true(takes_line(HTTP_MULTIPART_LINE_MAX));
	assert_false(takes_line(HTTP_MULTIPART_LINE_MAX + 1));
	assert_true(takes_padding(HTTP_MULTIPART_PADDING_MAX));
	assert_false(takes_padding(HTTP_MULTIPART_PADDING_MAX + 1));
	assert_true(takes_preamble(HTTP_PREAMBLE_MAX));
	assert_false(takes_preamble(HTTP_PREAMBLE_MAX + 1));
}

static void a_long_file_name_is_cut(void **state)
{
	char body[2048], name[400], cut[256];
	struct reading r;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	memcpy(cut, name, sizeof(cut) - 1);
	cut[sizeof(cut) - 1] = 0;
	(void)snprintf(
		body, sizeof(body),
		PART("Content-Disposition: form-data; name=a; filename=\"%s\"", "x"),
		name);
	read_whole(&r, body);
	(void)snprintf(body, sizeof(body), "[a|%s|]x.", cut);
	assert_string_equal(r.text, body);
}

static void boundaries_are_those_of_the_rfc(void **state)
{
	static const struct {
		const char *type;
		bool taken;
	} cases[] = {
		{ "multipart/form-data; boundary=a", true },
		{ "Multipart/Form-Data;BOUNDARY=\"a b\"", true },
		{ "multipart/form-data; charset=utf-8; boundary=----WebKit7MA4", true },
		{ "multipart/form-data; boundary='()+_,-./:=?", false }, /* no token */
		{ "multipart/form-data; boundary=\"'()+_,-./:=?\"", true },
		{ "multipart/form-data; boundary="
		  "12345678901234567890123456789012345678901234567890123456789012345678"
		  "90",
		  true },
		{ "multipart/form-data; boundary="
		  "12345678901234567890123456789012345678901234567890123456789012345678"
		  "901",
		  false },
		{ "multipart/form-data; boundary=\"a \"", false },
		{ "multipart/form-data; boundary=\"\"", false },
		{ "multipart/form-data; boundary=", false },
		{ "multipart/form-data; boundary=a; boundary=b", false },
		{ "multipart/form-data; boundary=\"a\tb\"", false },
		{ "multipart/form-data; boundary=\"a", false },
		{ "multipart/form-data", false },
		{ "multipart/form-datax; boundary=a", false },
		{ "multipart/mixed; boundary=a", false },
		{ "", false },
		{ NULL, false },
	};
	struct http_multipart m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (http_multipart_init(&m, cases[i].type) != cases[i].taken)
			fail_msg("%s", cases[i].type);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_is_read_the_same_in_all_pieces),
		cmocka_unit_test(a_body_that_is_cut_has_no_end),
		cmocka_unit_test(parts_say_what_they_are),
		cmocka_unit_test(what_is_no_such_body_is_refused),
		cmocka_unit_test(what_a_client_can_fill_is_bounded),
		cmocka_unit_test(a_long_file_name_is_cut),
		cmocka_unit_test(boundaries_are_those_of_the_rfc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
