// SPDX-License-Identifier: Apache-2.0
// The list of commands.
#include "cli/list.h"

const struct cli_command *const cli_commands[] = {
	/* as Firefly's tool lists them */
	&cli_list,
	&cli_serials,
	&cli_reset,
	&cli_state,
	&cli_shell,
	&cli_forall,
	/* ours */
	&cli_show,
	&cli_reboot,
	&cli_poweron,
	&cli_poweroff,
	&cli_vendor,
	&cli_versions,
	&cli_query,
	&cli_metrics,
	&cli_adb,
	&cli_sensors,
	&cli_events,
	&cli_fw,
	&cli_netrecovery_master,
	&cli_account,
	&cli_passwd,
	&cli_redfish,
	&cli_doctor,
	&cli_support_bundle,
	&cli_completion,
	&cli_complete,
	&cli_login_command,
	&cli_logout_command,
	&cli_help,
	NULL,
};
