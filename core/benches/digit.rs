//! The time of one digit on this host, of every committed model: `cargo bench -p thumbgan-core`.
#![allow(missing_docs, reason = "criterion's macros make functions")]

use criterion::{Criterion, criterion_group, criterion_main};
use thumbgan_core::{Generator, Model, SCRATCH, include_model};

/// The committed models.
static MODELS: [&[u8]; 4] = [
    include_model!("../../models/digits-nano.tgan"),
    include_model!("../../models/digits-xs.tgan"),
    include_model!("../../models/digits.tgan"),
    include_model!("../../models/seed.tgan"),
];

fn digits(criterion: &mut Criterion) {
    for file in MODELS {
        let model = Model::parse(file).expect("a committed model is sound");
        let name = model.name();
        let class = (model.classes() > 0).then_some(3);
        let mut generator = Generator::<SCRATCH>::new(model).expect("the firmware's scratch is enough");
        let mut seed = 0;
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| {
                seed += 1;
                generator.generate(class, seed).map(|digit| digit.pixels()[0])
            });
        });
    }
}

criterion_group!(benches, digits);
criterion_main!(benches);
