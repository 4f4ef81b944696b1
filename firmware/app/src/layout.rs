//! Where things are on panels of any size.

use embedded_graphics::{
    mono_font::{
        MonoFont,
        ascii::{FONT_4X6, FONT_5X8, FONT_6X10, FONT_10X20},
    },
    prelude::*,
    primitives::Rectangle,
};

/// The fonts, largest first.
pub const FONTS: [&MonoFont<'static>; 4] = [&FONT_10X20, &FONT_6X10, &FONT_5X8, &FONT_4X6];

/// The largest font that writes so many columns and rows into `size`; else the smallest.
pub fn font(size: Size, columns: u32, rows: u32) -> &'static MonoFont<'static> {
    let fits = |font: &&&MonoFont<'_>| {
        let cell = font.character_size;
        size.width >= columns * cell.width && size.height >= rows * cell.height
    };
    FONTS.iter().find(fits).copied().unwrap_or(&FONT_4X6)
}

/// Lines of text in columns.
#[derive(Clone, Copy, Debug)]
pub struct Grid {
    /// What they fill.
    pub area: Rectangle,
    /// Their font.
    pub font: &'static MonoFont<'static>,
    /// How many of them stand side by side.
    columns: u32,
}

impl Grid {
    /// The place of the `index`th line, in the order of reading; `None` where there is none.
    pub fn line(&self, index: u32) -> Option<Rectangle> {
        let Self { area, font, columns } = self;
        let size = Size::new(area.size.width / columns, font.character_size.height);
        let (column, row) = (index % columns, index / columns);
        let corner = Point::new((column * size.width) as i32, (row * size.height) as i32);
        ((row + 1) * size.height <= area.size.height).then_some(Rectangle::new(area.top_left + corner, size))
    }

    /// The place of the `index`th line where the one at `tall` takes the line below it too, and later lines move
    /// on. Where six lines do not fit, none is given up for it.
    pub fn line_around(&self, tall: u32, index: u32) -> Option<Rectangle> {
        let twice = |line: Rectangle| Rectangle::new(line.top_left, line.size + line.size.y_axis());
        match index {
            _ if self.line(CAPTIONS - 1).is_none() => self.line(index),
            _ if index == tall => self.line(index).map(twice),
            _ if index >= tall + self.columns => self.line(index + 1),
            _ => self.line(index),
        }
    }
}

/// One digit, as large as it can be, and captions: beside it, on a panel that is wide enough, else below.
#[derive(Clone, Copy, Debug)]
pub struct Single {
    /// The digit, a square.
    pub digit: Rectangle,
    /// The captions.
    pub captions: Grid,
}

/// Pixels between a digit and its captions.
const GAP: u32 = 2;
/// Captions that a digit may have.
const CAPTIONS: u32 = 6;

impl Single {
    /// On this panel.
    pub fn new(panel: Rectangle) -> Self {
        let Size { width, height } = panel.size;
        if width >= height + height / 4 {
            let beside = Size::new(width - height - GAP, height);
            let left = panel.top_left + Size::new(height + GAP, 0);
            let captions =
                Grid { area: Rectangle::new(left, beside), font: font(beside, 7, CAPTIONS), columns: 1 };
            return Self { digit: Rectangle::new(panel.top_left, Size::new_equal(height)), captions };
        }
        // A font for which the digit stays large.
        let columns = if width < 120 { 2 } else { 3 };
        let (rows, font) = (CAPTIONS / columns, font(Size::new(width / columns, height), 8, 10));
        let side = width.min(height.saturating_sub(rows * font.character_size.height + GAP));
        let digit = Rectangle::new(panel.top_left + Size::new((width - side) / 2, 0), Size::new_equal(side));
        let below = Size::new(width, height - side - GAP);
        let area = Rectangle::new(panel.top_left + Size::new(0, side + GAP), below);
        Self { digit, captions: Grid { area, font, columns } }
    }
}

/// A page of text, at least 14 columns and 4 rows where the panel has 72x40 pixels.
pub fn page(panel: Rectangle) -> Grid {
    let margin = (panel.size.width / 64).max(1);
    let area = panel.offset(-(margin as i32));
    Grid { area, font: font(area.size, 14, 4), columns: 1 }
}

/// Four digits, HH:MM or HH above MM, whichever is larger.
#[derive(Clone, Copy, Debug)]
pub struct Face {
    /// The digits.
    pub digits: [Rectangle; 4],
    /// The colon's two dots.
    pub dots: [Rectangle; 2],
}

impl Face {
    /// On this panel.
    pub fn new(panel: Rectangle) -> Self {
        let (beside, above) = (Self::beside(panel), Self::above(panel));
        let height = |face: &Self| face.digits[0].size.height;
        if 5 * height(&above) > 6 * height(&beside) { above } else { beside }
    }

