// SPDX-License-Identifier: Apache-2.0
/* Messages of net-snmp's answers, see build.h. Set as a hook by the transport. */
#include "snmp/build.h"

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <string.h>

#include "core/base/util.h"

/* What sn_build_for notes is kept in the PDU's msgMaxSize, which net-snmp copies with
 * it: an answer may be made long after its request was read. MARK is more than any
 * message, and less than what net-snmp takes for a limit. */
#define MARK      (1L << 30)
#define MARK_BULK (1L << 20)
#define ROOM_MASK (MARK_BULK - 1)
#define SHORTEST  8 /* octets of a varbind: endOfMibView under a name of two */

static bool marked(const netsnmp_pdu *pdu)
{
	return pdu->msgMaxSize & MARK;
}

void sn_build_for(netsnmp_pdu *pdu, size_t room)
{
	bool bulk = pdu->command == SNMP_MSG_GETBULK;

	room = MIN(room, (size_t)SN_MESSAGE_MAX);
	if (pdu->version == SNMP_VERSION_3)
		room = MIN(room, (size_t)MAX(pdu->msgMaxSize, SNMP_MIN_MAX_LEN));
	pdu->msgMaxSize = MARK | (bulk ? MARK_BULK : 0) | (long)room;
	if (bulk) /* at least one repetition, and no more than can be sent */
		netsnmp_ds_set_int(NETSNMP_DS_APPLICATION_ID,
				   NETSNMP_DS_AGENT_MAX_GETBULKRESPONSES,
				   (int)room / SHORTEST +
					   (int)count_varbinds(pdu->variables));
}

size_t sn_build_room(const netsnmp_pdu *pdu)
{
	return marked(pdu) ? (size_t)(pdu->msgMaxSize & ROOM_MASK) : SN_MESSAGE_MAX;
}

/* ---- sizes ---- */

/* An element with its head. */
static size_t element(size_t len)
{
	return len + (len < 0x80 ? 2 : len <= 0xff ? 3 : len <= 0xffff ? 4 : 5);
}

static size_t integer(long n)
{
	size_t len = 1;

	for (; n < -128 || n > 127; n >>= 8)
		len++;
	return element(len);
}

static size_t varbind_size(const netsnmp_variable_list *v)
{
	static u_char *room; /* grown by the library when a varbind needs it */
	static size_t size;
	size_t len = 0, name_len = v->name_length;

	if (!room && !(room = malloc(size = 1024)))
		return SN_MESSAGE_MAX;
	return snmp_realloc_rbuild_var_op(&room, &size, &len, 1, v->name, &name_len,
					  v->type, v->val.string, v->val_len)
		       ? len
		       : SN_MESSAGE_MAX;
}

/* msgSecurityParameters of USM (RFC 3414, 2.4). */
static size_t usm_size(const netsnmp_pdu *pdu, bool *ret_des)
{
	const struct usmUser *user = usm_get_user(
		pdu->securityEngineID, pdu->securityEngineIDLen, pdu->securityName);
	u_int boots = 0, time = 0;
	size_t mac = 0, salt = 0;

	(void)get_enginetime(pdu->securityEngineID, (u_int)pdu->securityEngineIDLen,
			     &boots, &time, FALSE);
	if (user && pdu->securityLevel >= SNMP_SEC_LEVEL_AUTHNOPRIV)
		mac = (size_t)sc_get_auth_maclen(sc_get_authtype(
			user->authProtocol, (u_int)user->authProtocolLen));
	if (user && pdu->securityLevel == SNMP_SEC_LEVEL_AUTHPRIV) {
		salt = 8;
		*ret_des = (sc_get_privtype(user->privProtocol,
					    (u_int)user->privProtocolLen) &
			    USM_PRIV_MASK_ALG) == USM_CREATE_USER_PRIV_DES;
	}
	return element(element(pdu->securityEngineIDLen) + integer(boots) +
		       integer(time) + element(pdu->securityNameLen) + element(mac) +
		       element(salt));
}

static size_t v3_size(const netsnmp_session *session, const netsnmp_pdu *pdu,
		      size_t pdu_size)
{
	long max = MIN((long)netsnmp_max_send_msg_size(), (long)session->rcvMsgMaxSize);
	bool usm = pdu->securityModel == SNMP_SEC_MODEL_USM, des = false;
	size_t parameters = usm ? usm_size(pdu, &des) : 0;
	size_t scoped = element(element(pdu->contextEngineIDLen) +
				element(pdu->contextNameLen) + pdu_size);

	if (des)
		scoped = (scoped + 7) / 8 * 8;
	if (usm && pdu->securityLevel == SNMP_SEC_LEVEL_AUTHPRIV)
		scoped = element(scoped);
	size_t header = integer(pdu->msgid) + integer(max) + element(1) +
			integer(pdu->securityModel);
	return element(integer(pdu->version) + element(header) + element(parameters) +
		       scoped);
}

