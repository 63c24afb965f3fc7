# SPDX-License-Identifier: Apache-2.0
#
# The stand-ins for Juju and snapd, a part of Makefile.am; %D% is this folder.

# What the stand-ins share with one another and with whoever starts them. A program takes out of the
# archive what it calls: sandbox-juju-tool, which a hook starts often, has none of the commands.
check_libraries = %D%/libsandbox.a
tests_sandbox_libsandbox_a_SOURCES = \
	%D%/clock.c %D%/clock.h \
	%D%/juju_actions.c %D%/juju_actions.h \
	%D%/juju_archive.c %D%/juju_archive.h \
	%D%/juju_bags.c %D%/juju_bags.h \
	%D%/juju_charm.c %D%/juju_charm.h \
	%D%/juju_client.c \
	%D%/juju_commands.c %D%/juju_commands.h \
	%D%/juju_config.c \
	%D%/juju_deploy.c %D%/juju_env.c %D%/juju_exec.c \
	%D%/juju_fault.c %D%/juju_fault.h \
	%D%/juju_files.c %D%/juju_files.h \
	%D%/juju_flags.c %D%/juju_flags.h \
	%D%/juju_follow.c \
	%D%/juju_hook.c %D%/juju_hook.h \
	%D%/juju_json.c %D%/juju_json.h \
	%D%/juju_like.c %D%/juju_like.h \
	%D%/juju_links.c \
	%D%/juju_log.c %D%/juju_log.h \
	%D%/juju_machine_commands.c \
	%D%/juju_model.c %D%/juju_model.h \
	%D%/juju_ports.c %D%/juju_ports.h \
	%D%/juju_print.c \
	%D%/juju_proc.c %D%/juju_proc.h \
	%D%/juju_relations.c \
	%D%/juju_resources.c \
	%D%/juju_settings.c %D%/juju_settings.h \
	%D%/juju_show.c %D%/juju_spawn.c %D%/juju_status.c \
	%D%/juju_time.c %D%/juju_time.h \
	%D%/juju_tools.c %D%/juju_tools.h \
	%D%/juju_tools_action.c %D%/juju_tools_config.c \
	%D%/juju_tools_ports.c %D%/juju_tools_relation.c %D%/juju_tools_resource.c \
	%D%/juju_tools_services.c %D%/juju_tools_status.c \
	%D%/juju_unit_commands.c \
	%D%/juju_uniter.c %D%/juju_uniter.h \
	%D%/juju_view.c %D%/juju_view.h \
	%D%/juju_yaml.c \
	%D%/snap_files.c %D%/snap_files.h \
	%D%/snapd_port.c %D%/snapd_port.h \
	%D%/snapd_proc.c %D%/snapd_proc.h
SANDBOX_LIBS = %D%/libsandbox.a $(BASE_LIBS) $(CJSON_LIBS) $(CURL_LIBS)

# Juju: the commands, and the hook tools once more in a program that starts faster.
sandbox_programs = %D%/sandbox-juju %D%/sandbox-juju-tool %D%/sandbox-juju-unpack
tests_sandbox_sandbox_juju_SOURCES = %D%/juju_main.c
tests_sandbox_sandbox_juju_LDADD = $(SANDBOX_LIBS) $(YAML_LIBS) -lm
tests_sandbox_sandbox_juju_unpack_SOURCES = %D%/juju_unpack_main.c
tests_sandbox_sandbox_juju_unpack_LDADD = $(BASE_LIBS) $(ARCHIVE_LIBS)
tests_sandbox_sandbox_juju_tool_SOURCES = %D%/juju_tool_main.c
tests_sandbox_sandbox_juju_tool_LDADD = $(SANDBOX_LIBS) -lm

# snapd, a script. This is what runs it, with what Python compiles in the build folder.
sandbox_snapd = %D%/sandbox-snapd
CLEANFILES += $(sandbox_snapd)
EXTRA_DIST += %D%/snapd/sandbox-snapd %D%/snapd/answer.py %D%/snapd/api.py \
	%D%/snapd/assertions.py %D%/snapd/call.py %D%/snapd/changes.py %D%/snapd/control.py \
	%D%/snapd/data.py %D%/snapd/effects.py %D%/snapd/find.py %D%/snapd/form.py %D%/snapd/ops.py \
	%D%/snapd/pack.py %D%/snapd/plan.py %D%/snapd/render.py %D%/snapd/server.py \
	%D%/snapd/sideload.py %D%/snapd/state.py %D%/snapd/units.py %D%/snapd/workload.py

$(sandbox_snapd): Makefile
	$(AM_V_at)$(MKDIR_P) $(@D)
	$(AM_V_GEN)printf '#!/bin/sh\nexec "%s" -ES -X pycache_prefix="%s" "%s" "$$@"\n' \
		"$$($(PYTHON) -c 'import sys; print(sys.executable)')" '$(abs_top_builddir)/tests/compiled' \
		'$(abs_top_srcdir)/tests/sandbox/snapd/sandbox-snapd' >$@ && chmod +x $@

# Shared objects for LD_PRELOAD: the clock that a test turns, and memory that runs out. Each is
# compiled in one go, since it needs objects of its own.
sandbox_clock = %D%/sandbox-clock.so
sandbox_clock_sources = %D%/preload_clock.c %D%/clock.c base/error.c
fail_malloc = tests/fail_malloc.so
EXTRA_DIST += %D%/preload_clock.c tests/fail_malloc.c
CLEANFILES += $(sandbox_clock) $(fail_malloc)
preload_link = $(CC) $(DEFS) $(AM_CPPFLAGS) $(CPPFLAGS) $(CLOCK_CFLAGS) $(CFLAGS) $(LDFLAGS) \
	-fPIC -fvisibility=hidden -shared -Wl,-z,defs -o $@ $(filter %.c,$^)

$(sandbox_clock): $(sandbox_clock_sources) %D%/clock.h base/error.h base/cleanup.h Makefile
	$(AM_V_at)$(MKDIR_P) $(@D)
	$(AM_V_CCLD)$(preload_link)

$(fail_malloc): tests/fail_malloc.c Makefile
	$(AM_V_at)$(MKDIR_P) $(@D)
	$(AM_V_CCLD)$(preload_link)
