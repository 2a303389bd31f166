// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/model.h"

/* Rows that the service makes of itself: what users created and what it records. No
 * source puts them, so they are no part of the plugins' interface. */

/* Who asked for what, and whether it was accepted. */
struct bmc_audit {
	struct bmc_row row; /* index[0] is the record's number */
	int64_t time;
	int64_t accepted; /* bool */
	char user[BMC_ID_MAX], origin[16], client[48];
	char action[BMC_ID_MAX], target[BMC_NAME_MAX];
	char detail[96]; /* why not, or what else there is to say */
};

/* What the last check of an image found. */
enum bmc_image_state {
	BMC_IMAGE_UNKNOWN,
	BMC_IMAGE_STORED, /* it was not checked yet, or what it was has changed */
	BMC_IMAGE_CHECKING,
	BMC_IMAGE_GOOD,
	BMC_IMAGE_REFUSED
};

/* Whether a trusted key has signed it. */
enum bmc_image_trust { BMC_IMAGE_TRUST_UNKNOWN, BMC_IMAGE_UNSIGNED, BMC_IMAGE_SIGNED };

/* Firmware that boards can be updated with: an image that agent/update has. */
struct bmc_stored_image {
	struct bmc_row row; /* id: of its digest, or "file-" and of its name */
	char name[BMC_NAME_MAX], format[16], packing[8], chip[8], version[48];
	int64_t size; /* bytes */
	char digest[65];
	int64_t trust; /* enum bmc_image_trust */
	char signer[BMC_NAME_MAX];
	int64_t state; /* enum bmc_image_state */
	char reason[160];
	int64_t added;     /* BMC_TIME */
	int64_t jobs;      /* that use it now */
	int64_t in_folder; /* bool: a file of the firmware folder */
};

enum bmc_report_type {
	BMC_REPORT_UNKNOWN,
	BMC_REPORT_PERIODIC,
	BMC_REPORT_ON_REQUEST,
	BMC_REPORT_ON_CHANGE,
};

/* What happens with a report that is made; the last is both of the others. */
enum bmc_report_actions {
	BMC_REPORT_ACTIONS_UNKNOWN,
	BMC_REPORT_LOG,  /* it can be read             */
	BMC_REPORT_SEND, /* it is sent to subscribers */
	BMC_REPORT_LOG_AND_SEND,
};

#define BMC_REPORTS_MAX         10
#define BMC_REPORT_INTERVAL_MIN 1000     /* ms */
#define BMC_REPORT_INTERVAL_MAX 86400000 /* ms */
#define BMC_TRIGGER_LIMIT_MAX   INT64_C(1000000000000000)

/* What a metric report shows, and when. */
struct bmc_metric_report {
	struct bmc_row row;
	char name[BMC_NAME_MAX];
	int64_t type;      /* enum bmc_report_type          */
	int64_t interval;  /* ms, of a periodic one         */
	int64_t enabled;   /* bool                          */
	int64_t actions;   /* enum bmc_report_actions       */
	int64_t last;      /* BMC_TIME; of one on request: unknown */
	char metrics[256]; /* ids, with blanks between     */
};

/* Limits of a metric, in its milli-units. */
struct bmc_trigger {
	struct bmc_row row;
	char name[BMC_NAME_MAX], metric[BMC_ID_MAX];
	int64_t enabled;
	int64_t upper_critical, upper_warning, lower_warning, lower_critical;
};

#define BMC_AGGREGATE_MAX 64 /* rows of it */

/* A set of boards, blades and chassis that users made. */
struct bmc_aggregate {
	struct bmc_row row; /* id is index[0] in digits */
	char name[BMC_NAME_MAX];
	char members[1536]; /* ids between spaces */
};

