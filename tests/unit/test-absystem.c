// SPDX-License-Identifier: Apache-2.0
/* The plugin absystem: whole updates of a board and of main. The board's partitions are
 * files, its shell is this machine's, its boot loader the model of tests/rigs. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "plugin-fixture.h"
#include "tests/rigs/ab-loader.h"

extern const struct bmc_plugin bmc_plugin_absystem;

#define A        0
#define B        1
#define PARTS    2
#define MISC     8192
#define OLD      0x11
#define NEW      0x80
#define N_STEPS  5
#define ROOM_MAX 131072
#define AB_LONG  35 /* one more than a name without its slot may have */

static const char platform[] =
	"platform: slots\n"
	"verbs: {flash: absystem, shell: adb}\n"
	"chassis:\n"
	"  - {id: enclosure}\n"
	"boards:\n"
	"  - {id: main, is_main: true, index: \"0.0\", absystem: {partition: system}}\n"
	"  - {id: sub01, index: \"0.1\", absystem: {}}\n"
	"  - {id: sub02, index: \"0.2\", absystem: {mode: reset_retry, unmarked: "
	"true}}\n"
	"  - {id: sub03, index: \"0.3\", absystem: {mode: reset_retry}}\n"
	"  - {id: sub04, index: \"0.4\"}\n"
	"storage:\n"
	"  - {id: misc, device: /dev/disk/by-partlabel/misc, writable: true}\n";

static const char *const names[PARTS] = { "boot", "system" };
static const uint64_t rooms[PARTS] = { 65536, 98304 };
static const struct bmc_extent boot_extents[] = { { 0, 10000 }, { 20480, 4096 } };
static const struct bmc_extent system_extents[] = { { 4096, 30000 }, { 70001, 300 } };
static struct bmc_flash_part parts[PARTS] = {
	{ .name = "boot",
	  .start = BMC_FLASH_BY_NAME,
	  .size = 24576,
	  .extents = boot_extents,
	  .n_extents = 2 },
	{ .name = "system",
	  .start = BMC_FLASH_BY_NAME,
	  .size = 70301,
	  .extents = system_extents,
	  .n_extents = 2 },
};
static struct bmc_image file = { .size = 100, .digest = { 1, 2, 3 } };
static struct bmc_flash flash;

/* Shared with the lives of a daemon that are forked. */
static struct {
	/* of the board */
	bool down, marks, new_is_bad, ignores_reboot, restarts;
	bool is_main, retry;
	char misc[160], cmdline[128], dir[128];
	unsigned boots, reboots, resets;
	/* of the job */
	int step, code;
	bool has_kept, forgets;
	struct bmc_checkpoint kept;
	char what[200];
	/* of the kill */
	unsigned touches, kill_at, fail_at;
} * world;

static struct fixture *f;

/* ---- the image ---- */

static unsigned char new_byte(size_t part, uint64_t at)
{
	return (unsigned char)(NEW | (at * 7 + at / 251 + part) % 100);
}

/* Something happens that the daemon may be killed at; the journal has what it kept. */
static void touch(void)
{
	if (fixture_told(f)->checkpoints) {
		world->kept = fixture_told(f)->kept;
		world->has_kept = true;
	}
	if (++world->touches == world->kill_at)
		(void)kill(getpid(), SIGKILL);
}

static ssize_t flash_read(const struct bmc_flash *fl, size_t part, uint64_t offset,
			  void *buf, size_t len)
{
	unsigned char *to = buf;

	if (len > 7000)
		len = 7000; /* several for an extent */
	if (offset >= fl->parts[part].size)
		return 0;
	if (len > fl->parts[part].size - offset)
		len = (size_t)(fl->parts[part].size - offset);
	for (size_t i = 0; i < len; i++)
		to[i] = new_byte(part, offset + i);
	touch();
	return (ssize_t)len;
}

static void flash_init(void)
{
	flash = (struct bmc_flash){ .size = sizeof(flash),
				    .board = "sub01",
				    .name = "r2.img",
				    .version = "2.0",
				    .format = "rkfw",
				    .verify = BMC_VERIFY_FULL,
				    .file = &file,
				    .parts = parts,
				    .n_parts = PARTS,
				    .bytes = 44396,
				    .read = flash_read };
	parts[0].name = "boot";
	parts[1].name = "system";
	parts[0].size = 24576;
}

/* ---- the board ---- */

