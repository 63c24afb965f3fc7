/* SPDX-License-Identifier: Apache-2.0 */
/* The record as columns: all of it, each by a name both ways, and when two records are the same. */
#include "fsm/columns.h"
#include "tests/fsm_kit.h"

/* Between the members is padding, which is shorter than any text or number that was forgotten. */
START_TEST(every_member_has_a_column)
{
	struct fsm_record record = { 0 };
	unsigned char *bytes = (unsigned char *)&record;
	size_t run = 0, longest = 0;

	for (int i = 0; i < FSM_COLUMN_COUNT; i++) {
		for (size_t at = 0; at < fsm_columns[i].size; at++)
			ck_assert_uint_eq(bytes[fsm_columns[i].offset + at], 0);
		memset(bytes + fsm_columns[i].offset, 0xff, fsm_columns[i].size);
	}
	for (size_t i = 0; i < sizeof record; i++) {
		run = bytes[i] ? 0 : run + 1;
		longest = run > longest ? run : longest;
	}
	ck_assert_uint_lt(longest, sizeof(int64_t));
}
END_TEST

/* The names are those of SQL and of JSON: in each, one column has one. */
START_TEST(column_has_a_place_of_its_own)
{
	const struct fsm_column *column = &fsm_columns[_i];

	ck_assert_uint_eq(
		strspn(column->name, "abcdefghijklmnopqrstuvwxyz_"), strlen(column->name));
	for (int i = 0; i < _i; i++) {
		const struct fsm_column *other = &fsm_columns[i];

		ck_assert_str_ne(column->name, other->name);
		ck_assert(!*column->key || strcmp(column->part, other->part) != 0 ||
			  strcmp(column->key, other->key) != 0);
	}
}
END_TEST

static bool has_names(enum fsm_how how)
{
	return how != FSM_HOW_text && how != FSM_HOW_number && how != FSM_HOW_time;
}

START_TEST(value_is_written_by_its_name_and_read_back)
{
	const struct fsm_column *column = &fsm_columns[_i];
	struct fsm_record record = { 0 }, back = { 0 };
	size_t names = 0;

	ck_assert_int_eq(fsm_value_named(&back, column, "no such name"), -1);
	ck_assert_int_eq(fsm_value_named(&back, column, ""), -1);
	ck_assert_ptr_eq(fsm_value(&record, column), (char *)&record + column->offset);
	if (!has_names(column->how)) {
		ck_assert_ptr_null(fsm_value_name(&record, column));
		ck_assert_int_eq(fsm_value_named(&back, column, "none"), -1);
		return;
	}
	if (column->how == FSM_HOW_flag) {
		ck_assert_str_eq(fsm_value_name(&record, column), "no");
		ck_assert_int_eq(fsm_value_named(&record, column, "yes"), 0);
		ck_assert_str_eq(fsm_value_name(&record, column), "yes");
		ck_assert_int_eq(fsm_value_named(&record, column, "no"), 0);
		ck_assert(fsm_same_all(&record, &back));
		return;
	}
	ck_assert_uint_eq(column->size, sizeof(unsigned));
#define COUNT_OF(kind, PREFIX, LIST)                                                               \
	names = column->how == FSM_HOW_##kind ? FSM_##PREFIX##_COUNT : names;
	FSM_KINDS(COUNT_OF)
	ck_assert_uint_gt(names, 1);
	for (unsigned value = 0; value < names; value++) {
		memcpy((char *)&record + column->offset, &value, sizeof value);
		ck_assert_int_eq(
			fsm_value_named(&back, column, fsm_value_name(&record, column)), 0);
		ck_assert(fsm_same_all(&record, &back));
	}
}
END_TEST

START_TEST(every_column_makes_another_record)
{
	const struct fsm_column *column = &fsm_columns[_i];
	bool told = strcmp(column->part, "told") == 0, flight = strcmp(column->part, "flight") == 0;
	bool looks = strcmp(column->name, "probation_looks") == 0 ||
		     strcmp(column->name, "probation_quiet") == 0;
	struct fsm_record zero = { 0 }, record = { 0 };

	*((char *)&record + column->offset) = 1;
	ck_assert(!fsm_same_all(&record, &zero));
	ck_assert(!fsm_same_all(&zero, &record));
	/* nor is a reason to commit what Juju was told, where a change is, how often was looked */
	ck_assert_int_eq(fsm_same(&record, &zero), told || flight || looks);
	ck_assert_int_eq(told, strncmp(column->name, "told_", 5) == 0);
	ck_assert_int_eq(flight, strncmp(column->name, "pace_", 5) == 0);
}
END_TEST

START_TEST(text_ends_at_its_nul)
{
	struct fsm_record one = { .detail = "why" }, other = { .detail = "why\0and more" };

	ck_assert(fsm_same(&one, &other));
	ck_assert(fsm_same_all(&one, &other));
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("columns");

	tcase_add_test(tests, every_member_has_a_column);
	tcase_add_loop_test(tests, column_has_a_place_of_its_own, 0, FSM_COLUMN_COUNT);
	tcase_add_loop_test(tests, value_is_written_by_its_name_and_read_back, 0, FSM_COLUMN_COUNT);
	tcase_add_loop_test(tests, every_column_makes_another_record, 0, FSM_COLUMN_COUNT);
	tcase_add_test(tests, text_ends_at_its_nul);
	return kit_run(tests, "columns");
}
