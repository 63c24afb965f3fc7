/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/shell_charm.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"

struct juju_proc shelly;

void shell_charm_done(void)
{
	juju_proc_done(&shelly);
}

static const char metadata[] = "name: shelly\n"
			       "summary: A few lines of shell\n";

static const char config[] =
	"options:\n"
	"  channel: {type: string, default: latest/edge, description: Channel}\n"
	"  big: {type: int, default: 1000000}\n"
	"  ratio: {type: float, default: 0.5}\n"
	"  wanted: {type: boolean, default: true}\n"
	"  note: {type: string}\n";

static const char manifest[] = "bases:\n"
			       "- name: ubuntu\n"
			       "  channel: \"22.04\"\n"
			       "  architectures: [amd64]\n";

void shell_charm_file(const char *folder, const char *name, const char *text, unsigned int mode)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/%s", folder, name);
	FILE *file = fopen(path, "we");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(chmod(path, mode), 0);
}

static char *write_charm(const struct juju_proc *juju, const char *script, const char *peers)
{
	char *folder = alloc_textf("%s/charm", juju->dir);
	CLEANUP(cleanup_free) char *whole = alloc_textf("#!/bin/sh\n%s\n", script);
	CLEANUP(cleanup_free) char *about = alloc_textf("%s%s", metadata, peers);

	(void)mkdir(folder, 0755);
	shell_charm_file(folder, "metadata.yaml", about, 0644);
	shell_charm_file(folder, "config.yaml", config, 0644);
	shell_charm_file(folder, "manifest.yaml", manifest, 0644);
	shell_charm_file(folder, "dispatch", whole, 0755);
	return folder;
}

char *shell_charm(const struct juju_proc *juju, const char *script)
{
	return write_charm(juju, script, "");
}

char *shell_charm_peers(const struct juju_proc *juju, const char *script)
{
	return write_charm(juju, script, "peers:\n  cluster: {interface: cluster}\n");
}

void shell_charm_deployed(const char *script)
{
	CLEANUP(cleanup_free) char *folder = NULL;

	ck_assert_int_eq(setenv("SANDBOX_JUJU_RETRIES", "0", 1), 0);
	juju_proc_init(&shelly);
	folder = shell_charm(&shelly, script);
	ck_assert_int_eq(juju_call(&shelly, "deploy", folder), 0);
}

void shell_charm_hooks(const char *wanted)
{
	cJSON *shown = juju_show(&shelly, SHELLY);
	CLEANUP(cleanup_free) char *hooks = juju_show_hooks(shown);

	ck_assert_str_eq(hooks, wanted);
	cJSON_Delete(shown);
}

static char *charm_path(const struct juju_proc *juju, const char *name)
{
	return alloc_textf("%s/agents/unit-shelly-0/charm/%s", juju->dir, name);
}

void shell_charm_read(char ret[8192], const struct juju_proc *juju, const char *name)
{
	CLEANUP(cleanup_free) char *path = charm_path(juju, name);
	FILE *file = fopen(path, "re");
	size_t got;

	ck_assert_ptr_nonnull(file);
	got = fread(ret, 1, 8191, file);
	ret[got] = '\0';
	(void)fclose(file);
}

bool shell_charm_has(const struct juju_proc *juju, const char *name)
{
	CLEANUP(cleanup_free) char *path = charm_path(juju, name);

	return access(path, F_OK) == 0;
}
