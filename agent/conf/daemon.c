// SPDX-License-Identifier: Apache-2.0
// Loads clusterbmcd.yaml with all that hangs on it, and reports what a reload changes.
// Here are the rules that span several keys or files. main.c and the helper call it.
#include "conf/daemon.h"

#include <string.h>

#include "conf/tree.h"
#include "core/base/util.h"
#include "core/model/field.h"

static const struct bmc_conf_item no_items[] = { { .key = NULL } };

static const struct bmc_config_instance *find_instance(const struct bmc_config *c,
						       const char *name)
{
	size_t i;

	for (i = 0; i < c->n_instances; i++) {
		if (strcmp(c->instances[i].conf.name, name) == 0)
			return &c->instances[i];
	}
	return NULL;
}

/* ---- rules inside clusterbmcd.yaml ---- */

static int check_pair(const struct bmc_conf *http, struct bmc_error *err)
{
	const struct bmc_conf *cert = bmc_conf_find(http, "certificate");
	const struct bmc_conf *key = bmc_conf_find(http, "key");

	if (!cert == !key)
		return 0;
	return bmc_conf_fail(cert ? cert : key, err, BMC_EINVAL,
			     "'certificate' and 'key' go together; '%s' is missing",
			     cert ? "key" : "certificate");
}

static int check_backend(const struct bmc_conf *helper, struct bmc_error *err)
{
	const struct bmc_conf *backend = bmc_conf_find(helper, "backend");

	if (strcmp(backend->text, "file") != 0 ||
	    bmc_conf_find(bmc_conf_find(helper, "file"), "dir"))
		return 0;
	return bmc_conf_fail(backend, err, BMC_EINVAL,
			     "'backend: file' needs 'file: {dir: ...}'");
}

static bool has_named(const struct bmc_conf *list, const char *name)
{
	const struct bmc_conf *c;

	for (c = list ? list->child : NULL; c; c = c->next) {
		if (strcmp(bmc_conf_text(c, "name", ""), name) == 0)
			return true;
	}
	return false;
}

static int check_receiver(const struct bmc_conf *receiver, const struct bmc_conf *users,
			  struct bmc_error *err)
{
	bool v3 = bmc_conf_num(receiver, "version", 0) == 3;
	const struct bmc_conf *who = bmc_conf_find(receiver, v3 ? "user" : "community");

	if (!who)
		return bmc_conf_fail(receiver, err, BMC_EINVAL,
				     "a %s receiver needs a '%s'", v3 ? "v3" : "v2c",
				     v3 ? "user" : "community");
	if (v3 && !has_named(users, who->text))
		return bmc_conf_fail(who, err, BMC_ENOTFOUND,
				     "no '%.31s' in 'snmp.users'", who->text);
	return 0;
}

static int check_names_once(const struct bmc_conf *list, struct bmc_error *err)
{
	const struct bmc_conf *c, *d;

	for (c = list ? list->child : NULL; c; c = c->next) {
		for (d = list->child; d != c; d = d->next) {
			if (strcmp(bmc_conf_text(c, "name", ""),
				   bmc_conf_text(d, "name", "")) == 0)
				return bmc_conf_fail(c, err, BMC_EEXIST,
						     "this name is already in line %d",
						     d->line);
		}
	}
	return 0;
}

static int check_snmp(const struct bmc_conf *snmp, struct bmc_error *err)
{
	const struct bmc_conf *users = bmc_conf_find(snmp, "users"), *c;
	int rc = check_names_once(users, err);

	if (rc == 0)
		rc = check_names_once(bmc_conf_find(snmp, "communities"), err);
	c = bmc_conf_find(snmp, "receivers");
	for (c = c ? c->child : NULL; c && rc == 0; c = c->next)
		rc = check_receiver(c, users, err);
	return rc;
}

static int check_main(const struct bmc_config *c, struct bmc_error *err)
{
	int rc = check_pair(bmc_conf_find(c->root, "http"), err);

	if (rc == 0)
		rc = check_backend(bmc_conf_find(c->root, "helper"), err);
	return rc < 0 ? rc : check_snmp(bmc_conf_find(c->root, "snmp"), err);
}

/* ---- instances ---- */

static int name_instance(const struct bmc_conf *tree, char dst[BMC_ID_MAX],
			 struct bmc_error *err)
{
	const struct bmc_conf *name = bmc_conf_find(tree, "name");

	bmc_copy(dst, BMC_ID_MAX, name->text);
	if (strpbrk(dst, ", ") || strcmp(dst, "none") == 0)
		return bmc_conf_fail(
			name, err, BMC_EINVAL,
			"'%s' can't be an instance's name: no commas, no spaces, "
			"not 'none'",
			dst);
	return 0;
}

