// SPDX-License-Identifier: Apache-2.0
// Secrets are taken out of what goes into a support bundle. The agent gives none away,
// and what its configuration marks as secret it prints as "***" itself: this is for
// what others wrote into the same logs. Called by commands/support-bundle.c.
#include "cli/commands/scrub.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "core/base/util.h"

static const char *const words[] = {
	"password", "passphrase", "passwd",        "secret",
	"token",    "community",  "authorization", "apikey",
	"api_key",  "privatekey", "encryptionkey", "authenticationkey"
};

static bool is_secret_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcasestr(name, words[i]))
			return true;
	}
	return false;
}

static void mask(char *from, size_t n)
{
	memset(from, '*', n);
}

/* Behind the word: the rest of its name, a sign, and the value up to the end of the
 * line or of what is quoted. Where no sign follows it is only a word of a sentence. */
static char *mask_value(char *at)
{
	at += strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-\"'");
	at += strspn(at, " ");
	if (*at != ':' && *at != '=')
		return at;
	at++;
	at += strspn(at, " ");
	char quote = *at == '"' || *at == '\'' ? *at++ : 0;
	size_t n = 0;

	while (at[n] && at[n] != '\n' && (!quote || at[n] != quote))
		n += quote && at[n] == '\\' && at[n + 1] ? 2 : 1;

	mask(at, n);
	return at + n;
}

/* "scheme://user:password@host" */
static void mask_urls(char *text)
{
	for (char *at = strstr(text, "://"); at; at = strstr(at, "://")) {
		at += 3;
		size_t n = strcspn(at, "/ \n\t\"'@");
		if (at[n] == '@')
			mask(at, n);
	}
}

void cli_scrub_text(char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		for (char *at = strcasestr(text, words[i]); at;
		     at = strcasestr(at, words[i]))
			at = mask_value(at + strlen(words[i]));
	}
	mask_urls(text);
}

/* ---- JSON ---- */

/* A message may quote what others wrote, such as an address with a token. */
static void scrub_string(json_t *string)
{
	auto_free char *text = strdup(json_string_value(string));

	if (!text)
		return;
	cli_scrub_text(text);
	(void)json_string_set(string, text);
}

static void scrub(json_t *value, bool secret)
{
	const char *key;
	json_t *v;
	size_t i;

	if (json_is_string(value) && secret)
		(void)json_string_set(value, "***");
	else if (json_is_string(value))
		scrub_string(value);
	json_array_foreach (value, i, v) {
		scrub(v, secret);
	}
	json_object_foreach (value, key, v) {
		scrub(v, is_secret_name(key));
	}
}

void cli_scrub_json(json_t *value)
{
	scrub(value, false);
}
