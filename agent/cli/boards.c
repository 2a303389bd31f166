// SPDX-License-Identifier: Apache-2.0
// All boards, in one request. Called by node sets and by commands.
#include <ctype.h>
#include <string.h>

#include "cli/cli.h"
#include "core/base/util.h"

#define OEM "Oem/ClusterBmc/"

/* What a board is called here, and in Redfish. */
static const struct {
	const char *key, *path;
} members[] = {
	{ "node", "Id" },
	{ "state", OEM "NodeState" },
	{ "power", "PowerState" },
	{ "adb_state", OEM "AdbState" },
	{ "adb_serial", "SerialNumber" },
	{ "adb_transport", OEM "AdbTransport" },
	{ "model", "Model" },
	{ "os_version", OEM "OsVersion" },
	{ "hardware_version", OEM "HardwareVersion" },
	{ "ip", OEM "IpAddress" },
	{ "mac", OEM "MacAddress" },
	{ "present", OEM "Present" },
	{ "label", OEM "Label" },
};

/* As a board's id is made; everything else would be no name for a command line. */
static bool is_name(const char *id)
{
	size_t n = strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "0123456789-_.");

	return n && n < 64 && !id[n] && *id != '-' && *id != '.';
}

/* Redfish's words, and those of Firefly's tool. */
static const struct {
	const char *redfish, *word;
} states[] = {
	{ "Android", "android" },
	{ "Linux", "linux" },
	{ "Offline", "offline" },
	{ "Online", "online" },
	{ "Loader", "loader" },
	{ "Fastboot", "fastboot" },
	{ "Adb", "adb" },
	{ "AdbOffline", "adb_offline" },
	{ "AndroidRecovery", "android_recovery" },
	{ "NetRecovery", "netrecovery" },
	{ "MaskRom", "maskrom" },
};

/* "Device" is adb's device. */
static void set_adb_state(json_t *b)
{
	char word[16];
	size_t n = 0;

	for (const char *p = cli_text_at(b, "adb_state"); *p && n + 1 < sizeof(word);
	     p++)
		word[n++] = (char)tolower((unsigned char)*p);
	word[n] = 0;
	if (n)
		(void)json_object_set_new(b, "adb_state", json_string(word));
}

static void set_state(json_t *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		if (strcmp(cli_text_at(b, "state"), states[i].redfish) == 0)
			(void)json_object_set_new(b, "state",
						  json_string(states[i].word));
	}
}

static json_t *board_of(const json_t *system)
{
	const char *uri = cli_text_at(system, "@odata.id");
	json_t *b;

	if (!is_name(cli_text_at(system, "Id")) ||
	    strncmp(uri, CLI_ROOT "/Systems/", strlen(CLI_ROOT "/Systems/")) != 0)
		return NULL;
	b = json_object();
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		const json_t *v = cli_at(system, members[i].path);
		(void)json_object_set_new(b, members[i].key,
					  v ? json_deep_copy(v) : json_null());
	}
	set_state(b);
	set_adb_state(b);
	(void)json_object_set_new(b, "uri", json_string(uri));
	return b;
}

static json_t *fetch(struct cli *c, struct cli_error *err)
{
	char select[512] = "";
	json_t *list = json_array(), *answer, *system;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(members); i++) {
		size_t n = strlen(select);
		(void)snprintf(select + n, sizeof(select) - n, "%s%s", i ? "," : "",
			       members[i].path);
	}
	answer = cli_get(cli_link(c), err, CLI_ROOT "/Systems?$expand=.&$select=%s",
			 select);
	if (!answer) {
		json_decref(list);
		return NULL;
	}
	json_array_foreach (json_object_get(answer, "Members"), i, system) {
		json_t *b = board_of(system);
		if (b)
			(void)json_array_append_new(list, b);
	}
	json_decref(answer);
	return list;
}

const json_t *cli_boards(struct cli *c, int *ret_code)
{
	struct cli_error err;

	if (!c->boards)
		c->boards = fetch(c, &err);
	*ret_code = c->boards ? CLI_OK : cli_report(NULL, &err);
	return c->boards;
}
