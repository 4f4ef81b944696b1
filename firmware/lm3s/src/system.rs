//! The system clock and the peripherals' clocks.

use crate::peripheral::Peripheral;

/// The system clock after [`start`].
pub const CLOCK_HZ: u32 = 50_000_000;

const DID0: u16 = 0x000;
const LDOPCTL: u16 = 0x034;
const RIS: u16 = 0x050;
const RCC: u16 = 0x060;
const RCGC1: u16 = 0x104;
const RCGC2: u16 = 0x108;

/// DID0 of silicon revision A2, in its lowest 16 bits.
const REVISION_A2: u32 = 0x0002;
/// LDOPCTL: core voltage 2.75 V.
const LDO_2_75_V: u32 = 0x1b;
/// RIS: the PLL has locked.
const PLL_LOCKED: u32 = 1 << 6;

/// RCC: bypass the PLL.
const BYPASS: u32 = 1 << 11;
/// RCC: power the PLL down.
const PLL_DOWN: u32 = 1 << 13;
/// RCC: use the divider, and what the PLL's 200 MHz are divided by, less 1.
const DIVIDE_BY_4: u32 = 1 << 22 | 3 << 23;
/// RCC: run from the internal oscillator; from the main one without it.
const INTERNAL: u32 = 1 << 4;
/// RCC: the main oscillator's crystal, which runs unless RCC's lowest bit forbids it.
const CRYSTAL_8_MHZ: u32 = 0xe << 6;
/// Cycles of the internal oscillator, at most 15.6 MHz, for the crystal to start: 10 ms.
const CRYSTAL_START: u32 = 156_000;

/// Clocks the chip by its crystal and the PLL at [`CLOCK_HZ`] (reset leaves it an inexact 12 MHz) and turns on
/// the peripherals that this crate drives: call it before anything else.
pub fn start() {
    let system = Peripheral::SYSTEM;
    if system.read(DID0) & 0xffff == REVISION_A2 {
        // Erratum: on this revision the PLL needs the higher core voltage.
        system.write(LDOPCTL, LDO_2_75_V);
    }
    // First the crystal starts, then the PLL locks to it, then the system runs from the PLL.
    system.write(RCC, CRYSTAL_8_MHZ | BYPASS | PLL_DOWN | INTERNAL);
    cortex_m::asm::delay(CRYSTAL_START);
    system.write(RCC, CRYSTAL_8_MHZ | BYPASS | DIVIDE_BY_4);
    while system.read(RIS) & PLL_LOCKED == 0 {}
    system.write(RCC, CRYSTAL_8_MHZ | DIVIDE_BY_4);

    let (uart0, ssi0) = (1 << 0, 1 << 4);
    system.set(RCGC1, uart0 | ssi0);
    let gpio_a_to_f = 0x3f;
    system.set(RCGC2, gpio_a_to_f);
    // A peripheral may be used three cycles after its clock was turned on.
    cortex_m::asm::delay(3);
}
