//! Buttons: debouncing, and short and long presses.

/// Time after a change of level during which further changes are ignored, in microseconds.
const BOUNCE_MICROS: u64 = 20_000;
/// Duration of a long press in microseconds.
const LONG_MICROS: u64 = 600_000;

/// Levels of the buttons; true if pressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Buttons {
    /// MODE: a short press selects the next mode, a long press the next theme.
    pub mode: bool,
    /// ACT: its function depends on the mode.
    pub act: bool,
}

/// Press of a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// Release before 0.6 s.
    Short,
    /// Held for 0.6 s, reported while the button is still down. The release is not reported.
    Long,
}

/// Debounced button.
#[derive(Clone, Copy, Debug, Default)]
pub struct Button {
    down: bool,
    /// True if the current press has been reported as long.
    long: bool,
    /// Time of the last change of level.
    since: u64,
}

impl Button {
    /// Processes the level at `now` (microseconds) and returns the press that it completes.
    ///
    /// A change takes effect at once and starts the debouncing time. A press that is sampled only once, between two slow
    /// frames, is therefore not missed.
    pub fn update(&mut self, down: bool, now: u64) -> Option<Press> {
        let age = now.saturating_sub(self.since);
        if down != self.down && age >= BOUNCE_MICROS {
            let long = self.long;
            *self = Self {
                down,
                long: false,
                since: now,
            };
            return (!down && !long).then_some(Press::Short);
        }
        if self.down && !self.long && age >= LONG_MICROS {
            self.long = true;
            return Some(Press::Long);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    /// Returns the presses for these levels, one per millisecond, after one second without a press.
    fn presses(levels: impl IntoIterator<Item = bool>) -> Vec<Press> {
        let mut button = Button::default();
        let levels = [false; 1000].into_iter().chain(levels);
        levels
            .zip(0_u64..)
            .filter_map(|(down, milli)| button.update(down, milli * 1000))
            .collect()
    }

    fn held(millis: usize) -> impl Iterator<Item = bool> {
        core::iter::repeat_n(true, millis).chain([false; 100])
    }

    #[test]
    fn presses_are_short_or_long() {
        assert_eq!(presses(held(50)), [Press::Short]);
        assert_eq!(presses(held(600)), [Press::Short]);
        assert_eq!(presses(held(602)), [Press::Long]);
        assert_eq!(presses(held(5000)), [Press::Long]);
        assert_eq!(
            presses(held(100).chain(held(700)).chain(held(100))),
            [Press::Short, Press::Long, Press::Short]
        );
        assert_eq!(presses([false; 5000]), []);
    }

    #[test]
    fn a_long_press_is_reported_while_the_button_is_down() {
        assert_eq!(presses([true; 700]), [Press::Long]);
    }

    #[test]
    fn bouncing_contacts_are_one_press() {
        let bounces = [true, false, true, false, false, true, true, false, true];
        let back = bounces.map(|down| !down);
        let press = || {
            bounces
                .into_iter()
                .chain([true; 100])
                .chain(back)
                .chain([false; 100])
        };
        assert_eq!(presses(press()), [Press::Short]);
        assert_eq!(presses(press().chain(press())), [Press::Short; 2]);
        let long = bounces
            .into_iter()
            .chain([true; 800])
            .chain(back)
            .chain([false; 100]);
        assert_eq!(presses(long), [Press::Long]);
    }

    #[test]
    fn a_press_sampled_once_between_slow_frames_is_reported() {
        let mut button = Button::default();
        let levels = [false, true, false, false, true, false];
        let presses = levels
            .into_iter()
            .zip(1..)
            .filter_map(|(down, frame)| button.update(down, frame * 120_000));
        assert_eq!(presses.collect::<Vec<_>>(), [Press::Short; 2]);
    }
}
