//! Memory map, linker, and whether the model fits.

fn main() {
    if cfg!(feature = "rp235xa") {
        thumbgan_build_support::board("pico2", &["link.x", "defmt.x"]);
    } else {
        thumbgan_build_support::board("pico", &["link.x", "link-rp.x", "defmt.x"]);
    }
}
