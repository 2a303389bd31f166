// SPDX-License-Identifier: Apache-2.0
/* Who frees what in net-snmp's Transport Security Model, see model.h. A PDU owns its
 * reference to the client that it came from, and that owns a copy of the transport's
 * state; the library's own functions leave both to each other. Called by the link. */
#include "snmp/tls/model.h"

#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/library/snmptsm.h>
#include <stdlib.h>
#include <string.h>

static SecmodOutMsg *encode_of_library;

static void reference_free(void *p)
{
	netsnmp_tsmSecurityReference *r = p;

	if (r)
		free(r->tmStateRef);
	free(r);
}

static int clone(netsnmp_pdu *from, netsnmp_pdu *to)
{
	const netsnmp_tsmSecurityReference *r = from->securityStateRef;
	netsnmp_tsmSecurityReference *copy;

	to->securityStateRef = NULL; /* so far both have the same one */
	if (!r)
		return SNMPERR_SUCCESS;
	copy = calloc(1, sizeof(*copy));
	if (!copy)
		return SNMPERR_GENERR;
	copy->tmStateRef = netsnmp_memdup(r->tmStateRef, sizeof(*r->tmStateRef));
	to->securityStateRef = copy;
	return copy->tmStateRef ? SNMPERR_SUCCESS : SNMPERR_GENERR;
}

/* The library frees the reference that it encodes by, though the PDU still has it and
 * may be encoded again: it gets one of its own. */
static int encode(struct snmp_secmod_outgoing_params *p)
{
	netsnmp_tsmSecurityReference *r = p->secStateRef;

	if (r) {
		SNMP_FREE(p->pdu->transport_data); /* of an earlier time */
		p->pdu->transport_data_length = 0;
		p->secStateRef = netsnmp_memdup(r, sizeof(*r));
		if (!p->secStateRef)
			return SNMPERR_GENERR;
	}
	return encode_of_library(p);
}

void sn_tls_model_correct(void)
{
	struct snmp_secmod_def *model = find_sec_mod(SNMP_SEC_MODEL_TSM);

	if (!model || model->encode_reverse == encode)
		return;
	encode_of_library = model->encode_reverse;
	model->encode_reverse = encode;
	model->pdu_clone = clone;
	model->pdu_free_state_ref = reference_free;
	model->pdu_free = NULL; /* the reference is freed before it is called */
}
