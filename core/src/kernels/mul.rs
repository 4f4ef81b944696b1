//! The product for Cortex-M0 and M3, which lack the DSP instructions: two products by each multiplication.
//!
//! With 128 added to each weight, a column is two rows in the bits of 0x00ff00ff and two in those of 0xff00ff00.
//! Such a weight times the magnitude of an input is below 2^15, so that one multiplication makes the products
//! of two rows in the halves of a word, and there those of two inputs can be added (2 x 255 x 127 < 2^16). Two
//! registers add them up: A the whole words, B the upper halves, so that the rows' sums are A - 2^16 B and B.
#![expect(unsafe_code, reason = "assembly")]

use core::arch::naked_asm;

use super::{Active, Column, Tile, active::Pair, assembly::sum};

/// Tiles whose sums of negative inputs are taken at once, on the stack.
const TILES: usize = 8;

/// Whether it takes inputs below 0 by their magnitudes.
pub(super) const MAGNITUDES: bool = true;

/// As [`super::portable::product`].
pub(super) fn product(weights: &[Column], active: &Active<'_>, sums: &mut [Tile]) {
    let (negative, positive) = active.signs();
    sum(weights, active.inputs(), positive, sums);
    if negative.pairs.is_empty() {
        return;
    }
    let mut less: [Tile; TILES] = [[0; 4]; _];
    for (weights, sums) in
        weights.chunks(active.inputs().max(1).saturating_mul(TILES)).zip(sums.chunks_mut(TILES))
    {
        sum(weights, active.inputs(), negative, &mut less);
        for (sum, less) in sums.as_flattened_mut().iter_mut().zip(less.as_flattened()) {
            *sum -= less;
        }
    }
}

/// As [`super::assembly`] says, on the instructions of Armv7-M.
///
/// # Safety
/// As it says there.
#[cfg(not(kernels = "mul-v6"))]
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
        // r0 weights, r1 pairs, r2 their end, r3 sums; A and B of the even rows r4 and r5, of the odd ones r6
        // and r7; lr the mask; on the stack the first pair, and above what is pushed stride, sums_end, start.
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
        "eor r8, r8, #0x00800080", // the odd rows' weights are stored without the 128
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

/// The same on those of Armv6-M, which reach eight registers.
///
/// # Safety
/// As above, and `weights` lies on a multiple of four.
#[cfg(kernels = "mul-v6")]
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
        // r0 weights, r1 pairs, lr their end, r3 the mask, r6 what the odd rows lack; A and B of the even rows
        // r8 and r9, of the odd ones r10 and r11; on the stack the first pair, sums, and above what is pushed
        // stride, sums_end, start.
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
