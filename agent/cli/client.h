// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/error.h"

#define CLI_ROOT      "/redfish/v1"
#define CLI_PATH_MAX  1024
#define CLI_REPLY_MAX (64u << 20) /* a longer answer is refused */

/** Where the agent is, and how to log in there. Texts are borrowed. Filled by
 * cli_target_init() from the environment, then by options; read by all threads. */
struct cli_target {
	const char *host;   /* HOST, HOST:PORT or [V6]:PORT; NULL: this machine */
	const char *socket; /* of the local agent                               */
	const char *user;   /* NULL: asked for, or "admin"                      */
	const char *password_file;
	const char *ca;          /* file (PEM); NULL: the system's                   */
	const char *fingerprint; /* of its public key: "sha256//BASE64"              */
	const char *password; /* NULL: a file, the environment or the terminal has it */
	bool insecure;
	int64_t request_ms; /* deadline of one request                          */
};

/** From BMC_HOST, BMC_SOCKET, BMC_USER, BMC_PASSWORD_FILE, BMC_CA, BMC_FINGERPRINT. */
void cli_target_init(struct cli_target *t);

/** A connection to the agent, for one thread at a time. */
struct cli_link;

/** Owned; NULL: out of memory. `t` is borrowed and outlives it. */
struct cli_link *cli_link_new(const struct cli_target *t);
/** NULL is fine. */
void cli_link_free(struct cli_link *l);

/** What is asked for. Borrowed. */
struct cli_call {
	const char *method; /* NULL: GET                                          */
	const char *path;   /* with its query, as it goes over the wire           */
	const char *object; /* for messages; NULL: as its path says               */
	const json_t *body; /* NULL: none                                         */
	const char *header; /* one more: "Name: value"; NULL: none                */
	/* A file that is sent as UpdateFile of a multipart body, whose UpdateParameters
	 * are `body`; NULL: none. It may take as long as it goes on. `sent` (may be
	 * NULL) is called with `arg` and how much has been sent, in bytes. */
	const char *file;
	bool no_file; /* such a body without its file: the agent judges the rest */
	void (*sent)(void *arg, int64_t done, int64_t total);
	const char *accept; /* NULL: JSON                                         */
	int64_t ms;         /* deadline; 0: the target's; negative: none, for streams */
	/* Takes the answer's bytes as they come, for what is long; false ends the call.
	 * NULL: they are gathered in the reply. */
	bool (*take)(void *arg, const char *bytes, size_t len);
	void *arg;
	bool (*stop)(
		void *arg); /* asked about once a second with `arg`: true ends it */
};

/** An answer of status 2xx. Wiped and freed by cli_reply_done(). */
struct cli_reply {
	long status;
	char *text; /* owned, terminated; NULL: none */
	size_t len;
	json_t *json;                /* owned; NULL: it is no JSON */
	char location[CLI_PATH_MAX]; /* path of the Location header */
	char token[256];
};

/** Asks the agent, logs in first where that is needed. 0, or an enum cli_exit and `err`
 * in the agent's own words. `ret` may be NULL; else it is to be freed, also after an
 * error. */
int cli_ask(struct cli_link *l, const struct cli_call *call, struct cli_reply *ret,
	    struct cli_error *err);
void cli_reply_done(struct cli_reply *r);

/** The JSON of a GET, a new reference; NULL: `err` says why. `fmt` makes the path. */
__attribute__((format(printf, 3, 4))) json_t *cli_get(struct cli_link *l,
						      struct cli_error *err,
						      const char *fmt, ...);

/** Member `path` ("Oem/ClusterBmc/NodeState") of an object; NULL: it has none. */
const json_t *cli_at(const json_t *object, const char *path);
/** Its text; "" where there is none. */
const char *cli_text_at(const json_t *object, const char *path);

/** The agent's URL without a path, for messages and pages. */
const char *cli_base(const struct cli_link *l);
