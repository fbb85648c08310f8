import { expect, test } from 'vitest';
import { all, parse } from '../test/markup.js';
import * as visualize from './index.js';

const { columns, lineChart, reportPage, table } = visualize;

test('table: numbers right, text left, totals apart, everything escaped', () => {
  const html = table({
    columns: ['Layer', 'Parameters', 'n <b>'],
    rows: [
      ['conv1', 156, 'x'],
      ['<relu>', null, 3],
    ],
    total: ['all', 61706, null],
    caption: 'a & b',
  });
  const root = parse(html);
  const side = (cell: { attributes: Record<string, string> }): string | undefined =>
    /text-align:(\w+)/.exec(cell.attributes.style ?? '')?.[1];
  expect(all(root, 'th').map((c) => [c.text, side(c)])).toEqual([
    ['Layer', 'left'],
    ['Parameters', 'right'],
    ['n <b>', 'left'],
  ]);
  expect(all(root, 'td').map((c) => c.text)).toEqual(['conv1', '156', 'x', '<relu>', '', '3', 'all', '61,706', '']);
  expect(all(root, 'caption')[0]?.text).toBe('a & b');
  expect(all(parse(table({ columns: [], rows: [] })), 'tr')).toHaveLength(1);
  expect(all(parse(table({ columns: ['a'], rows: [[Number.NaN]] })), 'td')[0]?.text).toBe('NaN');
  expect(() => table({ columns: ['a'], rows: [[1, 2]] })).toThrow('table: row 0 has length 2, expected 1');
  expect(() => table({ columns: ['a'], rows: [], total: [] })).toThrow('table: total has length 0, expected 1');
});

test('table: a column of empty cells is no column of numbers', () => {
  const cells = all(parse(table({ columns: ['a'], rows: [[null], [null]] })), 'td');
  expect(cells.map((cell) => cell.attributes.style?.slice(0, 15))).toEqual(['text-align:left', 'text-align:left']);
});

test('table: up to 24 characters stand in one line, more may wrap', () => {
  const rows = [['x'.repeat(24)], ['x'.repeat(25)]];
  const [short, long] = all(parse(table({ columns: ['a'], rows })), 'td').map((cell) => cell.attributes.style);
  expect(short).toBe(`${long};white-space:nowrap`);
  expect(long).toMatch(/;border-bottom:1px solid var\(--lm-line,#ddd\)$/);
});

test('table: without rows, sums and caption there is nothing but the head; unknown options throw', () => {
  const root = parse(table({ columns: ['a', 'b'], rows: [] }));
  expect(root.text).toBe('ab');
  expect(['caption', 'tfoot', 'td'].flatMap((name) => all(root, name))).toEqual([]);
  expect(() => table({ columns: [], rows: [], totals: [] } as never)).toThrow('table: unknown option totals');
});

const page = (): string =>
  reportPage({
    title: 'LeNet-5 <MNIST>',
    subtitle: 'a & b',
    facts: [
      ['Accuracy <test>', '< 98.7%'],
      ['Parameters', 61706],
    ],
    sections: [
      {
        title: 'Curves',
        intro: '1 < 2',
        html: columns(lineChart({ title: 'Loss', series: [] }), table({ columns: ['a'], rows: [[1]] })),
      },
      { title: 'Rest & <more>', html: '<p>markup</p>' },
    ],
    footer: 'Data: MNIST\n\nweights <sha>',
  });

test('a report is one well-formed document with its parts in order', () => {
  const html = page();
  expect(html.startsWith('<!DOCTYPE html>\n<html lang="en">')).toBe(true);
  const root = parse(html);
  expect(all(root, 'title')[0]?.text).toBe('LeNet-5 <MNIST>');
  expect(all(root, 'h1').map((n) => n.text)).toEqual(['LeNet-5 <MNIST>']);
  expect(all(root, 'h2').map((n) => n.text)).toEqual(['Curves', 'Rest & <more>']);
  const plain = all(root, 'p').filter((p) => p.attributes.class !== undefined);
  expect(plain.map((p) => p.text)).toEqual(['a & b', '1 < 2']);
  expect(all(root, 'dt').map((n) => n.text)).toEqual(['Accuracy <test>', 'Parameters']);
  expect(all(root, 'dd').map((n) => n.text)).toEqual(['< 98.7%', '61,706']);
  expect(all(all(root, 'footer')[0] as never, 'p').map((n) => n.text)).toEqual(['Data: MNIST', 'weights <sha>']);
  expect(page()).toBe(html);
});

test('a report needs no network and no script, and says so to the browser', () => {
  const root = parse(page());
  expect(all(root, 'script')).toHaveLength(0);
  expect(all(root, 'link')).toHaveLength(0);
  const policy = all(root, 'meta').find((m) => m.attributes['http-equiv'] === 'Content-Security-Policy');
  expect(policy?.attributes.content).toBe("default-src 'none'; img-src data:; style-src 'unsafe-inline'");
  expect(page().match(/url\(|@import|src="(?!data:)|href=/g)).toBeNull();
});

test('a report knows dark, paper and phones', () => {
  expect(page()).toContain('prefers-color-scheme:dark');
  expect(page()).toContain('@media print');
  expect(page()).toContain('width=device-width, initial-scale=1');
});

test('parts of a report can be left out; unknown ones throw', () => {
  const root = parse(reportPage({ title: 't', sections: [] }));
  expect(['dl', 'footer', 'section'].map((name) => all(root, name).length)).toEqual([0, 0, 0]);
  expect(all(root, 'body')[0].text).toBe('t');
  expect(all(parse(reportPage({ title: 't', sections: [], footer: ' \n\t' })), 'footer')).toEqual([]);
  expect(() => reportPage({ title: 't', sections: [], theme: 'x' } as never)).toThrow(
    'reportPage: unknown option theme',
  );
  expect(() => reportPage({ title: 't', sections: [{ title: 's', html: '', body: '' } as never] })).toThrow(
    'reportPage, section "s": unknown option body',
  );
});

test('the public names', () => {
  expect(Object.keys(visualize).sort()).toEqual(
    [
      'ansiImage',
      'barChart',
      'columns',
      'confusionMatrix',
      'confusionSummary',
      'contourChart',
      'escapeText',
      'formatNumber',
      'formatPercent',
      'graphSvg',
      'histogram',
      'imageGrid',
      'lineChart',
      'pngDataUri',
      'receptiveFieldSvg',
      'reportPage',
      'smooth',
      'table',
    ].sort(),
  );
});

test('at most two pictures stand side by side: a third would make their text too small', () => {
  const across = (...parts: string[]): string => /--lm-across:(\d)/.exec(columns(...parts))![1];
  expect([across(), across('a'), across('a', 'b'), across('a', 'b', 'c')]).toEqual(['1', '1', '2', '2']);
});
