// SPDX-License-Identifier: Apache-2.0
/* ClientHellos and cookies, see dtls-hello.h. Called by dtls.c. */
#include "snmp/tls/dtls-hello.h"

#include <string.h>

#include "bmc/error.h"
#include "core/base/util.h"

#define KEY_MS 60000 /* a cookie is good for one to two such times */

/* Of a ClientHello (RFC 6347, 4.1, 4.2.2; RFC 5246, 7.4.1.2). */
#define CONTENT_HANDSHAKE 22
#define CLIENT_HELLO      1
#define MAJOR             254
#define AT_EPOCH          3
#define AT_RECORD_LENGTH  11
#define AT_HANDSHAKE      13
#define AT_LENGTH         14
#define AT_OFFSET         19
#define AT_PART           22
#define AT_RANDOM         27
/* Up to the shortest lists behind the random number; our answer has 44 octets. */
#define HELLO_MIN 68u

static struct {
	gnutls_datum_t now, before;
	int64_t until;
} keys;

static int renew(gnutls_datum_t *key)
{
	gnutls_free(key->data);
	*key = (gnutls_datum_t){ NULL, 0 };
	return gnutls_key_generate(key, GNUTLS_COOKIE_KEY_SIZE);
}

int sn_dtls_hello_init(void)
{
	int r = renew(&keys.now);

	if (r >= 0)
		r = renew(&keys.before);
	keys.until = bmc_now() + KEY_MS;
	return r < 0 ? BMC_ENOMEM : 0;
}

void sn_dtls_hello_done(void)
{
	gnutls_free(keys.now.data);
	gnutls_free(keys.before.data);
	keys.now = keys.before = (gnutls_datum_t){ NULL, 0 };
}

/* An address keeps no cookie for the one that has it next. */
static void change_key(void)
{
	int64_t now = bmc_now();
	gnutls_datum_t old = keys.before;

	if (now < keys.until)
		return;
	keys.before = keys.now;
	keys.now = old;
	(void)renew(&keys.now); /* without a key no cookie is made or taken */
	if (now >= keys.until + KEY_MS)
		(void)renew(&keys.before);
	keys.until = now + KEY_MS;
}

static unsigned long number(const uint8_t *at, size_t len)
{
	unsigned long n = 0;

	while (len--)
		n = n << 8 | *at++;
	return n;
}

const uint8_t *sn_dtls_hello_random(const uint8_t *data, size_t len)
{
	if (len < HELLO_MIN || data[0] != CONTENT_HANDSHAKE || data[1] != MAJOR ||
	    number(data + AT_EPOCH, 2) != 0 || data[AT_HANDSHAKE] != CLIENT_HELLO)
		return NULL;
	if (number(data + AT_RECORD_LENGTH, 2) > len - AT_HANDSHAKE ||
	    number(data + AT_OFFSET, 3) != 0 ||
	    number(data + AT_PART, 3) != number(data + AT_LENGTH, 3))
		return NULL;
	return data + AT_RANDOM;
}

/* What a cookie is bound to. */
struct source {
	uint8_t address[16], port[2];
};

static struct source source_of(const struct sockaddr_in6 *peer)
{
	struct source s = { { 0 }, { 0 } };
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)peer;

	if (peer->sin6_family == AF_INET6)
		memcpy(s.address, &peer->sin6_addr, sizeof(peer->sin6_addr));
	else
		memcpy(s.address, &v4->sin_addr, sizeof(v4->sin_addr));
	memcpy(s.port, &peer->sin6_port, sizeof(s.port)); /* at the same place */
	return s;
}

bool sn_dtls_hello_verify(const uint8_t *data, size_t len,
			  const struct sockaddr_in6 *peer, gnutls_dtls_prestate_st *ret,
			  gnutls_push_func push, gnutls_transport_ptr_t to)
{
	struct source s = source_of(peer);
	void *msg = (void *)(uintptr_t)data; /* is only read */

	_Static_assert(offsetof(struct sockaddr_in, sin_port) ==
			       offsetof(struct sockaddr_in6, sin6_port),
		       "said above");
	change_key();
	memset(ret, 0, sizeof(*ret));
	if (!keys.now.data)
		return false;
	if (gnutls_dtls_cookie_verify(&keys.now, &s, sizeof(s), msg, len, ret) >= 0 ||
	    (keys.before.data && gnutls_dtls_cookie_verify(&keys.before, &s, sizeof(s),
							   msg, len, ret) >= 0))
		return true;
	(void)gnutls_dtls_cookie_send(&keys.now, &s, sizeof(s), ret, to, push);
	return false;
}
