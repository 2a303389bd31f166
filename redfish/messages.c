// SPDX-License-Identifier: Apache-2.0
// The messages of DMTF's Base registry that this service answers with, the table from
// the core's errors to them, and the JSON of an error answer. Called by whatever
// answers.
#include "redfish/messages.h"

#include <string.h>

#include "core/base/util.h"
#include "redfish/resource.h"
#include "redfish/standard.h"

/* The words are those of DMTF's registry: see standard.h. */
#define REGISTRY "Base"

/* clang-format off */
static const struct {
	unsigned status;
	const char *key;
	const char *hint; /* how, before the registry's resolution; NULL: none */
} table[RF_N_MESSAGES] = {
	[RF_SUCCESS] = { 200, "Success" },
	[RF_GENERAL_ERROR] = { 500, "GeneralError" },
	[RF_INTERNAL_ERROR] = { 500, "InternalError" },
	[RF_INVALID_URI] = { 404, "ResourceMissingAtURI" },
	[RF_METHOD_NOT_ALLOWED] = { 405, "OperationNotAllowed", "Use one of the methods in the Allow header" },
	[RF_METHOD_NOT_IMPLEMENTED] = { 501, "OperationNotAllowed", "Use one of the methods in the Allow header" },
	[RF_UNAUTHORIZED] = { 401, "AccessUnauthorized" },
	[RF_NO_VALID_SESSION] = { 401, "NoValidSession" },
	[RF_INSUFFICIENT_PRIVILEGE] = { 403, "InsufficientPrivilege" },
	[RF_PASSWORD_CHANGE_REQUIRED] = { 403, "PasswordChangeRequired" },
	[RF_PRECONDITION_FAILED] = { 412, "PreconditionFailed" },
	[RF_HEADER_INVALID] = { 400, "HeaderInvalid" },
	[RF_NOT_ACCEPTABLE] = { 406, "HeaderInvalid", "Accept application/json" },
	[RF_UNSUPPORTED_MEDIA] = { 415, "HeaderInvalid", "Send the body as Content-Type: application/json" },
	[RF_PAYLOAD_TOO_LARGE] = { 413, "PayloadTooLarge" },
	[RF_MALFORMED_JSON] = { 400, "MalformedJSON" },
	[RF_UNRECOGNIZED_BODY] = { 400, "UnrecognizedRequestBody" },
	[RF_EMPTY_JSON] = { 400, "EmptyJSON" },
	[RF_NO_OPERATION] = { 400, "NoOperation" },
	[RF_PROPERTY_UNKNOWN] = { 400, "PropertyUnknown" },
	[RF_PROPERTY_DUPLICATE] = { 400, "PropertyDuplicate" },
	[RF_PROPERTY_NOT_WRITABLE] = { 400, "PropertyNotWritable" },
	[RF_PROPERTY_TYPE] = { 400, "PropertyValueTypeError" },
	[RF_PROPERTY_NOT_IN_LIST] = { 400, "PropertyValueNotInList" },
	[RF_PROPERTY_OUT_OF_RANGE] = { 400, "PropertyValueOutOfRange" },
	[RF_PROPERTY_FORMAT] = { 400, "PropertyValueFormatError" },
	[RF_PROPERTY_CONFLICT] = { 400, "PropertyValueConflict" },
	[RF_PROPERTY_ERROR] = { 400, "PropertyValueError" },
	[RF_PROPERTY_MISSING] = { 400, "PropertyMissing" },
	[RF_PROPERTY_NOT_UPDATED] = { 500, "PropertyNotUpdated" },
	[RF_STRING_TOO_LONG] = { 400, "StringValueTooLong" },
	[RF_STRING_TOO_SHORT] = { 400, "StringValueTooShort" },
	[RF_ARRAY_TOO_SHORT] = { 400, "ArraySizeTooShort" },
	[RF_ARRAY_TOO_LONG] = { 400, "ArraySizeTooLong" },
	[RF_CREATE_MISSING] = { 400, "CreateFailedMissingReqProperties" },
	[RF_CREATE_LIMIT] = { 503, "CreateLimitReachedForResource" },
	[RF_SUBSCRIPTION_LIMIT] = { 503, "EventSubscriptionLimitExceeded" },
	[RF_ALREADY_EXISTS] = { 400, "ResourceAlreadyExists" },
	[RF_NOT_FOUND] = { 404, "ResourceNotFound" },
	[RF_CANNOT_DELETE] = { 405, "ResourceCannotBeDeleted" },
	[RF_ACTION_NOT_SUPPORTED] = { 400, "ActionNotSupported" },
	[RF_PARAMETER_MISSING] = { 400, "ActionParameterMissing" },
	[RF_PARAMETER_UNKNOWN] = { 400, "ActionParameterUnknown" },
	[RF_PARAMETER_TYPE] = { 400, "ActionParameterValueTypeError" },
	[RF_PARAMETER_FORMAT] = { 400, "ActionParameterValueFormatError" },
	[RF_PARAMETER_NOT_IN_LIST] = { 400, "ActionParameterValueNotInList" },
	[RF_PARAMETER_OUT_OF_RANGE] = { 400, "ActionParameterValueOutOfRange" },
	[RF_PARAMETER_CONFLICT] = { 400, "ActionParameterValueConflict" },
	[RF_IN_USE] = { 409, "ResourceInUse" },
	[RF_ABSENT] = { 409, "ResourceMissingAtURI", "Put a board into the slot and resubmit the request" },
	[RF_STATE] = { 409, "ResourceInStandby" },
	[RF_ACCOUNT_NOT_MODIFIED] = { 409, "AccountNotModified" },
	[RF_PASSWORD_LENGTH] = { 400, "PasswordIncorrectLength" },
	[RF_RESTRICTED_ROLE] = { 400, "RestrictedRole" },
	[RF_PASSWORD_REFUSED] = { 400, "PasswordComplexityNotMet" },
	[RF_TIMEOUT] = { 504, "OperationTimeout" },
	[RF_STORAGE] = { 507, "InsufficientStorage" },
	[RF_UNAVAILABLE] = { 503, "ServiceTemporarilyUnavailable" },
	[RF_SHUTTING_DOWN] = { 503, "ServiceShuttingDown" },
	[RF_OPERATION_FAILED] = { 500, "OperationFailed" },
	[RF_QUERY_UNSUPPORTED] = { 501, "QueryParameterUnsupported" },
	[RF_QUERY_TYPE] = { 400, "QueryParameterValueTypeError" },
	[RF_QUERY_VALUE] = { 400, "QueryParameterValueFormatError" },
	[RF_QUERY_RANGE] = { 400, "QueryParameterOutOfRange" },
	[RF_QUERY_ON_RESOURCE] = { 400, "QueryNotSupportedOnResource" },
	[RF_QUERY_ON_OPERATION] = { 400, "QueryNotSupportedOnOperation" },
	[RF_QUERY_COMBINATION] = { 400, "QueryCombinationInvalid" },
};

