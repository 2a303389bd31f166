// SPDX-License-Identifier: Apache-2.0
// Certificates: the HTTPS server's, the service that replaces it, those that users
// brought, and where they are. What a certificate says comes from agent/http; the
// server's own is no row, so that is not cached.
#include <time.h>

#include "core/model/service.h"
#include "http/stored-certificate.h"
#include "redfish/certificate.h"
#include "redfish/list.h"
#include "redfish/stored-certificate.h"

#define HTTPS   "/redfish/v1/Managers/{manager}/NetworkProtocol/HTTPS/Certificates"
#define SERVICE "/redfish/v1/CertificateService"
#define CLIENT_CA \
	"/redfish/v1/AccountService/MultiFactorAuth/ClientCertificate/Certificates"
#define ACCOUNT "/redfish/v1/AccountService/Accounts/{account}/Certificates"

/* The part of it that `make` shows; NULL: there is no certificate. */
static json_t *of_certificate(const struct rf_render *r,
			      json_t *(*make)(const struct http_certificate *c,
					      const char *pem))
{
	const struct bmc_row *row = rf_row(r);
	struct http_certificate c;
	char *pem;

	if (row->kind == BMC_CERTIFICATE) {
		const char *text = ((const struct bmc_certificate *)row)->pem;
		return http_certificate_read(text, &c) ? make(&c, text) : NULL;
	}
	if (!http_identity_get(&c, &pem))
		return NULL;
	json_t *v = make(&c, pem);
	free(pem);
	return v;
}

static void put(json_t *o, const char *key, const char *text)
{
	if (text[0])
		(void)json_object_set_new(o, key, json_string(text));
}

static json_t *name_of(const struct http_name *n)
{
	json_t *o = json_object();

	put(o, "CommonName", n->common_name);
	put(o, "Organization", n->organization);
	put(o, "OrganizationalUnit", n->unit);
	put(o, "City", n->city);
	put(o, "State", n->state);
	put(o, "Country", n->country);
	put(o, "Email", n->email);
	put(o, "DisplayString", n->text);
	return o;
}

static json_t *make_subject(const struct http_certificate *c, const char *pem)
{
	json_t *o = name_of(&c->subject);

	(void)pem;
	if (!c->n_names)
		return o;
	json_t *list = json_array();
	for (size_t i = 0; i < c->n_names; i++)
		(void)json_array_append_new(list, json_string(c->names[i]));
	(void)json_object_set_new(o, "AlternativeNames", list);
	return o;
}

static json_t *make_issuer(const struct http_certificate *c, const char *pem)
{
	(void)pem;
	return name_of(&c->issuer);
}

