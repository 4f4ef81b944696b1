//! Distances of many points to many others, by matrix products of blocks.

use nalgebra::DMatrixView;
use rayon::prelude::*;

/// Queries of a block.
const QUERIES: usize = 256;
/// Points of a block.
const POINTS: usize = 1_024;

/// Shows `see`, for each query, the squared Euclidean distance to every point in turn, and returns what it
/// made of `start`, one for each query. Queries and points have `width` values each, one after the other;
/// `see` gets the numbers of both.
///
/// Distances come from |a|^2 + |b|^2 - 2ab in f32, so that tiny ones are only good to some 1e-6 of the
/// squared lengths.
pub fn fold<S: Clone + Send + Sync>(
    queries: &[f32],
    points: &[f32],
    width: usize,
    start: &S,
    see: impl Fn(&mut S, [usize; 2], f32) + Sync,
) -> Vec<S> {
    let (query_lengths, point_lengths) = (lengths(queries, width), lengths(points, width));
    let blocks = queries.par_chunks(QUERIES * width).enumerate();
    let folded = blocks.flat_map_iter(|(block, queries)| {
        let queries = DMatrixView::from_slice(queries, width, queries.len() / width);
        let mut states = vec![start.clone(); queries.ncols()];
        for (points, first) in points.chunks(POINTS * width).zip((0..).step_by(POINTS)) {
            let points = DMatrixView::from_slice(points, width, points.len() / width);
            let products = points.transpose() * queries;
            let queries = (block * QUERIES..).zip(&mut states);
            for ((query, state), products) in queries.zip(products.column_iter()) {
                for (point, product) in (first..).zip(products.iter()) {
                    let squared = query_lengths[query] + point_lengths[point] - 2.0 * product;
                    see(state, [query, point], squared.max(0.0));
                }
            }
        }
        states
    });
    folded.collect()
}

/// The squared length of each point.
fn lengths(points: &[f32], width: usize) -> Vec<f32> {
    points
        .chunks_exact(width)
        .map(|point| point.iter().map(|value| value * value).sum())
        .collect()
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;
    use crate::random::{Purpose, stream};

    #[test]
    fn every_pair_is_seen_once_with_its_distance() {
        // More than a block of either, and no whole number of blocks.
        let (width, queries, points) = (3, QUERIES + 44, POINTS + 76);
        let mut random = stream(1, Purpose::Noise, 0);
        let mut draw =
            |count| -> Vec<f32> { (0..count * width).map(|_| random.random()).collect() };
        let (a, b) = (draw(queries), draw(points));
        let nothing = vec![f32::NAN; points];
        let folded = fold(&a, &b, width, &nothing, |seen, [query, point], squared| {
            assert!(seen[point].is_nan(), "{query} and {point} twice");
            let pair = a[query * width..]
                .iter()
                .zip(&b[point * width..])
                .take(width);
            let expected: f32 = pair.map(|(a, b)| (a - b) * (a - b)).sum();
            assert!(
                (squared - expected).abs() < 1e-5,
                "{squared}, expected {expected}"
            );
            seen[point] = squared;
        });
        assert_eq!(folded.len(), queries);
        assert!(folded.iter().flatten().all(|squared| squared.is_finite()));
    }
}
