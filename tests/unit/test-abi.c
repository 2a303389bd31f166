// SPDX-License-Identifier: Apache-2.0
/* The plugin ABI is frozen: structs keep their layout and grow at their end only. This
 * compares them, on LP64, with the table tests/unit/data/abi-1.txt, and writes what it
 * finds to abi-1.txt: after an append that is meant, copy it over the table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bmc/pinbank.h"
#include "bmc/plugin.h"
#include "core/model/field.h"

struct member {
	const char *name;
	size_t offset, size;
};

#define S(s)                            \
	{                               \
#s, 0, sizeof(struct s) \
	}
#define M(s, m)                                                              \
	{                                                                    \
#s "." #m, offsetof(struct s, m), sizeof(((struct s *)0)->m) \
	}

/* clang-format off */
static const struct member members[] = {
	S(bmc_error), M(bmc_error, code), M(bmc_error, what),
	S(bmc_name), M(bmc_name, value), M(bmc_name, word),
	S(bmc_conf_item), M(bmc_conf_item, key), M(bmc_conf_item, type),
	M(bmc_conf_item, min), M(bmc_conf_item, max), M(bmc_conf_item, def),
	M(bmc_conf_item, unit), M(bmc_conf_item, reload), M(bmc_conf_item, names),
	M(bmc_conf_item, items), M(bmc_conf_item, doc), M(bmc_conf_item, secret),
	S(bmc_conf), M(bmc_conf, key), M(bmc_conf, type), M(bmc_conf, text),
	M(bmc_conf, num), M(bmc_conf, is_default), M(bmc_conf, file), M(bmc_conf, line),
	M(bmc_conf, column), M(bmc_conf, item), M(bmc_conf, child), M(bmc_conf, next),
	S(bmc_field), M(bmc_field, name), M(bmc_field, type), M(bmc_field, unit),
	M(bmc_field, offset), M(bmc_field, size), M(bmc_field, flags),
	M(bmc_field, names), M(bmc_field, min), M(bmc_field, max), M(bmc_field, verb),
	M(bmc_field, doc),
	S(bmc_kind_desc), M(bmc_kind_desc, kind), M(bmc_kind_desc, name),
	M(bmc_kind_desc, size), M(bmc_kind_desc, fields), M(bmc_kind_desc, n_fields),
	M(bmc_kind_desc, flags), M(bmc_kind_desc, level),
	S(bmc_row), M(bmc_row, kind), M(bmc_row, status), M(bmc_row, health),
	M(bmc_row, own_health), M(bmc_row, handle), M(bmc_row, parent),
	M(bmc_row, index), M(bmc_row, id), M(bmc_row, changed), M(bmc_row, set_changed),
	M(bmc_row, read_at),
	S(bmc_value), M(bmc_value, offset), M(bmc_value, num), M(bmc_value, text),
	S(bmc_pin_place), M(bmc_pin_place, chip), M(bmc_pin_place, line),
	M(bmc_pin_place, active_low),
	S(bmc_smart), M(bmc_smart, failure_predicted), M(bmc_smart, temperature),
	M(bmc_smart, hours), M(bmc_smart, rotation_rpm), M(bmc_smart, model),
	M(bmc_smart, serial), M(bmc_smart, firmware),
	S(bmc_image), M(bmc_image, size), M(bmc_image, digest), M(bmc_image, read),
	M(bmc_image, ref), M(bmc_image, unref),
	S(bmc_args), M(bmc_args, num), M(bmc_args, text), M(bmc_args, image),
	S(bmc_progress), M(bmc_progress, millipercent), M(bmc_progress, stage),
	M(bmc_progress, done), M(bmc_progress, total),
	S(bmc_checkpoint), M(bmc_checkpoint, version), M(bmc_checkpoint, offset),
	M(bmc_checkpoint, digest), M(bmc_checkpoint, len), M(bmc_checkpoint, data),
	S(bmc_host_ops), M(bmc_host_ops, abi), M(bmc_host_ops, size),
	M(bmc_host_ops, put), M(bmc_host_ops, put_part), M(bmc_host_ops, gone),
	M(bmc_host_ops, log), M(bmc_host_ops, now), M(bmc_host_ops, name),
	M(bmc_host_ops, platform), M(bmc_host_ops, wake), M(bmc_host_ops, target_id),
	M(bmc_host_ops, target_kind), M(bmc_host_ops, deadline),
	M(bmc_host_ops, cancelled), M(bmc_host_ops, sleep), M(bmc_host_ops, progress),
	M(bmc_host_ops, verb), M(bmc_host_ops, pin_set), M(bmc_host_ops, pin_pulse),
	M(bmc_host_ops, pin_read), M(bmc_host_ops, smart), M(bmc_host_ops, kind),
	M(bmc_host_ops, pin_place), M(bmc_host_ops, heartbeat), M(bmc_host_ops, report),
	M(bmc_host_ops, checkpoint), M(bmc_host_ops, resumed), M(bmc_host_ops, wait),
	M(bmc_host_ops, stop_fd), M(bmc_host_ops, stream_read),
	M(bmc_host_ops, stream_write), M(bmc_host_ops, stream_wait),
	M(bmc_host_ops, stream_size), M(bmc_host_ops, published),
	M(bmc_host_ops, daemon_alive),
	M(bmc_host_ops, lines), M(bmc_host_ops, line_set), M(bmc_host_ops, line_pulse),
	M(bmc_host_ops, line_read), M(bmc_host_ops, pwm_set), M(bmc_host_ops, pwm_read),
	M(bmc_host_ops, storage_open), M(bmc_host_ops, edge),
	M(bmc_host_ops, press), M(bmc_host_ops, offer), M(bmc_host_ops, offered),
	M(bmc_host_ops, command), M(bmc_host_ops, offer_put), M(bmc_host_ops, offer_get),
	S(bmc_command), M(bmc_command, text), M(bmc_command, ms), M(bmc_command, in),
	M(bmc_command, arg), M(bmc_command, out), M(bmc_command, out_size),
	M(bmc_command, out_len),
	M(bmc_extent, at), M(bmc_extent, len), S(bmc_extent),
	S(bmc_flash_part), M(bmc_flash_part, name), M(bmc_flash_part, start),
	M(bmc_flash_part, room), M(bmc_flash_part, size), M(bmc_flash_part, extents),
	M(bmc_flash_part, n_extents),
	S(bmc_flash_piece), M(bmc_flash_piece, kind), M(bmc_flash_piece, name),
	M(bmc_flash_piece, size), M(bmc_flash_piece, delay), M(bmc_flash_piece, rc4),
	M(bmc_flash, size), M(bmc_flash, flags), M(bmc_flash, board), M(bmc_flash, name),
	M(bmc_flash, version), M(bmc_flash, format), M(bmc_flash, chip),
	M(bmc_flash, verify), M(bmc_flash, file), M(bmc_flash, parts),
	M(bmc_flash, n_parts), M(bmc_flash, pieces), M(bmc_flash, n_pieces),
	M(bmc_flash, bytes), M(bmc_flash, read), M(bmc_flash, read_piece),
	M(bmc_flash, table),
	M(bmc_flasher, size), M(bmc_flasher, way), M(bmc_flasher, beat),
	M(bmc_flasher, grace), M(bmc_flasher, accepts), M(bmc_flasher, detach),
	M(bmc_flasher, write), M(bmc_flasher, verify), M(bmc_flasher, attach),
	M(bmc_flasher, confirm), M(bmc_flasher, rollback),
	S(bmc_line_edge), M(bmc_line_edge, line), M(bmc_line_edge, active),
	M(bmc_line_edge, resync), M(bmc_line_edge, at),
	S(bmc_stream_args), M(bmc_stream_args, what), M(bmc_stream_args, mode),
	M(bmc_stream_args, text), M(bmc_stream_args, size), M(bmc_stream_args, columns),
	M(bmc_stream_args, rows),
	S(bmc_stream_type), M(bmc_stream_type, what), M(bmc_stream_type, flags),
	M(bmc_stream_type, deadline), M(bmc_stream_type, grace), M(bmc_stream_type, run),
	S(bmc_verb), M(bmc_verb, name), M(bmc_verb, flags), M(bmc_verb, deadline),
	M(bmc_verb, run), M(bmc_verb, grace), M(bmc_verb, also),
	S(bmc_plugin), M(bmc_plugin, abi), M(bmc_plugin, size), M(bmc_plugin, name),
	M(bmc_plugin, version), M(bmc_plugin, conf), M(bmc_plugin, board_conf),
	M(bmc_plugin, create), M(bmc_plugin, poll), M(bmc_plugin, probe),
	M(bmc_plugin, verbs), M(bmc_plugin, flasher), M(bmc_plugin, destroy),
	M(bmc_plugin, serve), M(bmc_plugin, streams),
	S(bmc_trace_entry), M(bmc_trace_entry, seq), M(bmc_trace_entry, usec),
	M(bmc_trace_entry, what), M(bmc_trace_entry, chip), M(bmc_trace_entry, line),
	M(bmc_trace_entry, level), M(bmc_trace_entry, board), M(bmc_trace_entry, text),
	S(bmc_pinbank), M(bmc_pinbank, magic), M(bmc_pinbank, version),
	M(bmc_pinbank, seq), M(bmc_pinbank, level), M(bmc_pinbank, ring),
};
/* clang-format on */

