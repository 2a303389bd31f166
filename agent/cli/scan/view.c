// SPDX-License-Identifier: Apache-2.0
// The list on a terminal: it searches at once and when asked to, and opens what is
// chosen in a browser.
#include "cli/scan/view.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "core/base/util.h"

#define IDLE_MS     60000
#define BROWSERS    16
#define LINES_ABOUT 5 /* of the screen that are no device */

extern char **environ;

static struct {
	const struct scan_command *c;
	enum scan_language language;
	struct scan *scan;     /* NULL: none is under way */
	struct scan_list last; /* of the last one that ended */
	size_t chosen, first;  /* of the list; first line on the screen */
	bool ends;
	pid_t browsers[BROWSERS]; /* that were started; 0: none */
	struct termios was;
} view;

static volatile sig_atomic_t signalled;

static void on_signal(int number)
{
	signalled = number;
}

static const struct scan_list *shown(void)
{
	return view.scan && !view.last.n ? scan_found(view.scan) : &view.last;
}

/* ---- the screen ---- */

static size_t rows(void)
{
	struct winsize size = { .ws_row = 0 };

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_row)
		size.ws_row = 24;
	return size.ws_row > LINES_ABOUT ? size.ws_row - LINES_ABOUT : 1;
}

static void follow_choice(size_t n)
{
	size_t room = rows();

	view.chosen = n ? MIN(view.chosen, n - 1) : 0;
	if (view.chosen < view.first)
		view.first = view.chosen;
	if (view.chosen >= view.first + room)
		view.first = view.chosen - room + 1;
}

static void draw_list(const struct scan_list *l)
{
	struct scan_columns columns;

	scan_columns_of(l, view.language, &columns);
	(void)fputs("\033[1m", stdout);
	scan_write_line(stdout, &columns, NULL, 0, view.language);
	(void)fputs("\033[0m\033[K\r\n", stdout);
	for (size_t i = view.first; i < l->n && i < view.first + rows(); i++) {
		(void)fputs(i == view.chosen ? "\033[7m" : "", stdout);
		scan_write_line(stdout, &columns, &l->devices[i], i + 1, view.language);
		(void)fputs("\033[0m\033[K\r\n", stdout);
	}
}

static void draw(void)
{
	const struct scan_list *l = shown();

	follow_choice(l->n);
	(void)printf("\033[H%s: %zu", scan_word(view.language, SCAN_TOTAL),
		     scan_list_answering(l));
	if (view.scan)
		(void)printf("  %s", scan_word(view.language, SCAN_SEARCHING));
	(void)fputs("\033[K\r\n\033[K\r\n", stdout);
	if (l->n)
		draw_list(l);
	else if (!view.scan)
		(void)printf("%s\033[K\r\n%s\033[K\r\n",
			     scan_word(view.language, SCAN_NONE),
			     scan_word(view.language, SCAN_HINT));
	(void)printf("\033[K\r\n%s\033[K\033[J", scan_word(view.language, SCAN_KEYS));
	(void)fflush(stdout);
}

/* Without the terminal's line editing, on the other screen, with lines cut at its edge.
 */
static bool enter(void)
{
	struct sigaction act = { .sa_handler = on_signal };
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &view.was) < 0)
		return false;
	raw = view.was;
	raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO | ISIG);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	(void)sigaction(SIGTERM, &act, NULL);
	(void)sigaction(SIGHUP, &act, NULL);
	(void)sigaction(SIGWINCH, &act, NULL);
	(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	(void)fputs("\033[?1049h\033[?25l\033[?7l\033[2J", stdout);
	return true;
}

static void leave(void)
{
	(void)fputs("\033[?7h\033[?25h\033[?1049l", stdout);
	(void)fflush(stdout);
	(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &view.was);
}

/* ---- what keys do ---- */

static void reap(void)
{
	for (size_t i = 0; i < BROWSERS; i++) {
		if (view.browsers[i] && waitpid(view.browsers[i], NULL, WNOHANG) != 0)
			view.browsers[i] = 0;
	}
}

/* The URL is an address and a port: no text of the network's. */
static void open_chosen(void)
{
	const struct scan_list *l = shown();
	char url[SCAN_URL_MAX];
	const char *const words[] = { "xdg-open", url, NULL };
	posix_spawn_file_actions_t actions;
	size_t i = 0;

	reap();
	while (i < BROWSERS && view.browsers[i])
		i++;
	if (view.chosen >= l->n || i == BROWSERS ||
	    posix_spawn_file_actions_init(&actions))
		return;
	scan_device_url(&l->devices[view.chosen], url);
	(void)posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&actions, 1, 2);
	if (posix_spawnp(&view.browsers[i], words[0], &actions, NULL,
			 (char **)(uintptr_t)words, environ))
		view.browsers[i] = 0;
	(void)posix_spawn_file_actions_destroy(&actions);
}

static void move(int by)
{
	size_t n = shown()->n;

	if (by < 0)
		view.chosen -= MIN(view.chosen, (size_t)-by);
	else
		view.chosen = MIN(view.chosen + (size_t)by, n ? n - 1 : 0);
}

static void refresh(void)
{
	if (!view.scan)
		view.scan = scan_new(&view.c->scan);
}

static void on_key(int key)
{
	switch (key) {
	case 'r':
	case 'R':
		refresh();
		break;
	case 'l':
		view.language = (view.language + 1) % SCAN_LANGUAGES;
		break;
	case '\r':
	case '\n':
	case 'o':
		open_chosen();
		break;
	case 'k':
		move(-1);
		break;
	case 'j':
		move(1);
		break;
	case 'q':
	case 3: /* ^C */
	case 4:
		view.ends = true;
		break;
	default:
		break;
	}
}

/* The arrows, as terminals write them in both modes: ESC [ A or ESC O A. */
static int arrow(const char *at, ssize_t n)
{
	if (n < 3 || at[0] != '\033' || (at[1] != '[' && at[1] != 'O'))
		return 0;
	return at[2] == 'A' ? 'k' : at[2] == 'B' ? 'j' : ' ';
}

static void read_keys(void)
{
	char keys[64];
	ssize_t n = read(STDIN_FILENO, keys, sizeof(keys));

	for (ssize_t i = 0; i < n; i++) {
		int is = arrow(keys + i, n - i);
		on_key(is ? is : keys[i]);
		i += is ? 2 : 0;
	}
}

/* ---- life ---- */

static void end_scan(void)
{
	struct scan_list found = { NULL, 0 };

	if (scan_list_copy(&found, scan_found(view.scan))) {
		scan_list_free(&view.last);
		view.last = found;
	}
	scan_free(view.scan);
	view.scan = NULL;
}

/* The terminal is gone: a read that says so at once, for ever. */
static bool hung_up(void)
{
	return signalled == SIGHUP || signalled == SIGTERM;
}

static void wait_for_key(void)
{
	fd_set in;
	struct timeval most = { IDLE_MS / 1000, 0 };

	FD_ZERO(&in);
	FD_SET(STDIN_FILENO, &in);
	(void)select(STDIN_FILENO + 1, &in, NULL, NULL, &most);
}

int scan_view(const struct scan_command *c)
{
	view.c = c;
	view.language = c->language;
	if (!enter())
		return SCAN_EXIT_FAILED;
	refresh();
	while (!view.ends && !hung_up()) {
		draw();
		if (!view.scan)
			wait_for_key();
		else if (!scan_step(view.scan, STDIN_FILENO, 500))
			end_scan();
		reap();
		read_keys();
	}
	leave();
	scan_free(view.scan);
	scan_list_free(&view.last);
	return SCAN_EXIT_OK;
}
