// SPDX-License-Identifier: Apache-2.0
/* What is said between us and the auxiliary system of a board: it asks for its order
 * beside the image that it is offered, and says there how far it is. All that comes
 * from it is hostile. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "netrecovery.h"

#define POLL_MS 250
#define STILL   10   /* silences that a board may repeat itself: a slow storage syncs */
#define STATE   1024 /* bytes; a board that says more has said nothing */

/* ---- texts ---- */

void nr_value(const char *text, const char *key, char *ret, size_t size)
{
	size_t len = strlen(key), n = 0;

	ret[0] = 0;
	while (text && (strncmp(text, key, len) != 0 || text[len] != '=')) {
		text = strchr(text, '\n');
		text += text != NULL;
	}
	if (!text)
		return;
	for (text += len + 1; *text && *text != '\n' && n + 1 < size; text++)
		ret[n++] = (char)(*text < 0x20 || *text > 0x7e ? '?' : *text);
	ret[n] = 0;
}

static uint64_t number(const char *text, const char *key)
{
	char value[24];

	nr_value(text, key, value, sizeof(value));
	if (!value[0] || strspn(value, "0123456789") != strlen(value) ||
	    strlen(value) > 18)
		return 0;
	return strtoull(value, NULL, 10);
}

void nr_state_parse(const char *text, struct nr_state *ret)
{
	static const char *const words[] = { "", "preparing", "flashing", "done",
					     "error" };
	char word[16];

	*ret = (struct nr_state){ .id = number(text, "id"),
				  .done = number(text, "done") };
	nr_value(text, "state", word, sizeof(word));
	for (size_t i = 1; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(word, words[i]) == 0)
			ret->what = (enum nr_what)i;
	}
	nr_value(text, "code", ret->code, sizeof(ret->code));
	nr_value(text, "text", ret->text, sizeof(ret->text));
	nr_value(text, "sha256", ret->sha256, sizeof(ret->sha256));
}

static int code_of(const struct nr_state *s)
{
	static const struct {
		const char *word;
		int code;
	} codes[] = {
		{ "io", BMC_EIO },
		{ "space", BMC_ENOSPC },
		{ "corrupt", BMC_ECORRUPT },
		{ "unsupported", BMC_ENOTSUP },
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (strcmp(s->code, codes[i].word) == 0)
			return codes[i].code;
	}
	return BMC_EIO;
}

/* ---- orders ---- */

int nr_offer(struct nr_call *c, struct bmc_error *err)
{
	struct bmc_error why = { 0 };
	int code = c->ops->offer(c->call, c->url, sizeof(c->url), &why);

	/* this flasher's image all the same */
	if (code == BMC_ENOTSUP)
		code = BMC_ESTATE;
	return code < 0 ? bmc_fail(err, code, "%s: %s", c->board, why.what) : BMC_OK;
}

/* The order's number: the same when the call goes on after a restart of the daemon, so
 * that what the board has done since then counts. */
static uint64_t order_number(struct nr_call *c, const char *what)
{
	const unsigned char *digest = c->flash->file->digest;
	struct bmc_checkpoint kept = { 0 }, order = { .version = NR_ORDERS };

	order.offset = (uint64_t)c->ops->now() + 1;
	order.len = (uint32_t)strlen(what);
	memcpy(order.data, what, order.len);
	memcpy(order.digest, digest, sizeof(order.digest));
	if (c->ops->resumed(c->call, &kept) && kept.version == NR_ORDERS &&
	    kept.len == order.len && memcmp(kept.data, what, kept.len) == 0 &&
	    memcmp(kept.digest, digest, sizeof(kept.digest)) == 0)
		order.offset = kept.offset;
	(void)c->ops->checkpoint(c->call, &order);
	return order.offset;
}

static int give(struct nr_call *c, const char *what, uint64_t id, struct bmc_error *err)
{
	char text[512], digest[65];
	const struct bmc_image *file = c->flash->file;
	int n;

	for (size_t i = 0; i < sizeof(file->digest); i++)
		(void)snprintf(digest + 2 * i, 3, "%02x", file->digest[i]);
	n = snprintf(text, sizeof(text),
		     "version=1\nid=%" PRIu64 "\ndo=%s\nsize=%" PRIu64 "\nsha256=%s\n",
		     id, what, file->size, digest);
	return c->ops->offer_put(c->call, "job", text, (size_t)n, err);
}

