//! Quality while training goes on: what the judge says of the generator now and then.

use std::fmt;

use anyhow::Result;
use burn::prelude::Device;
use serde::{Deserialize, Serialize};
use thumbgan_core::Model;

use crate::{
    data::Dataset,
    export::float_reference::FloatGenerator,
    export::int8::Int8,
    gan::Losses,
    quality::feature_extractor::Judge,
    quality::{Classes, Reference, TestSet},
};

/// Digits that one look takes; always those of the same seeds.
const DIGITS: u64 = 5_000;
/// Digits that a finished model is judged by.
pub const JUDGED: u64 = 10_000;
/// A class that is drawn less than this share of its due has nearly vanished.
const VANISHED: f64 = 0.2;
/// A discriminator's loss that says that it is never wrong any more, in nats; knowing nothing is 1.386.
const SATURATED: f32 = 0.05;
/// The share of digits that must be of the class that they were meant to be.
const OBEDIENT: f64 = 0.7;

/// Looks at generators in the course of a run.
pub struct Watch {
    judge: Judge,
    test: TestSet,
    device: Device,
}

/// What one look saw.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// Fréchet distance of 5,000 float digits to the test set.
    pub fid: f64,
    /// Their classes.
    #[serde(flatten)]
    pub classes: Classes,
}

impl Watch {
    /// For this data set.
    ///
    /// # Errors
    /// When the judge cannot judge it: it knows digits only.
    pub fn new(dataset: &Dataset, device: &Device) -> Result<Self> {
        let judge = Judge::load(device)?;
        let test = Reference::light(&judge, dataset)?;
        Ok(Self {
            judge,
            test,
            device: device.clone(),
        })
    }

    /// How good the generator is.
    pub fn look(&self, float: &FloatGenerator) -> Quality {
        let wanted: Vec<_> = (0..DIGITS).map(|seed| float.wanted(seed)).collect();
        let meant: Option<Vec<u8>> = wanted.iter().map(|&(_, class)| class).collect();
        self.judge(
            &float.draw(wanted.into_iter(), &self.device),
            meant.as_deref(),
        )
    }

    /// How good the first digits of a model are.
    ///
    /// # Errors
    /// Never for a model that parsed; passed on for the message.
    pub fn judge_int8(&self, model: &Model<'_>) -> Result<Quality> {
        let mut int8 = Int8::new(model)?;
        let meant: Option<Vec<u8>> = (0..JUDGED).map(|seed| int8.class(seed)).collect();
        let greys: Vec<f32> = int8.pixels(0..JUDGED)?.into_iter().map(f32::from).collect();
        Ok(self.judge(&greys, meant.as_deref()))
    }

    /// How good digits are, 784 greys from 0 to 255 each, that were meant to be of these classes.
    pub fn judge(&self, greys: &[f32], meant: Option<&[u8]>) -> Quality {
        let seen = self.judge.look(greys);
        Quality {
            fid: self.test.fid(&seen),
            classes: Classes::of(&seen, meant),
        }
    }
}

impl Quality {
    /// What a person should know of a run that goes wrong, in plain words; nothing if it goes well.
    pub fn warnings(&self, losses: Losses) -> Vec<String> {
        let mut warnings = Vec::new();
        let due = DIGITS as f64 / self.classes.counts.len() as f64;
        let rare: Vec<String> = (0..)
            .zip(self.classes.counts)
            .filter(|(_, count)| (*count as f64) < VANISHED * due)
            .map(|(class, _): (u8, _)| class.to_string())
            .collect();
        if !rare.is_empty() {
            warnings.push(format!(
                "the generator hardly draws {}: it is collapsing onto the other digits",
                rare.join(", ")
            ));
        }
        if self
            .classes
            .accuracy
            .is_some_and(|accuracy| accuracy < OBEDIENT)
        {
            let wrong = (1.0 - self.classes.accuracy.unwrap_or(1.0)) * 100.0;
            warnings.push(format!(
                "{wrong:.0} % of its digits are not of the class that was asked for"
            ));
        }
        if losses.discriminator < SATURATED {
            warnings.push(format!(
                "the discriminator is never wrong (loss {:.3}): the generator has nothing left to learn from",
                losses.discriminator
            ));
        }
        warnings
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FID {:.2}", self.fid)?;
        match self.classes.accuracy {
            Some(accuracy) => write!(f, ", {:.1} % of the class asked for", accuracy * 100.0),
            None => write!(
                f,
                ", classes {:.2} nats from equal shares",
                self.classes.divergence
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quality(counts: [u64; 10], accuracy: Option<f64>) -> Quality {
        Quality {
            fid: 5.0,
            classes: Classes {
                counts,
                divergence: 0.0,
                accuracy,
            },
        }
    }

    fn losses(discriminator: f32) -> Losses {
        Losses {
            discriminator,
            generator: 1.0,
        }
    }

    #[test]
    fn a_healthy_run_is_left_alone() {
        assert_eq!(
            quality([500; 10], Some(0.98)).warnings(losses(1.0)),
            [""; 0]
        );
        assert_eq!(quality([500; 10], None).warnings(losses(1.0)), [""; 0]);
    }

    #[test]
    fn trouble_is_named() {
        let mut counts = [600; 10];
        (counts[2], counts[7]) = (10, 99);
        let warnings = quality(counts, Some(0.4)).warnings(losses(0.01)).join("\n");
        for words in [
            "hardly draws 2, 7:",
            "60 % of its digits",
            "never wrong (loss 0.010)",
        ] {
            assert!(warnings.contains(words), "{warnings}");
        }
    }
}
