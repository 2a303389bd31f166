// SPDX-License-Identifier: Apache-2.0
/* The thread on which an event-driven source serves, and what it waits with. Used by
 * instance.c. */
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/util.h"
#include "core/plugin/host.h"

#define AGAIN_MS     1000 /* until serve() is called again after it returned */
#define AGAIN_MAX_MS 60000
#define STEADY_MS    60000 /* served so long: the next pause is short again   */

/* Logs that serve() returned by itself, and why. */
static void note_return(struct bmc_host *host, int code, const struct bmc_error *err,
			int64_t again)
{
	const char *why = err->what[0] ? err->what : bmc_strerror(code);

	bmc_host_ops.log(host, LOG_WARNING,
			 "serve: ended by itself (%s), again in %lld s", why,
			 (long long)again / 1000);
}

static void *serve_main(void *arg)
{
	struct bmc_host *host = arg;
	int64_t again = AGAIN_MS;

	(void)pthread_setname_np(pthread_self(), "bmc-serve");
	(void)pthread_mutex_lock(&bmc_host_lock);
	while (!host->stopping) {
		struct bmc_error err = { 0 };
		int64_t begin = bmc_now(), next;
		int code;

		(void)pthread_mutex_unlock(&bmc_host_lock);
		code = host->plugin->serve(host->self, &err);
		(void)pthread_mutex_lock(&bmc_host_lock);
		if (host->stopping)
			break;
		again = bmc_now() - begin >= STEADY_MS ? AGAIN_MS : again;
		note_return(host, code, &err, again);
		next = bmc_now() + again;
		while (!host->stopping &&
		       bmc_cond_wait(&host->poll_cond, &bmc_host_lock, next))
			;
		again = MIN(2 * again, AGAIN_MAX_MS);
	}
	host->serve_alive = false; /* the last touch: the main thread may free it now */
	(void)pthread_mutex_unlock(&bmc_host_lock);
	return NULL;
}

int bmc_serve_wait(struct bmc_host *host, int fd, short events, int64_t ms)
{
	struct pollfd fds[] = { { .fd = host->serve_stop, .events = POLLIN },
				{ .fd = host->serve_wake, .events = POLLIN },
				{ .fd = fd, .events = events } };
	int64_t until = ms < 0 ? INT64_MAX : bmc_now() + ms;
	uint64_t woken;
	int n;

	do {
		int64_t left = ms < 0 ? -1 : MAX(until - bmc_now(), 0);

		n = poll(fds, ARRAY_SIZE(fds), (int)MIN(left, INT64_C(86400000)));
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return bmc_from_errno(errno);
	if (fds[0].revents)
		return BMC_ECANCELED;
	if (fds[1].revents && read(host->serve_wake, &woken, sizeof(woken)) < 0)
		return bmc_from_errno(errno);
	return fds[2].revents;
}

int bmc_serve_stop_fd(const struct bmc_host *host)
{
	return host->serve_stop;
}

int bmc_serve_init(struct bmc_host *host)
{
	host->serve_stop = host->serve_wake = -1;
	if (!host->plugin->serve)
		return BMC_OK;
	host->serve_stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	host->serve_wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return host->serve_stop >= 0 && host->serve_wake >= 0 ? BMC_OK : BMC_ENOMEM;
}

int bmc_serve_start(struct bmc_host *host)
{
	int code;

	host->serve_alive = true;
	code = bmc_thread_start(serve_main, host);
	if (code < 0)
		host->serve_alive = false;
	return code;
}

void bmc_serve_stop(struct bmc_host *host)
{
	uint64_t one = 1;

	if (host->serve_stop >= 0 && write(host->serve_stop, &one, sizeof(one)) < 0)
		log_err("instance %s: serve could not be stopped", host->conf.name);
}

void bmc_serve_done(struct bmc_host *host)
{
	if (host->serve_stop >= 0)
		(void)close(host->serve_stop);
	if (host->serve_wake >= 0)
		(void)close(host->serve_wake);
}
