// SPDX-License-Identifier: Apache-2.0
// See rules.h. Called by certificates.c when an action is reserved and when it is
// carried out.
#include "certificates/rules.h"

#include <string.h>

enum bmc_kind cert_owner_kind(int64_t purpose)
{
	return purpose == BMC_CERTIFICATE_USER ? BMC_ACCOUNT : BMC_N_KINDS;
}

/* ---- how many, and each once ---- */

static bool same_owner(const struct bmc_certificate *a, const struct bmc_certificate *b)
{
	return a->purpose == b->purpose && strcmp(a->owner, b->owner) == 0;
}

/* A certificate is a login as one account, so no two may have it. */
static bool is_there(const struct bmc_certificate *a, const struct bmc_certificate *b)
{
	return a->purpose == b->purpose && strcmp(a->pem, b->pem) == 0;
}

int cert_check_room(const struct bmc_snapshot *s, const struct bmc_certificate *row,
		    struct bmc_error *err)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_CERTIFICATE, &rows), all = 0, own = 0;
	size_t own_max = row->purpose == BMC_CERTIFICATE_CLIENT_CA
				 ? BMC_CERTIFICATES_CA_MAX
				 : BMC_CERTIFICATES_OWN_MAX;

	for (size_t i = 0; i < n; i++) {
		const struct bmc_certificate *is =
			(const struct bmc_certificate *)rows[i];
		if (is_there(is, row))
			return bmc_fail(err, BMC_EEXIST, "it is certificate %s already",
					is->row.id);
		all += is->configured != 1;
		own += is->configured != 1 && same_owner(is, row);
	}
	if (own >= own_max)
		return bmc_fail(err, BMC_ERANGE, "there are %zu certificates already",
				own);
	if (all >= BMC_CERTIFICATES_MAX)
		return bmc_fail(err, BMC_ERANGE,
				"there are %zu certificates already, of all owners",
				all);
	return BMC_OK;
}

/* ---- who ---- */

static const struct bmc_row *account_role(const struct bmc_snapshot *s,
					  const char *account)
{
	const struct bmc_row *row = bmc_snapshot_find(s, BMC_ACCOUNT, account);

	return row ? bmc_snapshot_find(s, BMC_ROLE,
				       ((const struct bmc_account *)row)->role)
		   : NULL;
}

/* An authority can sign a certificate in any account's name, so it is for who may do
 * everything. */
int cert_check_rank(const struct bmc_snapshot *s, const struct bmc_certificate *row,
		    const struct bmc_actor *who, struct bmc_error *err)
{
	enum bmc_kind kind = cert_owner_kind(row->purpose);
	uint32_t granted = 0;

	if (kind != BMC_N_KINDS && !bmc_snapshot_find(s, kind, row->owner))
		return bmc_fail(err, BMC_ENOTFOUND, "there is no account %s",
				row->owner);
	if (row->purpose == BMC_CERTIFICATE_CLIENT_CA)
		granted = BMC_PRIV_ALL;
	const struct bmc_row *role =
		kind == BMC_ACCOUNT ? account_role(s, row->owner) : NULL;
	if (role)
		granted = (uint32_t)((const struct bmc_role *)role)->privileges;
	if (granted & ~who->privileges)
		return bmc_fail(err, BMC_EPERM,
				"%s lacks a privilege that this certificate gives: ask "
				"an administrator",
				who->name);
	return BMC_OK;
}
