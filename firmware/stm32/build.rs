//! Memory map, linker, and whether the model fits.

fn main() {
    thumbgan_build_support::board("stm32f429i-disc1", &["link.x", "defmt.x"]);
}
