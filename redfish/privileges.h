// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/request.h"

/* Which privilege each method of each resource needs: DMTF's privilege registry
 * (DSP8011), as tables that privileges-gen.py writes. */

#define RF_PRIV_NO_AUTH (1u << 7) /* beside enum bmc_privilege: needs no login */

/* By method: GET, HEAD, POST, PATCH, DELETE, PUT. Any one of a mask is enough; 0 in an
 * override: as without it. */
#define RF_PRIV_METHODS 6

struct rf_privilege_entity {
	const char *entity; /* "ComputerSystem"; sorted */
	uint8_t any_of[RF_PRIV_METHODS];
};

struct rf_privilege_override {
	const char *entity; /* NULL ends the table */
	const char *target; /* what it is below ("Manager/EthernetInterfaceCollection"),
			     * or its property */
	uint8_t any_of[RF_PRIV_METHODS];
};

extern const char rf_privilege_registry[]; /* its Id */
extern const struct rf_privilege_entity rf_privilege_entities[];
extern const size_t rf_n_privilege_entities;
extern const struct rf_privilege_override rf_privilege_below[],
	rf_privilege_properties[];

/** The privileges of which one allows the method (an action is a POST): enum
 * bmc_privilege and RF_PRIV_NO_AUTH. BMC_PRIV_CONFIGURE_SELF counts for the actor's own
 * account or session only. */
uint32_t rf_privileges(const struct rf_resource *res, enum rf_method method);
/** Those with which some property of it may be set. */
uint32_t rf_property_privileges(const struct rf_resource *res, enum rf_method method);

/** The map of the resources that this service has, as a PrivilegeRegistry's Mappings.
 */
json_t *rf_privilege_mappings(struct rf_render *r);
