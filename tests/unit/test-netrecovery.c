// SPDX-License-Identifier: Apache-2.0
/* Boards that fetch their image: the plugin, the real offers and HTTP server, and the
 * reference client in a shell of its own as the board. The board's storage, its misc
 * and recovery partitions are files. */
#include "http-fixture.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "plugin-fixture.h"
#include "plugins/netrecovery/netrecovery.h"
#include "update/offer.h"
#include "update/prepared.h"

#define SIZE  ((20U << 20) + 1536) /* three chunks, the last one odd */
#define BOARD "sub1-01"

extern const struct bmc_plugin bmc_plugin_netrecovery;

static const char boards[] = "platform: test\nchassis: [{id: enclosure}]\n"
			     "boards:\n"
			     "  - {id: sub1-01}\n";
static const char settings[] = "{image: \"@/aux.img\", silence: 2s, boot_timeout: 20s, "
			       "misc_offset: 1024, logs: \"@/logs\"}";

static struct bmc_conf network[] = {
	{ .key = "address", .text = "127.0.0.1" },
	{ .key = "port", .text = "" },
};
static struct bmc_conf section = { .key = "board_network",
				   .child = network,
				   .file = "test" };
static struct bmc_conf update = { .child = &section };
static const struct http_route_entry no_routes[] = { { NULL, NULL } };

/* ---- the board and its job ---- */

static struct {
	struct fixture *f;
	struct bmc_prepared p;
	struct bmc_flash_part part;
	struct bmc_flash flash;
	pid_t client; /* 0: its auxiliary system does not run */
	int64_t mode;
	unsigned resets;
	int refuse; /* what usb_mode gives */
	const char *device;
} b;

static const char *file(const char *name)
{
	static char path[4][128];
	static unsigned next;

	next = (next + 1) % 4;
	(void)snprintf(path[next], sizeof(path[next]), "%s/%s", fixture_dir(b.f), name);
	return path[next];
}

static void store(const char *path, const void *bytes, size_t n)
{
	auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
}

/* Owned, terminated; "" when there is none. */
static char *load(const char *path, size_t *ret)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *bytes = calloc(1, SIZE + 2);
	ssize_t n = fd >= 0 ? read(fd, bytes, SIZE + 1) : 0;

	assert_non_null(bytes);
	if (ret)
		*ret = (size_t)n;
	return bytes;
}

static bool holds(const char *path, const char *part)
{
	auto_free char *bytes = load(path, NULL);

	return strstr(bytes, part) != NULL;
}

static void start_client(void)
{
	char url[256], device[128], misc[128], work[128], reboot[128];
	auto_free char *bytes = load(file("misc"), NULL);
	const char *at = bytes + 1024 + 64 + strlen("recovery\n--url=");

	assert_string_equal(bytes + 1024, "boot-recovery");
	(void)snprintf(url, sizeof(url), "%.*s", (int)strcspn(at, "\n"), at);
	(void)snprintf(device, sizeof(device), "%s", b.device);
	(void)snprintf(misc, sizeof(misc), "%s", file("misc"));
	(void)snprintf(work, sizeof(work), "%s", file("work"));
	(void)snprintf(reboot, sizeof(reboot), "%s", file("reboot"));
	b.client = fork();
	if (b.client != 0)
		return;
	(void)setenv("MISC", misc, 1);
	(void)setenv("MISC_AT", "1024", 1);
	(void)setenv("WORK", work, 1);
	(void)setenv("REBOOT", reboot, 1);
	(void)setenv("POLL", "0.1", 1);
	(void)setenv("PATIENCE", "60", 1);
	(void)setpgid(0, 0);
	(void)execl("/bin/sh", "sh", NETRECOVERY_SH, url, device, (char *)NULL);
	_exit(127);
}

/* Its exit status. */
static int client_ends(void)
{
	int status = -1;

	for (int i = 0; i < 3000 && b.client; i++) {
		if (waitpid(b.client, &status, WNOHANG) == b.client) {
			b.client = 0;
			return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
		}
		http_pass(10);
	}
	return -1;
}

static void kill_client(void)
{
	if (!b.client)
		return;
	(void)kill(-b.client, SIGKILL);
	(void)waitpid(b.client, NULL, 0);
	b.client = 0;
}

static int write_partition(const struct bmc_args *args)
{
	size_t size = (size_t)(args->num) + (size_t)args->image->size;
	char *bytes = calloc(1, size);
	ssize_t n = args->image->read(args->image, 0, bytes + args->num, size);

	assert_int_equal(n, args->image->size);
	assert_int_equal(args->image->read(args->image, args->image->size, bytes, 1),
			 0);
	store(file(args->text), bytes, size);
	free(bytes);
	return BMC_OK;
}

