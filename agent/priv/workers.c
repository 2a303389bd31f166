// SPDX-License-Identifier: Apache-2.0
// Child processes for what can block, see workers.h. The helper has one thread, so fork
// is safe; the child runs the operation, sends one packet and is gone.
#include "priv/workers.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "priv/attempts.h"
#include "priv/pass-fd.h"

#define REAP_AGAIN INT64_C(10000000) /* ns */

static const unsigned class_limit[PRIV_N_CLASSES] = {
	[PRIV_LOGIN] = 4,
	[PRIV_CHANGE] = 1,
	[PRIV_LIST] = 1,
	[PRIV_DISK] = 2,
};

struct child {
	pid_t pid; /* 0: free */
	int fd;
	int64_t deadline;
	uint64_t request;
	enum priv_class class;
	char user[BMC_ID_MAX]; /* whose password it tries; "": it tries none */
	bool dropped;          /* its answer is not wanted any more */
	bool dying; /* killed; one that hangs in the kernel keeps its place until it is
		       gone */
};

/* What a child sends. */
struct result {
	uint64_t asked; /* priv_helper.asked */
	struct priv_reply reply;
};
#define RESULT_SIZE(reply_size) (offsetof(struct result, reply) + (reply_size))

struct waiting {
	const struct priv_op *op;
	struct priv_request rq;
};

struct priv_workers {
	struct priv_helper *helper;
	void (*answer)(void *arg, const struct priv_reply *rp, size_t size, int pass);
	void *arg;
	struct child children[PRIV_CHILDREN];
	struct waiting queue[PRIV_QUEUE];
	size_t n_queue;
	struct priv_attempts attempts;
	bool sweep; /* a killed child may have left others behind */
};

struct priv_workers *priv_workers_new(struct priv_helper *h,
				      void (*answer)(void *arg,
						     const struct priv_reply *rp,
						     size_t size, int pass),
				      void *arg)
{
	struct priv_workers *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	/* what a child leaves behind becomes ours, so that it can be found and ended */
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	w->helper = h;
	w->answer = answer;
	w->arg = arg;
	return w;
}

/* Its own process group, so that the tools it runs can be killed with it. */
_Noreturn static void run_child(struct priv_helper *h, const struct waiting *q, int fd)
{
	struct result res = { .reply.id = q->rq.id };
	sigset_t none;

	(void)setpgid(0, 0);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGCHLD, SIG_DFL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)alarm(PRIV_DEADLINE_MS / 1000 +
		    5); /* should the helper itself die meanwhile */
	h->pass = -1;
	res.reply.err.code = q->op->run(h, &q->rq, &res.reply);
	res.asked = h->asked;
	(void)priv_send(fd, &res, RESULT_SIZE(q->op->reply_size), h->pass);
	_exit(0);
}

static bool tries(const struct priv_op *op, const struct priv_request *rq)
{
	return op->attempt && priv_text_ends(rq->u.args.user, sizeof(rq->u.args.user));
}

static int start(struct priv_workers *w, struct child *c, const struct waiting *q)
{
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) < 0)
		return -errno;
	pid_t pid = fork();
	if (pid == 0) {
		(void)close(sv[0]);
		run_child(w->helper, q, sv[1]);
	}
	int e = errno;
	(void)close(sv[1]);
	if (pid < 0) {
		(void)close(sv[0]);
		return -e;
	}
	(void)setpgid(pid, pid);
	*c = (struct child){ .pid = pid,
			     .fd = sv[0],
			     .request = q->rq.id,
			     .class = q->op->class,
			     .deadline = priv_now() +
					 w->helper->settings->deadline_ms * 1000000 };
	if (tries(q->op, &q->rq))
		(void)bmc_copy(c->user, sizeof(c->user), q->rq.u.args.user);
	return 0;
}

static void fail(const struct priv_workers *w, uint64_t request, int code,
		 const char *what)
{
	struct priv_reply rp = { .id = request };

	(void)bmc_fail(&rp.err, code, "%s", what);
	w->answer(w->arg, &rp, PRIV_REPLY_EMPTY, -1);
}

