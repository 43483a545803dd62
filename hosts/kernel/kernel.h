/* SPDX-License-Identifier: MIT */
/*
 * kernel.h: everything one file of the kernel may ask of another, grouped by file.
 *
 * Interrupts: "any" = may be on or off; "on" = the function may sleep, so no spinlock may be held.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Limits. */
#define KERNEL_MAX_CPUS          64   /* a CPU set is one 64-bit word */
#define KERNEL_MAX_PROCESSES     72   /* one for each CPU and a few for the checks */
#define KERNEL_MAX_LINE          200  /* bytes of one console line */
#define KERNEL_MAX_MEMORY_RANGES 16   /* ranges of the boot loader's memory map */
#define KERNEL_STACK_BYTES       8192 /* of a thread */
#define KERNEL_TICKS_PER_SECOND  100
#define USER_STACK_BYTES         16384
#define DISK_MAX_PAGES           32 /* pages of one disk request */

/* Layout of addresses. The low half is the process's. */
#define PAGE_SIZE    4096UL
#define USER_END     0x0000800000000000UL /* first address that is not the process's */
#define USER_IMAGE   0x0000000000400000UL /* the user programs, in every process */
#define DIRECT_MAP   0xffff800000000000UL /* all RAM and the devices under 4 GiB */
#define KERNEL_IMAGE 0xffffffff80000000UL /* physical 0, as far as the image reaches */

struct mm;
struct process;
struct spinlock;
struct thread;
struct trap_frame;

/* A CPU, found by %gs in the kernel. It alone writes to it, unless a field says otherwise. */
struct cpu {
	struct cpu *self;       /* at %gs:0; trap.S knows the place */
	struct thread *current; /* never NULL once the CPU runs */
	unsigned number;        /* 0 to cpu_count() - 1 */
	unsigned apic_id;       /* constant once up */
	atomic_bool resched;    /* the current thread should give way; written by any CPU */
	struct thread *idle;    /* runs when nothing else can */
	void *tss;              /* this CPU's task state segment */
};

/* main.c: what the kernel command line asked for. */
enum workload {
	WORKLOAD_BOOT,
	WORKLOAD_CHECKS,
	WORKLOAD_RECLAIM,
	WORKLOAD_MUNMAP,
	WORKLOAD_PROTECT_SHRINK,
	WORKLOAD_PROTECT_GROW,
	WORKLOAD_CLEAN,
	WORKLOAD_MOVE,
	WORKLOAD_MERGE,
	WORKLOAD_TABLE_FREE,
	WORKLOAD_UNSHARE,
	WORKLOAD_WALK,
	WORKLOAD_BESIDE,
	WORKLOAD_NO_PRESSURE,
	WORKLOAD_NOT_RESIDENT,
};

struct options {
	enum workload workload;
	bool batch;     /* policy=batch; else a batch of one PTE (policy=page) */
	bool processes; /* readers=processes; else threads of one process */
	bool dirty;     /* readers write a byte a page too */
	bool writable;  /* they map the file writable, even if they only read */
	uint64_t bytes; /* length of the file that the disk holds */
	unsigned passes;
	bool defer;    /* tables=defer: freed after a grace period; else walkers are waited for */
	bool unspared; /* spared=0: the library was built without the choice of walkers */
	bool later;    /* finish=later: unmaps do not wait for other CPUs: late.c */
	bool flush_groups;      /* flush=group: reclaim flushes after each group of memory */
	bool two_phase;         /* phases=2: as if stores could pass through clean entries */
	unsigned flush_ceiling; /* pages that are flushed one by one; more: all of the space */
	char check[32];         /* the only check to run; empty: all */
};

extern struct options options; /* constant once the workload runs */

/* options.c */
void options_parse(const char *command_line); /* panics on an unknown word */

/*
 * workloads/: run in a kernel thread with interrupts on; true = every check held. The result
 * lines (TAP, stat) are the workload's own.
 */
bool workload_boot(void);
bool workload_checks(void);
bool workload_reclaim(void);
bool workload_munmap(void);
bool workload_protect_shrink(void);
bool workload_protect_grow(void);
bool workload_clean(void);
bool workload_move(void);
bool workload_merge(void);
bool workload_table_free(void);
bool workload_unshare(void);
bool workload_walk(void);
bool workload_beside(void);
bool workload_no_pressure(void);
bool workload_not_resident(void);

/* console.c: any interrupts, any lock held. A line is written whole. */
void console_init(void);
void print_line(const char *format, ...) __attribute__((format(printf, 1, 2))); /* adds '\n' */

