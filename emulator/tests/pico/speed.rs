//! Frame rate, instructions of a frame and time asleep are not worse than in docs/pico.json.

use anyhow::Result;
use thumbgan_emulator::measure::pico;

#[test]
fn speed_and_time_asleep() -> Result<()> {
    let row = pico::measure()?;
    println!("{row:?}");
    pico::compare(&row)
}
