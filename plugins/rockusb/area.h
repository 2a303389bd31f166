// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <stdint.h>

/* The vendor storage area of an eMMC, as bytes: four copies, the newest whole one
 * counts, a write goes to another one (Rockchip U-Boot,
 * arch/arm/mach-rockchip/vendor.c). Who writes a whole eMMC saves and restores it with
 * this. Pure; what is read is hostile. */

#define RK_AREA_LBA    7168u /* 3.5 MiB, sectors of 512 bytes */
#define RK_AREA_COPIES 4u
#define RK_COPY_BYTES  65536u /* 128 sectors */
#define RK_AREA_BYTES  (RK_AREA_COPIES * RK_COPY_BYTES)
#define RK_AREA_ITEMS  126u
#define RK_AREA_ROOM   64504u /* bytes of all items, each rounded up to 64 */

/** The newest whole copy, 0..3, or BMC_ENOTFOUND. `area` has RK_AREA_BYTES. */
int rk_area_newest(const unsigned char *area);
/** Size of the item (0..RK_AREA_ROOM) and, borrowed, its bytes; BMC_ENOTFOUND. */
int rk_area_get(const unsigned char *area, uint16_t id, const unsigned char **ret);
/** The `n`th item of the newest copy as rk_area_get; its id in `*ret_id`. */
int rk_area_item(const unsigned char *area, size_t n, uint16_t *ret_id,
		 const unsigned char **ret);
/** Sets an item, in an empty area too. Returns which copy has changed, 0..3: only its
 *  RK_COPY_BYTES have to be written, and until they are all there the former copy
 * counts. BMC_ENOSPC: no room; BMC_ERANGE: `len` is 0 or too much, or the versions are
 * used up. */
int rk_area_set(unsigned char *area, uint16_t id, const void *data, size_t len);
