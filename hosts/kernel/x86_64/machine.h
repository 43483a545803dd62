/* SPDX-License-Identifier: MIT */
/* machine.h: what the files of x86_64/ and those that start the kernel share among themselves. */
#ifndef MACHINE_H
#define MACHINE_H

#include "../kernel.h"

struct trap_frame;

/* memory.c */
const char *memory_command_line(void);

/* cpu.c */
void gates_init(void);
void cpu_allocate(unsigned number);
void cpu_init(unsigned number, struct thread *current);

/* apic.c: => interrupts off */
void apic_cpu_init(void);              /* on each CPU */
void apic_timer_start(uint32_t count); /* an interrupt every `count`, on this CPU */
void apic_timer_measure(void);         /* counts down from the top, silently */
uint32_t apic_timer_elapsed(void);     /* since apic_timer_measure() */
void apic_end_of_interrupt(void);
void apic_start_others(void);                /* all CPUs but this one begin at TRAMPOLINE */
void device_interrupt_enable(unsigned line); /* to CPU 0, as VECTOR_DEVICE + line */

/* clock.c */
void clock_init(void); /* measures; => once, on the first CPU, its APIC usable */
void clock_wait(uint64_t microseconds);
void clock_tick_start(void); /* on this CPU, from now on */

/* trap.S */
_Noreturn void enter_user(struct trap_frame *frame);

/* smp.c */
void smp_probe(void); /* learns cpu_count() */

/* virtio_blk.c */
void disk_add_slot(uint64_t base, unsigned line); /* a virtio-mmio device that was announced */
void disk_init(void);                             /* finds the disk, if there is one */
void disk_interrupt(unsigned line);               /* => in its handler */

#endif
