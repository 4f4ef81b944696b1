//! Controller: changes the view state over time and on presses of the ACT button.

use thumbgan_core::latent::SplitMix64;

use crate::{
    buttons::Press,
    time::DayClock,
    view_state::{Mode, Rate, ViewState},
};

/// Time per image in the gallery, in microseconds.
const IMAGE_MICROS: u64 = 1_000_000;
/// Time from one seed to the next in the latent walk, in microseconds.
const WALK_MICROS: u64 = 2_000_000;
/// Time in which the clock's four digits change, in microseconds.
const CHANGE_MICROS: u64 = 2_400_000;
/// Time between updates of the speed overlay, in microseconds; long enough to be read.
const RATE_MICROS: u64 = 500_000;

/// View state with everything that the next ones depend on.
#[derive(Clone, Debug)]
pub struct Controller {
    view: ViewState,
    /// Start of the current image, interpolation or change of the clock's digits.
    since: u64,
    /// Number of classes of the model.
    class_count: u8,
    /// Number of pages of the mode "about".
    about_pages: u8,
    /// Selected class.
    class: u8,
    /// Seed used last.
    seed: u64,
    /// Counter from which the seeds of the clock's digits follow.
    series: u32,
    /// Time of day.
    day: DayClock,
    meter: FrameMeter,
}

/// Frame counter for the speed overlay.
#[derive(Clone, Copy, Debug, Default)]
struct FrameMeter {
    since: u64,
    frames: u32,
    /// Microseconds of the last image.
    micros: u32,
}

impl Controller {
    /// Creates a controller in the gallery at seed 1.
    pub fn new(class_count: u8, about_pages: u8, now: u64) -> Self {
        let view = ViewState::About { page: 0 };
        let (class, day, meter) = (0, DayClock::set(0, now), FrameMeter::default());
        let mut controller = Self {
            view,
            since: now,
            class_count,
            about_pages,
            class,
            seed: 0,
            series: 0,
            day,
            meter,
        };
        controller.enter(Mode::Gallery, now);
        controller
    }

    /// Returns the view state.
    pub fn view(&self) -> ViewState {
        self.view
    }

    /// Returns the microseconds of the last image.
    pub fn micros(&self) -> u32 {
        self.meter.micros
    }

    /// Sets the view state, whose class and seed the following ones continue.
    pub fn show(&mut self, view: ViewState, now: u64) {
        match view {
            ViewState::Gallery { seed, .. } => self.seed = seed,
            ViewState::Digit { class, seed } | ViewState::Walk { class, seed, .. } => {
                (self.class, self.seed) = (class.unwrap_or(self.class), seed);
            }
            ViewState::Clock { .. } | ViewState::About { .. } => {}
        }
        self.set_view(view, now);
    }

    /// Enters a mode.
    pub fn enter(&mut self, mode: Mode, now: u64) {
        let class = self.selected_class();
        let view = match mode {
            Mode::Gallery => self.next_gallery_view(),
            Mode::Digit => ViewState::Digit {
                class,
                seed: self.next_seed(),
            },
            Mode::Walk => ViewState::Walk {
                class,
                seed: self.next_seed(),
                step: 0,
                rate: None,
            },
            Mode::Clock => {
                self.series = self.series.wrapping_add(1);
                let time = self.day.time(now);
                ViewState::Clock {
                    from: time,
                    to: time,
                    series: self.series,
                    step: 0,
                    set: None,
                    colon: true,
                }
            }
            Mode::About => ViewState::About { page: 0 },
        };
        self.set_view(view, now);
    }

    /// Sets the seed of the next image; later images, also those of the clock, use the following seeds.
    pub fn set_seed(&mut self, seed: u64, now: u64) {
        self.seed = seed.wrapping_sub(1);
        self.series = self.seed as u32;
        self.enter(self.view.mode(), now);
    }

    /// Sets the time of day to `seconds` since midnight.
    pub fn set_time(&mut self, seconds: u32, now: u64) {
        self.day = DayClock::set(seconds, now);
    }

    /// Continues in the same mode with another model.
    pub fn change_model(&mut self, class_count: u8, about_pages: u8, now: u64) {
        (self.class_count, self.about_pages) = (class_count, about_pages);
        if self.class >= class_count {
            self.class = 0;
        }
        self.enter(self.view.mode(), now);
    }

