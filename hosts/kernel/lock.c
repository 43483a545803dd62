// SPDX-License-Identifier: MIT
/* lock.c: spinlocks, preemption, and locks whose waiters sleep. */
#include "thread.h"

void
preempt_disable(void)
{
	current_thread()->preempt_off++;
	atomic_signal_fence(memory_order_seq_cst);
}

void
preempt_enable(void)
{
	struct thread *thread = current_thread();

	atomic_signal_fence(memory_order_seq_cst);
	if (thread->preempt_off == 0)
		panic("%s: preempt_enable() without preempt_disable()", thread->name);
	if (--thread->preempt_off == 0 && atomic_load(&this_cpu()->resched) && interrupts_on())
		yield();
}

/*
 * lock_wait: what every loop that waits for another CPU does in each turn. That CPU may itself
 * wait for this one to answer a shootdown, and with interrupts off nobody else would answer.
 */
void
lock_wait(void)
{
	if (!interrupts_on())
		shootdown_serve();
	cpu_relax();
}

void
spin_lock_init(struct spinlock *lock, const char *name, bool irq)
{
	*lock = (struct spinlock){.name = name, .irq = irq};
}

bool
spin_held(const struct spinlock *lock)
{
	return atomic_load_explicit(&lock->owner, memory_order_relaxed) == this_cpu();
}

/* try_once: acquires on success; pairs with the release in spin_unlock(). => preemption off */
static bool
try_once(struct spinlock *lock)
{
	struct cpu *nobody = NULL;

	return atomic_compare_exchange_strong_explicit(
		&lock->owner, &nobody, this_cpu(), memory_order_acquire, memory_order_relaxed);
}

void
spin_lock(struct spinlock *lock)
{
	bool on = lock->irq ? interrupts_disable() : false;

	preempt_disable();
	if (spin_held(lock))
		panic("%s: this CPU holds the lock that it wants", lock->name);
	while (!try_once(lock))
		lock_wait();
	lock->interrupts_were_on = on;
}

bool
spin_trylock(struct spinlock *lock)
{
	bool on = lock->irq ? interrupts_disable() : false;

	preempt_disable();
	if (!try_once(lock)) {
		if (lock->irq)
			interrupts_restore(on);
		preempt_enable();
		return false;
	}
	lock->interrupts_were_on = on;
	return true;
}

void
spin_unlock(struct spinlock *lock)
{
	bool on = lock->interrupts_were_on;

	if (!spin_held(lock))
		panic("%s: unlocked by a CPU that does not hold it", lock->name);
	atomic_store_explicit(&lock->owner, NULL, memory_order_release);
	if (lock->irq)
		interrupts_restore(on);
	preempt_enable();
}

void
mutex_init(struct mutex *mutex, const char *name)
{
	spin_lock_init(&mutex->lock, name, false);
	mutex->owner = NULL;
}

void
mutex_lock(struct mutex *mutex)
{
	spin_lock(&mutex->lock);
	if (mutex->owner == current_thread())
		panic("%s: this thread holds the lock that it wants", mutex->lock.name);
	while (mutex->owner != NULL)
		sleep_on(mutex, &mutex->lock);
	mutex->owner = current_thread();
	spin_unlock(&mutex->lock);
}

bool
mutex_trylock(struct mutex *mutex)
{
	bool taken;

	spin_lock(&mutex->lock);
	taken = mutex->owner == NULL;
	if (taken)
		mutex->owner = current_thread();
	spin_unlock(&mutex->lock);
	return taken;
}

void
mutex_unlock(struct mutex *mutex)
{
	spin_lock(&mutex->lock);
	if (mutex->owner != current_thread())
		panic("%s: unlocked by a thread that does not hold it", mutex->lock.name);
	mutex->owner = NULL;
	wake_all(mutex);
	spin_unlock(&mutex->lock);
}

bool
mutex_held(const struct mutex *mutex)
{
	return mutex->owner == current_thread();
}
