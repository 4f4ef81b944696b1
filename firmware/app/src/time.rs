//! Time of day and the board's clock.

use core::fmt;

/// Clock of a board: microseconds since an arbitrary moment, never decreasing.
pub type Clock = fn() -> u64;

/// Microseconds per second.
const MICROS: u64 = 1_000_000;
/// Seconds per day.
const DAY: u64 = 24 * 60 * 60;

/// Hour and minute, displayed as `HH:MM`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Time {
    hour: u8,
    minute: u8,
}

impl Time {
    /// Creates a time; `None` unless `hour` is 0 to 23 and `minute` 0 to 59.
    pub const fn new(hour: u8, minute: u8) -> Option<Self> {
        if hour < 24 && minute < 60 {
            Some(Self { hour, minute })
        } else {
            None
        }
    }

    /// Returns the hour, 0 to 23.
    pub const fn hour(self) -> u8 {
        self.hour
    }

    /// Returns the minute, 0 to 59.
    pub const fn minute(self) -> u8 {
        self.minute
    }

    /// Returns the four digits of HH:MM.
    pub const fn digits(self) -> [u8; 4] {
        [
            self.hour / 10,
            self.hour % 10,
            self.minute / 10,
            self.minute % 10,
        ]
    }

    /// Returns the seconds since midnight.
    pub(crate) const fn seconds(self) -> u32 {
        60 * (60 * self.hour as u32 + self.minute as u32)
    }

    /// Increments the digit at `position` (0 to 3), which wraps around at the largest digit of a valid time.
    pub(crate) fn increment_digit(self, position: u8) -> Self {
        let [tens, ones, ten_minutes, minutes] = self.digits();
        let next = |digit: u8, count: u8| (digit + 1) % count;
        let [tens, ones, ten_minutes, minutes] = match position {
            0 => [next(tens, 3), ones, ten_minutes, minutes],
            1 => [
                tens,
                next(ones, if tens == 2 { 4 } else { 10 }),
                ten_minutes,
                minutes,
            ],
            2 => [tens, ones, next(ten_minutes, 6), minutes],
            _ => [tens, ones, ten_minutes, next(minutes, 10)],
        };
        // Hours that start with 2 end at 23.
        Self {
            hour: (tens * 10 + ones).min(23),
            minute: ten_minutes * 10 + minutes,
        }
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

/// Time of day that is set once and follows the board's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct DayClock {
    /// Time of the board's clock when it was set, in microseconds.
    set_at: u64,
    /// Time of day that it was set to, in seconds since midnight.
    set_to: u64,
}

impl DayClock {
    /// Sets the time of day to `seconds` since midnight at `now` microseconds of the board's clock.
    pub const fn set(seconds: u32, now: u64) -> Self {
        Self {
            set_at: now,
            set_to: seconds as u64,
        }
    }

    /// Returns the seconds since midnight.
    pub const fn seconds(self, now: u64) -> u32 {
        ((self.set_to + now.saturating_sub(self.set_at) / MICROS) % DAY) as u32
    }

    /// Returns hour and minute.
    pub const fn time(self, now: u64) -> Time {
        let minutes = self.seconds(now) / 60;
        Time {
            hour: (minutes / 60) as u8,
            minute: (minutes % 60) as u8,
        }
    }
}
