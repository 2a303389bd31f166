// SPDX-License-Identifier: Apache-2.0
/* The fixture of the update tests: see flash-fixture.h. */
#include "flash-fixture.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "core/ports/images.h"

#define AWAY_MS 100

struct flash_world *flash_world;
static struct bmc_params *params;

struct flash_board *flash_of(const char *id)
{
	return &flash_world->boards[fixture_board(id)];
}

static unsigned char byte_at(uint64_t offset)
{
	return (unsigned char)(offset * 7 + offset / 256);
}

bool flash_is_new(const char *id)
{
	const struct flash_board *b = flash_of(id);

	for (size_t i = 0; i < FLASH_BYTES; i++) {
		if (b->bytes[i] != byte_at(i))
			return false;
	}
	return true;
}

bool flash_is_former(const char *id)
{
	const struct flash_board *b = flash_of(id);

	for (size_t i = 0; i < FLASH_BYTES; i++) {
		if (b->bytes[i] != 0xee)
			return false;
	}
	return true;
}

/* ---- the image ---- */

struct bmc_prepared {
	atomic_int refs;
};

struct view {
	struct bmc_flash flash;
	struct bmc_prepared *image;
};

struct preparing {
	struct bmc_prepare request;
	bool cancelled, fetched;
	struct bmc_timer *timer;
};
static struct preparing preparing[8];

static int image_check(const struct bmc_params *p, struct bmc_error *err)
{
	const char *id = bmc_params_text(p, BMC_PARAM_IMAGE);

	if (id && strcmp(id, FLASH_IMAGE) != 0)
		return bmc_fail(err, BMC_ENOTFOUND, "there is no image %s", id);
	return BMC_OK;
}

static void prepare_end(struct preparing *p, int code, const char *words)
{
	struct bmc_prepared *image = NULL;
	struct bmc_error err;

	(void)bmc_fail(&err, code, "%s", words);
	if (code == BMC_OK) {
		image = calloc(1, sizeof(*image));
		image->refs = 1;
		flash_world->held++;
		flash_world->stored = true;
	}
	p->timer = bmc_timer_cancel(p->timer);
	(void)bmc_params_unref(p->request.params);
	p->request.params = NULL;
	p->request.done(p->request.arg, code, image, &err);
}

static void prepare_tick(void *arg)
{
	struct preparing *p = arg;
	struct bmc_report r = { .millipercent = BMC_UNKNOWN,
				.done = 1000,
				.total = FLASH_BYTES };

	p->timer = NULL;
	(void)bmc_copy(r.stage, sizeof(r.stage), p->fetched ? "check" : "fetch");
	p->request.progress(p->request.arg, &r);
	if (p->cancelled)
		prepare_end(p, BMC_ECANCELED, "cancelled");
	else if (!flash_world->hold && flash_world->fails &&
		 !(flash_world->fails == BMC_EPERM && p->request.refused_too))
		prepare_end(p, flash_world->fails, "the server has no such file");
	else if (!flash_world->hold && p->fetched)
		prepare_end(p, BMC_OK, "");
	else
		p->timer = bmc_timer_new(bmc_now() + 5, prepare_tick, p);
	if (!flash_world->hold)
		p->fetched = true;
}

static int image_prepare(const struct bmc_prepare *request, struct bmc_error *err)
{
	const char *id = bmc_params_text(request->params, BMC_PARAM_IMAGE);
	struct preparing *p = preparing;

	flash_world->prepares++;
	flash_world->fetches += id == NULL;
	if (id && !flash_world->stored)
		return bmc_fail(err, BMC_ENOTFOUND, "image %s was removed", id);
	while (p->request.params)
		p++;
	*p = (struct preparing){ .request = *request, .fetched = id != NULL };
	(void)bmc_params_ref(request->params);
	p->timer = bmc_timer_new(bmc_now(), prepare_tick, p);
	return BMC_OK;
}

static void image_cancel(uint32_t task)
{
	flash_world->cancels++;
	for (size_t i = 0; i < ARRAY_SIZE(preparing); i++) {
		if (preparing[i].request.params && preparing[i].request.task == task)
			preparing[i].cancelled = true;
	}
}

static void image_ref(struct bmc_prepared *image)
{
	image->refs++;
}

