//! Firmware of the STM32F429I-DISC1: built-in 240x320 display over SPI, the user button as MODE, a button between PC3 and GND as
//! ACT, and the serial protocol through the debugger's USB port.
#![no_std]
#![no_main]
#![expect(
    clippy::used_underscore_binding,
    reason = "the executor's macro passes the spawner on"
)]

use defmt_rtt as _;
use embassy_executor::Spawner;
use embassy_stm32::{
    Config, Peri, bind_interrupts, dma,
    flash::Flash,
    gpio::{Input, Level, Output, Pull, Speed},
    pac,
    peripherals::{DMA2_CH4, IWDG, RNG, USART1},
    rcc,
    rng::{self, Rng},
    spi::{self, Spi},
    time::Hertz,
    usart::{self, BufferedUart},
    wdg::IndependentWatchdog,
};
use embassy_time::Delay;
use mipidsi::{
    models::ILI9341Rgb565,
    options::{ColorOrder, Orientation, Rotation},
};
use panic_probe as _;
use static_cell::ConstStaticCell;
use thumbgan_app::Buttons;
use thumbgan_embassy_support::{Chip, DisplayBus, FlashRegion, Tft, WATCHDOG_TIMEOUT, Watchdog};

bind_interrupts!(struct Interrupts {
    DMA2_STREAM4 => dma::InterruptHandler<DMA2_CH4>;
    HASH_RNG => rng::InterruptHandler<RNG>;
    USART1 => usart::BufferedInterruptHandler<USART1>;
});

/// Frequency of the board's crystal.
const CRYSTAL: Hertz = Hertz(8_000_000);
/// Address of the flash. The model region is the last sector, in the second bank, so the program runs on while it is erased.
const FLASH_START: usize = 0x0800_0000;
/// Most pixels that are sent while the next image is generated; those of larger parts of an image are sent before.
static BUFFER: ConstStaticCell<[u16; 48 * 1024]> = ConstStaticCell::new([0; 48 * 1024]);
/// Clock of the display's bus.
const DISPLAY: Hertz = Hertz(21_000_000);

/// Returns the clock configuration: 168 MHz from the crystal, 84 MHz for the display's bus and the serial port, 48 MHz for the
/// random number generator.
fn clocks() -> Config {
    let mut config = Config::default();
    config.rcc.hse = Some(rcc::Hse {
        freq: CRYSTAL,
        mode: rcc::HseMode::Oscillator,
    });
    config.rcc.pll_src = rcc::PllSource::HSE;
    config.rcc.pll = Some(rcc::Pll {
        prediv: rcc::PllPreDiv::DIV4,
        mul: rcc::PllMul::MUL168,
        divp: Some(rcc::PllPDiv::DIV2),
        divq: Some(rcc::PllQDiv::DIV7),
        divr: None,
    });
    config.rcc.sys = rcc::Sysclk::PLL1_P;
    config.rcc.apb1_pre = rcc::APBPrescaler::DIV4;
    config.rcc.apb2_pre = rcc::APBPrescaler::DIV2;
    config
}

/// Watchdog that runs. It stands still while a debugger halts the processor.
struct RunningWatchdog {
    watchdog: IndependentWatchdog<'static, IWDG>,
    /// True if the watchdog has caused the last reset.
    has_reset: bool,
}

impl RunningWatchdog {
    /// Starts the watchdog.
    fn start(peripheral: Peri<'static, IWDG>) -> Self {
        pac::DBGMCU
            .apb1fzr()
            .modify(|stopped| stopped.set_iwdg(true));
        let reasons = pac::RCC.csr();
        let has_reset = reasons.read().wdgrstf();
        reasons.modify(|reasons| reasons.set_rmvf(true));
        let mut watchdog =
            IndependentWatchdog::new(peripheral, WATCHDOG_TIMEOUT.as_micros() as u32);
        watchdog.unleash();
        Self {
            watchdog,
            has_reset,
        }
    }
}

impl Watchdog for RunningWatchdog {
    fn has_reset(&self) -> bool {
        self.has_reset
    }

    fn feed(&mut self) {
        self.watchdog.pet();
    }
}

#[embassy_executor::main]
async fn main(_spawner: Spawner) {
    let chip = embassy_stm32::init(clocks());
    let watchdog = RunningWatchdog::start(chip.IWDG);
    let (mode, act) = (
        Input::new(chip.PA0, Pull::Down),
        Input::new(chip.PC3, Pull::Up),
    );
    let buttons = || Buttons {
        mode: mode.is_high(),
        act: act.is_low(),
    };

    let (mut sent, mut received) = ([0; 128], [0; 320]);
    let serial = BufferedUart::new(
        chip.USART1,
        chip.PA10,
        chip.PA9,
        &mut sent,
        &mut received,
        Interrupts,
        usart::Config::default(),
    );
    let Ok(serial) = serial else {
        defmt::panic!("USART1 refuses 115,200 baud")
    };
    let (sender, receiver) = serial.split();

    let mut config = spi::Config::default();
    config.frequency = DISPLAY;
    let spi = Spi::new_txonly(
        chip.SPI5,
        chip.PF7,
        chip.PF9,
        chip.DMA2_CH4,
        Interrupts,
        config,
    );
    // The gyroscope shares the bus, and the display has a parallel interface: both are disabled.
    let _gyroscope = Output::new(chip.PC1, Level::High, Speed::Low);
    let _read = Output::new(chip.PD12, Level::High, Speed::Low);
    let select = Output::new(chip.PC2, Level::High, Speed::VeryHigh);
    let data = Output::new(chip.PD13, Level::Low, Speed::VeryHigh);
    let bus = DisplayBus::new(spi, data, select, BUFFER.take());
    let display = mipidsi::Builder::new(ILI9341Rgb565, bus.interface())
        .color_order(ColorOrder::Bgr)
        // Rows and columns in reverse order, as in ST's driver for this board.
        .orientation(Orientation::new().rotate(Rotation::Deg180))
        .init(&mut Delay);
    let Ok(display) = display else {
        defmt::panic!("the display's bus fails")
    };
    let mut panel = Tft::new(display, &bus);
    let chip = Chip {
        random: Rng::new(chip.RNG, Interrupts).next_u32(),
        store: FlashRegion::new(Flash::new_blocking(chip.FLASH), FLASH_START),
        watchdog,
    };
    let board = "stm32f429i-disc1";
    thumbgan_embassy_support::run(board, chip, &mut panel, buttons, receiver, sender).await;
}
