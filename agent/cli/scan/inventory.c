// SPDX-License-Identifier: Apache-2.0
// JSON for programs, see inventory.h.
#include "cli/scan/inventory.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cli/scan/output.h"

#define GROUP "clusterbmc"
#define LABEL "__meta_clusterbmc_"

static void set_text(json_t *to, const char *name, const char *text)
{
	(void)json_object_set_new(to, name, text[0] ? json_string(text) : json_null());
}

json_t *scan_inventory_plain(const struct scan_list *l)
{
	json_t *all = json_array();
	char url[SCAN_URL_MAX];

	for (size_t i = 0; i < l->n; i++) {
		const struct scan_device *d = &l->devices[i];
		json_t *one = json_pack("{sI sI sb}", "id", (json_int_t)(i + 1), "port",
					(json_int_t)d->port, "answers", d->answers);

		scan_device_url(d, url);
		set_text(one, "name", d->root.name);
		set_text(one, "ipv4", d->ipv4);
		set_text(one, "ipv6", d->ipv6);
		set_text(one, "version", d->root.version);
		set_text(one, "start", d->root.start);
		set_text(one, "product", d->root.product);
		set_text(one, "uuid", d->root.uuid);
		set_text(one, "url", url);
		(void)json_array_append_new(all, one);
	}
	return all;
}

/* ---- Ansible ---- */

#define PLAIN_MAX 96

static void plain(char ret[PLAIN_MAX], const char *text)
{
	size_t n = 0;

	for (; *text && n < PLAIN_MAX - 1; text++) {
		unsigned char c = (unsigned char)*text;
		ret[n++] = c < 0x80 && (isalnum(c) || strchr("._:+-%[]/", c)) ? *text
									      : '_';
	}
	ret[n] = '\0';
}

static void set_plain(json_t *to, const char *name, const char *text)
{
	char is[PLAIN_MAX];

	plain(is, text);
	set_text(to, name, is);
}

static json_t *variables(const struct scan_device *d)
{
	char target[SCAN_URL_MAX], url[SCAN_URL_MAX];
	json_t *all = json_object();

	scan_device_target(d, target);
	scan_device_url(d, url);
	set_plain(all, "ansible_host", scan_device_host(d));
	set_plain(all, "baseuri", target);
	set_plain(all, GROUP "_url", url);
	(void)json_object_set_new(all, GROUP "_port",
				  json_integer((json_int_t)d->port));
	set_plain(all, GROUP "_name", d->root.name);
	set_plain(all, GROUP "_product", d->root.product);
	set_plain(all, GROUP "_version", d->root.version);
	set_plain(all, GROUP "_start", d->root.start);
	set_plain(all, GROUP "_uuid", d->root.uuid);
	return all;
}

/* The device's name, or its address: one that is unique, and no group or option. */
static void name_host(const struct scan_device *d, const json_t *others,
		      char ret[PLAIN_MAX])
{
	char name[PLAIN_MAX];

	plain(name, d->root.name[0] ? d->root.name : scan_device_host(d));
	for (char *at = name; *at; at++) {
		if (!isalnum((unsigned char)*at) && !strchr(".-_", *at))
			*at = '-';
	}
	(void)snprintf(ret, PLAIN_MAX, "%s", name);
	if (!isalnum((unsigned char)name[0]) || strcmp(name, GROUP) == 0 ||
	    strcmp(name, "all") == 0 || strcmp(name, "ungrouped") == 0)
		(void)snprintf(ret, PLAIN_MAX, "bmc-%.64s", name);
	if (json_object_get(others, ret))
		(void)snprintf(ret, PLAIN_MAX, "%.40s-%.36s", name, d->root.uuid);
	if (json_object_get(others, ret))
		(void)snprintf(ret, PLAIN_MAX, "%.40s-%zu", name,
			       json_object_size(others) + 1);
}

static json_t *hosts(const struct scan_list *l)
{
	json_t *all = json_object();
	char name[PLAIN_MAX];

	for (size_t i = 0; i < l->n; i++) {
		if (!l->devices[i].answers)
			continue;
		name_host(&l->devices[i], all, name);
		(void)json_object_set_new(all, name, variables(&l->devices[i]));
	}
	return all;
}

json_t *scan_inventory_ansible(const struct scan_list *l)
{
	json_t *vars = hosts(l), *names = json_array(), *one;
	const char *name;

	json_object_foreach (vars, name, one) {
		(void)json_array_append_new(names, json_string(name));
	}
	return json_pack("{s{so}s{so s{ss}}}", "_meta", "hostvars", vars, GROUP,
			 "hosts", names, "vars", "ansible_connection", "local");
}

json_t *scan_inventory_host(const struct scan_list *l, const char *host)
{
	json_t *all = hosts(l), *one = json_object_get(all, host);

	one = one ? json_incref(one) : json_object();
	json_decref(all);
	return one;
}

/* ---- Prometheus ---- */

static void set_label(json_t *to, const char *name, const char *text)
{
	(void)json_object_set_new(to, name, json_string(text));
}

json_t *scan_inventory_prom(const struct scan_list *l)
{
	json_t *all = json_array();
	char target[SCAN_URL_MAX];

	for (size_t i = 0; i < l->n; i++) {
		const struct scan_device *d = &l->devices[i];
		json_t *labels;

		if (!d->answers)
			continue;
		labels = json_object();
		scan_device_target(d, target);
		set_label(labels, LABEL "name", d->root.name);
		set_label(labels, LABEL "product", d->root.product);
		set_label(labels, LABEL "version", d->root.version);
		set_label(labels, LABEL "uuid", d->root.uuid);
		set_label(labels, LABEL "address", scan_device_host(d));
		set_label(labels, "__scheme__", d->tls ? "https" : "http");
		(void)json_array_append_new(all, json_pack("{s[s]so}", "targets",
							   target, "labels", labels));
	}
	return all;
}
