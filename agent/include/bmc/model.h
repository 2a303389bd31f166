// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Tables of data are aligned by hand in here. */
/* clang-format off */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The data model: what a cluster server consists of, as rows of fixed shape.
 *
 * Each kind of thing is one struct that begins with struct bmc_row. Each member that
 * frontends show is described once, by a struct bmc_field in core/model/fields/KIND.c
 * (name, type, unit, offset, spelling, one sentence). SNMP, Redfish and metrics add
 * only a column number, a JSON path or a metric name to a field; nothing else knows
 * a member's type or unit.
 *
 * Numbers are int64_t in milli-units (BMC_UNIT_* says of what); BMC_UNKNOWN is a
 * number that was not read. An enumeration's 0 is its "unknown". A text is UTF-8,
 * terminated, and unknown when empty. Times are milliseconds of CLOCK_BOOTTIME
 * (negative: before this boot); frontends turn them into wall clock on the way out.
 *
 * Growth is append-only: a struct gets members at its end, an enum values at its end.
 */

#define BMC_UNKNOWN INT64_MIN
#define BMC_ID_MAX 32   /* with the NUL; ids are [a-z0-9-], users' names [a-z0-9_.-]  */
#define BMC_NAME_MAX 64 /* labels users give                                        */
#define BMC_TEXT_MAX 256 /* longer texts that users give                            */

enum bmc_kind {
	BMC_CHASSIS,
	BMC_BLADE,
	BMC_BOARD,
	BMC_FAN,
	BMC_PSU,
	BMC_DISK,
	BMC_SENSOR,
	BMC_NIC,
	BMC_FIRMWARE,
	BMC_MANAGER,
	BMC_TASK,
	BMC_EVENT,
	BMC_ACCOUNT,
	BMC_ROLE,
	BMC_SESSION,
	BMC_CONDITION,
	BMC_AGGREGATE,
	BMC_SUBSCRIPTION,
	BMC_METRIC_REPORT,
	BMC_TRIGGER,
	BMC_AUDIT,
	BMC_STORED_IMAGE,
	BMC_CERTIFICATE,
	BMC_N_KINDS
};

enum bmc_type {
	BMC_INT,     /* int64_t                                    */
	BMC_COUNTER, /* int64_t, only grows while its source lives */
	BMC_BOOL,    /* int64_t 0, 1 or BMC_UNKNOWN                */
	BMC_ENUM,    /* uint16_t or int64_t, 0 is unknown          */
	BMC_TIME,    /* int64_t, ms of CLOCK_BOOTTIME              */
	BMC_TEXT,    /* char[size]                                 */
	BMC_REF,     /* uint32_t, a row's handle, 0 is none        */
};

enum bmc_unit {
	BMC_UNIT_NONE,
	BMC_UNIT_MILLICELSIUS,
	BMC_UNIT_MILLIVOLT,
	BMC_UNIT_MILLIAMPERE,
	BMC_UNIT_MILLIWATT,
	BMC_UNIT_JOULE,
	BMC_UNIT_MILLIPERCENT, /* 100 % = 100000 */
	BMC_UNIT_RPM,
	BMC_UNIT_BYTE,
	BMC_UNIT_MEGABIT_PER_SECOND,
	BMC_UNIT_MEGAHERTZ,
	BMC_UNIT_MILLISECOND,
	BMC_UNIT_SECOND,
	BMC_UNIT_HOUR,
	BMC_UNIT_BY_ROW, /* a sensor's value: its row's `type` says of what */
};

/** A spelling: `value` of an enumeration is `word`. Tables end with a NULL word. */
struct bmc_name {
	int value;
	const char *word;
};

enum bmc_field_flag {
	BMC_SETTING = 1u << 0, /* users set it; kept in the state database */
	BMC_STATE = 1u << 1, /* a change is published at once, not with the readings */
	BMC_DERIVED = 1u << 2, /* the core computes it; a source can't put it */
	BMC_STATIC = 1u << 3, /* the platform file may give it                        */
	BMC_INTERNAL = 1u << 4, /* an observation below a derived field; frontends need not show it */
	BMC_HISTORY = 1u << 5,  /* a reading whose last values are kept: snapshot/history.h   */
	BMC_IDENTITY = 1u << 6, /* a setting that the hardware keeps: its verb writes it and puts
				 * what it reads back, the database has no copy, two boards never
				 * have the same, and it takes an administrator */
	BMC_LOGIN_RULE = 1u << 7, /* a setting of how accounts log in: for who may
				   * change accounts                              */
};

