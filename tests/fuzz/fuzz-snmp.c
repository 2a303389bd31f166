// SPDX-License-Identifier: Apache-2.0
// Fuzz target: one datagram into the SNMP frontend. What begins with USM_MARK is made a
// message of v3 first, see usm.h.
#include <sys/socket.h>

#include "fuzz.h"
#include "snmp-agent.h"
#include "snmp/snmp.h"
#include "usm.h"

#define INPUT_MAX 8192

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t message[INPUT_MAX + USM_HEAD];
	static int sender = -1;
	char answer[2048];

	if (sender < 0)
		sender = snmp_agent("");
	if (size && size <= INPUT_MAX && *data == USM_MARK) {
		size = usm_message(data, size, 0, message);
		data = message;
	}
	if (size > INPUT_MAX || send(sender, data, size, 0) < 0)
		return 0;
	sn_pass();
	while (recv(sender, answer, sizeof(answer), MSG_DONTWAIT) > 0)
		;
	return 0;
}
