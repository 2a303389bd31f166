// SPDX-License-Identifier: Apache-2.0
/* Offers a file to so many boards by the agent's own HTTP server, without the agent:
 * prints the port and each board's path, then serves until its input ends.
 *
 * usage: offer-fan FILE BOARDS FOLDER */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/util.h"
#include "http/http.h"
#include "update/offer.h"
#include "update/prepared.h"

static struct bmc_conf keys[] = {
	{ .key = "request_timeout", .text = "", .num = 15000 },
	{ .key = "idle_timeout", .text = "", .num = 60000 },
	{ .key = "bind", .text = "127.0.0.1" },
	{ .key = "threads", .text = "", .num = 2 },
	{ .key = "max_connections", .text = "", .num = 512 },
	{ .key = "max_connections_per_address", .text = "", .num = 128 },
	{ .key = "max_header", .text = "", .num = 8192 },
	{ .key = "max_body", .text = "", .num = 65536 },
	{ .key = "handshakes_per_address", .text = "" },
	{ .key = "handshake_burst", .text = "", .num = 1 },
};
static struct bmc_conf http = { .child = keys };
static struct bmc_conf address = { .key = "address", .text = "127.0.0.1" };
static struct bmc_conf network = { .key = "board_network", .child = &address };
static struct bmc_conf update = { .child = &network };

static int start(const char *folder, struct bmc_error *err)
{
	int r;

	for (size_t i = 0; i + 1 < ARRAY_SIZE(keys); i++)
		keys[i].next = &keys[i + 1];
	if (bmc_loop_init() < 0)
		return BMC_EIO;
	r = upd_offers_init(&update, folder, err);
	return r < 0 ? r : http_start(&http, folder, err);
}

static int serve(struct bmc_prepared *image, size_t boards, struct bmc_error *err)
{
	printf("%u\n", http_apart_port(HTTP_FOR_BOARDS));
	for (size_t i = 0; i < boards; i++) {
		char board[32], url[256];
		struct bmc_flash flash = { .board = board, .file = &image->file };

		(void)snprintf(board, sizeof(board), "b%zu", i);
		if (upd_offer(&flash, url, sizeof(url), err) < 0)
			return -1;
		printf("%s\n", strchr(url + strlen("http://"), '/'));
	}
	(void)fflush(stdout);
	while (getchar() != EOF)
		;
	return 0;
}

int main(int argc, char **argv)
{
	struct bmc_prepared image = { .task = 1 };
	struct bmc_error err = { 0 };
	struct stat st;
	int status;

	bmc_log_init(LOG_ERR);
	if (argc != 4)
		return EXIT_FAILURE;
	image.fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (image.fd < 0 || fstat(image.fd, &st) != 0)
		return EXIT_FAILURE;
	image.file.size = (uint64_t)st.st_size;
	status = start(argv[3], &err);
	if (status == 0)
		status = serve(&image, (size_t)atoi(argv[2]), &err);
	if (status < 0)
		(void)fprintf(stderr, "offer-fan: %s\n", err.what);
	http_stop();
	upd_offers_free(image.offers);
	upd_offers_done();
	return status < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
