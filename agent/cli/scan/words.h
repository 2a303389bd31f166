// SPDX-License-Identifier: Apache-2.0
#pragma once

/* The words that bmc-scan shows, in English and in Chinese. */

enum scan_language {
	SCAN_EN,
	SCAN_ZH,
	SCAN_LANGUAGES,
};

enum scan_word {
	SCAN_TOTAL,
	SCAN_ID,
	SCAN_DEVICE,
	SCAN_IPV4,
	SCAN_PORT,
	SCAN_VERSION,
	SCAN_START,
	SCAN_OPEN,
	SCAN_SEARCHING,
	SCAN_NONE,
	SCAN_HINT,       /* nothing was found by searching: what to look at */
	SCAN_HINT_NAMED, /* none of the addresses that were named answers   */
	SCAN_NO_ANSWER,
	SCAN_KEYS,
	SCAN_WORDS,
};

const char *scan_word(enum scan_language l, enum scan_word w);

/** "en" or "zh", as a locale begins ("zh_CN.UTF-8"); SCAN_LANGUAGES: another one. */
enum scan_language scan_language_read(const char *text);
/** That of the environment (LC_ALL, LC_MESSAGES, LANG); English where it is another. */
enum scan_language scan_language_of_environment(void);
