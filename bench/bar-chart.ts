/** What a chart compares: a bar for each label, on one axis. */
export interface BarChart {
  readonly title: string
  readonly xLabel: string
  readonly bars: readonly { readonly label: string; readonly value: number }[]
  /** Powers of ten are as far from each other. Default: an axis that begins at zero. */
  readonly isLogarithmic?: boolean
}

const plot = { left: 250, right: 640, top: 44, barHeight: 22, gap: 8 }
const width = 720

/** Draws a chart as SVG, each bar with its value. Its labels are put in as they are: markup in them is markup. */
export function barChart({ title, xLabel, bars, isLogarithmic = false }: BarChart): string {
  const most = Math.max(...bars.map(({ value }) => value))
  const least = Math.min(...bars.map(({ value }) => value).filter((value) => value > 0))
  // The shortest bar of a logarithmic chart is to be seen, too.
  const from = Math.log10(least) - 0.3
  const shareOf = (value: number): number => {
    if (value <= 0) return 0
    return isLogarithmic ? (Math.log10(value) - from) / (Math.log10(most) - from) : value / most
  }
  const drawn = bars.map(({ label, value }, index) => {
    const y = plot.top + index * (plot.barHeight + plot.gap)
    const length = Math.round(shareOf(value) * (plot.right - plot.left))
    const text = y + plot.barHeight - 6
    return [
      `<text x="${plot.left - 8}" y="${text}" text-anchor="end">${label}</text>`,
      `<rect x="${plot.left}" y="${y}" width="${length}" height="${plot.barHeight}" fill="#1f6feb"/>`,
      `<text x="${plot.left + length + 6}" y="${text}">${Number(value.toPrecision(3)).toLocaleString('en')}</text>`,
    ].join('')
  })
  const height = plot.top + bars.length * (plot.barHeight + plot.gap) + 30
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    `<text x="${width / 2}" y="24" text-anchor="middle" font-size="16">${title}</text>`,
    ...drawn,
    `<text x="${width / 2}" y="${height - 10}" text-anchor="middle">${xLabel}${isLogarithmic ? ' (logarithmic)' : ''}</text>`,
    '</svg>\n',
  ].join('\n')
}
