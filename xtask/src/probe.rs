//! Debug probes: the list of the connected ones, and the choice between them.

use std::{fmt, process::Command, str::FromStr};

use anyhow::{Context, Result, bail, ensure};
use thumbgan_emulator::process;

/// Program that accesses debug probes.
pub const PROBE_RS: &str = "probe-rs";

/// Selection of a debug probe by its USB IDs and its serial number: `VID:PID[-INTERFACE][:SERIAL]`, as probe-rs
/// writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    text: String,
    /// USB vendor and product ID.
    ids: (u16, u16),
    interface: Option<u8>,
    serial: Option<String>,
}

impl FromStr for Selector {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let parse = || {
            let mut parts = text.splitn(3, ':');
            let (vendor, product) = (parts.next()?, parts.next()?);
            let (product, interface) = match product.split_once('-') {
                Some((product, interface)) => (product, Some(interface.parse().ok()?)),
                None => (product, None),
            };
            let id = |digits: &str| {
                let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
                u16::from_str_radix(digits, 16)
                    .ok()
                    .filter(|_| is_hexadecimal)
            };
            Some(Self {
                text: text.to_owned(),
                ids: (id(vendor)?, id(product)?),
                interface,
                serial: parts.next().map(ToOwned::to_owned),
            })
        };
        parse().with_context(|| {
            format!(
                "{text:?} is not of the form VID:PID[:SERIAL] with hexadecimal USB IDs, such as 1366:1015:000683; \
                 `probe-rs list` shows those of the connected probes"
            )
        })
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl Selector {
    /// Returns true if this selection contains the probe that `probe` describes completely.
    fn selects(&self, probe: &Self) -> bool {
        let serial = probe.serial.as_deref().unwrap_or_default();
        self.ids == probe.ids
            && (self.interface.is_none() || self.interface == probe.interface)
            && self.serial.as_deref().is_none_or(|wanted| wanted == serial)
    }
}

/// A connected debug probe.
#[derive(Debug)]
pub struct Probe {
    /// Line of `probe-rs list` without its number.
    description: String,
    /// Selection of this probe; `None` if the line has another format.
    selector: Option<Selector>,
}

/// Returns the connected debug probes; `plug` describes the connection of the board.
///
/// # Errors
/// If there is none or probe-rs is missing; the message says how to get it.
pub fn connected(plug: &str) -> Result<Vec<Probe>> {
    let probes = process::try_output(Command::new(PROBE_RS).arg("list"))?.context(
        "probe-rs is not installed; it writes to boards: run `cargo install --locked probe-rs-tools`",
    )?;
    let list = String::from_utf8_lossy(&probes.stdout);
    let errors = String::from_utf8_lossy(&probes.stderr);
    ensure!(
        probes.status.success(),
        "`probe-rs list` failed: {list}{errors}"
    );
    if list.contains("No debug probes were found") {
        let permissions = if cfg!(target_os = "linux") {
            " (if it is connected, its udev rules may be missing: see probe.rs)"
        } else {
            ""
        };
        bail!("no board found: connect {plug}, then try again{permissions}");
    }
    Ok(parse(&list))
}

/// Parses the output of `probe-rs list`: lines such as `[0]: J-Link -- 1366:1015:000683 (J-Link)`.
fn parse(list: &str) -> Vec<Probe> {
    list.lines().filter_map(probe).collect()
}

fn probe(line: &str) -> Option<Probe> {
    let (number, description) = line.trim().strip_prefix('[')?.split_once("]:")?;
    number.parse::<u32>().ok()?;
    let description = description.trim();
    let selector = description.rsplit_once(" -- ").and_then(|(_, rest)| {
        rest.rsplit_once(" (")
            .map_or(rest, |(selector, _)| selector)
            .trim()
            .parse()
            .ok()
    });
    Some(Probe {
        description: description.to_owned(),
        selector,
    })
}

/// Checks that exactly one probe is selected: by `selector`, or as the only one that is connected.
///
/// # Errors
/// If none or several are; the message lists the connected probes.
pub fn check_choice(probes: &[Probe], selector: Option<&Selector>) -> Result<()> {
    let is_known = probes.iter().all(|probe| probe.selector.is_some());
    let connected = || {
        let descriptions: Vec<_> = probes.iter().map(|probe| &*probe.description).collect();
        format!("connected: {}", descriptions.join(", "))
    };
    let example = |probe: &Probe| match &probe.selector {
        Some(selector) => format!(", such as `--probe {selector}`"),
        None => String::new(),
    };
    match selector {
        None => match probes {
            [first, _, ..] => bail!(
                "{} debug probes are connected and none is selected; pass --probe VID:PID[:SERIAL]{}; {}",
                probes.len(),
                example(first),
                connected()
            ),
            _ => Ok(()),
        },
        // probe-rs selects by itself from a list in another format.
        Some(_) if !is_known || probes.is_empty() => Ok(()),
        Some(selector) => {
            let selected: Vec<_> = probes
                .iter()
                .filter(|probe| {
                    probe
                        .selector
                        .as_ref()
                        .is_some_and(|probe| selector.selects(probe))
                })
                .collect();
            match selected[..] {
                [] => bail!(
                    "--probe {selector} selects none of the connected debug probes; {}",
                    connected()
                ),
                [_] => Ok(()),
                [first, ..] => bail!(
                    "--probe {selector} selects {} of the connected debug probes; add the serial number{}, or \
                     disconnect the others; {}",
                    selected.len(),
                    example(first),
                    connected()
                ),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "The following debug probes were found:\n\
                        [0]: J-Link -- 1366:0105:000760123456 (J-Link)\n\
                        [1]: BBC micro:bit CMSIS-DAP -- 0D28:0204-3:99 (x) 04 (CMSIS-DAP)\r\n\
                        [2]: FT232 -- 0403:6014: (FTDI)\n\
                        [3]: FT232 -- 0403:6014 (FTDI)\n";

    fn message(list: &str, selector: Option<&str>) -> Option<String> {
        let selector = selector.map(|text| text.parse().expect("a valid selector"));
        check_choice(&parse(list), selector.as_ref())
            .err()
            .map(|error| error.to_string())
    }

    #[test]
    fn selects_by_ids_interface_and_serial_number() {
        for selector in [
            "1366:0105",
            "1366:105:000760123456",
            "0d28:0204",
            "0d28:0204-3",
            "0d28:0204:99 (x) 04",
        ] {
            assert_eq!(message(LIST, Some(selector)), None, "{selector}");
        }
        for selector in [
            "1366:0106",
            "1366:0105:0007",
            "1366:0105:",
            "0d28:0204-1",
            "105:1366",
        ] {
            let none = message(LIST, Some(selector)).expect("an error");
            assert!(
                none.starts_with(&format!("--probe {selector} selects none of"))
                    && none.contains("J-Link -- 1366:0105:000760123456 (J-Link), BBC"),
                "{none}"
            );
        }
        let both = message(LIST, Some("0403:6014")).expect("an error");
        assert!(
            both.contains("selects 2 of") && both.contains("serial number"),
            "{both}"
        );
    }

    #[test]
    fn several_probes_need_a_choice_and_one_does_not() {
        let several = message(LIST, None).expect("an error");
        for part in [
            "4 debug probes are connected",
            "`--probe 1366:0105:000760123456`",
            "FT232 -- 0403:6014 (FTDI)",
        ] {
            assert!(several.contains(part), "no {part:?} in: {several}");
        }
        assert_eq!(message("[0]: J-Link", None), None);
        assert_eq!(message("a list in another format", None), None);
        assert_eq!(message("[0]: J-Link", Some("1366:0105")), None);
    }

    #[test]
    fn rejects_malformed_selectors() {
        for text in ["", "1366", "1366:", "j-link", "13666:0105", "+1:1", "1:2-x"] {
            let error = text.parse::<Selector>().expect_err(text).to_string();
            assert!(error.contains("VID:PID[:SERIAL]"), "{error}");
        }
    }
}
