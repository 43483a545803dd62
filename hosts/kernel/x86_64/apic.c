// SPDX-License-Identifier: MIT
/* apic.c: each CPU's interrupt controller (xAPIC, through memory), and the devices' I/O APIC. */
#include "machine.h"
#include "x86.h"

#define APIC_BASE        0xfee00000UL
#define APIC_ID          0x020
#define APIC_END         0x0b0
#define APIC_SPURIOUS    0x0f0
#define APIC_COMMAND     0x300
#define APIC_TARGET      0x310
#define APIC_TIMER       0x320
#define APIC_TIMER_START 0x380
#define APIC_TIMER_COUNT 0x390
#define APIC_TIMER_SCALE 0x3e0

#define APIC_ENABLE      0x100
#define TIMER_PERIODIC   0x20000
#define TIMER_MASKED     0x10000
#define TIMER_SCALE_16   0x3
#define COMMAND_NMI      0x00400
#define COMMAND_INIT     0x00500
#define COMMAND_STARTUP  0x00600
#define COMMAND_ASSERT   0x04000
#define COMMAND_OTHERS   0xc0000 /* to all but this CPU */
#define COMMAND_PENDING  0x01000

#define IO_APIC_BASE     0xfec00000UL
#define IO_APIC_SELECT   0x00
#define IO_APIC_WINDOW   0x10
#define IO_APIC_ROUTE(n) (0x10 + 2 * (n))
#define ROUTE_LEVEL      0x8000
#define ROUTE_MASKED     0x10000

#define PIC_FIRST_MASK   0x21
#define PIC_SECOND_MASK  0xa1

static volatile uint32_t *
apic(unsigned offset)
{
	return direct_map(APIC_BASE + offset);
}

static void
io_apic_write(uint32_t index, uint32_t value)
{
	*(volatile uint32_t *)direct_map(IO_APIC_BASE + IO_APIC_SELECT) = index;
	*(volatile uint32_t *)direct_map(IO_APIC_BASE + IO_APIC_WINDOW) = value;
}

void
apic_cpu_init(void)
{
	port_out8(PIC_FIRST_MASK, 0xff);
	port_out8(PIC_SECOND_MASK, 0xff);
	*apic(APIC_SPURIOUS) = APIC_ENABLE | VECTOR_SPURIOUS;
	this_cpu()->apic_id = *apic(APIC_ID) >> 24;
}

void
apic_timer_measure(void)
{
	*apic(APIC_TIMER_SCALE) = TIMER_SCALE_16;
	*apic(APIC_TIMER) = TIMER_MASKED | VECTOR_TIMER;
	*apic(APIC_TIMER_START) = UINT32_MAX;
}

uint32_t
apic_timer_elapsed(void)
{
	return UINT32_MAX - *apic(APIC_TIMER_COUNT);
}

void
apic_timer_start(uint32_t count)
{
	*apic(APIC_TIMER_SCALE) = TIMER_SCALE_16;
	*apic(APIC_TIMER) = TIMER_PERIODIC | VECTOR_TIMER;
	*apic(APIC_TIMER_START) = count;
}

void
apic_end_of_interrupt(void)
{
	*apic(APIC_END) = 0;
}

/*
 * send: the two halves of a command belong together, so interrupts are off between them. The
 * fence orders what the caller stored before the interrupt; the registers are uncached, which
 * orders them too, and so it is for clarity.
 */
static void
send(uint32_t apic_id, uint32_t command)
{
	bool on = interrupts_disable();

	atomic_thread_fence(memory_order_seq_cst);
	while ((*apic(APIC_COMMAND) & COMMAND_PENDING) != 0)
		cpu_relax();
	*apic(APIC_TARGET) = apic_id << 24;
	*apic(APIC_COMMAND) = command;
	interrupts_restore(on);
}

void
ipi_send_shootdown(uint64_t cpus)
{
	for (; cpus != 0; cpus &= cpus - 1)
		send(cpu_by_number((unsigned)__builtin_ctzl(cpus))->apic_id,
			COMMAND_ASSERT | VECTOR_SHOOTDOWN);
}

void
ipi_send_reschedule(unsigned cpu)
{
	send(cpu_by_number(cpu)->apic_id, COMMAND_ASSERT | VECTOR_RESCHEDULE);
}

void
ipi_stop_others(void)
{
	send(0, COMMAND_OTHERS | COMMAND_ASSERT | COMMAND_NMI);
}

/* apic_start_others: the sequence and the pauses of the MultiProcessor Specification, B.4. */
void
apic_start_others(void)
{
	send(0, COMMAND_OTHERS | COMMAND_ASSERT | COMMAND_INIT);
	clock_wait(10000);
	send(0, COMMAND_OTHERS | COMMAND_ASSERT | COMMAND_STARTUP | TRAMPOLINE / PAGE_SIZE);
	clock_wait(200);
	send(0, COMMAND_OTHERS | COMMAND_ASSERT | COMMAND_STARTUP | TRAMPOLINE / PAGE_SIZE);
}

void
device_interrupt_enable(unsigned line)
{
	if (line >= DEVICE_INTERRUPTS)
		panic("interrupt line %u does not exist", line);
	io_apic_write(IO_APIC_ROUTE(line), ROUTE_MASKED);
	io_apic_write(IO_APIC_ROUTE(line) + 1, cpu_by_number(0)->apic_id << 24);
	io_apic_write(IO_APIC_ROUTE(line), ROUTE_LEVEL | (VECTOR_DEVICE + line));
}
