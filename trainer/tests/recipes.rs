//! Open recipes: flags, settings files and sweeps change the recipe, which the run folder repeats and resumes.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{fs, path::Path};

use common::{resume_to, train_by, trainer, write_images};
use predicates::{prelude::*, str::contains};
use serde_json::{Value, json};
use tempfile::tempdir;
use thumbgan_core::Model;

/// A recipe that differs from that of `digits-nano` in everything.
const CUSTOM: [&str; 21] = [
    "--batch=8",
    "--learning-rate=0.002",
    "--decay-from=0.25",
    "--final-rate=0.5",
    "--betas=0.1,0.98",
    "--epsilon=1e-7",
    "--latent=5",
    "--distribution=normal",
    "--generator-channels=3,4",
    "--discriminator-channels=4,6",
    "--discriminator-features=12",
    "--loss=relativistic",
    "--penalty-weight=0.3",
    "--penalty-every=2",
    "--sparsity=0.01",
    "--averaging=0.99",
    "--augment-translation=3",
    "--augment-cutout=9",
    "--keep-best=false",
    "--evaluate-every=7",
    "--grid-every=5",
];

fn model(run: &Path) -> Vec<u8> {
    fs::read(run.join("digits-nano.tgan")).unwrap()
}

fn train_custom(data: &Path, run: &Path, iterations: u32) -> assert_cmd::Command {
    let mut command = train_by("digits-nano", data, run, iterations);
    command.args(CUSTOM);
    command
}

#[test]
fn a_recipe_of_flags_is_recorded_repeated_from_its_folder_and_resumed_bit_for_bit() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let [whole, again, parted] = ["whole", "again", "parted"].map(|name| folder.path().join(name));
    train_custom(folder.path(), &whole, 12).assert().success();
    let config: Value =
        serde_json::from_slice(&fs::read(whole.join("config.json")).unwrap()).unwrap();
    let expected = json!({
        "batch": 8, "learning_rate": 0.002, "decay_from": 0.25, "final_rate": 0.5, "betas": [0.1, 0.98],
        "epsilon": 1e-7, "latent": 5, "distribution": "normal", "generator_channels": [3, 4],
        "discriminator_channels": [4, 6], "discriminator_features": 12, "loss": "relativistic",
        "penalty_weight": 0.3, "penalty_every": 2, "sparsity": 0.01, "averaging": 0.99,
        "augment_translation": 3, "augment_cutout": 9,
        "keep_best": false, "evaluate_every": 7, "grid_every": 5,
    });
    assert_eq!(config["tuning"], expected);
    let grids = |run: &Path| {
        let entries = fs::read_dir(run.join("grids")).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(grids(&whole), ["000005.png", "000010.png", "000012.png"]);
    let bytes = model(&whole);
    let parsed = Model::parse(&bytes).unwrap();
    assert_eq!((parsed.latent_len(), parsed.layers().len()), (5, 3));
    let layer = |index: usize| parsed.layers()[index].shape().to_string();
    assert!(
        layer(1).contains("7x7x3") && layer(1).contains("x4"),
        "{}",
        layer(1)
    );
    let card = fs::read_to_string(whole.join("digits-nano.md")).unwrap();
    for part in [
        "7x7x3, ReLU, upsampling 3x3 convolution to 14x14x4",
        "to 4 and 6 channels, dense to 12",
        "| latent | 5 values, Normal |",
        "| loss | relativistic, real and generated images of one class in pairs; R1 and R2 of 0.3 every 2 iterations; \
         sparsity penalty 0.01",
        "translation by at most 3 pixels, cutout of 9x9 pixels",
        "Adam 0.002 for 25 % of the run, then decaying linearly to 50 % of that, betas (0.1, 0.98), epsilon 1e-7; EMA of \
         the weights with decay 0.99",
        "`trainer train --preset digits-nano --dataset idx --iterations 12 --seed 1 ",
        " --generator-channels 3,4",
        " --keep-best=false",
    ] {
        assert!(card.contains(part), "{part} is missing:\n{card}");
    }
    // The printed settings of the run repeat it.
    let printed = trainer().args(["config", "--run"]).arg(&whole).assert();
    let printed = printed.success().get_output().stdout.clone();
    let file = folder.path().join("again.toml");
    fs::write(&file, printed).unwrap();
    let mut command = trainer();
    command.args(["train", "--config"]).arg(&file);
    command.arg("--out").arg(&again).assert().success();
    assert!(bytes == model(&again));
    // A run in parts equals the uninterrupted one.
    train_custom(folder.path(), &parted, 12)
        .args(["--checkpoint-every=5"])
        .assert()
        .success();
    fs::remove_dir_all(parted.join("checkpoints/00000012")).unwrap();
    fs::remove_file(parted.join("digits-nano.tgan")).unwrap();
    let resumed = resume_to(&parted, "12").assert().success();
    resumed.stdout(contains("at iteration 10"));
    assert!(bytes == model(&parted));
}

