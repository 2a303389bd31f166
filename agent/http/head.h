// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Whether a request line and its headers can be read in one way only: two servers that
 * read them differently can be made to disagree where a request ends.
 *
 * libmicrohttpd 0.9.75 tolerates much (folded lines, blanks before a colon, bare LF,
 * NUL) and shows what it made of it. It parses in place: method, target, version, names
 * and values point into the bytes received, of which the ends of lines and the colons
 * have become NUL. Here each must begin exactly where the one before ends. That leaves
 * one thing unseen, a NUL before a bare LF; `seen` is for that. */

struct http_head {
	/* in: what libmicrohttpd says */
	const char *method, *target, *version;
	size_t size; /* from the method to behind the empty line */
	/* in: as received, before libmicrohttpd decoded it, from http_head_target */
	size_t target_len;
	bool target_ok;
	size_t seen; /* bytes behind the request line that had come then, without a NUL
		      */
	/* out */
	bool ok;
	bool certain; /* the headers were among `seen`: their lines end in CR LF */
	const char
		*wrong; /* the header that is, NULL: the request line, or the lines */
	bool chunked;   /* ok, but without a length: Transfer-Encoding alone */
	/* its own */
	const char *at;
	unsigned found; /* bits of those that may be there once */
};

/** The target, still as received, followed by the version; more than the bytes up to
 * the next multiple of 4 kB are not looked at. Fills in the fields that say so. */
void http_head_target(struct http_head *h, const char *target);
/** Begins: the request line. */
void http_head_begin(struct http_head *h);
/** Each header, in their order. */
void http_head_line(struct http_head *h, const char *name, size_t name_len,
		    const char *value, size_t value_len);
/** Ends; `h->ok` is the judgement. */
void http_head_end(struct http_head *h);
