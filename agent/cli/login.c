// SPDX-License-Identifier: Apache-2.0
// Logging in: the password from a file, the environment or the terminal, and a session
// made with it. Called by client.c when the agent asks for a login.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/link.h"
#include "cli/login.h"
#include "core/base/util.h"

#define SESSIONS CLI_ROOT "/SessionService/Sessions"

#define LOOK_MS 200 /* at whether a signal came */

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

/* The first line. */
static int read_line(int fd, char *ret, size_t size)
{
	size_t n = 0;
	char c;

	while (n + 1 < size && read(fd, &c, 1) == 1 && c != '\n')
		ret[n++] = c;
	ret[n] = 0;
	if (n && ret[n - 1] == '\r')
		ret[n - 1] = 0;
	return ret[0] ? 0 : -1;
}

static int from_file(const char *path, char *ret, size_t size, struct cli_error *err)
{
	auto_fd int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO)
						: open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && read_line(fd, ret, size) == 0)
		return CLI_OK;
	return cli_fail(err, CLI_AUTH, "no password in %s: %s", path,
			fd < 0 ? strerror(errno) : "its first line is empty");
}

/* ---- the terminal ---- */

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	interrupted = number;
}

/* A line is there: true. False: a signal ended the waiting, whichever thread got it. */
static bool wait_line(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (!interrupted) {
		if (poll(&p, 1, LOOK_MS) > 0)
			return true;
	}
	return false;
}

static int read_hidden(int fd, const char *prompt, char *ret, size_t size)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction act = { .sa_handler = on_signal }, was[ARRAY_SIZE(signals)];
	struct termios before, quiet;

	if (tcgetattr(fd, &before) != 0)
		return -1;
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	interrupted = 0;
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		(void)sigaction(signals[i], &act, &was[i]);
	(void)tcsetattr(fd, TCSAFLUSH, &quiet);
	(void)dprintf(fd, "%s: ", prompt); /* what is typed from here on counts */
	int r = wait_line(fd) ? read_line(fd, ret, size) : -1;
	(void)tcsetattr(fd, TCSAFLUSH, &before);
	(void)dprintf(fd, "\n");
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		(void)sigaction(signals[i], &was[i], NULL);
	if (interrupted) /* now that the terminal echoes again */
		(void)raise((int)interrupted);
	return r;
}

int cli_ask_secret(const char *prompt, char *ret, size_t size, struct cli_error *err)
{
	auto_fd int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	ret[0] = 0;
	if (fd < 0 || !isatty(fd)) {
		cli_fail(err, CLI_AUTH,
			 "a password is needed, and there is no terminal");
		return cli_next(err, "Name a file that holds it: --password-file FILE, "
				     "or BMC_PASSWORD_FILE.");
	}
	return read_hidden(fd, prompt, ret, size) == 0
		       ? CLI_OK
		       : cli_fail(err, CLI_AUTH, "no password was given");
}

static int find_password(const struct cli_link *l, const char *user, char *ret,
			 size_t size, struct cli_error *err)
{
	const char *file = l->target->password_file, *env = getenv("BMC_PASSWORD");
	char prompt[400];

	if (l->target->password)
		env = l->target->password;
	else if (file)
		return from_file(file, ret, size, err);
	if (env) {
		(void)bmc_copy(ret, size, env);
		return CLI_OK;
	}
	(void)snprintf(prompt, sizeof(prompt), "Password of %s at %s", user, l->base);
	cli_clean(prompt, 0);
	return cli_ask_secret(prompt, ret, size, err);
}

static int make_session(struct cli_link *l, const char *user, const char *password,
			struct cli_error *err)
{
	json_t *body = json_pack("{s:s,s:s}", "UserName", user, "Password", password);
	char object[100];
	struct cli_reply r;
	struct cli_call call = {
		.method = "POST", .path = SESSIONS, .body = body, .object = object
	};

	if (!body)
		return cli_fail(err, CLI_AUTH, "the password or user name is no UTF-8");
	(void)snprintf(object, sizeof(object), "login of %.80s", user);
	int code = cli_transfer(l, &call, &r, err);
	if (r.status == 401)
		(void)cli_fail_http(err, code, object,
				    "user name or password was refused", r.status);
	if (code == CLI_OK && r.token[0]) {
		(void)bmc_copy(l->token, sizeof(l->token), r.token);
		(void)bmc_copy(l->session, sizeof(l->session), r.location);
		cli_token_write(l);
	} else if (code == CLI_OK) {
		code = cli_fail(err, CLI_AUTH, "the agent gave no session");
	}
	cli_reply_done(&r);
	json_decref(body);
	return code;
}

const char *cli_user(const struct cli_target *t)
{
	return t->user && *t->user ? t->user : "admin";
}

static int login(struct cli_link *l, struct cli_error *err)
{
	char password[256];
	const char *user = cli_user(l->target);

	cli_token_read(l); /* another thread may have been faster */
	if (l->token[0])
		return CLI_OK;
	int code = find_password(l, user, password, sizeof(password), err);
	if (code == CLI_OK)
		code = make_session(l, user, password, err);
	bmc_wipe(password, sizeof(password));
	return code;
}

int cli_login(struct cli_link *l, struct cli_error *err)
{
	(void)pthread_mutex_lock(&one_at_a_time);
	int code = login(l, err);
	(void)pthread_mutex_unlock(&one_at_a_time);
	return code;
}
