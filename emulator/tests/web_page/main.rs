//! Browser tests of the web page: `web/tests` compares the page with values that the host computes, and the host checks the
//! recorded frames.

mod bad_files;
mod expectations;
mod frames;

use std::{fs, path::Path, thread};

use anyhow::{Context, Result};
use thumbgan_emulator::{
    process::run,
    web::{self, Project, Server},
};

#[test]
fn the_page_behaves_as_a_board_and_as_documented() -> Result<()> {
    web::build()?;
    web::check_types("tests")?;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("web-page");
    if folder.exists() {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    expectations::write(&folder)?;
    let server = Server::bind(&web::dist(), Some(0))?;
    let address = server.address()?;
    thread::spawn(move || server.run());
    run(&mut web::playwright(Project::Tests, &address, &folder)?)?;
    frames::check(&folder.join("frames"))
}
