/** What a chart shows: points from left to right, on axes that begin at zero. */
export interface LineChart {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

const size = { width: 640, height: 400 }
const plot = { left: 80, right: 610, top: 50, bottom: 340 }
const gridLines = 5

/** Draws a chart as SVG, each point with its value. Its labels are put in as they are: markup in them is markup. */
export function lineChart({ title, xLabel, yLabel, points }: LineChart): string {
  const mostX = Math.max(...points.map(({ x }) => x))
  const mostY = niceMost(Math.max(...points.map(({ y }) => y)))
  const atX = (x: number): number => Math.round(plot.left + (x / mostX) * (plot.right - plot.left))
  const atY = (y: number): number => Math.round(plot.bottom - (y / mostY) * (plot.bottom - plot.top))
  const grid = Array.from({ length: gridLines + 1 }, (_, line) => {
    const y = (line / gridLines) * mostY
    return (
      `<path d="M${plot.left} ${atY(y)}H${plot.right}" stroke="#ddd"/>` +
      `<text x="${plot.left - 8}" y="${atY(y) + 4}" text-anchor="end">${y.toLocaleString('en')}</text>`
    )
  })
  const marks = points.map(
    ({ x, y }) =>
      `<circle cx="${atX(x)}" cy="${atY(y)}" r="4" fill="#1f6feb"/>` +
      `<text x="${atX(x) - 8}" y="${atY(y) - 10}" text-anchor="end">${Math.round(y).toLocaleString('en')}</text>` +
      `<text x="${atX(x)}" y="${plot.bottom + 18}" text-anchor="middle">${x}</text>`,
  )
  const line = points.map(({ x, y }) => `${atX(x)},${atY(y)}`).join(' ')
  const middleX = (plot.left + plot.right) / 2
  const middleY = (plot.top + plot.bottom) / 2
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" font-family="sans-serif" font-size="13">`,
    `<rect width="${size.width}" height="${size.height}" fill="white"/>`,
    `<text x="${middleX}" y="24" text-anchor="middle" font-size="16">${title}</text>`,
    ...grid,
    `<polyline points="${line}" fill="none" stroke="#1f6feb" stroke-width="2"/>`,
    ...marks,
    `<text x="${middleX}" y="${size.height - 16}" text-anchor="middle">${xLabel}</text>`,
    `<text x="20" y="${middleY}" text-anchor="middle" transform="rotate(-90 20 ${middleY})">${yLabel}</text>`,
    '</svg>\n',
  ].join('\n')
}

/** The least of 1, 2 and 5 times a power of ten that is not below. */
function niceMost(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10) * power
}
