/** A picture's size upright, and where its pixel (x, y) is stored. */
export interface Upright {
  readonly width: number;
  readonly height: number;
  readonly stored: (x: number, y: number) => number;
}

/**
 * How a picture of width × height stored pixels stands upright, by the orientation of its Exif data, 1 to 8: on which sides
 * its first row and its first column belong. Cameras store what their sensor saw, and write down how they were held.
 *
 * Source: Exif 2.32 (CIPA DC-008), section 4.6.4, tag 274
 */
export function upright(width: number, height: number, orientation: number): Upright {
  const [right, bottom] = [width - 1, height - 1];
  const places: Readonly<Record<number, (x: number, y: number) => [column: number, row: number]>> = {
    2: (x, y) => [right - x, y],
    3: (x, y) => [right - x, bottom - y],
    4: (x, y) => [x, bottom - y],
    5: (x, y) => [y, x],
    6: (x, y) => [y, bottom - x],
    7: (x, y) => [right - y, bottom - x],
    8: (x, y) => [right - y, x],
  };
  const place = places[orientation] ?? ((x, y) => [x, y]);
  const lies = orientation >= 5 && orientation <= 8;
  return {
    width: lies ? height : width,
    height: lies ? width : height,
    stored: (x, y) => {
      const [column, row] = place(x, y);
      return row * width + column;
    },
  };
}

/** The orientation in Exif data from its TIFF header on; 1, as it is, where there is none or the data is damaged. */
export function exifOrientation(exif: Uint8Array): number {
  const view = new DataView(exif.buffer, exif.byteOffset, exif.byteLength);
  try {
    const order = view.getUint16(0);
    if (order !== 0x4949 && order !== 0x4d4d) return 1;
    const little = order === 0x4949;
    const directory = view.getUint32(4, little);
    const entries = view.getUint16(directory, little);
    for (let i = 0; i < entries; i++) {
      const entry = directory + 2 + 12 * i;
      if (view.getUint16(entry, little) !== 274) continue;
      const value = view.getUint16(entry + 8, little);
      return value >= 1 && value <= 8 ? value : 1;
    }
  } catch (error) {
    // Beyond the end: whatever the data says, the picture is there.
    if (!(error instanceof RangeError)) throw error;
  }
  return 1;
}
