// SPDX-License-Identifier: Apache-2.0
/* A second sample plugin, a module as sample-plugin.c: an event-driven source that
 * serves what comes through a FIFO, one line each:
 *
 *   ROW 0|1   the board is out or in      !fail  serve ends with an error
 *   !hang     the next poll never ends    !go    until this
 *
 * and that says which boards are not its own. Loaded by test-plugin-serve. */
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "bmc/plugin.h"

struct events {
	struct bmc_host *host;
	const struct bmc_host_ops *ops;
	int fd;
	atomic_bool hang;
	atomic_int probes;
};

static const struct bmc_conf_item settings[] = {
	{ .key = "fifo",
	  .type = BMC_CONF_TEXT,
	  .min = 1,
	  .max = 200,
	  .def = "!",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Where the events come from." },
	{ .key = NULL },
};

static int create(struct bmc_host *host, const struct bmc_host_ops *ops,
		  const struct bmc_conf *conf, void **ret_self, struct bmc_error *err)
{
	const char *fifo = bmc_conf_text(conf, "fifo", "");
	struct events *e;

	if (ops->size < sizeof(*ops))
		return bmc_fail(err, BMC_ENOTSUP, "the daemon is older than this");
	e = calloc(1, sizeof(*e));
	if (!e)
		return bmc_fail(err, BMC_ENOMEM, "no memory for events");
	e->host = host;
	e->ops = ops;
	/* for writing too, so that it never reads as ended */
	e->fd = open(fifo, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (e->fd < 0) {
		free(e);
		return bmc_fail(err, BMC_EIO, "%.80s: can't be opened", fifo);
	}
	*ret_self = e;
	return BMC_OK;
}

static int handle(struct events *e, char *line, struct bmc_error *err)
{
	char *value = strchr(line, ' ');

	if (strcmp(line, "!fail") == 0)
		return bmc_fail(err, BMC_EIO, "told to fail");
	if (strcmp(line, "!hang") == 0 || strcmp(line, "!go") == 0) {
		e->hang = line[1] == 'h';
		return BMC_OK;
	}
	if (!value)
		return BMC_OK;
	*value = '\0';
	(void)e->ops->put(e->host, BMC_BOARD, line,
			  &BMC_NUM(bmc_board, present, value[1] == '1'), 1);
	return BMC_OK;
}

/* Each write of the test is one line. */
static int serve(void *self, struct bmc_error *err)
{
	struct events *e = self;
	char line[80];
	int code = BMC_OK;

	while (code == BMC_OK) {
		int ready = e->ops->wait(e->host, e->fd, POLLIN, 60000);
		ssize_t n = 0;

		if (ready < 0)
			return ready;
		if (ready & POLLIN)
			n = read(e->fd, line, sizeof(line) - 1);
		if (n <= 0)
			continue;
		line[n] = '\0';
		line[strcspn(line, "\n")] = '\0';
		code = handle(e, line, err);
	}
	return code;
}

static int poll_counters(void *self, struct bmc_error *err)
{
	struct events *e = self;
	const struct timespec t = { 0, 5000000 };

	(void)err;
	while (e->hang)
		(void)nanosleep(&t, NULL);
	return e->ops->put(e->host, BMC_FAN, "fan1",
			   &BMC_NUM(bmc_fan, rpm, 1000 + e->probes), 1);
}

static int probe(void *self, struct bmc_call *call, const char *board,
		 struct bmc_error *err)
{
	struct events *e = self;

	(void)call;
	(void)err;
	e->probes++;
	return strcmp(board, "sub1-01") == 0 ? BMC_OK : BMC_ENOTSUP;
}

static void destroy(void *self)
{
	struct events *e = self;

	(void)close(e->fd);
	free(e);
}

BMC_PLUGIN(events) = {
	BMC_PLUGIN_HEAD("events", "1.0"),
	.conf = settings,
	.create = create,
	.poll = poll_counters,
	.probe = probe,
	.destroy = destroy,
	.serve = serve,
};
