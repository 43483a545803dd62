// SPDX-License-Identifier: MIT
/*
 * needs.c: what a program asks for is there: spaces, pages, CPUs, frames. What is not is a mistake
 * of the program's, told by oracle 0; and whoever asks goes no further.
 */
#include <stdarg.h>
#include <stdio.h>

#include "host.h"
#include "tlb.h"

/* need: `there`, or the text says what is not. */
static __attribute__((format(printf, 2, 3))) void
need(bool there, const char *format, ...)
{
	char text[100];
	va_list args;

	if (there)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (cpu_exploring())
		fail(0, "CPU %u asks for what is not there: %s", running, text);
	else
		fail(0, "set_up asks for what is not there: %s", text);
	cpu_leave();
}

void
need_cpu(const char *call, unsigned cpu)
{
	need(cpu < cpus_there(), "%s: CPU %u of %u", call, cpu, cpus_there());
}

void
need_space(const char *call, unsigned space)
{
	need(space < SPACES_MAX, "%s: space %u of %u", call, space, SPACES_MAX);
	need(space_of(space)->root != 0, "%s: space %u, which new_space() did not make", call,
		space);
}

void
need_new_space(unsigned space)
{
	need(space < KERNEL, "new_space: space %u of %u", space, KERNEL);
	need(spaces[space].root == 0, "new_space: space %u, which is there already", space);
}

void
need_pages(const char *call, unsigned space, unsigned from, unsigned to)
{
	need_space(call, space);
	need(from < to && to <= PAGES, "%s: pages from %u to %u, of %u", call, from, to, PAGES);
}

void
need_page(const char *call, unsigned space, unsigned page)
{
	need_pages(call, space, page, page + 1);
}

void
need_frame(const char *call, uintptr_t frame)
{
	need(frame != 0 && frame < FRAMES_MAX, "%s: frame %ju of %u", call, (uintmax_t)frame,
		FRAMES_MAX);
}

void
need_ways(unsigned ways)
{
	need(ways >= 1 && ways <= WAYS_MAX, "choose: among %u, of %u at most", ways, WAYS_MAX);
}

void
need_slots(unsigned slots)
{
	need(slots >= 1 && slots <= SALVO_MAX_SLOTS, "use_slots: %u, of %u at most", slots,
		SALVO_MAX_SLOTS);
}

/* need_late: there is no memory for one more finish. */
void
need_late(void)
{
	need(late_is_used(), "unmap_later: set_up has to call allow_late_finishes()");
	need(false, "unmap_later: two finishes are not over, and there is room for two");
}
