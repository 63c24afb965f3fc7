/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schema of the database. The list only grows: a released entry never changes, and a change is
 * a new entry. A new name in a list of fsm/ is a change too, because an older charm cannot read it;
 * so append an entry for it, "SELECT 1" if nothing else changes.
 *
 * SQLite stores the comments within the statements, and `.schema` shows them. SQLite parses all of
 * this at each open, in every hook; a DEFAULT costs more than its column.
 */
#include "store/schema.h"

/* The standard promises 4,095 bytes; both compilers take any length. */
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* clang-format off */
#define JOURNAL \
"CREATE TABLE journal ( -- what was done, the last 1,000 steps\n" \
"	sequence INTEGER PRIMARY KEY,\n" \
"	time TEXT NOT NULL,\n" \
"	hook TEXT NOT NULL,\n" \
"	event TEXT NOT NULL,\n" \
"	before TEXT NOT NULL, -- the states\n" \
"	after TEXT NOT NULL,\n" \
"	effect TEXT NOT NULL,\n" \
"	channel TEXT NOT NULL,\n" \
"	change INTEGER NOT NULL, -- snapd's id, 0 for none\n" \
"	detail TEXT NOT NULL\n" \
") STRICT;\n"

static const char first[] =
"CREATE TABLE record ( -- what the unit remembers: one row, kept up to date\n"
"	id INTEGER PRIMARY KEY CHECK (id = 1),\n"
"	state TEXT NOT NULL,\n"
"	channel TEXT NOT NULL, -- what the state is about, in full\n"
"	reason TEXT NOT NULL,\n"
"	detail TEXT NOT NULL, -- the reason in words\n"
"	since TEXT NOT NULL, -- times are UTC, empty for none\n"
"	build TEXT NOT NULL, -- the charm that wrote here last\n"
"	-- the intent: what snapd is being asked for, committed before it is asked\n"
"	intent_op TEXT NOT NULL,\n"
"	intent_channel TEXT NOT NULL,\n"
"	intent_phase TEXT NOT NULL, -- asked, or known with the id of its change\n"
"	intent_baseline INTEGER NOT NULL, -- snapd's highest change id before\n"
"	intent_change INTEGER NOT NULL, -- the id of our change, 0 while not known\n"
"	intent_asked TEXT NOT NULL,\n"
"	intent_uptime INTEGER NOT NULL, -- the same in seconds since boot\n"
"	intent_boot TEXT NOT NULL, -- the id of that boot\n"
"	-- the memory of the last failure\n"
"	memory_class TEXT NOT NULL, -- whom it waits for\n"
"	memory_op TEXT NOT NULL,\n"
"	memory_channel TEXT NOT NULL,\n"
"	memory_reason TEXT NOT NULL,\n"
"	memory_detail TEXT NOT NULL,\n"
"	memory_attempts INTEGER NOT NULL,\n"
"	memory_tried TEXT NOT NULL,\n"
"	memory_next_try TEXT NOT NULL,\n"
"	ours TEXT NOT NULL CHECK (ours IN ('no', 'yes')), -- we installed the snap\n"
"	retired TEXT NOT NULL CHECK (retired IN ('no', 'yes')), -- the unit is going\n"
"	port TEXT NOT NULL,\n"
"	revision TEXT NOT NULL, -- of the snap, as last observed\n"
"	version TEXT NOT NULL,\n"
"	tracking TEXT NOT NULL, -- the channel that the snap follows\n"
"	told_status TEXT NOT NULL, -- what Juju was last told\n"
"	told_message TEXT NOT NULL,\n"
"	told_version TEXT NOT NULL\n"
") STRICT;\n"
"INSERT INTO record VALUES (1, 'uninstalled', '', 'none', '', '', '',\n"
"	'none', '', 'none', 0, 0, '', 0, '',\n"
"	'none', 'none', '', 'none', '', 0, '', '',\n"
"	'no', 'no', 'none', '', '', '', 'none', '', '');\n"
"\n"
JOURNAL
"\n"
"CREATE VIEW status AS -- for people; kept short, since SQLite reads it at every open\n"
"SELECT state, channel, reason, detail, since, intent_op doing, intent_change \"change\",\n"
"	memory_next_try \"next try\", version, revision, tracking, ours, port,\n"
"	told_message \"Juju was told\" FROM record;\n";

/*
 * What the second schema made anew: the failure under its own name, the revision beside each channel.
 * No constraints: they would cost every hook more than they tell, since whoever reads the record
 * refuses a value that the charm does not write.
 */
