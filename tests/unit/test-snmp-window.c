// SPDX-License-Identifier: Apache-2.0
/* The time window of SNMPv3, to the second and in both directions: the clock that the
 * engine's time comes from is the test's. */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../fuzz/usm.h"
#include "snmp-fixture.h"
#include "snmp-message.h"

#define UPTIME 5000 /* s, of the engine in the tests: later than any window is long */

static _Atomic long now; /* 0: the real one */

/* In the place of libc's, also for net-snmp. */
__attribute__((visibility("default"))) int clock_gettime(clockid_t id,
							 struct timespec *ret)
{
	if (id != CLOCK_MONOTONIC || !now)
		return (int)syscall(SYS_clock_gettime, id, ret);
	*ret = (struct timespec){ .tv_sec = now };
	return 0;
}

static int start(void **state)
{
	struct timespec t;

	(void)state;
	snmp_fixture_start("engine_id: \"8000000001020304\"\n"
			   "users:\n"
			   "  - {name: u, auth_passphrase: a-long-passphrase, "
			   "priv_passphrase: a-long-passphrase}\n");
	clock_gettime(CLOCK_MONOTONIC, &t);
	now = t.tv_sec + UPTIME;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	now = 0;
	snmp_fixture_stop();
	return 0;
}

/* msgFlags of what is answered to a GET of cbmcBoardId.1.1 that is so late. */
static unsigned flags_of_answer(int late)
{
	static const uint8_t input[] = {
		USM_MARK, 7,    0x30, 0x2f, 0x04, 0x08, 0x80, 0x00, 0x00, 0x00, 0x01,
		0x02,     0x03, 0x04, 0x04, 0x00, 0xa0, 0x21, 0x02, 0x01, 0x09, 0x02,
		0x01,     0x00, 0x02, 0x01, 0x00, 0x30, 0x16, 0x30, 0x14, 0x06, 0x10,
		0x2b,     0x06, 0x01, 0x04, 0x01, 0x81, 0xfd, 0x59, 0x01, 0x01, 0x01,
		0x03,     0x01, 0x03, 0x01, 0x01, 0x05, 0x00,
	};
	uint8_t message[sizeof(input) + USM_HEAD], answer[2048];
	size_t len = usm_message(input, sizeof(input), late, message);
	int fd = message_socket("127.0.0.1", "127.0.0.1", snmp_fixture_port());
	struct pollfd p = { .fd = fd, .events = POLLIN };

	assert_int_not_equal(len, 0);
	assert_int_equal(send(fd, message, len, 0), len);
	assert_int_equal(poll(&p, 1, 20000), 1);
	ssize_t n = recv(fd, answer, sizeof(answer), 0);
	assert_in_range(n, 50, sizeof(answer));
	close(fd);
	/* behind the version and the header's id and size */
	const uint8_t *flags = memmem(answer, (size_t)n, "\x04\x01", 2);
	assert_non_null(flags);
	return flags[2];
}

static void a_request_is_answered_for_150_seconds_either_way(void **state)
{
	(void)state;
	assert_int_equal(flags_of_answer(0), 3);
	assert_int_equal(flags_of_answer(150), 3);
	assert_int_equal(flags_of_answer(-150), 3);
}

/* The report is signed, and not encrypted. */
static void later_or_earlier_by_a_second_is_outside(void **state)
{
	(void)state;
	assert_int_equal(flags_of_answer(151), 1);
	assert_int_equal(flags_of_answer(-151), 1);
	assert_int_equal(flags_of_answer(UPTIME / 2), 1);
}

/* What was recorded is refused by the clock alone, without a restart. */
static void time_makes_it_old(void **state)
{
	(void)state;
	assert_int_equal(flags_of_answer(100), 3);
	now += 51;
	assert_int_equal(flags_of_answer(151), 1);
	assert_int_equal(flags_of_answer(100), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_answered_for_150_seconds_either_way),
		cmocka_unit_test(later_or_earlier_by_a_second_is_outside),
		cmocka_unit_test(time_makes_it_old),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
