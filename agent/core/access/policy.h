// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/access/allowed.h"
#include "core/model/action.h"
#include "core/snapshot/snapshot.h"

/* What each operation asks of the actor and of a board, as one table (policy.c). */

/* What can be done to a board: the platform has it and a plugin is bound to it. */
enum bmc_cap {
	BMC_CAN_POWER = 1u << 0,
	BMC_CAN_RESET = 1u << 1,
	BMC_CAN_OS_REBOOT = 1u << 2,
	BMC_CAN_OS_SHUTDOWN = 1u << 3,
	BMC_CAN_USB_MODE = 1u << 4,
	BMC_CAN_HUB_RESET = 1u << 5,
	BMC_CAN_FLASH = 1u << 6,
};

/** enum bmc_cap, or-ed, of the verbs for which `bound` is true. */
uint32_t bmc_caps_bound(bool (*bound)(void *arg, const char *verb), void *arg);

/** enum bmc_cap of a board, or-ed, from its row alone. `main` has no pins that the
 * agent may use on itself. */
uint32_t bmc_board_caps(const struct bmc_board *b);

/** 1 << enum bmc_action_op, or-ed: the board's derived field `allowed`. Pure. */
uint32_t bmc_board_allowed(const struct bmc_board *b);

/** 1 << enum bmc_boot_target, or-ed: the board's derived field `boot_allowed`. Pure. */
uint32_t bmc_board_boot_allowed(const struct bmc_board *b);
/** What it starts at its next reset: BMC_BOOT_NONE without an override in force. */
enum bmc_boot_target bmc_board_boots(const struct bmc_board *b);
/** Whether it is in a mode (enum bmc_boot_target) and stays there: one that is only
 * seen on the way of a boot is none. */
bool bmc_board_in_mode(const struct bmc_board *b, int64_t mode);
/** Whether its system answers, as far as anything can tell. */
bool bmc_board_answers(const struct bmc_board *b);
/** The USB mode (enum bmc_usb_mode) of a boot target, BMC_USB_UNKNOWN when it has none.
 */
enum bmc_usb_mode bmc_mode_usb(int64_t mode);
/** Whether a board can be sent into a mode: 0; 1: it is there; BMC_EINVAL: no such
 * mode, BMC_ENOTSUP: no verb for it. */
int bmc_mode_check(const struct bmc_board *b, int64_t mode, struct bmc_error *err);

/** Whether an operation may be accepted while `held` is under way on the same board, to
 * begin when that has ended: what was asked for last is then what the board ends as. */
bool bmc_op_follows(enum bmc_action_op op, enum bmc_action_op held);

/** 0: to be run; 1: the board is in the wanted state already; or why it can't be:
 *  BMC_EABSENT, BMC_ENOTSUP, BMC_ESTATE. */
int bmc_board_check(const struct bmc_board *b, enum bmc_action_op op,
		    struct bmc_error *err);

/** As bmc_board_check, for an action with its parameters. */
int bmc_board_action_check(const struct bmc_board *b, const struct bmc_action *act,
			   struct bmc_error *err);

/** Whether the actor may do this at all: privileges, own account, `must_change`.
 *  BMC_EPERM, BMC_EMUSTCHANGE. */
int bmc_actor_check(const struct bmc_actor *who, const struct bmc_action *act,
		    const struct bmc_snapshot *s, struct bmc_error *err);