#define RECORD \
"CREATE TABLE record ( -- what the unit remembers: one row, kept up to date\n" \
"	id INTEGER PRIMARY KEY CHECK (id = 1),\n" \
"	state TEXT,\n" \
"	channel TEXT, -- what the state is about, in full\n" \
"	target_revision INTEGER, -- the revision that is wanted, 0 for any\n" \
"	reason TEXT,\n" \
"	detail TEXT, -- the reason in words\n" \
"	since TEXT, -- times are UTC, empty for none\n" \
"	build TEXT, -- the charm that wrote here last\n" \
"	-- the intent: what snapd is being asked for, committed before it is asked\n" \
"	intent_op TEXT,\n" \
"	intent_channel TEXT,\n" \
"	intent_revision INTEGER,\n" \
"	intent_phase TEXT, -- asked, or known with the id of its change\n" \
"	intent_baseline INTEGER, -- snapd's highest change id before\n" \
"	intent_change INTEGER, -- the id of our change, 0 while not known\n" \
"	intent_asked TEXT,\n" \
"	intent_uptime INTEGER, -- the same in seconds since boot\n" \
"	intent_boot TEXT, -- the id of that boot\n" \
"	intent_aborted TEXT, -- as a person wanted\n" \
"	-- a person's order that has not ended\n" \
"	order_kind TEXT,\n" \
"	order_since TEXT,\n" \
"	order_revision INTEGER, -- of a revert or a rollback\n" \
"	-- our last refresh, on probation, and what ran before it\n" \
"	probation_revision TEXT,\n" \
"	before_channel TEXT,\n" \
"	before_revision INTEGER,\n" \
"	before_services TEXT,\n" \
"	before_well TEXT,\n" \
"	probation_since INTEGER, -- seconds since boot\n" \
"	probation_quiet INTEGER, -- the same\n" \
"	probation_boot TEXT,\n" \
"	probation_looks INTEGER,\n" \
"	-- the last failure\n" \
"	failure_class TEXT, -- whom it waits for\n" \
"	failure_op TEXT,\n" \
"	failure_channel TEXT,\n" \
"	failure_revision INTEGER,\n" \
"	failure_reason TEXT,\n" \
"	failure_detail TEXT,\n" \
"	failure_attempts INTEGER,\n" \
"	failure_tried TEXT, -- asked\n" \
"	failure_answered TEXT, -- known to have failed\n" \
"	failure_next_try TEXT,\n" \
"	failure_since TEXT, -- it fails for that reason\n" \
"	ours TEXT, -- we installed the snap\n" \
"	marked TEXT, -- so does the marker say\n" \
"	retired TEXT, -- the unit is going\n" \
"	stopping TEXT, -- it is about to\n" \
"	port TEXT,\n" \
"	revision TEXT, -- of the snap, as last observed\n" \
"	version TEXT,\n" \
"	tracking TEXT, -- the channel that the snap follows\n" \
"	origin TEXT, -- the channel that the revision came from\n" \
"	serves TEXT, -- a service was seen running\n" \
"	lenient TEXT, -- it was never probed: no answer is no fault yet\n" \
"	reverted TEXT, -- the revision that an order went back to\n" \
"	-- the hold on the snap, as last observed\n" \
"	hold_until TEXT,\n" \
"	hold_held TEXT, -- it was not over\n" \
"	hold_ours TEXT, -- we asked for it\n" \
"	-- what the Snap Store has for a held snap\n" \
"	update_revision TEXT,\n" \
"	update_asked TEXT,\n" \
"	-- the target on which the snap had settled, how often it was put right since\n" \
"	drift_channel TEXT,\n" \
"	drift_revision INTEGER,\n" \
"	drift_times INTEGER,\n" \
"	drift_put TEXT,\n" \
"	drift_next_try TEXT,\n" \
"	-- the target to which refreshes fail, and how many did\n" \
"	refused_channel TEXT,\n" \
"	refused_revision INTEGER,\n" \
"	refused_times INTEGER,\n" \
"	refused_bad INTEGER, -- the revision that it had\n" \
"	refused_back INTEGER, -- the one that a rollback went to\n" \
"	refused_failed TEXT, -- it did not get there\n" \
"	refused_options INTEGER,\n" \
"	refused_detail TEXT,\n" \
"	-- the charm's resource, as it was last read\n" \
"	resource_supply TEXT, -- where the snap comes from\n" \
"	resource_path TEXT,\n" \
"	resource_size INTEGER,\n" \
"	resource_hash INTEGER,\n" \
"	resource_revision INTEGER,\n" \
"	resource_detail TEXT,\n" \
"	-- the change in flight, where it was seen last and since when\n" \
"	pace_change INTEGER,\n" \
"	pace_way TEXT,\n" \
"	pace_at TEXT,\n" \
"	pace_bytes INTEGER,\n" \
"	pace_since TEXT,\n" \
"	-- the turns of the unit in rollouts, and how it stands in the fleet\n" \
"	turn_taken INTEGER,\n" \
"	turn_target TEXT,\n" \
"	turn_well TEXT,\n" \
"	turn_returned INTEGER,\n" \
"	turn_word TEXT,\n" \
"	turn_why TEXT,\n" \
"	turn_asked TEXT,\n" \
"	turn_pending TEXT,\n" \
"	turn_wide TEXT,\n" \
"	peers_relation TEXT,\n" \
"	peers_waits TEXT,\n" \
"	peers_elected TEXT,\n" \
"	peers_due TEXT,\n" \
"	peers_rollout TEXT,\n" \
"	told_status TEXT, -- what Juju was last told\n" \
"	told_message TEXT,\n" \
"	told_version TEXT\n" \
") STRICT;\n"
#define STATUS \
"CREATE VIEW status AS -- for people; kept short, since SQLite reads it at every open\n" \
"SELECT state, channel, reason, detail, since, intent_op doing, intent_change \"change\",\n" \
"	failure_next_try \"next try\", version, revision, tracking, ours, port,\n" \
"	told_message \"Juju was told\" FROM record;\n"

