// SPDX-License-Identifier: Apache-2.0
/* Whether an image is for a board's chip: the image's tag, which it has of its loader,
 * against the device tree of the system that runs there. */
#include <string.h>

#include "absystem.h"

#define MAKER "rockchip,"

/* Rockchip's loaders call chips by these (rkbin, RKBOOT, CHIP_NAME behind "RK"), makers
 * of bundles by the number, too. RK3566 and RK3568 are not told apart. */
static const struct {
	const char *chip, *tag;
} chips[] = {
	{ "rk3288", "320A" },    { "rk3308", "3308" }, { "rk3328", "322H" },
	{ "rk3328", "3328" },    { "rk3368", "330A" }, { "rk3368", "3368" },
	{ "rk3288", "3288" },    { "rk3399", "330C" }, { "rk3399", "3399" },
	{ "rk3399pro", "330C" }, { "rk3566", "3566" }, { "rk3566", "3568" },
	{ "rk3568", "3568" },    { "rk3568", "3566" }, { "rk3588", "3588" },
	{ "rk3588s", "3588" },
};

static bool named(const char *line, size_t len, const char *chip)
{
	size_t maker = strlen(MAKER);

	return len == maker + strlen(chip) && memcmp(line, MAKER, maker) == 0 &&
	       memcmp(line + maker, chip, len - maker) == 0;
}

/* The chip that a line names, if its tags are known. `fits`: this tag is one of them.
 */
static const char *chip_of(const char *line, size_t len, const char *tag, bool *fits)
{
	const char *chip = NULL;

	for (size_t i = 0; i < sizeof(chips) / sizeof(chips[0]); i++) {
		if (!named(line, len, chips[i].chip))
			continue;
		chip = chips[i].chip;
		*fits |= strcmp(chips[i].tag, tag) == 0;
	}
	return chip;
}

void ab_compatible(struct ab_work *w, const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		w->compatible[i] = bytes[i] ? (char)bytes[i] : '\n';
	w->compatible[len] = '\0';
}

int ab_chip(struct ab_work *w)
{
	const char *tag = w->flash->chip, *own = NULL, *end;
	bool fits = false;

	/* a line that was cut has no end */
	for (const char *at = w->compatible; (end = strchr(at, '\n')); at = end + 1) {
		const char *chip = chip_of(at, (size_t)(end - at), tag, &fits);

		own = chip ? chip : own;
	}
	if (!*tag || !own || fits)
		return BMC_OK;
	return bmc_fail(w->err, BMC_ECONFLICT,
			"%s: its chip is %s, and the image is for %s", w->board->id,
			own, tag);
}
