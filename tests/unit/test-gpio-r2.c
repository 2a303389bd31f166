// SPDX-License-Identifier: Apache-2.0
// All lines of an R2 - 72 boards with POWER and RESET on nine chips, one for each blade
// - through the helper's lines and the real libgpiod. umockdev takes 50 descriptors in
// a process, so each process has the chips of two blades; the others' are missing in
// it, and must not matter.
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bmc/pinbank.h"
#include "conf/conf.h"
#include "core/base/util.h"
#include "priv/lines.h"

#define BLADES   9
#define BOARDS   8
#define HERE     2 /* blades of one process */
#define PULSE_MS 20

static struct {
	char dir[64], rig[80], bank[80];
	struct bmc_conf_file *file;
	struct bmc_platform *platform;
	struct priv_lines *lines;
	unsigned ended;
	int blade; /* the first that is here, from 0 */
} self;

static void ended(void *arg, uint64_t request, const struct bmc_error *err)
{
	(void)arg;
	(void)request;
	assert_int_equal(err->code, 0);
	self.ended++;
}

static void edge(void *arg, const struct priv_edge *e)
{
	(void)arg;
	(void)e;
	fail_msg("there are no inputs");
}

static bool is_here(int blade)
{
	return blade >= self.blade && blade < self.blade + HERE;
}

static size_t add(char *text, size_t used, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	used += (size_t)vsnprintf(text + used, 32768 - used, fmt, ap);
	va_end(ap);
	assert_true(used < 32768);
	return used;
}

/* Blade by blade: POWER lines 0 to 7, RESET 8 to 15, active low. */
static void load_platform(void)
{
	static char text[32768];
	size_t n = add(text, 0, "platform: r2\nchassis: [{id: enclosure}]\nchips:\n");

	for (int b = 0; b < BLADES; b++)
		n = add(text, n,
			"  - {id: b%d, driver: libgpiod, name: %s%d, lines: 16}\n", b,
			is_here(b) ? "gpiochip" : "elsewhere", b - self.blade);
	n = add(text, n, "boards:\n");
	for (int i = 0; i < BLADES * BOARDS; i++)
		n = add(text, n,
			"  - id: sub%d-%02d\n    pins:\n"
			"      - {name: power, chip: b%d, line: %d}\n"
			"      - {name: reset, chip: b%d, line_name: R%d, active: low, "
			"pulse: %dms}\n",
			i / BOARDS + 1, i % BOARDS + 1, i / BOARDS, i % BOARDS,
			i / BOARDS, i % BOARDS, PULSE_MS);
	struct bmc_error err = { 0 };
	if (bmc_conf_parse("r2", text, n, bmc_platform_schema(), &self.file, &err) <
		    0 ||
	    bmc_platform_new(bmc_conf_root(self.file), &self.platform, &err) < 0)
		fail_msg("%s", err.what);
}

static struct bmc_pinbank *map_bank(void)
{
	int fd = open(self.bank, O_RDWR | O_CLOEXEC);
	struct bmc_pinbank *bank =
		mmap(NULL, sizeof(*bank), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	assert_true(fd >= 0 && bank != MAP_FAILED);
	(void)close(fd);
	return bank;
}

static struct priv_line line_of(int blade, int board, const char *pin, uint64_t job)
{
	char id[64];

