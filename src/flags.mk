# SPDX-License-Identifier: MIT
#
# The flags that a kernel needs for the files in src/sources.txt, for any build system: one variable
# a line; make includes it, Meson reads it, others take what is right of " = ".
#
# Header paths: include, the folder of the host's salvo_port.h, and arch/CPU or another folder with
# a salvo_arch.h. -std=c11 may be gnu11. The others keep the compiler from what a kernel has not
# got: a libc, the red zone, vector and floating-point registers, a stack protector's symbols, and
# the functions for which aarch64's atomics are outlined. The code model is the kernel's own choice.

SALVO_CFLAGS = -std=c11 -ffreestanding -nostdlib -fno-pic -fno-stack-protector
SALVO_CFLAGS_x86_64 = -mno-red-zone -mgeneral-regs-only -mcmodel=kernel
SALVO_CFLAGS_i386 = -march=i586 -mgeneral-regs-only
SALVO_CFLAGS_aarch64 = -mgeneral-regs-only -mno-outline-atomics
SALVO_CFLAGS_riscv64 = -mabi=lp64 -mcmodel=medany

# clang before 17 does not know the name zicsr, and takes its instructions without.
SALVO_CFLAGS_riscv64_gcc = -march=rv64imac_zicsr
SALVO_CFLAGS_riscv64_clang = -march=rv64imac
