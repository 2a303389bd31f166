// SPDX-License-Identifier: Apache-2.0
// Rendered bodies by URI. A find compares generations, not contents; a body whose kinds
// did not change stays right over any number of snapshots. Called by the dispatcher.
#include "redfish/cache.h"

#include <pthread.h>
#include <string.h>

#include "bmc/error.h"
#include "core/base/util.h"
#include "core/model/field.h"
#include "http/gzip.h"
#include "redfish/render.h"

#define BUCKETS_MIN 1024U
#define BYTES_MIN   (4U << 20) /* all of R2 fits, with room for tasks and logs */
#define BYTES_PER_ROW \
	(16U << 10)           /* what a board, a sensor ... takes, in both codings */
#define BODY_MAX (128U << 10) /* the whole log would displace a hundred others */
#define OVERHEAD 1800U        /* of a body and its response object */

const struct rf_transport_ops *rf_transport;

static _Atomic size_t lent;

static struct {
	pthread_mutex_t lock;
	struct rf_body **buckets;   /* NULL: none yet */
	size_t n_buckets, n_bodies; /* a power of two; both kept in proportion */
	size_t bytes, hand;
	size_t bytes_max; /* by the number of rows */
} cache = { .lock = PTHREAD_MUTEX_INITIALIZER };

static uint32_t hash_uri(const char *uri)
{
	return (uint32_t)bmc_hash(BMC_HASH_START, uri, strlen(uri));
}

static void coded_free(struct rf_coded *c)
{
	if (!c)
		return;
	if (c->handle)
		rf_transport->drop(c->handle);
	else
		free(c->text);
	free(c);
}

struct rf_body *rf_body_unref(struct rf_body *b)
{
	if (!b || atomic_fetch_sub(&b->refs, 1) > 1)
		return NULL;
	(void)atomic_fetch_sub(&lent, b->lent);
	if (b->handle)
		rf_transport->drop(b->handle);
	else
		free(b->text);
	coded_free(b->gzip);
	free(b);
	return NULL;
}

/* A newer snapshot in which nothing changed that the body shows moves its generation
 * on. */
static bool still_right(struct rf_body *b, const struct bmc_snapshot *s)
{
	struct rf_deps *d = &b->deps;
	uint64_t now = bmc_snapshot_generation(s);

	if (d->generation == now)
		return true;
	if (!rf_deps_hold(d, s))
		return false;
	d->generation = MAX(d->generation, now);
	return true;
}

/* Takes the body at *at out of its bucket. The lock is held. */
static void drop(struct rf_body **at)
{
	struct rf_body *b = *at;

	*at = b->next;
	cache.bytes -= b->counted;
	cache.n_bodies--;
	b->counted = 0;
	(void)rf_body_unref(b);
}

/* The lock is held; there are buckets. */
static struct rf_body **slot(uint32_t hash, const char *uri)
{
	struct rf_body **at = &cache.buckets[hash & (cache.n_buckets - 1)];

	while (*at && ((*at)->hash != hash || strcmp((*at)->uri, uri) != 0))
		at = &(*at)->next;
	return at;
}

struct rf_body *rf_cache_find(const struct bmc_snapshot *s, const char *uri)
{
	uint32_t hash = hash_uri(uri);
	struct rf_body *b = NULL;

	(void)pthread_mutex_lock(&cache.lock);
	struct rf_body *none = NULL, **at = cache.buckets ? slot(hash, uri) : &none;
	if (*at && still_right(*at, s)) {
		b = *at;
		b->used = true;
		(void)atomic_fetch_add(&b->refs, 1);
	} else if (*at) {
		drop(at);
	}
	(void)pthread_mutex_unlock(&cache.lock);
	return b;
}

/* Second chance: the hand clears `used` on its way and drops what it finds unused. */
static void make_room(void)
{
	size_t most = 2 * cache.n_buckets;

	for (size_t steps = 0; cache.bytes > cache.bytes_max && steps < most; steps++) {
		struct rf_body **at =
			&cache.buckets[cache.hand++ & (cache.n_buckets - 1)];
		while (*at) {
			if ((*at)->used) {
				(*at)->used = false;
				at = &(*at)->next;
			} else {
				drop(at);
			}
		}
	}
}