	(void)snprintf(id, sizeof(id), "sub%d-%02d.%s", blade + 1, board + 1, pin);
	int64_t ordinal = bmc_platform_line(self.platform, id);
	assert_true(ordinal >= 0);
	return (struct priv_line){ .job = job, .line = (uint32_t)ordinal, .active = 1 };
}

static void pulse_all(void)
{
	unsigned begun = 0;

	for (int i = 0; i < HERE * BOARDS; i++) {
		int blade = self.blade + i / BOARDS;
		struct bmc_error err = { 0 };

		if (blade == BLADES)
			break;
		struct priv_line l =
			line_of(blade, i % BOARDS, "reset", (uint64_t)i + 1);
		if (priv_lines_pulse(self.lines, &l, (uint64_t)i + 1, &err) != 1)
			fail_msg("%s", err.what);
		begun++;
	}
	while (priv_lines_pulsing(self.lines)) {
		priv_lines_step(self.lines);
		(void)usleep(500);
	}
	assert_int_equal(self.ended, begun);
}

/* Each RESET line went low once and high again, not before its time. */
static void check_pulses(const struct bmc_pinbank *bank)
{
	uint64_t newest = atomic_load(&bank->seq);
	int64_t low[HERE][16] = { 0 };
	unsigned n = 0;

	for (uint64_t s = 2; s <= newest; s++) {
		const struct bmc_trace_entry *e = &bank->ring[s % BMC_PINBANK_TRACE];

		if (e->line < 8)
			continue;
		assert_true(e->chip < HERE && e->line < 16);
		int64_t *began = &low[e->chip][e->line];
		assert_int_equal(e->level, *began != 0);
		if (*began)
			assert_true(e->usec - *began >= PULSE_MS * 1000);
		n += *began != 0;
		*began = e->usec;
	}
	assert_int_equal(n, self.ended);
}

static void each_board_of_two_blades_has_its_own_lines(void **state)
{
	struct bmc_pinbank *bank = map_bank();
	int blades = MIN(HERE, BLADES - self.blade);

	(void)state;
	for (int i = 0; i < blades * BOARDS; i++) {
		struct priv_line l =
			line_of(self.blade + i / BOARDS, i % BOARDS, "power", 0);
		struct bmc_error err = { 0 };

		assert_int_equal(priv_lines_read(self.lines, &l, &err), 0);
		if (priv_lines_set(self.lines, &l, &err) < 0)
			fail_msg("%s", err.what);
		assert_int_equal(atomic_load(&bank->level[i / BOARDS][i % BOARDS]), 1);
		assert_int_equal(atomic_load(&bank->seq), 1 + (unsigned)i + 1);
	}
	pulse_all();
	check_pulses(bank);
	(void)munmap(bank, sizeof(*bank));
}

static void the_others_say_that_their_chip_is_missing(void **state)
{
	int blade = (self.blade + HERE) % BLADES;
	struct priv_line l = line_of(blade, 0, "power", 0);
	struct bmc_error err = { 0 };

	(void)state;
	assert_int_equal(priv_lines_set(self.lines, &l, &err), BMC_ENOTFOUND);
	assert_non_null(strstr(err.what, "gpiodetect"));
	assert_non_null(strstr(err.what, ".power"));
}

static int set_up(void **state)
{
	const char *dir = getenv("GPIO_R2_DIR");
	struct bmc_error err = { 0 };

	(void)state;
	(void)snprintf(self.dir, sizeof(self.dir), "%s", dir);
	(void)snprintf(self.bank, sizeof(self.bank), "%s/bank", dir);
	load_platform();
	const struct priv_lines_conf conf = { .platform = self.platform,
					      .state_dir = self.dir,
					      .uid = geteuid(),
					      .ended = ended,
					      .edge = edge };
	if (priv_lines_new(&conf, &self.lines, &err) < 0)
		fail_msg("%s", err.what);
	return priv_lines_epoch(self.lines, 1, &err);
}

static int tear_down(void **state)
{
	(void)state;
	self.lines = priv_lines_free(self.lines);
	self.platform = bmc_platform_free(self.platform);
	self.file = bmc_conf_free(self.file);
	return 0;
}

/* ---- a process for each two blades ---- */

static void write_table(const char *path)
{
	FILE *f = fopen(path, "we");

	for (int i = 0; f && i < HERE * 16; i++)
		(void)fprintf(f, "%d %d %d line %c%d b%d %s\n", i / 16, i % 16,
			      i % 16 >= 8, i % 16 < 8 ? 'P' : 'R', i % 8, i / 16,
			      i % 16 < 8 ? "power" : "reset");
	if (f)
		(void)fclose(f);
}

static int again(char **argv, int blade)
{
	char dir[] = "/tmp/gpio-r2.XXXXXX", path[300], preload[600], number[16];
	const char *top = getenv("top_builddir");

	if (!mkdtemp(dir))
		return 1;
	(void)snprintf(path, sizeof(path), "%s/table", dir);
	write_table(path);
	(void)setenv("GPIO_RIG", path, 1);
	(void)snprintf(path, sizeof(path), "%s/bank", dir);
	(void)setenv("GPIO_RIG_BANK", path, 1);
	(void)setenv("GPIO_R2_DIR", dir, 1);
	(void)snprintf(number, sizeof(number), "%d", blade);
	(void)snprintf(preload, sizeof(preload),
		       "libumockdev-preload.so.0 %s/tests/rigs/.libs/gpio-rig.so",
		       top ? top : ".");
	pid_t pid = fork();
	if (pid == 0) {
		char *const args[] = { argv[0], number, NULL };

		(void)setenv("LD_PRELOAD", preload, 1);
		(void)setenv("ASAN_OPTIONS", "verify_asan_link_order=0:detect_leaks=0",
			     1);
		(void)setenv("CMOCKA_MESSAGE_OUTPUT", "STDOUT", 1);
		(void)execv("/proc/self/exe", args);
		_exit(127);
	}
	int status = 1;
	(void)waitpid(pid, &status, 0);
	static const char *const files[] = { "table", "bank", "helper.pulses" };
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		(void)unlink(path);
	}
	(void)rmdir(dir);
	return status;
}

static char **own_argv;

static void all_nine_blades_are_driven(void **state)
{
	(void)state;
	for (int blade = 0; blade < BLADES; blade += HERE)
		assert_int_equal(again(own_argv, blade), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest inside[] = {
		cmocka_unit_test(each_board_of_two_blades_has_its_own_lines),
		cmocka_unit_test(the_others_say_that_their_chip_is_missing),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_nine_blades_are_driven),
	};

	if (argc > 1) {
		self.blade = atoi(argv[1]);
		return cmocka_run_group_tests(inside, set_up, tear_down);
	}
	own_argv = argv;
	if (access("/usr/bin/umockdev-wrapper", X_OK) < 0) {
		(void)puts("1..0 # SKIP umockdev is missing: apt install umockdev");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
