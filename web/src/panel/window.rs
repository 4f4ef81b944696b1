//! Part of a controller's memory that pixels are written to.

use std::ops::RangeInclusive;

/// Window of a memory. Its bytes or pixels are written row by row, and then again.
pub struct Window {
    columns: RangeInclusive<u16>,
    rows: RangeInclusive<u16>,
    next: Place,
}

/// Address in a memory.
#[derive(Clone, Copy)]
pub struct Place {
    pub column: u16,
    pub row: u16,
}

impl Window {
    /// Creates a window on the whole memory.
    pub const fn new(columns: u16, rows: u16) -> Self {
        Self {
            columns: 0..=columns - 1,
            rows: 0..=rows - 1,
            next: Place { column: 0, row: 0 },
        }
    }

    /// Sets the columns and returns to the first; `None` if there are no such ones among `len`.
    pub fn set_columns(&mut self, columns: RangeInclusive<u16>, len: u16) -> Option<()> {
        self.columns = check(columns, len)?;
        self.next.column = *self.columns.start();
        Some(())
    }

    /// Sets the rows and returns to the first; `None` if there are no such ones among `len`.
    pub fn set_rows(&mut self, rows: RangeInclusive<u16>, len: u16) -> Option<()> {
        self.rows = check(rows, len)?;
        self.next.row = *self.rows.start();
        Some(())
    }

    /// Returns to the first place.
    pub fn restart(&mut self) {
        (self.next.column, self.next.row) = (*self.columns.start(), *self.rows.start());
    }

    /// Returns the next place and goes on to the one after it.
    pub fn advance(&mut self) -> Place {
        let place = self.next;
        if self.next.column < *self.columns.end() {
            self.next.column += 1;
        } else {
            self.next.column = *self.columns.start();
            self.next.row = if self.next.row < *self.rows.end() {
                self.next.row + 1
            } else {
                *self.rows.start()
            };
        }
        place
    }
}

impl Place {
    /// Returns the index in a memory with `columns` columns.
    pub fn index(self, columns: u16) -> usize {
        usize::from(self.row) * usize::from(columns) + usize::from(self.column)
    }
}

/// Returns a range if it is neither empty nor exceeds `len`.
fn check(range: RangeInclusive<u16>, len: u16) -> Option<RangeInclusive<u16>> {
    (!range.is_empty() && *range.end() < len).then_some(range)
}
