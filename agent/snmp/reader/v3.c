// SPDX-License-Identifier: Apache-2.0
/* Messages of SNMPv3 around the read engine's PDUs (RFC 3412, 3414, 3826, 7860), see
 * v3.h. Called by the read engine. */
#include "snmp/reader/v3.h"

#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <nettle/memops.h>
#include <string.h>

#include "core/base/util.h"
#include "snmp/build.h"
#include "snmp/reader/ber.h"
#include "snmp/reader/v3-user.h"

#define VERSION     3
#define ENGINE_MAX  32
#define HEAD_MAX    256 /* version, header data and security parameters */
#define BOOTS_MAX   INT32_MAX
#define WINDOW      150 /* s, RFC 3414, 2.2.3 */
#define REQUEST_MAX 65536
#define KNOWN_FLAGS \
	(SNMP_MSG_FLAG_AUTH_BIT | SNMP_MSG_FLAG_PRIV_BIT | SNMP_MSG_FLAG_RPRT_BIT)

struct message {
	int32_t id, max_size, boots, time;
	uint8_t flags;
	struct sn_ber engine, name, digest, salt;
	struct sn_ber
		scoped; /* contents of the scoped PDU, or it as a whole, encrypted */
};

/* A message that is answered, and who sent it. */
struct exchange {
	struct message m;
	struct sn_v3_user *user;
	bool priv;
	uint8_t engine[ENGINE_MAX]; /* ours */
	size_t engine_len;
	int32_t boots, time; /* the engine's, now */
	uint64_t salt;       /* of the answer */
};

static size_t length(const struct sn_ber *b)
{
	return (size_t)(b->end - b->at);
}

static bool at_end(const struct sn_ber *b)
{
	return b->at == b->end;
}

/* ---- decoding ---- */

static bool take_header(struct sn_ber *in, struct message *m)
{
	struct sn_ber head, flags;
	int32_t model;

	if (!sn_ber_take(in, SN_BER_SEQUENCE, &head) ||
	    !sn_ber_take_int(&head, &m->id) || !sn_ber_take_int(&head, &m->max_size) ||
	    !sn_ber_take(&head, SN_BER_OCTETS, &flags) || length(&flags) != 1 ||
	    !sn_ber_take_int(&head, &model) || !at_end(&head))
		return false;
	m->flags = *flags.at;
	return model == SNMP_SEC_MODEL_USM && m->id >= 0 &&
	       m->max_size >= SNMP_MIN_MAX_LEN && (m->flags & ~KNOWN_FLAGS) == 0;
}

static bool take_parameters(struct sn_ber *in, struct message *m)
{
	struct sn_ber octets, usm;

	return sn_ber_take(in, SN_BER_OCTETS, &octets) &&
	       sn_ber_take(&octets, SN_BER_SEQUENCE, &usm) && at_end(&octets) &&
	       sn_ber_take(&usm, SN_BER_OCTETS, &m->engine) &&
	       sn_ber_take_int(&usm, &m->boots) && sn_ber_take_int(&usm, &m->time) &&
	       sn_ber_take(&usm, SN_BER_OCTETS, &m->name) &&
	       sn_ber_take(&usm, SN_BER_OCTETS, &m->digest) &&
	       sn_ber_take(&usm, SN_BER_OCTETS, &m->salt) && at_end(&usm);
}

static bool decode(const struct sn_reader_request *r, struct message *m)
{
	struct sn_ber in = { r->data, r->data + r->len }, whole;
	int32_t version;

	if (r->len > REQUEST_MAX || !sn_ber_take(&in, SN_BER_SEQUENCE, &whole) ||
	    !at_end(&in) || !sn_ber_take_int(&whole, &version) || version != VERSION ||
	    !take_header(&whole, m) || !take_parameters(&whole, m))
		return false;
	bool priv = (m->flags & SNMP_MSG_FLAG_PRIV_BIT) != 0;
	return sn_ber_take(&whole, priv ? SN_BER_OCTETS : SN_BER_SEQUENCE,
			   &m->scoped) &&
	       at_end(&whole);
}

/* ---- RFC 3414, 3.2 ---- */

static bool is_engine(const struct exchange *x, const struct sn_ber *b)
{
	return length(b) == x->engine_len &&
	       memcmp(b->at, x->engine, x->engine_len) == 0;
}

static bool has_parameters(const struct exchange *x)
{
	const struct message *m = &x->m;

	return m->flags & SNMP_MSG_FLAG_AUTH_BIT &&
	       length(&m->digest) == x->user->mac_len &&
	       length(&m->salt) == (x->priv ? SN_V3_SALT_LEN : 0) &&
	       (!x->priv || x->user->encrypt);
}