/* What other plugins do on USB; the restart brings the auxiliary system up. */
static int on_verb(void *arg, const char *board, const char *verb,
		   const struct bmc_args *args)
{
	(void)arg;
	assert_string_equal(board, BOARD);
	if (strcmp(verb, "reset") == 0) {
		b.resets++;
		return BMC_OK;
	}
	if (strcmp(verb, "write_partition") == 0)
		return b.mode == BMC_USB_LOADER ? write_partition(args) : BMC_ESTATE;
	if (strcmp(verb, "usb_mode") != 0)
		return BMC_ENOTSUP;
	if (b.refuse)
		return b.refuse;
	b.mode = args->num;
	if (b.mode == BMC_USB_ADB && b.device)
		start_client();
	return BMC_OK;
}

static int run(bmc_flash_fn *fn)
{
	return fixture_flash(b.f, BOARD, fn, &b.flash);
}

static void expect_ok(bmc_flash_fn *fn)
{
	int code = run(fn);

	if (code != 0)
		fail_msg("%d: %s", code, fixture_error(b.f));
}

static const struct bmc_flasher *flasher(void)
{
	return bmc_plugin_netrecovery.flasher;
}

/* ---- fixture ---- */

static char keys[] = "/tmp/offers-XXXXXX";
static char *bytes;
static unsigned char digest[32];

static void make_image(void)
{
	auto_fd int fd = -1;

	store(file("image"), bytes, SIZE);
	b.p.fd = open(file("image"), O_RDONLY | O_CLOEXEC);
	assert_true(b.p.fd >= 0);
	b.p.file.size = SIZE;
	memcpy(b.p.file.digest, digest, sizeof(digest));
	b.p.task = 5;
	b.part = (struct bmc_flash_part){ .name = "", .size = SIZE };
	b.flash = (struct bmc_flash){ .size = sizeof(b.flash),
				      .board = BOARD,
				      .name = "Android10.img",
				      .version = "",
				      .format = "raw",
				      .file = &b.p.file,
				      .parts = &b.part,
				      .n_parts = 1,
				      .bytes = SIZE };
}

static int begin(void **state)
{
	static const struct fixture_conf conf = { .plugin = &bmc_plugin_netrecovery,
						  .platform = boards,
						  .settings = settings };
	static const char reboot[] = "#!/bin/sh\necho \"restart $*\" >>\"$0.log\"\n";

	(void)state;
	memset(&b, 0, sizeof(b));
	b.f = fixture_new(&conf);
	assert_non_null(b.f);
	fixture_sleep_really(b.f, 1);
	fixture_on_verb(b.f, on_verb, NULL);
	make_image();
	store(file("aux.img"), "auxiliary system", 16);
	store(file("emmc"), "old", 3);
	b.device = strdup(file("emmc"));
	store(file("reboot"), reboot, sizeof(reboot) - 1);
	assert_int_equal(chmod(file("reboot"), 0755), 0);
	return 0;
}

static void job_ends(void)
{
	upd_offers_free(b.p.offers);
	b.p.offers = NULL;
}

static int finish(void **state)
{
	(void)state;
	kill_client();
	job_ends();
	(void)close(b.p.fd);
	free((char *)(uintptr_t)b.device);
	fixture_free(b.f);
	return 0;
}

static void expect_written(void)
{
	size_t n;
	auto_free char *got = load(b.device, &n);

	assert_int_equal(n, SIZE);
	assert_memory_equal(got, bytes, SIZE);
}

/* ---- tests ---- */

static void a_board_is_flashed_in_five_steps(void **state)
{
	const struct bmc_flasher *f = flasher();
	size_t n;

	(void)state;
	assert_int_equal(f->way, BMC_FLASH_PULL);
	expect_ok(f->accepts);
	assert_int_equal(b.mode, 0);
	expect_ok(f->detach);
	assert_true(holds(file("recovery"), "auxiliary system"));
	expect_ok(f->write);
	expect_written();
	/* a quick board has written all before it is asked */
	assert_true(fixture_told(b.f)->stages[0]);
	expect_ok(f->verify);
	expect_ok(f->attach);
	assert_int_equal(client_ends(), 0);
	/* it would start the auxiliary system again */
	auto_free char *misc = load(file("misc"), &n);
	assert_int_equal(n, 1024 + NR_BCB);
	assert_int_equal(misc[1024], 0);
	assert_true(holds(file("reboot.log"), "restart \n"));
	assert_int_equal(b.resets, 0);
}

