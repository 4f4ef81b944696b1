//! Lowering of convolutions to matrix products: operations that burn lacks, as an extension of its backends.
//!
//! [`patches`] (im2col) and [`overlap`] (col2im) are linear and each is the other's transpose, so each is the
//! other's gradient. On the CPU they are loops (`host.rs`), on a GPU tensor operations of its backend (`device.rs`).

#![cfg_attr(
    feature = "burn-ndarray",
    expect(
        deprecated,
        reason = "ndarray is deprecated by burn in favor of flex, supported behind a feature"
    )
)]

#[cfg(any(test, feature = "wgpu", feature = "cuda"))]
mod device;
mod host;

use burn::{
    backend::{
        Autodiff, Backend, Dispatch, TensorMetadata,
        autodiff::{
            checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
            grads::Gradients,
            ops::{Backward, Ops, OpsKind, unary},
        },
        backend_extension,
        tensor::FloatTensor,
    },
    prelude::*,
    tensor::TensorData,
};

/// Operations on a backend's tensors.
#[backend_extension(
    Autodiff,
    Flex,
    NdArray: cfg(feature = "burn-ndarray"),
    Cube: cfg(any(feature = "wgpu", feature = "cuda"))
)]
pub trait Lowering: Backend {
    /// Backend implementation of [`patches()`].
    fn patches(images: FloatTensor<Self>) -> FloatTensor<Self> {
        on_host::<Self>(images, |images| host::patches(&images))
    }

    /// Backend implementation of [`overlap()`].
    fn overlap(patches: FloatTensor<Self>, side: usize) -> FloatTensor<Self> {
        on_host::<Self>(patches, |patches| host::overlap(&patches, side))
    }

    /// Backend implementation of [`leaky()`].
    fn leaky(values: FloatTensor<Self>, leak: f32) -> FloatTensor<Self> {
        on_host::<Self>(values, |values| host::leaky(values, leak))
    }

    /// Gradient of [`leaky()`], from its output.
    fn leaky_gradient(
        outputs: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        leak: f32,
    ) -> FloatTensor<Self> {
        let outputs = data::<Self>(outputs);
        on_host::<Self>(gradient, |gradient| {
            host::leaky_gradient(&outputs, gradient, leak)
        })
    }
}

impl Lowering for burn::backend::Flex {}
#[cfg(feature = "burn-ndarray")]
impl Lowering for burn::backend::NdArray {}
#[cfg(any(feature = "wgpu", feature = "cuda"))]
impl Lowering for burn::backend::Cube {
    fn patches(images: FloatTensor<Self>) -> FloatTensor<Self> {
        device::patches::<Self>(images)
    }

    fn overlap(patches: FloatTensor<Self>, side: usize) -> FloatTensor<Self> {
        device::overlap::<Self>(patches, side)
    }

    fn leaky(values: FloatTensor<Self>, leak: f32) -> FloatTensor<Self> {
        device::leaky::<Self>(values, leak)
    }

    fn leaky_gradient(
        outputs: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        leak: f32,
    ) -> FloatTensor<Self> {
        device::leaky_gradient::<Self>(outputs, gradient, leak)
    }
}

/// Extracts the 4x4 patches of images [N, 2h, 2w, C] with stride 2 and zero padding 1: [N h w, 16 C], in the
/// order row, column, channel.
pub fn patches(images: Tensor<4>) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as Lowering>::patches(images.into_dispatch()))
}

/// Sums overlapping patches [N h w, 16 C] to images [N, 2h, 2w, C]: the transpose of [`patches`].
pub fn overlap(patches: Tensor<2>, side: usize) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as Lowering>::overlap(
        patches.into_dispatch(),
        side,
    ))
}

/// Leaky ReLU: multiplies negative values by `leak`.
pub fn leaky<const D: usize>(values: Tensor<D>, leak: f32) -> Tensor<D> {
    Tensor::from_dispatch(<Dispatch as Lowering>::leaky(values.into_dispatch(), leak))
}

/// Applies a function to a tensor's values on the host.
fn on_host<B: Backend>(
    tensor: FloatTensor<B>,
    compute: impl FnOnce(TensorData) -> TensorData,
) -> FloatTensor<B> {
    let device = tensor.device();
    B::float_from_data(compute(data::<B>(tensor)), &device)
}

fn data<B: Backend>(tensor: FloatTensor<B>) -> TensorData {
    burn::tensor::read_sync(B::float_into_data(tensor)).expect("a tensor that can be read")
}

#[derive(Debug)]
struct Patches;
#[derive(Debug)]
struct Overlap;
#[derive(Debug)]
struct Leaky;

impl<B: Lowering> Backward<B, 1> for Patches {
    type State = usize;

    fn backward(self, ops: Ops<usize, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        unary::<B, _>(ops.parents, ops.node, grads, |gradient| {
            B::overlap(gradient, ops.state)
        });
    }
}

impl<B: Lowering> Backward<B, 1> for Overlap {
    type State = ();

    fn backward(self, ops: Ops<(), 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        unary::<B, _>(ops.parents, ops.node, grads, B::patches);
    }
}

impl<B: Lowering> Backward<B, 1> for Leaky {
    type State = (B::FloatTensorPrimitive, f32);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (outputs, leak) = ops.state;
        unary::<B, _>(ops.parents, ops.node, grads, |gradient| {
            B::leaky_gradient(outputs, gradient, leak)
        });
    }
}

impl<B: Lowering, C: CheckpointStrategy> Lowering for Autodiff<B, C> {
    fn patches(images: FloatTensor<Self>) -> FloatTensor<Self> {
        let side = images.primitive().shape()[1] / 2;
        match Patches
            .prepare::<C>([images.node()])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => prep.finish(side, B::patches(images.into_primitive())),
            OpsKind::UnTracked(prep) => prep.finish(B::patches(images.into_primitive())),
        }
    }

    fn overlap(patches: FloatTensor<Self>, side: usize) -> FloatTensor<Self> {
        let output = |patches| B::overlap(patches, side);
        match Overlap
            .prepare::<C>([patches.node()])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => prep.finish((), output(patches.into_primitive())),
            OpsKind::UnTracked(prep) => prep.finish(output(patches.into_primitive())),
        }
    }

    fn leaky(values: FloatTensor<Self>, leak: f32) -> FloatTensor<Self> {
        match Leaky
            .prepare::<C>([values.node()])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => {
                let output = B::leaky(values.into_primitive(), leak);
                prep.finish((output.clone(), leak), output)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::leaky(values.into_primitive(), leak)),
        }
    }

    fn leaky_gradient(_: FloatTensor<Self>, _: FloatTensor<Self>, _: f32) -> FloatTensor<Self> {
        unreachable!("a gradient is never differentiated again: burn has no second order")
    }
}
