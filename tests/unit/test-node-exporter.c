// SPDX-License-Identifier: Apache-2.0
/* The plugin node_exporter against an exporter on loopback that does all it should not,
 * and against Prometheus' own where that is installed. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../plugins/node_exporter/fetch.h"
#include "plugin-fixture.h"

extern const struct bmc_plugin bmc_plugin_node_exporter;
extern char **environ;

#define OK_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
#define BOARD_A "sub1"

/* ---- an exporter of our own ---- */

struct server {
	int fd, port, requests;
	void (*answer)(int fd);
	pthread_t thread;
};

static void *serve(void *arg)
{
	struct server *s = arg;

	for (int fd; (fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0; close(fd)) {
		char request[2000];

		s->requests++;
		if (recv(fd, request, sizeof(request), 0) > 0)
			s->answer(fd);
	}
	return NULL;
}

static void server_start(struct server *s, void (*answer)(int fd))
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);

	s->answer = answer;
	s->requests = 0;
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(s->fd, 10), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&a, &len), 0);
	s->port = ntohs(a.sin_port);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void server_stop(struct server *s)
{
	(void)shutdown(s->fd, SHUT_RDWR);
	(void)pthread_join(s->thread, NULL);
	close(s->fd);
}

static void say(int fd, const char *text)
{
	(void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

/* Says it again until the peer goes. */
static void say_endlessly(int fd, const char *text)
{
	while (send(fd, text, strlen(text), MSG_NOSIGNAL) > 0)
		;
}

static void wait_for_the_end(int fd)
{
	char c;

	while (recv(fd, &c, 1, 0) > 0)
		;
}

/* ---- a plugin that looks there ---- */

static struct fixture *fixture_at(const char *url, const char *more)
{
	static char platform[1000];
	const struct fixture_conf conf = { &bmc_plugin_node_exporter, platform,
					   "{bytes: 10000, lines: 100}" };

	(void)snprintf(platform, sizeof(platform),
		       "platform: test\nchassis:\n  - {id: enclosure}\nboards:\n"
		       "  - {id: " BOARD_A ", node_exporter: {url: '%s'}}\n%s",
		       url, more);
	return fixture_new(&conf);
}

static struct fixture *fixture_for(const struct server *s)
{
	char url[100];

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/metrics", s->port);
	return fixture_at(url, "  - {id: sub2}\n");
}

static const struct bmc_board *row(const struct fixture *r)
{
	const struct bmc_board *b = FIXTURE_BOARD(r, BOARD_A);

	assert_non_null(b);
	return b;
}

static void say_memory(int fd)
{
	say(fd, OK_HEAD "node_memory_MemTotal_bytes 1000\n");
}

static void a_board_shows_what_its_exporter_says(void **state)
{
	struct server s;
	struct fixture *r;

	(void)state;
	server_start(&s, say_memory);
	r = fixture_for(&s);
	assert_int_equal(fixture_probe(r, BOARD_A, 5000), BMC_OK);
	assert_int_equal(row(r)->memory_bytes, 1000);
	assert_int_equal(row(r)->cpu_load, BMC_UNKNOWN);
	assert_int_equal(fixture_probe(r, "sub2", 5000), BMC_ENOTSUP);
	assert_null(FIXTURE_BOARD(r, "sub2"));
	assert_int_equal(s.requests, 1);
	server_stop(&s);
	fixture_free(r);
}

static void readings_are_unknown_when_the_exporter_is_gone(void **state)
{
	struct server s;
	struct fixture *r;

	(void)state;
	server_start(&s, say_memory);
	r = fixture_for(&s);
	assert_int_equal(fixture_probe(r, BOARD_A, 5000), BMC_OK);
	assert_int_equal(row(r)->memory_bytes, 1000);
	server_stop(&s);
	assert_int_equal(fixture_probe(r, BOARD_A, 5000), BMC_EIO);
	assert_int_equal(row(r)->memory_bytes, BMC_UNKNOWN);
	fixture_free(r);
}

/* ---- bad exporters ---- */

static void say_nothing(int fd)
{
	wait_for_the_end(fd);
}

static void say_slowly(int fd)
{
	say(fd, OK_HEAD "node_memory_MemTotal_bytes 1000\n");
	for (int i = 0; i < 1000 && send(fd, "#", 1, MSG_NOSIGNAL) == 1; i++)
		(void)poll(NULL, 0, 10);
}

static void say_lines(int fd)
{
	say(fd, OK_HEAD);
	say_endlessly(fd, "node_memory_MemTotal_bytes 1000\n");
}

static void say_one_line(int fd)
{
	say(fd, OK_HEAD "node_memory_MemTotal_bytes 1000\n");
	say_endlessly(fd, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
}

static void say_headers(int fd)
{
	say(fd, "HTTP/1.1 200 OK\r\n");
	say_endlessly(fd, "X: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n");
}

static void say_continue(int fd)
{
	say_endlessly(fd, "HTTP/1.1 100 Continue\r\n\r\n");
}

static void say_too_many_lines(int fd)
{
	say(fd, OK_HEAD "node_memory_MemTotal_bytes 1000\n");
	for (int i = 0; i < 100; i++)
		say(fd, "a 1\n");
}

static void say_length(int fd)
{
	say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
		"node_memory_MemTotal_bytes 1000\n");
}

static void say_half_a_line(int fd)
{
	say(fd, OK_HEAD "node_memory_MemTotal_bytes 1000\nnode_memory_MemAvail");
}

static void say_error(int fd)
{
	say(fd, "HTTP/1.1 500 No\r\n\r\nnode_memory_MemTotal_bytes 1000\n");
}

static void say_no_http(int fd)
{
	say(fd, "node_memory_MemTotal_bytes 1000\n");
}

static void say_web_page(int fd)
{
	say(fd, OK_HEAD "<html>\n<a>\n");
}

static const struct {
	const char *name;
	void (*answer)(int fd);
	int code;
} bad[] = {
	{ "never answers", say_nothing, BMC_ETIMEDOUT },
	{ "a byte at a time", say_slowly, BMC_ETIMEDOUT },
	{ "endless lines", say_lines, BMC_ENOSPC },
	{ "an endless line", say_one_line, BMC_ENOSPC },
	{ "endless headers", say_headers, BMC_ENOSPC },
	{ "100 Continue without an end", say_continue, BMC_ENOSPC },
	{ "a line too many", say_too_many_lines, BMC_ENOSPC },
	{ "less than it promised", say_length, BMC_EIO },
	{ "half a line", say_half_a_line, BMC_EIO },
	{ "an error", say_error, BMC_EIO },
	{ "no HTTP", say_no_http, BMC_EIO },
	{ "another page", say_web_page, BMC_EIO },
};

static void a_bad_exporter_fails_within_the_deadline_and_shows_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct server s;
		struct fixture *r;
		int64_t ms = bad[i].code == BMC_ETIMEDOUT ? 300 : 20000, begin;

		server_start(&s, bad[i].answer);
		r = fixture_for(&s);
		begin = fixture_now(r);
		int code = fixture_probe(r, BOARD_A, ms);
		if (code != bad[i].code)
			fail_msg("%s: %d, %s", bad[i].name, code, fixture_error(r));
		assert_true(strstr(fixture_error(r), BOARD_A ":") == fixture_error(r));
		assert_true(fixture_now(r) - begin < ms + 10000);
		assert_int_equal(row(r)->memory_bytes, BMC_UNKNOWN);
		server_stop(&s);
		fixture_free(r);
	}
}

