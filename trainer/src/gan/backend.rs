//! The one place that picks what burn computes on.

#[cfg(any(feature = "wgpu", feature = "cuda"))]
use anyhow::Context;
use anyhow::{Result, bail};
use burn::prelude::Device;
#[cfg(any(feature = "wgpu", feature = "cuda"))]
use burn::tensor::DeviceType;
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
    /// Any GPU that Vulkan, Metal or DirectX reach: needs `--features wgpu`.
    Wgpu,
    /// NVIDIA GPUs: needs `--features cuda`.
    Cuda,
}

impl Backend {
    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Flex => "flex",
            Self::Ndarray => "ndarray",
            Self::Wgpu => "wgpu",
            Self::Cuda => "cuda",
        }
    }

    /// The burn device, without gradients.
    ///
    /// # Errors
    /// When the backend was not compiled in, or this computer has no device for it.
    pub fn device(self) -> Result<Device> {
        match self {
            Self::Flex => Ok(Device::flex()),
            Self::Ndarray => ndarray(),
            Self::Wgpu => wgpu(),
            Self::Cuda => cuda(),
        }
    }
}

#[cfg(feature = "burn-ndarray")]
#[expect(
    deprecated,
    reason = "burn 0.22 still ships it, and it is here for those who want it"
)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "its twin without the feature fails"
)]
fn ndarray() -> Result<Device> {
    Ok(Device::ndarray())
}

#[cfg(not(feature = "burn-ndarray"))]
fn ndarray() -> Result<Device> {
    missing("ndarray", "burn-ndarray")
}

#[cfg(feature = "wgpu")]
fn wgpu() -> Result<Device> {
    first(
        "wgpu",
        DeviceType::Wgpu,
        "a GPU and its driver for Vulkan, Metal or DirectX 12",
    )
}

#[cfg(not(feature = "wgpu"))]
fn wgpu() -> Result<Device> {
    missing("wgpu", "wgpu")
}

#[cfg(feature = "cuda")]
fn cuda() -> Result<Device> {
    first("cuda", DeviceType::Cuda, "an NVIDIA GPU and its driver")
}

#[cfg(not(feature = "cuda"))]
fn cuda() -> Result<Device> {
    missing("cuda", "cuda")
}

/// The first GPU of a kind.
#[cfg(any(feature = "wgpu", feature = "cuda"))]
fn first(backend: &str, kind: DeviceType, needs: &str) -> Result<Device> {
    let device = Device::enumerate(kind).into_iter().next();
    device.with_context(|| {
        format!(
            "--backend {backend} finds no GPU: it needs {needs}; --backend flex, the default, needs neither"
        )
    })
}

/// The error of a backend that was left out.
#[cfg_attr(
    all(feature = "burn-ndarray", feature = "wgpu", feature = "cuda"),
    expect(dead_code, reason = "nothing was left out")
)]
fn missing(backend: &str, feature: &str) -> Result<Device> {
    bail!(
        "--backend {backend} is not compiled in; run `cargo run -p trainer --features {feature} -- ...`, or use \
         --backend flex, which every build has"
    )
}
