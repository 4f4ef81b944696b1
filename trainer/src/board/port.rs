//! Serial ports, and TCP connections to emulated ones.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use anyhow::{Context, Result};
use serial2::SerialPort;

/// Bits a second; USB serial ports do not care.
const BAUD: u32 = 115_200;
/// How long one reading waits.
const READ: Duration = Duration::from_millis(100);

/// Bytes both ways; a reading with nothing to read times out.
pub trait Wire: Read + Write {}

impl Wire for TcpStream {}
impl Wire for SerialPort {}

/// Opens a serial port by its name, or `tcp:HOST:PORT`.
pub fn open(port: &str) -> Result<Box<dyn Wire>> {
    match port.strip_prefix("tcp:") {
        Some(address) => tcp(address).with_context(|| {
            format!("cannot connect to {port}; does the emulated board run? tcp:HOST:PORT")
        }),
        None => serial(port).with_context(|| format!("cannot open {port}; {}", ports())),
    }
}

fn tcp(address: &str) -> Result<Box<dyn Wire>> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(READ))?;
    stream.set_nodelay(true)?;
    Ok(Box::new(stream))
}

fn serial(name: &str) -> Result<Box<dyn Wire>> {
    let mut port = SerialPort::open(name, BAUD)?;
    port.set_read_timeout(READ)?;
    // Some adapters pass nothing on before; those without the line refuse, which does no harm.
    let _ = port.set_dtr(true);
    Ok(Box::new(port))
}

/// The serial ports there are, for people.
fn ports() -> String {
    let names = SerialPort::available_ports().unwrap_or_default();
    if names.is_empty() {
        return "there is no serial port here: connect the board".to_owned();
    }
    let names: Vec<_> = names
        .iter()
        .map(|name| name.display().to_string())
        .collect();
    format!("serial ports here: {}", names.join(", "))
}
