// SPDX-License-Identifier: Apache-2.0
// How a field's value becomes JSON: scale, words, times; and Redfish's words where
// they are not the core's. Called by the renderer for each property.
#include <math.h>
#include <string.h>
#include <time.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "redfish/render.h"
#include "redfish/values.h"

/* clang-format off */
/* The first word of a value is shown, all are taken. */
const struct bmc_name rf_reset_names[] = {
	{ BMC_ACT_ON, "On" }, { BMC_ACT_ON, "ForceOn" }, { BMC_ACT_FORCE_OFF, "ForceOff" },
	{ BMC_ACT_GRACEFUL_SHUTDOWN, "GracefulShutdown" }, { BMC_ACT_GRACEFUL_RESTART, "GracefulRestart" },
	{ BMC_ACT_FORCE_RESTART, "ForceRestart" }, { BMC_ACT_POWER_CYCLE, "PowerCycle" }, { 0, NULL },
};
const struct bmc_name rf_board_state_names[] = {
	{ BMC_BOARD_ANDROID, "Android" }, { BMC_BOARD_LINUX, "Linux" }, { BMC_BOARD_OFFLINE, "Offline" },
	{ BMC_BOARD_ONLINE, "Online" }, { BMC_BOARD_LOADER, "Loader" }, { BMC_BOARD_FASTBOOT, "Fastboot" },
	{ BMC_BOARD_ADB, "Adb" }, { BMC_BOARD_ADB_OFFLINE, "AdbOffline" },
	{ BMC_BOARD_ANDROID_RECOVERY, "AndroidRecovery" }, { BMC_BOARD_NETRECOVERY, "NetRecovery" },
	{ BMC_BOARD_MASKROM, "MaskRom" }, { 0, NULL },
};
const struct bmc_name rf_adb_state_names[] = {
	{ BMC_ADB_NONE, "None" }, { BMC_ADB_OFFLINE, "Offline" }, { BMC_ADB_DEVICE, "Device" },
	{ BMC_ADB_RECOVERY, "Recovery" }, { 0, NULL },
};
/* clang-format on */

const char *rf_word(const struct bmc_name *names, int64_t value)
{
	for (; names->word; names++) {
		if (names->value == value)
			return names->word;
	}
	return NULL;
}

void rf_time(int64_t boottime, char ret[32])
{
	int64_t ms = bmc_wall(boottime);
	time_t t = (time_t)(ms / 1000);
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(ret, 32, "%Y-%m-%dT%H:%M:%SZ", &tm))
		ret[0] = 0;
}

int64_t rf_scale(const struct bmc_field *f)
{
	switch (f->unit) {
	case BMC_UNIT_MILLICELSIUS:
	case BMC_UNIT_MILLIVOLT:
	case BMC_UNIT_MILLIAMPERE:
	case BMC_UNIT_MILLIWATT:
	case BMC_UNIT_MILLIPERCENT:
	case BMC_UNIT_MILLISECOND:
	case BMC_UNIT_BY_ROW:
		return 1000;
	default:
		return 1;
	}
}

static json_t *number(const struct bmc_field *f, int64_t n, uint32_t flags)
{
	double scale = flags & RF_GIB ? 1073741824.0 : (double)rf_scale(f);
	double v = (double)n / scale;

	if (flags & RF_GIB)
		v = round(v * 1000.0) / 1000.0;
	if (flags & RF_INTEGER)
		v = round(v);
	if (fabs(v - round(v)) < 1e-9)
		return json_integer((json_int_t)llround(v));
	return json_real(v);
}

static json_t *time_value(int64_t n)
{
	char text[32];

	rf_time(n, text);
	return json_string(text);
}

/* What an unknown value becomes; NULL: left out. */
static json_t *unknown(const struct bmc_row *row, const struct rf_prop *p)
{
	if (p->flags & RF_OR_ID)
		return json_string(row->id);
	if (p->flags & RF_FALSE_IF_UNKNOWN)
		return json_false();
	if (p->flags & RF_TEXT_IF_UNKNOWN)
		return json_string(p->text);
	return p->flags & RF_OMIT ? NULL : json_null();
}

json_t *rf_field_value(const struct bmc_row *row, const struct bmc_field *f,
		       const struct rf_prop *p)
{
	if ((p->flags & RF_PRESENT) && row->status == BMC_ABSENT)
		return NULL;
	if (!bmc_field_known(row, f))
		return unknown(row, p);
	if (f->type == BMC_TEXT)
		return json_string(bmc_field_text(row, f));

	int64_t n = bmc_field_num(row, f);
	if (p->names || f->type == BMC_ENUM) {
		const char *word = rf_word(p->names ? p->names : f->names, n);
		return word ? json_string(word) : unknown(row, p);
	}
	if (f->type == BMC_BOOL)
		return json_boolean(n);
	if (f->type == BMC_TIME)
		return time_value(n);
	return number(f, n, p->flags);
}
