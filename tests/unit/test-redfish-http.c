// SPDX-License-Identifier: Apache-2.0
/* The server itself, over real sockets on loopback: what is refused before a body is
 * read, what keeps a connection, who is shown the door. The client is a thread; the
 * main thread runs the loop, as in the daemon. */
#include "redfish-fixture.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/conn.h"
#include "http/http.h"
#include "redfish/redfish.h"

#define LOGIN "Authorization: Basic YWRtaW46YWRtaW4tcHc=\r\n" /* admin:admin-pw */

static char folder[] = "/tmp/redfish-http-XXXXXX";
static unsigned plain_port;

/* A port that was free a moment ago. */
static unsigned free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	auto_fd int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	return ntohs(a.sin_port);
}

static struct bmc_conf keys[] = {
	{ .key = "https_port", .text = "" },
	{ .key = "http_port", .text = "" },
	{ .key = "request_timeout", .text = "", .num = 1500 },
	{ .key = "idle_timeout", .text = "", .num = 3000 },
	{ .key = "bind", .text = "127.0.0.1" },
	{ .key = "threads", .text = "", .num = 2 },
	{ .key = "max_connections", .text = "", .num = 256 },
	{ .key = "max_connections_per_address", .text = "", .num = 64 },
	{ .key = "max_header", .text = "", .num = 8192 },
	{ .key = "max_body", .text = "", .num = 65536 },
};
static struct bmc_conf section = { .child = keys };

static int start(void **state)
{
	struct bmc_error err = { 0 };

	assert_int_equal(rf_fixture_set_up(state), 0);
	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i + 1 < ARRAY_SIZE(keys); i++)
		keys[i].next = &keys[i + 1];
	keys[0].num = free_port();
	keys[1].num = free_port();
	rf_init();
	if (http_start(&section, folder, &err) != 0)
		fail_msg("%s", err.what);
	plain_port = http_port(false);
	assert_int_equal(plain_port, keys[1].num);
	assert_int_equal(http_port(true), keys[0].num);
	return 0;
}

static int stop(void **state)
{
	char command[64];

	http_stop();
	rf_done();
	assert_int_equal(http_port(true), 0);
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	assert_int_equal(system(command), 0);
	return rf_fixture_tear_down(state);
}

/* ---- a client ---- */

struct talk {
	const char *send;
	size_t filler; /* bytes of 'x' after it */
	char got[8192];
	size_t len;
	_Atomic bool over;
};

static int connect_to(unsigned port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval retry_deadline = { .tv_sec = 10 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &retry_deadline,
			 sizeof(retry_deadline));
	return connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0 ? fd : -1;
}

static void *talk(void *arg)
{
	struct talk *t = arg;
	auto_fd int fd = connect_to(plain_port);
	ssize_t n = send(fd, t->send, strlen(t->send), MSG_NOSIGNAL);

	for (size_t i = 0; i < t->filler && n > 0; i++)
		n = send(fd, "xxxxxxxx", 8, MSG_NOSIGNAL);
	while (t->len < sizeof(t->got) - 1 &&
	       (n = recv(fd, t->got + t->len, sizeof(t->got) - 1 - t->len, 0)) > 0)
		t->len += (size_t)n;
	t->over = true;
	return NULL;
}

static bool is_over(void *arg)
{
	return ((struct talk *)arg)->over;
}

/* Sends, and gathers all that comes until the server closes. */
static void exchange(struct talk *t)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, talk, t), 0);
	assert_true(fixture_until(is_over, t));
	assert_int_equal(pthread_join(thread, NULL), 0);
	t->got[t->len] = 0;
}

static void expect(const char *send, const char *status)
{
	struct talk t = { .send = send };

	exchange(&t);
	if (strncmp(t.got, "HTTP/1.1 ", 9) != 0 || strncmp(t.got + 9, status, 3) != 0)
		fail_msg("%s\ngot %s", send, t.got);
}

#define END "Host: x\r\nConnection: close\r\n\r\n"

