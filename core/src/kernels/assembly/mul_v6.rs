//! Inner loop for Armv6-M, most of whose instructions reach eight registers only.
//!
//! The arithmetic is that of the `mul` kernel for Armv7-M (`mul.rs`).
#![expect(unsafe_code, reason = "assembly")]

use core::arch::naked_asm;

use crate::{
    kernels::{Tile, active::Pair},
    layers::Column,
};

/// Computes the accumulators of consecutive tiles over the inputs of `pairs`. Accumulators of even rows, whose weights have
/// 128 added, start at `offset`, the others at 0.
///
/// # Safety
/// - `weights` points to one tile of `stride` bytes for each [`Tile`] from `accumulators` to `accumulators_end`, readable and aligned
///   to 4 bytes.
/// - `pairs` to `pairs_end` is a readable range of at least one initialized [`Pair`], aligned to 4 bytes, whose `columns` are
///   multiples of 4 below `stride`.
///   Their `values` are magnitudes, 0 to 127.
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
        // r0 weights, r1 pairs, lr pairs_end, r3 the mask, r6 the 128 to add to the weights of the odd rows; r8 and r9 are A and
        // B of the even rows, r10 and r11 of the odd rows; on the stack the first pair, accumulators, and above the saved
        // registers stride, accumulators_end, offset.
        "push {{r4-r7, lr}}",
        "mov r4, r8",
        "mov r5, r9",
        "mov r6, r10",
        "mov r7, r11",
        "push {{r4-r7}}",
        "push {{r1, r3}}",
        "mov lr, r2",
        "movs r3, #0xff",
        "lsls r4, r3, #16",
        "orrs r3, r4",
        "1:",
        "movs r6, #0x80",
        "lsls r4, r6, #16",
        "orrs r6, r4",
        "ldr r2, [sp, #52]",
        "ldr r1, [sp]",
        "lsls r4, r2, #16",
        "adds r4, r4, r2",
        "mov r8, r4",
        "mov r9, r2",
        "mov r10, r4",
        "mov r11, r2",
        "2:",
        "ldm r1!, {{r4, r5}}",
        "ldr r4, [r0, r4]",
        "ldr r5, [r0, r5]",
        "ldrh r7, [r1]",
        "mov r2, r4",
        "ands r2, r3",
        "muls r2, r7, r2",
        "lsrs r4, r4, #8",
        "ands r4, r3",
        "eors r4, r6",
        "muls r4, r7, r4",
        "ldrh r7, [r1, #2]",
        "adds r1, #4",
        "mov r12, r2",
        "mov r2, r5",
        "ands r2, r3",
        "muls r2, r7, r2",
        "add r2, r12",
        "add r8, r2",
        "lsrs r2, r2, #16",
        "add r9, r2",
        "lsrs r5, r5, #8",
        "ands r5, r3",
        "eors r5, r6",
        "muls r5, r7, r5",
        "adds r5, r5, r4",
        "add r10, r5",
        "lsrs r5, r5, #16",
        "add r11, r5",
        "cmp r1, lr",
        "bne 2b",
        "mov r4, r8",
        "mov r6, r9",
        "lsls r2, r6, #16",
        "subs r4, r4, r2",
        "mov r5, r10",
        "mov r7, r11",
        "lsls r2, r7, #16",
        "subs r5, r5, r2",
        "ldr r2, [sp, #4]",
        "stm r2!, {{r4-r7}}",
        "str r2, [sp, #4]",
        "ldr r4, [sp, #44]",
        "ldr r5, [sp, #48]",
        "adds r0, r0, r4",
        "cmp r2, r5",
        "bne 1b",
        "add sp, #8",
        "pop {{r4-r7}}",
        "mov r8, r4",
        "mov r9, r5",
        "mov r10, r6",
        "mov r11, r7",
        "pop {{r4-r7, pc}}",
    )
}
