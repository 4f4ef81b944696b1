// Timing of the PL022: rp2040js completes each transfer at once, the chip shifts one bit per bus clock.

/**
 * Connects a device to an SPI controller. The controller's 8-entry FIFO fills while a word is shifted, which paces
 * blocking loops and DMA requests as on the chip. `receive` gets each byte when its last bit has been shifted.
 */
export function connect(spi, clock, receive) {
  let word = 0;
  const shifted = clock.createAlarm(() => {
    if (spi.dataBits > 8) receive(word >> 8);
    receive(word & 0xff);
    spi.completeTransmit(0xff);
  });
  spi.onTransmit = (value) => {
    word = value;
    shifted.schedule((spi.dataBits * 1e9) / spi.clockFrequency);
  };
}
