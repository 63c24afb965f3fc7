# SPDX-License-Identifier: Apache-2.0
#
# The fuzz targets, a part of Makefile.am: the rooms once more, built by a clang with libFuzzer,
# whatever CC is. Not for check.

FUZZ_CC = clang
FUZZ_SECONDS = 600
FUZZ_CFLAGS = -std=gnu17 -g -O1 -fno-omit-frame-pointer -fno-sanitize-recover=all \
	-fsanitize=address,undefined
fuzz_targets = bag channel option resource snapd text state hook
fuzz_objects = $(patsubst %.c,tests/fuzz/objects/%.o, \
	$(filter %.c,$(room_sources)) tests/fuzz/fuzz.c)
fuzz_headers = $(filter %.h,$(room_sources)) tests/fuzz/fuzz.h tests/fuzz/hook_world.h
fuzz_compile = $(FUZZ_CC) $(DEFS) $(AM_CPPFLAGS) $(FUZZ_CFLAGS)
EXTRA_DIST += tests/fuzz/fuzz.c tests/fuzz/fuzz.h tests/fuzz/fuzz_bag.c tests/fuzz/fuzz_channel.c \
	tests/fuzz/fuzz_hook.c tests/fuzz/fuzz_option.c tests/fuzz/fuzz_resource.c \
	tests/fuzz/fuzz_snapd.c \
	tests/fuzz/fuzz_state.c tests/fuzz/fuzz_text.c tests/fuzz/hook_world.c \
	tests/fuzz/hook_world.h tests/fuzz/run.sh tests/fuzz/seeds.py tests/fuzz/channel.dict \
	tests/fuzz/hook.dict tests/fuzz/snapd.dict tests/fuzz/state.dict tests/fuzz/seeds

tests/fuzz/objects/%.o: %.c $(fuzz_headers)
	$(AM_V_at)$(MKDIR_P) $(@D)
	$(AM_V_CC)$(fuzz_compile) -fsanitize=fuzzer-no-link -c -o $@ $<

tests/fuzz/fuzz.a: $(fuzz_objects)
	$(AM_V_at)rm -f $@
	$(AM_V_AR)$(AR) $(ARFLAGS) $@ $(fuzz_objects)

tests/fuzz/fuzz_hook: tests/fuzz/hook_world.c
tests/fuzz/fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/fuzz.a
	$(AM_V_CCLD)$(fuzz_compile) -fsanitize=fuzzer -o $@ $(filter %.c,$^) tests/fuzz/fuzz.a \
		$(SQLITE_LIBS) $(CJSON_LIBS) $(CURL_LIBS)

# Builds the targets where that is possible; run.sh says so where it is not.
fuzz-programs:
	@$(MKDIR_P) tests/fuzz; if echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' | \
		$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer -x c -o tests/fuzz/probe - 2>/dev/null; then \
		$(MAKE) $(AM_MAKEFLAGS) $(fuzz_targets:%=tests/fuzz/fuzz_%); \
	else rm -f tests/fuzz/fuzz.a; fi

# About 12 seconds of each target, always in the same order, so that a change is to blame for what is
# found; and as long as you like, in another order each time.
fuzz-smoke: fuzz-programs
	@$(AM_TESTS_ENVIRONMENT) FUZZ_CC='$(FUZZ_CC)' FUZZ_SEED=1 \
		$(srcdir)/tests/fuzz/run.sh 12 $(fuzz_targets)
fuzz: fuzz-programs
	@$(AM_TESTS_ENVIRONMENT) FUZZ_CC='$(FUZZ_CC)' $(srcdir)/tests/fuzz/run.sh \
		'$(FUZZ_SECONDS)' $(fuzz_targets)
.PHONY: fuzz fuzz-programs fuzz-smoke

# What fuzzing found stays.
mostlyclean-local:
	rm -rf tests/fuzz/objects tests/fuzz/fuzz.a tests/fuzz/probe $(fuzz_targets:%=tests/fuzz/fuzz_%)
distclean-local: distclean-fuzz
distclean-fuzz:
	rm -rf tests/fuzz/corpus tests/fuzz/found tests/fuzz/recorded $(fuzz_targets:%=tests/fuzz/%.log)
.PHONY: distclean-fuzz