static int load_instance(struct bmc_config *c, const struct bmc_conf *tree,
			 bmc_plugin_loader *load_plugin, struct bmc_error *err)
{
	struct bmc_config_instance *in = &c->instances[c->n_instances++];
	const struct bmc_conf *plugin = bmc_conf_find(tree, "plugin");
	struct bmc_error why = { 0 };
	int rc = name_instance(tree, in->conf.name, err);

	if (rc < 0)
		return rc;
	in->tree = tree;
	in->conf.poll_ms = bmc_conf_num(tree, "poll", 0);
	in->conf.poll_deadline_ms = bmc_conf_num(tree, "poll_deadline", 0);
	in->conf.probe_ms = bmc_conf_num(tree, "probe", 0);
	in->conf.probe_deadline_ms = bmc_conf_num(tree, "probe_deadline", 0);
	in->conf.stale_ms = bmc_conf_num(tree, "stale", 0);
	in->conf.settings = bmc_conf_find(tree, "settings");
	if (!load_plugin)
		return 0;
	rc = load_plugin(bmc_conf_text(c->root, "plugin_dir", NULL), plugin->text,
			 &in->plugin, &why);
	if (rc < 0)
		return bmc_conf_fail(plugin, err, rc, "%s", why.what);
	return bmc_conf_apply(c->file, in->conf.settings,
			      in->plugin->conf ? in->plugin->conf : no_items,
			      &in->conf.settings, err);
}

static int load_instances(struct bmc_config *c, bmc_plugin_loader *load_plugin,
			  struct bmc_error *err)
{
	const struct bmc_conf *list = bmc_conf_find(c->root, "instances"), *tree;
	int rc = check_names_once(list, err);
	size_t n = 0;

	for (tree = list->child; tree; tree = tree->next)
		n++;
	c->instances = calloc(n, sizeof(*c->instances));
	if (!c->instances)
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	for (tree = list->child; tree && rc == 0; tree = tree->next)
		rc = load_instance(c, tree, load_plugin, err);
	return rc;
}

/* ---- the platform file ---- */

/* The item of the first plugin at work that knows the key; what is near it goes to
 * `suggestion`. */
static const struct bmc_conf_item *plugin_item(const struct bmc_config *c,
					       const char *key,
					       struct bmc_conf_suggestion *suggestion)
{
	const struct bmc_conf_item *item;
	size_t i;

	for (i = 0; i < c->n_instances; i++) {
		item = c->instances[i].plugin->board_conf;
		for (; item && item->key; item++) {
			if (strcmp(item->key, key) == 0)
				return item;
			bmc_conf_suggestion(suggestion, item->key);
		}
	}
	return NULL;
}

static int unknown_in_row(const struct bmc_slot *row, const struct bmc_conf *key,
			  struct bmc_conf_suggestion *suggestion, struct bmc_error *err)
{
	const struct bmc_conf_item *known = row->conf->item->items;

	if (bmc_field_find(row->kind, key->key))
		return bmc_conf_fail(
			key, err, BMC_EREADONLY,
			"'%s' is what the hardware says; it can't be given", key->key);
	for (; known->key; known++)
		bmc_conf_suggestion(suggestion, known->key);
	return bmc_conf_unknown(key, suggestion, err);
}

/* The keys of a row that the platform's own schema does not know. */
static int check_row(const struct bmc_config *c, const struct bmc_slot *row,
		     struct bmc_error *err)
{
	const struct bmc_conf *key;
	int rc = 0;

	for (key = row->conf->child; key && rc == 0; key = key->next) {
		struct bmc_conf_suggestion suggestion = { .word = key->key };
		const struct bmc_conf_item *item = key->item;

		if (item->type != BMC_CONF_ANY)
			continue;
		item = plugin_item(c, key->key, &suggestion);
		rc = item ? bmc_conf_check_value(c->platform_file, bmc_conf_mine(key),
						 item, err)
			  : unknown_in_row(row, key, &suggestion, err);
	}
	return rc;
}

static int check_rows(const struct bmc_config *c, struct bmc_error *err)
{
	const struct bmc_platform *p = c->platform;
	int rc = 0;
	size_t i;

	for (i = 0; i < p->n_slots && rc == 0; i++)
		rc = check_row(c, &p->slots[i], err);
	return rc;
}

/* A comma separated list of instances. */
static int check_sources(const struct bmc_config *c, struct bmc_error *err)
{
	const struct bmc_conf *s = bmc_conf_find(c->platform->conf, "sources");
	char list[256], *save, *name;

	for (s = s ? s->child : NULL; s; s = s->next) {
		if (!bmc_copy(list, sizeof(list), s->text))
			return bmc_conf_fail(s, err, BMC_ERANGE, "more than 255 bytes");
		for (name = strtok_r(list, ", ", &save); name;
		     name = strtok_r(NULL, ", ", &save)) {
			if (!find_instance(c, name))
				return bmc_conf_fail(
					s, err, BMC_ENOTFOUND,
					"no instance '%.31s' in clusterbmcd.yaml",
					name);
		}
	}
	return 0;
}

