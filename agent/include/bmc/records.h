// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Tables of data are aligned by hand in here. */
/* clang-format off */
#include "bmc/model.h"

/* Rows that are no hardware: the manager, tasks, events, accounts, roles, sessions and
 * conditions. A part of bmc/model.h, which includes it. */

struct bmc_manager {
	struct bmc_row row;
	char name[BMC_NAME_MAX], version[32], uuid[37], hostname[BMC_NAME_MAX], model[32];
	int64_t start_time;
	int64_t state_durable; /* bool: the state database takes writes */
	int64_t locator;
	int64_t clock_settable; /* bool: the helper may set the clock          */
	int64_t snmp_port;      /* 0: the configuration has no SNMP            */
	int64_t snmp_communities, snmp_users; /* of the configuration          */
	int64_t snmp_enabled, snmp_v2c, snmp_v3; /* bool                       */
	char snmp_engine_id[65]; /* hexadecimal digits                         */
	int64_t lockout_threshold; /* failures of a known client that are free */
	int64_t lockout_duration;  /* s: its longest wait after more of them   */
	int64_t password_min;      /* bytes of the shortest new password       */
	int64_t events_enabled;       /* bool: subscribers are told of events  */
	int64_t event_retries;        /* after an event was not taken          */
	int64_t event_retry_interval; /* s: between two of them                */
	int64_t basic_auth; /* bool: HTTP Basic authentication is taken */
	int64_t snmp_auth_traps; /* bool: refused SNMP requests are notified */
	char contact[BMC_TEXT_MAX], location[BMC_TEXT_MAX], system_name[BMC_TEXT_MAX];
	int64_t ssdp_enabled; /* bool: searches of SSDP are answered            */
	int64_t ssdp_notify;  /* s between announcements over SSDP; 0: none     */
	int64_t dns_sd;       /* bool: it is published by DNS-SD                */
};

struct bmc_task {
	struct bmc_row row; /* index[0] is the task's number, parent its parent task */
	int64_t op;         /* enum bmc_action_op */
	int64_t state;      /* enum bmc_task_state */
	int64_t percent;    /* 1/1000 percent */
	int64_t created, started, ended;
	int64_t targets, targets_ok, targets_failed;
	uint32_t target;    /* handle */
	char target_id[BMC_ID_MAX], actor[BMC_ID_MAX], origin[16], client[48];
	char message[128], error[96];
	int64_t bytes_done, bytes_total; /* of the present stage, or BMC_UNKNOWN */
	int64_t rate;                    /* bytes per second                     */
	char stage[BMC_ID_MAX];
	char code[48];     /* "STAGE-DETAIL" of what stopped it; "": nothing did */
	char history[256]; /* what it did and when, the newest last: "0.4 s words; ..." */
	char left_out[256]; /* boards of its set that were busy: ids between spaces */
	int64_t mode;      /* enum bmc_boot_target: what the board is to start, or 0 */
	int64_t start_at;  /* BMC_TIME before which it does not begin, or BMC_UNKNOWN */
	/* its plan; BMC_UNKNOWN: that is not limited */
	int64_t batch, canary, per_blade; /* boards */
	int64_t delay;                    /* ms     */
	int64_t until;                    /* BMC_TIME after which nothing of it is begun */
	/* of an update */
	char image[256];    /* its id, or the address it came from, without secrets */
	int64_t dry_run;    /* bool                                                 */
	int64_t max_failed; /* boards, or BMC_UNKNOWN: that is not limited          */
	int64_t priority;   /* 0..9, or BMC_UNKNOWN                                 */
	int64_t waits_for;  /* enum bmc_wait: what it is not begun before           */
};

struct bmc_event {
	struct bmc_row row; /* index[0] is the sequence number; parent its origin */
	int64_t time;
	int64_t severity;
	char type[32];      /* PascalCase word from agent/core/events/types.c, "BoardPowerChanged" */
	char origin_id[BMC_ID_MAX];
	int64_t origin_kind;
	char message[160];
	char args[3][64];   /* what the type's message template takes */
	char before[32], after[32]; /* words of the state that changed, or ""               */
	int64_t reading, limit;     /* of a sensor and the limit it crossed, in its
				       milli-units; or BMC_UNKNOWN                          */
	char operation[32], target[BMC_ID_MAX]; /* of a task, or ""                         */
	char client[48]; /* address, of what a client did; or ""                            */
};

struct bmc_account {
	struct bmc_row row; /* id is the user's name */
	char role[BMC_ID_MAX]; /* id of its role row */
	int64_t enabled, locked, must_change;
	int64_t password_expires; /* BMC_TIME */
};

/* Redfish's standard privileges (DSP0266, "Privilege model"). */
enum bmc_privilege {
	BMC_PRIV_LOGIN = 1u << 0,
	BMC_PRIV_CONFIGURE_SELF = 1u << 1,
	BMC_PRIV_CONFIGURE_COMPONENTS = 1u << 2,
	BMC_PRIV_CONFIGURE_USERS = 1u << 3,
	BMC_PRIV_CONFIGURE_MANAGER = 1u << 4,
};
#define BMC_PRIV_ALL 31u

struct bmc_role {
	struct bmc_row row; /* id is the role's word: "Administrator", "Operator", "ReadOnly" */
	int64_t privileges; /* enum bmc_privilege, or-ed      */
	int64_t predefined;
};

struct bmc_session {
	struct bmc_row row;
	char user[BMC_ID_MAX], role[BMC_ID_MAX], client[48];
	int64_t created;
};

/* A bad state that lasts: the rules of agent/core/events make the row when the state
 * begins and remove it when it ends. */
struct bmc_condition {
	struct bmc_row row; /* index[0] is its number; parent the row it is about */
	int64_t severity;   /* enum bmc_severity */
	int64_t since;      /* BMC_TIME          */
	char reason[32];    /* the type of the event that began it */
	char origin_id[BMC_ID_MAX];
	int64_t origin_kind;
	char message[160];
	char args[3][64]; /* what the message's template takes */
};
