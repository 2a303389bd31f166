// SPDX-License-Identifier: Apache-2.0
// Look-ups in the tables of DMTF's privilege registry, and the registry as this service
// shows it. Called before anything is done for a client (auth.c).
#include "redfish/privileges.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "redfish/accounts.h"

#define ENTITY_MAX 64

/* ---- look-ups ---- */

/* Its place in the tables; -1: it needs no more than a login. */
static int column(enum rf_method method)
{
	static const int columns[] = {
		[RF_GET] = 0,          [RF_HEAD] = 1,          [RF_POST] = 2,
		[RF_PATCH_METHOD] = 3, [RF_DELETE_METHOD] = 4, [RF_PUT] = 5,
		[RF_OPTIONS] = -1,     [RF_OTHER] = -1,
	};

	return columns[method];
}

/* "Chassis.v1_28_0.Chassis" is the entity Chassis. "": it is no Redfish resource. */
static void entity_of(const struct rf_resource *res, char ret[ENTITY_MAX])
{
	(void)snprintf(ret, ENTITY_MAX, "%.*s", (int)strcspn(res->type, "."),
		       res->type);
}

static int by_name(const void *name, const void *entry)
{
	return strcmp(name, ((const struct rf_privilege_entity *)entry)->entity);
}

static const struct rf_privilege_entity *find(const char *entity)
{
	return bsearch(entity, rf_privilege_entities, rf_n_privilege_entities,
		       sizeof(rf_privilege_entities[0]), by_name);
}

/* Whether a resource of this entity is on the way to `res`. `target` names what is
 * between them too; the first decides. */
static bool is_below(const struct rf_resource *res, const char *target)
{
	char top[ENTITY_MAX], entity[ENTITY_MAX];

	(void)snprintf(top, sizeof(top), "%.*s", (int)strcspn(target, "/"), target);
	for (const struct rf_resource *const *r = rf_resources; *r; r++) {
		size_t len = strlen((*r)->uri);
		entity_of(*r, entity);
		if (strcmp(entity, top) == 0 &&
		    strncmp((*r)->uri, res->uri, len) == 0 && res->uri[len] == '/')
			return true;
	}
	return false;
}

uint32_t rf_privileges(const struct rf_resource *res, enum rf_method method)
{
	char entity[ENTITY_MAX];
	int at = column(method);
	bool reads = method == RF_GET || method == RF_HEAD;

	if (at < 0)
		return BMC_PRIV_LOGIN;
	if (res->privileges && reads)
		return res->privileges;
	entity_of(res, entity);
	const struct rf_privilege_entity *e = find(entity);
	uint32_t mask = e       ? e->any_of[at]
			: reads ? BMC_PRIV_LOGIN
				: BMC_PRIV_CONFIGURE_MANAGER;
	for (const struct rf_privilege_override *o = rf_privilege_below; o->entity;
	     o++) {
		if (o->any_of[at] && strcmp(o->entity, entity) == 0 &&
		    is_below(res, o->target))
			return o->any_of[at];
	}
	return mask;
}

uint32_t rf_property_privileges(const struct rf_resource *res, enum rf_method method)
{
	char entity[ENTITY_MAX];
	int at = column(method);
	uint32_t mask = 0;

	entity_of(res, entity);
	for (const struct rf_privilege_override *o = rf_privilege_properties; o->entity;
	     o++) {
		if (at >= 0 && strcmp(o->entity, entity) == 0)
			mask |= o->any_of[at];
	}
	return mask;
}

/* ---- the registry ---- */

static json_t *operations(const uint8_t any_of[RF_PRIV_METHODS])
{
	static const char *const methods[] = { "GET",   "HEAD",   "POST",
					       "PATCH", "DELETE", "PUT" };
	json_t *map = json_object(), *words, *v;
	size_t n;

	for (size_t i = 0; i < RF_PRIV_METHODS; i++) {
		json_t *list = any_of[i] ? json_array() : NULL;
		if (!list)
			continue;
		words = rf_privilege_words(any_of[i]);
		json_array_foreach (words, n, v)
			(void)json_array_append_new(
				list, json_pack("{s[O]}", "Privilege", v));
		json_decref(words);
		if (any_of[i] & RF_PRIV_NO_AUTH)
			(void)json_array_append_new(
				list, json_pack("{s[s]}", "Privilege", "NoAuth"));
		(void)json_object_set_new(map, methods[i], list);
	}
	return map;
}

static json_t *targets(const char *path)
{
	json_t *list = json_array();

	for (;;) {
		size_t len = strcspn(path, "/");
		(void)json_array_append_new(list, json_stringn(path, len));
		if (!path[len])
			return list;
		path += len + 1;
	}
}

static void put_overrides(json_t *mapping, const char *name, const char *entity,
			  const struct rf_privilege_override *o)
{
	json_t *list = json_array();

	for (; o->entity; o++) {
		if (strcmp(o->entity, entity) == 0)
			(void)json_array_append_new(
				list, json_pack("{soso}", "Targets", targets(o->target),
						"OperationMap", operations(o->any_of)));
	}
	if (json_array_size(list))
		(void)json_object_set(mapping, name, list);
	json_decref(list);
}

/* What a resource here asks for beyond the registry, to be read. */
static void put_stricter(json_t *mapping, const struct rf_privilege_entity *e)
{
	char is[ENTITY_MAX];
	json_t *list = json_array();

	for (const struct rf_resource *const *r = rf_resources; *r; r++) {
		uint8_t reads[RF_PRIV_METHODS] = { (uint8_t)(*r)->privileges,
						   (uint8_t)(*r)->privileges };
		entity_of(*r, is);
		if (reads[0] && reads[0] != e->any_of[0] && strcmp(is, e->entity) == 0)
			(void)json_array_append_new(
				list, json_pack("{s[s]so}", "Targets", (*r)->uri,
						"OperationMap", operations(reads)));
	}
	if (json_array_size(list))
		(void)json_object_set(mapping, "ResourceURIOverrides", list);
	json_decref(list);
}

/* Whether this service has such a resource. */
static bool is_here(const char *entity)
{
	char is[ENTITY_MAX];

	for (const struct rf_resource *const *r = rf_resources; *r; r++) {
		entity_of(*r, is);
		if (strcmp(is, entity) == 0)
			return true;
	}
	return false;
}

json_t *rf_privilege_mappings(struct rf_render *r)
{
	json_t *list = json_array();

	(void)r;
	for (size_t i = 0; i < rf_n_privilege_entities; i++) {
		const struct rf_privilege_entity *e = &rf_privilege_entities[i];
		if (!is_here(e->entity))
			continue;
		json_t *m = json_pack("{ssso}", "Entity", e->entity, "OperationMap",
				      operations(e->any_of));
		put_overrides(m, "SubordinateOverrides", e->entity, rf_privilege_below);
		put_overrides(m, "PropertyOverrides", e->entity,
			      rf_privilege_properties);
		put_stricter(m, e);
		(void)json_array_append_new(list, m);
	}
	return list;
}
