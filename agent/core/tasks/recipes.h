// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/model.h"
#include "core/model/update-codes.h"

/* How each operation is carried out on a board: steps, as data (recipes.c). The engine
 * is run.c. Step positions are journaled: append, don't reorder, and stay below
 * BMC_STEPS_MAX (a step's number for the helper is job * 64 + step). */

#define BMC_STEPS_MAX         32
#define BMC_UPDATE_WRITE_STEP 3 /* of an update, from here on its board is written */

enum bmc_step_do {
	BMC_DO_VERB,  /* runs a verb                                       */
	BMC_DO_WAIT,  /* until the condition holds, else on_fail           */
	BMC_DO_PAUSE, /* lets the time of `limit` pass                     */
	BMC_DO_END,   /* the task is completed; `doing` is the last word   */
	BMC_DO_FAIL,  /* it ends with what has stopped it; `doing` says what became of
			 the  board */
	BMC_DO_REINSTALL, /* it ends, and an update of the board is asked for */
};

enum bmc_cond {
	BMC_COND_NONE,
	BMC_COND_LEFT,     /* has left USB since the last verb, or USB can't tell */
	BMC_COND_SEEN_OFF, /* was on USB and has been seen leaving it             */
	BMC_COND_GONE,     /* is not on USB, or not powered                       */
	BMC_COND_POWERED,  /* power pin reads active, or it is not known         */
	BMC_COND_UNPOWERED,
	BMC_COND_CAN_RESET, /* the platform has the pin */
	BMC_COND_CAN_POWER,
	BMC_COND_RESETTABLE, /* has the pin, and power for it to matter */
	BMC_COND_IS_OFF,     /* power pin reads inactive                */
	BMC_COND_ASKABLE,    /* its system takes requests               */
	BMC_COND_TO_MODE,    /* the same, and a mode other than normal is asked for */
	BMC_COND_IN_MODE,    /* is, and stays, in the task's mode       */
	BMC_COND_CAN_HUB,    /* its hub's port can be switched          */
	BMC_COND_BACK,       /* has left USB since the last verb, and is on it again */
	BMC_COND_ANSWERS,    /* its system does                         */
	BMC_COND_DRY_RUN,    /* of an update                            */
	BMC_COND_UP, /* its system was restarted and answers, or nothing can tell */
	BMC_COND_CAN_ROLL_BACK, /* its flasher can */
	BMC_COND_CAN_REINSTALL, /* a flasher is bound, and the platform file names an
				   image */
};

/* How long a step may take; the times are the platform file's. */
enum bmc_limit {
	BMC_LIMIT_OWN, /* the verb's deadline */
	BMC_LIMIT_NOW,
	BMC_LIMIT_CONFIRM, /* for a reading to follow its pin */
	BMC_LIMIT_LEAVE,
	BMC_LIMIT_SHUTDOWN,
	BMC_LIMIT_SETTLE,
	BMC_LIMIT_BOOT,       /* for its system to come up, with some to spare */
	BMC_LIMIT_FIRST_BOOT, /* the same after it was written anew */
};

struct bmc_step {
	enum bmc_step_do what;
	const char *verb;
	int64_t arg;
	enum bmc_cond cond; /* of a verb: ends it early as a success */
	enum bmc_limit limit;
	bool from_start; /* the limit counts from the start of the request */
	bool inrush;     /* powers a board up: spaced, all transactions together */
	bool pulse;      /* after a crash, ask the helper whether it was done */
	bool trust;   /* a wait that nothing can be learnt from after a crash: passed */
	bool hold;    /* no safe point: a cancellation waits */
	bool to_mode; /* the verb's argument is the USB mode of the task's mode */
	uint8_t resume;    /* after a crash in the verb: step that finds out; 0: none */
	uint8_t on_ok;     /* step to go on with; 0: the next */
	uint8_t on_fail;   /* 0: the task ends as an exception */
	uint8_t on_cancel; /* step that undoes; 0: the task just ends */
	enum bmc_stage stage; /* of an update; a verb with one is a flasher's call */
	uint8_t from, to;     /* percent of the task; 0, 0: by the number of steps */
	const char *doing;
	const char *failed; /* what the user can do next */
	const char *event;  /* raised with the board's id */
};

struct bmc_recipe {
	const struct bmc_step *steps;
	unsigned n;
	unsigned mode; /* first step of the part that enters a mode; 0: has none */
};

/** The recipe of an operation; `steps` is NULL for what has none. */
const struct bmc_recipe *bmc_recipe(enum bmc_action_op op);
/** What a journaled position is to find again after the service was updated: a number
 * of the steps 0 to `step` (what they do, their verbs and stages), 1 to 2^31 - 1. Steps
 * that are appended do not change it. `step` is one of the recipe's. */
uint32_t bmc_recipe_print(enum bmc_action_op op, unsigned step);
