// SPDX-License-Identifier: Apache-2.0
/* parameter.txt and the GPT that is made of it, as util-linux reads it. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/util.h"
#include "image/gpt.h"

#define HEAD "TYPE: GPT\nCMDLINE: console=ttyS2 mtdparts=rk29xxnand:"

struct text_case {
	int code;
	const char *text;
};

static const struct text_case cases[] = {
	{ BMC_OK, HEAD "0x10@0x22(a)" },
	{ BMC_OK, HEAD "0x10@0x22(a),0x1@0x32(b),-@0x33(c)\n" },
	{ BMC_OK, HEAD "0x10@0x22(a),0x8@0x40(b:grow) rootwait\r\n" },
	{ BMC_OK, "CMDLINE:mtdparts=nand:0x10@0x0(a)\n" }, /* the legacy table */
	{ BMC_ECORRUPT, "" },
	{ BMC_ECORRUPT, "TYPE: GPT\n" },
	{ BMC_ECORRUPT, "TYPE: GPT\nCMDLINE: root=/dev/sda\n" },
	{ BMC_ECORRUPT, HEAD "0x10@0x21(a)" },             /* in the GPT      */
	{ BMC_ECORRUPT, HEAD "0x10@0x22(a),0x1@0x31(b)" }, /* overlap by one  */
	{ BMC_ECORRUPT, HEAD "0x10@0x22(a),0x1@0x20(b)" }, /* descending      */
	{ BMC_ECORRUPT, HEAD "0x10@0x22(a),0x1@0x40(a)" }, /* two of one name */
	{ BMC_ECORRUPT, HEAD "-@0x22(a),0x1@0x40(b)" },    /* the rest first  */
	{ BMC_ECORRUPT, HEAD "0x10@0x22(a:grow),0x1@0x40(b)" },
	{ BMC_ECORRUPT, HEAD "0x0@0x22(a)" },
	{ BMC_ECORRUPT, HEAD "0x10@0x22()" },
	{ BMC_ECORRUPT, HEAD "0x10@0x22(a" },
	{ BMC_ECORRUPT, HEAD "0x10@0x22(a)," },
	{ BMC_ECORRUPT, HEAD "0x10@0x22(a)x" },
	{ BMC_ECORRUPT, HEAD "0x10@0x22(../a)" },
	{ BMC_ECORRUPT, HEAD "0x@0x22(a)" },
	{ BMC_ECORRUPT, HEAD "0x10@(a)" },
	{ BMC_ECORRUPT, HEAD "0xfffffffffffffffff@0x22(a)" },
	{ BMC_ECORRUPT,
	  HEAD "0x10@0x22(a)\nuuid:b=614e0000-0000-4b53-8000-1d28000054a9" },
	{ BMC_ECORRUPT,
	  HEAD "0x10@0x22(a)\nuuid:a=614e0000-0000-4b53-8000-1d28000054" },
	{ BMC_ECORRUPT,
	  HEAD "0x10@0x22(a)\nuuid:a=614e00000000-4b53-8000-1d28000054a9zz" },
	{ BMC_ECORRUPT, HEAD "0x10@0x22(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)" },
	{ BMC_OK, HEAD "0x10@0x22(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)" },
};

static void tables_are_read_or_refused(void **state)
{
	struct image_parameter p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t len = strlen(cases[i].text);
		char *text = malloc(len + !len); /* not terminated: ASan looks */
		struct bmc_error err;

		memcpy(text, cases[i].text, len);
		int r = image_parameter_read(text, len, &p, &err);

		free(text);
		if (r != cases[i].code)
			fail_msg("case %zu: %d, %s", i, r, r ? err.what : "");
	}
}

