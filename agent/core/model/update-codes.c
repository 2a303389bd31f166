// SPDX-License-Identifier: Apache-2.0
/* The codes of updates: one table for the step machine, the frontends and the manual.
 */
#include "core/model/update-codes.h"

#include <stdio.h>
#include <string.h>

#include "bmc/error.h"
#include "core/base/util.h"

#define UNTOUCHED "nothing was written to the board"
#define NOT_WHOLE                                                                \
	"its storage is not whole; it is left where it can be flashed: run the " \
	"update again"

/* clang-format off */
static const struct {
	const char *word, *text, *left;
} stages[BMC_N_STAGES] = {
	[BMC_STAGE_NONE]     = { "", "", "" },
	[BMC_STAGE_PREPARE]  = { "prepare", "while the image was got ready", UNTOUCHED },
	[BMC_STAGE_FETCH]    = { "fetch", "while the image was fetched", UNTOUCHED },
	[BMC_STAGE_STORE]    = { "store", "while the image was stored", UNTOUCHED },
	[BMC_STAGE_CHECK]    = { "check", "while the image was checked", UNTOUCHED },
	[BMC_STAGE_ACCEPTS]  = { "accepts", "while the board was checked against the image", UNTOUCHED },
	[BMC_STAGE_DETACH]   = { "detach", "while the board was brought into the mode for flashing",
	                         "nothing was written to the board; restart it if it does not answer" },
	[BMC_STAGE_WRITE]    = { "write", "while the image was written", NOT_WHOLE },
	[BMC_STAGE_VERIFY]   = { "verify", "while what was written was read back", NOT_WHOLE },
	[BMC_STAGE_ATTACH]   = { "attach", "while the board's system was started",
	                         "the image is written, but its system was not started: restart the board" },
	[BMC_STAGE_BOOT]     = { "boot", "while the board's system was waited for",
	                         "the image is written, but its system does not answer: write another one" },
	[BMC_STAGE_CONFIRM]  = { "confirm", "while the new system was made to stay",
	                         "the new system runs, but may not stay after a restart: run the update again" },
	[BMC_STAGE_ROLLBACK] = { "rollback", "while the former system was brought back", NOT_WHOLE },
	[BMC_STAGE_TASK]     = { "task", "outside of the stages", UNTOUCHED },
};

#define AGAIN "Run the update again."
static const struct {
	int detail;
	const char *word, *text, *next;
} details[] = {
	{ BMC_DETAIL_FAILED, "failed", "It failed.", "Read the task's message." },
	{ -BMC_EINVAL, "invalid", "A value or a format is not valid.", "Check the image and what was asked for." },
	{ -BMC_ERANGE, "range", "A size is out of what is allowed.", "Check the size of the image against the limits and the board's storage." },
	{ -BMC_ENOTFOUND, "missing", "The image, file or device is not there.", "Check the name, and that the image is still stored." },
	{ -BMC_EABSENT, "absent", "The slot is empty.", "Put the board into its slot." },
	{ -BMC_EBUSY, "busy", "It is busy with something else.", "Wait for the other task to end, then run the update again." },
	{ -BMC_EPERM, "refused", "It is refused by a policy or by the other side.", "Read the task's message: it names the key of the policy (`update`) and what to set; else check the rights on the server." },
	{ -BMC_EAUTH, "login", "The login is refused.", "Check user name and password." },
	{ -BMC_ENOTSUP, "unsupported", "The image, format or board is not supported.", "Take an image for this board, or bind a flasher that takes it." },
	{ -BMC_EREADONLY, "readonly", "It can't be written.", "Check the write protection of the storage." },
	{ -BMC_ETIMEDOUT, "timeout", "It did not end in time.", "Check cable, hub and network, then run the update again." },
	{ -BMC_ECANCELED, "cancelled", "It was cancelled.", AGAIN },
	{ -BMC_EIO, "io", "Reading or writing failed.", "Check cable, hub, network and storage, then run the update again." },
	{ -BMC_ENOMEM, "memory", "There was no memory left.", "Update fewer boards at once." },
	{ -BMC_ENOSPC, "space", "There is no room for it.", "Remove images that are not needed, or take a smaller one." },
	{ -BMC_EEXIST, "exists", "It is there already.", "Remove the other one." },
	{ -BMC_EQUARANTINED, "quarantined", "An earlier call for the board never came back.", "Wait, or restart the service, then run the update again." },
	{ -BMC_EAGAIN, "unavailable", "It was not available.", AGAIN },
	{ -BMC_ESTATE, "state", "The board's state does not allow it.", "Bring the board into the state that the message names." },
	{ -BMC_ECORRUPT, "corrupt", "The bytes are not what they should be.", "Get the image again; if it is whole, the storage is not: replace it." },
	{ -BMC_ECONFLICT, "conflict", "Two parts contradict each other.", "Take an image for this chip and board." },
	{ BMC_DETAIL_INTERRUPTED, "interrupted", "The service stopped meanwhile.", "Run the update again; a password is not kept over a restart." },
	{ BMC_DETAIL_SILENT, "silent", "The board's system does not answer.", "Look at its console; write the former image." },
};
/* clang-format on */

