//! Inner loop for the DSP extension (Armv7E-M, Armv8-M Mainline).
//!
//! A half-word of weights holds those of two rows, `h = even + 256 odd` (`even` with 128 added). For two inputs at once,
//! `F += SMLAD(h, x)` accumulates both rows and `L += SMLAD(UXTB16(h), x)` the even row alone, so the accumulator of the odd
//! row is `(F - L) / 256`. `F` may wrap around, so this is exact while the odd accumulator stays within 2^23, which 320 inputs
//! of 127 with weights of -128 do not reach.
#![expect(unsafe_code, reason = "assembly")]

use core::arch::naked_asm;

use crate::{
    kernels::{Tile, active::Pair},
    layers::Column,
};

/// Code size of the instructions for one pair, in bytes.
const PAIR_CODE: usize = 44;

/// Computes the accumulators of consecutive tiles over the inputs of `pairs`. Accumulators of even rows, whose weights have 128
/// added, start at `offset`, the others at 0.
///
/// # Safety
/// - `weights` points to one tile of `stride` bytes for each [`Tile`] from `accumulators` to `accumulators_end`, readable.
/// - `pairs` to `pairs_end` is a readable range of at least one initialized [`Pair`], aligned to 4 bytes, whose `columns` are
///   multiples of 4 below `stride`.
/// - `accumulators` to `accumulators_end` is a writable range of at least one [`Tile`], aligned to 4 bytes, that does not
///   overlap the others.
/// - `stride` is a multiple of 4, at least 4.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn accumulate_tiles(
    weights: *const Column,
    pairs: *const Pair,
    pairs_end: *const Pair,
    accumulators: *mut Tile,
    stride: usize,
    accumulators_end: *mut Tile,
    offset: i32,
) {
    naked_asm!(
        // r0 weights, r1 pairs, r2 pairs_end, r3 accumulators; r4 and r5 are L and F of rows 0 and 1, r6 and r7 of rows 2
        // and 3; r12 the first pair, lr the entry point of a tile's loop; on the stack stride, accumulators_end, offset.
        // The loop is unrolled for four pairs. Its first round is entered in the middle, so that it handles the pairs
        // beyond a multiple of four: of n pairs, which are 3 n words, it skips 3 n mod 4.
        // The assembler has to be told that the Armv8-M core has these instructions.
        #[cfg(armv8m)]
        ".cpu cortex-m33",
        "push {{r4-r11, lr}}",
        "mov r12, r1",
        "sub r4, r2, r1",
        "ubfx r4, r4, #2, #2",
        "movs r5, #{pair_code}",
        "adr lr, 2f",
        "mla lr, r4, r5, lr",
        "add lr, lr, #1",
        "1:",
        "ldr r4, [sp, #44]",
        "mov r1, r12",
        "mov r5, r4",
        "mov r6, r4",
        "mov r7, r4",
        "bx lr",
        ".p2align 2",
        "2:",
        ".rept 4",
        "ldm r1!, {{r8, r9, r10}}",
        "ldr r8, [r0, r8]",
        "ldr r9, [r0, r9]",
        "pkhbt r11, r8, r9, lsl #16",
        "pkhtb r8, r9, r8, asr #16",
        "smlad r5, r11, r10, r5",
        "smlad r7, r8, r10, r7",
        "uxtb16 r11, r11",
        "uxtb16 r8, r8",
        "smlad r4, r11, r10, r4",
        "smlad r6, r8, r10, r6",
        ".endr",
        "cmp r1, r2",
        "bne 2b",
        "ldrd r8, r9, [sp, #36]",
        "sub r5, r5, r4",
        "sub r7, r7, r6",
        "asr r5, r5, #8",
        "asr r7, r7, #8",
        "add r0, r0, r8",
        "stm r3!, {{r4-r7}}",
        "cmp r3, r9",
        "bne 1b",
        "pop {{r4-r11, pc}}",
        pair_code = const PAIR_CODE,
    )
}
