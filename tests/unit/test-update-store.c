// SPDX-License-Identifier: Apache-2.0
// The store of images: its bounds, what a restart finds, and the firmware folder.
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "core/base/util.h"
#include "update-fixture.h"

#define KIB 1024u

static char ids[8][BMC_ID_MAX];

static void count(void *arg, const struct bmc_stored_image *row)
{
	(void)row;
	++*(unsigned *)arg;
}

static unsigned images(void)
{
	unsigned n = 0;

	upd_store_each(count, &n);
	return n;
}

static bool has(const char *id)
{
	struct upd_stored *s = upd_store_get(id);
	bool is = s != NULL;

	(void)upd_stored_unref(s);
	return is;
}

static void an_image_is_named_by_its_digest(void **state)
{
	/* sha256sum of the three bytes "abc": FIPS 180-4's example */
	static const char digest[] =
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	struct upd_incoming *in;
	struct upd_stored *s;
	struct bmc_stored_image row;
	char data[4];
	int fd;

	(void)state;
	update_open(64 * KIB, 4);
	assert_int_equal(
		upd_incoming_new("/some/../path/a\nb.img", UINT64_MAX, &in, NULL),
		BMC_OK);
	assert_int_equal(upd_incoming_append(in, "a", 1, NULL), BMC_OK);
	assert_int_equal(images(), 0);
	assert_int_equal(upd_incoming_append(in, "bc", 2, NULL), BMC_OK);
	assert_int_equal(upd_incoming_commit(in, &s, NULL), BMC_OK);
	upd_stored_row(s, &row);
	assert_string_equal(row.digest, digest);
	assert_string_equal(row.row.id, "ba7816bf8f01cfea");
	assert_string_equal(row.name, "a?b.img");
	assert_int_equal(row.size, 3);
	assert_int_equal(row.jobs, 1);
	assert_int_equal(row.state, BMC_IMAGE_STORED);
	assert_int_equal(upd_stored_open(s, &fd, NULL), BMC_OK);
	assert_true(upd_stored_is_hashed(s, fd));
	assert_int_equal(read(fd, data, sizeof(data)), 3);
	assert_memory_equal(data, "abc", 3);
	(void)close(fd);
	(void)upd_stored_unref(s);
	/* what was reserved for a size that was not known is given back */
	assert_int_equal(update_store("x", 1, 64 * KIB - 3, NULL), BMC_OK);
	assert_int_equal(images(), 2);
	upd_store_done();
}

static void the_least_recently_used_goes_at_the_bound_of_bytes(void **state)
{
	(void)state;
	update_open(12 * KIB, 10);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(update_store("x", i, 4 * KIB, ids[i]), BMC_OK);
		(void)usleep(2000); /* the order of use has milliseconds */
	}
	assert_int_equal(images(), 3); /* at the bound */
	assert_true(has(ids[0]));      /* used: the second is the oldest now */
	assert_int_equal(update_store("x", 3, 1, ids[3]), BMC_OK);
	assert_int_equal(images(), 3);
	assert_true(has(ids[0]));
	assert_false(has(ids[1]));
	assert_true(has(ids[2]));
	assert_int_equal(update_files(update_dir, ""), 6); /* with their texts */
	upd_store_done();
}

static void the_least_recently_used_goes_at_the_bound_of_images(void **state)
{
	(void)state;
	update_open(1024 * KIB, 2);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(update_store("x", i, 10, ids[i]), BMC_OK);
		(void)usleep(2000);
	}
	assert_int_equal(images(), 2);
	assert_false(has(ids[0]));
	assert_true(has(ids[1]) && has(ids[2]));
	upd_store_done();
}

static void a_smaller_bound_holds_after_a_restart(void **state)
{
	(void)state;
	update_open(12 * KIB, 10);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(update_store("x", i, 4 * KIB, ids[i]), BMC_OK);
		(void)usleep(2000);
	}
	upd_store_done();
	update_open(6 * KIB, 10);
	assert_int_equal(images(), 3);
	assert_int_equal(update_store("x", 3, KIB, ids[3]), BMC_OK);
	assert_int_equal(images(), 2);
	assert_true(has(ids[2]) && has(ids[3]));
	assert_int_equal(upd_store_remove(ids[2], NULL), BMC_OK);
	assert_int_equal(upd_store_remove(ids[3], NULL), BMC_OK);
	upd_store_done();
}

