// SPDX-License-Identifier: Apache-2.0
// The messages of DMTF's Base registry that this service uses, the table from the
// core's errors to them, and the JSON of an error answer. Called by whatever answers.
#include "redfish/messages.h"

#include <string.h>

#include "core/base/util.h"
#include "redfish/resource.h"

#define BASE "Base.1.22."

/* clang-format off */
static const struct {
	unsigned status;
	const char *key, *severity, *message, *resolution;
} table[RF_N_MESSAGES] = {
	[RF_SUCCESS] = { 200, "Success", "OK", "The request completed successfully.", "None." },
	[RF_GENERAL_ERROR] = { 500, "GeneralError", "Critical", "A general error has occurred.  See Resolution for information on how to resolve the error, or @Message.ExtendedInfo if Resolution is not provided.", "None." },
	[RF_INTERNAL_ERROR] = { 500, "InternalError", "Critical", "The request failed due to an internal service error.  The service is still operational.", "Resubmit the request.  If the problem persists, consider resetting the service." },
	[RF_INVALID_URI] = { 404, "ResourceMissingAtURI", "Critical", "The resource at the URI '%1' was not found.", "Place a valid resource at the URI or correct the URI and resubmit the request." },
	[RF_METHOD_NOT_ALLOWED] = { 405, "OperationNotAllowed", "Critical", "The HTTP method is not allowed on this resource.", "Use one of the methods in the Allow header." },
	[RF_METHOD_NOT_IMPLEMENTED] = { 501, "OperationNotAllowed", "Critical", "The HTTP method is not allowed on this resource.", "Use one of the methods in the Allow header." },
	[RF_UNAUTHORIZED] = { 401, "AccessUnauthorized", "Critical", "Unauthorized.", "Resubmit the request with valid credentials." },
	[RF_NO_VALID_SESSION] = { 401, "NoValidSession", "Critical", "There is no valid session established with the implementation.", "Establish a session before attempting any operations." },
	[RF_INSUFFICIENT_PRIVILEGE] = { 403, "InsufficientPrivilege", "Critical", "There are insufficient privileges for the account or credentials associated with the current session to perform the requested operation.", "Either abandon the operation or change the associated access rights and resubmit the request if the operation failed." },
	[RF_PASSWORD_CHANGE_REQUIRED] = { 403, "PasswordChangeRequired", "Critical", "The password provided for this account must be changed before access is granted.  PATCH the Password property for this account located at the target URI '%1' to complete this process.", "Change the password for this account using a PATCH to the Password property at the URI provided." },
	[RF_PRECONDITION_FAILED] = { 412, "PreconditionFailed", "Critical", "The ETag supplied did not match the ETag required to change this resource.", "Try the operation again using the appropriate ETag." },
	[RF_HEADER_INVALID] = { 400, "HeaderInvalid", "Critical", "Header '%1' is invalid.", "Resubmit the request with a valid request header." },
	[RF_NOT_ACCEPTABLE] = { 406, "HeaderInvalid", "Critical", "Header '%1' is invalid.", "Accept application/json." },
	[RF_UNSUPPORTED_MEDIA] = { 415, "HeaderInvalid", "Critical", "Header '%1' is invalid.", "Send the body as Content-Type: application/json." },
	[RF_PAYLOAD_TOO_LARGE] = { 413, "PayloadTooLarge", "Critical", "The supplied payload exceeds the maximum size supported by the service.", "Check that the supplied payload is correct and supported by this service." },
	[RF_MALFORMED_JSON] = { 400, "MalformedJSON", "Critical", "The request body submitted was malformed JSON and could not be parsed by the receiving service.", "Ensure that the request body is valid JSON and resubmit the request." },
	[RF_UNRECOGNIZED_BODY] = { 400, "UnrecognizedRequestBody", "Warning", "The service detected a malformed request body that it was unable to interpret.", "Correct the request body and resubmit the request if it failed." },
	[RF_EMPTY_JSON] = { 400, "EmptyJSON", "Warning", "The request body submitted contained an empty JSON object and the service is unable to process it.", "Add properties in the JSON object and resubmit the request." },
	[RF_NO_OPERATION] = { 400, "NoOperation", "Warning", "The request body submitted contain no data to act upon and no changes to the resource took place.", "Add properties in the JSON object and resubmit the request." },
	[RF_PROPERTY_UNKNOWN] = { 400, "PropertyUnknown", "Warning", "The property %1 is not in the list of valid properties for the resource.", "Remove the unknown property from the request body and resubmit the request if the operation failed." },
	[RF_PROPERTY_DUPLICATE] = { 400, "PropertyDuplicate", "Warning", "The property %1 was duplicated in the request.", "Remove the duplicate property from the request body and resubmit the request if the operation failed." },
	[RF_PROPERTY_NOT_WRITABLE] = { 400, "PropertyNotWritable", "Warning", "The property %1 is a read-only property and cannot be assigned a value.", "Remove the property from the request body and resubmit the request if the operation failed." },
	[RF_PROPERTY_TYPE] = { 400, "PropertyValueTypeError", "Warning", "The value '%1' for the property %2 is not a type that the property can accept.", "Correct the value for the property in the request body and resubmit the request if the operation failed." },
	[RF_PROPERTY_NOT_IN_LIST] = { 400, "PropertyValueNotInList", "Warning", "The value '%1' for the property %2 is not in the list of acceptable values.", "Choose a value from the enumeration list that the implementation can support and resubmit the request if the operation failed." },
	[RF_PROPERTY_OUT_OF_RANGE] = { 400, "PropertyValueOutOfRange", "Warning", "The value '%1' for the property %2 is not in the supported range of acceptable values.", "Correct the value for the property in the request body and resubmit the request if the operation failed." },
	[RF_PROPERTY_FORMAT] = { 400, "PropertyValueFormatError", "Warning", "The value '%1' for the property %2 is not a format that the property can accept.", "Correct the value for the property in the request body and resubmit the request if the operation failed." },
	[RF_PROPERTY_ERROR] = { 400, "PropertyValueError", "Warning", "The value provided for the property %1 is not valid.", "Correct the value for the property in the request body and resubmit the request if the operation failed." },
	[RF_PROPERTY_MISSING] = { 400, "PropertyMissing", "Warning", "The property %1 is a required property and must be included in the request.", "Ensure that the property is in the request body and has a valid value and resubmit the request if the operation failed." },
	[RF_PROPERTY_NOT_UPDATED] = { 500, "PropertyNotUpdated", "Critical", "The property %1 was not updated due to an internal service error.  The service is still operational.", "Resubmit the request.  If the problem persists, check for additional messages and consider resetting the service." },
	[RF_STRING_TOO_LONG] = { 400, "StringValueTooLong", "Warning", "The string '%1' exceeds the length limit %2.", "Resubmit the request with an appropriate string length." },
	[RF_STRING_TOO_SHORT] = { 400, "StringValueTooShort", "Warning", "The string '%1' was under the minimum required length %2.", "Resubmit the request with an appropriate string length." },
	[RF_CREATE_MISSING] = { 400, "CreateFailedMissingReqProperties", "Critical", "The create operation failed because the required property %1 was missing from the request.", "Correct the body to include the required property with a valid value and resubmit the request if the operation failed." },
	[RF_CREATE_LIMIT] = { 503, "CreateLimitReachedForResource", "Critical", "The create operation failed because the resource has reached the limit of possible resources.", "Either delete resources and resubmit the request if the operation failed or do not resubmit the request." },
	[RF_ALREADY_EXISTS] = { 400, "ResourceAlreadyExists", "Critical", "The requested resource of type %1 with the property %2 with the value '%3' already exists.", "Do not repeat the create operation as the resource was already created." },
	[RF_NOT_FOUND] = { 404, "ResourceNotFound", "Critical", "The requested resource of type %1 named '%2' was not found.", "Provide a valid resource identifier and resubmit the request." },
	[RF_CANNOT_DELETE] = { 405, "ResourceCannotBeDeleted", "Critical", "The delete request failed because the resource requested cannot be deleted.", "Do not attempt to delete a non-deletable resource." },
	[RF_ACTION_NOT_SUPPORTED] = { 400, "ActionNotSupported", "Critical", "The action %1 is not supported by the resource.", "Check the Actions property in the resource for the supported actions." },
	[RF_PARAMETER_MISSING] = { 400, "ActionParameterMissing", "Critical", "The action %1 requires the parameter %2 to be present in the request body.", "Supply the action with the required parameter in the request body when the request is resubmitted." },
	[RF_PARAMETER_UNKNOWN] = { 400, "ActionParameterUnknown", "Warning", "The action %1 was submitted with the invalid parameter %2.", "Correct the invalid action parameter and resubmit the request if the operation failed." },
	[RF_PARAMETER_TYPE] = { 400, "ActionParameterValueTypeError", "Warning", "The value '%1' for the parameter %2 in the action %3 is not a type that the parameter can accept.", "Correct the value for the parameter in the request body and resubmit the request if the operation failed." },
	[RF_PARAMETER_NOT_IN_LIST] = { 400, "ActionParameterValueNotInList", "Warning", "The value '%1' for the parameter %2 in the action %3 is not in the list of acceptable values.", "Choose a value from the enumeration list that the implementation can support and resubmit the request if the operation failed." },
	[RF_PARAMETER_OUT_OF_RANGE] = { 400, "ActionParameterValueOutOfRange", "Warning", "The value '%1' for the parameter %2 in the action %3 is not in the supported range of acceptable values.", "Correct the value for the parameter in the request body and resubmit the request if the operation failed." },
	[RF_IN_USE] = { 409, "ResourceInUse", "Warning", "The change to the requested resource failed because the resource is in use or in transition.", "Remove the condition and resubmit the request if the operation failed." },
	[RF_ABSENT] = { 409, "ResourceMissingAtURI", "Critical", "The resource at the URI '%1' was not found.", "Put a board into the slot and resubmit the request." },
	[RF_STATE] = { 409, "ResourceInStandby", "Critical", "The request could not be performed because the resource is in standby.", "Ensure that the resource is in the correct power state and resubmit the request." },
	[RF_ACCOUNT_NOT_MODIFIED] = { 409, "AccountNotModified", "Warning", "The account modification request failed.", "The modification may have failed due to permission issues or issues with the request body." },
	[RF_PASSWORD_REFUSED] = { 400, "PasswordComplexityNotMet", "Critical", "The password provided for this account does not meet the password complexity requirements of the service.", "Resubmit the request with a password that meets the password complexity requirements as specified by the `PasswordGuidanceMessage` property in the `AccountService` resource." },
	[RF_TIMEOUT] = { 504, "OperationTimeout", "Warning", "A timeout internal to the service occurred as part of the request.  Partial results may have been returned.", "Resubmit the request.  If the problem persists, consider resetting the service or provider." },
	[RF_STORAGE] = { 507, "InsufficientStorage", "Critical", "Insufficient storage or memory available to complete the request.", "Increase the free storage space available to the service and resubmit the request." },
	[RF_UNAVAILABLE] = { 503, "ServiceTemporarilyUnavailable", "Critical", "The service is temporarily unavailable.  Retry in %1 seconds.", "Wait for the indicated retry duration and retry the operation." },
	[RF_SHUTTING_DOWN] = { 503, "ServiceShuttingDown", "Critical", "The operation failed because the service is shutting down and can no longer take incoming requests.", "When the service becomes available, resubmit the request if the operation failed." },
	[RF_OPERATION_FAILED] = { 500, "OperationFailed", "Warning", "An error occurred internal to the service as part of the overall request.  Partial results may have been returned.", "Resubmit the request.  If the problem persists, consider resetting the service or provider." },
	[RF_QUERY_UNSUPPORTED] = { 501, "QueryParameterUnsupported", "Warning", "Query parameter '%1' is not supported.", "Correct or remove the query parameter and resubmit the request." },
	[RF_QUERY_VALUE] = { 400, "QueryParameterValueFormatError", "Warning", "The value '%1' for the parameter %2 is not a format that the parameter can accept.", "Correct the value for the query parameter in the request and resubmit the request if the operation failed." },
	[RF_QUERY_RANGE] = { 400, "QueryParameterOutOfRange", "Warning", "The value '%1' for the query parameter %2 is out of range %3.", "Reduce the value for the query parameter to a value that is within range, such as a start or count value that is within bounds of the number of resources in a collection or a page number that is within the range of valid pages." },
	[RF_QUERY_ON_OPERATION] = { 400, "QueryNotSupportedOnOperation", "Warning", "Querying is not supported with the requested operation.", "Remove the query parameters and resubmit the request if the operation failed." },
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
};
/* clang-format on */