static int check_verb(const struct bmc_config *c, const struct bmc_conf *v,
		      const char *name, struct bmc_error *err)
{
	const struct bmc_config_instance *in = find_instance(c, name);

	if (strcmp(name, "none") == 0)
		return 0;
	if (!in)
		return bmc_conf_fail(v, err, BMC_ENOTFOUND,
				     "no instance '%.31s' in clusterbmcd.yaml", name);
	if (in->plugin && !bmc_plugin_does(in->plugin, v->key))
		return bmc_conf_fail(
			v, err, BMC_ENOTSUP,
			"'%s' can't do '%.31s': its plugin %s has no such verb", name,
			v->key, in->plugin->name);
	return 0;
}

/* Only `flash` may name several; of others the text is one name, as it stands. */
static bool nth_binding(const struct bmc_conf *v, unsigned n, char *ret, size_t size)
{
	if (strcmp(v->key, "flash") == 0)
		return bmc_list_nth(v->text, n, ret, size);
	(void)bmc_copy(ret, size, v->text);
	return n == 0;
}

static int check_verbs(const struct bmc_config *c, const struct bmc_conf *map,
		       struct bmc_error *err)
{
	const struct bmc_conf *v;

	for (v = map ? map->child : NULL; v; v = v->next) {
		char name[BMC_ID_MAX];
		int rc = 0;

		for (unsigned i = 0; rc == 0 && nth_binding(v, i, name, sizeof(name));
		     i++)
			rc = check_verb(c, v, name, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int check_all_verbs(const struct bmc_config *c, struct bmc_error *err)
{
	const struct bmc_platform *p = c->platform;
	int rc = check_verbs(c, bmc_conf_find(p->conf, "verbs"), err);
	size_t i;

	for (i = 0; i < p->n_slots && rc == 0; i++)
		rc = check_verbs(c, bmc_conf_find(p->slots[i].conf, "verbs"), err);
	return rc;
}

static int load_platform(struct bmc_config *c, bmc_plugin_loader *load_plugin,
			 struct bmc_error *err)
{
	char path[4096];
	int rc = bmc_config_resolve(c, bmc_conf_text(c->root, "platform", ""), path,
				    sizeof(path));

	if (rc < 0)
		return bmc_conf_fail(bmc_conf_find(c->root, "platform"), err, rc,
				     "path too long");
	rc = bmc_conf_load(path, bmc_platform_schema(), &c->platform_file, err);
	if (rc == 0)
		rc = bmc_platform_new(bmc_conf_root(c->platform_file), &c->platform,
				      err);
	if (rc == 0 && load_plugin)
		rc = check_rows(c, err);
	if (rc == 0)
		rc = check_sources(c, err);
	return rc < 0 ? rc : check_all_verbs(c, err);
}

static int load(struct bmc_config *c, bmc_plugin_loader *load_plugin,
		struct bmc_error *err)
{
	int rc = bmc_conf_load(c->path, bmc_conf_schema, &c->file, err);

	if (rc < 0)
		return rc;
	c->root = bmc_conf_root(c->file);
	rc = check_main(c, err);
	if (rc == 0)
		rc = load_instances(c, load_plugin, err);
	return rc < 0 ? rc : load_platform(c, load_plugin, err);
}

int bmc_config_load(const char *path, bmc_plugin_loader *load_plugin,
		    struct bmc_config **ret, struct bmc_error *err)
{
	struct bmc_config *c = calloc(1, sizeof(*c));
	int rc;

	if (c)
		c->path = strdup(path);
	if (!c || !c->path) {
		free(c);
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	}
	c->refs = 1;
	rc = load(c, load_plugin, err);
	if (rc < 0)
		bmc_config_unref(c);
	else
		*ret = c;
	return rc;
}

struct bmc_config *bmc_config_ref(struct bmc_config *c)
{
	c->refs++;
	return c;
}

struct bmc_config *bmc_config_unref(struct bmc_config *c)
{
	if (!c || --c->refs > 0)
		return NULL;
	bmc_platform_free(c->platform);
	bmc_conf_free(c->platform_file);
	bmc_conf_free(c->file);
	free(c->instances);
	free(c->path);
	free(c);
	return NULL;
}

int bmc_config_resolve(const struct bmc_config *c, const char *path, char *buf,
		       size_t size)
{
	const char *slash = strrchr(c->path, '/');
	int folder = *path != '/' && slash ? (int)(slash - c->path) + 1 : 0;
	int len = snprintf(buf, size, "%.*s%s", folder, c->path, path);

	return len < 0 || (size_t)len >= size ? BMC_ERANGE : 0;
}

void bmc_config_doc(const struct bmc_plugin *const *plugins, FILE *out)
{
	char title[80];

	bmc_conf_doc("clusterbmcd.yaml", bmc_conf_schema, out);
	bmc_conf_doc("Platform files", bmc_platform_schema(), out);
	for (; *plugins; plugins++) {
		(void)snprintf(title, sizeof(title), "`settings` of plugin %s",
			       (*plugins)->name);
		if ((*plugins)->conf)
			bmc_conf_doc(title, (*plugins)->conf, out);
		(void)snprintf(title, sizeof(title),
			       "Keys of plugin %s in a platform's row",
			       (*plugins)->name);
		if ((*plugins)->board_conf)
			bmc_conf_doc(title, (*plugins)->board_conf, out);
	}
}
