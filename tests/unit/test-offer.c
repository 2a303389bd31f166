// SPDX-License-Identifier: Apache-2.0
/* Images that boards fetch themselves: the real HTTP server on loopback, an image in a
 * file, boards that are this test's connections. */
#include "http-fixture.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <netinet/in.h>
#include <sys/stat.h>

#include "update/offer.h"
#include "update/prepared.h"

#define SIZE  (6U << 20)
#define BOARD "sub1-01"

static char *bytes;
static unsigned char digest[32];
static char digest64[64];

static struct bmc_conf network[] = {
	{ .key = "address", .text = "127.0.0.1" },
	{ .key = "port", .text = "0" },
};
static struct bmc_conf section = { .key = "board_network",
				   .child = network,
				   .file = "test" };
static struct bmc_conf update = { .child = &section };
static const struct http_route_entry no_routes[] = { { NULL, NULL } };

/* ---- fixture ---- */

struct job {
	struct bmc_prepared p;
	struct bmc_flash flash[8];
	char board[8][16];
};

static void job_start(struct job *j, uint32_t task)
{
	char path[64];

	*j = (struct job){ .p = { .task = task } };
	(void)snprintf(path, sizeof(path), "%s/image", http_fixture_dir());
	j->p.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (j->p.fd < 0) {
		auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		assert_int_equal(write(fd, bytes, SIZE), SIZE);
		j->p.fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	assert_true(j->p.fd >= 0);
	j->p.file.size = SIZE;
	memcpy(j->p.file.digest, digest, sizeof(digest));
	for (size_t i = 0; i < ARRAY_SIZE(j->flash); i++) {
		(void)snprintf(j->board[i], sizeof(j->board[i]), "sub1-%02zu", i + 1);
		j->flash[i].board = j->board[i];
		j->flash[i].file = &j->p.file;
	}
}

static void job_end(struct job *j)
{
	upd_offers_free(j->p.offers);
	(void)close(j->p.fd);
}

/* The path of a board's address. */
static const char *offered_at(struct job *j, size_t board)
{
	static char url[256];
	struct bmc_error err = { 0 };

	if (upd_offer(&j->flash[board], url, sizeof(url), &err) != 0)
		fail_msg("%s", err.what);
	return strchr(url + strlen("http://"), '/');
}

static int apart(int receive)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons(
					 (uint16_t)http_apart_port(HTTP_FOR_BOARDS)),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval timeout = { .tv_sec = 20 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	if (receive)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive, sizeof(receive));
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static void request(int fd, const char *method, const char *path, const char *headers)
{
	char text[512];

	(void)snprintf(text, sizeof(text), "%s %s HTTP/1.1\r\nHost: x\r\n%s\r\n",
		       method, path, headers);
	assert_true(http_say(fd, text));
}

static struct http_reply ask(const char *method, const char *path, const char *headers,
			     const char *body)
{
	char all[256];
	auto_fd int fd = apart(0);

	(void)snprintf(all, sizeof(all), "%s%sContent-Length: %zu\r\n", headers,
		       strcmp(method, "GET") == 0 ? "Connection: close\r\n" : "",
		       strlen(body));
	request(fd, method, path, all);
	(void)http_send(fd, body, strlen(body));
	return http_receive(fd);
}

static unsigned status_of(const char *method, const char *path, const char *body)
{
	struct http_reply r = ask(method, path, "", body);

	http_reply_done(&r);
	return r.status;
}

/* A path beside the image's. */
static const char *beside(const char *image, const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%.34s%s", image, name);
	return path;
}

/* ---- addresses ---- */

static void without_a_network_of_boards_it_says_what_to_configure(void **state)
{
	static struct bmc_conf none;
	struct bmc_error err = { 0 };
	struct job j;
	char url[256];

	(void)state;
	job_start(&j, 1);
	upd_offers_done();
	assert_int_equal(upd_offers_init(&none, http_fixture_dir(), &err), 0);
	assert_int_equal(upd_offer(&j.flash[0], url, sizeof(url), &err), BMC_ENOTSUP);
	assert_non_null(strstr(err.what, "board_network"));
	assert_int_equal(upd_offers_init(&update, http_fixture_dir(), &err), 0);
	assert_int_equal(upd_offer(&j.flash[0], url, sizeof(url), &err), 0);
	job_end(&j);
}

static void only_the_address_of_one_interface_is_listened_on(void **state)
{
	static const char *const wrong[] = {
		"0.0.0.0", "::", "eth0", "*", "", "1.2.3"
	};
	struct bmc_error err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		network[0].text = wrong[i];
		assert_int_equal(upd_offers_check(&update, &err), BMC_EINVAL);
	}
	network[0].text = "fd00::1";
	assert_int_equal(upd_offers_check(&update, &err), 0);
	network[0].text = "127.0.0.1";
	assert_int_equal(upd_offers_check(&update, &err), 0);
}

