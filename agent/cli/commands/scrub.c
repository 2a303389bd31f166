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

#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-"

/* Whether the name that ends before `at` begins as an option: "--password". */
static bool is_option(const char *text, const char *at)
{
	while (at > text && strchr(NAME_LETTERS, at[-1]))
		at--;
	return at[0] == '-' && at[1] == '-' &&
	       (at == text || !isalnum((unsigned char)at[-1]));
}

/* "--password VALUE"; that of --password-file is no secret. */
static char *mask_option(char *name, char *at)
{
	size_t n;

	at += strspn(at, " \t");
	n = at[0] == '"' || at[0] == '\''
		    ? strcspn(at + 1, (char[]){ at[0], '\n', 0 }) + 1
		    : strcspn(at, " \t\n\"'");
	if (at[0] != '-' && strncmp(name, "-file", 5) != 0)
		mask(at, n);
	return at + n;
}

/* Behind the word: the rest of its name, a sign, and the value up to the end of the
 * line or of what is quoted. Where no sign follows it is an option's value or only a
 * word of a sentence. */
static char *mask_value(const char *text, char *at)
{
	char *name = at;

	at += strspn(at, NAME_LETTERS "\"'");
	if ((*at == ' ' || *at == '\t') && is_option(text, at))
		return mask_option(name, at);
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

/* "scheme://user:password@host". Passwords that are not encoded have slashes and more
 * in them: where a colon comes first, all up to the last @ of the word may be one. */
static void mask_urls(char *text)
{
	for (char *at = strstr(text, "://"); at; at = strstr(at, "://")) {
		at += 3;
		size_t word = strcspn(at, " \n\t\"'<>"),
		       n = strcspn(at, "/:@ \n\t\"'<>");
		const char *last = memrchr(at, '@', word);
		if (at[n] == '@')
			mask(at, n);
		else if (at[n] == ':' && last)
			mask(at, (size_t)(last - at));
	}
}

/* "-----BEGIN RSA PRIVATE KEY-----" up to its end, or all that is left of the text. */
static void mask_keys(char *text)
{
	static const char begin[] = "-----BEGIN ", end[] = "-----END ";

	for (char *at = strstr(text, begin); at; at = strstr(at, begin)) {
		at += sizeof(begin) - 1;
		size_t n = strcspn(at, "\n\\"), kind = strcspn(at, "-");
		if (!memmem(at, MIN(kind, n), "PRIVATE KEY", 11))
			continue;
		at += kind + strspn(at + kind, "-");
		const char *stop = strstr(at, end);
		for (; *at && at != stop; at++)
			*at = *at == '\n' ? '\n' : '*';
	}
}

void cli_scrub_text(char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		for (char *at = strcasestr(text, words[i]); at;
		     at = strcasestr(at, words[i]))
			at = mask_value(text, at + strlen(words[i]));
	}
	mask_keys(text);
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
