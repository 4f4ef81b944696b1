//! SPI bus of a display whose pixels are sent by direct memory access (DMA).

use core::convert::Infallible;

use embassy_futures::block_on;
use embassy_sync::{blocking_mutex::raw::NoopRawMutex, mutex::Mutex};
use embedded_graphics::{prelude::*, primitives::Rectangle};
use embedded_hal::{digital::OutputPin, spi::SpiBus};
use embedded_hal_async::spi::SpiBus as AsyncSpiBus;
use mipidsi::interface::{Interface, InterfaceKind};

/// SPI peripheral that sends pixels by DMA, and commands in a blocking way.
pub trait DisplaySpi: SpiBus + AsyncSpiBus {}

impl<S: SpiBus + AsyncSpiBus> DisplaySpi for S {}

/// Output pin that cannot fail.
pub trait DisplayPin: OutputPin<Error = Infallible> {}

impl<P: OutputPin<Error = Infallible>> DisplayPin for P {}

/// Bus with the data/command and select lines of a display, and a buffer for pixels.
///
/// Pixels stay in the buffer until [`DisplayBus::send`], the next command or more pixels than fit.
pub struct DisplayBus<S, D, C> {
    link: Mutex<NoopRawMutex, Link<S, D, C>>,
}

/// Access to the bus for the display's driver.
pub struct DriverInterface<'b, S, D, C>(&'b DisplayBus<S, D, C>);

/// Error of a bus.
#[derive(Debug)]
pub enum BusError<E> {
    /// Error of the SPI peripheral.
    Spi(E),
    /// The bus is sending pixels.
    Busy,
}

/// SPI peripheral, pins and buffer.
struct Link<S, D, C> {
    spi: S,
    data: D,
    select: C,
    /// Pixels in the display's byte order.
    buffer: &'static mut [u16],
    /// Number of pixels in the buffer.
    len: usize,
}

impl<S, D, C> DisplayBus<S, D, C> {
    /// Creates a bus. The buffer holds at least a row of pixels.
    pub const fn new(spi: S, data: D, select: C, buffer: &'static mut [u16]) -> Self {
        let link = Link {
            spi,
            data,
            select,
            buffer,
            len: 0,
        };
        Self {
            link: Mutex::new(link),
        }
    }

    /// Returns access to the bus for the display's driver.
    pub const fn interface(&self) -> DriverInterface<'_, S, D, C> {
        DriverInterface(self)
    }
}

impl<S: DisplaySpi, D: DisplayPin, C: DisplayPin> DisplayBus<S, D, C> {
    /// Sends the pixels in the buffer.
    ///
    /// # Errors
    /// If the SPI peripheral reports one.
    pub async fn send(&self) -> Result<(), BusError<S::Error>> {
        self.link.lock().await.send().await
    }

    /// Puts the rows of an area into the buffer, see [`thumbgan_core::graphics::RowTarget::fill_rows`].
    ///
    /// # Errors
    /// If the bus is sending or the SPI peripheral reports an error.
    pub fn fill_rows(
        &self,
        area: &Rectangle,
        mut fill: impl FnMut(Point, &mut [u16]),
    ) -> Result<(), BusError<S::Error>> {
        let mut link = self.link.try_lock().map_err(|_| BusError::Busy)?;
        for y in area.rows() {
            let mut at = Point::new(area.top_left.x, y);
            let mut rest = area.size.width as usize;
            while rest > 0 {
                let run = link.reserve(rest)?;
                fill(at, run);
                at.x += run.len() as i32;
                rest -= run.len();
            }
        }
        Ok(())
    }
}

impl<S: DisplaySpi, D: DisplayPin, C: DisplayPin> Link<S, D, C> {
    /// Sends the pixels in the buffer.
    async fn send(&mut self) -> Result<(), BusError<S::Error>> {
        let pixels = &self.buffer[..self.len];
        self.len = 0;
        if pixels.is_empty() {
            return Ok(());
        }
        let Ok(()) = self.data.set_high();
        let Ok(()) = self.select.set_low();
        let bytes = bytemuck::cast_slice(pixels);
        let sent = AsyncSpiBus::write(&mut self.spi, bytes).await;
        let flushed = AsyncSpiBus::flush(&mut self.spi).await;
        let Ok(()) = self.select.set_high();
        sent.and(flushed).map_err(BusError::Spi)
    }

    /// Returns up to `len` free pixels of the buffer, at least one, for the caller to fill. Sends the buffer first if it is full.
    fn reserve(&mut self, len: usize) -> Result<&mut [u16], BusError<S::Error>> {
        if self.len == self.buffer.len() {
            block_on(self.send())?;
        }
        let start = self.len;
        self.len = self.buffer.len().min(start + len);
        Ok(&mut self.buffer[start..self.len])
    }

    /// Sends a command with its arguments, after the pixels in the buffer.
    fn command(&mut self, command: u8, arguments: &[u8]) -> Result<(), BusError<S::Error>> {
        block_on(self.send())?;
        let Ok(()) = self.select.set_low();
        let Ok(()) = self.data.set_low();
        let sent = self.write(&[command]).and_then(|()| {
            let Ok(()) = self.data.set_high();
            self.write(arguments)
        });
        let Ok(()) = self.select.set_high();
        sent.map_err(BusError::Spi)
    }

    /// Sends bytes and waits until the last one has left.
    fn write(&mut self, bytes: &[u8]) -> Result<(), S::Error> {
        SpiBus::write(&mut self.spi, bytes)?;
        SpiBus::flush(&mut self.spi)
    }
}

impl<S: DisplaySpi, D: DisplayPin, C: DisplayPin> Interface for DriverInterface<'_, S, D, C> {
    type Word = u16;
    type Error = BusError<S::Error>;

    /// Four-line serial interface, whose pixels arrive here as words.
    const KIND: InterfaceKind = InterfaceKind::Serial4Line;

    fn send_command(&mut self, command: u8, arguments: &[u8]) -> Result<(), Self::Error> {
        let mut link = self.0.link.try_lock().map_err(|_| BusError::Busy)?;
        link.command(command, arguments)
    }

    fn send_pixels<const N: usize>(
        &mut self,
        pixels: impl IntoIterator<Item = [u16; N]>,
    ) -> Result<(), Self::Error> {
        let mut link = self.0.link.try_lock().map_err(|_| BusError::Busy)?;
        for word in pixels.into_iter().flatten() {
            link.reserve(1)?.fill(word.to_be());
        }
        Ok(())
    }

    fn send_repeated_pixel<const N: usize>(
        &mut self,
        pixel: [u16; N],
        count: u32,
    ) -> Result<(), Self::Error> {
        let mut link = self.0.link.try_lock().map_err(|_| BusError::Busy)?;
        let mut rest = count as usize * N;
        while rest > 0 {
            let run = link.reserve(rest)?;
            for (word, value) in run.iter_mut().zip(pixel.iter().cycle()) {
                *word = value.to_be();
            }
            rest -= run.len();
        }
        Ok(())
    }
}
