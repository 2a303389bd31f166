// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <pthread.h>
#include <sys/queue.h>

#include "http/request.h"
#include "update/offer.h"
#include "update/prepared.h"

/* What is offered to whom, for offer*.c. */

#define UPD_TOKEN     32 /* hexadecimal digits */
#define UPD_NOTES     4  /* of a board, and of its flasher */
#define UPD_REQUESTS  8  /* of one board at a time */
#define UPD_FETCHES   4  /* of them, for the image */
#define UPD_PUT_MAX   4096
#define UPD_ENDED_MAX 512 /* addresses of ended jobs that are remembered */

/* A small resource beside the image. */
struct upd_note {
	char name[BMC_OFFER_NAME_MAX + 1]; /* "": none */
	char *bytes;
	size_t len;
	int64_t at; /* BMC_TIME */
};

struct upd_offer;

/* A request for what is offered; its handler's state. */
struct upd_request {
	LIST_ENTRY(upd_request) link;
	struct upd_offer *offer; /* NULL: the job has ended */
	struct http_request *q;
	const char *name;    /* of what it is for, in its path */
	bool image;          /* it is for the image */
	uint64_t first, len; /* of the image, which are being sent; 0: none */
	uint64_t base;       /* acknowledged before these */
};

/* To one board. */
struct upd_offer {
	LIST_ENTRY(upd_offer) link; /* all */
	struct upd_offer *next;     /* of the image */
	struct bmc_prepared *image; /* which outlives it */
	char token[UPD_TOKEN + 1];
	char board[BMC_ID_MAX];
	uint64_t reached; /* end of what it has fetched */
	LIST_HEAD(upd_requests, upd_request) requests;
	unsigned n_requests, n_fetches;
	struct upd_note put[UPD_NOTES], sent[UPD_NOTES]; /* flasher's, board's */
};

struct upd_offers {
	struct upd_offer *first;
};

struct upd_offer_table {
	pthread_mutex_t lock;
	LIST_HEAD(upd_offer_list, upd_offer) list;
	char ended[UPD_ENDED_MAX][UPD_TOKEN + 1]; /* a ring */
	size_t next_ended;
};

extern struct upd_offer_table upd_offer_table;
/** What is asked at the listener. */
extern const struct http_handler upd_offer_handler;

/** The offer with this address; *ret_ended: it was one. Locked. */
struct upd_offer *upd_offer_find(const char *token, bool *ret_ended);
/** How much of the image the request's client has: the end of it, or 0. `complete`: all
 * was sent. Locked. */
uint64_t upd_request_end(const struct upd_request *r, bool complete);

/* ---- offer-notes.c ---- */

/** Whether this may be a note's name. */
bool upd_note_name_ok(const char *name);
/** Sets one of a list (copied). BMC_ENOSPC: the list is full; BMC_ENOMEM. Locked. */
int upd_note_set(struct upd_note list[UPD_NOTES], const char *name, const void *bytes,
		 size_t len);
/** One of a list, or NULL. Locked. */
const struct upd_note *upd_note_find(const struct upd_note list[UPD_NOTES],
				     const char *name);
void upd_notes_free(struct upd_note list[UPD_NOTES]);
