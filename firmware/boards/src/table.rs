//! Entries of the board table.

use crate::{Board, Display, ImageFormat, Memory, ModelRegion, Runner, Uf2};

const KIB: u64 = 1024;

/// Returns a model region of `kib` KiB that starts at `origin`, on a chip that erases `erase_kib` KiB together.
const fn model_region(origin: u64, kib: u64, erase_kib: u64) -> ModelRegion {
    ModelRegion {
        memory: Memory {
            origin,
            bytes: kib * KIB,
        },
        erase_bytes: erase_kib * KIB,
    }
}

/// OLED with an SSD1306, 128x64, on I2C.
const OLED: Display = Display {
    name: "SSD1306 OLED, 128x64, on I2C",
    width: 128,
    height: 64,
    bits: 1,
    bus_hz: 400_000,
    byte_bits: 9,
};

/// Reference board, emulated by QEMU with its display and buttons.
pub const EMULATED: Board = Board {
    name: "qemu-lm3s6965",
    title: "EK-LM3S6965 (emulated)",
    package: "lm3s",
    chip: "lm3s6965",
    image: ImageFormat::Plain,
    features: &[],
    target: "thumbv7m-none-eabi",
    core: "Cortex-M3",
    clock_hz: 50_000_000,
    runner: Runner::Qemu("lm3s6965evb"),
    uf2: None,
    flash: Memory {
        origin: 0,
        bytes: 224 * KIB,
    },
    model_region: Some(model_region(0x0003_8000, 32, 1)),
    ram: Memory {
        origin: 0x2000_0000,
        bytes: 64 * KIB,
    },
    program: 104 * KIB,
    ram_budget: 40 * KIB,
    stack_budget: 12 * KIB,
    display: Display {
        name: "SSD0323 OLED, 128x64, 16 grays, on SPI",
        width: 128,
        height: 64,
        bits: 4,
        bus_hz: 3_571_000,
        byte_bits: 8,
    },
};

/// A board with an nRF52 and an OLED.
const NRF: Board = Board {
    name: "nrf52840-dk",
    title: "nRF52840-DK",
    package: "nrf",
    chip: "nrf52840",
    image: ImageFormat::Plain,
    features: &["nrf52840"],
    target: "thumbv7em-none-eabihf",
    core: "Cortex-M4F",
    clock_hz: 64_000_000,
    runner: Runner::Probe {
        chip: "nRF52840_xxAA",
        plug: "the nRF52840-DK by its debugger's USB socket (J2), its power switch on",
    },
    uf2: None,
    flash: Memory {
        origin: 0,
        bytes: 768 * KIB,
    },
    model_region: Some(model_region(0x000c_0000, 256, 4)),
    ram: Memory {
        origin: 0x2000_0000,
        bytes: 256 * KIB,
    },
    program: 120 * KIB,
    ram_budget: 56 * KIB,
    stack_budget: 24 * KIB,
    display: OLED,
};

/// A Raspberry Pi Pico with a color display.
const PICO: Board = Board {
    name: "pico",
    title: "Raspberry Pi Pico",
    package: "rp",
    chip: "rp2040",
    image: ImageFormat::Plain,
    features: &["rp2040"],
    target: "thumbv6m-none-eabi",
    core: "Cortex-M0",
    clock_hz: 125_000_000,
    runner: Runner::Probe {
        chip: "RP2040",
        plug: "a debug probe to the Pico's three SWD pins, and both to USB",
    },
    uf2: Some(Uf2 {
        family: 0xe48b_ff56,
        drive: "RPI-RP2",
    }),
    flash: Memory {
        origin: 0x1000_0000,
        bytes: 1792 * KIB,
    },
    model_region: Some(model_region(0x101c_0000, 256, 4)),
    ram: Memory {
        origin: 0x2000_0000,
        bytes: 264 * KIB,
    },
    program: 160 * KIB,
    ram_budget: 128 * KIB,
    stack_budget: 24 * KIB,
    display: Display {
        name: "ST7789, 240x240 in color, on SPI",
        width: 240,
        height: 240,
        bits: 16,
        bus_hz: 31_250_000,
        byte_bits: 8,
    },
};

