//! Curves and bars as SVG.

use anyhow::{Result, anyhow};
use plotters::{
    coord::Shift,
    prelude::{
        ChartBuilder, Color, DrawingArea, IntoDrawingArea, IntoSegmentedCoord, LineSeries,
        PathElement, RGBColor, Rectangle, SVGBackend, SegmentValue, SeriesLabelPosition, WHITE,
    },
};

/// Width and height of a picture.
const SIZE: (u32, u32) = (640, 260);
/// A curve of at most so many points shows each of them.
const DOTTED: usize = 50;
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
        Self {
            name: "discriminator",
            colour: DISCRIMINATOR,
            points,
        }
    }

    /// The generator's loss.
    pub fn generator(points: Vec<(f64, f64)>) -> Self {
        Self {
            name: "generator",
            colour: GENERATOR,
            points,
        }
    }

    /// FID.
    pub fn quality(points: Vec<(f64, f64)>) -> Self {
        Self {
            name: "FID",
            colour: QUALITY,
            points,
        }
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
        let mut chart = chart(area).build_cartesian_2d(0.0..last, 0.0..top)?;
        let whole = |iteration: &f64| format!("{iteration:.0}");
        chart
            .configure_mesh()
            .x_desc("iteration")
            .x_label_formatter(&whole)
            .light_line_style(WHITE)
            .draw()?;
        for Curve {
            name,
            colour,
            points,
        } in curves
        {
            let mark =
                move |(x, y)| PathElement::new(vec![(x, y), (x + 16, y)], colour.stroke_width(2));
            let series = LineSeries::new(points.iter().copied(), colour.stroke_width(2));
            // A lone point is no line; few are better seen.
            let dots = if points.len() <= DOTTED { 3 } else { 0 };
            chart
                .draw_series(series.point_size(dots))?
                .label(*name)
                .legend(mark);
        }
        if curves.len() > 1 {
            chart
                .configure_series_labels()
                .position(SeriesLabelPosition::UpperRight)
                .draw()?;
        }
        Ok(())
    })
}

/// A bar for each of two or more classes, and a line where all would be if they had equal shares.
///
/// # Errors
/// When plotters cannot draw them.
pub fn histogram(names: &[String], counts: &[u64]) -> Result<String> {
    let due = counts.iter().sum::<u64>() as f64 / counts.len() as f64;
    let top = counts.iter().copied().max().unwrap_or(1) as f64 * 1.1;
    drawn(|area| {
        let mut chart =
            chart(area).build_cartesian_2d((0..counts.len() - 1).into_segmented(), 0.0..top)?;
        let name = |class: &SegmentValue<usize>| match class {
            SegmentValue::CenterOf(class) => names.get(*class).cloned().unwrap_or_default(),
            SegmentValue::Exact(_) | SegmentValue::Last => String::new(),
        };
        let whole = |count: &f64| format!("{count:.0}");
        let mut mesh = chart.configure_mesh();
        mesh.disable_x_mesh()
            .x_labels(counts.len())
            .x_label_formatter(&name)
            .y_label_formatter(&whole)
            .light_line_style(WHITE)
            .draw()?;
        chart.draw_series(counts.iter().enumerate().map(|(class, &count)| {
            let next = if class + 1 < counts.len() {
                SegmentValue::Exact(class + 1)
            } else {
                SegmentValue::Last
            };
            let sides = [(SegmentValue::Exact(class), 0.0), (next, count as f64)];
            let mut bar = Rectangle::new(sides, DISCRIMINATOR.filled());
            bar.set_margin(0, 0, 6, 6);
            bar
        }))?;
        let ends = [(SegmentValue::Exact(0), due), (SegmentValue::Last, due)];
        chart.draw_series(LineSeries::new(ends, GENERATOR.stroke_width(2)))?;
        Ok(())
    })
}

/// The margins of all charts.
fn chart<'a, 'b>(area: &'a Area<'b>) -> ChartBuilder<'a, 'b, SVGBackend<'b>> {
    let mut builder = ChartBuilder::on(area);
    builder
        .margin(10)
        .margin_right(25)
        .x_label_area_size(30)
        .y_label_area_size(45);
    builder
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Outcome = Result<(), Box<dyn std::error::Error>>;

/// The SVG of what `draw` draws.
fn drawn(draw: impl FnOnce(&Area<'_>) -> Outcome) -> Result<String> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        draw(&area)
            .and_then(|()| Ok(area.present()?))
            .map_err(|error| anyhow!("cannot draw: {error}"))?;
    }
    Ok(svg)
}
