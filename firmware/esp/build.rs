//! Linker, whether the model fits, and the offset of the 72x40 panel.

use std::env;

/// Environment variable with the first visible column and row of the 72x40 panel.
const OFFSET: &str = "THUMBGAN_OLED_OFFSET";
/// Offset of the panel of most boards.
const DEFAULT_OFFSET: &str = "28,24";
/// Largest column and row at which 72x40 of 128x64 pixels fit.
const MAX_OFFSET: (u8, u8) = (128 - 72, 64 - 40);

fn main() {
    // Both boards have the same chip and the same budgets.
    thumbgan_build_support::board("esp32c3-oled", &["linkall.x", "defmt.x"]);
    println!("cargo::rerun-if-env-changed={OFFSET}");
    let text = env::var(OFFSET).unwrap_or_else(|_| DEFAULT_OFFSET.into());
    let Some((column, row)) = parse(&text) else {
        let (columns, rows) = MAX_OFFSET;
        println!(
            "cargo::error={OFFSET}={text}: expected a column from 0 to {columns} and a row from 0 to {rows}, such as 28,24 or 30,12"
        );
        return;
    };
    println!("cargo::rustc-env=THUMBGAN_OLED_COLUMN={column}");
    println!("cargo::rustc-env=THUMBGAN_OLED_ROW={row}");
}

/// Parses "column,row"; returns `None` if the panel would exceed the controller's pixels.
fn parse(text: &str) -> Option<(u8, u8)> {
    let (column, row) = text.split_once(',')?;
    let offset = (column.trim().parse().ok()?, row.trim().parse().ok()?);
    (offset.0 <= MAX_OFFSET.0 && offset.1 <= MAX_OFFSET.1).then_some(offset)
}
