// SPDX-License-Identifier: Apache-2.0
/* Commands on a board's system, as the host operation of flashers: the instance that
 * is bound as `shell` runs its stream inside the flasher's call, on the same thread.
 * Its ops->stream_* are answered from the command's input and output, without buffers:
 * the input is asked for when the board takes more, so the board sets the pace. */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "core/base/util.h"
#include "core/plugin/host.h"
#include "core/plugin/stream.h"

#define TEXT_MAX 2047
#define MS_MAX   86400000
#define SLICE_MS 250 /* of a wait: a cancelled call notices */
#define WHOLE    10  /* times its `ms`, a command ends behind its last input */
#define AGAIN_MS 20  /* until input is asked for again that was not there yet */

struct bmc_command_run {
	struct bmc_command *command;
	const struct bmc_stream_type *type;
	struct bmc_exec_slot exec;
	struct bmc_verb verb; /* as which call.c knows it */
	int64_t moved_at;     /* when the last byte was */
	int64_t fed_at;       /* when the last byte of input was, or it began */
	int64_t again_at;     /* when there may be input */
	int code;             /* why it ended early, 0: it did not */
};

/* ---- the shell's side ---- */

static void end_early(struct bmc_call *call, int code)
{
	call->command->code = code;
	atomic_store(&call->cancelled, true);
}

static int look(struct bmc_call *call)
{
	struct bmc_command_run *r = call->command;
	bool stopping;

	(void)pthread_mutex_lock(&bmc_host_lock);
	bmc_call_beat(call);
	stopping = call->host->stopping;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	if (atomic_load(&call->cancelled))
		return BMC_ECANCELED;
	if (stopping)
		end_early(call, BMC_EAGAIN);
	else if (bmc_now() - r->moved_at >= r->command->ms ||
		 bmc_now() - r->fed_at >= WHOLE * r->command->ms)
		end_early(call, BMC_ETIMEDOUT);
	return r->code < 0 ? BMC_ECANCELED : BMC_OK;
}

static uint32_t ready(const struct bmc_command_run *r)
{
	return BMC_STREAM_OUT | (bmc_now() >= r->again_at ? BMC_STREAM_IN : 0);
}

/* How long one poll may last. */
static int64_t slice(const struct bmc_command_run *r, uint32_t want, int64_t left)
{
	int64_t now = bmc_now(), idle = r->moved_at + r->command->ms - now;
	int64_t again = want & BMC_STREAM_IN ? r->again_at - now : SLICE_MS;

	return MAX(0, MIN(MIN(left, SLICE_MS), MIN(idle, again)));
}

int bmc_command_op_wait(struct bmc_call *call, int fd, short events, uint32_t want,
			int64_t ms)
{
	struct pollfd user = { .fd = fd, .events = events };
	int64_t until = ms < 0 ? INT64_MAX : bmc_now() + ms, left;
	uint32_t is;
	int code, n;

	do {
		code = look(call);
		if (code < 0)
			return code;
		left = MAX(until - bmc_now(), 0);
		is = ready(call->command) & want;
		n = poll(&user, 1, is ? 0 : (int)slice(call->command, want, left));
		if (n < 0 && errno != EINTR)
			return bmc_from_errno(errno);
		is |= n > 0 ? (unsigned short)user.revents : 0;
	} while (is == 0 && left > 0);
	return (int)is;
}

ssize_t bmc_command_op_read(struct bmc_call *call, void *buf, size_t len, int64_t ms)
{
	struct bmc_command_run *r = call->command;
	int is = len ? bmc_command_op_wait(call, -1, 0, BMC_STREAM_IN, ms) : BMC_EINVAL;
	ssize_t n;

	if (is <= 0)
		return is < 0 ? is : BMC_EAGAIN;
	n = r->command->in ? r->command->in(r->command->arg, buf, len) : 0;
	if (n != 0) /* the board does not answer for a slow source */
		r->moved_at = r->fed_at = bmc_now();
	if (n == BMC_EAGAIN) {
		r->again_at = bmc_now() + AGAIN_MS;
		return n;
	}
	if (n < 0 || (size_t)n > len) {
		end_early(call, n < 0 ? (int)n : BMC_ERANGE);
		return BMC_ECANCELED;
	}
	return n;
}

ssize_t bmc_command_op_write(struct bmc_call *call, const void *buf, size_t len)
{
	struct bmc_command *c = call->command->command;
	int code = len ? look(call) : BMC_EINVAL;
	size_t n;

	if (code < 0)
		return code;
	call->command->moved_at = bmc_now();
	n = c->out ? MIN(len, c->out_size - 1 - c->out_len) : 0;
	if (n > 0)
		memcpy(c->out + c->out_len, buf, n);
	c->out_len += n;
	return (ssize_t)len;
}

/* ---- the flasher's side ---- */

