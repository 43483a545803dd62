# SPDX-License-Identifier: MIT
#
# The library built by make alone, from the two lists in src/: what a kernel with a Makefile writes.
# make -f tests/build/plain.mk CPU=x86_64 COMPILER=gcc CC=gcc OUT=build/plain

include src/flags.mk

SOURCES := $(shell cat src/sources.txt)
OBJECTS := $(SOURCES:src/%.c=$(OUT)/%.o)
CFLAGS  := -O2 -Wall -Wextra -Wpedantic -Wconversion -Werror $(SALVO_CFLAGS) \
	$(SALVO_CFLAGS_$(CPU)) $(SALVO_CFLAGS_$(CPU)_$(COMPILER))

$(OUT)/libsalvo.a: $(OBJECTS)
	rm -f $@
	llvm-ar rcs $@ $^

$(OUT)/%.o: src/%.c
	@mkdir -p $(OUT)
	$(CC) $(CFLAGS) -Iinclude -Iarch/$(CPU) -Iport/template -c $< -o $@
