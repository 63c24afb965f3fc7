/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/snap_files.h"

#include <stddef.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/snapd_proc.h"

void snap_file_make(const char *dir, const char *what)
{
	CLEANUP(cleanup_free) char *quoted = alloc_text(what);

	for (char *c = quoted; *c; c++)
		if (*c == '\'')
			*c = '"';
	snapd_proc_run((const char *[]){ "pack", dir, quoted, NULL });
}

void snap_files_tar(const char *path, const char *dir)
{
	snapd_proc_run((const char *[]){ "tar", path, dir, NULL });
}
