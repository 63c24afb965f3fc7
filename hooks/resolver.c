/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No names are resolved. The charm speaks to a unix socket and to 127.0.0.1 only, but libcurl has a
 * call to the resolver for the hosts that we never name. These stand in for libc's in the shipped
 * program, so that nothing in it can ask a name server, and no plugin of libc's (NSS) is ever loaded.
 */
#include <netdb.h>
#include <stddef.h>

int getaddrinfo(
	const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
	(void)node;
	(void)service;
	(void)hints;
	(void)ret;
	return EAI_FAIL;
}

void freeaddrinfo(struct addrinfo *list)
{
	(void)list;
}

const char *gai_strerror(int code)
{
	(void)code;
	return "names are not resolved";
}
