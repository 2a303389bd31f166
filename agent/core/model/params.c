// SPDX-License-Identifier: Apache-2.0
/* Parameter lists of actions: frontends build them, transactions hold them. */
#include "core/model/params.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "bmc/plugin.h"
#include "core/base/ntp.h"
#include "core/base/util.h"
#include "core/model/field.h"

struct bmc_params {
	atomic_uint refs;
	uint32_t set; /* 1 << enum bmc_param, of the numbers */
	int64_t num[BMC_N_PARAMS];
	char *text[BMC_N_PARAMS];
	struct bmc_row *row;
};

/* clang-format off */
static const struct {
	const char *name;
	int64_t min, max; /* of a number  */
	size_t length;    /* of a text    */
} known[BMC_N_PARAMS] = {
	[BMC_PARAM_BATCH]      = { "the batch size", 1, 2048, 0 },
	[BMC_PARAM_DELAY_MS]   = { "the delay between batches", 0, 86400000, 0 },
	[BMC_PARAM_CANARY]     = { "the number of boards to try first", 0, 2048, 0 },
	[BMC_PARAM_PER_BLADE]  = { "the number of boards per blade", 1, 2048, 0 },
	[BMC_PARAM_APPLY_AT]   = { "the apply time", 1, INT64_C(1) << 53, 0 },
	[BMC_PARAM_APPLY_UNTIL] = { "the end of the window", 1, INT64_C(1) << 53, 0 },
	[BMC_PARAM_TASK]       = { "the number of the task", 1, UINT32_MAX, 0 },
	[BMC_PARAM_VERIFY]     = { "the way to verify", BMC_VERIFY_NONE, BMC_VERIFY_FULL, 0 },
	[BMC_PARAM_DRY_RUN]    = { "whether it is a dry run", 0, 1, 0 },
	[BMC_PARAM_MAX_FAILED] = { "the number of boards that may fail", 0, 2048, 0 },
	[BMC_PARAM_PRIORITY]   = { "the priority", 0, 9, 0 },
	[BMC_PARAM_WAITS_FOR]  = { "what it waits for", BMC_WAIT_RESET, BMC_WAIT_REQUEST, 0 },
	[BMC_PARAM_IMAGE]      = { "the image", 0, 0, 127 },
	[BMC_PARAM_URI]        = { "the URI", 0, 0, 2047 },
	[BMC_PARAM_USER]       = { "the user name", 0, 0, 127 },
	[BMC_PARAM_CREDENTIAL] = { "the password", 0, 0, 511 },
	[BMC_PARAM_SECRETS]    = { "what is secret", 0, 0, 2048 },
	[BMC_PARAM_NTP]        = { "the list of NTP servers", 0, 0, BMC_NTP_LIST_MAX - 1 },
};
/* clang-format on */

struct bmc_params *bmc_params_new(void)
{
	struct bmc_params *p = calloc(1, sizeof(*p));

	if (p)
		atomic_init(&p->refs, 1);
	return p;
}

struct bmc_params *bmc_params_ref(struct bmc_params *p)
{
	if (p)
		(void)atomic_fetch_add(&p->refs, 1);
	return p;
}

static void text_drop(char *text)
{
	if (text)
		bmc_wipe(text, strlen(text));
	free(text);
}

struct bmc_params *bmc_params_unref(struct bmc_params *p)
{
	if (!p || atomic_fetch_sub(&p->refs, 1) > 1)
		return NULL;
	for (size_t i = 0; i < BMC_N_PARAMS; i++)
		text_drop(p->text[i]);
	free(p->row);
	free(p);
	return NULL;
}

void bmc_params_range(enum bmc_param key, int64_t *ret_min, int64_t *ret_max)
{
	*ret_min = known[key].min;
	*ret_max = known[key].max;
}

int bmc_params_set_num(struct bmc_params *p, enum bmc_param key, int64_t num,
		       struct bmc_error *reterr)
{
	if (key >= BMC_N_PARAMS || known[key].length)
		return bmc_fail(reterr, BMC_EINVAL, "no such number");
	if (num < known[key].min || num > known[key].max)
		return bmc_fail(reterr, BMC_ERANGE, "%s has to be %lld to %lld",
				known[key].name, (long long)known[key].min,
				(long long)known[key].max);
	p->num[key] = num;
	p->set |= 1u << key;
	return BMC_OK;
}

static bool is_text(enum bmc_param key, const char *text, size_t len)
{
	if (key != BMC_PARAM_SECRETS)
		return bmc_text_ok(text, len);
	while (*text) { /* lines */
		len = strcspn(text, "\n");
		if (!bmc_text_ok(text, len))
			return false;
		text += len + (text[len] == '\n');
	}
	return true;
}

int bmc_params_set_text(struct bmc_params *p, enum bmc_param key, const char *text,
			struct bmc_error *reterr)
{
	size_t len;
	char *copy;

	if (key >= BMC_N_PARAMS || !known[key].length)
		return bmc_fail(reterr, BMC_EINVAL, "no such text");
	len = strnlen(text, known[key].length + 1);
	if (len > known[key].length)
		return bmc_fail(reterr, BMC_ERANGE, "%s has more than %zu bytes",
				known[key].name, known[key].length);
	if (!is_text(key, text, len))
		return bmc_fail(reterr, BMC_EINVAL, "%s is not text", known[key].name);
	copy = strdup(text);
	if (!copy)
		return bmc_fail(reterr, BMC_ENOMEM, "out of memory");
	text_drop(p->text[key]);
	p->text[key] = copy;
	return BMC_OK;
}

int64_t bmc_params_num(const struct bmc_params *p, enum bmc_param key,
		       int64_t otherwise)
{
	return p && key < BMC_N_PARAMS && p->set & 1u << key ? p->num[key] : otherwise;
}

const char *bmc_params_text(const struct bmc_params *p, enum bmc_param key)
{
	return p && key < BMC_N_PARAMS ? p->text[key] : NULL;
}

int bmc_params_set_row(struct bmc_params *p, const struct bmc_row *row,
		       struct bmc_error *reterr)
{
	size_t size = bmc_kind((enum bmc_kind)row->kind)->size;
	struct bmc_row *copy = malloc(size);

	if (!copy)
		return bmc_fail(reterr, BMC_ENOMEM, "out of memory");
	memcpy(copy, row, size);
	free(p->row);
	p->row = copy;
	return BMC_OK;
}

const struct bmc_row *bmc_params_row(const struct bmc_params *p, enum bmc_kind kind)
{
	return p && p->row && p->row->kind == kind ? p->row : NULL;
}
