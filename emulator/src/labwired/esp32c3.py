"""Runs an ESP32-C3 program in labwired and prints the transactions on its I2C bus, one a line, as hexadecimal bytes.

The first line of the output is the number of bytes of the stack that the program has used.

Arguments: ELF file, folder for temporary files, milliseconds, the first address after the stack, and the numbers of the GPIOs
that are held low.
The environment variable LABWIRED_ESP32C3_ROM has the path of the image of the mask ROM.
"""

import pathlib
import sys

import labwired

CONFIGS = pathlib.Path(labwired.__file__).parent / "configs"

# What the packaged description of the chip lacks: registers of the analog blocks, and the model of the system timer.
CHANGES = [
    ("../peripherals", str(CONFIGS / "peripherals")),
    (
        "\nperipherals:\n",
        '\n  - name: "regi2c"\n    base: 0x6000E000\n    size: "4KB"\nperipherals:\n',
    ),
    (
        'id: "systimer"\n    type: "declarative"',
        'id: "systimer"\n    type: "esp32s3_systimer"\n    irq: 37',
    ),
]

SYSTEM = """\
name: "thumbgan"
chip: "{chip}"
cpu_hz: 160_000_000
external_devices:
  - id: "oled"
    type: "oled-ssd1306"
    connection: "i2c0"
    route:
      sda: "GPIO5"
      scl: "GPIO6"
    config:
      i2c_address: 0x3C
board_io:
"""

BUTTON = """\
  - id: "gpio{pin}"
    kind: "button"
    peripheral: "gpio"
    pin: {pin}
    signal: "input"
    active_high: false
"""

# Registers that the simulator does not set: a debugger is active (its watchpoints, which are not modeled, are not set up), and
# the status of software interrupt 0, which a program waits for after it has raised the interrupt.
REGISTERS = [(0x600CE098, 2), (0x600C20FC, 1 << 18)]


def simulation(elf, folder, pins):
    chip = (CONFIGS / "chips" / "esp32c3.yaml").read_text()
    for old, new in CHANGES:
        assert old in chip, f"labwired's esp32c3.yaml lacks {old!r}"
        chip = chip.replace(old, new)
    (folder / "chip.yaml").write_text(chip)
    system = SYSTEM.format(chip=folder / "chip.yaml")
    system += "".join(BUTTON.format(pin=pin) for pin in (9, 10))
    (folder / "system.yaml").write_text(system)
    sim = labwired.Sim(elf, system=folder / "system.yaml")
    for address, value in REGISTERS:
        sim.write_u32(address, value)
        assert sim.read_u32(address) == value, f"{address:#x} is not writable"
    for pin in pins:
        sim.set_pin(f"gpio{pin}", True)
    return sim


# Value of the words of the stack that the program has not used, and the number of bytes that are checked.
PAINT = 0xA5A5A5A5
STACK = 32 * 1024


def main(elf, folder, millis, start, *pins):
    sim = simulation(elf, pathlib.Path(folder), pins)
    stack = range(int(start) - STACK, int(start), 4)
    for address in stack:
        sim.write_u32(address, PAINT)
    sim.run_for(f"{millis}ms")
    print(next(int(start) - address for address in stack if sim.read_u32(address) != PAINT))
    transaction = []
    for frame in sim.frames():
        if frame["bus"] != "i2c0":
            continue
        event = frame["payload"]
        if event["kind"].startswith("addr"):
            print(*transaction)
            transaction = []
        elif event["kind"] == "data":
            transaction.append(f"{event['byte']:02x}")
    print(*transaction)


main(*sys.argv[1:])
