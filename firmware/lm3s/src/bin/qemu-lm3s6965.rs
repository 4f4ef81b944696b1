//! Firmware of the EK-LM3S6965: OLED, five keys (an arrow key is MODE, select is ACT), and a serial port with a log line per
//! frame and the serial protocol.
#![no_std]
#![no_main]

use core::{
    fmt::{self, Write as _},
    panic::PanicInfo,
};

use cortex_m_rt::entry;
use embedded_hal_bus::spi::ExclusiveDevice;
use lm3s::{
    buttons::Keys,
    gpio::Port,
    region::model_region,
    ssi::Ssi0,
    stack, system,
    timer::{self, Timer},
    uart::Uart0,
};
use thumbgan_app::{App, RegionState, SCRATCH_LEN};
use thumbgan_protocol::Server;
use thumbgan_ssd0323::{Frame, Ssd0323};

/// PA3: chip select of the panel, active low.
const PANEL_SELECT: u8 = 1 << 3;
/// PC7: data/command line of the panel.
const PANEL_DATA: u8 = 1 << 7;
/// PD0: chip select of the SD card, active low; inactive, so that the panel has the bus.
const CARD_SELECT: u8 = 1 << 0;

#[entry]
fn main() -> ! {
    static mut FRAME: Frame = Frame::new();
    static mut SCRATCH: [u32; SCRATCH_LEN] = [0; SCRATCH_LEN];

    system::start();
    let mut uart = Uart0::open();
    let core = cortex_m::Peripherals::take().expect("taken once");
    let timer = Timer::start(core.SYST);
    let mut keys = Keys::open();
    let region = model_region();
    let mut server = Server::new("qemu-lm3s6965", timer::micros).with_region(region.len(), false);
    let built_in = thumbgan_bundled_model::BYTES;
    let mut app = App::with_region(built_in, region, SCRATCH, timer::micros);
    if let Some(model) = app.model() {
        let version = env!("CARGO_PKG_VERSION");
        let (name, bytes, crc) = (model.name(), model.file_len(), model.crc32());
        report(
            &mut uart,
            format_args!("thumbgan {version} model {name} {bytes} bytes crc {crc:08x}"),
        );
    }
    if let RegionState::Invalid(error) = app.region() {
        report(&mut uart, format_args!("model region: {error}"));
    }

    Port::D.output(CARD_SELECT);
    let Ok(spi) = ExclusiveDevice::new_no_delay(Ssi0::open(), Port::A.output(PANEL_SELECT));
    let Ok(mut panel) = Ssd0323::new(spi, Port::C.output(PANEL_DATA), FRAME);
    loop {
        while let Some(byte) = uart.receive() {
            if let Some(response) = server.receive(byte, &mut app) {
                uart.send(response);
            }
        }
        if let Some(response) = server.work(&mut app) {
            uart.send(response);
        }
        app.tick(keys.pressed());
        let Ok(changed) = app.draw(FRAME);
        let Some(changed) = changed else {
            if !server.is_busy() {
                timer.sleep();
            }
            continue;
        };
        // The last line of the log tells a test that stops the board whether the panel is between two frames.
        report(&mut uart, format_args!("draw"));
        let Ok(()) = panel.flush(FRAME, changed);
        match app.error() {
            None => {
                let (view, theme, took) = (app.view(), app.theme(), app.micros());
                let (at, stack) = (timer::micros() / 1000, stack::high_water());
                report(
                    &mut uart,
                    format_args!("frame {view} theme={theme} took={took} at={at} stack={stack}"),
                );
            }
            Some(error) => report(&mut uart, format_args!("error {error}")),
        }
    }
}

/// Writes a line of the log to the serial port.
fn report(uart: &mut Uart0, line: fmt::Arguments<'_>) {
    // The port never fails.
    let _ = writeln!(uart, "{line}");
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    report(&mut Uart0::open(), format_args!("{info}"));
    loop {
        cortex_m::asm::wfi();
    }
}