static void requests_are_answered(void **state)
{
	(void)state;
	expect("GET /redfish/v1 HTTP/1.1\r\n" END, "200");
	expect("HEAD /redfish/v1/ HTTP/1.1\r\n" END, "200");
	expect("GET /redfish/v1/Systems HTTP/1.1\r\n" END, "401");
	expect("GET /redfish/v1/Systems HTTP/1.1\r\n" LOGIN END, "200");
	expect("GET /redfish/v1/Systems?$top=1&$skip=1 HTTP/1.1\r\n" LOGIN END, "200");
	expect("GET /redfish/v1/Systems?$a=1&$b=1&$c&$d&$e&$f&$g&$h&$i&$j "
	       "HTTP/1.1\r\n" LOGIN END,
	       "501");
	expect("GET /redfish/v1/%00x HTTP/1.1\r\n" LOGIN END, "404");
	expect("GET /redfish/v1/%ff%fe HTTP/1.1\r\n" LOGIN END, "404");
	expect("GET /redfish/v1/Systems?$top=%ff HTTP/1.1\r\n" LOGIN END, "400");
	expect("PATCH /redfish/v1/Systems/sub1-01 HTTP/1.1\r\n" LOGIN
	       "Content-Type: application/json\r\nContent-Length: 16\r\n" END
	       "{\"AssetTag\":\"ab\"}",
	       "400"); /* one byte short: no JSON */
	expect("PATCH /redfish/v1/Systems/sub1-01 HTTP/1.1\r\n" LOGIN
	       "Content-Type: application/json\r\nContent-Length: 17\r\n" END
	       "{\"AssetTag\":\"ab\"}",
	       "200");
	expect("OPTIONS /redfish/v1/Systems/sub1-01 HTTP/1.1\r\n" LOGIN END, "204");
}

static void password_that_is_not_remembered_is_asked_about_first(void **state)
{
	(void)state;
	rf_fixture.cached = false;
	expect("GET /redfish/v1/Systems HTTP/1.1\r\n" LOGIN END, "200");
	expect("POST /redfish/v1/SessionService/Sessions HTTP/1.1\r\n"
	       "Content-Type: application/json\r\nContent-Length: 42\r\n" END
	       "{\"UserName\":\"admin\",\"Password\":\"admin-pw\"}",
	       "201");
	rf_fixture.cached = true;
}

static void action_answers_when_its_task_is_there(void **state)
{
	struct talk t = {
		.send = "POST /redfish/v1/Systems/sub1-01/Actions/ComputerSystem.Reset "
			"HTTP/1.1\r\n" LOGIN
			"Content-Type: application/json\r\nContent-Length: 26\r\n" END
			"{\"ResetType\":\"PowerCycle\"}"
	};

	(void)state;
	exchange(&t);
	assert_int_equal(strncmp(t.got, "HTTP/1.1 202", 12), 0);
	assert_non_null(
		strstr(t.got, "\r\nLocation: /redfish/v1/TaskService/TaskMonitors/"));
	assert_non_null(strstr(t.got, "\r\nRetry-After: 1\r\n"));
	fixture_pass(500);
}

static void bodies_have_bounds(void **state)
{
	(void)state;
	expect("POST /redfish/v1/Systems HTTP/1.1\r\nContent-Length: 5000\r\n" END,
	       "413");
	expect("POST /redfish/v1/Systems HTTP/1.1\r\n" LOGIN
	       "Content-Length: 999999\r\n" END,
	       "413");
	expect("POST /redfish/v1/Systems HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" END
	       "0\r\n\r\n",
	       "401");
	expect("PATCH /redfish/v1/Systems/sub1-01 HTTP/1.1\r\n" LOGIN
	       "Content-Type: application/json\r\n"
	       "Transfer-Encoding: chunked\r\n" END
	       "5\r\n{\"Ass\r\nc\r\netTag\":\"ab\"}\r\n0\r\n\r\n",
	       "200");
}

static void headers_have_bounds(void **state)
{
	struct talk t = { .send = "GET /redfish/v1 HTTP/1.1\r\nHost: x\r\nX-Long: ",
			  .filler = 20000 };
	static char long_header[9100];

	(void)state;
	exchange(&t);
	assert_true(t.len == 0 || strncmp(t.got, "HTTP/1.1 4", 10) == 0);
	(void)snprintf(long_header, sizeof(long_header),
		       "GET /redfish/v1 HTTP/1.1\r\nX-Long: %08500d\r\n" END, 0);
	expect(long_header, "431");
}

static void set_num(const char *key, int64_t num)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (strcmp(keys[i].key, key) == 0)
			keys[i].num = num;
	}
}

