// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>

#include "core/ports/subscriptions.h"

/* What a row does not have of a subscription. Any thread, but for init and done; those
 * of struct bmc_subscription_ops are described there. */

void sub_init(unsigned max);
void sub_done(void);
unsigned sub_max(void);
void sub_new_id(char ret[BMC_ID_MAX], uint32_t *ret_index);
/** A stored one has this number: the next one is higher. */
void sub_number_taken(uint32_t number);

/** Adds one; `secrets` (NULL: none) is copied. `lasts`: it is stored. False: out of
 * memory. */
bool sub_add(const char *id, const char *secrets, uint32_t position, bool lasts);
/** Gives one other secrets (copied), and moves it on to `position`. */
void sub_change(const char *id, const char *secrets, uint32_t position);
void sub_drop(const char *id);
char *sub_secrets(const char *id);
/** Wipes and frees. Accepts NULL. */
void sub_secrets_drop(char *secrets);
uint32_t sub_position(const char *id);
void sub_delivered(const char *id, uint32_t event);
/** As sub_delivered, of one whose position is stored apart from it; false: there is no
 * such subscription. */
bool sub_confirmed(const char *id, uint32_t event);
/** Calls `each` for those that have got further since the last call, with the table
 * locked. */
void sub_each_moved(void (*each)(const char *id, const char *secrets,
				 uint32_t position));
