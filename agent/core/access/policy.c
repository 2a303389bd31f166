// SPDX-License-Identifier: Apache-2.0
/* Who may do what, and what a board must be like for it: the tables behind reserving
 * and behind the values that frontends offer as allowable. Pure: reads rows, changes
 * nothing.
 */
#include "core/access/policy.h"

#include <string.h>

#include "core/model/field.h"
#include "core/model/service.h"

/* What an operation of a recipe asks of a board. */
struct board_rule {
	uint32_t any_of;       /* enum bmc_cap; one is enough         */
	enum bmc_power wanted; /* already so: nothing to do           */
	bool forced;           /* never on the board we run on        */
	bool needs_on;
	bool starts; /* of what is off: it is switched on, as the pin allows */
};

/* clang-format off */
static const struct board_rule board_rules[BMC_N_ACTS] = {
	[BMC_ACT_ON]                = { BMC_CAN_POWER, .wanted = BMC_POWER_ON },
	[BMC_ACT_FORCE_OFF]         = { BMC_CAN_POWER, .wanted = BMC_POWER_OFF, .forced = true },
	[BMC_ACT_GRACEFUL_SHUTDOWN] = { BMC_CAN_OS_SHUTDOWN, .wanted = BMC_POWER_OFF },
	[BMC_ACT_GRACEFUL_RESTART]  = { BMC_CAN_OS_REBOOT, .needs_on = true },
	[BMC_ACT_FORCE_RESTART]     = { BMC_CAN_RESET | BMC_CAN_POWER, .forced = true, .starts = true },
	[BMC_ACT_POWER_CYCLE]       = { BMC_CAN_POWER, .forced = true },
	[BMC_ACT_ENTER_MODE]        = { BMC_CAN_USB_MODE, .forced = true, .needs_on = true },
	[BMC_ACT_HUB_RESET]         = { BMC_CAN_HUB_RESET, .forced = true },
	[BMC_ACT_RECOVER]           = { BMC_CAN_HUB_RESET | BMC_CAN_RESET | BMC_CAN_POWER,
	                                .forced = true, .needs_on = true },
	[BMC_ACT_UPDATE]            = { BMC_CAN_FLASH },
};

#define HARDWARE     UINT64_MAX /* by the kinds' flags */
#define ONE_OF(kind) BMC_KIND_SET(kind)
#define ANY_KIND     UINT64_C(0)

#define MANAGER      BMC_PRIV_CONFIGURE_MANAGER
#define COMPONENTS   BMC_PRIV_CONFIGURE_COMPONENTS

/* The first line that fits decides; any one of its privileges is enough, as in Redfish's
 * privilege registry. */
static const struct {
	enum bmc_action_op op; /* BMC_ACT_NONE: all that recipes carry out */
	bmc_kind_set kinds;
	uint32_t any_of; /* ConfigureSelf counts for one's own rows only */
} privileges[] = {
	{ BMC_ACT_NONE,            HARDWARE,            MANAGER | COMPONENTS },
	{ BMC_ACT_SET,             HARDWARE,            MANAGER | COMPONENTS },
	{ BMC_ACT_PASSWORD,        ONE_OF(BMC_ACCOUNT), BMC_PRIV_CONFIGURE_SELF },
	{ BMC_ACT_REMOVE,          ONE_OF(BMC_SESSION), BMC_PRIV_CONFIGURE_SELF },
	{ BMC_ACT_ADD,             ONE_OF(BMC_SESSION), BMC_PRIV_LOGIN },
	{ BMC_ACT_SET,             ONE_OF(BMC_ACCOUNT), BMC_PRIV_CONFIGURE_USERS },
	{ BMC_ACT_ADD,             ONE_OF(BMC_ACCOUNT), BMC_PRIV_CONFIGURE_USERS },
	{ BMC_ACT_REMOVE,          ONE_OF(BMC_ACCOUNT), BMC_PRIV_CONFIGURE_USERS },
	{ BMC_ACT_SET,             ONE_OF(BMC_AGGREGATE), MANAGER | COMPONENTS },
	{ BMC_ACT_ADD,             ONE_OF(BMC_AGGREGATE), MANAGER | COMPONENTS },
	{ BMC_ACT_REMOVE,          ONE_OF(BMC_AGGREGATE), MANAGER | COMPONENTS },
	{ BMC_ACT_ADD,             ONE_OF(BMC_SUBSCRIPTION), MANAGER | COMPONENTS },
	{ BMC_ACT_SET,             ONE_OF(BMC_SUBSCRIPTION), MANAGER | BMC_PRIV_CONFIGURE_SELF },
	{ BMC_ACT_SET,             ONE_OF(BMC_TASK), MANAGER | COMPONENTS }, /* starts it */
	{ BMC_ACT_REMOVE,          ONE_OF(BMC_STORED_IMAGE), COMPONENTS },
	{ BMC_ACT_REMOVE,          ONE_OF(BMC_SUBSCRIPTION), MANAGER | BMC_PRIV_CONFIGURE_SELF },
	{ BMC_ACT_SET,             ANY_KIND,            MANAGER },
	{ BMC_ACT_REMOVE,          ANY_KIND,            MANAGER },
	{ BMC_ACT_ADD,             ANY_KIND,            MANAGER },
	{ BMC_ACT_MANAGER_RESTART, ANY_KIND,            MANAGER },
	{ BMC_ACT_CLEAR_LOG,       ANY_KIND,            MANAGER },
	{ BMC_ACT_SET_CLOCK,       ANY_KIND,            MANAGER },
	{ BMC_ACT_SET_NTP,         ANY_KIND,            MANAGER },
	{ BMC_ACT_RESET_SETTINGS,  ANY_KIND,            MANAGER },
};

