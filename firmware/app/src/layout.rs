//! Layout: areas of images and text on panels of any size.

use embedded_graphics::{
    mono_font::{
        MonoFont,
        ascii::{FONT_4X6, FONT_5X8, FONT_6X10, FONT_10X20},
    },
    prelude::*,
    primitives::Rectangle,
};

/// Fonts, largest first.
pub const FONTS: [&MonoFont<'static>; 4] = [&FONT_10X20, &FONT_6X10, &FONT_5X8, &FONT_4X6];

/// Returns the largest font with which `columns` and `rows` fit into `size`, or the smallest font.
pub fn font(size: Size, columns: u32, rows: u32) -> &'static MonoFont<'static> {
    let fits = |font: &&&MonoFont<'_>| {
        let cell = font.character_size;
        size.width >= columns * cell.width && size.height >= rows * cell.height
    };
    FONTS.iter().find(fits).copied().unwrap_or(&FONT_4X6)
}

/// Grid of lines of text.
#[derive(Clone, Copy, Debug)]
pub struct TextGrid {
    /// Area of the grid.
    pub area: Rectangle,
    /// Font of the lines.
    pub font: &'static MonoFont<'static>,
    /// Number of lines side by side.
    columns: u32,
}

impl TextGrid {
    /// Returns the area of the line at `index`, in reading order; `None` if it does not fit.
    pub fn line(&self, index: u32) -> Option<Rectangle> {
        let Self {
            area,
            font,
            columns,
        } = self;
        let size = Size::new(area.size.width / columns, font.character_size.height);
        let (column, row) = (index % columns, index / columns);
        let corner = Point::new((column * size.width) as i32, (row * size.height) as i32);
        ((row + 1) * size.height <= area.size.height)
            .then_some(Rectangle::new(area.top_left + corner, size))
    }

    /// Returns the area of the line at `index` in a grid where the line at `tall` has twice the height and moves the lines
    /// after it. If six lines do not fit, all lines have the normal height.
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

/// Layout with one image, as large as possible, and captions beside it on wide panels or below it.
#[derive(Clone, Copy, Debug)]
pub struct ImageLayout {
    /// Square of the image.
    pub image: Rectangle,
    /// Captions.
    pub captions: TextGrid,
}

/// Pixels between the image and the captions.
const GAP: u32 = 2;
/// Maximum number of captions.
const CAPTIONS: u32 = 6;

impl ImageLayout {
    /// Computes the layout for a panel.
    pub fn new(panel: Rectangle) -> Self {
        let Size { width, height } = panel.size;
        if width >= height + height / 4 {
            let beside = Size::new(width - height - GAP, height);
            let left = panel.top_left + Size::new(height + GAP, 0);
            let captions = TextGrid {
                area: Rectangle::new(left, beside),
                font: font(beside, 7, CAPTIONS),
                columns: 1,
            };
            return Self {
                image: Rectangle::new(panel.top_left, Size::new_equal(height)),
                captions,
            };
        }
        // A font that leaves most of the height to the image.
        let columns = if width < 120 { 2 } else { 3 };
        let (rows, font) = (
            CAPTIONS / columns,
            font(Size::new(width / columns, height), 8, 10),
        );
        let side = width.min(height.saturating_sub(rows * font.character_size.height + GAP));
        let image = Rectangle::new(
            panel.top_left + Size::new((width - side) / 2, 0),
            Size::new_equal(side),
        );
        let below = Size::new(width, height - side - GAP);
        let area = Rectangle::new(panel.top_left + Size::new(0, side + GAP), below);
        Self {
            image,
            captions: TextGrid {
                area,
                font,
                columns,
            },
        }
    }
}

/// Returns a text grid over the whole panel: at least 14 columns and 4 rows on 72x40 pixels.
pub fn full_panel_grid(panel: Rectangle) -> TextGrid {
    let margin = (panel.size.width / 64).max(1);
    let area = panel.offset(-(margin as i32));
    TextGrid {
        area,
        font: font(area.size, 14, 4),
        columns: 1,
    }
}

/// Layout of the clock: HH:MM in one row or HH above MM, whichever is larger.
#[derive(Clone, Copy, Debug)]
pub struct ClockLayout {
    /// Areas of the digits.
    pub digits: [Rectangle; 4],
    /// Dots of the colon.
    pub dots: [Rectangle; 2],
}

impl ClockLayout {
    /// Computes the layout for a panel.
    pub fn new(panel: Rectangle) -> Self {
        let (row, stacked) = (Self::one_row(panel), Self::two_rows(panel));
        let height = |layout: &Self| layout.digits[0].size.height;
        if 5 * height(&stacked) > 6 * height(&row) {
            stacked
        } else {
            row
        }
    }