static void path_of(size_t part, int slot, char ret[160])
{
	(void)snprintf(ret, 160, "%s%s%c%c", world->dir, names[part],
		       world->is_main ? '-' : '_', "ab"[slot]);
}

static size_t load(const char *path, unsigned char *ret, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, size);

	assert_true(n >= 0);
	(void)close(fd);
	return (size_t)n;
}

static void save(const char *path, const void *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	(void)close(fd);
}

/* OLD, NEW, or 0: neither. */
static int part_is(size_t part, int slot)
{
	unsigned char bytes[ROOM_MAX];
	bool old = true, new = true;
	char path[160];
	size_t n;

	path_of(part, slot, path);
	n = load(path, bytes, sizeof(bytes));
	assert_int_equal(n, rooms[part]);
	for (size_t i = 0; i < n; i++) {
		const struct bmc_extent *e = parts[part].extents;
		bool in = false;

		for (size_t k = 0; k < parts[part].n_extents; k++)
			in |= i >= e[k].at && i < e[k].at + e[k].len;
		old &= bytes[i] == OLD + slot;
		new &= bytes[i] == (in ? new_byte(part, i) : OLD + slot);
	}
	return old ? OLD : new ? NEW : 0;
}

static int slot_is(int slot)
{
	int is = part_is(0, slot);

	return is == part_is(1, slot) ? is : 0;
}

static bool comes_up(void *arg, int slot)
{
	int is = slot_is(slot);

	(void)arg;
	return is == OLD || (is == NEW && !world->new_is_bad);
}

static void run_slot(int slot)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "quiet androidboot.slot_suffix=_%c ro\n",
			 "ab"[slot]);

	save(world->cmdline, text, (size_t)n);
}

/* What the board's own boot control does, after the document's values. */
static void mark(int slot)
{
	struct abl_state s = abl_read(world->misc);

	s.slots[slot] = (struct abl_slot){ 15, world->retry ? 7 : 0, !world->retry, 0 };
	s.last_boot = (uint8_t)slot;
	abl_write(world->misc, &s);
}

static void start_board(void)
{
	const struct abl_board b = { .misc = world->misc, .comes_up = comes_up };
	unsigned boots = 0;
	int slot = abl_start(&b, &boots);

	world->boots += boots;
	world->down = slot < 0;
	if (slot < 0)
		return;
	run_slot(slot);
	if (world->marks)
		mark(slot);
}

static int on_verb(void *arg, const char *board, const char *verb,
		   const struct bmc_args *args)
{
	(void)arg;
	(void)board;
	(void)args;
	touch();
	if (strcmp(verb, "os_reboot") == 0) {
		world->reboots++;
		if (world->down)
			return BMC_EIO;
		if (!world->ignores_reboot)
			start_board();
	} else if (strcmp(verb, "reset") == 0) {
		world->resets++;
		start_board();
	} else if (strcmp(verb, "restart") == 0 && world->is_main) {
		world->reboots++;
		if (!world->ignores_reboot) {
			start_board();
			world->restarts = true;
			(void)kill(getpid(), SIGKILL); /* the agent runs on it */
		}
	} else {
		return BMC_ENOTSUP;
	}
	touch();
	return BMC_OK;
}

static int on_touch(void *arg, const char *name, bool after)
{
	(void)arg;
	(void)name;
	if (!after) /* behind it is before the next one */
		touch();
	return world->down || world->touches == world->fail_at ? BMC_EIO : BMC_OK;
}

/* Both slots hold an old system, A runs. */
static void make_board(const char *id, bool retry)
{
	unsigned char bytes[ROOM_MAX];
	char path[160];

	world->is_main = strcmp(id, "main") == 0;
	world->retry = retry;
	world->marks = true;
	(void)snprintf(world->dir, sizeof(world->dir), "%s/%s", fixture_dir(f),
		       world->is_main ? "storage-" : "by-name/");
	(void)snprintf(world->misc, sizeof(world->misc), "%smisc", world->dir);
	(void)snprintf(world->cmdline, sizeof(world->cmdline), "%s/cmdline",
		       fixture_dir(f));
	memset(bytes, 0, sizeof(bytes));
	save(world->misc, bytes, MISC);
	for (size_t i = 0; i < PARTS; i++) {
		for (int slot = 0; slot < ABL_SLOTS; slot++) {
			memset(bytes, OLD + slot, sizeof(bytes));
			path_of(i, slot, path);
			save(path, bytes, rooms[i]);
		}
	}
	start_board();
	world->boots = 0;
}

