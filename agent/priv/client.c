// SPDX-License-Identifier: Apache-2.0
// The daemon's connection to clusterbmc-priv, see client.h. The calls that use it are
// in client-calls.c. Callers wait on their own condition; the reader thread wakes them.
#include "priv/client.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "core/base/log.h"
#include "core/base/thread.h"
#include "core/base/util.h"
#include "core/ports/store.h"
#include "priv/client-calls.h"
#include "priv/client-edges.h"
#include "priv/helper.h"
#include "priv/pass-fd.h"

#define RECONNECT_MS        250
#define META_FIELD_EPOCH    "helper_epoch"
#define META_FIELD_INSTANCE "helper_cookie"

struct call {
	struct call *next;
	uint64_t id;
	uint32_t op;
	struct priv_reply *reply;
	int passed; /* the descriptor that came with the reply, -1 none */
	bool done;
	pthread_cond_t cond;
};

enum link { LINK_DOWN, LINK_UP, LINK_REFUSED, LINK_OVER };

static struct {
	pthread_mutex_t mutex;
	pthread_cond_t changed; /* of `link` */
	pthread_t reader;
	bool running, stop;
	bool hurry;   /* calls about accounts are not waited for any more */
	bool no_wait; /* a link that is down is not waited for any more */
	struct priv_client_conf conf;
	char socket[108];
	int fd, wake;
	int no_socket; /* errno of the last try to connect, 0: it was connected */
	enum link link;
	struct bmc_error refused;
	struct call *calls;
	uint64_t last_id, epoch, instance;
	bool instance_changed; /* pulses of earlier may have been forgotten */
} client = { .mutex = PTHREAD_MUTEX_INITIALIZER, .fd = -1, .wake = -1 };

/* ---- what is remembered over restarts ---- */

static int take_meta(void *arg, const struct bmc_record *rec)
{
	(void)arg;
	if (rec->kind != BMC_MANAGER)
		return 0;
	if (strcmp(rec->field, META_FIELD_EPOCH) == 0)
		client.epoch = (uint64_t)rec->num;
	else if (strcmp(rec->field, META_FIELD_INSTANCE) == 0)
		client.instance = (uint64_t)rec->num;
	return 0;
}

static void save_meta(const char *field, uint64_t value)
{
	struct bmc_record rec = { .type = BMC_REC_META,
				  .kind = BMC_MANAGER,
				  .num = (int64_t)value };

	(void)bmc_copy(rec.id, sizeof(rec.id), "bmc");
	(void)bmc_copy(rec.field, sizeof(rec.field), field);
	if (bmc_store && bmc_store->write(&rec, 1, NULL, NULL) < 0)
		log_warning("helper: its number can't be saved: pulses may count as "
			    "unknown after a restart");
}

static void load_meta(void)
{
	client.epoch = client.instance = 0;
	if (bmc_store)
		(void)bmc_store->load(BMC_REC_META, BMC_MANAGER, take_meta, NULL);
	if (client.epoch)
		return;
	bmc_random(&client.epoch, sizeof(client.epoch));
	save_meta(META_FIELD_EPOCH, client.epoch);
}

/* ---- the reader ---- */

static void set_link(enum link link)
{
	client.link = link;
	(void)pthread_cond_broadcast(&client.changed);
}

static void finish(struct call **at, const struct priv_reply *rp, int passed)
{
	struct call *c = *at;

	*at = c->next;
	*c->reply = *rp;
	c->passed = passed;
	c->done = true;
	(void)pthread_cond_signal(&c->cond);
}

static void fail_all(const char *what)
{
	struct priv_reply rp = { 0 };

	(void)bmc_fail(&rp.err, BMC_EIO, "%s", what);
	while (client.calls)
		finish(&client.calls, &rp, -1);
}

static void refuse_link(const struct bmc_error *why)
{
	if (client.link != LINK_REFUSED)
		log_err("helper: %.*s", (int)sizeof(why->what) - 1, why->what);
	client.refused = *why;
	set_link(LINK_REFUSED);
}

static void take_hello_reply(const struct priv_reply *rp)
{
	uint64_t instance = rp->u.hello.instance;
	struct bmc_error err = rp->err;

	if (rp->u.hello.version != PRIV_VERSION)
		(void)bmc_fail(&err, BMC_ENOTSUP,
			       "clusterbmc-priv speaks protocol %u, clusterbmcd %u: "
			       "restart the older of the two",
			       rp->u.hello.version, PRIV_VERSION);
	if (err.code < 0) {
		refuse_link(&err);
		return;
	}
	if (client.instance && client.instance != instance)
		client.instance_changed = true;
	if (client.instance != instance)
		save_meta(META_FIELD_INSTANCE, instance);
	client.instance = instance;
	set_link(LINK_UP);
	priv_edges_resync();
}

