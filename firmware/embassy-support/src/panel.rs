//! Displays with and without a frame buffer.

use display_interface::AsyncWriteOnlyDataCommand;
use embedded_graphics::{prelude::*, primitives::Rectangle};
use ssd1306::{
    Ssd1306Async,
    mode::{BufferedGraphicsModeAsync, DisplayConfigAsync},
    size::DisplaySizeAsync,
};
use thumbgan_app::App;

/// Display that can be initialized and drawn on, and whose pixels are sent while other tasks run.
pub trait Panel: DrawTarget {
    /// Initializes the display, at start-up and after an error.
    ///
    /// # Errors
    /// If the display does not respond.
    fn set_up(&mut self) -> impl Future<Output = Result<(), Self::Error>>;

    /// Draws what has changed, see [`App::draw`].
    ///
    /// # Errors
    /// If the display does not respond.
    fn draw_app(&mut self, app: &mut App<'_>) -> Result<Option<Rectangle>, Self::Error>;

    /// Sends the pixels that have been drawn and not been sent.
    ///
    /// # Errors
    /// If the display does not respond.
    fn send(&mut self) -> impl Future<Output = Result<(), Self::Error>>;
}

impl<I, S> Panel for Ssd1306Async<I, S, BufferedGraphicsModeAsync<S>>
where
    I: AsyncWriteOnlyDataCommand,
    S: DisplaySizeAsync,
{
    async fn set_up(&mut self) -> Result<(), Self::Error> {
        self.init().await
    }

    fn draw_app(&mut self, app: &mut App<'_>) -> Result<Option<Rectangle>, Self::Error> {
        app.draw(self)
    }

    async fn send(&mut self) -> Result<(), Self::Error> {
        self.flush().await
    }
}
