//! System clock and peripheral clocks.

use crate::peripheral::Peripheral;

/// System clock after [`start`] in hertz.
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
/// RIS: PLL locked.
const PLL_LOCKED: u32 = 1 << 6;

/// RCC: bypass the PLL.
const BYPASS: u32 = 1 << 11;
/// RCC: power the PLL down.
const PLL_DOWN: u32 = 1 << 13;
/// RCC: use the divider, and the divisor of the PLL's 200 MHz minus 1.
const DIVIDE_BY_4: u32 = 1 << 22 | 3 << 23;
/// RCC: internal oscillator instead of the main oscillator.
const INTERNAL: u32 = 1 << 4;
/// RCC: crystal of the main oscillator, which runs unless RCC's lowest bit disables it.
const CRYSTAL_8_MHZ: u32 = 0xe << 6;
/// Cycles of the internal oscillator (at most 15.6 MHz) in the crystal's start-up time of 10 ms.
const CRYSTAL_START: u32 = 156_000;

/// Switches from the inexact 12 MHz after reset to [`CLOCK_HZ`] from crystal and PLL, and enables the peripherals that this crate
/// uses. Call it first.
pub fn start() {
    let system = Peripheral::SYSTEM;
    if system.read(DID0) & 0xffff == REVISION_A2 {
        // Erratum: the PLL of this revision needs the higher core voltage.
        system.write(LDOPCTL, LDO_2_75_V);
    }
    // The crystal must run before the PLL can lock, and the PLL must lock before the system can use it.
    system.write(RCC, CRYSTAL_8_MHZ | BYPASS | PLL_DOWN | INTERNAL);
    cortex_m::asm::delay(CRYSTAL_START);
    system.write(RCC, CRYSTAL_8_MHZ | BYPASS | DIVIDE_BY_4);
    while system.read(RIS) & PLL_LOCKED == 0 {}
    system.write(RCC, CRYSTAL_8_MHZ | DIVIDE_BY_4);

    let (uart0, ssi0) = (1 << 0, 1 << 4);
    system.set(RCGC1, uart0 | ssi0);
    let gpio_a_to_f = 0x3f;
    system.set(RCGC2, gpio_a_to_f);
    // A peripheral can be used three cycles after its clock was enabled.
    cortex_m::asm::delay(3);
}
