// SPDX-License-Identifier: Apache-2.0
// EthernetInterface.IPv4StaticAddresses of a board's interface: one address, which the
// board's own system keeps. A PATCH changes what it names; [] and [null] take it away.
#include <string.h>

#include "core/actions/action.h"
#include "core/base/ipv4.h"
#include "core/base/util.h"
#include "core/model/field.h"
#include "redfish/list.h"
#include "redfish/request.h"

#define LIST "IPv4StaticAddresses"

/* main's are not ours to give */
json_t *rf_static_address_value(struct rf_render *r)
{
	const struct bmc_nic *nic = (const struct bmc_nic *)rf_row(r);
	struct bmc_ipv4_static s;
	char mask[16];

	if (rf_of_main(rf_view_of(r), &nic->row))
		return NULL;
	if (!nic->ipv4_static[0] || bmc_ipv4_static_parse(nic->ipv4_static, &s))
		return json_array();
	bmc_ipv4_mask(s.prefix, mask);
	return json_pack("[{s:s, s:s, s:o}]", "Address", s.address, "SubnetMask", mask,
			 "Gateway",
			 s.gateway[0] ? json_string(s.gateway) : json_null());
}

static void refuse(struct rf_request *q, enum rf_message_id id, const char *path,
		   const json_t *v)
{
	char word[RF_ARG_MAX];
	struct rf_message *m;

	rf_format_value(v, word);
	m = id == RF_PROPERTY_UNKNOWN || id == RF_PROPERTY_MISSING
		    ? rf_message_add(&q->messages, id, path, NULL, NULL)
		    : rf_message_add(&q->messages, id, word, path, NULL);
	if (m)
		(void)bmc_copy(m->property, sizeof(m->property), path);
}

struct parts {
	struct bmc_ipv4_static s;
	char mask[16];
};

/* One member of the address; false: it has been refused. */
static bool take(struct rf_request *q, struct parts *p, const char *key,
		 const json_t *v)
{
	const char *text = json_is_null(v) ? "" : json_string_value(v);
	char path[RF_ARG_MAX], *to = NULL;

	if (strcmp(key, "Address") == 0)
		to = p->s.address;
	else if (strcmp(key, "SubnetMask") == 0)
		to = p->mask;
	else if (strcmp(key, "Gateway") == 0)
		to = p->s.gateway;
	(void)snprintf(path, sizeof(path), LIST "/0/%s", key);
	if (!to)
		refuse(q, RF_PROPERTY_UNKNOWN, path, v);
	else if (!text)
		refuse(q, RF_PROPERTY_TYPE, path, v);
	else if (!bmc_copy(to, 16, text) ||
		 (to == p->mask && !bmc_ipv4_prefix(text, &p->s.prefix)))
		refuse(q, RF_PROPERTY_FORMAT, path, v);
	else
		return true;
	return false;
}

static int take_address(struct rf_request *q, const json_t *v, struct bmc_action *act)
{
	const struct bmc_nic *nic = (const struct bmc_nic *)q->row;
	struct parts p = { 0 };
	bool right = true;
	const char *key;
	json_t *member;

	/* what it does not name stays as it is */
	if (nic->ipv4_static[0])
		(void)bmc_ipv4_static_parse(nic->ipv4_static, &p.s);
	json_object_foreach ((json_t *)(uintptr_t)v, key, member)
		right = (strchr(key, '@') || take(q, &p, key, member)) && right;
	if (!right)
		return 0;
	if (!p.s.address[0] || !p.s.prefix) {
		refuse(q, RF_PROPERTY_MISSING,
		       p.s.address[0] ? LIST "/0/SubnetMask" : LIST "/0/Address", v);
		return 0;
	}
	bmc_ipv4_static_format(&p.s, act->text);
	if (bmc_ipv4_static_parse(act->text, &p.s))
		refuse(q, RF_PROPERTY_FORMAT, LIST, v);
	return 0;
}

int rf_static_address_set(struct rf_request *q, const json_t *value,
			  struct bmc_action *act)
{
	const json_t *first = json_array_get(value, 0);

	if (!json_is_array(value) ||
	    (first && !json_is_object(first) && !json_is_null(first)))
		return BMC_EINVAL;
	act->op = BMC_ACT_SET;
	act->field = bmc_field_at(BMC_NIC, offsetof(struct bmc_nic, ipv4_static));
	if (json_array_size(value) > 1) {
		struct rf_message *m = rf_message_add(&q->messages, RF_ARRAY_TOO_LONG,
						      LIST, "1", NULL);
		if (m)
			(void)bmc_copy(m->property, sizeof(m->property), LIST);
		return 0;
	}
	return json_is_object(first) ? take_address(q, first, act) : 0;
}