/* What the schema says of the two: restart, and live. */
static void reload_changes_the_bound_of_bodies_only(void **state)
{
	static const char body[] = "POST /redfish/v1/Systems HTTP/1.1\r\n" LOGIN
				   "Content-Length: 70000\r\n" END;
	static char header[9100];

	(void)state;
	(void)snprintf(header, sizeof(header),
		       "GET /redfish/v1 HTTP/1.1\r\nX-Long: %08500d\r\n" END, 0);
	set_num("max_header", 16384);
	set_num("max_body", 60000);
	http_reload(&section);
	expect(header, "431");
	expect("POST /redfish/v1/Systems HTTP/1.1\r\n" LOGIN
	       "Content-Length: 60001\r\n" END,
	       "413");
	set_num("max_header", 8192);
	set_num("max_body", 65536);
	http_reload(&section);
	expect(body, "413");
}

static void cached_answer_keeps_its_connection(void **state)
{
	struct talk t = {
		.send = "GET /redfish/v1 HTTP/1.1\r\nHost: x\r\n\r\n"
			"GET /redfish/v1 HTTP/1.1\r\nHost: x\r\n\r\n"
			"GET /redfish/v1 HTTP/1.1\r\nIf-None-Match: *\r\n" END
	};

	(void)state;
	exchange(&t);
	char *second = strstr(t.got + 5, "HTTP/1.1 200");
	assert_non_null(second);
	assert_non_null(strstr(second, "HTTP/1.1 304"));
	assert_non_null(strstr(t.got, "\r\nETag: \""));
	assert_non_null(strstr(t.got, "\r\nOData-Version: 4.0\r\n"));
	assert_non_null(strstr(t.got, "\r\nAllow: GET, HEAD\r\n"));
	assert_non_null(strstr(t.got, "\r\nLink: </redfish/v1/JsonSchemas/"));
}

static void slow_and_idle_clients_are_shown_the_door(void **state)
{
	struct talk
		half = { .send = "GET /redfish/v1 HT" },
		none = { .send = "" },
		body = { .send = "POST /redfish/v1/SessionService/Sessions "
				 "HTTP/1.1\r\nHost: x\r\n"
				 "Content-Length: 100\r\n\r\n{" },
		idle = { .send = "GET /redfish/v1 HTTP/1.1\r\nHost: x\r\n\r\n" },
		next = {
			.send = "GET /redfish/v1 HTTP/1.1\r\nHost: x\r\n\r\nGET /red"
		};

	(void)state;
	exchange(&half);
	assert_int_equal(half.len, 0);
	exchange(&none);
	assert_int_equal(none.len, 0);
	exchange(&body);
	exchange(&idle);
	assert_true(idle.len > 0);
	exchange(&next);
	assert_true(next.len > 0);
}

