//! Procedural digits, the replacement when MNIST is not available.
//!
//! Only additions, multiplications, divisions and square roots are used, whose results IEEE 754 defines
//! exactly, so that the images are the same on every machine.

use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::strokes::{DIGITS, Stroke};
use super::{Dataset, PIXELS, SIDE, Sizes, Split, arrays};

const SEED: u64 = 0x7468_756d_6267_616e;
const TRAIN_STREAM: u64 = 0;
const TEST_STREAM: u64 = 1;

/// Line segments per curve between two points of a stroke.
const PIECES: usize = 6;
/// Intervals per axis of the lattice of random displacements that distorts a digit.
const LATTICE: usize = 3;
/// Size in pixels of the box around the foreground, as in MNIST.
const BOX: f32 = 20.0;
/// Position of the center of mass in pixels along each axis, as in MNIST.
const MIDDLE: f32 = SIDE as f32 / 2.0;
/// Width in pixels of the anti-aliased edge of a stroke.
const EDGE: f32 = 1.3;

type Point = [f32; 2];

/// Returns 60,000 training and 10,000 test images, always the same ones.
pub(super) fn dataset() -> Dataset {
    let train = split(TRAIN_STREAM, 60_000);
    Dataset {
        sizes: Sizes::MNIST,
        name: "procedural".into(),
        sha256: arrays::hash(&train),
        train,
        test: split(TEST_STREAM, 10_000),
        class_names: String::new(),
    }
}

/// Returns `count` images of all classes in equal shares, shuffled.
fn split(stream: u64, count: usize) -> Split {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    rng.set_stream(stream);
    let mut labels: Vec<u8> = (0..count).map(|i| (i % DIGITS.len()) as u8).collect();
    labels.shuffle(&mut rng);
    let pixels = labels
        .iter()
        .flat_map(|&label| draw(label, &mut rng))
        .collect();
    Split { pixels, labels }
}

fn draw(class: u8, rng: &mut ChaCha8Rng) -> [u8; PIXELS] {
    let skeleton = DIGITS[usize::from(class)]
        .choose(rng)
        .expect("every digit has skeletons");
    let mut strokes: Vec<Vec<Point>> = skeleton.iter().map(|stroke| trace(stroke, rng)).collect();
    bend(&mut strokes, rng);
    slant(&mut strokes, rng);
    let radius = 1.3 + 0.7 * bell(rng);
    let drift = 0.3 * bell(rng);
    fit(&mut strokes, radius);
    let off_center = ink(&strokes, radius, drift);
    center(&mut strokes, &off_center);
    let mut noisy = |ink: f32| (ink * (255.0 - 20.0 * rng.random::<f32>())) as u8;
    ink(&strokes, radius, drift).map(|ink| if ink > 0.0 { noisy(ink) } else { 0 })
}

/// Returns a random number in -1..1 with a bell-shaped distribution: the scaled sum of three uniform numbers.
fn bell(rng: &mut ChaCha8Rng) -> f32 {
    (rng.random::<f32>() + rng.random::<f32>() + rng.random::<f32>()) / 1.5 - 1.0
}

/// Returns the polyline of a stroke whose points are slightly displaced: a smooth curve between corners.
fn trace(stroke: Stroke, rng: &mut ChaCha8Rng) -> Vec<Point> {
    let mut line: Vec<Point> = Vec::with_capacity(stroke.len() * PIECES);
    for smooth in stroke.chunk_by(|a, b| a != b) {
        let mut points: Vec<Point> = smooth
            .iter()
            .map(|&(x, y)| [x, y].map(|at| f32::from(at) / 100.0 + 0.04 * bell(rng)))
            .collect();
        if let Some(&corner) = line.last() {
            points[0] = corner;
        }
        curve(&points, &mut line);
    }
    line
}

/// Appends the Catmull-Rom curve through the points to a polyline.
fn curve(points: &[Point], line: &mut Vec<Point>) {
    let ends = points.len() - 1;
    line.push(points[0]);
    for i in 0..ends {
        let (a, b) = (points[i], points[i + 1]);
        let (before, after) = (points[i.saturating_sub(1)], points[(i + 2).min(ends)]);
        line.extend((1..=PIECES).map(|step| {
            let t = step as f32 / PIECES as f32;
            let (s, u) = (t * t * (3.0 - 2.0 * t), 1.0 - t);
            [0, 1].map(|k| {
                let (leave, arrive) = ((b[k] - before[k]) / 2.0, (after[k] - a[k]) / 2.0);
                a[k] + s * (b[k] - a[k]) + t * u * (u * leave - t * arrive)
            })
        }));
    }
}

