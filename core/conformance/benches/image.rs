//! Time of one image on this host for every committed model: `cargo bench -p thumbgan-core-conformance`.
#![allow(missing_docs, reason = "criterion's macros make functions")]

use criterion::{Criterion, criterion_group, criterion_main};
use thumbgan_core::{Generator, Model, include_model};

/// Committed models.
static MODELS: [&[u8]; 4] = [
    include_model!("../../../models/digits-nano.tgan"),
    include_model!("../../../models/digits-xs.tgan"),
    include_model!("../../../models/digits.tgan"),
    include_model!("../../../models/seed.tgan"),
];

fn digits(criterion: &mut Criterion) {
    for file in MODELS {
        let model = Model::parse(file).expect("a committed model is valid");
        let name = model.name();
        let class = (model.class_count() > 0).then_some(3);
        let mut scratch = vec![0; model.scratch_len()];
        let mut generator =
            Generator::new(model, &mut scratch).expect("the scratch memory has the needed length");
        let mut seed = 0;
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| {
                seed += 1;
                generator
                    .generate(class, seed)
                    .map(|digit| digit.pixels()[0])
            });
        });
    }
}

criterion_group!(benches, digits);
criterion_main!(benches);
