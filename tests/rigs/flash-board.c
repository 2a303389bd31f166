// SPDX-License-Identifier: Apache-2.0
/* Flashes the board on port 2-1.2.1 of an emulated USB world with the plugin rockusb,
 * as the daemon's engine does, and prints the seconds of each call:
 *
 *   umockdev-wrapper usb-rig --world FILE --exec flash-board IMAGE none|sampled|full
 * [LBA]
 *
 * LBA: where a raw image goes (0). Tests compare with what rkdeveloptool writes. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "unit/plugin-fixture.h"
#include "update/shared-reads.h"

extern const struct bmc_plugin bmc_plugin_rockusb;

static int file = -1;

static ssize_t read_file(const struct bmc_image *image, uint64_t offset, void *buf,
			 size_t len)
{
	ssize_t n = pread(file, buf, len, (off_t)offset);

	(void)image;
	return n < 0 ? BMC_EIO : n;
}

static void keep(struct bmc_prepared *p)
{
	(void)p;
}

static void ref(const struct bmc_image *image)
{
	(void)image;
}

/* The image as agent/update has it for a job. */
static struct bmc_flash *open_image(const char *path, const char *verify,
				    const char *lba)
{
	static struct bmc_prepared p = { .refs = 1, .free = keep };
	static struct bmc_flash_part part;
	const struct image_limits limits = { .size = UINT64_MAX };
	struct bmc_error err = { 0 };
	struct bmc_flash *flash = NULL;
	struct stat st;

	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0 || fstat(file, &st) < 0)
		return NULL;
	p.file = (struct bmc_image){ .size = (uint64_t)st.st_size,
				     .read = read_file,
				     .ref = ref,
				     .unref = ref };
	if (image_open(&p.file, &limits, &p.image, &err) == BMC_OK)
		flash = upd_reads_open(&p, "sub01");
	if (!flash) {
		(void)fprintf(stderr, "%s\n", err.what);
		return NULL;
	}
	flash->verify = strcmp(verify, "none") == 0      ? BMC_VERIFY_NONE
			: strcmp(verify, "sampled") == 0 ? BMC_VERIFY_SAMPLED
							 : BMC_VERIFY_FULL;
	if (lba && flash->n_parts == 1) {
		part = flash->parts[0];
		part.start = strtoull(lba, NULL, 10);
		flash->parts = &part;
	}
	return flash;
}

static double seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int step(struct fixture *f, const struct bmc_flash *flash, const char *name,
		bmc_flash_fn *fn)
{
	double begin = seconds();
	int code = fixture_flash(f, "sub01", fn, flash);

	(void)printf("%s %.3f\n", name, seconds() - begin);
	if (code < 0)
		(void)fprintf(stderr, "%s: %d: %s\n", name, code, fixture_error(f));
	return code;
}

int main(int argc, char **argv)
{
	static const char platform[] = "platform: test\nchassis: [{id: enclosure}]\n"
				       "boards: [{id: sub01, usb: 2-1.2.1}]\n";
	const struct bmc_flasher *flasher = bmc_plugin_rockusb.flasher;
	struct bmc_flash *flash =
		argc >= 3 ? open_image(argv[1], argv[2], argv[3]) : NULL;
	struct fixture *f;
	int code;

	if (!flash)
		return 2;
	f = fixture_new(&(struct fixture_conf){ &bmc_plugin_rockusb, platform, NULL });
	code = step(f, flash, "accepts", flasher->accepts);
	if (code == BMC_OK)
		code = step(f, flash, "detach", flasher->detach);
	if (code == BMC_OK)
		code = step(f, flash, "write", flasher->write);
	if (code == BMC_OK)
		code = step(f, flash, "verify", flasher->verify);
	fixture_free(f);
	return code == BMC_OK ? 0 : 1;
}
