// SPDX-License-Identifier: Apache-2.0
// The helper's door: whatever comes through the socket is answered or refused, and the
// helper is still there. System operations stay shut; a worker that hangs is killed.
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/util.h"
#include "priv-fixture.h"
#include "priv/accounts.h"
#include "priv/client.h"
#include "priv/helper.h"
#include "priv/workers.h"

static int setup(void **state)
{
	struct priv_fixture *fixture = calloc(1, sizeof(*fixture));

	priv_fixture_init(fixture);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	priv_client_done();
	priv_fixture_done(*state);
	free(*state);
	return 0;
}

static bool receive(int fd, struct priv_reply *rp)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 20000) == 1 &&
	       recv(fd, rp, sizeof(*rp), 0) >= (ssize_t)PRIV_REPLY_EMPTY;
}

static int ask(int fd, const void *packet, size_t len, struct priv_reply *rp)
{
	memset(rp, 0, sizeof(*rp));
	assert_int_equal(send(fd, packet, len, 0), len);
	assert_true(receive(fd, rp));
	return rp->err.code;
}

static int hello(const struct priv_fixture *fixture, struct priv_reply *rp)
{
	struct priv_request rq = { .op = PRIV_HELLO };

	rq.u.hello =
		(struct priv_hello){ .version = PRIV_VERSION,
				     .digest = fixture->settings.platform->digest };
	return ask(fixture->fd, &rq, PRIV_REQUEST_SIZE(hello), rp);
}

static void nothing_is_done_before_a_hello(void **state)
{
	struct priv_fixture *fixture = *state;
	struct priv_request rq = { .id = 5, .op = PRIV_LINE_SET };
	struct priv_reply rp;

	priv_fixture_start(fixture);
	assert_int_equal(ask(fixture->fd, &rq, PRIV_REQUEST_SIZE(line), &rp),
			 BMC_ESTATE);
	assert_int_equal(rp.id, 5);
	assert_int_equal(hello(fixture, &rp), 0);
	assert_int_equal(ask(fixture->fd, &rq, PRIV_REQUEST_SIZE(line), &rp), 0);
}

static void another_version_is_told_to_restart_the_helper(void **state)
{
	struct priv_fixture *fixture = *state;
	struct priv_request rq = { .op = PRIV_HELLO,
				   .u.hello = { .version = PRIV_VERSION + 1 } };
	struct priv_reply rp;

	priv_fixture_start(fixture);
	assert_int_equal(ask(fixture->fd, &rq, PRIV_REQUEST_SIZE(hello), &rp),
			 BMC_ENOTSUP);
	assert_non_null(strstr(rp.err.what, "restart"));
	rq.op = PRIV_LINE_SET;
	assert_int_equal(ask(fixture->fd, &rq, PRIV_REQUEST_SIZE(line), &rp),
			 BMC_ESTATE);
}

/* Its hello may have any length from the version on. */
static void a_hello_of_another_version_is_answered_with_both_versions(void **state)
{
	struct priv_fixture *fixture = *state;
	uint8_t packet[80] = { 0 };
	struct priv_request rq = { .op = PRIV_HELLO, .u.hello = { .version = 77 } };
	struct priv_reply rp;
	size_t least = PRIV_REQUEST_EMPTY + sizeof(uint32_t);

	priv_fixture_start(fixture);
	memcpy(packet, &rq, PRIV_REQUEST_SIZE(hello));
	for (size_t len = least; len <= sizeof(packet); len += 4) {
		assert_int_equal(ask(fixture->fd, packet, len, &rp), BMC_ENOTSUP);
		assert_non_null(strstr(rp.err.what, "clusterbmcd 77"));
		assert_int_equal(rp.u.hello.version, PRIV_VERSION);
	}
	assert_int_equal(ask(fixture->fd, packet, least - 1, &rp), BMC_EINVAL);
	rq.u.hello.version = PRIV_VERSION; /* its length is known */
	memcpy(packet, &rq, PRIV_REQUEST_SIZE(hello));
	assert_int_equal(ask(fixture->fd, packet, sizeof(packet), &rp), BMC_EINVAL);
	assert_int_equal(hello(fixture, &rp), 0);
}

