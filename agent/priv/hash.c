// SPDX-License-Identifier: Apache-2.0
// Hashed passwords through crypt(3), see hash.h.
#include "priv/hash.h"

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"

#define METHOD "$y$" /* crypt(5): yescrypt */
/* base64 of the 256 bits that yescrypt ends with */
#define METHOD_TAIL 43u

static int compute(const char *secret, const char *setting, char ret[PRIV_HASH_MAX])
{
	struct crypt_data *data = calloc(1, sizeof(*data));
	const char *hash =
		data ? crypt_rn(secret, setting, data, (int)sizeof(*data)) : NULL;
	bool ok = hash && hash[0] != '*' && bmc_copy(ret, PRIV_HASH_MAX, hash);

	if (data)
		bmc_wipe(data, sizeof(*data));
	free(data);
	return ok ? 0 : -1;
}

int priv_hash_make(const char *secret, char ret[PRIV_HASH_MAX], struct bmc_error *err)
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE], salt[32];

	bmc_random(salt, sizeof(salt));
	if (crypt_gensalt_rn(METHOD, 0, salt, (int)sizeof(salt), setting,
			     (int)sizeof(setting)) &&
	    compute(secret, setting, ret) == 0)
		return 0;
	return bmc_fail(err, BMC_EIO, "the password can't be hashed: crypt(3) refuses");
}

bool priv_hash_ok(const char *text)
{
	static const char chars[] = "./0123456789$=,-"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz";
	const char *tail = strrchr(text, '$');

	if (text[0] != '$' || text[strspn(text, chars)] != '\0' || tail == text)
		return false;
	return strncmp(text, METHOD, strlen(METHOD)) != 0 ||
	       strlen(tail + 1) == METHOD_TAIL;
}

int priv_hash_check(const char *secret, const char *hash, struct bmc_error *err)
{
	char now[PRIV_HASH_MAX];
	size_t len = strlen(hash);

	if (compute(secret, hash, now) < 0 || strlen(now) != len)
		return bmc_fail(err, BMC_ECORRUPT, "the stored password is damaged");
	bool same = bmc_equal_const_time(now, hash, len);
	bmc_wipe(now, sizeof(now));
	return same ? 0 : bmc_fail(err, BMC_EAUTH, "wrong name or password");
}

int priv_hash_refuse(const char *secret, struct bmc_error *err)
{
	char hash[PRIV_HASH_MAX];

	(void)priv_hash_make(secret, hash, NULL);
	bmc_wipe(hash, sizeof(hash));
	return bmc_fail(err, BMC_EAUTH, "wrong name or password");
}
