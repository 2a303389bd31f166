// SPDX-License-Identifier: Apache-2.0
/* clusterbmc-shell: whose shells it opens, what is in them, and that nothing of them
 * stays. The service runs in a process of its own; the test is its daemon. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../plugins/host/login/login.h"
#include "../../plugins/host/shell-proto.h"

#define WAIT_MS 60000 /* a busy machine's; nothing waits for it on an idle one */

static char folder[] = "/tmp/clusterbmc-login.XXXXXX";
static char socket_path[64], shells[64];
static pid_t server;
static char name[] = "olga", sh[] = "/bin/sh";
static const struct login_account account = { name, folder, sh };

/* ---- the daemon's side ---- */

struct client {
	int conn, end;
	struct host_shell_reply rp;
	char got[65536];
	size_t len;
};

static void pause_ms(long ms)
{
	const struct timespec ts = { .tv_sec = ms / 1000,
				     .tv_nsec = ms % 1000 * 1000000 };

	(void)nanosleep(&ts, NULL);
}

static int connect_to(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	assert_true(fd >= 0);
	for (int ms = 0; connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0;
	     ms += 10) {
		assert_true(ms < WAIT_MS);
		pause_ms(10);
	}
	return fd;
}

/* False: the service has ended the connection. */
static bool take_reply(struct client *c)
{
	char space[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))) = { 0 };
	struct iovec data = { &c->rp, sizeof(c->rp) };
	struct msghdr m = { .msg_iov = &data,
			    .msg_iovlen = 1,
			    .msg_control = space,
			    .msg_controllen = sizeof(space) };
	struct pollfd p = { .fd = c->conn, .events = POLLIN };

	assert_int_equal(poll(&p, 1, WAIT_MS), 1);
	ssize_t n = recvmsg(c->conn, &m, MSG_CMSG_CLOEXEC);
	/* what is refused was not read */
	if (n < 0 && errno == ECONNRESET)
		n = recvmsg(c->conn, &m, MSG_CMSG_CLOEXEC);
	if (n <= 0)
		return false;
	assert_int_equal(n, sizeof(c->rp));
	assert_int_equal(c->rp.version, HOST_SHELL_VERSION);
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	if (h)
		memcpy(&c->end, CMSG_DATA(h), sizeof(int));
	return true;
}

static void ask(struct client *c, const void *rq, size_t len)
{
	*c = (struct client){ .end = -1 };
	c->conn = connect_to(socket_path);
	ssize_t n = send(c->conn, rq, len, MSG_NOSIGNAL);
	if (n < 0 && errno == EPIPE)
		return; /* refused already */
	assert_int_equal(n, len);
}

static struct host_shell_request request(const char *command, uint16_t columns)
{
	struct host_shell_request rq = { .version = HOST_SHELL_VERSION,
					 .columns = columns,
					 .rows = columns ? 24 : 0 };

	(void)snprintf(rq.command, sizeof(rq.command), "%s", command);
	return rq;
}

static void open_shell(struct client *c, const char *command, uint16_t columns)
{
	const struct host_shell_request rq = request(command, columns);

	ask(c, &rq, sizeof(rq));
	assert_true(take_reply(c));
	if (c->rp.code)
		fail_msg("%s", c->rp.what);
	assert_true(c->end >= 0);
}

static void close_shell(struct client *c)
{
	if (c->end >= 0)
		(void)close(c->end);
	(void)close(c->conn);
}

/* Reads until `text` is there, or to the end (NULL). */
static bool hear(struct client *c, const char *text)
{
	struct pollfd p = { .fd = c->end, .events = POLLIN };

	while (!text || !strstr(c->got, text)) {
		if (poll(&p, 1, WAIT_MS) != 1 || c->len + 1 >= sizeof(c->got))
			return false;
		ssize_t n = read(c->end, c->got + c->len, sizeof(c->got) - 1 - c->len);
		if (n <= 0)
			return !text;
		c->len += (size_t)n;
	}
	return true;
}

static void say(const struct client *c, const char *text)
{
	assert_int_equal(write(c->end, text, strlen(text)), strlen(text));
}

