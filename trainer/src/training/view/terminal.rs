//! State of the terminal: what it supports, and whether the live view has to restore it.

use std::{
    io::{self, IsTerminal},
    sync::atomic::{AtomicBool, Ordering},
};

/// True while the live view has the terminal in raw mode.
static ACTIVE: AtomicBool = AtomicBool::new(false);

/// Returns true if the terminal supports cursor movement and is visible to a user, which is not the case in most CI
/// systems.
pub fn is_capable() -> bool {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let dumb = set("TERM").map_or(!cfg!(windows), |terminal| terminal == "dumb");
    !dumb && set("CI").is_none()
}

/// Returns true if a user can see a live view and press keys.
pub fn is_interactive() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal() && is_capable()
}

/// Declares that the live view has changed the state of the terminal.
pub fn mark_active() {
    ACTIVE.store(true, Ordering::Relaxed);
}

/// Restores the terminal if the live view has changed its state.
pub fn restore() {
    if ACTIVE.swap(false, Ordering::Relaxed) {
        // A terminal that was closed cannot be restored.
        let _ = ratatui::try_restore();
    }
}
