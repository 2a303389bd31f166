// SPDX-License-Identifier: Apache-2.0
// The platform file as the rest sees it: slots, chips and pins in arrays, and who
// answers for what. The daemon and the helper each build one; the digest tells whether
// they read the same.
#include "core/platform/platform.h"

#include <string.h>

#include "core/base/util.h"
#include "core/platform/build.h"

/* clang-format off */
const struct bmc_name bmc_platform_lists[] = {
	{ BMC_CHASSIS, "chassis" }, { BMC_BLADE, "blades" }, { BMC_BOARD, "boards" },
	{ BMC_FAN, "fans" }, { BMC_PSU, "psus" }, { BMC_DISK, "disks" },
	{ BMC_SENSOR, "sensors" }, { BMC_NIC, "nics" }, { 0, NULL },
};
const struct bmc_name bmc_pin_names[] = {
	{ BMC_PIN_POWER, "power" }, { BMC_PIN_RESET, "reset" }, { BMC_PIN_LOCATOR, "locator" },
	{ 0, NULL },
};
/* clang-format on */

static int compare_to_id(const void *key, const void *slot)
{
	return strcmp(key, (*(const struct bmc_slot *const *)slot)->id);
}

const struct bmc_slot *bmc_platform_find(const struct bmc_platform *p, const char *id)
{
	const struct bmc_slot **hit =
		bsearch(id, p->by_id, p->n_slots, sizeof(*p->by_id), compare_to_id);

	return hit ? *hit : NULL;
}

/* ---- digest: FNV-1a, 64 bits, member by member, for structs have holes ---- */

static void mix(uint64_t *h, uint64_t value)
{
	int i;

	for (i = 0; i < 8; i++) {
		*h ^= value >> (8 * i) & 0xff;
		*h *= UINT64_C(0x100000001b3);
	}
}

static void mix_text(uint64_t *h, const char *s)
{
	for (; *s; s++)
		mix(h, (unsigned char)*s);
	mix(h, 0);
}

static uint64_t digest(const struct bmc_platform *p)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	size_t i;

	for (i = 0; i < p->n_chips; i++) {
		mix_text(&h, p->chips[i].id);
		mix_text(&h, p->chips[i].name);
		mix(&h, p->chips[i].simulated);
		mix(&h, p->chips[i].lines);
	}
	for (i = 0; i < p->n_slots; i++) {
		const struct bmc_slot *s = &p->slots[i];

		mix_text(&h, s->id);
		mix(&h, s->kind);
		mix(&h, (uint64_t)s->index[0] << 32 | s->index[1]);
		mix(&h, s->is_main);
	}
	for (i = 0; i < p->n_lines; i++) {
		const struct bmc_line *l = &p->lines[i];

		mix_text(&h, l->id);
		mix(&h, (uint64_t)l->input | (uint64_t)l->active_low << 1);
		mix(&h, (uint64_t)l->chip << 32 | l->line);
		mix_text(&h, l->line_name ? l->line_name : "");
		mix(&h, (uint64_t)l->pulse_ms << 32 | (uint64_t)l->debounce_ms);
	}
	for (i = 0; i < p->n_pwms; i++) {
		mix_text(&h, p->pwms[i].id);
		mix_text(&h, p->pwms[i].device);
		mix(&h, (uint64_t)p->pwms[i].simulated << 32 | p->pwms[i].channel);
	}
	for (i = 0; i < p->n_storage; i++) {
		mix_text(&h, p->storage[i].id);
		mix_text(&h, p->storage[i].device);
		mix(&h, p->storage[i].writable);
	}
	return h;
}

static void read_recovery(struct bmc_platform *p, const struct bmc_conf *conf)
{
	p->recover_ms = bmc_conf_num(conf, "after", 0);
	p->recover_tries = bmc_conf_num(conf, "tries", 0);
	p->recover_pause_ms = bmc_conf_num(conf, "pause", 0);
	bmc_copy(p->reinstall, sizeof(p->reinstall),
		 bmc_conf_text(conf, "reinstall", ""));
}