#[test]
fn each_part_of_a_recipe_changes_the_result() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let mut images = vec![];
    for (index, flag) in [
        "--seed=1",
        "--loss=relativistic",
        "--penalty-weight=2",
        "--penalty-every=1",
        "--averaging=0",
        "--final-rate=0.1",
        "--decay-from=0.1",
        "--betas=0.5,0.9",
        "--discriminator-features=16",
        "--augment-translation=4",
        "--augment-cutout=14",
    ]
    .iter()
    .enumerate()
    {
        let run = folder.path().join(index.to_string());
        let mut command = train_by("digits-nano", folder.path(), &run, 4);
        let name = |flag: &str| flag.split('=').next().map(str::to_owned);
        let others = ["--batch=4", "--penalty-every=2", "--final-rate=0.5"];
        command.args(others.iter().filter(|other| name(other) != name(flag)));
        command.arg(flag);
        command.assert().success();
        images.push((flag, image(&model(&run))));
    }
    for (index, (flag, one)) in images.iter().enumerate() {
        for (other_flag, other) in &images[..index] {
            assert!(one != other, "{flag} and {other_flag}");
        }
    }
}

/// Returns an image of a model, which unlike its file does not contain its settings.
fn image(bytes: &[u8]) -> Vec<u8> {
    let model = Model::parse(bytes).unwrap();
    let mut scratch = vec![0; model.scratch_len()];
    let mut generator = thumbgan_core::Generator::new(model, &mut scratch).unwrap();
    generator.generate(Some(3), 7).unwrap().pixels().to_vec()
}

#[test]
fn options_without_effect_are_usage_errors() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let run = folder.path().join("run");
    let complaint = |preset: &str, flags: &[&str], said: &str| {
        let mut command = train_by(preset, folder.path(), &run, 4);
        command.args(flags).assert().code(2).stderr(contains(said));
    };
    for flag in [
        "--generator-channels=8,8",
        "--discriminator-channels=8,8",
        "--discriminator-features=8",
        "--penalty-weight=0.1",
        "--penalty-every=4",
    ] {
        let name = flag.split('=').next().unwrap();
        complaint(
            "seed",
            &[flag],
            &format!("{name} has no effect with --preset seed"),
        );
    }
    complaint(
        "digits",
        &["--penalty-weight=0", "--penalty-every=4"],
        "--penalty-every has no effect with a penalty weight of 0",
    );
    complaint(
        "digits-nano",
        &["--decay-from=0.1"],
        "--decay-from has no effect with a final rate of 1",
    );
    complaint("digits", &["--full"], "--iterations 4");
    complaint(
        "digits",
        &["--penalty-every=5"],
        "--penalty-every 5 has no effect in a run of 4 iterations",
    );
    for (flag, said) in [
        ("--generator-channels=8", "two numbers from 1 to 320"),
        ("--generator-channels=8,0", "two numbers from 1 to 320"),
        ("--averaging=1", "less than 1"),
        ("--decay-from=1", "less than 1"),
        ("--final-rate=1.5", "from 0 to 1"),
        ("--loss=hinge", "non-saturating, relativistic"),
        ("--augment-cutout=40", "not in 0..=27"),
    ] {
        complaint("digits", &[flag], said);
    }
    assert!(!run.exists());
    // A settings file is checked the same way.
    let file = folder.path().join("run.toml");
    fs::write(&file, "preset = \"seed\"\ngenerator-channels = [8, 8]\n").unwrap();
    let mut command = trainer();
    command.args(["train", "--config"]).arg(&file);
    command
        .assert()
        .code(2)
        .stderr(contains("--generator-channels has no effect"));
}