/* True when a call has taken the descriptor. */
static bool take_reply(const struct priv_reply *rp, int passed)
{
	struct call **at = &client.calls;

	if (rp->id == 0) {
		take_hello_reply(rp);
		return false;
	}
	if (rp->id == PRIV_NOTICE) {
		priv_edges_push(&rp->u.notice);
		return false;
	}
	while (*at && (*at)->id != rp->id)
		at = &(*at)->next;
	if (!*at)
		return false;
	finish(at, rp, passed);
	return true;
}

static int connect_socket(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	(void)bmc_copy(at.sun_path, sizeof(at.sun_path), client.socket);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof(at)) < 0) {
		client.no_socket = errno;
		(void)close(fd);
		return -1;
	}
	client.no_socket = fd < 0 ? errno : 0;
	return fd;
}

static void say_hello(void)
{
	struct priv_request rq = { .op = PRIV_HELLO };

	rq.u.hello = (struct priv_hello){ .version = PRIV_VERSION,
					  .digest = client.conf.digest,
					  .epoch = client.epoch };
	(void)send(client.fd, &rq, PRIV_REQUEST_SIZE(hello),
		   MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Waits for a packet, the stop signal or `timeout_ms`; true when there is a packet. */
static bool wait_for_packet(int fd, int timeout_ms)
{
	struct pollfd fds[2] = { { .fd = client.wake, .events = POLLIN },
				 { .fd = fd, .events = POLLIN } };

	return poll(fds, 2, timeout_ms) > 0 && fds[1].revents;
}

static void lose_link(void)
{
	if (client.fd >= 0)
		(void)close(client.fd);
	client.fd = -1;
	if (client.conf.fd >= 0)
		set_link(LINK_OVER);
	else if (client.link == LINK_UP)
		set_link(LINK_DOWN);
	fail_all("the root helper ended while it had this request");
}

static void open_link(void)
{
	client.fd = connect_socket();
	if (client.fd >= 0)
		say_hello();
}

static void read_packet(int fd)
{
	struct priv_reply rp = { 0 };
	int passed;
	ssize_t n = priv_receive(fd, &rp, sizeof(rp), &passed);
	bool taken = false;

	(void)pthread_mutex_lock(&client.mutex);
	if (n >= (ssize_t)PRIV_REPLY_EMPTY)
		taken = take_reply(&rp, passed);
	else if (n >= 0 || (errno != EAGAIN && errno != EINTR))
		lose_link();
	(void)pthread_mutex_unlock(&client.mutex);
	if (passed >= 0 && !taken)
		(void)close(passed);
}

static void *reader(void *arg)
{
	(void)arg;
	for (;;) {
		(void)pthread_mutex_lock(&client.mutex);
		bool stop = client.stop;
		if (!stop && client.fd < 0 && client.link != LINK_OVER)
			open_link();
		int fd = client.fd;
		(void)pthread_mutex_unlock(&client.mutex);
		if (stop)
			return NULL;
		bool again = fd < 0 && client.conf.fd < 0;
		if (wait_for_packet(fd, again ? RECONNECT_MS : -1))
			read_packet(fd);
	}
}

/* ---- calls ---- */

static bool is_about_accounts(uint32_t op)
{
	return op >= PRIV_AUTHENTICATE && op <= PRIV_ACCOUNT_LIST;
}

static int fail_no_link(struct bmc_error *err)
{
	if (client.no_socket)
		return bmc_fail(err, BMC_ETIMEDOUT,
				"root helper at %s: %s: is clusterbmc-priv running?",
				client.socket, strerror(client.no_socket));
	return bmc_fail(err, BMC_ETIMEDOUT,
			"the root helper does not answer: is clusterbmc-priv running?");
}

static int wait_for_link(uint32_t op, int64_t deadline, struct bmc_error *err)
{
	while (client.running && client.link == LINK_DOWN && !client.no_wait &&
	       !(client.hurry && is_about_accounts(op))) {
		if (!bmc_cond_wait(&client.changed, &client.mutex, deadline))
			return fail_no_link(err);
	}
	if ((client.hurry && is_about_accounts(op)) ||
	    (client.no_wait && client.link == LINK_DOWN))
		return bmc_fail(err, BMC_ECANCELED, "the service is being stopped");
	if (!client.running || client.link == LINK_OVER)
		return bmc_fail(err, BMC_EIO,
				"the root helper has ended: restart clusterbmcd");
	if (client.link == LINK_REFUSED)
		return bmc_fail(err, client.refused.code, "%s", client.refused.what);
	return 0;
}

static void forget(const struct call *c)
{
	struct call **at = &client.calls;

	while (*at && *at != c)
		at = &(*at)->next;
	if (*at)
		*at = c->next;
}

static int exchange(struct priv_request *rq, struct call *c, int64_t deadline,
		    struct bmc_error *err)
{
	int r;

	rq->id = 0;
	r = wait_for_link(rq->op, deadline, err);
	if (r < 0)
		return r;
	rq->id = c->id = ++client.last_id;
	c->op = rq->op;
	c->next = client.calls;
	client.calls = c;
	if (send(client.fd, rq, priv_ops[rq->op].request_size,
		 MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		int e = errno;
		rq->id = 0;
		forget(c);
		return bmc_fail(err, e == EAGAIN ? BMC_EAGAIN : BMC_EIO,
				"the root helper does not take requests: %s",
				strerror(e));
	}
	while (!c->done && bmc_cond_wait(&c->cond, &client.mutex, deadline))
		;
	if (!c->done) {
		forget(c);
		return bmc_fail(err, BMC_ETIMEDOUT,
				"the root helper did not answer in time");
	}
	return 0;
}

int priv_call_fd(struct priv_request *rq, struct priv_reply *ret, int *ret_fd,
		 int64_t deadline, struct bmc_error *err)
{
	struct call c = { .reply = ret, .passed = -1 };

	*ret_fd = -1;
	bmc_cond_init(&c.cond);
	(void)pthread_mutex_lock(&client.mutex);
	int r = exchange(rq, &c, deadline, err);
	(void)pthread_mutex_unlock(&client.mutex);
	(void)pthread_cond_destroy(&c.cond);
	if (r == 0 && ret->err.code == 0) {
		*ret_fd = c.passed;
		return 0;
	}
	if (c.passed >= 0)
		(void)close(c.passed);
	if (r < 0)
		return r;
	return bmc_fail(err, ret->err.code, "%.*s", (int)sizeof(ret->err.what) - 1,
			ret->err.what);
}

int priv_call(struct priv_request *rq, struct priv_reply *ret, int64_t deadline,
	      struct bmc_error *err)
{
	int fd;
	int r = priv_call_fd(rq, ret, &fd, deadline, err);

	if (fd >= 0)
		(void)close(fd);
	return r;
}

void priv_client_hurry(void)
{
	struct priv_reply rp = { .err = { .code = BMC_ECANCELED,
					  .what = "the service is being stopped" } };

	(void)pthread_mutex_lock(&client.mutex);
	client.hurry = true;
	(void)pthread_cond_broadcast(&client.changed);
	for (struct call **at = &client.calls; *at;) {
		if (is_about_accounts((*at)->op))
			finish(at, &rp, -1);
		else
			at = &(*at)->next;
	}
	(void)pthread_mutex_unlock(&client.mutex);
}

void priv_client_no_wait(void)
{
	(void)pthread_mutex_lock(&client.mutex);
	client.no_wait = true;
	(void)pthread_cond_broadcast(&client.changed);
	(void)pthread_mutex_unlock(&client.mutex);
}

bool priv_client_pulses_lost(void)
{
	(void)pthread_mutex_lock(&client.mutex);
	bool forgot = client.instance_changed;
	(void)pthread_mutex_unlock(&client.mutex);
	return forgot;
}

int priv_client_wait(int64_t deadline, struct bmc_error *err)
{
	(void)pthread_mutex_lock(&client.mutex);
	int r = wait_for_link(PRIV_NONE, deadline, err);
	(void)pthread_mutex_unlock(&client.mutex);
	return r;
}

int priv_client_init(const struct priv_client_conf *conf, struct bmc_error *err)
{
	client.conf = *conf;
	(void)bmc_copy(client.socket, sizeof(client.socket), conf->socket);
	client.fd = conf->fd;
	client.stop = client.hurry = client.no_wait = client.instance_changed = false;
	client.no_socket = 0;
	client.link = LINK_DOWN;
	load_meta();
	bmc_cond_init(&client.changed);
	client.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (client.wake < 0)
		return bmc_fail(err, bmc_from_errno(errno), "helper client: %s",
				strerror(errno));
	int r = priv_edges_start(conf->platform, err);
	if (r < 0)
		return r;
	if (client.fd >= 0)
		say_hello();
	client.running = true;
	r = bmc_thread_new(&client.reader, reader, NULL);
	if (r < 0) {
		client.running = false;
		priv_edges_stop();
		return bmc_fail(err, r, "helper client: no thread");
	}
	bmc_hardware = &priv_hardware_ops;
	return 0;
}

void priv_client_done(void)
{
	if (!client.running)
		return;
	bmc_hardware = NULL;
	(void)pthread_mutex_lock(&client.mutex);
	client.stop = true;
	client.running = false;
	set_link(LINK_OVER);
	(void)eventfd_write(client.wake, 1);
	(void)pthread_mutex_unlock(&client.mutex);
	(void)pthread_join(client.reader, NULL);
	(void)pthread_mutex_lock(&client.mutex);
	lose_link();
	(void)pthread_mutex_unlock(&client.mutex);
	priv_edges_stop();
	(void)close(client.wake);
	client.wake = -1;
}
