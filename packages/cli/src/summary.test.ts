import { expect, test, vi } from 'vitest';
import { summary } from './summary.js';

async function printed(...argv: string[]): Promise<string> {
  const lines: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  try {
    expect(await summary(argv)).toBe(0);
  } finally {
    write.mockRestore();
  }
  return lines.join('');
}

test('JSON: the innermost layers add up to the network', async () => {
  const { name, parameters, flops, memory, state, layers, input } = JSON.parse(await printed('resnet50', '--json'));
  expect({ name, input, parameters, state }).toEqual({
    name: 'resnet50',
    input: [3, 224, 224],
    parameters: 25_557_032,
    state: 53_120,
  });
  expect((flops / 1e9).toFixed(2)).toBe('4.09');
  for (const [of, total] of Object.entries({ parameters, flops, memory })) {
    expect(layers.reduce((sum: number, layer: Record<string, number>) => sum + layer[of]!, 0)).toBe(total);
  }
  expect(layers[0]).toMatchObject({ name: 'conv1', output: [64, 112, 112], parameters: 9408, receptiveField: [7, 7] });
});

test('a table, for another input, whose batch does not count', async () => {
  const table = await printed('lenet5', '--input', '8x3x28x28');
  expect(table).toMatch(/^layer +kind +output/);
  expect(table).toMatch(/input +3×28×28/);
  expect(table).toMatch(/\n62,006 parameters, .* output 10\n$/);
});

test('what it does not understand', async () => {
  await expect(summary([])).rejects.toThrow(/expected the name of a network/);
  await expect(summary(['mobilenet_v3'])).rejects.toThrow(
    /unknown network 'mobilenet_v3'; did you mean 'mobilenet_v2'/,
  );
  await expect(summary(['toString'])).rejects.toThrow(/unknown network/);
  await expect(summary(['lenet5', '--input', '28'])).rejects.toThrow(/--input: expected sizes/);
  await expect(summary(['resnet50', '--input', '3x224x224'])).rejects.toThrow(
    "--input: expected sizes, the batch first, such as 1x3x224x224; received '3x224x224'",
  );
  await expect(summary(['lenet5', '--jsn'])).rejects.toThrow("unknown option '--jsn'; did you mean '--json'?");
  await expect(summary(['lenet5', '--input', '1x1x11x11'])).rejects.toThrow(/^pool2 > maxPool2d: /);
  expect(await printed('--help')).toMatch(/lemmata summary NAME/);
});