/* By -code. */
static const enum rf_message_id by_error[] = {
	[-BMC_OK] = RF_SUCCESS, [-BMC_EINVAL] = RF_UNRECOGNIZED_BODY,
	[-BMC_ERANGE] = RF_UNRECOGNIZED_BODY, [-BMC_ENOTFOUND] = RF_INVALID_URI,
	[-BMC_EABSENT] = RF_ABSENT, [-BMC_EBUSY] = RF_IN_USE,
	[-BMC_EPERM] = RF_INSUFFICIENT_PRIVILEGE, [-BMC_EAUTH] = RF_UNAUTHORIZED,
	[-BMC_ENOTSUP] = RF_ACTION_NOT_SUPPORTED, [-BMC_EREADONLY] = RF_PROPERTY_NOT_WRITABLE,
	[-BMC_ETIMEDOUT] = RF_TIMEOUT, [-BMC_ECANCELED] = RF_SHUTTING_DOWN,
	[-BMC_EIO] = RF_OPERATION_FAILED, [-BMC_ENOMEM] = RF_INTERNAL_ERROR,
	[-BMC_ENOSPC] = RF_STORAGE, [-BMC_EEXIST] = RF_ALREADY_EXISTS,
	[-BMC_EQUARANTINED] = RF_IN_USE, [-BMC_EAGAIN] = RF_UNAVAILABLE,
	[-BMC_EPASSWORD] = RF_PASSWORD_REFUSED, [-BMC_EMUSTCHANGE] = RF_PASSWORD_CHANGE_REQUIRED,
	[-BMC_ESTATE] = RF_STATE, [-BMC_ECORRUPT] = RF_OPERATION_FAILED,
	[-BMC_ECONFLICT] = RF_PROPERTY_CONFLICT,
};
/* clang-format on */

