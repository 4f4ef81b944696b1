//! Exponential moving average (EMA) of the generator's weights, whose images are better than those of the
//! last weights.

use std::collections::HashMap;

use burn::{
    module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId},
    prelude::*,
};

use super::generator::Generator;

/// Updates `average` with `generator`: each weight becomes `decay` times itself plus `1 - decay` times the
/// new one.
pub fn follow(average: Generator, generator: &Generator, decay: f64) -> Generator {
    let mut weights = Weights::default();
    generator.visit(&mut weights);
    average.map(&mut Follow {
        decay: decay as f32,
        weights,
    })
}

/// Weights of a module by their parameter ids.
#[derive(Default)]
struct Weights(HashMap<ParamId, Vec<f32>>);

impl ModuleVisitor for Weights {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.insert(param.id, super::mlp::floats(param.val()));
    }
}

struct Follow {
    decay: f32,
    weights: Weights,
}

impl ModuleMapper for Follow {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(latest) = self.weights.0.remove(&param.id) else {
            return param;
        };
        let (id, average, mapper) = param.consume();
        let device = average.device();
        let mut average = average.into_data();
        let values = average
            .as_mut_slice::<f32>()
            .expect("f32 tensors throughout");
        for (value, latest) in values.iter_mut().zip(latest) {
            *value += (latest - *value) * (1.0 - self.decay);
        }
        Param::from_mapped_value(id, Tensor::from_data(average, &device), mapper)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gan::preset::Preset;

    fn weights(generator: &Generator) -> Vec<f32> {
        let mut weights = Weights::default();
        generator.visit(&mut weights);
        let mut all: Vec<_> = weights.0.into_iter().collect();
        all.sort_by_key(|(id, _)| *id);
        all.into_iter().flat_map(|(_, values)| values).collect()
    }

    #[test]
    fn every_weight_is_averaged() {
        let device = Device::flex();
        let generator = Generator::new(&Preset::Digits.recipe(), 1, &device);
        let start = generator.clone().map(&mut Shift);
        let average = follow(start, &generator, 0.75);
        for (average, latest) in weights(&average).into_iter().zip(weights(&generator)) {
            assert!(
                (average - (latest + 0.75)).abs() < 1e-5,
                "{average} near {latest}"
            );
        }
    }

    /// Mapper that adds 1 to all weights.
    struct Shift;

    impl ModuleMapper for Shift {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let (id, tensor, mapper) = param.consume();
            Param::from_mapped_value(id, tensor + 1.0, mapper)
        }
    }
}
