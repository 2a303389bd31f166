// SPDX-License-Identifier: Apache-2.0
/* The encoding of AgentX, see pdu.h. Called by the client and its answers. */
#include "snmp/agentx/pdu.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"

#define VERSION 1

/* ---- writing ---- */

static uint8_t *more(struct ax_out *o, size_t n)
{
	if (o->failed || n > o->max - o->len) {
		o->failed = true;
		return NULL;
	}
	if (o->len + n > o->room) {
		size_t room = MIN(o->max, MAX(2 * o->room, o->len + n + 1024));
		uint8_t *data = realloc(o->data, room);
		o->failed = !data;
		if (!data)
			return NULL;
		o->data = data;
		o->room = room;
	}
	uint8_t *at = o->data + o->len;
	o->len += n;
	return at;
}

static void put(struct ax_out *o, uint64_t n, size_t size)
{
	uint8_t *at = more(o, size);

	while (at && size--) {
		at[size] = (uint8_t)n;
		n >>= 8;
	}
}

void ax_put_u8(struct ax_out *o, unsigned n)
{
	put(o, n, 1);
}

void ax_put_u16(struct ax_out *o, unsigned n)
{
	put(o, n, 2);
}

void ax_put_u32(struct ax_out *o, uint32_t n)
{
	put(o, n, 4);
}

void ax_put_u64(struct ax_out *o, uint64_t n)
{
	put(o, n, 8);
}

void ax_put_octets(struct ax_out *o, const void *data, size_t len)
{
	static const uint8_t padding[3];
	size_t pad = (4 - len % 4) % 4;
	uint8_t *at;

	ax_put_u32(o, (uint32_t)len);
	at = more(o, len + pad);
	if (!at)
		return;
	if (len)
		memcpy(at, data, len);
	memcpy(at + len, padding, pad);
}

/* The prefix of 1.3.6.1.N is one byte. */
static bool has_prefix(const unsigned long *id, size_t len)
{
	static const unsigned long internet[] = { 1, 3, 6, 1 };

	return len >= 5 && memcmp(id, internet, sizeof(internet)) == 0 && id[4] >= 1 &&
	       id[4] <= 255;
}

void ax_put_oid(struct ax_out *o, const unsigned long *id, size_t len)
{
	bool prefix = has_prefix(id, len);
	size_t skip = prefix ? 5 : 0;

	if (len > AX_OID_MAX)
		o->failed = true;
	ax_put_u8(o, (unsigned)(len - skip));
	ax_put_u8(o, prefix ? (unsigned)id[4] : 0);
	ax_put_u16(o, 0); /* include, reserved */
	for (size_t i = skip; i < len && !o->failed; i++)
		ax_put_u32(o, (uint32_t)id[i]);
}

size_t ax_begin(struct ax_out *o, const struct ax_header *h)
{
	size_t at = o->len;

	ax_put_u8(o, VERSION);
	ax_put_u8(o, h->type);
	ax_put_u8(o, h->flags | AX_FLAG_NETWORK_ORDER);
	ax_put_u8(o, 0);
	ax_put_u32(o, h->session);
	ax_put_u32(o, h->transaction);
	ax_put_u32(o, h->packet);
	ax_put_u32(o, 0);
	return at;
}

bool ax_end(struct ax_out *o, size_t at)
{
	size_t payload = o->len - at - AX_HEADER;

	if (o->failed) {
		o->len = at;
		o->failed = false;
		return false;
	}
	for (size_t i = 4; i; i--, payload >>= 8)
		o->data[at + AX_HEADER - 5 + i] = (uint8_t)payload;
	return true;
}

/* ---- reading ---- */

static uint64_t get(struct ax_in *in, size_t size)
{
	uint64_t n = 0;

	if (in->failed || (size_t)(in->end - in->at) < size) {
		in->failed = true;
		return 0;
	}
	for (size_t i = 0; i < size; i++)
		n = n << 8 | in->at[in->network_order ? i : size - 1 - i];
	in->at += size;
	return n;
}

bool ax_header_read(const uint8_t *data, struct ax_header *ret)
{
	struct ax_in in = { .at = data + 4, .end = data + AX_HEADER };

	ret->type = data[1];
	ret->flags = data[2];
	in.network_order = ret->flags & AX_FLAG_NETWORK_ORDER;
	ret->session = ax_get_u32(&in);
	ret->transaction = ax_get_u32(&in);
	ret->packet = ax_get_u32(&in);
	ret->payload = ax_get_u32(&in);
	return data[0] == VERSION && ret->payload <= AX_PAYLOAD_MAX;
}

unsigned ax_get_u8(struct ax_in *in)
{
	return (unsigned)get(in, 1);
}

unsigned ax_get_u16(struct ax_in *in)
{
	return (unsigned)get(in, 2);
}

uint32_t ax_get_u32(struct ax_in *in)
{
	return (uint32_t)get(in, 4);
}

uint64_t ax_get_u64(struct ax_in *in)
{
	return get(in, 8);
}

const uint8_t *ax_get_octets(struct ax_in *in, size_t *ret_len)
{
	size_t len = ax_get_u32(in), left = (size_t)(in->end - in->at);
	const uint8_t *at = in->at;

	*ret_len = 0;
	if (in->failed || len > left || (4 - len % 4) % 4 > left - len) {
		in->failed = true;
		return at;
	}
	in->at += len + (4 - len % 4) % 4;
	*ret_len = len;
	return at;
}

void ax_get_oid(struct ax_in *in, struct ax_oid *ret)
{
	static const uint32_t internet[] = { 1, 3, 6, 1 };
	unsigned n = ax_get_u8(in), prefix = ax_get_u8(in);

	*ret = (struct ax_oid){ .include = ax_get_u8(in) != 0 };
	(void)ax_get_u8(in);
	if (prefix) {
		memcpy(ret->id, internet, sizeof(internet));
		ret->id[4] = prefix;
		ret->len = 5;
	}
	if (n + ret->len > AX_OID_MAX)
		in->failed = true;
	for (unsigned i = 0; i < n && !in->failed; i++)
		ret->id[ret->len++] = ax_get_u32(in);
}
