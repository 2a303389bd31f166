// SPDX-License-Identifier: Apache-2.0
/* Images that clients send, over real sockets on loopback: what reaches the store, and
 * what does not. The store is the test's own: one that takes little at a time, that is
 * full, that fails. */
#include "redfish-fixture.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/ports/images.h"
#include "http/http.h"
#include "redfish/redfish.h"

#define ADMIN     "Authorization: Basic YWRtaW46YWRtaW4tcHc=\r\n"
#define OLGA      "Authorization: Basic b2xnYTpvbGdhLXB3\r\n"
#define RITA      "Authorization: Basic cml0YTpyaXRhLXB3\r\n"
#define MULTIPART "/redfish/v1/UpdateService/update-multipart"
#define PUSH      "/redfish/v1/UpdateService/update"
#define FORM      "Content-Type: multipart/form-data; boundary=limit\r\n"
#define BYTES     "Content-Type: application/octet-stream\r\n"

#define IMAGE_MAX 600000

static const char platform[] =
	"platform: fixture\n"
	"verbs: {power: fixture, flash: fixture}\n"
	"chassis:\n"
	"  - {id: enclosure}\n"
	"blades:\n"
	"  - {range: {b: 1-2}, id: \"blade{b}\", index: \"{b}\"}\n"
	"boards:\n"
	"  - {id: main, is_main: true, index: \"0.0\"}\n"
	"  - {range: {s: 1-4}, id: \"sub1-{s:02}\", index: \"1.{s}\", parent: blade1}\n"
	"  - {id: sub2-01, index: \"2.1\", parent: blade2, verbs: {flash: none}}\n"
	"  - {id: sub2-02, index: \"2.2\", parent: blade2, verbs: {flash: none}}\n";

/* ---- the store ---- */

struct bmc_push {
	struct bmc_push_request request;
	uint64_t bytes, sum;
	unsigned calls;
};

static struct {
	/* what it does */
	_Atomic int begin_code, write_code, end_code; /* of each call */
	_Atomic uint64_t write_fails_at;
	_Atomic size_t takes; /* at most, of a call; every fourth waits. 0: all */
	_Atomic bool at_once; /* ready before its write has returned */
	/* what has come */
	atomic_uint begun, aborted, ended, waits;
	_Atomic uint64_t bytes, sum;
	char name[256];
	_Atomic uint64_t size;
} store;

/* Of store.name: several pushes begin at once. */
static pthread_mutex_t name_lock = PTHREAD_MUTEX_INITIALIZER;

static uint64_t push_max(void)
{
	return IMAGE_MAX;
}

static int push_begin(const struct bmc_push_request *request, struct bmc_push **ret,
		      struct bmc_error *err)
{
	if (store.begin_code)
		return bmc_fail(err, store.begin_code, "the store does not want it");
	*ret = calloc(1, sizeof(**ret));
	(*ret)->request = *request;
	(void)pthread_mutex_lock(&name_lock);
	(void)bmc_copy(store.name, sizeof(store.name), request->name);
	(void)pthread_mutex_unlock(&name_lock);
	store.size = request->size;
	store.begun++;
	return 0;
}

static void *ready_later(void *arg)
{
	struct bmc_push_request *r = arg;

	(void)usleep(500);
	r->ready(r->arg);
	free(r);
	return NULL;
}

/* The push stays until its request has been called back: it waits for that. */
static void ready(const struct bmc_push *p)
{
	struct bmc_push_request *copy;
	pthread_attr_t detached;
	pthread_t t;

	store.waits++;
	if (store.at_once) {
		p->request.ready(p->request.arg);
		return;
	}
	copy = malloc(sizeof(*copy));
	*copy = p->request;
	(void)pthread_attr_init(&detached);
	(void)pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	assert_int_equal(pthread_create(&t, &detached, ready_later, copy), 0);
	(void)pthread_attr_destroy(&detached);
}

static ssize_t push_write(struct bmc_push *p, const void *buf, size_t len,
			  struct bmc_error *err)
{
	if (store.write_code && p->bytes >= store.write_fails_at)
		return bmc_fail(err, store.write_code, "the store has failed");
	if (store.takes && ++p->calls % 4 == 0) {
		ready(p);
		return BMC_EAGAIN;
	}
	if (store.takes)
		len = MIN(len, store.takes);
	for (size_t i = 0; i < len; i++)
		p->sum = p->sum * 31 + ((const uint8_t *)buf)[i];
	p->bytes += len;
	return (ssize_t)len;
}

