//! Layout of the live view: draws the state of a run into the cells of a terminal.

use indicatif::FormattedDuration;
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    style::{Color, Style, Stylize},
    symbols::Marker,
    text::{Line, Text},
    widgets::{Axis, Block, Chart, Dataset, Gauge, GraphType, Paragraph},
};

use super::{digits::Digits, state::State};

const KEYS: &str = " p pause   s sample grid now   c checkpoint   q checkpoint and quit";
const DISCRIMINATOR: Color = Color::Cyan;
const GENERATOR: Color = Color::Yellow;

/// Draws the whole screen.
pub fn draw(frame: &mut Frame<'_>, state: &State) {
    let [title, bar, main, talk, keys] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(5),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    frame.render_widget(Line::from(format!(" {}", state.title)).bold(), title);
    progress(frame, bar, state);
    let [curves, samples] =
        Layout::horizontal([Constraint::Fill(5), Constraint::Fill(3)]).areas(main);
    let [losses, quality] =
        Layout::vertical([Constraint::Fill(1), Constraint::Fill(1)]).areas(curves);
    draw_losses(frame, losses, state);
    draw_fid(frame, quality, state);
    let block = Block::bordered().title(" images of fixed latents ");
    frame.render_widget(
        Digits {
            grays: &state.samples,
            monochrome: state.monochrome,
        },
        block.inner(samples),
    );
    frame.render_widget(block, samples);
    draw_talk(frame, talk, state);
    frame.render_widget(Line::from(KEYS).reversed(), keys);
}

fn progress(frame: &mut Frame<'_>, area: Rect, state: &State) {
    let [bar, words] =
        Layout::horizontal([Constraint::Fill(1), Constraint::Length(44)]).areas(area);
    let label = format!("{} of {}", state.iteration, state.iterations);
    let ratio = f64::from(state.iteration) / f64::from(state.iterations.max(1));
    let gauge = Gauge::default().ratio(ratio.clamp(0.0, 1.0)).label(label);
    frame.render_widget(
        gauge.gauge_style(Style::new().fg(Color::Green).bg(Color::Indexed(236))),
        bar,
    );
    let words_of = |rate: f64| {
        let left = state.left().map_or(String::new(), |left| {
            format!(", {} left", FormattedDuration(left))
        });
        format!("{rate:.1} iterations/s{left}")
    };
    let text = match (state.paused, state.busy) {
        _ if state.stopping => "stopping with a checkpoint".to_owned(),
        (true, _) => "PAUSED; press p to continue".to_owned(),
        (_, Some(busy)) => busy.to_owned(),
        _ => state.rate().map_or("starting".to_owned(), words_of),
    };
    frame.render_widget(Paragraph::new(format!("  {text}")), words);
}

fn draw_losses(frame: &mut Frame<'_>, area: Rect, state: &State) {
    let [d, g] = state.losses;
    let title = Line::from(vec![
        " loss ".into(),
        format!("D {d:.3} ").fg(DISCRIMINATOR),
        format!("G {g:.3} ").fg(GENERATOR),
    ]);
    let [on_d, on_g] = &state.curves;
    let curves = [
        (&on_d.points[..], DISCRIMINATOR),
        (&on_g.points[..], GENERATOR),
    ];
    chart(frame, area, title, &curves, f64::from(state.iterations));
}

fn draw_fid(frame: &mut Frame<'_>, area: Rect, state: &State) {
    let title = match state.fid.last() {
        Some((_, last)) => {
            let best = state
                .fid
                .iter()
                .map(|point| point.1)
                .fold(f64::INFINITY, f64::min);
            format!(" FID {last:.2}, best {best:.2} ")
        }
        None => " FID: not measured yet ".to_owned(),
    };
    chart(
        frame,
        area,
        title.into(),
        &[(&state.fid, Color::Green)],
        f64::from(state.iterations),
    );
}

/// Draws curves over iterations, with the largest value at the top.
fn chart(
    frame: &mut Frame<'_>,
    area: Rect,
    title: Line<'_>,
    curves: &[(&[(f64, f64)], Color)],
    last: f64,
) {
    let values = curves
        .iter()
        .flat_map(|(points, _)| points.iter().map(|point| point.1));
    let top = values.fold(0.0_f64, f64::max).max(1e-3) * 1.05;
    let datasets = curves.iter().map(|(points, color)| {
        let curve = Dataset::default()
            .data(points)
            .marker(Marker::Braille)
            .graph_type(GraphType::Line);
        curve.style(Style::new().fg(*color))
    });
    let chart = Chart::new(datasets.collect())
        .block(Block::bordered().title(title))
        .x_axis(Axis::default().bounds([0.0, last.max(1.0)]))
        .y_axis(
            Axis::default()
                .bounds([0.0, top])
                .labels(["0".to_owned(), short(top)]),
        );
    frame.render_widget(chart, area);
}

/// Formats a number with few characters.
fn short(value: f64) -> String {
    if value < 10.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.0}")
    }
}

fn draw_talk(frame: &mut Frame<'_>, area: Rect, state: &State) {
    let block = Block::bordered();
    let room = usize::from(block.inner(area).height);
    let lines = state
        .talk
        .iter()
        .skip(state.talk.len().saturating_sub(room))
        .map(|line| {
            let line_of = Line::from(line.as_str());
            if line.starts_with("warning") {
                line_of.fg(Color::Red)
            } else {
                line_of
            }
        });
    frame.render_widget(
        Paragraph::new(lines.collect::<Text<'_>>()).block(block),
        area,
    );
}

#[cfg(test)]
mod tests {
    use ratatui::{Terminal, backend::TestBackend};

    use super::*;

    fn drawn(width: u16, height: u16, state: &State) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(frame, state)).unwrap();
        terminal.backend().to_string()
    }

    fn state() -> State {
        let mut state = State::new("digits on mnist", 1_000, 400);
        state.losses = [0.75, 1.5];
        state.fid = vec![(200.0, 40.0), (400.0, 12.5), (600.0, 13.0)];
        state.samples = vec![255; 4 * 784];
        (0..400).for_each(|iteration| state.curves[1].add(iteration, 3.0));
        state.say("warning: it collapses");
        state
    }

    #[test]
    fn a_small_screen_shows_all_values() {
        let screen = drawn(80, 24, &state());
        for words in [
            "digits on mnist",
            "400 of 1000",
            "D 0.750",
            "G 1.500",
            "FID 13.00, best 12.50",
            "p pause",
        ] {
            assert!(screen.contains(words), "{words} is missing:\n{screen}");
        }
        assert!(screen.contains("warning: it collapses"), "{screen}");
        assert!(
            screen.contains("3.15"),
            "the scale of the losses is missing:\n{screen}"
        );
        assert!(
            screen.contains('▀')
                && screen
                    .chars()
                    .any(|c| ('\u{2801}'..='\u{28ff}').contains(&c)),
            "{screen}"
        );
    }

    #[test]
    fn pausing_and_stopping_are_shown_at_any_size() {
        let mut paused = state();
        paused.paused = true;
        assert!(drawn(100, 30, &paused).contains("PAUSED"));
        paused.stopping = true;
        assert!(drawn(100, 30, &paused).contains("stopping with a checkpoint"));
        for (width, height) in [(1, 1), (10, 3), (30, 8), (300, 100)] {
            drawn(width, height, &paused);
        }
    }
}
