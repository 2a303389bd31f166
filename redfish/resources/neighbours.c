// SPDX-License-Identifier: Apache-2.0
// Other agents of the network, as a document of our own: Redfish has no resource for
// what is only seen. Who may read the manager may read it.
#include <stdlib.h>

#include "neighbours/neighbours.h"
#include "redfish/list.h"
#include "redfish/request.h"

static json_t *text(const char *s)
{
	return s[0] ? json_string(s) : json_null();
}

static json_t *moment(int64_t boottime)
{
	char at[32];

	if (!boottime)
		return json_null();
	rf_time(boottime, at);
	return json_string(at);
}

/* `id`: as bmc-scan counts them. */
static json_t *member(const struct neighbour *n, size_t id)
{
	const struct scan_device *d = &n->is;
	char url[SCAN_URL_MAX];

	scan_device_url(d, url);
	return json_pack("{sI so so so so sI so so ss so}", "Id", (json_int_t)id,
			 "DeviceName", text(d->root.name), "UUID", text(d->root.uuid),
			 "IPv4Address", text(d->ipv4), "IPv6Address", text(d->ipv6),
			 "Port", (json_int_t)d->port, "SoftwareVersion",
			 text(d->root.version), "StartTime", text(d->root.start), "Uri",
			 url, "SeenAt", moment(n->seen));
}

static json_t *document(bool on, const struct neighbours *all)
{
	json_t *members = json_array();

	for (size_t i = 0; i < all->n; i++)
		(void)json_array_append_new(members, member(&all->list[i], i + 1));
	return json_pack("{ss ss sb sb so sI so}", "Id", "Neighbours", "Name",
			 "Other agents of the network", "SearchEnabled", on,
			 "Searching", all->searching, "SearchedAt",
			 moment(all->searched), "Members@odata.count",
			 (json_int_t)all->n, "Members", members);
}

static int read_them(struct rf_request *q)
{
	const struct bmc_manager *m = (const struct bmc_manager *)q->row;
	struct neighbours all = { .list = NULL };
	bool on = m->ssdp_enabled == 1;
	int r = on ? neighbours_read(m->uuid, &all) : 0;

	r = r < 0 ? rf_answer_error(q, r, NULL) : rf_answer(q, 200, document(on, &all));
	free(all.list);
	return r;
}

const struct rf_resource rf_neighbours = {
	.uri = "/redfish/v1/Managers/{manager}/Oem/ClusterBmc/Neighbours",
	.type = "",
	.raw = read_them,
	.privileges = BMC_PRIV_LOGIN,
};