static void each_board_and_job_has_its_own_address(void **state)
{
	struct job j, other;
	char before_it[128], again[128];

	(void)state;
	job_start(&j, 7);
	job_start(&other, 8);
	(void)bmc_copy(before_it, sizeof(before_it), offered_at(&j, 0));
	assert_int_equal(strspn(before_it + 1, "0123456789abcdef"), 32);
	assert_string_equal(before_it + 33, "/image");
	assert_string_equal(offered_at(&j, 0), before_it);
	assert_string_not_equal(offered_at(&j, 1), before_it);
	assert_string_not_equal(offered_at(&other, 0), before_it);
	job_end(&other);
	job_end(&j);
	/* the daemon starts again and goes on with the job */
	upd_offers_done();
	assert_int_equal(upd_offers_init(&update, http_fixture_dir(), NULL), 0);
	job_start(&j, 7);
	(void)bmc_copy(again, sizeof(again), offered_at(&j, 0));
	assert_string_equal(again, before_it);
	assert_int_equal(status_of("GET", again, ""), 200);
	job_end(&j);
}

static void the_key_of_the_addresses_is_the_daemon_s_own(void **state)
{
	char path[64], before_it[128];
	struct stat st;
	struct job j;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/offer.key", http_fixture_dir());
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, 32);
	job_start(&j, 9);
	(void)bmc_copy(before_it, sizeof(before_it), offered_at(&j, 0));
	job_end(&j);
	/* one that is torn is replaced: addresses are others then */
	assert_int_equal(truncate(path, 31), 0);
	upd_offers_done();
	assert_int_equal(upd_offers_init(&update, http_fixture_dir(), NULL), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 32);
	job_start(&j, 9);
	assert_string_not_equal(offered_at(&j, 0), before_it);
	job_end(&j);
}

static void nothing_else_is_there(void **state)
{
	struct job j;
	char path[128];

	(void)state;
	job_start(&j, 10);
	(void)bmc_copy(path, sizeof(path), offered_at(&j, 0));
	assert_int_equal(status_of("GET", "/", ""), 404);
	assert_int_equal(status_of("GET", "/redfish/v1", ""), 404);
	assert_int_equal(status_of("GET", "/image", ""), 404);
	assert_int_equal(status_of("GET", beside(path, ""), ""), 404);
	assert_int_equal(status_of("GET", beside(path, "imag"), ""), 404);
	assert_int_equal(status_of("GET", beside(path, "image/"), ""), 404);
	assert_int_equal(status_of("GET", beside(path, "../x/image"), ""), 404);
	assert_int_equal(status_of("GET", beside(path, "job"), ""), 404);
	assert_int_equal(status_of("PUT", path, "x"), 405);
	assert_int_equal(status_of("DELETE", path, ""), 405);
	assert_int_equal(status_of("DELETE", beside(path, "job"), ""), 405);
	path[32] = path[32] == '0' ? '1' : '0';
	assert_int_equal(status_of("GET", path, ""), 404);
	job_end(&j);
}

static void an_ended_job_s_address_is_gone(void **state)
{
	struct job j;
	char path[128];

	(void)state;
	job_start(&j, 11);
	(void)bmc_copy(path, sizeof(path), offered_at(&j, 0));
	job_end(&j);
	assert_int_equal(status_of("GET", path, ""), 410);
	assert_int_equal(status_of("PUT", beside(path, "state"), "x"), 410);
	job_start(&j, 11);
	(void)offered_at(&j, 0);
	assert_int_equal(status_of("GET", path, ""), 200);
	job_end(&j);
}

