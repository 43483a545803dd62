/* SPDX-License-Identifier: MIT */
/* image.S: the user programs inside the kernel. USER_BINARY is the file's name, quoted. */
	.section .user_image, "a", @progbits
	.incbin USER_BINARY
	.section .note.GNU-stack, "", @progbits