/** One field of one kind. `min`/`max` bound a setting (for a text: its bytes). */
struct bmc_field {
	const char *name; /* snake_case, the one name in every interface */
	enum bmc_type type;
	enum bmc_unit unit;
	size_t offset;
	size_t size;
	uint32_t flags;
	const struct bmc_name *names; /* BMC_ENUM only                               */
	int64_t min, max;
	const char *verb; /* a setting that hardware has to carry out: the verb for it */
	const char *doc;
};

/* What a kind is like. The order of enum bmc_kind means nothing. */
enum bmc_kind_flag {
	BMC_KIND_HARDWARE = 1u << 0,  /* sources describe it, the core derives its state */
	BMC_KIND_SLOT = 1u << 1,      /* the platform file may declare rows of it        */
	BMC_KIND_RUN_TIME = 1u << 2,  /* a source may make rows of it                    */
	BMC_KIND_PLUGGABLE = 1u << 3, /* has a `present`: it can be pulled out           */
	BMC_KIND_PUT = 1u << 4,       /* a source may put values of it                   */
	BMC_KIND_ROLLS_UP = 1u << 5,  /* its health counts in what holds it              */
};

/** A set of kinds: one bit each. */
typedef uint64_t bmc_kind_set;
#define BMC_KIND_SET(kind) (UINT64_C(1) << (kind))
_Static_assert(BMC_N_KINDS <= 64, "a set of kinds has 64 bits");

/** One kind: its struct's size and its fields, the common ones of bmc_row first. */
struct bmc_kind_desc {
	enum bmc_kind kind;
	const char *name; /* singular, as in messages and config */
	size_t size;
	const struct bmc_field *fields;
	size_t n_fields;
	uint32_t flags; /* enum bmc_kind_flag */
	uint32_t level; /* of hardware: a row is held by a row of a lower level, the
			 * chassis is 0 */
};

/** The description of a kind; never NULL for kind < BMC_N_KINDS. Any thread. */
const struct bmc_kind_desc *bmc_kind(enum bmc_kind kind);

/* ---- spellings ---- */

enum bmc_health { BMC_HEALTH_UNKNOWN, BMC_OK_HEALTH, BMC_WARNING, BMC_CRITICAL };

/* What Redfish calls Status.State (DSP2046). */
enum bmc_status {
	BMC_STATUS_UNKNOWN,
	BMC_ENABLED,
	BMC_ABSENT,
	BMC_STARTING,
	BMC_STANDBY_OFFLINE,
	BMC_UNAVAILABLE_OFFLINE,
	BMC_QUIESCED,
	BMC_UPDATING,
	BMC_DISABLED,
};

/* The seed's words for a board, plus maskrom. */
enum bmc_board_state {
	BMC_BOARD_UNKNOWN,
	BMC_BOARD_ANDROID,
	BMC_BOARD_LINUX,
	BMC_BOARD_OFFLINE,
	BMC_BOARD_ONLINE,
	BMC_BOARD_LOADER,
	BMC_BOARD_FASTBOOT,
	BMC_BOARD_ADB,
	BMC_BOARD_ADB_OFFLINE,
	BMC_BOARD_ANDROID_RECOVERY,
	BMC_BOARD_NETRECOVERY,
	BMC_BOARD_MASKROM,
};

enum bmc_power { BMC_POWER_UNKNOWN, BMC_POWER_OFF, BMC_POWER_ON, BMC_POWERING_ON, BMC_POWERING_OFF };

/* What USB shows of a board. */
enum bmc_usb_mode {
	BMC_USB_UNKNOWN,
	BMC_USB_NONE,     /* no device on the board's port path */
	BMC_USB_DEVICE,   /* a device, nothing more known       */
	BMC_USB_ADB,
	BMC_USB_FASTBOOT,
	BMC_USB_LOADER,
	BMC_USB_MASKROM,
	BMC_USB_NETRECOVERY,
	BMC_USB_USBPLUG, /* mask ROM that has been sent its loader */
	BMC_USB_STORAGE, /* shows its eMMC as a disk               */
	BMC_USB_DFU,
};

/* What the adb server says of a board (`adb devices`). */
enum bmc_adb_state { BMC_ADB_UNKNOWN, BMC_ADB_NONE, BMC_ADB_OFFLINE, BMC_ADB_DEVICE, BMC_ADB_RECOVERY };

enum bmc_os { BMC_OS_UNKNOWN, BMC_OS_ANDROID, BMC_OS_LINUX };

