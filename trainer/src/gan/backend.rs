//! Compute backends of burn; the only place that selects one.

#[cfg(any(feature = "wgpu", feature = "cuda"))]
use anyhow::Context;
use anyhow::{Result, bail};
use burn::prelude::Device;
#[cfg(any(feature = "wgpu", feature = "cuda"))]
use burn::tensor::DeviceType;
use serde::{Deserialize, Serialize};

/// Compute backend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// burn-flex: pure Rust on the CPU
    #[default]
    Flex,
    /// burn-ndarray: deprecated by burn, needs `--features burn-ndarray`
    Ndarray,
    /// GPUs through Vulkan, Metal or DirectX 12; experimental, needs `--features wgpu`
    Wgpu,
    /// NVIDIA GPUs; experimental, needs `--features cuda`
    Cuda,
}

impl Backend {
    /// Returns the name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Flex => "flex",
            Self::Ndarray => "ndarray",
            Self::Wgpu => "wgpu",
            Self::Cuda => "cuda",
        }
    }

    /// Returns the burn device, without gradients.
    ///
    /// # Errors
    /// If the backend was not compiled in, or the computer has no device for it.
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
    reason = "deprecated by burn in favor of flex, supported behind a feature"
)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "the variant without the feature can fail"
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

/// Returns the first GPU of a kind.
#[cfg(any(feature = "wgpu", feature = "cuda"))]
fn first(backend: &str, kind: DeviceType, needs: &str) -> Result<Device> {
    let device = Device::enumerate(kind).into_iter().next();
    device.with_context(|| {
        format!(
            "--backend {backend} found no GPU: it needs {needs}; --backend flex, the default, runs on the CPU"
        )
    })
}

/// Returns the error of a backend that was not compiled in.
#[cfg_attr(
    all(feature = "burn-ndarray", feature = "wgpu", feature = "cuda"),
    expect(dead_code, reason = "all backends are compiled in")
)]
fn missing(backend: &str, feature: &str) -> Result<Device> {
    bail!(
        "--backend {backend} is not compiled in; run `cargo run -p trainer --features {feature} -- ...`, or use \
         --backend flex, which every build has"
    )
}
