// SPDX-License-Identifier: Apache-2.0
// Images that clients send, and those that jobs prepare: threads, bounds, ends.
#include <pthread.h>
#include <sys/stat.h>

#include "conf/conf.h"
#include "core/actions/action.h"
#include "core/base/loop.h"
#include "core/plugin/instance.h"
#include "update-fixture.h"
#include "update/check.h"
#include "update/policy.h"
#include "update/prepare.h"
#include "update/prepared.h"
#include "update/push.h"

#define KIB       1024u
#define STORE     (8u << 20)
#define WAIT_MS   60000
#define IMAGE_LEN (1000003u) /* several times a push's buffer, and odd */

static struct bmc_conf_file *conf;
static unsigned char image[IMAGE_LEN];

static void take_policy(const char *text)
{
	const struct bmc_conf_item *item = bmc_conf_schema;
	struct bmc_error err = { 0 };

	while (strcmp(item->key, "update") != 0)
		item++;
	if (bmc_conf_parse("test", text, strlen(text), item->items, &conf, &err) < 0 ||
	    upd_policy_init(bmc_conf_root(conf), &err) < 0)
		fail_msg("%s", err.what);
}

static int setup(void **state)
{
	for (size_t i = 0; i < sizeof(image); i++)
		image[i] = (unsigned char)(i * 7 + i / 251);
	if (update_make_dirs(state) < 0 || bmc_loop_init() < 0)
		return -1;
	update_open(STORE, 4);
	take_policy("unsigned: allow\n");
	return upd_prepare_init(NULL) < 0 || upd_push_init(NULL) < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	upd_push_done();
	upd_prepare_done();
	upd_store_done();
	upd_policy_done();
	conf = bmc_conf_free(conf);
	bmc_loop_done();
	return update_remove_dirs(state);
}

/* ---- pushes ---- */

struct client {
	pthread_mutex_t lock;
	pthread_cond_t told;
	bool ready, ended;
	int code;
	char id[BMC_ID_MAX];
	struct bmc_push *push;
};

static void client_init(struct client *c)
{
	*c = (struct client){ .code = 1 };
	(void)pthread_mutex_init(&c->lock, NULL);
	(void)pthread_cond_init(&c->told, NULL);
}

static void on_ready(void *arg)
{
	struct client *c = arg;

	pthread_mutex_lock(&c->lock);
	c->ready = true;
	pthread_cond_signal(&c->told);
	pthread_mutex_unlock(&c->lock);
}

static void on_done(void *arg, int code, const char *id, const struct bmc_error *err)
{
	struct client *c = arg;

	pthread_mutex_lock(&c->lock);
	assert_true((code == BMC_OK) == (id != NULL) && (id != NULL) == (err == NULL));
	c->code = code;
	(void)bmc_copy(c->id, sizeof(c->id), id);
	c->ended = true;
	pthread_cond_signal(&c->told);
	pthread_mutex_unlock(&c->lock);
}

static void wait_for(struct client *c, const bool *what)
{
	pthread_mutex_lock(&c->lock);
	while (!*what)
		pthread_cond_wait(&c->told, &c->lock);
	c->ready = false;
	pthread_mutex_unlock(&c->lock);
}

static int client_begin(struct client *c, uint64_t size)
{
	const struct bmc_push_request request = {
		.name = "sent.img",
		.size = size,
		.ready = on_ready,
		.arg = c,
	};

	client_init(c);
	return upd_push_begin(&request, &c->push, NULL);
}

/* Sends `len` bytes of the image; the error that ends it. */
static int client_send(struct client *c, size_t len)
{
	size_t at = 0;

	while (at < len) {
		ssize_t n = upd_push_write(c->push, image + at, len - at, NULL);

		if (n == BMC_EAGAIN)
			wait_for(c, &c->ready);
		else if (n < 0)
			return (int)n;
		else
			at += (size_t)n;
	}
	return BMC_OK;
}

static int client_end(struct client *c)
{
	upd_push_end(c->push, on_done, c);
	wait_for(c, &c->ended);
	return c->code;
}