static void there_are_at_most_64_partitions(void **state)
{
	struct image_parameter p;

	(void)state;
	for (size_t n = 64; n <= 65; n++) {
		char text[4096] = HEAD;

		for (size_t i = 0; i < n; i++)
			(void)snprintf(text + strlen(text), 64, "%s0x1@0x%zx(p%zu)",
				       i ? "," : "", 64 + i, i);
		assert_int_equal(image_parameter_read(text, strlen(text), &p, NULL),
				 n == 64 ? BMC_OK : BMC_ENOSPC);
	}
}

static void make_disk(char *path, const struct image_gpt *gpt, uint64_t sectors)
{
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)(sectors * IMAGE_SECTOR)), 0);
	assert_int_equal(pwrite(fd, gpt->head, sizeof(gpt->head), 0),
			 sizeof(gpt->head));
	assert_int_equal(pwrite(fd, gpt->tail, sizeof(gpt->tail),
				(off_t)((sectors - IMAGE_GPT_TAIL) * IMAGE_SECTOR)),
			 sizeof(gpt->tail));
	(void)close(fd);
}

static const char table[] = HEAD "0x10@0x40(boot),0x20@0x60(misc),-@0x80(rootfs:grow)\n"
				 "uuid:rootfs=614e0000-0000-4b53-8000-1d28000054a9\n";

/* With the first table destroyed, only the second is left to be read. */
static void util_linux_reads_both_tables(void **state)
{
	static const unsigned char seed[16] = { 1, 2,  3,  4,  5,  6,  7,  8,
						9, 10, 11, 12, 13, 14, 15, 16 };
	struct image_parameter p;
	struct image_gpt *gpt = malloc(sizeof(*gpt));

	(void)state;
	assert_int_equal(image_parameter_read(table, strlen(table), &p, NULL), BMC_OK);
	for (int destroyed = 0; destroyed < 2; destroyed++) {
		char path[] = "/tmp/clusterbmc-gpt-XXXXXX", cmd[128], out[1024] = "";

		assert_int_equal(image_gpt_build(&p, 4096, seed, gpt, NULL), BMC_OK);
		if (destroyed)
			memset(gpt->head + IMAGE_SECTOR, 0, IMAGE_SECTOR);
		make_disk(path, gpt, 4096);
		(void)snprintf(cmd, sizeof(cmd),
			       "/usr/bin/partx -g -r -o "
			       "NR,START,END,NAME,UUID %s 2>&1",
			       path);
		FILE *f = popen(cmd, "re"); /* NOLINT(cert-env33-c) */

		out[fread(out, 1, sizeof(out) - 1, f)] = '\0';
		(void)pclose(f);
		(void)unlink(path);
		assert_non_null(strstr(out, "1 64 79 boot 04030201-"));
		assert_non_null(strstr(out, "2 96 127 misc "));
		assert_non_null(strstr(out, "3 128 4062 rootfs "
					    "614e0000-0000-4b53-8000-1d28000054a9"));
	}
	free(gpt);
}

static void a_partition_ends_before_the_second_table(void **state)
{
	static const char text[] = HEAD "0x10@0x40(boot)";
	static const unsigned char seed[16] = { 0 };
	struct image_parameter p;
	struct image_gpt *gpt = malloc(sizeof(*gpt));

	(void)state;
	assert_int_equal(image_parameter_read(text, strlen(text), &p, NULL), BMC_OK);
	assert_int_equal(image_gpt_build(&p, 80 + 33, seed, gpt, NULL), BMC_OK);
	assert_int_equal(image_gpt_build(&p, 80 + 32, seed, gpt, NULL), BMC_ENOSPC);
	assert_int_equal(image_gpt_build(&p, 67, seed, gpt, NULL), BMC_ENOSPC);
	assert_int_equal(image_gpt_build(&p, 0, seed, gpt, NULL), BMC_ENOSPC);
	free(gpt);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_are_read_or_refused),
		cmocka_unit_test(there_are_at_most_64_partitions),
		cmocka_unit_test(util_linux_reads_both_tables),
		cmocka_unit_test(a_partition_ends_before_the_second_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