static int elsewhere;

static void say_go_elsewhere(int fd)
{
	char text[200];

	(void)snprintf(text, sizeof(text),
		       "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/\r\n"
		       "Content-Length: 0\r\n\r\n",
		       elsewhere);
	say(fd, text);
}

static void a_redirect_is_not_followed_and_a_proxy_not_used(void **state)
{
	struct server other, s;
	struct fixture *r;
	char proxy[100];

	(void)state;
	server_start(&other, say_memory);
	elsewhere = other.port;
	(void)snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", other.port);
	assert_int_equal(setenv("http_proxy", proxy, 1), 0);
	assert_int_equal(setenv("ALL_PROXY", proxy, 1), 0);
	server_start(&s, say_go_elsewhere);
	r = fixture_for(&s);
	assert_int_equal(fixture_probe(r, BOARD_A, 5000), BMC_EIO);
	assert_non_null(strstr(fixture_error(r), "302"));
	assert_int_equal(s.requests, 1);
	assert_int_equal(other.requests, 0);
	(void)unsetenv("http_proxy");
	(void)unsetenv("ALL_PROXY");
	server_stop(&s);
	server_stop(&other);
	fixture_free(r);
}

static void urls_other_than_http_to_an_address_are_refused(void **state)
{
	static const char *const urls[] = {
		"https://127.0.0.1/",      "file:///etc/passwd",
		"http://localhost:9100/",  "http://127.0.0.1:x/",
		"http://u:p@127.0.0.1/",   "http://127.0.0.1/#a",
		"HTTP://127.0.0.1/",       "http://[::1%25lo]/",
		"http:///metrics",         "127.0.0.1:9100/metrics",
		"http://127.0.0.1:99999/",
	};
	struct bmc_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		if (ne_url_check(urls[i], &err) != BMC_EINVAL)
			fail_msg("%s", urls[i]);
	}
	assert_int_equal(ne_url_check("http://10.0.0.1:9100/metrics", &err), BMC_OK);
	assert_int_equal(ne_url_check("http://[fd00::1]/metrics?a=b", &err), BMC_OK);
}