/* A helper of another version: one that refuses, and one that takes no notice of it. */
static void the_client_names_both_versions_to_its_callers(void **state)
{
	static const int codes[] = { BMC_ENOTSUP, 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		struct priv_client_conf conf = { 0 };
		struct priv_reply rp = { .err.code = codes[i],
					 .u.hello = { .version = 1 } };
		struct bmc_error err = { 0 };
		struct priv_request rq;
		int sv[2];
		assert_int_equal(
			socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv), 0);
		conf.fd = sv[0];
		assert_int_equal(priv_client_init(&conf, NULL), 0);
		assert_true(recv(sv[1], &rq, sizeof(rq), 0) > 0);
		assert_int_equal(rq.u.hello.version, PRIV_VERSION);
		assert_true(send(sv[1], &rp, PRIV_REPLY_SIZE(hello), 0) > 0);
		assert_int_equal(priv_client_wait(bmc_now() + 60000, &err),
				 BMC_ENOTSUP);
		char both[80];

		(void)snprintf(both, sizeof(both),
			       "clusterbmc-priv speaks protocol 1, clusterbmcd %u",
			       PRIV_VERSION);
		assert_non_null(strstr(err.what, both));
		priv_client_done();
		(void)close(sv[1]);
	}
}

static void every_operation_refuses_every_wrong_length(void **state)
{
	static uint8_t packet[sizeof(struct priv_request) + 64];
	struct priv_fixture *fixture = *state;
	struct priv_reply rp;

	priv_fixture_start(fixture);
	assert_int_equal(hello(fixture, &rp), 0);
	for (uint32_t op = 0; op < PRIV_N_NUMBERS + 3; op++) {
		size_t right = op < PRIV_N_NUMBERS && priv_ops[op].run
				       ? priv_ops[op].request_size
				       : 0;
		for (size_t len = 1; len <= sizeof(packet); len += len < 64 ? 1 : 13) {
			struct priv_request head = { .id = op * 1000 + len, .op = op };
			if (len == right)
				continue;
			memcpy(packet, &head, PRIV_REQUEST_EMPTY);
			assert_true(ask(fixture->fd, packet, len, &rp) < 0);
		}
	}
	assert_int_equal(hello(fixture, &rp), 0);
}

/* Only what is done in the helper itself: the others would start thousands of children.
 */
static void random_requests_never_end_the_helper(void **state)
{
	struct priv_fixture *fixture = *state;
	struct priv_reply rp;
	struct priv_request rq;

	priv_fixture_start(fixture);
	assert_int_equal(hello(fixture, &rp), 0);
	srand(7);
	for (unsigned i = 0; i < 20000; i++) {
		uint32_t op = (uint32_t)rand() % PRIV_N_NUMBERS;
		if (!priv_ops[op].run || priv_ops[op].class != PRIV_HERE ||
		    op == PRIV_LINE_PULSE)
			continue;
		for (size_t b = 0; b < sizeof(rq); b++)
			((uint8_t *)&rq)[b] = (uint8_t)rand();
		rq.op = op;
		(void)ask(fixture->fd, &rq, priv_ops[op].request_size, &rp);
	}
	assert_int_equal(hello(fixture, &rp), 0);
}

static void random_account_requests_are_refused(void **state)
{
	struct priv_fixture *fixture = *state;
	struct priv_reply rp;
	struct priv_request rq;

	fixture->accounts = true;
	priv_fixture_start(fixture);
	assert_int_equal(hello(fixture, &rp), 0);
	srand(11);
	for (unsigned i = 0; i < 100; i++) {
		for (size_t b = 0; b < sizeof(rq); b++)
			((uint8_t *)&rq)[b] = (uint8_t)(rand() | 0x80);
		rq.op = PRIV_PASSWORD_CHANGE +
			i % (PRIV_ACCOUNT_LIST - PRIV_PASSWORD_CHANGE);
		assert_true(ask(fixture->fd, &rq, priv_ops[rq.op].request_size, &rp) <
			    0);
	}
	assert_int_equal(hello(fixture, &rp), 0);
}