/* Stores the image, and gives its id. */
static void send_image(char id[BMC_ID_MAX])
{
	struct client c;

	assert_int_equal(client_begin(&c, IMAGE_LEN), BMC_OK);
	assert_int_equal(client_send(&c, IMAGE_LEN), BMC_OK);
	assert_int_equal(client_end(&c), BMC_OK);
	memcpy(id, c.id, BMC_ID_MAX);
}

static void an_image_that_is_sent_is_stored(void **state)
{
	struct bmc_stored_image row;
	char id[BMC_ID_MAX];
	unsigned char *data = malloc(IMAGE_LEN);
	int fd;

	(void)state;
	send_image(id);
	struct upd_stored *s = upd_store_get(id);
	assert_non_null(s);
	upd_stored_row(s, &row);
	assert_string_equal(row.name, "sent.img");
	assert_int_equal(row.size, IMAGE_LEN);
	assert_int_equal(upd_stored_open(s, &fd, NULL), BMC_OK);
	assert_int_equal(read(fd, data, IMAGE_LEN), IMAGE_LEN);
	assert_memory_equal(data, image, IMAGE_LEN);
	(void)close(fd);
	free(data);
	(void)upd_stored_unref(s);
	/* held for the action that is to name it: nothing takes its room */
	assert_int_equal(update_store("x", 1, STORE - IMAGE_LEN + 1, NULL), BMC_ENOSPC);
	bmc_clock_skip(BMC_PUSH_HELD_MS + 1);
	assert_int_equal(update_store("x", 1, STORE - IMAGE_LEN + 1, NULL), BMC_OK);
}

static void a_push_of_another_size_is_refused(void **state)
{
	struct client c;

	(void)state;
	assert_int_equal(client_begin(&c, IMAGE_LEN), BMC_OK);
	assert_int_equal(client_send(&c, IMAGE_LEN - 1), BMC_OK);
	assert_int_equal(client_end(&c), BMC_EIO);
	assert_int_equal(client_begin(&c, 10), BMC_OK);
	assert_int_equal(client_send(&c, 11), BMC_OK); /* into the buffer */
	assert_int_equal(client_end(&c), BMC_ERANGE);
	assert_int_equal(client_begin(&c, STORE + 1), BMC_ERANGE);
	assert_int_equal(update_files(update_dir, ""), 0);
}

static void a_push_without_end_stops_at_the_bound(void **state)
{
	struct client c;
	int r = BMC_OK;

	(void)state;
	assert_int_equal(client_begin(&c, UINT64_MAX), BMC_OK);
	for (unsigned i = 0; r == BMC_OK && i < 2 * STORE / IMAGE_LEN; i++)
		r = client_send(&c, IMAGE_LEN);
	assert_int_equal(r, BMC_ERANGE);
	upd_push_abort(c.push);
	for (int i = 0; update_files(update_dir, "") > 0 && i < WAIT_MS; i++)
		(void)usleep(1000);
	assert_int_equal(update_files(update_dir, ""), 0);
}

static void pushes_are_bounded_and_leave_nothing(void **state)
{
	struct client c[UPD_PUSHES_MAX + 1];
	int r = BMC_EBUSY;

	(void)state;
	for (unsigned i = 0; i < 2; i++) { /* of as many images as are stored */
		assert_int_equal(client_begin(&c[i], 1000), BMC_OK);
		assert_int_equal(client_send(&c[i], 500), BMC_OK);
	}
	for (unsigned i = 0; i < 2; i++)
		upd_push_abort(c[i].push);
	upd_push_abort(NULL);
	for (int i = 0; update_files(update_dir, "incoming") > 0 && i < WAIT_MS; i++)
		(void)usleep(1000);
	assert_int_equal(update_files(update_dir, "incoming"), 0);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(client_begin(&c[i], 1), BMC_OK);
	assert_int_equal(client_begin(&c[4], 1), BMC_ENOSPC); /* `max_images` */
	for (unsigned i = 0; i < 4; i++)
		upd_push_abort(c[i].push);
	for (int i = 0; r != BMC_OK && i < WAIT_MS; i++) {
		r = client_begin(&c[0], 1);
		(void)usleep(1000);
	}
	assert_int_equal(r, BMC_OK);
	assert_int_equal(client_send(&c[0], 1), BMC_OK);
	assert_int_equal(client_end(&c[0]), BMC_OK);
}

