//! Memory map, linker, and whether the model fits.

fn main() {
    let chip = if cfg!(feature = "nrf52833") { "nrf52833" } else { "nrf52840" };
    thumbgan_build::board(chip, &["link.x", "defmt.x"]);
}
