// Erasing and programming of the W25Q16JV flash, which takes time and can be interrupted by a power failure.

const SECTOR = 4096;
const PAGE = 256;
/** Typical time to erase a sector and to program a page, in nanoseconds (data sheet of the W25Q16JV). */
const ERASE_NANOS = 45e6;
const PROGRAM_NANOS = 0.4e6;

/** Erases complete sectors. */
export function erase(chip, address, length) {
  if (address % SECTOR || length % SECTOR) {
    chip.stop(`erasing of ${length} bytes at ${address}: not complete sectors of ${SECTOR} bytes`);
    return;
  }
  for (let at = address; at < address + length && !chip.stopped; at += SECTOR) {
    const done = chip.operate(ERASE_NANOS);
    const sector = chip.mcu.flash.subarray(at, at + SECTOR);
    // An interrupted erase leaves each bit erased or not.
    sector.forEach((byte, index) => {
      sector[index] = done < 1 ? byte | chip.noise(done) : 0xff;
    });
  }
}

/** Programs complete pages; programming can only clear bits. */
export function program(chip, address, bytes) {
  if (address % PAGE || bytes.length % PAGE) {
    chip.stop(`programming of ${bytes.length} bytes at ${address}: not complete pages of ${PAGE} bytes`);
    return;
  }
  for (let at = 0; at < bytes.length && !chip.stopped; at += PAGE) {
    const done = chip.operate(PROGRAM_NANOS);
    const page = chip.mcu.flash.subarray(address + at, address + at + PAGE);
    // An interrupted program leaves each bit programmed or not.
    page.forEach((byte, index) => {
      page[index] = byte & (bytes[at + index] | (done < 1 ? ~chip.noise(done) : 0));
    });
  }
}
