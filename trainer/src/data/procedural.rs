//! Digits drawn by our own code: the stand-in when MNIST cannot be had.
//!
//! Only additions, multiplications, divisions and square roots are used, which IEEE 754 rounds alike
//! everywhere, so that the same images come out on every machine.

use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::strokes::{DIGITS, Stroke};
use super::{Dataset, PIXELS, SIDE, Split, idx};

const SEED: u64 = 0x7468_756d_6267_616e;
const TRAIN_STREAM: u64 = 0;
const TEST_STREAM: u64 = 1;

/// Straight pieces in which a curve between two points of a stroke is drawn.
const PIECES: usize = 6;
/// Intervals of the lattice whose random displacements bend a digit, along each axis.
const LATTICE: usize = 3;
/// Size of the box that holds the ink, in pixels, as in MNIST.
const BOX: f32 = 20.0;
/// Where the centre of mass lies along each axis, in pixels, as in MNIST.
const MIDDLE: f32 = SIDE as f32 / 2.0;
/// Width of the grey edge of a stroke, in pixels.
const EDGE: f32 = 1.3;

type Point = [f32; 2];

/// 60,000 train and 10,000 test images, always the same ones.
pub(super) fn dataset() -> Dataset {
    let train = split(TRAIN_STREAM, 60_000);
    Dataset {
        name: "procedural".into(),
        sha256: idx::hash(&train),
        train,
        test: split(TEST_STREAM, 10_000),
        class_names: String::new(),
    }
}

/// `count` images, classes in equal shares and shuffled.
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
    let off_centre = ink(&strokes, radius, drift);
    centre(&mut strokes, &off_centre);
    let mut noisy = |ink: f32| (ink * (255.0 - 20.0 * rng.random::<f32>())) as u8;
    ink(&strokes, radius, drift).map(|ink| if ink > 0.0 { noisy(ink) } else { 0 })
}

/// A number in -1..1, small ones likelier: the sum of three uniform ones, scaled.
fn bell(rng: &mut ChaCha8Rng) -> f32 {
    (rng.random::<f32>() + rng.random::<f32>() + rng.random::<f32>()) / 1.5 - 1.0
}

/// The polyline of a stroke, whose points are each moved a little: a smooth curve from corner to corner.
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

/// Adds the Catmull-Rom curve through the points to a polyline.
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

/// A smooth elastic distortion: displacements of a coarse lattice, blended in between.
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

/// A random affine map: anisotropic scale, shear (mostly to the right, as in handwriting), rotation.
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

/// To pixels: the ink fills the box in the middle of the image, its shape is kept.
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

/// Moves the strokes so that the centre of mass of their ink comes to the middle of the image.
fn centre(strokes: &mut [Vec<Point>], ink: &[f32; PIXELS]) {
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

/// Ink of each pixel in 0..=1 by its distance to the strokes, whose thickness drifts along the way.
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

/// Raises each pixel's depth inside the ink to `reach` less its distance to the segment from `a` to `b`.
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
    fn classes_come_in_equal_shares_and_shuffled() {
        let labels = split(TRAIN_STREAM, 1000).labels;
        let mut shares = [0; 10];
        for &label in &labels {
            shares[usize::from(label)] += 1;
        }
        assert_eq!(shares, [100; 10]);
        assert!(labels[..20].windows(2).any(|pair| pair[0] > pair[1]));
    }

    #[test]
    fn the_same_images_every_time_and_no_two_alike() {
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

    /// These very images on every machine. Whoever changes how digits are drawn changes this hash.
    #[test]
    fn the_train_images_are_the_known_ones() {
        let dataset = dataset();
        assert_eq!((dataset.train.len(), dataset.test.len()), (60_000, 10_000));
        assert_eq!(
            hex(&dataset.sha256),
            "3c9fe32091f219c3c19e100f2883f7f0747601a7212bf0cc5902b5cba80ce4c3"
        );
    }

    #[test]
    fn ink_is_normalised_as_in_mnist() {
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
    fn classes_are_told_apart_by_their_means() {
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
