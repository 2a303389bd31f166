// SPDX-License-Identifier: Apache-2.0
// Certificates that users bring: from the body of a POST to the action API. agent/http
// knows what a certificate is. Called through the tables in resources/certificates.c.
#include "redfish/stored-certificate.h"

#include <string.h>

#include "core/base/util.h"
#include "core/ports/certificates.h"
#include "http/stored-certificate.h"

enum { STRING, TYPE };
const struct rf_param rf_stored_certificate_params[] = {
	[STRING] = { "CertificateString", JSON_STRING, true },
	[TYPE] = { "CertificateType", JSON_STRING, true },
	{ .name = NULL },
};

/* The string itself is in no message: it may be a private key, sent by mistake. */
static void refuse(struct rf_request *q, enum rf_message_id id, const char *why)
{
	rf_message_about(
		rf_message_add(&q->messages, id, "CertificateString", NULL, NULL),
		"CertificateString", why);
}

/* Whether there is a place for it; `code` is of bmc_certificates' check. */
static void refuse_place(struct rf_request *q, const char *pem, int code,
			 const struct bmc_error *err)
{
	struct http_certificate c = { .n_names = 0 };

	if (code == BMC_EEXIST && http_certificate_read(pem, &c))
		rf_message_about(rf_message_add(&q->messages, RF_ALREADY_EXISTS,
						"Certificate", "Fingerprint",
						c.fingerprint),
				 "CertificateString", err->what);
	else if (code == BMC_ERANGE)
		rf_message_about(
			rf_message_add(&q->messages, RF_CREATE_LIMIT, NULL, NULL, NULL),
			"CertificateString", err->what);
	else
		rf_add_refusal(q, code, err);
}

static int fill(struct bmc_certificate *row, struct bmc_action *act)
{
	act->op = BMC_ACT_ADD;
	act->kind = BMC_CERTIFICATE;
	row->row.kind = BMC_CERTIFICATE;
	bmc_certificates->new_id(act->id, &row->row.index[0]);
	act->params = bmc_params_new();
	return act->params ? bmc_params_set_row(act->params, &row->row, NULL)
			   : BMC_ENOMEM;
}

static void take(struct rf_request *q, const json_t *const *args,
		 struct bmc_certificate *row, struct bmc_action *act)
{
	const char *type = json_string_value(args[TYPE]);
	struct bmc_error err = { 0 };

	if (strcmp(type, "PEM") != 0) {
		rf_message_about(rf_message_add(&q->messages, RF_PROPERTY_NOT_IN_LIST,
						type, "CertificateType", NULL),
				 "CertificateType", "it has to be PEM");
		return;
	}
	if (http_certificate_take(json_string_value(args[STRING]),
				  (enum bmc_certificate_purpose)row->purpose, row,
				  &err) < 0) {
		refuse(q, RF_PROPERTY_ERROR, err.what);
		return;
	}
	int r = bmc_certificates ? bmc_certificates->check(row, &err) : BMC_EAGAIN;
	if (r == BMC_OK)
		r = fill(row, act);
	if (r < 0)
		refuse_place(q, row->pem, r, &err);
}

static void draft(struct rf_request *q, const json_t *const *args,
		  enum bmc_certificate_purpose purpose, const char *owner,
		  struct bmc_action *act)
{
	struct bmc_certificate *row = calloc(1, sizeof(*row));

	if (!row) {
		rf_add_refusal(q, BMC_ENOMEM, NULL);
		return;
	}
	row->purpose = purpose;
	(void)bmc_copy(row->owner, sizeof(row->owner), owner);
	take(q, args, row, act);
	free(row);
}

void rf_client_ca_draft(struct rf_request *q, const json_t *const *args,
			const struct bmc_action *above, struct bmc_action *act)
{
	(void)above;
	draft(q, args, BMC_CERTIFICATE_CLIENT_CA, "", act);
}

void rf_account_certificate_draft(struct rf_request *q, const json_t *const *args,
				  const struct bmc_action *above,
				  struct bmc_action *act)
{
	draft(q, args, BMC_CERTIFICATE_USER, above ? above->id : q->row->id, act);
}

/* All else is checked before. */
void rf_stored_certificate_refused(struct rf_request *q, const json_t *body)
{
	const char *pem = json_string_value(json_object_get(body, "CertificateString"));

	refuse_place(q, pem ? pem : "", q->result.code, &q->result.err);
}

int rf_stored_certificate_remove(struct rf_request *q)
{
	if (((const struct bmc_certificate *)q->row)->configured != 1)
		return rf_remove_row(q);
	(void)bmc_copy(q->allow, sizeof(q->allow), "GET, HEAD");
	rf_message_about(
		rf_message_add(&q->messages, RF_CANNOT_DELETE, NULL, NULL, NULL), "",
		"it stands in the file that http.client_ca names");
	return rf_answer_messages(q, 0);
}