static const struct {
	const char *verb;
	enum bmc_cap cap;
	size_t has; /* offset of the row's own word on it; 0: has none */
	bool pin;
} caps[] = {
	{ "power",       BMC_CAN_POWER,       offsetof(struct bmc_board, can_power), true },
	{ "reset",       BMC_CAN_RESET,       offsetof(struct bmc_board, can_reset), true },
	{ "os_reboot",   BMC_CAN_OS_REBOOT,   offsetof(struct bmc_board, can_adb),   false },
	{ "os_shutdown", BMC_CAN_OS_SHUTDOWN, offsetof(struct bmc_board, can_adb),   false },
	{ "usb_mode",    BMC_CAN_USB_MODE,    0,                                     true },
	{ "hub_reset",   BMC_CAN_HUB_RESET,   0,                                     true },
	{ "flash",       BMC_CAN_FLASH,       0,                                     false },
};

/* Modes, what USB shows of them, and the board's state. */
static const struct {
	enum bmc_usb_mode usb;
	enum bmc_board_state state;
} modes[BMC_N_BOOTS] = {
	[BMC_BOOT_LOADER]      = { BMC_USB_LOADER,      BMC_BOARD_LOADER },
	[BMC_BOOT_MASKROM]     = { BMC_USB_MASKROM,     BMC_BOARD_MASKROM },
	[BMC_BOOT_NETRECOVERY] = { BMC_USB_NETRECOVERY, BMC_BOARD_NETRECOVERY },
	[BMC_BOOT_FASTBOOT]    = { BMC_USB_FASTBOOT,    BMC_BOARD_FASTBOOT },
};
/* clang-format on */

uint32_t bmc_caps_bound(bool (*bound)(void *arg, const char *verb), void *arg)
{
	uint32_t mask = 0;

	for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
		if (bound(arg, caps[i].verb))
			mask |= caps[i].cap;
	}
	return mask;
}

uint32_t bmc_board_caps(const struct bmc_board *b)
{
	uint32_t bound = b->bound == BMC_UNKNOWN ? 0 : (uint32_t)b->bound, mask = 0;

	for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
		int64_t has = 1;

		if (caps[i].has)
			memcpy(&has, (const char *)b + caps[i].has, sizeof(has));
		if (has == 1 && !(caps[i].pin && b->is_main == 1))
			mask |= caps[i].cap & bound;
	}
	return mask;
}

/* ---- modes ---- */

uint32_t bmc_board_boot_allowed(const struct bmc_board *b)
{
	uint32_t all = (1u << BMC_N_BOOTS) - (1u << BMC_BOOT_NONE);

	if (b->row.status == BMC_ABSENT || b->present == 0)
		return 0;
	return bmc_board_caps(b) & BMC_CAN_USB_MODE ? all : 1u << BMC_BOOT_NONE;
}

enum bmc_boot_target bmc_board_boots(const struct bmc_board *b)
{
	bool armed = b->boot_enabled == BMC_BOOT_ONCE ||
		     b->boot_enabled == BMC_BOOT_CONTINUOUS;

	return armed && b->boot_target > BMC_BOOT_NONE
		       ? (enum bmc_boot_target)b->boot_target
		       : BMC_BOOT_NONE;
}