/* ---- life ---- */

static int set_up_with(const struct fixture_conf *conf)
{
	char path[160];

	world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(world != MAP_FAILED);
	f = fixture_new(conf);
	(void)snprintf(path, sizeof(path), "%s/by-name", fixture_dir(f));
	assert_int_equal(mkdir(path, 0700), 0);
	fixture_on_verb(f, on_verb, NULL);
	fixture_on_touch(f, on_touch, NULL);
	flash_init();
	make_board("sub01", false);
	return 0;
}

static int set_up(void **state)
{
	static const struct fixture_conf conf = {
		.plugin = &bmc_plugin_absystem,
		.platform = platform,
		.settings = "{by_name: @/by-name, cmdline: @/cmdline, compatible: "
			    "@/compatible, wait: 20s, "
			    "keep: [/proc]}",
	};

	(void)state;
	return set_up_with(&conf);
}

static void empty(const char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *e;
	char path[512];

	while (d && (e = readdir(d))) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		(void)unlink(path);
	}
	if (d)
		(void)closedir(d);
}

static int tear_down(void **state)
{
	char path[160];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/by-name", fixture_dir(f));
	empty(path);
	(void)rmdir(path);
	empty(fixture_dir(f));
	fixture_free(f);
	(void)munmap(world, sizeof(*world));
	return 0;
}

/* ---- a job, as the core runs it ---- */

static bmc_flash_fn *step_fn(int step)
{
	const struct bmc_flasher *fl = bmc_plugin_absystem.flasher;
	bmc_flash_fn *const all[N_STEPS] = { fl->accepts, fl->write, fl->verify,
					     fl->attach, fl->confirm };

	return all[step];
}

static int call(const char *board, bmc_flash_fn *fn)
{
	int code = fixture_flash(f, board, fn, &flash);

	(void)snprintf(world->what, sizeof(world->what), "%s", fixture_error(f));
	return code;
}

static int one_step(const char *board)
{
	int code;

	fixture_resume(f, world->has_kept && !world->forgets ? &world->kept : NULL);
	fixture_told_clear(f);
	code = call(board, step_fn(world->step));
	fixture_told_clear(f);
	world->has_kept = false;
	return code;
}

/* From where it was left to its end. */
static int job(const char *board)
{
	while (world->step < N_STEPS) {
		int code = one_step(board);

		if (code < 0) {
			char why[200];

			(void)snprintf(why, sizeof(why), "%s", world->what);
			if (world->step > 0)
				world->code = call(
					board, bmc_plugin_absystem.flasher->rollback);
			(void)snprintf(world->what, sizeof(world->what), "%s", why);
			return code;
		}
		world->step++;
	}
	return BMC_OK;
}

static struct abl_slot slot_of(int slot)
{
	return abl_read(world->misc).slots[slot];
}

static void assert_slot(int slot, int priority, int tries, int successful,
			int is_update)
{
	struct abl_slot s = slot_of(slot);

	assert_int_equal(s.priority, priority);
	assert_int_equal(s.tries, tries);
	assert_int_equal(s.successful, successful);
	assert_int_equal(s.is_update, is_update);
}

/* ---- tests ---- */

static void board_is_updated_into_its_other_slot_and_back(void **state)
{
	(void)state;
	assert_int_equal(job("sub01"), BMC_OK);
	assert_int_equal(slot_is(B), NEW);
	assert_int_equal(slot_is(A), OLD);
	assert_int_equal(world->boots, 1);
	assert_slot(A, 14, 0, 1, 0);
	assert_slot(B, 15, 0, 1, 0);
	assert_int_equal(abl_read(world->misc).last_boot, B);
	/* B runs now: the next one goes to A */
	world->step = 0;
	assert_int_equal(job("sub01"), BMC_OK);
	assert_int_equal(slot_is(A), NEW);
	assert_slot(A, 15, 0, 1, 0);
	assert_slot(B, 14, 0, 1, 0);
	assert_int_equal(abl_read(world->misc).last_boot, A);
}

