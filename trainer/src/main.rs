//! thumbgan trainer.
fn main() {}