static json_t *date(int64_t seconds)
{
	char text[32];
	time_t t = (time_t)seconds;
	struct tm tm;

	if (!gmtime_r(&t, &tm) ||
	    !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		return NULL;
	return json_string(text);
}

static json_t *make_begin(const struct http_certificate *c, const char *pem)
{
	(void)pem;
	return date(c->not_before);
}

static json_t *make_end(const struct http_certificate *c, const char *pem)
{
	(void)pem;
	return date(c->not_after);
}

static json_t *make_usage(const struct http_certificate *c, const char *pem)
{
	json_t *list = json_array();

	(void)pem;
	for (size_t i = 0; i < c->n_usages; i++)
		(void)json_array_append_new(list, json_string(c->usages[i]));
	return list;
}

static json_t *make_serial(const struct http_certificate *c, const char *pem)
{
	(void)pem;
	return json_string(c->serial);
}

static json_t *make_fingerprint(const struct http_certificate *c, const char *pem)
{
	(void)pem;
	return json_string(c->fingerprint);
}

static json_t *make_signature(const struct http_certificate *c, const char *pem)
{
	(void)pem;
	return json_string(c->signature);
}

static json_t *make_text(const struct http_certificate *c, const char *pem)
{
	(void)c;
	return json_string(pem);
}

#define PART(name)                                     \
	static json_t *name(struct rf_render *r)       \
	{                                              \
		return of_certificate(r, make_##name); \
	}
/* clang-format off */
PART(subject) PART(issuer) PART(begin) PART(end) PART(usage)
PART(serial) PART(fingerprint) PART(signature) PART(text)
	/* clang-format on */

	static bool is_there(struct rf_view *v, const struct bmc_row *row)
{
	struct http_certificate c;
	char *pem;

	(void)v;
	(void)row;
	bool there = http_identity_get(&c, &pem);
	free(pem);
	return there;
}

static bool has_purpose(const struct bmc_row *row, enum bmc_certificate_purpose purpose)
{
	return ((const struct bmc_certificate *)row)->purpose == purpose;
}

static bool is_client_ca(struct rf_view *v, const struct bmc_row *row)
{
	(void)v;
	return has_purpose(row, BMC_CERTIFICATE_CLIENT_CA);
}

static bool is_account(struct rf_view *v, const struct bmc_row *row)
{
	(void)v;
	return has_purpose(row, BMC_CERTIFICATE_USER);
}

/* clang-format off */
#define SAYS \
	RF_FN("CertificateString", text), RF_FN("Subject", subject), RF_FN("Issuer", issuer), \
	RF_FN("ValidNotBefore", begin), RF_FN("ValidNotAfter", end), RF_FN("KeyUsage", usage), \
	RF_FN("SerialNumber", serial), RF_FN("Fingerprint", fingerprint), \
	RF_TEXT("FingerprintHashAlgorithm", "TPM_ALG_SHA256"), RF_FN("SignatureAlgorithm", signature)

static const struct rf_prop props[] = {
	SAYS,
	RF_TEXT("CertificateType", "PEMchain"),
	RF_TEXT("CertificateUsageTypes[]", "Web"),
	{ .path = NULL },
};
static const struct rf_prop authority_props[] = {
	SAYS,
	RF_TEXT("CertificateType", "PEM"),
	{ .path = NULL },
};
static const struct rf_prop user_props[] = {
	SAYS,
	RF_TEXT("CertificateType", "PEM"),
	RF_TEXT("CertificateUsageTypes[]", "User"),
	{ .path = NULL },
};
static const struct rf_action actions[] = {
	{ "Certificate.Rekey", rf_rekey_params, rf_certificate_rekey, NULL },
	{ "Certificate.Renew", rf_renew_params, rf_certificate_renew, NULL },
	{ .name = NULL },
};
static const struct rf_prop service_props[] = {
	RF_LINK("CertificateLocations", "./CertificateLocations"),
	RF_TEXT("Actions/#CertificateService.ReplaceCertificate/CertificateType@Redfish.AllowableValues[]", "PEM"),
	RF_TEXT("Actions/#CertificateService.ReplaceCertificate/CertificateType@Redfish.AllowableValues[]", "PEMchain"),
	RF_TEXT("Actions/#CertificateService.GenerateCSR/KeyPairAlgorithm@Redfish.AllowableValues[]", "TPM_ALG_ECDSA"),
	RF_TEXT("Actions/#CertificateService.GenerateCSR/KeyPairAlgorithm@Redfish.AllowableValues[]", "TPM_ALG_RSA"),
	RF_TEXT("Actions/#CertificateService.GenerateCSR/KeyCurveId@Redfish.AllowableValues[]", "TPM_ECC_NIST_P256"),
	RF_TEXT("Actions/#CertificateService.GenerateCSR/KeyCurveId@Redfish.AllowableValues[]", "TPM_ECC_NIST_P384"),
	RF_TEXT("Actions/#CertificateService.GenerateCSR/KeyCurveId@Redfish.AllowableValues[]", "TPM_ECC_NIST_P521"),
	{ .path = NULL },
};
static const struct rf_action service_actions[] = {
	{ "CertificateService.GenerateCSR", rf_csr_params, rf_csr_generate, NULL },
	{ "CertificateService.ReplaceCertificate", rf_replace_params, rf_certificate_replace, NULL },
	{ .name = NULL },
};
static const struct rf_prop location_props[] = {
	RF_ALL("Links/Certificates", &rf_certificate, &rf_client_ca, &rf_account_certificate),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_certificate_service = {
	.uri = SERVICE,
	.type = "CertificateService.v1_2_1.CertificateService",
	.name = "Certificates",
	.props = service_props,
	.actions = service_actions,
};
const struct rf_resource rf_certificate_locations = {
	.uri = SERVICE "/CertificateLocations",
	.type = "CertificateLocations.v1_0_4.CertificateLocations",
	.name = "Where certificates are",
	.props = location_props,
	.privileges = BMC_PRIV_CONFIGURE_MANAGER,
	.flags = RF_VOLATILE,
};
const struct rf_resource rf_certificates = {
	.uri = HTTPS,
	.type = "CertificateCollection.CertificateCollection",
	.name = "Certificates of the HTTPS server",
	.members = RF_TO(&rf_certificate),
	.privileges = BMC_PRIV_CONFIGURE_MANAGER,
	.flags = RF_VOLATILE,
};
const struct rf_resource rf_certificate = {
	.uri = HTTPS "/1",
	.type = "Certificate.v1_11_0.Certificate",
	.name = "Certificate of the HTTPS server",
	.props = props,
	.actions = actions,
	.exists = is_there,
	.privileges = BMC_PRIV_CONFIGURE_MANAGER,
	.flags = RF_VOLATILE,
};
const struct rf_resource rf_client_cas = {
	.uri = CLIENT_CA,
	.type = "CertificateCollection.CertificateCollection",
	.name = "Authorities that sign clients' certificates",
	.members = RF_TO(&rf_client_ca),
	.create_params = rf_stored_certificate_params,
	.draft = rf_client_ca_draft,
	.refused = rf_stored_certificate_refused,
};
const struct rf_resource rf_client_ca = {
	.uri = CLIENT_CA "/{certificate}",
	.type = "Certificate.v1_11_0.Certificate",
	.name = "Authority of clients' certificates",
	.props = authority_props,
	.exists = is_client_ca,
	.remove = rf_stored_certificate_remove,
	.flags = RF_DELETE,
};
const struct rf_resource rf_account_certificates = {
	.uri = ACCOUNT,
	.type = "CertificateCollection.CertificateCollection",
	.name = "Certificates that are a login as this account",
	.members = RF_TO(&rf_account_certificate),
	.create_params = rf_stored_certificate_params,
	.draft = rf_account_certificate_draft,
	.refused = rf_stored_certificate_refused,
};
const struct rf_resource rf_account_certificate = {
	.uri = ACCOUNT "/{certificate}",
	.type = "Certificate.v1_11_0.Certificate",
	.name = "Certificate that is a login",
	.props = user_props,
	.exists = is_account,
	.remove = rf_stored_certificate_remove,
	.flags = RF_DELETE,
};
