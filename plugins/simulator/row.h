// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/plugin.h"

/* One row that the simulator reports. The model writes plain members of `now`
 * whenever it likes; sim_row_report() puts what differs from what was reported last.
 * What a tester has set by the socket ("pinned") hides the model's value until it is
 * unpinned, so every field of every row can be forced without the model knowing. */

struct sim_pin_value {
	struct sim_pin_value *next;
	const struct bmc_field *field;
	int64_t num;
	char text[BMC_NAME_MAX];
};

#define SIM_FIELDS_MAX 256 /* of a kind */

/* A set of a kind's fields: bit n is desc->fields[n]. */
struct sim_fields {
	uint64_t word[SIM_FIELDS_MAX / 64];
};

struct sim_row {
	enum bmc_kind kind, parent_kind;
	char id[BMC_ID_MAX], parent[BMC_ID_MAX];
	const struct bmc_kind_desc *desc;
	const struct bmc_conf *conf; /* the platform file's entry or NULL; borrowed */
	void *now;                   /* the model's values: struct bmc_KIND         */
	void *reported;              /* what the core knows, pinned values included */
	struct sim_fields slow;      /* of the probe                     */
	struct sim_fields given;     /* that the platform file gives     */
	struct sim_pin_value *pinned;
	bool by_tester;       /* made by `set`, unknown to the model         */
	bool absent;          /* the model's slot is empty                   */
	bool taken;           /* a tester took a part without `present` away */
	bool gone;            /* the part is not there, nor is its row       */
	bool was_gone;        /* and the core knows, or has never heard of it */
	int64_t report_again; /* when all is reported again                      */
	const struct sim_board *board; /* whose sensor it is; borrowed or NULL      */
};

/** Core's end of the reporting. */
struct sim_reporter {
	struct bmc_host *host;
	const struct bmc_host_ops *ops;
	int64_t refresh; /* milliseconds between two full reports of a row */
};

enum sim_report {
	SIM_REPORT_QUICK, /* what poll knows; all of it when the row's time has come */
	SIM_REPORT_ALL,   /* what a probe knows too, changed or not                  */
};

/** A row, all unknown; NULL when out of memory or when the id is too long. Owned. */
struct sim_row *sim_row_new(const struct sim_reporter *t, enum bmc_kind kind,
			    const char *id, const struct bmc_conf *conf);
/** Accepts and returns NULL. */
struct sim_row *sim_row_free(struct sim_row *r);

/** Says whose part it is. */
void sim_row_parent(struct sim_row *r, enum bmc_kind kind, const char *id);

/** Puts what has to be put. What the core could not take is put again next time. */
int sim_row_report(struct sim_row *r, const struct sim_reporter *t,
		   enum sim_report how);

/** The number at `offset` as the core knows it (pinned values included). */
int64_t sim_row_reported(const struct sim_row *r, size_t offset);
#define SIM_REPORTED(row, type, member) \
	sim_row_reported(row, offsetof(struct type, member))

/** The field `name`, or NULL. */
const struct bmc_field *sim_row_field(const struct sim_row *r, const char *name);
/** Marks the member at `offset` as read by the probe. */
void sim_row_slow(struct sim_row *r, size_t offset);

/** Forces a value until sim_row_unpin(). `text` for texts (copied). */
int sim_row_pin(struct sim_row *r, const struct bmc_field *f, int64_t num,
		const char *text);
void sim_row_unpin(struct sim_row *r);
/** Whether a tester took the part away: `present` is pinned to false. */
bool sim_row_taken(const struct sim_row *r);