const char *bmc_stage_word(enum bmc_stage stage)
{
	return stages[stage].word;
}

enum bmc_stage bmc_stage_find(const char *word)
{
	for (unsigned i = BMC_STAGE_NONE + 1; i < BMC_N_STAGES; i++) {
		if (strcmp(stages[i].word, word) == 0)
			return (enum bmc_stage)i;
	}
	return BMC_STAGE_NONE;
}

/* The first one stands for all that are not listed. */
static size_t detail_place(int detail)
{
	for (size_t i = 0; i < ARRAY_SIZE(details); i++) {
		if (details[i].detail == detail)
			return i;
	}
	return 0;
}

const char *bmc_detail_word(int detail)
{
	return details[detail_place(detail)].word;
}

const char *bmc_stage_text(enum bmc_stage stage)
{
	return stages[stage].text;
}

const char *bmc_stage_left(enum bmc_stage stage)
{
	return stages[stage].left;
}

const char *bmc_detail_text(int detail)
{
	return details[detail_place(detail)].text;
}

const char *bmc_detail_next(int detail)
{
	return details[detail_place(detail)].next;
}

void bmc_code_format(enum bmc_stage stage, int detail, char *ret, size_t size)
{
	if (stage <= BMC_STAGE_NONE || stage >= BMC_N_STAGES)
		stage = BMC_STAGE_TASK;
	(void)snprintf(ret, size, "%s-%s", stages[stage].word, bmc_detail_word(detail));
}

bool bmc_code_parse(const char *code, enum bmc_stage *ret_stage, int *ret_detail)
{
	const char *dash = strchr(code, '-');
	char word[16];

	if (!dash || (size_t)(dash - code) >= sizeof(word))
		return false;
	(void)snprintf(word, sizeof(word), "%.*s", (int)(dash - code), code);
	*ret_stage = bmc_stage_find(word);
	for (size_t i = 0; i < ARRAY_SIZE(details); i++) {
		*ret_detail = details[i].detail;
		if (strcmp(details[i].word, dash + 1) == 0)
			return *ret_stage != BMC_STAGE_NONE;
	}
	return false;
}

void bmc_code_explain(const char *code, char *ret, size_t size)
{
	enum bmc_stage stage;
	int detail;

	ret[0] = '\0';
	if (bmc_code_parse(code, &stage, &detail))
		(void)snprintf(ret, size, "It stopped %s. %s %s", stages[stage].text,
			       bmc_detail_text(detail), bmc_detail_next(detail));
}

bool bmc_detail_nth(size_t n, int *ret)
{
	if (n >= ARRAY_SIZE(details))
		return false;
	*ret = details[n].detail;
	return true;
}