    /// Processes a press of the ACT button.
    pub fn act(&mut self, press: Press, now: u64) {
        let class_count = self.class_count;
        let next_class = |class: u8| {
            class
                .checked_add(1)
                .filter(|next| *next < class_count)
                .unwrap_or(0)
        };
        match (&mut self.view, press) {
            (ViewState::Gallery { held, .. }, Press::Short) => {
                *held = !*held;
                self.since = now;
            }
            (ViewState::Gallery { .. }, Press::Long) => self.enter(Mode::Gallery, now),
            (
                ViewState::Digit {
                    class: Some(class), ..
                },
                Press::Short,
            ) => {
                *class = next_class(*class);
                self.class = *class;
            }
            (ViewState::Digit { .. }, _) => self.enter(Mode::Digit, now),
            (ViewState::Walk { rate, .. }, Press::Short) => {
                *rate = if rate.is_none() {
                    Some(Rate {
                        frames: 0,
                        micros: self.meter.micros,
                    })
                } else {
                    None
                };
                self.meter = FrameMeter {
                    since: now,
                    frames: 0,
                    ..self.meter
                };
            }
            (ViewState::Walk { class, .. }, Press::Long) => {
                if let Some(class) = class {
                    *class = next_class(*class);
                    self.class = *class;
                }
            }
            (ViewState::Clock { .. }, press) => self.act_on_clock(press, now),
            (ViewState::About { page }, _) => *page = (*page + 1) % self.about_pages,
        }
    }

    /// Processes a press of the ACT button in clock mode. While the clock runs, a short press generates new digits and a long
    /// press starts setting the time. Then short presses increment the digit, and long presses go to the next digit and
    /// finally start the clock.
    fn act_on_clock(&mut self, press: Press, now: u64) {
        let ViewState::Clock {
            from,
            to,
            series,
            step,
            set,
            colon,
        } = &mut self.view
        else {
            return;
        };
        match (press, *set) {
            (Press::Short, None) => {
                self.series = self.series.wrapping_add(1);
                (*from, *series, *step, self.since) = (*to, self.series, 0, now);
            }
            (Press::Short, Some(position)) => {
                *to = to.increment_digit(position);
                *from = *to;
            }
            (Press::Long, None) => {
                *to = self.day.time(now);
                (*from, *step, *set, *colon) = (*to, ViewState::CHANGED, Some(0), true);
            }
            (Press::Long, Some(position @ 0..3)) => *set = Some(position + 1),
            (Press::Long, Some(_)) => {
                self.day = DayClock::set(to.seconds(), now);
                *set = None;
                // All digits have changed already.
                self.since = now.saturating_sub(CHANGE_MICROS);
            }
        }
    }

    /// Advances the view state to `now`.
    pub fn advance(&mut self, now: u64) {
        let age = now.saturating_sub(self.since);
        match &mut self.view {
            ViewState::Gallery { held: false, .. } if age >= IMAGE_MICROS => {
                self.view = self.next_gallery_view();
                // Images appear every second regardless of how long they take, but none is skipped.
                self.since = if age < 2 * IMAGE_MICROS {
                    self.since + IMAGE_MICROS
                } else {
                    now
                };
            }
            ViewState::Walk {
                seed, step, rate, ..
            } => {
                let segments = age / WALK_MICROS;
                self.since += segments * WALK_MICROS;
                *seed = seed.wrapping_add(segments);
                self.seed = *seed;
                *step = (age % WALK_MICROS * 256 / WALK_MICROS) as u8;
                let period = now.saturating_sub(self.meter.since);
                if let Some(rate) = rate
                    && period >= RATE_MICROS
                {
                    let frames = u64::from(self.meter.frames) * 10_000_000 / period;
                    *rate = Rate {
                        frames: frames as u16,
                        micros: self.meter.micros,
                    };
                    self.meter = FrameMeter {
                        since: now,
                        frames: 0,
                        ..self.meter
                    };
                }
            }
            ViewState::Clock {
                from,
                to,
                series,
                step,
                set: None,
                colon,
            } => {
                let time = self.day.time(now);
                *colon = self.day.seconds(now).is_multiple_of(2);
                if time == *to {
                    *step = (age * u64::from(ViewState::CHANGED) / CHANGE_MICROS)
                        .min(ViewState::CHANGED.into()) as u16;
                } else {
                    self.series = self.series.wrapping_add(1);
                    (*from, *to, *series, *step, self.since) = (*to, time, self.series, 0, now);
                }
            }
            _ => {}
        }
    }

    /// Counts a frame whose image took `micros` microseconds.
    pub fn count_frame(&mut self, micros: u32) {
        self.meter.micros = micros;
        self.meter.frames = self.meter.frames.saturating_add(1);
    }

    fn set_view(&mut self, view: ViewState, now: u64) {
        (self.view, self.since) = (view, now);
    }

    /// Returns the selected class; `None` for an unconditional model.
    fn selected_class(&self) -> Option<u8> {
        (self.class_count > 0).then_some(self.class)
    }

    /// Returns the next seed.
    fn next_seed(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(1);
        self.seed
    }

    /// Returns the next view of the gallery. Its class is a pseudorandom function of the seed, independent of the latent.
    fn next_gallery_view(&mut self) -> ViewState {
        let seed = self.next_seed();
        let class = SplitMix64::new(!seed)
            .next_u64()
            .checked_rem(self.class_count.into());
        ViewState::Gallery {
            class: class.map(|class| class as u8),
            seed,
            held: false,
        }
    }
}