/* ---- the image ---- */

static void expect_headers(const struct http_reply *r)
{
	char etag[70] = "\"", value[96];

	bmc_hex(digest, 32, etag + 1);
	(void)strcat(etag, "\"");
	assert_string_equal(http_reply_header(r, "ETag"), etag);
	(void)snprintf(value, sizeof(value), "sha-256=:%s:", digest64);
	assert_string_equal(http_reply_header(r, "Repr-Digest"), value);
	(void)snprintf(value, sizeof(value), "SHA-256=%s", digest64);
	assert_string_equal(http_reply_header(r, "Digest"), value);
	assert_string_equal(http_reply_header(r, "Accept-Ranges"), "bytes");
}

static void the_image_comes_whole_or_in_parts_with_its_digest(void **state)
{
	struct job j;
	char path[128], if_range[160];

	(void)state;
	job_start(&j, 12);
	(void)bmc_copy(path, sizeof(path), offered_at(&j, 0));
	struct http_reply r = ask("GET", path, "", "");
	assert_int_equal(r.status, 200);
	assert_int_equal(r.len, SIZE);
	assert_memory_equal(r.body, bytes, SIZE);
	expect_headers(&r);
	(void)snprintf(if_range, sizeof(if_range),
		       "Range: bytes=1000000-\r\nIf-Range: %s\r\n",
		       http_reply_header(&r, "ETag"));
	http_reply_done(&r);
	r = ask("GET", path, if_range, "");
	assert_int_equal(r.status, 206);
	assert_int_equal(r.len, SIZE - 1000000);
	assert_memory_equal(r.body, bytes + 1000000, r.len);
	expect_headers(&r);
	http_reply_done(&r);
	r = ask("GET", path, "Range: bytes=1000000-\r\nIf-Range: \"other\"\r\n", "");
	assert_int_equal(r.status, 200);
	assert_int_equal(r.len, SIZE);
	http_reply_done(&r);
	r = ask("GET", path, "Range: bytes=6291456-\r\n", "");
	assert_int_equal(r.status, 416);
	assert_string_equal(http_reply_header(&r, "Content-Range"), "bytes */6291456");
	http_reply_done(&r);
	job_end(&j);
}

/* HEAD's answer has no body, so its client is this. */
static void head_says_the_same_without_the_image(void **state)
{
	struct job j;
	char text[2048] = "";
	size_t n = 0;
	ssize_t got;

	(void)state;
	job_start(&j, 13);
	auto_fd int fd = apart(0);
	request(fd, "HEAD", offered_at(&j, 0), "Connection: close\r\n");
	while ((got = recv(fd, text + n, sizeof(text) - 1 - n, 0)) > 0)
		n += (size_t)got;
	assert_int_equal(strncmp(text, "HTTP/1.1 200 ", 13), 0);
	assert_non_null(strstr(text, "Content-Length: 6291456"));
	assert_non_null(strstr(text, "Repr-Digest: sha-256=:"));
	assert_string_equal(strstr(text, "\r\n\r\n"), "\r\n\r\n");
	assert_int_equal(upd_offered(&j.flash[0]), 0);
	job_end(&j);
}

/* ---- what was fetched ---- */

static void expect_offered(const struct bmc_flash *f, int64_t least, int64_t most)
{
	int64_t n = upd_offered(f);

	for (int i = 0; i < 2000 && (n < least || n > most); i++) {
		http_pass(5);
		n = upd_offered(f);
	}
	if (n < least || n > most)
		fail_msg("%lld", (long long)n);
}

