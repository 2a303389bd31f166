// SPDX-License-Identifier: Apache-2.0
// The HTTPS server's certificate, the service that replaces it, and where certificates
// are. What it says comes from agent/http, so none of it is cached.
#include <time.h>

#include "http/identity.h"
#include "redfish/certificate.h"
#include "redfish/list.h"

#define HTTPS   "/redfish/v1/Managers/{manager}/NetworkProtocol/HTTPS/Certificates"
#define SERVICE "/redfish/v1/CertificateService"

/* The part of it that `make` shows; NULL: there is no certificate. */
static json_t *of_certificate(json_t *(*make)(const struct http_certificate *c,
					      const char *pem))
{
	struct http_certificate c;
	char *pem;

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

#define PART(name)                                  \
	static json_t *name(struct rf_render *r)    \
	{                                           \
		(void)r;                            \
		return of_certificate(make_##name); \
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

/* clang-format off */
static const struct rf_prop props[] = {
	RF_FN("CertificateString", text),
	RF_TEXT("CertificateType", "PEMchain"),
	RF_TEXT("CertificateUsageTypes[]", "Web"),
	RF_FN("Subject", subject),
	RF_FN("Issuer", issuer),
	RF_FN("ValidNotBefore", begin),
	RF_FN("ValidNotAfter", end),
	RF_FN("KeyUsage", usage),
	RF_FN("SerialNumber", serial),
	RF_FN("Fingerprint", fingerprint),
	RF_TEXT("FingerprintHashAlgorithm", "TPM_ALG_SHA256"),
	RF_FN("SignatureAlgorithm", signature),
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
	RF_ALL("Links/Certificates", &rf_certificate),
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
