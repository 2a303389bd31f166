// SPDX-License-Identifier: Apache-2.0
/* agent/update from a command line, for tests against real servers:
 *
 *     image-rig CONF DIR fetch URI [USER PASSWORD]
 *     image-rig CONF DIR check IMAGE
 *
 * CONF has the keys of the section `update`, DIR becomes the store. Prints the code of
 * the error and its text, or "ok" and the image's row. The third argument may be
 * "cancel:N", before the verb: it is not wanted any more after N bytes. Passwords are
 * for tests. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "core/base/log.h"
#include "update/check.h"
#include "update/fetch.h"
#include "update/policy.h"

static int64_t cancel_at = INT64_MAX;
static struct bmc_conf_file *file;

static bool report(struct upd_watch *w, const char *stage, int64_t done, int64_t total)
{
	(void)w;
	(void)stage;
	(void)total;
	return done < cancel_at;
}

static struct upd_watch watch = { .report = report };

static const struct bmc_conf *section(const char *path)
{
	const struct bmc_conf_item *item = bmc_conf_schema;
	struct bmc_error err = { 0 };

	while (strcmp(item->key, "update") != 0)
		item++;
	if (bmc_conf_load(path, item->items, &file, &err) < 0) {
		(void)fprintf(stderr, "%s\n", err.what);
		exit(2);
	}
	return bmc_conf_root(file);
}

static void open_store(const struct bmc_conf *c, const char *dir)
{
	const struct upd_store_conf conf = {
		.dir = dir,
		.folder = bmc_conf_text(c, "folder", ""),
		.bytes = (uint64_t)bmc_conf_num(c, "max_bytes", 0),
		.images = (unsigned)bmc_conf_num(c, "max_images", 0),
		.keep_free = (uint64_t)bmc_conf_num(c, "keep_free", 0),
	};
	struct bmc_error err = { 0 };

	if (upd_policy_init(c, &err) < 0 || upd_store_init(&conf, &err) < 0) {
		(void)printf("%d %s\n", err.code, err.what);
		exit(1);
	}
}

static int fetch(char **argv, struct upd_stored **ret, struct bmc_error *err)
{
	const struct upd_fetch f = {
		.uri = argv[0],
		.user = argv[1],
		.password = argv[1] ? argv[2] : NULL,
		.watch = &watch,
	};

	return upd_fetch(&f, ret, err);
}

static int check(const char *id, struct upd_stored **ret, struct bmc_error *err)
{
	struct bmc_prepared *p = NULL;

	*ret = upd_store_get(id);
	if (!*ret)
		return bmc_fail(err, BMC_ENOTFOUND, "no such image");
	int r = upd_check(*ret, &watch, false, &p, err);

	upd_prepared_unref(p);
	return r;
}

static void print_row(struct upd_stored *s)
{
	struct bmc_stored_image row;

	upd_stored_row(s, &row);
	(void)printf("id=%s\nname=%s\nsize=%" PRId64 "\ndigest=%s\nstate=%" PRId64
		     "\nformat=%s\npacking=%s\nchip=%s\nversion=%s\nsigner=%s\n"
		     "trust=%" PRId64 "\nreason=%s\n",
		     row.row.id, row.name, row.size, row.digest, row.state, row.format,
		     row.packing, row.chip, row.version, row.signer, row.trust,
		     row.reason);
}

int main(int argc, char **argv)
{
	struct bmc_error err = { 0 };
	struct upd_stored *s = NULL;

	if (argc < 5)
		return 2;
	bmc_log_init(LOG_WARNING);
	open_store(section(argv[1]), argv[2]);
	argv += 3;
	if (strncmp(*argv, "cancel:", 7) == 0)
		cancel_at = strtoll(*argv++ + 7, NULL, 10);
	int r = strcmp(argv[0], "fetch") == 0 ? fetch(argv + 1, &s, &err)
					      : check(argv[1], &s, &err);

	if (r == BMC_OK)
		(void)printf("ok\n");
	else
		(void)printf("%d %s\n", r, err.what);
	if (s)
		print_row(s);
	(void)upd_stored_unref(s);
	upd_store_done();
	upd_policy_done();
	file = bmc_conf_free(file);
	return r == BMC_OK ? 0 : 1;
}
