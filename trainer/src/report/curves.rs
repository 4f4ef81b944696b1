//! Line and bar charts as SVG.

use anyhow::{Result, anyhow};
use plotters::{
    coord::Shift,
    prelude::{
        ChartBuilder, Color, DrawingArea, IntoDrawingArea, IntoFont, IntoSegmentedCoord,
        IntoTextStyle, LineSeries, PathElement, RGBColor, Rectangle, SVGBackend, SegmentValue,
        Text, WHITE,
    },
    style::text_anchor::{HPos, Pos, VPos},
};

/// Width and height of a chart.
const SIZE: (u32, u32) = (640, 260);
/// Height of the strip above a chart with more than one curve, which holds the legend.
const LEGEND: u32 = 24;
/// Horizontal distance from one entry of the legend to the next.
const LEGEND_ENTRY: i32 = 130;
/// Length of the line in an entry of the legend.
const LEGEND_LINE: i32 = 16;
/// Width of the labels of the vertical axis.
const Y_LABELS: u32 = 45;
/// Width of the plot between the labels and the margins.
const PLOT: usize = 560;
/// Approximate width of a character of a label.
const CHARACTER: usize = 6;
/// Margin of a chart.
const MARGIN: u32 = 10;
/// Maximum number of points that are drawn as dots.
const DOTTED: usize = 50;
const DISCRIMINATOR: RGBColor = RGBColor(20, 120, 160);
const GENERATOR: RGBColor = RGBColor(200, 110, 0);
const QUALITY: RGBColor = RGBColor(30, 130, 60);

/// Named curve with its color and points (iteration, value).
pub struct Curve {
    name: &'static str,
    color: RGBColor,
    points: Vec<(f64, f64)>,
}

impl Curve {
    /// Returns the curve of the discriminator loss.
    pub fn discriminator(points: Vec<(f64, f64)>) -> Self {
        Self {
            name: "discriminator",
            color: DISCRIMINATOR,
            points,
        }
    }

    /// Returns the curve of the generator loss.
    pub fn generator(points: Vec<(f64, f64)>) -> Self {
        Self {
            name: "generator",
            color: GENERATOR,
            points,
        }
    }

    /// Returns the curve of the FID.
    pub fn quality(points: Vec<(f64, f64)>) -> Self {
        Self {
            name: "FID",
            color: QUALITY,
            points,
        }
    }
}

/// Draws curves over iterations, from 0 up.
///
/// # Errors
/// If plotters cannot draw them.
pub fn curves(curves: &[Curve]) -> Result<String> {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let last = points().map(|point| point.0).fold(1.0, f64::max);
    let top = points().map(|point| point.1).fold(0.0, f64::max).max(1e-3) * 1.05;
    drawn(|area| {
        let plot = if curves.len() > 1 {
            let (strip, plot) = area.split_vertically(LEGEND);
            legend(&strip, curves)?;
            plot
        } else {
            area.clone()
        };
        let mut chart = chart(&plot).build_cartesian_2d(0.0..last, 0.0..top)?;
        let whole = |iteration: &f64| format!("{iteration:.0}");
        chart
            .configure_mesh()
            .x_desc("iteration")
            .x_label_formatter(&whole)
            .light_line_style(WHITE)
            .draw()?;
        for Curve { color, points, .. } in curves {
            let series = LineSeries::new(points.iter().copied(), color.stroke_width(2));
            // A single point is not a line, and a few points are more visible as dots.
            let dots = if points.len() <= DOTTED { 3 } else { 0 };
            chart.draw_series(series.point_size(dots))?;
        }
        Ok(())
    })
}

/// Draws the legend from left to right: a line in each curve's color and its name.
fn legend(strip: &Area<'_>, curves: &[Curve]) -> Outcome {
    let middle = LEGEND as i32 / 2;
    let mut left = (MARGIN + Y_LABELS) as i32;
    for Curve { name, color, .. } in curves {
        let line = vec![(left, middle), (left + LEGEND_LINE, middle)];
        strip.draw(&PathElement::new(line, color.stroke_width(2)))?;
        let position = Pos::new(HPos::Left, VPos::Center);
        let style = ("sans-serif", 12)
            .into_font()
            .into_text_style(strip)
            .pos(position);
        strip.draw(&Text::new(*name, (left + LEGEND_LINE + 6, middle), style))?;
        left += LEGEND_ENTRY;
    }
    Ok(())
}