/* A command without a terminal: its output is in `got`. */
static int run(struct client *c, const char *command)
{
	open_shell(c, command, 0);
	assert_true(hear(c, NULL));
	assert_true(take_reply(c));
	close_shell(c);
	return c->rp.code;
}

/* A zombie whose parent does not look after it is gone, too. */
static bool is_dead(int pid)
{
	char path[40], line[200] = "";
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return true;
	const char *state = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
	(void)fclose(f);
	return !state || state[2] == 'Z';
}

static bool is_gone(int pid)
{
	for (int ms = 0; ms < WAIT_MS; ms += 10) {
		if (is_dead(pid))
			return true;
		pause_ms(10);
	}
	return false;
}

/* The number of the next whole line "pid=N", which is taken out of what came. */
static int next_pid(struct client *c)
{
	char *at = NULL;

	for (;;) {
		at = strstr(c->got, "pid=");
		if (at && strchr(at, '\n'))
			break;
		struct pollfd p = { .fd = c->end, .events = POLLIN };
		assert_int_equal(poll(&p, 1, WAIT_MS), 1);
		ssize_t n = read(c->end, c->got + c->len, sizeof(c->got) - 1 - c->len);
		assert_true(n > 0);
		c->len += (size_t)n;
	}
	int pid = atoi(at + 4);
	assert_true(pid > 1);
	memset(c->got, ' ', (size_t)(at - c->got) + strcspn(at, "\n") + 1);
	return pid;
}

/* ---- the service ---- */

static void start_server(void)
{
	const struct login_conf conf = { .socket = socket_path,
					 .account = &account,
					 .peer = getuid() };
	struct bmc_error err = { 0 };

	server = fork();
	assert_true(server >= 0);
	if (server > 0)
		return;
	/* what a service may have from its manager */
	(void)setenv("SECRET_OF_THE_SERVICE", "hunter2", 1);
	(void)unsetenv("LANG");
	(void)dup2(1, 50);
	(void)umask(0077);
	(void)signal(SIGUSR1, SIG_IGN);
	(void)close(2);
	(void)open("/dev/null", O_WRONLY);
	_exit(login_serve(&conf, &err) == 0 ? 0 : 1);
}

static int set_up(void **state)
{
	(void)state;
	start_server();
	(void)close(connect_to(socket_path));
	return 0;
}

static int tear_down(void **state)
{
	int status = 0;

	(void)state;
	if (!server)
		return 0;
	assert_int_equal(kill(server, SIGTERM), 0);
	assert_int_equal(waitpid(server, &status, 0), server);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_not_equal(access(socket_path, F_OK), 0);
	server = 0;
	return 0;
}

/* ---- the account ---- */

