// SPDX-License-Identifier: Apache-2.0
/* SETs that can't be answered at once: SNMP's thread waits neither for the journal nor
 * for hardware. The journal and all verbs end on this program's own loop, so a SET is
 * under way for as long as the loop is not stepped. */
#include "snmp-fixture.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "action-fixture.h"
#include "snmp-message.h"
#include "snmp/set.h"

#define MAX_MESSAGE 1070
static const char config[] = "max_message: 1070\n"
			     "communities:\n"
			     "  - {name: public}\n"
			     "  - {name: private, role: Operator, actor: script}\n"
			     "  - {name: other, role: Operator, actor: other}\n";

#define BOARD_NAME   ROOT ".3.1.4"
#define BOARD_ACTION ROOT ".3.1.10"
#define FAN_DUTY     ROOT ".4.1.10"
#define LOCK         ROOT ".1.18.0"
#define UP_TIME      "1.3.6.1.2.1.1.3.0"
#define NO_ERROR     0
#define TOO_BIG      1
#define NO_ACCESS    6
#define INCONSISTENT 12
#define UNAVAILABLE  13
enum { FORCE_OFF = 3 };

static int fd;          /* the client's socket */
static bool namespaced; /* in a network of our own: fd00::1 and fd00::2 are there */
static unsigned next_id = 1000;

static void step(void)
{
	bmc_loop_step(5);
}

static int set_up(void **state)
{
	fixture_set_up(state);
	snmp_fixture_bind = "*";
	snmp_fixture_serve(config);
	snmp_fixture_meanwhile = step;
	fd = message_socket("127.0.0.1", "127.0.0.1", snmp_fixture_port());
	return fd < 0;
}

static int tear_down(void **state)
{
	close(fd);
	snmp_fixture_end();
	return fixture_tear_down(state);
}

static long value(const char *object)
{
	return atol(snmp_fixture_run("snmpget -Oqv", V2C_READ, object));
}

/* Sends one varbind; returns its request-id. */
static unsigned send_set(const char *object, long number, const char *text)
{
	struct message_value v = { object, number, text };
	struct message m;

	message_make(&m, MESSAGE_SET, "private", ++next_id, &v, 1);
	assert_true(message_send(fd, &m));
	return next_id;
}

/* The next answer while the loop runs. */
static struct message_answer answer(void)
{
	struct message_answer a = { 0 };

	for (int i = 0; i < 2000; i++) {
		step();
		if (message_receive(fd, 5, &a))
			return a;
	}
	fail_msg("no answer");
	return a;
}

static void no_answer(int ms)
{
	struct message_answer a;

	assert_false(message_receive(fd, ms, &a));
}

/* A GET is answered although the loop does not run. */
static void get_is_answered(void)
{
	struct message_value v = { UP_TIME, 0, NULL };
	int other = message_socket("127.0.0.1", "127.0.0.1", snmp_fixture_port());
	struct message_answer a;
	struct message m;

	message_make(&m, MESSAGE_GET, "public", ++next_id, &v, 1);
	assert_true(message_send(other, &m));
	assert_true(message_receive(other, 5000, &a));
	assert_int_equal(a.request_id, next_id);
	close(other);
}

static void a_get_is_answered_while_sets_wait_for_the_journal(void **state)
{
	unsigned first = next_id + 1, answered = 0;

	(void)state;
	for (unsigned i = 0; i < 20; i++)
		send_set(BOARD_NAME ".1.2", 0, "waiting");
	get_is_answered();
	no_answer(1);
	while (answered < 20) {
		struct message_answer a = answer();
		assert_int_equal(a.status, NO_ERROR);
		assert_in_range(a.request_id, first, first + 19);
		answered++;
	}
	assert_string_equal(fixture_row("sub1-02")->name, "waiting");
}

static bool fan_is_set(void *duty)
{
	return fixture->duty == *(int64_t *)duty;
}

