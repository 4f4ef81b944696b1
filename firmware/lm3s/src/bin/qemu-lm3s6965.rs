//! thumbgan on the EK-LM3S6965: an OLED, five keys (an arrow is MODE, select is ACT) and a serial port that
//! reports every frame and answers requests.
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
    ssd0323::{Frame, Ssd0323},
    ssi::Ssi0,
    stack, system,
    timer::{self, Timer},
    uart::Uart0,
};
use thumbgan_app::App;
use thumbgan_link::Link;

/// PA3: the panel's chip select, low while it is spoken to.
const PANEL_SELECT: u8 = 1 << 3;
/// PC7: the panel's D/C line.
const PANEL_DATA: u8 = 1 << 7;
/// PD0: the SD card's chip select. High leaves the bus to the panel.
const CARD_SELECT: u8 = 1 << 0;

#[entry]
fn main() -> ! {
    static mut FRAME: Frame = Frame::new();

    system::start();
    let mut uart = Uart0::open();
    let core = cortex_m::Peripherals::take().expect("nobody else takes them");
    let timer = Timer::start(core.SYST);
    let mut keys = Keys::open();
    let mut link = Link::new("qemu-lm3s6965", timer::micros);
    let mut app = App::new(thumbgan_model::BYTES, timer::micros);
    if let Some(model) = app.model() {
        let version = env!("CARGO_PKG_VERSION");
        let (name, bytes, crc) = (model.name(), model.size(), model.crc());
        report(&mut uart, format_args!("thumbgan {version} model {name} {bytes} bytes crc {crc:08x}"));
    }

    Port::D.output(CARD_SELECT);
    let Ok(spi) = ExclusiveDevice::new_no_delay(Ssi0::open(), Port::A.output(PANEL_SELECT));
    let Ok(mut panel) = Ssd0323::new(spi, Port::C.output(PANEL_DATA), FRAME);
    loop {
        while let Some(byte) = uart.receive() {
            if let Some(answer) = link.receive(byte, &mut app) {
                uart.send(answer);
            }
        }
        if let Some(answer) = link.work(&mut app) {
            uart.send(answer);
        }
        app.tick(keys.pressed());
        let Ok(changed) = app.draw(FRAME);
        let Some(changed) = changed else {
            if !link.is_busy() {
                timer.sleep();
            }
            continue;
        };
        // Whoever stops the board can tell by the last line whether the panel is between two frames.
        report(&mut uart, format_args!("draw"));
        let Ok(()) = panel.flush(FRAME, changed);
        match app.error() {
            None => {
                let (scene, look, took) = (app.scene(), app.look(), app.micros());
                let (at, stack) = (timer::micros() / 1000, stack::high_water());
                report(
                    &mut uart,
                    format_args!("frame {scene} look={look} took={took} at={at} stack={stack}"),
                );
            }
            Some(error) => report(&mut uart, format_args!("error {error}")),
        }
    }
}

/// One line on the serial port.
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
