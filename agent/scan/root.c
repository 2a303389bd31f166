// SPDX-License-Identifier: Apache-2.0
// What machines of the network say, see root.h.
#include "scan/root.h"

#include <jansson.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "scan/address.h"
#include "scan/text.h"

#define PRODUCT "clusterbmc"

/* ---- service roots ---- */

static void take(const json_t *from, const char *name, char *dst, size_t size)
{
	const char *text = json_string_value(json_object_get(from, name));

	scan_text_copy(dst, size, text ? text : "");
}

static void drop_unless(char *text, const char *characters)
{
	if (text[strspn(text, characters)])
		text[0] = '\0';
}

bool scan_root_read(const char *body, size_t len, struct scan_root *ret)
{
	json_t *root = json_loadb(body, len, JSON_REJECT_DUPLICATES, NULL);
	const json_t *oem = json_object_get(json_object_get(root, "Oem"), "ClusterBmc");
	bool is_root = json_is_object(root);

	*ret = (struct scan_root){ .ours = false };
	take(root, "UUID", ret->uuid, sizeof(ret->uuid));
	take(root, "Product", ret->product, sizeof(ret->product));
	ret->ours = strcmp(ret->product, PRODUCT) == 0;
	take(oem, "DeviceName", ret->name, sizeof(ret->name));
	take(oem, "SoftwareVersion", ret->version, sizeof(ret->version));
	take(oem, "StartTime", ret->start, sizeof(ret->start));
	drop_unless(ret->uuid, "0123456789abcdefABCDEF-");
	drop_unless(ret->start, "0123456789-+:.TZ");
	json_decref(root);
	return is_root && ret->uuid[0];
}

/* ---- URLs ---- */

/* The host, without brackets, and port of what follows "://". */
static bool split(const char *text, unsigned *port, char host[SCAN_HOST_MAX])
{
	bool bracket = text[0] == '[';
	size_t len = bracket ? strcspn(++text, "]") : strcspn(text, ":/");
	const char *rest = text + len;
	char digits[6] = "";

	if (!len || len >= SCAN_HOST_MAX || (bracket && *rest++ != ']'))
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	if (rest[0] == ':') {
		len = strcspn(++rest, "/");
		if (len >= sizeof(digits))
			return false;
		memcpy(digits, rest, len);
		*port = scan_port_read(digits);
		rest += len;
	}
	return *port && (rest[0] == '/' || !rest[0]);
}

bool scan_url_read(const char *url, const struct sockaddr_storage *from,
		   bool (*near)(void *arg, const struct sockaddr_storage *address),
		   void *arg, struct scan_endpoint *ret)
{
	static const char https[] = "https://", http[] = "http://";
	bool tls = strncasecmp(url, https, sizeof(https) - 1) == 0;
	unsigned port = tls ? 443 : 80;
	struct sockaddr_storage a;
	char host[SCAN_HOST_MAX];

	if (!tls && strncasecmp(url, http, sizeof(http) - 1) != 0)
		return false;
	if (!split(url + (tls ? sizeof(https) : sizeof(http)) - 1, &port, host))
		return false;
	*ret = (struct scan_endpoint){ .address = *from, .tls = tls };
	if (from->ss_family == AF_INET6 && scan_address_read(host, &a) &&
	    a.ss_family == AF_INET6 && !scan_address_link_local(&a) && near(arg, &a))
		ret->address = a;
	scan_address_set_port(&ret->address, port);
	return true;
}

/* ---- DNS-SD ---- */

/* Field `n` of a line, between semicolons; avahi-browse writes those of a text as \059.
 */
static bool field(const char *line, unsigned n, char *ret, size_t size)
{
	size_t len;

	for (; n; n--) {
		line += strcspn(line, ";");
		if (!*line++)
			return false;
	}
	len = strcspn(line, ";");
	if (len >= size)
		return false;
	memcpy(ret, line, len);
	ret[len] = '\0';
	return true;
}

bool scan_browse_read(const char *line, struct scan_endpoint *ret)
{
	char interface[IF_NAMESIZE], address[SCAN_HOST_MAX], digits[6];
	unsigned port, index;

	if (line[0] != '=' || !field(line, 1, interface, sizeof(interface)) ||
	    !field(line, 7, address, sizeof(address)) ||
	    !field(line, 8, digits, sizeof(digits)))
		return false;
	port = scan_port_read(digits);
	index = if_nametoindex(interface);
	*ret = (struct scan_endpoint){ .tls = true, .interface = index };
	if (!port || !scan_address_read(address, &ret->address))
		return false;
	if (scan_address_link_local(&ret->address))
		scan_address_set_scope(&ret->address, index);
	scan_address_set_port(&ret->address, port);
	return true;
}