/* A body in a bucket on the average. False: there are none, and no memory. */
static bool grow(void)
{
	size_t had = cache.n_buckets, n = had ? had * 2 : BUCKETS_MIN;

	if (cache.n_bodies < had)
		return true;
	struct rf_body **buckets = calloc(n, sizeof(struct rf_body *));
	if (!buckets)
		return had > 0;
	for (size_t i = 0; i < had; i++) {
		struct rf_body *b, *next;
		for (b = cache.buckets[i]; b; b = next) {
			next = b->next;
			b->next = buckets[b->hash & (n - 1)];
			buckets[b->hash & (n - 1)] = b;
		}
	}
	free(cache.buckets);
	cache.buckets = buckets;
	cache.n_buckets = n;
	return true;
}

/* The cache grows with the hardware that there is to show. */
static size_t bytes_for(const struct bmc_snapshot *s)
{
	const struct bmc_row *const *rows;
	size_t n = 0;

	for (enum bmc_kind k = 0; k < BMC_N_KINDS; k++)
		n += bmc_kind_is(k, BMC_KIND_HARDWARE) ? bmc_snapshot_rows(s, k, &rows)
						       : 0;
	return MAX(n * BYTES_PER_ROW, (size_t)BYTES_MIN);
}

static void insert(struct rf_body *b, const struct bmc_snapshot *s)
{
	size_t bytes_max = bytes_for(s);

	(void)pthread_mutex_lock(&cache.lock);
	if (grow()) {
		struct rf_body **at = slot(b->hash, b->uri);
		if (*at)
			drop(at);
		b->next = *at;
		*at = b;
		b->used = true;
		b->counted = b->len + OVERHEAD;
		(void)atomic_fetch_add(&b->refs, 1);
		cache.bytes += b->counted;
		cache.n_bodies++;
		cache.bytes_max = bytes_max;
		make_room();
	}
	(void)pthread_mutex_unlock(&cache.lock);
}

/* ---- the gzip coding ---- */

static struct rf_coded *coded_new(const struct rf_body *b)
{
	struct rf_coded *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->text = http_gzip_deflate(b->text, b->len, &c->len);
	if (!c->text) {
		free(c);
		return NULL;
	}
	c->handle = rf_transport ? rf_transport->wrap(b, c->text, c->len, true) : NULL;
	return c;
}

/* A body of the cache that has become larger. The caller has a reference. */
static void count(struct rf_body *b, size_t more)
{
	(void)pthread_mutex_lock(&cache.lock);
	if (b->counted) {
		b->counted += more;
		cache.bytes += more;
		make_room();
	}
	(void)pthread_mutex_unlock(&cache.lock);
}

const struct rf_coded *rf_body_gzip(struct rf_body *b)
{
	struct rf_coded *c = atomic_load(&b->gzip), *none = NULL;

	if (c || b->len < RF_GZIP_MIN)
		return c;
	c = coded_new(b);
	if (!c)
		return NULL;
	if (!atomic_compare_exchange_strong(&b->gzip, &none, c)) {
		coded_free(c); /* another thread made it meanwhile */
		return none;
	}
	count(b, c->len + OVERHEAD);
	return c;
}

/* ---- making ---- */

/* "S-B": S from what can be set, B from the whole body. */
static void set_etag(struct rf_body *b, uint64_t settings, const char *text)
{
	uint64_t body = bmc_hash(BMC_HASH_START, text, strlen(text));

	(void)snprintf(b->etag, sizeof(b->etag), "\"%08x-%016llx\"",
		       (unsigned)(settings ^ (settings >> 32)),
		       (unsigned long long)body);
}

#define ETAG_BEGIN ",\"@odata.etag\":\"\\\""
#define ETAG_END   "\\\"\"}"

/* The text (stolen), which lacks its closing brace, and "@odata.etag". */
static int take_text(struct rf_body *b, char *text, size_t len)
{
	size_t tag = strlen(b->etag) - 2; /* the quotes have to be escaped */
	size_t size = len + strlen(ETAG_BEGIN) + tag + strlen(ETAG_END) + 1;

	b->text = realloc(text, size);
	if (!b->text) {
		free(text);
		return BMC_ENOMEM;
	}
	b->len = len + (size_t)snprintf(b->text + len, size - len,
					ETAG_BEGIN "%.*s" ETAG_END, (int)tag,
					b->etag + 1);
	return 0;
}

size_t rf_body_bare_len(const struct rf_body *b)
{
	return b->len - (strlen(ETAG_BEGIN) + strlen(b->etag) - 2 + strlen(ETAG_END));
}