/* ---- Prometheus' own ---- */

#define EXPORTER "/usr/bin/prometheus-node-exporter"

static pid_t exporter_start(int port)
{
	static char listen[60];
	char *const words[] = { (char *)(uintptr_t)EXPORTER,
				listen,
				(char *)(uintptr_t) "--collector.disable-defaults",
				(char *)(uintptr_t) "--collector.cpu",
				(char *)(uintptr_t) "--collector.meminfo",
				(char *)(uintptr_t) "--collector.filesystem",
				(char *)(uintptr_t) "--collector.uname",
				(char *)(uintptr_t) "--collector.os",
				(char *)(uintptr_t) "--collector.stat",
				(char *)(uintptr_t) "--collector.time",
				(char *)(uintptr_t) "--collector.thermal_zone",
				(char *)(uintptr_t) "--log.level=error",
				NULL };
	pid_t pid;

	(void)snprintf(listen, sizeof(listen), "--web.listen-address=127.0.0.1:%d",
		       port);
	assert_int_equal(posix_spawn(&pid, EXPORTER, NULL, NULL, words, environ), 0);
	return pid;
}

/* A port that was free just now. */
static int free_port(void)
{
	struct server s;

	server_start(&s, say_nothing);
	server_stop(&s);
	return s.port;
}

static void prometheus_own_exporter_is_understood(void **state)
{
	char url[100];
	struct fixture *r;
	int port = free_port(), code = BMC_EIO;
	pid_t pid;

	(void)state;
	if (access(EXPORTER, X_OK) != 0) {
		print_message("# %s is not installed: left out\n", EXPORTER);
		return;
	}
	pid = exporter_start(port);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/metrics", port);
	static char platform[300];
	const struct fixture_conf conf = { &bmc_plugin_node_exporter, platform, NULL };
	(void)snprintf(platform, sizeof(platform),
		       "platform: test\nchassis:\n  - {id: enclosure}\nboards:\n"
		       "  - {id: " BOARD_A ", node_exporter: {url: '%s'}}\n",
		       url);
	r = fixture_new(&conf);
	for (int i = 0; i < 300 && code; i++) {
		(void)poll(NULL, 0, 100);
		code = fixture_probe(r, BOARD_A, 20000);
	}
	assert_int_equal(code, BMC_OK);
	assert_int_equal(row(r)->cpu_load, BMC_UNKNOWN);
	(void)poll(NULL, 0, 200);
	assert_int_equal(fixture_probe(r, BOARD_A, 20000), BMC_OK);
	assert_in_range(row(r)->cpu_load, 0, 100000);
	assert_int_equal(row(r)->cpu_cores, sysconf(_SC_NPROCESSORS_ONLN));
	assert_true(row(r)->memory_used > 0);
	assert_true(row(r)->memory_bytes > row(r)->memory_used);
	assert_string_not_equal(row(r)->kernel, "");
	assert_string_not_equal(row(r)->architecture, "");
	assert_true(row(r)->boot_time != BMC_UNKNOWN);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	assert_int_equal(fixture_probe(r, BOARD_A, 20000), BMC_EIO);
	assert_int_equal(row(r)->memory_bytes, BMC_UNKNOWN);
	fixture_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_board_shows_what_its_exporter_says),
		cmocka_unit_test(readings_are_unknown_when_the_exporter_is_gone),
		cmocka_unit_test(
			a_bad_exporter_fails_within_the_deadline_and_shows_nothing),
		cmocka_unit_test(a_redirect_is_not_followed_and_a_proxy_not_used),
		cmocka_unit_test(urls_other_than_http_to_an_address_are_refused),
		cmocka_unit_test(prometheus_own_exporter_is_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
