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

    /// Returns the image coordinate of the `index`th pixel.
    #[expect(clippy::cast_possible_wrap, reason = "display sizes")]
    const fn position(self, index: u32) -> i32 {
        self.start + self.step * index as i32
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
        let position = self.position(index);
        match self.scaling {
            Scaling::Integer if position < 0 || position >= last + ONE => None,
            Scaling::Integer => Some(((position / ONE) as usize, 0)),
            Scaling::Bilinear => {
                let position = position.clamp(0, last);
                Some(((position / ONE) as usize, ((position % ONE) >> 8) as u32))
            }
        }
    }

    /// Returns for each image pixel the first of `extent` pixels at or after it, and the first one behind the image.
    fn boundaries(self, extent: u32) -> [u32; SIDE + 1] {
        let (mut index, mut limit) = (0, 0);
        [(); SIDE + 1].map(|()| {
            while index < extent && self.position(index) < limit {
                index += 1;
            }
            limit += ONE;
            index
        })
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

/// Rows of an image that is scaled to an area.
pub struct ScaledRows<'a> {
    image: &'a GrayImage,
    axes: Axes,
    /// Ends of the column segments: the pixels before the image, those between two image columns, and those behind.
    ends: [u32; SIDE + 2],
    /// Current row of the area.
    y: Option<u32>,
    /// Gray levels at the left ends of the segments and behind the last one: the image row interpolated at the height of the
    /// current row, between the margins.
    row: [u8; SIDE + 3],
}

impl<'a> ScaledRows<'a> {
    /// Creates the rows of an area of `size` that `image` fills.
    pub fn new(image: &'a GrayImage, size: Size, scaling: Scaling) -> Self {
        let axes = Axes::new(size, scaling);
        let mut ends = [u32::MAX; SIDE + 2];
        for (end, boundary) in ends.iter_mut().zip(axes.columns.boundaries(size.width)) {
            *end = boundary;
        }
        Self {
            image,
            axes,
            ends,
            y: None,
            row: [0; SIDE + 3],
        }
    }

    /// Fills `pixels` with the colors of consecutive pixels of a row, from `at`, relative to the area's top left corner.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        reason = "display sizes"
    )]
    pub fn fill<T: Copy>(&mut self, at: Point, pixels: &mut [T], color: impl Fn(u8) -> T) {
        let (mut x, y) = (at.x.unsigned_abs(), at.y.unsigned_abs());
        if self.y.replace(y) != Some(y) {
            self.start_row(y);
        }
        let Axis { step, scaling, .. } = self.axes.columns;
        // Distance of the segment's first pixel from the image column on its left.
        let mut position = self.axes.columns.position(x) + ONE;
        let (mut pixels, mut grays, mut ends) = (pixels, &self.row[..], &self.ends[..]);
        while let [left, behind @ ..] = grays
            && let Some(right) = behind.first()
            && !pixels.is_empty()
        {
            // Segments between equal gray levels are filled together.
            let equal = if left == right {
                behind.iter().take_while(|gray| *gray == left).count()
            } else {
                0
            };
            let (done, later) = ends.split_at_checked(equal.max(1)).unwrap_or_default();
            let count = done.last().map_or(0, |end| end.saturating_sub(x)) as usize;
            let (segment, rest) = pixels.split_at_mut(count.min(pixels.len()));
            (pixels, ends) = (rest, later);
            grays = grays.get(done.len()..).unwrap_or_default();
            x += segment.len() as u32;
            if equal > 0 || scaling == Scaling::Integer {
                position += step * segment.len() as i32;
                segment.fill(color(*left));
            } else {
                for pixel in segment {
                    *pixel = color(interpolate(*left, *right, position.cast_unsigned() >> 8));
                    position += step;
                }
            }
            position -= ONE * done.len() as i32;
        }
    }

    /// Interpolates row `y`. Not inlined, so that the code per pixel stays small.
    #[inline(never)]
    fn start_row(&mut self, y: u32) {
        let Some((index, distance)) = self.axes.rows.at(y) else {
            return self.row.fill(0);
        };
        let mut rows = self.image.pixels().chunks_exact(SIDE).skip(index);
        let upper = rows.next().unwrap_or_default();
        let lower = rows.next().unwrap_or(upper);
        let [first, row @ .., behind, end] = &mut self.row;
        for (gray, (&upper, &lower)) in row.iter_mut().zip(upper.iter().zip(lower)) {
            *gray = interpolate(upper, lower, distance);
        }
        if self.axes.columns.scaling == Scaling::Bilinear {
            (*first, *behind, *end) = (row[0], row[SIDE - 1], row[SIDE - 1]);
        }
    }
}

/// Returns the rounded value of `from + (to - from) * t / 256`.
fn interpolate(from: u8, to: u8, t: u32) -> u8 {
    #[expect(clippy::cast_possible_truncation, reason = "between two bytes")]
    let gray = ((u32::from(from) << 8)
        .wrapping_add(u32::from(to).wrapping_sub(from.into()).wrapping_mul(t))
        .wrapping_add(128)
        >> 8) as u8;
    gray
}
