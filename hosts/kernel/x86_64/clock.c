// SPDX-License-Identifier: MIT
/* clock.c: the time-stamp counter as the clock, the APIC's timer as the tick. */
#include "machine.h"
#include "x86.h"

#define PIT_HERTZ    1193182UL
#define PIT_COUNTER  0x40
#define PIT_COMMAND  0x43
#define PIT_DIVIDE   0x34 /* counter 0, both bytes, mode 2: counts down and begins again */
#define PIT_LATCH    0x00
#define WINDOW       (PIT_HERTZ / 100) /* measured in one go, in the PIT's steps: 10 ms */
#define MEASUREMENTS 4
#define MILLION      1000000UL

static uint64_t cycles_per_second;
static uint64_t cycles_at_boot;
static uint32_t timer_per_second;

uint64_t
clock_cycles(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high)::"memory");
	return (uint64_t)high << 32 | low;
}

static uint16_t
pit_read(void)
{
	uint16_t low;

	port_out8(PIT_COMMAND, PIT_LATCH);
	low = port_in8(PIT_COUNTER);
	return (uint16_t)(low | port_in8(PIT_COUNTER) << 8);
}

/*
 * clock_init: a pause of the emulator between two reads makes a measured count too large, never
 * too small, because both counters are started before and read after the PIT. So the smallest
 * of a few is the best.
 */
void
clock_init(void)
{
	uint64_t cycles = UINT64_MAX;
	uint32_t timer = UINT32_MAX;

	port_out8(PIT_COMMAND, PIT_DIVIDE);
	port_out8(PIT_COUNTER, 0);
	port_out8(PIT_COUNTER, 0);
	for (unsigned i = 0; i < MEASUREMENTS; i++) {
		uint64_t cycles_start = clock_cycles(), cycles_end;
		uint16_t pit_start;
		uint32_t timer_end;

		apic_timer_measure();
		pit_start = pit_read();
		while ((uint16_t)(pit_start - pit_read()) < WINDOW)
			cpu_relax();
		cycles_end = clock_cycles() - cycles_start;
		timer_end = apic_timer_elapsed();
		cycles = cycles_end < cycles ? cycles_end : cycles;
		timer = timer_end < timer ? timer_end : timer;
	}
	cycles_per_second = cycles * PIT_HERTZ / WINDOW;
	timer_per_second = (uint32_t)(timer * PIT_HERTZ / WINDOW);
	cycles_at_boot = clock_cycles();
}

uint64_t
clock_microseconds(void)
{
	uint64_t cycles = clock_cycles() - cycles_at_boot;

	return cycles / cycles_per_second * MILLION +
	       cycles % cycles_per_second * MILLION / cycles_per_second;
}

uint64_t
clock_ticks(void)
{
	return clock_microseconds() / (MILLION / KERNEL_TICKS_PER_SECOND);
}

void
clock_wait(uint64_t microseconds)
{
	uint64_t start = clock_microseconds();

	while (clock_microseconds() - start < microseconds)
		cpu_relax();
}

void
clock_tick_start(void)
{
	apic_timer_start(timer_per_second / KERNEL_TICKS_PER_SECOND);
}
