export { type AnsiImageOptions, ansiImage } from './ansi-image.js';
export { type BarChartOptions, barChart } from './bar-chart.js';
export {
  type ConfusionMatrixOptions,
  type ConfusionSummary,
  confusionMatrix,
  confusionSummary,
} from './confusion-matrix.js';
export { type ContourChartOptions, type ContourPath, contourChart } from './contour-chart.js';
export { type GraphEdge, type GraphNode, type GraphOptions, graphSvg } from './graph-svg.js';
export { type HistogramOptions, histogram } from './histogram.js';
export { type ImageGridOptions, imageGrid } from './image-grid.js';
export { type LineChartOptions, type Series, lineChart } from './line-chart.js';
export { formatNumber, formatPercent } from './number.js';
export { pngDataUri } from './png.js';
export { type ReceptiveFieldOptions, type StackLayer, receptiveFieldSvg } from './receptive-field.js';
export { type ReportOptions, type ReportSection, columns, reportPage } from './report-page.js';
export { smooth } from './smooth.js';
export { type Cell, type TableOptions, table } from './table.js';
export { escapeText } from './xml.js';
