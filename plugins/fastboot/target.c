// SPDX-License-Identifier: Apache-2.0
/* Whether an image is for a board, and which partition takes which part of it. */
#include "fastboot.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "piece.h"

/* ---- names ---- */

/* It becomes a part of a command. */
static bool is_word(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "0123456789_-.");

	return n > 0 && n <= 36 && s[n] == '\0';
}

static const char *name_of(const struct fb_board *b, const struct bmc_flash_part *part)
{
	return *part->name ? part->name : b->partition;
}

/* The letter of a name such as "boot_a". */
static char slot_of(const char *name)
{
	size_t n = strlen(name);

	return n > 2 && name[n - 2] == '_' && (name[n - 1] == 'a' || name[n - 1] == 'b')
		       ? name[n - 1]
		       : '\0';
}

char fb_image_slot(const struct bmc_flash *flash)
{
	char slot = '\0';

	for (size_t i = 0; i < flash->n_parts; i++) {
		char this = slot_of(flash->parts[i].name);

		if (this && slot && this != slot)
			return '\0';
		slot = this ? this : slot;
	}
	return slot;
}

/* ---- the image ---- */

int fb_image_check(const struct fb_board *b, const struct bmc_flash *flash,
		   struct bmc_error *err)
{
	if (flash->n_parts == 0)
		return bmc_fail(err, BMC_ENOTSUP,
				"%s: the image has no partition, and fastboot writes "
				"nothing else",
				b->id);
	for (size_t i = 0; i < flash->n_parts; i++) {
		const struct bmc_flash_part *part = &flash->parts[i];

		if (!*name_of(b, part))
			return bmc_fail(err, BMC_ENOTSUP,
					"%s: the image names no partition: set "
					"`fastboot_partition` in the platform file",
					b->id);
		if (!is_word(name_of(b, part)) || !fb_pieces_check(part))
			return bmc_fail(err, BMC_ENOTSUP,
					"%s: fastboot can't write partition `%.40s`",
					b->id, name_of(b, part));
	}
	return BMC_OK;
}

/* Rockchip's tags of chips whose names they do not hold. */
static const char *chip_number(const char *tag)
{
	static const struct {
		const char *tag, *number;
	} chips[] = { { "330C", "3399" }, { "330A", "3368" }, { "320A", "3288" } };

	for (size_t i = 0; i < sizeof(chips) / sizeof(chips[0]); i++)
		if (strcmp(chips[i].tag, tag) == 0)
			return chips[i].number;
	return tag;
}

int fb_product_check(struct fb_session *s, const struct bmc_flash *flash,
		     struct bmc_error *err)
{
	const struct fb_board *b = s->board;
	char product[FB_ANSWER_MAX];
	int code = fb_getvar(s->link, "product", product, err);

	if (code < 0)
		return code;
	if (*b->product && strcmp(product, b->product) != 0)
		return bmc_fail(
			err, BMC_ENOTSUP,
			"%s: its fastboot says it is `%.40s`, the platform file "
			"`%s`",
			b->id, product, b->product);
	if (!*b->product && *flash->chip &&
	    !strcasestr(product, chip_number(flash->chip)))
		return bmc_fail(err, BMC_ENOTSUP,
				"%s: the image is for chip %s, its fastboot says it is "
				"`%.40s`",
				b->id, flash->chip, product);
	return BMC_OK;
}

/* ---- partitions ---- */

/* Hexadecimal, with or without 0x. 0: it does not say. */
static uint64_t number(const char *text)
{
	char *end;
	uint64_t n = strtoull(text, &end, 16);

	return *text && *end == '\0' ? n : 0;
}

/* Of a partition with slots, that of the slot that runs, as fastboot's own tool does.
 */
static int add_slot(struct fb_session *s, char name[FB_WORD_MAX], struct bmc_error *err)
{
	char variable[FB_WORD_MAX + 16], value[FB_ANSWER_MAX];
	int code;

	(void)snprintf(variable, sizeof(variable), "has-slot:%s", name);
	code = fb_getvar(s->link, variable, value, err);
	if (code < 0 || strcmp(value, "yes") != 0)
		return code;
	code = fb_getvar(s->link, "current-slot", value, err);
	if (code < 0)
		return code;
	const char *slot = value + (*value == '_');

	if (!islower((unsigned char)slot[0]) || slot[1])
		return bmc_fail(
			err, BMC_ESTATE,
			"%s: `%s` has slots, and its fastboot does not say which "
			"one runs",
			s->board->id, name);
	(void)snprintf(name + strlen(name), FB_WORD_MAX - strlen(name), "_%c", *slot);
	return BMC_OK;
}

int fb_target_find(struct fb_session *s, const struct bmc_flash_part *part,
		   struct fb_target *ret, struct bmc_error *err)
{
	char variable[FB_WORD_MAX + 16], value[FB_ANSWER_MAX];
	int code;

	(void)snprintf(ret->name, sizeof(ret->name), "%.36s", name_of(s->board, part));
	code = slot_of(ret->name) ? BMC_OK : add_slot(s, ret->name, err);
	if (code < 0)
		return code;
	(void)snprintf(variable, sizeof(variable), "partition-size:%s", ret->name);
	code = fb_getvar(s->link, variable, value, err);
	if (code < 0)
		return code;
	ret->size = number(value);
	if (ret->size && part->size > ret->size)
		return bmc_fail(err, BMC_ENOSPC,
				"%s: `%s` has %llu bytes, the image %llu", s->board->id,
				ret->name, (unsigned long long)ret->size,
				(unsigned long long)part->size);
	return BMC_OK;
}
