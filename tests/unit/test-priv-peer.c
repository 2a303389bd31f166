// SPDX-License-Identifier: Apache-2.0
// Who may speak to the helper: the daemon's user and root. The socket's mode keeps
// others out already, so these tests open it to all: the helper has to look for itself.
#include <grp.h>
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
#include "priv/helper.h"

#define DAEMON 64001
#define OTHER  64002

static int setup(void **state)
{
	struct priv_fixture *fixture = calloc(1, sizeof(*fixture));

	priv_fixture_init(fixture);
	fixture->settings.uid = DAEMON;
	fixture->settings.gid = DAEMON;
	assert_int_equal(chmod(fixture->dir, 0711), 0);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	const struct priv_fixture *fixture = *state;

	if (fixture->pid > 0)
		(void)kill(fixture->pid, SIGTERM);
	priv_fixture_done(*state);
	free(*state);
	return 0;
}

static int connect_to(const struct priv_fixture *fixture)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	(void)bmc_copy(at.sun_path, sizeof(at.sun_path), fixture->settings.socket);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

/* The socket has a name before it listens: only a connection shows that it does. */
static void start_at_socket(struct priv_fixture *fixture)
{
	int fd = -1;

	fixture->pid = fork();
	if (fixture->pid == 0)
		_exit(priv_serve(&fixture->settings, -1, NULL) < 0);
	for (int i = 0; i < 6000 && (fd = connect_to(fixture)) < 0; i++)
		(void)usleep(10000);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(chmod(fixture->settings.socket, 0777), 0);
}

enum said { SAID_NOTHING, SAID_HELLO, SAID_CLOSED, SAID_NO_SOCKET };

static enum said say_hello(const struct priv_fixture *fixture)
{
	struct priv_request rq = { .op = PRIV_HELLO };
	struct priv_reply rp = { 0 };
	int fd = connect_to(fixture);
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (fd < 0)
		return SAID_NO_SOCKET;
	rq.u.hello =
		(struct priv_hello){ .version = PRIV_VERSION,
				     .digest = fixture->settings.platform->digest };
	/* fails with EPIPE when the helper has hung up already */
	(void)send(fd, &rq, PRIV_REQUEST_SIZE(hello), MSG_NOSIGNAL);
	if (poll(&p, 1, 60000) != 1)
		return SAID_NOTHING;
	return recv(fd, &rp, sizeof(rp), 0) > 0 && rp.err.code == 0 ? SAID_HELLO
								    : SAID_CLOSED;
}

/* What a process of this user gets for its hello. */
static enum said hello_as(const struct priv_fixture *fixture, uid_t uid)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 ||
		    setresuid(uid, uid, uid) < 0)
			_exit(99);
		_exit((int)say_hello(fixture));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return (enum said)WEXITSTATUS(status);
}

static void only_the_daemons_user_and_root_are_heard(void **state)
{
	struct priv_fixture *fixture = *state;

	start_at_socket(fixture);
	assert_int_equal(hello_as(fixture, DAEMON), SAID_HELLO);
	assert_int_equal(hello_as(fixture, OTHER), SAID_CLOSED);
	assert_int_equal(hello_as(fixture, 0), SAID_HELLO);
	assert_int_equal(hello_as(fixture, 65534), SAID_CLOSED);
	assert_int_equal(hello_as(fixture, DAEMON), SAID_HELLO);
}

/* A terminal that is closed hangs up the spawned helper too, or `kill -HUP` to the
 * group of the daemon, which reloads. */
static void a_hangup_ends_nothing(void **state)
{
	struct priv_fixture *fixture = *state;

	start_at_socket(fixture);
	assert_int_equal(hello_as(fixture, DAEMON), SAID_HELLO);
	assert_int_equal(kill(fixture->pid, SIGHUP), 0);
	assert_int_equal(hello_as(fixture, DAEMON), SAID_HELLO);
	assert_int_equal(waitpid(fixture->pid, NULL, WNOHANG), 0);
}

/* The descriptor that quickstart's daemon hands over was made by the daemon. */
static void a_descriptor_of_another_user_is_refused(void **state)
{
	struct priv_fixture *fixture = *state;
	struct bmc_error err = { 0 };
	int mine[2], theirs[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, mine),
			 0);
	assert_int_equal(seteuid(OTHER), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, theirs),
			 0);
	assert_int_equal(seteuid(0), 0);
	(void)close(mine[0]); /* a peer that is gone at once: the helper ends */
	(void)close(theirs[0]);
	assert_int_equal(priv_serve(&fixture->settings, theirs[1], &err), BMC_EPERM);
	assert_non_null(strstr(err.what, "not from the daemon"));
	assert_int_equal(priv_serve(&fixture->settings, mine[1], &err), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(only_the_daemons_user_and_root_are_heard),
		T(a_hangup_ends_nothing),
		T(a_descriptor_of_another_user_is_refused),
	};

	if (geteuid() != 0) {
		(void)puts("1..0 # SKIP only root can be another user");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
