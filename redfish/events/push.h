// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <curl/curl.h>
#include "core/model/service.h"

#include "bmc/model.h"
#include "redfish/events/report.h"

/* One receiver of pushed events: a connection that is used again and again, and at most
 * one request on it. On the deliverer's thread. */

struct rf_push;

struct rf_push_conf {
	CURLM *multi;
	const char *ca; /* file with CA certificates, "": the system's; static */
	long timeout_ms;
};

/** NULL: out of memory. */
struct rf_push *rf_push_new(const struct rf_push_conf *conf, void *owner);
/** Ends what is under way. Accepts and returns NULL. */
struct rf_push *rf_push_free(struct rf_push *p);
/** Takes the destination, the headers and whether to check the certificate from the
 * row; not while it is busy. False: it can't be used. */
bool rf_push_configure(struct rf_push *p, const struct bmc_subscription *row);
/** Starts to post this text (stolen). False: it does not start. */
bool rf_push_start(struct rf_push *p, char *text);
/** Starts to post a report, which the caller keeps until the transfer has ended. False:
 * it does not start. */
bool rf_push_report(struct rf_push *p, struct rf_sending *report);
/** Ends what is under way; then it is not busy any more. */
void rf_push_stop(struct rf_push *p);
bool rf_push_busy(const struct rf_push *p);
/** The owner of a transfer that has ended, which is not busy any more. */
void *rf_push_ended(CURL *easy);
/** Whether the receiver took it: 2xx. `ret_why` says what it was instead. */
bool rf_push_taken(CURL *easy, CURLcode code, char ret_why[64]);
