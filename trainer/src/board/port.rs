//! Transports: serial ports, and TCP connections to emulated ones.

use std::{
    fs,
    io::{self, ErrorKind, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    path::Path,
    time::Duration,
};

use anyhow::{Result, anyhow, bail, ensure};
use serial2::SerialPort;

use super::permission;
use crate::files::cannot;

/// Baud rate; USB serial ports ignore it.
const BAUD: u32 = 115_200;
/// Timeout of one read.
const READ_TIMEOUT: Duration = Duration::from_millis(100);
/// Timeout of a TCP connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Byte stream in both directions whose reads time out.
pub trait Transport: Read + Write {}

impl Transport for TcpStream {}
impl Transport for SerialPort {}

/// Opens a serial port by its name, or `tcp:HOST:PORT`.
///
/// # Errors
/// If it cannot be opened; the message begins with the port and its cause.
pub fn open(port: &str) -> Result<Box<dyn Transport>> {
    ensure!(
        !port.is_empty(),
        "the name of the port is empty; pass a serial port such as /dev/ttyACM0 or COM3, or tcp:HOST:PORT; {}",
        ports()
    );
    match port.strip_prefix("tcp:") {
        Some(address) => tcp(port, address),
        None => serial(port),
    }
}

fn tcp(port: &str, address: &str) -> Result<Box<dyn Transport>> {
    let number = address
        .rsplit_once(':')
        .filter(|(host, _)| !host.is_empty())
        .and_then(|(_, number)| number.parse::<u16>().ok())
        .filter(|&number| number > 0);
    let Some(number) = number else {
        bail!(
            "cannot connect to {port}: it is not of the form tcp:HOST:PORT with a port from 1 to 65535, such as \
             tcp:127.0.0.1:4321"
        );
    };
    let addresses = address.to_socket_addrs().map_err(|error| {
        anyhow!(
            "cannot connect to {port}: the name of the host cannot be resolved; check its spelling and the network: \
             {error}"
        )
    })?;
    let mut failure = None;
    for address in addresses {
        match TcpStream::connect_timeout(&address, CONNECT_TIMEOUT) {
            Ok(stream) => {
                stream.set_read_timeout(Some(READ_TIMEOUT))?;
                stream.set_nodelay(true)?;
                return Ok(Box::new(stream));
            }
            Err(error) => failure = Some(error),
        }
    }
    let cause = match failure {
        Some(error) if error.kind() == ErrorKind::ConnectionRefused => format!(
            "the connection is refused, no program listens on port {number}; start the emulated board first and \
             compare its port"
        ),
        Some(error) if error.kind() == ErrorKind::TimedOut => format!(
            "no answer in {} seconds; check the address, the network and the firewall",
            CONNECT_TIMEOUT.as_secs()
        ),
        Some(error) => error.to_string(),
        None => "the name of the host has no address; check its spelling".to_owned(),
    };
    bail!("cannot connect to {port}: {cause}");
}

fn serial(name: &str) -> Result<Box<dyn Transport>> {
    check_type(name)?;
    let mut port = SerialPort::open(name, BAUD).map_err(|error| failure(name, &error))?;
    port.set_read_timeout(READ_TIMEOUT)
        .map_err(|error| failure(name, &error))?;
    // Some adapters need DTR to transmit; those without the line return an error, which does not matter.
    let _ = port.set_dtr(true);
    Ok(Box::new(port))
}

/// Checks that a path which exists is not a file or a folder, which serial ports never are.
fn check_type(name: &str) -> Result<()> {
    let Ok(found) = fs::metadata(name) else {
        return Ok(());
    };
    let found = if found.is_dir() {
        "a folder"
    } else if found.is_file() {
        "a file"
    } else {
        return Ok(());
    };
    bail!(
        "cannot open {name}: it is {found}, not a serial port; {}",
        ports()
    );
}

/// Returns the error of opening a serial port: the port, then the cause and the remedy, then the list of ports.
fn failure(name: &str, error: &io::Error) -> anyhow::Error {
    let path = Path::new(name);
    let cause = match error.kind() {
        ErrorKind::NotFound if path.is_symlink() => return cannot("open", path, error),
        ErrorKind::NotFound => format!("there is no such port; {}", ports()),
        // Windows opens a port for one program at a time.
        ErrorKind::PermissionDenied if cfg!(windows) => BUSY.to_owned(),
        ErrorKind::PermissionDenied => match permission::cause(path) {
            Some(cause) => cause,
            None => return cannot("open", path, error),
        },
        ErrorKind::ResourceBusy => BUSY.to_owned(),
        _ if is_not_terminal(error) => format!("it is not a serial port; {}", ports()),
        _ if is_without_device(error) => {
            format!(
                "no device is connected to it; connect the board; {}",
                ports()
            )
        }
        _ => error.to_string(),
    };
    anyhow!("cannot open {name}: {cause}")
}

/// Cause of a port that another program has opened for itself alone.
const BUSY: &str = "another program uses it; close that program, such as a terminal or `cargo xtask flash`, then try \
                    again";

/// Returns true for the error of setting the baud rate of something that has none.
#[cfg(unix)]
fn is_not_terminal(error: &io::Error) -> bool {
    error.raw_os_error() == Some(nix::errno::Errno::ENOTTY as i32)
}

#[cfg(not(unix))]
const fn is_not_terminal(_: &io::Error) -> bool {
    false
}

/// Returns true for the error of a port whose device file exists without a device.
#[cfg(unix)]
fn is_without_device(error: &io::Error) -> bool {
    use nix::errno::Errno;
    let errors = [Errno::EIO, Errno::ENXIO, Errno::ENODEV].map(|errno| errno as i32);
    error
        .raw_os_error()
        .is_some_and(|found| errors.contains(&found))
}

#[cfg(not(unix))]
const fn is_without_device(_: &io::Error) -> bool {
    false
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

#[cfg(all(test, unix))]
mod tests {
    use nix::errno::Errno;

    use super::*;

    #[test]
    fn causes_of_failures_are_distinct() {
        for (errno, cause) in [
            (Errno::EBUSY, "another program uses it"),
            (Errno::EIO, "no device is connected to it"),
            (Errno::ENXIO, "no device is connected to it"),
            (Errno::ENOTTY, "it is not a serial port"),
            (Errno::ENOENT, "there is no such port"),
        ] {
            let error = io::Error::from_raw_os_error(errno as i32);
            let message = failure("/dev/ttyUSB7", &error).to_string();
            let expected = format!("cannot open /dev/ttyUSB7: {cause}");
            assert!(message.starts_with(&expected), "{message}");
        }
    }
}
