//! Firmware of boards with an RP2040 or RP2350: display on SPI, two buttons, and the serial protocol over USB, wired as on
//! Waveshare's Pico-LCD-1.3.
#![no_std]

mod flash;
mod screen;
mod watchdog;

use embassy_futures::join::join;
use embassy_rp::{
    Peri, Peripherals, bind_interrupts,
    clocks::RoscRng,
    dma,
    gpio::{AnyPin, Input, Level, Output, Pull},
    peripherals::{DMA_CH0, USB},
    spi::{self, Spi},
    usb::{self, Driver},
};
use embassy_usb::{
    Builder,
    class::cdc_acm::{CdcAcmClass, State},
};
use embedded_graphics::pixelcolor::Rgb565;
use mipidsi::models::Model;
use static_cell::ConstStaticCell;
use thumbgan_app::Buttons;
use thumbgan_embassy_support::{Chip, DisplayBus, Tft};

pub use screen::{Light, ROUND, SQUARE, Screen};
use watchdog::RunningWatchdog;

bind_interrupts!(struct Interrupts {
    DMA_IRQ_0 => dma::InterruptHandler<DMA_CH0>;
    USBCTRL_IRQ => usb::InterruptHandler<USB>;
});

/// Maximum clock of the display's bus in hertz; the chips divide their clocks by even numbers.
const DISPLAY_HZ: u32 = 40_000_000;
/// Pixels of the largest image on the displays, which are sent while the next image is generated.
static BUFFER: ConstStaticCell<[u16; 198 * 198]> = ConstStaticCell::new([0; 198 * 198]);
/// Size of a USB packet in bytes.
const PACKET: usize = 64;
/// USB vendor and product ID for tests (pid.codes).
const USB_TEST: (u16, u16) = (0x1209, 0x0001);

/// Runs the device on a board, by its name in the board table.
pub async fn run<M: Model<ColorFormat = Rgb565>>(board: &'static str, screen: Screen<M>) {
    let chip: Peripherals = embassy_rp::init(embassy_rp::config::Config::default());
    let watchdog = RunningWatchdog::start(chip.WATCHDOG);
    let (mode, act) = (
        Input::new(chip.PIN_15, Pull::Up),
        Input::new(chip.PIN_17, Pull::Up),
    );
    let buttons = || Buttons {
        mode: mode.is_low(),
        act: act.is_low(),
    };

    let mut config = spi::Config::default();
    config.frequency = DISPLAY_HZ;
    let spi = Spi::new_txonly(
        chip.SPI1,
        chip.PIN_10,
        chip.PIN_11,
        chip.DMA_CH0,
        Interrupts,
        config,
    );
    let data = Output::new(chip.PIN_8, Level::Low);
    let select = Output::new(chip.PIN_9, Level::High);
    let reset = Output::new(chip.PIN_12, Level::High);
    let bus = DisplayBus::new(spi, data, select, BUFFER.take());
    let light: Peri<'_, AnyPin> = match screen.light {
        Light::Gpio13 => chip.PIN_13.into(),
        Light::Gpio25 => chip.PIN_25.into(),
    };
    let Some(display) = screen.start(bus.interface(), reset) else {
        defmt::panic!("the display's bus fails")
    };
    let mut panel = Tft::new(display, &bus);
    let _light = Output::new(light, Level::High);

    let mut config = embassy_usb::Config::new(USB_TEST.0, USB_TEST.1);
    config.manufacturer = Some("thumbgan");
    config.product = Some(board);
    let (mut descriptors, mut identity, mut control) = ([0; 256], [0; 64], [0; PACKET]);
    let mut state = State::new();
    let mut received = [0; PACKET];
    let driver = Driver::new(chip.USB, Interrupts);
    let mut usb = Builder::new(
        driver,
        config,
        &mut descriptors,
        &mut identity,
        &mut [],
        &mut control,
    );
    let (sender, receiver) = CdcAcmClass::new(&mut usb, &mut state, PACKET as u16).split();
    let receiver = receiver.into_buffered(&mut received);
    let mut usb = usb.build();
    let chip = Chip {
        random: RoscRng.next_u32(),
        store: flash::model_region(chip.FLASH),
        watchdog,
    };
    join(
        usb.run(),
        thumbgan_embassy_support::run(board, chip, &mut panel, buttons, receiver, sender),
    )
    .await;
}
