//! A digit's greys at the size of an area.

use embedded_graphics::geometry::Size;

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
}

/// The greys of an area, row by row.
pub struct Greys<'a> {
    digit: &'a Digit,
    size: Size,
    columns: Axis,
    rows: Axis,
    x: u32,
    y: u32,
    /// The digit's row at `y`; blank beside it.
    row: [u8; SIDE],
}

impl<'a> Greys<'a> {
    /// `digit` as large as the longer side of `size`.
    #[expect(clippy::cast_possible_truncation, reason = "28")]
    pub fn new(digit: &'a Digit, size: Size, scaling: Scaling) -> Self {
        let side = size.width.max(size.height);
        let scaling = if side < SIDE as u32 { Scaling::Smooth } else { scaling };
        let (columns, rows) = (Axis::new(size.width, side, scaling), Axis::new(size.height, side, scaling));
        Self { digit, size, columns, rows, x: 0, y: 0, row: [0; SIDE] }
    }

    /// Makes the digit's row at `y`.
    fn start_row(&mut self) {
        let Some((index, part)) = self.rows.at(self.y) else { return self.row.fill(0) };
        let mut rows = self.digit.pixels().chunks_exact(SIDE).skip(index);
        let upper = rows.next().unwrap_or_default();
        let lower = rows.next().unwrap_or(upper);
        for (grey, (&upper, &lower)) in self.row.iter_mut().zip(upper.iter().zip(lower)) {
            *grey = between(upper, lower, part);
        }
    }
}

impl Iterator for Greys<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        if self.y == self.size.height {
            return None;
        }
        if self.x == 0 {
            self.start_row();
        }
        let grey = self.columns.at(self.x).map_or(0, |(index, part)| {
            let left = self.row.get(index).copied().unwrap_or_default();
            between(left, self.row.get(index + 1).copied().unwrap_or(left), part)
        });
        self.x += 1;
        if self.x == self.size.width {
            (self.x, self.y) = (0, self.y + 1);
        }
        Some(grey)
    }
}

/// The grey `part`/256 of the way between two.
fn between(from: u8, to: u8, part: u32) -> u8 {
    #[expect(clippy::cast_possible_truncation, reason = "between two bytes")]
    let grey = ((u32::from(from) * (256 - part) + u32::from(to) * part + 128) >> 8) as u8;
    grey
}