static void image_unref(struct bmc_prepared *image)
{
	if (image && --image->refs == 0) {
		flash_world->held--;
		free(image);
	}
}

static ssize_t image_read(const struct bmc_flash *flash, size_t part, uint64_t offset,
			  void *buf, size_t len)
{
	unsigned char *to = buf;

	(void)flash;
	assert_int_equal(part, 0);
	for (size_t i = 0; i < len; i++)
		to[i] = byte_at(offset + i);
	return (ssize_t)len;
}

static struct bmc_flash *image_open(struct bmc_prepared *image, const char *board)
{
	struct view *v = calloc(1, sizeof(*v));

	v->flash = (struct bmc_flash){ .size = sizeof(v->flash),
				       .board = board,
				       .name = "image.img",
				       .version = "2.0",
				       .format = "raw",
				       .bytes = FLASH_BYTES,
				       .read = image_read };
	v->image = image;
	image_ref(image);
	flash_world->opened++;
	return &v->flash;
}

static void image_close(struct bmc_flash *flash)
{
	struct view *v = (struct view *)flash; /* its first member */

	if (!v)
		return;
	flash_world->closed++;
	image_unref(v->image);
	free(v);
}

static const char *image_id(const struct bmc_prepared *image)
{
	(void)image;
	return FLASH_IMAGE;
}

static int image_offer(const struct bmc_flash *flash, char *ret_url, size_t size,
		       struct bmc_error *err)
{
	(void)flash;
	(void)err;
	(void)bmc_copy(ret_url, size, "http://192.0.2.1/x");
	return BMC_OK;
}

static int64_t image_offered(const struct bmc_flash *flash)
{
	(void)flash;
	return 7;
}

static const struct bmc_images_ops images = { .check = image_check,
					      .prepare = image_prepare,
					      .cancel = image_cancel,
					      .ref = image_ref,
					      .unref = image_unref,
					      .open = image_open,
					      .close = image_close,
					      .offer = image_offer,
					      .offered = image_offered,
					      .id = image_id };

/* ---- the flasher ---- */

static void nap(void)
{
	struct timespec t = { 0, 1000000 };

	(void)nanosleep(&t, NULL);
}

struct at {
	const struct bmc_host_ops *ops;
	struct bmc_call *call;
	struct flash_board *b;
	struct fixture_board *hw;
};

/* Begins a call: what its fault says, or 0. */
static int begin(struct at *at, void *self, struct bmc_call *call,
		 enum bmc_flash_call what, struct bmc_error *err)
{
	unsigned n;

	at->ops = ((struct fixture_self *)self)->ops;
	at->call = call;
	n = fixture_board(at->ops->target_id(call));
	at->b = &flash_world->boards[n];
	at->hw = &fixture->boards[n];
	at->b->calls[what]++;
	if (at->b->at != (int)what)
		return BMC_OK;
	if (at->b->fault == FLASH_FAILS)
		return bmc_fail(err, at->b->code, "told to fail");
	while (at->b->fault == FLASH_HANGS) {
		if (at->ops->cancelled(call))
			return BMC_ECANCELED;
		at->ops->heartbeat(call);
		nap();
	}
	while (at->b->fault == FLASH_WEDGED && !flash_world->release)
		nap();
	return BMC_OK;
}

static void restart(const struct at *at, enum bmc_usb_mode mode)
{
	at->hw->mode = mode;
	at->hw->usb_back = bmc_now() + AWAY_MS;
}

static int accepts(void *self, struct bmc_call *call, const struct bmc_flash *flash,
		   struct bmc_error *err)
{
	struct at at;

	flash_world->verify = (int)flash->verify;
	return begin(&at, self, call, BMC_FLASH_ACCEPTS, err);
}

static int detach(void *self, struct bmc_call *call, const struct bmc_flash *flash,
		  struct bmc_error *err)
{
	struct at at;
	int code = begin(&at, self, call, BMC_FLASH_DETACH, err);

	(void)flash;
	if (code == BMC_OK)
		restart(&at, BMC_USB_LOADER);
	return code;
}

static void keep(const struct at *at, uint64_t offset)
{
	struct bmc_checkpoint c = { .version = 1, .offset = offset };

	assert_int_equal(at->ops->checkpoint(at->call, &c), 0);
}

