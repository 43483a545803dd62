/* SPDX-License-Identifier: MIT */
/* explore.h: `salvo explore`. */
#ifndef TOOL_EXPLORE_H
#define TOOL_EXPLORE_H

/* explore: arguments[0] is the command's name, NULL ends them. Returns only to report a failure. */
int explore(char *arguments[]);

#endif
