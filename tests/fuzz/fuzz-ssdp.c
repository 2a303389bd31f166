// SPDX-License-Identifier: Apache-2.0
// Fuzz target: datagrams to SSDP's port (agent/discovery). Input: a datagram. Whatever
// it is, its answer has at most three times its length and is one message. And
// datagrams to a client that searches.
#include <stdlib.h>
#include <string.h>

#include "discovery/message.h"
#include "fuzz.h"

/* The client's side reads the same bytes: what it takes is a URL and a UUID as text. */
static void read_as_answer(const uint8_t *data, size_t size)
{
	struct ssdp_answer a;

	if (!ssdp_answer_read((const char *)data, size, &a))
		return;
	if (size > SSDP_DATAGRAM_MAX || strlen(a.uuid) != 36 || !a.url[0] ||
	    strlen(a.url) >= SSDP_URL_MAX || strpbrk(a.url, " \r\n\t\x1b\x7f"))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ssdp_service service = {
		"01234567-89ab-4def-8123-456789abcdef", 22,
		"https://192.0.2.10/redfish/v1/"
	};
	char text[SSDP_MESSAGE_MAX];
	struct ssdp_search s;
	size_t len;

	read_as_answer(data, size);
	if (!ssdp_search_read((const char *)data, size, service.minor, &s))
		return 0;
	if (size > SSDP_DATAGRAM_MAX || s.mx > SSDP_MX_MAX)
		abort();
	len = ssdp_answer_write(&service, SSDP_FACTOR * size, text);
	if (len > SSDP_FACTOR * size || len >= sizeof(text))
		abort();
	if (len && (memcmp(text, "HTTP/1.1 200 OK\r\n", 17) != 0 ||
		    memcmp(text + len - 4, "\r\n\r\n", 4) != 0))
		abort();
	return 0;
}