bool bmc_board_in_mode(const struct bmc_board *b, int64_t mode)
{
	if (mode == BMC_BOOT_NORMAL)
		return b->state == BMC_BOARD_ANDROID || b->state == BMC_BOARD_LINUX;
	return mode > BMC_BOOT_NORMAL && mode < BMC_N_BOOTS &&
	       b->state == (int64_t)modes[mode].state && b->lasting_state == b->state;
}

/* Without an adb source, being on USB as a system is all that can be seen. */
bool bmc_board_answers(const struct bmc_board *b)
{
	bool system = b->usb_mode == BMC_USB_ADB || b->usb_mode == BMC_USB_DEVICE;

	return b->state == BMC_BOARD_ANDROID || b->state == BMC_BOARD_LINUX ||
	       b->state == BMC_BOARD_ADB || (system && b->adb_state == BMC_ADB_UNKNOWN);
}

enum bmc_usb_mode bmc_mode_usb(int64_t mode)
{
	return mode > BMC_BOOT_NORMAL && mode < BMC_N_BOOTS ? modes[mode].usb
							    : BMC_USB_UNKNOWN;
}

int bmc_mode_check(const struct bmc_board *b, int64_t mode, struct bmc_error *err)
{
	if (mode <= BMC_BOOT_NONE || mode >= BMC_N_BOOTS)
		return bmc_fail(err, BMC_EINVAL, "there is no such mode");
	if (!(bmc_board_boot_allowed(b) & 1u << mode))
		return bmc_fail(err, BMC_ENOTSUP,
				"%s can't be sent into a mode: no plugin does it",
				b->row.id);
	return bmc_board_in_mode(b, mode);
}

bool bmc_op_is_recipe(enum bmc_action_op op)
{
	return op > BMC_ACT_NONE && op < BMC_N_ACTS && board_rules[op].any_of != 0;
}

bool bmc_op_follows(enum bmc_action_op op, enum bmc_action_op held)
{
	return op == BMC_ACT_ON &&
	       (held == BMC_ACT_GRACEFUL_SHUTDOWN || held == BMC_ACT_FORCE_OFF);
}

static bool wanted_already(const struct bmc_board *b, enum bmc_power wanted)
{
	if (wanted == BMC_POWER_ON)
		return b->power_state == BMC_POWER_ON ||
		       b->power_state == BMC_POWERING_ON;
	return wanted == BMC_POWER_OFF && b->power_state == BMC_POWER_OFF;
}

int bmc_board_check(const struct bmc_board *b, enum bmc_action_op op,
		    struct bmc_error *err)
{
	const struct board_rule *rule = &board_rules[op];
	const char *id = b->row.id, *word = bmc_name_word(bmc_action_names, op);

	if (b->row.status == BMC_ABSENT || b->present == 0)
		return bmc_fail(err, BMC_EABSENT,
				"slot %s is empty: put a board into it", id);
	if (wanted_already(b, rule->wanted))
		return 1;
	if (rule->forced && b->is_main == 1)
		return bmc_fail(
			err, BMC_ENOTSUP,
			"%s is refused on %s: the agent itself runs there; restart it "
			"gracefully",
			word, id);
	if (!(bmc_board_caps(b) & rule->any_of))
		return bmc_fail(err, BMC_ENOTSUP,
				"%s is not possible on %s: the platform file "
				"has no pin or plugin for it",
				word, id);
	if (b->power_state == BMC_POWER_OFF &&
	    (rule->needs_on || (rule->starts && !(bmc_board_caps(b) & BMC_CAN_POWER))))
		return bmc_fail(err, BMC_ESTATE, "%s is off: switch it on instead", id);
	return BMC_OK;
}

int bmc_board_action_check(const struct bmc_board *b, const struct bmc_action *act,
			   struct bmc_error *err)
{
	int code = bmc_board_check(b, act->op, err);

	return code == BMC_OK && act->op == BMC_ACT_ENTER_MODE
		       ? bmc_mode_check(b, act->num, err)
		       : code;
}

static bool covers(bmc_kind_set kinds, enum bmc_kind kind)
{
	if (kinds == HARDWARE)
		return bmc_kind_is(kind, BMC_KIND_HARDWARE);
	return kinds == ANY_KIND || kinds & BMC_KIND_SET(kind);
}

