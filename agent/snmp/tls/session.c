// SPDX-License-Identifier: Apache-2.0
/* Versions, certificates and handshakes, see session.h. Called by the connections over
 * TCP and the sessions over UDP. */
#include "snmp/tls/session.h"

#include "core/base/address.h"
#include "core/base/log.h"
#include "snmp/tls/clients.h"

/* No other version of TLS. No session is resumed, so each shows its certificate. */
#define PRIORITY          "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
#define PRIORITY_DATAGRAM "NORMAL:-VERS-ALL:+VERS-DTLS1.2"
/* TLS 1.0 and DTLS 1.0 sign with SHA-1. */
#define SHA1                                \
	":+SIGN-RSA-SHA1:+SIGN-ECDSA-SHA1:" \
	"%VERIFY_ALLOW_SIGN_WITH_SHA1"

static const char *const priorities[2][2] = {
	{ PRIORITY, PRIORITY ":+VERS-TLS1.1:+VERS-TLS1.0" SHA1 },
	{ PRIORITY_DATAGRAM, PRIORITY_DATAGRAM ":+VERS-DTLS1.0" SHA1 },
};

gnutls_session_t sn_tls_session_new(bool datagrams, bool old,
				    gnutls_certificate_credentials_t credentials)
{
	const unsigned flags = GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS;
	gnutls_session_t s;

	if (gnutls_init(&s, datagrams ? flags | GNUTLS_DATAGRAM : flags) < 0)
		return NULL;
	gnutls_certificate_server_set_request(s, GNUTLS_CERT_REQUIRE);
	if (gnutls_priority_set_direct(s, priorities[datagrams][old], NULL) >= 0 &&
	    gnutls_credentials_set(s, GNUTLS_CRD_CERTIFICATE, credentials) >= 0)
		return s;
	gnutls_deinit(s);
	return NULL;
}

uint64_t sn_tls_session_id(void)
{
	static uint64_t last;

	return ++last;
}

bool sn_tls_session_ended(const struct sockaddr_in6 *peer, const char *why)
{
	char host[BMC_ADDRESS_MAX];

	bmc_address_format((const struct sockaddr *)peer, sizeof(*peer), host,
			   sizeof(host));
	log_limited(LOG_INFO, "snmp: TLS with %s ends: %s", host, why);
	return false;
}

enum sn_tls_step sn_tls_session_shake(gnutls_session_t session,
				      const struct sockaddr_in6 *peer,
				      uint8_t print[SN_TLS_PRINT])
{
	int r = gnutls_handshake(session);

	if (r < 0 && !gnutls_error_is_fatal(r))
		return SN_TLS_WAITS;
	if (r < 0) {
		(void)gnutls_alert_send_appropriate(session, r);
		(void)sn_tls_session_ended(peer, gnutls_strerror(r));
		return SN_TLS_FAILED;
	}
	if (sn_tls_client_seen(session, print)) /* the handshake has asked, too */
		return SN_TLS_DONE;
	(void)sn_tls_session_ended(peer, "its certificate is not known");
	return SN_TLS_FAILED;
}
