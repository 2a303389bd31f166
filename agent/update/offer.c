// SPDX-License-Identifier: Apache-2.0
/* What is offered to which board, see offer.h. Flashers' workers make offers, the
 * image's last reference takes them back, offer-serve.c serves them. */
#include "update/offer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <stdio.h>
#include <string.h>

#include "core/base/address.h"
#include "core/base/log.h"
#include "core/base/util.h"
#include "http/http.h"
#include "update/offer-table.h"

#define KEY_LEN 32

struct upd_offer_table upd_offer_table = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct {
	char address[BMC_ADDRESS_MAX]; /* "": none is configured */
	unsigned port;                 /* 0: the one that the listener got */
	unsigned char key[KEY_LEN];
} here;

/* ---- the key ---- */

static bool key_read(const char *path)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd >= 0 && read(fd, here.key, KEY_LEN) == KEY_LEN;
}

static bool key_write(const char *path)
{
	char fresh[300];

	(void)snprintf(fresh, sizeof(fresh), "%s.new", path);
	(void)unlink(fresh);
	auto_fd int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return fd >= 0 && write(fd, here.key, KEY_LEN) == KEY_LEN && fsync(fd) == 0 &&
	       rename(fresh, path) == 0;
}

/* Kept, so that a board that fetches goes on at the same address after a restart. */
static void key_load(const char *state_dir)
{
	char path[280];

	(void)snprintf(path, sizeof(path), "%s/offer.key", state_dir);
	if (key_read(path))
		return;
	bmc_random(here.key, KEY_LEN);
	if (!key_write(path))
		log_warning("%s can't be written: boards that fetch an image start "
			    "again after a restart",
			    path);
}

/* ---- the configuration ---- */

int upd_offers_check(const struct bmc_conf *update, struct bmc_error *err)
{
	const struct bmc_conf *c = bmc_conf_find(update, "board_network");
	const char *address = c ? bmc_conf_text(c, "address", "") : "";
	struct in6_addr six;
	struct in_addr four;

	if (!c)
		return BMC_OK;
	if (inet_pton(AF_INET, address, &four) == 1 && four.s_addr != INADDR_ANY)
		return BMC_OK;
	if (inet_pton(AF_INET6, address, &six) == 1 && !IN6_IS_ADDR_UNSPECIFIED(&six))
		return BMC_OK;
	return bmc_conf_fail(c, err, BMC_EINVAL,
			     "'%s' is not the address of one interface", address);
}

int upd_offers_init(const struct bmc_conf *update, const char *state_dir,
		    struct bmc_error *err)
{
	const struct bmc_conf *c = bmc_conf_find(update, "board_network");
	int r = upd_offers_check(update, err);

	here.address[0] = 0;
	if (!c || r < 0)
		return r;
	here.port = (unsigned)bmc_conf_num(c, "port", 0);
	r = http_listen_apart(HTTP_FOR_BOARDS, bmc_conf_text(c, "address", ""),
			      here.port, &upd_offer_handler, err);
	if (r < 0)
		return r;
	key_load(state_dir);
	(void)bmc_copy(here.address, sizeof(here.address),
		       bmc_conf_text(c, "address", ""));
	return BMC_OK;
}

void upd_offers_done(void)
{
	(void)http_listen_apart(HTTP_FOR_BOARDS, NULL, 0, NULL, NULL);
	here.address[0] = 0;
	bmc_wipe(here.key, KEY_LEN);
	/* a job that goes on after a restart has not ended */
	memset(upd_offer_table.ended, 0, sizeof(upd_offer_table.ended));
}

/* ---- offers ---- */

static struct upd_offer *offer_of(const struct bmc_flash *flash)
{
	const struct upd_offers *all = upd_prepared_of(flash->file)->offers;
	struct upd_offer *o = all ? all->first : NULL;

	while (o && strcmp(o->board, flash->board) != 0)
		o = o->next;
	return o;
}

struct upd_offer *upd_offer_find(const char *token, bool *ret_ended)
{
	struct upd_offer *o;

	*ret_ended = false;
	LIST_FOREACH (o, &upd_offer_table.list, link) {
		if (bmc_equal_const_time(o->token, token, UPD_TOKEN))
			return o;
	}
	for (size_t i = 0; i < UPD_ENDED_MAX; i++)
		*ret_ended |= bmc_equal_const_time(upd_offer_table.ended[i], token,
						   UPD_TOKEN);
	return NULL;
}

/* 128 bits of a PRF: random to whoever has not the key, and the same again for the same
 * job, board and image. */
static bool token_of(const struct bmc_prepared *p, const char *board,
		     char ret[UPD_TOKEN + 1])
{
	unsigned char what[4 + sizeof(p->file.digest) + BMC_ID_MAX] = {
		(unsigned char)(p->task >> 24), (unsigned char)(p->task >> 16),
		(unsigned char)(p->task >> 8), (unsigned char)p->task
	};
	unsigned char mac[32];

	memcpy(what + 4, p->file.digest, sizeof(p->file.digest));
	(void)bmc_copy((char *)what + 4 + sizeof(p->file.digest), BMC_ID_MAX, board);
	if (gnutls_hmac_fast(GNUTLS_MAC_SHA256, here.key, KEY_LEN, what, sizeof(what),
			     mac) < 0)
		return false;
	bmc_hex(mac, UPD_TOKEN / 2, ret);
	return true;
}