static void what_a_board_has_fetched_is_counted(void **state)
{
	struct job j;
	char path[128];

	(void)state;
	job_start(&j, 14);
	(void)bmc_copy(path, sizeof(path), offered_at(&j, 0));
	assert_int_equal(upd_offered(&j.flash[1]), 0);
	(void)offered_at(&j, 1);
	int fd = apart(4096);
	request(fd, "GET", path, "");
	assert_true(http_skip(fd, 1000000));
	/* it has read so much; buffers hold more of it */
	expect_offered(&j.flash[0], 999000, SIZE - 1);
	(void)close(fd);
	http_pass(50);
	expect_offered(&j.flash[0], 999000, SIZE - 1);
	struct http_reply r = ask("GET", path, "Range: bytes=5000000-5999999\r\n", "");
	http_reply_done(&r);
	expect_offered(&j.flash[0], 6000000, 6000000);
	r = ask("GET", path, "Range: bytes=6000000-\r\n", "");
	http_reply_done(&r);
	expect_offered(&j.flash[0], SIZE, SIZE);
	assert_int_equal(upd_offered(&j.flash[1]), 0);
	job_end(&j);
}

static void the_job_s_end_cuts_off_what_is_being_sent(void **state)
{
	struct job j;

	(void)state;
	job_start(&j, 15);
	auto_fd int fd = apart(4096);
	request(fd, "GET", offered_at(&j, 0), "");
	assert_true(http_skip(fd, 100000));
	job_end(&j);
	assert_false(http_skip(fd, SIZE - 100000));
}

static void an_address_has_so_many_fetches_at_a_time(void **state)
{
	struct job j;
	char path[128];
	int fd[4];

	(void)state;
	job_start(&j, 16);
	(void)bmc_copy(path, sizeof(path), offered_at(&j, 0));
	for (size_t i = 0; i < ARRAY_SIZE(fd); i++) {
		fd[i] = apart(4096);
		request(fd[i], "GET", path, "");
		assert_true(http_skip(fd[i], 1000));
	}
	struct http_reply r = ask("GET", path, "", "");
	assert_int_equal(r.status, 503);
	assert_string_equal(http_reply_header(&r, "Retry-After"), "1");
	http_reply_done(&r);
	/* neither the notes nor another board have to wait */
	assert_int_equal(status_of("PUT", beside(path, "state"), "x"), 204);
	r = ask("GET", offered_at(&j, 1), "", "");
	assert_int_equal(r.len, SIZE);
	http_reply_done(&r);
	(void)close(fd[0]);
	for (int i = 0; i < 500 && r.status != 206; i++) {
		http_pass(10);
		r = ask("GET", path, "Range: bytes=0-0\r\n", "");
		http_reply_done(&r);
	}
	assert_int_equal(r.status, 206);
	for (size_t i = 1; i < ARRAY_SIZE(fd); i++)
		(void)close(fd[i]);
	job_end(&j);
}

/* ---- notes ---- */

static void flasher_and_board_leave_each_other_notes(void **state)
{
	struct job j;
	char path[128], buf[64];
	int64_t at = 0, before = bmc_now();

	(void)state;
	job_start(&j, 17);
	assert_int_equal(upd_offer_put(&j.flash[0], "job", "x", 1, NULL), BMC_ESTATE);
	(void)bmc_copy(path, sizeof(path), offered_at(&j, 0));
	assert_int_equal(upd_offer_put(&j.flash[0], "job", "write\n", 6, NULL), 0);
	struct http_reply r = ask("GET", beside(path, "job"), "", "");
	assert_int_equal(r.status, 200);
	assert_string_equal(r.body, "write\n");
	http_reply_done(&r);
	assert_int_equal(upd_offer_get(&j.flash[0], "job", buf, sizeof(buf), NULL),
			 BMC_ENOTFOUND);
	assert_int_equal(upd_offer_get(&j.flash[0], "state", buf, sizeof(buf), &at),
			 BMC_ENOTFOUND);
	assert_int_equal(status_of("PUT", beside(path, "state"), "flashing 40"), 204);
	assert_int_equal(status_of("POST", beside(path, "state"), "done 100"), 204);
	assert_int_equal(upd_offer_get(&j.flash[0], "state", buf, sizeof(buf), &at), 8);
	assert_memory_equal(buf, "done 100", 8);
	assert_true(at >= before && at <= bmc_now());
	memset(buf, 0, sizeof(buf));
	assert_int_equal(upd_offer_get(&j.flash[0], "state", buf, 4, NULL), 8);
	assert_string_equal(buf, "done");
	assert_int_equal(upd_offer_get(&j.flash[1], "state", buf, 4, NULL),
			 BMC_ENOTFOUND);
	job_end(&j);
}