/* ---- preparing ---- */

struct job {
	bool ended, checked;
	int code;
	char why[160];
	struct bmc_prepared *image;
	struct bmc_params *params;
};

static void job_progress(void *arg, const struct bmc_report *report)
{
	struct job *j = arg;

	j->checked = j->checked || strcmp(report->stage, "check") == 0;
}

static void job_done(void *arg, int code, struct bmc_prepared *prepared,
		     const struct bmc_error *err)
{
	struct job *j = arg;

	assert_false(j->ended);
	assert_true((code == BMC_OK) == (prepared != NULL));
	j->ended = true;
	j->code = code;
	j->image = prepared;
	if (err)
		memcpy(j->why, err->what, sizeof(j->why));
}

static void job_begin(struct job *j, uint32_t task, enum bmc_param key,
		      const char *text)
{
	*j = (struct job){ .params = bmc_params_new() };
	assert_int_equal(bmc_params_set_text(j->params, key, text, NULL), BMC_OK);
	const struct bmc_prepare request = {
		.task = task,
		.params = j->params,
		.progress = job_progress,
		.done = job_done,
		.arg = j,
	};

	assert_int_equal(upd_prepare(&request, NULL), BMC_OK);
	(void)bmc_params_unref(j->params);
}

static int job_end(struct job *j)
{
	for (int i = 0; !j->ended && i < WAIT_MS / 10; i++)
		bmc_loop_step(10);
	assert_true(j->ended);
	return j->code;
}

static void a_job_prepares_a_stored_image(void **state)
{
	struct bmc_stored_image row;
	unsigned char buf[100];
	char id[BMC_ID_MAX];
	struct job j;

	(void)state;
	send_image(id);
	job_begin(&j, 7, BMC_PARAM_IMAGE, id);
	assert_int_equal(job_end(&j), BMC_OK);
	assert_true(j.checked);
	assert_int_equal(j.image->task, 7);
	assert_string_equal(j.image->id, id);
	const struct bmc_image *file = &j.image->file;
	assert_int_equal(file->size, IMAGE_LEN);
	assert_int_equal(file->read(file, 5, buf, sizeof(buf)), sizeof(buf));
	assert_memory_equal(buf, image + 5, sizeof(buf));
	assert_int_equal(file->read(file, IMAGE_LEN - 3, buf, sizeof(buf)), 3);
	assert_int_equal(file->read(file, IMAGE_LEN, buf, sizeof(buf)), 0);
	assert_int_equal(upd_store_remove(id, NULL), BMC_EBUSY);
	upd_stored_row(j.image->stored, &row);
	assert_string_equal(row.format, "raw");
	assert_int_equal(row.state, BMC_IMAGE_GOOD);
	assert_int_equal(row.trust, BMC_IMAGE_UNSIGNED);
	assert_int_equal(row.jobs, 1);
	file->ref(file);
	upd_prepared_unref(j.image);
	assert_int_equal(file->read(file, 0, buf, 1), 1);
	file->unref(file);
	assert_int_equal(upd_store_remove(id, NULL), BMC_OK);
}

static void what_can_t_be_prepared_says_why(void **state)
{
	struct job j;

	(void)state;
	job_begin(&j, 1, BMC_PARAM_IMAGE, "0123456789abcdef");
	assert_int_equal(job_end(&j), BMC_ENOTFOUND);
	job_begin(&j, 1, BMC_PARAM_IMAGE, "../../etc/passwd");
	assert_int_equal(job_end(&j), BMC_ENOTFOUND);
	job_begin(&j, 1, BMC_PARAM_URI, "file:///etc/passwd");
	assert_int_equal(job_end(&j), BMC_EPERM);
	assert_non_null(strstr(j.why, "update.schemes"));
	upd_policy.unsigned_allowed = false;
	update_write(update_folder, "a.img", "image", 5);
	upd_store_scan();
	job_begin(&j, 1, BMC_PARAM_IMAGE, "a.img");
	assert_int_equal(job_end(&j), BMC_EPERM);
	assert_non_null(strstr(j.why, "update.unsigned"));
}