    /// Returns the cursor below the digit at `position` (0 to 3), which shows that the digit is being set.
    pub fn cursor(&self, position: usize) -> Rectangle {
        let Rectangle { top_left, size } = self.digits[position];
        let bar = cursor_height(size.height);
        Rectangle::new(
            top_left + Size::new(size.width / 4, size.height),
            Size::new(size.width / 2, bar),
        )
    }

    /// Computes the layout HH:MM.
    fn one_row(panel: Rectangle) -> Self {
        let Size { width, height } = panel.size;
        let colon = width / 16;
        let cell = (width - colon) / 4;
        // The sides of a digit are empty, so four fifths of its width are enough.
        let tall = (cell * 5 / 4).min(height - cursor_height(height));
        // Centered, unless the cursor needs the space.
        let top = ((height - tall) / 2).min(height - tall - cursor_height(tall));
        let start = (width - 4 * cell - colon) / 2;
        let digits = [0, 1, 2, 3].map(|position| {
            let left = start + position * cell + if position < 2 { 0 } else { colon };
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

    /// Computes the layout with HH above MM and a horizontal colon between them.
    fn two_rows(panel: Rectangle) -> Self {
        let Size { width, height } = panel.size;
        let gap = height / 20;
        let tall = (height - gap) / 2 - cursor_height(height / 2);
        let cell = (width / 2).min(tall);
        let tall = tall.min(cell * 5 / 4);
        let start = width / 2 - cell;
        let top = (height - gap) / 2 - tall;
        let digits = [0, 1, 2, 3].map(|position| {
            let corner = Size::new(
                start + position % 2 * cell,
                if position < 2 {
                    top
                } else {
                    u32::midpoint(height, gap)
                },
            );
            Rectangle::new(panel.top_left + corner, Size::new(cell, tall))
        });
        let dot = (gap / 2).min(cell / 6).max(2);
        // Off the centers of the digits, which the cursors need.
        let dots = [5, 7].map(|sixth| {
            let corner = Size::new(start + sixth * cell / 6 - dot / 2, (height - dot) / 2);
            Rectangle::new(panel.top_left + corner, Size::new_equal(dot))
        });
        Self { digits, dots }
    }
}

/// Returns the height of the cursor below a digit of this height.
fn cursor_height(digit: u32) -> u32 {
    (digit / 24).max(1)
}

#[cfg(test)]
mod tests {
    use std::{ops::RangeInclusive, vec::Vec};

    use super::*;

    /// Widths and heights of landscape and portrait panels.
    const SIDES: [(RangeInclusive<u32>, RangeInclusive<u32>); 2] =
        [(72..=320, 40..=240), (40..=240, 72..=320)];

    fn panels() -> impl Iterator<Item = Rectangle> {
        let sizes = SIDES.into_iter().flat_map(|(widths, heights)| {
            widths
                .flat_map(move |width| heights.clone().map(move |height| Size::new(width, height)))
        });
        sizes.map(|size| Rectangle::new(Point::zero(), size))
    }

    fn is_inside(area: Rectangle, panel: Rectangle) -> bool {
        area.is_zero_sized() || panel.intersection(&area) == area
    }

    fn overlap(one: &Rectangle, other: &Rectangle) -> bool {
        !one.intersection(other).is_zero_sized()
    }

    #[test]
    fn the_clock_fits_its_panel_without_overlaps() {
        for panel in panels() {
            let layout = ClockLayout::new(panel);
            let cursors = [0, 1, 2, 3].map(|position| layout.cursor(position));
            let parts: Vec<_> = layout
                .digits
                .into_iter()
                .chain(layout.dots)
                .chain(cursors)
                .collect();
            for (index, part) in parts.iter().enumerate() {
                assert!(
                    is_inside(*part, panel) && !part.is_zero_sized(),
                    "{part:?} on {panel:?}"
                );
                let other = parts[..index].iter().find(|other| overlap(part, other));
                assert_eq!(other, None, "{part:?} on {panel:?}");
            }
        }
    }

    #[test]
    fn the_image_and_its_captions_fit_their_panel_without_overlaps() {
        for panel in panels() {
            let ImageLayout { image, captions } = ImageLayout::new(panel);
            assert!(
                is_inside(image, panel) && is_inside(captions.area, panel),
                "{panel:?}"
            );
            assert!(!overlap(&image, &captions.area), "{panel:?}");
            for grid in [captions, full_panel_grid(panel)] {
                let lines: Vec<_> = (0..).map_while(|index| grid.line(index)).collect();
                assert!(
                    lines.len() >= 4 && lines.iter().all(|line| is_inside(*line, panel)),
                    "{panel:?}"
                );
            }
        }
    }
}
