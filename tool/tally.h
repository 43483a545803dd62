/* SPDX-License-Identifier: MIT */
/* tally.h: `salvo tally` and `salvo lint`; each function returns the exit status. */
#ifndef TOOL_TALLY_H
#define TOOL_TALLY_H

int tally(int count, char *const logs[]);
int lint(int count, char *const arguments[]);

#endif
