// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/plugin.h"

/* The platform file in memory: which slots there are, what sits on which pin, which
 * source and which verb is whose. Made from a checked conf tree (ranges are already
 * expanded there), immutable; the daemon and the helper each build their own. */

/* `line` of what is named by `line_name`: the helper finds it on the chip. */
#define BMC_LINE_NAMED    UINT32_MAX
#define BMC_LINE_NAME_MAX 32 /* with the NUL: GPIO_MAX_NAME_SIZE of linux/gpio.h */

struct bmc_pin_desc {
	bool exists;
	uint32_t ordinal; /* position in lines                              */
	uint32_t chip;    /* position in chips                              */
	uint32_t line;    /* offset on the chip, or BMC_LINE_NAMED          */
	bool active_low;
	int64_t pulse_ms;      /* length of a pulse, 1..10000                    */
	const char *line_name; /* borrowed; NULL: by its offset             */
	int64_t min_off_ms;    /* of POWER: least time between off and on      */
};

/* A GPIO line: a board's pin, or an entry of `lines` (LED, buzzer, button, presence).
 * Its ordinal, the position in bmc_platform.lines, names it to the helper. */
struct bmc_line {
	char id[2 * BMC_ID_MAX]; /* "BOARD.PIN" of a pin, else the entry's id      */
	char parent[BMC_ID_MAX]; /* id of the row that it is about                 */
	const struct bmc_slot *slot; /* of a pin; NULL: an entry of `lines`         */
	enum bmc_pin pin;
	uint32_t chip, line;   /* position in chips, offset on the chip               */
	const char *line_name; /* of BMC_LINE_NAMED; borrowed                       */
	bool active_low;
	bool input;       /* reports its edges and can't be set                  */
	int64_t pulse_ms; /* of an output: length of a pulse, 1..10000           */
	const struct bmc_conf *conf; /* its entry, or that of its board */
	int64_t debounce_ms; /* of an input: a level counts after this, 0..1000     */
};

/* A fan's pwm output, named to the helper by its position in bmc_platform.pwms. */
struct bmc_pwm {
	char id[BMC_ID_MAX];
	bool simulated;   /* driver: simulator; else hwmon          */
	char device[128]; /* folder below /sys with `pwmN` or `hwmon/hwmonM/pwmN` */
	uint32_t channel; /* N                                      */
};

/* A block device that the helper opens for the daemon, named by its position in
 * bmc_platform.storage. */
struct bmc_storage {
	char id[BMC_ID_MAX];
	char device[128]; /* below /dev                             */
	bool writable;    /* may be opened for writing              */
};

struct bmc_chip {
	char id[BMC_ID_MAX];
	char name[64];  /* gpiochip's name or label; unused by the simulator's driver */
	bool simulated; /* driver: simulator, a bank in a file; else libgpiod         */
	uint32_t lines;
};

/* A row the platform file declares. */
struct bmc_slot {
	enum bmc_kind kind;
	char id[BMC_ID_MAX], parent[BMC_ID_MAX];
	enum bmc_kind parent_kind;
	uint32_t index[2];
	uint32_t ordinal; /* position among the slots of its kind, from 0 */
	bool is_main;
	struct bmc_pin_desc pins[BMC_N_PINS];
	const struct bmc_conf
		*conf; /* its entry: static fields, the plugins' own keys, `verbs` */
};

struct bmc_platform {
	char name[BMC_ID_MAX];
	int64_t inrush_ms; /* least time between two boards that are powered up,
			      0..10000 */
	bool power_on;     /* all boards at the start of main    */
	int64_t power_on_batch, power_on_delay_ms;
	int64_t boot_ms;   /* on, but not on USB for longer: something is wrong   */
	int64_t settle_ms; /* off, before a power cycle switches on again */
	int64_t leave_ms; /* a board asked to restart has to leave USB within, 10000  */
	int64_t shutdown_ms; /* a board asked to shut down has to be gone within */
	int64_t recover_ms;  /* does not answer for so long: recovered by itself; 0:
				never */
	int64_t recover_tries, recover_pause_ms;
	char reinstall[128]; /* the image for a board that nothing else brought back;
				"": none */
	uint64_t digest; /* of slots, chips, lines, pwms and storage: daemon and helper
			    must agree */
	struct bmc_chip *chips;
	size_t n_chips;
	struct bmc_line *lines; /* the pins of the slots in their order, then `lines` */
	size_t n_lines;
	struct bmc_pwm *pwms;
	size_t n_pwms;
	struct bmc_storage *storage;
	size_t n_storage;
	struct bmc_slot *slots; /* ordered by kind, then as in the file */
	size_t n_slots;
	size_t first[BMC_N_KINDS + 1]; /* slots of kind k: first[k] .. first[k+1]-1 */
	const struct bmc_slot **by_id; /* all slots, sorted */
	const struct bmc_conf *conf;   /* borrowed */
};

/* The lists of a platform file: value is the kind (one with BMC_KIND_SLOT), word the
 * list's key. And what its pins are called. Both end with a NULL word. */
extern const struct bmc_name bmc_platform_lists[], bmc_pin_names[];
/* What a line is for: enum bmc_line_role. */
extern const struct bmc_name bmc_line_role_names[];

/** Builds a platform from a checked tree, which it borrows. Errors name file and line.
 *  Rules checked here, beyond the schema: ids are unique and well-formed, indexes
 * unique in a kind, parents exist, one `main` at most, chips exist, a line is used
 * once, sources and verbs are named well. A row without `index` gets: boards their
 * blade's number (0 without a blade) and their place there, `main` 0.0, others their
 * place in the file. */
int bmc_platform_new(const struct bmc_conf *tree, struct bmc_platform **ret,
		     struct bmc_error *err);
struct bmc_platform *bmc_platform_free(struct bmc_platform *p);

/** The slot, or NULL. */
const struct bmc_slot *bmc_platform_slot(const struct bmc_platform *p,
					 enum bmc_kind kind, const char *id);

/** Ordinal of the line, pwm or storage with this id (a pin's is "BOARD.PIN"), or
 * BMC_ENOTFOUND. */
int64_t bmc_platform_line(const struct bmc_platform *p, const char *id);
int64_t bmc_platform_pwm(const struct bmc_platform *p, const char *id);
int64_t bmc_platform_storage(const struct bmc_platform *p, const char *id);

/** The `n`th (0..) name of a list "a, b, c"; false: it has no so many. */
bool bmc_list_nth(const char *list, unsigned n, char *ret, size_t size);

/** Name of the instance that carries out `verb` for this slot (the slot's own `verbs`,
 * else the platform's, but those never for `main`), or NULL; also for the word "none".
 */
const char *bmc_platform_verb(const struct bmc_platform *p, const struct bmc_slot *slot,
			      const char *verb);

/** Rank of a source for a field (`sources`: "KIND.FIELD", else "KIND", else "default"):
 * 0 is asked first; sources that are not named come after those that are, in the order
 * of the instances (`otherwise`). */
unsigned bmc_platform_rank(const struct bmc_platform *p, enum bmc_kind kind,
			   const char *field, const char *instance, unsigned otherwise);
