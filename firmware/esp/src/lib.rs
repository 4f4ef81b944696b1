//! Firmware of boards with an ESP32-C3: SSD1306 OLED on I2C, two buttons, and a serial port over the chip's USB Serial/JTAG.
#![no_std]
#![forbid(unsafe_code)]

use core::panic::PanicInfo;

use defmt_rtt as _;
use embassy_time::Timer;
use embedded_graphics::{pixelcolor::BinaryColor, primitives::Rectangle};
use esp_hal::{
    Config,
    clock::CpuClock,
    gpio::{Input, InputConfig, Pull},
    i2c::master::{self, I2c},
    rng::{Trng, TrngSource},
    time::Rate,
    timer::timg::TimerGroup,
    usb::usb_serial_jtag::UsbSerialJtag,
};
use ssd1306::{I2CDisplayInterface, Ssd1306Async, prelude::*};
use thumbgan_app::{Buttons, draw_test_picture};
use thumbgan_embassy_support::{NoRegion, Panel, Window};

/// Clock of the display's bus.
const BUS: Rate = Rate::from_khz(400);

/// Runs the device on a board, by its name in the board table.
///
/// `visible` is the part of the controller's 128x64 pixels that the panel shows. If ACT is pressed at start-up, a test picture
/// with its borders and `caption` is shown until the button is released.
pub async fn run(board: &'static str, visible: Rectangle, caption: &str) -> ! {
    let chip = esp_hal::init(Config::default().with_cpu_clock(CpuClock::max()));
    esp_rtos::start(TimerGroup::new(chip.TIMG0).timer0, chip.FROM_CPU_INTR0);
    let pull_up = InputConfig::default().with_pull(Pull::Up);
    let (mode, act) = (
        Input::new(chip.GPIO9, pull_up),
        Input::new(chip.GPIO10, pull_up),
    );
    let (receiver, sender) = UsbSerialJtag::new(chip.USB_DEVICE).into_async().split();

    let Ok(bus) = I2c::new(chip.I2C0, master::Config::default().with_frequency(BUS)) else {
        defmt::panic!("I2C0 rejects {=u32} Hz", BUS.as_hz())
    };
    let bus = bus.with_sda(chip.GPIO5).with_scl(chip.GPIO6).into_async();
    let oled = Ssd1306Async::new(
        I2CDisplayInterface::new(bus),
        DisplaySize128x64,
        DisplayRotation::Rotate0,
    );
    let mut panel = Window::new(oled.into_buffered_graphics_mode(), visible);
    if act.is_low() && show_test_picture(&mut panel, caption).await.is_ok() {
        while act.is_low() {
            Timer::after_millis(10).await;
        }
    }

    let buttons = || Buttons {
        mode: mode.is_low(),
        act: act.is_low(),
    };
    let random = random(TrngSource::new(chip.RNG, chip.ADC1));
    // The boot loader maps only the program's own segments of the flash, so a model outside of them cannot be used in place.
    let store = NoRegion;
    thumbgan_embassy_support::run(board, random, &mut panel, buttons, store, receiver, sender).await
}

/// Draws the test picture on a panel that has not been initialized.
async fn show_test_picture<P: Panel<Color = BinaryColor>>(
    panel: &mut P,
    caption: &str,
) -> Result<(), P::Error> {
    panel.set_up().await?;
    draw_test_picture(panel, caption)?;
    panel.send().await
}

/// Returns a random number; `_noise` feeds the chip's generator until it is dropped.
fn random(_noise: TrngSource<'_>) -> u32 {
    Trng::try_new().map_or(0, |generator| generator.random())
}

/// Logs a panic and stops.
#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    defmt::error!("{}", defmt::Display2Format(info));
    loop {
        core::hint::spin_loop();
    }
}
