import type { GreyImage } from '@lemmata/cli/drawing';

/** Pixels of a side. */
const SIDE = 280;

/** A white square to draw on in black, with a mouse, a pen or a finger. */
export interface DrawingPad {
  image(): GreyImage;
  clear(): void;
}

/** Puts a pad into `place`; `onChange` is called when a line grows, and when all is wiped. */
export function drawingPad(place: HTMLElement, onChange: () => void): DrawingPad {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [SIDE, SIDE];
  canvas.setAttribute('aria-label', 'Draw a digit here');
  place.append(canvas);
  const pen = canvas.getContext('2d', { willReadFrequently: true })!;
  const wipe = (): void => {
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, SIDE, SIDE);
  };
  wipe();
  [pen.lineWidth, pen.lineCap, pen.lineJoin] = [22, 'round', 'round'];

  let asked = false;
  const changed = (): void => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      onChange();
    });
  };
  const at = ({ clientX, clientY }: PointerEvent): [number, number] => {
    const { left, top, width } = canvas.getBoundingClientRect();
    return [((clientX - left) * SIDE) / width, ((clientY - top) * SIDE) / width];
  };
  canvas.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...at(event));
    // A point is a line of no length.
    pen.lineTo(...at(event));
    pen.stroke();
    changed();
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    pen.lineTo(...at(event));
    pen.stroke();
    changed();
  });
  return {
    image() {
      const { data } = pen.getImageData(0, 0, SIDE, SIDE);
      return {
        width: SIDE,
        height: SIDE,
        pixels: Float64Array.from({ length: SIDE * SIDE }, (_, i) => data[4 * i]! / 255),
      };
    },
    clear() {
      wipe();
      changed();
    },
  };
}
