# SPDX-License-Identifier: Apache-2.0
#
# The tests, a part of Makefile.am.
#
# A test: add its name to check_tests. It is made of the source of its name and linked with the kit,
# which has no room in it but base: a test that calls another room has a line that says so.

check_libraries += tests/libkit.a
tests_libkit_a_SOURCES = \
	tests/canned.c tests/canned.h \
	tests/charm.c tests/charm.h \
	tests/fleet_kit.c tests/fleet_kit.h \
	tests/fsm_kit.h tests/probation_kit.h tests/going_back_kit.h tests/rollout_kit.h \
	tests/hostile_kit.c tests/hostile_kit.h tests/hold_kit.c tests/hold_kit.h \
	tests/sandbox_snapd_kit.c tests/sandbox_snapd_kit.h \
	tests/shell_charm.c tests/shell_charm.h \
	tests/snapd_kit.h \
	tests/store_kit.c tests/store_kit.h \
	tests/suite.h \
	tests/tar_kit.c tests/tar_kit.h
KIT_LIBS = tests/libkit.a $(SANDBOX_LIBS) $(SQLITE_LIBS) $(CHECK_LIBS)
LDADD = $(KIT_LIBS)

# The rooms, each with what it may use.
check_tests = tests/test_base tests/test_channel

fsm_tests = tests/test_fsm tests/test_rules tests/test_request tests/test_failure \
	tests/test_patience tests/test_turn tests/test_leave tests/test_owner tests/test_hold tests/test_release \
	tests/test_pin tests/test_resource tests/test_order tests/test_hindrance \
	tests/test_probation tests/test_rollback tests/test_refused \
	tests/test_bag tests/test_stand tests/test_ticket tests/test_rollout \
	tests/test_shared \
	tests/test_look tests/test_due tests/test_port tests/test_status tests/test_columns tests/test_diagram
check_tests += $(fsm_tests)
tests_test_fsm_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_rules_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_request_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_failure_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_patience_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_turn_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_leave_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_owner_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_hold_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_release_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_pin_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_resource_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_order_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_hindrance_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_probation_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_rollback_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_refused_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_bag_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_stand_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_ticket_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_rollout_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_shared_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_look_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_due_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_port_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_status_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_columns_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_diagram_LDADD = $(FSM_LIBS) $(CHECK_LIBS)
tests_test_retries_LDADD = $(KIT_LIBS) $(FSM_LIBS)

check_tests += tests/test_store tests/test_store_damage tests/test_store_durable \
	tests/test_store_files tests/test_store_inspect tests/test_store_locks tests/test_store_migrate \
	tests/test_store_faults tests/test_store_any tests/test_register
STORE_TEST_LIBS = tests/libkit.a $(STORE_LIBS) $(CHECK_LIBS)
tests_test_store_LDADD = $(STORE_TEST_LIBS)
tests_test_store_damage_LDADD = $(STORE_TEST_LIBS)
tests_test_store_durable_LDADD = $(STORE_TEST_LIBS)
tests_test_store_files_LDADD = $(STORE_TEST_LIBS)
tests_test_store_inspect_LDADD = $(STORE_TEST_LIBS)
tests_test_store_locks_LDADD = $(STORE_TEST_LIBS)
tests_test_store_migrate_LDADD = $(STORE_TEST_LIBS)
tests_test_store_faults_SOURCES = tests/test_store_faults.c tests/fault_vfs.c tests/fault_vfs.h
tests_test_store_faults_LDADD = $(STORE_TEST_LIBS)
tests_test_store_any_LDADD = $(STORE_TEST_LIBS)
tests_test_register_LDADD = $(STORE_TEST_LIBS)

check_tests += tests/test_snapd tests/test_snapd_change tests/test_snapd_find \
	tests/test_snapd_http tests/test_snapd_orders tests/test_snapd_post \
	tests/test_snapd_releases tests/test_snapd_sideload tests/test_snapd_standin
tests_test_snapd_LDADD = tests/libkit.a $(SNAPD_LIBS) $(CHECK_LIBS)
tests_test_snapd_change_LDADD = tests/libkit.a $(SNAPD_LIBS) $(CHECK_LIBS)
tests_test_snapd_find_LDADD = tests/libkit.a $(SNAPD_LIBS) $(CHECK_LIBS)
tests_test_snapd_http_LDADD = tests/libkit.a $(SNAPD_LIBS) $(CHECK_LIBS)
tests_test_snapd_orders_LDADD = libsnapd.a $(KIT_LIBS)
tests_test_snapd_post_LDADD = tests/libkit.a $(SNAPD_LIBS) $(CHECK_LIBS)
tests_test_snapd_releases_LDADD = tests/libkit.a $(SNAPD_LIBS) $(CHECK_LIBS)
tests_test_snapd_sideload_LDADD = tests/libkit.a $(SNAPD_LIBS) $(CHECK_LIBS)
tests_test_snapd_standin_LDADD = libsnapd.a $(KIT_LIBS)

