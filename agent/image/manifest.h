// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "image/rkfw.h"

/* The manifest of a bundle: lines "Key: value", in this order. */

enum image_role {
	IMAGE_ROLE_PARTITION,
	IMAGE_ROLE_DISK,
	IMAGE_ROLE_LOADER,
	IMAGE_ROLE_PARAMETER,
	IMAGE_ROLE_UPDATE
};

struct image_manifest_file {
	char name[100];
	enum image_role role;
	char partition[33];
	uint64_t size;
	char digest[65]; /* lower case */
};

struct image_manifest {
	char info[128], version[48], target[IMAGE_CHIP_MAX];
	size_t n;
	struct image_manifest_file of[IMAGE_FILES_MAX];
};

/** Reads `text` (terminated, changed). BMC_ECORRUPT, BMC_ENOTSUP (another version). */
int image_manifest_read(char *text, struct image_manifest *ret, struct bmc_error *err);
/** Whether it names a file in a folder, and can't name anything else. */
bool image_manifest_name_ok(const char *name);
