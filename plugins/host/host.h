// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <pthread.h>

#include "bmc/plugin.h"

/* The machine the agent runs on, read from /proc and /sys. One file each for the board,
 * its disks, its network interfaces, its thermometers; each is one function that reads
 * and puts. All paths are below `root`, so that tests read a recorded tree. */

#define HOST_NAMES_MAX 128 /* entries of one folder that are looked at */
#define HOST_NAME_MAX  64
#define HOST_DISKS_MAX 64 /* bays and other disks that are followed     */
#define HOST_SMART_MAX 32 /* disks whose SMART data is read             */

struct host {
	struct bmc_host *host;
	const struct bmc_host_ops *ops;
	const char *root;  /* borrowed from the config; no slash at its end        */
	const char *shell; /* borrowed: clusterbmc-shell's socket */
	char board[BMC_ID_MAX]; /* main's id, "" when the platform file has none */
	const struct bmc_conf *board_conf; /* borrowed or NULL */
	uint64_t busy, total; /* of /proc/stat when it was read last; 0: not yet      */
	unsigned polls;
	int64_t smart_ms, smart_at; /* between two SMART readings; the last one */
	pthread_mutex_t
		lock; /* guards disks: poll notes them, probe reads their SMART */
	size_t n_disks;
	struct host_disk {
		char id[BMC_ID_MAX];
		const char *port; /* of a bay of the platform file, borrowed; or NULL */
		char device[16];  /* the kernel's name; "": it is not there           */
		int64_t sequence; /* the kernel's number of the disk, or BMC_UNKNOWN  */
		unsigned number;  /* ours: each that comes gets another one           */
		bool here, was;   /* in this poll; ever                               */
	} disks[HOST_DISKS_MAX];  /* bays, and what was there once */
	unsigned last_number;     /* of the disk that came last    */
	unsigned smart_number;    /* as it was when SMART was read */
	size_t n_smart;
	struct host_smart {
		struct host_disk disk;
		struct bmc_smart data;
	} smart[HOST_SMART_MAX]; /* what the last one gave; the probe's own */
	bool sensors;            /* thermometers are rows of their own */
	int64_t soc, gpu;     /* millidegrees, found with the thermometers            */
	char mac[18], ip[46]; /* of the first interface that has an address           */
};

/** A folder's entries, sorted, without those that begin with a dot. */
struct host_names {
	size_t n;
	char name[HOST_NAMES_MAX][HOST_NAME_MAX];
};

/* ---- files.c: bounded reading ---- */

/** Reads the file at `path` below root as text: at most size - 1 bytes, printable, no
 *  spaces at the ends. False, and an empty text: not there, or no plain file. */
bool host_text(const struct host *h, char *buf, size_t size, const char *path, ...)
	__attribute__((format(printf, 4, 5)));
/** As host_text with its lines; the only change is a NUL at its end. */
bool host_lines(const struct host *h, char *buf, size_t size, const char *path);
/** A whole number in a file; BMC_UNKNOWN: none there. */
int64_t host_number(const struct host *h, const char *path, ...)
	__attribute__((format(printf, 2, 3)));
bool host_exists(const struct host *h, const char *path, ...)
	__attribute__((format(printf, 2, 3)));
void host_list(const struct host *h, const char *path, struct host_names *ret);
/** The text behind `key` and the separators ":= \t\"" in `lines`, up to the line's end
 * or the closing quote. False, and an empty text: no such line. */
bool host_value(const char *lines, const char *key, char *ret, size_t size);
/** An id: main's, a dash, `name` with only [a-z0-9-]. */
void host_id(const struct host *h, char ret[BMC_ID_MAX], const char *name);
/** Puts a part of main. */
int host_put(struct host *h, enum bmc_kind kind, const char *id,
	     const struct bmc_value *values, size_t n);

/* ---- one file each ---- */

/** What does not change while the machine runs. */
void host_read_identity(struct host *h);
/** Load, memory, storage, and what the other files found for the board's row. */
void host_read_board(struct host *h);
/** The bays of the platform file: disks with the key `port`. */
void host_find_bays(struct host *h);
void host_read_disks(struct host *h);
/** SMART of each disk; waits for the helper: in a probe only. */
void host_read_smart(struct host *h);
/** Puts what host_read_smart() got: between two readings it is not stale. */
void host_put_smart(struct host *h);
/** Whether a disk came since SMART was read. */
bool host_smart_old(struct host *h);
void host_read_nics(struct host *h);

/* Of an interface; "" and BMC_UNKNOWN: none, or not known. */
struct host_gateways {
	char ipv4[16], ipv6[46];
};
struct host_ipv6 {
	const char *address; /* in: which one, borrowed */
	int64_t prefix;      /* bits */
	enum bmc_address_state state;
};
void host_find_gateways(const struct host *h, const char *name,
			struct host_gateways *ret);
void host_find_ipv6(const struct host *h, const char *name, const char *address,
		    struct host_ipv6 *ret);
void host_read_temperatures(struct host *h);

/* ---- shell.c ---- */

extern const struct bmc_stream_type host_streams[];
