// SPDX-License-Identifier: Apache-2.0
// The actions on the HTTPS server's certificate: their parameters are checked here,
// agent/http does the rest and answers on the main thread. Called by
// resources/certificates.c.
#include "redfish/certificate.h"

#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "core/events/event.h"
#include "http/identity.h"
#include "redfish/list.h"
#include "redfish/uri.h"

/* What a request waits for; its `data`. */
struct answer {
	int code;
	struct bmc_error err;
	bool replaced;
	char csr[16384];
};

/* ---- the way there and back ---- */

/* Main thread. */
static void got(void *arg, int code, const struct bmc_error *err, const char *csr)
{
	struct rf_request *q = rf_wait_end(arg);

	if (!q)
		return;
	struct answer *a = q->data;
	a->code = code;
	a->err = *err;
	(void)bmc_copy(a->csr, sizeof(a->csr), csr);
	rf_wait_resume(q);
}

/* The answer's body names the collection, or the certificate. */
static json_t *csr_body(const struct rf_request *q, const char *csr)
{
	const char *named =
		q->res == &rf_certificate ? "Certificate" : "CertificateCollection";
	char uri[RF_URI_MAX];

	(void)bmc_copy(uri, sizeof(uri), q->uri);
	if (q->res != &rf_certificate) {
		struct rf_view v;
		rf_view_init(&v, q->snap);
		(void)rf_uri(&rf_certificates, &v, rf_the_manager(q), uri);
	}
	return json_pack("{ss so}", "CSRString", csr, named, rf_link(uri));
}

static int answered(struct rf_request *q)
{
	struct answer *a = q->data;

	if (a->code == BMC_EINVAL) {
		struct rf_message *m = rf_message_add(
			&q->messages, RF_PROPERTY_ERROR,
			a->replaced ? "CertificateString" : "CommonName", NULL, NULL);
		if (m)
			(void)bmc_copy(m->detail, sizeof(m->detail), a->err.what);
		return rf_answer_messages(q, 0);
	}
	if (a->code < 0)
		return rf_answer_error(q, a->code, &a->err);
	log_notice("https: %s by %s from %s",
		   a->replaced ? "the certificate was replaced"
			       : "a request for a certificate was made",
		   q->login.actor.name, q->login.actor.client);
	if (a->replaced) {
		bmc_event_raise("CertificateReplaced", 0, q->login.actor.name,
				q->login.actor.client, NULL);
		q->status = 204;
		return RF_DONE;
	}
	return rf_answer(q, 200, csr_body(q, a->csr));
}

/* NULL: answered. */
static struct http_wait *begin(struct rf_request *q, bool replaced)
{
	struct answer *a = NULL;
	struct http_wait *w = NULL;

	if (!(q->login.actor.privileges & BMC_PRIV_CONFIGURE_MANAGER)) {
		(void)rf_answer_error(q, BMC_EPERM, NULL);
		return NULL;
	}
	a = calloc(1, sizeof(*a));
	if (a) {
		a->replaced = replaced;
		q->data = a;
		w = rf_wait_begin(q, answered, NULL);
	}
	if (!w)
		(void)rf_answer_error(q, BMC_ENOMEM, NULL);
	return w;
}

static int wait_for(struct http_wait *w, int code)
{
	const struct bmc_error err = { .code = code };

	if (code < 0)
		got(w, code, &err, NULL);
	return RF_WAIT;
}

static int refuse_parameter(struct rf_request *q, enum rf_message_id id,
			    const json_t *value, const char *name)
{
	char word[RF_ARG_MAX];

	rf_format_value(value, word);
	(void)rf_message_add(&q->messages, id, word, name, q->action->name);
	return rf_answer_messages(q, 0);
}

/* ---- replacing ---- */

enum { REPLACE_STRING, REPLACE_TYPE, REPLACE_URI };
const struct rf_param rf_replace_params[] = {
	{ "CertificateString", JSON_STRING, true },
	{ "CertificateType", JSON_STRING, true },
	{ "CertificateUri", JSON_OBJECT, true },
	{ .name = NULL },
};

/* Whether the parameter names the one certificate there is. */
static bool names_it(const struct rf_request *q, const json_t *ref)
{
	const char *uri = json_string_value(json_object_get(ref, "@odata.id"));
	const struct bmc_row *row;

	return uri && rf_route(q->snap, uri, &row) == &rf_certificate;
}

