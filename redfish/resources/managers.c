// SPDX-License-Identifier: Apache-2.0
// This agent as the manager of the whole.
#include <string.h>
#include <time.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "redfish/list.h"

#define OEM      "Oem/ClusterBmc/"
#define PRESERVE "PreserveNetworkAndUsers"
#define SHELLS   4 /* BMC_STREAMS_PER_BOARD */

/* IANA's name of the time zone, as the machine is configured; else its abbreviation. */
static json_t *time_zone(struct rf_render *r)
{
	static const char folder[] = "/zoneinfo/";
	char to[256] = "";
	time_t now = time(NULL);
	struct tm tm;

	(void)r;
	bool named = readlink("/etc/localtime", to, sizeof(to) - 1) > 0;
	const char *at = named && !getenv("TZ") ? strstr(to, folder) : NULL;
	if (at && bmc_text_ok(at, strlen(at)))
		return json_string(at + strlen(folder));
	return json_string(localtime_r(&now, &tm) ? tm.tm_zone : "UTC");
}

static json_t *neighbours(struct rf_render *r)
{
	return json_sprintf("/redfish/v1/Managers/%s/Oem/ClusterBmc/Neighbours",
			    rf_row(r)->id);
}

/* Of the machine that it runs on, at that System's Oem ShellUri. */
static json_t *has_shell(struct rf_render *r)
{
	const struct bmc_row *const *rows;
	size_t n = rf_rows(rf_view_of(r), BMC_BOARD, &rows);

	for (size_t i = 0; i < n; i++) {
		const struct bmc_board *b = (const struct bmc_board *)rows[i];
		if (b->is_main == 1)
			return json_boolean(b->can_shell == 1);
	}
	return json_false();
}

/* clang-format off */
static const struct rf_prop props[] = {
	RF_NAMED(bmc_manager),
	RF_TEXT("Description", "The agent that manages the chassis and its boards."),
	RF_TEXT("ManagerType", "BMC"),
	RF_STATUS_CONDITIONS(bmc_manager),
	RF_TEXT("PowerState", "On"),
	RF_FIELD("LocationIndicatorActive", bmc_manager, locator, .flags = RF_PATCH | RF_OMIT),
	RF_FIELD("Model", bmc_manager, model),
	RF_FIELD("FirmwareVersion", bmc_manager, version),
	RF_FIELD("UUID", bmc_manager, uuid, .flags = RF_OMIT),
	RF_FIELD("ServiceEntryPointUUID", bmc_manager, uuid, .flags = RF_OMIT),
	RF_FIELD("LastResetTime", bmc_manager, start_time, .flags = RF_OMIT),
	RF_FN("DateTime", rf_clock_value, .flags = RF_PATCH | RF_CLOCK, .set = rf_clock_set),
	RF_FN("DateTimeLocalOffset", rf_clock_offset),
	RF_FN("TimeZoneName", time_zone),
	RF_FN("CommandShell/ServiceEnabled", has_shell),
	RF_NUM("CommandShell/MaxConcurrentSessions", SHELLS),
	RF_TEXT("CommandShell/ConnectTypesSupported[]", "Oem"),
	RF_LINK("NetworkProtocol", "./NetworkProtocol"),
	RF_LINK("EthernetInterfaces", "./EthernetInterfaces"),
	RF_LINK("LogServices", "./LogServices"),
	RF_ALL("Links/ManagerForServers", &rf_system),
	RF_ALL("Links/ManagerForChassis", &rf_enclosure, &rf_blade, &rf_card),
	RF_SAME("Links/ManagerInChassis", &rf_enclosure),
	RF_SAME("Links/ActiveSoftwareImage", &rf_agent_software),
	RF_SAME("Links/SoftwareImages[]", &rf_agent_software),
	RF_TEXT("Actions/#Manager.ResetToDefaults/ResetType@Redfish.AllowableValues[]", PRESERVE),
	RF_TEXT(OEM "@odata.type", "#ClusterBmcManager.v1_0_0.Manager"),
	RF_FIELD(OEM "Label", bmc_manager, name, .flags = RF_PATCH),
	RF_FIELD(OEM "StateDurable", bmc_manager, state_durable),
	RF_FN(OEM "NeighboursUri", neighbours, .flags = RF_STRING, .text = "Where the other agents of the network are listed: a GET begins to search for them, where SSDP is on. clusterbmc's doc/neighbours.md has the document."),
	{ .path = NULL },
};
/* clang-format on */

static uint32_t allowed(struct rf_view *v, const struct bmc_row *row)
{
	(void)v;
	(void)row;
	return RF_MANAGER_RESETS;
}

/* Accepted work is in the journal: both ways the same goes on after the start. */
static int reset(struct rf_request *q, const json_t *const *args)
{
	struct bmc_action act = { .op = BMC_ACT_MANAGER_RESTART, .kind = BMC_MANAGER };
	const char *word = args[0] ? json_string_value(args[0]) : "GracefulRestart";

	int op = bmc_name_value(rf_reset_names, word);

	if (op < 0 || !(RF_MANAGER_RESETS & 1U << op)) {
		(void)rf_message_add(&q->messages, RF_PARAMETER_NOT_IN_LIST, word,
				     "ResetType", q->action->name);
		return rf_answer_messages(q, 0);
	}
	(void)bmc_copy(act.id, sizeof(act.id), q->row->id);
	return rf_submit(q, &act, 1, rf_then_task);
}

/* Accounts and the network are not the state database's. */
static int reset_to_defaults(struct rf_request *q, const json_t *const *args)
{
	struct bmc_action act = { .op = BMC_ACT_RESET_SETTINGS, .kind = BMC_MANAGER };
	const char *word = json_string_value(args[0]);

	if (strcmp(word, PRESERVE) != 0) {
		(void)rf_message_add(&q->messages, RF_PARAMETER_NOT_IN_LIST, word,
				     "ResetType", q->action->name);
		return rf_answer_messages(q, 0);
	}
	(void)bmc_copy(act.id, sizeof(act.id), q->row->id);
	return rf_submit(q, &act, 1, rf_then_task);
}

static const struct rf_param defaults_params[] = {
	{ "ResetType", JSON_STRING, true },
	{ .name = NULL },
};
static const struct rf_param reset_params[] = {
	{ "ResetType", JSON_STRING, false },
	{ .name = NULL },
};
static const struct rf_action actions[] = {
	{ "Manager.Reset", reset_params, reset, allowed },
	{ "Manager.ResetToDefaults", defaults_params, reset_to_defaults, NULL },
	{ .name = NULL },
};

const struct rf_resource rf_managers = {
	.uri = "/redfish/v1/Managers",
	.type = "ManagerCollection.ManagerCollection",
	.name = "Managers",
	.members = RF_TO(&rf_manager),
};
const struct rf_resource rf_manager = {
	.uri = "/redfish/v1/Managers/{manager}",
	.type = "Manager.v1_24_0.Manager",
	.props = props,
	.actions = actions,
	.flags = RF_VOLATILE, /* its clock runs */
};
