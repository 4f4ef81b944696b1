//! Benchmark of a training step of each preset on each available backend: `cargo bench -p trainer`, with
//! `--features burn-ndarray`, `cuda` or `wgpu` for more backends.
#![allow(missing_docs, reason = "criterion's macros write functions")]

use std::time::Duration;

use clap::ValueEnum;
use cpu_time::ProcessTime;
use criterion::{Criterion, criterion_group, criterion_main};
use trainer::{
    gan::backend::Backend,
    gan::preset::Preset,
    gan::{Gan, Losses, batches::Batch},
};

/// Allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Warm-up steps: memory is allocated, and a GPU compiles its kernels.
const WARM_UP: u32 = 16;
/// Minimum CPU time of a round.
const ROUND: Duration = Duration::from_secs(2);

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
            println!(
                "{}/{name}: {:.1} iterations a CPU second\n",
                backend.name(),
                per_cpu_second(&mut step)
            );
        }
        group.finish();
    }
}

/// Returns the steps per CPU second: the median of rounds of at least two seconds.
fn per_cpu_second(mut step: impl FnMut() -> Losses) -> f64 {
    let mut rates = [0.0; 5];
    for rate in &mut rates {
        let (clock, mut steps) = (ProcessTime::now(), 0.0);
        while clock.elapsed() < ROUND {
            step();
            steps += 1.0;
        }
        *rate = steps / clock.elapsed().as_secs_f64();
    }
    rates.sort_by(f64::total_cmp);
    rates[2]
}

/// Returns a batch of images; their content does not affect the time.
fn images(count: usize) -> Batch {
    let images = (0..count * 784)
        .map(|place| (place * 37 % 256) as f32 / 255.0)
        .collect();
    Batch {
        images,
        labels: (0..count).map(|place| (place % 10) as u8).collect(),
    }
}

criterion_group!(benches, steps);
criterion_main!(benches);
