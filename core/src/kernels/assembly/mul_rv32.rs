//! Inner loops for RV32 with the M extension.
//!
//! The arithmetic is that of the `mul` kernel for Armv7-M (`mul.rs`), with A and B for the even rows of a tile and C and D for
//! the odd ones. Loads have no register offsets here, so three tiles at a time share the loading of a pair of inputs; three,
//! because the nine filter taps of four output channels, or of a single one, make a multiple of three tiles.
#![expect(unsafe_code, clippy::too_many_lines, reason = "assembly")]

use core::arch::naked_asm;

use super::SMALL_SUM;
use crate::{
    kernels::{Tile, active::Pair},
    layers::Column,
};

/// Loads the next pair of inputs: the addresses of their weights in a tile to a0 and a1, the values to t0 and t1.
macro_rules! load_pair {
    () => {
        "lw a0, 0(t2)
        lw a1, 4(t2)
        lhu t0, 8(t2)
        lhu t1, 10(t2)
        addi t2, t2, 12
        add a0, a0, t4
        add a1, a1, t4"
    };
}

/// Advances the addresses of the weights to the next tile.
macro_rules! next_tile {
    () => {
        "add a0, a0, t6
        add a1, a1, t6"
    };
}

/// Multiplies the weights of a pair of inputs: products of even rows to a4 and a5, of odd rows to s0 and s1.
macro_rules! multiply {
    () => {
        "lw s0, 0(a0)
        lw s1, 0(a1)
        and a4, s0, a2
        and a5, s1, a2
        mul a4, a4, t0
        mul a5, a5, t1
        srli s0, s0, 8
        srli s1, s1, 8
        and s0, s0, a2
        and s1, s1, a2
        xor s0, s0, a3 # adds 128 to the weights of the odd rows
        xor s1, s1, a3
        mul s0, s0, t0
        mul s1, s1, t1"
    };
}

/// Adds the products to A to D.
macro_rules! add_products {
    ($a:literal $b:literal $c:literal $d:literal) => {
        concat!(
            "add a4, a4, a5\n",
            "add ",
            $a,
            ", ",
            $a,
            ", a4\n",
            "srli a4, a4, 16\n",
            "add ",
            $b,
            ", ",
            $b,
            ", a4\n",
            "add s0, s0, s1\n",
            "add ",
            $c,
            ", ",
            $c,
            ", s0\n",
            "srli s0, s0, 16\n",
            "add ",
            $d,
            ", ",
            $d,
            ", s0",
        )
    };
}

/// Adds the products to A and C alone.
macro_rules! add_small_products {
    ($a:literal $c:literal) => {
        concat!(
            "add a4, a4, a5\n",
            "add s0, s0, s1\n",
            "add ",
            $a,
            ", ",
            $a,
            ", a4\n",
            "add ",
            $c,
            ", ",
            $c,
            ", s0",
        )
    };
}

/// Initializes A to D of a tile for accumulators that start at a6.
macro_rules! start {
    ($a:literal $b:literal $c:literal $d:literal) => {
        concat!(
            "slli ",
            $a,
            ", a6, 16\n",
            "mv ",
            $b,
            ", a6\n",
            "add ",
            $a,
            ", ",
            $a,
            ", a6\n",
            "mv ",
            $d,
            ", a6\n",
            "mv ",
            $c,
            ", ",
            $a,
        )
    };
}

/// Stores the accumulators of a tile and advances to those of the next one.
macro_rules! store {
    ($a:literal $b:literal $c:literal $d:literal) => {
        concat!(
            "slli a4, ",
            $b,
            ", 16\n",
            "slli a5, ",
            $d,
            ", 16\n",
            "sub ",
            $a,
            ", ",
            $a,
            ", a4\n",
            "sub ",
            $c,
            ", ",
            $c,
            ", a5\n",
            "sw ",
            $a,
            ", 0(t5)\n",
            "sw ",
            $c,
            ", 4(t5)\n",
            "sw ",
            $b,
            ", 8(t5)\n",
            "sw ",
            $d,
            ", 12(t5)\n",
            "addi t5, t5, 16\n",
            "add t4, t4, t6",
        )
    };
}

/// Separates the sums of small products, adds them to a6, stores them and advances to the accumulators of the next tile.
macro_rules! store_small {
    ($a:literal $c:literal) => {
        concat!(
            "srli s0, ",
            $a,
            ", 16\n",
            "srli s1, ",
            $c,
            ", 16\n",
            "slli a4, s0, 16\n",
            "slli a5, s1, 16\n",
            "sub ",
            $a,
            ", ",
            $a,
            ", a4\n",
            "sub ",
            $c,
            ", ",
            $c,
            ", a5\n",
            "add ",
            $a,
            ", ",
            $a,
            ", a6\n",
            "add ",
            $c,
            ", ",
            $c,
            ", a6\n",
            "add s0, s0, a6\n",
            "add s1, s1, a6\n",
            "sw ",
            $a,
            ", 0(t5)\n",
            "sw ",
            $c,
            ", 4(t5)\n",
            "sw s0, 8(t5)\n",
            "sw s1, 12(t5)\n",
            "addi t5, t5, 16\n",
            "add t4, t4, t6",
        )
    };
}

