# SPDX-License-Identifier: Apache-2.0
#
# The charm killed at every system call, a part of Makefile.am; %D% is this folder.

# crash runs the charm in cut, with witness before its status-set.
sandbox_programs += %D%/crash %D%/cut %D%/witness
crash_sources = \
	%D%/ctl.c %D%/ctl.h \
	%D%/told.c %D%/told.h \
	%D%/tree.c %D%/tree.h
tests_crash_witness_SOURCES = %D%/witness.c $(crash_sources)
tests_crash_witness_LDADD = $(STORE_LIBS) $(CJSON_LIBS)
tests_crash_crash_SOURCES = $(crash_sources) \
	%D%/crash.c \
	%D%/judge.c %D%/judge.h \
	%D%/look.c \
	%D%/old.c %D%/old.h \
	%D%/plan.c %D%/plan.h \
	%D%/seen.c %D%/seen.h \
	%D%/scenario.c %D%/scenario.h \
	%D%/schedule.c %D%/schedule.h \
	%D%/waker.c %D%/waker.h \
	%D%/world.c %D%/world.h
tests_crash_crash_LDADD = tests/sandbox/libsandbox.a $(STORE_LIBS) $(CJSON_LIBS)

# Killed at every boundary that leaves something, the charm ends where it would have ended; --help
# tells of more. The singles are all boundaries, with all that Juju can do then: half an hour. The
# long form adds every fault of a request and every pair of kills: two hours.
check-crash: check-programs
	@%D%/crash $(CRASH_OPTIONS)

check-crash-singles: check-programs
	@%D%/crash --singles $(CRASH_OPTIONS)

check-crash-long: check-programs
	@%D%/crash --long $(CRASH_OPTIONS)
.PHONY: check-crash check-crash-singles check-crash-long
