//! How the scenes follow one another, by time and by the second button.

use thumbgan_core::latent::SplitMix64;

use crate::{
    buttons::Press,
    scene::{Mode, Rate, Scene},
    time::DayClock,
};

/// How long a digit stays in the gallery.
const STAY_MICROS: u64 = 1_000_000;
/// How long the walk from one seed to the next takes.
const WALK_MICROS: u64 = 2_000_000;
/// How long the clock's four digits take to change, one after the other.
const CHANGE_MICROS: u64 = 2_400_000;
/// How often the figures of the overlay change: so that they can be read.
const RATE_MICROS: u64 = 500_000;

/// The scene, and what the next ones follow from.
#[derive(Clone, Debug)]
pub struct Stage {
    scene: Scene,
    /// When the scene began: the digit, the way to the next seed, the change of the clock's digits.
    since: u64,
    /// How many classes the model has.
    classes: u8,
    /// The class that was chosen.
    class: u8,
    /// The seed used last.
    seed: u64,
    /// How often the clock's handwriting has changed.
    series: u32,
    /// The time of day.
    day: DayClock,
    meter: Meter,
}

/// Counts frames.
#[derive(Clone, Copy, Debug, Default)]
struct Meter {
    since: u64,
    frames: u32,
    /// Microseconds that the last digit took.
    micros: u32,
}

impl Stage {
    /// The gallery at seed 1.
    pub fn new(classes: u8, now: u64) -> Self {
        let scene = Scene::About { page: 0 };
        let (class, day, meter) = (0, DayClock::set(0, now), Meter::default());
        let mut stage = Self { scene, since: now, classes, class, seed: 0, series: 0, day, meter };
        stage.enter(Mode::Gallery, now);
        stage
    }

    /// What is on the screen.
    pub fn scene(&self) -> Scene {
        self.scene
    }

    /// Microseconds that the last digit took.
    pub fn micros(&self) -> u32 {
        self.meter.micros
    }

    /// Puts `scene` on the screen.
    pub fn show(&mut self, scene: Scene, now: u64) {
        (self.scene, self.since) = (scene, now);
    }

    /// Begins a mode.
    pub fn enter(&mut self, mode: Mode, now: u64) {
        let class = self.chosen();
        let scene = match mode {
            Mode::Gallery => self.next_exhibit(),
            Mode::Digit => Scene::Digit { class, seed: self.next_seed() },
            Mode::Walk => Scene::Walk { class, seed: self.next_seed(), step: 0, rate: None },
            Mode::Clock => {
                self.series = self.series.wrapping_add(1);
                let time = self.day.time(now);
                Scene::Clock { from: time, to: time, series: self.series, step: 0, set: None, colon: true }
            }
            Mode::About => Scene::About { page: 0 },
        };
        self.show(scene, now);
    }

    /// Goes on counting seeds from `seed`, where the mode uses them, and the clock's handwriting from it too.
    pub fn set_seed(&mut self, seed: u64, now: u64) {
        self.seed = seed.wrapping_sub(1);
        self.series = self.seed as u32;
        self.enter(self.scene.mode(), now);
    }

    /// Does what a press of the second button means in this mode.
    pub fn act(&mut self, press: Press, now: u64) {
        let classes = self.classes;
        let next_class = |class: u8| class.checked_add(1).filter(|next| *next < classes).unwrap_or(0);
        match (&mut self.scene, press) {
            (Scene::Gallery { held, .. }, Press::Short) => {
                *held = !*held;
                self.since = now;
            }
            (Scene::Gallery { .. }, Press::Long) => self.enter(Mode::Gallery, now),
            (Scene::Digit { class: Some(class), .. }, Press::Short) => {
                *class = next_class(*class);
                self.class = *class;
            }
            (Scene::Digit { .. }, _) => self.enter(Mode::Digit, now),
            (Scene::Walk { rate, .. }, Press::Short) => {
                *rate =
                    if rate.is_none() { Some(Rate { frames: 0, micros: self.meter.micros }) } else { None };
                self.meter = Meter { since: now, frames: 0, ..self.meter };
            }
            (Scene::Walk { class, .. }, Press::Long) => {
                if let Some(class) = class {
                    *class = next_class(*class);
                    self.class = *class;
                }
            }
            (Scene::Clock { .. }, press) => self.act_on_clock(press, now),
            (Scene::About { page }, _) => *page ^= 1,
        }
    }

