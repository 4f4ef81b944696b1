//! Simulated board behind a TCP port.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread,
};

use assert_cmd::assert::Assert;
use thumbgan_app::{App, RegionState, SCRATCH_LEN};
use thumbgan_protocol::{FlashError, ModelStore, Server};

use crate::common::trainer;

/// Length of the region in bytes.
pub const REGION: usize = 64 * 1024;

/// Bytes that are erased together.
pub const SECTOR: usize = 4096;

pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../models")
        .join(name)
        .with_extension("tgan")
}

/// Flash in memory that outlives the board.
#[derive(Clone)]
pub struct Flash(pub Vec<u8>);

impl ModelStore for Flash {
    fn sector_len(&self) -> usize {
        SECTOR
    }

    fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn erase(&mut self, offset: usize) -> Result<(), FlashError> {
        self.0[offset..offset + SECTOR].fill(0xff);
        Ok(())
    }

    fn write(&mut self, offset: usize, bytes: &[u8]) -> Result<(), FlashError> {
        self.0[offset..offset + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }
}

/// Simulated board with the built-in model `digits-nano`.
#[derive(Clone)]
pub struct Device {
    pub name: &'static str,
    pub is_writable: bool,
    pub scratch_len: usize,
    pub flash: Arc<Mutex<Flash>>,
}

impl Device {
    pub fn new() -> Self {
        Self {
            name: "pico",
            is_writable: true,
            scratch_len: SCRATCH_LEN,
            flash: Arc::new(Mutex::new(Flash(vec![0xff; REGION]))),
        }
    }

    /// Returns the state of the region after a restart, and the name of the model that runs.
    pub fn restart(&self) -> (RegionState, String) {
        let (built_in, flash) = (
            fs::read(path("digits-nano")).unwrap(),
            self.flash.lock().unwrap(),
        );
        let mut scratch = vec![0; self.scratch_len];
        let app = App::with_region(&built_in, flash.bytes(), &mut scratch, || 0);
        (app.region(), app.model().unwrap().name().to_owned())
    }

    /// Runs `board` with this board; `spoil` modifies the bytes that the board sends, or unplugs it by returning false.
    pub fn run(
        &self,
        words: &[&str],
        spoil: impl FnMut(&mut Vec<u8>) -> bool + Send + 'static,
    ) -> Assert {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = format!("tcp:{}", listener.local_addr().unwrap());
        let device = self.clone();
        thread::spawn(move || device.serve(&listener.accept().unwrap().0, spoil));
        trainer()
            .args(["board", "--port", &port])
            .args(words)
            .assert()
    }

    /// Uploads a committed model.
    pub fn upload(&self, model: &Path) -> Assert {
        self.run(&["upload", model.to_str().unwrap()], |_| true)
    }

    /// Responds until the stream is closed or the board is unplugged.
    fn serve(&self, mut stream: &TcpStream, mut spoil: impl FnMut(&mut Vec<u8>) -> bool) {
        let built_in = fs::read(path("digits-nano")).unwrap();
        let mut scratch = vec![0; self.scratch_len];
        let mut server = Server::new(self.name, || 0).with_region(REGION, self.is_writable);
        let mut bytes = [0; 512];
        let mut flash = self.flash.lock().unwrap();
        while let Ok(count @ 1..) = stream.read(&mut bytes) {
            let mut sent = Vec::new();
            for byte in &bytes[..count] {
                let region = if server.is_uploading() {
                    &[]
                } else {
                    flash.bytes()
                };
                let mut app = App::with_region(&built_in, region, &mut scratch, || 0);
                sent.extend(server.receive(*byte, &mut app).map(<[u8]>::to_vec));
                drop(app);
                sent.extend(server.write_flash(&mut *flash).map(<[u8]>::to_vec));
            }
            for mut response in sent {
                if !spoil(&mut response) {
                    return;
                }
                // The host may have disconnected.
                let _ = stream.write_all(&response);
            }
        }
    }
}