/// Computes the accumulators of consecutive tiles over the inputs of `pairs`. Accumulators of even rows, whose weights have
/// 128 added, start at `offset`, the others at 0.
///
/// # Safety
/// - `weights` points to one tile of `stride` bytes for each [`Tile`] from `accumulators` to `accumulators_end`, readable and
///   aligned to 4 bytes.
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
        // t4 weights, ra pairs, t2 the next pair, t3 pairs_end, t5 accumulators, t6 stride, a6 offset; a2 the mask, a3 the 128
        // to add to the weights of the odd rows; s2 to s11, a6 and a7 are A to D of three
        // tiles; on the stack offset, accumulators_end, and above them the saved registers.
        // The assembler has to be told that the target has these instructions.
        ".option push",
        ".option arch, +m",
        #[cfg(target_feature = "c")]
        ".option arch, +c",
        "addi sp, sp, -64",
        "sw ra, 60(sp)",
        "sw s0, 56(sp)",
        "sw s1, 52(sp)",
        "sw s2, 48(sp)",
        "sw s3, 44(sp)",
        "sw s4, 40(sp)",
        "sw s5, 36(sp)",
        "sw s6, 32(sp)",
        "sw s7, 28(sp)",
        "sw a5, 8(sp)",
        "mv t4, a0",
        "mv ra, a1",
        "mv t3, a2",
        "mv t5, a3",
        "mv t6, a4",
        "li a2, 0x00ff00ff",
        "li a3, 0x00800080",
        "li a4, {small_offset}",
        "blt a6, a4, 10f",
        // Small inputs, three tiles.
        "addi a4, t5, 48",
        "bltu a5, a4, 3f",
        "1:",
        "li s2, 0",
        "li s3, 0",
        "li s4, 0",
        "li s5, 0",
        "li s6, 0",
        "li s7, 0",
        "mv t2, ra",
        "2:",
        load_pair!(),
        multiply!(),
        add_small_products!("s2" "s3"),
        next_tile!(),
        multiply!(),
        add_small_products!("s4" "s5"),
        next_tile!(),
        multiply!(),
        add_small_products!("s6" "s7"),
        "bne t2, t3, 2b",
        store_small!("s2" "s3"),
        store_small!("s4" "s5"),
        store_small!("s6" "s7"),
        "lw a5, 8(sp)",
        "addi a4, t5, 48",
        "bgeu a5, a4, 1b",
        // Small inputs, the remaining one or two tiles.
        "3:",
        "beq t5, a5, 6f",
        "4:",
        "li s2, 0",
        "li s3, 0",
        "mv t2, ra",
        "5:",
        load_pair!(),
        multiply!(),
        add_small_products!("s2" "s3"),
        "bne t2, t3, 5b",
        store_small!("s2" "s3"),
        "lw a5, 8(sp)",
        "bne t5, a5, 4b",
        "6:",
        "lw ra, 60(sp)",
        "lw s0, 56(sp)",
        "lw s1, 52(sp)",
        "lw s2, 48(sp)",
        "lw s3, 44(sp)",
        "lw s4, 40(sp)",
        "lw s5, 36(sp)",
        "lw s6, 32(sp)",
        "lw s7, 28(sp)",
        "addi sp, sp, 64",
        "ret",
        // Other inputs, three tiles.
        "10:",
        "sw s8, 24(sp)",
        "sw s9, 20(sp)",
        "sw s10, 16(sp)",
        "sw s11, 12(sp)",
        "sw a6, 4(sp)",
        "addi a4, t5, 48",
        "bltu a5, a4, 13f",
        "11:",
        "lw a6, 4(sp)",
        start!("s2" "s3" "s4" "s5"),
        start!("s6" "s7" "s8" "s9"),
        "mv a7, a6",
        "mv s11, a6",
        "slli s10, a6, 16",
        "add s10, s10, a6",
        "mv a6, s10",
        "mv t2, ra",
        "12:",
        load_pair!(),
        multiply!(),
        add_products!("s2" "s3" "s4" "s5"),
        next_tile!(),
        multiply!(),
        add_products!("s6" "s7" "s8" "s9"),
        next_tile!(),
        multiply!(),
        add_products!("s10" "s11" "a6" "a7"),
        "bne t2, t3, 12b",
        store!("s2" "s3" "s4" "s5"),
        store!("s6" "s7" "s8" "s9"),
        store!("s10" "s11" "a6" "a7"),
        "lw a5, 8(sp)",
        "addi a4, t5, 48",
        "bgeu a5, a4, 11b",
        // Other inputs, the remaining one or two tiles.
        "13:",
        "beq t5, a5, 16f",
        "lw a6, 4(sp)",
        "14:",
        start!("s2" "s3" "s4" "s5"),
        "mv t2, ra",
        "15:",
        load_pair!(),
        multiply!(),
        add_products!("s2" "s3" "s4" "s5"),
        "bne t2, t3, 15b",
        store!("s2" "s3" "s4" "s5"),
        "lw a5, 8(sp)",
        "bne t5, a5, 14b",
        "16:",
        "lw s8, 24(sp)",
        "lw s9, 20(sp)",
        "lw s10, 16(sp)",
        "lw s11, 12(sp)",
        "j 6b",
        ".option pop",
        small_offset = const -128 * SMALL_SUM,
    )
}
