// SPDX-License-Identifier: Apache-2.0
/* References to a prepared image. */
#include "update/prepared.h"

void upd_prepared_ref(struct bmc_prepared *p)
{
	if (p)
		atomic_fetch_add(&p->refs, 1);
}

void upd_prepared_unref(struct bmc_prepared *p)
{
	if (p && atomic_fetch_sub(&p->refs, 1) == 1)
		p->free(p);
}
