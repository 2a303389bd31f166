// SPDX-License-Identifier: Apache-2.0
// What a body depends on: noted at each look-up while it is made, compared with a later
// snapshot when it is found in the cache. Called by the renderer, the URIs and the
// cache.
#include "redfish/view.h"

void rf_view_init(struct rf_view *v, const struct bmc_snapshot *s)
{
	*v = (struct rf_view){ .snap = s,
			       .deps.generation = bmc_snapshot_generation(s) };
}

size_t rf_view_rows(struct rf_view *v, enum bmc_kind kind,
		    const struct bmc_row *const **ret)
{
	v->deps.members |= BMC_KIND_SET(kind);
	return bmc_snapshot_rows(v->snap, kind, ret);
}

size_t rf_view_children(struct rf_view *v, uint32_t handle, enum bmc_kind kind,
			const struct bmc_row *const **ret)
{
	v->deps.members |= BMC_KIND_SET(kind);
	return bmc_snapshot_children(v->snap, handle, kind, ret);
}

const struct bmc_row *rf_view_find(struct rf_view *v, enum bmc_kind kind,
				   const char *id)
{
	v->deps.members |= BMC_KIND_SET(kind);
	return bmc_snapshot_find(v->snap, kind, id);
}

const struct bmc_row *rf_view_row(struct rf_view *v, uint32_t handle)
{
	if (!handle)
		return NULL;
	v->deps.members |= BMC_KIND_SET(BMC_HANDLE_KIND(handle));
	return bmc_snapshot_row(v->snap, handle);
}

/* With more rows than there is room for, those of the row's kind count as a whole. */
void rf_view_values(struct rf_view *v, const struct bmc_row *row)
{
	struct rf_deps *d = &v->deps;

	if (d->values & BMC_KIND_SET(row->kind))
		return;
	for (uint32_t i = 0; i < d->n_rows; i++) {
		if (d->rows[i] == row->handle)
			return;
	}
	if (d->n_rows < RF_DEP_ROWS)
		d->rows[d->n_rows++] = row->handle;
	else
		d->values |= BMC_KIND_SET(row->kind);
}

bool rf_deps_hold(const struct rf_deps *d, const struct bmc_snapshot *s)
{
	for (enum bmc_kind k = 0; k < BMC_N_KINDS; k++) {
		if ((d->values & BMC_KIND_SET(k)) &&
		    bmc_snapshot_changed(s, k) > d->generation)
			return false;
		if ((d->members & BMC_KIND_SET(k)) &&
		    bmc_snapshot_membership(s, k) > d->generation)
			return false;
	}
	for (uint32_t i = 0; i < d->n_rows; i++) {
		const struct bmc_row *row = bmc_snapshot_row(s, d->rows[i]);
		if (!row || row->changed > d->generation)
			return false;
	}
	return true;
}

/* ---- what resources see ---- */

size_t rf_rows(struct rf_view *v, enum bmc_kind kind, const struct bmc_row *const **ret)
{
	v->deps.values |= BMC_KIND_SET(kind);
	return rf_view_rows(v, kind, ret);
}

const struct bmc_row *rf_parent(struct rf_view *v, const struct bmc_row *row)
{
	const struct bmc_row *up = rf_view_row(v, row->parent);

	if (up)
		rf_view_values(v, up);
	return up;
}

size_t rf_children(struct rf_view *v, const struct bmc_row *row, enum bmc_kind kind,
		   const struct bmc_row *const **ret)
{
	return rf_view_children(v, row->handle, kind, ret);
}

void rf_note(struct rf_view *v, const struct bmc_row *row)
{
	rf_view_values(v, row);
}

bool rf_of_main(struct rf_view *v, const struct bmc_row *row)
{
	if (row->kind != BMC_BOARD)
		row = rf_view_row(v, row->parent);
	return row && row->kind == BMC_BOARD &&
	       ((const struct bmc_board *)row)->is_main == 1;
}
