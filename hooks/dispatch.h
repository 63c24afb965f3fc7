/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program's two faces: what Juju runs for every hook and action, and `state` for people.
 */
#ifndef HOOKS_DISPATCH_H
#define HOOKS_DISPATCH_H

/*
 * One hook or action, named by JUJU_DISPATCH_PATH. Returns the exit status: 0 done, waiting or
 * blocked; 1 for what Juju should try again, with one line on standard error; 2 without a hook.
 */
int dispatch(void);

/* `state ...`: ARGV[0] is the command's own name. Exit status 0 fine, 1 trouble, 2 usage. */
int state_command(int argc, char **argv);

#endif
