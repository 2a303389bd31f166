// SPDX-License-Identifier: Apache-2.0
// The test hook, see test-hook.h: a connection is the pause, so a test that dies can't
// leave the daemon paused. Called by main.c.
#include "config.h"

#include "daemon/test-hook.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/inventory/inventory.h"

static int listener = -1, client = -1;
static struct sockaddr_un at;

static void resume(void)
{
	if (client < 0)
		return;
	bmc_loop_unwatch(client);
	(void)close(client);
	client = -1;
	bmc_inventory_hold(false);
}

/* It has hung up: nothing is read from it. */
static void on_client(void *arg, uint32_t events)
{
	(void)arg;
	(void)events;
	resume();
}

/* A second client takes the place of the first. */
static void on_connect(void *arg, uint32_t events)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	char generation[24];

	(void)arg;
	(void)events;
	if (fd < 0)
		return;
	resume();
	if (bmc_loop_watch(fd, EPOLLIN, on_client, NULL) < 0) {
		(void)close(fd);
		return;
	}
	client = fd;
	bmc_inventory_hold(true);
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	int len = snprintf(generation, sizeof(generation), "%" PRIu64,
			   bmc_snapshot_generation(s));
	if (send(fd, generation, (size_t)len, MSG_NOSIGNAL) < 0)
		resume();
}

static int listen_at(const char *path)
{
	bool fits = bmc_copy(at.sun_path, sizeof(at.sun_path), path);
	int r;

	at.sun_family = AF_UNIX;
	listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener < 0 || !fits)
		return -1;
	(void)unlink(path);
	mode_t before = umask(0177);
	r = bind(listener, (const struct sockaddr *)&at, sizeof(at));
	(void)umask(before);
	return r < 0 ? r : listen(listener, 4);
}

int bmc_test_hook_init(struct bmc_daemon *d, struct bmc_error *err)
{
	char path[sizeof(d->state_dir) + 16];

	if (!bmc_conf_num(d->config->root, "test", 0))
		return BMC_OK;
	log_warning("test: true: for tests only, not for service");
	(void)snprintf(path, sizeof(path), "%s/test.sock", d->state_dir);
	if (listen_at(path) < 0)
		return bmc_fail(err, BMC_EIO, "%s: %s", path, strerror(errno));
	return bmc_loop_watch(listener, EPOLLIN, on_connect, NULL);
}

void bmc_test_hook_done(struct bmc_daemon *d)
{
	(void)d;
	if (listener < 0)
		return;
	resume();
	bmc_loop_unwatch(listener);
	(void)close(listener);
	(void)unlink(at.sun_path);
	listener = -1;
}
