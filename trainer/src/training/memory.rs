//! Memory that a run needs, and the limits of this process: a process that exceeds one ends without a message.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Result, ensure};

use crate::{
    data::Dataset,
    gan::preset::{DiscriminatorShape, GeneratorShape, Recipe},
    text::count,
};

/// Bytes that each run needs.
const BASE: u64 = 40_000_000;
/// Bytes per image, for pixels and features.
const PER_IMAGE: u64 = 2_750;
/// Bytes for the largest batch of a convolutional generator, at least and beside the images.
const CONVOLUTIONS: [u64; 2] = [90_000_000, 30_000_000];
/// Channels at 14x14 of the networks with which [`CONVOLUTIONS`] was measured.
const CHANNELS: usize = 32;
/// Bytes for each further channel at 14x14 of the generator.
const PER_GENERATOR_CHANNEL: u64 = 2_000_000;
/// Bytes for each further channel at 14x14 of the discriminator.
const PER_DISCRIMINATOR_CHANNEL: u64 = 4_200_000;
/// Bytes of address space for the program, stacks, and the reserves of two allocators, 128 MiB each.
const RESERVED: u64 = 400_000_000;
/// Limits from here on are none.
const UNLIMITED: u64 = 1 << 50;

/// Limit of the memory of this process.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Limit {
    bytes: u64,
    /// Part of the limit that is reserved and not used.
    reserved: u64,
    /// Limited quantity.
    quantity: &'static str,
    /// Origin of the limit, in parentheses the way to change it.
    origin: String,
}

/// Checks that the limits of this process allow a run.
///
/// # Errors
/// If one is lower than the memory that such runs have needed; the message has both and the remedy.
pub fn check(recipe: &Recipe, dataset: &Dataset) -> Result<()> {
    let images = dataset.train.len() + dataset.test.len();
    let needed = needed(recipe, images as u64);
    for limit in limits() {
        ensure!(
            limit.bytes >= needed + limit.reserved,
            "training {} on {} needs about {} MB of {}, and {} allows {} MB; raise it, or choose fewer images or a smaller \
             preset",
            recipe.name,
            count(images, "image"),
            (needed + limit.reserved) / 1_000_000,
            limit.quantity,
            limit.origin,
            limit.bytes / 1_000_000
        );
    }
    Ok(())
}

/// Returns the peak memory in bytes, from measurements of all presets (docs/reliability.md).
fn needed(recipe: &Recipe, images: u64) -> u64 {
    let further = |channels: usize| channels.saturating_sub(CHANNELS) as u64;
    let ([least, beside], generator) = match &recipe.generator {
        GeneratorShape::Dense(_) => ([0, 0], 0),
        GeneratorShape::Conv(shape) => (CONVOLUTIONS, further(shape.channels[1])),
    };
    let discriminator = match &recipe.discriminator {
        DiscriminatorShape::Dense(_) => 0,
        DiscriminatorShape::Conv { channels, .. } => further(channels[0]),
    };
    BASE + beside
        + PER_GENERATOR_CHANNEL * generator
        + PER_DISCRIMINATOR_CHANNEL * discriminator
        + least.max(PER_IMAGE * images)
}

/// Returns the limits of this process; none on systems without the files of Linux.
fn limits() -> Vec<Limit> {
    let read = |path: &Path| fs::read_to_string(path).ok();
    let address_space = read(Path::new("/proc/self/limits"))
        .and_then(|text| address_space(&text))
        .map(|bytes| Limit {
            bytes,
            reserved: RESERVED,
            quantity: "address space",
            origin: "the limit of this process (ulimit -v)".to_owned(),
        });
    let files = read(Path::new("/proc/self/cgroup")).map(|text| control_group_files(&text));
    let control_groups = files.into_iter().flatten().filter_map(|path| {
        let bytes = read(&path)?.trim().parse().ok()?;
        Some(Limit {
            bytes,
            reserved: 0,
            quantity: "memory",
            origin: format!("the control group ({})", path.display()),
        })
    });
    address_space
        .into_iter()
        .chain(control_groups)
        .filter(|limit| limit.bytes < UNLIMITED)
        .collect()
}

/// Returns the soft limit of the address space in /proc/PID/limits; `None` if there is none.
fn address_space(limits: &str) -> Option<u64> {
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max address space"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Returns the files that may limit the memory of a process, by /proc/PID/cgroup: those of its control group and of all groups around
/// it, in version 2 and 1.
fn control_group_files(groups: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(group)) = (parts.next(), parts.next()) else {
            continue;
        };
        let (root, file) = match controllers {
            "" => ("/sys/fs/cgroup", "memory.max"),
            "memory" => ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
            _ => continue,
        };
        let groups = Path::new(group.trim_start_matches('/')).ancestors();
        files.extend(groups.map(|group| Path::new(root).join(group).join(file)));
    }
    files
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;
    use crate::gan::preset::Preset;

    #[test]
    fn the_address_space_is_limited_by_a_number() {
        let limits = "Limit      Soft Limit  Hard Limit  Units\n\
                      Max stack size  8388608  unlimited  bytes\n";
        let of = |value: &str| {
            address_space(&format!(
                "{limits}Max address space  {value}  unlimited  bytes\n"
            ))
        };
        assert_eq!(
            (of("307200000"), of("unlimited")),
            (Some(307_200_000), None)
        );
        assert_eq!(address_space(limits), None);
    }

    #[test]
    fn control_groups_of_both_versions_and_those_around_them_limit_the_memory() {
        let files = |groups: &str| {
            let files = control_group_files(groups);
            files
                .iter()
                .map(|path| path.display().to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            files("0::/user/run\n"),
            [
                "/sys/fs/cgroup/user/run/memory.max",
                "/sys/fs/cgroup/user/memory.max",
                "/sys/fs/cgroup/memory.max"
            ]
        );
        assert_eq!(
            files("5:cpu:/a\n4:memory:/a\n"),
            [
                "/sys/fs/cgroup/memory/a/memory.limit_in_bytes",
                "/sys/fs/cgroup/memory/memory.limit_in_bytes"
            ]
        );
    }

    #[test]
    fn every_preset_but_fashion_trains_on_mnist_with_300_mb() {
        for preset in Preset::value_variants() {
            let recipe = preset.recipe();
            let needed = needed(&recipe, 70_000);
            let expected = if recipe.name == "fashion" {
                319_000_000..340_000_000
            } else {
                200_000_000..300_000_000
            };
            assert!(expected.contains(&needed), "{}: {needed}", recipe.name);
        }
    }
}