    /// Without a digit being set, a short press asks for new handwriting and a long one for setting; then short
    /// ones raise the digit and long ones go on to the next, from the last one back to a running clock.
    fn act_on_clock(&mut self, press: Press, now: u64) {
        let Scene::Clock { from, to, series, step, set, colon } = &mut self.scene else { return };
        match (press, *set) {
            (Press::Short, None) => {
                self.series = self.series.wrapping_add(1);
                (*from, *series, *step, self.since) = (*to, self.series, 0, now);
            }
            (Press::Short, Some(place)) => {
                *to = to.raised(place);
                *from = *to;
            }
            (Press::Long, None) => {
                *to = self.day.time(now);
                (*from, *step, *set, *colon) = (*to, Scene::CHANGED, Some(0), true);
            }
            (Press::Long, Some(place @ 0..3)) => *set = Some(place + 1),
            (Press::Long, Some(_)) => {
                self.day = DayClock::set(to.seconds(), now);
                *set = None;
                // Long enough ago that nothing is still to change.
                self.since = now.saturating_sub(CHANGE_MICROS);
            }
        }
    }

    /// Lets time pass.
    pub fn advance(&mut self, now: u64) {
        let age = now.saturating_sub(self.since);
        match &mut self.scene {
            Scene::Gallery { held: false, .. } if age >= STAY_MICROS => {
                self.scene = self.next_exhibit();
                // Digits come each second however long they take, but none is skipped.
                self.since = if age < 2 * STAY_MICROS { self.since + STAY_MICROS } else { now };
            }
            Scene::Walk { seed, step, rate, .. } => {
                let ways = age / WALK_MICROS;
                self.since += ways * WALK_MICROS;
                *seed = seed.wrapping_add(ways);
                self.seed = *seed;
                *step = (age % WALK_MICROS * 256 / WALK_MICROS) as u8;
                let period = now.saturating_sub(self.meter.since);
                if let Some(rate) = rate
                    && period >= RATE_MICROS
                {
                    let frames = u64::from(self.meter.frames) * 10_000_000 / period;
                    *rate = Rate { frames: frames as u16, micros: self.meter.micros };
                    self.meter = Meter { since: now, frames: 0, ..self.meter };
                }
            }
            Scene::Clock { from, to, series, step, set: None, colon } => {
                let time = self.day.time(now);
                *colon = self.day.seconds(now).is_multiple_of(2);
                if time == *to {
                    *step =
                        (age * u64::from(Scene::CHANGED) / CHANGE_MICROS).min(Scene::CHANGED.into()) as u16;
                } else {
                    self.series = self.series.wrapping_add(1);
                    (*from, *to, *series, *step, self.since) = (*to, time, self.series, 0, now);
                }
            }
            _ => {}
        }
    }

    /// Counts a frame whose digit took `micros`.
    pub fn note_frame(&mut self, micros: u32) {
        self.meter.micros = micros;
        self.meter.frames = self.meter.frames.saturating_add(1);
    }

    /// The class that was chosen, for a model that has classes.
    fn chosen(&self) -> Option<u8> {
        (self.classes > 0).then_some(self.class)
    }

    fn next_seed(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(1);
        self.seed
    }

    /// The gallery's next digit, of a class that follows from its seed by another stream than its latent does.
    fn next_exhibit(&mut self) -> Scene {
        let seed = self.next_seed();
        let class = SplitMix64::new(!seed).next_u64().checked_rem(self.classes.into());
        Scene::Gallery { class: class.map(|class| class as u8), seed, held: false }
    }
}
