//! State of a run for its views.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use crate::training::{checkpoint::Progress, metrics::Record};

/// Maximum number of points of a curve; beyond it every second one is dropped.
const POINTS: usize = 1_000;
/// Window of the speed measurement.
const WINDOW: Duration = Duration::from_secs(30);
/// Maximum number of stored messages.
const TALK: usize = 500;

/// State of a run for its views.
#[derive(Debug, Default)]
pub struct State {
    /// Preset and dataset.
    pub title: String,
    /// Total number of iterations.
    pub iterations: u32,
    /// Number of completed iterations.
    pub iteration: u32,
    /// Losses of the last iteration: discriminator and generator.
    pub losses: [f32; 2],
    /// Moving averages of the losses over iterations.
    pub curves: [Curve; 2],
    /// FID over iterations.
    pub fid: Vec<(f64, f64)>,
    /// Images of fixed latents, 784 pixels each.
    pub samples: Vec<u8>,
    /// Messages.
    pub talk: VecDeque<String>,
    /// True if the run is paused.
    pub paused: bool,
    /// True if a stop was requested.
    pub stopping: bool,
    /// True for a terminal without colors (`NO_COLOR`).
    pub monochrome: bool,
    /// Current work other than iterations.
    pub busy: Option<&'static str>,
    speed: VecDeque<(Instant, u32)>,
}

/// Curve with a limited number of points.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// Iterations and values.
    pub points: Vec<(f64, f64)>,
    /// Iterations between points, a power of two.
    stride: u32,
}

impl Curve {
    /// Adds a value, unless it lies between the stored points.
    pub fn add(&mut self, iteration: u32, value: f32) {
        if !iteration.is_multiple_of(1 << self.stride) || !value.is_finite() {
            return;
        }
        self.points.push((iteration.into(), value.into()));
        if self.points.len() > POINTS {
            self.stride += 1;
            let stride = f64::from(1_u32 << self.stride);
            self.points
                .retain(|(iteration, _)| iteration % stride == 0.0);
        }
    }
}

impl State {
    /// Creates the state of a run with `done` of `iterations` completed.
    pub fn new(title: &str, iterations: u32, done: u32) -> Self {
        Self {
            title: title.to_owned(),
            iterations,
            iteration: done,
            ..Self::default()
        }
    }

    /// Updates the state after an iteration.
    pub fn step(&mut self, progress: &Progress, now: Instant) {
        self.iteration = progress.iteration;
        self.losses = [progress.losses.discriminator, progress.losses.generator];
        self.curves[0].add(progress.iteration, progress.mean.discriminator);
        self.curves[1].add(progress.iteration, progress.mean.generator);
        let lately = |&(then, _): &(Instant, u32)| now.duration_since(then) <= WINDOW;
        while self.speed.len() > 1 && !self.speed.front().is_some_and(lately) {
            self.speed.pop_front();
        }
        // Ten speed samples per second are enough.
        if self
            .speed
            .back()
            .is_none_or(|(then, _)| now.duration_since(*then) >= Duration::from_millis(100))
        {
            self.speed.push_back((now, progress.iteration));
        }
    }

    /// Adds a record of the log.
    pub fn logged(&mut self, line: &Record) {
        if let Some(quality) = &line.quality {
            self.fid.push((line.iteration.into(), quality.fid));
        }
    }

    /// Adds the log of a resumed run.
    pub fn remember(&mut self, lines: &[Record]) {
        for line in lines {
            self.logged(line);
            for (curve, loss) in self
                .curves
                .iter_mut()
                .zip([line.loss_discriminator, line.loss_generator])
            {
                curve.add(line.iteration, loss);
            }
        }
    }

    /// Adds a message.
    pub fn say(&mut self, line: &str) {
        self.talk.push_back(line.to_owned());
        if self.talk.len() > TALK {
            self.talk.pop_front();
        }
    }

    /// Restarts the speed measurement, after a pause.
    pub fn restart_clock(&mut self) {
        self.speed.clear();
    }

    /// Returns the recent iterations per second, once they can be measured.
    pub fn rate(&self) -> Option<f64> {
        let ((then, before), (now, after)) = (self.speed.front()?, self.speed.back()?);
        let seconds = now.duration_since(*then).as_secs_f64();
        (seconds > 0.0).then(|| f64::from(after - before) / seconds)
    }

    /// Returns the estimated time to the last iteration.
    pub fn left(&self) -> Option<Duration> {
        let rate = self.rate().filter(|&rate| rate > 0.0)?;
        Some(Duration::from_secs_f64(
            f64::from(self.iterations - self.iteration) / rate,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn downsampled_curves_keep_their_shape() {
        let mut curve = Curve::default();
        (1..=100_000).for_each(|iteration| curve.add(iteration, iteration as f32));
        assert!(
            (POINTS / 2..=POINTS).contains(&curve.points.len()),
            "{}",
            curve.points.len()
        );
        assert!(
            curve
                .points
                .iter()
                .all(|(iteration, value)| (iteration - value).abs() < 1e-9)
        );
        assert!(curve.points.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(curve.points.last().unwrap().0 > 99_000.0);
    }

    #[test]
    fn speed_is_that_of_the_last_half_minute() {
        let start = Instant::now();
        let mut state = State {
            iterations: 10_000,
            ..State::default()
        };
        let step = |state: &mut State, second: u64, iteration: u32| {
            let progress = Progress {
                iteration,
                ..Progress::default()
            };
            state.step(&progress, start + Duration::from_secs(second));
        };
        step(&mut state, 0, 0);
        assert_eq!((state.rate(), state.left()), (None, None));
        (1..=100).for_each(|second| step(&mut state, second, second as u32));
        assert!((state.rate().unwrap() - 1.0).abs() < 1e-9);
        (101..=140).for_each(|second| step(&mut state, second, 100 + (second as u32 - 100) * 10));
        assert!((state.rate().unwrap() - 10.0).abs() < 1e-9);
        assert_eq!(state.left().unwrap().as_secs(), 950);
    }
}
