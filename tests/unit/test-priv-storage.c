// SPDX-License-Identifier: Apache-2.0
// Block devices that the helper opens for the daemon: a loop device over a file where
// the machine has them, and what is refused.
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/util.h"
#include "priv-fixture.h"
#include "priv/client.h"
#include "priv/helper.h"

#define SIZE (1 << 20)
enum { NO_BLOCK_DEVICE, GONE, NO_SUCH_STORAGE };

struct fixture {
	struct priv_fixture fixture;
	char file[96], loop[64];
};

static int64_t soon(void)
{
	return bmc_now() + 60000;
}

static bool run(const char *command, char *ret, size_t size)
{
	FILE *f = popen(command, "r");
	bool ok = f && fgets(ret, (int)size, f);

	if (f && pclose(f) != 0)
		ok = false;
	if (ok)
		ret[strcspn(ret, "\n")] = '\0';
	return ok;
}

static void start(struct fixture *f, bool with_loop, bool writable)
{
	struct bmc_storage *d = f->fixture.settings.platform->storage;
	struct priv_client_conf conf = { .digest =
						 f->fixture.settings.platform->digest };

	d[NO_BLOCK_DEVICE].writable = writable;
	if (with_loop)
		(void)bmc_copy(d[0].device, sizeof(d[0].device), f->loop);
	f->fixture.confined = true;
	priv_fixture_start(&f->fixture);
	conf.fd = f->fixture.fd;
	f->fixture.fd = -1;
	assert_int_equal(priv_client_init(&conf, NULL), 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	priv_fixture_init(&f->fixture);
	*state = f;
	return 0;
}

static int setup_loop(void **state)
{
	char command[160];

	(void)setup(state);
	struct fixture *f = *state;
	(void)snprintf(f->file, sizeof(f->file), "%s/disk", f->fixture.dir);
	int fd = open(f->file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0 && ftruncate(fd, SIZE) == 0);
	(void)close(fd);
	(void)snprintf(command, sizeof(command), "losetup --find --show %s", f->file);
	assert_true(run(command, f->loop, sizeof(f->loop)));
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char command[96], ignored[8];

	priv_client_done();
	if (f->loop[0]) {
		(void)snprintf(command, sizeof(command), "losetup --detach %s",
			       f->loop);
		(void)run(command, ignored, sizeof(ignored));
	}
	priv_fixture_done(&f->fixture);
	free(f);
	return 0;
}

static int try_open(uint32_t storage, bool write, const char *reason)
{
	struct bmc_error err = { 0 };
	int fd = bmc_hardware->storage_open(storage, write, soon(), &err);

	if (fd < 0)
		assert_non_null(strstr(err.what, reason));
	return fd;
}

static void what_is_no_block_device_is_refused(void **state)
{
	struct fixture *f = *state;

	start(f, false, true);
	assert_int_equal(try_open(NO_BLOCK_DEVICE, false, "no block device"),
			 BMC_EINVAL);
	assert_int_equal(try_open(NO_BLOCK_DEVICE, true, "no block device"),
			 BMC_EINVAL);
	assert_int_equal(try_open(GONE, false, "/dev/no-such-disk"), BMC_ENOTFOUND);
	assert_int_equal(try_open(NO_SUCH_STORAGE, false, "not in the platform file"),
			 BMC_ENOTFOUND);
	assert_int_equal(try_open(UINT32_MAX, false, "not in the platform file"),
			 BMC_ENOTFOUND);
	assert_int_equal(try_open(GONE, true, "not writable"), BMC_EPERM);
}

/* A name below /dev may be a link. */
static void a_link_that_leaves_dev_is_not_followed(void **state)
{
	struct fixture *f = *state;
	char *device = f->fixture.settings.platform->storage[0].device;
	size_t size = sizeof(f->fixture.settings.platform->storage[0].device);

	(void)snprintf(device, size, "/dev/shm/clusterbmc-test.%d", (int)getpid());
	if (symlink("/etc/passwd", device) < 0)
		return;
	start(f, false, true);
	int r = try_open(0, false, "not below /dev");
	(void)unlink(device);
	assert_int_equal(r, BMC_EPERM);
}

static void storage_is_opened_for_reading_and_writing(void **state)
{
	struct fixture *f = *state;
	struct stat st, is;
	char byte = 0;

	start(f, true, true);
	int fd = try_open(0, true, "");
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(stat(f->loop, &is), 0);
	assert_true(S_ISBLK(st.st_mode) && st.st_rdev == is.st_rdev);
	assert_int_equal(pwrite(fd, "x", 1, 4096), 1);
	assert_int_equal(fsync(fd), 0);
	(void)close(fd);
	fd = try_open(0, false, "");
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, 4096), 1);
	assert_int_equal(byte, 'x');
	assert_true(pwrite(fd, "y", 1, 4096) < 0); /* it is open for reading only */
	(void)close(fd);
}

