/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Juju runs for every hook and action.
 */
#ifndef HOOKS_DISPATCH_H
#define HOOKS_DISPATCH_H

/*
 * One hook or action, named by JUJU_DISPATCH_PATH. Returns the exit status: 0 done, waiting or
 * blocked; 1 for what Juju should try again, with one line on standard error; 2 without a hook.
 */
int dispatch(void);

#endif