enum bmc_sensor_type {
	BMC_SENSOR_UNKNOWN,
	BMC_SENSOR_TEMPERATURE, /* millidegrees Celsius */
	BMC_SENSOR_VOLTAGE,     /* millivolts           */
	BMC_SENSOR_CURRENT,     /* milliamperes         */
	BMC_SENSOR_POWER,       /* milliwatts           */
	BMC_SENSOR_FAN_SPEED,   /* 1/1000 rpm           */
	BMC_SENSOR_PERCENT,     /* 1/1000 percent       */
	BMC_SENSOR_HUMIDITY,    /* 1/1000 percent       */
};

enum bmc_task_state {
	BMC_TASK_UNKNOWN,
	BMC_TASK_NEW,
	BMC_TASK_RUNNING,
	BMC_TASK_COMPLETED,
	BMC_TASK_EXCEPTION,
	BMC_TASK_CANCELLED,
	BMC_TASK_INTERRUPTED, /* the daemon stopped while it ran and the outcome can't be known */
};

/* What has to come, beside its time, before an accepted task begins. */
enum bmc_wait {
	BMC_WAIT_NONE,
	BMC_WAIT_RESET,   /* the next reset of each of its boards     */
	BMC_WAIT_REQUEST, /* a request that starts all that wait so   */
};

enum bmc_action_op {
	BMC_ACT_NONE,
	BMC_ACT_ON,
	BMC_ACT_FORCE_OFF,
	BMC_ACT_GRACEFUL_SHUTDOWN,
	BMC_ACT_GRACEFUL_RESTART,
	BMC_ACT_FORCE_RESTART,
	BMC_ACT_POWER_CYCLE,
	BMC_ACT_SET,    /* set one setting of a row                        */
	BMC_ACT_ADD,    /* make a row: an account, a session               */
	BMC_ACT_REMOVE, /* remove a row: an account, a session             */
	BMC_ACT_PASSWORD, /* give an account a new password                */
	BMC_ACT_MANAGER_RESTART, /* the daemon restarts itself             */
	BMC_ACT_CLEAR_LOG, /* remove all events from the event log         */
	BMC_ACT_SET_CLOCK, /* set the machine's clock                      */
	BMC_ACT_RESET_SETTINGS, /* drop all that users set: the config holds again */
	BMC_ACT_ENTER_MODE, /* a board: restart into a mode (bmc_boot_target) */
	BMC_ACT_SET_NTP, /* the machine's NTP client: on, off, its servers */
	BMC_ACT_HUB_RESET, /* the power of a board's USB port: off and on */
	BMC_ACT_RECOVER,   /* a board that does not answer: hub, then power */
	BMC_ACT_UPDATE,    /* write an image of firmware to a board */
	BMC_N_ACTS
};

/* What a board starts, other than its system from the eMMC. */
enum bmc_boot_target {
	BMC_BOOT_UNKNOWN,
	BMC_BOOT_NONE,   /* no override                        */
	BMC_BOOT_NORMAL, /* its system: what it does by itself */
	BMC_BOOT_LOADER,
	BMC_BOOT_MASKROM,
	BMC_BOOT_NETRECOVERY,
	BMC_BOOT_FASTBOOT,
	BMC_N_BOOTS
};
enum bmc_boot_enabled { BMC_BOOT_ENABLED_UNKNOWN, BMC_BOOT_DISABLED, BMC_BOOT_ONCE, BMC_BOOT_CONTINUOUS };

/* The timeouts of a board's own watchdog, those of Firefly's /dev/wdt_crl. */
enum bmc_watchdog { BMC_WATCHDOG_UNKNOWN, BMC_WATCHDOG_OFF, BMC_WATCHDOG_640MS, BMC_WATCHDOG_2560MS, BMC_WATCHDOG_10240MS, BMC_WATCHDOG_40960MS };