struct ending {
	bmc_push_done *done;
	void *arg;
};

static void *end_later(void *arg)
{
	struct ending e = *(struct ending *)arg;
	struct bmc_error err = { 0 };

	free(arg);
	(void)usleep(500);
	if (store.end_code)
		(void)bmc_fail(&err, store.end_code, "the store has failed");
	e.done(e.arg, store.end_code, store.end_code ? NULL : "0123456789abcdef",
	       store.end_code ? &err : NULL);
	return NULL;
}

static void push_end(struct bmc_push *p, bmc_push_done *done, void *arg)
{
	struct ending *e = malloc(sizeof(*e));
	pthread_attr_t detached;
	pthread_t t;

	*e = (struct ending){ done, arg };
	store.bytes = p->bytes;
	store.sum = p->sum;
	store.ended++;
	free(p);
	(void)pthread_attr_init(&detached);
	(void)pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	assert_int_equal(pthread_create(&t, &detached, end_later, e), 0);
	(void)pthread_attr_destroy(&detached);
}

static void push_abort(struct bmc_push *p)
{
	if (p)
		store.aborted++;
	free(p);
}

static int check(const struct bmc_params *params, struct bmc_error *err)
{
	const char *id = bmc_params_text(params, BMC_PARAM_IMAGE);

	if (id && strcmp(id, "0123456789abcdef") == 0)
		return 0;
	return bmc_fail(err, BMC_ENOTFOUND, "no such image");
}

static const struct bmc_images_ops ops = {
	.check = check,
	.push_max = push_max,
	.push_begin = push_begin,
	.push_write = push_write,
	.push_end = push_end,
	.push_abort = push_abort,
};

static void reset_store(void)
{
	store.begin_code = store.write_code = 0;
	store.end_code = BMC_EIO; /* so that no update follows */
	store.write_fails_at = store.bytes = store.sum = store.size = 0;
	store.takes = 0;
	store.at_once = false;
	store.begun = store.aborted = store.ended = store.waits = 0;
	store.name[0] = 0;
}

/* ---- the server ---- */

static char folder[] = "/tmp/redfish-push-XXXXXX";
static struct bmc_conf keys[] = {
	{ .key = "https_port", .text = "" },
	{ .key = "http_port", .text = "" },
	{ .key = "request_timeout", .text = "", .num = 10000 },
	{ .key = "idle_timeout", .text = "", .num = 10000 },
	{ .key = "bind", .text = "127.0.0.1" },
	{ .key = "threads", .text = "", .num = 2 },
	{ .key = "max_connections", .text = "", .num = 256 },
	{ .key = "max_connections_per_address", .text = "", .num = 64 },
	{ .key = "max_header", .text = "", .num = 8192 },
	{ .key = "max_body", .text = "", .num = 65536 },
};
static struct bmc_conf section = { .child = keys };

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

static int writes(void *self, struct bmc_call *call, const struct bmc_flash *flash,
		  struct bmc_error *err)
{
	(void)self;
	(void)call;
	(void)flash;
	(void)err;
	return BMC_OK;
}

static const struct bmc_flasher flasher = { .size = sizeof(flasher),
					    .beat = 5000,
					    .write = writes };
static struct bmc_plugin flashing;

static int start(void **state)
{
	struct bmc_error err = { 0 };

	flashing = fixture_plugin;
	flashing.flasher = &flasher;
	fixture_used = &flashing;
	fixture_platform = platform;
	assert_int_equal(rf_fixture_set_up(state), 0);
	rf_fixture.cached = true;
	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i + 1 < ARRAY_SIZE(keys); i++)
		keys[i].next = &keys[i + 1];
	keys[0].num = free_port();
	keys[1].num = free_port();
	bmc_images = &ops;
	rf_serve_http_push(true);
	rf_init();
	if (http_start(&section, folder, &err) != 0)
		fail_msg("%s", err.what);
	return 0;
}

static int stop(void **state)
{
	char command[64];

	http_stop();
	rf_done();
	bmc_images = NULL;
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	assert_int_equal(system(command), 0);
	return rf_fixture_tear_down(state);
}

