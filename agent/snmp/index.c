// SPDX-License-Identifier: Apache-2.0
/* Indexes of tables, see index.h. Called by the cursor and by SET. */
#include "snmp/index.h"

#include <string.h>

#include "core/base/util.h"

static bool append(struct sn_subids *s, uint32_t id)
{
	if (s->n == SN_SUBIDS_MAX)
		return false;
	s->id[s->n++] = id;
	return true;
}

static bool append_text(struct sn_subids *s, const char *text, bool implied)
{
	size_t len = strlen(text);

	if (implied ? len == 0 : !append(s, (uint32_t)len))
		return false;
	for (; *text; text++) {
		if (!append(s, (unsigned char)*text))
			return false;
	}
	return true;
}

static bool append_address(struct sn_subids *s, uint32_t address)
{
	for (int shift = 24; shift >= 0; shift -= 8) {
		if (!append(s, address >> shift & 0xff))
			return false;
	}
	return true;
}

bool sn_index_encode(const struct sn_part *parts, size_t n, const struct sn_key *key,
		     struct sn_subids *ret)
{
	bool fits = true;

	ret->n = 0;
	for (size_t i = 0; i < n && fits; i++) {
		uint32_t number = key->part[i].number;
		const char *text = key->part[i].text ? key->part[i].text : "";
		if (parts[i].form == SN_PART_NUMBER)
			fits = append(ret, number);
		else if (parts[i].form == SN_PART_ADDRESS)
			fits = append_address(ret, number);
		else
			fits = append_text(ret, text, parts[i].form == SN_PART_IMPLIED);
	}
	return fits;
}

/* ---- decoding ---- */

struct reader {
	const unsigned long *at, *end;
};

static bool take(struct reader *r, unsigned long max, uint32_t *ret)
{
	if (r->at == r->end || *r->at > max)
		return false;
	*ret = (uint32_t)*r->at++;
	return true;
}

static bool take_text(struct reader *r, bool implied, char *ret)
{
	uint32_t len = (uint32_t)(r->end - r->at), octet;

	if (!implied && !take(r, SN_SUBIDS_MAX, &len))
		return false;
	if (len > SN_SUBIDS_MAX || (implied && len == 0))
		return false;
	for (uint32_t i = 0; i < len; i++) {
		if (!take(r, 0xff, &octet) || octet == 0)
			return false;
		ret[i] = (char)octet;
	}
	ret[len] = '\0';
	return true;
}

static bool take_address(struct reader *r, uint32_t *ret)
{
	uint32_t octet;

	*ret = 0;
	for (int i = 0; i < 4; i++) {
		if (!take(r, 0xff, &octet))
			return false;
		*ret = *ret << 8 | octet;
	}
	return true;
}

bool sn_index_decode(const struct sn_part *parts, size_t n, const unsigned long *ids,
		     size_t len, struct sn_key_buffer *ret)
{
	struct reader r = { ids, ids + len };
	bool good = true;

	for (size_t i = 0; i < n && good; i++) {
		if (parts[i].form == SN_PART_NUMBER) {
			good = take(&r, UINT32_MAX, &ret->key.part[i].number);
		} else if (parts[i].form == SN_PART_ADDRESS) {
			good = take_address(&r, &ret->key.part[i].number);
		} else {
			good = take_text(&r, parts[i].form == SN_PART_IMPLIED,
					 ret->text[i]);
			ret->key.part[i].text = ret->text[i];
		}
	}
	return good && r.at == r.end;
}

int sn_subids_compare(const struct sn_subids *a, const unsigned long *ids, size_t n)
{
	for (size_t i = 0; i < MIN(a->n, n); i++) {
		if (a->id[i] != ids[i])
			return a->id[i] < ids[i] ? -1 : 1;
	}
	return a->n == n ? 0 : a->n < n ? -1 : 1;
}