int rf_certificate_replace(struct rf_request *q, const json_t *const *args)
{
	const char *type = json_string_value(args[REPLACE_TYPE]);
	struct http_wait *w;

	if (strcmp(type, "PEM") != 0 && strcmp(type, "PEMchain") != 0)
		return refuse_parameter(q, RF_PARAMETER_NOT_IN_LIST, args[REPLACE_TYPE],
					"CertificateType");
	if (!names_it(q, args[REPLACE_URI]))
		return refuse_parameter(q, RF_PARAMETER_NOT_IN_LIST, args[REPLACE_URI],
					"CertificateUri");
	w = begin(q, true);
	if (!w)
		return RF_DONE;
	return wait_for(w, http_identity_replace(
				   json_string_value(args[REPLACE_STRING]), got, w));
}

/* ---- requests for certificates ---- */

enum {
	CSR_COLLECTION,
	CSR_COMMON_NAME,
	CSR_NAMES,
	CSR_ALGORITHM,
	CSR_BITS,
	CSR_CURVE,
	CSR_USAGE,
	CSR_ORGANIZATION,
	CSR_UNIT,
	CSR_CITY,
	CSR_STATE,
	CSR_COUNTRY,
	CSR_EMAIL,
};
const struct rf_param rf_csr_params[] = {
	[CSR_COLLECTION] = { "CertificateCollection", JSON_OBJECT, true },
	[CSR_COMMON_NAME] = { "CommonName", JSON_STRING, true },
	[CSR_NAMES] = { "AlternativeNames", JSON_ARRAY, false },
	[CSR_ALGORITHM] = { "KeyPairAlgorithm", JSON_STRING, false },
	[CSR_BITS] = { "KeyBitLength", JSON_INTEGER, false },
	[CSR_CURVE] = { "KeyCurveId", JSON_STRING, false },
	[CSR_USAGE] = { "KeyUsage", JSON_ARRAY, false },
	[CSR_ORGANIZATION] = { "Organization", JSON_STRING, false },
	[CSR_UNIT] = { "OrganizationalUnit", JSON_STRING, false },
	[CSR_CITY] = { "City", JSON_STRING, false },
	[CSR_STATE] = { "State", JSON_STRING, false },
	[CSR_COUNTRY] = { "Country", JSON_STRING, false },
	[CSR_EMAIL] = { "Email", JSON_STRING, false },
	{ .name = NULL },
};
enum { REKEY_ALGORITHM, REKEY_BITS, REKEY_CURVE };
const struct rf_param rf_rekey_params[] = {
	{ "KeyPairAlgorithm", JSON_STRING, false },
	{ "KeyBitLength", JSON_INTEGER, false },
	{ "KeyCurveId", JSON_STRING, false },
	{ .name = NULL },
};
const struct rf_param rf_renew_params[] = { { .name = NULL } };

static const struct bmc_name curves[] = {
	{ HTTP_KEY_P256, "TPM_ECC_NIST_P256" },
	{ HTTP_KEY_P384, "TPM_ECC_NIST_P384" },
	{ HTTP_KEY_P521, "TPM_ECC_NIST_P521" },
	{ 0, NULL },
};

/* By DSP0268 the words are those of the TCG registry. Returns -1: answered. */
static int key_kind(struct rf_request *q, const json_t *algorithm, const json_t *bits,
		    const json_t *curve)
{
	const char *word = json_string_value(algorithm);
	bool rsa = word ? strcmp(word, "TPM_ALG_RSA") == 0 : bits != NULL;
	const struct bmc_name *c = curves;

	if (word && !rsa && strcmp(word, "TPM_ALG_ECDSA") != 0)
		return refuse_parameter(q, RF_PARAMETER_NOT_IN_LIST, algorithm,
					"KeyPairAlgorithm"),
		       -1;
	if (rsa) {
		json_int_t n = bits ? json_integer_value(bits) : 3072;
		if (n == 2048 || n == 3072 || n == 4096)
			return n == 2048   ? HTTP_KEY_RSA_2048
			       : n == 3072 ? HTTP_KEY_RSA_3072
					   : HTTP_KEY_RSA_4096;
		return refuse_parameter(q, RF_PARAMETER_NOT_IN_LIST, bits,
					"KeyBitLength"),
		       -1;
	}
	if (!curve)
		return HTTP_KEY_P256;
	while (c->word && strcmp(c->word, json_string_value(curve)) != 0)
		c++;
	if (c->word)
		return c->value;
	return refuse_parameter(q, RF_PARAMETER_NOT_IN_LIST, curve, "KeyCurveId"), -1;
}

/* False: answered. */
static bool take_text(struct rf_request *q, const json_t *v, const char *name,
		      char *ret, size_t size)
{
	const char *text = v ? json_string_value(v) : "";

	if (bmc_copy(ret, size, text) && bmc_text_ok(ret, strlen(ret)) &&
	    (!v || text[0]))
		return true;
	(void)refuse_parameter(q, RF_PARAMETER_OUT_OF_RANGE, v, name);
	return false;
}

