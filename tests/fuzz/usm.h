// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <stdint.h>

#define USM_MARK 0x33 /* begins an input that is signed: no message begins so */
#define USM_HEAD 192  /* bytes that a message has more than its scoped PDU, at most */

/** An input is the mark, a byte with msgFlags and a scoped PDU; makes a message of the
 *  user "u" (SHA-256, AES-256) of it, signed and encrypted as the flags say, so that
 * what is behind the digest is reached; its time is `late` s behind the engine's.
 * Returns its length; `ret` has USM_HEAD bytes more than `size`. 0: not such an input.
 */
size_t usm_message(const uint8_t *data, size_t size, int late, uint8_t *ret);
