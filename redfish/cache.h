// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdatomic.h>

#include "redfish/view.h"

/* Rendered bodies by URI, each with what it was made from. A body is
 * immutable and counted; what the transport makes of it (a response object that can be
 * queued again and again) is kept with it. */

struct rf_body {
	_Atomic unsigned refs;
	struct rf_deps deps;
	const struct rf_resource *res;
	char *text; /* owned by `handle` when there is one */
	size_t len;
	char etag[40];
	void *handle;                    /* the transport's; NULL: none */
	_Atomic(struct rf_coded *) gzip; /* made when first asked for, or NULL */
	size_t counted;                  /* of the cache's bytes; 0: not in it */
	size_t lent;                     /* of rf_bodies_lent() */
	struct rf_body *next;            /* in its bucket */
	uint32_t hash;
	bool used; /* since the evicting hand came by */
	char uri[];
};

/* A body in gzip's coding. */
struct rf_coded {
	char *text; /* owned by `handle` when there is one */
	size_t len;
	void *handle;
};

/* Shorter ones are not worth it. */
#define RF_GZIP_MIN 1024

/* How the transport wraps a body; set before the first request. */
struct rf_transport_ops {
	/* takes over `text`, the body's own or `coded`; NULL: out of memory */
	void *(*wrap)(const struct rf_body *b, char *text, size_t len, bool coded);
	void (*drop)(void *handle);
};
extern const struct rf_transport_ops *rf_transport;

/** The body of a URI if it is still right in `s`, with a reference; else NULL. Any
 * thread. */
struct rf_body *rf_cache_find(const struct bmc_snapshot *s, const char *uri);
/** Makes a body of JSON (stolen; also r->members) and its ETag; the cache keeps it
 * unless it is very long or the resource is volatile. NULL: out of memory. */
struct rf_body *rf_cache_make(struct rf_render *r, json_t *root, bool keep);
/** A body that is not kept: the resource, URI and dependencies of `like`, with another
 *  text (stolen). `etag`: put at the text's end too, which then lacks the closing
 * brace; NULL: the one of `like`, which the text has. NULL: out of memory. */
struct rf_body *rf_body_new(const struct rf_body *like, char *text, size_t len,
			    const char *etag);
/** Bytes of all that rf_body_new() made and clients have not fetched yet. Any thread.
 */
size_t rf_bodies_lent(void);
/** Takes the text out of a body of rf_body_new() that has no other user; owned. NULL:
 * it is another's too. */
char *rf_body_take_text(struct rf_body *b);
/** The length of a body's text before its ETag, which is the last property. */
size_t rf_body_bare_len(const struct rf_body *b);
/** Accepts and returns NULL. */
struct rf_body *rf_body_unref(struct rf_body *b);
/** The body in gzip's coding, made once and kept with it; borrowed. NULL: it is short,
 * or there is no memory. Any thread. */
const struct rf_coded *rf_body_gzip(struct rf_body *b);
/** Drops everything: at the end, and when the config was reloaded. */
void rf_cache_clear(void);
/** Bytes held. */
size_t rf_cache_bytes(void);

/** The part of an ETag before the "-": what If-Match compares. */
bool rf_etag_matches(const char *header, const char *etag, bool settings_only);
