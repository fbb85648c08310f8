import { OptionError } from '@lemmata/shape';
import { afterEach, expect, test, vi } from 'vitest';
import { because, command, UserError } from './failure.js';
import { commandLine } from './options.js';

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

/** What a command writes on standard error, and its exit code. */
async function outcome(body: () => Promise<number>): Promise<[text: string, code: unknown]> {
  let text = '';
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((part) => ((text += String(part)), true));
  await command(body);
  write.mockRestore();
  return [text, process.exitCode];
}

test('what a command returns is the exit code', async () => {
  expect(await outcome(async () => 130)).toEqual(['', 130]);
});

test('what is written for users is told without a stack, anything else with it', async () => {
  const thrown = (error: unknown) => outcome(() => Promise.reject(error));
  expect(await thrown(new UserError('no such run'))).toEqual(['error: no such run\n', 1]);
  expect(await thrown(new OptionError('lenet5', ['classes must be a positive integer']))).toEqual([
    'error: lenet5: classes must be a positive integer\n',
    1,
  ]);
  const [text, code] = await outcome(async () => commandLine(['--epochs'], { epochs: { type: 'string' } }) && 0);
  expect([text, code]).toEqual([expect.stringMatching(/^error: Option '--epochs <value>' argument missing/), 1]);
  expect(await thrown(new TypeError('a bug'))).toEqual([expect.stringMatching(/^TypeError: a bug\n +at /), 1]);
  expect(await thrown('bare')).toEqual(['bare\n', 1]);
});

test('why a file cannot be read is said in words', () => {
  const error = (code: string): Error => Object.assign(new Error('as the system has it'), { code });
  expect(['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'EPERM', 'EIO'].map((code) => because(error(code)))).toEqual([
    'no such file or folder',
    'a file where a folder should be',
    'it is a folder',
    'access is denied',
    'access is denied',
    'as the system has it',
  ]);
  expect(because(new Error('without a code'))).toBe('without a code');
});
