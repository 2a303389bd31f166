// SPDX-License-Identifier: Apache-2.0
/* The rows the platform file declares, made at the start with what it says of them. */
#include <stdio.h>

#include "core/base/util.h"
#include "core/inventory/entries.h"
#include "core/model/field.h"

static int put_platform(struct bmc_entry *e, const struct bmc_field *f, int64_t num,
			const char *text)
{
	struct bmc_value v = { .num = num, .text = text };

	return bmc_observation_put(e, BMC_SOURCE_PLATFORM, f, &v, bmc_now());
}

/* What the file says of a field: in the row, or once for all boards. */
static const struct bmc_conf *said_of(const struct bmc_field *f, enum bmc_kind kind,
				      const struct bmc_conf *row)
{
	const struct bmc_conf *c = bmc_conf_find(row, f->name);

	if (kind == BMC_BOARD && !(c && c->text))
		c = bmc_conf_find(bmc_inv.platform->conf, f->name);
	return c && c->text ? c : NULL;
}

static int put_static_fields(struct bmc_entry *e, const struct bmc_conf *conf)
{
	const struct bmc_kind_desc *k = bmc_kind(bmc_entry_kind(e));
	int err = 0;

	for (size_t i = 0; err == 0 && i < k->n_fields; i++) {
		const struct bmc_field *f = &k->fields[i];
		const struct bmc_conf *c = said_of(f, bmc_entry_kind(e), conf);
		if ((f->flags & BMC_STATIC) && c)
			err = put_platform(e, f, c->num, c->text);
	}
	return err;
}

/* What a board can do follows from its pins and from who answers for its verbs. */
static int put_abilities(struct bmc_entry *e, const struct bmc_slot *slot)
{
	const struct bmc_platform *p = bmc_inv.platform;
	const struct {
		const char *field;
		bool can;
	} abilities[] = {
		{ "is_main", slot->is_main },
		{ "can_reset", slot->pins[BMC_PIN_RESET].exists },
		{ "can_power", slot->pins[BMC_PIN_POWER].exists },
		{ "can_adb", bmc_platform_verb(p, slot, "os_reboot") &&
				     bmc_platform_verb(p, slot, "os_shutdown") },
		{ "can_shell", bmc_platform_verb(p, slot, "shell") != NULL },
	};
	int err = 0;

	for (size_t i = 0; err == 0 && i < ARRAY_SIZE(abilities); i++)
		err = put_platform(e, bmc_field_find(BMC_BOARD, abilities[i].field),
				   abilities[i].can, NULL);
	return err;
}

/* From keys of the plugins that find boards by them. */
static int put_adb_transport(struct bmc_entry *e, const struct bmc_slot *slot)
{
	const char *path = bmc_conf_text(slot->conf, "usb", ""),
		   *address = bmc_conf_text(slot->conf, "adb", "");
	const struct bmc_field *f = bmc_field_find(BMC_BOARD, "adb_transport");
	char usb[64];

	if (*address)
		return put_platform(e, f, 0, address);
	(void)snprintf(usb, sizeof(usb), "usb:%s", path);
	return *path ? put_platform(e, f, 0, usb) : 0;
}

static int make(const struct bmc_slot *slot)
{
	struct bmc_entry *e =
		bmc_entry_new(slot->kind, slot->id, slot->index, bmc_inv.chassis);
	int err;

	if (!e)
		return BMC_ENOMEM;
	e->slot = true;
	if (slot->kind == BMC_CHASSIS && !bmc_inv.chassis)
		bmc_inv.chassis = e;
	bmc_entry_touch(e);
	err = put_static_fields(e, slot->conf);
	if (err == 0 && slot->kind == BMC_BOARD)
		err = put_abilities(e, slot);
	if (err == 0 && slot->kind == BMC_BOARD)
		err = put_adb_transport(e, slot);
	if (err == 0)
		bmc_settings_apply(e);
	return err;
}

static void give_parent(const struct bmc_slot *slot)
{
	struct bmc_entry *e = bmc_entry_find(slot->kind, slot->id);
	struct bmc_entry *up = bmc_entry_find(slot->parent_kind, slot->parent);

	if (up && up != e)
		bmc_entry_set_up(e, up);
}

int bmc_slots_make(void)
{
	const struct bmc_platform *p = bmc_inv.platform;
	int err = 0;

	for (size_t i = 0; err == 0 && i < p->n_slots; i++)
		err = make(&p->slots[i]);
	for (size_t i = 0; err == 0 && i < p->n_slots; i++) {
		if (p->slots[i].parent[0])
			give_parent(&p->slots[i]);
	}
	return err;
}
