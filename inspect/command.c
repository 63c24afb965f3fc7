/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command `state`: what it was asked for, and the exit status. May run while a hook does.
 */

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "fsm/diagram.h"
#include "inspect/inspect.h"

static const char help[] =
	"usage: state [show] [-n N] [--format text|json]\n"
	"       state history [-n N] [--format text|json]\n"
	"       state check\n"
	"       state diagram\n"
	"       state --help | --version\n"
	"\n"
	"Shows what this unit of the microsample-vm charm remembers, from state.db beside it.\n"
	"\n"
	"  show      state, channel, reason, snap, operation in flight, next try, what Juju was\n"
	"            told, database, and the journal's last rows (default)\n"
	"  history   the journal, oldest first: all 1,000 rows that are kept, or the last N\n"
	"  check     the database's integrity\n"
	"  diagram   the state machine for Graphviz, the current state marked:\n"
	"            ./state diagram | dot -Tsvg > machine.svg\n"
	"\n"
	"Exit status: 0 fine, 1 trouble (no database yet, or a damaged one), 2 usage.\n";

struct options {
	const char *command;
	size_t rows; /* 0: the command's own number */
	bool json;
};

static int usage(const char *what, const char *which)
{
	char shown[64];

	text_ascii(shown, sizeof shown, which);
	(void)fprintf(stderr, "state: %s%s%s%s (see: state --help)\n", what, *shown ? " '" : "",
		shown, *shown ? "'" : "");
	return 2;
}

static int trouble(const struct error *err)
{
	char line[sizeof err->text];

	text_ascii(line, sizeof line, err->text);
	(void)fprintf(stderr, "state: %s\n", line);
	return 1;
}

/* Standard output may be a full disk or a reader that left: what was not shown is no success. */
static int finish(int outcome)
{
	if (fflush(stdout) != 0 || ferror(stdout)) {
		(void)fprintf(stderr, "state: standard output: %s\n", strerror(errno));
		return 1;
	}
	return outcome;
}

/* The folder of the program: the charm's, whatever the working folder is. */
static int find_directory(char *ret, size_t size, struct error *err)
{
	ssize_t length = readlink("/proc/self/exe", ret, size - 1);

	if (length < 0)
		return error_system(err, errno, "/proc/self/exe");
	ret[length] = '\0';
	*strrchr(ret, '/') = '\0';
	return 0;
}

static void show_problem(const char *line, void *context)
{
	(void)context;
	(void)fputs("problem: ", stdout);
	inspect_put(stdout, line);
	(void)putchar('\n');
}

static int check(struct inspect_view *view)
{
	struct error err = { 0 };

	if (store_check(view->store, show_problem, NULL, &view->problems, &err) < 0)
		return trouble(&err);
	if (view->problems == 0)
		(void)printf(
			"sound: schema %d, journal without gaps, every name known\n", view->schema);
	return view->problems ? 1 : 0;
}

static int show(struct inspect_view *view, const struct options *options)
{
	bool history = strcmp(options->command, "history") == 0;
	struct error err = { 0 };
	int outcome;

	if (inspect_choose(view, history, options->rows, &err) < 0)
		return trouble(&err);
	if (history)
		outcome = options->json ? inspect_history_json(view, stdout, &err)
					: inspect_history_text(view, stdout, &err);
	else
		outcome = options->json ? inspect_show_json(view, stdout, &err)
					: inspect_show_text(view, stdout, &err);
	if (outcome < 0)
		return trouble(&err);
	return view->problems ? 1 : 0;
}

static void put_diagram(const char *text, void *context)
{
	(void)fputs(text, context);
}

static int run(const struct options *options)
{
	char directory[PATH_MAX];
	struct inspect_view view = { 0 };
	bool diagram = strcmp(options->command, "diagram") == 0;
	struct error err = { 0 };
	int outcome;

	if (find_directory(directory, sizeof directory, &err) < 0)
		return trouble(&err);
	if (inspect_open(directory, &view, &err) < 0) {
		if (!diagram)
			return trouble(&err);
		fsm_diagram(FSM_STATE_COUNT, put_diagram, stdout);
		return 0;
	}
	if (diagram) {
		fsm_diagram(view.record.state, put_diagram, stdout);
		outcome = 0;
	} else {
		outcome = strcmp(options->command, "check") == 0 ? check(&view)
								 : show(&view, options);
	}
	inspect_close(&view);
	return outcome;
}

static int show_version(const struct inspect_library *libraries)
{
	(void)printf("microsample-vm %s\nSQLite %s\n", MICROSAMPLE_VERSION, store_library());
	for (; libraries->name; libraries++)
		(void)printf("%s %s\n", libraries->name, libraries->version);
	return 0;
}

static int read_rows(const char *value, size_t *ret)
{
	long long rows = text_number(value);

	if (rows < 1 || rows > STORE_JOURNAL_MAX)
		return -1;
	*ret = (size_t)rows;
	return 0;
}

/* These have one form only. */
static bool is_plain(const char *command)
{
	return strcmp(command, "check") == 0 || strcmp(command, "diagram") == 0;
}

static bool is_command(const char *word)
{
	static const char *const commands[] = { "show", "history", "check", "diagram" };

	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (strcmp(commands[i], word) == 0)
			return true;
	return false;
}

/* An option's value: after `=` or the next word; NULL when there is none. */
static const char *value_of(int argc, char **argv, int *at, const char *name)
{
	size_t length = strlen(name);

	if (strncmp(argv[*at], name, length) != 0)
		return NULL;
	if (argv[*at][length] == '=')
		return argv[*at] + length + 1;
	if (argv[*at][length] != '\0')
		return NULL;
	return *at + 1 < argc ? argv[++*at] : "";
}

int state_command(int argc, char **argv, const struct inspect_library *libraries)
{
	struct options options = { .command = "show" };
	bool named = false;

	for (int i = 1; i < argc; i++) {
		const char *value;

		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			(void)fputs(help, stdout);
			return finish(0);
		}
		if (strcmp(argv[i], "--version") == 0)
			return finish(show_version(libraries));
		if ((value = value_of(argc, argv, &i, "-n"))) {
			if (read_rows(value, &options.rows) < 0)
				return usage("-n takes a number from 1 to 1000, not", value);
		} else if ((value = value_of(argc, argv, &i, "--format"))) {
			options.json = strcmp(value, "json") == 0;
			if (!options.json && strcmp(value, "text") != 0)
				return usage("--format takes text or json, not", value);
		} else if (!named && is_command(argv[i])) {
			options.command = argv[i];
			named = true;
		} else {
			return usage("unknown word", argv[i]);
		}
	}
	if (is_plain(options.command) && (options.json || options.rows))
		return usage("neither -n nor --format goes with", options.command);
	return finish(run(&options));
}
