//! The device in a web page: the firmware's app and `thumbgan-core` as WebAssembly.
//!
//! [`ModelFile`] is a validated model. [`Device`] is a board that runs it, with a display, two buttons and a serial port.
//! [`Lab`] generates single images with it and returns the activations of each layer. [`Link`] is the host's side of the
//! serial protocol, for a real board.

mod clock;
mod device;
mod lab;
mod link;
mod memory;
mod model_file;
#[expect(
    clippy::float_cmp,
    reason = "wasm-bindgen converts the enum from JavaScript's numbers"
)]
mod panel;
#[cfg(test)]
mod test_models;

pub use device::Device;
pub use lab::Lab;
pub use link::Link;
pub use model_file::{LayerInfo, ModelFile};
pub use panel::PanelKind;
