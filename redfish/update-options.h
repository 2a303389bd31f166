// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/request.h"

/* HttpPushUri, where the configuration asks for it, and the properties by which a
 * client says what the next body there is for. They are the agent's memory's, and for
 * who set them: another account's push does not go to targets that it has not named. */

/** Whether it is served. Any thread. */
bool rf_push_served(void);
/** The values; new references. NULL: not set. */
json_t *rf_push_uri(struct rf_render *r);
json_t *rf_push_targets(struct rf_render *r);
json_t *rf_push_targets_busy(struct rf_render *r);
json_t *rf_push_options_busy(struct rf_render *r);
json_t *rf_push_apply_time(struct rf_render *r);
json_t *rf_push_window_start(struct rf_render *r);
json_t *rf_push_window_duration(struct rf_render *r);
/** .set of them. */
int rf_push_set_targets(struct rf_request *q, const json_t *v, struct bmc_action *act);
int rf_push_set_targets_busy(struct rf_request *q, const json_t *v,
			     struct bmc_action *act);
int rf_push_set_options_busy(struct rf_request *q, const json_t *v,
			     struct bmc_action *act);
int rf_push_set_apply_time(struct rf_request *q, const json_t *v,
			   struct bmc_action *act);
int rf_push_set_window_start(struct rf_request *q, const json_t *v,
			     struct bmc_action *act);
int rf_push_set_window_duration(struct rf_request *q, const json_t *v,
				struct bmc_action *act);

/** What they say, as the parameters of an update; without Targets when others than the
 * actor have named them. A new reference, or NULL: no memory. Any thread. */
json_t *rf_push_parameters(const struct bmc_actor *who);
