//! Operations on the device of any backend, as tensor operations without a copy to the host.
//!
//! Zero-padded images consist of blocks of 2x2 pixels, and a 4x4 patch of 2x2 neighboring blocks.

use std::ops::Range;

use burn::{
    backend::{Backend, TensorMetadata, tensor::FloatTensor},
    tensor::{Slice, ops::PadMode},
};

/// Indices of the two blocks of a patch, vertically or horizontally.
const BLOCKS: [usize; 2] = [0, 1];

/// Extracts patches of images [N, 2h, 2w, C] as [`super::patches`] does.
pub fn patches<B: Backend>(images: FloatTensor<B>) -> FloatTensor<B> {
    let [count, width, _, channels] = images.shape().dims();
    let side = width / 2;
    let padded = pad::<B>(images, [(1, 1), (1, 1)]);
    let blocks = [count, side + 1, 2, side + 1, 2, channels];
    let blocks = B::float_reshape(padded, blocks.into());
    let rows = BLOCKS.map(|row| {
        let columns = BLOCKS.map(|column| {
            let (rows, columns) = (row..row + side, column..column + side);
            let ranges = [0..count, rows, 0..2, columns, 0..2, 0..channels];
            B::float_permute(slice::<B, 6>(blocks.clone(), ranges), &[0, 1, 3, 2, 4, 5])
        });
        B::float_cat(columns.into(), 4)
    });
    let patches = B::float_cat(rows.into(), 3);
    B::float_reshape(patches, [count * side * side, 16 * channels].into())
}

/// Sums patches [N h w, 16 C] to images as [`super::overlap`] does.
pub fn overlap<B: Backend>(patches: FloatTensor<B>, side: usize) -> FloatTensor<B> {
    let [rows, columns] = patches.shape().dims();
    let (count, channels, width) = (rows / (side * side), columns / 16, 2 * side);
    let patches = B::float_reshape(patches, [count, side, side, 4, 4, channels].into());
    let blocks = BLOCKS.map(|row| {
        let blocks = BLOCKS.map(|column| {
            let rows = 2 * row..2 * row + 2;
            let columns = 2 * column..2 * column + 2;
            let ranges = [0..count, 0..side, 0..side, rows, columns, 0..channels];
            let block = slice::<B, 6>(patches.clone(), ranges);
            let block = B::float_permute(block, &[0, 1, 3, 2, 4, 5]);
            let block = B::float_reshape(block, [count, width, width, channels].into());
            pad::<B>(block, [row, column].map(|block| (2 * block, 2 - 2 * block)))
        });
        let [left, right] = blocks;
        B::float_add(left, right)
    });
    let [upper, lower] = blocks;
    let padded = B::float_add(upper, lower);
    let inner = 1..width + 1;
    slice::<B, 4>(padded, [0..count, inner.clone(), inner, 0..channels])
}

/// Leaky ReLU like [`super::leaky`].
pub fn leaky<B: Backend>(values: FloatTensor<B>, leak: f32) -> FloatTensor<B> {
    B::leaky_relu(values, leak.into())
}

/// Returns the gradient of the leaky ReLU with `outputs`, as [`super::Lowering::leaky_gradient`] does.
pub fn leaky_gradient<B: Backend>(
    outputs: FloatTensor<B>,
    gradient: FloatTensor<B>,
    leak: f32,
) -> FloatTensor<B> {
    let of_positive = B::relu_backward(outputs, gradient.clone());
    let of_negative = B::float_sub(gradient, of_positive.clone());
    B::float_add(of_positive, B::float_mul_scalar(of_negative, leak.into()))
}

/// Adds zeros before and after the rows and the columns of images [N, height, width, C].
fn pad<B: Backend>(images: FloatTensor<B>, [rows, columns]: [(usize, usize); 2]) -> FloatTensor<B> {
    B::float_pad(
        images,
        &[(0, 0), rows, columns, (0, 0)],
        PadMode::Constant(0.0),
    )
}

fn slice<B: Backend, const D: usize>(
    tensor: FloatTensor<B>,
    ranges: [Range<usize>; D],
) -> FloatTensor<B> {
    B::float_slice(tensor, &ranges.map(Slice::from))
}

#[cfg(test)]
mod tests {
    use burn::{
        backend::{Flex, flex::FlexDevice, ops::FloatTensorOps},
        tensor::{TensorData, Tolerance},
    };

    use super::*;
    use crate::gan::lowering::{data, host};

    /// Returns values from -1 to 1 that differ from their neighbors.
    fn values<const D: usize>(shape: [usize; D]) -> TensorData {
        let count = shape.iter().product::<usize>();
        let values = (0..count).map(|place| (place * 37 % 201) as f32 / 100.0 - 1.0);
        TensorData::new(values.collect::<Vec<_>>(), shape)
    }

    fn tensor(values: &TensorData) -> FloatTensor<Flex> {
        Flex::float_from_data(values.clone(), &FlexDevice)
    }

    #[test]
    fn patches_equal_those_of_the_host() {
        for [count, side, channels] in [[3, 14, 1], [2, 7, 5], [1, 1, 2]] {
            let images = values([count, 2 * side, 2 * side, channels]);
            let found = data::<Flex>(patches::<Flex>(tensor(&images)));
            assert_eq!(found, host::patches(&images));
        }
    }

    #[test]
    fn overlapping_sums_equal_those_of_the_host() {
        for [count, side, channels] in [[3, 14, 1], [2, 7, 5], [1, 1, 2]] {
            let patches = values([count * side * side, 16 * channels]);
            let found = data::<Flex>(overlap::<Flex>(tensor(&patches), side));
            let expected = host::overlap(&patches, side);
            assert_eq!(found.shape(), expected.shape());
            // The order of summation differs.
            found.assert_approx_eq::<f32>(&expected, Tolerance::absolute(1e-6));
        }
    }

    #[test]
    fn the_leaky_relu_and_its_gradient_equal_those_of_the_host() {
        let (inputs, gradient) = (values([4, 100]), values([4, 100]));
        let outputs = host::leaky(inputs.clone(), 0.2);
        let found = leaky::<Flex>(tensor(&inputs), 0.2);
        assert_eq!(data::<Flex>(found), outputs);
        let found = leaky_gradient::<Flex>(tensor(&outputs), tensor(&gradient), 0.2);
        assert_eq!(
            data::<Flex>(found),
            host::leaky_gradient(&outputs, gradient, 0.2)
        );
    }
}
