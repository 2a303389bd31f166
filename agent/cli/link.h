// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the files of the client share.
#include <curl/curl.h>

#include "cli/client.h"

#define CLI_TOKEN_MAX 256

struct cli_link {
	const struct cli_target *target;
	CURL *curl;
	char base[320]; /* "https://host:port", or "http://localhost" */
	char token[CLI_TOKEN_MAX];
	char session[CLI_PATH_MAX]; /* of the token; "": it came from elsewhere */
};

/** One exchange without a login; in transfer.c. */
int cli_transfer(struct cli_link *l, const struct cli_call *call, struct cli_reply *ret,
		 struct cli_error *err);
/** Connects to the agent's address, without a request: for curl_easy_send(). */
int cli_connect(struct cli_link *l, struct cli_error *err);
/** The multipart body of call->file or call->no_file, in upload.c; freed after the
 * exchange. NULL: out of memory. */
curl_mime *cli_upload(CURL *h, const struct cli_call *call, const char *parameters);
/** Fills `err` from the status and the body of an answer to `call`; in reply.c. */
int cli_refused(const struct cli_call *call, long status, const json_t *body,
		struct cli_error *err);

/** The kept session of this agent and user; in token.c. */
void cli_token_read(struct cli_link *l);
void cli_token_write(const struct cli_link *l);
void cli_token_remove(struct cli_link *l);
/** Makes a session with a password, and keeps it; in login.c. */
int cli_login(struct cli_link *l, struct cli_error *err);
