// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/query-filter.h"
#include "redfish/query-select.h"
#include "redfish/request.h"

/* The query parameters of a GET (DSP0266, "Query parameters"). They take effect in this
 * order: $filter, $skip and $top make the page of a collection; then $expand, excerpt
 * and $select. */

enum rf_expand {
	RF_EXPAND_NONE,
	RF_EXPAND_ALL,      /* "*": every link                */
	RF_EXPAND_NO_LINKS, /* ".": those outside of Links    */
	RF_EXPAND_LINKS,    /* "~": those in Links            */
};

#define RF_EXPAND_LEVELS_MAX 6
#define RF_EXPAND_BYTES_MAX  (8U << 20) /* of an answer; 507 beyond it */
/* of all such answers that clients have not fetched yet; 503 beyond it but for small
 * ones */
#define RF_EXPAND_LENT_MAX  (48U << 20)
#define RF_EXPAND_SMALL     (64U << 10)
#define RF_EXPAND_TRIES_MAX 20000U    /* links looked at; 507 beyond it */
#define RF_SKIP_MAX         1000000UL /* also of $top */

struct rf_options {
	size_t skip, top;
	bool page; /* $skip or $top was given */
	bool only, excerpt;
	enum rf_expand expand;
	unsigned levels;
	struct rf_filter *filter; /* owned; NULL: all members */
	struct rf_select *select; /* owned; NULL: all properties */
	/* "&$filter=...": what the link to the next page keeps, owned; "" nothing */
	char *more;
	/* while members are picked: those of the page (owned), and how many there are
	 */
	json_t *picked;
	size_t n_picked;
};

/** The request's parameters, checked for its resource. A new object; NULL: the request
 *  is answered. */
struct rf_options *rf_options_new(struct rf_request *q);
/** Accepts and returns NULL. */
struct rf_options *rf_options_free(struct rf_options *o);
/** Whether the service knows a parameter of this name, or has to refuse it. Others mean
 *  nothing. */
bool rf_query_counts(const char *name);

/** Answers a GET or HEAD. */
int rf_read(struct rf_request *q);
/** Whether the resource has Members. */
bool rf_is_collection(const struct rf_resource *res);
/** Sets the count of a collection's members in `root`, and the link to the page that
 * begins with member `next` if there is one. */
void rf_put_page(struct rf_request *q, json_t *root, size_t total, size_t next);
/** Takes a whole member (borrowed) into account: the page gets it if the filter picks
 * it and it is on the page. */
void rf_pick(struct rf_options *o, json_t *member);
/** Puts the members that were picked into `root`, with their count and the link to the
 * next page. */
void rf_put_picked(struct rf_request *q, json_t *root);
/** The body of another resource, from the cache or new; a reference. NULL: there is
 *  none, it answers by itself, or the client may not read it. */
struct rf_body *rf_body_at(struct rf_request *q, const char *uri);
/** A body with the links of `b` replaced by what they lead to, as far as the client may
 * read it; a new reference. NULL: `*ret_status` is 507 (too much) or 500. */
struct rf_body *rf_expand(struct rf_request *q, const struct rf_body *b,
			  unsigned *ret_status);
/** Leaves of all sensors and controls in `root` what their excerpts have. */
void rf_excerpt(json_t *root);