/* print.c: %d %u %x %s %c %p %%, with l, z, a width and 0. Returns the length, cut to size - 1. */
size_t format_line(char *line, size_t size, const char *format, va_list arguments);

/* console.c: stops the other CPUs, prints "panic: ...", exits the emulator. Any context. */
_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void emulator_exit(bool success);

/* string.c */
void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *left, const void *right, size_t size);

/* x86_64/memory.c: the kernel's half of every address space; physical memory. */
struct memory_range {
	uint64_t start, end; /* physical, page aligned */
};
void memory_init(const void *start_info);
void *boot_alloc(size_t size); /* zeroed, page aligned, for ever; panics; before memory_hand_over */
void memory_hand_over(void);   /* gives what is left to frames_init() */
static inline void *
direct_map(uint64_t physical)
{
	return (void *)(physical + DIRECT_MAP);
}
uint64_t physical_of(const void *address);   /* of the direct map or the kernel image */
uint64_t kernel_root(void);                  /* physical address of the kernel's own root table */
void kernel_half_copy(uint64_t *root_table); /* entries 256 to 511 of a new process's root */

/* x86_64/cpu.c and its kin: this CPU. */
static inline struct cpu *
this_cpu(void) /* => preemption or interrupts off, else it may be another by the time it is used */
{
	struct cpu *cpu;

	__asm__ volatile("movq %%gs:0, %0" : "=r"(cpu));
	return cpu;
}
static inline unsigned
cpu_number(void) /* => as this_cpu() */
{
	return this_cpu()->number;
}
static inline struct thread *
current_thread(void) /* any context: it moves together with the thread that asks */
{
	struct thread *thread;

	__asm__ volatile("movq %%gs:8, %0" : "=r"(thread));
	return thread;
}
static inline void
cpu_relax(void)
{
	__asm__ volatile("pause" ::: "memory");
}
bool interrupts_on(void);
bool interrupts_disable(void); /* returns whether they were on */
void interrupts_restore(bool on);
unsigned cpu_count(void); /* CPUs that are up; constant once the workload runs */
struct cpu *cpu_by_number(unsigned number);

/* x86_64/smp.c */
void smp_start(void); /* brings all other CPUs up and waits until they are */

/* x86_64/apic.c: interrupts between CPUs. Send functions: any context but NMI. */
void ipi_send_shootdown(uint64_t cpus); /* bit n = CPU n; orders earlier stores first */
void ipi_send_reschedule(unsigned cpu);
void ipi_stop_others(void); /* by NMI; nothing of theirs runs any more */

/* x86_64/clock.c: any context. */
uint64_t clock_cycles(void);       /* time-stamp counter, ordered after earlier loads */
uint64_t clock_microseconds(void); /* since boot */
uint64_t clock_ticks(void);        /* since boot, KERNEL_TICKS_PER_SECOND each second */

/*
 * lock.c: spinlocks. Holding one keeps the thread on its CPU. A lock that an interrupt handler
 * takes, or that is taken with interrupts off, is of the irq kind: it keeps interrupts off while
 * it is held, and is dropped in the reverse order of taking. A waiter with interrupts off serves
 * shootdown requests while it spins (lock_wait).
 */
struct spinlock {
	_Atomic(struct cpu *) owner; /* NULL: free; set and cleared by the holder */
	bool irq;                    /* constant: the irq kind */
	bool interrupts_were_on;     /* of the holder, who alone reads and writes it */
	const char *name;            /* constant */
};
#define SPINLOCK(n)                                                                                \
	{                                                                                          \
		.name = (n)                                                                        \
	}
#define SPINLOCK_IRQ(n)                                                                            \
	{                                                                                          \
		.name = (n), .irq = true                                                           \
	}
void spin_lock_init(struct spinlock *lock, const char *name, bool irq);
void spin_lock(struct spinlock *lock);
bool spin_trylock(struct spinlock *lock);
void spin_unlock(struct spinlock *lock);
bool spin_held(const struct spinlock *lock); /* by this CPU */
void lock_wait(void); /* one turn of any loop that waits for another CPU; any interrupts */
void preempt_disable(void);
void preempt_enable(void); /* may switch threads, if interrupts are on */

/* lock.c: a lock whose waiters sleep. => interrupts on, no spinlock held */
struct mutex {
	struct spinlock lock;
	struct thread *owner; /* under lock */
};
#define MUTEX(n)                                                                                   \
	{                                                                                          \
		.lock = SPINLOCK(n)                                                                \
	}
