//! The serial link over whatever reads and writes bytes.

use embassy_futures::yield_now;
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

    /// Waits for bytes, `rest` at most, and answers the requests that they end; not at all while a bench runs, of
    /// which it makes one digit.
    pub async fn serve(&mut self, app: &mut App<'_>, rest: Duration) {
        if let Some(answer) = self.link.work(app) {
            send(&mut self.sender, answer).await;
        }
        let rest = if self.link.is_busy() {
            // The other tasks' turn: digits follow one another without a pause.
            yield_now().await;
            Duration::from_ticks(0)
        } else {
            rest
        };
        let mut bytes = [0; 64];
        match with_timeout(rest, self.receiver.read(&mut bytes)).await {
            Ok(Ok(count)) => {
                for byte in bytes.iter().take(count) {
                    let Some(answer) = self.link.receive(*byte, app) else { continue };
                    send(&mut self.sender, answer).await;
                }
            }
            // Damaged bytes, or no computer on the other end.
            Ok(Err(_)) => Timer::after(rest).await,
            Err(_) => {}
        }
    }
}

/// Sends an answer. One that nobody fetches is nobody's loss.
async fn send(sender: &mut impl Write, answer: &[u8]) {
    let _ = with_timeout(PATIENCE, sender.write_all(answer)).await;
}