/* The disk has changed a byte since the image was stored. */
static void a_stored_image_that_is_damaged_is_found(void **state)
{
	struct bmc_stored_image row;
	char id[BMC_ID_MAX], path[256];
	struct upd_stored *s;
	struct job j;

	(void)state;
	send_image(id);
	s = upd_store_get(id);
	upd_stored_row(s, &row);
	(void)snprintf(path, sizeof(path), "%s/%s.img", update_dir, row.digest);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, "x", 1, IMAGE_LEN / 2), 1);
	(void)close(fd);
	job_begin(&j, 1, BMC_PARAM_IMAGE, id);
	assert_int_equal(job_end(&j), BMC_ECORRUPT);
	upd_stored_row(s, &row);
	assert_int_equal(row.state, BMC_IMAGE_REFUSED);
	assert_true(*row.reason);
	(void)upd_stored_unref(s);
	send_image(id); /* what is sent again is good */
	job_begin(&j, 1, BMC_PARAM_IMAGE, id);
	assert_int_equal(job_end(&j), BMC_OK);
	upd_prepared_unref(j.image);
}

static void a_file_that_changes_in_use_is_not_read_on(void **state)
{
	unsigned char buf[4];
	struct job j;

	(void)state;
	update_write(update_folder, "a.img", "image", 5);
	upd_store_scan();
	job_begin(&j, 1, BMC_PARAM_IMAGE, "a.img");
	assert_int_equal(job_end(&j), BMC_OK);
	const struct bmc_image *file = &j.image->file;
	assert_int_equal(file->read(file, 0, buf, 4), 4);
	(void)usleep(20000); /* a tick of the file system's clock */
	update_write(update_folder, "a.img", "IMAGE", 5);
	assert_int_equal(file->read(file, 0, buf, 4), BMC_EIO);
	upd_prepared_unref(j.image);
	upd_store_scan();
	job_begin(&j, 1, BMC_PARAM_IMAGE, "a.img");
	assert_int_equal(job_end(&j), BMC_OK);
	upd_prepared_unref(j.image);
}

static void a_job_can_be_cancelled(void **state)
{
	struct job j, other;

	(void)state;
	update_write(update_folder, "a.img", image, sizeof(image));
	upd_store_scan();
	job_begin(&j, 1, BMC_PARAM_IMAGE, "a.img");
	upd_prepare_cancel(1);
	upd_prepare_cancel(3);
	job_begin(&other, 2, BMC_PARAM_IMAGE, "a.img");
	int r = job_end(&j);
	assert_true(r == BMC_ECANCELED || r == BMC_OK);
	upd_prepared_unref(j.image);
	assert_int_equal(job_end(&other), BMC_OK);
	upd_prepared_unref(other.image);
}

static void many_jobs_prepare_one_image(void **state)
{
	struct job jobs[UPD_PREPARES_MAX], more;
	char id[BMC_ID_MAX];

	(void)state;
	send_image(id);
	for (uint32_t i = 0; i < UPD_PREPARES_MAX; i++)
		job_begin(&jobs[i], i, BMC_PARAM_IMAGE, id);
	more.params = bmc_params_new();
	const struct bmc_prepare request = { .params = more.params, .done = job_done };
	assert_int_equal(upd_prepare(&request, NULL), BMC_EAGAIN);
	(void)bmc_params_unref(more.params);
	for (uint32_t i = 0; i < UPD_PREPARES_MAX; i++)
		assert_int_equal(job_end(&jobs[i]), BMC_OK);
	for (uint32_t i = 0; i < UPD_PREPARES_MAX; i++)
		upd_prepared_unref(jobs[i].image);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(an_image_that_is_sent_is_stored),
		TEST(a_push_of_another_size_is_refused),
		TEST(a_push_without_end_stops_at_the_bound),
		TEST(pushes_are_bounded_and_leave_nothing),
		TEST(a_job_prepares_a_stored_image),
		TEST(what_can_t_be_prepared_says_why),
		TEST(a_stored_image_that_is_damaged_is_found),
		TEST(a_file_that_changes_in_use_is_not_read_on),
		TEST(a_job_can_be_cancelled),
		TEST(many_jobs_prepare_one_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
