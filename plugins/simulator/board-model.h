// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/model.h"

/* One core board as its own hardware behaves: pins and requests go in, what USB and adb
 * show comes out. Pure functions: the time (milliseconds, any origin) is passed in, no
 * input or output, no globals, no lock. */

#define SIM_NEVER INT64_MAX

enum sim_phase {
	SIM_OFF,         /* no power, or no board                     */
	SIM_DARK,        /* power is on, nothing on USB yet           */
	SIM_LOADER,      /* the loader flashes by                     */
	SIM_KERNEL,      /* the kernel starts, nothing on USB         */
	SIM_ADB_OFFLINE, /* adb is there and does not answer          */
	SIM_ADB,         /* adb answers, nobody asked for the OS yet  */
	SIM_UP,
	SIM_STOPPING, /* the OS was asked to go down               */
	SIM_HALTED,   /* the OS is down, the power is on           */
	SIM_HELD,     /* stays in a USB mode until it is reset     */
};

enum sim_fault {
	SIM_ADB_HANG,     /* requests get no answer                       */
	SIM_ADB_WEDGE,    /* the same, deaf to cancelling and deadlines   */
	SIM_ADB_FAIL,     /* requests are refused                         */
	SIM_PIN_STUCK,    /* pins do not reach the board                  */
	SIM_SLOW_BOOT,    /* a boot that starts takes four times as long  */
	SIM_NO_BOOT,      /* a boot gets no further than power            */
	SIM_USB_FLAP,     /* USB comes and goes twice a second            */
	SIM_FLASH_REFUSE, /* an image is none for this board           */
	SIM_FLASH_LOST,   /* it is not seen in its loader              */
	SIM_FLASH_FAIL,   /* the second half of a write fails          */
	SIM_FLASH_HANG,   /* a write does not go on                    */
	SIM_FLASH_BAD,    /* other bytes are written than were sent    */
	SIM_FLASH_SILENT, /* what was written does not start           */
	SIM_N_FAULTS
};

struct sim_board_model {
	enum sim_phase phase;
	int64_t until; /* when the phase ends, or SIM_NEVER                   */
	int64_t boot_ms,
		stop_ms; /* a whole boot; from a request to the OS being down  */
	int64_t slow;    /* this boot takes so many times boot_ms               */
	enum bmc_os os;
	enum bmc_usb_mode
		mode; /* to be held in after the next start, or BMC_USB_NONE */
	bool restart; /* STOPPING ends in a start, not in HALTED             */
	bool present;
	bool wire_power, wire_reset; /* as the pins are */
	bool power, reset; /* as the board feels them                         */
	int64_t fault_from[SIM_N_FAULTS], fault_until[SIM_N_FAULTS];
	int64_t started; /* time of the last start                              */
	int64_t boots;
};

/** What the sources see of the board. */
struct sim_seen {
	bool power;
	enum sim_phase phase;
	enum bmc_usb_mode usb;
	enum bmc_adb_state adb;
	enum bmc_os os;
};

/** A present board that has been up for ever (`power`), or is off. */
void sim_board_init(struct sim_board_model *m, enum bmc_os os, bool power);

/** Lets time pass up to `now`: phases end, faults end, pins that were stuck are felt.
 */
void sim_board_step(struct sim_board_model *m, int64_t now);

/** Pins as they are on the wire from `now` on (active, not level). */
void sim_board_power(struct sim_board_model *m, bool active, int64_t now);
void sim_board_reset(struct sim_board_model *m, bool active, int64_t now);

/** The board is pulled or put in. */
void sim_board_present(struct sim_board_model *m, bool present, int64_t now);

/** Requests by adb that the board carries out; false: it is not up and does nothing.
 *  `mode`: BMC_USB_NONE for a normal start, else the mode to be held in after it. */
bool sim_board_restart(struct sim_board_model *m, enum bmc_usb_mode mode, int64_t now);
/** The loader that it is held in starts it. */
void sim_board_leave(struct sim_board_model *m, int64_t now);
bool sim_board_shutdown(struct sim_board_model *m, int64_t now);

void sim_board_fault(struct sim_board_model *m, enum sim_fault f, int64_t from,
		     int64_t until);
/** Ends all faults. */
void sim_board_heal(struct sim_board_model *m);
bool sim_board_faulty(const struct sim_board_model *m, enum sim_fault f, int64_t now);

struct sim_seen sim_board_seen(const struct sim_board_model *m, int64_t now);