static int command_check(const struct bmc_call *call, const struct bmc_command *c,
			 struct bmc_error *err)
{
	size_t len = c->text ? strnlen(c->text, TEXT_MAX + 1) : 0;

	if (!call->verb || !(call->verb->flags & BMC_VERB_LONG) || call->stream ||
	    call->command)
		return bmc_fail(err, BMC_EINVAL, "a command runs in a long verb only");
	if (call->exec_slot->slot->kind != BMC_BOARD)
		return bmc_fail(err, BMC_ENOTSUP, "%s is no board",
				call->exec_slot->slot->id);
	if (len < 1 || len > TEXT_MAX || c->ms < 1 || c->ms > MS_MAX ||
	    (c->out && c->out_size < 1))
		return bmc_fail(err, BMC_ERANGE,
				"an argument of the command is outside of its range");
	if (!bmc_text_ok(c->text, len))
		return bmc_fail(err, BMC_EINVAL, "the command is no text");
	return BMC_OK;
}

/* Locked. */
static int shell_find(struct bmc_command_run *r, const struct bmc_slot *slot,
		      struct bmc_error *err)
{
	struct bmc_host *host =
		bmc_host_named(slot, bmc_stream_binding(BMC_STREAM_SHELL));

	r->type = host ? bmc_stream_type_of(host->plugin, BMC_STREAM_SHELL) : NULL;
	if (!r->type)
		return bmc_fail(err, BMC_ENOTSUP,
				"no plugin does shell for %s: bind one in the platform "
				"file",
				slot->id);
	if (host->stopping)
		return bmc_fail(err, BMC_EAGAIN,
				"instance %s is being recreated: try again",
				host->conf.name);
	if (host->hung)
		return bmc_fail(err, BMC_EQUARANTINED,
				"instance %s hangs: restart the service if it stays so",
				host->conf.name);
	r->exec = (struct bmc_exec_slot){ .host = host, .slot = slot };
	r->verb = (struct bmc_verb){ .name = "shell",
				     .flags = BMC_VERB_LONG,
				     .deadline = MAX(r->type->deadline, 1),
				     .grace = r->type->grace };
	return BMC_OK;
}

/* Places `in` inside `outer`. */
static int command_enter(struct bmc_command_run *r, struct bmc_call *outer,
			 struct bmc_call *in, struct bmc_error *err)
{
	int code;

	(void)pthread_mutex_lock(&bmc_host_lock);
	code = shell_find(r, outer->exec_slot->slot, err);
	if (code == BMC_OK) {
		in->host = r->exec.host;
		in->host->calls++;
		in->deadline = bmc_now() + r->verb.deadline;
		outer->inner = in;
		atomic_store(&in->cancelled, atomic_load(&outer->cancelled));
	}
	(void)pthread_mutex_unlock(&bmc_host_lock);
	return code;
}

static void command_leave(struct bmc_call *outer, const struct bmc_call *in)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	in->host->calls--;
	outer->inner = NULL;
	bmc_call_beat(outer);
	(void)pthread_mutex_unlock(&bmc_host_lock);
}

static int command_ended(const struct bmc_command_run *r, int code,
			 struct bmc_error *err)
{
	const char *id = r->exec.slot->id;

	if (r->code == BMC_ETIMEDOUT)
		return bmc_fail(err, r->code,
				"%s: a command did not end: it has %lld s without a "
				"byte, %lld s as a whole",
				id, (long long)r->command->ms / 1000,
				(long long)r->command->ms * WHOLE / 1000);
	if (r->code == BMC_EAGAIN)
		return bmc_fail(err, r->code,
				"%s: the shell's instance was recreated: try again",
				id);
	if (r->code < 0)
		return bmc_fail(err, r->code, "%s: the input of a command ended: %s",
				id, bmc_strerror(r->code));
	return code;
}

int bmc_command_op(struct bmc_call *outer, struct bmc_command *c, struct bmc_error *err)
{
	const struct bmc_stream_args args = { .what = BMC_STREAM_SHELL,
					      .text = c->text,
					      .size = BMC_UNKNOWN };
	struct bmc_command_run run = { .command = c,
				       .moved_at = bmc_now(),
				       .fed_at = bmc_now() };
	struct bmc_call in = { .outer = outer,
			       .command = &run,
			       .exec_slot = &run.exec,
			       .verb = &run.verb };
	int code = command_check(outer, c, err);

	c->out_len = 0;
	if (code < 0)
		return code;
	bmc_cond_init(&in.woken);
	code = command_enter(&run, outer, &in, err);
	if (code == BMC_OK) {
		code = run.type->run(in.host->self, &in, &args, err);
		command_leave(outer, &in);
		code = command_ended(&run, code, err);
	}
	(void)pthread_cond_destroy(&in.woken);
	if (c->out)
		c->out[c->out_len] = '\0';
	return code;
}
