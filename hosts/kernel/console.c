// SPDX-License-Identifier: MIT
/* console.c: lines to the first serial port (16550), and the emulator's exit. */
#include "kernel.h"
#include "x86_64/x86.h"

#define SERIAL         0x3f8
#define SERIAL_FIFO    (SERIAL + 2)
#define SERIAL_FORMAT  (SERIAL + 3)
#define SERIAL_STATUS  (SERIAL + 5)
#define STATUS_EMPTY   0x20 /* room for a byte */
#define FORMAT_DIVISOR 0x80
#define FORMAT_8N1     0x03

#define EXIT_PORT      0xf4
#define EXIT_SUCCESS   0x10
#define EXIT_FAILURE   0x11
#define EXIT_PANIC     0x12

static struct spinlock console_lock = SPINLOCK_IRQ("console");

void
console_init(void)
{
	port_out8(SERIAL_FORMAT, FORMAT_DIVISOR);
	port_out8(SERIAL, 1);
	port_out8(SERIAL + 1, 0);
	port_out8(SERIAL_FORMAT, FORMAT_8N1);
	port_out8(SERIAL + 1, 0);
	port_out8(SERIAL_FIFO, 0x07);
}

static void
write_line(const char *line)
{
	for (; *line != '\0'; line++) {
		while ((port_in8(SERIAL_STATUS) & STATUS_EMPTY) == 0)
			cpu_relax();
		port_out8(SERIAL, (uint8_t)*line);
	}
	port_out8(SERIAL, '\n');
}

void
print_line(const char *format, ...)
{
	char line[KERNEL_MAX_LINE];
	va_list arguments;

	va_start(arguments, format);
	format_line(line, sizeof(line), format, arguments);
	va_end(arguments);
	spin_lock(&console_lock);
	write_line(line);
	spin_unlock(&console_lock);
}

void
emulator_exit(bool success)
{
	port_out8(EXIT_PORT, success ? EXIT_SUCCESS : EXIT_FAILURE);
	for (;;)
		cpu_relax();
}

/* panic: the console's lock is not taken: its holder may be a CPU that was just stopped. */
void
panic(const char *format, ...)
{
	static atomic_flag panicking = ATOMIC_FLAG_INIT;
	char line[KERNEL_MAX_LINE];
	va_list arguments;

	interrupts_disable();
	if (atomic_flag_test_and_set(&panicking))
		for (;;)
			cpu_relax();
	if (cpu_count() > 1)
		ipi_stop_others();
	va_start(arguments, format);
	format_line(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (atomic_load(&console_lock.owner) != NULL)
		port_out8(SERIAL, '\n');
	for (const char *word = "panic: "; *word != '\0'; word++)
		port_out8(SERIAL, (uint8_t)*word);
	write_line(line);
	port_out8(EXIT_PORT, EXIT_PANIC);
	for (;;)
		cpu_relax();
}
