//! Operations that burn lacks, as an extension of its backends: what turns convolutions into matrix products.
//!
//! Both are linear and each is the other's transpose, so each is the other's gradient. They compute on the
//! host whatever the backend.

#![cfg_attr(
    feature = "burn-ndarray",
    expect(
        deprecated,
        reason = "burn 0.22 still ships ndarray, and it is here for those who want it"
    )
)]

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

/// The operations on a backend's own tensors.
#[backend_extension(
    Autodiff,
    Flex,
    NdArray: cfg(feature = "burn-ndarray"),
    Cube: cfg(any(feature = "wgpu", feature = "cuda"))
)]
pub trait Lowering: Backend {
    /// See [`patches`].
    fn patches(images: FloatTensor<Self>) -> FloatTensor<Self> {
        on_host::<Self>(images, |images| host::patches(&images))
    }

    /// See [`overlap`].
    fn overlap(patches: FloatTensor<Self>, side: usize) -> FloatTensor<Self> {
        on_host::<Self>(patches, |patches| host::overlap(&patches, side))
    }

    /// See [`leaky`].
    fn leaky(values: FloatTensor<Self>, leak: f32) -> FloatTensor<Self> {
        on_host::<Self>(values, |values| host::leaky(values, leak))
    }

    /// The gradient of [`leaky`], from what it gave.
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
impl Lowering for burn::backend::Cube {}

/// The 4x4 patches of images [N, 2h, 2w, C] at steps of two, with one pixel of zeros around: [N h w, 16 C], in
/// the order row, column, channel.
pub fn patches(images: Tensor<4>) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as Lowering>::patches(images.into_dispatch()))
}

/// Images [N, 2h, 2w, C] as sums of overlapping patches [N h w, 16 C]: the transpose of [`patches`].
pub fn overlap(patches: Tensor<2>, side: usize) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as Lowering>::overlap(
        patches.into_dispatch(),
        side,
    ))
}

/// Leaky ReLU, `leak` times the values below 0.
pub fn leaky<const D: usize>(values: Tensor<D>, leak: f32) -> Tensor<D> {
    Tensor::from_dispatch(<Dispatch as Lowering>::leaky(values.into_dispatch(), leak))
}

/// Computes with a tensor's values on the host.
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

mod host {
    use burn::tensor::TensorData;

    /// Runs through all pixels that patches share with images: `visit` gets the places of the first channel
    /// in the image and in the patches, and how many values follow.
    fn pairs(side: usize, channels: usize, mut visit: impl FnMut(usize, usize, usize)) {
        let width = 2 * side;
        for y in 0..side {
            for x in 0..side {
                let patch = (y * side + x) * 16 * channels;
                for row in 0..4 {
                    let Some(top) = (2 * y + row).checked_sub(1).filter(|&top| top < width) else {
                        continue;
                    };
                    let first = usize::from(x == 0);
                    let last = if x + 1 == side { 3 } else { 4 };
                    let image = (top * width + 2 * x + first - 1) * channels;
                    visit(
                        image,
                        patch + (row * 4 + first) * channels,
                        (last - first) * channels,
                    );
                }
            }
        }
    }

    pub fn patches(images: &TensorData) -> TensorData {
        let [count, width, _, channels] = images.shape().dims();
        let side = width / 2;
        let images = images.as_slice::<f32>().expect("f32 tensors throughout");
        let mut patches = vec![0.0_f32; count * side * side * 16 * channels];
        let sizes = (width * width * channels, side * side * 16 * channels);
        for (image, patches) in images
            .chunks_exact(sizes.0)
            .zip(patches.chunks_exact_mut(sizes.1))
        {
            pairs(side, channels, |from, to, length| {
                patches[to..to + length].copy_from_slice(&image[from..from + length]);
            });
        }
        TensorData::new(patches, [count * side * side, 16 * channels])
    }

    pub fn leaky(mut values: TensorData, leak: f32) -> TensorData {
        for value in values
            .as_mut_slice::<f32>()
            .expect("f32 tensors throughout")
        {
            *value = value.max(*value * leak);
        }
        values
    }

    pub fn leaky_gradient(outputs: &TensorData, mut gradient: TensorData, leak: f32) -> TensorData {
        let outputs = outputs.as_slice::<f32>().expect("f32 tensors throughout");
        let values = gradient
            .as_mut_slice::<f32>()
            .expect("f32 tensors throughout");
        for (value, &output) in values.iter_mut().zip(outputs) {
            *value *= if output > 0.0 { 1.0 } else { leak };
        }
        gradient
    }

    pub fn overlap(patches: &TensorData, side: usize) -> TensorData {
        let [rows, columns] = patches.shape().dims();
        let (count, channels, width) = (rows / (side * side), columns / 16, 2 * side);
        let patches = patches.as_slice::<f32>().expect("f32 tensors throughout");
        let mut images = vec![0.0_f32; count * width * width * channels];
        let sizes = (width * width * channels, side * side * 16 * channels);
        for (image, patches) in images
            .chunks_exact_mut(sizes.0)
            .zip(patches.chunks_exact(sizes.1))
        {
            pairs(side, channels, |to, from, length| {
                for (sum, value) in image[to..to + length]
                    .iter_mut()
                    .zip(&patches[from..from + length])
                {
                    *sum += value;
                }
            });
        }
        TensorData::new(images, [count, width, width, channels])
    }
}