static unsigned open_files(pid_t pid)
{
	char path[40];
	unsigned n = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	DIR *d = opendir(path);
	assert_non_null(d);
	while (readdir(d))
		n++;
	(void)closedir(d);
	return n;
}

static void descriptors_that_come_with_a_packet_are_not_kept(void **state)
{
	struct priv_fixture *fixture = *state;
	struct priv_request rq = { .op = PRIV_LINE_READ };
	struct iovec data = { &rq, PRIV_REQUEST_SIZE(line) };
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(100 * sizeof(int))];
	struct msghdr m = { .msg_iov = &data,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	struct priv_reply rp;

	priv_fixture_start(fixture);
	assert_int_equal(hello(fixture, &rp), 0);
	unsigned before = open_files(fixture->pid);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(100 * sizeof(int));
	for (size_t i = 0; i < 100; i++)
		memcpy(CMSG_DATA(c) + i * sizeof(int), &fixture->fd, sizeof(int));
	for (int i = 0; i < 50; i++) {
		assert_true(sendmsg(fixture->fd, &m, 0) > 0);
		assert_true(receive(fixture->fd, &rp));
		assert_int_equal(rp.err.code, 0);
	}
	assert_int_equal(open_files(fixture->pid), before);
}

static unsigned children(pid_t pid)
{
	char path[64];
	unsigned n = 0;
	int one;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid,
		       (int)pid);
	FILE *f = fopen(path, "re");
	assert_non_null(f);
	while (fscanf(f, "%d", &one) == 1)
		n++;
	(void)fclose(f);
	return n;
}

/* A queue that is full is said so; never more children than their limit. */
static void a_flood_of_requests_is_bounded(void **state)
{
	struct priv_fixture *fixture = *state;
	struct priv_request rq = { .op = PRIV_SMART, .u.disk = { 4095, 1048575 } };
	struct priv_reply rp;
	unsigned later = 0, answers = 0, sent = 0;

	priv_fixture_start(fixture);
	assert_int_equal(hello(fixture, &rp), 0);
	for (; sent < 2000 || answers < sent; answers++) {
		while (sent < 2000 && sent - answers < 2 * PRIV_QUEUE) {
			assert_true(send(fixture->fd, &rq, PRIV_REQUEST_SIZE(disk), 0) >
				    0);
			sent++;
		}
		assert_true(receive(fixture->fd, &rp));
		later += rp.err.code == BMC_EAGAIN;
		assert_true(children(fixture->pid) <= PRIV_CHILDREN);
	}
	assert_int_equal(answers, sent);
	assert_true(later > 0);
	assert_int_equal(hello(fixture, &rp), 0);
}

