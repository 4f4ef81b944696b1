//! The time of day.

use core::fmt;

const MICROS: u64 = 1_000_000;
const DAY: u64 = 24 * 60 * 60;

/// Hour and minute; as text `HH:MM`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Time {
    hour: u8,
    minute: u8,
}

impl Time {
    /// This hour of 0 to 23 and minute of 0 to 59; `None` for others.
    pub const fn new(hour: u8, minute: u8) -> Option<Self> {
        if hour < 24 && minute < 60 { Some(Self { hour, minute }) } else { None }
    }

    /// The hour, 0 to 23.
    pub const fn hour(self) -> u8 {
        self.hour
    }

    /// The minute, 0 to 59.
    pub const fn minute(self) -> u8 {
        self.minute
    }

    /// The four digits of HH:MM.
    pub const fn digits(self) -> [u8; 4] {
        [self.hour / 10, self.hour % 10, self.minute / 10, self.minute % 10]
    }

    /// Seconds after midnight.
    pub(crate) const fn seconds(self) -> u32 {
        60 * (60 * self.hour as u32 + self.minute as u32)
    }

    /// With the digit at `place` (0 to 3) one higher; from the highest that makes a time to 0.
    pub(crate) fn raised(self, place: u8) -> Self {
        let [tens, ones, ten_minutes, minutes] = self.digits();
        let next = |digit: u8, count: u8| (digit + 1) % count;
        let [tens, ones, ten_minutes, minutes] = match place {
            0 => [next(tens, 3), ones, ten_minutes, minutes],
            1 => [tens, next(ones, if tens == 2 { 4 } else { 10 }), ten_minutes, minutes],
            2 => [tens, ones, next(ten_minutes, 6), minutes],
            _ => [tens, ones, ten_minutes, next(minutes, 10)],
        };
        // 20 to 23 is all that begins with 2.
        Self { hour: (tens * 10 + ones).min(23), minute: ten_minutes * 10 + minutes }
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

/// A clock that was set once and runs on.
#[derive(Clone, Copy, Debug, Default)]
pub struct DayClock {
    /// Microseconds of the board's clock when it was set.
    set_at: u64,
    /// Seconds after midnight that it was set to.
    set_to: u64,
}

impl DayClock {
    /// A clock that shows `seconds` after midnight `now`, in microseconds.
    pub const fn set(seconds: u32, now: u64) -> Self {
        Self { set_at: now, set_to: seconds as u64 }
    }

    /// Seconds after midnight.
    pub const fn seconds(self, now: u64) -> u32 {
        ((self.set_to + now.saturating_sub(self.set_at) / MICROS) % DAY) as u32
    }

    /// What it shows.
    pub const fn time(self, now: u64) -> Time {
        let minutes = self.seconds(now) / 60;
        Time { hour: (minutes / 60) as u8, minute: (minutes % 60) as u8 }
    }
}