#[test]
fn a_generator_that_no_board_runs_is_an_error_before_training() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let run = folder.path().join("run");
    let mut command = train_by("digits-nano", folder.path(), &run, 4);
    command.arg("--generator-channels=64,64");
    let said = contains("bytes of scratch memory").and(contains("reduce --generator-channels"));
    command.assert().code(1).stderr(said);
    assert!(!run.exists());
}

#[test]
fn a_sweep_combines_lists_of_pairs() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let text = "preset = \"digits-nano\"\niterations = 2\nbatch = 4\ndataset = \"idx\"\ndata = \".\"\n[grid]\n\
                generator-channels = [[3, 4], [4, 3]]\nloss = [\"non-saturating\", \"relativistic\"]\n";
    fs::write(folder.path().join("sweep.toml"), text).unwrap();
    let mut command = trainer();
    command
        .args(["sweep", "sweep.toml"])
        .current_dir(folder.path());
    command.assert().success();
    let runs = folder.path().join("runs/sweep");
    let run = runs.join("generator-channels=3-4,loss=relativistic");
    let bytes = model(&run);
    let shape = Model::parse(&bytes).unwrap().layers()[1]
        .shape()
        .to_string();
    assert!(shape.contains("7x7x3"), "{shape}");
    assert!(model(&runs.join("generator-channels=3-4,loss=non-saturating")) != bytes);
    fs::write(
        folder.path().join("sweep.toml"),
        "preset = \"seed\"\n[grid]\ngenerator-channels = [[3, 4]]\n",
    )
    .unwrap();
    command
        .assert()
        .code(1)
        .stderr(contains("--generator-channels has no effect"));
}

#[test]
fn the_command_line_overrides_the_length_of_the_run_in_a_file() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("run.toml");
    let train = |settings: &str, typed: &[&str], said: &str| {
        fs::write(&file, settings).unwrap();
        let mut command = trainer();
        command.args(["train", "--dataset=idx", "--data=nowhere", "--config"]);
        command.arg(&file).args(typed);
        command.assert().failure().stderr(contains(said));
    };
    let (past, both) = ("nowhere", "--full chooses the number of iterations");
    train("full = true", &["--iterations=2"], past);
    train("iterations = 4", &["--full"], past);
    train("full = true\niterations = 4", &["--full"], past);
    train("full = true\niterations = 4", &[], both);
    train("iterations = 4", &["--full", "--iterations=2"], both);
    train("iterations = 0", &["--full"], "`iterations`");
}

#[test]
fn settings_of_a_resumed_run_are_usage_errors_that_name_those_that_were_typed() {
    let cases: [(&[&str], &str); 4] = [
        (
            &["--batch=3"][..],
            "error: --batch cannot be used with --resume",
        ),
        (
            &["--seed=1", "--loss=relativistic"],
            "error: --seed and --loss cannot be used",
        ),
        (&["--config=run.toml"], "error: --config cannot be used"),
        (
            &["--resize", "--dataset=idx"],
            "error: --dataset and --resize cannot be used",
        ),
    ];
    for (typed, said) in cases {
        let mut command = trainer();
        command
            .args(["train", "--resume", "run", "--no-tui"])
            .args(typed);
        let valid = "only --data, --iterations, --full, --backend and --no-tui are valid";
        command
            .assert()
            .code(2)
            .stderr(contains(said).and(contains(valid)));
    }
}
