/* SPDX-License-Identifier: MIT */
/* message.h: how the command speaks when something is wrong, and its exit codes. */
#ifndef TOOL_MESSAGE_H
#define TOOL_MESSAGE_H

enum {
	STATUS_OK = 0,
	STATUS_WRONG = 1, /* the run ended and its result is wrong: a checksum, a check */
	STATUS_ERROR = 2, /* anything else: bad input, a build, a panic, silence */
};

int error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