enum bmc_severity { BMC_SEVERITY_UNKNOWN, BMC_SEVERITY_OK, BMC_SEVERITY_WARNING, BMC_SEVERITY_CRITICAL };
enum bmc_fan_mode { BMC_FAN_MODE_UNKNOWN, BMC_FAN_AUTOMATIC, BMC_FAN_MANUAL };
enum bmc_link { BMC_LINK_UNKNOWN, BMC_LINK_UP, BMC_LINK_DOWN };
enum bmc_media { BMC_MEDIA_UNKNOWN, BMC_MEDIA_HDD, BMC_MEDIA_SSD, BMC_MEDIA_SD, BMC_MEDIA_EMMC };
/* How a disk is attached. */
enum bmc_protocol { BMC_PROTOCOL_UNKNOWN, BMC_PROTOCOL_SATA, BMC_PROTOCOL_NVME, BMC_PROTOCOL_USB, BMC_PROTOCOL_EMMC, BMC_PROTOCOL_SD };
/* What of the machine a sensor measures; unknown: that of what holds it. */
enum bmc_context { BMC_CONTEXT_UNKNOWN, BMC_CONTEXT_INTAKE, BMC_CONTEXT_EXHAUST, BMC_CONTEXT_ROOM, BMC_CONTEXT_CPU, BMC_CONTEXT_GPU, BMC_CONTEXT_MEMORY, BMC_CONTEXT_BOARD };
/* RFC 4862: whether an address may be used. */
enum bmc_address_state { BMC_ADDRESS_UNKNOWN, BMC_ADDRESS_PREFERRED, BMC_ADDRESS_DEPRECATED, BMC_ADDRESS_TENTATIVE, BMC_ADDRESS_FAILED };
enum bmc_chassis_form { BMC_FORM_UNKNOWN, BMC_FORM_ENCLOSURE, BMC_FORM_RACKMOUNT };
enum bmc_redundancy { BMC_REDUNDANCY_UNKNOWN, BMC_NOT_REDUNDANT, BMC_REDUNDANT, BMC_REDUNDANCY_LOST };

/* ---- rows ---- */

/* A handle names a row for the life of the process: the kind in the upper 8 bits, a
 * number from 1 in the lower 24. 0 is no row. */
#define BMC_HANDLE(kind, n) (((uint32_t)(kind) << 24) | (uint32_t)(n))
#define BMC_HANDLE_KIND(h) ((enum bmc_kind)((h) >> 24))
#define BMC_HANDLE_N(h) ((h) & 0xffffffu)

struct bmc_row {
	uint16_t kind;
	uint16_t status;      /* enum bmc_status                                           */
	uint16_t health;      /* enum bmc_health, with what it holds                       */
	uint16_t own_health;  /* enum bmc_health, without                                  */
	uint32_t handle;
	uint32_t parent;      /* handle of what holds it (a board's blade, a sensor's fan) */
	uint32_t index[2];    /* SNMP index and order; boards: blade, slot; others: n, 0   */
	char id[BMC_ID_MAX];  /* the same in every interface                               */
	uint64_t changed;     /* snapshot in which a value last changed                    */
	uint64_t set_changed; /* snapshot in which a setting last changed                  */
	int64_t read_at;      /* BMC_TIME: the oldest of its fresh sources                 */
};

struct bmc_chassis {
	struct bmc_row row;
	char name[BMC_NAME_MAX], model[32], manufacturer[32], serial[32], part_number[32];
	char asset_tag[BMC_NAME_MAX];
	int64_t form;        /* enum bmc_chassis_form         */
	int64_t locator;     /* bool                          */
	int64_t power;       /* milliwatts drawn from the mains */
	int64_t redundancy;  /* enum bmc_redundancy of the power supplies */
	int64_t boards_present, boards_on;
	int64_t allowed;     /* what any of its boards allows, main's too */
	int64_t fan_redundancy, network_redundancy; /* enum bmc_redundancy */
};

struct bmc_blade {
	struct bmc_row row;
	char name[BMC_NAME_MAX], model[32], serial[32], part_number[32], hw_version[16];
	int64_t present, locator;
	int64_t power; /* milliwatts */
	int64_t slots, boards_present, boards_on;
	int64_t action, action_state, task; /* the last action on the whole blade */
	char action_error[96];
	int64_t allowed; /* what any of its boards allows */
};

