// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <pthread.h>

#include "bmc/plugin.h"
#include "board-model.h"
#include "pins.h"
#include "random.h"
#include "row.h"

/* A simulated chassis: what one instance consists of. Everything below `lock` is
 * guarded by it: poll, probes, verbs and the control socket each take it for
 * microseconds and never wait for anything while they hold it. */

/** What a SoC brings along; from its name in the platform file. */
struct sim_soc {
	const char *name, *cpu;
	const char *architecture;
	int64_t cores, mhz, memory, storage;
	double idle_watts, load_watts;
};

/** What a board's storage was flashed with; all 0: what it came with. */
struct sim_flashed {
	uint64_t bytes;
	uint32_t crc; /* as zlib's crc32() of the bytes, in the order of the extents */
	char version[48];
};

struct sim_board {
	struct sim_board_model model;
	struct sim_row *row, *ntc, *nic,
		*os;           /* borrowed from sim->rows; may be NULL but row */
	struct sim_row *blade; /* borrowed or NULL */
	const struct sim_soc *soc;
	struct bmc_pin_place power, reset;
	bool has_power, has_reset, is_main;
	struct sim_seen seen; /* as it was shown last */
	bool shown;
	double soc_celsius, ntc_celsius, watts;
	int64_t load, load_aim, load_until;
	int64_t read_at; /* time of the last reading */
	int64_t rx, tx;
	struct sim_flashed flashed, former; /* former: before the last update */
};

struct sim_fan {
	struct sim_row *row;
	double rpm;
	int64_t duty, mode, full_rpm;
};

struct sim_psu {
	struct sim_row *row;
	double joules;
};

struct sim_control; /* the socket's thread */

struct sim {
	struct sim_reporter reporter;
	struct sim_control *control;
	pthread_mutex_t lock;

	struct sim_pins pins;
	const char *pins_path; /* borrowed from the config; "": none */
	bool loading;          /* what was kept is being taken over  */
	int64_t on_at;         /* when the chassis was switched on; 0: long ago */
	struct sim_random random;
	int64_t speed, boot_ms;
	int64_t flash_rate; /* bytes per second, before `speed` */
	bool simulate_main;

	struct sim_row **rows; /* owned */
	size_t n_rows, room;
	size_t first[BMC_N_KINDS],
		count[BMC_N_KINDS]; /* the platform file's part of rows */
	struct sim_board *boards;
	size_t n_boards;
	struct sim_fan *fans;
	size_t n_fans;
	struct sim_psu *psus;
	size_t n_psus;
	struct sim_row *ambient; /* borrowed from rows; may be NULL */

	double inlet_celsius, flow; /* 0..1 */
	int64_t started_at, chassis_at;
	int64_t reads; /* readings of boards so far, one after another */
};

/* ---- build.c: from the platform file ---- */

/** Makes all rows, boards, fans and PSUs. */
int sim_build(struct sim *s, struct bmc_error *reterr);
void sim_unbuild(struct sim *s);
/** The row, or NULL. Borrowed. */
struct sim_row *sim_find(const struct sim *s, enum bmc_kind kind, const char *id);
/** The row, made if it is not there; NULL when out of memory. Borrowed. */
struct sim_row *sim_add(struct sim *s, enum bmc_kind kind, const char *id,
			const struct bmc_conf *conf);
struct sim_board *sim_find_board(const struct sim *s, const char *id);

/* ---- board.c ---- */

/** Identity: serial number, MAC, processor. */
void sim_board_identity(struct sim *s, struct sim_board *b, size_t ordinal);
/** Whether it is plugged in, and its blade too. */
bool sim_board_is_in(const struct sim_board *b);
/** Reports what the sources see of it, and its readings. */
void sim_board_show(struct sim *s, struct sim_board *b, int64_t now);
/** Load, heat, power and counters up to `now`; does not report. */
void sim_board_read(struct sim *s, struct sim_board *b, int64_t now);
/** What adb shell would say of a board that is up. */
void sim_board_ask(struct sim *s, struct sim_board *b);

/* ---- chassis.c: everything that is no board ---- */

void sim_chassis_identity(struct sim *s);
void sim_chassis_read(struct sim *s, int64_t now);

/* ---- tick.c ---- */

/** Follows the pins, lets boards live, reads what is due. With the lock. */
void sim_tick(struct sim *s, int64_t now);
/** The first tick: replays the pin bank's ring, or switches a new chassis on. */
void sim_start(struct sim *s, bool is_new, int64_t now);

/* ---- simulator.c ---- */

/** Starts the random numbers anew. With the lock. */
void sim_seed(struct sim *s, uint64_t seed, int64_t now);

/* ---- verbs.c ---- */

extern const struct bmc_verb sim_verbs[];
/** The slow reading of a board: what `adb shell` would say. */
int sim_probe(void *self, struct bmc_call *call, const char *board,
	      struct bmc_error *err);

/* ---- flash.c ---- */

extern const struct bmc_flasher sim_flasher;

/* ---- shell.c ---- */

extern const struct bmc_stream_type sim_streams[];

/* ---- shell-programs.c ---- */

#define SIM_SHELL_NONE (-1)
/** Runs a program that prints what the board's rows show: its exit code, and its output
 * in `ret` (owned; NULL: none). SIM_SHELL_NONE: there is none of that name. Takes the
 * lock. */
int sim_shell_program(struct sim *s, const char *board, const char *line, char **ret);

/* ---- vendor.c ---- */

/** Stores "FIELD VALUE" in the board's flash and reports it. With the lock. */
int sim_vendor_set(struct sim *s, struct sim_board *b, const char *text,
		   struct bmc_error *err);

/* ---- ops.c: what the socket can ask for ---- */

/** Answers one request line; `ret` is malloc()ed JSON without a newline, NULL when out
 * of memory. Takes the lock. */
char *sim_op(struct sim *s, const char *line, size_t len);

/** Spellings of the faults. */
extern const char *const sim_fault_words[SIM_N_FAULTS];

/* ---- keep.c ---- */

/** Writes what testers have set to the file beside the pins. With the lock. */
void sim_keep(struct sim *s);
/** Takes it over at the start; reports nothing. Before any other thread. */
void sim_keep_load(struct sim *s);

/* ---- control.c ---- */

int sim_control_new(struct sim *s, const char *path, struct sim_control **ret,
		    struct bmc_error *reterr);
/** Ends its thread, closes its clients, removes the socket. Accepts and returns NULL.
 */
struct sim_control *sim_control_free(struct sim_control *c);
