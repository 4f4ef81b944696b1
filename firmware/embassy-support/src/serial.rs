//! Serial protocol over asynchronous readers and writers.

use embassy_futures::yield_now;
use embassy_time::{Duration, Timer, with_timeout};
use embedded_io_async::{Read, Write};
use thumbgan_app::App;
use thumbgan_protocol::{MAX_REQUEST_LEN, ModelStore, Server};

use crate::micros;

/// Time after which a response that the host does not receive is dropped.
const SEND_TIMEOUT: Duration = Duration::from_secs(1);

/// Longest gap within a request of an upload.
const UPLOAD_GAP: Duration = Duration::from_millis(20);
/// Bytes after which the main loop goes on although no request of an upload is complete: noise without a gap.
const UPLOAD_BYTES: usize = 2 * MAX_REQUEST_LEN;

/// Serial port of a board.
pub struct Serial<R, W> {
    server: Server,
    receiver: R,
    sender: W,
}

impl<R: Read, W: Write> Serial<R, W> {
    /// Creates the serial port of a board, by its name in the board table, whose model region has `capacity` bytes.
    pub fn new(board: &'static str, capacity: usize, receiver: R, sender: W) -> Self {
        Self {
            server: Server::new(board, micros).with_region(capacity, capacity > 0),
            receiver,
            sender,
        }
    }

    /// Returns true while an upload is in progress or to be started.
    pub const fn is_uploading(&self) -> bool {
        self.server.is_uploading()
    }

    /// Receives bytes for at most `rest` and responds to the requests that they complete; requests of an upload write `store`
    /// or wait for a call with one. While a benchmark runs, generates one image and does not wait. During an upload, receives
    /// until a request is complete, no bytes follow, or more bytes have come than requests have.
    ///
    /// Waits at most once for a host that does not receive its responses, so that the main loop feeds the watchdog in time.
    pub async fn serve(
        &mut self,
        app: &mut App<'_>,
        mut store: Option<&mut impl ModelStore>,
        rest: Duration,
    ) {
        let mut is_received = true;
        if let Some(response) = self.server.work(app) {
            is_received = send(&mut self.sender, response).await;
        }
        let mut rest = if self.server.is_busy() {
            // Other tasks run between the images.
            yield_now().await;
            Duration::from_ticks(0)
        } else {
            rest
        };
        let mut bytes = [0; 64];
        let mut total = 0;
        while total < UPLOAD_BYTES {
            if let Some(store) = store.as_deref_mut()
                && let Some(response) = self.server.write_flash(store)
            {
                send(&mut self.sender, response).await;
                return;
            }
            match with_timeout(rest, self.receiver.read(&mut bytes)).await {
                Ok(Ok(count)) => {
                    total += count;
                    for byte in bytes.iter().take(count) {
                        if let Some(response) = self.server.receive(*byte, app)
                            && is_received
                        {
                            is_received = send(&mut self.sender, response).await;
                        }
                    }
                }
                // Damaged bytes or no host.
                Ok(Err(_)) => return Timer::after(rest).await,
                Err(_) => return,
            }
            if store.is_none() {
                return;
            }
            rest = UPLOAD_GAP;
        }
    }
}

/// Sends a response, or drops it if the host does not receive it. Returns true if it is sent.
async fn send(sender: &mut impl Write, response: &[u8]) -> bool {
    let sent = with_timeout(SEND_TIMEOUT, sender.write_all(response)).await;
    matches!(sent, Ok(Ok(())))
}
