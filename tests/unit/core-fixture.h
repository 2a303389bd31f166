// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#include <cmocka.h>

#include "conf/conf.h"
#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/events/event.h"
#include "core/inventory/inventory.h"
#include "core/model/field.h"

/* What the tests of the core share: a small chassis, two sources, and short words for
 * putting and looking. */

static const char platform_text[] =
	"platform: small\n"
	"boot_time: 60s\n"
	"sources: {default: \"first, second\", board.os_version: \"second, first\"}\n"
	"verbs: {os_reboot: first, os_shutdown: first}\n"
	"chips:\n"
	"  - {id: power, driver: simulator, lines: 100}\n"
	"chassis:\n"
	"  - {id: enclosure, name: Small, form: RackMount}\n"
	"blades:\n"
	"  - {range: {b: 1-2}, id: \"blade{b}\", index: \"{b}\"}\n"
	"boards:\n"
	"  - {id: main, is_main: true, index: \"0.0\"}\n"
	"  - range: {b: 1-2, s: 1-2}\n"
	"    id: \"sub{b}-{s:02}\"\n"
	"    index: \"{b}.{s}\"\n"
	"    parent: \"blade{b}\"\n"
	"    model: Core\n"
	"    pins: [{name: power, chip: power, line: \"{b}{s}\"}]\n"
	"fans:\n"
	"  - {range: {n: 1-2}, id: \"fan{n}\", low_rpm: 1000}\n"
	"psus:\n"
	"  - {range: {n: 1-2}, id: \"psu{n}\"}\n"
	"disks:\n"
	"  - {id: disk1, parent: blade2}\n"
	"sensors:\n"
	"  - {id: temp1, type: Temperature, parent: sub1-01, high_warning: 80C, "
	"high_critical: 90C}\n";

static struct bmc_conf_file *platform_file;
static struct bmc_platform *platform;
static struct bmc_source *first, *second;

static inline void load_platform(const char *text)
{
	struct bmc_error err = { 0 };

	if (bmc_conf_parse("test", text, strlen(text), bmc_platform_schema(),
			   &platform_file, &err) < 0 ||
	    bmc_platform_new(bmc_conf_root(platform_file), &platform, &err) < 0)
		fail_msg("%s", err.what);
}

static inline void start_inventory(void)
{
	struct bmc_error err = { 0 };

	if (bmc_inventory_init(platform, &err) < 0 || bmc_events_init(&err) < 0)
		fail_msg("%s", err.what);
	first = bmc_source_new("first", 0, 0);
	second = bmc_source_new("second", 0, 1);
	assert_non_null(first);
	assert_non_null(second);
}

static inline int set_up(void **state)
{
	(void)state;
	bmc_log_init(LOG_EMERG);
	assert_int_equal(bmc_loop_init(), 0);
	load_platform(platform_text);
	start_inventory();
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	bmc_events_done();
	bmc_inventory_done();
	platform = bmc_platform_free(platform);
	platform_file = bmc_conf_free(platform_file);
	bmc_loop_done();
	return 0;
}

/* ---- putting ---- */

/** Says one value of one field, by the field's name; `word` for texts and enumerations.
 */
static inline int say(struct bmc_source *s, enum bmc_kind kind, const char *id,
		      const char *field, int64_t num, const char *word)
{
	const struct bmc_field *f = bmc_field_find(kind, field);

	assert_non_null(f);
	struct bmc_value v = { .offset = f->offset, .num = num, .text = word };
	if (f->type == BMC_ENUM && word)
		v.num = bmc_name_value(f->names, word);
	if (f->type != BMC_TEXT)
		v.text = NULL;
	return bmc_inventory_put(s, kind, id, BMC_CHASSIS, NULL, &v, 1);
}

static inline void board_says(const char *id, int64_t pin, const char *usb,
			      const char *adb, const char *os)
{
	assert_int_equal(say(first, BMC_BOARD, id, "power_pin", pin, NULL), 0);
	assert_int_equal(say(first, BMC_BOARD, id, "usb_mode", 0, usb), 0);
	assert_int_equal(say(first, BMC_BOARD, id, "adb_state", 0, adb), 0);
	assert_int_equal(say(first, BMC_BOARD, id, "os", 0, os), 0);
	bmc_inventory_publish();
}

/* ---- looking: the newest snapshot, published first ---- */

/** The row, borrowed from the inventory until the next publication. */
static inline const struct bmc_row *row_of(enum bmc_kind kind, const char *id)
{
	bmc_inventory_publish();
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	return bmc_snapshot_find(s, kind, id);
}

static inline int64_t num_of(enum bmc_kind kind, const char *id, const char *field)
{
	const struct bmc_row *row = row_of(kind, id);

	assert_non_null(row);
	assert_non_null(bmc_field_find(kind, field));
	return bmc_field_num(row, bmc_field_find(kind, field));
}

static inline const char *text_of(enum bmc_kind kind, const char *id, const char *field)
{
	const struct bmc_row *row = row_of(kind, id);

	assert_non_null(row);
	return bmc_field_text(row, bmc_field_find(kind, field));
}

static inline const char *word_of(enum bmc_kind kind, const char *id, const char *field)
{
	const struct bmc_field *f = bmc_field_find(kind, field);

	return bmc_name_word(f->names, num_of(kind, id, field));
}

/* ---- events ---- */

static inline size_t count_events(const char *type, const char *origin)
{
	const struct bmc_row *const *rows;
	size_t n = 0;

	bmc_loop_step(0);
	bmc_inventory_publish();
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	size_t all = bmc_snapshot_rows(s, BMC_EVENT, &rows);
	for (size_t i = 0; i < all; i++) {
		const struct bmc_event *e = (const struct bmc_event *)rows[i];
		n += strcmp(e->type, type) == 0 && strcmp(e->origin_id, origin) == 0;
	}
	return n;
}

/** The newest event; borrowed until the next publication. */
static inline const struct bmc_event *last_event(void)
{
	const struct bmc_row *const *rows;

	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	size_t n = bmc_snapshot_rows(s, BMC_EVENT, &rows);
	return n ? (const struct bmc_event *)rows[n - 1] : NULL;
}