#define LINE_MAX_BYTES 128

/* A plugin names fields by their offset, so rows are a part of the ABI. */
static size_t write_kind(FILE *f, const struct bmc_kind_desc *d)
{
	fprintf(f, "kind %s %d\n", d->name, (int)d->kind);
	for (size_t i = 0; i < d->n_fields; i++)
		fprintf(f, "%s.%s %zu %zu\n", d->name, d->fields[i].name,
			d->fields[i].offset, d->fields[i].size);
	return d->n_fields;
}

static void write_table(const char *path)
{
	FILE *f = fopen(path, "w");
	size_t n = 0;

	assert_non_null(f);
	fprintf(f, "abi %u\n", BMC_ABI);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		fprintf(f, "%s %zu %zu\n", members[i].name, members[i].offset,
			members[i].size);
	for (int k = 0; k < BMC_N_KINDS; k++) {
		if (bmc_kind_is((enum bmc_kind)k, BMC_KIND_PUT))
			n += write_kind(f, bmc_kind((enum bmc_kind)k));
	}
	assert_true(n > 100);
	assert_int_equal(fclose(f), 0);
}

static void structs_are_as_they_were_recorded(void **state)
{
	const char *top = getenv("top_srcdir");
	char path[512], is[LINE_MAX_BYTES], was[LINE_MAX_BYTES];
	FILE *recorded, *found;
	size_t lines = 0;

	(void)state;
	write_table("abi-1.txt");
	(void)snprintf(path, sizeof(path), "%s/tests/unit/data/abi-1.txt",
		       top ? top : ".");
	recorded = fopen(path, "r");
	found = fopen("abi-1.txt", "r");
	assert_non_null(recorded);
	assert_non_null(found);
	while (fgets(was, sizeof(was), recorded)) {
		if (!fgets(is, sizeof(is), found) || strcmp(is, was) != 0)
			fail_msg("the ABI has changed; recorded: %s", was);
		lines++;
	}
	if (fgets(is, sizeof(is), found))
		fail_msg("the ABI has grown; not recorded: %s", is);
	assert_true(lines > 200);
	(void)fclose(recorded);
	(void)fclose(found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(structs_are_as_they_were_recorded),
	};

	if (sizeof(void *) != 8 || sizeof(long) != 8) {
		puts("1..0 # SKIP the table is for LP64");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