int bmc_platform_new(const struct bmc_conf *tree, struct bmc_platform **ret,
		     struct bmc_error *err)
{
	struct bmc_platform *p = calloc(1, sizeof(*p));
	int rc;

	if (!p)
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	p->conf = tree;
	bmc_copy(p->name, sizeof(p->name), bmc_conf_text(tree, "platform", ""));
	p->inrush_ms = bmc_conf_num(tree, "inrush", 0);
	p->power_on = bmc_conf_num(tree, "power_on", 0) == 1;
	p->power_on_batch = bmc_conf_num(tree, "power_on_batch", 0);
	p->power_on_delay_ms = bmc_conf_num(tree, "power_on_delay", 0);
	p->boot_ms = bmc_conf_num(tree, "boot_time", 0);
	p->settle_ms = bmc_conf_num(tree, "settle", 0);
	p->leave_ms = bmc_conf_num(tree, "leave", 0);
	p->shutdown_ms = bmc_conf_num(tree, "shutdown", 0);
	read_recovery(p, bmc_conf_find(tree, "recovery"));
	rc = bmc_platform_build(p, err);
	if (rc < 0) {
		bmc_platform_free(p);
		return rc;
	}
	p->digest = digest(p);
	*ret = p;
	return 0;
}

struct bmc_platform *bmc_platform_free(struct bmc_platform *p)
{
	if (!p)
		return NULL;
	free(p->chips);
	free(p->lines);
	free(p->pwms);
	free(p->storage);
	free(p->slots);
	free(p->by_id);
	free(p);
	return NULL;
}

const struct bmc_slot *bmc_platform_slot(const struct bmc_platform *p,
					 enum bmc_kind kind, const char *id)
{
	const struct bmc_slot *s = bmc_platform_find(p, id);

	return s && s->kind == kind ? s : NULL;
}

const char *bmc_platform_verb(const struct bmc_platform *p, const struct bmc_slot *slot,
			      const char *verb)
{
	const char *name =
		bmc_conf_text(bmc_conf_find(slot->conf, "verbs"), verb, NULL);

	/* a binding for the whole chassis must never reach the machine we run on */
	if (!name && !slot->is_main)
		name = bmc_conf_text(bmc_conf_find(p->conf, "verbs"), verb, NULL);
	return name && strcmp(name, "none") != 0 ? name : NULL;
}

bool bmc_list_nth(const char *list, unsigned n, char *ret, size_t size)
{
	for (;; n--) {
		size_t len;

		list += strspn(list, ", ");
		len = strcspn(list, ", ");
		if (!len)
			return false;
		if (n == 0) {
			(void)snprintf(ret, size, "%.*s", (int)len, list);
			return true;
		}
		list += len;
	}
}

/* The place of `name` in a list "a, b, c", or the list's length when it is not there.
 */
static unsigned place_in(const char *list, const char *name, bool *ret_found)
{
	unsigned n = 0;

	for (*ret_found = false; *list; n++) {
		size_t len;

		list += strspn(list, ", ");
		len = strcspn(list, ", ");
		if (!len)
			break;
		if (strlen(name) == len && strncmp(list, name, len) == 0) {
			*ret_found = true;
			break;
		}
		list += len;
	}
	return n;
}

unsigned bmc_platform_rank(const struct bmc_platform *p, enum bmc_kind kind,
			   const char *field, const char *instance, unsigned otherwise)
{
	const struct bmc_conf *map = bmc_conf_find(p->conf, "sources");
	const char *kind_name = bmc_kind(kind)->name, *list;
	char key[2 * BMC_NAME_MAX];
	unsigned n;
	bool found;

	(void)snprintf(key, sizeof(key), "%s.%s", kind_name, field);
	list = bmc_conf_text(map, "default", "");
	list = bmc_conf_text(map, kind_name, list);
	list = bmc_conf_text(map, key, list);
	n = place_in(list, instance, &found);
	return found ? n : n + otherwise;
}
