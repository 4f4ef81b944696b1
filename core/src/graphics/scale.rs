//! Scaling of an image to the size of an area.

use core::ops::Range;

use embedded_graphics::{
    geometry::{Point, Size},
    primitives::Rectangle,
};

use crate::image::GrayImage;

/// Width and height of an image in pixels.
const SIDE: usize = GrayImage::SIDE;

/// Scaling method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scaling {
    /// Nearest neighbor with the largest integer factor that fits; the rest of the area is background. Falls back to
    /// [`Scaling::Bilinear`] in areas smaller than the image.
    Integer,
    /// Bilinear interpolation between the pixels' centers; fills any area.
    Bilinear,
}

/// The number 1 in this module's fixed-point format.
const ONE: i32 = 1 << 16;

/// Mapping from the pixels of an area's row or column to image coordinates in units of 1/[`ONE`] pixel.
#[derive(Clone, Copy)]
struct Axis {
    start: i32,
    step: i32,
    scaling: Scaling,
}

impl Axis {
    /// Maps the central `extent` of `side` pixels, to which the image's side is scaled. With [`Scaling::Integer`] `side` is at
    /// least the image's.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        reason = "display sizes, and 28"
    )]
    fn new(extent: u32, side: u32, scaling: Scaling) -> Self {
        let (extent, side) = (extent as i32, (side as i32).max(1));
        match scaling {
            Scaling::Integer => {
                let factor = side / SIDE as i32;
                // Rounded up, so that the first copy of a pixel does not count as the last copy of the one before.
                let step = (ONE + factor - 1) / factor;
                let before = (extent - factor * SIDE as i32).div_euclid(2);
                Self {
                    start: -before * step,
                    step,
                    scaling,
                }
            }
            Scaling::Bilinear => {
                let step = ONE * SIDE as i32 / side;
                Self {
                    start: (side - extent) / 2 * step + step / 2 - ONE / 2,
                    step,
                    scaling,
                }
            }
        }
    }

    /// Returns the image pixel at or before the `index`th pixel and the distance behind it in units of 1/256 pixel; `None`
    /// outside of the image.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        reason = "display sizes; clamped"
    )]
    fn at(self, index: u32) -> Option<(usize, u32)> {
        let last = (SIDE as i32 - 1) * ONE;
        let position = self.start + self.step * index as i32;
        match self.scaling {
            Scaling::Integer if position < 0 || position >= last + ONE => None,
            Scaling::Integer => Some(((position / ONE) as usize, 0)),
            Scaling::Bilinear => {
                let position = position.clamp(0, last);
                Some(((position / ONE) as usize, ((position % ONE) >> 8) as u32))
            }
        }
    }

    /// Returns the smallest range of the first `extent` pixels that contains all copies of the image's `foreground` pixels.
    fn span(self, extent: u32, foreground: &[bool; SIDE]) -> Range<u32> {
        let is_foreground = |index: usize| foreground.get(index).copied().unwrap_or_default();
        let shows = |&pixel: &u32| {
            self.at(pixel).is_some_and(|(index, distance)| {
                is_foreground(index) || distance > 0 && is_foreground(index + 1)
            })
        };
        let mut pixels = (0..extent).filter(shows);
        pixels
            .next()
            .map_or(0..0, |first| first..pixels.next_back().unwrap_or(first) + 1)
    }
}

/// Mapping from the pixels of an area to those of an image that fills it.
#[derive(Clone, Copy)]
struct Axes {
    columns: Axis,
    rows: Axis,
}

impl Axes {
    /// Maps an area of `size` to an image that is scaled to its longer side.
    #[expect(clippy::cast_possible_truncation, reason = "28")]
    fn new(size: Size, scaling: Scaling) -> Self {
        let side = size.width.max(size.height);
        let scaling = if side < SIDE as u32 {
            Scaling::Bilinear
        } else {
            scaling
        };
        Self {
            columns: Axis::new(size.width, side, scaling),
            rows: Axis::new(size.height, side, scaling),
        }
    }
}

