// SPDX-License-Identifier: MIT
#include <stdarg.h>
#include <stdio.h>

#include "message.h"

static void speak(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

static void
speak(const char *format, va_list arguments)
{
	fflush(stdout);
	fputs("salvo: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
}

/*
 * error: one line on standard error; returns STATUS_ERROR, so that a caller can say
 * `return error(...)`.
 */
int
error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	speak(format, arguments);
	va_end(arguments);
	return STATUS_ERROR;
}

/* say: one line on standard error that is no failure. */
void
say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	speak(format, arguments);
	va_end(arguments);
}
