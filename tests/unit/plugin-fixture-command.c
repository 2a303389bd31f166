// SPDX-License-Identifier: Apache-2.0
/* The test host's commands and storage: a command is run by a shell of this machine,
 * storage is a file in the fixture's folder, storage-ID. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "plugin-fixture-own.h"

struct shell {
	struct bmc_command *c;
	pid_t pid;
	int in, out; /* our ends; -1: closed */
	unsigned char buf[4096];
	size_t at, len; /* of buf, on its way in */
	int code;
};

static void shell_start(struct shell *s)
{
	int in[2], out[2];

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	s->pid = fork();
	assert_true(s->pid >= 0);
	if (s->pid == 0) {
		(void)dup2(in[0], 0);
		(void)dup2(out[1], 1);
		(void)dup2(out[1], 2);
		(void)signal(SIGPIPE, SIG_DFL);
		(void)execl("/bin/sh", "sh", "-c", s->c->text, (char *)NULL);
		_exit(127);
	}
	(void)close(in[0]);
	(void)close(out[1]);
	s->in = in[1];
	s->out = out[0];
	(void)fcntl(s->in, F_SETFL, O_NONBLOCK);
}

static void close_in(struct shell *s)
{
	(void)close(s->in);
	s->in = -1;
}

static void feed(struct shell *s)
{
	ssize_t n;

	if (s->at == s->len) {
		s->at = 0;
		n = s->c->in ? s->c->in(s->c->arg, s->buf, sizeof(s->buf)) : 0;
		s->len = n > 0 ? (size_t)n : 0;
		if (n < 0 && n != BMC_EAGAIN)
			s->code = (int)n;
		if (n == 0 || s->code < 0)
			close_in(s);
		if (n <= 0)
			return;
	}
	n = write(s->in, s->buf + s->at, s->len - s->at);
	if (n > 0)
		s->at += (size_t)n;
	else if (errno != EAGAIN)
		close_in(s); /* it reads no more */
}

static bool drain(struct shell *s)
{
	struct bmc_command *c = s->c;
	char buf[4096];
	ssize_t n = read(s->out, buf, sizeof(buf));
	size_t fits = c->out ? c->out_size - 1 - c->out_len : 0;

	if (n <= 0)
		return false;
	fits = fits < (size_t)n ? fits : (size_t)n;
	if (fits)
		memcpy(c->out + c->out_len, buf, fits);
	c->out_len += fits;
	return true;
}

static void shell_pump(struct shell *s)
{
	bool more = true;

	while (more && s->code >= 0) {
		struct pollfd fds[] = { { .fd = s->out, .events = POLLIN },
					{ .fd = s->in, .events = POLLOUT } };

		(void)poll(fds, 2, 10000);
		if (fds[1].revents && s->in >= 0)
			feed(s);
		if (fds[0].revents)
			more = drain(s);
	}
}

static int shell_end(struct shell *s)
{
	int status;

	if (s->in >= 0)
		(void)close(s->in);
	(void)close(s->out);
	if (s->code < 0)
		(void)kill(s->pid, SIGKILL);
	assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
	return s->code < 0 ? s->code : WEXITSTATUS(status);
}

static int command(struct bmc_call *call, struct bmc_command *c, struct bmc_error *err)
{
	const struct fixture *r = call->fixture;
	struct shell s = { .c = c };
	int code = r->on_touch ? r->on_touch(r->on_touch_arg, call->id, false) : BMC_OK;

	c->out_len = 0;
	if (code < 0)
		return bmc_fail(err, code, "%s: told to fail", call->id);
	(void)signal(SIGPIPE, SIG_IGN);
	shell_start(&s);
	shell_pump(&s);
	code = shell_end(&s);
	if (c->out)
		c->out[c->out_len] = '\0';
	if (r->on_touch && r->on_touch(r->on_touch_arg, call->id, true) < 0)
		return bmc_fail(err, BMC_EIO, "%s: told to fail", call->id);
	return code < 0 ? bmc_fail(err, code, "%s: the input ended", call->id) : code;
}

static int storage_open(struct bmc_host *h, const char *storage, bool write,
			struct bmc_error *err)
{
	const struct fixture *r = h->fixture;
	char path[160];
	int fd, code = BMC_OK;

	if (r->on_touch)
		code = r->on_touch(r->on_touch_arg, storage, false);
	if (code < 0)
		return bmc_fail(err, code, "%s: told to fail", storage);
	(void)snprintf(path, sizeof(path), "%s/storage-%s", r->dir, storage);
	fd = open(path, (write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	return fd < 0 ? bmc_fail(err, bmc_from_errno(errno), "storage %s", storage)
		      : fd;
}

static int restart_machine(struct bmc_call *call, struct bmc_error *err)
{
	const struct fixture *r = call->fixture;

	return r->on_verb ? r->on_verb(r->on_verb_arg, call->id, "restart", NULL)
			  : bmc_fail(err, BMC_ENOTSUP, "%s: no helper", call->id);
}

void fixture_on_touch(struct fixture *r, fixture_touch_fn *fn, void *arg)
{
	r->on_touch = fn;
	r->on_touch_arg = arg;
}

void plugin_fixture_command_ops(struct bmc_host_ops *ops)
{
	ops->command = command;
	ops->storage_open = storage_open;
	ops->restart_machine = restart_machine;
}
