// SPDX-License-Identifier: Apache-2.0
/* What a board starts at a reset: its settings boot_target and boot_enabled, and the
 * mode that an action names. The recipes that restart a board end with a part that
 * sends it on into the mode; the step machine asks here whether to enter it. */
#include "core/access/policy.h"
#include "core/inventory/inventory.h"
#include "core/model/field.h"
#include "core/tasks/run.h"

static const struct bmc_board *board_row(const struct bmc_run *run)
{
	return (const struct bmc_board *)bmc_inventory_row(run->board);
}

bool bmc_run_to_mode(struct bmc_run *run)
{
	const struct bmc_board *b = board_row(run);

	if (run->row.op == BMC_ACT_ENTER_MODE)
		return run->row.mode > BMC_BOOT_NORMAL;
	if (!run->row.mode && b && bmc_board_boots(b) != BMC_BOOT_NONE) {
		run->row.mode = bmc_board_boots(b);
		run->once = b->boot_enabled == BMC_BOOT_ONCE;
	}
	return run->row.mode > BMC_BOOT_NORMAL;
}

/* Both go back to what they are without a setting. */
size_t bmc_run_boot_once(const struct bmc_run *run, struct bmc_record recs[2])
{
	static const char *const fields[] = { "boot_target", "boot_enabled" };
	static const int64_t values[] = { BMC_BOOT_NONE, BMC_BOOT_DISABLED };

	if (!run->once || run->row.state != BMC_TASK_COMPLETED)
		return 0;
	for (size_t i = 0; i < 2; i++) {
		const struct bmc_field *f = bmc_field_find(BMC_BOARD, fields[i]);

		(void)bmc_inventory_set(run->board, f, values[i], NULL);
		recs[i] = bmc_setting_record(BMC_BOARD, run->row.target_id, f);
	}
	return 2;
}
