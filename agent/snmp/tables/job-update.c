// SPDX-License-Identifier: Apache-2.0
/* What a SET says of a job that updates firmware: the image and how it is written.
 * Called by job-create.c; job.c has the columns. */
#include <string.h>

#include "bmc/flash.h"
#include "core/base/util.h"
#include "snmp/job.h"
#include "snmp/set.h"

#define IMAGE_MAX 255 /* as the field */
#define TEXT_MAX  511 /* the longest */

static bool no_value(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	(void)ret;
	return false;
}

static bool empty(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	ret->type = ASN_OCTET_STR;
	ret->data = "";
	ret->len = 0;
	return true;
}

#define SPECIAL(name, of, asn, getter)   \
	const struct sn_special name = { \
		.syntax = (of),          \
		.type = (asn),           \
		.get = (getter),         \
	}

SPECIAL(sn_job_user, "OCTET STRING (SIZE (1..127))", ASN_OCTET_STR, no_value);
SPECIAL(sn_job_credential, "OCTET STRING (SIZE (0..511))", ASN_OCTET_STR, empty);
SPECIAL(sn_job_verify, "INTEGER { none(1), sampled(2), full(3) }", ASN_INTEGER,
	no_value);

static int take_text(struct bmc_params *p, enum bmc_param key, size_t max,
		     const struct sn_row_value *v)
{
	char text[TEXT_MAX + 1];
	int r;

	if (v->len == 0 || v->len > max)
		return SNMP_ERR_WRONGLENGTH;
	if (memchr(v->text, 0, v->len))
		return SNMP_ERR_WRONGVALUE;
	memcpy(text, v->text, v->len);
	text[v->len] = 0;
	r = bmc_params_set_text(p, key, text, NULL);
	bmc_wipe(text, sizeof(text));
	return r == BMC_EINVAL || r == BMC_ERANGE ? SNMP_ERR_WRONGVALUE
						  : sn_error_status(r);
}

static int take_image(struct bmc_params *p, const struct sn_row_value *v)
{
	bool uri = v->len && memmem(v->text, v->len, "://", 3);

	return take_text(p, uri ? BMC_PARAM_URI : BMC_PARAM_IMAGE, IMAGE_MAX, v);
}

static int take_number(struct bmc_params *p, enum bmc_param key, int64_t n)
{
	return sn_error_status(bmc_params_set_num(p, key, n, NULL));
}

/* RFC 2579: true(1), false(2) */
static int take_dry_run(struct bmc_params *p, const struct sn_row_value *v)
{
	if (v->number != 1 && v->number != 2)
		return SNMP_ERR_WRONGVALUE;
	return v->number == 1 ? take_number(p, BMC_PARAM_DRY_RUN, 1) : SNMP_ERR_NOERROR;
}

static int take_verify(struct bmc_params *p, const struct sn_row_value *v)
{
	if (v->number < 1 || v->number > BMC_VERIFY_FULL + 1)
		return SNMP_ERR_WRONGVALUE;
	return take_number(p, BMC_PARAM_VERIFY, v->number - 1);
}

int sn_job_update_take(const struct sn_set *set, struct bmc_params *p,
		       const struct sn_row_value *v)
{
	switch (v->column->column) {
	case SN_JOB_IMAGE:
		return take_image(p, v);
	case SN_JOB_USER:
		return take_text(p, BMC_PARAM_USER, 127, v);
	case SN_JOB_CREDENTIAL: /* a secret, so never in the clear */
		return sn_set_is_private(set)
			       ? take_text(p, BMC_PARAM_CREDENTIAL, 511, v)
			       : SNMP_ERR_INCONSISTENTVALUE;
	case SN_JOB_VERIFY:
		return take_verify(p, v);
	case SN_JOB_DRY_RUN:
		return take_dry_run(p, v);
	case SN_JOB_MAX_FAILED:
		return take_number(p, BMC_PARAM_MAX_FAILED, v->number);
	default:
		return take_number(p, BMC_PARAM_PRIORITY, v->number);
	}
}
