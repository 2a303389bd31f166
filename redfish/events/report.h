// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "telemetry/telemetry.h"

/* Metric reports on their way to subscribers. Nothing is queued: a subscriber has the
 * number of the last report that it has of each definition, or has passed by, and when
 * it can take one it gets the newest there is; those between are lost to it. A report's
 * body is made when the first can take it, once for all, and is freed with the last
 * that is sending it. Together they take RF_REPORTS_BYTES at most (one that alone is
 * larger apart): then those that have been sending the oldest for so long give up. On
 * the deliverer's thread. */

struct rf_report; /* a body, counted */
struct rf_subscriber;
struct rf_pass;

#define RF_REPORTS_BYTES (8u << 20)

/* The test report has a place of its own, after those of the definitions. */
#define RF_REPORT_PLACES (BMC_REPORTS_MAX + 1)

/* The reports that a subscriber has, by place. */
struct rf_reports_had {
	uint64_t number[RF_REPORT_PLACES];
};

/* A report that is being sent to one. */
struct rf_sending {
	struct rf_report *report; /* a reference; NULL: nothing is */
	char *tail;               /* instead of its closing brace; owned */
	size_t at;                /* bytes that have been sent */
};

/** A pass begins: looks which reports there are. */
void rf_reports_pass(void);
/** A new subscriber: it gets what has been made since the last pass; all there is when
 * that is the first one. */
void rf_reports_begin(struct rf_reports_had *had);
/** It gets none of those that there are now. */
void rf_reports_pass_by(struct rf_reports_had *had);
/** Begins to send the next report to a subscriber that is idle: of those it wants the
 * one that was made first. `tail`: what follows its properties, `,"Context":"..."}`
 * (stolen). False: there is none now; at pass->wake there may be. */
bool rf_report_begin(struct rf_subscriber *s, struct rf_pass *pass, char *tail);
/** Whether one is there that it wants; what it does not want is passed by. */
bool rf_report_waits(struct rf_subscriber *s, const struct rf_pass *pass);

/** The bytes that come next, `*ret_len` of them; 0: none are left. Borrowed. */
const char *rf_sending_next(const struct rf_sending *x, size_t *ret_len);
/** The bytes of the whole. */
size_t rf_sending_size(const struct rf_sending *x);
/** Ends it; when it was taken the subscriber has it. */
void rf_sending_done(struct rf_sending *x, struct rf_reports_had *had, bool taken);

/** A test report (SubmitTestMetricReport) of this body, stolen, which goes to those who
 * want the reports of any definition. Any thread. */
void rf_report_test(char *text);
/** Forgets it. When the deliverer has ended. */
void rf_reports_done(void);
