// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "bmc/error.h"

/* Redfish's error messages: what this service uses of the Base registry, and the one
 * mapping from the core's errors to them. */

#define RF_MESSAGES_MAX 16
#define RF_ARG_MAX      96

enum rf_message_id {
	RF_SUCCESS,
	RF_GENERAL_ERROR,
	RF_INTERNAL_ERROR,
	RF_INVALID_URI,
	RF_METHOD_NOT_ALLOWED,
	RF_METHOD_NOT_IMPLEMENTED,
	RF_UNAUTHORIZED,
	RF_NO_VALID_SESSION,
	RF_INSUFFICIENT_PRIVILEGE,
	RF_PASSWORD_CHANGE_REQUIRED,
	RF_PRECONDITION_FAILED,
	RF_HEADER_INVALID,
	RF_NOT_ACCEPTABLE,
	RF_UNSUPPORTED_MEDIA,
	RF_PAYLOAD_TOO_LARGE,
	RF_MALFORMED_JSON,
	RF_UNRECOGNIZED_BODY,
	RF_EMPTY_JSON,
	RF_NO_OPERATION,
	RF_PROPERTY_UNKNOWN,
	RF_PROPERTY_DUPLICATE,
	RF_PROPERTY_NOT_WRITABLE,
	RF_PROPERTY_TYPE,
	RF_PROPERTY_NOT_IN_LIST,
	RF_PROPERTY_OUT_OF_RANGE,
	RF_PROPERTY_FORMAT,
	RF_PROPERTY_CONFLICT,
	RF_PROPERTY_ERROR,
	RF_PROPERTY_MISSING,
	RF_PROPERTY_NOT_UPDATED,
	RF_STRING_TOO_LONG,
	RF_STRING_TOO_SHORT,
	RF_ARRAY_TOO_SHORT,
	RF_ARRAY_TOO_LONG,
	RF_CREATE_MISSING,
	RF_CREATE_LIMIT,
	RF_SUBSCRIPTION_LIMIT,
	RF_ALREADY_EXISTS,
	RF_NOT_FOUND,
	RF_CANNOT_DELETE,
	RF_ACTION_NOT_SUPPORTED,
	RF_PARAMETER_MISSING,
	RF_PARAMETER_UNKNOWN,
	RF_PARAMETER_TYPE,
	RF_PARAMETER_FORMAT,
	RF_PARAMETER_NOT_IN_LIST,
	RF_PARAMETER_OUT_OF_RANGE,
	RF_PARAMETER_CONFLICT,
	RF_IN_USE,
	RF_ABSENT,
	RF_STATE,
	RF_ACCOUNT_NOT_MODIFIED,
	RF_PASSWORD_REFUSED,
	RF_PASSWORD_LENGTH,
	RF_RESTRICTED_ROLE,
	RF_TIMEOUT,
	RF_STORAGE,
	RF_UNAVAILABLE,
	RF_SHUTTING_DOWN,
	RF_OPERATION_FAILED,
	RF_QUERY_UNSUPPORTED,
	RF_QUERY_TYPE,
	RF_QUERY_VALUE,
	RF_QUERY_RANGE,
	RF_QUERY_ON_RESOURCE,
	RF_QUERY_ON_OPERATION,
	RF_QUERY_COMBINATION,
	RF_N_MESSAGES
};

struct rf_message {
	enum rf_message_id id;
	char args[3][RF_ARG_MAX];
	char property[RF_ARG_MAX]; /* path of what it is about, "" none  */
	char detail[160];          /* the core's words, appended; "" none */
};

struct rf_messages {
	size_t n;
	size_t added; /* also those that there was no room for */
	struct rf_message
		list[RF_MESSAGES_MAX]; /* those from n on are not even zeroed */
};

/** Adds a message with up to three arguments (NULL: none); the last of many is dropped.
 * Returns it, or NULL. */
struct rf_message *rf_message_add(struct rf_messages *m, enum rf_message_id id,
				  const char *a, const char *b, const char *c);
/** Says which property a message is about (a path; "" none), and what to do ("": only
 * what its registry says). `m` may be NULL. */
void rf_message_about(struct rf_message *m, const char *property, const char *detail);
/** Adds what a core error means. */
struct rf_message *rf_message_error(struct rf_messages *m, int code,
				    const struct bmc_error *err);
/** The HTTP status of the first message. */
unsigned rf_messages_status(const struct rf_messages *m);
/** {"error": {...}}, a new reference. */
json_t *rf_messages_json(const struct rf_messages *m);
/** One message as a Message object, a new reference. */
json_t *rf_message_json(const struct rf_message *m);
/** Adds all messages as "@Message.ExtendedInfo", and each that is about a property as
 *  "PROPERTY@Message.ExtendedInfo". */
void rf_messages_annotate(const struct rf_messages *m, json_t *root);
