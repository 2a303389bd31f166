// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/cli.h"

/** All commands in the order of the overview, ended by NULL. */
extern const struct cli_command *const cli_commands[];

extern const struct cli_command cli_list;
extern const struct cli_command cli_serials;
extern const struct cli_command cli_reset;
extern const struct cli_command cli_state;
extern const struct cli_command cli_forall;
extern const struct cli_command cli_reboot;
extern const struct cli_command cli_poweron;
extern const struct cli_command cli_poweroff;
extern const struct cli_command cli_show;
extern const struct cli_command cli_query;
extern const struct cli_command cli_metrics;
extern const struct cli_command cli_vendor;
extern const struct cli_command cli_versions;
extern const struct cli_command cli_adb;
extern const struct cli_command cli_shell;
extern const struct cli_command cli_sensors;
extern const struct cli_command cli_events;
extern const struct cli_command cli_fw;
extern const struct cli_command cli_netrecovery_master;
extern const struct cli_command cli_account;
extern const struct cli_command cli_passwd;
extern const struct cli_command cli_redfish;
extern const struct cli_command cli_doctor;
extern const struct cli_command cli_support_bundle;
extern const struct cli_command cli_completion;
extern const struct cli_command cli_complete;
extern const struct cli_command cli_login_command;
extern const struct cli_command cli_logout_command;
extern const struct cli_command cli_help;
