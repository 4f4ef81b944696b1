//! Tests of checkpoints.

use tempfile::tempdir;

use super::{
    files::{STATE, STATE_HASH, hash},
    *,
};
use crate::{
    data::{PIXELS, Split},
    gan::{batches::Batches, preset::Preset},
};

fn identity(seed: u64) -> Identity {
    Identity {
        recipe_sha256: "recipe".to_owned(),
        seed,
        dataset_sha256: "dataset".to_owned(),
        labels_sha256: None,
    }
}

#[test]
fn a_checkpoint_of_another_run_is_an_error_that_names_the_difference() {
    let (folder, recipe, device) = (tempdir().unwrap(), Preset::Seed.recipe(), Device::flex());
    let Checkpoint { gan, progress, .. } = Checkpoint::begin(&recipe, 1, &device);
    save(folder.path(), &gan, &progress, None, identity(1)).unwrap();
    let error = load(folder.path(), &recipe, &identity(2), &device)
        .err()
        .unwrap();
    let error = error.to_string();
    assert!(
        error.contains("belongs to another run: its seed differs"),
        "{error}"
    );
    assert!(load(folder.path(), &recipe, &identity(1), &device).is_ok());
}

#[test]
fn a_checkpoint_that_is_saved_twice_is_never_absent() {
    let (folder, recipe, device) = (tempdir().unwrap(), Preset::Seed.recipe(), Device::flex());
    let Checkpoint { gan, progress, .. } = Checkpoint::begin(&recipe, 1, &device);
    let state = folder.path().join("00000000/state.json");
    let save = |cpu_seconds: f64| {
        let progress = Progress {
            cpu_seconds,
            ..progress.clone()
        };
        save(folder.path(), &gan, &progress, None, identity(1)).unwrap();
        fs::read_to_string(&state).unwrap()
    };
    let first = save(1.0);
    assert_eq!(save(2.0), first, "the valid one stays");
    fs::write(&state, &first[1..]).unwrap();
    assert!(
        save(3.0).contains("\"cpu_seconds\": 3.0"),
        "a damaged one is replaced"
    );
}

#[test]
fn files_that_vanish_after_loading_do_not_reach_the_run() {
    let (folder, device) = (tempdir().unwrap(), Device::flex());
    let recipe = Preset::DigitsNano.recipe();
    let images = Split {
        pixels: (0..recipe.batch * PIXELS)
            .map(|n| (n % 251) as u8)
            .collect(),
        labels: (0..recipe.batch).map(|n| (n % 10) as u8).collect(),
    };
    let mut batches = Batches::new(&images, recipe.batch, 1);
    let mut gan = Checkpoint::begin(&recipe, 1, &device).gan;
    gan.step(0, 10, batches.get(0));
    save(folder.path(), &gan, &Progress::default(), None, identity(1)).unwrap();
    let loaded = load(folder.path(), &recipe, &identity(1), &device).unwrap();
    fs::remove_dir_all(folder.path()).unwrap();
    let mut resumed = loaded.unwrap().gan;
    for iteration in 1..3 {
        let expected = gan.step(iteration, 10, batches.get(iteration));
        assert_eq!(
            resumed.step(iteration, 10, batches.get(iteration)),
            expected
        );
    }
}

#[test]
fn a_partial_checkpoint_of_an_interrupted_process_is_replaced() {
    let (folder, recipe, device) = (tempdir().unwrap(), Preset::Seed.recipe(), Device::flex());
    let left = folder.path().join(PARTIAL);
    fs::create_dir(&left).unwrap();
    fs::write(left.join("half"), "half").unwrap();
    let Checkpoint { gan, progress, .. } = Checkpoint::begin(&recipe, 1, &device);
    save(folder.path(), &gan, &progress, None, identity(1)).unwrap();
    assert!(!left.exists() && !folder.path().join("00000000/half").exists());
}

#[test]
fn a_checkpoint_does_not_create_the_folder_of_its_run() {
    let (folder, recipe, device) = (tempdir().unwrap(), Preset::Seed.recipe(), Device::flex());
    let Checkpoint { gan, progress, .. } = Checkpoint::begin(&recipe, 1, &device);
    let save = |run: &Path| save(&run.join("checkpoints"), &gan, &progress, None, identity(1));
    let moved = folder.path().join("moved");
    let error = format!("{:#}", save(&moved).unwrap_err());
    assert!(
        error.contains("cannot create the folder") && error.contains("does not exist"),
        "{error}"
    );
    assert!(!moved.exists());
    save(folder.path()).unwrap();
    assert!(folder.path().join("checkpoints/00000000").is_dir());
}

