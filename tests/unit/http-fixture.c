// SPDX-License-Identifier: Apache-2.0
#include "http-fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <strings.h>
#include <time.h>

#define TIMEOUT_S 20

static char folder[24];

static struct bmc_conf keys[] = {
	{ .key = "https_port", .text = "" },
	{ .key = "http_port", .text = "" },
	{ .key = "request_timeout", .text = "", .num = INTERVAL_MS },
	{ .key = "idle_timeout", .text = "", .num = IDLE_MS },
	{ .key = "bind", .text = "127.0.0.1" },
	{ .key = "threads", .text = "", .num = 2 },
	{ .key = "max_connections", .text = "", .num = 2048 },
	{ .key = "max_connections_per_address", .text = "", .num = 1024 },
	{ .key = "max_header", .text = "", .num = 8192 },
	{ .key = "max_body", .text = "", .num = 65536 },
	{ .key = "handshakes_per_address", .text = "", .num = 0 },
	{ .key = "handshake_burst", .text = "", .num = 1 },
};
static struct bmc_conf section = { .child = keys };

const struct bmc_conf *http_fixture_conf(void)
{
	return &section;
}

const char *http_fixture_dir(void)
{
	return folder;
}

void http_fixture_set(const char *key, int64_t num)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (strcmp(keys[i].key, key) == 0)
			keys[i].num = num;
	}
}

/* A port that was free a moment ago. */
static unsigned free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	auto_fd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	return ntohs(a.sin_port);
}

void http_fixture_start(const struct http_route_entry *routes)
{
	struct bmc_error err = { 0 };

	bmc_log_init(LOG_EMERG);
	assert_int_equal(bmc_loop_init(), 0);
	(void)bmc_copy(folder, sizeof(folder), "/tmp/http-XXXXXX");
	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i + 1 < ARRAY_SIZE(keys); i++)
		keys[i].next = &keys[i + 1];
	http_fixture_set("https_port", free_port());
	http_fixture_set("http_port", free_port());
	for (; routes->path; routes++)
		http_register(routes->path, routes->handler);
	if (http_start(&section, folder, &err) != 0)
		fail_msg("%s", err.what);
}

void http_fixture_stop(void)
{
	char command[64];

	http_stop();
	bmc_loop_done();
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	assert_int_equal(system(command), 0);
}

int http_connect(int receive)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons((uint16_t)http_port(false)),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval timeout = { .tv_sec = TIMEOUT_S };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	if (receive)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive, sizeof(receive));
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

bool http_send(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

bool http_say(int fd, const char *text)
{
	return http_send(fd, text, strlen(text));
}

/* ---- replies ---- */

static bool receive_head(int fd, struct http_reply *r)
{
	size_t n = 0;

	while (n < sizeof(r->head) - 1 && recv(fd, r->head + n, 1, 0) == 1) {
		r->head[++n] = 0;
		if (n >= 4 && strcmp(r->head + n - 4, "\r\n\r\n") == 0)
			break;
	}
	if (sscanf(r->head, "HTTP/1.1 %u ", &r->status) != 1)
		return false;
	return true;
}

static bool receive_bytes(int fd, struct http_reply *r, size_t len)
{
	r->body = realloc(r->body, r->len + len + 1);
	assert_non_null(r->body);
	while (len > 0) {
		ssize_t n = recv(fd, r->body + r->len, len, 0);
		if (n <= 0) {
			r->closed = true;
			return false;
		}
		r->len += (size_t)n;
		len -= (size_t)n;
	}
	r->body[r->len] = 0;
	return true;
}

static size_t receive_chunk_size(int fd)
{
	char line[32];
	size_t n = 0;

	while (n < sizeof(line) - 1 && recv(fd, line + n, 1, 0) == 1) {
		line[++n] = 0;
		if (n >= 2 && strcmp(line + n - 2, "\r\n") == 0)
			break;
	}
	line[n] = 0;
	return strtoul(line, NULL, 16);
}

static void receive_chunks(int fd, struct http_reply *r)
{
	size_t size;
	char end[2];

	while ((size = receive_chunk_size(fd)) > 0) {
		if (!receive_bytes(fd, r, size) || recv(fd, end, 2, MSG_WAITALL) != 2)
			return;
	}
	if (recv(fd, end, 2, MSG_WAITALL) != 2)
		r->closed = true;
}

const char *http_reply_header(const struct http_reply *r, const char *name)
{
	static char value[512];
	size_t len = strlen(name);

	for (const char *line = strstr(r->head, "\r\n"); line;
	     line = strstr(line + 2, "\r\n")) {
		if (strncasecmp(line + 2, name, len) != 0 || line[2 + len] != ':')
			continue;
		(void)snprintf(value, sizeof(value), "%.*s",
			       (int)strcspn(line + len + 4, "\r"), line + len + 4);
		return value;
	}
	return "";
}

struct http_reply http_receive(int fd)
{
	struct http_reply r = { .status = 0 };

	r.body = calloc(1, 1);
	assert_non_null(r.body);
	if (!receive_head(fd, &r)) {
		r.closed = true;
		return r;
	}
	const char *length = http_reply_header(&r, "Content-Length");
	if (length[0])
		(void)receive_bytes(fd, &r, strtoul(length, NULL, 10));
	else if (strcmp(http_reply_header(&r, "Transfer-Encoding"), "chunked") == 0)
		receive_chunks(fd, &r);
	return r;
}

void http_reply_done(struct http_reply *r)
{
	free(r->body);
	r->body = NULL;
}

struct http_reply http_ask(const char *line, const char *headers, const char *body)
{
	char request[4096];
	auto_fd int fd = http_connect(0);

	(void)snprintf(request, sizeof(request),
		       "%s HTTP/1.1\r\nHost: x\r\n%sContent-Length: %zu\r\n\r\n", line,
		       headers, strlen(body));
	assert_true(http_say(fd, request));
	(void)http_say(fd, body);
	return http_receive(fd);
}

bool http_closed_within(int fd, int64_t ms)
{
	int64_t end = bmc_now() + ms;
	char drop[4096];

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = end - bmc_now();
		if (left <= 0 || poll(&p, 1, (int)left) <= 0)
			return false;
		if (recv(fd, drop, sizeof(drop), MSG_DONTWAIT) <= 0)
			return true;
	}
}

bool http_skip(int fd, size_t len)
{
	static char drop[65536];

	while (len > 0) {
		ssize_t n = recv(fd, drop, MIN(len, sizeof(drop)), 0);
		if (n <= 0)
			return false;
		len -= (size_t)n;
	}
	return true;
}

void http_pass(int64_t ms)
{
	const struct timespec t = { .tv_sec = ms / 1000,
				    .tv_nsec = (ms % 1000) * 1000000 };

	(void)nanosleep(&t, NULL);
}

size_t http_resident_kb(void)
{
	char line[128];
	size_t kb = 0;
	FILE *f = fopen("/proc/self/status", "r");

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, "VmRSS:", 6) == 0)
			kb = strtoul(line + 6, NULL, 10);
	}
	(void)fclose(f);
	return kb;
}
