//! Choice between the model of the flash region and the built-in one, and the notice of an invalid region.

use embedded_graphics::{pixelcolor::Gray8, prelude::*};
use thumbgan_app::{App, Canvas, Mode, ModelError, RegionState};
use thumbgan_core::{Model, ParseError};

use crate::support::{ACT, Device, MODE, model, scratch};

/// Length of the tests' regions.
const REGION: usize = 64 * 1024;

/// Returns a region that begins with `file`.
fn region(file: &[u8], erased: u8) -> Vec<u8> {
    let mut region = vec![erased; REGION];
    region[..file.len()].copy_from_slice(file);
    region
}

/// Returns the name of the model that a device runs, and the state of its region.
fn running(built_in: &[u8], region: &[u8]) -> (String, RegionState) {
    let device = Device::with_region(built_in, region);
    let name = device.app.model().expect("a model runs").name().to_owned();
    (name, device.app.region())
}

fn screen(device: &mut Device<'_>) -> Vec<Gray8> {
    device.screen::<Gray8>(Size::new(128, 64)).all()
}

#[test]
fn a_valid_file_in_the_region_runs_whatever_follows_it() {
    let (built_in, file) = (model("built-in", 10), model("region", 3));
    for erased in [0xff, 0, 0x5a] {
        let (name, state) = running(&built_in, &region(&file, erased));
        assert_eq!((&*name, state), ("region", RegionState::Used));
    }
    let (name, state) = running(&built_in, &file);
    assert_eq!((&*name, state), ("region", RegionState::Used));
    let (name, _) = running(b"damaged", &file);
    assert_eq!(name, "region", "even if the built-in model is invalid");
}

#[test]
fn an_erased_region_is_none() {
    let built_in = model("built-in", 10);
    for region in [vec![0xff; REGION], vec![0; REGION], Vec::new()] {
        let (name, state) = running(&built_in, &region);
        assert_eq!((&*name, state), ("built-in", RegionState::Empty));
        let mut device = Device::with_region(&built_in, &region);
        assert_eq!(screen(&mut device), screen(&mut Device::new(&built_in)));
    }
}

#[test]
fn a_bit_that_differs_anywhere_in_the_file_makes_the_built_in_model_run() {
    let (built_in, file) = (model("built-in", 10), model("region", 3));
    let mut region = region(&file, 0xff);
    // Every byte of header, description and CRC-32, and every eighth one of the parameters.
    let (start, end) = (file.len() - 784 * 12, file.len() - 4);
    for at in (0..start)
        .chain((start..end).step_by(8))
        .chain(end..file.len())
    {
        region[at] ^= 1 << (at % 8);
        let (name, state) = running(&built_in, &region);
        assert_eq!(name, "built-in", "byte {at}");
        assert!(matches!(state, RegionState::Invalid(_)), "byte {at}");
        region[at] ^= 1 << (at % 8);
    }
}

#[test]
fn incomplete_files_and_foreign_bytes_make_the_built_in_model_run() {
    let (built_in, file) = (model("built-in", 10), model("region", 3));
    let longer = &file[..file.len() - 4];
    let mut newer = file.clone();
    newer[4] += 1;
    for (bytes, erased, expected) in [
        (&file[..1], 0xff, ParseError::Magic),
        (&file[256..], 0xff, ParseError::Magic),
        (
            &newer,
            0xff,
            ParseError::Version {
                found: 4,
                supported: 3,
            },
        ),
    ] {
        let (name, state) = running(&built_in, &region(bytes, erased));
        let expected = RegionState::Invalid(ModelError::Parse(expected));
        assert_eq!((&*name, state), ("built-in", expected));
    }
    for end in (256..file.len()).step_by(256) {
        let (name, state) = running(&built_in, &region(&file[..end], 0xff));
        assert_eq!(name, "built-in", "{end} bytes");
        assert!(
            matches!(
                state,
                RegionState::Invalid(ModelError::Parse(ParseError::Crc { .. }))
            ),
            "{end} bytes: {state:?}"
        );
    }
    // A region that is shorter than its file.
    let (name, state) = running(&built_in, longer);
    let truncated = ParseError::Truncated {
        expected: file.len(),
        found: longer.len(),
    };
    let expected = RegionState::Invalid(ModelError::Parse(truncated));
    assert_eq!((&*name, state), ("built-in", expected));
}