static void write_chunk(const struct at *at, const struct bmc_flash *flash,
			uint64_t offset)
{
	struct bmc_progress p = { .stage = "write", .total = FLASH_BYTES };

	(void)flash->read(flash, 0, offset, at->b->bytes + offset, FLASH_CHUNK);
	at->b->chunks++;
	p.done = (int64_t)offset + FLASH_CHUNK;
	p.millipercent = p.done * 100000 / FLASH_BYTES;
	at->ops->report(at->call, &p);
	keep(at, offset + FLASH_CHUNK);
}

static int write_all(void *self, struct bmc_call *call, const struct bmc_flash *flash,
		     struct bmc_error *err)
{
	struct bmc_checkpoint before = { 0 };
	struct at at;
	int code = BMC_OK, now = ++flash_world->writing;

	if (now > flash_world->most)
		flash_world->most = now;
	at.ops = ((struct fixture_self *)self)->ops;
	flash_world->order[flash_world->n_order++ % FIXTURE_MOST] =
		(int)fixture_board(at.ops->target_id(call));
	(void)at.ops->resumed(call, &before);
	at.b = &flash_world->boards[fixture_board(at.ops->target_id(call))];
	at.b->whole = false;
	for (uint64_t at_byte = before.offset; at_byte < FLASH_BYTES && code == BMC_OK;
	     at_byte += FLASH_CHUNK) {
		if (at_byte == FLASH_BYTES / 2 || before.offset > FLASH_BYTES / 2)
			code = begin(&at, self, call, BMC_FLASH_WRITE, err);
		at.call = call;
		if (code == BMC_OK)
			write_chunk(&at, flash, at_byte);
	}
	if (at.b->fault == FLASH_LIES)
		at.b->bytes[77] ^= 1;
	flash_world->writing--;
	return code;
}

static int verify(void *self, struct bmc_call *call, const struct bmc_flash *flash,
		  struct bmc_error *err)
{
	unsigned char want[FLASH_CHUNK];
	struct at at;
	int code = begin(&at, self, call, BMC_FLASH_VERIFY, err);

	for (uint64_t i = 0; i < FLASH_BYTES && code == BMC_OK; i += FLASH_CHUNK) {
		(void)flash->read(flash, 0, i, want, sizeof(want));
		if (memcmp(want, at.b->bytes + i, sizeof(want)) != 0)
			code = bmc_fail(err, BMC_ECORRUPT, "other bytes at %u",
					(unsigned)i);
	}
	at.b->whole = at.b->whole || code == BMC_OK;
	return code;
}

static int attach(void *self, struct bmc_call *call, const struct bmc_flash *flash,
		  struct bmc_error *err)
{
	struct at at;
	int code = begin(&at, self, call, BMC_FLASH_ATTACH, err);

	(void)flash;
	if (code < 0)
		return code;
	restart(&at, BMC_USB_UNKNOWN);
	if (flash_world->revives)
		at.hw->lost = 0;
	if (at.b->fault == FLASH_SILENT)
		at.hw->usb_back = bmc_now() + 3600000;
	return BMC_OK;
}

static int confirm(void *self, struct bmc_call *call, const struct bmc_flash *flash,
		   struct bmc_error *err)
{
	struct at at;
	int code = begin(&at, self, call, BMC_FLASH_CONFIRM, err);

	(void)flash;
	at.b->confirmed = code == BMC_OK;
	return code;
}

static int rollback(void *self, struct bmc_call *call, const struct bmc_flash *flash,
		    struct bmc_error *err)
{
	struct at at;
	int code = begin(&at, self, call, BMC_FLASH_ROLLBACK, err);

	(void)flash;
	if (code < 0)
		return code;
	memcpy(at.b->bytes, at.b->former, FLASH_BYTES);
	at.b->whole = true;
	restart(&at, BMC_USB_UNKNOWN);
	return BMC_OK;
}

static struct bmc_flasher flasher = { .size = sizeof(flasher),
				      .beat = 1500,
				      .grace = 1000,
				      .accepts = accepts,
				      .detach = detach,
				      .write = write_all,
				      .verify = verify,
				      .attach = attach,
				      .confirm = confirm,
				      .rollback = rollback };
