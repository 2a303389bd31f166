// SPDX-License-Identifier: Apache-2.0
/* The operations of images, each in the file that it is about. */
#include "update/images.h"

#include "core/actions/action.h"
#include "update/offer.h"
#include "update/policy.h"
#include "update/prepare.h"
#include "update/prepared.h"
#include "update/push.h"
#include "update/shared-reads.h"
#include "update/store.h"

static int check(const struct bmc_params *params, struct bmc_error *err)
{
	const char *id = bmc_params_text(params, BMC_PARAM_IMAGE),
		   *uri = bmc_params_text(params, BMC_PARAM_URI);

	if (id && uri)
		return bmc_fail(err, BMC_EINVAL,
				"an update names an image, or an address, not both");
	if (uri)
		return upd_policy_uri(uri, err);
	if (!id)
		return bmc_fail(err, BMC_EINVAL, "an update has to name its image");
	return upd_store_has(id)
		       ? BMC_OK
		       : bmc_fail(err, BMC_ENOTFOUND, "there is no image `%.80s`", id);
}

static const char *id(const struct bmc_prepared *image)
{
	return image->id;
}

const struct bmc_images_ops upd_images_ops = {
	.check = check,
	.prepare = upd_prepare,
	.cancel = upd_prepare_cancel,
	.ref = upd_prepared_ref,
	.unref = upd_prepared_unref,
	.open = upd_reads_open,
	.close = upd_reads_close,
	.offer = upd_offer,
	.offered = upd_offered,
	.offer_put = upd_offer_put,
	.offer_get = upd_offer_get,
	.id = id,
	.push_max = upd_store_max,
	.push_begin = upd_push_begin,
	.push_write = upd_push_write,
	.push_end = upd_push_end,
	.push_abort = upd_push_abort,
};
