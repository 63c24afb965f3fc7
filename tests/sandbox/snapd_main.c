/* SPDX-License-Identifier: Apache-2.0 */
#include <curl/curl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "tests/sandbox/snapd_ctl.h"
#include "tests/sandbox/snapd_http.h"
#include "tests/sandbox/snapd_save.h"

static const char usage[] =
	"sandbox-snapd serve --socket PATH [--state FILE] [--like 2.68|2.77] [--store FILE.json]\n"
	"                    [--clock FILE] [--manual] [--task-ms N]\n"
	"sandbox-snapd ctl --socket PATH '{\"do\":\"...\"}'\n";

enum {
	DEFAULT_TASK_MS = 40
};

struct options {
	const char *socket, *state, *like, *store, *clock, *task_ms;
	bool manual;
};

static int complain(const char *text)
{
	(void)fprintf(stderr, "sandbox-snapd: %s\n", text);
	return 2;
}

static int read_options(int argc, char **argv, struct options *ret)
{
	static const struct option known[] = { { "socket", required_argument, NULL, 's' },
		{ "state", required_argument, NULL, 'f' }, { "like", required_argument, NULL, 'l' },
		{ "store", required_argument, NULL, 'r' },
		{ "clock", required_argument, NULL, 'c' },
		{ "task-ms", required_argument, NULL, 't' }, { "manual", no_argument, NULL, 'm' },
		{ NULL, 0, NULL, 0 } };
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 's':
			ret->socket = optarg;
			break;
		case 'f':
			ret->state = optarg;
			break;
		case 'l':
			ret->like = optarg;
			break;
		case 'r':
			ret->store = optarg;
			break;
		case 'c':
			ret->clock = optarg;
			break;
		case 't':
			ret->task_ms = optarg;
			break;
		case 'm':
			ret->manual = true;
			break;
		default:
			return -1;
		}
	}
	return 0;
}

static cJSON *read_store(const char *path)
{
	CLEANUP(buf_done) struct buf text;
	char part[4096];
	size_t size;
	FILE *file = fopen(path, "re");

	buf_init(&text, (size_t)1 << 20);
	if (!file)
		return NULL;
	while ((size = fread(part, 1, sizeof part, file)) > 0)
		(void)buf_add(&text, part, size);
	(void)fclose(file);
	return cJSON_Parse(buf_text(&text));
}

static int set_up(struct sim *sim, const struct options *options, struct error *err)
{
	sim->file = options->state;
	sim->newer = options->like && strcmp(options->like, "2.77") == 0;
	sim->usual_task_ms = options->task_ms ? text_number(options->task_ms) : DEFAULT_TASK_MS;
	if (sim->usual_task_ms < 0)
		return error_set(err, ERROR_FORMAT, "--task-ms: no number");
	if (options->like && !sim->newer && strcmp(options->like, "2.68") != 0)
		return error_set(err, ERROR_FORMAT, "--like 2.68 or 2.77");
	if (options->clock && !(sim->clock = sandbox_clock_open(options->clock, err)))
		return -1;
	if (options->store) {
		sim->store_file = read_store(options->store);
		if (!sim->store_file)
			return error_set(err, ERROR_FORMAT, "%s: no JSON", options->store);
	}
	sim_reset(sim);
	sim->manual = options->manual;
	return sim_load(sim, err);
}

static int serve(const struct options *options)
{
	struct sim *sim = alloc_new(1, sizeof *sim);
	struct error err = { .kind = ERROR_NONE };
	int result = set_up(sim, options, &err);

	if (result == 0)
		result = sim_serve(sim, options->socket, &err);
	sim_done(sim);
	cJSON_Delete(sim->store_file);
	sandbox_clock_close(sim->clock);
	free(sim);
	return result < 0 ? complain(err.text) : 0;
}

static int ctl(const struct options *options, const char *command)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s.ctl", options->socket);
	CURL *curl = curl_easy_init();
	long status = 0;
	CURLcode code;

	(void)curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, path);
	(void)curl_easy_setopt(curl, CURLOPT_URL, "http://localhost/");
	(void)curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, command);
	code = curl_easy_perform(curl);
	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(curl);
	if (code != CURLE_OK)
		return complain(curl_easy_strerror(code));
	(void)putchar('\n');
	return status == 200 ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct options options = { .socket = NULL };

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		(void)fputs(usage, stdout);
		(void)fputs(sim_ctl_help, stdout);
		return 0;
	}
	if (argc < 2 || read_options(argc - 1, argv + 1, &options) < 0 || !options.socket)
		return complain("see --help");
	optind++;
	if (strcmp(argv[1], "serve") == 0 && optind == argc)
		return serve(&options);
	if (strcmp(argv[1], "ctl") == 0 && optind + 1 == argc)
		return ctl(&options, argv[optind]);
	return complain("see --help");
}
