// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/plugin.h"
#include "core/base/ntp.h"
#include "core/model/action.h"

/* What crosses the socket between clusterbmcd (priv_*) and clusterbmc-priv (asroot_*):
 * one SOCK_SEQPACKET packet a request, one a reply, structs of fixed size and layout.
 * Numbers, enums and names only: never a path, a command or a format. Both
 * ends are built together; the version in PRIV_HELLO catches a helper that was not
 * restarted. Replies carry their request's id and may come in another order. */

#define PRIV_VERSION      5u
#define PRIV_ACCOUNTS_MAX 64u
#define PRIV_SECRET_MIN   8 /* bytes of the shortest new password */
#define PRIV_DEADLINE_MS \
	10000            /* for PAM, SMART and the system: then its worker is killed */
#define PRIV_QUEUE 64u   /* requests that wait for a worker */
#define PRIV_JOBS  4096u /* pulses that are remembered */

enum priv_number {
	PRIV_NONE,
	PRIV_HELLO,
	PRIV_LINE_SET,
	PRIV_LINE_PULSE,
	PRIV_LINE_READ,
	PRIV_LINE_WAS_PULSED,
	PRIV_PWM_SET,
	PRIV_PWM_READ,
	PRIV_STORAGE_OPEN,        /* the answer carries the descriptor               */
	PRIV_AUTHENTICATE,        /* user, secret                                    */
	PRIV_PASSWORD_CHANGE,     /* user, old_secret, secret                        */
	PRIV_PASSWORD_RESET,      /* user, secret; flag: has to be changed at login  */
	PRIV_ACCOUNT_ADD,         /* user, secret, role; flag: as above              */
	PRIV_ACCOUNT_REMOVE,      /* user                                            */
	PRIV_ACCOUNT_ENABLE,      /* user, flag                                      */
	PRIV_ACCOUNT_ROLE,        /* user, role                                      */
	PRIV_ACCOUNT_MUST_CHANGE, /* user, flag: has to change the password          */
	PRIV_ACCOUNT_RENAME,      /* user, new_user; flag: only whether it can be    */
	PRIV_ROLE_SET,            /* makes a role, or changes its privileges         */
	PRIV_ROLE_REMOVE,         /* BMC_EBUSY while an account has it               */
	PRIV_ACCOUNT_LIST,
	PRIV_SMART,
	PRIV_HOSTNAME,
	PRIV_NTP,
	PRIV_CLOCK,
	PRIV_REBOOT,
	PRIV_ADDRESS,      /* of an interface: static, or automatic again */
	PRIV_SMARTCTL_RUN, /* the answer carries a file with smartctl's JSON of a disk
			    */
	PRIV_N_NUMBERS
};

/* Roles are text. These three are Redfish's own and always there. The others are kept
 * by the helper, with their privileges, and so is which account has which: nothing that
 * the daemon can write grants rights. */
#define PRIV_ROLE_ADMINISTRATOR "Administrator"
#define PRIV_ROLE_OPERATOR      "Operator"
#define PRIV_ROLE_READONLY      "ReadOnly"
/* Longest name of another role: a group `clusterbmc-NAME` has at most 32 characters. */
#define PRIV_ROLE_MAX  20u
#define PRIV_ROLES_MAX 29u /* other roles: 32 in all */

/* The first packet of a connection, the same in all versions. */
struct priv_hello {
	uint32_t version;
	uint64_t digest; /* bmc_platform.digest */
	uint64_t epoch;  /* of the job numbers: they start again with a new database */
};

struct priv_line {
	uint64_t job;
	uint32_t line; /* position in bmc_platform.lines */
	uint8_t active;
};

struct priv_pwm {
	uint32_t pwm;     /* position in bmc_platform.pwms */
	int32_t duty;     /* 1/1000 percent, 0..100000 */
	uint32_t hold_ms; /* then it goes to full speed unless it is set again */
};

struct priv_storage {
	uint32_t storage; /* position in bmc_platform.storage */
	uint8_t write;
};

