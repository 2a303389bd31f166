// SPDX-License-Identifier: Apache-2.0
/* The plugin `adb`: its settings, and which of the platform file's boards are its own.
 * adb.h says which file does what. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "adb.h"

static const struct bmc_conf_item settings[] = {
	{ .key = "address",
	  .type = BMC_CONF_TEXT,
	  .min = 2,
	  .max = 45,
	  .def = "127.0.0.1",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "IP address of the adb server." },
	{ .key = "port",
	  .type = BMC_CONF_INT,
	  .min = 1,
	  .max = 65535,
	  .def = "5037",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "TCP port of the adb server." },
	{ .key = "start_server",
	  .type = BMC_CONF_BOOL,
	  .def = "false",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Whether a server is started when none runs. Only on 127.0.0.1." },
	{ .key = "program",
	  .type = BMC_CONF_TEXT,
	  .min = 1,
	  .max = 200,
	  .def = "/usr/bin/adb",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "The adb program that starts it." },
	{ .key = "home",
	  .type = BMC_CONF_TEXT,
	  .min = 1,
	  .max = 200,
	  .def = "/var/lib/clusterbmc",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Folder in which a server that is started keeps its key (.android)." },
	{ .key = NULL },
};

static const struct bmc_conf_item board_conf[] = {
	{ .key = "usb",
	  .type = BMC_CONF_TEXT,
	  .min = 3,
	  .max = 31,
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Bus and ports that the board is plugged into, as the kernel names "
		 "them: "
		 "2-1.2.3." },
	{ .key = "adb",
	  .type = BMC_CONF_TEXT,
	  .min = 9,
	  .max = 55,
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "IP address and port of a board that is reached by adb over TCP: "
		 "192.0.2.7:5555." },
	{ .key = NULL },
};

struct adb_board *adb_find(struct adb *a, const char *id)
{
	for (size_t i = 0; i < a->n_boards; i++) {
		if (strcmp(a->boards[i].id, id) == 0)
			return &a->boards[i];
	}
	return NULL;
}

enum bmc_adb_state adb_state(struct adb *a, const struct adb_board *b,
			     uint64_t *ret_transport)
{
	enum bmc_adb_state state;

	(void)pthread_mutex_lock(&a->lock);
	state = b->state;
	*ret_transport = b->transport;
	(void)pthread_mutex_unlock(&a->lock);
	return state;
}

/* ---- the platform file ---- */

struct boards {
	struct adb *a; /* NULL: they are counted only */
	size_t n;
	struct bmc_error *err;
};

/* "192.0.2.7:5555", and no name: the server's list has the address as it was given. */
static bool is_endpoint(const char *text)
{
	char address[64];
	const char *colon = strrchr(text, ':');
	unsigned char in[16];
	int64_t port = colon ? adb_number(colon + 1) : BMC_UNKNOWN;

	if (!colon || (size_t)(colon - text) >= sizeof(address) || port < 1 ||
	    port > 65535)
		return false;
	memcpy(address, text, (size_t)(colon - text));
	address[colon - text] = '\0';
	return inet_pton(AF_INET, address, in) == 1;
}

/* "2-1.2.3" */
static bool is_path(const char *text)
{
	size_t bus = strspn(text, "0123456789");

	return bus && text[bus] == '-' && strspn(text + bus + 1, "0123456789.") &&
	       !text[bus + 1 + strspn(text + bus + 1, "0123456789.")];
}