static void what_is_in_use_or_held_does_not_go(void **state)
{
	struct bmc_error err = { 0 };
	struct upd_stored *s;

	(void)state;
	update_open(8 * KIB, 10);
	assert_int_equal(update_store("x", 1, 8 * KIB, ids[0]), BMC_OK);
	s = upd_store_get(ids[0]);
	assert_int_equal(update_store("x", 2, 1, NULL), BMC_ENOSPC);
	assert_int_equal(upd_store_remove(ids[0], &err), BMC_EBUSY);
	upd_stored_hold(s, bmc_now() + 1000);
	(void)upd_stored_unref(s);
	assert_int_equal(update_store("x", 2, 1, NULL), BMC_ENOSPC);
	bmc_clock_skip(1001);
	assert_int_equal(update_store("x", 2, 1, ids[1]), BMC_OK);
	assert_false(has(ids[0]));
	assert_int_equal(upd_store_remove(ids[1], &err), BMC_OK);
	assert_int_equal(upd_store_remove(ids[1], &err), BMC_ENOTFOUND);
	assert_int_equal(images(), 0);
	assert_int_equal(update_files(update_dir, ""), 0);
	upd_store_done();
}

static void nothing_goes_in_vain(void **state)
{
	struct upd_stored *s;

	(void)state;
	update_open(12 * KIB, 3);
	assert_int_equal(update_store("x", 1, 8 * KIB, ids[0]), BMC_OK);
	assert_int_equal(update_store("x", 2, KIB, ids[1]), BMC_OK);
	s = upd_store_get(ids[0]);
	assert_int_equal(update_store("x", 3, 5 * KIB, NULL), BMC_ENOSPC);
	assert_true(has(ids[1]));
	assert_int_equal(update_store("x", 3, 4 * KIB, NULL), BMC_OK);
	assert_false(has(ids[1]));
	(void)upd_stored_unref(s);
	upd_store_done();
}

static void an_image_larger_than_the_store_is_refused(void **state)
{
	struct upd_incoming *in = NULL;
	char data[KIB] = { 0 };

	(void)state;
	update_open(4 * KIB, 10);
	assert_int_equal(update_store("x", 1, 4 * KIB, ids[0]), BMC_OK);
	assert_int_equal(update_store("x", 1, 4 * KIB + 1, NULL), BMC_ERANGE);
	assert_true(has(ids[0])); /* what can't fit makes nothing go */
	assert_int_equal(upd_incoming_new("x", UINT64_MAX, &in, NULL), BMC_OK);
	for (int i = 0; i < 4; i++)
		assert_int_equal(upd_incoming_append(in, data, KIB, NULL), BMC_OK);
	assert_int_equal(upd_incoming_append(in, data, 1, NULL), BMC_ERANGE);
	(void)upd_incoming_abort(in);
	assert_int_equal(update_files(update_dir, "incoming"), 0);
	assert_int_equal(update_store("x", 1, 4 * KIB, NULL),
			 BMC_OK); /* room is back */
	upd_store_done();
}

static void other_sizes_than_announced_are_refused(void **state)
{
	struct upd_incoming *in = NULL;
	struct upd_stored *s;

	(void)state;
	update_open(64 * KIB, 10);
	assert_int_equal(upd_incoming_new("x", 10, &in, NULL), BMC_OK);
	assert_int_equal(upd_incoming_append(in, "123456789", 9, NULL), BMC_OK);
	assert_int_equal(upd_incoming_commit(in, &s, NULL), BMC_EIO);
	assert_int_equal(upd_incoming_new("x", 10, &in, NULL), BMC_OK);
	assert_int_equal(upd_incoming_append(in, "1234567890", 10, NULL), BMC_OK);
	assert_int_equal(upd_incoming_append(in, "1", 1, NULL), BMC_ERANGE);
	(void)upd_incoming_abort(in);
	assert_int_equal(upd_incoming_new("x", 0, &in, NULL), BMC_OK);
	assert_int_equal(upd_incoming_commit(in, &s, NULL), BMC_EINVAL);
	assert_int_equal(images(), 0);
	assert_int_equal(update_files(update_dir, ""), 0);
	upd_store_done();
}

static void the_same_image_twice_is_stored_once(void **state)
{
	(void)state;
	update_open(8 * KIB, 10);
	assert_int_equal(update_store("a", 1, 4 * KIB, ids[0]), BMC_OK);
	for (int i = 0; i < 5; i++) /* and its bytes are counted once */
		assert_int_equal(update_store("b", 1, 4 * KIB, ids[1]), BMC_OK);
	assert_string_equal(ids[0], ids[1]);
	assert_int_equal(images(), 1);
	assert_int_equal(update_store("c", 2, 4 * KIB, NULL), BMC_OK);
	assert_int_equal(images(), 2);
	upd_store_done();
}