static struct child *free_child(struct priv_workers *w, enum priv_class class)
{
	struct child *found = NULL;
	unsigned busy = 0;

	for (size_t i = 0; i < PRIV_CHILDREN; i++) {
		if (!w->children[i].pid)
			found = &w->children[i];
		else if (w->children[i].class == class)
			busy++;
	}
	return busy < class_limit[class] ? found : NULL;
}

static void take_from_queue(struct priv_workers *w, size_t i)
{
	w->n_queue--;
	memmove(&w->queue[i], &w->queue[i + 1], (w->n_queue - i) * sizeof(w->queue[0]));
	bmc_wipe(&w->queue[w->n_queue], sizeof(w->queue[0]));
}

static void start_waiting(struct priv_workers *w)
{
	for (size_t i = 0; i < w->n_queue;) {
		struct child *c = free_child(w, w->queue[i].op->class);
		if (!c) {
			i++;
			continue;
		}
		uint64_t id = w->queue[i].rq.id;
		int r = start(w, c, &w->queue[i]);
		take_from_queue(w, i);
		if (r < 0)
			fail(w, id, bmc_from_errno(-r),
			     "the helper can't start a worker");
	}
}

/* Attempts at this user's password that have no result yet. */
static unsigned under_way(const struct priv_workers *w, const char *user)
{
	unsigned n = 0;

	for (size_t i = 0; i < PRIV_CHILDREN; i++)
		n += w->children[i].pid && strcmp(w->children[i].user, user) == 0;
	for (size_t i = 0; i < w->n_queue; i++)
		n += tries(w->queue[i].op, &w->queue[i].rq) &&
		     strcmp(w->queue[i].rq.u.args.user, user) == 0;
	return n;
}

static int admit(struct priv_workers *w, const struct priv_op *op,
		 const struct priv_request *rq, struct bmc_error *err)
{
	const char *user = rq->u.args.user;

	if (!tries(op, rq) || !user[0])
		return 0;
	return priv_attempts_admit(&w->attempts, user, under_way(w, user), priv_now(),
				   err);
}

int priv_workers_submit(struct priv_workers *w, const struct priv_op *op,
			const struct priv_request *rq, struct bmc_error *err)
{
	if (w->n_queue == PRIV_QUEUE)
		return bmc_fail(err, BMC_EAGAIN, "the helper is busy: %u requests wait",
				PRIV_QUEUE);
	int r = admit(w, op, rq, err);
	if (r < 0)
		return r;
	struct waiting *q = &w->queue[w->n_queue++];
	q->op = op;
	memcpy(&q->rq, rq, op->request_size);
	start_waiting(w);
	return 0;
}

void priv_workers_drop(struct priv_workers *w)
{
	bmc_wipe(w->queue, sizeof(w->queue));
	w->n_queue = 0;
	for (size_t i = 0; i < PRIV_CHILDREN; i++)
		w->children[i].dropped = true;
}

bool priv_workers_changing(const struct priv_workers *w)
{
	for (size_t i = 0; i < PRIV_CHILDREN; i++) {
		const struct child *c = &w->children[i];
		if (c->pid && !c->dying && c->class == PRIV_CHANGE)
			return true;
	}
	return false;
}

nfds_t priv_workers_watch(const struct priv_workers *w, struct pollfd *fds)
{
	nfds_t n = 0;

	for (size_t i = 0; i < PRIV_CHILDREN; i++) {
		if (w->children[i].pid && !w->children[i].dying)
			fds[n++] = (struct pollfd){ .fd = w->children[i].fd,
						    .events = POLLIN };
	}
	return n;
}

int64_t priv_workers_next(const struct priv_workers *w)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < PRIV_CHILDREN; i++) {
		if (w->children[i].pid)
			next = MIN(next, w->children[i].deadline);
	}
	if (w->sweep)
		next = MIN(next, priv_now() + REAP_AGAIN);
	return next;
}

static bool is_child(const struct priv_workers *w, pid_t pid)
{
	for (size_t i = 0; i < PRIV_CHILDREN; i++) {
		if (w->children[i].pid == pid)
			return true;
	}
	return false;
}

