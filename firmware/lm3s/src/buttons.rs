//! The board's five buttons, low while pressed, as the device's two: each arrow is MODE, select is ACT.

use thumbgan_app::Buttons;

use crate::{
    gpio::{Inputs, Port},
    system::CLOCK_HZ,
};

/// PE0 to PE3: the arrows.
const ARROWS: u8 = 0x0f;
/// PF1: select.
const SELECT: u8 = 1 << 1;

/// The buttons' pins.
#[derive(Debug)]
pub struct Keys {
    arrows: Inputs,
    select: Inputs,
    /// Lines that have been high: the arrows in bits 0 to 3, select in bit 4. QEMU's rest low until a key has
    /// been pressed and released for the first time.
    alive: u8,
}

impl Keys {
    /// Takes the buttons' pins.
    pub fn open() -> Self {
        let mut keys = Self { arrows: Port::E.inputs(ARROWS), select: Port::F.inputs(SELECT), alive: 0 };
        // The pull-ups need a few microseconds.
        cortex_m::asm::delay(CLOCK_HZ / 100_000);
        keys.alive = keys.high();
        keys
    }

    /// Which buttons are down. One that has always been low counts as down when it first comes high, and only
    /// then.
    pub fn pressed(&mut self) -> Buttons {
        let high = self.high();
        let down = high ^ self.alive;
        self.alive |= high;
        Buttons { mode: down & ARROWS != 0, act: down & !ARROWS != 0 }
    }

    fn high(&self) -> u8 {
        self.arrows.levels() | self.select.levels() << 3
    }
}
