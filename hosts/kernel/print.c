// SPDX-License-Identifier: MIT
/* print.c: numbers and words into a line of text. */
#include "kernel.h"

struct text {
	char *to;
	size_t length, size;
	va_list arguments; /* those not converted yet */
};

static void
put(struct text *text, char character)
{
	if (text->length + 1 < text->size)
		text->to[text->length++] = character;
}

static void
put_number(struct text *text, uint64_t number, unsigned base, unsigned width, char pad)
{
	char digits[20];
	unsigned count = 0;

	do {
		digits[count++] = "0123456789abcdef"[number % base];
		number /= base;
	} while (number != 0);
	for (unsigned i = count; i < width; i++)
		put(text, pad);
	while (count > 0)
		put(text, digits[--count]);
}

/* put_conversion: one conversion, all after its size; the numbers are 64 bits wide if `wide`. */
static void
put_conversion(struct text *text, char conversion, bool wide, unsigned width, char pad)
{
	int64_t number;
	const char *word;

	switch (conversion) {
	case 'd':
		number = wide ? va_arg(text->arguments, int64_t) : va_arg(text->arguments, int);
		if (number < 0)
			put(text, '-');
		put_number(
			text, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, 10, width, pad);
		break;
	case 'u':
	case 'x':
		put_number(text,
			wide ? va_arg(text->arguments, uint64_t)
			     : va_arg(text->arguments, unsigned),
			conversion == 'u' ? 10 : 16, width, pad);
		break;
	case 'p':
		put_number(text, (uint64_t)va_arg(text->arguments, void *), 16, 16, '0');
		break;
	case 's':
		for (word = va_arg(text->arguments, const char *); *word != '\0'; word++)
			put(text, *word);
		break;
	case 'c':
		put(text, (char)va_arg(text->arguments, int));
		break;
	default:
		put(text, conversion);
	}
}

size_t
format_line(char *line, size_t size, const char *format, va_list arguments)
{
	struct text text = {.to = line, .size = size};

	va_copy(text.arguments, arguments);
	for (; *format != '\0'; format++) {
		bool wide = false;
		unsigned width = 0;
		char pad = ' ';

		if (*format != '%') {
			put(&text, *format);
			continue;
		}
		format++;
		if (*format == '0')
			pad = *format++;
		while (*format >= '0' && *format <= '9')
			width = width * 10 + (unsigned)(*format++ - '0');
		while (*format == 'l' || *format == 'z') {
			wide = true;
			format++;
		}
		if (*format == '\0')
			break;
		put_conversion(&text, *format, wide, width, pad);
	}
	va_end(text.arguments);
	line[text.length] = '\0';
	return text.length;
}