static void a_set_is_answered_while_its_verb_hangs(void **state)
{
	int64_t duty = 51000, former = 50000;

	(void)state;
	send_set(FAN_DUTY ".1", former, NULL);
	assert_int_equal(answer().status, NO_ERROR);
	assert_true(fixture_until(fan_is_set, &former));
	fixture_pass(50);
	fixture->fan_hangs = true;
	send_set(FAN_DUTY ".1", duty, NULL);
	assert_int_equal(answer().status, NO_ERROR);
	assert_int_not_equal(fixture->duty, duty);
	get_is_answered();
	/* the fan is busy until its verb ends */
	send_set(FAN_DUTY ".1", 52000, NULL);
	assert_int_equal(answer().status, INCONSISTENT);
	/* also for the value that its row shows still */
	send_set(FAN_DUTY ".1", former, NULL);
	assert_int_equal(answer().status, INCONSISTENT);
	fixture->fan_hangs = false;
	assert_true(fixture_until(fan_is_set, &duty));
}

static void a_set_sent_again_while_it_is_under_way_is_run_once(void **state)
{
	long old = value(LOCK);
	struct message_value v[] = { { LOCK, old, NULL },
				     { BOARD_NAME ".1.3", 0, "twice" } };
	struct message m;

	(void)state;
	message_make(&m, MESSAGE_SET, "private", ++next_id, v, 2);
	for (int i = 0; i < 3; i++)
		assert_true(message_send(fd, &m));
	get_is_answered(); /* all three have been read */
	assert_int_equal(answer().status, NO_ERROR);
	no_answer(50);
	assert_int_equal(value(LOCK), old + 1);
	/* the answer was lost: it is sent again, of a failed one also */
	for (int i = 0; i < 2; i++) {
		assert_true(message_send(fd, &m));
		assert_int_equal(answer().status, NO_ERROR);
	}
	assert_int_equal(value(LOCK), old + 1);
	message_make(&m, MESSAGE_SET, "private", ++next_id, v, 2);
	for (int i = 0; i < 2; i++) {
		assert_true(message_send(fd, &m));
		struct message_answer a = answer();
		assert_int_equal(a.status, INCONSISTENT);
		assert_int_equal(a.index, 1);
	}
}

static struct message_answer answer_from(int socket)
{
	struct message_answer a = { 0 };

	for (int i = 0; i < 2000; i++) {
		step();
		if (message_receive(socket, 5, &a))
			return a;
	}
	fail_msg("no answer");
	return a;
}

/* A client that may not write can't make the agent drop a manager's last request; that
 * is also so of SETs that are refused for their length. */
static void flood(const struct message_value *values, size_t n, int status)
{
	long old = value(LOCK);
	struct message_value v = { LOCK, old, NULL };
	int other = message_socket("127.0.0.1", "127.0.0.1", snmp_fixture_port());
	struct message m, reader;
	struct message_answer a;
	int64_t began;

	message_make(&m, MESSAGE_SET, "private", ++next_id, &v, 1);
	assert_true(message_send(fd, &m));
	assert_int_equal(answer().status, NO_ERROR);
	began = bmc_now();
	for (unsigned i = 0; i <= SN_SET_RECENT; i++) {
		message_make(&reader, MESSAGE_SET, "public", ++next_id, values, n);
		assert_true(message_send(other, &reader));
		assert_true(message_receive(other, 5000, &a)); /* no loop is needed */
		assert_int_equal(a.status, status);
		if (i % 64 == 0)
			step();
	}
	assert_true(message_send(fd, &m));
	a = answer();
	if (bmc_now() - began <
	    SN_SET_RECENT_MS) /* else a slow machine has forgotten */
		assert_int_equal(a.status, NO_ERROR);
	assert_int_equal(value(LOCK), old + 1);
	close(other);
}