static void write_shells(const char *text)
{
	FILE *f = fopen(shells, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int find(const char *who, struct bmc_error *err)
{
	struct login_account a;
	int r = login_account_find(who, shells, &a, err);

	if (r == 0)
		assert_string_equal(a.name, who);
	login_account_done(&a);
	return r;
}

static void only_the_account_of_the_process_is_taken(void **state)
{
	const struct passwd *pw = getpwuid(getuid());
	struct bmc_error err = { 0 };
	char own[64], line[200];

	(void)state;
	assert_int_equal(find("no-such-account", &err), BMC_ENOTFOUND);
	if (!pw)
		return; /* this user has no account: nothing else can be asked */
	(void)snprintf(own, sizeof(own), "%s", pw->pw_name);
	(void)snprintf(line, sizeof(line), "# all\n%s # this one\n", pw->pw_shell);
	write_shells(line);
	assert_int_equal(find(own, &err), 0);
	assert_int_equal(find(getuid() == 0 ? "daemon" : "root", &err), BMC_EPERM);
	assert_non_null(strstr(err.what, "does not run as"));
}

static void shell_has_to_be_listed(void **state)
{
	const struct passwd *pw = getpwuid(getuid());
	struct bmc_error err = { 0 };
	char own[64], line[200];

	(void)state;
	if (!pw)
		return;
	(void)snprintf(own, sizeof(own), "%s", pw->pw_name);
	(void)snprintf(line, sizeof(line), "#%s\n%sx\n/x%s\n", pw->pw_shell,
		       pw->pw_shell, pw->pw_shell);
	write_shells(line);
	assert_int_equal(find(own, &err), BMC_ENOTSUP);
	write_shells("");
	assert_int_equal(find(own, &err), BMC_ENOTSUP);
	assert_int_equal(unlink(shells), 0);
	assert_int_equal(find(own, &err), BMC_ENOTSUP);
}

/* ---- what a shell is ---- */

static void command_has_its_output_and_exit_code(void **state)
{
	struct client c;

	(void)state;
	assert_int_equal(run(&c, "echo out; echo err >&2; exit 7"), 7);
	assert_string_equal(c.got, "out\nerr\n");
	assert_int_equal(run(&c, "kill -9 $$"), 137);
	assert_int_equal(run(&c, "true"), 0);
}

static void input_ends_where_the_client_ends_it(void **state)
{
	struct client c;

	(void)state;
	open_shell(&c, "cat; exit 3", 0);
	say(&c, "one\n");
	assert_true(hear(&c, "one\n"));
	assert_int_equal(shutdown(c.end, SHUT_WR), 0);
	assert_true(take_reply(&c));
	assert_int_equal(c.rp.code, 3);
	close_shell(&c);
}

static void environment_is_a_login_s_and_nothing_else(void **state)
{
	static const char *const known[] = { "HOME", "USER",   "LOGNAME", "SHELL",
					     "PATH", "LANG",   "PWD",     "SHLVL",
					     "_",    "OLDPWD", NULL };
	struct client c;
	char *line, *rest;

	(void)state;
	assert_int_equal(run(&c, "env; echo HOME=$(pwd)"), 0);
	assert_null(strstr(c.got, "hunter2"));
	assert_non_null(strstr(c.got, "USER=olga\n"));
	assert_non_null(strstr(c.got, "SHELL=/bin/sh\n"));
	assert_non_null(strstr(c.got, "LANG=C.UTF-8\n"));
	rest = c.got;
	while ((line = strsep(&rest, "\n")) && *line) {
		size_t i = 0, len = strcspn(line, "=");
		while (known[i] &&
		       (strlen(known[i]) != len || memcmp(known[i], line, len)))
			i++;
		if (!known[i])
			fail_msg("%s", line);
		if (strcmp(known[i], "HOME") == 0)
			assert_string_equal(line + 5, folder);
	}
}

static void descriptors_signals_and_mask_are_a_login_s(void **state)
{
	struct client c;

	(void)state;
	assert_int_equal(run(&c, "i=3; while [ $i -lt 64 ]; do [ ! -e /proc/$$/fd/$i ] "
				 "|| echo fd $i; i=$((i+1)); done; umask; "
				 "exec grep -E '^Sig(Blk|Ign)' /proc/self/status"),
			 0);
	assert_memory_equal(c.got, "0022\nSigBlk:\t", 13);
	assert_int_equal(strtoull(c.got + 13, NULL, 16), 0);
	const char *ignored = strstr(c.got, "SigIgn:\t");
	assert_non_null(ignored);
	/* 32 and 33 are libc's own: it lets no program change them */
	assert_int_equal(strtoull(ignored + 8, NULL, 16) & ~(UINT64_C(3) << 31), 0);
}

static void login_shell_has_a_terminal_that_follows_its_size(void **state)
{
	const struct winsize size = { .ws_col = 132, .ws_row = 43 };
	struct client c;

	(void)state;
	open_shell(&c, "", 80);
	say(&c, "echo $0 is $((40 + 2)); stty size; echo on $(tty) $TERM\n");
	assert_true(hear(&c, "-sh is 42"));
	assert_true(hear(&c, "24 80\r\n"));
	assert_true(hear(&c, "on /dev/pts/"));
	assert_true(hear(&c, "xterm-256color\r\n"));
	assert_int_equal(ioctl(c.end, TIOCSWINSZ, &size), 0);
	say(&c, "stty size; (echo controlled) >/dev/tty; exit 5\n");
	assert_true(hear(&c, "43 132\r\n"));
	assert_true(hear(&c, "\r\ncontrolled\r\n"));
	(void)hear(&c, NULL);
	assert_true(take_reply(&c));
	assert_int_equal(c.rp.code, 5);
	close_shell(&c);
}

/* ---- its end ---- */

/* A job, one that ignores the hangup, one in a session of its own, the shell. */
static const char jobs[] =
	"sleep 10000 & echo pid=$!; (trap '' HUP TERM; sleep 10001; sleep 10002) & "
	"echo pid=$!; setsid sh -c 'trap \"\" HUP; echo pid=$$; sleep 10003; :' & "
	"echo pid=$$; sleep 10004\n";

static void end_of_the_connection_ends_all_that_was_started(void **state)
{
	struct client c;
	int pids[4];

	(void)state;
	open_shell(&c, "", 80);
	say(&c, "stty -echo; PS1=; echo quiet$((1))\n");
	assert_true(hear(&c, "quiet1"));
	memset(c.got, 0, sizeof(c.got));
	c.len = 0;
	say(&c, jobs);
	for (size_t i = 0; i < 4; i++)
		pids[i] = next_pid(&c);
	close_shell(&c);
	for (size_t i = 0; i < 4; i++)
		assert_true(is_gone(pids[i]));
}

static void end_of_the_shell_ends_its_jobs(void **state)
{
	struct client c;
	int pid;

	(void)state;
	assert_int_equal(
		run(&c, "setsid sleep 10000 >/dev/null 2>&1 & echo pid=$!; exit 4"), 4);
	pid = next_pid(&c);
	assert_true(is_gone(pid));
}

static void end_of_the_service_ends_its_shells(void **state)
{
	struct client c;
	int pid;

	open_shell(&c, "trap '' HUP; echo pid=$$; sleep 10000; sleep 10001", 0);
	pid = next_pid(&c);
	assert_int_equal(tear_down(state), 0);
	assert_true(is_gone(pid));
	close_shell(&c);
}

static void killed_service_takes_its_shells_along(void **state)
{
	struct client c;
	int pid;

	(void)state;
	open_shell(&c, "echo pid=$$; exec sleep 10000", 0);
	pid = next_pid(&c);
	assert_int_equal(kill(server, SIGKILL), 0);
	assert_int_equal(waitpid(server, NULL, 0), server);
	server = 0;
	assert_true(is_gone(pid));
	close_shell(&c);
	assert_int_equal(unlink(socket_path), 0);
}

/* ---- bounds ---- */

static void there_are_so_many_and_not_one_more(void **state)
{
	static struct client c[LOGIN_MAX], more;
	const struct host_shell_request rq = request("", 80);
	int code = BMC_ENOSPC;

	(void)state;
	for (size_t i = 0; i < LOGIN_MAX; i++)
		open_shell(&c[i], "", 80);
	ask(&more, &rq, sizeof(rq));
	assert_true(take_reply(&more));
	assert_int_equal(more.rp.code, BMC_ENOSPC);
	assert_int_equal(more.end, -1);
	close_shell(&more);
	close_shell(&c[3]);
	for (int ms = 0; ms < WAIT_MS && code == BMC_ENOSPC; ms += 50) {
		pause_ms(50);
		ask(&more, &rq, sizeof(rq));
		assert_true(take_reply(&more));
		code = more.rp.code;
		close_shell(&more);
	}
	assert_int_equal(code, 0);
	for (size_t i = 0; i < LOGIN_MAX; i++) {
		if (i != 3)
			close_shell(&c[i]);
	}
}

static void refused(const struct host_shell_request *rq, size_t len, int code)
{
	static struct client c;

	ask(&c, rq, len);
	assert_true(take_reply(&c));
	assert_int_equal(c.rp.code, code);
	assert_true(c.rp.what[0]);
	assert_int_equal(c.end, -1);
	assert_false(take_reply(&c));
	close_shell(&c);
}

static void request_that_is_none_is_refused(void **state)
{
	struct host_shell_request rq = request("true", 0);

	(void)state;
	refused(&rq, sizeof(rq) - 1, BMC_EINVAL);
	refused(&rq, 3, BMC_ENOTSUP);
	rq.rows = 24;
	refused(&rq, sizeof(rq), BMC_EINVAL);
	rq.columns = 1001;
	refused(&rq, sizeof(rq), BMC_EINVAL);
	rq.columns = 80;
	rq.rows = 1001;
	refused(&rq, sizeof(rq), BMC_EINVAL);
	rq = request("true", 0);
	memset(rq.command, 'x', sizeof(rq.command));
	refused(&rq, sizeof(rq), BMC_EINVAL);
	rq = request("true", 0);
	rq.version++;
	refused(&rq, sizeof(rq), BMC_ENOTSUP);
}

static void longest_command_and_largest_terminal_are_taken(void **state)
{
	static struct client c;
	struct host_shell_request rq = request("", 0);

	(void)state;
	memset(rq.command, ' ', sizeof(rq.command) - 1);
	memcpy(rq.command, "exit 6", 6);
	ask(&c, &rq, sizeof(rq));
	assert_true(take_reply(&c) && c.rp.code == 0);
	assert_true(take_reply(&c));
	assert_int_equal(c.rp.code, 6);
	close_shell(&c);
	rq = request("stty size", 1000);
	rq.rows = 1000;
	ask(&c, &rq, sizeof(rq));
	assert_true(take_reply(&c) && c.rp.code == 0);
	assert_true(hear(&c, "1000 1000\r\n"));
	close_shell(&c);
}

static void client_that_says_nothing_has_no_shell(void **state)
{
	struct client c = { .end = -1 };

	(void)state;
	c.conn = connect_to(socket_path);
	assert_false(take_reply(&c));
	close_shell(&c);
}

static void second_service_is_refused_and_a_stale_socket_is_not(void **state)
{
	const struct login_conf conf = { .socket = socket_path, .account = &account };
	struct bmc_error err = { 0 };
	struct client c;

	(void)state;
	assert_int_equal(login_serve(&conf, &err), BMC_EEXIST);
	assert_int_equal(kill(server, SIGKILL), 0);
	assert_int_equal(waitpid(server, NULL, 0), server);
	assert_int_equal(access(socket_path, F_OK), 0);
	start_server();
	assert_int_equal(run(&c, "exit 9"), 9);
}

/* Needs root, to be somebody else. */
static void another_user_is_refused(void **state)
{
	struct client c = { .end = -1 };
	int status = 0;

	(void)state;
	if (getuid() != 0)
		return;
	assert_int_equal(chmod(folder, 0755), 0);
	pid_t pid = fork();
	if (pid == 0) {
		const struct host_shell_request rq = request("true", 0);
		if (setresuid(65534, 65534, 65534) < 0)
			_exit(2);
		c.conn = connect_to(socket_path);
		(void)send(c.conn, &rq, sizeof(rq), MSG_NOSIGNAL);
		_exit(recv(c.conn, &c.rp, sizeof(c.rp), 0) > 0 ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define WITH_SERVER(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_account_of_the_process_is_taken),
		cmocka_unit_test(shell_has_to_be_listed),
		WITH_SERVER(command_has_its_output_and_exit_code),
		WITH_SERVER(input_ends_where_the_client_ends_it),
		WITH_SERVER(environment_is_a_login_s_and_nothing_else),
		WITH_SERVER(descriptors_signals_and_mask_are_a_login_s),
		WITH_SERVER(login_shell_has_a_terminal_that_follows_its_size),
		WITH_SERVER(end_of_the_connection_ends_all_that_was_started),
		WITH_SERVER(end_of_the_shell_ends_its_jobs),
		WITH_SERVER(end_of_the_service_ends_its_shells),
		WITH_SERVER(killed_service_takes_its_shells_along),
		WITH_SERVER(there_are_so_many_and_not_one_more),
		WITH_SERVER(request_that_is_none_is_refused),
		WITH_SERVER(longest_command_and_largest_terminal_are_taken),
		WITH_SERVER(client_that_says_nothing_has_no_shell),
		WITH_SERVER(second_service_is_refused_and_a_stale_socket_is_not),
		WITH_SERVER(another_user_is_refused),
	};
	int r;

	if (!mkdtemp(folder))
		return 1;
	(void)snprintf(socket_path, sizeof(socket_path), "%s/shell.sock", folder);
	(void)snprintf(shells, sizeof(shells), "%s/shells", folder);
	r = cmocka_run_group_tests_name("test-host-login", tests, NULL, NULL);
	(void)unlink(shells);
	(void)rmdir(folder);
	return r;
}