static void each_step_leaves_the_documents_values(void **state)
{
	(void)state;
	assert_int_equal(one_step("sub01"), BMC_OK); /* accepts */
	assert_slot(A, 15, 0, 1, 0);
	assert_slot(B, 14, 7, 0, 0);
	assert_int_equal(slot_is(B), OLD);
	world->step = 1;
	assert_int_equal(one_step("sub01"), BMC_OK); /* write */
	assert_slot(A, 15, 0, 1, 0);
	assert_slot(B, 0, 0, 0, 1);
	world->step = 2;
	assert_int_equal(one_step("sub01"), BMC_OK); /* verify */
	assert_slot(B, 0, 0, 0, 1);
	world->step = 3;
	world->ignores_reboot = true;
	assert_int_equal(one_step("sub01"), BMC_OK); /* attach */
	assert_slot(A, 14, 0, 1, 0);
	assert_slot(B, 15, 7, 0, 0);
	world->step = 4;
	assert_int_equal(one_step("sub01"), BMC_ESTATE); /* it has not restarted */
	assert_non_null(strstr(world->what, "did not restart"));
	world->marks = false; /* has no boot control */
	start_board();
	assert_slot(B, 15, 6, 0, 0);
	assert_int_equal(one_step("sub01"), BMC_OK);
	assert_slot(A, 14, 0, 1, 0);
	assert_slot(B, 15, 0, 1, 0);
}

static void mode_reset_retry_has_its_own_values(void **state)
{
	(void)state;
	make_board("sub03", true);
	assert_slot(A, 15, 7, 0, 0);
	for (world->step = 0; world->step < 3; world->step++)
		assert_int_equal(one_step("sub03"), BMC_OK);
	assert_slot(A, 15, 7, 0, 0);
	assert_slot(B, 0, 0, 0, 1);
	world->ignores_reboot = true;
	assert_int_equal(one_step("sub03"), BMC_OK);
	assert_slot(A, 14, 7, 0, 0);
	assert_slot(B, 15, 7, 0, 0);
	start_board();
	world->step = 4;
	assert_int_equal(one_step("sub03"), BMC_OK);
	assert_slot(A, 14, 7, 0, 0);
	assert_slot(B, 15, 7, 0, 0);
	assert_int_equal(abl_read(world->misc).last_boot, B);
}

static void new_system_that_never_comes_up_is_gone_back_from(void **state)
{
	(void)state;
	world->new_is_bad = true;
	assert_int_equal(job("sub01"), BMC_EIO);
	assert_int_equal(world->step, 4);
	assert_non_null(strstr(world->what, "slot b did not come up"));
	assert_int_equal(world->code, BMC_OK);
	assert_int_equal(world->boots, 8); /* 7 of B, then A: by the loader */
	assert_slot(A, 15, 0, 1, 0);
	assert_slot(B, 0, 0, 0, 0);
	assert_int_equal(world->resets, 0);
}

/* It neither answers nor is it reset by a watchdog: the agent does that. */
static void new_system_that_hangs_is_reset_until_the_loader_goes_back(void **state)
{
	const struct abl_board b = { .misc = world->misc, .comes_up = comes_up };

	(void)state;
	for (world->step = 0; world->step < 3; world->step++)
		assert_int_equal(one_step("sub01"), BMC_OK);
	world->ignores_reboot = true;
	assert_int_equal(one_step("sub01"), BMC_OK);
	world->new_is_bad = true;
	(void)abl_boot(&b);
	world->down = true;
	world->step = 4;
	assert_int_equal(one_step("sub01"), BMC_EIO);
	assert_int_equal(call("sub01", bmc_plugin_absystem.flasher->rollback), BMC_OK);
	assert_int_equal(world->resets, 1);
	assert_slot(A, 15, 0, 1, 0);
	assert_slot(B, 0, 0, 0, 0);
}

static void new_system_that_answers_too_late_is_gone_back_from(void **state)
{
	(void)state;
	world->marks = false;
	mark(A);
	for (world->step = 0; world->step < 4; world->step++)
		assert_int_equal(one_step("sub01"), BMC_OK);
	assert_slot(B, 15, 6, 0, 0); /* runs */
	assert_int_equal(call("sub01", bmc_plugin_absystem.flasher->rollback), BMC_OK);
	assert_int_equal(world->reboots, 2);
	assert_slot(A, 15, 0, 1, 0);
	assert_slot(B, 0, 0, 0, 0);
	assert_int_equal(slot_is(A), OLD);
}

static void rollback_of_what_was_not_begun_changes_nothing(void **state)
{
	struct abl_state s;

	(void)state;
	assert_int_equal(call("sub01", bmc_plugin_absystem.flasher->rollback), BMC_OK);
	assert_int_equal(world->reboots, 0);
	s = abl_read(world->misc);
	assert_int_equal(s.slots[A].priority, 15);
	assert_slot(B, 14, 7, 0, 0);
	assert_int_equal(job("sub01"), BMC_OK); /* confirmed */
	fixture_restart(f);
	assert_int_equal(call("sub01", bmc_plugin_absystem.flasher->rollback), BMC_OK);
	assert_int_equal(world->reboots, 1);
	assert_slot(B, 15, 0, 1, 0);
}