/* What a mount does to a device, or swap, or RAID: it holds it exclusively. */
static void storage_in_use_is_opened_for_reading_only(void **state)
{
	struct fixture *f = *state;

	start(f, true, true);
	int mounted = open(f->loop, O_RDONLY | O_EXCL | O_CLOEXEC);
	assert_true(mounted >= 0);
	assert_int_equal(try_open(0, true, "in use"), BMC_EBUSY);
	int fd = try_open(0, false, "");
	assert_true(fd >= 0);
	(void)close(fd);
	(void)close(mounted);
	fd = try_open(0, true, "");
	assert_true(fd >= 0);
	assert_int_equal(try_open(0, true, "in use"), BMC_EBUSY); /* by ourselves */
	(void)close(fd);
}

static void storage_that_is_not_writable_is_opened_for_reading_only(void **state)
{
	struct fixture *f = *state;

	start(f, true, false);
	assert_int_equal(try_open(0, true, "not writable"), BMC_EPERM);
	int fd = try_open(0, false, "");
	assert_true(fd >= 0);
	(void)close(fd);
}

/* A reply that comes too late must not leave its descriptor behind. */
static void a_descriptor_that_nobody_waits_for_is_closed(void **state)
{
	struct fixture *f = *state;

	start(f, true, true);
	assert_int_equal(priv_client_wait(soon(), NULL), 0); /* so that it is sent */
	for (int i = 0; i < 20; i++) {
		int fd = bmc_hardware->storage_open(0, false, bmc_now(), NULL);
		if (fd >= 0)
			(void)close(fd);
	}
	/* exclusive, so it fails as long as another one is open for writing */
	for (int i = 0; i < 5; i++) {
		int fd = bmc_hardware->storage_open(0, true, bmc_now(), NULL);
		if (fd >= 0)
			(void)close(fd);
	}
	int fd = -1;
	for (int i = 0; i < 6000 && fd < 0; i++) {
		fd = bmc_hardware->storage_open(0, true, soon(), NULL);
		if (fd < 0)
			(void)usleep(10000);
	}
	assert_true(fd >= 0);
	(void)close(fd);
}

/* Whether there are loop devices here: a container may have none. */
static bool have_loop(void)
{
	char file[] = "/tmp/priv-loop.XXXXXX", loop[64], command[160], ignored[8];
	int fd = mkstemp(file);
	bool ok = fd >= 0 && ftruncate(fd, SIZE) == 0;

	(void)snprintf(command, sizeof(command), "losetup --find --show %s 2>/dev/null",
		       file);
	ok = ok && run(command, loop, sizeof(loop));
	if (ok) {
		(void)snprintf(command, sizeof(command), "losetup --detach %s", loop);
		(void)run(command, ignored, sizeof(ignored));
	}
	(void)close(fd);
	(void)unlink(file);
	return ok;
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define L(name) cmocka_unit_test_setup_teardown(name, setup_loop, teardown)
	const struct CMUnitTest refusals[] = {
		T(what_is_no_block_device_is_refused),
		T(a_link_that_leaves_dev_is_not_followed),
	};
	const struct CMUnitTest all[] = {
		T(what_is_no_block_device_is_refused),
		T(a_link_that_leaves_dev_is_not_followed),
		L(storage_is_opened_for_reading_and_writing),
		L(storage_in_use_is_opened_for_reading_only),
		L(storage_that_is_not_writable_is_opened_for_reading_only),
		L(a_descriptor_that_nobody_waits_for_is_closed),
	};

	if (have_loop())
		return cmocka_run_group_tests(all, NULL, NULL);
	(void)puts("# no loop devices here: only what is refused is tested");
	return cmocka_run_group_tests(refusals, NULL, NULL);
}
