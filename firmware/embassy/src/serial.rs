//! The serial link over whatever reads and writes bytes.

use embassy_time::{Duration, Timer, with_timeout};
use embedded_io_async::{Read, Write};
use thumbgan_app::App;
use thumbgan_link::Link;

use crate::micros;

/// How long a computer may take to fetch an answer before it is dropped.
const PATIENCE: Duration = Duration::from_secs(1);

/// The board's end of the link.
pub struct Serial<R, W> {
    link: Link,
    receiver: R,
    sender: W,
}

impl<R: Read, W: Write> Serial<R, W> {
    /// The link of the board of this name.
    pub fn new(board: &'static str, receiver: R, sender: W) -> Self {
        Self { link: Link::new(board, micros), receiver, sender }
    }

    /// Waits for bytes, `rest` at most, and answers the requests that they end.
    pub async fn serve(&mut self, app: &mut App<'_>, rest: Duration) {
        let mut bytes = [0; 64];
        match with_timeout(rest, self.receiver.read(&mut bytes)).await {
            Ok(Ok(count)) => {
                for byte in bytes.iter().take(count) {
                    let Some(answer) = self.link.receive(*byte, app) else { continue };
                    // An answer that nobody fetches is nobody's loss.
                    let _ = with_timeout(PATIENCE, self.sender.write_all(answer)).await;
                }
            }
            // Damaged bytes, or no computer on the other end.
            Ok(Err(_)) => Timer::after(rest).await,
            Err(_) => {}
        }
    }
}