static bool is_closed(void *arg)
{
	char bytes[512];
	ssize_t n;

	while ((n = recv(*(int *)arg, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		;
	return n == 0;
}

static bool has_bytes(void *arg)
{
	char byte;

	return recv(*(int *)arg, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 1;
}

static int ask(const char *request)
{
	int fd = connect_to(plain_port);

	assert_true(fd >= 0);
	assert_int_equal(send(fd, request, strlen(request), 0),
			 (ssize_t)strlen(request));
	return fd;
}

/* Four slots: the fourth connection ends the oldest that has no complete request. */
static void oldest_connection_without_a_request_makes_room(void **state)
{
	const struct http_limits few = { .header_ms = 60000,
					 .interval_ms = 60000,
					 .idle_ms = 60000,
					 .connections = 4,
					 .per_ip = 100 };
	int fds[6];

	(void)state;
	http_conns_init(&few);
	fds[0] = ask("GET /redfish/v1/Systems HTTP/1.1\r\nHost: x\r\n" LOGIN "\r\n");
	assert_true(fixture_until(has_bytes, &fds[0]));
	fds[1] = ask("GET /redfish/v1 HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_true(fixture_until(has_bytes, &fds[1]));
	for (size_t i = 2; i < ARRAY_SIZE(fds); i++) {
		fds[i] = ask("GET /redfish/v1 HTTP/1.1\r\n");
		fixture_pass(50);
	}
	for (size_t i = 1; i < 4; i++) {
		assert_true(fixture_until(is_closed, &fds[i]));
	}
	for (size_t i = 4; i < ARRAY_SIZE(fds); i++)
		assert_false(is_closed(&fds[i]));
	assert_false(is_closed(&fds[0])); /* an authenticated client's */
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		(void)close(fds[i]);
}

static bool none_left(void *arg)
{
	(void)arg;
	return http_conns_count() == 0;
}

static void address_has_its_limit_and_closed_ones_do_not_count(void **state)
{
	const struct http_limits few = { .header_ms = 60000,
					 .interval_ms = 60000,
					 .idle_ms = 60000,
					 .connections = 100,
					 .per_ip = 3 };
	int fds[4];

	(void)state;
	assert_true(fixture_until(none_left, NULL));
	http_conns_init(&few);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
			fds[i] = connect_to(plain_port);
		assert_true(fixture_until(is_closed, &fds[3]));
		for (size_t i = 0; i < 3; i++)
			assert_false(is_closed(&fds[i]));
		for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
			(void)close(fds[i]);
		assert_true(fixture_until(none_left, NULL));
	}
}

/* libmicrohttpd closes what it has no memory for, and says nothing. */
static void lost_connection_is_not_counted_for_ever(void **state)
{
	struct sockaddr_in from = { .sin_family = AF_INET };

	(void)state;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_non_null(http_conn_admit(fd, false, (struct sockaddr *)&from));
	fixture_pass(3200);
	assert_int_equal(http_conns_count(), 1); /* open: it may be begun with yet */
	(void)close(fd);
	assert_true(fixture_until(none_left, NULL));

	/* also when something else has its number now */
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_non_null(http_conn_admit(fd, false, (struct sockaddr *)&from));
	int other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(dup3(other, fd, O_CLOEXEC), fd);
	(void)close(other);
	assert_true(fixture_until(none_left, NULL));
	(void)close(fd);

	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_non_null(http_conn_admit(fd, false, (struct sockaddr *)&from));
	struct http_conn *again = http_conn_admit(fd, false, (struct sockaddr *)&from);
	assert_non_null(again); /* the same number: the first one is gone */
	assert_int_equal(http_conns_count(), 1);
	http_conn_free(again);
	(void)close(fd);
}

/* ---- slots, without a server ---- */

struct slot {
	int fd, peer; /* a pair of sockets */
	struct http_conn *c;
};

static struct slot admit(uint32_t address)
{
	struct sockaddr_in from = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(address) };
	struct slot s;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	s = (struct slot){ .fd = ends[0], .peer = ends[1] };
	s.c = http_conn_admit(s.fd, false, (const struct sockaddr *)&from);
	if (s.c)
		assert_ptr_equal(http_conn_started(s.fd), s.c);
	return s;
}

static void leave(struct slot *s)
{
	http_conn_free(s->c);
	(void)close(s->fd);
	(void)close(s->peer);
}

static void busy(struct slot *s, bool known)
{
	http_conn_headers(s->c, false);
	http_conn_known(s->c, known);
}

static void use_16_slots(void)
{
	const struct http_limits few = { .header_ms = 60000,
					 .interval_ms = 60000,
					 .idle_ms = 60000,
					 .connections = 16,
					 .per_ip = 16 };

	assert_true(fixture_until(none_left, NULL));
	http_conns_init(&few);
}

static void eighth_of_the_slots_is_for_trusted_addresses(void **state)
{
	enum { TRUSTED = 0x0a000001, OTHER = 0x0a000002 };
	struct slot s[17];

	(void)state;
	use_16_slots();
	s[0] = admit(TRUSTED);
	busy(&s[0], true);
	for (size_t i = 1; i < 14; i++) {
		s[i] = admit(OTHER);
		assert_non_null(s[i].c);
		busy(&s[i], false);
	}
	s[16] = admit(OTHER);
	assert_null(s[16].c);
	leave(&s[16]);
	for (size_t i = 14; i < 16; i++) {
		s[i] = admit(TRUSTED);
		assert_non_null(s[i].c);
		busy(&s[i], true);
	}
	s[16] = admit(TRUSTED);
	assert_null(s[16].c);
	for (size_t i = 0; i < ARRAY_SIZE(s); i++)
		leave(&s[i]);
	assert_int_equal(http_conns_count(), 0);
}

static void untrusted_waiting_connections_end_first(void **state)
{
	enum { TRUSTED = 0x0a000003, OTHER = 0x0a000004, NEW = 0x0a000005 };
	struct slot s[12], more[4];

	(void)state;
	use_16_slots();
	s[0] = admit(TRUSTED); /* authenticated, and idle now */
	busy(&s[0], true);
	http_conn_idle(s[0].c);
	s[1] = admit(TRUSTED); /* waiting */
	for (size_t i = 2; i < ARRAY_SIZE(s); i++) {
		s[i] = admit(OTHER);
		if (i > 3)
			busy(&s[i], false);
	}
	/* first the two of OTHER that wait, then the trusted one, then the idle one */
	static const size_t order[] = { 2, 3, 1, 0 };
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		assert_false(is_closed(&s[order[i]].peer));
		more[i] = admit(NEW);
		assert_non_null(more[i].c);
		busy(&more[i], false);
		assert_true(is_closed(&s[order[i]].peer));
	}
	for (size_t i = 0; i < ARRAY_SIZE(more); i++)
		leave(&more[i]);
	for (size_t i = 0; i < ARRAY_SIZE(s); i++)
		leave(&s[i]);
	assert_int_equal(http_conns_count(), 0);
}

static void second_server_on_the_same_port_says_so(void **state)
{
	static struct bmc_conf bad = { .key = "bind", .text = "nowhere" };
	static struct bmc_conf port = {
		.key = "https_port", .text = "", .num = 1, .next = &bad
	};
	static struct bmc_conf other = { .child = &port };
	struct bmc_error err = { 0 };

	(void)state;
	http_stop();
	assert_int_equal(http_start(&other, folder, &err), BMC_EINVAL);
	assert_non_null(strstr(err.what, "nowhere"));
	auto_fd int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons((uint16_t)keys[1].num),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int yes = 1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(http_start(&section, folder, &err), BMC_EIO);
}

static bool is_abandoned(void *arg)
{
	(void)arg;
	return rf_fixture.abandoned > 0;
}

static void login_whose_client_has_gone_is_given_up(void **state)
{
	static const char text[] = "GET /redfish/v1/Systems HTTP/1.1\r\n" LOGIN END;
	int fd = connect_to(plain_port);
	unsigned checks = rf_fixture.checks;

	(void)state;
	rf_fixture.cached = false;
	rf_fixture.mute = true;
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
	fixture_pass(1000); /* two ticks: it is there still */
	assert_int_equal(rf_fixture.checks, checks + 1);
	assert_int_equal(rf_fixture.abandoned, 0);
	(void)close(fd);
	assert_true(fixture_until(is_abandoned, NULL));
	rf_fixture.mute = false;
	expect("GET /redfish/v1/Systems HTTP/1.1\r\n" LOGIN END, "200");
	rf_fixture.cached = true;
}

static void stop_answers_who_still_waits(void **state)
{
	struct talk t = { .send = "GET /redfish/v1/Systems HTTP/1.1\r\n" LOGIN END };
	pthread_t thread;

	(void)state;
	rf_fixture.cached = false;
	rf_fixture.mute = true;
	assert_int_equal(pthread_create(&thread, NULL, talk, &t), 0);
	fixture_pass(300);
	assert_false(t.over);
	http_stop();
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(t.len == 0 || strncmp(t.got, "HTTP/1.1 503", 12) == 0);
	rf_fixture.cached = true;
	rf_fixture.mute = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_answered),
		cmocka_unit_test(password_that_is_not_remembered_is_asked_about_first),
		cmocka_unit_test(action_answers_when_its_task_is_there),
		cmocka_unit_test(bodies_have_bounds),
		cmocka_unit_test(headers_have_bounds),
		cmocka_unit_test(cached_answer_keeps_its_connection),
		cmocka_unit_test(slow_and_idle_clients_are_shown_the_door),
		cmocka_unit_test(oldest_connection_without_a_request_makes_room),
		cmocka_unit_test(address_has_its_limit_and_closed_ones_do_not_count),
		cmocka_unit_test(lost_connection_is_not_counted_for_ever),
		cmocka_unit_test(reload_changes_the_bound_of_bodies_only),
		cmocka_unit_test(login_whose_client_has_gone_is_given_up),
		cmocka_unit_test(eighth_of_the_slots_is_for_trusted_addresses),
		cmocka_unit_test(untrusted_waiting_connections_end_first),
		cmocka_unit_test(stop_answers_who_still_waits),
		cmocka_unit_test(second_server_on_the_same_port_says_so),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
