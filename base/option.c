/* SPDX-License-Identifier: Apache-2.0 */
#include "base/option.h"

#include <stdio.h>
#include <string.h>

#define ROW(name, text, type, standard, accepted) { text, type, standard, accepted },
const struct option_row option_rows[OPTION_COUNT] = { OPTIONS(ROW) };

enum option_id option_named(const char *text)
{
	size_t length = strcspn(text, " ");
	enum option_id id = 0;

	while (id < OPTION_COUNT && (strlen(option_rows[id].name) != length ||
					    strncmp(option_rows[id].name, text, length) != 0))
		id++;
	return id;
}

size_t option_value(const char *text)
{
	size_t length = 1;

	if (*text == '(')
		return strcspn(text, ")") + (strchr(text, ')') != NULL);
	if (*text != '\'')
		return strcspn(text, " ");
	while (text[length] && text[length] != '\'')
		length += text[length] == '\\' && text[length + 1] ? 2 : 1;
	return length + (text[length] == '\'');
}

void option_value_fit(char *ret, size_t size, const char *value, size_t length)
{
	const char *end = *value == '\'' ? "...'" : "...";

	if (length < size)
		(void)snprintf(ret, size, "%.*s", (int)length, value);
	else
		(void)snprintf(ret, size, "%.*s%s", (int)(size - 1 - strlen(end)), value, end);
}
