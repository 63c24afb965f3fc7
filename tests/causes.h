/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every text of a failure that two genuine daemons were heard to give (tests/recordings, and the
 * longer record that these were taken from), with the words that tell the cause. <url> and the like
 * are as in the recordings.
 */
#ifndef TESTS_CAUSES_H
#define TESTS_CAUSES_H

/* clang-format off */
static const struct cause_row {
	const char *text, *words[2];
} recorded_causes[] = {
	{ "Get \"<url>\": dial tcp <address>: connect: connection refused",
	  { "connection refused" } },
	{ "Post \"<url>\": <text> (Client.Timeout exceeded while awaiting headers)",
	  { "Client.Timeout exceeded" } },
	{ "Post \"<url>\": context deadline exceeded (Client.Timeout exceeded while awaiting "
	  "headers)",
	  { "Client.Timeout exceeded" } },
	{ "Post \"<url>\": dial tcp <address>: connect: connection refused",
	  { "connection refused" } },
	{ "Post \"<url>\": net/http: request canceled (Client.Timeout exceeded while awaiting "
	  "headers)",
	  { "Client.Timeout exceeded" } },
	{ "Post \"<url>\": net/http: request canceled while waiting for connection "
	  "(Client.Timeout exceeded while awaiting headers)",
	  { "Client.Timeout exceeded" } },
	{ "access denied",
	  { "access denied" } },
	{ "assert failed: cannot accept some assertions:\n - cannot decode signature: illegal "
	  "base64 data at input byte 660",
	  { "illegal base64 data" } },
	{ "assert failed: cannot accept some assertions:\n - failed signature verification: "
	  "openpgp: invalid signature: hash tag doesn't match",
	  { "hash tag doesn't match" } },
	{ "assert failed: cannot resolve prerequisite assertion: account-key "
	  "(XCIC_Wvj9_hiAt0b10sDon74oGr3a6xGODkMZqrj63ZzNYUD5N87-ojjPoeN7f1Y)",
	  { "ojjPoeN7f1Y" } },
	{ "assert failed: cannot resolve prerequisite assertion: snap-declaration "
	  "(microsample-id; series:16)",
	  { "microsample-id; series:16" } },
	{ "cannot abort change <id> with nothing pending",
	  { "cannot abort change <id> with nothing pending" } },
	{ "cannot decode request body into assertions: assertion: \"sign-key-sha3-384\" header "
	  "is mandatory",
	  { "\"sign-key-sha3-384\" header is mandatory" } },
	{ "cannot decode request body into assertions: parsing assertion headers: header entry "
	  "missing ':' separator: \"rubbish\"",
	  { "missing ':' separator: \"rubbish\"" } },
	{ "cannot decode request body into assertions: unexpected EOF",
	  { "assertions: unexpected EOF" } },
	{ "cannot decode request body into snap instruction: EOF",
	  { "snap instruction: EOF" } },
	{ "cannot decode request body into snap instruction: invalid snap revision: "
	  "\"\\\"0\\\"\"",
	  { "invalid snap revision:" } },
	{ "cannot decode request body into snap instruction: invalid snap revision: "
	  "\"\\\"abc\\\"\"",
	  { "invalid snap revision:" } },
	{ "cannot decode request body into snap instruction: json: cannot unmarshal array into "
	  "Go value of type daemon.snapInstruction",
	  { "daemon.snapInstruction" } },
	{ "cannot decode request body into snap instruction: json: cannot unmarshal number "
	  "into Go struct field snapInstruction.snapRevisionOptions.channel of type string",
	  { "json: ", "of type string" } },
	{ "cannot decode request body into snap instruction: unexpected EOF",
	  { "snap instruction: unexpected EOF" } },
	{ "cannot find \"snap\" file field in provided multipart/form-data payload",
	  { "multipart/form-data payload" } },
	{ "cannot find change with id \"99999\"",
	  { "cannot find change with id \"99999\"" } },
	{ "cannot find change with id \"abc\"",
	  { "cannot find change with id \"abc\"" } },
	{ "cannot find signatures with metadata for snap/component \"microlocal_x1.snap\"",
	  { "snap/component \"microlocal_x1.snap\"" } },
	{ "cannot find signatures with metadata for snap/component \"microsample.snap\"",
	  { "snap/component \"microsample.snap\"" } },
	{ "cannot get details for snap \"microsample\": got unexpected HTTP status code 500 "
	  "via GET to \"<url>\"",
	  { "got unexpected HTTP status code 500" } },
	{ "cannot hold \"microother\": snap \"microother\" is not installed",
	  { "snap \"microother\" is not installed" } },
	{ "cannot install \"Micro_Sample!\": invalid instance name: invalid snap name: "
	  "\"Micro\"",
	  { "invalid snap name: \"Micro\"" } },
	{ "cannot install \"microsample\": Post \"<url>\": dial tcp <address>: connect: "
	  "connection refused",
	  { "connection refused" } },
	{ "cannot install \"microsample\": cannot query the store for updates: got unexpected "
	  "HTTP status code 404 via POST to \"<url>\"",
	  { "got unexpected HTTP status code 404" } },
	{ "cannot install \"microsample\": cannot query the store for updates: got unexpected "
	  "HTTP status code 500 via POST to \"<url>\"",
	  { "got unexpected HTTP status code 500" } },
	{ "cannot install \"microsample\": persistent network error: Post \"<url>\": dial tcp: "
	  "lookup <text>: dial udp 10.255.255.53:53: connect: network is unreachable",
	  { "network is unreachable" } },
	{ "cannot install \"microsample\": persistent network error: Post \"<url>\": dial tcp: "
	  "lookup api.snapcraft.invalid on 10.255.255.53:53: dial udp 10.255.255.53:53: "
	  "connect: network is unreachable",
	  { "network is unreachable" } },
	{ "cannot install \"microsample\": too many requests",
	  { "too many requests" } },
	{ "cannot install snap file: cannot update disabled snap \"microsample\"",
	  { "cannot update disabled snap" } },
	{ "cannot install snap file: snap \"microsample\" supported architectures (arm64) are "
	  "incompatible with this system (amd64)",
	  { "with this system (amd64)" } },
	{ "cannot list updates: Post \"<url>\": dial tcp <address>: connect: connection refused",
	  { "connection refused" } },
	{ "cannot list updates: cannot query the store for updates: got unexpected HTTP status "
	  "code 404 via POST to \"<url>\"",
	  { "got unexpected HTTP status code 404" } },
	{ "cannot list updates: cannot query the store for updates: got unexpected HTTP status "
	  "code 500 via POST to \"<url>\"",
	  { "got unexpected HTTP status code 500" } },
	{ "cannot list updates: too many requests",
	  { "too many requests" } },
	{ "cannot perform operation on local snap",
	  { "cannot perform operation on local snap" } },
	{ "cannot perform operation on services without a list of services to operate on",
	  { "without a list of services" } },
	{ "cannot read snap file: cannot process snap or snapdir: file "
	  "\"/var/lib/snapd/snaps/.local-install-1\" is invalid (header [186 69 239 183 6 52 "
	  "236 234 65 7 248 63 129 15 113] "
	  "\"\\xbaE\\xef\\xb7\\x064\\xec\\xeaA\\a\\xf8?\\x81\\x0fq\")",
	  { "x81" } },
	{ "cannot refresh \"microsample\": Post \"<url>\": context canceled",
	  { "context canceled" } },
	{ "cannot refresh \"microsample\": Post \"<url>\": dial tcp <address>: connect: "
	  "connection refused",
	  { "connection refused" } },
	{ "cannot refresh \"microsample\": refreshing disabled snap \"microsample\" not "
	  "supported",
	  { "disabled snap \"microsample\" not supported" } },
	{ "cannot refresh \"microsample\": snap \"microsample\" is not installed",
	  { "snap \"microsample\" is not installed" } },
	{ "cannot revert \"microsample\": already on requested revision",
	  { "already on requested revision" } },
	{ "cannot revert \"microsample\": cannot find revision 4711 for snap \"microsample\"",
	  { "cannot find revision 4711 for snap \"microsample\"" } },
	{ "cannot revert \"microsample\": cannot revert inactive snaps",
	  { "cannot revert inactive snaps" } },
	{ "cannot revert \"microsample\": no revision to revert to",
	  { "no revision to revert to" } },
	{ "cannot search: got unexpected HTTP status code 418 via GET to \"<url>\"",
	  { "got unexpected HTTP status code 418" } },
	{ "cannot use 'name' with 'select=refresh'",
	  { "cannot use 'name' with 'select=refresh'" } },
	{ "change action \"frob\" is unsupported",
	  { "change action \"frob\" is unsupported" } },
	{ "channel name has too many components: a/edge/b/c",
	  { "too many components: a/edge/b/c" } },
	{ "hold action requires a non-empty time value",
	  { "hold action requires a non-empty time value" } },
	{ "hold action requires hold-level to be either \"auto-refresh\" or \"general\"",
	  { "either \"auto-refresh\" or \"general\"" } },
	{ "hold action requires time to be \"forever\" or in RFC3339 format: parsing time "
	  "\"tomorrow\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"tomorrow\" as \"2006\"",
	  { "cannot parse \"tomorrow\"" } },
	{ "instance name \"microother\" does not match snap name \"microsample\"",
	  { "does not match snap name \"microsample\"" } },
	{ "invalid risk in channel name: Latest/Edge",
	  { "channel name: Latest/Edge" } },
	{ "invalid risk in channel name: a/b/c",
	  { "channel name: a/b/c" } },
	{ "invalid risk in channel name: bad//chan",
	  { "channel name: bad//chan" } },
	{ "invalid risk in channel name: bad//x",
	  { "channel name: bad//x" } },
	{ "invalid risk in channel name: latest/",
	  { "channel name: latest/" } },
	{ "invalid risk in channel name: latest/ edge",
	  { "channel name: latest/ edge" } },
	{ "invalid risk in channel name: latest/edge\n",
	  { "channel name: latest/edge" } },
	{ "invalid risk in channel name: latest/edgy",
	  { "channel name: latest/edgy" } },
	{ "invalid risk in channel name: latest/foo",
	  { "channel name: latest/foo" } },
	{ "invalid snap name: \"Bad_Name\"",
	  { "invalid snap name: \"Bad_Name\"" } },
	{ "invalid track in channel name: /edge",
	  { "track in channel name: /edge" } },
	{ "method \"DELETE\" not allowed",
	  { "method \"DELETE\" not allowed" } },
	{ "method \"POST\" not allowed",
	  { "method \"POST\" not allowed" } },
	{ "method \"PUT\" not allowed",
	  { "method \"PUT\" not allowed" } },
	{ "no action",
	  { "no action" } },
	{ "no snap revision available as specified",
	  { "no snap revision available as specified" } },
	{ "no snap revision on specified channel",
	  { "no snap revision on specified channel" } },
	{ "not found",
	  { "not found" } },
	{ "request canceled",
	  { "request canceled" } },
	{ "revision 7 of snap \"microsample\" is not installed",
	  { "revision 7 of snap \"microsample\" is not installed" } },
	{ "select should be one of: all,in-progress,ready",
	  { "one of: all,in-progress,ready" } },
	{ "snap \"microclassic\" requires classic confinement",
	  { "snap \"microclassic\" requires classic confinement" } },
	{ "snap \"microdevmode\" requires devmode or confinement override",
	  { "requires devmode or confinement override" } },
	{ "snap \"microother\" has no service \"microother\"",
	  { "snap \"microother\" has no service \"microother\"" } },
	{ "snap \"microother\" has no services",
	  { "snap \"microother\" has no services" } },
	{ "snap \"microsample\" has \"install-snap\" change in progress",
	  { "\"install-snap\" change in progress" } },
	{ "snap \"microsample\" has \"refresh-snap\" change in progress",
	  { "\"refresh-snap\" change in progress" } },
	{ "snap \"microsample\" has \"remove-snap\" change in progress",
	  { "\"remove-snap\" change in progress" } },
	{ "snap \"microsample\" has \"service-control\" change in progress",
	  { "\"service-control\" change in progress" } },
	{ "snap \"microsample\" has no service \"nope\"",
	  { "snap \"microsample\" has no service \"nope\"" } },
	{ "snap \"microsample\" has no service \"nothere\"",
	  { "snap \"microsample\" has no service \"nothere\"" } },
	{ "snap \"microsample\" is already installed",
	  { "snap \"microsample\" is already installed" } },
	{ "snap \"microsample\" is not installed",
	  { "snap \"microsample\" is not installed" } },
	{ "snap \"microsample\" not found",
	  { "snap \"microsample\" not found" } },
	{ "snap \"nothere\" not found",
	  { "snap \"nothere\" not found" } },
	{ "snap has no updates available",
	  { "snap has no updates available" } },
	{ "snap not found",
	  { "snap not found" } },
	{ "snap not installed",
	  { "snap not installed" } },
	{ "unknown action ",
	  { "unknown action" } },
	{ "unknown action \"frob\"",
	  { "unknown action \"frob\"" } },
	{ "unknown action Refresh",
	  { "unknown action Refresh" } },
	{ "unknown action frobnicate",
	  { "unknown action frobnicate" } },
	{ "unknown cohort action \"frob\"",
	  { "unknown cohort action \"frob\"" } },
	{ "unsupported option provided for multi-snap operation",
	  { "option provided for multi-snap operation" } },
	{ "cannot perform the following tasks:\n- Download snap \"microsample\" (2) from "
	  "channel \"latest/beta\" (received an unexpected http response code (404) when "
	  "trying to download <url>",
	  { "unexpected http response code (404)" } },
	{ "cannot perform the following tasks:\n- Download snap \"microsample\" (2) from "
	  "channel \"latest/beta\" (received an unexpected http response code (404) when "
	  "trying to download <url>)",
	  { "unexpected http response code (404)" } },
	{ "cannot perform the following tasks:\n- Download snap \"microsample\" (2) from "
	  "channel \"latest/beta\" (received an unexpected http response code (500) when "
	  "trying to download <url>",
	  { "unexpected http response code (500)" } },
	{ "cannot perform the following tasks:\n- Download snap \"microsample\" (2) from "
	  "channel \"latest/beta\" (received an unexpected http response code (500) when "
	  "trying to download <url>)",
	  { "unexpected http response code (500)" } },
	{ "cannot perform the following tasks:\n- Download snap \"microsample\" (7) from "
	  "channel \"big/stable\" (Get \"<url>\": dial tcp <address>: connect: connection "
	  "refused)",
	  { "connection refused" } },
	{ "cannot perform the following tasks:\n- Download snap \"microsample\" (7) from "
	  "channel \"big/stable\" (the download has been cancelled: context canceled)",
	  { "context canceled" } },
	{ "cannot perform the following tasks:\n- Ensure prerequisites for \"microsample\" are "
	  "available (cannot install snap base \"bare\": Post \"<url>\": dial tcp <address>: "
	  "connect: connection refused)",
	  { "connection refused" } },
	{ "cannot perform the following tasks:\n- Ensure prerequisites for \"microsample\" are "
	  "available (cannot install snap base \"core22\": snap not found)",
	  { "snap base \"core22\"", "snap not found" } },
	{ "cannot perform the following tasks:\n- Run configure hook of \"microsample\" snap "
	  "(snap \"microsample\" has no \"configure\" hook)",
	  { "no \"configure\" hook" } },
	{ "cannot perform the following tasks:\n- Run configure hook of \"microsample\" snap "
	  "if present (run hook \"configure\": \n-----\nerror: microsample cannot initialise "
	  "its database\nconfigure hook: about to fail\n-----)",
	  { "configure hook: about to fail" } },
	{ "cannot perform the following tasks:\n- Run configure hook of \"microsample\" snap "
	  "if present (run hook \"configure\": configure: told to fail)",
	  { "told to fail" } },
	{ "cannot perform the following tasks:\n- Run health check of \"microsample\" snap "
	  "(run hook \"check-health\": check-health: told to fail)",
	  { "told to fail" } },
	{ "cannot perform the following tasks:\n- Run install hook of \"microsample\" snap if "
	  "present (run hook \"install\": \n-----\nerror: microsample cannot initialise its "
	  "database\ninstall hook: about to fail\n-----)",
	  { "install hook: about to fail" } },
	{ "cannot perform the following tasks:\n- Run post-refresh hook of \"microsample\" "
	  "snap if present (run hook \"post-refresh\": \n-----\nerror: microsample cannot "
	  "initialise its database\npost-refresh hook: about to fail\n-----)",
	  { "post-refresh hook: about to fail" } },
	{ "cannot perform the following tasks:\n- Run post-refresh hook of \"microsample\" "
	  "snap if present (run hook \"post-refresh\": \n-----\nhook: "
	  "sleeping\n\n<aborted>\n-----)",
	  { "hook", "<aborted>" } },
	{ "cannot perform the following tasks:\n- Run post-refresh hook of \"microsample\" "
	  "snap if present (run hook \"post-refresh\": <aborted>)",
	  { "hook", "<aborted>" } },
	{ "cannot perform the following tasks:\n- Run service command \"restart\" for services "
	  "[\"microsample\"] of snap \"microsample\" (systemctl command [start "
	  "snap.microsample.microsample.service] failed with exit status 1: stderr:\nJob for "
	  "snap.microsample.microsample.service failed because the control process exited with "
	  "error code.\nSee \"systemctl status snap.microsample.microsample.service\" and "
	  "\"journalctl -xeu snap.microsample.microsample.service\" for details.)",
	  { "control process exited with error code" } },
	{ "cannot perform the following tasks:\n- Run service command \"start\" for services "
	  "[\"microsample\"] of snap \"microsample\" (systemctl command [start "
	  "snap.microsample.microsample.service] failed with exit status 1: stderr:\nJob for "
	  "snap.microsample.microsample.service failed because the control process exited with "
	  "error code.\nSee \"systemctl status snap.microsample.microsample.service\" and "
	  "\"journalctl -xeu snap.microsample.microsample.service\" for details.)",
	  { "control process exited with error code" } },
	{ "cannot perform the following tasks:\n- Start snap \"microsample\" (1) services "
	  "(systemctl command [start snap.microsample.microsample.service] failed with exit "
	  "status 1: stderr:\nJob for snap.microsample.microsample.service failed because the "
	  "control process exited with error code.\nSee \"systemctl status "
	  "snap.microsample.microsample.service\" and \"journalctl -xeu "
	  "snap.microsample.microsample.service\" for details.)",
	  { "control process exited with error code" } },
	{ "cannot perform the following tasks:\n- Start snap \"microsample\" (6) services "
	  "(systemctl command [start snap.microsample.microsample.service] failed with exit "
	  "status 1: stderr:\nJob for snap.microsample.microsample.service failed because the "
	  "control process exited with error code.\nSee \"systemctl status "
	  "snap.microsample.microsample.service\" and \"journalctl -xeu "
	  "snap.microsample.microsample.service\" for details.)",
	  { "control process exited with error code" } },
	{ "cannot perform the following tasks:\n- Stop snap \"microsample\" services "
	  "(systemctl command [start snap.microsample.microsample.service] failed with exit "
	  "status 1: stderr:\nJob for snap.microsample.microsample.service failed because the "
	  "control process exited with error code.\nSee \"systemctl status "
	  "snap.microsample.microsample.service\" and \"journalctl -xeu "
	  "snap.microsample.microsample.service\" for details.)\n- Start snap \"microsample\" "
	  "(19) services (systemctl command [start snap.microsample.microsample.service] "
	  "failed with exit status 1: stderr:\nJob for snap.microsample.microsample.service "
	  "failed because the control process exited with error code.\nSee \"systemctl status "
	  "snap.microsample.microsample.service\" and \"journalctl -xeu "
	  "snap.microsample.microsample.service\" for details.)",
	  { "control process exited with error code" } },
	{ "cannot perform the following tasks:\n- Stop snap \"microsample\" services "
	  "(systemctl command [start snap.microsample.microsample.service] failed with exit "
	  "status 1: stderr:\nJob for snap.microsample.microsample.service failed because the "
	  "control process exited with error code.\nSee \"systemctl status "
	  "snap.microsample.microsample.service\" and \"journalctl -xeu "
	  "snap.microsample.microsample.service\" for details.)\n- Start snap \"microsample\" "
	  "(3) services (systemctl command [start snap.microsample.microsample.service] failed "
	  "with exit status 1: stderr:\nJob for snap.microsample.microsample.service failed "
	  "because the control process exited with error code.\nSee \"systemctl status "
	  "snap.microsample.microsample.service\" and \"journalctl -xeu "
	  "snap.microsample.microsample.service\" for details.)",
	  { "control process exited with error code" } },
};
/* clang-format on */

#endif
