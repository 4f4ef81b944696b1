//! Kernel without DSP extension (Cortex-M0, M0+, M3): two MACs per multiplication.
//!
//! With 128 added to every weight, a column holds two rows in the bits of 0x00ff00ff and two in those of 0xff00ff00. A weight
//! times the magnitude of an input is less than 2^15, so one multiplication computes the products of two rows in the halves
//! of a word, where those of two inputs can be added (2 x 255 x 127 < 2^16). Two registers accumulate them: A the whole words
//! and B their upper halves. The accumulators of the rows are A - 2^16 B and B.
#![expect(unsafe_code, reason = "assembly")]

use core::arch::naked_asm;

use super::{ActiveInputs, Column, Tile, active::Pair, assembly::accumulate_list};

/// Tiles whose accumulators of negative inputs are computed at a time, on the stack.
const TILES: usize = 8;

/// True if the kernel takes negative inputs as magnitudes in a separate list.
pub(super) const MAGNITUDES: bool = true;

/// Computes the accumulators of each tile of `weights` (one column per input) over the active inputs.
pub(super) fn accumulate(weights: &[Column], active: &ActiveInputs<'_>, accumulators: &mut [Tile]) {
    let input_count = active.input_count();
    let (negative, positive) = active.by_sign();
    accumulate_list(weights, input_count, positive, accumulators);
    if negative.pairs.is_empty() {
        return;
    }
    let mut negatives: [Tile; TILES] = [[0; 4]; _];
    for (weights, accumulators) in weights
        .chunks(input_count.max(1).saturating_mul(TILES))
        .zip(accumulators.chunks_mut(TILES))
    {
        accumulate_list(weights, input_count, negative, &mut negatives);
        let negatives = negatives.as_flattened();
        for (accumulator, negative) in accumulators.as_flattened_mut().iter_mut().zip(negatives) {
            *accumulator -= negative;
        }
    }
}

/// Computes the accumulators of consecutive tiles over the inputs of `pairs`, with the instructions of Armv7-M. Accumulators of
/// even rows, whose weights have 128 added, start at `offset`, the others at 0.
///
/// # Safety
/// - `weights` points to one tile of `stride` bytes for each [`Tile`] from `accumulators` to `accumulators_end`, readable.
/// - `pairs` to `pairs_end` is a readable range of at least one initialized [`Pair`], aligned to 4 bytes, whose `columns` are
///   multiples of 4 below `stride`.
///   Their `values` are magnitudes, 0 to 127.
/// - `accumulators` to `accumulators_end` is a writable range of at least one [`Tile`], aligned to 4 bytes, that does not
///   overlap the others.
/// - `stride` is a multiple of 4, at least 4.
#[cfg(not(kernel = "mul-v6"))]
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
    )
}

/// Computes the accumulators of consecutive tiles over the inputs of `pairs`, with the instructions of Armv6-M, most of which
/// reach eight registers only. Accumulators of even rows, whose weights have 128 added, start at `offset`, the others at 0.
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
#[cfg(kernel = "mul-v6")]
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