static void cancelled_write_is_rolled_back(void **state)
{
	(void)state;
	for (unsigned beats = 1; beats < 12; beats += 3) {
		world->step = 0;
		assert_int_equal(one_step("sub01"), BMC_OK);
		world->step = 1;
		fixture_cancel(f, beats);
		assert_int_equal(one_step("sub01"), BMC_ECANCELED);
		fixture_cancel(f, 0);
		fixture_told_clear(f);
		assert_int_equal(call("sub01", bmc_plugin_absystem.flasher->rollback),
				 BMC_OK);
		assert_slot(A, 15, 0, 1, 0);
		start_board();
		assert_int_equal(world->resets + world->reboots, 0);
	}
}

/* What a board says is hostile. */
static void board_that_answers_nonsense_is_refused(void **state)
{
	static const char *const says[] = { "", "\\033]0;x\\007",
					    "androidboot.slot_suffix=_a" };
	unsigned char bytes[65536] = { 0 };
	char path[160];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		save(world->cmdline, says[i], strlen(says[i]));
		if (i == 2) {
			(void)snprintf(path, sizeof(path), "%smisc", world->dir);
			save(path, bytes, 2000); /* shorter than the metadata */
		}
		world->step = 0;
		assert_true(one_step("sub01") < 0);
	}
	memset(bytes, 'x', sizeof(bytes));
	save(world->cmdline, bytes, sizeof(bytes)); /* longer than is read */
	assert_true(one_step("sub01") < 0);
}

static void damaged_bytes_are_found(void **state)
{
	static const enum bmc_verify how[] = { BMC_VERIFY_FULL, BMC_VERIFY_SAMPLED };
	unsigned char byte = 0xee;
	char path[160];
	int fd;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		flash.verify = how[i];
		for (world->step = 0; world->step < 2; world->step++)
			assert_int_equal(one_step("sub01"), BMC_OK);
		assert_int_equal(one_step("sub01"), BMC_OK); /* verify */
		path_of(1, B, path);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		assert_int_equal(pwrite(fd, &byte, 1, 70300), 1); /* the last one */
		(void)close(fd);
		assert_int_equal(one_step("sub01"), BMC_ECORRUPT);
		assert_non_null(strstr(world->what, "system_b"));
	}
	flash.verify = BMC_VERIFY_NONE;
	assert_int_equal(one_step("sub01"), BMC_OK);
}

/* ---- refusals, before anything is written ---- */

static void refused(const char *board, int code, const char *why)
{
	struct abl_state before = abl_read(world->misc), after;

	world->step = 0;
	assert_int_equal(one_step(board), code);
	if (!strstr(world->what, why))
		fail_msg("%s", world->what);
	world->step = 1; /* the write checks it again */
	assert_int_equal(one_step(board), code);
	after = abl_read(world->misc);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(slot_is(A), OLD);
	assert_int_equal(slot_is(B), OLD);
	flash_init();
}

static void image_for_other_partitions_is_refused(void **state)
{
	static char name[AB_LONG + 1];

	(void)state;
	parts[0].name = "boot_a";
	refused("sub01", BMC_EINVAL, "boot_a, which is in use");
	parts[0].name = "system_b";
	refused("sub01", BMC_EINVAL, "system_b twice");
	parts[0].name = "boot;reboot";
	refused("sub01", BMC_EINVAL, "letters, digits");
	parts[0].name = "../boot";
	refused("sub01", BMC_EINVAL, "letters, digits");
	parts[0].name = "";
	refused("sub01", BMC_ENOTSUP, "raw image");
	parts[0].name = "oem";
	refused("sub01", BMC_EIO, "oem_b is missing");
	memset(name, 'x', AB_LONG);
	parts[0].name = name;
	refused("sub01", BMC_EINVAL, "too long a name");
	flash.n_parts = 0;
	refused("sub01", BMC_ENOTSUP, "1 to 64");
	parts[0].size = rooms[0] + 1;
	refused("sub01", BMC_ENOSPC, "boot_b has 65536 bytes, the image 65537");
	parts[0].size = rooms[0];
	world->step = 0;
	assert_int_equal(one_step("sub01"), BMC_OK); /* exactly as large */
	parts[0].name = "boot_b";                    /* the right slot */
	assert_int_equal(one_step("sub01"), BMC_OK);
	assert_int_equal(one_step("sub04"), BMC_ENOTSUP); /* no board of it */
}

