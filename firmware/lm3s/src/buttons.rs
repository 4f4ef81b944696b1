//! Maps the board's five buttons (active low) to the device's two: the arrows are MODE, select is ACT.

use thumbgan_app::Buttons;

use crate::{
    gpio::{Inputs, Port},
    system::CLOCK_HZ,
};

/// PE0 to PE3: arrows.
const ARROWS: u8 = 0x0f;
/// PF1: select.
const SELECT: u8 = 1 << 1;

/// Pins of the buttons.
#[derive(Debug)]
pub struct Keys {
    arrows: Inputs,
    select: Inputs,
    /// Lines that have been high: the arrows in bits 0 to 3, select in bit 4. QEMU keeps a line low until its key was pressed
    /// and released for the first time.
    alive: u8,
}

impl Keys {
    /// Configures the pins of the buttons.
    pub fn open() -> Self {
        let mut keys = Self {
            arrows: Port::E.inputs(ARROWS),
            select: Port::F.inputs(SELECT),
            alive: 0,
        };
        // The pull-ups take a few microseconds.
        cortex_m::asm::delay(CLOCK_HZ / 100_000);
        keys.alive = keys.high();
        keys
    }

    /// Returns the levels of the buttons. A line that has been low since reset counts as pressed only at the moment when it
    /// becomes high.
    pub fn pressed(&mut self) -> Buttons {
        let high = self.high();
        let down = high ^ self.alive;
        self.alive |= high;
        Buttons {
            mode: down & ARROWS != 0,
            act: down & !ARROWS != 0,
        }
    }

    fn high(&self) -> u8 {
        self.arrows.levels() | self.select.levels() << 3
    }
}
