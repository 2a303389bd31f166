// SPDX-License-Identifier: Apache-2.0
// See client-name.h. Certificates are a client's: trusted authorities signed them, but
// what they hold may have any length and any bytes.
#include "http/client-name.h"

#include <string.h>

#include "core/base/util.h"

#define NAMES_MAX 64
#define VALUE_MAX 256

/* A name that is also one as text: no NUL cuts it short. */
static bool take(const unsigned char *bytes, size_t len, char *ret, size_t size)
{
	if (len == 0 || len >= size)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] < 0x21 || bytes[i] == 0x7f)
			return false;
	}
	memcpy(ret, bytes, len);
	ret[len] = 0;
	return true;
}

bool http_client_common_name(gnutls_x509_crt_t crt, char *ret, size_t size)
{
	char name[VALUE_MAX], more[VALUE_MAX];
	size_t len = sizeof(name), more_len = sizeof(more);

	if (gnutls_x509_crt_get_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name,
					  &len) < 0)
		return false;
	int second = gnutls_x509_crt_get_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 1,
						   0, more, &more_len);
	return second == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE &&
	       take((const unsigned char *)name, len, ret, size);
}

bool http_client_principal_name(gnutls_x509_crt_t crt, char *ret, size_t size)
{
	unsigned char name[VALUE_MAX];

	for (unsigned i = 0; i < NAMES_MAX; i++) {
		size_t len = sizeof(name);
		int type =
			gnutls_x509_crt_get_subject_alt_name(crt, i, name, &len, NULL);
		if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			return false;
		if (type != GNUTLS_SAN_OTHERNAME_MSUSERPRINCIPAL)
			continue;
		const unsigned char *at = memchr(name, '@', len);
		return take(name, at ? (size_t)(at - name) : len, ret, size);
	}
	return false;
}
