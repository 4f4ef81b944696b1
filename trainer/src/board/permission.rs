//! Causes of serial ports that may not be opened, and their remedies.

use std::path::Path;

/// Returns the cause and the remedy for a device file without permission; `None` if its group does not decide.
#[cfg(target_os = "linux")]
pub fn cause(path: &Path) -> Option<String> {
    linux::DeviceFile::read(path)?.cause(path)
}

/// Returns `None`: on this system every user may open serial ports.
#[cfg(not(target_os = "linux"))]
pub const fn cause(_: &Path) -> Option<String> {
    None
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{fs, os::unix::fs::MetadataExt, path::Path};

    use nix::unistd::{Gid, Group, User, getegid, geteuid, getgroups};

    /// Right to read and to write.
    const READ_WRITE: u32 = 0o6;

    /// Owner, group and mode of a device file, as seen by this process.
    #[derive(Debug)]
    pub struct DeviceFile {
        mode: u32,
        /// Name of the group, or its number if it has none.
        group: String,
        /// True for a group that users can be added to: it has a name and is not root's.
        is_open_to_users: bool,
        access: Access,
    }

    /// Relation of this process to a device file.
    #[derive(Debug, PartialEq, Eq)]
    enum Access {
        Root,
        Owner,
        /// Member of the group.
        Member,
        /// Member of the group in the system's database only: the session began earlier.
        MemberAfterLogin,
        Other,
    }

    impl DeviceFile {
        /// Reads the metadata of a device file; `None` if that is not possible.
        pub fn read(path: &Path) -> Option<Self> {
            let metadata = fs::metadata(path).ok()?;
            let (user, gid) = (geteuid(), Gid::from_raw(metadata.gid()));
            let group = Group::from_gid(gid).ok().flatten();
            let is_listed = || {
                let name = User::from_uid(user).ok().flatten()?.name;
                Some(group.as_ref()?.mem.contains(&name))
            };
            let access = if user.is_root() {
                Access::Root
            } else if user.as_raw() == metadata.uid() {
                Access::Owner
            } else if getegid() == gid || getgroups().is_ok_and(|groups| groups.contains(&gid)) {
                Access::Member
            } else if is_listed().unwrap_or(false) {
                Access::MemberAfterLogin
            } else {
                Access::Other
            };
            Some(Self {
                mode: metadata.mode() & 0o7777,
                is_open_to_users: group.is_some() && gid.as_raw() != 0,
                group: group.map_or_else(|| gid.to_string(), |group| group.name),
                access,
            })
        }

        /// Returns the cause and the remedy; `None` if owner, group and mode permit the access.
        pub fn cause(&self, path: &Path) -> Option<String> {
            let has = |class: u32| (self.mode >> class) & READ_WRITE == READ_WRITE;
            let is_by_group = self.is_open_to_users && has(3);
            let group = &self.group;
            let remedy = match self.access {
                Access::Root => {
                    return Some(format!(
                        "no permission, not even for root; pass the device to the container, with Docker \
                         `--device {}`",
                        path.display()
                    ));
                }
                Access::Owner if has(6) => return None,
                Access::Owner => format!("run `chmod u+rw {}`", path.display()),
                Access::Member if has(3) => return None,
                Access::MemberAfterLogin if has(3) => {
                    format!("log in again: your account is in the group {group} since then")
                }
                Access::Other if is_by_group => {
                    format!("run `sudo usermod -aG {group} $USER`, then log in again")
                }
                _ => format!(
                    "run `sudo chmod a+rw {}` each time that it is connected, or add a udev rule, see \
                     docs/boards.md",
                    path.display()
                ),
            };
            Some(format!(
                "no permission; {remedy}; the port has mode {:04o} and group {group}",
                self.mode
            ))
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn cause(mode: u32, group: &str, access: Access) -> Option<String> {
            let file = DeviceFile {
                mode,
                group: group.to_owned(),
                is_open_to_users: group != "root" && group != "1234",
                access,
            };
            file.cause(Path::new("/dev/ttyUSB7"))
        }

        #[test]
        fn remedies_follow_group_and_mode() {
            let group = cause(0o660, "uucp", Access::Other).unwrap();
            assert_eq!(
                group,
                "no permission; run `sudo usermod -aG uucp $USER`, then log in again; the port has mode 0660 and \
                 group uucp"
            );
            let older = cause(0o660, "uucp", Access::MemberAfterLogin).unwrap();
            assert!(older.contains("log in again: your account"), "{older}");
            for (mode, group, access) in [
                (0o600, "uucp", Access::Other),
                (0o620, "tty", Access::Member),
                (0o660, "root", Access::Other),
                (0o660, "1234", Access::Other),
            ] {
                let closed = cause(mode, group, access).unwrap();
                for part in [
                    "chmod a+rw /dev/ttyUSB7",
                    "udev rule",
                    &format!("group {group}"),
                ] {
                    assert!(closed.contains(part), "no {part:?} in: {closed}");
                }
                assert!(!closed.contains("usermod"), "{closed}");
            }
            let owner = cause(0o060, "uucp", Access::Owner).unwrap();
            assert!(owner.contains("chmod u+rw /dev/ttyUSB7"), "{owner}");
            let root = cause(0o660, "uucp", Access::Root).unwrap();
            assert!(root.contains("--device /dev/ttyUSB7"), "{root}");
            assert_eq!(cause(0o660, "uucp", Access::Member), None);
            assert_eq!(cause(0o600, "uucp", Access::Owner), None);
        }
    }
}