static void a_restart_finds_what_is_complete(void **state)
{
	struct bmc_stored_image row = { .format = "raw",
					.state = BMC_IMAGE_GOOD,
					.trust = BMC_IMAGE_UNSIGNED };
	struct upd_stored *s;
	char name[80];
	int fd;

	(void)state;
	update_open(64 * KIB, 10);
	assert_int_equal(update_store("kept.img", 1, 100, ids[0]), BMC_OK);
	s = upd_store_get(ids[0]);
	upd_stored_found(s, &row);
	(void)upd_stored_unref(s);
	upd_store_done();
	update_write(update_dir, "incoming-7", "half", 4);
	update_write(update_dir, "facts.tmp", "half", 4);
	memset(name, 'a', 64);
	memcpy(name + 64, ".txt", 5);
	update_write(update_dir, name, "name: of nothing\n", 17);
	update_open(64 * KIB, 10);
	assert_int_equal(images(), 1);
	assert_int_equal(update_files(update_dir, ""), 2);
	s = upd_store_get(ids[0]);
	upd_stored_row(s, &row);
	assert_string_equal(row.name, "kept.img");
	assert_string_equal(row.format, "raw");
	assert_int_equal(row.state, BMC_IMAGE_GOOD);
	assert_int_equal(row.size, 100);
	/* what the text says is shown, and not trusted: its content is read again */
	assert_int_equal(upd_stored_open(s, &fd, NULL), BMC_OK);
	assert_false(upd_stored_is_hashed(s, fd));
	memset(name, '0', 64);
	name[64] = '\0';
	assert_int_equal(upd_stored_hashed(s, fd, name, NULL), BMC_ECORRUPT);
	assert_int_equal(upd_stored_hashed(s, fd, row.digest, NULL), BMC_OK);
	assert_true(upd_stored_is_hashed(s, fd));
	(void)close(fd);
	(void)upd_stored_unref(s);
	upd_store_done();
}

static void a_damaged_text_harms_nothing(void **state)
{
	static const char bad[] = "name: \x01\xff\nformat: 12345678901234567890123456\n"
				  "state: 99\ntrust: -4\nadded: 99999999999999999999\n"
				  "no colon\n: \n";
	struct bmc_stored_image row;
	struct upd_stored *s;
	char name[80];

	(void)state;
	update_open(64 * KIB, 10);
	assert_int_equal(update_store("x", 1, 100, ids[0]), BMC_OK);
	s = upd_store_get(ids[0]);
	upd_stored_row(s, &row);
	(void)upd_stored_unref(s);
	upd_store_done();
	(void)snprintf(name, sizeof(name), "%s.txt", row.digest);
	update_write(update_dir, name, bad, sizeof(bad) - 1);
	update_open(64 * KIB, 10);
	s = upd_store_get(ids[0]);
	upd_stored_row(s, &row);
	assert_string_equal(row.name, "??");
	assert_string_equal(row.format, "123456789012345");
	assert_int_equal(row.state, BMC_IMAGE_STORED);
	assert_int_equal(row.trust, BMC_IMAGE_TRUST_UNKNOWN);
	(void)upd_stored_unref(s);
	upd_store_done();
}