static bool hear(struct nr_call *c, struct nr_state *ret)
{
	char text[STATE + 1];
	int64_t at = 0;
	ssize_t n = c->ops->offer_get(c->call, "state", text, STATE, &at);

	if (n < 0 || n > STATE)
		return false;
	text[n] = 0;
	nr_state_parse(text, ret);
	ret->at = at;
	return true;
}

static void show(struct nr_call *c, const char *stage, const struct nr_state *s)
{
	int64_t total = (int64_t)c->flash->file->size;
	int64_t done = s->done <= (uint64_t)total ? (int64_t)s->done : total;
	const struct bmc_progress p = {
		.millipercent = total ? done * 1000 / total * 100 : BMC_UNKNOWN,
		.stage = stage,
		.done = done,
		.total = total,
	};

	c->ops->report(c->call, &p);
}

/* When a board showed its life, in ms of ops->now. */
struct life {
	int64_t heard, changed, fetched;
	struct nr_state s;
};

/* A note that only repeats the one before it is heard, and changes nothing. */
static void attend(struct nr_call *c, struct life *l)
{
	struct nr_state s = l->s;
	int64_t n = c->ops->offered(c->call);

	if (hear(c, &s) && s.at > l->heard)
		l->heard = s.at;
	if (n != l->fetched || s.id != l->s.id || s.what != l->s.what ||
	    s.done != l->s.done)
		l->changed = c->ops->now();
	if (n != l->fetched)
		l->heard = l->changed;
	l->fetched = n;
	l->s = s;
}

/* What there is to say of a silence: the bytes tell a board that fetches and says
 * nothing from one that is gone. */
static int silent(struct nr_call *c, const char *what, int64_t silence,
		  struct bmc_error *err)
{
	return bmc_fail(err, BMC_ETIMEDOUT,
			"%s: its auxiliary system said nothing for %" PRId64
			" s (%s, %" PRId64 " bytes fetched)",
			c->board, silence / 1000, what, c->ops->offered(c->call));
}

static int still(struct nr_call *c, const char *what, int64_t ms, struct bmc_error *err)
{
	return bmc_fail(err, BMC_ETIMEDOUT,
			"%s: its auxiliary system said the same for %" PRId64
			" s (%s, %" PRId64 " bytes fetched)",
			c->board, ms / 1000, what, c->ops->offered(c->call));
}

static int judge(const struct nr_call *c, const struct nr_state *s,
		 struct bmc_error *err)
{
	if (s->what != NR_ERROR)
		return BMC_OK;
	return bmc_fail(err, code_of(s), "%s: %s", c->board,
			s->text[0] ? s->text : "its auxiliary system failed");
}

int nr_order(struct nr_call *c, const char *what, int64_t silence, struct nr_state *ret,
	     struct bmc_error *err)
{
	uint64_t id = order_number(c, what);
	int64_t now = c->ops->now();
	struct life l = { .heard = now, .changed = now };
	const struct nr_state *s = &l.s;
	int code = give(c, what, id, err);

	while (code == BMC_OK) {
		attend(c, &l);
		if (s->id == id && (s->what == NR_DONE || s->what == NR_ERROR))
			break;
		if (s->id == id)
			show(c, what, s);
		c->ops->heartbeat(c->call);
		if (c->ops->cancelled(c->call) ||
		    c->ops->sleep(c->call, POLL_MS) == BMC_ECANCELED)
			return bmc_fail(err, BMC_ECANCELED, "%s: cancelled", c->board);
		now = c->ops->now();
		if (now - l.heard > silence)
			return silent(c, what, silence, err);
		if (now - l.changed > STILL * silence)
			return still(c, what, STILL * silence, err);
	}
	if (ret)
		*ret = *s;
	return code < 0 ? code : judge(c, s, err);
}
