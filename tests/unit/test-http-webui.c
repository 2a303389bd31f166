// SPDX-License-Identifier: Apache-2.0
/* The web pages: what is served of their folder, to whom in which coding, and that
 * nothing else is. */
#include "http-fixture.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "http/webui.h"

#define GZIP "Accept-Encoding: br, gzip;q=0.8\r\n"

static char folder[160];

static void put(const char *name, const char *text)
{
	char path[400];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static struct http_reply get(const char *path, const char *headers)
{
	char line[300];

	(void)snprintf(line, sizeof(line), "GET %s", path);
	return http_ask(line, headers, "");
}

static void expect(const char *path, const char *headers, unsigned status,
		   const char *body, const char *type, const char *cache)
{
	struct http_reply r = get(path, headers);

	if (r.status != status || strcmp(r.body, body) != 0)
		fail_msg("%s: %u \"%s\"", path, r.status, r.body);
	assert_string_equal(http_reply_header(&r, "Content-Type"), type);
	assert_string_equal(http_reply_header(&r, "Cache-Control"), cache);
	assert_non_null(strstr(http_reply_header(&r, "Content-Security-Policy"),
			       "default-src 'none'; script-src 'self'"));
	assert_null(strstr(http_reply_header(&r, "Content-Security-Policy"), "unsafe"));
	assert_string_equal(http_reply_header(&r, "X-Content-Type-Options"), "nosniff");
	http_reply_done(&r);
}

#define FOR_EVER "public, max-age=31536000, immutable"

static void files_have_their_type_and_their_time_in_caches(void **state)
{
	(void)state;
	expect("/", "", 200, "<p>index", "text/html;charset=utf-8", "no-cache");
	expect("/?x=1", "", 200, "<p>index", "text/html;charset=utf-8", "no-cache");
	expect("/ui/app-0a1B2c3D.js", "", 200, "let a", "text/javascript;charset=utf-8",
	       FOR_EVER);
	expect("/ui/app-0a1B2c3.js", "", 200, "let b", "text/javascript;charset=utf-8",
	       "no-cache");
	expect("/ui/icon.svg", "", 200, "<svg/>", "image/svg+xml", "no-cache");
	expect("/ui/x", "", 200, "x", "application/octet-stream", "no-cache");
}

static void twin_goes_to_clients_that_prefer_it(void **state)
{
	struct http_reply plain = get("/ui/app-0a1B2c3D.js", "Accept-Encoding: br\r\n"),
			  twin = get("/ui/app-0a1B2c3D.js", GZIP),
			  alone = get("/ui/icon.svg", GZIP);
	char have[100];

	(void)state;
	assert_string_equal(plain.body, "let a");
	assert_string_equal(http_reply_header(&plain, "Content-Encoding"), "");
	assert_string_equal(http_reply_header(&plain, "Vary"), "Accept-Encoding");
	assert_string_equal(twin.body, "zipped");
	assert_string_equal(http_reply_header(&twin, "Content-Encoding"), "gzip");
	assert_string_equal(http_reply_header(&twin, "Vary"), "Accept-Encoding");
	assert_string_equal(http_reply_header(&twin, "Content-Type"),
			    "text/javascript;charset=utf-8");
	assert_string_equal(alone.body, "<svg/>");
	assert_string_equal(http_reply_header(&alone, "Content-Encoding"), "");
	(void)snprintf(have, sizeof(have), "If-None-Match: %s\r\n",
		       http_reply_header(&twin, "ETag"));
	http_reply_done(&alone);
	http_reply_done(&twin);
	/* the plain file is another representation */
	http_reply_done(&plain);
	plain = get("/ui/app-0a1B2c3D.js", have);
	assert_int_equal(plain.status, 200);
	http_reply_done(&plain);
}

static void client_that_has_the_index_is_told_so_until_it_changes(void **state)
{
	struct http_reply r = get("/", "");
	char have[100];

	(void)state;
	(void)snprintf(have, sizeof(have), "If-None-Match: %s\r\n",
		       http_reply_header(&r, "ETag"));
	http_reply_done(&r);
	r = get("/", have);
	assert_int_equal(r.status, 304);
	assert_int_equal(r.len, 0);
	assert_non_null(strstr(http_reply_header(&r, "Content-Security-Policy"),
			       "frame-ancestors 'none'"));
	http_reply_done(&r);
	put("index.html", "<p>other");
	r = get("/", have);
	assert_int_equal(r.status, 200);
	assert_string_equal(r.body, "<p>other");
	http_reply_done(&r);
}

static void nothing_outside_of_the_folder_is_served(void **state)
{
	static const char *const paths[] = {
		"/ui",
		"/ui/",
		"/ui/.",
		"/ui/..",
		"/ui/../secret",
		"/ui/%2e%2e/secret",
		"/ui/..%2fsecret",
		"/ui/.hidden",
		"/ui/below",
		"/ui/below/file",
		"/ui//file",
		"/ui/link",
		"/ui/pipe",
		"/ui/missing",
		"/ui/a%00b",
		"/ui/a%0ab",
		"//",
		"//ui/x",
	};
	char name[110] = "/ui/";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct http_reply r = get(paths[i], "");
		if (r.status != 404 && r.status != 400)
			fail_msg("%s: %u \"%s\"", paths[i], r.status, r.body);
		assert_int_equal(r.len, 0);
		http_reply_done(&r);
	}
	memset(name + 4, 'n', 100);
	expect(name, "", 200, "longest", "application/octet-stream", "no-cache");
	name[104] = 'n';
	struct http_reply r = get(name, "");
	assert_int_equal(r.status, 404);
	http_reply_done(&r);
}