struct bmc_plugin flash_plugin;

/* ---- life ---- */

const char *flash_recovery = "";
static char platform[4096];
static const char *plain;

static void bind_flash(void)
{
	const char *at = strstr(fixture_platform, "outer: fixture");

	plain = fixture_platform;
	(void)snprintf(platform, sizeof(platform),
		       "%s%.*sflash: \"other, fixture\", %s", flash_recovery,
		       (int)(at - plain), plain, at);
	assert_non_null(at);
	char *boot = strstr(platform, "boot_time: 2s");
	memcpy(boot + 11, "1s", 2); /* less to wait for */
	fixture_platform = platform;
	flash_plugin = fixture_plugin;
	flash_plugin.flasher = &flasher;
	fixture_used = &flash_plugin;
}

void flash_new(void)
{
	fixture_new();
	flash_world = mmap(NULL, sizeof(*flash_world), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(flash_world != MAP_FAILED);
	for (size_t i = 0; i < FIXTURE_MOST; i++) {
		memset(flash_world->boards[i].bytes, 0xee, FLASH_BYTES);
		memset(flash_world->boards[i].former, 0xee, FLASH_BYTES);
		flash_world->boards[i].whole = true;
	}
	flash_world->stored = true;
	if (fixture_used != &flash_plugin)
		bind_flash();
}

void flash_start(bool test)
{
	bmc_images = &images;
	/* a daemon that was killed gave nothing back */
	flash_world->held = flash_world->opened = flash_world->closed = 0;
	fixture_start(test);
}

static bool none_held(void *arg)
{
	(void)arg;
	return flash_world->held == 0 && flash_world->opened == flash_world->closed;
}

/* Calls may be in their last lines still. */
void flash_stop(void)
{
	flash_world->release = true;
	flash_world->hold = false;
	(void)fixture_until(none_held, NULL);
	fixture_stop();
	for (size_t i = 0; i < ARRAY_SIZE(preparing); i++) {
		(void)bmc_params_unref(preparing[i].request.params);
		preparing[i] = (struct preparing){ 0 };
	}
}

int flash_set_up(void **state)
{
	(void)state;
	flash_new();
	flash_start(false);
	return 0;
}

int flash_tear_down(void **state)
{
	(void)state;
	flash_params_drop();
	flash_stop();
	bmc_images = NULL;
	(void)munmap(flash_world, sizeof(*flash_world));
	(void)munmap(fixture, sizeof(*fixture));
	if (fixture_used == &flash_plugin) {
		fixture_used = &fixture_plugin;
		fixture_platform = plain;
	}
	return 0;
}

/* ---- asking and looking ---- */

static struct bmc_params *parameters(void)
{
	if (!params)
		params = bmc_params_new();
	return params;
}

void flash_set(enum bmc_param key, int64_t num)
{
	assert_int_equal(bmc_params_set_num(parameters(), key, num, NULL), 0);
}

void flash_set_text(enum bmc_param key, const char *text)
{
	assert_int_equal(bmc_params_set_text(parameters(), key, text, NULL), 0);
}

struct bmc_params *flash_params(void)
{
	if (!bmc_params_text(params, BMC_PARAM_IMAGE) &&
	    !bmc_params_text(params, BMC_PARAM_URI))
		flash_set_text(BMC_PARAM_IMAGE, FLASH_IMAGE);
	return params;
}

void flash_params_drop(void)
{
	params = bmc_params_unref(params);
}

int flash_update(const char *id, uint32_t *ret_task)
{
	struct bmc_action act = fixture_action(BMC_ACT_UPDATE, id);
	struct bmc_result result = { 0 };
	int code;

	act.params = flash_params();
	code = fixture_submit(&fixture_admin, &act, 1, &result);
	flash_params_drop();
	if (ret_task)
		*ret_task = result.task;
	return code;
}

const struct bmc_task *flash_child(uint32_t parent, const char *board)
{
	for (uint32_t n = parent + 1; n < parent + FIXTURE_MOST; n++) {
		const struct bmc_task *t = fixture_task(n);

		if (t && strcmp(t->target_id, board) == 0)
			return t;
	}
	return NULL;
}
