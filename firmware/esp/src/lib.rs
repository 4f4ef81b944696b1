//! Firmware of boards with an ESP32-C3: SSD1306 OLED on I2C, two buttons, and a serial port over the chip's USB Serial/JTAG.
#![no_std]
#![forbid(unsafe_code)]

use core::panic::PanicInfo;

use defmt_rtt as _;
use embassy_embedded_hal::adapter::BlockingAsync;
use embassy_time::Timer;
use embedded_graphics::{pixelcolor::BinaryColor, primitives::Rectangle};
use esp_hal::{
    Config,
    clock::CpuClock,
    gpio::{Input, InputConfig, Pull},
    i2c::master::{self, I2c},
    peripherals::TIMG0,
    rng::{Trng, TrngSource},
    rtc_cntl::SocResetReason,
    system::reset_reason,
    time::{Duration, Rate},
    timer::timg::{MwdtStage, TimerGroup, Wdt},
    usb::usb_serial_jtag::UsbSerialJtag,
};
use ssd1306::{I2CDisplayInterface, Ssd1306Async, prelude::*};
use thumbgan_app::{Buttons, draw_test_picture};
use thumbgan_embassy_support::{Chip, NoRegion, Panel, WATCHDOG_TIMEOUT, Watchdog, Window};

/// Clock of the display's bus.
const BUS: Rate = Rate::from_khz(400);

/// Runs the device on a board, by its name in the board table.
///
/// `visible` is the part of the controller's 128x64 pixels that the panel shows. If ACT is pressed at start-up, a test picture
/// with its borders and `caption` is shown until the button is released.
pub async fn run(board: &'static str, visible: Rectangle, caption: &str) -> ! {
    let chip = esp_hal::init(Config::default().with_cpu_clock(CpuClock::max()));
    let group = TimerGroup::new(chip.TIMG0);
    let mut watchdog = RunningWatchdog::start(group.wdt);
    esp_rtos::start(group.timer0, chip.FROM_CPU_INTR0);
    let pull_up = InputConfig::default().with_pull(Pull::Up);
    let (mode, act) = (
        Input::new(chip.GPIO9, pull_up),
        Input::new(chip.GPIO10, pull_up),
    );
    let (receiver, sender) = UsbSerialJtag::new(chip.USB_DEVICE).into_async().split();

    let Ok(bus) = I2c::new(chip.I2C0, master::Config::default().with_frequency(BUS)) else {
        defmt::panic!("I2C0 rejects {=u32} Hz", BUS.as_hz())
    };
    // Without interrupts, which the simulator of the tests does not deliver for I2C.
    let bus = BlockingAsync::new(bus.with_sda(chip.GPIO5).with_scl(chip.GPIO6));
    let oled = Ssd1306Async::new(
        I2CDisplayInterface::new(bus),
        DisplaySize128x64,
        DisplayRotation::Rotate0,
    );
    let mut panel = Window::new(oled.into_buffered_graphics_mode(), visible);
    if act.is_low() && show_test_picture(&mut panel, caption).await.is_ok() {
        while act.is_low() {
            watchdog.feed();
            Timer::after_millis(10).await;
        }
    }

    let buttons = || Buttons {
        mode: mode.is_low(),
        act: act.is_low(),
    };
    let chip = Chip {
        random: random(TrngSource::new(chip.RNG, chip.ADC1)),
        // The boot loader maps only the program's own segments of the flash, so a model outside of them cannot be used in
        // place.
        store: NoRegion,
        watchdog,
    };
    thumbgan_embassy_support::run(board, chip, &mut panel, buttons, receiver, sender).await
}

/// Watchdog that runs, the one of timer group 0.
struct RunningWatchdog(Wdt<TIMG0<'static>>);

impl RunningWatchdog {
    /// Starts the watchdog.
    fn start(mut watchdog: Wdt<TIMG0<'static>>) -> Self {
        let timeout = Duration::from_micros(WATCHDOG_TIMEOUT.as_micros());
        watchdog.set_timeout(MwdtStage::Stage0, timeout);
        watchdog.enable();
        Self(watchdog)
    }
}

impl Watchdog for RunningWatchdog {
    fn has_reset(&self) -> bool {
        reset_reason() == Some(SocResetReason::CoreMwdt0)
    }

    fn feed(&mut self) {
        self.0.feed();
    }
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

/// Logs a panic and stops, until the watchdog resets the chip.
#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    defmt::error!("{}", defmt::Display2Format(info));
    loop {
        core::hint::spin_loop();
    }
}
