//! Bus between a driver and the controller of a display.

use std::{cell::RefCell, error::Error, fmt, rc::Rc};

use embedded_graphics::{
    pixelcolor::{Rgb888, RgbColor},
    prelude::*,
    primitives::Rectangle,
};

/// Controller of a display: registers, and the memory that the panel shows.
pub trait Controller {
    /// Name of the chip.
    fn name(&self) -> &'static str;

    /// Executes a command with its arguments. Returns `None` if the command is unknown or does not fit the panel's wiring.
    fn execute(&mut self, command: &[u8]) -> Option<()>;

    /// Writes pixels in the controller's format. Returns `None` if the controller does not expect pixels.
    fn write(&mut self, pixels: &[u8]) -> Option<()>;

    /// Returns the color that a viewer sees at a point.
    fn color(&self, at: Point) -> Rgb888;
}

/// Bus of a display, shared by its driver and the page.
#[derive(Clone)]
pub struct Bus(Rc<RefCell<Endpoint<dyn Controller>>>);

/// Controller at a bus, with the number of bytes and the fault since the last query.
struct Endpoint<C: ?Sized> {
    /// Number of received bytes.
    received: u32,
    /// First fault since the last query.
    fault: Option<Fault>,
    controller: C,
}

/// Transfer that a controller rejects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Name of the controller.
    chip: &'static str,
    /// First byte of the transfer.
    first: Option<u8>,
}

impl Bus {
    /// Connects a controller.
    pub fn new(controller: impl Controller + 'static) -> Self {
        Self(Rc::new(RefCell::new(Endpoint {
            received: 0,
            fault: None,
            controller,
        })))
    }

    /// Sends a command with its arguments.
    pub fn command(&self, bytes: &[u8]) {
        self.count(bytes.len());
        let outcome = self.0.borrow_mut().controller.execute(bytes);
        if outcome.is_none() {
            self.reject(bytes);
        }
    }

    /// Sends pixels in the controller's format.
    pub fn data(&self, bytes: &[u8]) {
        self.count(bytes.len());
        let outcome = self.0.borrow_mut().controller.write(bytes);
        if outcome.is_none() {
            self.reject(bytes);
        }
    }

    /// Counts bytes that only the bus needs, such as addresses.
    pub fn count(&self, len: usize) {
        let received = &mut self.0.borrow_mut().received;
        *received = received.wrapping_add(len as u32);
    }

    /// Records the rejection of a transfer, unless an earlier fault is recorded.
    pub fn reject(&self, transfer: &[u8]) {
        let mut endpoint = self.0.borrow_mut();
        let fault = Fault {
            chip: endpoint.controller.name(),
            first: transfer.first().copied(),
        };
        endpoint.fault.get_or_insert(fault);
    }

    /// Returns the first fault since the last call.
    pub fn take_fault(&self) -> Option<Fault> {
        self.0.borrow_mut().fault.take()
    }

    /// Returns the number of bytes that the display has received.
    pub fn received(&self) -> u32 {
        self.0.borrow().received
    }

    /// Returns the pixels of `area` that a viewer sees: red, green, blue and alpha, row by row.
    pub fn rgba(&self, area: Rectangle) -> Vec<u8> {
        let controller = &self.0.borrow().controller;
        let mut rgba = vec![255; area.size.width as usize * area.size.height as usize * 4];
        for (pixel, at) in rgba.chunks_exact_mut(4).zip(area.points()) {
            let color = controller.color(at);
            pixel[..3].copy_from_slice(&[color.r(), color.g(), color.b()]);
        }
        rgba
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.first.unwrap_or_default();
        write!(
            f,
            "the display's {} rejects a transfer that begins with {first:#04x}",
            self.chip
        )
    }
}

impl Error for Fault {}
