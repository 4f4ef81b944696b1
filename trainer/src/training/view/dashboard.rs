//! Live view: a thread that draws the state of the run and reads keys, so that neither delays training.

use std::{
    io, mem,
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

use super::{control::Control, screen, state::State, terminal};

/// Time to wait for keys between two frames.
const FRAME: Duration = Duration::from_millis(100);
/// Maximum time for ending the view; without its terminal it would wait for keys forever.
const LEAVE: Duration = Duration::from_secs(2);

/// Running live view. When it is dropped, the terminal is restored and the messages are printed.
#[derive(Debug)]
pub struct Dashboard {
    state: Arc<Mutex<State>>,
    over: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Dashboard {
    /// Starts the live view.
    ///
    /// # Errors
    /// If the terminal cannot be set up.
    pub fn start(state: Arc<Mutex<State>>, control: Arc<Control>) -> Result<Self> {
        let mut terminal =
            ratatui::try_init().context("cannot set up the terminal; use --no-tui")?;
        terminal::mark_active();
        locked(&state).monochrome = Colored::ansi_color_disabled_memoized();
        let over = Arc::new(AtomicBool::new(false));
        let (shown, ended) = (Arc::clone(&state), Arc::clone(&over));
        let thread = thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                // The run continues without a closed terminal. The value is forgotten, because dropping it
                // panics when the cursor cannot be restored.
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
        terminal::restore();
        for line in &locked(&self.state).talk {
            outln!("{line}");
        }
    }
}

/// Locks the state, even after a panic in another thread.
fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Draws one frame and processes the keys until the next one.
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
