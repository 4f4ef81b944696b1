//! The product by the DSP instructions of Cortex-M4, M7 and M33: four products each three of them.
//!
//! A half of a word of weights holds those of two rows, `h = even + 256 odd` (`even` with 128 added). For two
//! inputs at once, F += SMLAD(h, x) sums both rows, and L += SMLAD(UXTB16(h), x) the even one alone: the odd
//! row's sum is (F - L) / 256. F may wrap around, so that is exact while the odd sum is within 2^23, which
//! 320 inputs of 127 and weights of -128 do not reach.
#![expect(unsafe_code, reason = "assembly")]

use core::arch::naked_asm;

use super::{Active, Column, Tile, active::Pair, assembly::sum};

/// Whether it takes inputs below 0 by their magnitudes.
pub(super) const MAGNITUDES: bool = false;

/// As [`super::portable::product`].
pub(super) fn product(weights: &[Column], active: &Active<'_>, sums: &mut [Tile]) {
    sum(weights, active.inputs(), active.all(), sums);
}

/// Bytes of the instructions for one pair.
const PAIR_CODE: usize = 44;

/// As [`super::assembly`] says.
///
/// # Safety
/// As it says there.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn tiles(
    weights: *const Column,
    pairs: *const Pair,
    pairs_end: *const Pair,
    sums: *mut Tile,
    stride: usize,
    sums_end: *mut Tile,
    start: i32,
) {
    naked_asm!(
        // r0 weights, r1 pairs, r2 their end, r3 sums; r4 L and r5 F of the rows 0 and 1, r6 and r7 of 2 and 3;
        // r12 the first pair, lr where a tile's sums begin; on the stack stride, sums_end, start. The first round
        // of four pairs begins with as many as are beyond a multiple of four: 3 n % 4 pairs of n are skipped,
        // and n pairs are 3 n words.
        // An assembler for Armv8-M does not know by itself that the core has these instructions.
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
