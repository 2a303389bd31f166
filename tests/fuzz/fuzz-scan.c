// SPDX-License-Identifier: Apache-2.0
// Fuzz target: what bmc-scan reads (agent/scan). Input: a service root's document,
// which is also taken for a URL, a line of avahi-browse and a list of addresses. What
// is read is text that a terminal takes, and every form of the list can be written.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/scan/output.h"
#include "fuzz.h"
#include "scan/root.h"

static void check_text(const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			abort();
	}
}

static void write_all(const struct scan_list *l)
{
	for (enum scan_format f = 0; f < SCAN_FORMATS; f++) {
		char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		if (!out || !scan_write(out, f, l, SCAN_ZH) || fclose(out) != 0)
			abort();
		if (f == SCAN_ANSIBLE && (strstr(text, "{{") || strstr(text, "{%")))
			abort();
		free(text);
	}
}

static void read_root(const uint8_t *data, size_t size)
{
	struct scan_list l = { NULL, 0 };
	struct scan_endpoint e = { .tls = true };
	struct scan_root r;

	if (!scan_root_read((const char *)data, size, &r))
		return;
	check_text(r.uuid);
	check_text(r.name);
	check_text(r.product);
	check_text(r.version);
	check_text(r.start);
	(void)scan_address_read("192.0.2.1", &e.address);
	if (!scan_list_add(&l, &e, &r))
		abort();
	write_all(&l);
	scan_list_free(&l);
}

static bool yes(void *arg, const struct sockaddr_storage *a)
{
	(void)arg;
	(void)a;
	return true;
}

static void read_texts(const char *text)
{
	static struct scan_endpoint list[SCAN_ENDPOINTS_MAX];
	struct sockaddr_storage from;
	struct scan_endpoint e;
	char why[160];
	size_t n = 0;

	(void)scan_address_read("fe80::1", &from);
	if (scan_url_read(text, &from, yes, NULL, &e) && !scan_address_port(&e.address))
		abort();
	if (scan_browse_read(text, &e) && !scan_address_port(&e.address))
		abort();
	(void)scan_targets_read(text, list, &n, why);
	if (n > SCAN_ENDPOINTS_MAX)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);

	if (!text)
		abort();
	read_root(data, size);
	read_texts(text);
	free(text);
	return 0;
}
