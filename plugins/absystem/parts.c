// SPDX-License-Identifier: Apache-2.0
/* Which part of an image is written to which partition: a part "boot" to boot_a or
 * boot_b, one that names a slot only to that one, a raw image to the partition that the
 * platform file names. */
#include <stdio.h>
#include <string.h>

#include "absystem.h"

static const char slots[] = "ab";

bool ab_name_ok(const char *name)
{
	size_t len = strnlen(name, AB_NAME_MAX + 1);

	return len > 0 && len <= AB_NAME_MAX && name[0] != '.' && name[0] != '-' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789_-.") == len;
}

/* The slot that a name ends with, or -1. */
static int slot_of(const char *name)
{
	size_t len = strlen(name);

	if (len < 3 || name[len - 2] != '_')
		return -1;
	return name[len - 1] == 'a' ? 0 : name[len - 1] == 'b' ? 1 : -1;
}

static int part_name(struct ab_work *w, const char *name, unsigned target,
		     char ret[AB_NAME_MAX + 1])
{
	const char *id = w->board->id;
	int slot;

	if (!name[0])
		name = w->board->partition;
	if (!name)
		return bmc_fail(w->err, BMC_ENOTSUP,
				"%s: a raw image: name its partition in the platform "
				"file, absystem: {partition: ...}",
				id);
	if (!ab_name_ok(name))
		return bmc_fail(w->err, BMC_EINVAL,
				"%s: the image has a partition whose name is not one "
				"of letters, digits, '_', '-' and '.'",
				id);
	slot = slot_of(name);
	if (slot >= 0 && slot != (int)target)
		return bmc_fail(w->err, BMC_EINVAL,
				"%s: the image writes %s, which is in use: slot %c is "
				"to be written; take an image without slots",
				id, name, slots[target]);
	if (strlen(name) + (slot < 0 ? 2 : 0) > AB_NAME_MAX)
		return bmc_fail(w->err, BMC_EINVAL, "%s: %s is too long a name", id,
				name);
	(void)snprintf(ret, AB_NAME_MAX + 1, slot < 0 ? "%s_%c" : "%s", name,
		       slots[target]);
	return BMC_OK;
}

static int part_add(struct ab_work *w, size_t i, unsigned target)
{
	struct ab_part *p = &w->parts[w->n_parts];
	int code = part_name(w, w->flash->parts[i].name, target, p->name);

	if (code < 0)
		return code;
	for (size_t k = 0; k < w->n_parts; k++) {
		if (strcmp(w->parts[k].name, p->name) == 0)
			return bmc_fail(w->err, BMC_EINVAL,
					"%s: the image writes %s twice", w->board->id,
					p->name);
	}
	p->part = i;
	w->n_parts++;
	return BMC_OK;
}

int ab_parts(struct ab_work *w, unsigned target)
{
	const struct bmc_flash *f = w->flash;
	int code = BMC_OK;

	w->n_parts = 0;
	if (f->n_parts < 1 || f->n_parts > AB_PARTS_MAX)
		return bmc_fail(w->err, BMC_ENOTSUP,
				"%s: an A/B update needs an image with 1 to %u "
				"partitions, this one has %zu",
				w->board->id, AB_PARTS_MAX, f->n_parts);
	for (size_t i = 0; i < f->n_parts && code == BMC_OK; i++)
		code = part_add(w, i, target);
	return code;
}

ssize_t ab_read(struct ab_work *w, const struct ab_range *r, uint64_t done, void *buf,
		size_t len)
{
	uint64_t left = r->len - done;
	ssize_t n;

	do {
		if (w->ab->ops->cancelled(w->call))
			return BMC_ECANCELED;
		w->ab->ops->heartbeat(w->call);
		n = w->flash->read(w->flash, r->part->part, r->at + done, buf,
				   len < left ? len : (size_t)left);
	} while (n == BMC_EAGAIN);
	return n == 0 ? BMC_ECORRUPT : n;
}