#[test]
fn a_model_that_needs_too_much_scratch_memory_makes_the_built_in_one_run() {
    let read = |name| std::fs::read(format!("../../models/{name}.tgan")).unwrap();
    let (small, large) = (read("digits-nano"), read("digits"));
    let available = Model::parse(&small).unwrap().scratch_len();
    let needed = Model::parse(&large).unwrap().scratch_len();
    let mut short = vec![0; available];
    let app = App::with_region(&small, &large, &mut short, || 0);
    assert_eq!(app.model().unwrap().name(), "digits-nano");
    let RegionState::Invalid(ModelError::Scratch(error)) = app.region() else {
        panic!("{:?}", app.region())
    };
    assert_eq!((error.needed, error.available), (needed, available));
}

#[test]
fn an_invalid_region_is_noticed_at_start_up_and_stays_readable() {
    let built_in = model("built-in", 10);
    let region = region(b"no model", 0xff);
    let mut device = Device::with_region(&built_in, &region);
    let notice = screen(&mut device);
    let mut panel = Canvas::<Gray8>::new(Size::new(128, 64));
    device.app.redraw();
    assert!(device.app.draw(&mut panel).unwrap().is_some());
    device.wait(4_900);
    assert_eq!(device.app.draw(&mut panel).unwrap(), None);
    device.press_long(MODE);
    // The device goes on as one without a region, in the theme that the press has selected.
    let shown = device.app.draw(&mut panel).unwrap();
    assert_eq!(shown, Some(panel.bounding_box()));
    assert_eq!(panel.all(), device.expected_screen(Size::new(128, 64)));
    device.press_long(MODE);
    device.press_long(MODE);
    device.app.set_mode(Mode::About);
    for page in ["0", "1", "2", "0"] {
        assert_eq!(device.field("page"), page);
        assert_eq!(screen(&mut device) == notice, page == "2", "page {page}");
        device.press(ACT);
    }
}

#[test]
fn notices_name_the_error() {
    let (built_in, file) = (model("built-in", 10), model("region", 3));
    let mut damaged = file.clone();
    damaged[1000] ^= 1;
    let [damaged, foreign] =
        [&damaged[..], b"no model"].map(|bytes| screen(&mut Device::with_region(&built_in, bytes)));
    assert_ne!(damaged, foreign);
}

#[test]
fn mode_theme_and_time_survive_an_exchange_of_the_model() {
    let (built_in, file) = (model("built-in", 10), model("region", 3));
    let empty = [0xff; 256];
    let mut device = Device::with_region(&built_in, &empty);
    device.app.set_mode(Mode::Digit);
    for _ in 0..7 {
        device.press(ACT);
    }
    assert_eq!(device.field("class"), "7");
    device.press_long(MODE);
    let theme = device.app.theme();
    let mut device = device.exchange(&file);
    assert_eq!(device.app.model().unwrap().name(), "region");
    assert_eq!(device.app.view().mode(), Mode::Digit);
    assert_eq!(device.field("class"), "0", "it has three classes");
    assert_eq!(device.app.theme(), theme);
    assert_eq!(screen(&mut device).len(), 128 * 64);
    let mut device = device.exchange(&empty);
    device.app.set_mode(Mode::Clock);
    device.press_long(ACT);
    device.press(ACT);
    for _ in 0..4 {
        device.press_long(ACT);
    }
    assert_eq!(device.field("to"), "10:00");
    let mut device = device.exchange(&file).exchange(&empty);
    device.wait(61_000);
    assert_eq!(device.field("to"), "10:01");
}

#[test]
fn the_error_screen_of_the_built_in_model_covers_that_of_the_region() {
    let mut both = App::with_region(b"damaged", b"no model", scratch(), || 0);
    let mut one = App::new(b"damaged", scratch(), || 0);
    let [both, one] = [&mut both, &mut one].map(|app| {
        let mut panel = Canvas::<Gray8>::new(Size::new(128, 64));
        app.draw(&mut panel).unwrap();
        panel.all()
    });
    assert_eq!(both, one);
}
