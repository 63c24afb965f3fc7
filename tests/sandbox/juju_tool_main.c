/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Only the hook tools, without the commands. A hook calls many tools, so this program must start
 * fast.
 */
#include <stdio.h>
#include <string.h>

#include "tests/sandbox/juju_tools.h"

int main(int argc, char **argv)
{
	const char *slash = argc ? strrchr(argv[0], '/') : NULL;
	const struct juju_tool *tool = argc ? juju_tool_find(slash ? slash + 1 : argv[0]) : NULL;

	if (tool)
		return juju_tool_main(tool, argv);
	(void)fputs("sandbox-juju-tool is called under the name of a hook tool\n", stderr);
	return 2;
}