static void a_flood_of_readers_sets_does_not_make_a_copy_new(void **state)
{
	const struct message_value v = { LOCK, 1, NULL };
	struct message_value many[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = v;
	flood(&v, 1, NO_ACCESS);
	flood(many, ARRAY_SIZE(many), TOO_BIG);
}

static void another_request_is_no_copy(void **state)
{
	long old = value(LOCK);
	struct message_value v = { LOCK, old, NULL };
	int other = message_socket("127.0.0.1", "127.0.0.1", snmp_fixture_port());
	struct message_answer a;
	struct message m;

	(void)state;
	message_make(&m, MESSAGE_SET, "private", ++next_id, &v, 1);
	assert_true(message_send(fd, &m));
	assert_int_equal(answer().status, NO_ERROR);
	/* another port, another user, other varbinds: each is refused, for the lock has
	 * moved on */
	assert_true(message_send(other, &m));
	assert_true(message_receive(other, 5000, &a));
	assert_int_equal(a.status, INCONSISTENT);
	close(other);
	message_make(&m, MESSAGE_SET, "other", next_id, &v, 1);
	assert_true(message_send(fd, &m));
	assert_int_equal(answer().status, INCONSISTENT);
	v.number = old + 2;
	message_make(&m, MESSAGE_SET, "private", next_id, &v, 1);
	assert_true(message_send(fd, &m));
	assert_int_equal(answer().status, INCONSISTENT);
}

static void of_two_requests_under_way_one_gets_the_lock(void **state)
{
	struct message_value v[] = { { LOCK, value(LOCK), NULL },
				     { BOARD_NAME ".1.2", 0, "one of two" } };
	struct message m;

	(void)state;
	unsigned first = ++next_id;
	message_make(&m, MESSAGE_SET, "private", first, v, 2);
	assert_true(message_send(fd, &m));
	message_make(&m, MESSAGE_SET, "private", ++next_id, v, 2);
	assert_true(message_send(fd, &m));
	struct message_answer a;
	assert_true(message_receive(fd, 5000, &a)); /* refused at once */
	assert_int_equal(a.request_id, next_id);
	assert_int_equal(a.status, INCONSISTENT);
	a = answer();
	assert_int_equal(a.request_id, first);
	assert_int_equal(a.status, NO_ERROR);
}

/* SNMP's thread looks up from a wait for nothing after 2 s only: an answer that comes
 * sooner has woken it. */
#define SOON_MS 1500

static void a_set_is_answered_as_soon_as_it_can_be(void **state)
{
	int64_t began = bmc_now();

	(void)state;
	send_set(BOARD_ACTION ".1.3", FORCE_OFF, NULL);
	assert_int_equal(answer().status, NO_ERROR);
	assert_in_range(bmc_now() - began, 0, SOON_MS);
}

static void a_set_that_fails_claims_nothing(void **state)
{
	long lock = value(LOCK);
	struct message_value v[] = { { LOCK, lock, NULL },
				     { BOARD_ACTION ".1.2", FORCE_OFF, NULL },
				     { BOARD_ACTION ".1.4", FORCE_OFF, NULL } };
	struct message m;

	(void)state;
	message_make(&m, MESSAGE_SET, "private", ++next_id, v, 3);
	assert_true(message_send(fd, &m));
	struct message_answer a = answer();
	assert_int_equal(a.status, INCONSISTENT); /* the slot is empty */
	assert_int_equal(a.index, 3);
	assert_int_equal(value(LOCK), lock);
	/* the journal does not answer in time: nothing of it may be left either */
	message_make(&m, MESSAGE_SET, "private", ++next_id, v, 2);
	assert_true(message_send(fd, &m));
	int64_t began = bmc_now();
	assert_true(message_receive(fd, 10 * SN_SET_WAIT_MS, &a));
	assert_in_range(bmc_now() - began, SN_SET_WAIT_MS - 100,
			SN_SET_WAIT_MS + SOON_MS - 200);
	assert_int_equal(a.status, UNAVAILABLE);
	assert_int_equal(value(LOCK), lock);
	assert_int_equal(fixture_row("sub1-02")->power_state, BMC_POWER_ON);
	message_make(&m, MESSAGE_SET, "private", ++next_id, v, 2);
	assert_true(message_send(fd, &m));
	assert_int_equal(answer().status, NO_ERROR);
	assert_int_equal(value(LOCK), lock + 1);
}

/* A request of that many octets; how it is answered. */
static struct message_answer answer_to(size_t octets)
{
	static const char filler[64] =
		"the name of a board that is as long as it can be";
	struct message_value v[40];
	struct message m = { .len = 0 };
	char first[64] = "";

	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		v[i] = (struct message_value){ BOARD_NAME ".1.3", 0, "long" };
	v[0].object = BOARD_NAME ".1.2";
	v[0].text = first;
	for (size_t i = 0; i < strlen(filler) && m.len != octets; i++) {
		bmc_copy(first, i + 2, filler);
		message_make(&m, MESSAGE_SET, "private", ++next_id, v, ARRAY_SIZE(v));
	}
	assert_int_equal(m.len, octets);
	assert_true(message_send(fd, &m));
	return answer();
}

static void a_set_whose_answer_would_be_too_long_is_not_run(void **state)
{
	(void)state;
	assert_int_not_equal(answer_to(MAX_MESSAGE - 1).status, TOO_BIG);
	assert_int_not_equal(answer_to(MAX_MESSAGE).status, TOO_BIG);
	send_set(BOARD_NAME ".1.3", 0, "short");
	assert_int_equal(answer().status, NO_ERROR);
	assert_int_equal(answer_to(MAX_MESSAGE + 1).status, TOO_BIG);
	assert_string_equal(fixture_row("sub1-03")->name, "short");
}

static void too_many_at_once_are_refused(void **state)
{
	unsigned refused = 0;
	struct message_value v = { BOARD_NAME ".1.2", 0, "c" };
	int other = message_socket("127.0.0.1", "127.0.0.1", snmp_fixture_port());
	struct message reader;

	(void)state;
	for (unsigned i = 0; i < SN_SET_PENDING + 2; i++)
		send_set(BOARD_NAME ".1.2", 0, i & 1 ? "a" : "b");
	/* who may not write hears that, and is not remembered */
	message_make(&reader, MESSAGE_SET, "public", ++next_id, &v, 1);
	assert_true(message_send(other, &reader));
	get_is_answered(); /* all of them have been read before the first can end */
	for (unsigned i = 0; i < SN_SET_PENDING + 2; i++)
		refused += answer().status == UNAVAILABLE;
	assert_int_equal(refused, 2);
	assert_int_equal(answer_from(other).status, NO_ACCESS);
	close(other);
}

/* A delayed answer comes from where its request went to, whatever has been read since.
 */
static void answer_comes_from(const char *client, const char *to, const char *meanwhile)
{
	struct message_value v = { BOARD_NAME ".1.3", 0, to };
	struct message_value get = { UP_TIME, 0, NULL };
	int one = message_socket(client, to, snmp_fixture_port());
	int two = message_socket(client, meanwhile, snmp_fixture_port());
	struct message_answer a = { 0 };
	struct message m;

	assert_true(one >= 0 && two >= 0);
	message_make(&m, MESSAGE_SET, "private", ++next_id, &v, 1);
	assert_true(message_send(one, &m));
	message_make(&m, MESSAGE_GET, "public", ++next_id, &get, 1);
	assert_true(message_send(two, &m));
	assert_true(message_receive(two, 5000, &a));
	/* connected: an answer from another address would not be received */
	bool came = false;
	for (int i = 0; i < 400 && !came; i++) {
		step();
		came = message_receive(one, 5, &a);
	}
	assert_true(came);
	assert_int_equal(a.status, NO_ERROR);
	assert_string_equal(a.from, to);
	close(one);
	close(two);
}

static void a_delayed_answer_leaves_from_the_address_of_its_request(void **state)
{
	(void)state;
	answer_comes_from("127.0.0.1", "127.0.0.2", "127.0.0.3");
	if (!namespaced)
		return;
	answer_comes_from("::1", "fd00::1", "fd00::2");
	answer_comes_from("::1", "fd00::2", "fd00::1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_get_is_answered_while_sets_wait_for_the_journal),
		cmocka_unit_test(a_set_is_answered_while_its_verb_hangs),
		cmocka_unit_test(a_set_sent_again_while_it_is_under_way_is_run_once),
		cmocka_unit_test(a_flood_of_readers_sets_does_not_make_a_copy_new),
		cmocka_unit_test(another_request_is_no_copy),
		cmocka_unit_test(of_two_requests_under_way_one_gets_the_lock),
		cmocka_unit_test(a_set_is_answered_as_soon_as_it_can_be),
		cmocka_unit_test(a_set_that_fails_claims_nothing),
		cmocka_unit_test(a_set_whose_answer_would_be_too_long_is_not_run),
		cmocka_unit_test(too_many_at_once_are_refused),
		cmocka_unit_test(
			a_delayed_answer_leaves_from_the_address_of_its_request),
	};

	if (system("command -v snmpset >/dev/null 2>&1") != 0) {
		puts("1..0 # SKIP snmpset is not here (apt install snmp)");
		return 0;
	}
	/* IPv6 has one address of loopback only, so more are made where that is allowed
	 */
	namespaced =
		unshare(CLONE_NEWNET) == 0 &&
		system("ip link set lo up && ip addr add fd00::1/128 dev lo nodad && "
		       "ip addr add fd00::2/128 dev lo nodad") == 0;
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
