//! Serial protocol over asynchronous readers and writers.

use embassy_futures::yield_now;
use embassy_time::{Duration, Timer, with_timeout};
use embedded_io_async::{Read, Write};
use thumbgan_app::App;
use thumbgan_protocol::Server;

use crate::micros;

/// Time after which a response that the host does not receive is dropped.
const SEND_TIMEOUT: Duration = Duration::from_secs(1);

/// Serial port of a board.
pub struct Serial<R, W> {
    server: Server,
    receiver: R,
    sender: W,
}

impl<R: Read, W: Write> Serial<R, W> {
    /// Creates the serial port of a board, by its name in the board table.
    pub fn new(board: &'static str, receiver: R, sender: W) -> Self {
        Self {
            server: Server::new(board, micros),
            receiver,
            sender,
        }
    }

    /// Receives bytes for at most `rest` and responds to the requests that they complete. While a benchmark runs, generates one
    /// image and does not wait.
    pub async fn serve(&mut self, app: &mut App<'_>, rest: Duration) {
        if let Some(response) = self.server.work(app) {
            send(&mut self.sender, response).await;
        }
        let rest = if self.server.is_busy() {
            // Other tasks run between the images.
            yield_now().await;
            Duration::from_ticks(0)
        } else {
            rest
        };
        let mut bytes = [0; 64];
        match with_timeout(rest, self.receiver.read(&mut bytes)).await {
            Ok(Ok(count)) => {
                for byte in bytes.iter().take(count) {
                    let Some(response) = self.server.receive(*byte, app) else {
                        continue;
                    };
                    send(&mut self.sender, response).await;
                }
            }
            // Damaged bytes or no host.
            Ok(Err(_)) => Timer::after(rest).await,
            Err(_) => {}
        }
    }
}

/// Sends a response, or drops it if the host does not receive it.
async fn send(sender: &mut impl Write, response: &[u8]) {
    let _ = with_timeout(SEND_TIMEOUT, sender.write_all(response)).await;
}
