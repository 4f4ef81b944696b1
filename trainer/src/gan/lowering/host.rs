//! Operations on the host, over the values of a tensor.

use burn::tensor::TensorData;

/// Calls `visit` for all pixels that patches share with images, with the index of the first channel in
/// the image and in the patches and the number of consecutive values.
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
