// SPDX-License-Identifier: Apache-2.0
/* The plugin `absystem`: boards with two slots of their system, the one that does not
 * run being written by their own running system. Glue to the core: settings, the
 * platform's rows, the flasher. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "absystem.h"

#define BEAT_MS  120000
#define GRACE_MS 30000

static const struct bmc_name modes[] = {
	{ AB_SUCCESSFUL_BOOT, "successful_boot" },
	{ AB_RESET_RETRY, "reset_retry" },
	{ 0, NULL },
};

static const struct bmc_conf_item settings[] = {
	{ .key = "by_name",
	  .type = BMC_CONF_TEXT,
	  .min = 1,
	  .max = AB_PATH_MAX - 1,
	  .def = "/dev/block/by-name",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Folder of boards in which their partitions are by name." },
	{ .key = "cmdline",
	  .type = BMC_CONF_TEXT,
	  .min = 1,
	  .max = AB_PATH_MAX - 1,
	  .def = "/proc/cmdline",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "File of boards, and of main, with the kernel's command line." },
	{ .key = "compatible",
	  .type = BMC_CONF_TEXT,
	  .min = 1,
	  .max = AB_PATH_MAX - 1,
	  .def = "/proc/device-tree/compatible",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "File of boards, and of main, with the names of the machine's chip." },
	{ .key = "wait",
	  .type = BMC_CONF_INT,
	  .min = 0,
	  .max = 3600000,
	  .def = "2m",
	  .unit = "ms",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "How long a board that restarts may take to answer again." },
	{ .key = "keep",
	  .type = BMC_CONF_WORDS,
	  .max = 16,
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Folders of main that have to outlive its update, and so to lie on "
		 "file systems outside of its slots." },
	{ .key = NULL },
};

static const struct bmc_conf_item board_settings[] = {
	{ .key = "mode",
	  .type = BMC_CONF_ENUM,
	  .names = modes,
	  .def = "successful_boot",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "How its boot control marks a system that has booted well." },
	{ .key = "partition",
	  .type = BMC_CONF_TEXT,
	  .min = 1,
	  .max = AB_NAME_MAX - 2,
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Partition that raw images are for, without its slot, as system." },
	{ .key = "unmarked",
	  .type = BMC_CONF_BOOL,
	  .def = "false",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Write also while the running slot is not marked as booted well: for "
		 "a board without a boot control." },
	{ .key = NULL },
};

static const struct bmc_conf_item board_conf[] = {
	{ .key = "absystem",
	  .type = BMC_CONF_SECTION,
	  .items = board_settings,
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "For the plugin absystem." },
	{ .key = NULL },
};

/* ---- life ---- */

static int add_board(void *arg, const char *id, const uint32_t index[2],
		     const struct bmc_conf *conf)
{
	struct absystem *ab = arg;
	const struct bmc_conf *own = bmc_conf_find(conf, "absystem");
	struct ab_board *b;

	(void)index;
	if (!own)
		return 0;
	b = realloc(ab->boards, (ab->n_boards + 1) * sizeof(*b));
	if (!b)
		return bmc_fail(&ab->bad, BMC_ENOMEM, "no memory for a board");
	ab->boards = b;
	b += ab->n_boards++;
	memset(b, 0, sizeof(*b));
	b->left = -1;
	(void)snprintf(b->id, sizeof(b->id), "%s", id);
	b->is_main = bmc_conf_num(conf, "is_main", 0) != 0;
	b->mode = (enum ab_mode)bmc_conf_num(own, "mode", 0);
	b->partition = bmc_conf_text(own, "partition", NULL);
	b->unmarked = bmc_conf_num(own, "unmarked", 0) != 0;
	if (b->partition && !ab_name_ok(b->partition))
		return bmc_conf_fail(own, &ab->bad, BMC_EINVAL,
				     "partition: letters, digits, '_', '-' and '.'");
	return 0;
}