struct priv_account_args {
	char user[BMC_ID_MAX];
	char secret[BMC_SECRET_MAX];
	char old_secret[BMC_SECRET_MAX];
	char role[BMC_ID_MAX];
	char new_user[BMC_ID_MAX];
	uint8_t flag;
	uint8_t disabled; /* ACCOUNT_ADD */
};

struct priv_role_args {
	char role[BMC_ID_MAX];
	uint32_t privileges; /* enum bmc_privilege, or-ed */
};

struct priv_disk {
	uint32_t dev_major, dev_minor;
};

struct priv_system {
	char hostname[BMC_NAME_MAX];
	int64_t number; /* CLOCK: ms since 1970 */
};

struct priv_ntp {
	char servers[BMC_NTP_LIST_MAX]; /* core/base/ntp.h's list */
	uint8_t set_servers;            /* 1: these; 0: as they are */
	int8_t enabled;                 /* 1, 0; -1: as it is */
};

#define PRIV_INTERFACE_MAX 16 /* IFNAMSIZ */

struct priv_address {
	char interface[PRIV_INTERFACE_MAX];
	uint32_t address, gateway; /* IPv4, network byte order; gateway 0: none */
	uint8_t prefix;            /* bits */
	uint8_t automatic;         /* 1: what the administrator's files say (DHCP) */
};

struct priv_request {
	uint64_t id;
	uint32_t op; /* enum priv_number */
	union {
		struct priv_hello hello;
		struct priv_line line;
		struct priv_pwm pwm;
		struct priv_storage storage;
		struct priv_account_args args;
		struct priv_role_args role;
		struct priv_disk disk;
		struct priv_system system;
		struct priv_ntp ntp;
		struct priv_address address;
	} u;
};

/* What the helper tells of an account. `stamp` changes with the account's password,
 * role and state, also when they are changed by other tools; it says nothing about the
 * password. */
struct priv_account {
	char user[BMC_ID_MAX];
	uint64_t stamp;
	char role[BMC_ID_MAX];
	uint8_t enabled, must_change;
	int64_t expires; /* of the password: seconds since 1970; 0 never */
};

struct priv_accounts {
	uint32_t n;
	struct priv_account account[PRIV_ACCOUNTS_MAX];
	uint32_t n_roles;
	struct priv_role_args role[PRIV_ROLES_MAX]; /* none of Redfish's own */
};

/* The first bytes are the same in all versions. */
struct priv_hello_reply {
	uint32_t version;
	uint64_t instance; /* another one: the helper has lost its memory of pulses */
};

/* An input has changed. */
struct priv_edge {
	uint32_t line; /* position in bmc_platform.lines */
	uint8_t active;
	int64_t at; /* us of CLOCK_BOOTTIME */
};

enum priv_notice_kind { PRIV_NO_NOTICE, PRIV_EDGE, PRIV_EDGES_LOST };

/* What the helper sends without being asked, as a reply to PRIV_NOTICE. */
#define PRIV_NOTICE UINT64_MAX
struct priv_notice {
	uint32_t kind; /* enum priv_notice_kind */
	struct priv_edge edge;
};

struct priv_reply {
	uint64_t id;
	struct bmc_error err; /* code 0 or negative, and the detail */
	union {
		struct priv_hello_reply hello;
		struct priv_notice notice;
		int64_t number;              /* LINE_READ, LINE_WAS_PULSED, PWM_READ */
		struct priv_account account; /* AUTHENTICATE */
		struct priv_accounts accounts;
		struct bmc_smart smart;
	} u;
};

#define PRIV_REQUEST_SIZE(member)           \
	(offsetof(struct priv_request, u) + \
	 sizeof(((struct priv_request *)0)->u.member))
#define PRIV_REQUEST_EMPTY offsetof(struct priv_request, u)
#define PRIV_REPLY_SIZE(member) \
	(offsetof(struct priv_reply, u) + sizeof(((struct priv_reply *)0)->u.member))
#define PRIV_REPLY_EMPTY offsetof(struct priv_reply, u)