static void what_boards_say_is_kept(void **state)
{
	const struct bmc_flasher *f = flasher();
	struct stat st;

	(void)state;
	expect_ok(f->detach);
	expect_ok(f->write);
	expect_ok(f->rollback);
	assert_int_equal(client_ends(), 1);
	assert_true(holds(file("reboot.log"), "restart loader"));
	const char *history = file("logs/" BOARD "/state/history");
	assert_true(holds(history, "Android10.img detach: done\n"));
	assert_true(holds(history, "Android10.img rollback: done\n"));
	assert_true(holds(file("logs/" BOARD "/state/netrecovery.out"), "write"));
	/* it is bounded: the older half goes, whole lines stay */
	auto_free char *much = calloc(1, 66000);
	for (size_t i = 0; i + 10 < 66000; i += 10)
		memcpy(much + i, "old line.\n", 10);
	store(history, much, 65990);
	job_ends();
	b.refuse = BMC_EIO;
	assert_int_equal(run(f->detach), BMC_EIO);
	assert_int_equal(stat(history, &st), 0);
	assert_in_range(st.st_size, 30000, 34000);
	auto_free char *kept = load(history, NULL);
	assert_memory_equal(kept, "old line.\n", 10);
	assert_true(holds(history, "switch to recovery failed"));
}

static void preconditions_are_told_beforehand(void **state)
{
	struct bmc_value usb = BMC_NUM(bmc_board, usb_mode, BMC_USB_NONE);
	const struct bmc_flasher *f = flasher();

	(void)state;
	b.flash.name = "update.bin";
	assert_int_equal(run(f->accepts), BMC_ENOTSUP);
	assert_non_null(strstr(fixture_error(b.f), ".img"));
	b.flash.name = "UPDATE.IMG";
	expect_ok(f->accepts);
	b.part.size++;
	assert_int_equal(run(f->accepts), BMC_ENOTSUP);
	b.part.size--;
	b.part.name = "boot";
	assert_int_equal(run(f->accepts), BMC_ENOTSUP);
	b.part.name = "";
	b.flash.format = "rkfw";
	assert_int_equal(run(f->accepts), BMC_ENOTSUP);
	b.flash.format = "raw";
	fixture_publish(b.f, BMC_BOARD, BOARD, BMC_HEALTH_UNKNOWN, &usb, 1);
	assert_int_equal(run(f->accepts), BMC_ESTATE);
	assert_non_null(strstr(fixture_error(b.f), "OTG"));
	usb.num = BMC_USB_ADB;
	fixture_publish(b.f, BMC_BOARD, BOARD, BMC_HEALTH_UNKNOWN, &usb, 1);
	expect_ok(f->accepts);
	store(file("aux.img"), "", 0);
	assert_int_equal(run(f->accepts), BMC_EINVAL);
	(void)unlink(file("aux.img"));
	assert_int_equal(run(f->accepts), BMC_ENOTFOUND);
	store(file("aux.img"), "x", 1);
	upd_offers_done();
	assert_int_equal(run(f->accepts), BMC_ESTATE);
	assert_non_null(strstr(fixture_error(b.f), "board_network"));
	assert_int_equal(upd_offers_init(&update, keys, NULL), 0);
	assert_int_equal(b.mode, 0);
}

/* The daemon dies in the middle of the write: the board waits, and goes on where it is
 * when the same address answers again. */
static void a_board_survives_the_daemon_s_restart(void **state)
{
	const struct bmc_flasher *f = flasher();
	struct bmc_checkpoint kept;

	(void)state;
	expect_ok(f->detach);
	fixture_told_clear(b.f);
	fixture_cancel(b.f, 12);
	int code = run(f->write);
	assert_true(code == BMC_ECANCELED || code == BMC_OK);
	fixture_cancel(b.f, 0);
	kept = fixture_told(b.f)->kept;
	assert_int_equal(fixture_told(b.f)->checkpoints, 1);
	pid_t before = b.client;
	http_fixture_stop();
	job_ends();
	upd_offers_done();
	http_pass(300);
	assert_int_equal(upd_offers_init(&update, keys, NULL), 0);
	http_fixture_start(no_routes);
	http_pass(300); /* it is told 404: the job is not known yet */
	fixture_restart(b.f);
	fixture_resume(b.f, &kept);
	expect_ok(f->write);
	fixture_resume(b.f, NULL);
	expect_written();
	expect_ok(f->verify);
	assert_int_equal(b.client, before);
	expect_ok(f->attach);
	assert_int_equal(client_ends(), 0);
}