static const char second[] =
"DROP VIEW status;\n"
"ALTER TABLE record RENAME TO record_before;\n"
RECORD
/* A snap in place was a failure of the class drift; what any other waits for has other names now. */
"INSERT INTO record SELECT id, state, channel, 0, reason, detail, since, build,\n"
"	intent_op, intent_channel, 0, intent_phase, intent_baseline, intent_change,\n"
"	intent_asked, intent_uptime, intent_boot, 'no', 'none', '', 0,\n"
"	'', '', 0, '', 'no', 0, 0, '', 0,\n"
"	CASE WHEN drifts THEN 'none' WHEN memory_class = 'operator' THEN 'final' ELSE memory_class END,\n"
"	memory_op, memory_channel, 0, memory_reason, memory_detail, memory_attempts,\n"
"	memory_tried, memory_tried, memory_next_try, memory_tried,\n"
"	ours, 'no', retired, 'no', port, revision, version, tracking, '', 'no',\n"
"	iif(since = '', 'no', 'yes'), '', '', 'no', 'no', '', '',\n"
"	iif(drifts, memory_channel, ''), 0,\n"
"	CASE WHEN memory_reason = 'contested' THEN 6 WHEN drifts THEN memory_attempts ELSE 0 END,\n"
"	iif(drifts, memory_tried, ''), iif(drifts, memory_next_try, ''),\n"
"	'', 0, 0, 0, 0, 'no', 0, '', 'none', '', 0, 0, 0, '', 0, 'none', '', 0, '',\n"
"	0, '', 'no', 0, 'none', '', 'no', 'no', 'no', '', '', 'no', 'no', '',\n"
"	told_status, told_message, told_version\n"
"	FROM (SELECT *, memory_class = 'drift' OR memory_reason = 'contested' drifts FROM record_before);\n"
"DROP TABLE record_before;\n"
STATUS;

/* A new database is made in one go. */
static const char newest[] =
RECORD
"INSERT INTO record VALUES (1, 'uninstalled', '', 0, 'none', '', '', '',\n"
"	'none', '', 0, 'none', 0, 0, '', 0, '', 'no', 'none', '', 0,\n"
"	'', '', 0, '', 'no', 0, 0, '', 0,\n"
"	'none', 'none', '', 0, 'none', '', 0, '', '', '', '',\n"
"	'no', 'no', 'no', 'no', 'none', '', '', '', '', 'no', 'no', '', '', 'no', 'no', '', '', '', 0, 0, '', '', '', 0, 0, 0, 0, 'no', 0, '', 'none', '', 0, 0, 0, '', 0, 'none', '', 0, '',\n"
"	0, '', 'no', 0, 'none', '', 'no', 'no', 'no', '', '', 'no', 'no', '', 'none', '', '');\n"
JOURNAL
STATUS;

const struct store_migration store_migrations[] = {
	{ first, NULL },
	{ second, newest },
};
/* clang-format on */

const size_t store_migrations_count = sizeof store_migrations / sizeof store_migrations[0];

int store_schema_own(void)
{
	return (int)store_migrations_count;
}
