// SPDX-License-Identifier: Apache-2.0
/* The place to listen on that has one handler of its own. */
#include "http-fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "core/base/address.h"
#include "http/conn-table.h"

static int answer(struct http_request *q, const char *text)
{
	http_answer(q, 200, http_response_new(text, strlen(text), HTTP_COPIED, false));
	return HTTP_DONE;
}

static int begin(struct http_request *q)
{
	q->authenticated = true;
	return HTTP_DONE;
}

static int run_apart(struct http_request *q)
{
	return answer(q, "apart");
}

static int run_main(struct http_request *q)
{
	return answer(q, "main");
}

static const struct http_handler apart = { .begin = begin, .run = run_apart },
				 others = { .begin = begin, .run = run_main };

static struct http_reply ask_apart(const char *request)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons(
					 (uint16_t)http_apart_port(HTTP_FOR_BOARDS)),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval timeout = { .tv_sec = 20 };
	auto_fd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	assert_true(http_say(fd, request));
	return http_receive(fd);
}

static void its_handler_has_every_path(void **state)
{
	static const char *const paths[] = { "/", "/main", "/redfish/v1", "/x/y" };

	(void)state;
	assert_int_not_equal(http_apart_port(HTTP_FOR_BOARDS), 0);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		char request[128];
		(void)snprintf(request, sizeof(request),
			       "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", paths[i]);
		struct http_reply r = ask_apart(request);
		assert_int_equal(r.status, 200);
		assert_string_equal(r.body, "apart");
		http_reply_done(&r);
	}
}

static void the_other_listeners_do_not_have_it(void **state)
{
	(void)state;
	struct http_reply r = http_ask("GET /main", "", "");

	assert_string_equal(r.body, "main");
	http_reply_done(&r);
	r = http_ask("GET /x", "", "");
	assert_int_equal(r.status, 404);
	http_reply_done(&r);
}

static void a_bad_request_is_not_refused_by_other_handlers(void **state)
{
	(void)state;
	struct http_reply r =
		ask_apart("GET /main HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n");

	assert_int_equal(r.status, 400);
	http_reply_done(&r);
}

/* A frontend's last slots are for peers that it has authenticated, no others. */
static void its_clients_are_no_trusted_ones_elsewhere(void **state)
{
	struct in6_addr loopback = bmc_address_client_of("127.0.0.1");

	(void)state;
	struct http_reply r = ask_apart("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	http_reply_done(&r);
	(void)pthread_mutex_lock(&http_conns.lock);
	bool trusted = http_trusted_find(&http_conns.trusted, &loopback, bmc_now());
	(void)pthread_mutex_unlock(&http_conns.lock);
	assert_false(trusted);
	r = http_ask("GET /main", "", "");
	http_reply_done(&r);
	(void)pthread_mutex_lock(&http_conns.lock);
	trusted = http_trusted_find(&http_conns.trusted, &loopback, bmc_now());
	(void)pthread_mutex_unlock(&http_conns.lock);
	assert_true(trusted);
}

static void what_is_no_address_is_refused(void **state)
{
	struct bmc_error err = { 0 };

	(void)state;
	assert_int_equal(http_listen_apart(HTTP_FOR_BOARDS, "eth0", 1, &apart, &err),
			 BMC_EINVAL);
	assert_non_null(strstr(err.what, "eth0"));
	assert_int_equal(http_listen_apart(HTTP_FOR_BOARDS, "", 1, &apart, &err),
			 BMC_EINVAL);
}

/* The boards' network may come up after the daemon. */
static void an_address_that_is_not_there_yet_is_listened_on(void **state)
{
	static const struct http_route_entry routes[] = { { NULL, NULL } };

	(void)state;
	http_fixture_stop();
	assert_int_equal(
		http_listen_apart(HTTP_FOR_BOARDS, "192.0.2.77", 0, &apart, NULL), 0);
	http_fixture_start(routes);
	assert_int_not_equal(http_apart_port(HTTP_FOR_BOARDS), 0);
	http_fixture_stop();
	assert_int_equal(http_listen_apart(HTTP_FOR_BOARDS, NULL, 0, NULL, NULL), 0);
	http_fixture_start(routes);
	assert_int_equal(http_apart_port(HTTP_FOR_BOARDS), 0);
}

static int start(void **state)
{
	static const struct http_route_entry routes[] = { { "/main", &others },
							  { NULL, NULL } };

	(void)state;
	assert_int_equal(
		http_listen_apart(HTTP_FOR_BOARDS, "127.0.0.1", 0, &apart, NULL), 0);
	http_fixture_start(routes);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	http_fixture_stop();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(its_handler_has_every_path),
		cmocka_unit_test(its_clients_are_no_trusted_ones_elsewhere),
		cmocka_unit_test(the_other_listeners_do_not_have_it),
		cmocka_unit_test(a_bad_request_is_not_refused_by_other_handlers),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(an_address_that_is_not_there_yet_is_listened_on),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