/* A detach that has brought the board into its auxiliary system does not do so again.
 */
static void a_board_that_is_there_is_not_restarted_again(void **state)
{
	const struct bmc_flasher *f = flasher();
	struct bmc_checkpoint kept;

	(void)state;
	expect_ok(f->detach);
	kept = fixture_told(b.f)->kept;
	pid_t before = b.client;
	b.mode = 0;
	fixture_resume(b.f, &kept);
	expect_ok(f->detach);
	assert_int_equal(b.mode, 0);
	assert_int_equal(b.client, before);
	/* what was kept of one order is none of another's: that is done, too */
	expect_ok(f->write);
	expect_written();
	fixture_resume(b.f, NULL);
}

static void bytes_that_are_not_there_are_found(void **state)
{
	const struct bmc_flasher *f = flasher();

	(void)state;
	expect_ok(f->detach);
	expect_ok(f->write);
	auto_fd int fd = open(b.device, O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, "\x55\xaa", 2, SIZE - 2), 2);
	assert_int_equal(run(f->verify), BMC_ECORRUPT);
}

static void a_board_that_stops_half_way_is_given_up(void **state)
{
	const struct bmc_flasher *f = flasher();

	(void)state;
	expect_ok(f->detach);
	kill_client();
	fixture_sleep_really(b.f, 0);
	assert_int_equal(run(f->write), BMC_ETIMEDOUT);
	assert_non_null(strstr(fixture_error(b.f), "said nothing"));
	assert_int_equal(run(f->rollback), BMC_ETIMEDOUT);
	/* it does not restart by itself: its pin is used */
	expect_ok(f->attach);
	assert_int_equal(b.resets, 1);
}

/* Says the same at each look, but for `changes` looks. */
static struct {
	struct bmc_host_ops ops;
	int64_t changes, begun;
} same;

static ssize_t same_state(struct bmc_call *call, const char *name, void *buf,
			  size_t size, int64_t *ret_at)
{
	(void)call;
	assert_string_equal(name, "state");
	*ret_at = same.ops.now();
	if (same.changes > 0 && --same.changes == 0)
		same.begun = *ret_at;
	return snprintf(buf, size, "id=1\nstate=flashing\ndone=%d\n",
			(int)same.changes);
}

static int order_of_same(void *self, struct bmc_call *call,
			 const struct bmc_flash *flash, struct bmc_error *err)
{
	struct nr *n = self;
	struct nr_call c = { .n = n, .call = call, .flash = flash, .board = BOARD };
	int code;

	same.ops = *n->ops;
	same.ops.offer_get = same_state;
	c.ops = &same.ops;
	code = nr_offer(&c, err);
	if (code == BMC_OK)
		same.begun = same.ops.now();
	return code < 0 ? code : nr_order(&c, "write", n->silence_ms, NULL, err);
}

static void a_board_that_repeats_itself_is_given_up(void **state)
{
	static const int64_t changes[] = { 0, 200 }; /* 50 s of 250 ms */

	(void)state;
	fixture_sleep_really(b.f, 0);
	for (size_t i = 0; i < 2; i++) {
		int64_t before = fixture_now(b.f), after;

		same.changes = changes[i];
		assert_int_equal(run(order_of_same), BMC_ETIMEDOUT);
		after = fixture_now(b.f);
		assert_non_null(strstr(fixture_error(b.f), "said the same for 20 s"));
		assert_true(after - same.begun >= 20000);
		assert_true(after - before >= 20000 + (changes[i] ? 199 * 250 : 0));
	}
}

static void a_board_that_does_not_come_up_is_told(void **state)
{
	(void)state;
	free((char *)(uintptr_t)b.device);
	b.device = NULL;
	fixture_sleep_really(b.f, 0);
	assert_int_equal(run(flasher()->detach), BMC_ETIMEDOUT);
}

static void the_job_s_end_sends_the_board_to_its_loader(void **state)
{
	(void)state;
	expect_ok(flasher()->detach);
	job_ends();
	assert_int_equal(client_ends(), 1);
	assert_true(holds(file("reboot.log"), "restart loader"));
}

static void a_storage_that_takes_no_more_is_told(void **state)
{
	(void)state;
	free((char *)(uintptr_t)b.device);
	b.device = strdup("/dev/full");
	expect_ok(flasher()->detach);
	assert_int_equal(run(flasher()->write), BMC_EIO);
	assert_non_null(strstr(fixture_error(b.f), "writing at 0"));
}