/// Applies a smooth elastic distortion: random displacements of a coarse lattice, interpolated in between.
fn bend(strokes: &mut [Vec<Point>], rng: &mut ChaCha8Rng) {
    let mut lattice = [[[0.0; 2]; LATTICE + 1]; LATTICE + 1];
    for shift in lattice.iter_mut().flatten().flatten() {
        *shift = 0.13 * bell(rng);
    }
    for point in strokes.iter_mut().flatten() {
        let [(i, u), (j, v)] = point.map(|at| {
            let at = at.clamp(0.0, 1.0) * LATTICE as f32;
            let cell = (at as usize).min(LATTICE - 1);
            let t = at - cell as f32;
            (cell, t * t * (3.0 - 2.0 * t))
        });
        for k in 0..2 {
            let row = |j: usize| lattice[j][i][k] * (1.0 - u) + lattice[j][i + 1][k] * u;
            point[k] += row(j) * (1.0 - v) + row(j + 1) * v;
        }
    }
}

/// Applies a random affine map: anisotropic scale, shear (mostly to the right, as in handwriting), rotation.
fn slant(strokes: &mut [Vec<Point>], rng: &mut ChaCha8Rng) {
    let width = 0.86 + 0.32 * bell(rng);
    let shear = 0.2 + 0.45 * bell(rng);
    let half = 0.12 * bell(rng); // Tangent of half the angle: sine and cosine are rational in it.
    let (sin, cos) = (
        2.0 * half / (1.0 + half * half),
        (1.0 - half * half) / (1.0 + half * half),
    );
    for point in strokes.iter_mut().flatten() {
        let [x, y] = [width * point[0] - shear * point[1], point[1]];
        *point = [cos * x - sin * y, sin * x + cos * y];
    }
}

/// Scales the strokes to the box in the center of the image, preserving the aspect ratio.
fn fit(strokes: &mut [Vec<Point>], radius: f32) {
    let (mut low, mut high) = ([f32::MAX; 2], [f32::MIN; 2]);
    for point in strokes.iter().flatten() {
        for k in 0..2 {
            low[k] = low[k].min(point[k]);
            high[k] = high[k].max(point[k]);
        }
    }
    let scale = (BOX - 2.0 * radius) / (high[0] - low[0]).max(high[1] - low[1]);
    for point in strokes.iter_mut().flatten() {
        *point = [0, 1].map(|k| MIDDLE + scale * (point[k] - low[k].midpoint(high[k])));
    }
}

/// Moves the strokes so that their center of mass is the center of the image.
fn center(strokes: &mut [Vec<Point>], ink: &[f32; PIXELS]) {
    let (mut mass, mut moment) = (0.0, [0.0; 2]);
    for (at, &ink) in ink.iter().enumerate() {
        mass += ink;
        moment[0] += ink * (at % SIDE) as f32;
        moment[1] += ink * (at / SIDE) as f32;
    }
    for point in strokes.iter_mut().flatten() {
        *point = [0, 1].map(|k| point[k] + MIDDLE - moment[k] / mass);
    }
}

/// Returns the foreground of each pixel, 0 to 1, from its distance to the strokes, whose thickness drifts
/// along the way.
fn ink(strokes: &[Vec<Point>], radius: f32, drift: f32) -> [f32; PIXELS] {
    let mut depth = [0.0f32; PIXELS];
    for line in strokes {
        let half = line.len() as f32 / 2.0;
        for (i, pair) in line.windows(2).enumerate() {
            let reach = radius * (1.0 + drift * (i as f32 / half - 1.0)) + EDGE / 2.0;
            deepen(&mut depth, pair[0], pair[1], reach);
        }
    }
    depth.map(|depth| {
        let t = (depth / EDGE).min(1.0);
        t * t * (3.0 - 2.0 * t)
    })
}

fn distance(a: Point, b: Point) -> f32 {
    ((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1])).sqrt()
}