static void notes_have_bounds(void **state)
{
	static char much[BMC_OFFER_SENT_MAX + 2];
	struct job j;
	char path[128], name[] = "log0";

	(void)state;
	memset(much, 'x', sizeof(much) - 1);
	job_start(&j, 18);
	(void)bmc_copy(path, sizeof(path), offered_at(&j, 0));
	assert_int_equal(status_of("PUT", beside(path, "log0"), much), 413);
	assert_int_equal(status_of("PUT", beside(path, "log0"), much + 1), 204);
	assert_int_equal(upd_offer_get(&j.flash[0], "log0", much, 0, NULL),
			 BMC_OFFER_SENT_MAX);
	for (name[3] = '1'; name[3] < '4'; name[3]++)
		assert_int_equal(status_of("PUT", beside(path, name), ""), 204);
	assert_int_equal(status_of("PUT", beside(path, name), ""), 403);
	assert_int_equal(status_of("PUT", beside(path, "log3"), "again"), 204);
	assert_int_equal(upd_offer_put(&j.flash[0], "a", much, 4096, NULL), 0);
	assert_int_equal(upd_offer_put(&j.flash[0], "a", much, 4097, NULL), BMC_EINVAL);
	assert_int_equal(upd_offer_put(&j.flash[0], "", "", 0, NULL), BMC_EINVAL);
	assert_int_equal(upd_offer_put(&j.flash[0], "image", "", 0, NULL), BMC_EINVAL);
	assert_int_equal(upd_offer_put(&j.flash[0], "a/b", "", 0, NULL), BMC_EINVAL);
	assert_int_equal(upd_offer_put(&j.flash[0], ".a", "", 0, NULL), BMC_EINVAL);
	assert_int_equal(upd_offer_put(&j.flash[0], "0123456789012345678901234567890",
				       "", 0, NULL),
			 0);
	assert_int_equal(upd_offer_put(&j.flash[0], "01234567890123456789012345678901",
				       "", 0, NULL),
			 BMC_EINVAL);
	job_end(&j);
}

static int start(void **state)
{
	gnutls_datum_t in = { digest, sizeof(digest) }, out;

	(void)state;
	bytes = malloc(SIZE);
	assert_non_null(bytes);
	for (size_t i = 0; i < SIZE; i++)
		bytes[i] = (char)(i * 7 + i / 4099);
	assert_int_equal(gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes, SIZE, digest), 0);
	assert_int_equal(gnutls_base64_encode2(&in, &out), 0);
	(void)bmc_copy(digest64, sizeof(digest64), (const char *)out.data);
	gnutls_free(out.data);
	network[0].next = &network[1];
	assert_int_equal(upd_offers_init(&update, "/nowhere", NULL), 0);
	http_fixture_start(no_routes);
	upd_offers_done();
	assert_int_equal(upd_offers_init(&update, http_fixture_dir(), NULL), 0);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	http_fixture_stop();
	upd_offers_done();
	free(bytes);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_network_of_boards_it_says_what_to_configure),
		cmocka_unit_test(only_the_address_of_one_interface_is_listened_on),
		cmocka_unit_test(each_board_and_job_has_its_own_address),
		cmocka_unit_test(the_key_of_the_addresses_is_the_daemon_s_own),
		cmocka_unit_test(nothing_else_is_there),
		cmocka_unit_test(an_ended_job_s_address_is_gone),
		cmocka_unit_test(the_image_comes_whole_or_in_parts_with_its_digest),
		cmocka_unit_test(head_says_the_same_without_the_image),
		cmocka_unit_test(what_a_board_has_fetched_is_counted),
		cmocka_unit_test(the_job_s_end_cuts_off_what_is_being_sent),
		cmocka_unit_test(an_address_has_so_many_fetches_at_a_time),
		cmocka_unit_test(flasher_and_board_leave_each_other_notes),
		cmocka_unit_test(notes_have_bounds),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