#define NAMES(text) text, sizeof(text) /* with the last one's NUL */

static void system_on(const char *chips, size_t len)
{
	char path[160];

	(void)snprintf(path, sizeof(path), "%s/compatible", fixture_dir(f));
	save(path, chips, len);
}

static void image_for(const char *chip)
{
	(void)snprintf(flash.chip, sizeof(flash.chip), "%s", chip);
}

static void chip_is_taken(const char *board, const char *chip)
{
	image_for(chip);
	world->step = 0;
	assert_int_equal(one_step(board), BMC_OK);
}

static void chip_is_checked(const char *board)
{
	static const char core[] = "firefly,rk3399-core\0rockchip,rk3399";
	char cut[530];

	make_board(board, false);
	system_on(core, sizeof(core));
	image_for("350B");
	refused(board, BMC_ECONFLICT, "its chip is rk3399, and the image is for 350B");
	image_for("330A");
	refused(board, BMC_ECONFLICT, "rk3399");
	chip_is_taken(board, "330C");
	chip_is_taken(board, "");
	/* names that end within what is read, and one byte behind */
	memset(cut, 'x', sizeof(cut));
	cut[512 - sizeof("rockchip,rk3399") - 1] = '\0';
	memcpy(cut + 512 - sizeof("rockchip,rk3399"), "rockchip,rk3399",
	       sizeof("rockchip,rk3399"));
	system_on(cut, sizeof(cut));
	image_for("3588");
	refused(board, BMC_ECONFLICT, "rk3399");
	memmove(cut + 1, cut, sizeof(cut) - 1);
	system_on(cut, sizeof(cut));
	chip_is_taken(board, "3588");
}

static void image_for_another_chip_is_refused(void **state)
{
	static const struct {
		const char *names;
		size_t len;
		const char *chip;
	} taken[] = {
		{ NAMES("rockchip,rk3566-evb\0rockchip,rk3566"), "3568" },
		{ NAMES("x\0rockchip,rk3588s\0rockchip,rk3588"), "3588" },
		{ NAMES("rockchip,rk3399-evb"), "3588" }, /* a board, no chip */
		{ NAMES("acme,rk3399"), "3588" },
		{ NAMES("rockchip,rk9999"), "330C" },
		{ NAMES("\0\0\n"), "330C" },
		{ "rockchip,rk3399", 15, "3588" }, /* has no end */
		{ "", 0, "330C" },
	};
	char path[160];

	(void)state;
	chip_is_taken("sub01", "330C"); /* there is no such file */
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		system_on(taken[i].names, taken[i].len);
		chip_is_taken("sub01", taken[i].chip);
	}
	chip_is_checked("sub01");
	chip_is_checked("main");
	(void)snprintf(path, sizeof(path), "%s/compatible", fixture_dir(f));
	(void)unlink(path);
	chip_is_taken("main", "330C");
}

static void running_slot_has_to_be_good(void **state)
{
	struct abl_state s = abl_read(world->misc);

	(void)state;
	s.slots[A] = (struct abl_slot){ 15, 6, 0, 0 };
	abl_write(world->misc, &s);
	refused("sub01", BMC_ESTATE, "not marked as booted well (a 15/6/0/0");
	s.slots[A] = (struct abl_slot){ 14, 0, 1, 0 };
	s.slots[B] = (struct abl_slot){ 15, 7, 0, 0 };
	abl_write(world->misc, &s);
	refused("sub01", BMC_ESTATE, "slot b is to be started next");
	save(world->cmdline, "quiet\n", 6);
	refused("sub01", BMC_ESTATE, "does not say which slot runs");
	save(world->cmdline, "androidboot.slot_suffix=_a xandroidboot.slot_suffix=_b\n",
	     55);
	refused("sub01", BMC_ESTATE, "does not say");
	save(world->cmdline, "androidboot.slot_suffix=_c\n", 27);
	refused("sub01", BMC_ESTATE, "does not say");
	save(world->cmdline, "androidboot.slot_suffix=_a androidboot.slot_suffix=_b\n",
	     54);
	refused("sub01", BMC_ESTATE, "does not say");
	run_slot(A);
	s.slots[A] = (struct abl_slot){ 15, 6, 0, 0 };
	s.slots[B] = (struct abl_slot){ 14, 7, 0, 0 };
	abl_write(world->misc, &s);
	assert_int_equal(one_step("sub02"), BMC_OK); /* it need not be marked */
}

