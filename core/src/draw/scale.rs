//! A digit's greys at the size of an area.

use core::ops::Range;

use embedded_graphics::{
    geometry::{Point, Size},
    primitives::Rectangle,
};

use crate::image::{Digit, SIDE};

/// How a digit comes to the size of its area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scaling {
    /// Each of its pixels becomes a square, as large as fits, and the rest of the area stays paper. Where not even
    /// squares of one pixel fit it is [`Scaling::Smooth`].
    Blocks,
    /// Straight lines between the middles of its pixels (bilinear interpolation): fills any area.
    Smooth,
}

/// One in the fixed-point numbers of this module.
const ONE: i32 = 1 << 16;

/// Where the pixels of a row or column lie on the digit, in its pixels, times [`ONE`].
#[derive(Clone, Copy)]
struct Axis {
    start: i32,
    step: i32,
    scaling: Scaling,
}

impl Axis {
    /// `extent` pixels in the middle of `side`, which is what the digit's side becomes: for blocks at least its own.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        reason = "a display's sizes, and 28"
    )]
    fn new(extent: u32, side: u32, scaling: Scaling) -> Self {
        let (extent, side) = (extent as i32, (side as i32).max(1));
        match scaling {
            Scaling::Blocks => {
                let block = side / SIDE as i32;
                // Rounded up: a block's first pixel must not count as the last of the block before.
                let step = (ONE + block - 1) / block;
                let before = (extent - block * SIDE as i32).div_euclid(2);
                Self { start: -before * step, step, scaling }
            }
            Scaling::Smooth => {
                let step = ONE * SIDE as i32 / side;
                Self { start: (side - extent) / 2 * step + step / 2 - ONE / 2, step, scaling }
            }
        }
    }

    /// The digit's pixels that the `index`th pixel lies between, and how far, in 1/256, behind the first; `None`
    /// beside the digit.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        reason = "a display's sizes; clamped"
    )]
    fn at(self, index: u32) -> Option<(usize, u32)> {
        let last = (SIDE as i32 - 1) * ONE;
        let position = self.start + self.step * index as i32;
        match self.scaling {
            Scaling::Blocks if position < 0 || position >= last + ONE => None,
            Scaling::Blocks => Some(((position / ONE) as usize, 0)),
            Scaling::Smooth => {
                let position = position.clamp(0, last);
                Some(((position / ONE) as usize, ((position % ONE) >> 8) as u32))
            }
        }
    }

    /// Of the first `extent` pixels those around all that show one of the digit's `inked` pixels.
    fn span(self, extent: u32, inked: &[bool; SIDE]) -> Range<u32> {
        let inked = |index: usize| inked.get(index).copied().unwrap_or_default();
        let shows = |&place: &u32| {
            self.at(place).is_some_and(|(index, part)| inked(index) || part > 0 && inked(index + 1))
        };
        let mut places = (0..extent).filter(shows);
        places.next().map_or(0..0, |first| first..places.next_back().unwrap_or(first) + 1)
    }
}

/// A digit's columns and rows on an area that it fills: as large as the longer side.
#[derive(Clone, Copy)]
struct Axes {
    columns: Axis,
    rows: Axis,
}

impl Axes {
    /// Of a digit as large as the longer side of `size`.
    #[expect(clippy::cast_possible_truncation, reason = "28")]
    fn new(size: Size, scaling: Scaling) -> Self {
        let side = size.width.max(size.height);
        let scaling = if side < SIDE as u32 { Scaling::Smooth } else { scaling };
        Self { columns: Axis::new(size.width, side, scaling), rows: Axis::new(size.height, side, scaling) }
    }
}

/// The part of an area of `size` outside of which `digit` is paper; of no size for an empty digit.
pub fn ink(digit: &Digit, size: Size, scaling: Scaling) -> Rectangle {
    let (mut columns, mut rows) = ([false; SIDE], [false; SIDE]);
    for (line, row) in digit.pixels().chunks_exact(SIDE).zip(&mut rows) {
        for (&grey, column) in line.iter().zip(&mut columns) {
            *column |= grey > 0;
            *row |= grey > 0;
        }
    }
    let axes = Axes::new(size, scaling);
    let (x, y) = (axes.columns.span(size.width, &columns), axes.rows.span(size.height, &rows));
    #[expect(clippy::cast_possible_wrap, reason = "a display's sizes")]
    let top_left = Point::new(x.start as i32, y.start as i32);
    Rectangle::new(top_left, Size::new(x.end - x.start, y.end - y.start))
}

/// The greys of a part of an area, row by row.
pub struct Greys<'a> {
    digit: &'a Digit,
    axes: Axes,
    /// The columns of the part, and those that are left of the current row.
    columns: Range<u32>,
    left: Range<u32>,
    /// The rows behind the current one.
    rows: Range<u32>,
    /// The digit's greys at the height of the current row; blank beside it.
    row: [u8; SIDE],
}

impl<'a> Greys<'a> {
    /// Those of `part`, counted from the top left corner of an area of `size` that `digit` fills.
    pub fn new(digit: &'a Digit, size: Size, scaling: Scaling, part: &Rectangle) -> Self {
        let range = |start: i32, length: u32| {
            let start = u32::try_from(start).unwrap_or_default();
            start..start + length
        };
        let columns = range(part.top_left.x, part.size.width);
        let rows = range(part.top_left.y, part.size.height);
        Self { digit, axes: Axes::new(size, scaling), columns, left: 0..0, rows, row: [0; SIDE] }
    }

    // Apart, so that what is done for each pixel stays small.
    #[inline(never)]
    fn start_row(&mut self, y: u32) {
        self.left = self.columns.clone();
        let Some((index, part)) = self.axes.rows.at(y) else { return self.row.fill(0) };
        let mut rows = self.digit.pixels().chunks_exact(SIDE).skip(index);
        let upper = rows.next().unwrap_or_default();
        let lower = rows.next().unwrap_or(upper);
        for (grey, (&upper, &lower)) in self.row.iter_mut().zip(upper.iter().zip(lower)) {
            *grey = between(upper, lower, part);
        }
    }

    fn grey(&self, x: u32) -> u8 {
        self.axes.columns.at(x).map_or(0, |(index, part)| {
            let left = self.row.get(index).copied().unwrap_or_default();
            between(left, self.row.get(index + 1).copied().unwrap_or(left), part)
        })
    }
}

impl Iterator for Greys<'_> {
    type Item = u8;

    #[inline]
    fn next(&mut self) -> Option<u8> {
        loop {
            if let Some(x) = self.left.next() {
                return Some(self.grey(x));
            }
            let y = self.rows.next()?;
            self.start_row(y);
        }
    }
}

/// The grey `part`/256 of the way between two.
fn between(from: u8, to: u8, part: u32) -> u8 {
    #[expect(clippy::cast_possible_truncation, reason = "between two bytes")]
    let grey = ((u32::from(from) * (256 - part) + u32::from(to) * part + 128) >> 8) as u8;
    grey
}
