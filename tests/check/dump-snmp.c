// SPDX-License-Identifier: Apache-2.0
/* Prints what the agent serves, and every field of every kind: test_mib.py reads it. */
#include <stdio.h>

#include "bmc/model.h"
#include "snmp/snmp.h"

int main(void)
{
	struct bmc_error err = { 0 };

	if (sn_dump(stdout, &err) < 0) {
		fprintf(stderr, "%s\n", err.what);
		return 1;
	}
	for (enum bmc_kind k = 0; k < BMC_N_KINDS; k++) {
		const struct bmc_kind_desc *d = bmc_kind(k);
		for (size_t i = 0; i < d->n_fields; i++)
			printf("field %s.%s%s %s\n", d->name, d->fields[i].name,
			       d->fields[i].flags & BMC_INTERNAL ? " internal" : "",
			       d->fields[i].doc);
	}
	return 0;
}
