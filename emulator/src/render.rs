//! Rendering of the app on the host.

use anyhow::{Context, Result};
use embedded_graphics::prelude::*;
use thumbgan_app::{App, Canvas};
use thumbgan_core::graphics::GrayscaleColor;

/// Renders everything that a display of this size must show of `app`.
///
/// # Errors
/// If the app draws outside of the display.
pub fn render<C: GrayscaleColor>(app: &mut App<'_>, size: Size) -> Result<Canvas<C>> {
    let mut canvas = Canvas::new(size);
    app.redraw();
    let view = app.view();
    app.draw(&mut canvas)
        .with_context(|| format!("the app cannot draw {view} on a display of {size}"))?;
    Ok(canvas)
}
