//! The device's two buttons, from the levels of their pins to short and long presses.

/// A level is believed this long, whatever the contacts do: they bounce for a few milliseconds.
const BOUNCE_MICROS: u64 = 20_000;
/// A button that is down for this long is pressed long, while it still is down.
const LONG_MICROS: u64 = 600_000;

/// Which buttons are down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Buttons {
    /// Short: the next mode. Long: the next look.
    pub mode: bool,
    /// What it does is the mode's.
    pub act: bool,
}

/// What a button has been found to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// Released again soon.
    Short,
    /// Still down after 0.6 s; its release is nothing any more.
    Long,
}

/// One button, as it is believed to be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Button {
    down: bool,
    /// Whether this stretch of being down has been a long press already.
    long: bool,
    /// When its level changed last.
    since: u64,
}

impl Button {
    /// Takes the pin's level at `now`, in microseconds, and gives the press that it completes.
    ///
    /// A change counts at once, and then none until the contacts have come to rest. So a press is not missed
    /// if it is seen only once, between two slow frames.
    pub fn update(&mut self, down: bool, now: u64) -> Option<Press> {
        let age = now.saturating_sub(self.since);
        if down != self.down && age >= BOUNCE_MICROS {
            let long = self.long;
            *self = Self { down, long: false, since: now };
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

    /// The presses of a pin with these levels, a millisecond each, after a second of rest.
    fn presses(levels: impl IntoIterator<Item = bool>) -> Vec<Press> {
        let mut button = Button::default();
        let levels = [false; 1000].into_iter().chain(levels);
        levels.zip(0_u64..).filter_map(|(down, milli)| button.update(down, milli * 1000)).collect()
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
    fn a_long_press_is_told_while_the_button_is_down() {
        assert_eq!(presses([true; 700]), [Press::Long]);
    }

    #[test]
    fn bouncing_contacts_are_one_press() {
        let bounces = [true, false, true, false, false, true, true, false, true];
        let back = bounces.map(|down| !down);
        let press = || bounces.into_iter().chain([true; 100]).chain(back).chain([false; 100]);
        assert_eq!(presses(press()), [Press::Short]);
        assert_eq!(presses(press().chain(press())), [Press::Short; 2]);
        let long = bounces.into_iter().chain([true; 800]).chain(back).chain([false; 100]);
        assert_eq!(presses(long), [Press::Long]);
    }

    #[test]
    fn a_press_between_two_slow_frames_is_seen() {
        let mut button = Button::default();
        let levels = [false, true, false, false, true, false];
        let presses =
            levels.into_iter().zip(1..).filter_map(|(down, frame)| button.update(down, frame * 120_000));
        assert_eq!(presses.collect::<Vec<_>>(), [Press::Short; 2]);
    }
}
