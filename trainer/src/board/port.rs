//! Transports: serial ports, and TCP connections to emulated ones.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use anyhow::{Context, Result};
use serial2::SerialPort;

/// Baud rate; USB serial ports ignore it.
const BAUD: u32 = 115_200;
/// Timeout of one read.
const READ_TIMEOUT: Duration = Duration::from_millis(100);

/// Byte stream in both directions whose reads time out.
pub trait Transport: Read + Write {}

impl Transport for TcpStream {}
impl Transport for SerialPort {}

/// Opens a serial port by its name, or `tcp:HOST:PORT`.
pub fn open(port: &str) -> Result<Box<dyn Transport>> {
    match port.strip_prefix("tcp:") {
        Some(address) => tcp(address).with_context(|| {
            format!("cannot connect to {port}; the form is tcp:HOST:PORT, and the emulated board must run")
        }),
        None => serial(port).with_context(|| format!("cannot open {port}; {}", ports())),
    }
}

fn tcp(address: &str) -> Result<Box<dyn Transport>> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(READ_TIMEOUT))?;
    stream.set_nodelay(true)?;
    Ok(Box::new(stream))
}

fn serial(name: &str) -> Result<Box<dyn Transport>> {
    let mut port = SerialPort::open(name, BAUD)?;
    port.set_read_timeout(READ_TIMEOUT)?;
    // Some adapters need DTR to transmit; those without the line return an error, which does not matter.
    let _ = port.set_dtr(true);
    Ok(Box::new(port))
}

/// Returns the list of serial ports for an error message.
fn ports() -> String {
    let names = SerialPort::available_ports().unwrap_or_default();
    if names.is_empty() {
        return "no serial port found: connect the board".to_owned();
    }
    let names: Vec<_> = names
        .iter()
        .map(|name| name.display().to_string())
        .collect();
    format!("serial ports: {}", names.join(", "))
}
