// SPDX-License-Identifier: Apache-2.0
/* The settings in force: what people set lies over what sources say, and comes back
 * when a row that was gone comes back. The action door writes them to the store. */
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "core/inventory/entries.h"
#include "core/model/field.h"
#include "core/ports/store.h"

struct setting {
	struct setting *next;
	enum bmc_kind kind;
	const struct bmc_field *field;
	char id[BMC_ID_MAX];
	int64_t num;
	char text[BMC_NAME_MAX * 4];
};

static struct setting *settings;

static struct setting **find(enum bmc_kind kind, const char *id,
			     const struct bmc_field *f)
{
	struct setting **at = &settings;

	while (*at &&
	       ((*at)->kind != kind || (*at)->field != f || strcmp((*at)->id, id) != 0))
		at = &(*at)->next;
	return at;
}

static int persist(enum bmc_kind kind, const char *id, const struct bmc_field *f,
		   const struct bmc_value *v)
{
	struct setting **at = find(kind, id, f);

	if (!*at && !(*at = calloc(1, sizeof(**at))))
		return BMC_ENOMEM;
	(*at)->kind = kind;
	(*at)->field = f;
	(*at)->num = v->num;
	(void)bmc_copy((*at)->id, sizeof((*at)->id), id);
	(void)bmc_copy((*at)->text, sizeof((*at)->text), v->text);
	return 0;
}

int bmc_setting_persist(const struct bmc_entry *e, const struct bmc_field *f,
			const struct bmc_value *v)
{
	return persist(bmc_entry_kind(e), e->id, f, v);
}

struct bmc_record bmc_setting_record(enum bmc_kind kind, const char *id,
				     const struct bmc_field *f)
{
	const struct setting *s = *find(kind, id, f);
	struct bmc_record r = { .type = s ? BMC_REC_SETTING : BMC_REC_SETTING_GONE,
				.kind = kind,
				.num = s ? s->num : 0 };

	(void)bmc_copy(r.id, sizeof(r.id), id);
	(void)bmc_copy(r.field, sizeof(r.field), f->name);
	(void)bmc_copy(r.text, sizeof(r.text), s ? s->text : "");
	return r;
}

void bmc_settings_apply(struct bmc_entry *e)
{
	for (const struct setting *s = settings; s; s = s->next) {
		struct bmc_value v = { .num = s->num, .text = s->text };
		if (s->kind != bmc_entry_kind(e) || strcmp(s->id, e->id) != 0)
			continue;
		if (bmc_observation_put(e, BMC_SOURCE_SETTINGS, s->field, &v,
					bmc_now()) < 0)
			log_warning("%s %s: %s is not as it was set, out of memory",
				    bmc_kind(s->kind)->name, s->id, s->field->name);
	}
}

static int load_one(void *arg, const struct bmc_record *r)
{
	const struct bmc_field *f = bmc_field_find(r->kind, r->field);
	struct bmc_value v = { .num = r->num, .text = r->text };
	struct bmc_error err;

	(void)arg;
	if (!f || !(f->flags & BMC_SETTING) ||
	    bmc_field_check(f, v.num, v.text, &err) < 0) {
		log_warning(
			"%s %s: the stored setting %s is not one any more, left out",
			bmc_kind(r->kind)->name, r->id, r->field);
		return 0;
	}
	return persist(r->kind, r->id, f, &v);
}

int bmc_settings_load(void)
{
	return bmc_store ? bmc_store->load(BMC_REC_SETTING, BMC_N_KINDS, load_one, NULL)
			 : 0;
}

void bmc_settings_done(void)
{
	while (settings) {
		struct setting *next = settings->next;
		free(settings);
		settings = next;
	}
}