# From snapd's answer to the status.
check_tests += tests/test_cause
tests_test_cause_SOURCES = tests/test_cause.c tests/causes.h
tests_test_cause_LDADD = tests/libkit.a libfsm.a $(SNAPD_LIBS) $(CHECK_LIBS)

check_tests += tests/test_tool tests/test_option tests/test_relation tests/test_parameter tests/test_inspect tests/test_results
tests_test_tool_LDADD = $(JUJU_LIBS) $(CHECK_LIBS)
tests_test_option_LDADD = $(JUJU_LIBS) $(CHECK_LIBS)
tests_test_relation_LDADD = $(JUJU_LIBS) $(CHECK_LIBS)
tests_test_parameter_LDADD = $(JUJU_LIBS) $(CHECK_LIBS)
tests_test_inspect_LDADD = $(INSPECT_LIBS) $(CHECK_LIBS)
tests_test_results_LDADD = tests/libkit.a $(INSPECT_LIBS) $(CHECK_LIBS)

check_tests += tests/test_marker tests/test_probe
tests_test_probe_LDADD = libworkload.a tests/libkit.a $(BASE_LIBS) $(CURL_LIBS) $(CHECK_LIBS)
tests_test_marker_LDADD = libworkload.a $(BASE_LIBS) $(CHECK_LIBS)

check_tests += tests/test_tar tests/test_assertion tests/test_snaps
tests_test_tar_LDADD = tests/libkit.a $(RESOURCE_LIBS) $(ARCHIVE_LIBS) $(CHECK_LIBS)
tests_test_assertion_LDADD = $(RESOURCE_LIBS) $(CHECK_LIBS)
tests_test_snaps_LDADD = tests/libkit.a $(RESOURCE_LIBS) $(CHECK_LIBS)

check_tests += tests/test_log
tests_test_log_LDADD = $(HOOKS_LIBS) $(CHECK_LIBS)

# The stand-ins.
check_tests += tests/test_sandbox_juju tests/test_sandbox_juju_actions tests/test_sandbox_juju_like \
	tests/test_sandbox_juju_relations \
	tests/test_sandbox_juju_resources tests/test_sandbox_juju_tools tests/test_sandbox_juju_units \
	tests/test_sandbox_snapd tests/test_sandbox_snapd_files tests/test_sandbox_snapd_forms \
	tests/test_sandbox_snapd_service tests/test_sandbox_snapd_time \
	tests/test_sandbox_snapd_workload

# The recordings; their reducer makes the files from what was recorded.
EXTRA_DIST += build-aux/reduce-recordings.py tests/test_recordings.py \
	tests/recordings/2.68.3.json tests/recordings/2.68.3-more.json tests/recordings/2.77.1.json \
	tests/recordings/2.77.1-more.json tests/recordings/files.py tests/recordings/match.py \
	tests/released/ready-0.1.0.db tests/released/refreshing-0.1.0.db \
	tests/recordings/replay.py tests/recordings/scenes.py tests/recordings/wire.py

# The whole charm, through both stand-ins; then given what it never should be given, and lives at
# random.
charm_tests = tests/test_charm tests/test_charm_fleet tests/test_charm_life tests/test_answer tests/test_inspection \
	tests/test_actions tests/test_airgap tests/test_order_actions tests/test_plan tests/test_races \
	tests/test_removal tests/test_ownership tests/test_neighbours tests/test_retries tests/test_concurrency tests/test_kill \
	tests/test_any_database tests/test_released tests/test_short_of_memory tests/test_serving \
	tests/test_hostile_start
check_tests += $(charm_tests) tests/test_charm_rollout \
	tests/test_hostile tests/test_hostile_juju \
	tests/test_waiting tests/test_waker tests/test_schedules tests/test_held tests/test_pinned tests/test_going_back tests/test_by_hand

# Everything that can happen to the machine, up to a few disturbances: make check-model.
check_tests += tests/model/model
tests_model_model_SOURCES = tests/model/model.c tests/model/model.h \
	tests/model/check.c tests/model/explore.c tests/model/look.c tests/model/moves.c \
	tests/model/pack.c tests/model/roots.c tests/model/show.c tests/model/snapd.c tests/model/steps.c \
	tests/model/tidy.c tests/model/turns.c tests/model/walk.c tests/model/witness.c tests/model/world.c
tests_model_model_LDADD = $(FSM_LIBS)

# A fleet that moves one by one: all that it can do within few disturbances, and whole rollouts by the
# clock. make check-fleet goes further.
check_tests += tests/fleet/explore tests/fleet/simulate
tests_fleet_explore_SOURCES = tests/fleet/explore.c tests/fleet/fleet.h \
	tests/fleet/check.c tests/fleet/moves.c tests/fleet/node.c
tests_fleet_simulate_SOURCES = tests/fleet/simulate.c
tests_fleet_simulate_LDADD = $(FSM_LIBS)
tests_fleet_explore_LDADD = $(FSM_LIBS)

# Not a test: draws the state machine for the pages.
check_PROGRAMS += build-aux/machine
build_aux_machine_LDADD = $(FSM_LIBS)

include tests/bench/bench.mk
include tests/crash/crash.mk
