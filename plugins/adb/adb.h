// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <pthread.h>

#include "bmc/plugin.h"

/* The plugin `adb`: boards with Android or Linux, reached through the adb server's TCP
 * protocol. All that boards and the server send is hostile: each read is bounded in
 * bytes and time, each text is cleaned before it is put or logged. */

#define ADB_LIST_MAX     65535 /* bytes of one answer: its length has four digits */
#define ADB_ANSWER_MAX   65536 /* bytes of a probe's answer that are read         */
#define ADB_NICS_MAX     16    /* interfaces of a board that are shown            */
#define ADB_WORD_MAX     64
#define ADB_VENDOR_ITEMS 4
#define ADB_VENDOR_TEXT  32
#define ADB_TEXT_MAX     160
#define ADB_WAIT_MS      5000 /* for one answer of the server, in serve           */

/** An interface as its board shows it. */
struct adb_nic {
	char name[16]; /* as the kernel names it */
	char mac[18], ipv4[16], netmask[16], gateway[16], ipv6[46];
	int64_t ipv4_prefix, ipv6_prefix, ipv6_state; /* bits; enum bmc_address_state */
	int64_t link, enabled, speed, mtu, full_duplex;
	int64_t rx_bytes, tx_bytes, rx_packets, tx_packets, rx_errors, tx_errors;
	bool ethernet, has_device;
};

/** What a board says of itself. Texts are clean, "" is unknown. */
struct adb_facts {
	int64_t os; /* enum bmc_os */
	char os_version[48], hw_version[16], serial[32], model[32], kernel[48];
	char hostname[BMC_NAME_MAX], cpu_model[48], architecture[16];
	char dns[2][16]; /* Android's, for a static address */
	int64_t cpu_cores, cpu_mhz;
	uint64_t cpu_busy, cpu_total; /* of /proc/stat; total 0: unknown */
	int64_t memory_bytes, memory_used, storage_bytes, storage_used;
	int64_t soc_temperature, gpu_temperature; /* millidegrees */
	int64_t uptime;                           /* milliseconds */
	size_t n_nics;
	bool in_nic; /* the lines that come are of the last one */
	struct adb_nic nics[ADB_NICS_MAX];
};

/** One line of the server's list of devices. */
struct adb_device {
	char where[ADB_WORD_MAX]; /* "usb:2-1.2.3", or the serial of one without; "":
				     none */
	enum bmc_adb_state state;
	uint64_t transport; /* 0: the server did not say */
};

struct adb_board {
	char id[BMC_ID_MAX];
	char where[ADB_WORD_MAX]; /* "usb:2-1.2.3" or "192.0.2.7:5555" */
	bool tcp;
	/* under the instance's lock */
	enum bmc_adb_state state;
	uint64_t transport;
	bool doubtful; /* what the list has at its place is not believed */
	int64_t os;    /* of the last probe */
	/* the last probe's own, under the lock as well */
	uint64_t cpu_busy, cpu_total;
	int64_t boot_time;
	size_t n_nics;
	char nics[ADB_NICS_MAX][16];
	uint64_t vendor_of; /* the transport that vendor[] was read of */
	int64_t vendor_at;
	char vendor[ADB_VENDOR_ITEMS][ADB_VENDOR_TEXT];
	uint64_t watchdog_of; /* the transport whose system was told ... */
	int64_t watchdog;     /* ... this enum bmc_watchdog              */
};

struct adb {
	struct bmc_host *host;
	const struct bmc_host_ops *ops;
	const char *address, *program, *home; /* borrowed from the config */
	uint16_t port;
	bool start_server;
	int64_t started_at; /* when the server was started last; serve's own */
	pthread_mutex_t lock;
	struct adb_board *boards;
	size_t n_boards;
};

/* ---- text.c ---- */

/** Copies `len` bytes as one line of printable ASCII: control bytes end it or become
 * spaces, others become '?'. No spaces at the ends. */
void adb_clean(char *dst, size_t size, const char *src, size_t len);
/** A whole number 0.. up to INT64_MAX at the start of `s`; BMC_UNKNOWN: none. */
int64_t adb_number(const char *s);

/* ---- list.c: the server's list of devices ---- */

/** Calls `each` for every line that has a device or a transport. */
void adb_list_parse(const char *list, size_t len,
		    void (*each)(void *arg, const struct adb_device *d), void *arg);
/** What the server's word for a device means. */
enum bmc_adb_state adb_state_of(const char *word);

/* ---- facts.c, nics.c: what a board answers ---- */

/** The command that a probe runs in the board's shell. */
extern const char adb_probe_script[];
void adb_facts_parse(const char *answer, size_t len, struct adb_facts *ret);
void adb_nic_line(struct adb_facts *f, const char *line);     /* of section nic   */
void adb_address_line(struct adb_facts *f, const char *line); /* of section addr  */
void adb_route_line(struct adb_facts *f, const char *line);   /* of section route */
/** Drops what is no Ethernet interface of the machine's own. */
void adb_nics_sift(struct adb_facts *f);