static void pages_are_only_read(void **state)
{
	struct http_reply r = http_ask("POST /ui/x", "", "y");

	(void)state;
	assert_int_equal(r.status, 405);
	assert_string_equal(http_reply_header(&r, "Allow"), "GET, HEAD");
	http_reply_done(&r);
	r = http_ask("DELETE /", "", "");
	assert_int_equal(r.status, 405);
	http_reply_done(&r);
}

/* An installation takes the folder away and puts another in its place. */
static void folder_that_was_replaced_is_served_at_once(void **state)
{
	char before[200];

	(void)state;
	(void)snprintf(before, sizeof(before), "%s-before", folder);
	assert_int_equal(rename(folder, before), 0);
	/* not to be reached by its path: what was opened at the start serves */
	expect("/", "", 200, "<p>index", "text/html;charset=utf-8", "no-cache");
	assert_int_equal(mkdir(folder, 0700), 0);
	put("index.html", "<p>new");
	put("app-99999999.js", "let n");
	expect("/", "", 200, "<p>new", "text/html;charset=utf-8", "no-cache");
	expect("/ui/app-99999999.js", "", 200, "let n", "text/javascript;charset=utf-8",
	       FOR_EVER);
	struct http_reply r = get("/ui/app-0a1B2c3D.js", "");
	assert_int_equal(r.status, 404);
	http_reply_done(&r);
}

/* ---- the server ---- */

static int plain_run(struct http_request *q)
{
	http_answer(q, 200, http_response_new("before", 6, HTTP_STATIC, q->secure));
	return HTTP_DONE;
}

static int plain_begin(struct http_request *q)
{
	(void)q;
	return HTTP_DONE;
}

static const struct http_handler plain = { .begin = plain_begin, .run = plain_run };

static void start(void)
{
	http_register("/", &plain);
	http_webui_open(folder);
	http_fixture_start((const struct http_route_entry[]){ { NULL, NULL } });
}

static int stop(void **state)
{
	char command[400];

	(void)state;
	http_fixture_stop();
	(void)snprintf(command, sizeof(command), "rm -rf %s %s-before", folder, folder);
	return system(command);
}

static void make_folder(void)
{
	(void)bmc_copy(folder, sizeof(folder), "/tmp/webui-XXXXXX");
	assert_non_null(mkdtemp(folder));
}

static int start_with_pages(void **state)
{
	char path[200], name[101] = "";

	(void)state;
	make_folder();
	memset(name, 'n', 100);
	put("index.html", "<p>index");
	put("app-0a1B2c3D.js", "let a");
	put("app-0a1B2c3D.js.gz", "zipped");
	put("app-0a1B2c3.js", "let b");
	put("icon.svg", "<svg/>");
	put("x", "x");
	put(".hidden", "hidden");
	put(name, "longest");
	(void)snprintf(path, sizeof(path), "%s/below", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	put("below/file", "file");
	(void)snprintf(path, sizeof(path), "%s/link", folder);
	assert_int_equal(symlink("x", path), 0);
	(void)snprintf(path, sizeof(path), "%s/pipe", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	start();
	return 0;
}

static int start_without_pages(void **state)
{
	(void)state;
	make_folder();
	start();
	return 0;
}

static int start_switched_off(void **state)
{
	(void)state;
	(void)bmc_copy(folder, sizeof(folder), HTTP_WEBUI_OFF);
	start();
	return 0;
}

static void front_page_stays(void **state)
{
	struct http_reply r = get("/", "");

	(void)state;
	assert_string_equal(r.body, "before");
	http_reply_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* first: what is registered stays */
		cmocka_unit_test_setup_teardown(front_page_stays, start_without_pages,
						stop),
		cmocka_unit_test_setup_teardown(front_page_stays, start_switched_off,
						stop),
		cmocka_unit_test_setup_teardown(
			files_have_their_type_and_their_time_in_caches,
			start_with_pages, stop),
		cmocka_unit_test_setup_teardown(twin_goes_to_clients_that_prefer_it,
						start_with_pages, stop),
		cmocka_unit_test_setup_teardown(
			client_that_has_the_index_is_told_so_until_it_changes,
			start_with_pages, stop),
		cmocka_unit_test_setup_teardown(nothing_outside_of_the_folder_is_served,
						start_with_pages, stop),
		cmocka_unit_test_setup_teardown(pages_are_only_read, start_with_pages,
						stop),
		cmocka_unit_test_setup_teardown(
			folder_that_was_replaced_is_served_at_once, start_with_pages,
			stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
