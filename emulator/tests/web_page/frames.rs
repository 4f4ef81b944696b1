//! Frames of the page's device: each pixel is the one that the host draws for the same state.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context, Result, bail, ensure};
use embedded_graphics::{
    pixelcolor::{BinaryColor, Gray4, Rgb565},
    prelude::*,
};
use image::{RgbImage, Rgba, RgbaImage};
use serde::Deserialize;
use thumbgan_app::{App, Mode};
use thumbgan_core::{Model, graphics::GrayscaleColor};
use thumbgan_emulator::{
    board::parse_view,
    models::{self, ModelFile},
    render::render_rgb,
};

/// Displays of the page by their names.
const PANELS: [Panel; 4] = [
    Panel::new::<Gray4>("grayscale", 128, 64),
    Panel::new::<BinaryColor>("mini", 72, 40),
    Panel::new::<BinaryColor>("oled", 128, 64),
    Panel::new::<Rgb565>("tft", 240, 240),
];

/// Display of the page, as the host draws it.
struct Panel {
    name: &'static str,
    size: Size,
    themes: usize,
    render: fn(&mut App<'_>, Size) -> Result<RgbImage>,
}

/// Frame that a browser test has recorded, see `web/tests/frames.ts`.
#[derive(Debug, Deserialize)]
struct Frame {
    view: String,
    theme: String,
    panel: String,
    model: String,
    width: u32,
    height: u32,
    pixels: String,
}

/// Compares all recorded frames in a folder with the host's, and checks that no combination is missing.
pub fn check(folder: &Path) -> Result<()> {
    let models = committed_by_crc32()?;
    let frames = read(folder)?;
    let (mut differing, mut seen, mut seen_models) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for frame in &frames {
        let model = models
            .get(&frame.model)
            .with_context(|| format!("no model has the CRC-32 {}", frame.model))?;
        let panel = PANELS
            .iter()
            .find(|panel| panel.name == frame.panel)
            .with_context(|| format!("no display {}", frame.panel))?;
        let (mode, theme) = compare(frame, panel, model, folder, &mut differing)?;
        seen.insert((panel.name, mode.clone(), usize::from(theme) % panel.themes));
        seen_models.insert((model.name(), mode));
    }
    println!("{} of {} frames differ", differing.len(), frames.len());
    ensure!(differing.is_empty(), "frames differ: {differing:#?}");
    let combinations: usize = PANELS
        .iter()
        .map(|panel| panel.themes * Mode::ALL.len())
        .sum();
    ensure!(
        seen.len() == combinations,
        "not every mode was seen on every display in every theme: {} of {combinations}: {seen:?}",
        seen.len()
    );
    ensure!(
        seen_models.len() == models.len() * Mode::ALL.len(),
        "not every model was seen in every mode: {seen_models:?}"
    );
    Ok(())
}

/// Compares a frame with the host's and returns its mode and theme.
fn compare(
    frame: &Frame,
    panel: &Panel,
    model: &ModelFile,
    folder: &Path,
    differing: &mut Vec<String>,
) -> Result<(String, u8)> {
    let view = parse_view(&frame.view)?;
    let theme: u8 = frame.theme.parse().context("the theme is not a number")?;
    let mut scratch = models::scratch();
    let mut app = App::new(&model.bytes, &mut scratch, || 0);
    app.show(view);
    app.set_theme(theme);
    let expected = opaque(&(panel.render)(&mut app, panel.size)?);
    let found = pixels(frame, folder)?;
    if found != expected {
        let path = folder.join(&frame.pixels);
        expected.save(path.with_extension("expected.png"))?;
        found.save(path.with_extension("found.png"))?;
        differing.push(format!(
            "{} theme={theme} on {}: {}",
            frame.view,
            frame.panel,
            path.with_extension("found.png").display()
        ));
    }
    Ok((view.mode().to_string(), theme))
}

impl Panel {
    const fn new<C: GrayscaleColor + Into<embedded_graphics::pixelcolor::Rgb888>>(
        name: &'static str,
        width: u32,
        height: u32,
    ) -> Self {
        Self {
            name,
            size: Size::new(width, height),
            themes: C::THEMES.len(),
            render: render_rgb::<C>,
        }
    }
}

/// Reads the lists of frames.
fn read(folder: &Path) -> Result<Vec<Frame>> {
    let mut frames = Vec::new();
    for entry in fs::read_dir(folder).context("the browser tests have recorded no frames")? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let list: Vec<Frame> = serde_json::from_slice(&fs::read(&path)?)
                .with_context(|| format!("cannot parse {}", path.display()))?;
            frames.extend(list);
        }
    }
    Ok(frames)
}

fn pixels(frame: &Frame, folder: &Path) -> Result<RgbaImage> {
    let bytes = fs::read(folder.join(&frame.pixels))
        .with_context(|| format!("no frame {}", frame.pixels))?;
    let Some(image) = RgbaImage::from_raw(frame.width, frame.height, bytes) else {
        bail!("{} has the wrong length", frame.pixels)
    };
    Ok(image)
}

/// Returns the committed models by their CRC-32.
fn committed_by_crc32() -> Result<BTreeMap<String, ModelFile>> {
    let models = models::committed()?.into_iter();
    models
        .map(|model| {
            let crc32 = Model::parse(&model.bytes)?.crc32();
            Ok((format!("{crc32:08x}"), model))
        })
        .collect()
}

/// Returns pixels as a canvas has them.
fn opaque(image: &RgbImage) -> RgbaImage {
    RgbaImage::from_fn(image.width(), image.height(), |x, y| {
        let [red, green, blue] = image.get_pixel(x, y).0;
        Rgba([red, green, blue, u8::MAX])
    })
}

#[test]
fn another_pixel_theme_or_view_differs() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let model = ModelFile::read(None)?;
    let panel = &PANELS[3];
    let mut scratch = models::scratch();
    let mut app = App::new(&model.bytes, &mut scratch, || 0);
    app.show(parse_view("digit class=3 seed=7")?);
    let drawn = opaque(&(panel.render)(&mut app, panel.size)?);
    let differs = |view: &str, theme: &str, image: &RgbaImage| {
        let frame = Frame {
            view: view.into(),
            theme: theme.into(),
            panel: panel.name.into(),
            model: String::new(),
            width: image.width(),
            height: image.height(),
            pixels: "frame.rgba".into(),
        };
        fs::write(folder.path().join(&frame.pixels), image.as_raw())?;
        let mut differing = Vec::new();
        compare(&frame, panel, &model, folder.path(), &mut differing)?;
        anyhow::Ok(!differing.is_empty())
    };
    assert!(!differs("digit class=3 seed=7", "0", &drawn)?);
    assert!(differs("digit class=3 seed=7", "1", &drawn)?);
    assert!(differs("digit class=3 seed=8", "0", &drawn)?);
    let mut changed = drawn.clone();
    changed.get_pixel_mut(120, 100).0[1] ^= 1;
    assert!(differs("digit class=3 seed=7", "0", &changed)?);
    changed = drawn.clone();
    changed.get_pixel_mut(0, 0).0[3] = 0;
    assert!(differs("digit class=3 seed=7", "0", &changed)?);
    let cropped = RgbaImage::from_pixel(128, 64, *drawn.get_pixel(0, 0));
    assert!(differs("digit class=3 seed=7", "0", &cropped)?);
    Ok(())
}
