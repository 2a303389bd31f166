// SPDX-License-Identifier: Apache-2.0
/* Where a message ends, whether the agent takes it, and its way to SNMP's thread, see
 * message.h. Called by the connections over TCP and the sessions over UDP. */
#include "snmp/tls/message.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "core/base/util.h"
#include "snmp/element.h"
#include "snmp/tls/clients.h"

#define TAG_INTEGER  0x02u
#define TAG_SEQUENCE 0x30u
#define VERSION_3    3u
#define MODEL_TSM    4u /* RFC 5591 */

long sn_tls_message_length(const uint8_t *in, size_t len)
{
	size_t n = 0, extra;

	if (len > 0 && in[0] != TAG_SEQUENCE)
		return -1;
	if (len < 2)
		return 0;
	if (in[1] < 0x80)
		return in[1] + 2L;
	extra = in[1] & 0x7fu;
	if (extra == 0 || extra > 4)
		return -1;
	if (len < 2 + extra)
		return 0;
	for (size_t i = 0; i < extra; i++)
		n = n << 8 | in[2 + i];
	n += 2 + extra;
	return n > SN_TLS_MESSAGE_MAX ? -1 : (long)n;
}

static bool number(struct sn_element *in, unsigned *ret)
{
	struct sn_element e;
	unsigned char tag;

	if (!sn_element_next(in, &tag, &e) || tag != TAG_INTEGER || e.at == e.end ||
	    e.end - e.at > 4)
		return false;
	for (*ret = 0; e.at < e.end; e.at++)
		*ret = *ret << 8 | *e.at;
	return true;
}

/* Only what the Transport Security Model answers: a community or a USM user's name
 * would be another identity than the certificate's. */
static bool is_tsm(const uint8_t *data, size_t len)
{
	struct sn_element all = { data, data + len }, message, header, flags;
	unsigned char tag;
	unsigned version, id, size, model;

	return sn_element_next(&all, &tag, &message) && number(&message, &version) &&
	       version == VERSION_3 && sn_element_next(&message, &tag, &header) &&
	       tag == TAG_SEQUENCE && number(&header, &id) && number(&header, &size) &&
	       sn_element_next(&header, &tag, &flags) && number(&header, &model) &&
	       model == MODEL_TSM;
}

enum sn_tls_delivery sn_tls_message_deliver(int link, struct sn_tls_head *head,
					    const uint8_t print[SN_TLS_PRINT],
					    uint8_t *data, size_t len)
{
	struct iovec parts[] = { { head, sizeof(*head) }, { data, len } };
	const struct msghdr m = { .msg_iov = parts, .msg_iovlen = ARRAY_SIZE(parts) };
	const char *why = NULL;

	if (!is_tsm(data, len))
		why = "a message is not the Transport Security Model's";
	else if (!sn_tls_client_name(print, head->name, sizeof(head->name)))
		why = "its certificate is not known any more";
	if (why) {
		(void)sn_tls_session_ended(&head->peer, why);
		return SN_TLS_REFUSED;
	}
	if (sendmsg(link, &m, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 &&
	    (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS))
		return SN_TLS_BLOCKED;
	return SN_TLS_DELIVERED;
}
