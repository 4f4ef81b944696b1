//! Memory map, linker, and whether the model fits.

fn main() {
    if cfg!(feature = "rp235xa") {
        thumbgan_build::board("rp2350", &["link.x", "defmt.x"]);
    } else {
        thumbgan_build::board("rp2040", &["link.x", "link-rp.x", "defmt.x"]);
    }
}
