//! Part of a controller's memory that pixels are written to.

use std::ops::RangeInclusive;

/// Window of a memory. Bytes or pixels fill it row by row, and then from its start again.
pub struct Window {
    columns: RangeInclusive<u16>,
    rows: RangeInclusive<u16>,
    next: Address,
}

/// Column and row in a memory.
#[derive(Clone, Copy)]
pub struct Address {
    pub column: u16,
    pub row: u16,
}

impl Window {
    /// Creates a window on the whole memory.
    pub const fn new(columns: u16, rows: u16) -> Self {
        Self {
            columns: 0..=columns - 1,
            rows: 0..=rows - 1,
            next: Address { column: 0, row: 0 },
        }
    }

    /// Sets the columns and returns to the first. Returns `None` if the range is empty or exceeds `len`.
    pub fn set_columns(&mut self, columns: RangeInclusive<u16>, len: u16) -> Option<()> {
        self.columns = check(columns, len)?;
        self.next.column = *self.columns.start();
        Some(())
    }

    /// Sets the rows and returns to the first. Returns `None` if the range is empty or exceeds `len`.
    pub fn set_rows(&mut self, rows: RangeInclusive<u16>, len: u16) -> Option<()> {
        self.rows = check(rows, len)?;
        self.next.row = *self.rows.start();
        Some(())
    }

    /// Returns to the first address.
    pub fn restart(&mut self) {
        (self.next.column, self.next.row) = (*self.columns.start(), *self.rows.start());
    }

    /// Returns the next address and advances to the following one.
    pub fn advance(&mut self) -> Address {
        let address = self.next;
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
        address
    }
}

impl Address {
    /// Returns the index in a memory with `columns` columns.
    pub fn index(self, columns: u16) -> usize {
        usize::from(self.row) * usize::from(columns) + usize::from(self.column)
    }
}

/// Returns the range, or `None` if it is empty or exceeds `len`.
fn check(range: RangeInclusive<u16>, len: u16) -> Option<RangeInclusive<u16>> {
    (!range.is_empty() && *range.end() < len).then_some(range)
}
