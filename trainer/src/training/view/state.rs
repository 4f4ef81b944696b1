//! What the views know of a run.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use crate::training::{checkpoint::Progress, metrics::Line};

/// Points of a curve: when there are more, every second one is dropped.
const POINTS: usize = 1_000;
/// Over how long the speed is measured.
const WINDOW: Duration = Duration::from_secs(30);
/// Lines of talk that are kept.
const TALK: usize = 500;

/// A run as it is shown.
#[derive(Debug, Default)]
pub struct State {
    /// What is trained on what.
    pub title: String,
    /// Iterations in all.
    pub iterations: u32,
    /// Iterations done.
    pub iteration: u32,
    /// Losses of the last iteration: discriminator and generator.
    pub losses: [f32; 2],
    /// Running means of the losses over iterations.
    pub curves: [Curve; 2],
    /// FID over iterations.
    pub fid: Vec<(f64, f64)>,
    /// Digits of fixed latents, 784 greys each.
    pub samples: Vec<u8>,
    /// What was said.
    pub talk: VecDeque<String>,
    /// Whether the run waits.
    pub paused: bool,
    /// Whether the run is to stop.
    pub stopping: bool,
    /// Whether the terminal is to have no colours (`NO_COLOR`).
    pub colourless: bool,
    /// What is being done besides iterations.
    pub busy: Option<&'static str>,
    speed: VecDeque<(Instant, u32)>,
}

/// A curve that never has too many points.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// Iteration and value.
    pub points: Vec<(f64, f64)>,
    /// Iterations between points, as a power of two.
    stride: u32,
}

impl Curve {
    /// Adds a value, unless it lies between the points that are kept.
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
    /// Of a run of `iterations` of which `done` are behind.
    pub fn new(title: &str, iterations: u32, done: u32) -> Self {
        Self {
            title: title.to_owned(),
            iterations,
            iteration: done,
            ..Self::default()
        }
    }

    /// One more iteration is done.
    pub fn step(&mut self, progress: &Progress, now: Instant) {
        self.iteration = progress.iteration;
        self.losses = [progress.losses.discriminator, progress.losses.generator];
        self.curves[0].add(progress.iteration, progress.mean.discriminator);
        self.curves[1].add(progress.iteration, progress.mean.generator);
        let lately = |&(then, _): &(Instant, u32)| now.duration_since(then) <= WINDOW;
        while self.speed.len() > 1 && !self.speed.front().is_some_and(lately) {
            self.speed.pop_front();
        }
        // Ten a second are enough.
        if self
            .speed
            .back()
            .is_none_or(|(then, _)| now.duration_since(*then) >= Duration::from_millis(100))
        {
            self.speed.push_back((now, progress.iteration));
        }
    }

    /// A line of the log is written.
    pub fn logged(&mut self, line: &Line) {
        if let Some(quality) = &line.quality {
            self.fid.push((line.iteration.into(), quality.fid));
        }
    }

    /// What the log of a resumed run tells.
    pub fn remember(&mut self, lines: &[Line]) {
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

    /// Something was said.
    pub fn say(&mut self, line: &str) {
        self.talk.push_back(line.to_owned());
        if self.talk.len() > TALK {
            self.talk.pop_front();
        }
    }

    /// Speed is measured anew, after a pause.
    pub fn restart_clock(&mut self) {
        self.speed.clear();
    }

    /// Iterations a second lately, once there is something to go by.
    pub fn rate(&self) -> Option<f64> {
        let ((then, before), (now, after)) = (self.speed.front()?, self.speed.back()?);
        let seconds = now.duration_since(*then).as_secs_f64();
        (seconds > 0.0).then(|| f64::from(after - before) / seconds)
    }

    /// Time until the last iteration at this speed.
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
    fn a_curve_keeps_its_shape_in_few_points() {
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
