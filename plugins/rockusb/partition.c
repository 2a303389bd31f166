// SPDX-License-Identifier: Apache-2.0
/* The verb write_partition: an image to one partition of a board in its loader, for
 * other plugins' flashers (the auxiliary system of netrecovery). It is a part of an
 * update's image as any other. */
#include <stddef.h>
#include <string.h>

#include "update.h"

struct lone_part {
	struct bmc_flash flash; /* first */
	struct bmc_flash_part part;
	struct bmc_extent extent;
	const struct bmc_image *image;
};

/* Zeros before the image, where the partition keeps what it has. */
static ssize_t lone_read(const struct bmc_flash *f, size_t part, uint64_t offset,
			 void *buf, size_t len)
{
	const struct lone_part *l = (const struct lone_part *)(const void *)f;
	uint64_t at = l->extent.at;

	(void)part;
	if (offset >= at)
		return l->image->read(l->image, offset - at, buf, len);
	len = len < at - offset ? len : (size_t)(at - offset);
	memset(buf, 0, len);
	return (ssize_t)len;
}

static int no_table(const struct bmc_flash *f, uint64_t sectors, void *ret_begin,
		    void *ret_end, struct bmc_error *err)
{
	(void)f;
	(void)sectors;
	(void)ret_begin;
	(void)ret_end;
	return bmc_fail(err, BMC_ENOTSUP, "a partition has no table");
}

static void lone_init(struct lone_part *l, const char *board,
		      const struct bmc_args *args)
{
	uint64_t at = (uint64_t)args->num, size = args->image->size;

	*l = (struct lone_part){
		.flash = { .size = sizeof(l->flash),
			   .board = board,
			   .name = args->text,
			   .version = "",
			   .format = "raw",
			   .verify = BMC_VERIFY_FULL,
			   .file = args->image,
			   .parts = &l->part,
			   .n_parts = 1,
			   .bytes = size,
			   .read = lone_read,
			   .table = no_table },
		.part = { .name = args->text,
			  .start = BMC_FLASH_BY_NAME,
			  .size = at + size,
			  .extents = &l->extent,
			  .n_extents = 1 },
		.extent = { at, size },
		.image = args->image,
	};
}

/* What the loader can't verify is written all the same: a system that is bad does not
 * come up, which whoever asked for it finds. */
static int write_lone(struct rk_update *u, struct lone_part *l, struct bmc_error *err)
{
	int code = rk_update_detach(u, err);

	if (code == BMC_OK && !rk_update_can_verify(u))
		l->flash.verify = BMC_VERIFY_NONE;
	if (code == BMC_OK)
		code = rk_update_write(u, err);
	return code < 0 ? code : rk_update_verify(u, err);
}

int rockusb_write_partition(void *self, struct bmc_call *call,
			    const struct bmc_args *args, struct bmc_error *err)
{
	struct rockusb *r = self;
	const char *board = r->ops->target_id(call);
	struct lone_part l;
	struct rk_update u;
	int code;

	if (!args->image || !args->image->size || !args->text || !args->text[0] ||
	    args->num < 0 || args->num % BMC_SECTOR != 0)
		return bmc_fail(err, BMC_EINVAL,
				"%s: write_partition takes a partition's name, bytes, "
				"and an offset in whole sectors",
				board);
	lone_init(&l, board, args);
	code = rk_update_init(&u, r, call, &l.flash, err);
	if (code == BMC_OK)
		code = write_lone(&u, &l, err);
	rk_update_done(&u);
	return code;
}