void mutex_init(struct mutex *mutex, const char *name);
void mutex_lock(struct mutex *mutex);
bool mutex_trylock(struct mutex *mutex); /* any interrupts */
void mutex_unlock(struct mutex *mutex);
bool mutex_held(const struct mutex *mutex); /* by this thread */

/*
 * sched.c: threads. sleep_on() drops the lock and sleeps until wake_all() of the same channel,
 * with no wake-up lost between, and takes the lock again; it may wake for no reason.
 * => sleep_on: interrupts on but for `lock`, which is the only spinlock held
 * => wake_all: any context but NMI; normally with that lock held
 */
void sleep_on(const void *channel, struct spinlock *lock);
void wake_all(const void *channel);
void sleep_ticks(uint64_t ticks);
void yield(void);

/* sched_isolate: from now on only threads that are bound to that CPU run there. => once */
void sched_isolate(unsigned cpu);

/* thread.c: threads come from a fixed pool; NULL when it is empty. cpu = -1: any CPU. */
struct thread_result {
	bool killed;             /* by a fault that nobody could resolve */
	uintptr_t fault_address; /* of that fault */
	uint64_t report[4];      /* by SYS_REPORT */
};
struct thread *kernel_thread(const char *name, void (*run)(void *), void *argument, int cpu);
struct thread *user_thread(
	struct process *process, unsigned program, const uint64_t arguments[4], int cpu);
bool thread_done(const struct thread *thread);
void thread_wait(struct thread *thread, struct thread_result *result); /* result may be NULL;
									 gives the thread back */
_Noreturn void thread_exit(void);
struct process *thread_process(const struct thread *thread); /* NULL: a kernel thread */

/* process.c: => interrupts on, from a kernel thread */
struct process *process_create(void);          /* NULL: out of memory or of processes */
void process_destroy(struct process *process); /* => its threads have been waited for */
void process_stop(struct process *process);    /* SYS_PROGRESS says so to its threads from now on */
struct mm *process_mm(const struct process *process);
uint64_t process_progress(const struct process *process); /* sum of SYS_PROGRESS */

/*
 * virtio_blk.c: the disk in units of 4 KiB pages. A short last page is read with zeros behind it
 * and written up to the disk's end. Any number of threads may have requests in flight.
 */
struct disk_request {
	bool write;
	uint64_t page;            /* first page on the disk */
	unsigned pages;           /* 1 to DISK_MAX_PAGES */
	const uint64_t *physical; /* where each page lies in memory; kept until disk_wait returns */
	bool done, failed;        /* under the driver's lock */
};
bool disk_present(void);
uint64_t disk_pages(void);
void disk_submit(struct disk_request *request); /* => interrupts on; sleeps for a free slot */
bool disk_wait(struct disk_request *request);   /* => interrupts on; false: the disk failed */
bool disk_read(uint64_t page, unsigned pages, const uint64_t *physical); /* submit and wait */
bool disk_write(uint64_t page, unsigned pages, const uint64_t *physical);
bool disk_flush(void); /* what was written is on the disk */

/*
 * What the memory management gives to the files above.
 */

/* mm/frames.c: takes all free physical memory. => once, on the boot CPU, before threads run */
void frames_init(const struct memory_range *ranges, unsigned count);

/* mm/: once on each CPU, by itself, interrupts off, before it runs threads */
void mm_cpu_start(void);

/* mm/grace.c: in each clock interrupt of each CPU. grace_start: threads may run. */
void mm_tick(void);
void grace_start(void); /* a thread; unless it runs */

/* mm/: address spaces of processes. => interrupts on, may sleep */
struct mm *mm_create(void);
void mm_destroy(struct mm *mm);
bool mm_map_image(struct mm *mm, uintptr_t address, const void *image, size_t size); /* read, run */
uintptr_t mm_map_anonymous(struct mm *mm, size_t size); /* zeros, read and write; 0: no room */
int64_t mm_syscall(struct mm *mm, unsigned number, const uint64_t arguments[4]);
bool mm_fault(struct mm *mm, uintptr_t address, unsigned error_code); /* false: unresolvable */
#define FAULT_PRESENT 1u
#define FAULT_WRITE   2u
#define FAULT_USER    4u
#define FAULT_EXECUTE 16u

/*
 * port.c: space_switch() is called at each switch to another process; NULL = to a kernel thread
 * or idle, which keeps what is loaded, lazily. => interrupts off, the scheduler's lock held
 */
void space_switch(struct process *next);
void shootdown_interrupt(void); /* => interrupts off, in the handler of the interrupt */
void shootdown_serve(void);     /* from lock_wait(). => interrupts off */

#endif
