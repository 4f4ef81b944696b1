//! The SSD0323, controller of a 128x64 OLED with 16 grays, on any SPI bus.

use embedded_graphics::{
    framebuffer::{Framebuffer, buffer_size},
    geometry::Dimensions,
    pixelcolor::{Gray4, PixelColor, raw::BigEndian},
    primitives::Rectangle,
};
use embedded_hal::{digital::OutputPin, spi::SpiDevice};

/// Width of the panel in pixels.
pub const WIDTH: usize = 128;
/// Height of the panel in pixels.
pub const HEIGHT: usize = 64;

/// One picture, its bytes in the panel's own order: row by row, two pixels a byte, the left one high.
pub type Frame = Framebuffer<
    Gray4,
    <Gray4 as PixelColor>::Raw,
    BigEndian,
    WIDTH,
    HEIGHT,
    { buffer_size::<Gray4>(WIDTH, HEIGHT) },
>;

/// Settings of the board's panel (OSRAM Pictiva 128x64, application note AN018), the display still off.
const SETTINGS: &[&[u8]] = &[
    &[0xae],                                                 // display off
    &[0x81, 50],                                             // contrast, of 127
    &[0x85],                                                 // half the current
    &[0xa0, 0x52], // left nibble first, COM lines split and from the last
    &[0xa1, 0],    // start line
    &[0xa2, 76],   // display offset
    &[0xa4],       // neither inverse nor all on or off
    &[0xa8, 63],   // multiplex ratio, less 1
    &[0xb1, 0x22], // phase lengths
    &[0xb2, 70],   // row period
    &[0xb3, 0xf1], // clock: divided by 2, oscillator fastest
    &[0xbf, 0x0d], // low level of the segments
    &[0xbe, 0x02], // high level of the COM lines
    &[0xbc, 0x10], // pre-charge level
    &[0xb8, 0x01, 0x11, 0x22, 0x32, 0x43, 0x54, 0x65, 0x76], // pulse widths of the grays
    &[0xad, 0x03], // DC-DC converter on
];
const DISPLAY_ON: u8 = 0xaf;
/// Set the window that data fill, from its first to its last column (of two pixels) and row.
const COLUMNS: u8 = 0x15;
const ROWS: u8 = 0x75;

/// The panel behind `spi` and its D/C line, which is low for commands.
#[derive(Debug)]
pub struct Ssd0323<S, P> {
    spi: S,
    data: P,
}

/// Why the panel could not be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PanelError<S, P> {
    /// The SPI bus failed.
    Spi(S),
    /// The D/C line failed.
    Pin(P),
}

/// The outcome of talking to the panel.
type Outcome<T, S, P> = Result<
    T,
    PanelError<<S as embedded_hal::spi::ErrorType>::Error, <P as embedded_hal::digital::ErrorType>::Error>,
>;

impl<S: SpiDevice, P: OutputPin> Ssd0323<S, P> {
    /// Sets the panel up and turns it on showing `first`.
    ///
    /// # Errors
    /// [`PanelError`] when the bus or the D/C line fails.
    pub fn new(spi: S, data: P, first: &Frame) -> Outcome<Self, S, P> {
        let mut panel = Self { spi, data };
        for setting in SETTINGS {
            panel.command(setting)?;
        }
        panel.flush(first, first.bounding_box())?;
        panel.command(&[DISPLAY_ON])?;
        Ok(panel)
    }

    /// Shows what `frame` has in `area`; the rest of the panel stays as it is.
    ///
    /// # Errors
    /// [`PanelError`] when the bus or the D/C line fails.
    pub fn flush(&mut self, frame: &Frame, area: Rectangle) -> Outcome<(), S, P> {
        let area = area.intersection(&frame.bounding_box());
        let Some(last) = area.bottom_right() else { return Ok(()) };
        // Inside the panel, whose sizes are bytes.
        let (columns, rows) = (area.top_left.x / 2..=last.x / 2, area.top_left.y..=last.y);
        self.command(&[COLUMNS, *columns.start() as u8, *columns.end() as u8])?;
        self.command(&[ROWS, *rows.start() as u8, *rows.end() as u8])?;
        self.data.set_high().map_err(PanelError::Pin)?;
        let columns = *columns.start() as usize..*columns.end() as usize + 1;
        let lines = frame.data().chunks_exact(WIDTH / 2);
        for line in lines.skip(*rows.start() as usize).take(area.size.height as usize) {
            self.spi.write(&line[columns.clone()]).map_err(PanelError::Spi)?;
        }
        Ok(())
    }

    /// Sends a command and what follows it. A device's write leaves the bus idle, so that D/C changes only then.
    fn command(&mut self, bytes: &[u8]) -> Outcome<(), S, P> {
        self.data.set_low().map_err(PanelError::Pin)?;
        self.spi.write(bytes).map_err(PanelError::Spi)
    }
}