static bool take_names(struct rf_request *q, const json_t *list, struct http_csr *csr)
{
	size_t i;
	json_t *v;

	if (json_array_size(list) > HTTP_NAMES_MAX)
		return refuse_parameter(q, RF_PARAMETER_OUT_OF_RANGE, list,
					"AlternativeNames") != RF_DONE;
	json_array_foreach (list, i, v) {
		if (!json_is_string(v)) {
			(void)refuse_parameter(q, RF_PARAMETER_TYPE, v,
					       "AlternativeNames");
			return false;
		}
		if (!take_text(q, v, "AlternativeNames", csr->names[i],
			       sizeof(csr->names[i])))
			return false;
	}
	csr->n_names = json_array_size(list);
	return true;
}

/* GnuTLS's bits are those of RFC 5280, which is what http_csr is documented to have. */
static bool take_usage(struct rf_request *q, const json_t *list, struct http_csr *csr)
{
	size_t i;
	json_t *v;

	json_array_foreach (list, i, v) {
		unsigned bit = http_usage_bit(json_string_value(v));
		if (!bit && (!json_is_string(v) ||
			     strcmp(json_string_value(v), "ServerAuthentication") != 0))
			return refuse_parameter(q, RF_PARAMETER_NOT_IN_LIST, v,
						"KeyUsage") != RF_DONE;
		csr->usage |= bit;
	}
	return true;
}

static bool take_subject(struct rf_request *q, const json_t *const *args,
			 struct http_name *n)
{
	const struct {
		int at;
		char *to;
		size_t size;
	} parts[] = {
		{ CSR_COMMON_NAME, n->common_name, 65 }, /* RFC 5280: ub-common-name */
		{ CSR_ORGANIZATION, n->organization, 65 },
		{ CSR_UNIT, n->unit, 65 },
		{ CSR_CITY, n->city, sizeof(n->city) },
		{ CSR_STATE, n->state, sizeof(n->state) },
		{ CSR_COUNTRY, n->country, 3 },
		{ CSR_EMAIL, n->email, sizeof(n->email) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (!take_text(q, args[parts[i].at], rf_csr_params[parts[i].at].name,
			       parts[i].to, parts[i].size))
			return false;
	}
	return true;
}

static bool names_collection(struct rf_request *q, const json_t *ref)
{
	const char *uri = json_string_value(json_object_get(ref, "@odata.id"));
	const struct bmc_row *row;

	if (uri && rf_route(q->snap, uri, &row) == &rf_certificates)
		return true;
	(void)refuse_parameter(q, RF_PARAMETER_NOT_IN_LIST, ref,
			       "CertificateCollection");
	return false;
}

static int send(struct rf_request *q, const struct http_csr *csr)
{
	struct http_wait *w = begin(q, false);

	return w ? wait_for(w, http_identity_request(csr, got, w)) : RF_DONE;
}

int rf_csr_generate(struct rf_request *q, const json_t *const *args)
{
	struct http_csr csr = { .same_key = false };
	int kind = key_kind(q, args[CSR_ALGORITHM], args[CSR_BITS], args[CSR_CURVE]);

	if (kind < 0)
		return RF_DONE;
	csr.key = (enum http_key)kind;
	if (!names_collection(q, args[CSR_COLLECTION]) ||
	    !take_subject(q, args, &csr.subject) ||
	    !take_names(q, args[CSR_NAMES], &csr) ||
	    !take_usage(q, args[CSR_USAGE], &csr))
		return RF_DONE;
	return send(q, &csr);
}

/* The same names again. */
static bool like_now(struct rf_request *q, struct http_csr *csr)
{
	struct http_certificate now;
	char *pem = NULL;

	if (!http_identity_get(&now, &pem))
		return rf_answer_error(q, BMC_ENOTFOUND, NULL) != RF_DONE;
	free(pem);
	csr->subject = now.subject;
	memcpy(csr->names, now.names, sizeof(csr->names));
	csr->n_names = now.n_names;
	for (size_t i = 0; i < now.n_usages; i++)
		csr->usage |= http_usage_bit(now.usages[i]);
	return true;
}

int rf_certificate_rekey(struct rf_request *q, const json_t *const *args)
{
	struct http_csr csr = { .same_key = false };
	int kind =
		key_kind(q, args[REKEY_ALGORITHM], args[REKEY_BITS], args[REKEY_CURVE]);

	if (kind < 0 || !like_now(q, &csr))
		return RF_DONE;
	csr.key = (enum http_key)kind;
	return send(q, &csr);
}

int rf_certificate_renew(struct rf_request *q, const json_t *const *args)
{
	struct http_csr csr = { .same_key = true };

	(void)args;
	return like_now(q, &csr) ? send(q, &csr) : RF_DONE;
}
