// SPDX-License-Identifier: Apache-2.0
/* The plugin `node_exporter`: readings of boards that run Prometheus' node_exporter,
 * one GET a probe. Glue to the core: fetch.c gets the page, exposition.c reads its
 * lines, readings.c knows what they mean. */
#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <syslog.h>

#include "fetch.h"
#include "readings.h"

struct board {
	char id[BMC_ID_MAX];
	const char *url; /* borrowed from the platform file */
	struct ne_board kept;
	int failed; /* what the last scrape came to: logged when it changes */
};

struct exporters {
	struct bmc_host *host;
	const struct bmc_host_ops *ops;
	size_t bytes_max, lines_max;
	pthread_mutex_t lock; /* of what is kept: an abandoned probe may still end */
	struct board *boards;
	size_t n_boards;
	struct bmc_error bad; /* of the platform file */
};

static const struct bmc_conf_item settings[] = {
	{ .key = "bytes",
	  .type = BMC_CONF_INT,
	  .min = 4096,
	  .max = 64 << 20,
	  .def = "1MiB",
	  .unit = "bytes",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Longest answer of an exporter." },
	{ .key = "lines",
	  .type = BMC_CONF_INT,
	  .min = 100,
	  .max = 1000000,
	  .def = "20000",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Most lines in an answer of an exporter." },
	{ .key = NULL },
};

static const struct bmc_conf_item board_settings[] = {
	{ .key = "url",
	  .type = BMC_CONF_TEXT,
	  .min = 1,
	  .max = NE_URL_MAX,
	  .def = "!",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Where its exporter answers, http://ADDRESS:9100/metrics. Names are "
		 "not "
		 "looked up." },
	{ .key = NULL },
};

static const struct bmc_conf_item board_conf[] = {
	{ .key = "node_exporter",
	  .type = BMC_CONF_SECTION,
	  .items = board_settings,
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "For the plugin node_exporter." },
	{ .key = NULL },
};

/* ---- life ---- */

static int add_board(void *arg, const char *id, const uint32_t index[2],
		     const struct bmc_conf *conf)
{
	struct exporters *x = arg;
	const struct bmc_conf *own = bmc_conf_find(conf, "node_exporter");
	struct bmc_error err;
	struct board *more;

	(void)index;
	if (!own)
		return 0;
	if (ne_url_check(bmc_conf_text(own, "url", ""), &err) < 0)
		return bmc_conf_fail(own, &x->bad, err.code, "%s", err.what);
	more = realloc(x->boards, (x->n_boards + 1) * sizeof(*more));
	if (!more)
		return bmc_fail(&x->bad, BMC_ENOMEM, "no memory for a board");
	x->boards = more;
	more += x->n_boards++;
	memset(more, 0, sizeof(*more));
	(void)snprintf(more->id, sizeof(more->id), "%s", id);
	more->url = bmc_conf_text(own, "url", "");
	return 0;
}

static void destroy(void *self)
{
	struct exporters *x = self;

	(void)pthread_mutex_destroy(&x->lock);
	free(x->boards);
	free(x);
}

static int create(struct bmc_host *host, const struct bmc_host_ops *ops,
		  const struct bmc_conf *conf, void **ret_self, struct bmc_error *err)
{
	struct exporters *x = calloc(1, sizeof(*x));

	/* safe in any thread since 7.84; HTTP alone needs nothing of it */
	if (!x || curl_global_init(CURL_GLOBAL_NOTHING) != CURLE_OK) {
		free(x);
		return bmc_fail(err, BMC_ENOMEM, "no memory for node_exporter");
	}
	x->host = host;
	x->ops = ops;
	x->bytes_max = (size_t)bmc_conf_num(conf, "bytes", 0);
	x->lines_max = (size_t)bmc_conf_num(conf, "lines", 0);
	(void)pthread_mutex_init(&x->lock, NULL);
	if (ops->platform(host, BMC_BOARD, add_board, x) != 0) {
		if (err)
			*err = x->bad;
		destroy(x);
		return err ? err->code : BMC_EINVAL;
	}
	*ret_self = x;
	return BMC_OK;
}

/* ---- scrapes ---- */

static struct board *find(struct exporters *x, const char *id)
{
	for (size_t i = 0; i < x->n_boards; i++) {
		if (strcmp(x->boards[i].id, id) == 0)
			return &x->boards[i];
	}
	return NULL;
}

/* Said when it changes: a board that is off fails at each probe. */
static void log_change(struct exporters *x, struct board *b, int code,
		       const struct bmc_error *err)
{
	if (code == b->failed)
		return;
	if (code)
		x->ops->log(x->host, LOG_NOTICE, "%s", err->what);
	else
		x->ops->log(x->host, LOG_INFO, "%s: its exporter answers again", b->id);
	b->failed = code;
}

/* Puts what the answer says; nothing of it is known when the scrape failed. */
static int put(struct exporters *x, struct board *b, const struct ne_answer *a)
{
	struct bmc_value values[NE_VALUES_MAX];
	size_t n = ne_values(a, &b->kept, x->ops->now(), values);

	return x->ops->put(x->host, BMC_BOARD, b->id, values, n);
}

static int probe(void *self, struct bmc_call *call, const char *id,
		 struct bmc_error *err)
{
	struct exporters *x = self;
	struct board *b = find(x, id);
	struct ne_answer answer;
	struct expo expo;
	struct bmc_error why = { 0 };

	if (!b)
		return BMC_ENOTSUP;
	struct ne_fetch f = {
		.ops = x->ops, .call = call, .board = id, .url = b->url, .expo = &expo
	};
	ne_answer_init(&answer);
	expo_init(&expo, x->bytes_max, x->lines_max, ne_answer_take, &answer);
	int code = ne_fetch(&f, &why);
	if (!code && !answer.samples)
		code = bmc_fail(&why, BMC_EIO,
				"%s: what answers there is no node_exporter", id);
	if (code == BMC_ECANCELED)
		return bmc_fail(err, code, "%s", why.what);
	if (code)
		ne_answer_init(&answer);
	(void)pthread_mutex_lock(&x->lock);
	log_change(x, b, code, &why);
	(void)put(x, b, &answer);
	(void)pthread_mutex_unlock(&x->lock);
	return code ? bmc_fail(err, code, "%s", why.what) : BMC_OK;
}

BMC_PLUGIN(node_exporter) = {
	BMC_PLUGIN_HEAD("node_exporter", "1.0"),
	.conf = settings,
	.board_conf = board_conf,
	.create = create,
	.probe = probe,
	.destroy = destroy,
};
