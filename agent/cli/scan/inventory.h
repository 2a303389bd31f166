// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <jansson.h>

#include "scan/list.h"

/* Documents of JSON for programs. New references; NULL: no memory. */

/** An array of objects, one a device; null is what is not known. */
json_t *scan_inventory_plain(const struct scan_list *l);

/** Ansible's inventory: the group `clusterbmc`, and `_meta` with the variables of each
 * host, of the devices that answer. Ansible evaluates templates in variables: texts
 * have letters, digits and a few marks only, all else is '_'. */
json_t *scan_inventory_ansible(const struct scan_list *l);
/** The variables of one of its hosts; {}: there is none of that name. */
json_t *scan_inventory_host(const struct scan_list *l, const char *host);

/** Prometheus' list of targets, one a device that answers. */
json_t *scan_inventory_prom(const struct scan_list *l);
