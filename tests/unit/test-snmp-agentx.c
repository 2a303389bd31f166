// SPDX-License-Identifier: Apache-2.0
/* The AgentX sub-agent, with a master made of bytes: one that asks what snmpd does not,
 * and one that sends what is no AgentX. */
#include "snmp-fixture.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "action-fixture.h"
#include "core/base/util.h"
#include "snmp/agentx/pdu.h"

#define SESSION   77u
#define NO_ERROR  0
#define NO_WRITE  17
#define PROCESSED 268
#define SPOILT    20000

static const char config[] = "communities:\n"
			     "  - {name: public}\n"
			     "agentx: {socket: %s, set_role: Operator}\n";

/* Below the enterprise's MIB. */
static const unsigned long board_name[] = {
	1, 3, 6, 1, 4, 1, 32473, 1, 1, 3, 1, 4, 1, 1
};
static const unsigned long fan_duty[] = { 1, 3, 6, 1, 4, 1, 32473, 1, 1, 4, 1, 10, 1 };

static char path[64];
static int listener = -1, peer = -1;
static struct ax_out out = { .max = 1 << 16 };
static uint8_t answer_data[1 << 17];
static struct ax_header answer;
static struct ax_in body;
static unsigned error, error_index;
static uint32_t transaction = 100;

static void step(void)
{
	bmc_loop_step(5);
}

/* ---- the master ---- */

static bool wait_for(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	for (int i = 0; i < ms / 5 + 1; i++) {
		step();
		if (poll(&p, 1, 5) > 0)
			return true;
	}
	return false;
}

static bool read_all(uint8_t *to, size_t n)
{
	for (size_t at = 0; at < n;) {
		if (!wait_for(peer, 10000))
			return false;
		ssize_t got = read(peer, to + at, n - at);
		if (got <= 0)
			return false;
		at += (size_t)got;
	}
	return true;
}

/* What a master takes a notification with: an error, so that one does not end the
 * session. */
static void refuse_notification(void)
{
	const struct ax_header h = { .type = AX_RESPONSE,
				     .session = SESSION,
				     .packet = answer.packet };
	struct ax_out refusal = { .max = 64 };
	size_t at = ax_begin(&refusal, &h);

	ax_put_u32(&refusal, 0);
	ax_put_u16(&refusal, AX_PROCESSING);
	ax_put_u16(&refusal, 0);
	assert_true(ax_end(&refusal, at));
	(void)!send(peer, refusal.data, refusal.len, MSG_NOSIGNAL);
	free(refusal.data);
}

/* The next PDU of the sub-agent; of a Response the error, too. */
static bool receive_any(void)
{
	if (!read_all(answer_data, AX_HEADER) ||
	    !ax_header_read(answer_data, &answer) ||
	    !read_all(answer_data + AX_HEADER, answer.payload))
		return false;
	body = (struct ax_in){ .at = answer_data + AX_HEADER,
			       .end = answer_data + AX_HEADER + answer.payload,
			       .network_order = answer.flags & AX_FLAG_NETWORK_ORDER };
	if (answer.type != AX_RESPONSE)
		return true;
	(void)ax_get_u32(&body);
	error = ax_get_u16(&body);
	error_index = ax_get_u16(&body);
	return true;
}

/* The next PDU of the sub-agent that is no notification. */
static bool receive(void)
{
	while (receive_any()) {
		if (answer.type != AX_NOTIFY)
			return true;
		refuse_notification();
	}
	return false;
}

static void send_out(void)
{
	assert_int_equal(write(peer, out.data, out.len), out.len);
	out.len = 0;
}

static size_t begin(enum ax_type type)
{
	const struct ax_header h = { .type = (uint8_t)type,
				     .session = SESSION,
				     .transaction = transaction,
				     .packet = 5 };

	return ax_begin(&out, &h);
}

static void exchange(size_t at)
{
	assert_true(ax_end(&out, at));
	send_out();
	assert_true(receive());
	assert_int_equal(answer.type, AX_RESPONSE);
	assert_int_equal(answer.transaction, transaction);
}

static void respond(void)
{
	const struct ax_header h = { .type = AX_RESPONSE,
				     .session = SESSION,
				     .packet = answer.packet };
	size_t at = ax_begin(&out, &h);

	ax_put_u32(&out, 0);
	ax_put_u32(&out, 0);
	assert_true(ax_end(&out, at));
	send_out();
}

