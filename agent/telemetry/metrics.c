// SPDX-License-Identifier: Apache-2.0
// The metrics there are: readings of rows.
#include <string.h>

#include "telemetry/telemetry.h"

/* clang-format off */
#define GAUGE(word, k, st, member) { (word), (k), offsetof(struct st, member) }

const struct bmc_metric bmc_metrics[] = {
	GAUGE("ChassisPower", BMC_CHASSIS, bmc_chassis, power),
	GAUGE("BoardPower", BMC_BOARD, bmc_board, power),
	GAUGE("BoardCpuLoad", BMC_BOARD, bmc_board, cpu_load),
	GAUGE("BoardMemoryUsed", BMC_BOARD, bmc_board, memory_used),
	GAUGE("BoardStorageUsed", BMC_BOARD, bmc_board, storage_used),
	GAUGE("BoardSocTemperature", BMC_BOARD, bmc_board, soc_temperature),
	GAUGE("FanSpeed", BMC_FAN, bmc_fan, rpm),
	GAUGE("PsuInputPower", BMC_PSU, bmc_psu, input_power),
	GAUGE("PsuOutputPower", BMC_PSU, bmc_psu, output_power),
	GAUGE("SensorReading", BMC_SENSOR, bmc_sensor, value),
	GAUGE("DriveTemperature", BMC_DISK, bmc_disk, temperature),
	GAUGE("DriveUsed", BMC_DISK, bmc_disk, used_bytes),
	GAUGE("NetworkReceived", BMC_NIC, bmc_nic, rx_bytes),
	GAUGE("NetworkSent", BMC_NIC, bmc_nic, tx_bytes),
	{ .id = NULL },
};
/* clang-format on */

const struct bmc_metric *bmc_metric_find(const char *id, size_t len)
{
	for (const struct bmc_metric *m = bmc_metrics; m->id; m++) {
		if (strlen(m->id) == len && memcmp(m->id, id, len) == 0)
			return m;
	}
	return NULL;
}

static int64_t value_of(const struct bmc_row *row, const struct bmc_metric *m)
{
	int64_t value;

	memcpy(&value, (const char *)row + m->offset, sizeof(value));
	return value;
}

/* An empty slot's row has no reading, whatever its value. */
static bool differs(const struct bmc_metric *m, const struct bmc_snapshot *a,
		    const struct bmc_snapshot *b)
{
	const struct bmc_row *const *x, *const *y;
	size_t n = bmc_snapshot_rows(a, m->kind, &x);

	if (bmc_snapshot_rows(b, m->kind, &y) != n)
		return true;
	for (size_t i = 0; i < n; i++) {
		if (x[i] == y[i]) /* rows that did not change are shared */
			continue;
		if (x[i]->handle != y[i]->handle ||
		    (x[i]->status == BMC_ABSENT) != (y[i]->status == BMC_ABSENT) ||
		    value_of(x[i], m) != value_of(y[i], m))
			return true;
	}
	return false;
}

bool bmc_metrics_differ(const char *ids, const struct bmc_snapshot *a,
			const struct bmc_snapshot *b)
{
	while (*ids) {
		size_t len = strcspn(ids, " ");
		const struct bmc_metric *m = bmc_metric_find(ids, len);

		if (m && differs(m, a, b))
			return true;
		ids += len + strspn(ids + len, " ");
	}
	return false;
}
