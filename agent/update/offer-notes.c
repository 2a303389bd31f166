// SPDX-License-Identifier: Apache-2.0
/* Small resources beside an offered image, see offer-table.h. */
#include <string.h>

#include "core/base/util.h"
#include "update/offer-table.h"

bool upd_note_name_ok(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.");

	return len > 0 && len <= BMC_OFFER_NAME_MAX && !name[len] && name[0] != '.' &&
	       strcmp(name, "image") != 0;
}

static struct upd_note *find(struct upd_note list[UPD_NOTES], const char *name)
{
	for (size_t i = 0; i < UPD_NOTES; i++) {
		if (strcmp(list[i].name, name) == 0)
			return &list[i];
	}
	return NULL;
}

const struct upd_note *upd_note_find(const struct upd_note list[UPD_NOTES],
				     const char *name)
{
	for (size_t i = 0; name[0] && i < UPD_NOTES; i++) {
		if (strcmp(list[i].name, name) == 0)
			return &list[i];
	}
	return NULL;
}

int upd_note_set(struct upd_note list[UPD_NOTES], const char *name, const void *bytes,
		 size_t len)
{
	struct upd_note *n = find(list, name);
	char *copy;

	if (!n)
		n = find(list, "");
	if (!n)
		return BMC_ENOSPC;
	copy = malloc(len + 1);
	if (!copy)
		return BMC_ENOMEM;
	if (len > 0)
		memcpy(copy, bytes, len);
	free(n->bytes);
	n->bytes = copy;
	n->len = len;
	n->at = bmc_now();
	(void)bmc_copy(n->name, sizeof(n->name), name);
	return BMC_OK;
}

void upd_notes_free(struct upd_note list[UPD_NOTES])
{
	for (size_t i = 0; i < UPD_NOTES; i++)
		free(list[i].bytes);
}