/* ---- link.c: a connection to the server ---- */

/** Waits for what `what` says, at most until `until` (in the time of ops->now). */
struct adb_link {
	struct adb *adb;
	struct bmc_call *call; /* NULL: in serve */
	bool stream;           /* of a stream    */
	int fd;
	int64_t until;
};

/** Connects. On an error there is nothing to close. */
int adb_open(struct adb_link *l, struct bmc_error *err);
void adb_close(struct adb_link *l);
int adb_send(struct adb_link *l, const void *buf, size_t len, struct bmc_error *err);
/** Reads up to `len` bytes: 1..len, 0 at the end. */
ssize_t adb_some(struct adb_link *l, void *buf, size_t len, struct bmc_error *err);
/** Reads exactly `len` bytes; an early end is BMC_EIO. */
int adb_read(struct adb_link *l, void *buf, size_t len, struct bmc_error *err);
/** Sends a request and reads the server's OKAY; what it says with FAIL is the error. */
int adb_request(struct adb_link *l, struct bmc_error *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** Reads what comes with a length of four hexadecimal digits. `buf` holds
 * ADB_LIST_MAX + 1 bytes and ends with a NUL. Its length, or an error. */
ssize_t adb_block(struct adb_link *l, char *buf, struct bmc_error *err);
/** Opens `service` of a board's device. */
int adb_service(struct adb_link *l, const struct adb_board *b, struct bmc_error *err,
		const char *service);
/** Reads all that comes until the end, up to size - 1 bytes; more is BMC_EIO. */
ssize_t adb_all(struct adb_link *l, char *buf, size_t size, struct bmc_error *err);
/** Runs a command in a board's shell and reads what it prints. */
ssize_t adb_run(struct adb *a, struct bmc_call *call, const struct adb_board *b,
		const char *command, char *buf, size_t size, struct bmc_error *err);

/* ---- the others ---- */

/** The board of the platform file, or NULL. */
struct adb_board *adb_find(struct adb *a, const char *id);
/** Its state and transport as the server said last. */
enum bmc_adb_state adb_state(struct adb *a, const struct adb_board *b,
			     uint64_t *ret_transport);
/** Reads one board. */
int adb_probe(void *self, struct bmc_call *call, const char *board,
	      struct bmc_error *err);
/** What a board that is no device any more does not say any more. */
void adb_forget(struct adb *a, struct adb_board *b);
/** Starts a server where none runs. In serve. */
void adb_start_server(struct adb *a);
int adb_serve(void *self, struct bmc_error *err);
/** The verb `ipv4_static` of a board's interface. */
int adb_set_address(void *self, struct bmc_call *call, const struct bmc_args *args,
		    struct bmc_error *err);
/** What it runs in the shell of a Linux board, behind the assignments of I, A, P, M, G:
 * the interface, address, prefix, mask, gateway ("" each: by DHCP). It prints "OK" or
 * "ERR why". */
extern const char adb_linux_address[];
/** Id of the row of an interface. */
void adb_nic_id(const struct adb_board *b, const char *name, char ret[BMC_ID_MAX]);
/** "remount:" and what it says. */
int adb_remount(struct adb *a, struct bmc_call *call, const struct adb_board *b,
		struct bmc_error *err);
int adb_become_root(struct adb *a, struct bmc_call *call, const struct adb_board *b,
		    struct bmc_error *err);
/** Puts what the board's vendor storage has, which is read seldom. */
void adb_vendor_probe(struct adb *a, struct bmc_call *call, struct adb_board *b,
		      uint64_t transport);
/** The verb `vendor_set`. */
int adb_vendor_set(void *self, struct bmc_call *call, const struct bmc_args *args,
		   struct bmc_error *err);
/** Tells a system that has started the setting `watchdog` of its board, if it has one.
 */
void adb_watchdog_probe(struct adb *a, struct bmc_call *call, struct adb_board *b,
			uint64_t transport);
/** The verb `watchdog`: enum bmc_watchdog. Where no system answers it is done by the
 * next probe that finds one. */
int adb_watchdog(void *self, struct bmc_call *call, const struct bmc_args *args,
		 struct bmc_error *err);
extern const struct bmc_verb adb_verbs[];
extern const struct bmc_stream_type adb_streams[];
int adb_shell(void *self, struct bmc_call *call, const struct bmc_stream_args *args,
	      struct bmc_error *err);
int adb_push(void *self, struct bmc_call *call, const struct bmc_stream_args *args,
	     struct bmc_error *err);
int adb_pull(void *self, struct bmc_call *call, const struct bmc_stream_args *args,
	     struct bmc_error *err);