struct rf_message *rf_message_add(struct rf_messages *m, enum rf_message_id id,
				  const char *a, const char *b, const char *c)
{
	const char *args[] = { a, b, c };

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

/* The message's text with %1..%3 replaced. */
static void expand(const struct rf_message *m, char *ret, size_t size)
{
	size_t n = 0;

	for (const char *s = table[m->id].message; *s && n + 1 < size; s++) {
		if (*s == '%' && s[1] >= '1' && s[1] <= '3') {
			const char *arg = m->args[*++s - '1'];
			size_t len = MIN(strlen(arg), size - n - 1);
			memcpy(ret + n, arg, len);
			n += len;
		} else {
			ret[n++] = *s;
		}
	}
	ret[n] = 0;
}

static json_t *args_json(const struct rf_message *m)
{
	static const char *const marks[] = { "%1", "%2", "%3" };
	json_t *list = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		if (strstr(table[m->id].message, marks[i]))
			(void)json_array_append_new(list, json_string(m->args[i]));
	}
	return list;
}

json_t *rf_message_json(const struct rf_message *m)
{
	char text[640], id[64], resolution[512];

	expand(m, text, sizeof(text));
	(void)snprintf(id, sizeof(id), BASE "%s", table[m->id].key);
	(void)snprintf(resolution, sizeof(resolution), "%s%s%s", m->detail,
		       m->detail[0] ? ".  " : "", table[m->id].resolution);
	json_t *o = json_pack("{ss ss ss so ss ss ss}", "@odata.type",
			      "#Message.v1_3_0.Message", "MessageId", id, "Message",
			      text, "MessageArgs", args_json(m), "Severity",
			      table[m->id].severity, "MessageSeverity",
			      table[m->id].severity, "Resolution", resolution);
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
	char text[640], id[64];

	for (size_t i = 0; i < MAX(m->n, 1U); i++)
		(void)json_array_append_new(list, rf_message_json(first + i));
	expand(head, text, sizeof(text));
	(void)snprintf(id, sizeof(id), BASE "%s", table[head->id].key);
	return json_pack("{s{ss ss so}}", "error", "code", id, "message", text,
			 "@Message.ExtendedInfo", list);
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
