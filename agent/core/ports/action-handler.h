// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/action.h"

/* Who carries out actions on rows that are no hardware: agent/auth for accounts and
 * sessions. The action API checks role, existence, `must_change` and the words; the
 * handler does it. */

/** Called exactly once, on any thread, also from within run(). Texts are copied. */
typedef void bmc_action_handler_done(void *arg, int code, const struct bmc_error *err);

struct bmc_action_handler {
	/** A check that needs no waiting, when the action is reserved. Any thread. May
	 * be NULL. */
	int (*check)(const struct bmc_action *act, const struct bmc_actor *who,
		     struct bmc_error *err);
	/** Carries out ADD, SET (of `act->field`), PASSWORD or REMOVE; main thread,
	 * must not wait. `act` and `who` are borrowed until `done` is called; the
	 * secrets in `act` are wiped after that. `act->text` and `old_secret` as in
	 * struct bmc_action. */
	void (*run)(const struct bmc_action *act, const struct bmc_actor *who,
		    bmc_action_handler_done *done, void *arg);
};

/** Main thread, at init; NULL unregisters (the kind then answers BMC_ENOTSUP).
 * Static ops, borrowed. */
void bmc_action_handler_register(enum bmc_kind kind,
				 const struct bmc_action_handler *ops);