    /// What shows that the digit at `place` is being set: a bar below it.
    pub fn mark(&self, place: usize) -> Rectangle {
        let Rectangle { top_left, size } = self.digits[place];
        let bar = mark_height(size.height);
        Rectangle::new(top_left + Size::new(size.width / 4, size.height), Size::new(size.width / 2, bar))
    }

    /// HH:MM.
    fn beside(panel: Rectangle) -> Self {
        let Size { width, height } = panel.size;
        let colon = width / 16;
        let cell = (width - colon) / 4;
        // A digit's sides are empty: four fifths of its width are enough.
        let tall = (cell * 5 / 4).min(height - mark_height(height));
        // In the middle, but for a bar that needs the room.
        let top = ((height - tall) / 2).min(height - tall - mark_height(tall));
        let start = (width - 4 * cell - colon) / 2;
        let digits = [0, 1, 2, 3].map(|place| {
            let left = start + place * cell + if place < 2 { 0 } else { colon };
            Rectangle::new(panel.top_left + Size::new(left, top), Size::new(cell, tall))
        });
        let dot = (colon / 2).max(2);
        let left = start + 2 * cell + (colon - dot) / 2;
        let dots = [1, 2].map(|third| {
            let top = top + third * tall / 3 - dot / 2;
            Rectangle::new(panel.top_left + Size::new(left, top), Size::new_equal(dot))
        });
        Self { digits, dots }
    }

    /// HH above MM, the colon lying between them.
    fn above(panel: Rectangle) -> Self {
        let Size { width, height } = panel.size;
        let gap = height / 20;
        let tall = (height - gap) / 2 - mark_height(height / 2);
        let cell = (width / 2).min(tall);
        let tall = tall.min(cell * 5 / 4);
        let start = width / 2 - cell;
        let top = (height - gap) / 2 - tall;
        let digits = [0, 1, 2, 3].map(|place| {
            let corner =
                Size::new(start + place % 2 * cell, if place < 2 { top } else { u32::midpoint(height, gap) });
            Rectangle::new(panel.top_left + corner, Size::new(cell, tall))
        });
        let dot = (gap / 2).min(cell / 6).max(2);
        // Beside the middle, where they leave the middles of digits to the bars.
        let dots = [5, 7].map(|sixth| {
            let corner = Size::new(start + sixth * cell / 6 - dot / 2, (height - dot) / 2);
            Rectangle::new(panel.top_left + corner, Size::new_equal(dot))
        });
        Self { digits, dots }
    }
}

/// How high the bar below a digit of this height is.
fn mark_height(digit: u32) -> u32 {
    (digit / 24).max(1)
}

#[cfg(test)]
mod tests {
    use std::{ops::RangeInclusive, vec::Vec};

    use super::*;

    /// Widths and heights of panels, upright ones too.
    const SIDES: [(RangeInclusive<u32>, RangeInclusive<u32>); 2] =
        [(72..=320, 40..=240), (40..=240, 72..=320)];

    fn panels() -> impl Iterator<Item = Rectangle> {
        let sizes = SIDES.into_iter().flat_map(|(widths, heights)| {
            widths.flat_map(move |width| heights.clone().map(move |height| Size::new(width, height)))
        });
        sizes.map(|size| Rectangle::new(Point::zero(), size))
    }

    fn lies_within(area: Rectangle, panel: Rectangle) -> bool {
        area.is_zero_sized() || panel.intersection(&area) == area
    }

    fn meet(one: &Rectangle, other: &Rectangle) -> bool {
        !one.intersection(other).is_zero_sized()
    }

    #[test]
    fn a_clock_lies_on_its_panel_and_no_part_of_it_on_another() {
        for panel in panels() {
            let face = Face::new(panel);
            let marks = [0, 1, 2, 3].map(|place| face.mark(place));
            let parts: Vec<_> = face.digits.into_iter().chain(face.dots).chain(marks).collect();
            for (index, part) in parts.iter().enumerate() {
                assert!(lies_within(*part, panel) && !part.is_zero_sized(), "{part:?} on {panel:?}");
                let other = parts[..index].iter().find(|other| meet(part, other));
                assert_eq!(other, None, "{part:?} on {panel:?}");
            }
        }
    }

    #[test]
    fn a_digit_and_its_captions_lie_on_their_panel_and_beside_each_other() {
        for panel in panels() {
            let Single { digit, captions } = Single::new(panel);
            assert!(lies_within(digit, panel) && lies_within(captions.area, panel), "{panel:?}");
            assert!(!meet(&digit, &captions.area), "{panel:?}");
            for grid in [captions, page(panel)] {
                let lines: Vec<_> = (0..).map_while(|index| grid.line(index)).collect();
                assert!(lines.len() >= 4 && lines.iter().all(|line| lies_within(*line, panel)), "{panel:?}");
            }
        }
    }
}
