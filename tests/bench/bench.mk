# SPDX-License-Identifier: Apache-2.0
#
# What one dispatch does and costs, a part of Makefile.am; %D% is this folder.

# The hook tool that is called here has nothing in it that takes time.
sandbox_programs += %D%/tool
tests_bench_tool_CFLAGS = $(CLOCK_CFLAGS)
tests_bench_tool_LDFLAGS = -static
tests_bench_tool_LDADD =
bench_stage = %D%/stage.c %D%/stage.h %D%/trace.c %D%/trace.h
check_tests += tests/test_budget
tests_test_budget_SOURCES = tests/test_budget.c $(bench_stage)
EXTRA_PROGRAMS = %D%/bench %D%/floor
tests_bench_bench_SOURCES = %D%/bench.c %D%/measure.c %D%/measure.h $(bench_stage)
tests_bench_bench_LDADD = $(SANDBOX_LIBS) $(SQLITE_LIBS)
tests_bench_floor_SOURCES = %D%/floor.c
if STATIC_LIBRARIES
tests_bench_floor_SOURCES += hooks/resolver.c
endif
tests_bench_floor_LDADD = $(CURL_LIBS) $(CJSON_LIBS) $(SQLITE_LIBS)
EXTRA_DIST += %D%/run docs/performance.md

# What a dispatch costs beside the least that does the same; after make charm, of the shipped
# program.
BENCH_ROUNDS = 200
bench: check-programs %D%/bench
	@$(SANDBOX_ENVIRONMENT) MAKE='$(MAKE)' $(srcdir)/%D%/run $(BENCH_ROUNDS)
.PHONY: bench
