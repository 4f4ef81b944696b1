//! thumbgan on the EK-LM3S6965: an OLED, five keys and a serial port that reports every frame.
#![no_std]
#![no_main]

use core::{
    fmt::{self, Write as _},
    panic::PanicInfo,
};

use cortex_m_rt::entry;
use embedded_hal_bus::spi::ExclusiveDevice;
use lm3s::{
    buttons::Buttons,
    gpio::Port,
    ssd0323::{Frame, Ssd0323},
    ssi::Ssi0,
    stack, system,
    timer::Timer,
    uart::Uart0,
};
use thumbgan_app::App;
use thumbgan_core::{Generator, SCRATCH};
use thumbgan_link::{Device, Link, Mode};

/// PA3: the panel's chip select, low while it is spoken to.
const PANEL_SELECT: u8 = 1 << 3;
/// PC7: the panel's D/C line.
const PANEL_DATA: u8 = 1 << 7;
/// PD0: the SD card's chip select. High leaves the bus to the panel.
const CARD_SELECT: u8 = 1 << 0;

#[entry]
fn main() -> ! {
    static mut FRAME: Frame = Frame::new();
    static mut LINK: Link = Link::new();

    system::start();
    let mut uart = Uart0::open();
    let core = cortex_m::Peripherals::take().expect("nobody else takes them");
    let timer = Timer::start(core.SYST);
    let mut buttons = Buttons::open();
    let mut app = App::new(thumbgan_model::BYTES);
    if let Some(model) = app.model() {
        let version = env!("CARGO_PKG_VERSION");
        let (name, bytes, crc) = (model.name(), model.size(), model.crc());
        report(&mut uart, format_args!("thumbgan {version} model {name} {bytes} bytes crc {crc:08x}"));
    }

    Port::D.output(CARD_SELECT);
    let Ok(spi) = ExclusiveDevice::new_no_delay(Ssi0::open(), Port::A.output(PANEL_SELECT));
    let Ok(mut panel) = Ssd0323::new(spi, Port::C.output(PANEL_DATA), FRAME);
    loop {
        let start = timer.micros();
        app.generate();
        app.set_micros(timer.micros().wrapping_sub(start));
        let Ok(()) = app.draw(FRAME);
        let Ok(()) = panel.flush(FRAME);
        match app.error() {
            None => {
                let (state, stack) = (app.state(), stack::high_water());
                report(&mut uart, format_args!("frame {state} stack={stack}"));
            }
            Some(error) => report(&mut uart, format_args!("error {error}")),
        }
        wait_for_key(&timer, &mut buttons, &mut app, &mut uart, LINK);
    }
}

/// The app as the serial link sees it.
struct Linked<'a, 'm> {
    app: &'a mut App<'m>,
    timer: &'a Timer,
}

impl<'m> Device<'m> for Linked<'_, 'm> {
    const HERTZ: u32 = 1_000_000;
    const BOARD: &'static str = "qemu-lm3s6965";

    fn generator(&mut self) -> Option<&mut Generator<'m, SCRATCH>> {
        self.app.generator()
    }

    fn ticks(&self) -> u32 {
        self.timer.micros()
    }

    fn set_mode(&mut self, _mode: Mode) {}
}

/// Answers what the serial link asks, and sleeps, until a key is released, which it passes on.
fn wait_for_key(timer: &Timer, buttons: &mut Buttons, app: &mut App<'_>, uart: &mut Uart0, link: &mut Link) {
    loop {
        timer.wait_tick();
        let mut linked = Linked { app, timer };
        while let Some(byte) = uart.receive() {
            if let Some(answer) = link.receive(byte, &mut linked) {
                uart.send(answer);
            }
        }
        let mut keys = buttons.released().peekable();
        if keys.peek().is_some() {
            return keys.for_each(|key| app.press(key));
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
