// SPDX-License-Identifier: Apache-2.0
/* The life of the test host of plugin-fixture.h: folder, platform, clock, calls into
 * the plugin under test. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf/tree.h"
#include "plugin-fixture-own.h"

/* ---- life ---- */

static void map_bank(struct fixture *r)
{
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/simulator.pins", r->dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, sizeof(*r->bank)), 0);
	r->bank =
		mmap(NULL, sizeof(*r->bank), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(r->bank, MAP_FAILED);
	close(fd);
}

/* The settings with "@" as the folder's path. */
static void load_settings(struct fixture *r)
{
	char text[1024] = "", *out = text;
	const char *s = r->conf.settings ? r->conf.settings : "{}";

	for (; *s && out < text + sizeof(text) - sizeof(r->dir); s++) {
		if (*s == '@')
			out += sprintf(out, "%s", r->dir);
		else
			*out++ = *s;
	}
	*out = '\0';
	if (bmc_conf_parse("settings", text, strlen(text), r->conf.plugin->conf,
			   &r->settings_file, &r->err) < 0)
		fail_msg("%s", r->err.what);
}

/* The plugin's own keys in rows, as `clusterbmcd` checks them. */
static void check_rows(struct fixture *r)
{
	const struct bmc_conf_item *items = r->conf.plugin->board_conf;

	for (size_t i = 0; items && i < r->platform->n_slots; i++) {
		const struct bmc_conf *c = r->platform->slots[i].conf->child;

		for (; c; c = c->next) {
			const struct bmc_conf_item *item =
				c->item->type == BMC_CONF_ANY
					? bmc_conf_item_find(items, c->key)
					: NULL;
			if (item &&
			    bmc_conf_check_value(r->platform_file, bmc_conf_mine(c),
						 item, &r->err) < 0)
				fail_msg("%s", r->err.what);
		}
	}
}

static void load_platform(struct fixture *r)
{
	const char *text = r->conf.platform;

	if (bmc_conf_parse("platform", text, strlen(text), bmc_platform_schema(),
			   &r->platform_file, &r->err) < 0 ||
	    bmc_platform_new(bmc_conf_root(r->platform_file), &r->platform, &r->err) <
		    0)
		fail_msg("%s", r->err.what);
	check_rows(r);
}

static void start(struct fixture *r)
{
	plugin_fixture_host.fixture = r;
	plugin_fixture_line_ops(&plugin_fixture_ops);
	plugin_fixture_flash_ops(&plugin_fixture_ops);
	plugin_fixture_command_ops(&plugin_fixture_ops);
	if (r->conf.plugin->create(&plugin_fixture_host, &plugin_fixture_ops,
				   bmc_conf_root(r->settings_file), &r->self,
				   &r->err) < 0)
		fail_msg("create: %s", r->err.what);
}

struct fixture *fixture_new(const struct fixture_conf *conf)
{
	struct fixture *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->conf = *conf;
	pthread_mutex_init(&r->lock, NULL);
	r->stop = eventfd(0, EFD_CLOEXEC);
	r->woken = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	assert_true(r->stop >= 0 && r->woken >= 0);
	(void)snprintf(r->dir, sizeof(r->dir), "/tmp/plugin-fixture.XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	load_platform(r);
	load_settings(r);
	map_bank(r);
	start(r);
	return r;
}

/* ---- serve ---- */

static void *serve_main(void *arg)
{
	struct fixture *r = arg;
	struct bmc_error err = { 0 };

	r->served = r->conf.plugin->serve(r->self, &err);
	return NULL;
}

void fixture_serve_start(struct fixture *r)
{
	assert_false(r->serving);
	r->serving = true;
	assert_int_equal(pthread_create(&r->server, NULL, serve_main, r), 0);
}

int fixture_serve_stop(struct fixture *r)
{
	uint64_t n = 1;

	if (!r->serving)
		return BMC_OK;
	assert_int_equal(write(r->stop, &n, sizeof(n)), sizeof(n));
	assert_int_equal(pthread_join(r->server, NULL), 0);
	assert_int_equal(read(r->stop, &n, sizeof(n)), sizeof(n));
	r->serving = false;
	return r->served;
}

void fixture_restart(struct fixture *r)
{
	(void)fixture_serve_stop(r);
	r->conf.plugin->destroy(r->self);
	plugin_fixture_forget(r);
	start(r);
}

void fixture_free(struct fixture *r)
{
	char path[128];

	(void)fixture_serve_stop(r);
	(void)close(r->stop);
	(void)close(r->woken);
	r->conf.plugin->destroy(r->self);
	plugin_fixture_forget(r);
	plugin_fixture_unpublish(r);
	munmap(r->bank, sizeof(*r->bank));
	(void)bmc_platform_free(r->platform);
	(void)bmc_conf_free(r->platform_file);
	(void)bmc_conf_free(r->settings_file);
	(void)snprintf(path, sizeof(path), "%s/simulator.pins", r->dir);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/simulator.pins.set", r->dir);
	(void)unlink(path);
	(void)rmdir(r->dir);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

const char *fixture_dir(const struct fixture *r)
{
	return r->dir;
}

int64_t fixture_now(const struct fixture *r)
{
	(void)r;
	return plugin_fixture_ops.now();
}

void fixture_poll(struct fixture *r)
{
	assert_int_equal(r->conf.plugin->poll(r->self, &r->err), BMC_OK);
}

int fixture_try_poll(struct fixture *r)
{
	memset(&r->err, 0, sizeof(r->err));
	return r->conf.plugin->poll(r->self, &r->err);
}

void fixture_run(struct fixture *r, int64_t ms)
{
	fixture_poll(r);
	for (int64_t t = 0; t < ms; t += 50) {
		r->offset += 50;
		fixture_poll(r);
	}
}

/* What happened since the last call happened now, by the fixture's clock. */
static void stamp(struct fixture *r)
{
	uint64_t newest = atomic_load(&r->bank->seq);

	for (; r->stamped < newest; r->stamped++)
		r->bank->ring[(r->stamped + 1) % BMC_PINBANK_TRACE].usec =
			plugin_fixture_ops.now() * 1000;
}

int fixture_verb(struct fixture *r, enum bmc_kind kind, const char *id,
		 const char *verb, int64_t arg, int64_t ms)
{
	struct bmc_call call = { .fixture = r,
				 .kind = kind,
				 .id = id,
				 .deadline = plugin_fixture_ops.now() + ms };
	int code;

	memset(&r->err, 0, sizeof(r->err));
	for (const struct bmc_verb *v = r->conf.plugin->verbs; v->name; v++) {
		if (strcmp(v->name, verb) != 0)
			continue;
		code = v->run(r->self, &call, &(struct bmc_args){ .num = arg },
			      &r->err);
		stamp(r);
		return code;
	}
	fail_msg("no verb %s", verb);
	return BMC_ENOTSUP;
}

const char *fixture_also(struct fixture *r, const char *board, const char *verb)
{
	const char *ids[64];
	size_t n = 0, used = 0;

	for (const struct bmc_verb *v = r->conf.plugin->verbs; v->name; v++) {
		if (strcmp(v->name, verb) == 0 && v->also)
			n = v->also(r->self, board, ids, 64);
	}
	r->also[0] = '\0';
	for (size_t i = 0; i < n; i++)
		used += (size_t)snprintf(r->also + used, sizeof(r->also) - used, "%s ",
					 ids[i]);
	return r->also;
}

void fixture_serve(struct fixture *r, int64_t ms)
{
	r->serve_until = plugin_fixture_ops.now() + ms;
	assert_int_equal(r->conf.plugin->serve(r->self, &r->err), BMC_OK);
}

int fixture_probe(struct fixture *r, const char *board, int64_t ms)
{
	struct bmc_call call = { .fixture = r,
				 .kind = BMC_BOARD,
				 .id = board,
				 .deadline = plugin_fixture_ops.now() + ms };

	memset(&r->err, 0, sizeof(r->err));
	return r->conf.plugin->probe(r->self, &call, board, &r->err);
}

const char *fixture_error(const struct fixture *r)
{
	return r->err.what;
}

struct bmc_pinbank *fixture_bank(const struct fixture *r)
{
	return r->bank;
}

void fixture_smart(struct fixture *r, const struct bmc_smart *data)
{
	r->smart = data;
}