static void slot_is_read_of_a_boot_configuration_too(void **state)
{
	(void)state;
	save(world->cmdline, "androidboot.slot_suffix = \"_a\"\n", 31);
	world->step = 0;
	assert_int_equal(one_step("sub01"), BMC_OK);
	save(world->cmdline, "androidboot.slot_suffix=_a", 26);
	assert_int_equal(one_step("sub01"), BMC_OK);
}

static void invalid_metadata_are_the_boot_loaders(void **state)
{
	unsigned char bytes[MISC] = { 0 };

	(void)state;
	save(world->misc, bytes, sizeof(bytes));
	world->step = 0;
	assert_int_equal(one_step("sub01"), BMC_ESTATE); /* so A is not marked */
	assert_true(fixture_logged(f, "metadata are not valid"));
	world->retry = true;
	assert_int_equal(job("sub02"), BMC_OK);
	assert_int_equal(slot_is(B), NEW);
	assert_slot(B, 15, 7, 0, 0);
}

static void board_that_fails_once_is_rolled_back(void **state)
{
	unsigned all;

	(void)state;
	assert_int_equal(job("sub01"), BMC_OK);
	all = world->touches;
	assert_in_range(all, 30, 100);
	for (unsigned at = 2; at < all; at += 5) {
		int code;

		make_board("sub01", false);
		world->step = 0;
		world->touches = 0;
		world->fail_at = at;
		code = job("sub01");
		if (code < 0 && world->step > 0) {
			assert_int_equal(world->code, BMC_OK);
			assert_int_not_equal(slot_is(A), 0);
		}
		world->fail_at = 0;
		world->down = false;
		start_board(); /* whatever it was, it starts */
		assert_false(world->down);
	}
}

/* ---- killed ---- */