#[test]
fn states_of_another_iteration_or_hash_are_damaged() {
    let (folder, recipe, device) = (tempdir().unwrap(), Preset::Seed.recipe(), Device::flex());
    let at = |name: &str| folder.path().join(name);
    let Checkpoint { gan, progress, .. } = Checkpoint::begin(&recipe, 1, &device);
    save(folder.path(), &gan, &progress, None, identity(1)).unwrap();
    let message = |place: &str| format!("{:#}", Files::read(&at(place)).err().unwrap());
    fs::rename(at("00000000"), at("00000009")).unwrap();
    let renamed = message("00000009");
    assert!(
        renamed.contains("is of iteration 0, not of that in the name"),
        "{renamed}"
    );
    fs::rename(at("00000009"), at("00000000")).unwrap();
    let state = fs::read_to_string(at("00000000/state.json")).unwrap();
    fs::write(at("00000000/state.json"), format!("{state} ")).unwrap();
    let changed = message("00000000");
    assert!(
        changed.contains("its SHA-256 is not that in state.sha256"),
        "{changed}"
    );
    fs::write(at("00000000/state.json"), &state).unwrap();
    assert!(Files::read(&at("00000000")).is_ok());
    fs::remove_file(at("00000000/state.sha256")).unwrap();
    let missing = message("00000000");
    assert!(
        missing.contains("state.sha256: there is no such file"),
        "{missing}"
    );
    // Checkpoints of earlier versions name neither their run nor the hash.
    let mut earlier: serde_json::Value = serde_json::from_str(&state).unwrap();
    earlier["run"] = serde_json::Value::Null;
    fs::write(at("00000000/state.json"), earlier.to_string()).unwrap();
    assert!(Files::read(&at("00000000")).is_ok());
}

#[test]
fn only_files_of_the_checkpoint_are_read() {
    let (folder, recipe, device) = (tempdir().unwrap(), Preset::Seed.recipe(), Device::flex());
    let Checkpoint { gan, progress, .. } = Checkpoint::begin(&recipe, 1, &device);
    save(folder.path(), &gan, &progress, None, identity(1)).unwrap();
    let place = folder.path().join("00000000");
    fs::write(folder.path().join("outside"), "x").unwrap();
    let state = fs::read_to_string(place.join(STATE)).unwrap();
    let mut state: serde_json::Value = serde_json::from_str(&state).unwrap();
    state["files"]["../outside"] = hash(b"x").into();
    let state = state.to_string();
    fs::write(place.join(STATE), &state).unwrap();
    fs::write(place.join(STATE_HASH), hash(state.as_bytes())).unwrap();
    let error = Files::read(&place).err().unwrap().to_string();
    assert!(
        error.contains("\"../outside\", which is no file of a checkpoint"),
        "{error}"
    );
}

#[test]
fn the_best_generator_is_that_of_the_checkpoint() {
    let (folder, recipe, device) = (tempdir().unwrap(), Preset::Seed.recipe(), Device::flex());
    let loaded = || load(folder.path(), &recipe, &identity(1), &device).unwrap();
    assert!(loaded().is_none());
    for iteration in [10, 20] {
        let Checkpoint { gan, .. } = Checkpoint::begin(&recipe, iteration.into(), &device);
        let best = FloatGenerator::of(&gan, std::iter::empty());
        let progress = Progress {
            iteration,
            best: Some(Best {
                iteration,
                fid: 9.0,
            }),
            ..Progress::default()
        };
        save(folder.path(), &gan, &progress, Some(&best), identity(1)).unwrap();
    }
    let mut generators = Vec::new();
    for iteration in [20, 10] {
        let found = loaded().unwrap();
        assert_eq!(found.progress.iteration, iteration);
        assert_eq!(
            found.best,
            Some(FloatGenerator::of(&found.gan, std::iter::empty()))
        );
        generators.push(found.best);
        fs::remove_dir_all(folder.path().join(format!("{iteration:08}"))).unwrap();
    }
    assert_ne!(generators[0], generators[1]);
}