static void a_board_that_can_t_be_switched_is_told_so(void **state)
{
	(void)state;
	b.refuse = BMC_ETIMEDOUT;
	assert_int_equal(run(flasher()->detach), BMC_ETIMEDOUT);
	assert_non_null(strstr(fixture_error(b.f), "switch to recovery failed"));
	b.refuse = BMC_ENOTSUP; /* of the verb, not of the image */
	assert_int_equal(run(flasher()->detach), BMC_ESTATE);
}

static void a_cancel_ends_the_wait(void **state)
{
	(void)state;
	expect_ok(flasher()->detach);
	kill_client();
	fixture_told_clear(b.f);
	fixture_cancel(b.f, 8);
	assert_int_equal(run(flasher()->write), BMC_ECANCELED);
	fixture_cancel(b.f, 0);
}

static void a_state_of_a_board_is_believed_in_its_form_only(void **state)
{
	struct nr_state s;

	(void)state;
	nr_state_parse("id=7\nstate=flashing\ndone=4096\n", &s);
	assert_int_equal(s.what, NR_FLASHING);
	assert_int_equal(s.id, 7);
	assert_int_equal(s.done, 4096);
	nr_state_parse("state=error\ncode=io\ntext=bad \x1b[2J\xff block\nid=8", &s);
	assert_int_equal(s.what, NR_ERROR);
	assert_int_equal(s.id, 8);
	assert_string_equal(s.text, "bad ?[2J? block");
	nr_state_parse("", &s);
	assert_int_equal(s.what, NR_NOTHING);
	nr_state_parse("xid=1\nstate=\nstate=done\nid=-1\ndone=9999999999999999999",
		       &s);
	assert_int_equal(s.what, NR_NOTHING);
	assert_int_equal(s.id, 0);
	assert_int_equal(s.done, 0);
	char value[4];
	nr_value("k=abcdef\n", "k", value, sizeof(value));
	assert_string_equal(value, "abc");
}

static void a_message_has_room_for_so_long_a_url(void **state)
{
	unsigned char message[NR_BCB];
	char url[800];

	(void)state;
	memset(url, 'u', sizeof(url));
	url[768 - strlen("recovery\n--url=") - 2] = 0;
	assert_true(nr_bcb(url, message));
	assert_int_equal(message[64 + 768 - 2], '\n');
	assert_int_equal(message[64 + 768 - 1], 0);
	url[strlen(url)] = 'u';
	url[768 - strlen("recovery\n--url=") - 1] = 0;
	assert_false(nr_bcb(url, message));
}

/* ---- the group ---- */

static unsigned free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	auto_fd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	return ntohs(a.sin_port);
}

static int start(void **state)
{
	struct bmc_error err = { 0 };

	(void)state;
	bytes = malloc(SIZE);
	assert_non_null(bytes);
	for (size_t i = 0; i < SIZE; i++)
		bytes[i] = (char)(i * 7 + i / 4099);
	assert_int_equal(gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes, SIZE, digest), 0);
	network[0].next = &network[1];
	assert_non_null(mkdtemp(keys));
	network[1].num = free_port();
	if (upd_offers_init(&update, keys, &err) != 0)
		fail_msg("%s", err.what);
	http_fixture_start(no_routes);
	return 0;
}

static int stop(void **state)
{
	char path[64];

	(void)state;
	http_fixture_stop();
	upd_offers_done();
	(void)snprintf(path, sizeof(path), "%s/offer.key", keys);
	(void)unlink(path);
	(void)rmdir(keys);
	free(bytes);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_board_is_flashed_in_five_steps),
		TEST(what_boards_say_is_kept),
		TEST(preconditions_are_told_beforehand),
		TEST(a_board_that_is_there_is_not_restarted_again),
		TEST(bytes_that_are_not_there_are_found),
		TEST(a_board_that_stops_half_way_is_given_up),
		TEST(the_job_s_end_sends_the_board_to_its_loader),
		TEST(a_storage_that_takes_no_more_is_told),
		TEST(a_board_that_can_t_be_switched_is_told_so),
		TEST(a_board_that_repeats_itself_is_given_up),
		TEST(a_board_that_does_not_come_up_is_told),
		TEST(a_cancel_ends_the_wait),
		TEST(a_board_survives_the_daemon_s_restart),
		cmocka_unit_test(a_state_of_a_board_is_believed_in_its_form_only),
		cmocka_unit_test(a_message_has_room_for_so_long_a_url),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
