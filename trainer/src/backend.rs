//! The one place that picks what burn computes on.

use anyhow::Result;
use burn::prelude::Device;
use serde::{Deserialize, Serialize};

/// Where tensors live and who multiplies them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// burn-flex: pure Rust on the CPU.
    #[default]
    Flex,
    /// burn-ndarray: needs `--features burn-ndarray`.
    Ndarray,
}

impl Backend {
    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Flex => "flex",
            Self::Ndarray => "ndarray",
        }
    }

    /// The burn device, without gradients.
    ///
    /// # Errors
    /// When the backend was not compiled in.
    pub fn device(self) -> Result<Device> {
        match self {
            Self::Flex => Ok(Device::flex()),
            Self::Ndarray => ndarray(),
        }
    }
}

#[cfg(feature = "burn-ndarray")]
#[expect(deprecated, reason = "burn 0.22 still ships it, and it is here for those who want it")]
#[expect(clippy::unnecessary_wraps, reason = "its twin without the feature fails")]
fn ndarray() -> Result<Device> {
    Ok(Device::ndarray())
}

#[cfg(not(feature = "burn-ndarray"))]
fn ndarray() -> Result<Device> {
    anyhow::bail!(
        "--backend ndarray is not compiled in; run `cargo run -p trainer --features burn-ndarray -- ...`, \
         or use --backend flex, which is faster"
    )
}
