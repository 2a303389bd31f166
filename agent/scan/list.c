// SPDX-License-Identifier: Apache-2.0
// The devices that were found, see list.h.
#include "scan/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/util.h"

/* ---- one ---- */

const char *scan_device_host(const struct scan_device *d)
{
	return d->ipv4[0] ? d->ipv4 : d->ipv6;
}

void scan_device_target(const struct scan_device *d, char ret[SCAN_URL_MAX])
{
	bool six = !d->ipv4[0];

	(void)snprintf(ret, SCAN_URL_MAX, "%s%s%s:%u", six ? "[" : "",
		       scan_device_host(d), six ? "]" : "", d->port);
}

void scan_device_url(const struct scan_device *d, char ret[SCAN_URL_MAX])
{
	char target[SCAN_URL_MAX];

	scan_device_target(d, target);
	(void)snprintf(ret, SCAN_URL_MAX, "%s://%.*s/", d->tls ? "https" : "http",
		       SCAN_URL_MAX - 12, target);
}

/* ---- adding ---- */

static struct scan_device *append(struct scan_list *l, const struct scan_device *d)
{
	struct scan_device *more;

	if (l->n == SCAN_ENDPOINTS_MAX)
		return NULL;
	more = realloc(l->devices, (l->n + 1) * sizeof(*more));
	if (!more)
		return NULL;
	l->devices = more;
	l->devices[l->n] = *d;
	return &l->devices[l->n++];
}

static void take_address(struct scan_device *d, const struct scan_endpoint *e)
{
	bool four = e->address.ss_family == AF_INET;
	char host[SCAN_HOST_MAX];

	scan_address_text(&e->address, host);
	(void)bmc_copy(four ? d->ipv4 : d->ipv6,
		       four ? sizeof(d->ipv4) : sizeof(d->ipv6), host);
	if (!four && d->ipv4[0])
		return; /* that one goes first */
	d->tls = e->tls;
	d->port = scan_address_port(&e->address);
}

/* Both over which they were seen are known, and are two. */
static bool is_elsewhere(const struct scan_device *d, const struct scan_endpoint *e)
{
	return e->interface && d->interface && e->interface != d->interface;
}

static bool is_same(const struct scan_device *d, const struct scan_endpoint *e)
{
	const char *mine = e->address.ss_family == AF_INET ? d->ipv4 : d->ipv6;
	char host[SCAN_HOST_MAX];

	scan_address_text(&e->address, host);
	return !mine[0] || strcmp(mine, host) == 0 || is_elsewhere(d, e);
}

static bool has_address(const struct scan_device *d, const struct scan_endpoint *e)
{
	return e->address.ss_family == AF_INET ? d->ipv4[0] : d->ipv6[0];
}

bool scan_list_add(struct scan_list *l, const struct scan_endpoint *e,
		   const struct scan_root *root)
{
	struct scan_device d = { .interface = e->interface };

	for (size_t i = 0; root && i < l->n; i++) {
		struct scan_device *old = &l->devices[i];
		if (!old->answers || strcmp(old->root.uuid, root->uuid) != 0 ||
		    !is_same(old, e))
			continue;
		if (is_elsewhere(old, e) && e->interface > old->interface)
			return true;
		if (is_elsewhere(old, e))
			*old = (struct scan_device){ .interface = e->interface,
						     .root = *root,
						     .answers = true };
		if (!has_address(old, e))
			take_address(old, e);
		return true;
	}
	if (root)
		d.root = *root;
	else
		(void)bmc_copy(d.root.uuid, sizeof(d.root.uuid), e->uuid);
	d.answers = root != NULL;
	take_address(&d, e);
	return append(l, &d) != NULL;
}

/* ---- lists ---- */

const struct scan_device *scan_list_find(const struct scan_list *l, const char *uuid)
{
	for (size_t i = 0; uuid[0] && i < l->n; i++) {
		if (strcasecmp(l->devices[i].root.uuid, uuid) == 0)
			return &l->devices[i];
	}
	return NULL;
}

size_t scan_list_answering(const struct scan_list *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += l->devices[i].answers;
	return n;
}

static int order(const void *a, const void *b)
{
	const struct scan_device *x = a, *y = b;
	int r = y->answers - x->answers;

	if (!r)
		r = strverscmp(x->root.name, y->root.name);
	return r ? r : strverscmp(scan_device_host(x), scan_device_host(y));
}

void scan_list_sort(struct scan_list *l)
{
	if (l->n)
		qsort(l->devices, l->n, sizeof(*l->devices), order);
}

bool scan_list_copy(struct scan_list *to, const struct scan_list *from)
{
	for (size_t i = 0; i < from->n; i++) {
		if (!append(to, &from->devices[i]))
			return false;
	}
	return true;
}

void scan_list_free(struct scan_list *l)
{
	free(l->devices);
	*l = (struct scan_list){ NULL, 0 };
}

static bool is_there(const struct scan_list *l, const struct scan_device *d)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct scan_device *o = &l->devices[i];
		if (o->answers && strcmp(o->root.uuid, d->root.uuid) == 0 &&
		    strcmp(scan_device_host(o), scan_device_host(d)) == 0)
			return true;
	}
	return false;
}

bool scan_list_keep(struct scan_list *kept, const struct scan_list *now, unsigned scans)
{
	struct scan_list all = { NULL, 0 };
	bool ok = scan_list_copy(&all, now);

	for (size_t i = 0; ok && i < kept->n; i++) {
		struct scan_device *d = &kept->devices[i];
		if (d->answers && !is_there(now, d) && ++d->missed < scans)
			ok = append(&all, d) != NULL;
	}
	if (!ok) {
		scan_list_free(&all);
		return false;
	}
	scan_list_free(kept);
	*kept = all;
	scan_list_sort(kept);
	return true;
}