/// Returns the part of an area of `size` outside of which `image` is background; an empty rectangle for an image without
/// foreground.
pub fn foreground(image: &GrayImage, size: Size, scaling: Scaling) -> Rectangle {
    let (mut columns, mut rows) = ([false; SIDE], [false; SIDE]);
    for (line, row) in image.pixels().chunks_exact(SIDE).zip(&mut rows) {
        for (&gray, column) in line.iter().zip(&mut columns) {
            *column |= gray > 0;
            *row |= gray > 0;
        }
    }
    let axes = Axes::new(size, scaling);
    let (x, y) = (
        axes.columns.span(size.width, &columns),
        axes.rows.span(size.height, &rows),
    );
    #[expect(clippy::cast_possible_wrap, reason = "display sizes")]
    let top_left = Point::new(x.start as i32, y.start as i32);
    Rectangle::new(top_left, Size::new(x.end - x.start, y.end - y.start))
}

/// Iterator over the gray levels of a part of an area, in row-major order.
pub struct ScaledPixels<'a> {
    image: &'a GrayImage,
    axes: Axes,
    /// Columns of the part.
    columns: Range<u32>,
    /// Columns of the current row that remain.
    remaining: Range<u32>,
    /// Rows after the current one.
    rows: Range<u32>,
    /// Image row interpolated at the height of the current row; background outside of the image.
    row: [u8; SIDE],
}

impl<'a> ScaledPixels<'a> {
    /// Iterates over `part`, relative to the top left corner of an area of `size` that `image` fills.
    pub fn new(image: &'a GrayImage, size: Size, scaling: Scaling, part: &Rectangle) -> Self {
        let range = |start: i32, length: u32| {
            let start = u32::try_from(start).unwrap_or_default();
            start..start + length
        };
        let columns = range(part.top_left.x, part.size.width);
        let rows = range(part.top_left.y, part.size.height);
        Self {
            image,
            axes: Axes::new(size, scaling),
            columns,
            remaining: 0..0,
            rows,
            row: [0; SIDE],
        }
    }

    /// Interpolates row `y`. Not inlined, so that the code per pixel stays small.
    #[inline(never)]
    fn start_row(&mut self, y: u32) {
        self.remaining = self.columns.clone();
        let Some((index, distance)) = self.axes.rows.at(y) else {
            return self.row.fill(0);
        };
        let mut rows = self.image.pixels().chunks_exact(SIDE).skip(index);
        let upper = rows.next().unwrap_or_default();
        let lower = rows.next().unwrap_or(upper);
        for (gray, (&upper, &lower)) in self.row.iter_mut().zip(upper.iter().zip(lower)) {
            *gray = interpolate(upper, lower, distance);
        }
    }

    /// Returns the gray level at column `x` of the current row.
    fn gray(&self, x: u32) -> u8 {
        self.axes.columns.at(x).map_or(0, |(index, distance)| {
            let left = self.row.get(index).copied().unwrap_or_default();
            interpolate(
                left,
                self.row.get(index + 1).copied().unwrap_or(left),
                distance,
            )
        })
    }
}

impl Iterator for ScaledPixels<'_> {
    type Item = u8;

    #[inline]
    fn next(&mut self) -> Option<u8> {
        loop {
            if let Some(x) = self.remaining.next() {
                return Some(self.gray(x));
            }
            let y = self.rows.next()?;
            self.start_row(y);
        }
    }
}

/// Returns the rounded value of `from + (to - from) * t / 256`.
fn interpolate(from: u8, to: u8, t: u32) -> u8 {
    #[expect(clippy::cast_possible_truncation, reason = "between two bytes")]
    let gray = ((u32::from(from) * (256 - t) + u32::from(to) * t + 128) >> 8) as u8;
    gray
}
