// SPDX-License-Identifier: Apache-2.0
/* Upgrades: a WebSocket that echoes, over TCP and TLS, with a client written out by
 * hand from RFC 6455. */
#include "http-fixture.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <stdatomic.h>

#include "http/conn.h"
#include "http/websocket.h"

#define MESSAGE_MAX 70000
#define QUEUE_MAX   200000

enum { MORE, TEXT, BINARY, CLOSE = 8, PING, PONG };

/* ---- the handler ---- */

static atomic_uint begun, opened, closed, refused, writable;
static struct http_websocket *_Atomic flooded; /* a reference */

static void on_opened(struct http_websocket *w, void *arg)
{
	opened++;
	if (strstr(arg, "/flood"))
		flooded = http_websocket_ref(w);
}

static void on_message(struct http_websocket *w, void *arg, bool text,
		       const void *bytes, size_t len)
{
	(void)arg;
	(void)http_websocket_send(w, text, bytes, len);
	if (len == 3 && memcmp(bytes, "bye", 3) == 0)
		http_websocket_close(w, 4000);
}

static void on_writable(struct http_websocket *w, void *arg)
{
	(void)w;
	(void)arg;
	writable++;
}

static void on_closed(struct http_websocket *w, void *arg)
{
	if (w)
		closed++;
	else
		refused++;
	free(arg);
}

static const struct http_websocket_handler echo = { .max_message = MESSAGE_MAX,
						    .max_queue = QUEUE_MAX,
						    .opened = on_opened,
						    .message = on_message,
						    .writable = on_writable,
						    .closed = on_closed };

static int begin(struct http_request *q)
{
	q->authenticated = true;
	return HTTP_DONE;
}

static int run(struct http_request *q)
{
	begun++;
	if (strstr(q->path, "/slow"))
		http_pass(50);
	http_answer_websocket(q, &echo, strdup(q->path));
	return HTTP_DONE;
}

static const struct http_handler handler = { .begin = begin, .run = run };

/* ---- a client ---- */

struct client {
	int fd;
	gnutls_session_t tls; /* or NULL */
	gnutls_certificate_credentials_t credentials;
};

