//! The board's five buttons: low while pressed.

use thumbgan_app::Key;

use crate::gpio::{Inputs, Port};

/// Every key by the bit of its line: PE0 to PE3, then PF1.
const KEYS: [Key; 5] = [Key::Up, Key::Down, Key::Left, Key::Right, Key::Select];

/// The buttons and the levels that they had last.
#[derive(Debug)]
pub struct Buttons {
    directions: Inputs,
    select: Inputs,
    levels: u8,
}

impl Buttons {
    /// Takes the buttons' pins.
    pub fn open() -> Self {
        let mut buttons =
            Self { directions: Port::E.inputs(0x0f), select: Port::F.inputs(1 << 1), levels: 0 };
        buttons.levels = buttons.read();
        buttons
    }

    /// The keys released since the last call. Calls 10 ms apart debounce them; a release, unlike a press,
    /// shows on QEMU's lines even the first time, when they have not been high before.
    pub fn released(&mut self) -> impl Iterator<Item = Key> + use<> {
        let levels = self.read();
        let rising = levels & !self.levels;
        self.levels = levels;
        KEYS.into_iter().enumerate().filter(move |(bit, _)| rising >> bit & 1 == 1).map(|(_, key)| key)
    }

    fn read(&self) -> u8 {
        self.directions.levels() | self.select.levels() << 3
    }
}
