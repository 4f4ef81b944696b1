//! Convolutions of stride 2 as matrix products.
//!
//! Images are [N, height, width, channels]. Kernels are matrices with rows or columns in the order (row,
//! column, channel).

use burn::{prelude::*, tensor::TensorData};

use super::lowering::{overlap, patches};

/// Convolution 4x4 with stride 2 and padding 1: [N, 2h, 2h, C] and a kernel [16 C, D] to [N, h, h, D].
pub fn halve(images: Tensor<4>, kernel: Tensor<2>) -> Tensor<4> {
    let [count, width, _, _] = images.dims();
    let outputs = kernel.dims()[1];
    patches(images)
        .matmul(kernel)
        .reshape([count, width / 2, width / 2, outputs])
}

/// Transposed convolution, the transpose of [`halve`]: [N, h, h, D] and a kernel [D, 16 C] to [N, 2h, 2h, C].
pub fn double(images: Tensor<4>, kernel: Tensor<2>) -> Tensor<4> {
    let [count, side, _, inputs] = images.dims();
    overlap(
        images.reshape([count * side * side, inputs]).matmul(kernel),
        side,
    )
}

/// Returns the 4x4 kernel [in, 16 out] with which [`double`] equals nearest-neighbor upsampling by 2 and a
/// convolution with a 3x3 kernel [9, in, out].
///
/// In one dimension pixel i of the input adds w2 times itself to pixel 2i - 1 of the output, w1 + w2 times to
/// 2i, w0 + w1 times to 2i + 1 and w0 times to 2i + 2; in two dimensions the products of these.
pub fn up_kernel(kernel: Tensor<3>) -> Tensor<2> {
    let [_, inputs, outputs] = kernel.dims();
    let matrix = Tensor::<2>::from_data(TensorData::new(spread(), [16, 9]), &kernel.device());
    let spread = matrix
        .matmul(kernel.reshape([9, inputs * outputs]))
        .reshape([16, inputs, outputs]);
    spread.permute([1, 0, 2]).reshape([inputs, 16 * outputs])
}

/// Returns the 0/1 matrix [16, 9] from filter taps to the taps of the 4x4 kernel.
fn spread() -> Vec<f32> {
    const LINE: [[f32; 3]; 4] = [[0., 0., 1.], [0., 1., 1.], [1., 1., 0.], [1., 0., 0.]];
    let products = LINE.iter().flat_map(|y| LINE.iter().map(move |x| (y, x)));
    products
        .flat_map(|(y, x)| y.iter().flat_map(|y| x.map(|x| x * y)))
        .collect()
}

#[cfg(test)]
mod tests {
    use burn::tensor::{
        module::{conv_transpose2d, conv2d},
        ops::{ConvOptions, ConvTransposeOptions},
    };
    use rand::RngExt;

    use super::*;
    use crate::{
        gan::mlp::floats,
        random::{Purpose, stream},
    };

    fn random<const D: usize>(shape: [usize; D], index: u64, device: &Device) -> Tensor<D> {
        let mut random = stream(5, Purpose::Weights, index);
        let values: Vec<f32> = (0..shape.iter().product())
            .map(|_| random.random_range(-1.0..1.0))
            .collect();
        Tensor::from_data(TensorData::new(values, shape), device)
    }

    fn assert_close<const D: usize>(ours: Tensor<D>, burns: Tensor<D>) {
        assert_eq!(ours.dims(), burns.dims());
        for (ours, burns) in floats(ours).into_iter().zip(floats(burns)) {
            assert!((ours - burns).abs() < 1e-4, "{ours} instead of {burns}");
        }
    }

    /// Permutes [N, H, W, C] to burn's [N, C, H, W].
    fn channels_first(images: Tensor<4>) -> Tensor<4> {
        images.permute([0, 3, 1, 2])
    }

    /// Permutes [16 C, D] to burn's [D, C, 4, 4].
    fn burns_kernel(kernel: Tensor<2>) -> Tensor<4> {
        let [rows, outputs] = kernel.dims();
        kernel
            .reshape([4, 4, rows / 16, outputs])
            .permute([3, 2, 0, 1])
    }

    #[test]
    fn strided_and_transposed_convolutions_equal_burns() {
        let device = Device::flex();
        let (images, kernel) = (
            random([2, 6, 6, 3], 0, &device),
            random([48, 5], 1, &device),
        );
        let options = ConvOptions::new([2, 2], [1, 1], [1, 1], 1);
        let burns = conv2d(
            channels_first(images.clone()),
            burns_kernel(kernel.clone()),
            None,
            options,
        );
        assert_close(channels_first(halve(images, kernel.clone())), burns);
        let images = random([2, 3, 3, 5], 2, &device);
        let options = ConvTransposeOptions::new([2, 2], [1, 1], [0, 0], [1, 1], 1);
        let burns = conv_transpose2d(
            channels_first(images.clone()),
            burns_kernel(kernel.clone()),
            None,
            options,
        );
        assert_close(channels_first(double(images, kernel.transpose())), burns);
    }

    #[test]
    fn an_upsampling_kernel_repeats_pixels_and_convolves() {
        let device = Device::flex();
        let (images, kernel) = (
            random([2, 4, 4, 3], 3, &device),
            random([9, 3, 5], 4, &device),
        );
        let pixels = channels_first(images.clone()).reshape([2, 3, 4, 1, 4, 1]);
        let twice = pixels.expand([2, 3, 4, 2, 4, 2]).reshape([2, 3, 8, 8]);
        let burns_kernel = kernel.clone().reshape([3, 3, 3, 5]).permute([3, 2, 0, 1]);
        let burns = conv2d(
            twice,
            burns_kernel,
            None,
            ConvOptions::new([1, 1], [1, 1], [1, 1], 1),
        );
        assert_close(channels_first(double(images, up_kernel(kernel))), burns);
    }

    #[test]
    fn gradients_equal_burns() {
        let device = Device::flex().autodiff();
        let images = random([2, 6, 6, 3], 5, &device).require_grad();
        let kernel = random([48, 5], 6, &device).require_grad();
        let weights = random([2, 3, 3, 5], 7, &device);
        let through = |result: Tensor<4>| {
            let gradients = (result * weights.clone()).sum().backward();
            (
                images.grad(&gradients).expect("tracked"),
                kernel.grad(&gradients).expect("tracked"),
            )
        };
        let ours = through(halve(images.clone(), kernel.clone()));
        let options = ConvOptions::new([2, 2], [1, 1], [1, 1], 1);
        let burns = conv2d(
            channels_first(images.clone()),
            burns_kernel(kernel.clone()),
            None,
            options,
        );
        let burns = through(burns.permute([0, 2, 3, 1]));
        assert_close(ours.0, burns.0);
        assert_close(ours.1, burns.1);
    }
}