static void a_socket_takes_one_peer_after_another_and_keeps_its_mode(void **state)
{
	struct priv_fixture *fixture = *state;
	struct priv_client_conf conf = { .fd = -1,
					 .socket = fixture->settings.socket,
					 .digest = fixture->settings.platform->digest };
	struct stat st;

	fixture->pid = fork();
	if (fixture->pid == 0)
		_exit(priv_serve(&fixture->settings, -1, NULL) < 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(priv_client_init(&conf, NULL), 0);
		assert_int_equal(priv_client_wait(bmc_now() + 60000, NULL), 0);
		priv_client_done();
	}
	assert_int_equal(stat(fixture->settings.socket, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	(void)kill(fixture->pid, SIGTERM);
	priv_fixture_stop(fixture);
	assert_int_equal(access(fixture->settings.socket, F_OK), -1);
}

/* The first call after the helper's death may still be sent on its connection. */
static int read_line_until(int64_t deadline)
{
	int level;

	do
		level = bmc_hardware->line_read(0, deadline, NULL);
	while (level < 0 && bmc_now() < deadline);
	return level;
}

static void the_client_connects_again_when_the_helper_restarts(void **state)
{
	struct priv_fixture *fixture = *state;
	struct priv_client_conf conf = { .fd = -1,
					 .socket = fixture->settings.socket,
					 .digest = fixture->settings.platform->digest };

	assert_int_equal(priv_client_init(&conf, NULL), 0);
	for (int i = 0; i < 2; i++) {
		fixture->pid = fork();
		if (fixture->pid == 0)
			_exit(priv_serve(&fixture->settings, -1, NULL) < 0);
		assert_int_equal(read_line_until(bmc_now() + 60000), 1);
		(void)kill(fixture->pid, SIGKILL);
		(void)waitpid(fixture->pid, NULL, 0);
		fixture->pid = 0;
	}
}

static void system_operations_need_the_configuration_to_allow_them(void **state)
{
	static const uint32_t ops[] = { PRIV_HOSTNAME, PRIV_NTP, PRIV_CLOCK,
					PRIV_REBOOT };
	struct priv_fixture *fixture = *state;
	struct priv_reply rp;

	priv_fixture_start(fixture);
	assert_int_equal(hello(fixture, &rp), 0);
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		struct priv_request rq = { .op = ops[i] };
		assert_int_equal(
			ask(fixture->fd, &rq, priv_ops[ops[i]].request_size, &rp),
			BMC_EPERM);
	}
}

static void system_operations_check_their_arguments(void **state)
{
	static const char *const names[] = { "",    "-a",  "a-", "a..b",
					     "a b", "a/b", ".a", "a." };
	struct priv_fixture *fixture = *state;
	struct priv_request rq = { .op = PRIV_CLOCK };
	struct priv_reply rp;

	fixture->settings.system_allowed = true;
	priv_fixture_start(fixture);
	assert_int_equal(hello(fixture, &rp), 0);
	assert_int_equal(ask(fixture->fd, &rq, PRIV_REQUEST_SIZE(system), &rp),
			 BMC_ERANGE);
	rq.op = PRIV_NTP;
	rq.u.ntp.enabled = 2;
	assert_int_equal(ask(fixture->fd, &rq, PRIV_REQUEST_SIZE(ntp), &rp),
			 BMC_EINVAL);
	rq.u.ntp.enabled = -1;
	rq.u.ntp.set_servers = 1;
	memset(rq.u.ntp.servers, 'a', sizeof(rq.u.ntp.servers));
	assert_int_equal(ask(fixture->fd, &rq, PRIV_REQUEST_SIZE(ntp), &rp),
			 BMC_EINVAL);
	rq.op = PRIV_HOSTNAME;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		(void)bmc_copy(rq.u.system.hostname, sizeof(rq.u.system.hostname),
			       names[i]);
		assert_int_equal(ask(fixture->fd, &rq, PRIV_REQUEST_SIZE(system), &rp),
				 BMC_EINVAL);
	}
	memset(rq.u.system.hostname, 'a', sizeof(rq.u.system.hostname));
	assert_int_equal(ask(fixture->fd, &rq, PRIV_REQUEST_SIZE(system), &rp),
			 BMC_EINVAL);
}

static void smart_of_what_is_no_disk_is_refused(void **state)
{
	struct priv_fixture *fixture = *state;
	struct priv_request rq = { .op = PRIV_SMART, .u.disk = { 4095, 1048575 } };
	struct priv_reply rp;

	priv_fixture_start(fixture);
	assert_int_equal(hello(fixture, &rp), 0);
	assert_int_equal(ask(fixture->fd, &rq, PRIV_REQUEST_SIZE(disk), &rp),
			 BMC_ENOTFOUND);
}