/* What a shell takes as one word, whatever is in it. */
static bool path_ok(const char *path)
{
	return path[0] == '/' && !strstr(path, "..") &&
	       path[strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789_-./")] == '\0';
}

static int settings_check(const struct absystem *ab, struct bmc_error *err)
{
	if (!path_ok(ab->by_name) || !path_ok(ab->cmdline) || !path_ok(ab->compatible))
		return bmc_fail(err, BMC_EINVAL,
				"by_name, cmdline, compatible: a path from / on, of "
				"letters, digits, '_', '-' and '.'");
	return BMC_OK;
}

static void destroy(void *self)
{
	struct absystem *ab = self;

	free(ab->boards);
	free(ab);
}

static int create(struct bmc_host *host, const struct bmc_host_ops *ops,
		  const struct bmc_conf *conf, void **ret_self, struct bmc_error *err)
{
	struct absystem *ab = calloc(1, sizeof(*ab));
	int code;

	if (!ab)
		return bmc_fail(err, BMC_ENOMEM, "no memory for absystem");
	ab->host = host;
	ab->ops = ops;
	ab->by_name = bmc_conf_text(conf, "by_name", "");
	ab->cmdline = bmc_conf_text(conf, "cmdline", "");
	ab->compatible = bmc_conf_text(conf, "compatible", "");
	ab->keep = bmc_conf_find(conf, "keep");
	ab->wait_ms = bmc_conf_num(conf, "wait", 0);
	code = settings_check(ab, err);
	if (code == BMC_OK && ops->platform(host, BMC_BOARD, add_board, ab) != 0) {
		code = ab->bad.code;
		if (err)
			*err = ab->bad;
	}
	if (code < 0)
		destroy(ab);
	else
		*ret_self = ab;
	return code;
}

/* ---- calls ---- */

int ab_begin(struct ab_work *w, void *self, struct bmc_call *call,
	     const struct bmc_flash *flash, struct bmc_error *err)
{
	struct absystem *ab = self;
	const char *id = ab->ops->target_id(call);

	memset(w, 0, sizeof(*w));
	w->ab = ab;
	w->call = call;
	w->flash = flash;
	w->err = err;
	for (size_t i = 0; i < ab->n_boards; i++) {
		if (strcmp(ab->boards[i].id, id) == 0)
			w->board = &ab->boards[i];
	}
	if (!w->board)
		return bmc_fail(err, BMC_ENOTSUP,
				"%s has no `absystem` in the platform file", id);
	w->medium = w->board->is_main ? &ab_medium_main : &ab_medium_board;
	return BMC_OK;
}

static int keeps(struct ab_work *w, const char *path, dev_t system)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return bmc_fail(w->err, bmc_from_errno(errno), "%s: %s: %s",
				w->board->id, path, strerror(errno));
	if (st.st_dev == system)
		return bmc_fail(w->err, BMC_ESTATE,
				"%s: %s lies in the slot that runs, the new system "
				"would not have it: move it to a partition of its own",
				w->board->id, path);
	return BMC_OK;
}

int ab_keeps(struct ab_work *w)
{
	const struct bmc_conf *keep = w->ab->keep ? w->ab->keep->child : NULL;
	struct stat root;
	int code = BMC_OK;

	if (!keep)
		return bmc_fail(w->err, BMC_ESTATE,
				"%s: name in the instance's `keep` the folders that "
				"its new system needs: configuration and state",
				w->board->id);
	if (stat("/", &root) < 0)
		return bmc_fail(w->err, bmc_from_errno(errno), "%s: /: %s",
				w->board->id, strerror(errno));
	for (; keep && code == BMC_OK; keep = keep->next)
		code = keeps(w, keep->text, root.st_dev);
	return code;
}

static const struct bmc_flasher flasher = {
	.size = sizeof(struct bmc_flasher),
	.way = BMC_FLASH_PUSH,
	.beat = BEAT_MS,
	.grace = GRACE_MS,
	.accepts = ab_accepts,
	.write = ab_write,
	.verify = ab_verify,
	.attach = ab_attach,
	.confirm = ab_confirm,
	.rollback = ab_rollback,
};

BMC_PLUGIN(absystem) = {
	BMC_PLUGIN_HEAD("absystem", "1.0"),
	.conf = settings,
	.board_conf = board_conf,
	.create = create,
	.flasher = &flasher,
	.destroy = destroy,
};
