//! Uploads into the model region of a board in memory, and losses of its power.

use std::{cell::Cell, rc::Rc, sync::LazyLock};

use thumbgan_app::{App, RegionState, SCRATCH_LEN};
use thumbgan_core::{Model, include_model};
use thumbgan_protocol::{BLOCK_LEN, ErrorResponse, ModelStore, RegionStatus, Request, Response};

use crate::{
    board::{MODEL, UNCONDITIONAL, request_frame, ticks, wait},
    flash_board::{Board, REGION, SECTOR},
};

/// Model that is uploaded: the built-in one under another name.
static UPLOADED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut file = MODEL.to_vec();
    let name = file
        .windows(6)
        .position(|letters| letters == b"digits")
        .unwrap();
    file[name] = b'D';
    let end = file.len() - 4;
    let crc = thumbgan_core::crc32(&file[..end]);
    file[end..].copy_from_slice(&crc.to_le_bytes());
    file
});
/// Model that was in the region before.
static OLD: &[u8] = include_model!("../../../../models/digits-xs.tgan");

impl Board {
    /// Uploads a file completely.
    fn upload(&mut self, file: &[u8]) -> Result<(), ErrorResponse> {
        for request in upload(file) {
            self.result(request)?;
        }
        Ok(())
    }
}

fn crc32(file: &[u8]) -> u32 {
    Model::parse(file).unwrap().crc32()
}

/// Returns the requests of an upload.
fn upload(file: &[u8]) -> Vec<Request<'_>> {
    let block = |offset: usize| Request::WriteBlock {
        offset: offset as u32,
        bytes: &file[offset..file.len().min(offset + BLOCK_LEN)],
    };
    let mut requests = vec![Request::BeginUpload {
        file_len: file.len() as u32,
    }];
    requests.extend((BLOCK_LEN..file.len()).step_by(BLOCK_LEN).map(block));
    requests.push(block(0));
    requests.push(Request::CommitUpload {
        crc32: file.last_chunk().map_or(0, |crc| u32::from_le_bytes(*crc)),
    });
    requests
}

#[test]
fn an_uploaded_model_runs_and_survives_a_restart() {
    let mut board = Board::new(&[]);
    assert_eq!(board.running(), crc32(MODEL));
    assert_eq!(board.region(), (RegionStatus::Empty, String::new()));
    board.upload(OLD).unwrap();
    assert_eq!(board.running(), crc32(OLD));
    assert_eq!(board.region(), (RegionStatus::Used, String::new()));
    board.restart();
    assert_eq!(board.running(), crc32(OLD));
    board.upload(&UPLOADED).unwrap();
    assert_eq!(board.running(), crc32(&UPLOADED));
}

#[test]
fn the_region_describes_itself() {
    let mut board = Board::new(b"no model");
    board.request(Request::Region, |response| {
        assert_eq!(
            response,
            Response::Region {
                capacity: REGION as u32,
                is_writable: true,
                scratch_len: SCRATCH_LEN as u32,
                status: RegionStatus::Invalid,
                error: "not a thumbgan model: the first bytes are not TGAN",
            }
        );
    });
    board.result(upload(OLD)[0]).unwrap();
    assert_eq!(board.region().0, RegionStatus::Uploading);
    assert_eq!(board.running(), crc32(MODEL));
}

#[test]
fn only_erased_bytes_are_written_and_only_sectors_of_the_file_are_erased() {
    let mut board = Board::new(&vec![0; REGION]);
    board.upload(&UPLOADED).unwrap();
    let end = UPLOADED.len().next_multiple_of(SECTOR);
    assert!(board.flash.bytes()[end..].iter().all(|byte| *byte == 0));
    assert_eq!(board.flash.changed, end + UPLOADED.len());
    // Erased sectors are not erased again.
    let mut board = Board::new(&[]);
    board.upload(&UPLOADED).unwrap();
    assert_eq!(board.flash.changed, UPLOADED.len());
}

#[test]
fn repeated_requests_are_ignored() {
    let mut board = Board::new(OLD);
    let all = upload(&UPLOADED);
    for (index, request) in all.iter().enumerate() {
        board.result(*request).unwrap();
        let changed = board.flash.changed;
        board.result(*request).unwrap();
        assert_eq!(board.flash.changed, changed, "request {index}");
        if index % 10 == 5 {
            board.result(all[index - 1]).unwrap();
        }
    }
    assert_eq!(board.running(), crc32(&UPLOADED));
}

#[test]
fn files_that_are_too_long_change_nothing() {
    let mut board = Board::new(OLD);
    let long = vec![0; REGION + 4];
    let error = board.upload(&long).unwrap_err();
    let capacity = REGION as u32;
    assert_eq!(error, ErrorResponse::TooLarge { capacity });
    assert_eq!(board.flash.changed, 0);
    assert_eq!(board.running(), crc32(OLD));
    assert_eq!(board.region().0, RegionStatus::Used);
    let message = error.to_string();
    assert!(message.contains("region of 32768 bytes"), "{message}");
}

#[test]
fn invalid_files_end_with_the_built_in_model() {
    let mut damaged = UPLOADED.to_vec();
    damaged[5000] ^= 1;
    let mut newer = UPLOADED.to_vec();
    newer[4] += 1;
    for file in [&damaged, &newer] {
        let mut board = Board::new(OLD);
        assert_eq!(board.upload(file), Err(ErrorResponse::InvalidUpload));
        assert_eq!(board.running(), crc32(MODEL));
        let (status, error) = board.region();
        assert_eq!(status, RegionStatus::Invalid);
        assert!(!error.is_empty());
    }
    // A valid file with another CRC-32 than the one of the request.
    let mut board = Board::new(OLD);
    let mut all = upload(&UPLOADED);
    all.pop();
    for request in all {
        board.result(request).unwrap();
    }
    let error = board.result(Request::CommitUpload { crc32: 1 });
    assert_eq!(error, Err(ErrorResponse::InvalidUpload));
}

