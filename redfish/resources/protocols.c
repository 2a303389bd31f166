// SPDX-License-Identifier: Apache-2.0
// Which protocols the manager speaks, and on which ports.
#include "redfish/redfish.h"
#include "redfish/resources/list.h"

static json_t *https_port(struct rf_render *r)
{
	(void)r;
	return rf_port(true) ? json_integer(rf_port(true)) : json_null();
}

static json_t *http_port(struct rf_render *r)
{
	(void)r;
	return rf_port(false) ? json_integer(rf_port(false)) : json_null();
}

static json_t *https_on(struct rf_render *r)
{
	(void)r;
	return json_boolean(rf_port(true));
}

static json_t *http_on(struct rf_render *r)
{
	(void)r;
	return json_boolean(rf_port(false));
}

/* clang-format off */
static const struct rf_prop props[] = {
	RF_FIELD("HostName", bmc_manager, hostname),
	RF_STATUS(bmc_manager),
	RF_FN("HTTPS/ProtocolEnabled", https_on),
	RF_FN("HTTPS/Port", https_port),
	RF_FN("HTTP/ProtocolEnabled", http_on),
	RF_FN("HTTP/Port", http_port),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_protocols = {
	.uri = "/redfish/v1/Managers/{manager}/NetworkProtocol",
	.type = "ManagerNetworkProtocol.v1_12_0.ManagerNetworkProtocol",
	.name = "Network protocols",
	.props = props,
};
