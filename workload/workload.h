/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All that the code knows about this one snap, as macros, so that texts are put together at compile
 * time. What Juju reads of it is in charmcraft.yaml. docs/your-own-snap.md says how to change both.
 */
#ifndef WORKLOAD_WORKLOAD_H
#define WORKLOAD_WORKLOAD_H

/* The snap's name in the Snap Store. */
#define WORKLOAD_SNAP "microsample"

/* The snap in a status message: "Installing microsample snap". */
#define WORKLOAD_TITLE WORKLOAD_SNAP " snap"

/* What open-port takes: number/protocol. */
#define WORKLOAD_PORT "8080/tcp"

#endif