struct rf_body *rf_body_new(const struct rf_body *like, char *text, size_t len,
			    const char *etag)
{
	size_t uri_size = strlen(like->uri) + 1;
	struct rf_body *b = calloc(1, sizeof(*b) + uri_size);

	if (!b) {
		free(text);
		return NULL;
	}
	b->refs = 1;
	b->lent = len;
	(void)atomic_fetch_add(&lent, len);
	b->deps = like->deps;
	b->res = like->res;
	memcpy(b->uri, like->uri, uri_size);
	(void)bmc_copy(b->etag, sizeof(b->etag), etag ? etag : like->etag);
	if (etag)
		return take_text(b, text, len) == 0 ? b : rf_body_unref(b);
	b->text = text;
	b->len = len;
	return b;
}

size_t rf_bodies_lent(void)
{
	return atomic_load(&lent);
}

char *rf_body_take_text(struct rf_body *b)
{
	char *text = b->lent && !b->handle && b->refs == 1 ? b->text : NULL;

	if (text)
		b->text = NULL;
	return text;
}

/* The text of a resource, with the members that were rendered to text. */
static char *dump(const struct rf_render *r, const json_t *root)
{
	static const char empty[] = "\"Members\":[]"; /* in no string: it has quotes */
	char *text = json_dumps(root, RF_JSON_FLAGS), *whole = NULL;
	const char *at = text && r->members ? strstr(text, empty) : NULL;

	if (!at)
		return text;
	at += sizeof(empty) - 2; /* the bracket's end */
	size_t head = (size_t)(at - text), size = strlen(text) + strlen(r->members) + 1;
	whole = malloc(size);
	if (whole)
		(void)snprintf(whole, size, "%.*s%s%s", (int)head, text, r->members,
			       at);
	free(text);
	return whole;
}

struct rf_body *rf_cache_make(struct rf_render *r, json_t *root, bool keep_it)
{
	size_t uri_size = strlen(r->uri) + 1;
	struct rf_body *b = calloc(1, sizeof(*b) + uri_size);
	char *text = dump(r, root);

	json_decref(root);
	free(r->members);
	r->members = NULL;
	if (!b || !text) {
		free(text);
		free(b);
		return NULL;
	}
	b->refs = 1;
	b->deps = r->view->deps;
	b->res = r->res;
	memcpy(b->uri, r->uri, uri_size);
	b->hash = hash_uri(b->uri);
	set_etag(b, r->settings, text);
	if (take_text(b, text, strlen(text) - 1) < 0)
		return rf_body_unref(b);
	b->handle = rf_transport ? rf_transport->wrap(b, b->text, b->len, false) : NULL;
	if (keep_it && b->len <= BODY_MAX && !(r->res->flags & RF_VOLATILE))
		insert(b, r->view->snap);
	return b;
}

void rf_cache_clear(void)
{
	(void)pthread_mutex_lock(&cache.lock);
	for (size_t i = 0; i < cache.n_buckets; i++) {
		while (cache.buckets[i])
			drop(&cache.buckets[i]);
	}
	free(cache.buckets);
	cache.buckets = NULL;
	cache.n_buckets = 0;
	(void)pthread_mutex_unlock(&cache.lock);
}

size_t rf_cache_bytes(void)
{
	(void)pthread_mutex_lock(&cache.lock);
	size_t n = cache.bytes;
	(void)pthread_mutex_unlock(&cache.lock);
	return n;
}

/* One tag of a list; both of them as "S-B" with quotes. */
static bool tag_matches(const char *tag, size_t len, const char *etag,
			bool settings_only)
{
	size_t want = strlen(etag);

	if (len == 1 && tag[0] == '*')
		return true;
	if (len > 2 && strncmp(tag, "W/", 2) == 0) {
		tag += 2;
		len -= 2;
	}
	if (len < 2 || tag[0] != '"' || tag[len - 1] != '"')
		return false;
	if (!settings_only)
		return len == want && memcmp(tag, etag, len) == 0;
	size_t part = strcspn(etag, "-");
	return len >= part && strncmp(tag, etag, part) == 0 &&
	       (len == part || tag[part] == '-');
}

bool rf_etag_matches(const char *header, const char *etag, bool settings_only)
{
	while (*header) {
		header += strspn(header, " \t,");
		size_t len = strcspn(header, " \t,");
		if (len && tag_matches(header, len, etag, settings_only))
			return true;
		header += len;
	}
	return false;
}