static bool any_dying(const struct priv_workers *w)
{
	for (size_t i = 0; i < PRIV_CHILDREN; i++) {
		if (w->children[i].pid && w->children[i].dying)
			return true;
	}
	return false;
}

/* Ends what hung children had started in sessions of their own (pam_exec does), and
 * what these have started, until nothing is left. */
static void sweep(struct priv_workers *w)
{
	int pid;
	FILE *f = fopen("/proc/thread-self/children", "re");

	w->sweep = any_dying(w); /* then more may come */
	while (f && fscanf(f, "%d", &pid) == 1) {
		if (is_child(w, pid))
			continue;
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, WNOHANG);
		w->sweep = true;
	}
	if (f)
		(void)fclose(f);
}

static void end_child(struct child *c)
{
	(void)kill(-c->pid, SIGKILL);
	(void)kill(c->pid, SIGKILL); /* in case it did not get to setpgid() */
	(void)close(c->fd);
	c->dying = true;
}

/* Never waits: a child may be stuck in a disk's driver. */
static void reap(struct child *c, int64_t now)
{
	if (waitpid(c->pid, NULL, WNOHANG) != 0)
		c->pid = 0;
	else
		c->deadline = now + REAP_AGAIN;
}

static void count(struct priv_workers *w, const struct child *c,
		  const struct result *res, int64_t now)
{
	if (c->user[0] && res->asked && res->reply.err.code == BMC_EAUTH &&
	    priv_attempts_wrong(&w->attempts, c->user, now))
		log_warning("%s: %u wrong passwords within %d s: one attempt a second "
			    "from now on",
			    c->user, PRIV_ATTEMPTS_MAX,
			    (int)(PRIV_ATTEMPTS_WINDOW / 1000000000));
}

/* True when the child is done with, one way or the other. */
static bool collect(struct priv_workers *w, const struct child *c, int64_t now)
{
	struct result res = { 0 };
	auto_fd int pass = -1;
	ssize_t n = priv_receive(c->fd, &res, sizeof(res), &pass);
	bool late = now >= c->deadline,
	     whole = n >= (ssize_t)RESULT_SIZE(PRIV_REPLY_EMPTY);

	if (n < 0 && (errno == EAGAIN || errno == EINTR) && !late)
		return false;
	if (whole)
		count(w, c, &res, now);
	if (c->dropped)
		return true;
	if (whole)
		w->answer(w->arg, &res.reply, (size_t)n - RESULT_SIZE(0), pass);
	else if (late)
		fail(w, c->request, BMC_ETIMEDOUT,
		     "the helper's worker did not answer and was killed");
	else
		fail(w, c->request, BMC_EIO,
		     "the helper's worker ended without an answer");
	return true;
}

void priv_workers_step(struct priv_workers *w)
{
	int64_t now = priv_now();

	for (size_t i = 0; i < PRIV_CHILDREN; i++) {
		struct child *c = &w->children[i];
		if (c->pid && !c->dying && collect(w, c, now)) {
			w->sweep = w->sweep || now >= c->deadline;
			end_child(c);
		}
		if (c->pid && c->dying)
			reap(c, now);
	}
	if (w->sweep)
		sweep(w);
	start_waiting(w);
}

/* A short while, so that nothing is left behind where the kernel lets it go. */
static void end_all(struct priv_workers *w)
{
	const struct timespec pause = { .tv_nsec = 5000000 };

	for (size_t i = 0; i < PRIV_CHILDREN; i++) {
		if (w->children[i].pid && !w->children[i].dying)
			end_child(&w->children[i]);
	}
	w->n_queue = 0;
	for (int i = 0; i < 40 && (i == 0 || w->sweep || any_dying(w)); i++) {
		for (size_t k = 0; k < PRIV_CHILDREN; k++) {
			if (w->children[k].pid)
				reap(&w->children[k], 0);
		}
		sweep(w);
		(void)nanosleep(&pause, NULL);
	}
}

struct priv_workers *priv_workers_free(struct priv_workers *w)
{
	if (!w)
		return NULL;
	end_all(w);
	bmc_wipe(w->queue, sizeof(w->queue));
	free(w);
	return NULL;
}