uint32_t bmc_action_privilege(enum bmc_action_op op, enum bmc_kind kind)
{
	enum bmc_action_op asked = bmc_op_is_recipe(op) ? BMC_ACT_NONE : op;

	for (size_t i = 0; i < sizeof(privileges) / sizeof(privileges[0]); i++) {
		if (privileges[i].op == asked && covers(privileges[i].kinds, kind))
			return privileges[i].any_of;
	}
	return MANAGER;
}

/* Whether the action is on the actor's own account or session. */
static bool own_row(const struct bmc_actor *who, const struct bmc_action *act,
		    const struct bmc_snapshot *s)
{
	const struct bmc_row *row = NULL;
	const char *user;

	if (act->kind == BMC_ACCOUNT)
		return strcmp(act->id, who->name) == 0;
	if (act->kind == BMC_SESSION || act->kind == BMC_SUBSCRIPTION)
		row = bmc_snapshot_find(s, act->kind, act->id);
	if (!row)
		return false;
	user = act->kind == BMC_SESSION ? ((const struct bmc_session *)row)->user
					: ((const struct bmc_subscription *)row)->user;
	return *user && strcmp(user, who->name) == 0;
}

/* What an actor needs for an action: any one of these. */
static uint32_t needs_of(const struct bmc_action *act, bool own)
{
	uint32_t needs = bmc_action_privilege(act->op, act->kind);
	bool leaves = act->kind == BMC_SESSION && act->op == BMC_ACT_REMOVE;

	if (act->op == BMC_ACT_SET && act->field && act->field->flags & BMC_IDENTITY)
		return BMC_PRIV_CONFIGURE_MANAGER;
	if (act->op == BMC_ACT_SET && act->field && act->field->flags & BMC_LOGIN_RULE)
		return BMC_PRIV_CONFIGURE_USERS;
	if (own || !(needs & BMC_PRIV_CONFIGURE_SELF))
		return needs;
	needs &= ~(uint32_t)BMC_PRIV_CONFIGURE_SELF;
	if (needs)
		return needs;
	return leaves ? BMC_PRIV_CONFIGURE_MANAGER : BMC_PRIV_CONFIGURE_USERS;
}

int bmc_actor_check(const struct bmc_actor *who, const struct bmc_action *act,
		    const struct bmc_snapshot *s, struct bmc_error *err)
{
	bool own = own_row(who, act, s);
	bool leaves = act->kind == BMC_SESSION && act->op == BMC_ACT_REMOVE;

	if (who->must_change && !(own && (act->op == BMC_ACT_PASSWORD || leaves)))
		return bmc_fail(err, BMC_EMUSTCHANGE,
				"change the password of %s first: nothing else is "
				"allowed before",
				who->name);
	if (who->privileges & needs_of(act, own))
		return BMC_OK;
	return bmc_fail(err, BMC_EPERM,
			"%s, as %s, may not do this: ask an administrator", who->name,
			who->role[0] ? who->role : "nobody");
}

/* ---- what frontends offer ---- */

uint32_t bmc_board_allowed(const struct bmc_board *b)
{
	uint32_t have = bmc_board_caps(b), mask = 0;

	if (b->row.status == BMC_ABSENT || b->present == 0)
		return 0;
	for (unsigned op = 0; op < BMC_N_ACTS; op++) {
		if (have & board_rules[op].any_of)
			mask |= 1u << op;
	}
	return mask;
}

static uint32_t derived_mask(int64_t allowed)
{
	return allowed == BMC_UNKNOWN ? 0 : (uint32_t)allowed;
}

uint32_t bmc_action_allowed(const struct bmc_row *row)
{
	const struct bmc_kind_desc *kind = bmc_kind(row->kind);
	uint32_t mask = 0;

	for (size_t i = 0; i < kind->n_fields; i++) {
		if (kind->fields[i].flags & BMC_SETTING)
			mask = 1u << BMC_ACT_SET;
	}
	switch (row->kind) {
	case BMC_BOARD:
		return mask | derived_mask(((const struct bmc_board *)row)->allowed);
	case BMC_BLADE:
		return mask | derived_mask(((const struct bmc_blade *)row)->allowed);
	case BMC_CHASSIS:
		return mask | derived_mask(((const struct bmc_chassis *)row)->allowed);
	case BMC_MANAGER:
		return mask | 1u << BMC_ACT_MANAGER_RESTART;
	case BMC_ACCOUNT:
		return mask | 1u << BMC_ACT_PASSWORD | 1u << BMC_ACT_REMOVE;
	case BMC_SESSION:
		return mask | 1u << BMC_ACT_REMOVE;
	default:
		return mask;
	}
}