/// A board with an ESP32-C3 and an OLED.
const ESP: Board = Board {
    name: "esp32c3-devkit",
    title: "ESP32-C3-DevKitM-1",
    package: "esp",
    chip: "esp32c3",
    image: ImageFormat::EspIdf,
    features: &[],
    target: "riscv32imc-unknown-none-elf",
    core: "RV32IMAC",
    clock_hz: 160_000_000,
    runner: Runner::Probe {
        chip: "esp32c3",
        plug: "the board by the USB pins of its ESP32-C3 (GPIO18 and GPIO19), not by its USB-to-UART bridge",
    },
    uf2: None,
    // The first 64 KiB hold the boot loader and the partition table.
    flash: Memory {
        origin: 0x4200_0000,
        bytes: (4096 - 64) * KIB,
    },
    model_region: None,
    ram: Memory {
        origin: 0x3fc8_0000,
        bytes: 313 * KIB,
    },
    program: 176 * KIB,
    ram_budget: 64 * KIB,
    stack_budget: 24 * KIB,
    display: OLED,
};

/// Every board.
pub const BOARDS: [Board; 9] = [
    EMULATED,
    NRF,
    Board {
        name: "microbit-v2",
        title: "micro:bit v2",
        chip: "nrf52833",
        features: &["nrf52833"],
        runner: Runner::Probe {
            chip: "nRF52833_xxAA",
            plug: "the micro:bit by its USB socket",
        },
        flash: Memory {
            origin: 0,
            bytes: 384 * KIB,
        },
        model_region: Some(model_region(0x0006_0000, 128, 4)),
        ram: Memory {
            origin: 0x2000_0000,
            bytes: 128 * KIB,
        },
        ..NRF
    },
    PICO,
    Board {
        name: "rp2040-round",
        title: "Waveshare RP2040-LCD-1.28",
        runner: Runner::Probe {
            chip: "RP2040",
            plug: "a debug probe to SWCLK and SWDIO of the board's header H1, and both to USB",
        },
        display: Display {
            name: "the board's own round GC9A01, 240x240 in color, on SPI",
            width: 170,
            height: 170,
            ..PICO.display
        },
        ..PICO
    },
    Board {
        name: "pico2",
        title: "Raspberry Pi Pico 2",
        chip: "rp2350",
        features: &["rp235xa"],
        target: "thumbv8m.main-none-eabihf",
        core: "Cortex-M33",
        clock_hz: 150_000_000,
        runner: Runner::Probe {
            chip: "RP235x",
            plug: "a debug probe to the Pico 2's three SWD pins, and both to USB",
        },
        uf2: Some(Uf2 {
            family: 0xe48b_ff59,
            drive: "RP2350",
        }),
        flash: Memory {
            origin: 0x1000_0000,
            bytes: 3840 * KIB,
        },
        model_region: Some(model_region(0x103c_0000, 256, 4)),
        ram: Memory {
            origin: 0x2000_0000,
            bytes: 512 * KIB,
        },
        display: Display {
            bus_hz: 37_500_000,
            ..PICO.display
        },
        ..PICO
    },
    Board {
        name: "stm32f429i-disc1",
        title: "STM32F429I-DISC1",
        package: "stm32",
        chip: "stm32f429zi",
        features: &[],
        clock_hz: 168_000_000,
        runner: Runner::Probe {
            chip: "STM32F429ZITx",
            plug: "the board by its ST-LINK's USB socket (CN1)",
        },
        flash: Memory {
            origin: 0x0800_0000,
            bytes: 1920 * KIB,
        },
        model_region: Some(model_region(0x081e_0000, 128, 128)),
        ram: Memory {
            origin: 0x2000_0000,
            bytes: 192 * KIB,
        },
        program: 128 * KIB,
        ram_budget: 144 * KIB,
        stack_budget: 24 * KIB,
        display: Display {
            name: "the board's own ILI9341, 240x320 in color, on SPI",
            width: 240,
            height: 320,
            bits: 16,
            bus_hz: 21_000_000,
            byte_bits: 8,
        },
        ..NRF
    },
    Board {
        name: "esp32c3-oled",
        title: "ESP32-C3 with a 0.42 inch OLED",
        runner: Runner::Probe {
            chip: "esp32c3",
            plug: "the board by its USB socket",
        },
        display: Display {
            name: "the board's own SSD1306 OLED, 72x40, on I2C",
            width: 72,
            height: 40,
            ..OLED
        },
        ..ESP
    },
    ESP,
];