static int take_board(void *arg, const char *id, const uint32_t index[2],
		      const struct bmc_conf *conf)
{
	const struct bmc_conf *usb = bmc_conf_find(conf, "usb"),
			      *tcp = bmc_conf_find(conf, "adb");
	struct boards *boards = arg;
	struct adb_board *b;

	(void)index;
	if (bmc_conf_num(conf, "is_main", 0) || ((!usb || !usb->text) && !tcp))
		return 0;
	if (tcp && !is_endpoint(tcp->text))
		return bmc_conf_fail(tcp, boards->err, BMC_EINVAL,
				     "adb: an IPv4 address and a port, 192.0.2.7:5555");
	if (!tcp && !is_path(usb->text))
		return bmc_conf_fail(usb, boards->err, BMC_EINVAL,
				     "usb: a bus and ports, 2-1.2.3");
	if (boards->a) {
		b = &boards->a->boards[boards->n];
		b->tcp = tcp != NULL;
		b->boot_time = BMC_UNKNOWN;
		(void)snprintf(b->id, sizeof(b->id), "%s", id);
		(void)snprintf(b->where, sizeof(b->where), "%s%.55s",
			       tcp ? "" : "usb:", tcp ? tcp->text : usb->text);
	}
	boards->n++;
	return 0;
}

static int take_boards(struct adb *a, struct bmc_error *err)
{
	struct boards boards = { .err = err };
	int code = a->ops->platform(a->host, BMC_BOARD, take_board, &boards);

	if (code < 0)
		return code;
	a->boards = calloc(boards.n + 1, sizeof(*a->boards));
	if (!a->boards)
		return bmc_fail(err, BMC_ENOMEM, "no memory for the boards");
	boards = (struct boards){ .a = a, .err = err };
	code = a->ops->platform(a->host, BMC_BOARD, take_board, &boards);
	a->n_boards = boards.n;
	return code;
}

/* ---- life ---- */

static void destroy(void *self)
{
	struct adb *a = self;

	(void)pthread_mutex_destroy(&a->lock);
	free(a->boards);
	free(a);
}

static int check(const struct adb *a, const struct bmc_conf *conf,
		 struct bmc_error *err)
{
	unsigned char in[16];

	if (inet_pton(AF_INET, a->address, in) != 1 &&
	    inet_pton(AF_INET6, a->address, in) != 1)
		return bmc_conf_fail(bmc_conf_find(conf, "address"), err, BMC_EINVAL,
				     "address: an IP address");
	if (a->start_server && strcmp(a->address, "127.0.0.1") != 0)
		return bmc_conf_fail(bmc_conf_find(conf, "start_server"), err,
				     BMC_EINVAL,
				     "start_server: a server is started on 127.0.0.1 "
				     "only");
	if (a->program[0] != '/')
		return bmc_conf_fail(bmc_conf_find(conf, "program"), err, BMC_EINVAL,
				     "program: an absolute path");
	return BMC_OK;
}

static int create(struct bmc_host *host, const struct bmc_host_ops *ops,
		  const struct bmc_conf *conf, void **ret_self, struct bmc_error *err)
{
	struct adb *a;
	int code;

	if (ops->size <
	    offsetof(struct bmc_host_ops, stream_size) + sizeof(ops->stream_size))
		return bmc_fail(err, BMC_ENOTSUP,
				"the daemon is older than this plugin");
	a = calloc(1, sizeof(*a));
	if (!a)
		return bmc_fail(err, BMC_ENOMEM, "no memory for the plugin adb");
	a->host = host;
	a->ops = ops;
	a->address = bmc_conf_text(conf, "address", "");
	a->port = (uint16_t)bmc_conf_num(conf, "port", 0);
	a->start_server = bmc_conf_num(conf, "start_server", 0) != 0;
	a->program = bmc_conf_text(conf, "program", "");
	a->home = bmc_conf_text(conf, "home", "");
	(void)pthread_mutex_init(&a->lock, NULL);
	code = check(a, conf, err);
	if (code == BMC_OK)
		code = take_boards(a, err);
	if (code < 0) {
		destroy(a);
		return code;
	}
	*ret_self = a;
	return BMC_OK;
}

BMC_PLUGIN(adb) = {
	BMC_PLUGIN_HEAD("adb", "1.0"),
	.conf = settings,
	.board_conf = board_conf,
	.create = create,
	.probe = adb_probe,
	.serve = adb_serve,
	.verbs = adb_verbs,
	.streams = adb_streams,
	.destroy = destroy,
};
