//! The live view: a thread that draws the run and listens to keys, so that neither waits for training.

use std::{
    io::{self, IsTerminal},
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use ratatui::{
    DefaultTerminal,
    crossterm::{
        event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers},
        style::Colored,
    },
};

use super::{control::Control, screen, state::State};

/// How long keys are waited for before the next picture.
const FRAME: Duration = Duration::from_millis(100);
/// How long the view may take to end: one whose terminal is gone waits for keys without end.
const LEAVE: Duration = Duration::from_secs(2);

/// Whether the terminal is ours at the moment.
static ACTIVE: AtomicBool = AtomicBool::new(false);

/// The running view. Once this value is gone, the terminal is as it was, and what was said is printed there.
#[derive(Debug)]
pub struct Dashboard {
    state: Arc<Mutex<State>>,
    over: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// Whether a person looks at a terminal that can show pictures and take keys.
pub fn possible() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal() && able_terminal()
}

/// Whether the terminal, if there is one, moves its cursor and is looked at: not so in most CI.
pub fn able_terminal() -> bool {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let dumb = set("TERM").map_or(!cfg!(windows), |terminal| terminal == "dumb");
    !dumb && set("CI").is_none()
}

/// Gives the terminal back if it is ours; the program is about to leave.
pub fn restore_terminal() {
    if ACTIVE.swap(false, Ordering::Relaxed) {
        // A terminal that is gone cannot be given back.
        let _ = ratatui::try_restore();
    }
}

impl Dashboard {
    /// Takes over the terminal.
    ///
    /// # Errors
    /// When the terminal cannot be set up.
    pub fn start(state: Arc<Mutex<State>>, control: Arc<Control>) -> Result<Self> {
        let mut terminal =
            ratatui::try_init().context("cannot take over the terminal; --no-tui does without")?;
        ACTIVE.store(true, Ordering::Relaxed);
        locked(&state).colourless = Colored::ansi_color_disabled_memoized();
        let over = Arc::new(AtomicBool::new(false));
        let (shown, ended) = (Arc::clone(&state), Arc::clone(&over));
        let thread = thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                // A terminal that is gone shows nothing; the run goes on without. To drop it would panic, for want of
                // a place to complain that its cursor cannot be shown again.
                if turn(&mut terminal, &shown, &control).is_err() {
                    mem::forget(terminal);
                    return;
                }
            }
        });
        Ok(Self {
            state,
            over,
            thread,
        })
    }
}

impl Drop for Dashboard {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let start = Instant::now();
        while !self.thread.is_finished() && start.elapsed() < LEAVE {
            thread::sleep(FRAME / 10);
        }
        restore_terminal();
        for line in &locked(&self.state).talk {
            outln!("{line}");
        }
    }
}

/// A view goes on after a panic elsewhere.
fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One picture, and the keys that come in the meantime.
fn turn(terminal: &mut DefaultTerminal, state: &Mutex<State>, control: &Control) -> io::Result<()> {
    terminal.draw(|frame| {
        let mut state = locked(state);
        (state.paused, state.stopping) = (control.is_paused(), control.wants_quit());
        screen::draw(frame, &state);
    })?;
    if !event::poll(FRAME)? {
        return Ok(());
    }
    if let Event::Key(KeyEvent {
        code,
        modifiers,
        kind: KeyEventKind::Press,
        ..
    }) = event::read()?
    {
        match code {
            KeyCode::Char('c') if modifiers.contains(KeyModifiers::CONTROL) => control.stop(),
            KeyCode::Char('p') => control.toggle_pause(),
            KeyCode::Char('s') => control.sample(),
            KeyCode::Char('c') => control.checkpoint(),
            KeyCode::Char('q') => control.quit(),
            _ => {}
        }
    }
    Ok(())
}