static struct upd_offer *offer_new(const struct bmc_flash *flash)
{
	struct bmc_prepared *p = upd_prepared_of(flash->file);
	struct upd_offers *all = p->offers;
	struct upd_offer *o = calloc(1, sizeof(*o));

	if (!all)
		p->offers = all = calloc(1, sizeof(*all));
	if (!o || !all || !token_of(p, flash->board, o->token)) {
		free(o);
		return NULL;
	}
	o->image = p;
	(void)bmc_copy(o->board, sizeof(o->board), flash->board);
	LIST_INIT(&o->requests);
	o->next = all->first;
	all->first = o;
	LIST_INSERT_HEAD(&upd_offer_table.list, o, link);
	return o;
}

int upd_offer(const struct bmc_flash *flash, char *ret_url, size_t size,
	      struct bmc_error *err)
{
	unsigned port = here.port ? here.port : http_apart_port(HTTP_FOR_BOARDS);
	bool six = strchr(here.address, ':') != NULL;

	if (!here.address[0])
		return bmc_fail(err, BMC_ENOTSUP,
				"no network of boards is configured: give "
				"`update: board_network: address:`");
	(void)pthread_mutex_lock(&upd_offer_table.lock);
	struct upd_offer *o = offer_of(flash);
	if (!o)
		o = offer_new(flash);
	if (o)
		(void)snprintf(ret_url, size, "http://%s%s%s:%u/%s/image",
			       six ? "[" : "", here.address, six ? "]" : "", port,
			       o->token);
	(void)pthread_mutex_unlock(&upd_offer_table.lock);
	return o ? BMC_OK : bmc_fail(err, BMC_ENOMEM, "no memory for an offer");
}

uint64_t upd_request_end(const struct upd_request *r, bool complete)
{
	uint64_t sent =
		complete ? r->len : r->q->transport->acknowledged(r->q) - r->base;

	return r->len ? r->first + MIN(sent, r->len) : 0;
}

int64_t upd_offered(const struct bmc_flash *flash)
{
	const struct upd_request *r;
	int64_t reached = 0;

	(void)pthread_mutex_lock(&upd_offer_table.lock);
	struct upd_offer *o = offer_of(flash);
	if (o) {
		LIST_FOREACH (r, &o->requests, link)
			o->reached = MAX(o->reached, upd_request_end(r, false));
		reached = (int64_t)o->reached;
	}
	(void)pthread_mutex_unlock(&upd_offer_table.lock);
	return reached;
}

int upd_offer_put(const struct bmc_flash *flash, const char *name, const void *bytes,
		  size_t len, struct bmc_error *err)
{
	int r = BMC_ESTATE;

	if (!upd_note_name_ok(name) || len > UPD_PUT_MAX)
		return bmc_fail(err, BMC_EINVAL, "%s: nothing that can be offered",
				name);
	(void)pthread_mutex_lock(&upd_offer_table.lock);
	struct upd_offer *o = offer_of(flash);
	if (o)
		r = upd_note_set(o->put, name, bytes, len);
	(void)pthread_mutex_unlock(&upd_offer_table.lock);
	return r < 0 ? bmc_fail(err, r, "%s: %s can't be offered", flash->board, name)
		     : r;
}

ssize_t upd_offer_get(const struct bmc_flash *flash, const char *name, void *buf,
		      size_t size, int64_t *ret_at)
{
	const struct upd_note *n = NULL;
	ssize_t len = BMC_ENOTFOUND;

	(void)pthread_mutex_lock(&upd_offer_table.lock);
	struct upd_offer *o = offer_of(flash);
	if (o)
		n = upd_note_find(o->sent, name);
	if (n) {
		memcpy(buf, n->bytes, MIN(n->len, size));
		len = (ssize_t)n->len;
		if (ret_at)
			*ret_at = n->at;
	}
	(void)pthread_mutex_unlock(&upd_offer_table.lock);
	return len;
}

/* ---- the end ---- */

static void offer_free(struct upd_offer *o)
{
	struct upd_offer_table *t = &upd_offer_table;
	struct upd_request *r;

	LIST_REMOVE(o, link);
	LIST_FOREACH (r, &o->requests, link) {
		r->offer = NULL;
		r->q->transport->cut(r->q);
	}
	(void)bmc_copy(t->ended[t->next_ended], sizeof(t->ended[0]), o->token);
	t->next_ended = (t->next_ended + 1) % UPD_ENDED_MAX;
	upd_notes_free(o->put);
	upd_notes_free(o->sent);
	free(o);
}

void upd_offers_free(struct upd_offers *o)
{
	struct upd_offer *next;

	if (!o)
		return;
	(void)pthread_mutex_lock(&upd_offer_table.lock);
	for (struct upd_offer *at = o->first; at; at = next) {
		next = at->next;
		offer_free(at);
	}
	(void)pthread_mutex_unlock(&upd_offer_table.lock);
	free(o);
}
