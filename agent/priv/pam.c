// SPDX-License-Identifier: Apache-2.0
// The conversation with PAM, see pam.h. A stack may ask any number of times
// (pam_pwquality and what comes after it each ask twice), so every hidden prompt gets
// the same answer.
#include "priv/pam.h"

#include <security/pam_appl.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"

struct talk {
	const char *user, *secret;
	char said[128]; /* the last message: pam_pwquality's reason */
};

static char *answer(struct talk *t, const struct pam_message *m)
{
	switch (m->msg_style) {
	case PAM_PROMPT_ECHO_OFF:
		return strdup(t->secret);
	case PAM_PROMPT_ECHO_ON:
		return strdup(t->user);
	case PAM_ERROR_MSG:
	case PAM_TEXT_INFO:
		(void)bmc_copy(t->said, sizeof(t->said), m->msg);
		return strdup("");
	default:
		return NULL;
	}
}

static void free_answers(struct pam_response *r, int n)
{
	for (int i = 0; i < n; i++) {
		if (r[i].resp)
			bmc_wipe(r[i].resp, strlen(r[i].resp));
		free(r[i].resp);
	}
	free(r);
}

static int converse(int n, const struct pam_message **m, struct pam_response **ret,
		    void *arg)
{
	struct pam_response *r;

	if (n < 1 || n > PAM_MAX_NUM_MSG)
		return PAM_CONV_ERR;
	r = calloc((size_t)n, sizeof(*r));
	if (!r)
		return PAM_BUF_ERR;
	for (int i = 0; i < n; i++) {
		r[i].resp = answer(arg, m[i]);
		if (!r[i].resp) {
			free_answers(r, n);
			return PAM_CONV_ERR;
		}
	}
	*ret = r;
	return PAM_SUCCESS;
}

/* Failures are delayed by their limits, not by sleeping here. */
static void no_delay(int status, unsigned usec, void *arg)
{
	(void)status;
	(void)usec;
	(void)arg;
}

static int begin(const struct priv_pam *pam, struct talk *t, pam_handle_t **ret)
{
	const struct pam_conv conv = { converse, t };
	void (*delay)(int, unsigned, void *) = no_delay;
	const void *item;
	int r;

	r = pam->dir ? pam_start_confdir(pam->service, t->user, &conv, pam->dir, ret)
		     : pam_start(pam->service, t->user, &conv, ret);
	if (r != PAM_SUCCESS)
		return r;
	memcpy(&item, &delay,
	       sizeof(item)); /* ISO C has no cast from a function to an object */
	(void)pam_set_item(*ret, PAM_FAIL_DELAY, item);
	return PAM_SUCCESS;
}

static int broken(int r, const struct priv_pam *pam, struct bmc_error *err)
{
	return bmc_fail(err, BMC_EIO, "PAM service %s: %s", pam->service,
			pam_strerror(NULL, r));
}

/* What is wrong with PAM itself is told apart from what is wrong with the password. */
static int auth_result(int r, const struct priv_pam *pam, struct bmc_error *err)
{
	switch (r) {
	case PAM_SUCCESS:
		return 0;
	case PAM_NEW_AUTHTOK_REQD:
		return PRIV_PAM_MUST_CHANGE;
	case PAM_AUTH_ERR:
	case PAM_USER_UNKNOWN:
	case PAM_MAXTRIES:
	case PAM_ACCT_EXPIRED:
	case PAM_PERM_DENIED:
	case PAM_CRED_INSUFFICIENT:
	case PAM_AUTHTOK_EXPIRED:
		return bmc_fail(err, BMC_EAUTH, "wrong name or password");
	default:
		return broken(r, pam, err);
	}
}

int priv_pam_authenticate(const struct priv_pam *pam, const char *user,
			  const char *secret, struct bmc_error *err)
{
	struct talk t = { .user = user, .secret = secret };
	pam_handle_t *h = NULL;
	int r = begin(pam, &t, &h);

	if (r != PAM_SUCCESS)
		return broken(r, pam, err);
	r = pam_authenticate(h, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK);
	if (r == PAM_SUCCESS)
		r = pam_acct_mgmt(h, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK);
	(void)pam_end(h, r);
	return auth_result(r, pam, err);
}

/* "BAD PASSWORD: The password is ..." */
static const char *reason(const struct talk *t)
{
	const char *colon = strstr(t->said, "PASSWORD: ");

	if (colon)
		return colon + strlen("PASSWORD: ");
	return t->said[0] ? t->said : "the new password is not accepted";
}

int priv_pam_password(const struct priv_pam *pam, const char *user, const char *secret,
		      struct bmc_error *err)
{
	struct talk t = { .user = user, .secret = secret };
	pam_handle_t *h = NULL;
	int r = begin(pam, &t, &h);

	if (r != PAM_SUCCESS)
		return broken(r, pam, err);
	r = pam_chauthtok(h, 0);
	(void)pam_end(h, r);
	if (r == PAM_SUCCESS)
		return 0;
	if (r == PAM_AUTHTOK_ERR || r == PAM_TRY_AGAIN || r == PAM_PERM_DENIED ||
	    r == PAM_MAXTRIES)
		return bmc_fail(err, BMC_EPASSWORD, "%s", reason(&t));
	return broken(r, pam, err);
}
