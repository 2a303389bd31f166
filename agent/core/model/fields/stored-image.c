// SPDX-License-Identifier: Apache-2.0
/* The fields of a stored image: firmware that boards can be updated with. */
#include "core/model/fields.h"
#include "core/model/service.h"

/* clang-format off */
static const struct bmc_field fields[] = {
	ROW_FIELDS,
	FIELD(bmc_stored_image, name, BMC_TEXT,
	      .doc = "Name of the file, as the client or the server that it came from calls it."),
	FIELD(bmc_stored_image, format, BMC_TEXT,
	      .doc = "Format of the image: raw, sparse, rkfw, rkaf, loader or bundle."),
	FIELD(bmc_stored_image, packing, BMC_TEXT,
	      .doc = "How the image is compressed: gzip, xz or zstd; unknown when it is not."),
	FIELD(bmc_stored_image, chip, BMC_TEXT,
	      .doc = "Tag of the chip that the image is for (330C: RK3399); unknown when it does not say."),
	FIELD(bmc_stored_image, version, BMC_TEXT, .doc = "Version of the firmware, of a signed bundle."),
	FIELD(bmc_stored_image, size, BMC_INT, .unit = BMC_UNIT_BYTE, .doc = "Size of the file."),
	FIELD(bmc_stored_image, digest, BMC_TEXT,
	      .doc = "SHA-256 of the file in hexadecimal digits; unknown of a file of the firmware folder that was not checked yet."),
	FIELD(bmc_stored_image, trust, BMC_ENUM, .names = bmc_image_trust_names,
	      .doc = "Whether a trusted key has signed the image."),
	FIELD(bmc_stored_image, signer, BMC_TEXT, .doc = "Name of the trusted key that has signed the image."),
	FIELD(bmc_stored_image, state, BMC_ENUM, .flags = BMC_STATE, .names = bmc_image_state_names,
	      .doc = "What the last check of the image found."),
	FIELD(bmc_stored_image, reason, BMC_TEXT, .flags = BMC_STATE, .doc = "Why the image is refused."),
	FIELD(bmc_stored_image, added, BMC_TIME, .doc = "When the image was stored."),
	FIELD(bmc_stored_image, jobs, BMC_INT, .doc = "Jobs that use the image now; it can't be removed meanwhile."),
	FIELD(bmc_stored_image, in_folder, BMC_BOOL,
	      .doc = "Whether the image is a file of the firmware folder, which is never removed by this agent."),
};
/* clang-format on */

KIND(BMC_STORED_IMAGE, stored_image, .flags = 0);
