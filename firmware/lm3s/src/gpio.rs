//! Pins: outputs, inputs with pull-ups, and pins of peripherals.

use core::convert::Infallible;

use embedded_hal::digital::{ErrorType, OutputPin};

use crate::peripheral::Peripheral;

const DIR: u16 = 0x400;
const AFSEL: u16 = 0x420;
const PUR: u16 = 0x510;
const DEN: u16 = 0x51c;

/// Port of eight pins, which are given as a mask: bit 0 is pin 0.
#[derive(Clone, Copy, Debug)]
pub struct Port(Peripheral);

impl Port {
    /// Port A.
    pub const A: Self = Self(Peripheral::GPIO_A);
    /// Port C; pins 0 to 3 belong to the debugger.
    pub const C: Self = Self(Peripheral::GPIO_C);
    /// Port D.
    pub const D: Self = Self(Peripheral::GPIO_D);
    /// Port E.
    pub const E: Self = Self(Peripheral::GPIO_E);
    /// Port F.
    pub const F: Self = Self(Peripheral::GPIO_F);

    /// Configures one pin as an output, initially high.
    pub fn output(self, pin: u8) -> Output {
        let Self(port) = self;
        port.clear(AFSEL, pin.into());
        port.set(DIR, pin.into());
        let mut output = Output { port, pin };
        output.drive(true);
        port.set(DEN, pin.into());
        output
    }

    /// Configures pins as inputs with pull-ups.
    pub fn inputs(self, pins: u8) -> Inputs {
        let Self(port) = self;
        port.clear(AFSEL, pins.into());
        port.clear(DIR, pins.into());
        port.set(PUR, pins.into());
        port.set(DEN, pins.into());
        Inputs { port, pins }
    }

    /// Connects pins to their peripheral (SSI, UART).
    pub fn alternate(self, pins: u8) {
        let Self(port) = self;
        port.set(AFSEL, pins.into());
        port.set(DEN, pins.into());
    }
}

/// Returns the offset of the data register for `pins`; the address masks the other pins.
fn data(pins: u8) -> u16 {
    u16::from(pins) << 2
}

/// Output pin.
#[derive(Debug)]
pub struct Output {
    port: Peripheral,
    pin: u8,
}

impl Output {
    fn drive(&mut self, high: bool) {
        self.port
            .write(data(self.pin), if high { self.pin.into() } else { 0 });
    }
}

impl ErrorType for Output {
    type Error = Infallible;
}

impl OutputPin for Output {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.drive(false);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.drive(true);
        Ok(())
    }
}

/// Input pins of one port.
#[derive(Debug)]
pub struct Inputs {
    port: Peripheral,
    pins: u8,
}

impl Inputs {
    /// Returns the levels of the pins as a mask; other bits are 0.
    pub fn levels(&self) -> u8 {
        self.port.read(data(self.pins)) as u8
    }
}
