// SPDX-License-Identifier: Apache-2.0
/* Elements of messages, see element.h. Used by limit.c and encoding.c. */
#include "snmp/element.h"

bool sn_element_next(struct sn_element *in, unsigned char *tag, struct sn_element *ret)
{
	size_t len, more;

	if (in->end - in->at < 2)
		return false;
	*tag = *in->at++;
	len = *in->at++;
	if (len & 0x80) {
		more = len & 0x7f;
		if (more < 1 || more > sizeof(len) || (size_t)(in->end - in->at) < more)
			return false;
		for (len = 0; more; more--)
			len = len << 8 | *in->at++;
	}
	if ((size_t)(in->end - in->at) < len)
		return false;
	*ret = (struct sn_element){ in->at, in->at + len };
	in->at += len;
	return true;
}