/// Raises each pixel's depth inside a stroke to `reach` minus its distance to the segment from `a` to `b`.
fn deepen(depth: &mut [f32; PIXELS], a: Point, b: Point, reach: f32) {
    let along = [b[0] - a[0], b[1] - a[1]];
    let square = (along[0] * along[0] + along[1] * along[1]).max(f32::MIN_POSITIVE);
    let [columns, rows] = [0, 1].map(|k| {
        let first = (a[k].min(b[k]) - reach).max(0.0) as usize;
        let last = (a[k].max(b[k]) + reach).clamp(0.0, (SIDE - 1) as f32) as usize;
        first..=last
    });
    for y in rows {
        for x in columns.clone() {
            let at = [x as f32, y as f32];
            let t = ((at[0] - a[0]) * along[0] + (at[1] - a[1]) * along[1]) / square;
            let t = t.clamp(0.0, 1.0);
            let nearest = [a[0] + t * along[0], a[1] + t * along[1]];
            let pixel = &mut depth[y * SIDE + x];
            *pixel = pixel.max(reach - distance(at, nearest));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::hex;

    #[test]
    fn classes_are_balanced_and_shuffled() {
        let labels = split(TRAIN_STREAM, 1000).labels;
        let mut shares = [0; 10];
        for &label in &labels {
            shares[usize::from(label)] += 1;
        }
        assert_eq!(shares, [100; 10]);
        assert!(labels[..20].windows(2).any(|pair| pair[0] > pair[1]));
    }

    #[test]
    fn images_are_deterministic_and_distinct() {
        let train = split(TRAIN_STREAM, 500);
        assert_eq!(train, split(TRAIN_STREAM, 500));
        let test = split(TEST_STREAM, 500);
        let mut images: Vec<&[u8]> = (0..500)
            .flat_map(|i| [train.image(i), test.image(i)])
            .collect();
        images.sort_unstable();
        images.dedup();
        assert_eq!(images.len(), 1000);
    }

    /// The hash changes with every change of the images.
    #[test]
    fn the_training_images_have_their_known_checksum() {
        let dataset = dataset();
        assert_eq!((dataset.train.len(), dataset.test.len()), (60_000, 10_000));
        assert_eq!(
            hex(&dataset.sha256),
            "3c9fe32091f219c3c19e100f2883f7f0747601a7212bf0cc5902b5cba80ce4c3"
        );
    }

    #[test]
    fn digits_are_normalized_as_in_mnist() {
        let split = split(TRAIN_STREAM, 2000);
        for i in 0..split.len() {
            let image = split.image(i);
            let (mut mass, mut moment) = (0.0, [0.0; 2]);
            for (at, &ink) in image.iter().enumerate() {
                mass += f32::from(ink);
                moment[0] += f32::from(ink) * (at % SIDE) as f32;
                moment[1] += f32::from(ink) * (at / SIDE) as f32;
            }
            for k in 0..2 {
                assert!(
                    (moment[k] / mass - 14.0).abs() < 0.5,
                    "image {i}: {moment:?} / {mass}"
                );
            }
            let inked: usize = image.iter().map(|&ink| usize::from(ink > 0)).sum();
            assert!(
                (30..400).contains(&inked),
                "image {i} has ink in {inked} pixels"
            );
            assert!(image.iter().any(|&ink| ink > 200), "image {i} is faint");
        }
    }

    #[test]
    fn classes_are_separated_by_their_means() {
        let (train, test) = (split(TRAIN_STREAM, 2000), split(TEST_STREAM, 500));
        let mut means = vec![[0.0f32; PIXELS]; 10];
        for (i, &label) in train.labels.iter().enumerate() {
            for (mean, &ink) in means[usize::from(label)].iter_mut().zip(train.image(i)) {
                *mean += f32::from(ink) / 200.0;
            }
        }
        let right = (0..test.len()).filter(|&i| {
            let far = |mean: &[f32; PIXELS]| -> f32 {
                mean.iter()
                    .zip(test.image(i))
                    .map(|(m, &ink)| (m - f32::from(ink)).powi(2))
                    .sum()
            };
            let nearest = (0..10).min_by(|&a, &b| far(&means[a]).total_cmp(&far(&means[b])));
            nearest == Some(usize::from(test.labels[i]))
        });
        let right = right.count();
        assert!(right > 400, "only {right} of 500 are told apart");
    }
}
