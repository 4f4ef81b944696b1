//! Memory map, linker, and whether the model fits.

fn main() {
    thumbgan_build::board("stm32f429zi", &["link.x", "defmt.x"]);
}