/* Of a message whose varbinds have that many octets. */
static size_t message_size(const netsnmp_session *session, const netsnmp_pdu *pdu,
			   size_t varbinds)
{
	size_t size = element(integer(pdu->reqid) + integer(pdu->errstat) +
			      integer(pdu->errindex) + element(varbinds));

	if (pdu->version == SNMP_VERSION_3)
		return v3_size(session, pdu, size);
	return element(integer(pdu->version) + element(pdu->community_len) + size);
}

size_t sn_build_size(const netsnmp_session *session, const netsnmp_pdu *pdu)
{
	size_t varbinds = 0;

	for (const netsnmp_variable_list *v = pdu->variables; v; v = v->next_variable)
		varbinds += varbind_size(v);
	return message_size(session, pdu, varbinds);
}

/* ---- answers that are too long ---- */

static void take_off(netsnmp_variable_list **from)
{
	snmp_free_varbind(*from);
	*from = NULL;
}

/* Leaves the varbinds that fit; false: there is none. */
static bool cut(const netsnmp_session *session, netsnmp_pdu *pdu, size_t room)
{
	netsnmp_variable_list **v = &pdu->variables;
	size_t varbinds = 0;

	for (; *v; v = &(*v)->next_variable) {
		varbinds += varbind_size(*v);
		if (message_size(session, pdu, varbinds) > room)
			break;
	}
	take_off(v);
	return pdu->variables != NULL;
}

static int give_up(netsnmp_session *session)
{
	session->s_snmp_errno = SNMPERR_TOO_LONG;
	return -1;
}

/* v1 answers with what it was asked (RFC 1157, 4.1.2), which the library has kept. */
static int make_too_big(netsnmp_session *session, netsnmp_pdu *pdu, size_t room)
{
	bool was = pdu->errstat == SNMP_ERR_TOOBIG;

	if (pdu->version == SNMP_VERSION_1 && !was)
		return give_up(session);
	pdu->errstat = SNMP_ERR_TOOBIG;
	pdu->errindex = 0;
	take_off(&pdu->variables);
	if (sn_build_size(session, pdu) <= room) {
		snmp_increment_statistic_by(STAT_SNMPOUTTOOBIGS, !was);
		return 0;
	}
	snmp_increment_statistic_by(STAT_SNMPSILENTDROPS, was);
	return give_up(session);
}

/* An answer that is far from the limit is not measured: most are. The heads of v3 and
 * what USM says have less than 512 octets. */
static bool is_short(const netsnmp_pdu *pdu, size_t room)
{
	size_t most = 512 + pdu->community_len + pdu->contextNameLen;

	for (const netsnmp_variable_list *v = pdu->variables; v; v = v->next_variable)
		most += 16 + 5 * v->name_length + v->val_len;
	return most <= room;
}

static int fit(netsnmp_session *session, netsnmp_pdu *pdu)
{
	size_t room = sn_build_room(pdu);
	bool empty = pdu->errstat == SNMP_ERR_TOOBIG && pdu->version != SNMP_VERSION_1;

	if (empty)
		return make_too_big(session, pdu, room);
	if (is_short(pdu, room) || sn_build_size(session, pdu) <= room)
		return 0;
	if (pdu->msgMaxSize & MARK_BULK && pdu->errstat == SNMP_ERR_NOERROR &&
	    cut(session, pdu, room))
		return 0;
	return make_too_big(session, pdu, room);
}

int sn_build(netsnmp_session *session, netsnmp_pdu *pdu, u_char **buf, size_t *size,
	     size_t *ret_len)
{
	*ret_len = 0;
	if (pdu->command == SNMP_MSG_RESPONSE && marked(pdu) && fit(session, pdu) < 0)
		return -1;
	pdu->flags &= ~(u_long)(UCD_MSG_FLAG_FORWARD_ENCODE | UCD_MSG_FLAG_BULK_TOOBIG);
	int r = snmp_build(buf, size, ret_len, session, pdu); /* at the buffer's end */
	if (r == 0)
		memmove(*buf, *buf + *size - *ret_len, *ret_len);
	return r;
}