/* In a child that may write files of 6 KiB only: as a disk that is full. */
static void a_full_disk_refuses_and_leaves_nothing(void **state)
{
	int status;

	(void)state;
	pid_t child = fork();

	if (child == 0) {
		const struct rlimit limit = { 6 * KIB, 6 * KIB };

		(void)signal(SIGXFSZ, SIG_IGN);
		update_open(64 * KIB, 10);
		(void)setrlimit(RLIMIT_FSIZE, &limit);
		bool good = update_store("x", 1, 6 * KIB, NULL) == BMC_OK &&
			    update_store("y", 2, 6 * KIB + 1, NULL) < 0 &&
			    images() == 1 &&
			    update_files(update_dir, "incoming") == 0 &&
			    update_store("z", 3, 5 * KIB, NULL) == BMC_OK;
		_exit(good ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void the_files_of_the_firmware_folder_are_listed(void **state)
{
	char path[256], again[BMC_ID_MAX];
	struct bmc_stored_image row;
	struct upd_stored *s;
	int fd;

	(void)state;
	update_write(update_folder, "rk3399.img", "image", 5);
	update_write(update_folder, "rk3399.bin", "image", 5);
	update_write(update_folder, ".hidden.img", "image", 5);
	update_write(update_folder, "bad\nname.img", "image", 5);
	update_write(update_top, "secret", "secret", 6);
	(void)snprintf(path, sizeof(path), "%s/link.img", update_folder);
	assert_int_equal(symlink("../secret", path), 0);
	(void)snprintf(path, sizeof(path), "%s/folder.img", update_folder);
	assert_int_equal(mkdir(path, 0700), 0);
	update_open(64 * KIB, 10);
	assert_int_equal(images(), 1);
	s = upd_store_get("rk3399.img");
	assert_non_null(s);
	upd_stored_row(s, &row);
	assert_string_equal(row.name, "rk3399.img");
	assert_int_equal(row.in_folder, 1);
	assert_memory_equal(row.row.id, "file-", 5);
	memcpy(again, row.row.id, sizeof(again));
	assert_int_equal(upd_stored_open(s, &fd, NULL), BMC_OK);
	assert_int_equal(upd_stored_hashed(s, fd, "1234", NULL), BMC_OK);
	(void)close(fd);
	/* it changes while it is used: what comes next is another one */
	update_write(update_folder, "rk3399.img", "images", 6);
	upd_store_scan();
	assert_int_equal(images(), 1);
	(void)upd_stored_unref(s);
	s = upd_store_get(again);
	upd_stored_row(s, &row);
	assert_int_equal(row.size, 6);
	assert_string_equal(row.digest, "");
	(void)upd_stored_unref(s);
	assert_int_equal(upd_store_remove(again, NULL), BMC_EREADONLY);
	(void)snprintf(path, sizeof(path), "%s/rk3399.img", update_folder);
	assert_int_equal(unlink(path), 0);
	upd_store_scan();
	assert_int_equal(images(), 0);
	assert_false(has("rk3399.img"));
	assert_false(has("../secret"));
	upd_store_done();
}

/* A file that becomes a symlink after it was listed is not followed. */
static void a_file_that_turns_into_a_link_is_not_opened(void **state)
{
	char path[256];
	struct upd_stored *s;
	int fd;

	(void)state;
	update_write(update_folder, "a.img", "image", 5);
	update_open(64 * KIB, 10);
	s = upd_store_get("a.img");
	assert_non_null(s);
	(void)snprintf(path, sizeof(path), "%s/a.img", update_folder);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_not_equal(upd_stored_open(s, &fd, NULL), BMC_OK);
	(void)upd_stored_unref(s);
	upd_store_done();
}

/* Killed after each call that changes a file: afterwards there is the image, whole, or
 * nothing. */
static void killed_anywhere_it_is_whole_or_not_there(void **state)
{
	(void)state;
	for (int step = 0; step < 4; step++) {
		int status;
		pid_t child = fork();

		if (child == 0) {
			struct upd_incoming *in = NULL;
			struct upd_stored *s = NULL;

			update_open(64 * KIB, 10);
			bool good = upd_incoming_new("x", 6, &in, NULL) == 0;
			if (step > 0)
				good = good &&
				       upd_incoming_append(in, "abc", 3, NULL) == 0;
			if (step > 1)
				good = good &&
				       upd_incoming_append(in, "def", 3, NULL) == 0;
			if (step > 2)
				good = good && upd_incoming_commit(in, &s, NULL) == 0;
			_exit(good ? 0 : 1);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
		update_open(64 * KIB, 10);
		assert_int_equal(images(), step > 2);
		assert_int_equal(update_files(update_dir, "incoming"), 0);
		upd_store_done();
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, update_make_dirs, update_remove_dirs)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(an_image_is_named_by_its_digest),
		TEST(the_least_recently_used_goes_at_the_bound_of_bytes),
		TEST(the_least_recently_used_goes_at_the_bound_of_images),
		TEST(a_smaller_bound_holds_after_a_restart),
		TEST(what_is_in_use_or_held_does_not_go),
		TEST(nothing_goes_in_vain),
		TEST(an_image_larger_than_the_store_is_refused),
		TEST(other_sizes_than_announced_are_refused),
		TEST(the_same_image_twice_is_stored_once),
		TEST(a_restart_finds_what_is_complete),
		TEST(a_damaged_text_harms_nothing),
		TEST(a_full_disk_refuses_and_leaves_nothing),
		TEST(the_files_of_the_firmware_folder_are_listed),
		TEST(a_file_that_turns_into_a_link_is_not_opened),
		TEST(killed_anywhere_it_is_whole_or_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