/* The digest is that of the message with zeros in its place. */
static bool is_authentic(const struct sn_reader_request *r, const struct exchange *x)
{
	static const uint8_t zeros[SN_V3_MAC_MAX];
	const struct message *m = &x->m;
	struct sn_v3_piece pieces[] = {
		{ r->data, (size_t)(m->digest.at - r->data) },
		{ zeros, length(&m->digest) },
		{ m->digest.end, (size_t)(r->data + r->len - m->digest.end) },
	};
	uint8_t digest[SN_V3_MAC_MAX];

	sn_v3_digest(x->user, pieces, ARRAY_SIZE(pieces), digest);
	return memeql_sec(digest, m->digest.at, x->user->mac_len);
}

static bool is_in_time(const struct exchange *x)
{
	int64_t late = (int64_t)x->time - x->m.time;

	return x->boots != BOOTS_MAX && x->m.boots == x->boots && late <= WINDOW &&
	       late >= -WINDOW;
}

static void put_32(uint8_t *to, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* RFC 3826, 3.1.2.1. */
static void make_iv(int32_t boots, int32_t time, const uint8_t *salt,
		    uint8_t ret[SN_V3_IV_LEN])
{
	put_32(ret, (uint32_t)boots);
	put_32(ret + 4, (uint32_t)time);
	memcpy(ret + 8, salt, SN_V3_SALT_LEN);
}

/* Enters the scoped PDU. */
static bool decrypt(struct exchange *x, struct sn_ber *ret)
{
	static uint8_t plain[REQUEST_MAX];
	uint8_t iv[SN_V3_IV_LEN];
	size_t len = length(&x->m.scoped);
	struct sn_ber in = { plain, plain + len };

	if (!x->priv) {
		*ret = x->m.scoped;
		return true;
	}
	make_iv(x->m.boots, x->m.time, x->m.salt.at, iv);
	sn_v3_decrypt(x->user, iv, len, plain, x->m.scoped.at);
	return sn_ber_take(&in, SN_BER_SEQUENCE, ret) && at_end(&in);
}

/* Whose message it is, once it is shown to be. */
static bool open_message(const struct sn_reader_request *r, struct exchange *x)
{
	x->engine_len = snmpv3_get_engineID(x->engine, sizeof(x->engine));
	x->time = (int32_t)snmpv3_local_snmpEngineTime();
	x->boots = (int32_t)snmpv3_local_snmpEngineBoots();
	if (!is_engine(x, &x->m.engine))
		return false;
	x->user = sn_v3_user_find(x->engine, x->engine_len, x->m.name.at,
				  length(&x->m.name));
	return x->user && has_parameters(x) && is_authentic(r, x) && is_in_time(x);
}

static struct sn_view *view_of(struct exchange *x)
{
	struct sn_view **view = &x->user->views[x->priv];

	if (!*view)
		*view = sn_reader_view(SNMP_SEC_MODEL_USM,
				       x->priv ? SNMP_SEC_LEVEL_AUTHPRIV
					       : SNMP_SEC_LEVEL_AUTHNOPRIV,
				       x->user->name);
	return *view;
}

/* The PDU of a request in the default context of this engine. */
static bool open_scoped(const struct exchange *x, struct sn_ber *scoped)
{
	struct sn_ber engine, name;

	return sn_ber_take(scoped, SN_BER_OCTETS, &engine) && is_engine(x, &engine) &&
	       sn_ber_take(scoped, SN_BER_OCTETS, &name) && length(&name) == 0;
}

/* ---- encoding, backwards ---- */

/* No two messages under one key may have one salt at one time (RFC 3826, 3.1.4.1). Ours
 * are numbered from a random number of 64 bits on, as net-snmp's own and those of
 * managers with the same key are: that any two of the ranges meet within one second of
 * the engine's time is about as likely as guessing the number. */
static uint64_t next_salt(void)
{
	static uint64_t salt;
	static bool is_random;

	if (!is_random)
		bmc_random(&salt, sizeof(salt));
	is_random = true;
	return salt++;
}

static void put_salt(const struct exchange *x, uint8_t ret[SN_V3_SALT_LEN])
{
	put_32(ret, (uint32_t)(x->salt >> 32));
	put_32(ret + 4, (uint32_t)x->salt);
}

/* All that is ahead of the scoped PDU, but the message's own head; `*ret_digest` is
 * where the digest will be, zeros until then. */
static uint8_t *put_headers(const struct exchange *x, uint8_t *end,
			    uint8_t **ret_digest)
{
	uint8_t salt[SN_V3_SALT_LEN], *at;
	uint8_t flags = x->m.flags & (SNMP_MSG_FLAG_AUTH_BIT | SNMP_MSG_FLAG_PRIV_BIT);

	put_salt(x, salt);
	at = sn_ber_put(end, SN_BER_OCTETS, salt, x->priv ? sizeof(salt) : 0);
	at -= x->user->mac_len;
	memset(at, 0, x->user->mac_len);
	*ret_digest = at;
	at = sn_ber_head(at, SN_BER_OCTETS, x->user->mac_len);
	at = sn_ber_put(at, SN_BER_OCTETS, x->user->name, x->user->name_len);
	at = sn_ber_put_int(at, x->time);
	at = sn_ber_put_int(at, x->boots);
	at = sn_ber_put(at, SN_BER_OCTETS, x->engine, x->engine_len);
	at = sn_ber_head(at, SN_BER_SEQUENCE, (size_t)(end - at));
	at = sn_ber_head(at, SN_BER_OCTETS, (size_t)(end - at));
	end = at;
	at = sn_ber_put_int(at, SNMP_SEC_MODEL_USM);
	at = sn_ber_put(at, SN_BER_OCTETS, &flags, sizeof(flags));
	at = sn_ber_put_int(at, MIN(netsnmp_max_send_msg_size(), SN_MESSAGE_MAX));
	at = sn_ber_put_int(at, x->m.id);
	at = sn_ber_head(at, SN_BER_SEQUENCE, (size_t)(end - at));
	return sn_ber_put_int(at, VERSION);
}

/* The greatest PDU in a message of `room` bytes with headers of `head` bytes; 0: none.
 */
static size_t pdu_room(const struct exchange *x, size_t room, size_t head)
{
	size_t context = 2 + x->engine_len + 2;

	room = sn_ber_fit(room);
	room = room > head ? room - head : 0;
	if (x->priv)
		room = sn_ber_fit(room);
	room = sn_ber_fit(room);
	return room > context ? room - context : 0;
}

static uint8_t *put_scoped(const struct exchange *x, uint8_t *at, uint8_t *end)
{
	uint8_t salt[SN_V3_SALT_LEN], iv[SN_V3_IV_LEN];

	at = sn_ber_head(at, SN_BER_OCTETS, 0); /* the context's name */
	at = sn_ber_put(at, SN_BER_OCTETS, x->engine, x->engine_len);
	at = sn_ber_head(at, SN_BER_SEQUENCE, (size_t)(end - at));
	if (!x->priv)
		return at;
	put_salt(x, salt);
	make_iv(x->boots, x->time, salt, iv);
	sn_v3_encrypt(x->user, iv, (size_t)(end - at), at, at);
	return sn_ber_head(at, SN_BER_OCTETS, (size_t)(end - at));
}

static size_t answer(struct exchange *x, const struct sn_ber *pdu, size_t room,
		     uint8_t *buf, uint8_t **ret)
{
	uint8_t headers[HEAD_MAX], *digest, *at;
	uint8_t *head = put_headers(x, headers + HEAD_MAX, &digest);
	size_t head_len = (size_t)(headers + HEAD_MAX - head);
	struct sn_reader_pdu request = { .data = pdu->at,
					 .len = length(pdu),
					 .view = view_of(x),
					 .max = pdu_room(x, room, head_len) };
	size_t len = request.view ? sn_reader_pdu(&request, buf, &at) : 0;

	if (!len)
		return 0;
	uint8_t *end = at + len;
	at = put_scoped(x, at, end) - head_len;
	memcpy(at, head, head_len);
	digest = at + (digest - head);
	at = sn_ber_head(at, SN_BER_SEQUENCE, (size_t)(end - at));
	len = (size_t)(end - at);
	sn_v3_digest(x->user, &(struct sn_v3_piece){ at, len }, 1, digest);
	*ret = at;
	return len;
}

size_t sn_reader_v3(const struct sn_reader_request *r, uint8_t *buf, uint8_t **ret)
{
	struct exchange x = { 0 };
	struct sn_ber pdu;

	if (netsnmp_ds_get_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_V3) ||
	    !decode(r, &x.m))
		return 0;
	x.priv = (x.m.flags & SNMP_MSG_FLAG_PRIV_BIT) != 0;
	if (!open_message(r, &x) || !decrypt(&x, &pdu) || !open_scoped(&x, &pdu))
		return 0;
	x.salt = next_salt();
	return answer(&x, &pdu, MIN(r->room, (size_t)x.m.max_size), buf, ret);
}

void sn_reader_v3_forget(void)
{
	sn_v3_users_forget();
}
