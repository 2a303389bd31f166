// SPDX-License-Identifier: Apache-2.0
// Fuzz target: Accept and Accept-Encoding headers, and bodies in gzip's coding. Input:
// a byte that says which, then the text. What is inflated keeps its bound, and deflated
// and inflated again it is itself; a media type is taken whatever the case and the
// blanks between the parts of the header.
#include <stdlib.h>
#include <string.h>

#include "bmc/error.h"
#include "core/base/util.h"
#include "fuzz.h"
#include "http/gzip.h"
#include "http/negotiate.h"

#define TEXT_MAX 4096
#define BODY_MAX 65536

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* ---- headers ---- */

/* The same list for a reader: other case, blanks around its elements. Quoted strings
 * stay as they are. */
static void rewrite(const char *text, char *ret)
{
	bool quoted = false;

	for (; *text; text++) {
		if (*text == '"')
			quoted = !quoted;
		bool ends = !quoted && (*text == ',' || *text == ';');
		if (ends)
			*ret++ = '\t';
		*ret++ = (*text >= 'a' && *text <= 'z') ? (char)(*text - 32) : *text;
		if (ends)
			*ret++ = ' ';
	}
	*ret = 0;
}

static void headers(const uint8_t *data, size_t size)
{
	static char text[TEXT_MAX + 1], other[3 * TEXT_MAX + 64];

	size = MIN(size, (size_t)TEXT_MAX);
	memcpy(text, data, size);
	text[size] = 0;
	bool json = http_accepts(text, "application/json"),
	     gzip = http_accepts_gzip(text);
	if (!strchr(text, '\\') && !strchr(text, '"')) {
		rewrite(text, other);
		require(http_accepts(other, "application/json") == json);
		require(http_accepts_gzip(other) == gzip);
		/* what is said first is what counts */
		(void)snprintf(other, sizeof(other), "application/json;q=0,%s", text);
		require(!http_accepts(other, "application/json"));
		(void)snprintf(other, sizeof(other), "gzip,identity;q=0,%s", text);
		require(http_accepts_gzip(other));
	}
}

/* ---- bodies ---- */

static void bodies(const uint8_t *data, size_t size)
{
	char *out = NULL, *again = NULL;
	size_t len = 0, coded_len = 0, again_len = 0;
	int r = http_gzip_inflate(data, size, BODY_MAX, &out, &len);

	require(r == 0 || r == BMC_EINVAL || r == BMC_ERANGE || r == BMC_ENOMEM);
	require((r == 0) == (out != NULL) || len == 0);
	if (r != 0)
		return;
	require(len <= BODY_MAX);
	char *coded = http_gzip_deflate(out, len, &coded_len);
	if (coded) {
		require(coded_len < len);
		require(http_gzip_inflate(coded, coded_len, len, &again, &again_len) ==
			0);
		require(again_len == len && memcmp(again, out, len) == 0);
		free(again);
		require(http_gzip_inflate(coded, coded_len, len - 1, &again,
					  &again_len) == BMC_ERANGE);
	}
	free(coded);
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (data[0] & 1)
		headers(data + 1, size - 1);
	else
		bodies(data + 1, size - 1);
	return 0;
}
