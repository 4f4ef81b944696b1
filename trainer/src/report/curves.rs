//! Curves and bars as SVG.

use anyhow::{Result, anyhow};
use plotters::{
    coord::Shift,
    prelude::{
        ChartBuilder, Color, DrawingArea, IntoDrawingArea, LineSeries, PathElement, RGBColor, Rectangle,
        SVGBackend, WHITE,
    },
};

/// Width and height of a picture.
const SIZE: (u32, u32) = (640, 260);
const DISCRIMINATOR: RGBColor = RGBColor(20, 120, 160);
const GENERATOR: RGBColor = RGBColor(200, 110, 0);
const QUALITY: RGBColor = RGBColor(30, 130, 60);

/// A name, its colour and its points: iteration and value.
pub struct Curve {
    name: &'static str,
    colour: RGBColor,
    points: Vec<(f64, f64)>,
}

impl Curve {
    /// The discriminator's loss.
    pub fn discriminator(points: Vec<(f64, f64)>) -> Self {
        Self { name: "discriminator", colour: DISCRIMINATOR, points }
    }

    /// The generator's loss.
    pub fn generator(points: Vec<(f64, f64)>) -> Self {
        Self { name: "generator", colour: GENERATOR, points }
    }

    /// FID.
    pub fn quality(points: Vec<(f64, f64)>) -> Self {
        Self { name: "FID", colour: QUALITY, points }
    }
}

/// Curves over iterations, from 0 up.
///
/// # Errors
/// When plotters cannot draw them.
pub fn curves(curves: &[Curve]) -> Result<String> {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let last = points().map(|point| point.0).fold(1.0, f64::max);
    let top = points().map(|point| point.1).fold(0.0, f64::max).max(1e-3) * 1.05;
    drawn(|area| {
        let mut chart = ChartBuilder::on(area)
            .margin(10)
            .x_label_area_size(30)
            .y_label_area_size(45)
            .build_cartesian_2d(0.0..last, 0.0..top)?;
        chart.configure_mesh().x_desc("iteration").light_line_style(WHITE).draw()?;
        for Curve { name, colour, points } in curves {
            let series = LineSeries::new(points.iter().copied(), colour.stroke_width(2));
            let mark = move |(x, y)| PathElement::new(vec![(x, y), (x + 16, y)], colour.stroke_width(2));
            chart.draw_series(series)?.label(*name).legend(mark);
        }
        chart.configure_series_labels().background_style(WHITE).draw()?;
        Ok(())
    })
}

/// A bar for each class, and a line where all would be if they had equal shares.
///
/// # Errors
/// When plotters cannot draw them.
pub fn histogram(names: &[String], counts: &[u64]) -> Result<String> {
    let due = counts.iter().sum::<u64>() as f64 / counts.len() as f64;
    let top = counts.iter().copied().max().unwrap_or(1) as f64 * 1.1;
    let width = counts.len() as f64;
    drawn(|area| {
        let mut chart = ChartBuilder::on(area)
            .margin(10)
            .x_label_area_size(30)
            .y_label_area_size(45)
            .build_cartesian_2d(0.0..width, 0.0..top)?;
        let name = |place: &f64| names.get(*place as usize).cloned().unwrap_or_default();
        chart
            .configure_mesh()
            .disable_x_mesh()
            .x_labels(counts.len() + 1)
            .x_label_formatter(&name)
            .light_line_style(WHITE)
            .draw()?;
        chart.draw_series((0..).zip(counts).map(|(place, &count)| {
            let (left, right) = (f64::from(place) + 0.15, f64::from(place) + 0.85);
            Rectangle::new([(left, 0.0), (right, count as f64)], DISCRIMINATOR.filled())
        }))?;
        chart.draw_series(LineSeries::new([(0.0, due), (width, due)], GENERATOR.stroke_width(2)))?;
        Ok(())
    })
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Outcome = Result<(), Box<dyn std::error::Error>>;

/// The SVG of what `draw` draws.
fn drawn(draw: impl FnOnce(&Area<'_>) -> Outcome) -> Result<String> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        draw(&area).and_then(|()| Ok(area.present()?)).map_err(|error| anyhow!("cannot draw: {error}"))?;
    }
    Ok(svg)
}
