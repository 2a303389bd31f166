// SPDX-License-Identifier: Apache-2.0
/* cbmcImageTable: the firmware images that boards can be updated with. */
#include "core/base/util.h"
#include "snmp/table.h"

/* clang-format off */
static const struct sn_column columns[] = {
	SN_COLUMN(2, "cbmcImageId", "id"),
	SN_COLUMN(3, "cbmcImageName", "name"),
	SN_COLUMN(4, "cbmcImageState", "state"),
	SN_COLUMN(5, "cbmcImageReason", "reason"),
	SN_COLUMN(6, "cbmcImageFormat", "format"),
	SN_COLUMN(7, "cbmcImagePacking", "packing"),
	SN_COLUMN(8, "cbmcImageChip", "chip"),
	SN_COLUMN(9, "cbmcImageVersion", "version"),
	SN_COLUMN(10, "cbmcImageSize", "size"),
	SN_COLUMN(11, "cbmcImageDigest", "digest"),
	SN_COLUMN(12, "cbmcImageTrust", "trust"),
	SN_COLUMN(13, "cbmcImageSigner", "signer"),
	SN_COLUMN(14, "cbmcImageAdded", "added"),
	SN_COLUMN(15, "cbmcImageJobs", "jobs"),
	SN_COLUMN(16, "cbmcImageInFolder", "in_folder"),
};
/* clang-format on */

const struct sn_table sn_image_table = {
	.name = "cbmcImageTable",
	.arc = 16,
	.kind = BMC_STORED_IMAGE,
	.n_index = 1,
	.index = { { "cbmcImageIndex" } },
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.doc = "The firmware images that boards can be updated with: those that were "
	       "sent or fetched, and the files of the firmware folder. Of the former "
	       "the one that was used least recently is removed when there is no room "
	       "for a new one.",
	.row_doc = "One stored image.",
	.index_doc = { "Number of the image. Numbers rise and are not used again "
		       "while the agent runs." },
};