/* Accepts the sub-agent, and its Open and Registers. */
static void attach(void)
{
	struct timeval limit = { .tv_sec = 10 };

	if (peer >= 0)
		close(peer);
	assert_true(wait_for(listener, 10000));
	peer = accept(listener, NULL, NULL);
	assert_true(peer >= 0);
	(void)setsockopt(peer, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	assert_true(receive());
	assert_int_equal(answer.type, AX_OPEN);
	respond();
	do {
		assert_true(receive());
		assert_int_equal(answer.type, AX_REGISTER);
		assert_int_equal(answer.session, SESSION);
		respond();
	} while (wait_for(peer, 300));
}

/* ---- requests ---- */

static void put_range(const unsigned long *name, size_t n)
{
	ax_put_oid(&out, name, n);
	ax_put_oid(&out, NULL, 0);
}

static void get(const unsigned long *name, size_t n)
{
	size_t at = begin(AX_GET);

	put_range(name, n);
	exchange(at);
}

static void value_is_text(const char *text)
{
	struct ax_oid name;
	size_t len;

	assert_int_equal(ax_get_u16(&body), 4);
	(void)ax_get_u16(&body);
	ax_get_oid(&body, &name);
	const uint8_t *is = ax_get_octets(&body, &len);
	assert_false(body.failed);
	assert_int_equal(len, strlen(text));
	assert_memory_equal(is, text, len);
}

static void name_is(const char *text)
{
	get(board_name, ARRAY_SIZE(board_name));
	assert_int_equal(error, NO_ERROR);
	value_is_text(text);
}

static void test_set(const char *text)
{
	transaction++;
	size_t at = begin(AX_TESTSET);
	ax_put_u16(&out, 4);
	ax_put_u16(&out, 0);
	ax_put_oid(&out, board_name, ARRAY_SIZE(board_name));
	ax_put_octets(&out, text, strlen(text));
	exchange(at);
}

static void phase(enum ax_type type)
{
	exchange(begin(type));
}

static void cleanup(void)
{
	assert_true(ax_end(&out, begin(AX_CLEANUPSET)));
	send_out();
}

/* ---- tests ---- */

static int set_up(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char yaml[256];

	snprintf(path, sizeof(path), "/tmp/snmp-agentx-%d", getpid());
	(void)unlink(path);
	(void)bmc_copy(at.sun_path, sizeof(at.sun_path), path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(listener, (struct sockaddr *)&at, sizeof(at)) < 0 ||
	    listen(listener, 5) < 0)
		return -1;
	fixture_set_up(state);
	snprintf(yaml, sizeof(yaml), config, path);
	snmp_fixture_serve(yaml);
	snmp_fixture_meanwhile = step;
	attach();
	return 0;
}

static int tear_down(void **state)
{
	snmp_fixture_end();
	close(peer);
	close(listener);
	peer = listener = -1;
	(void)unlink(path);
	return fixture_tear_down(state);
}

static void both_byte_orders_are_read(void **state)
{
	uint8_t pdu[AX_HEADER + 20] = { 1, AX_GET };
	uint32_t words[] = { SESSION, transaction, 5, 20, 0, 0, 0, 0, 0 };

	(void)state;
	name_is(fixture_row("sub1-01")->name);
	pdu[2] = 0; /* the other order, which this machine has */
	words[4] =
		3u | 1u << 8; /* n_subid 3, prefix 1: 1.3.6.1.1.0.0.0, bytes in order */
	memcpy(pdu + 4, words, sizeof(words));
	assert_int_equal(write(peer, pdu, sizeof(pdu)), sizeof(pdu));
	assert_true(receive());
	assert_int_equal(error, NO_ERROR);
	assert_int_equal(ax_get_u16(&body), AX_NO_OBJECT);
}

static void getbulk_repeats_and_ends(void **state)
{
	const unsigned long last[] = { 1, 3, 6, 1, 4, 1, 32473, 1, 1, 200 };
	struct ax_oid name;
	size_t at = begin(AX_GETBULK), len;

	(void)state;
	ax_put_u16(&out, 1);
	ax_put_u16(&out, 3);
	put_range(board_name, ARRAY_SIZE(board_name));
	put_range(board_name, ARRAY_SIZE(board_name) - 2); /* the column */
	put_range(last, ARRAY_SIZE(last));
	exchange(at);
	assert_int_equal(error, NO_ERROR);
	for (unsigned i = 0; i < 7; i++) {
		unsigned type = ax_get_u16(&body);
		(void)ax_get_u16(&body);
		ax_get_oid(&body, &name);
		bool ended = i > 0 && i % 2 == 0;
		assert_true(ended ? type == AX_END_OF_VIEW : type == 4);
		if (!ended)
			(void)ax_get_octets(&body, &len);
		assert_false(body.failed);
	}
	assert_ptr_equal(body.at, body.end);
}

/* A range that includes its start gives it once. */
static void included_start_is_answered_once(void **state)
{
	struct ax_oid names[2];
	size_t at = begin(AX_GETBULK), from, len;

	(void)state;
	ax_put_u16(&out, 0);
	ax_put_u16(&out, 2);
	from = out.len;
	put_range(board_name, ARRAY_SIZE(board_name));
	out.data[from + 2] = 1;
	exchange(at);
	for (size_t i = 0; i < 2; i++) {
		(void)ax_get_u32(&body);
		ax_get_oid(&body, &names[i]);
		(void)ax_get_octets(&body, &len);
	}
	assert_false(body.failed);
	assert_int_equal(names[0].id[names[0].len - 1], 1);
	assert_int_equal(names[1].id[names[1].len - 1], 2);
}

static void end_of_a_range_is_not_of_it(void **state)
{
	unsigned long end[ARRAY_SIZE(board_name)];
	size_t at = begin(AX_GETNEXT);

	(void)state;
	memcpy(end, board_name, sizeof(end));
	end[ARRAY_SIZE(end) - 1] = 2;
	ax_put_oid(&out, board_name, ARRAY_SIZE(board_name));
	ax_put_oid(&out, end, ARRAY_SIZE(end));
	exchange(at);
	assert_int_equal(ax_get_u16(&body), AX_END_OF_VIEW);
	at = begin(AX_GETNEXT);
	end[ARRAY_SIZE(end) - 1] = 3;
	ax_put_oid(&out, board_name, ARRAY_SIZE(board_name));
	ax_put_oid(&out, end, ARRAY_SIZE(end));
	exchange(at);
	assert_int_equal(ax_get_u16(&body), 4);
}

static void sessions_and_contexts_of_others_are_refused(void **state)
{
	struct ax_header h = { .type = AX_GET,
			       .flags = AX_FLAG_CONTEXT,
			       .session = SESSION,
			       .transaction = transaction };
	size_t at = ax_begin(&out, &h);

	(void)state;
	ax_put_octets(&out, "other", 5);
	put_range(board_name, ARRAY_SIZE(board_name));
	exchange(at);
	assert_int_equal(error, AX_UNKNOWN_CONTEXT);
	h.session++;
	h.flags = 0;
	at = ax_begin(&out, &h);
	put_range(board_name, ARRAY_SIZE(board_name));
	exchange(at);
	assert_int_equal(error, AX_NOT_OPEN);
}

static void set_is_done_when_it_is_committed(void **state)
{
	(void)state;
	test_set("agentx-1");
	assert_int_equal(error, NO_ERROR);
	assert_string_not_equal(fixture_row("sub1-01")->name, "agentx-1");
	phase(AX_COMMITSET);
	assert_int_equal(error, NO_ERROR);
	name_is("agentx-1"); /* before the manager is told */
	phase(AX_UNDOSET);
	assert_int_equal(error, 15); /* undoFailed: it is stored */
	cleanup();
}

static void set_that_is_undone_changes_nothing(void **state)
{
	(void)state;
	test_set("agentx-2");
	assert_int_equal(error, NO_ERROR);
	phase(AX_UNDOSET);
	assert_int_equal(error, NO_ERROR);
	phase(AX_COMMITSET); /* of none */
	assert_int_equal(error, PROCESSED);
	test_set("agentx-2");
	cleanup();
	transaction--; /* a phase of an earlier one */
	phase(AX_COMMITSET);
	assert_int_equal(error, PROCESSED);
	transaction++;
	assert_string_not_equal(fixture_row("sub1-01")->name, "agentx-2");
}

static void errors_name_their_varbind(void **state)
{
	size_t at;

	(void)state;
	transaction++;
	at = begin(AX_TESTSET);
	ax_put_u16(&out, 4);
	ax_put_u16(&out, 0);
	ax_put_oid(&out, board_name, ARRAY_SIZE(board_name));
	ax_put_octets(&out, "x", 1);
	ax_put_u16(&out, 4); /* an INTEGER's place */
	ax_put_u16(&out, 0);
	ax_put_oid(&out, fan_duty, ARRAY_SIZE(fan_duty));
	ax_put_octets(&out, "x", 1);
	exchange(at);
	assert_int_equal(error, 7); /* wrongType */
	assert_int_equal(error_index, 2);
}

/* What one master has reserved does not stay so when it is gone. */
static void lost_master_releases_what_it_reserved(void **state)
{
	transaction++;
	size_t at = begin(AX_TESTSET);

	(void)state;
	ax_put_u16(&out, 2);
	ax_put_u16(&out, 0);
	ax_put_oid(&out, fan_duty, ARRAY_SIZE(fan_duty));
	ax_put_u32(&out, 51000);
	exchange(at);
	assert_int_equal(error, NO_ERROR);
	attach();
	transaction++;
	at = begin(AX_TESTSET);
	ax_put_u16(&out, 2);
	ax_put_u16(&out, 0);
	ax_put_oid(&out, fan_duty, ARRAY_SIZE(fan_duty));
	ax_put_u32(&out, 52000);
	exchange(at);
	assert_int_equal(error, NO_ERROR);
	cleanup();
}

static bool has_ended(void)
{
	return wait_for(peer, 10000) && recv(peer, answer_data, 1, 0) == 0;
}

static void what_is_no_agentx_ends_the_connection(void **state)
{
	uint8_t huge[AX_HEADER] = { 1, AX_GET, AX_FLAG_NETWORK_ORDER };

	(void)state;
	huge[16] = 0x7f; /* 2 GB of payload */
	assert_int_equal(write(peer, huge, sizeof(huge)), sizeof(huge));
	assert_true(has_ended());
	attach();
	huge[0] = 2;
	huge[16] = 0;
	assert_int_equal(write(peer, huge, sizeof(huge)), sizeof(huge));
	assert_true(has_ended());
	attach();
	name_is(fixture_row("sub1-01")->name);
}

/* A PDU with its payload spoilt, its length kept: a new one begins where it ends. */
static void spoil(const uint8_t *seed, size_t len, unsigned *random)
{
	uint8_t pdu[512];

	memcpy(pdu, seed, len);
	for (unsigned n = (unsigned)rand_r(random) % 6 + 1; n; n--) {
		size_t at = (size_t)rand_r(random) % len;
		if (at == 0 || (at >= 4 && at < 8) || (at >= 16 && at < AX_HEADER))
			continue; /* version, session and length stay */
		pdu[at] = (uint8_t)rand_r(random);
	}
	pdu[1] = (uint8_t)(rand_r(random) % 8 + AX_GET);
	pdu[2] |= AX_FLAG_NETWORK_ORDER;
	if (pdu[1] == AX_NOTIFY)
		pdu[1] = AX_GETBULK;
	(void)!write(peer, pdu, len);
}

static void drain(void)
{
	static uint8_t rest[1 << 16];

	while (recv(peer, rest, sizeof(rest), MSG_DONTWAIT) > 0)
		;
}

static void spoilt_pdus_are_survived(void **state)
{
	unsigned random = 7;
	size_t at = begin(AX_TESTSET);
	uint8_t seed[512];

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		ax_put_u16(&out, i % 2 ? 2 : 4);
		ax_put_u16(&out, 0);
		ax_put_oid(&out, board_name, ARRAY_SIZE(board_name));
		ax_put_octets(&out, "seed", 4);
	}
	assert_true(ax_end(&out, at));
	size_t len = out.len;
	assert_true(len <= sizeof(seed));
	memcpy(seed, out.data, len);
	out.len = 0;
	for (unsigned i = 0; i < SPOILT; i++) {
		spoil(seed, len, &random);
		drain();
		if (i % 64 == 0)
			step();
	}
	attach(); /* a new session: nothing of the old one stays */
	name_is(fixture_row("sub1-01")->name);
	assert_non_null(
		strstr(snmp_fixture_run("snmpget -Oqv", V2C_READ, ROOT ".3.1.3.1.1"),
		       "sub1-01"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_byte_orders_are_read),
		cmocka_unit_test(getbulk_repeats_and_ends),
		cmocka_unit_test(included_start_is_answered_once),
		cmocka_unit_test(end_of_a_range_is_not_of_it),
		cmocka_unit_test(sessions_and_contexts_of_others_are_refused),
		cmocka_unit_test(errors_name_their_varbind),
		cmocka_unit_test(set_that_is_undone_changes_nothing),
		cmocka_unit_test(set_is_done_when_it_is_committed),
		cmocka_unit_test(lost_master_releases_what_it_reserved),
		cmocka_unit_test(what_is_no_agentx_ends_the_connection),
		cmocka_unit_test(spoilt_pdus_are_survived),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