/// Draws a bar for each of two or more classes and a line at equal shares. The bars have the numbers of the classes
/// if their names do not fit, and as many of the numbers as fit.
///
/// # Errors
/// If plotters cannot draw them.
pub fn histogram(names: &[String], counts: &[u64]) -> Result<String> {
    let due = counts.iter().sum::<u64>() as f64 / counts.len() as f64;
    let top = counts.iter().copied().max().unwrap_or(1) as f64 * 1.1;
    let shows_names = fits(names);
    let labels = counts.len().min(PLOT / (3 * CHARACTER));
    drawn(|area| {
        let mut chart =
            chart(area).build_cartesian_2d((0..counts.len() - 1).into_segmented(), 0.0..top)?;
        let name = |class: &SegmentValue<usize>| match class {
            SegmentValue::CenterOf(class) if shows_names => names[*class].clone(),
            SegmentValue::CenterOf(class) => class.to_string(),
            SegmentValue::Exact(_) | SegmentValue::Last => String::new(),
        };
        let whole = |count: &f64| format!("{count:.0}");
        let mut mesh = chart.configure_mesh();
        mesh.disable_x_mesh()
            .x_labels(labels)
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

/// Returns true if neighboring names do not overlap below the bars of a histogram.
fn fits(names: &[String]) -> bool {
    let width = |name: &String| CHARACTER * name.chars().count();
    names
        .windows(2)
        .all(|pair| usize::midpoint(width(&pair[0]), width(&pair[1])) <= PLOT / names.len())
}

/// Returns a chart with the margins of all charts.
fn chart<'a, 'b>(area: &'a Area<'b>) -> ChartBuilder<'a, 'b, SVGBackend<'b>> {
    let mut builder = ChartBuilder::on(area);
    builder
        .margin(MARGIN)
        .margin_right(25)
        .x_label_area_size(30)
        .y_label_area_size(Y_LABELS);
    builder
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Returns the SVG of a drawing.
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    /// Returns the values of an attribute of the SVG's elements that contain `mark`.
    fn attributes<'a>(svg: &'a str, mark: &str, name: &str) -> Vec<&'a str> {
        let start = format!(" {name}=\"");
        svg.split('<')
            .filter(|element| element.contains(mark))
            .filter_map(|element| element.split_once(&start)?.1.split_once('"'))
            .map(|(value, _)| value)
            .collect()
    }

    #[test]
    fn the_legend_lies_above_the_curves() {
        let flat = |value: f64| (0..100).map(|step| (f64::from(step), value)).collect();
        let svg = curves(&[Curve::discriminator(flat(2.0)), Curve::generator(flat(1.0))]).unwrap();
        for color in [DISCRIMINATOR, GENERATOR] {
            let color = format!("#{:02X}{:02X}{:02X}", color.0, color.1, color.2);
            let lines = attributes(&svg, &color, "points");
            let top = |points: &&str| {
                let rows = points
                    .split_whitespace()
                    .map(|point| point.split_once(',').unwrap().1);
                rows.map(|row| row.parse::<u32>().unwrap()).min().unwrap()
            };
            let [entry, curve] =
                <[u32; 2]>::try_from(lines.iter().map(top).collect::<Vec<_>>()).unwrap();
            assert!(entry < LEGEND && curve > LEGEND, "{lines:?}");
        }
        assert!(
            svg.contains("discriminator") && svg.contains("generator"),
            "{svg}"
        );
    }

    #[test]
    fn bars_have_the_names_of_the_classes_if_they_fit() {
        let svg = |names: &[String]| histogram(names, &vec![5; names.len()]).unwrap();
        let fashion = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"];
        let shown = svg(&[fashion; 2]
            .concat()
            .into_iter()
            .map(String::from)
            .collect::<Vec<_>>());
        assert!(shown.contains("T-shirt/top"), "{shown}");
        let long: Vec<_> = (0..64).map(|class| format!("class {class}")).collect();
        let numbers = svg(&long);
        let labels = numbers.matches("</text>").count();
        assert!(!numbers.contains("class") && labels < 50, "{labels}");
    }

    #[test]
    fn a_single_curve_has_no_legend() {
        let svg = curves(&[Curve::quality(vec![(0.0, 5.0), (1000.0, 2.0)])]).unwrap();
        assert!(!svg.contains("FID"), "{svg}");
    }
}
