/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files as `snap download` writes them, for snaps that the stand-in snapd takes (what is in them:
 * sandbox-snapd --help, tests/sandbox/snapd/pack.py). Any error here ends the test at once.
 *
 *	snap_file_make(dir, "{'name':'microsample','revision':'3'}");
 *	snap_file_make(dir, "{'name':'bare','revision':'5'}");
 *	snap_files_tar(tar, dir);
 */
#ifndef TESTS_SANDBOX_SNAP_FILES_H
#define TESTS_SANDBOX_SNAP_FILES_H

/*
 * Makes NAME_REVISION.snap and NAME_REVISION.assert in DIR. WHAT is in single quotes, as for
 * snapd_proc_do(), and its values are texts. Without a name it is microsample, without a revision
 * 1. It may have size (at least so many bytes, of which most take no room on the disk),
 * architecture, base, version, services, quirk, health and so on; and root, to be signed by
 * somebody whom snapd does not know, with a key (both are any text).
 */
void snap_file_make(const char *dir, const char *what);

/* A GNU tar of all that is in DIR, at PATH, which is not to lie in it. */
void snap_files_tar(const char *path, const char *dir);

#endif