/* ---- a client ---- */

struct talk {
	const char *target, *headers;
	const char *body;
	size_t len, cut; /* cut: the connection ends after so many of its bytes */
	char got[8192];
	size_t n_got;
	_Atomic bool over;
};

static int connect_to(unsigned port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval limit = { .tv_sec = 20 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0 ? fd : -1;
}

static void send_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

static void *talk(void *arg)
{
	struct talk *t = arg;
	auto_fd int fd = connect_to((unsigned)keys[1].num);
	char head[1024];
	ssize_t n;

	(void)snprintf(head, sizeof(head),
		       "POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
		       "Content-Length: %zu\r\n%s\r\n",
		       t->target, t->len, t->headers);
	send_all(fd, head, strlen(head));
	send_all(fd, t->body, t->cut ? t->cut : t->len);
	if (t->cut)
		(void)shutdown(fd, SHUT_RDWR);
	while (t->n_got < sizeof(t->got) - 1 &&
	       (n = recv(fd, t->got + t->n_got, sizeof(t->got) - 1 - t->n_got, 0)) > 0)
		t->n_got += (size_t)n;
	t->got[t->n_got] = 0;
	t->over = true;
	return NULL;
}

static bool is_over(void *arg)
{
	return ((struct talk *)arg)->over;
}

/* The status of the answer, 0: none. */
static int exchange(struct talk *t)
{
	pthread_t thread;

	t->n_got = 0;
	t->over = false;
	assert_int_equal(pthread_create(&thread, NULL, talk, t), 0);
	assert_true(fixture_until(is_over, t));
	assert_int_equal(pthread_join(thread, NULL), 0);
	return strncmp(t->got, "HTTP/1.1 ", 9) == 0 ? atoi(t->got + 9) : 0;
}

static struct talk last;

static int post(const char *target, const char *headers, const char *body, size_t len)
{
	last = (struct talk){
		.target = target, .headers = headers, .body = body, .len = len
	};
	return exchange(&last);
}

static int post_text(const char *target, const char *headers, const char *body)
{
	return post(target, headers, body, strlen(body));
}

static void expect(int got, int status, const char *words)
{
	if (got != status || (words && !strstr(last.got, words)))
		fail_msg("not %d %s but %.1500s", status, words ? words : "", last.got);
}

#define PART(name, type, bytes)                                             \
	"--limit\r\nContent-Disposition: form-data; name=\"" name "\"" type \
	"\r\n\r\n" bytes "\r\n"
#define PARAMETERS(json) \
	PART("UpdateParameters", "\r\nContent-Type: application/json", json)
#define FILE_PART(bytes)                               \
	PART("UpdateFile",                             \
	     "; filename=\"a b.img\"\r\n"              \
	     "Content-Type: application/octet-stream", \
	     bytes)
#define LAST           "--limit--\r\n"
#define SYSTEM(id)     "\"/redfish/v1/Systems/" id "\""
#define TO(id)         "\"Targets\":[" SYSTEM(id) "]"
#define ONE            "{" TO("sub1-01") "}"
#define UPDATE(params) PARAMETERS(params) FILE_PART("image") LAST

/* ---- tests ---- */

static char image[IMAGE_MAX], body[IMAGE_MAX + 4096];

static uint64_t sum_of(const char *bytes, size_t len)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum = sum * 31 + (uint8_t)bytes[i];
	return sum;
}

/* Bytes that often look like the beginning of a boundary. */
static size_t make_body(size_t len)
{
	static const char head[] =
		PARAMETERS(ONE) "--limit\r\nContent-Disposition: form-data; "
				"name=\"UpdateFile\"; filename=\"../big.img\"\r\n\r\n";
	static const char tail[] = "\r\n" LAST;
	char *p = body;

	srand(1);
	for (size_t i = 0; i < len; i++)
		image[i] = "\r\n--limi\0"[rand() % 9];
	memcpy(p, head, sizeof(head) - 1);
	p += sizeof(head) - 1;
	memcpy(p, image, len);
	p += len;
	memcpy(p, tail, sizeof(tail) - 1);
	return (size_t)(p - body) + sizeof(tail) - 1;
}

