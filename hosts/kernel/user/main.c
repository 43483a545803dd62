// SPDX-License-Identifier: MIT
/* main.c: from the program's number to the program. */
#include "user.h"

void
user_main(unsigned long program, unsigned long first, unsigned long second, unsigned long third,
	unsigned long fourth)
{
	switch (program) {
	case PROGRAM_READER:
		reader(first, second, third, fourth);
		break;
	case PROGRAM_TOUCHER:
		toucher(first, second, third, fourth);
		break;
	case PROGRAM_PROBER:
		prober((struct probe_box *)first);
		break;
	case PROGRAM_SPINNER:
		spinner((struct spin_box *)first);
		break;
	case PROGRAM_CALLER:
		caller(first);
		break;
	}
}