/* A service whose authentication takes longer than anybody waits. */
static void write_hanging_service(const struct priv_fixture *fixture)
{
	char path[4200];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/clusterbmc",
		       fixture->settings.file_pam_dir);
	f = fopen(path, "w");
	assert_non_null(f);
	(void)fputs("auth required pam_exec.so quiet /bin/sleep 61.7\naccount required "
		    "pam_permit.so\n",
		    f);
	(void)fclose(f);
}

static void logins_that_hang_are_killed_and_hold_up_nobody_else(void **state)
{
	struct priv_fixture *fixture = *state;
	struct priv_request rq = { .op = PRIV_AUTHENTICATE };
	struct priv_request read_pin = { .id = 99, .op = PRIV_LINE_READ };
	struct priv_account_args p;
	struct priv_reply rp;

	fixture->accounts = true;
	fixture->settings.deadline_ms = 3000;
	priv_settings_key(&fixture->settings);
	assert_int_equal(priv_accounts_file.init(&fixture->settings, NULL), 0);
	(void)priv_account_args_init(&p, "admin", "Quartz-Lamp-41", NULL);
	(void)bmc_copy(p.role, sizeof(p.role), PRIV_ROLE_ADMINISTRATOR);
	assert_int_equal(priv_first_admin(&fixture->settings, &p, NULL), 0);
	priv_fixture_start(fixture);
	write_hanging_service(fixture);
	assert_int_equal(hello(fixture, &rp), 0);
	rq.u.args = p;
	for (rq.id = 1; rq.id <= 4; rq.id++)
		assert_true(send(fixture->fd, &rq, PRIV_REQUEST_SIZE(args), 0) > 0);
	assert_int_equal(ask(fixture->fd, &read_pin, PRIV_REQUEST_SIZE(line), &rp), 0);
	assert_int_equal(rp.id, 99); /* before the answers of the logins that hang */
	for (int i = 0; i < 4; i++) {
		assert_true(receive(fixture->fd, &rp));
		assert_int_equal(rp.err.code, BMC_ETIMEDOUT);
	}
	for (int i = 0;
	     i < 100 && system("pgrep -x -f '/bin/sleep 61.7' >/dev/null") == 0; i++)
		(void)usleep(20000);
	assert_int_not_equal(system("pgrep -x -f '/bin/sleep 61.7' >/dev/null"), 0);
}

static void a_helper_that_is_not_there_is_said_with_path_and_reason(void **state)
{
	static const char missing[] = "/nonexistent/clusterbmc-priv";
	struct bmc_error err = { 0 };
	pid_t pid = 0;
	int fd = -1;

	(void)state;
	assert_int_equal(priv_spawn(missing, "/dev/null", &fd, &pid, &err),
			 BMC_ENOTFOUND);
	assert_string_equal(err.what, "root helper /nonexistent/clusterbmc-priv: No "
				      "such file or directory");
	assert_int_equal(fd, -1);
	assert_int_equal(pid, 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(nothing_is_done_before_a_hello),
		T(another_version_is_told_to_restart_the_helper),
		T(a_hello_of_another_version_is_answered_with_both_versions),
		T(the_client_names_both_versions_to_its_callers),
		T(every_operation_refuses_every_wrong_length),
		T(random_requests_never_end_the_helper),
		T(random_account_requests_are_refused),
		T(descriptors_that_come_with_a_packet_are_not_kept),
		T(a_flood_of_requests_is_bounded),
		T(a_socket_takes_one_peer_after_another_and_keeps_its_mode),
		T(the_client_connects_again_when_the_helper_restarts),
		T(system_operations_need_the_configuration_to_allow_them),
		T(system_operations_check_their_arguments),
		T(smart_of_what_is_no_disk_is_refused),
		T(logins_that_hang_are_killed_and_hold_up_nobody_else),
		T(a_helper_that_is_not_there_is_said_with_path_and_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
