// SPDX-License-Identifier: Apache-2.0
/* All types of events: the message registry of Redfish, the traps of SNMP and the log
 * show this table. A severity of "unknown" means: that of the health the row has now.
 */
#include <string.h>

#include "core/events/event.h"

/* clang-format off */
#define OK       BMC_SEVERITY_OK
#define WARNING  BMC_SEVERITY_WARNING
#define CRITICAL BMC_SEVERITY_CRITICAL
#define BY_ROW   BMC_SEVERITY_UNKNOWN
#define NOTHING  "None."

const struct bmc_event_type bmc_event_types[] = {
	/* what comes and goes */
	{ "BoardInserted", OK, 1, "Board %1 was inserted.", NOTHING,
	  "A board was plugged into its slot." },
	{ "BoardRemoved", WARNING, 1, "Board %1 was removed.",
	  "If it was not taken out on purpose, check how it sits in its slot.",
	  "A board was taken out of its slot." },
	{ "BladeInserted", OK, 1, "Blade %1 was inserted.", NOTHING, "A blade was plugged in." },
	{ "BladeRemoved", WARNING, 1, "Blade %1 was removed.",
	  "If it was not taken out on purpose, check how it sits.", "A blade was taken out." },
	{ "FanInserted", OK, 1, "Fan %1 was inserted.", NOTHING, "A fan was plugged in." },
	{ "FanRemoved", WARNING, 1, "Fan %1 was removed.", "Put a fan in soon.",
	  "A fan was taken out." },
	{ "PsuInserted", OK, 1, "Power supply %1 was inserted.", NOTHING,
	  "A power supply was plugged in." },
	{ "PsuRemoved", WARNING, 1, "Power supply %1 was removed.", "Put a supply in soon.",
	  "A power supply was taken out." },
	{ "DiskInserted", OK, 1, "Disk %1 was inserted.", NOTHING, "A disk was plugged in." },
	{ "DiskRemoved", WARNING, 1, "Disk %1 was removed.",
	  "If it was not taken out on purpose, check how it sits.", "A disk was taken out." },
	/* boards */
	{ "BoardPowerChanged", OK, 2, "Board %1 is now powered %2.", NOTHING,
	  "A board was switched on or off." },
	{ "BoardStateChanged", OK, 3, "Board %1 went from %2 to %3.", NOTHING,
	  "What a board is doing has changed." },
	{ "BoardHealthChanged", BY_ROW, 3, "Health of board %1 went from %2 to %3.",
	  "Look at the board's state and sensors.", "A board's health has changed." },
	{ "BoardQuarantined", CRITICAL, 1, "A call for board %1 never came back.",
	  "Restart the service when convenient; the other boards are not affected.",
	  "A plugin hung in a call; the board is left alone until the service restarts." },
	{ "InstanceQuarantined", CRITICAL, 1, "A reading of instance %1 never came back.",
	  "Check its hardware; restart the service if it stays so.",
	  "A plugin hung in a reading; its values are unknown until it comes back." },
	{ "InstanceRecovered", OK, 1, "The readings of instance %1 have come back.", NOTHING,
	  "A plugin that hung in a reading answers again." },
	{ "ResetFellBackToPin", WARNING, 1,
	  "Board %1 did not restart when asked, so its RESET pin was pulsed.",
	  "Check the board's operating system.",
	  "A graceful restart ended as a reset by the pin." },
	/* the chassis */
	{ "ChassisHealthChanged", BY_ROW, 3, "Health of %1 went from %2 to %3.",
	  "Look for the part that is not well.", "The chassis's health has changed." },
	{ "PsuRedundancyLost", WARNING, 1, "The power supplies of %1 are not redundant any more.",
	  "Repair or replace the failed supply soon.",
	  "One more failing supply would take the chassis down." },
	{ "PsuRedundancyRestored", OK, 1, "The power supplies of %1 are redundant again.", NOTHING,
	  "A supply may fail without harm again." },
	{ "FanFailed", CRITICAL, 2, "Fan %1 has failed: %2 rpm.", "Replace the fan.",
	  "A fan turns slower than its limit." },
	{ "FanRecovered", OK, 2, "Fan %1 turns again: %2 rpm.", NOTHING,
	  "A fan turns as it should again." },
	{ "PsuFailed", CRITICAL, 1, "Power supply %1 has failed.",
	  "Check its mains cable, then replace the supply.",
	  "A supply has no input or no good output." },
	{ "PsuRecovered", OK, 1, "Power supply %1 works again.", NOTHING,
	  "A supply works as it should again." },
	{ "DiskHealthChanged", BY_ROW, 3, "Health of disk %1 went from %2 to %3.",
	  "If it is not OK, save the data and replace the disk.",
	  "A disk expects to fail, or does not any more." },
	{ "SensorAboveLimit", BY_ROW, 3, "Sensor %1 reads %2, above its limit of %3.",
	  "Find the cause: load, fans, air flow or supply.", "A reading passed an upper limit." },
	{ "SensorBelowLimit", BY_ROW, 3, "Sensor %1 reads %2, below its limit of %3.",
	  "Find the cause: load, fans, air flow or supply.", "A reading passed a lower limit." },
	{ "SensorLimitCleared", OK, 2, "Sensor %1 reads %2, within its limits again.", NOTHING,
	  "A reading is back within its limits." },
	{ "NicLinkUp", OK, 1, "Network interface %1 has a link.", NOTHING,
	  "A network interface got a link." },
	{ "NicLinkDown", WARNING, 1, "Network interface %1 has lost its link.",
	  "Check the cable and the other end.", "A network interface lost its link." },
	/* tasks */
	{ "TaskStarted", OK, 3, "Task %1 has started: %2 of %3.", NOTHING,
	  "An accepted action began." },
	{ "TaskCompleted", OK, 3, "Task %1 is done: %2 of %3.", NOTHING,
	  "An action ended well." },
	{ "TaskFailed", WARNING, 3, "Task %1 for %2 has failed: %3.",
	  "Remove the cause and ask again.", "An action failed." },
	{ "TaskCancelled", OK, 3, "Task %1 was cancelled: %2 of %3.", NOTHING,
	  "An action was cancelled." },
	/* users */
	{ "LoginSucceeded", OK, 3, "User %1 logged in from %2 over %3.", NOTHING,
	  "A user logged in." },
	{ "SessionEnded", OK, 3, "The session of %1 from %2 was ended: %3.", NOTHING,
	  "A session was ended for a later one, as there were too many." },
	{ "LoginFailed", WARNING, 3, "A login as %1 from %2 over %3 was refused.",
	  "If this goes on, find out who it is.", "A password was wrong." },
	{ "LoginLocked", WARNING, 2, "Too many wrong passwords for %1 from %2.",
	  "Wait, or let an Administrator unlock the account.",
	  "Logins are refused for a while after too many failures." },
	{ "AccountChanged", OK, 3, "Account %1: %2 by %3.", NOTHING,
	  "An account was made, changed or removed." },
	{ "ActionRefused", WARNING, 3, "%1 may not do this: %2 (%3).",
	  "Ask an Administrator for the role it needs.", "An action was refused." },
	{ "StreamOpened", OK, 3, "A stream to board %1 was opened: %2, by %3.", NOTHING,
	  "A user opened a shell or a transfer of a file to a board." },
	{ "StreamClosed", OK, 3, "A stream to board %1 has ended: %2, by %3.", NOTHING,
	  "A shell or a transfer of a file has ended; with its exit code or the reason." },
	{ "LogCleared", OK, 2, "The event log was cleared by %1 from %2.", NOTHING,
	  "All entries of the event log were removed." },
	{ "SettingsReset", OK, 2, "All that users set but accounts, roles and the network was reset by %1 from %2.", NOTHING,
	  "Settings, aggregates, subscriptions to events, telemetry definitions and the time-out of sessions were dropped; the configuration holds again. Accounts, roles, sessions, the network, certificates, logs and tasks stayed." },
	{ "SettingChanged", OK, 3, "%1 of %2 was set by %3.", NOTHING, "A setting was changed." },
	/* the service */
	{ "ServiceStarted", OK, 1, "The management service %1 has started.", NOTHING,
	  "The agent has started." },
	{ "StateNotDurable", CRITICAL, 0,
	  "The state database takes no writes; what happens now is lost at a restart.",
	  "Make room on its disk or repair the file system.",
	  "Tasks, settings and events are not stored at present." },
	{ "StateDurable", OK, 0, "The state database takes writes again.", NOTHING,
	  "Tasks, settings and events are stored again." },
	{ "StateSetAside", CRITICAL, 1, "The state database was corrupt and is now %1.",
	  "Names, thresholds and open tasks are gone: set them again, and check the disk.",
	  "A database that could not be read was set aside and a new one was made." },
	{ "CertificateExpires", WARNING, 2, "The HTTPS certificate %1 ends on %2.",
	  "Replace it and its key, then send the service SIGHUP.",
	  "The configured certificate ends within 30 days, or has ended." },
	{ "CertificateReplaced", OK, 2, "The HTTPS certificate was replaced by %1 from %2.",
	  NOTHING, "Another certificate is offered to clients from now on." },
	{ "SubscriptionAdded", OK, 3, "Subscription %1 to events was added for %2 by %3.",
	  NOTHING, "A receiver of events was added." },
	{ "SubscriptionRemoved", OK, 3, "Subscription %1 to events of %2 was removed: %3.", NOTHING,
	  "A receiver of events was removed, with who did it or why." },
	{ "SubscriptionSuspended", WARNING, 2,
	  "Subscription %1 to events is suspended: %2 took none.",
	  "Check the receiver, then resume the subscription.",
	  "A receiver of events refused them, or did not answer, too often." },
	{ "MetricCritical", CRITICAL, 3, "Trigger %1: %2 reads %3, beyond its critical limit.",
	  "Find the cause: load, fans, air flow or supply.",
	  "A metric passed a critical limit that a user set." },
	{ "MetricWarning", WARNING, 3, "Trigger %1: %2 reads %3, beyond its warning limit.",
	  "Find the cause: load, fans, air flow or supply.",
	  "A metric passed a warning limit that a user set." },
	{ "MetricNormal", OK, 3, "Trigger %1: %2 reads %3, within its limits again.", NOTHING,
	  "A metric is back within the limits that a user set." },
	{ "TestEvent", OK, 1, "Test event: %1", NOTHING, "A user asked for a test event." },
	{ NULL, BY_ROW, 0, NULL, NULL, NULL },
};
/* clang-format on */

const struct bmc_event_type *bmc_event_type_find(const char *name)
{
	for (const struct bmc_event_type *t = bmc_event_types; t->name; t++) {
		if (strcmp(t->name, name) == 0)
			return t;
	}
	return NULL;
}