struct bmc_board {
	struct bmc_row row;
	char name[BMC_NAME_MAX], model[32], soc[16], serial[32], part_number[32], hw_version[16];
	char mac[18], ip[46], asset_tag[BMC_NAME_MAX];
	char os_version[48], kernel[48], cpu_model[48], hostname[BMC_NAME_MAX];
	int64_t present;
	int64_t state;       /* enum bmc_board_state, derived from the observations */
	int64_t power_state; /* enum bmc_power, derived                             */
	int64_t locator;
	int64_t cpu_cores, cpu_mhz, cpu_load;        /* load in 1/1000 percent */
	int64_t memory_bytes, memory_used;
	int64_t storage_bytes, storage_used;         /* eMMC                   */
	int64_t soc_temperature, gpu_temperature;    /* millidegrees           */
	int64_t power;                               /* milliwatts             */
	int64_t boot_time;                           /* BMC_TIME of the last start */
	int64_t boot_count;
	int64_t action, action_state, task; /* the last action: op, state, task number */
	char action_error[96];
	/* observations the sources put */
	int64_t power_pin, usb_mode, adb_state, os;
	int64_t power_since, usb_since; /* BMC_TIME of the last change, by the core */
	int64_t is_main;                /* the board this agent runs on             */
	int64_t can_reset, can_power;   /* platform: has the pin                    */
	int64_t can_adb;                /* platform: os_reboot and os_shutdown are bound */
	int64_t bound;                  /* enum bmc_cap, or-ed: verbs that some instance does */
	int64_t allowed;                /* 1 << enum bmc_action_op, or-ed: derived     */
	int64_t lasting_state;          /* enum bmc_board_state: the last one that was not on the
					   way of a boot */
	int64_t boot_target, boot_enabled; /* settings: enum bmc_boot_target, bmc_boot_enabled */
	int64_t boot_allowed;           /* 1 << enum bmc_boot_target, or-ed: derived   */
	char manufacturer[32];
	char architecture[16]; /* as uname(2) names it: "aarch64" */
	int64_t cpu_threads;
	/* settings: red lines (load, memory, storage: 1/1000 percent; temperature:
	 * millidegrees; 0: none), and the ms for which a reading is over its line until the
	 * alarm is raised, and back until it is cleared */
	int64_t cpu_red, memory_red, storage_red, temperature_red;
	int64_t alarm_after, alarm_clear_after;
	int64_t cpu_alarm, memory_alarm, storage_alarm, temperature_alarm; /* bool, derived */
	int64_t cpu_since, memory_since, storage_since, temperature_since; /* BMC_TIME at
					   which the reading passed; derived */
	char vendor_serial[32], lan_mac[18], wifi_mac[18], bt_mac[18]; /* its vendor storage */
	int64_t watchdog; /* setting: enum bmc_watchdog */
	char adb_transport[64]; /* platform: "usb:2-1.2.3" or "192.0.2.7:5555" */
	int64_t can_shell;      /* platform: `shell` is bound */
};

struct bmc_fan {
	struct bmc_row row;
	char name[BMC_NAME_MAX], model[32], serial[32];
	int64_t present, rpm, duty;   /* duty: 1/1000 percent, as read back */
	int64_t mode, target_duty;    /* what users asked for              */
	int64_t low_rpm;              /* below this the fan has failed      */
	int64_t module; /* number of its fan module: one of a module's fans may fail */
};

struct bmc_psu {
	struct bmc_row row;
	char name[BMC_NAME_MAX], model[32], serial[32], part_number[32], manufacturer[32];
	int64_t present, input_ok, output_ok;
	int64_t input_voltage, output_voltage, output_current, input_power, output_power;
	int64_t capacity;    /* milliwatts             */
	int64_t energy;      /* joules, counter        */
	int64_t temperature; /* millidegrees           */
};

struct bmc_disk {
	struct bmc_row row;
	char name[BMC_NAME_MAX], model[48], serial[32], firmware[16], device[16];
	int64_t present, media, bytes, used_bytes, temperature, hours, rotation_rpm;
	int64_t failure_predicted; /* bool, SMART */
	int64_t protocol; /* enum bmc_protocol */
	int64_t locator;  /* bool */
};

struct bmc_sensor {
	struct bmc_row row;
	char name[BMC_NAME_MAX];
	int64_t type;
	int64_t value; /* milli-units of what `type` says */
	int64_t low_critical, low_warning, high_warning, high_critical;
	int64_t context; /* enum bmc_context */
};

struct bmc_nic {
	struct bmc_row row;
	char name[BMC_NAME_MAX], mac[18], ipv4[16], ipv6[46], ipv4_netmask[16];
	int64_t link, speed, mtu, full_duplex; /* speed: Mbit/s */
	int64_t rx_bytes, tx_bytes, rx_packets, tx_packets, rx_errors, tx_errors;
	int64_t enabled; /* bool */
	char ipv4_gateway[16], ipv6_gateway[46];
	int64_t ipv6_prefix, ipv6_state; /* bits; enum bmc_address_state */
	int64_t unit; /* number of its network unit: one unit may fail; 0: of none */
	char ipv4_static[48]; /* setting: "192.0.2.7/24 192.0.2.1"; "": none   */
};

struct bmc_firmware {
	struct bmc_row row;
	char name[BMC_NAME_MAX], version[48];
	int64_t updateable;
};

#include "bmc/records.h"
