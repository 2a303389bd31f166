// SPDX-License-Identifier: Apache-2.0
// Which protocols the manager speaks, and on which ports. SNMP as a whole and its
// versions can be switched, and NTP is (ntp.c); ports, communities and users are the
// configuration's.
#include <string.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "http/http.h"
#include "redfish/list.h"
#include "redfish/request.h"

/* Without the domain. */
static json_t *host_name(struct rf_render *r)
{
	const char *name = ((const struct bmc_manager *)rf_row(r))->hostname;

	return json_stringn(name, strcspn(name, "."));
}

static json_t *fqdn(struct rf_render *r)
{
	const char *name = ((const struct bmc_manager *)rf_row(r))->hostname;

	return strchr(name, '.') ? json_string(name) : json_null();
}

static json_t *port(bool tls)
{
	return http_port(tls) ? json_integer(http_port(tls)) : json_null();
}

static json_t *https_port(struct rf_render *r)
{
	(void)r;
	return port(true);
}

static json_t *plain_port(struct rf_render *r)
{
	(void)r;
	return port(false);
}

static json_t *https_on(struct rf_render *r)
{
	(void)r;
	return json_boolean(http_port(true));
}

static json_t *http_on(struct rf_render *r)
{
	(void)r;
	return json_boolean(http_port(false));
}

/* ---- SNMP ---- */

static const struct bmc_manager *manager(const struct bmc_row *row)
{
	return (const struct bmc_manager *)row;
}

static json_t *snmp_on(struct rf_render *r)
{
	const struct bmc_manager *m = manager(rf_row(r));

	return json_boolean(m->snmp_port > 0 && m->snmp_enabled == 1);
}

static json_t *snmp_v2c(struct rf_render *r)
{
	const struct bmc_manager *m = manager(rf_row(r));

	return json_boolean(m->snmp_communities > 0 && m->snmp_v2c == 1);
}

static json_t *snmp_v3(struct rf_render *r)
{
	const struct bmc_manager *m = manager(rf_row(r));

	return json_boolean(m->snmp_users > 0 && m->snmp_v3 == 1);
}

static json_t *snmp_port(struct rf_render *r)
{
	int64_t n = manager(rf_row(r))->snmp_port;

	return n > 0 ? json_integer(n) : json_null();
}

/* Each user of the configuration has protocols of its own. */
static json_t *snmp_auth(struct rf_render *r)
{
	const struct bmc_manager *m = manager(rf_row(r));

	if (m->snmp_users > 0)
		return json_string("Account");
	return m->snmp_communities > 0 ? json_string("CommunityString") : json_null();
}

static json_t *snmp_encryption(struct rf_render *r)
{
	return json_string(manager(rf_row(r))->snmp_users > 0 ? "Account" : "None");
}

/* RFC 3411: four octets of the enterprise, the rest is the vendor's. As "80 00 ...". */
static json_t *octets(const char *hex, size_t from, size_t to)
{
	char text[3 * 32 + 1];
	size_t n = 0;

	for (size_t i = from; i + 1 < to && n + 4 < sizeof(text); i += 2)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%.2s",
				      n ? " " : "", hex + i);
	return n ? json_string(text) : NULL;
}

static json_t *engine_enterprise(struct rf_render *r)
{
	const char *hex = manager(rf_row(r))->snmp_engine_id;

	return octets(hex, 0, MIN(strlen(hex), 8));
}

static json_t *engine_rest(struct rf_render *r)
{
	const char *hex = manager(rf_row(r))->snmp_engine_id;

	return octets(hex, 8, strlen(hex));
}

/* ---- switching ---- */

static int set_switch(const json_t *value, struct bmc_action *act, bool possible,
		      size_t offset)
{
	if (!json_is_boolean(value))
		return BMC_EINVAL;
	if (!possible)
		return BMC_EREADONLY;
	act->op = BMC_ACT_SET;
	act->field = bmc_field_at(BMC_MANAGER, offset);
	act->num = json_is_true(value);
	return 0;
}

static int set_on(struct rf_request *q, const json_t *value, struct bmc_action *act)
{
	return set_switch(value, act, manager(q->row)->snmp_port > 0,
			  offsetof(struct bmc_manager, snmp_enabled));
}

static int set_v2c(struct rf_request *q, const json_t *value, struct bmc_action *act)
{
	return set_switch(value, act, manager(q->row)->snmp_communities > 0,
			  offsetof(struct bmc_manager, snmp_v2c));
}

static int set_v3(struct rf_request *q, const json_t *value, struct bmc_action *act)
{
	return set_switch(value, act, manager(q->row)->snmp_users > 0,
			  offsetof(struct bmc_manager, snmp_v3));
}

#define SWITCH(name, get, put, member)                                          \
	RF_FN("SNMP/" name, get, RF_AT(bmc_manager, member), .flags = RF_PATCH, \
	      .set = (put))

/* clang-format off */
static const struct rf_prop props[] = {
	RF_FN("HostName", host_name, RF_AT(bmc_manager, hostname)),
	RF_FN("FQDN", fqdn),
	RF_STATUS(bmc_manager),
	RF_FN("HTTPS/ProtocolEnabled", https_on),
	RF_FN("HTTPS/Port", https_port),
	RF_LINK("HTTPS/Certificates", "./HTTPS/Certificates"),
	RF_FN("HTTP/ProtocolEnabled", http_on),
	RF_FN("HTTP/Port", plain_port),
	SWITCH("ProtocolEnabled", snmp_on, set_on, snmp_enabled),
	RF_FN("SNMP/Port", snmp_port, RF_AT(bmc_manager, snmp_port)),
	RF_BOOL("SNMP/EnableSNMPv1", false),
	SWITCH("EnableSNMPv2c", snmp_v2c, set_v2c, snmp_v2c),
	SWITCH("EnableSNMPv3", snmp_v3, set_v3, snmp_v3),
	RF_FN("SNMP/AuthenticationProtocol", snmp_auth),
	RF_FN("SNMP/EncryptionProtocol", snmp_encryption),
	RF_FN("SNMP/EngineId/PrivateEnterpriseId", engine_enterprise, RF_AT(bmc_manager, snmp_engine_id)),
	RF_FN("SNMP/EngineId/ArchitectureId", engine_rest),
	RF_FN("NTP", rf_ntp_value, .flags = RF_PATCH, .set = rf_ntp_set),
	RF_FIELD("SSDP/ProtocolEnabled", bmc_manager, ssdp_enabled, .flags = RF_PATCH),
	RF_NUM("SSDP/Port", 1900),
	RF_FIELD("SSDP/NotifyMulticastIntervalSeconds", bmc_manager, ssdp_notify, .flags = RF_PATCH),
	RF_NUM("SSDP/NotifyTTL", 2),
	RF_TEXT("SSDP/NotifyIPv6Scope", "Link"),
	/* what this service does not offer */
	RF_BOOL("IPMI/ProtocolEnabled", false),
	RF_BOOL("KVMIP/ProtocolEnabled", false),
	RF_BOOL("VirtualMedia/ProtocolEnabled", false),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_protocols = {
	.uri = "/redfish/v1/Managers/{manager}/NetworkProtocol",
	.type = "ManagerNetworkProtocol.v1_12_0.ManagerNetworkProtocol",
	.name = "Network protocols",
	.props = props,
	.flags = RF_VOLATILE, /* NTP is the machine's */
};
