// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "action-fixture.h"

/* What the tests of updates share: a flasher over the boards of action-fixture.h, whose
 * storage lives in shared memory and outlives a daemon that is killed, and one image
 * with a small store of its own. The platform binds `flash: other, fixture`: the first
 * is not there. */

#define FLASH_BYTES 4096
#define FLASH_CHUNK 1024
#define FLASH_IMAGE "image-1"

enum flash_fault {
	FLASH_NO_FAULT,
	FLASH_FAILS,  /* with `code`                           */
	FLASH_HANGS,  /* until it is cancelled                 */
	FLASH_WEDGED, /* until `release`, whatever it is told  */
	FLASH_LIES,   /* write: says good, wrote another byte  */
	FLASH_SILENT, /* attach: the board does not come back  */
};

struct flash_board {
	atomic_int calls[BMC_N_FLASH_CALLS];
	_Atomic enum flash_fault fault;
	atomic_int at; /* enum bmc_flash_call of the fault */
	atomic_int code;
	atomic_int chunks; /* that were written */
	unsigned char bytes[FLASH_BYTES], former[FLASH_BYTES];
	atomic_bool whole; /* its system can be started */
	atomic_bool confirmed;
};

/* Shared memory. */
struct flash_world {
	struct flash_board boards[FIXTURE_MOST];
	atomic_bool release;
	atomic_bool revives; /* a lost board comes back by an update */
	/* the image */
	atomic_bool stored; /* else it has to be fetched */
	atomic_bool hold;   /* a prepare does not go on  */
	atomic_int prepares, fetches, cancels, opened, closed, held;
	atomic_int fails;  /* code with which a prepare ends */
	atomic_int verify; /* enum bmc_verify that a flasher was given last */
	atomic_int most;   /* boards in `write` at once */
	atomic_int writing;
	int order[FIXTURE_MOST]; /* boards as they began to be written */
	atomic_int n_order;
};
extern struct flash_world *flash_world;
/** What stands at the begin of the platform file; before flash_new. */
extern const char *flash_recovery;

/** The plugin of the fixture, with a flasher. */
extern struct bmc_plugin flash_plugin;
/** A board of it. */
struct flash_board *flash_of(const char *id);
/** Whether the board has the image's bytes, or those it had before. */
bool flash_is_new(const char *id);
bool flash_is_former(const char *id);

/** As fixture_set_up, with `flash` bound; `platform` NULL: the fixture's own. */
int flash_set_up(void **state);
int flash_tear_down(void **state);
/** New boards and the image; nothing is started: what a fork needs. */
void flash_new(void);
/** As fixture_start and fixture_stop, with bmc_images. */
void flash_start(bool test);
void flash_stop(void);

/** The parameters of the next flash_update; made when the first is set. */
void flash_set(enum bmc_param key, int64_t num);
void flash_set_text(enum bmc_param key, const char *text);
void flash_params_drop(void);
/** Those of the next update, with an image; borrowed. */
struct bmc_params *flash_params(void);
/** Asks for an update of a board or blade; the code, or the refusal's. Without an image
 * among the parameters, with FLASH_IMAGE. */
int flash_update(const char *id, uint32_t *ret_task);
/** The task of one board below a parent; NULL: there is none. */
const struct bmc_task *flash_child(uint32_t parent, const char *board);