#[test]
fn blocks_out_of_order_end_the_upload() {
    let all = upload(&UPLOADED);
    let first = all[all.len() - 2];
    let short = Request::WriteBlock {
        offset: 256,
        bytes: &UPLOADED[256..508],
    };
    let long = Request::WriteBlock {
        offset: 256,
        bytes: &UPLOADED[256..513],
    };
    let outside = Request::WriteBlock {
        offset: UPLOADED.len().next_multiple_of(256) as u32,
        bytes: &[0; 256],
    };
    let commit = *all.last().unwrap();
    for wrong in [all[2], first, short, long, outside, commit] {
        let mut board = Board::new(OLD);
        board.result(all[0]).unwrap();
        assert_eq!(board.result(wrong), Err(ErrorResponse::UnexpectedBlock));
        assert_eq!(board.result(all[1]), Err(ErrorResponse::NoUpload));
        assert_eq!(board.running(), crc32(MODEL));
        board.upload(&UPLOADED).unwrap();
        assert_eq!(board.running(), crc32(&UPLOADED));
    }
}

#[test]
fn blocks_without_an_upload_are_errors() {
    let mut board = Board::new(OLD);
    for request in &upload(&UPLOADED)[1..] {
        assert_eq!(board.result(*request), Err(ErrorResponse::NoUpload));
    }
    assert_eq!(board.flash.changed, 0);
    assert_eq!(board.running(), crc32(OLD));
}

#[test]
fn an_upload_whose_host_disappears_ends_and_can_be_repeated() {
    let mut board = Board::new(OLD);
    for request in &upload(&UPLOADED)[..20] {
        board.result(*request).unwrap();
    }
    // Noise and half a frame.
    board.receive(b"\0garbage\0 and half");
    assert_eq!(board.region().0, RegionStatus::Uploading);
    wait(10_000_001);
    assert!(board.server.write_flash(&mut board.flash).is_none());
    assert!(!board.server.is_uploading());
    assert_eq!(board.region().0, RegionStatus::Invalid);
    assert_eq!(board.running(), crc32(MODEL));
    board.upload(&UPLOADED).unwrap();
    assert_eq!(board.running(), crc32(&UPLOADED));
}

#[test]
fn noise_between_the_frames_does_not_disturb_an_upload() {
    let mut board = Board::new(OLD);
    for (index, request) in upload(&UPLOADED).into_iter().enumerate() {
        let mut frame = request_frame(1, request);
        let middle = frame.len() / 2;
        frame[middle] ^= 4;
        assert_eq!(board.receive(&frame), [], "a damaged frame");
        assert_eq!(board.receive(&frame[..middle]), [], "half a frame");
        board.receive(b"\0log text\r\n");
        if index % 10 == 0 {
            assert_eq!(
                board.result(Request::SetMode(thumbgan_protocol::Mode::Walk)),
                Ok(())
            );
        }
        board.result(request).unwrap();
    }
    assert_eq!(board.running(), crc32(&UPLOADED));
}

#[test]
fn flash_that_loses_a_byte_is_an_error() {
    let mut board = Board::new(OLD);
    board.flash.worn = Some(7000);
    assert_eq!(board.upload(&UPLOADED), Err(ErrorResponse::FlashFailed));
    assert_eq!(board.running(), crc32(MODEL));
}

#[test]
fn boards_that_cannot_write_their_flash_say_so() {
    let mut board = crate::board::Board::new(UNCONDITIONAL);
    for request in upload(&UPLOADED) {
        board.request(request, |response| {
            assert_eq!(response, Response::Error(ErrorResponse::ReadOnly));
        });
    }
    board.request(Request::Region, |response| {
        let Response::Region {
            capacity,
            is_writable,
            status,
            ..
        } = response
        else {
            panic!("{response:?}")
        };
        assert_eq!(
            (capacity, is_writable, status),
            (0, false, RegionStatus::Empty)
        );
    });
}

#[test]
fn power_lost_after_any_byte_leaves_the_old_the_new_or_the_built_in_model() {
    for is_backward in [false, true] {
        let mut board = Board::new(OLD);
        board.flash.is_backward = is_backward;
        let mut scratch = vec![0; SCRATCH_LEN];
        let counts = Rc::new(Cell::new([0; 2]));
        let counter = Rc::clone(&counts);
        let crcs = [crc32(MODEL), crc32(&UPLOADED)];
        board.flash.observe = Box::new(move |flash| {
            // The board starts anew with this content.
            let app = App::with_region(MODEL, flash, &mut scratch, ticks);
            let model = app.model().expect("a model runs");
            let [mut built_in, mut new] = counter.get();
            match (model.crc32(), app.region()) {
                (crc, RegionState::Invalid(_)) if crc == crcs[0] => built_in += 1,
                (crc, RegionState::Used) if crc == crcs[1] => new += 1,
                (_, state) => panic!("{} with {state:?}", model.name()),
            }
            counter.set([built_in, new]);
        });
        board.upload(&UPLOADED).unwrap();
        let all = UPLOADED.len().next_multiple_of(SECTOR) + UPLOADED.len();
        // Only the last byte completes the new model, and no byte of the old one was left to run.
        assert_eq!(counts.get(), [all - 1, 1]);
        assert_eq!(board.flash.changed, all);
    }
}
