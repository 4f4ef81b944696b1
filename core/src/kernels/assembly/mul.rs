//! Inner loop for Armv7-M without the DSP extension.
//!
//! With 128 added to every weight, a column holds two rows in the bits of 0x00ff00ff and two in those of 0xff00ff00. A weight
//! times the magnitude of an input is less than 2^15, so one multiplication computes the products of two rows in the halves
//! of a word, where those of two inputs can be added (2 x 255 x 127 < 2^16). Two registers accumulate them: A the whole words
//! and B their upper halves. The accumulators of the rows are A - 2^16 B and B. If the inputs add up to at most 257, the
//! sums of all products fit the halves of A, which is separated once per tile ([`SMALL_SUM`]).
#![expect(unsafe_code, reason = "assembly")]

use core::arch::naked_asm;

use super::SMALL_SUM;
use crate::{
    kernels::{Tile, active::Pair},
    layers::Column,
};

/// Computes the accumulators of consecutive tiles over the inputs of `pairs`. Accumulators of
/// even rows, whose weights have 128 added, start at `offset`, the others at 0.
///
/// # Safety
/// - `weights` points to one tile of `stride` bytes for each [`Tile`] from `accumulators` to `accumulators_end`, readable.
/// - `pairs` to `pairs_end` is a readable range of at least one initialized [`Pair`], aligned to 4 bytes, whose `columns` are
///   multiples of 4 below `stride`.
///   Their `values` are magnitudes, 0 to 127, and `offset` is their sum times -128.
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
        // r0 weights, r1 pairs, r2 pairs_end, r3 accumulators; r4 and r5 are A and B of the even rows, r6 and r7 of the odd
        // rows; lr the mask; on the stack the first pair, and above the saved registers stride, accumulators_end, offset.
        "push {{r1, r4-r11, lr}}",
        "mov lr, #0x00ff00ff",
        "ldr r5, [sp, #48]",
        "movw r4, #{small}",
        "cmn r5, r4",
        "blt 1f",
        // Small inputs: only A.
        "3:",
        "ldr r1, [sp]",
        "mov r4, #0",
        "mov r6, #0",
        "4:",
        "ldm r1!, {{r8, r9, r10}}",
        "ldr r8, [r0, r8]",
        "ldr r9, [r0, r9]",
        "uxth r11, r10",
        "lsr r10, r10, #16",
        "and r12, r8, lr",
        "mla r4, r12, r11, r4",
        "and r8, lr, r8, lsr #8",
        "eor r8, r8, #0x00800080", // adds 128 to the weights of the odd rows
        "mla r6, r8, r11, r6",
        "and r12, r9, lr",
        "mla r4, r12, r10, r4",
        "and r9, lr, r9, lsr #8",
        "eor r9, r9, #0x00800080",
        "mla r6, r9, r10, r6",
        "cmp r1, r2",
        "bne 4b",
        "ldrd r8, r9, [sp, #40]",
        "uxth r10, r4",
        "uxth r11, r6",
        "add r10, r10, r5",
        "add r11, r11, r5",
        "add r4, r5, r4, lsr #16",
        "add r6, r5, r6, lsr #16",
        "add r0, r0, r8",
        "strd r10, r11, [r3], #8",
        "strd r4, r6, [r3], #8",
        "cmp r3, r9",
        "bne 3b",
        "pop {{r1, r4-r11, pc}}",
        // Other inputs.
        "1:",
        "ldr r5, [sp, #48]",
        "ldr r1, [sp]",
        "add r4, r5, r5, lsl #16",
        "mov r7, r5",
        "mov r6, r4",
        "2:",
        "ldm r1!, {{r8, r9, r10}}",
        "ldr r8, [r0, r8]",
        "ldr r9, [r0, r9]",
        "uxth r11, r10",
        "lsr r10, r10, #16",
        "and r12, r8, lr",
        "mul r12, r12, r11",
        "and r8, lr, r8, lsr #8",
        "eor r8, r8, #0x00800080", // adds 128 to the weights of the odd rows
        "mul r8, r8, r11",
        "and r11, r9, lr",
        "mla r12, r11, r10, r12",
        "and r9, lr, r9, lsr #8",
        "eor r9, r9, #0x00800080",
        "mla r8, r9, r10, r8",
        "add r4, r4, r12",
        "add r5, r5, r12, lsr #16",
        "add r6, r6, r8",
        "add r7, r7, r8, lsr #16",
        "cmp r1, r2",
        "bne 2b",
        "ldrd r8, r9, [sp, #40]",
        "sub r4, r4, r5, lsl #16",
        "sub r6, r6, r7, lsl #16",
        "add r0, r0, r8",
        "strd r4, r6, [r3], #8",
        "strd r5, r7, [r3], #8",
        "cmp r3, r9",
        "bne 1b",
        "pop {{r1, r4-r11, pc}}",
        small = const 128 * SMALL_SUM,
    )
}
