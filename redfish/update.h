// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/set.h"

/* What an update is asked with, whichever way its image comes: which boards, and how.
 */

/* The parameters that SimpleUpdate and UpdateParameters share, for their tables; the
 * first of each. */
/* clang-format off */
#define RF_UPDATE_PARAMS \
	{ "Targets", JSON_ARRAY, false }, { "ExcludeTargets", JSON_ARRAY, false }, \
	{ "ForceUpdate", JSON_TRUE, false }, { "Oem", JSON_OBJECT, false }
/* clang-format on */
enum {
	RF_UPDATE_TARGETS,
	RF_UPDATE_EXCLUDE,
	RF_UPDATE_FORCE,
	RF_UPDATE_OEM,
	RF_UPDATE_N
};

#define RF_SIMPLE_UPDATE  "UpdateService.SimpleUpdate"
#define RF_UPDATE_OPTIONS "ClusterBmcUpdateService.v1_0_0.UpdateOptions"

/** Takes the values of RF_UPDATE_PARAMS into a set for BMC_ACT_UPDATE. False: it has
 * been answered; the set is the caller's to free. */
bool rf_update_take(struct rf_request *q, struct rf_set *set,
		    const json_t *const *args);
/** Whether the set can be updated now, as far as that can be seen before it is
 * reserved. False: it has been answered. */
bool rf_update_possible(struct rf_request *q, const struct rf_set *set);

/** What the member ClusterBmc of the parameter Oem may have: for its CSDL only, no
 * resource is served of it. */
extern const struct rf_resource rf_update_options;

/** Whether images are taken at all. */
bool rf_update_enabled(void);
extern const struct rf_param rf_simple_update_params[];
int rf_simple_update(struct rf_request *q, const json_t *const *args);
/** UpdateService.StartUpdate: all updates that wait for it. */
int rf_start_update(struct rf_request *q, const json_t *const *args);
/** TransferProtocol's words, a new array. */
json_t *rf_update_protocols(void);
/** The parameters of SimpleUpdate as ActionInfo shows them, a new array. */
json_t *rf_simple_update_info(struct rf_render *r);
