// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>

#include "bmc/error.h"
#include "bmc/model.h"

/* What is asked for, and by whom: plain data, that the action API
 * (core/actions/action.h) checks and carries out. */

struct bmc_params; /* core/model/params.h */

#define BMC_SECRET_MAX 129 /* with the NUL; PAM_MAX_RESP_SIZE is 512 */

/* The rule for the id of an account, the same on all backends. */
#define BMC_USER_RULE                                                          \
	"a user's name has up to 31 of a-z, 0-9, '_', '.' and '-' and begins " \
	"with a letter or '_'"

/* The `num` of ADD of an account. */
#define BMC_ADD_DISABLED    1
#define BMC_ADD_MUST_CHANGE 2

/** Who asks. Filled by a frontend from what agent/auth or its own config says.
 */
struct bmc_actor {
	char name[BMC_ID_MAX];
	char role[BMC_ID_MAX];
	uint32_t privileges;  /* enum bmc_privilege, or-ed */
	bool must_change;     /* may do nothing but change the own password */
	bool fresh;           /* gave the password with this request or minutes ago */
	char origin[16];      /* "redfish", "snmp", "local" */
	char client[48];      /* peer address, as text */
	uint64_t stamp;       /* its account's state when the password was right */
	uint32_t certificate; /* row of the one it logged in by; 0: none */
};

/** One thing to do to one row. A blade's action expands to its boards. */
struct bmc_action {
	enum bmc_action_op op;
	enum bmc_kind kind;
	char id[BMC_ID_MAX];
	const struct bmc_field *field; /* BMC_ACT_SET: which setting */
	int64_t num; /* SET: the value of a field that is no text; ADD: of an
			account BMC_ADD_*, of a role its privileges; SET_NTP: 1 on,
			0 off, -1 as it is */
	char text[BMC_TEXT_MAX]; /* SET: the value of a text; ADD of an account: role */
	char secret[BMC_SECRET_MAX];     /* the new password; wiped when the transaction
					    ends    */
	char old_secret[BMC_SECRET_MAX]; /* one's own change: the old password, if given
					  */
	struct bmc_params *params; /* NULL: none. Borrowed; reserve takes a reference.
				      The plan (batch, delay, canary, per blade, apply
				      time) is the transaction's: all boards' actions
				      name the same list, or none */
	int64_t duration_ms; /* SET: 0 lasts, else 1 s to 30 days: then what was in
				force before is again */
	bool ask; /* SET of an account's name: only whether it can be. For what stands
		     before it in a transaction and can't be undone */
	bool in_set; /* a board of a set: left out, not refused, when it can't do it
			now; a busy one is named in the task. A blade's always are */
};
