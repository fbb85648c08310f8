// What is published differs from what is worked with: the condition that leads to sources, which are not published, goes, and
// with it what concerns this repository alone.

const withoutSources = (value) =>
  typeof value !== 'object' || value === null
    ? value
    : Object.fromEntries(
        Object.entries(value)
          .filter(([key]) => key !== '@lemmata/source')
          .map(([key, inner]) => [key, withoutSources(inner)]),
      );

export const hooks = {
  beforePacking({ scripts: _scripts, devDependencies: _dev, ...manifest }) {
    return { ...manifest, exports: withoutSources(manifest.exports) };
  },
};