static void image_is_stored_as_it_comes(void **state)
{
	static const size_t takes[] = { 0, 1500, 40000 };
	size_t len = 400000, n = make_body(len);

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(takes); i++) {
		reset_store();
		store.takes = takes[i / 2];
		store.at_once = i % 2;
		(void)post(MULTIPART, ADMIN FORM, body, n);
		assert_int_equal(store.ended, 1);
		assert_int_equal(store.aborted, 0);
		assert_int_equal(store.bytes, len);
		assert_true(store.sum == sum_of(image, len));
		assert_string_equal(store.name, "../big.img");
		assert_true(store.size == UINT64_MAX);
		assert_true(!store.takes == !store.waits);
	}
}

static void what_is_refused_is_not_stored(void **state)
{
	static const struct {
		const char *headers, *body;
		int status;
		const char *words;
	} cases[] = {
		{ FORM, UPDATE(ONE), 401, "AccessUnauthorized" },
		{ RITA FORM, UPDATE(ONE), 403, "InsufficientPrivilege" },
		{ ADMIN BYTES, UPDATE(ONE), 415, "multipart/form-data" },
		{ ADMIN "Content-Type: multipart/form-data\r\n", UPDATE(ONE), 415,
		  NULL },
		{ ADMIN FORM "Origin: http://evil.example\r\n", UPDATE(ONE), 403,
		  "another origin" },
		{ ADMIN FORM "Content-Encoding: gzip\r\n", UPDATE(ONE), 415, NULL },
		{ ADMIN FORM, UPDATE("{}"), 400, "Targets" },
		{ ADMIN FORM, UPDATE("{\"Targets\":[]}"), 400, "Targets" },
		{ ADMIN FORM, UPDATE("{\"Targets\":[7]}"), 400, "TypeError" },
		{ ADMIN FORM, UPDATE("{" TO("sub7-01") "}"), 400, "NotInList" },
		{ ADMIN FORM, UPDATE("{\"Targets\":[\"/redfish/v1/Managers\"]}"), 400,
		  "NotInList" },
		{ ADMIN FORM, UPDATE("{" TO("sub1-04") "}"), 409, "sub1-04" },
		{ ADMIN FORM, UPDATE("{" TO("sub2-01") "}"), 400, "sub2-01" },
		{ ADMIN FORM, UPDATE("{\"Targets\":[\"/redfish/v1/Chassis/blade2\"]}"),
		  400, NULL },
		{ ADMIN FORM,
		  UPDATE("{" TO("sub1-01") ",\"ExcludeTargets\":[" SYSTEM(
			  "sub1-01") "]}"),
		  400, "NoOperation" },
		{ ADMIN FORM, UPDATE("{" TO("sub1-01") ",\"ForceUpdate\":true}"), 400,
		  "ForceUpdate" },
		{ ADMIN FORM, UPDATE("{" TO("sub1-01") ",\"Stage\":true}"), 400,
		  "Stage" },
		{ ADMIN FORM,
		  UPDATE("{" TO(
			  "sub1-01") ",\"@Redfish.OperationApplyTime\":\"Never\"}"),
		  400, "OperationApplyTime" },
		{ ADMIN FORM,
		  UPDATE("{" TO(
			  "sub1-01") ",\"Oem\":{\"ClusterBmc\":{\"BatchSize\":2}},"
				     "\"@Redfish.OperationApplyTime\":\"OnReset\"}"),
		  400, "ActionParameterValueConflict" },
		{ ADMIN FORM,
		  UPDATE("{" TO("sub1-01") ",\"@Redfish.OperationApplyTime\":"
					   "\"InMaintenanceWindowOnReset\"}"),
		  400, "MaintenanceWindow" },
		{ ADMIN FORM, UPDATE("{" TO("sub1-01") ",\"Oem\":{\"Other\":{}}}"), 400,
		  "Oem" },
		{ ADMIN FORM,
		  UPDATE("{" TO(
			  "sub1-01") ",\"Oem\":{\"ClusterBmc\":{\"BatchSize\":0}}}"),
		  400, "BatchSize" },
		{ ADMIN FORM,
		  UPDATE("{" TO(
			  "sub1-01") ",\"Oem\":{\"ClusterBmc\":{\"Priority\":10}}}"),
		  400, "Priority" },
		{ ADMIN FORM,
		  UPDATE("{" TO(
			  "sub1-01") ",\"Oem\":{\"ClusterBmc\":{\"Verify\":\"No\"}}}"),
		  400, "Verify" },
		{ ADMIN FORM,
		  UPDATE("{" TO("sub1-01") ",\"Oem\":{\"ClusterBmc\":{\"DryRun\":1}}}"),
		  400, "DryRun" },
		{ ADMIN FORM,
		  UPDATE("{" TO("sub1-01") ",\"Oem\":{\"ClusterBmc\":{\"Fast\":1}}}"),
		  400, "Fast" },
		{ ADMIN FORM, UPDATE("{"), 400, "MalformedJSON" },
		{ ADMIN FORM, UPDATE("[]"), 400, "UnrecognizedRequestBody" },
		{ ADMIN FORM, UPDATE(""), 400, "EmptyJSON" },
		{ ADMIN FORM, PARAMETERS(ONE) PARAMETERS(ONE) FILE_PART("x") LAST, 400,
		  "twice" },
		{ ADMIN FORM, FILE_PART("x") PARAMETERS(ONE) LAST, 400,
		  "UpdateParameters" },
		{ ADMIN FORM, FILE_PART("x") LAST, 400, "UpdateParameters" },
		{ ADMIN FORM, PARAMETERS(ONE) LAST, 400, "UpdateFile" },
		{ ADMIN FORM, PARAMETERS(ONE), 400, "last boundary" },
		{ ADMIN FORM, LAST, 400, "UpdateParameters" },
		{ ADMIN FORM, "", 400, NULL },
		{ ADMIN FORM, "--limit\nx", 400, "boundary" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		reset_store();
		int status = post_text(MULTIPART, cases[i].headers, cases[i].body);
		if (status != cases[i].status ||
		    (cases[i].words && !strstr(last.got, cases[i].words)))
			fail_msg("%s%s\nnot %d but %.1500s", cases[i].headers,
				 cases[i].body, cases[i].status, last.got);
		assert_int_equal(store.begun, 0);
	}
}

static void file_that_is_not_complete_is_not_kept(void **state)
{
	static const char twice[] =
		PARAMETERS(ONE) FILE_PART("one") FILE_PART("two") LAST;
	static const char open_end[] = PARAMETERS(ONE) FILE_PART("one");
	static const char prefix[] = PARAMETERS(ONE) FILE_PART("one\r\n--limits") LAST;
	static const char late[] =
		PARAMETERS(ONE) FILE_PART("one") PARAMETERS(ONE) LAST;

	(void)state;
	reset_store();
	expect(post_text(MULTIPART, ADMIN FORM, twice), 400, "twice");
	expect(post_text(MULTIPART, ADMIN FORM, open_end), 400, "last boundary");
	expect(post_text(MULTIPART, ADMIN FORM, prefix), 400, "boundary");
	expect(post_text(MULTIPART, ADMIN FORM, late), 400, "twice");
	assert_int_equal(store.begun, 4);
	assert_int_equal(store.aborted, 4);
	assert_int_equal(store.ended, 0);
}

static bool was_aborted(void *arg)
{
	(void)arg;
	return store.aborted == 1;
}

static void client_that_goes_away_leaves_nothing(void **state)
{
	size_t n = make_body(400000);

	(void)state;
	reset_store();
	last = (struct talk){ .target = MULTIPART,
			      .headers = ADMIN FORM,
			      .body = body,
			      .len = n,
			      .cut = n / 2 };
	(void)exchange(&last);
	assert_true(fixture_until(was_aborted, NULL));
	assert_int_equal(store.begun, 1);
	assert_int_equal(store.ended, 0);
}

static void store_that_fails_is_told(void **state)
{
	size_t n = make_body(400000);

	(void)state;
	reset_store();
	store.begin_code = BMC_ENOSPC;
	expect(post(MULTIPART, ADMIN FORM, body, n), 507, NULL);
	store.begin_code = BMC_ERANGE;
	expect(post(MULTIPART, ADMIN FORM, body, n), 413, "PayloadTooLarge");
	store.begin_code = BMC_EBUSY;
	expect(post(MULTIPART, ADMIN FORM, body, n), 503, "Retry-After");
	assert_int_equal(store.begun, 0);
	store.begin_code = 0;
	store.write_fails_at = 100000;
	store.write_code = BMC_ENOSPC;
	expect(post(MULTIPART, ADMIN FORM, body, n), 507, NULL);
	store.write_code = BMC_ERANGE;
	expect(post(MULTIPART, ADMIN FORM, body, n), 413, NULL);
	store.write_code = BMC_EIO;
	expect(post(MULTIPART, ADMIN FORM, body, n), 500, "the store has failed");
	assert_int_equal(store.aborted, 3);
	assert_int_equal(store.ended, 0);
	store.write_code = 0;
	store.end_code = BMC_ENOSPC;
	expect(post(MULTIPART, ADMIN FORM, body, n), 507, NULL);
	assert_int_equal(store.ended, 1);
	assert_int_equal(store.aborted, 3);
}

static void patch(const char *user, const char *json, unsigned status)
{
	struct rf_ask ask = { .method = "PATCH",
			      .uri = "/redfish/v1/UpdateService",
			      .user = user,
			      .body = json };
	struct rf_reply r = rf_ask(&ask);

	if (r.status != status)
		fail_msg("%s: %u %s", json, r.status, r.text);
	rf_reply_done(&r);
}

static void plain_body_is_for_targets_that_its_account_has_named(void **state)
{
	(void)state;
	reset_store();
	expect(post_text(PUSH, ADMIN BYTES, "image"), 400, "HttpPushUriTargets");
	patch("rita", "{\"HttpPushUriTargets\":[" SYSTEM("sub1-01") "]}", 403);
	patch("admin", "{\"HttpPushUriTargets\":[" SYSTEM("sub9-01") "]}", 400);
	patch("admin", "{\"HttpPushUriTargets\":\"x\"}", 400);
	patch("admin", "{\"HttpPushUriTargets\":[" SYSTEM("sub1-01") "]}", 200);
	expect(post_text(PUSH, OLGA BYTES, "image"), 400, "HttpPushUriTargets");
	expect(post_text(PUSH, ADMIN FORM, "image"), 415, "octet-stream");
	assert_int_equal(store.begun, 0);
	(void)post_text(PUSH, ADMIN BYTES, "image");
	assert_int_equal(store.ended, 1);
	assert_int_equal(store.bytes, 5);
	assert_int_equal(store.size, 5);
	assert_string_equal(store.name, "");
}

static void image_that_is_too_large_is_refused_by_its_length(void **state)
{
	static char large[IMAGE_MAX + 1];

	(void)state;
	reset_store();
	patch("admin", "{\"HttpPushUriTargets\":[" SYSTEM("sub1-01") "]}", 200);
	expect(post(PUSH, ADMIN BYTES, large, IMAGE_MAX + 1), 413, "PayloadTooLarge");
	assert_int_equal(store.begun, 0);
	(void)post(PUSH, ADMIN BYTES, large, IMAGE_MAX);
	assert_int_equal(store.ended, 1);
	assert_int_equal(store.bytes, IMAGE_MAX);
}

static void options_of_plain_bodies_are_kept(void **state)
{
	json_t *got;

	(void)state;
	patch("admin",
	      "{\"HttpPushUriTargetsBusy\":true,\"HttpPushUriOptionsBusy\":true}", 200);
	patch("admin",
	      "{\"HttpPushUriOptions\":{\"HttpPushUriApplyTime\":{\"ApplyTime\":"
	      "\"AtMaintenanceWindowStart\",\"MaintenanceWindowStartTime\":"
	      "\"2090-01-01T00:00:00Z\",\"MaintenanceWindowDurationInSeconds\":60}}}",
	      200);
	patch("admin",
	      "{\"HttpPushUriOptions\":{\"HttpPushUriApplyTime\":{\"ApplyTime\":"
	      "\"Never\"}}}",
	      400);
	patch("admin",
	      "{\"HttpPushUriOptions\":{\"HttpPushUriApplyTime\":{"
	      "\"MaintenanceWindowDurationInSeconds\":0}}}",
	      400);
	got = rf_get("/redfish/v1/UpdateService");
	assert_true(json_is_true(rf_at(got, "HttpPushUriTargetsBusy")));
	assert_string_equal(
		json_string_value(rf_at(
			got, "HttpPushUriOptions/HttpPushUriApplyTime/ApplyTime")),
		"AtMaintenanceWindowStart");
	assert_int_equal(json_integer_value(rf_at(got, "MaxImageSizeBytes")),
			 IMAGE_MAX);
	json_decref(got);
	patch("admin",
	      "{\"HttpPushUriOptions\":{\"HttpPushUriApplyTime\":{\"ApplyTime\":"
	      "\"OnStartUpdateRequest\"}}}",
	      200);
	got = rf_get("/redfish/v1/UpdateService");
	assert_string_equal(
		json_string_value(rf_at(
			got, "HttpPushUriOptions/HttpPushUriApplyTime/ApplyTime")),
		"OnStartUpdateRequest");
	json_decref(got);
	patch("admin",
	      "{\"HttpPushUriOptions\":{\"HttpPushUriApplyTime\":{\"ApplyTime\":"
	      "\"Immediate\"}}}",
	      200);
}

static void refused_option_changes_none_of_the_others(void **state)
{
	json_t *got;

	(void)state;
	patch("admin", "{\"HttpPushUriTargetsBusy\":false,\"HttpPushUriTargets\":[]}",
	      200);
	patch("admin",
	      "{\"HttpPushUriTargetsBusy\":true,\"HttpPushUriTargets\":[\"/x\"]}", 400);
	got = rf_get("/redfish/v1/UpdateService");
	assert_true(json_is_false(rf_at(got, "HttpPushUriTargetsBusy")));
	json_decref(got);
}

/* Its properties are deprecated: a site that has no use for them does not see them. */
static void without_its_setting_there_is_no_plain_body(void **state)
{
	static const char *const names[] = { "HttpPushUri", "HttpPushUriTargets",
					     "HttpPushUriTargetsBusy",
					     "HttpPushUriOptionsBusy",
					     "HttpPushUriOptions" };
	json_t *got;

	(void)state;
	reset_store();
	rf_serve_http_push(false);
	got = rf_get("/redfish/v1/UpdateService");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_null(json_object_get(got, names[i]));
	assert_string_equal(json_string_value(rf_at(got, "MultipartHttpPushUri")),
			    MULTIPART);
	json_decref(got);
	rf_expect("admin", "PATCH", "/redfish/v1/UpdateService",
		  "{\"HttpPushUriTargetsBusy\":true}", 400, "PropertyUnknown");
	rf_expect("admin", "PATCH", "/redfish/v1/UpdateService",
		  "{\"HttpPushUriOptions\":{\"HttpPushUriApplyTime\":{\"ApplyTime\":"
		  "\"Immediate\"}}}",
		  400, "PropertyUnknown");
	expect(post_text(PUSH, ADMIN BYTES, "image"), 404, "ResourceMissingAtURI");
	assert_int_equal(store.begun, 0);
	rf_serve_http_push(true);
}

#define AT_ONCE 6

static void several_are_taken_at_once(void **state)
{
	static struct talk t[AT_ONCE];
	pthread_t threads[AT_ONCE];
	size_t n = make_body(300000);

	(void)state;
	reset_store();
	store.takes = 30000;
	for (size_t i = 0; i < AT_ONCE; i++) {
		t[i] = (struct talk){ .target = MULTIPART,
				      .headers = ADMIN FORM,
				      .body = body,
				      .len = n };
		assert_int_equal(pthread_create(&threads[i], NULL, talk, &t[i]), 0);
	}
	for (size_t i = 0; i < AT_ONCE; i++) {
		assert_true(fixture_until(is_over, &t[i]));
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	}
	assert_int_equal(store.ended, AT_ONCE);
	assert_int_equal(store.aborted, 0);
	assert_true(store.sum == sum_of(image, 300000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(image_is_stored_as_it_comes),
		cmocka_unit_test(what_is_refused_is_not_stored),
		cmocka_unit_test(file_that_is_not_complete_is_not_kept),
		cmocka_unit_test(client_that_goes_away_leaves_nothing),
		cmocka_unit_test(store_that_fails_is_told),
		cmocka_unit_test(plain_body_is_for_targets_that_its_account_has_named),
		cmocka_unit_test(image_that_is_too_large_is_refused_by_its_length),
		cmocka_unit_test(options_of_plain_bodies_are_kept),
		cmocka_unit_test(refused_option_changes_none_of_the_others),
		cmocka_unit_test(without_its_setting_there_is_no_plain_body),
		cmocka_unit_test(several_are_taken_at_once),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
