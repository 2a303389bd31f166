// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/plugin.h"
#include "core/actions/action.h"

/* What crosses the socket between clusterbmcd (priv_*) and clusterbmc-priv (asroot_*):
 * one SOCK_SEQPACKET packet a request, one a reply, structs of fixed size and layout.
 * Numbers, enums and people's names only: never a path, a command or a format. Both
 * ends are built together; the version in PRIV_HELLO catches a helper that was not
 * restarted. Replies carry their request's id and may come in another order. */

#define PRIV_VERSION      1u
#define PRIV_ACCOUNTS_MAX 64u
#define PRIV_SECRET_MIN   8 /* bytes of the shortest new password */
#define PRIV_DEADLINE_MS \
	10000            /* for PAM, SMART and the system: then its worker is killed */
#define PRIV_QUEUE 64u   /* requests that wait for a worker */
#define PRIV_JOBS  4096u /* pulses that are remembered */

enum priv_number {
	PRIV_NONE,
	PRIV_HELLO,
	PRIV_PIN_SET,
	PRIV_PIN_PULSE,
	PRIV_PIN_READ,
	PRIV_PIN_WAS_PULSED,
	PRIV_AUTHENTICATE,    /* user, secret                                    */
	PRIV_PASSWORD_CHANGE, /* user, old_secret, secret                        */
	PRIV_PASSWORD_RESET,  /* user, secret; flag: has to be changed at login  */
	PRIV_ACCOUNT_ADD,     /* user, secret, role; flag: as above              */
	PRIV_ACCOUNT_REMOVE,  /* user                                            */
	PRIV_ACCOUNT_ENABLE,  /* user, flag                                      */
	PRIV_ACCOUNT_ROLE,    /* user, role                                      */
	PRIV_ACCOUNT_MARK,    /* user, flag: has to change the password          */
	PRIV_ACCOUNT_LIST,
	PRIV_SMART,
	PRIV_HOSTNAME,
	PRIV_NTP,
	PRIV_CLOCK,
	PRIV_REBOOT,
	PRIV_N_NUMBERS
};

enum priv_role {
	PRIV_NO_ROLE,
	PRIV_ADMINISTRATOR,
	PRIV_OPERATOR,
	PRIV_READONLY,
	PRIV_N_ROLES
};

struct priv_hello {
	uint32_t version;
	uint64_t digest; /* bmc_platform.digest */
	uint64_t epoch;  /* of the job numbers: they begin anew with a new database */
};

struct priv_pin {
	uint64_t job;
	uint32_t board; /* position among the platform's boards */
	uint16_t pin;   /* enum bmc_pin */
	uint8_t active;
};

struct priv_person {
	char user[BMC_ID_MAX];
	char secret[BMC_SECRET_MAX];
	char old_secret[BMC_SECRET_MAX];
	uint8_t role; /* enum priv_role */
	uint8_t flag;
};

struct priv_disk {
	uint32_t dev_major, dev_minor;
};

struct priv_system {
	char hostname[BMC_NAME_MAX];
	int64_t number; /* NTP: 0, 1; CLOCK: ms since 1970 */
};

struct priv_request {
	uint64_t id;
	uint32_t op; /* enum priv_number */
	union {
		struct priv_hello hello;
		struct priv_pin pin;
		struct priv_person person;
		struct priv_disk disk;
		struct priv_system system;
	} u;
};

/* What the helper tells of an account. `stamp` changes with the account's password,
 * role and state, also when they are changed by other tools; it says nothing about the
 * password. */
struct priv_account {
	char user[BMC_ID_MAX];
	uint64_t stamp;
	uint8_t role; /* enum priv_role */
	uint8_t enabled, must_change;
};

struct priv_accounts {
	uint32_t n;
	struct priv_account account[PRIV_ACCOUNTS_MAX];
};

struct priv_welcome {
	uint32_t version;
	uint64_t cookie; /* another one: the helper has forgotten its pulses */
};

struct priv_reply {
	uint64_t id;
	struct bmc_error err; /* code 0 or negative, and the detail */
	union {
		struct priv_welcome welcome;
		int64_t number;              /* PIN_READ, PIN_WAS_PULSED */
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
