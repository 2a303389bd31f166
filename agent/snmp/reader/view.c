// SPDX-License-Identifier: Apache-2.0
/* Views, see view.h and reader.h: VACM's tables are asked once for each requester, and
 * for each table that it reads. */
#include "snmp/reader/view.h"

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <string.h>

#include "core/base/util.h"
#include "snmp/reader/runs.h"
#include "snmp/reader/v3.h"

#define VIEWS_MAX 256 /* four for each community and user that a config may have */

struct sn_view {
	int model, level;
	char security[VACMSTRINGLEN], name[VACMSTRINGLEN];
	uint8_t seen[SN_SPANS_MAX]; /* enum sn_seen, by the spans' positions */
};

static struct sn_view *views[VIEWS_MAX];
static size_t n_views;

static bool is_of(const struct sn_view *v, int model, int level, const char *name)
{
	return v->model == model && v->level == level && strcmp(v->security, name) == 0;
}

/* The name of the view, or NULL; RFC 3415, 3.2. */
static const char *view_name(int model, int level, const char *name)
{
	const struct vacm_groupEntry *g = vacm_getGroupEntry(model, name);
	const struct vacm_accessEntry *a =
		g ? vacm_getAccessEntry(g->groupName, "", model, level) : NULL;

	return a ? a->views[VACM_VIEW_READ] : NULL;
}

struct sn_view *sn_reader_view(int model, int level, const char *security_name)
{
	for (size_t i = 0; i < n_views; i++) {
		if (is_of(views[i], model, level, security_name))
			return views[i];
	}
	const char *name = view_name(model, level, security_name);
	struct sn_view *v = name && n_views < VIEWS_MAX ? calloc(1, sizeof(*v)) : NULL;
	if (!v)
		return NULL;
	v->model = model;
	v->level = level;
	bmc_copy(v->security, sizeof(v->security), security_name);
	bmc_copy(v->name, sizeof(v->name), name);
	return views[n_views++] = v;
}

void sn_reader_forget(void)
{
	while (n_views)
		free(views[--n_views]);
	sn_reader_v3_forget(); /* its users borrow them */
	sn_runs_forget();
}

enum sn_seen sn_view_of(struct sn_view *v, const struct sn_span *s)
{
	uint8_t *seen = &v->seen[sn_span_position(s)];

	if (*seen != SN_SEEN_UNKNOWN)
		return *seen;
	struct sn_oid at = *s->oid; /* the library wants to write it */
	switch (vacm_checkSubtree(v->name, at.id, at.len)) {
	case VACM_SUCCESS:
		*seen = SN_SEEN_WHOLE;
		break;
	case VACM_SUBTREE_UNKNOWN:
		*seen = SN_SEEN_PART;
		break;
	default:
		*seen = SN_SEEN_NONE;
	}
	return *seen;
}

bool sn_view_shows(const struct sn_view *v, struct sn_oid *name, unsigned *ret_refused)
{
	const struct vacm_viewEntry *e =
		vacm_getViewEntry(v->name, name->id, name->len, VACM_MODE_FIND);

	if (!e)
		return false;
	if (e->viewType != SNMP_VIEW_EXCLUDED)
		return true;
	*ret_refused += v->model != SNMP_SEC_MODEL_USM;
	return false;
}
