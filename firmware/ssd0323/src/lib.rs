//! Driver of the SSD0323, the controller of a 128x64 OLED with 16 gray levels, on any SPI bus.
#![no_std]
#![forbid(unsafe_code)]

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

/// Frame buffer in the panel's format: row by row, two pixels per byte, the left one in the high nibble.
pub type Frame = Framebuffer<
    Gray4,
    <Gray4 as PixelColor>::Raw,
    BigEndian,
    WIDTH,
    HEIGHT,
    { buffer_size::<Gray4>(WIDTH, HEIGHT) },
>;

/// Initialization of the board's panel (OSRAM Pictiva 128x64, application note AN018) with the display off.
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
/// Commands that set the window for data, from the first to the last column (of two pixels) and row.
const COLUMNS: u8 = 0x15;
const ROWS: u8 = 0x75;

/// Panel on an SPI bus with a data/command line, which is low for commands.
#[derive(Debug)]
pub struct Ssd0323<S, P> {
    spi: S,
    data: P,
}

/// Error of the connection to the panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PanelError<S, P> {
    /// Error of the SPI bus.
    Spi(S),
    /// Error of the data/command line.
    Pin(P),
}

/// Result of a transfer to the panel.
type Outcome<T, S, P> = Result<
    T,
    PanelError<
        <S as embedded_hal::spi::ErrorType>::Error,
        <P as embedded_hal::digital::ErrorType>::Error,
    >,
>;

impl<S: SpiDevice, P: OutputPin> Ssd0323<S, P> {
    /// Initializes the panel and turns it on with the content of `first`.
    ///
    /// # Errors
    /// [`PanelError`] if the bus or the data/command line fails.
    pub fn new(spi: S, data: P, first: &Frame) -> Outcome<Self, S, P> {
        let mut panel = Self { spi, data };
        for setting in SETTINGS {
            panel.command(setting)?;
        }
        panel.flush(first, first.bounding_box())?;
        panel.command(&[DISPLAY_ON])?;
        Ok(panel)
    }

    /// Sends the part of `frame` in `area` to the panel.
    ///
    /// # Errors
    /// [`PanelError`] if the bus or the data/command line fails.
    pub fn flush(&mut self, frame: &Frame, area: Rectangle) -> Outcome<(), S, P> {
        let area = area.intersection(&frame.bounding_box());
        let Some(last) = area.bottom_right() else {
            return Ok(());
        };
        // The panel's coordinates fit into bytes.
        let (columns, rows) = (area.top_left.x / 2..=last.x / 2, area.top_left.y..=last.y);
        self.command(&[COLUMNS, *columns.start() as u8, *columns.end() as u8])?;
        self.command(&[ROWS, *rows.start() as u8, *rows.end() as u8])?;
        self.data.set_high().map_err(PanelError::Pin)?;
        let columns = *columns.start() as usize..*columns.end() as usize + 1;
        let lines = frame.data().chunks_exact(WIDTH / 2);
        for line in lines
            .skip(*rows.start() as usize)
            .take(area.size.height as usize)
        {
            self.spi
                .write(&line[columns.clone()])
                .map_err(PanelError::Spi)?;
        }
        Ok(())
    }

    /// Sends a command and its arguments. The bus is idle after each write, so the data/command line changes only then.
    fn command(&mut self, bytes: &[u8]) -> Outcome<(), S, P> {
        self.data.set_low().map_err(PanelError::Pin)?;
        self.spi.write(bytes).map_err(PanelError::Spi)
    }
}
