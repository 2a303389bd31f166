// SPDX-License-Identifier: Apache-2.0
// Words, see words.h.
#include "cli/scan/words.h"

#include <stdlib.h>
#include <string.h>

static const char *const words[SCAN_LANGUAGES][SCAN_WORDS] = {
	[SCAN_EN] = { [SCAN_TOTAL] = "Total devices",
		      [SCAN_ID] = "ID",
		      [SCAN_DEVICE] = "DEVICES",
		      [SCAN_IPV4] = "IPV4 ADDRESS",
		      [SCAN_PORT] = "PORT",
		      [SCAN_VERSION] = "SOFTWARE VER",
		      [SCAN_START] = "START TIME",
		      [SCAN_OPEN] = "ACTIONS",
		      [SCAN_SEARCHING] = "Searching for network devices...",
		      [SCAN_NONE] = "No device was found.",
		      [SCAN_HINT] =
			      "Is discovery on in the agent (discovery.ssdp), does a "
			      "firewall stop UDP port 1900? "
			      "Elsewhere: bmc-scan -a ADDRESS",
		      [SCAN_HINT_NAMED] =
			      "Does the agent run there, is this its port (443 where "
			      "none is named), does a firewall stop it?",
		      [SCAN_NO_ANSWER] = "(no answer)",
		      [SCAN_KEYS] =
			      "r refresh  ↑↓ choose  Enter open  l 中文  q quit" },
	[SCAN_ZH] = { [SCAN_TOTAL] = "设备总数",
		      [SCAN_ID] = "序号",
		      [SCAN_DEVICE] = "设备",
		      [SCAN_IPV4] = "IPV4 地址",
		      [SCAN_PORT] = "端口",
		      [SCAN_VERSION] = "软件版本",
		      [SCAN_START] = "启动时间",
		      [SCAN_OPEN] = "操作",
		      [SCAN_SEARCHING] = "正在搜索网络设备...",
		      [SCAN_NONE] = "未发现设备。",
		      [SCAN_HINT] =
			      "代理是否启用了发现功能 (discovery.ssdp)？防火墙是否拦截"
			      "了 UDP 端口 1900？其他网络：bmc-scan -a ADDRESS",
		      [SCAN_HINT_NAMED] =
			      "该处的代理是否在运行？端口是否正确（未指定时为 443）？"
			      "防火墙是否拦截？",
		      [SCAN_NO_ANSWER] = "（无应答）",
		      [SCAN_KEYS] = "r 刷新  ↑↓ 选择  Enter 打开  l English  q 退出" },
};

const char *scan_word(enum scan_language l, enum scan_word w)
{
	return words[l][w];
}

enum scan_language scan_language_read(const char *text)
{
	static const char *const names[SCAN_LANGUAGES] = { "en", "zh" };

	for (enum scan_language l = 0; l < SCAN_LANGUAGES; l++) {
		if (strncmp(text, names[l], 2) == 0 &&
		    (!text[2] || strchr("_.@-", text[2])))
			return l;
	}
	return SCAN_LANGUAGES;
}

enum scan_language scan_language_of_environment(void)
{
	static const char *const variables[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (unsigned i = 0; i < 3; i++) {
		const char *text = getenv(variables[i]);
		enum scan_language l;

		if (!text || !text[0])
			continue;
		l = scan_language_read(text);
		return l < SCAN_LANGUAGES ? l : SCAN_EN;
	}
	return SCAN_EN;
}
