//! One training step of each preset on each backend that was compiled in and has a device:
//! `cargo bench -p trainer`, with `--features burn-ndarray`, `cuda` or `wgpu` for more of them.
#![allow(missing_docs, reason = "criterion's macros write functions")]

use clap::ValueEnum;
use criterion::{Criterion, criterion_group, criterion_main};
use trainer::{
    backend::Backend,
    gan::{Gan, batches::Batch},
    preset::Preset,
};

/// As in the program itself.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Steps before the clock runs: memory is then there, and a GPU has compiled its kernels.
const WARM_UP: u32 = 16;

fn steps(criterion: &mut Criterion) {
    for &backend in Backend::value_variants() {
        let Ok(device) = backend.device() else {
            eprintln!("{}: not compiled in, or without a device", backend.name());
            continue;
        };
        let mut group = criterion.benchmark_group(backend.name());
        group.sample_size(20);
        for preset in Preset::value_variants() {
            let recipe = preset.recipe();
            let (name, batch, all) = (recipe.name, images(recipe.batch), recipe.iterations);
            let mut gan = Gan::new(recipe, 1, &device);
            let mut iteration = 0;
            let mut step = || {
                let losses = gan.step(iteration, all, batch.clone());
                iteration += 1;
                losses
            };
            for _ in 0..WARM_UP {
                step();
            }
            group.bench_function(name, |bencher| bencher.iter(&mut step));
        }
        group.finish();
    }
}

/// As many images as a batch has; what they show does not matter to the time.
fn images(count: usize) -> Batch {
    let images = (0..count * 784).map(|place| (place * 37 % 256) as f32 / 255.0).collect();
    Batch { images, labels: (0..count).map(|place| (place % 10) as u8).collect() }
}

criterion_group!(benches, steps);
criterion_main!(benches);
