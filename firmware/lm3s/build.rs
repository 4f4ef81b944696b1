//! Memory map, linker, and whether the model fits.

fn main() {
    thumbgan_build_support::board("qemu-lm3s6965", &["link.x"]);
}