/* Who gets events. The lists are words separated by one space. */
enum bmc_subscriber {
	BMC_SUBSCRIBER_UNKNOWN,
	BMC_SUBSCRIBER_PUSH,   /* Redfish events are posted to it      */
	BMC_SUBSCRIBER_STREAM, /* server-sent events, while connected  */
	BMC_SUBSCRIBER_SNMP_TRAP,
	BMC_SUBSCRIBER_SNMP_INFORM,
};
enum bmc_event_protocol {
	BMC_EVENTS_UNKNOWN,
	BMC_EVENTS_REDFISH,
	BMC_EVENTS_SNMP_V2C,
	BMC_EVENTS_SNMP_V3,
	BMC_EVENTS_SNMP_V1, /* of the configuration only */
};
enum bmc_event_format {
	BMC_FORMAT_UNKNOWN, /* as BMC_FORMAT_EVENT, of older versions */
	BMC_FORMAT_EVENT,
	BMC_FORMAT_METRIC_REPORT,
};
enum bmc_retry_policy {
	BMC_RETRY_UNKNOWN,
	BMC_RETRY_TERMINATE,
	BMC_RETRY_SUSPEND,
	BMC_RETRY_FOREVER,
	BMC_RETRY_BACKOFF
};
enum bmc_snmp_auth {
	BMC_SNMP_AUTH_UNKNOWN,
	BMC_SNMP_AUTH_NONE,
	BMC_SNMP_AUTH_COMMUNITY,
	BMC_SNMP_AUTH_SHA1,
	BMC_SNMP_AUTH_SHA224,
	BMC_SNMP_AUTH_SHA256,
	BMC_SNMP_AUTH_SHA384,
	BMC_SNMP_AUTH_SHA512
};
enum bmc_snmp_priv {
	BMC_SNMP_PRIV_UNKNOWN,
	BMC_SNMP_PRIV_NONE,
	BMC_SNMP_PRIV_AES128,
	BMC_SNMP_PRIV_AES192,
	BMC_SNMP_PRIV_AES256
};

struct bmc_subscription {
	struct bmc_row row; /* status: Enabled or, suspended, Disabled           */
	int64_t type;       /* enum bmc_subscriber                               */
	int64_t protocol;   /* enum bmc_event_protocol                           */
	int64_t policy;     /* enum bmc_retry_policy                             */
	int64_t format;     /* enum bmc_event_format: what it gets               */
	int64_t suspended;  /* bool                                              */
	int64_t verify;     /* bool: the receiver's certificate is checked       */
	int64_t heartbeat;  /* bool                                              */
	int64_t heartbeat_minutes;
	int64_t subordinate; /* bool: `origins` stand for what is below them too  */
	int64_t configured;  /* bool: from the configuration, so it can't be changed */
	int64_t snmp_auth, snmp_priv; /* enum bmc_snmp_auth, enum bmc_snmp_priv   */
	char user[BMC_ID_MAX],
		session[BMC_ID_MAX]; /* who made it; a stream's session */
	char destination[256], context[256];
	char registries[160], no_registries[160], messages[512], no_messages[512];
	char origins[768], resources[256], severities[32];
	char reports[BMC_REPORTS_MAX * BMC_ID_MAX]; /* definitions; "": all   */
	char filter[256]; /* a stream's $filter                                */
};

/* What a certificate that users brought is for. */
enum bmc_certificate_purpose {
	BMC_CERTIFICATE_UNKNOWN,
	BMC_CERTIFICATE_CLIENT_CA, /* signs certificates of clients; no owner  */
	BMC_CERTIFICATE_USER       /* is a login as the account that owns it    */
};

#define BMC_CERTIFICATES_MAX     128 /* that users brought, of all purposes */
#define BMC_CERTIFICATES_OWN_MAX 8   /* of one owner */
#define BMC_CERTIFICATES_CA_MAX  32
#define BMC_CERTIFICATE_PEM_MAX  3840 /* with the NUL */

/* A certificate that users brought, or an authority of the configuration. */
struct bmc_certificate {
	struct bmc_row row; /* parent: its owner */
	int64_t purpose;    /* enum bmc_certificate_purpose */
	int64_t configured; /* bool: from the configuration, so it can't be changed */
	char owner[BMC_ID_MAX]; /* id of the account; "" none */
	char pem[BMC_CERTIFICATE_PEM_MAX];
};