static bool client_send(const struct client *c, const void *bytes, size_t len)
{
	if (!c->tls)
		return http_send(c->fd, bytes, len);
	for (size_t at = 0; at < len;) {
		ssize_t n =
			gnutls_record_send(c->tls, (const char *)bytes + at, len - at);
		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return true;
}

static bool client_receive(const struct client *c, void *bytes, size_t len)
{
	uint8_t *at = bytes;

	while (len > 0) {
		ssize_t n = c->tls ? gnutls_record_recv(c->tls, at, len)
				   : recv(c->fd, at, len, 0);
		if (n == GNUTLS_E_AGAIN) /* a session ticket */
			continue;
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

static void start_tls(struct client *c)
{
	assert_int_equal(gnutls_init(&c->tls, GNUTLS_CLIENT), 0);
	assert_int_equal(gnutls_certificate_allocate_credentials(&c->credentials), 0);
	(void)gnutls_set_default_priority(c->tls);
	(void)gnutls_credentials_set(c->tls, GNUTLS_CRD_CERTIFICATE, c->credentials);
	gnutls_transport_set_int(c->tls, c->fd);
	assert_int_equal(gnutls_handshake(c->tls), 0);
}

static struct client client_connect(bool secure)
{
	struct client c = { .fd = -1 };

	if (!secure) {
		c.fd = http_connect(0);
		return c;
	}
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons((uint16_t)http_port(true)),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	c.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(c.fd, (struct sockaddr *)&a, sizeof(a)), 0);
	start_tls(&c);
	return c;
}

static void client_done(struct client *c)
{
	if (c->tls) {
		gnutls_deinit(c->tls);
		gnutls_certificate_free_credentials(c->credentials);
	}
	(void)close(c->fd);
}

#define UPGRADE(path, more)                                             \
	"GET /ws" path " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n" \
	"Connection: keep-alive, Upgrade\r\n"                           \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"               \
	"Sec-WebSocket-Version: 13\r\n" more "\r\n"

static void expect_upgrade(const struct client *c)
{
	char head[1024] = "";
	size_t n = 0;

	while (n < sizeof(head) - 1 && client_receive(c, head + n, 1)) {
		n++;
		if (n >= 4 && strcmp(head + n - 4, "\r\n\r\n") == 0)
			break;
	}
	if (strncmp(head, "HTTP/1.1 101 ", 13) != 0)
		fail_msg("%s", head);
	/* the example of RFC 6455, section 1.3 */
	assert_non_null(strstr(
		head, "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
	assert_null(strstr(head, "close"));
}

static struct client open_websocket(bool secure, const char *request)
{
	struct client c = client_connect(secure);

	assert_true(client_send(&c, request, strlen(request)));
	expect_upgrade(&c);
	return c;
}

/* A frame; `start_byte`: FIN, reserved bits and opcode. */
static bool send_frame(const struct client *c, unsigned start_byte, const void *bytes,
		       size_t len, bool masked)
{
	static const uint8_t mask[4] = { 1, 2, 3, 4 };
	uint8_t *frame = malloc(len + 14), *at = frame;

	assert_non_null(frame);
	*at++ = (uint8_t)start_byte;
	*at++ = (uint8_t)((masked ? 0x80U : 0U) | (len < 126     ? len
						   : len < 65536 ? 126
								 : 127));
	for (int i = len < 126 ? -1 : len < 65536 ? 1 : 7; i >= 0; i--)
		*at++ = (uint8_t)(len >> (8 * i));
	if (masked) {
		memcpy(at, mask, 4);
		at += 4;
	}
	for (size_t i = 0; i < len; i++)
		*at++ = (uint8_t)(((const uint8_t *)bytes)[i] ^
				  (masked ? mask[i % 4] : 0));
	bool ok = client_send(c, frame, (size_t)(at - frame));
	free(frame);
	return ok;
}

struct frame {
	unsigned opcode;
	size_t len;
	uint8_t bytes[MESSAGE_MAX + 1];
};

static bool receive_frame(const struct client *c, struct frame *f)
{
	uint8_t head[2], more[8];

	if (!client_receive(c, head, 2))
		return false;
	assert_int_equal(head[0] & 0xf0, 0x80); /* whole, no reserved bits */
	assert_int_equal(head[1] & 0x80, 0);    /* a server masks nothing */
	f->opcode = head[0] & 0xfU;
	f->len = head[1];
	size_t n = f->len == 126 ? 2 : f->len == 127 ? 8 : 0;
	if (n && !client_receive(c, more, n))
		return false;
	f->len = n ? 0 : f->len;
	for (size_t i = 0; i < n; i++)
		f->len = f->len << 8 | more[i];
	assert_true(f->len <= MESSAGE_MAX);
	f->bytes[f->len] = 0;
	return client_receive(c, f->bytes, f->len);
}

static struct frame reply; /* the last one */

static void expect_frame(const struct client *c, unsigned opcode, const void *bytes,
			 size_t len)
{
	do {
		assert_true(receive_frame(c, &reply));
	} while (reply.opcode == PING && opcode != PING);
	assert_int_equal(reply.opcode, opcode);
	assert_int_equal(reply.len, len);
	assert_memory_equal(reply.bytes, bytes, len);
}

static void expect_close(const struct client *c, unsigned code)
{
	uint8_t byte;

	assert_true(receive_frame(c, &reply));
	assert_int_equal(reply.opcode, CLOSE);
	if (code == 1005) /* none */
		assert_int_equal(reply.len, 0);
	else
		assert_int_equal((unsigned)reply.bytes[0] << 8 | reply.bytes[1], code);
	(void)send_frame(c, 0x80 | CLOSE, reply.bytes, reply.len, true);
	assert_false(client_receive(c, &byte, 1)); /* and the connection ends */
}

/* ---- tests ---- */

static void echo_all_sizes(bool secure)
{
	static const size_t sizes[] = { 0, 1, 125, 126, 65535, 65536, MESSAGE_MAX };
	static uint8_t bytes[MESSAGE_MAX];
	struct client c = open_websocket(secure, UPGRADE("", ""));

	memset(bytes, 'x', sizeof(bytes));
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		assert_true(send_frame(&c, 0x80 | BINARY, bytes, sizes[i], true));
		expect_frame(&c, BINARY, bytes, sizes[i]);
	}
	assert_true(send_frame(&c, TEXT, "in ", 3, true));
	assert_true(send_frame(&c, 0x80 | PING, "among", 5, true));
	assert_true(send_frame(&c, MORE, "three ", 6, true));
	assert_true(send_frame(&c, 0x80 | MORE, "parts", 5, true));
	expect_frame(&c, PONG, "among", 5);
	expect_frame(&c, TEXT, "in three parts", 14);
	assert_true(send_frame(&c, 0x80 | CLOSE, "\x03\xe8", 2, true));
	expect_close(&c, 1000);
	client_done(&c);
}

static void messages_are_echoed_and_pings_answered(void **state)
{
	(void)state;
	echo_all_sizes(false);
}

static void the_same_over_tls(void **state)
{
	(void)state;
	echo_all_sizes(true);
}

static void handler_closes_behind_its_last_message(void **state)
{
	struct client c = open_websocket(false, UPGRADE("", ""));

	(void)state;
	assert_true(send_frame(&c, 0x80 | TEXT, "bye", 3, true));
	expect_frame(&c, TEXT, "bye", 3);
	expect_close(&c, 4000);
	client_done(&c);
}

/* What comes with the request is not lost. */
static void frame_behind_the_handshake_is_received(void **state)
{
	static const char both[] = UPGRADE("", "") "\x81\x82\x00\x00\x00\x00hi";
	struct client c = client_connect(false);

	(void)state;
	assert_true(client_send(&c, both, sizeof(both) - 1));
	expect_upgrade(&c);
	expect_frame(&c, TEXT, "hi", 2);
	client_done(&c);
}

static void what_breaks_the_protocol_ends_with_its_code(void **state)
{
	static const struct {
		unsigned start_byte;
		const char *bytes;
		size_t len;
		bool masked;
		unsigned code;
	} cases[] = {
		{ 0x80 | BINARY, NULL, MESSAGE_MAX + 1, true, 1009 },
		{ 0x80 | TEXT, "a", 1, false, 1002 }, /* not masked */
		{ 0xc0 | TEXT, "a", 1, true, 1002 },  /* a reserved bit */
		{ 0x80 | 3, "a", 1, true, 1002 },     /* a reserved opcode */
		{ PING, "a", 1, true, 1005 }, /* a control frame in parts: no code */
		{ 0x80 | MORE, "a", 1, true, 1002 },        /* the middle of nothing */
		{ 0x80 | TEXT, "\xff\xfe", 2, true, 1007 }, /* no UTF-8 */
	};
	static char big[MESSAGE_MAX + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct client c = open_websocket(false, UPGRADE("", ""));
		assert_true(send_frame(&c, cases[i].start_byte,
				       cases[i].bytes ? cases[i].bytes : big,
				       cases[i].len, cases[i].masked));
		expect_close(&c, cases[i].code);
		client_done(&c);
	}
}

static void expect_refusal(const char *request, unsigned status)
{
	unsigned before = refused;
	auto_fd int fd = http_connect(0);

	assert_true(http_say(fd, request));
	struct http_reply r = http_receive(fd);
	if (r.status != status)
		fail_msg("%s: %u", request, r.status);
	if (status == 426)
		assert_string_equal(http_reply_header(&r, "Sec-WebSocket-Version"),
				    "13");
	assert_int_equal(refused, before + 1);
	http_reply_done(&r);
}

static void handshakes_are_checked(void **state)
{
	(void)state;
	expect_refusal("GET /ws HTTP/1.1\r\nHost: x\r\n\r\n", 426);
	expect_refusal("GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
		       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		       "Sec-WebSocket-Version: 13\r\n\r\n",
		       426);
	expect_refusal("POST /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
		       "Connection: Upgrade\r\n"
		       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		       "Sec-WebSocket-Version: 13\r\n\r\n",
		       426);
	expect_refusal("GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
		       "Connection: Upgrade\r\n"
		       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		       "Sec-WebSocket-Version: 12\r\n\r\n",
		       426);
	expect_refusal("GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
		       "Connection: Upgrade\r\nSec-WebSocket-Key: short\r\n"
		       "Sec-WebSocket-Version: 13\r\n\r\n",
		       400);
	expect_refusal(UPGRADE("", "Origin: https://evil.example\r\n"), 403);
	expect_refusal(UPGRADE("", "Origin: null\r\n"), 403);
	struct client c = open_websocket(false, UPGRADE("", "Origin: https://x\r\n"));
	client_done(&c);
}

static bool opens_over_tls(const char *request)
{
	struct client c = client_connect(true);
	char status[13] = "";

	assert_true(client_send(&c, request, strlen(request)));
	assert_true(client_receive(&c, status, sizeof(status) - 1));
	client_done(&c);
	return strcmp(status, "HTTP/1.1 101") == 0;
}

/* Who is between a browser and the server can answer for http://x. */
static void page_without_tls_opens_none_over_tls(void **state)
{
	(void)state;
	assert_true(opens_over_tls(UPGRADE("", "Origin: https://x\r\n")));
	assert_false(opens_over_tls(UPGRADE("", "Origin: http://x\r\n")));
}

static bool reaches(const atomic_uint *n, unsigned want, int64_t ms)
{
	int64_t end = bmc_now() + ms;

	while (*n < want && bmc_now() < end)
		http_pass(5);
	return *n >= want;
}

/* A client that does not read holds nobody up and takes no more than the queue. */
static void slow_reader_is_held_back(void **state)
{
	static const char block[10000] = "";
	struct client c = open_websocket(false, UPGRADE("/flood", "")),
		      other = open_websocket(false, UPGRADE("", ""));
	size_t sent = 0, got = 0;
	int r = 0;

	(void)state;
	while (!flooded)
		http_pass(1);
	for (int64_t end = bmc_now() + 1500; bmc_now() < end;) {
		r = http_websocket_send(flooded, false, block, sizeof(block));
		sent += r == 0 ? sizeof(block) : 0;
		if (r != 0)
			http_pass(50);
	}
	assert_int_equal(r, BMC_EAGAIN); /* sockets and queue are full */
	assert_true(send_frame(&other, 0x80 | TEXT, "hi", 2, true));
	expect_frame(&other, TEXT, "hi", 2);
	unsigned before = writable;
	while (got < sent) {
		assert_true(receive_frame(&c, &reply));
		got += reply.opcode == BINARY ? reply.len : 0;
	}
	assert_true(reaches(&writable, before + 1, 5000));
	assert_int_equal(http_websocket_send(flooded, false, block, 1), 0);
	client_done(&c);
	client_done(&other);
	while (http_websocket_send(flooded, false, block, 1) != BMC_ECANCELED)
		http_pass(5);
	flooded = http_websocket_unref(flooded);
}

/* The handler of a client that goes before its upgrade is told, too. */
static void client_that_goes_before_is_told(void **state)
{
	static const char request[] = UPGRADE("/slow", "");
	const struct linger reset = { .l_onoff = 1 };
	unsigned before = refused, opened_before = opened;

	(void)state;
	for (int i = 0; i < 5; i++) {
		int fd = http_connect(0);

		assert_true(http_say(fd, request));
		http_pass(20);
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		(void)close(fd);
	}
	for (int64_t end = bmc_now() + 10000;
	     refused + opened < before + opened_before + 5 && bmc_now() < end;)
		http_pass(5);
	assert_int_equal(begun, opened + refused);
	assert_true(refused > before);
}

/* The pongs of empty pings take memory, too. */
static void pings_of_one_who_reads_nothing_stop(void **state)
{
	static const uint8_t ping[6] = { 0x80 | PING, 0x80 };
	static uint8_t pings[60000];
	const struct timeval limit = { .tv_sec = 1 };
	struct client c = open_websocket(false, UPGRADE("", ""));
	int small = 4096;
	size_t sent = 0;
	ssize_t n;

	(void)state;
	for (size_t at = 0; at < sizeof(pings); at += sizeof(ping))
		memcpy(pings + at, ping, sizeof(ping));
	(void)setsockopt(c.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	(void)setsockopt(c.fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	while (sent < 64000000 &&
	       (n = send(c.fd, pings, sizeof(pings), MSG_NOSIGNAL)) > 0)
		sent += (size_t)n;
	assert_true(sent < 64000000);
	client_done(&c);
}

/* A quiet client that answers pings stays, and one that does not is ended. */
static void dead_client_is_ended(void **state)
{
	struct client quiet = open_websocket(false, UPGRADE("", "")),
		      dead = open_websocket(false, UPGRADE("", ""));
	int64_t end = bmc_now() + 8 * INTERVAL_MS;

	(void)state;
	while (bmc_now() < end) {
		expect_frame(&quiet, PING, "", 0);
		assert_true(send_frame(&quiet, 0x80 | PONG, "", 0, true));
	}
	while (receive_frame(&dead, &reply))
		assert_int_equal(reply.opcode, PING);
	assert_true(send_frame(&quiet, 0x80 | TEXT, "hi", 2, true));
	expect_frame(&quiet, TEXT, "hi", 2);
	client_done(&quiet);
	client_done(&dead);
}

static void closed_ones_are_gone(void **state)
{
	int64_t end = bmc_now() + 10000;

	(void)state;
	while ((closed < opened || http_conns_count() > 0) && bmc_now() < end)
		http_pass(20);
	assert_int_equal(closed, opened);
	assert_int_equal(http_conns_count(), 0);
}

static void stop_says_going_away(void **state)
{
	struct client c = open_websocket(false, UPGRADE("", "")),
		      secure = open_websocket(true, UPGRADE("", ""));
	int64_t begin_ms = bmc_now();

	(void)state;
	assert_true(send_frame(&c, 0x80 | TEXT, "hi", 2, true));
	expect_frame(&c, TEXT, "hi", 2);
	http_stop();
	assert_true(bmc_now() - begin_ms < 10000);
	assert_int_equal(closed, opened);
	expect_close(&c, 1001);
	client_done(&c);
	client_done(&secure);
}

static int start(void **state)
{
	static const struct http_route_entry routes[] = { { "/ws", &handler },
							  { NULL, NULL } };

	(void)state;
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
		cmocka_unit_test(messages_are_echoed_and_pings_answered),
		cmocka_unit_test(the_same_over_tls),
		cmocka_unit_test(handler_closes_behind_its_last_message),
		cmocka_unit_test(frame_behind_the_handshake_is_received),
		cmocka_unit_test(what_breaks_the_protocol_ends_with_its_code),
		cmocka_unit_test(handshakes_are_checked),
		cmocka_unit_test(page_without_tls_opens_none_over_tls),
		cmocka_unit_test(client_that_goes_before_is_told),
		cmocka_unit_test(slow_reader_is_held_back),
		cmocka_unit_test(pings_of_one_who_reads_nothing_stop),
		cmocka_unit_test(dead_client_is_ended),
		cmocka_unit_test(closed_ones_are_gone),
		cmocka_unit_test(stop_says_going_away),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
