//! Memory map, linker, and whether the model fits.

fn main() {
    let board = if cfg!(feature = "nrf52833") {
        "microbit-v2"
    } else {
        "nrf52840-dk"
    };
    thumbgan_build_support::board(board, &["link.x", "defmt.x"]);
}