static int one_life(const char *board)
{
	int status;
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	if (pid == 0) {
		int code;

		(void)alarm(120);
		code = job(board);
		_exit(code == BMC_OK ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	while (waitpid(-1, NULL, 0) > 0) /* a shell that it had started */
		;
	return status;
}

/* main comes back as often as it restarts. */
static int life(const char *board)
{
	int status;

	do {
		world->restarts = false;
		status = one_life(board);
	} while (world->restarts);
	return status;
}

/* The loader, on a copy of the metadata, finds a slot that is whole. */
static void assert_startable(void)
{
	unsigned char bytes[MISC];
	char copy[200];
	struct abl_board b = { .misc = copy, .comes_up = comes_up };

	(void)snprintf(copy, sizeof(copy), "%s.copy", world->misc);
	(void)load(world->misc, bytes, sizeof(bytes));
	save(copy, bytes, sizeof(bytes));
	assert_true(abl_start(&b, NULL) >= 0);
	(void)unlink(copy);
}

struct variant {
	const char *board;
	bool retry, new_is_bad, power_cut, forgets;
	unsigned stride;
};

static void killed_at(const struct variant *v, unsigned at)
{
	int status;

	memset(world, 0, sizeof(*world));
	make_board(v->board, v->retry);
	world->touches = 0;
	world->new_is_bad = v->new_is_bad;
	world->forgets = v->forgets;
	world->kill_at = at;
	status = life(v->board);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	assert_startable();
	if (v->power_cut)
		start_board();
	assert_false(world->down);
	world->kill_at = 0;
	status = life(v->board);
	assert_true(WIFEXITED(status));
	assert_startable();
	assert_int_equal(slot_is(A), OLD);
	assert_int_equal(WEXITSTATUS(status), v->new_is_bad);
	if (v->new_is_bad) {
		assert_int_equal(world->code, BMC_OK); /* of the rollback */
		assert_slot(A, 15, v->retry ? 7 : 0, !v->retry, 0);
		assert_slot(B, 0, 0, 0, 0);
	} else {
		assert_int_equal(slot_is(B), NEW);
		assert_slot(A, 14, v->retry ? 7 : 0, !v->retry, 0);
		assert_slot(B, 15, v->retry ? 7 : 0, !v->retry, 0);
	}
}

static void killed_everywhere(const struct variant *v)
{
	unsigned all;

	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	memset(world, 0, sizeof(*world));
	make_board(v->board, v->retry);
	world->touches = 0;
	world->new_is_bad = v->new_is_bad;
	assert_int_equal(WEXITSTATUS(life(v->board)), v->new_is_bad);
	all = world->touches;
	assert_in_range(all, 30, 300);
	for (unsigned at = 1; at <= all; at += v->stride)
		killed_at(v, at);
}

static void killed_anywhere_it_goes_on_in_successful_boot(void **state)
{
	(void)state;
	killed_everywhere(&(struct variant){ .board = "sub01", .stride = 1 });
}

static void killed_anywhere_it_goes_on_in_reset_retry(void **state)
{
	(void)state;
	killed_everywhere(
		&(struct variant){ .board = "sub03", .retry = true, .stride = 7 });
}

static void killed_with_its_board_it_goes_on(void **state)
{
	(void)state;
	killed_everywhere(&(struct variant){
		.board = "sub01", .power_cut = true, .forgets = true, .stride = 5 });
}

static void killed_anywhere_a_bad_system_is_gone_back_from(void **state)
{
	(void)state;
	killed_everywhere(
		&(struct variant){ .board = "sub01", .new_is_bad = true, .stride = 7 });
}

static void main_whose_new_system_is_bad_goes_back(void **state)
{
	(void)state;
	killed_everywhere(
		&(struct variant){ .board = "main", .new_is_bad = true, .stride = 2 });
}

static void main_that_does_not_restart_keeps_its_system(void **state)
{
	(void)state;
	make_board("main", false);
	world->ignores_reboot = true;
	assert_int_equal(job("main"), BMC_ETIMEDOUT);
	assert_int_equal(world->code, BMC_OK);
	assert_slot(A, 15, 0, 1, 0);
	assert_slot(B, 0, 0, 0, 0);
}

/* What outlives an update may not lie in the slot that runs. */
static void main_is_refused_while_its_state_is_in_the_slot(void **state)
{
	static const struct fixture_conf conf = {
		.plugin = &bmc_plugin_absystem,
		.platform = platform,
		.settings = "{by_name: @/by-name, cmdline: @/cmdline, compatible: "
			    "@/compatible, keep: [/proc, /]}",
	};
	static const struct fixture_conf none = {
		.plugin = &bmc_plugin_absystem,
		.platform = platform,
		.settings = "{by_name: @/by-name, cmdline: @/cmdline, compatible: "
			    "@/compatible}",
	};
	const struct fixture_conf *all[] = { &conf, &none };
	static const char *const why[] = { "/ lies in the slot that runs",
					   "name in the instance's `keep`" };

	for (size_t i = 0; i < 2; i++) {
		(void)tear_down(state);
		(void)set_up_with(all[i]);
		make_board("main", false);
		refused("main", BMC_ESTATE, why[i]);
	}
}

static void main_is_updated_and_killed_anywhere(void **state)
{
	(void)state;
	killed_everywhere(&(struct variant){ .board = "main", .stride = 1 });
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(board_is_updated_into_its_other_slot_and_back),
		TEST(each_step_leaves_the_documents_values),
		TEST(mode_reset_retry_has_its_own_values),
		TEST(new_system_that_never_comes_up_is_gone_back_from),
		TEST(new_system_that_hangs_is_reset_until_the_loader_goes_back),
		TEST(new_system_that_answers_too_late_is_gone_back_from),
		TEST(rollback_of_what_was_not_begun_changes_nothing),
		TEST(cancelled_write_is_rolled_back),
		TEST(board_that_answers_nonsense_is_refused),
		TEST(damaged_bytes_are_found),
		TEST(image_for_other_partitions_is_refused),
		TEST(image_for_another_chip_is_refused),
		TEST(running_slot_has_to_be_good),
		TEST(slot_is_read_of_a_boot_configuration_too),
		TEST(invalid_metadata_are_the_boot_loaders),
		TEST(board_that_fails_once_is_rolled_back),
		TEST(killed_anywhere_it_goes_on_in_successful_boot),
		TEST(killed_anywhere_it_goes_on_in_reset_retry),
		TEST(killed_with_its_board_it_goes_on),
		TEST(killed_anywhere_a_bad_system_is_gone_back_from),
		TEST(main_is_updated_and_killed_anywhere),
		TEST(main_whose_new_system_is_bad_goes_back),
		TEST(main_that_does_not_restart_keeps_its_system),
		TEST(main_is_refused_while_its_state_is_in_the_slot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
