// SPDX-License-Identifier: Apache-2.0
// netrecovery-master queue: Firefly's command for updates, for scripts that have it. A
// link to bmc.
#include <string.h>

#include "cli/commands/fw.h"
#include "cli/list.h"
#include "cli/sub.h"

static bool is_image(const char *path)
{
	size_t n = strlen(path);

	return n > 4 && strcmp(path + n - 4, ".img") == 0;
}

static int check(const struct cli *c)
{
	if (c->argc < 3 || strcmp(c->argv[0], "queue") != 0)
		return cli_usage(c, "it is: %s", c->command->usage);
	if (c->argv[1][0] != '/')
		return cli_usage(c, "%s: the path of the image has to be absolute",
				 c->argv[1]);
	if (!is_image(c->argv[1]))
		return cli_usage(c, "%s: an image's name ends with .img", c->argv[1]);
	return CLI_OK;
}

static int run(struct cli *c)
{
	struct cli_error err = { 0 };
	struct cli_image image;
	char task[32];
	int code = check(c);

	if (code)
		return code;
	c->nodes = cli_select(c, c->argc - 2, c->argv + 2, &code);
	if (code)
		return code;
	code = cli_image_find(c, c->argv[1], &image, &err);
	if (!code)
		code = cli_update_queue(c, &image, NULL, task, &err);
	if (!code)
		cli_note("queued as task %s: bmc fw wait %s", task, task);
	return cli_done(code, &err);
}

const struct cli_command cli_netrecovery_master = {
	.name = "netrecovery-master",
	.usage = "netrecovery-master queue <image> <node>...",
	.summary = "Queue an update of boards.",
	.help = "The image is named by its absolute path. It returns at once; bmc fw "
		"list\n"
		"shows what became of it, and so does the metric\n"
		"node_cluster_firmware_upgrade_stat.\n"
		"\n"
		"Examples:\n"
		"  netrecovery-master queue /home/firefly/Firmware/xxx.img sub1-01 "
		"sub1-02\n",
	.flags = CLI_HIDDEN | CLI_PROGRAM | CLI_NOT_MAIN,
	.run = run,
};