struct rf_message *rf_message_add(struct rf_messages *m, enum rf_message_id id,
				  const char *a, const char *b, const char *c)
{
	const char *args[] = { a, b, c };

	m->added++;
	if (m->n == RF_MESSAGES_MAX)
		return NULL;
	struct rf_message *msg = &m->list[m->n++];
	memset(msg, 0, sizeof(*msg));
	msg->id = id;
	for (size_t i = 0; i < ARRAY_SIZE(args); i++) {
		(void)bmc_copy(msg->args[i], sizeof(msg->args[i]), args[i]);
		bmc_text_sanitize(msg->args[i]);
	}
	return msg;
}

struct rf_message *rf_message_error(struct rf_messages *m, int code,
				    const struct bmc_error *err)
{
	size_t i = (size_t)-code;
	enum rf_message_id id =
		i < ARRAY_SIZE(by_error) ? by_error[i] : RF_INTERNAL_ERROR;
	struct rf_message *msg =
		rf_message_add(m, id, id == RF_UNAVAILABLE ? "5" : NULL, NULL, NULL);

	if (msg && err)
		(void)bmc_copy(msg->detail, sizeof(msg->detail), err->what);
	return msg;
}

unsigned rf_messages_status(const struct rf_messages *m)
{
	return m->n ? table[m->list[0].id].status : 500;
}

static const struct rf_standard *standard(const struct rf_message *m)
{
	return rf_standard_find(REGISTRY, table[m->id].key);
}

void rf_message_about(struct rf_message *m, const char *property, const char *detail)
{
	if (!m)
		return;
	(void)bmc_copy(m->property, sizeof(m->property), property);
	bmc_text_sanitize(m->property);
	(void)bmc_copy(m->detail, sizeof(m->detail), detail);
}

static char *text_of(const struct rf_message *m, char ret[640])
{
	const char *args[] = { m->args[0], m->args[1], m->args[2] };

	return rf_standard_text(standard(m), args, ret, 640);
}

static json_t *args_json(const struct rf_message *m)
{
	json_t *list = json_array();

	for (size_t i = 0; i < MIN(standard(m)->n_args, ARRAY_SIZE(m->args)); i++)
		(void)json_array_append_new(list, json_string(m->args[i]));
	return list;
}

static json_t *resolution(const struct rf_message *m)
{
	const char *own = m->detail[0] ? m->detail : table[m->id].hint;
	const char *standard_words = standard(m)->resolution;

	if (!own)
		return json_string(standard_words);
	if (strcmp(standard_words, "None.") == 0)
		return json_sprintf("%s.", own);
	return json_sprintf("%s.  %s", own, standard_words);
}

json_t *rf_message_json(const struct rf_message *m)
{
	const struct rf_standard *s = standard(m);
	char text[640], id[96];
	json_t *o = json_pack(
		"{ss ss ss so ss ss so}", "@odata.type", "#Message.v1_3_0.Message",
		"MessageId", rf_standard_id(s, id), "Message", text_of(m, text),
		"MessageArgs", args_json(m), "Severity", s->severity, "MessageSeverity",
		s->severity, "Resolution", resolution(m));

	if (o && m->property[0])
		(void)json_object_set_new(o, "RelatedProperties",
					  json_pack("[s+]", "#/", m->property));
	return o;
}

json_t *rf_messages_json(const struct rf_messages *m)
{
	static const struct rf_message internal = { .id = RF_INTERNAL_ERROR };
	const struct rf_message *first = m->n ? &m->list[0] : &internal;
	static const struct rf_message general = { .id = RF_GENERAL_ERROR };
	const struct rf_message *head = m->n > 1 ? &general : first;
	json_t *list = json_array();
	char text[640], id[96];

	for (size_t i = 0; i < MAX(m->n, 1U); i++)
		(void)json_array_append_new(list, rf_message_json(first + i));
	return json_pack("{s{ss ss so}}", "error", "code",
			 rf_standard_id(standard(head), id), "message",
			 text_of(head, text), "@Message.ExtendedInfo", list);
}

void rf_messages_annotate(const struct rf_messages *m, json_t *root)
{
	char path[RF_ARG_MAX + 32];

	for (size_t i = 0; i < m->n; i++) {
		const struct rf_message *one = &m->list[i];
		(void)rf_put(root, "@Message.ExtendedInfo[]", rf_message_json(one));
		if (!one->property[0])
			continue;
		(void)snprintf(path, sizeof(path), "%s@Message.ExtendedInfo[]",
			       one->property);
		(void)rf_put(root, path, rf_message_json(one));
	}
}
