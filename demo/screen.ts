import { clearScreenDown, moveCursor } from 'node:readline'

/** The last lines of a terminal, which are written anew again and again, while all else is said above them. */
export interface Screen {
  /** Shows lines in place of those before. They are cut to the terminal's width; of too many the first are left out. */
  show(lines: readonly string[]): void
  /** Says a line, which stays. */
  say(text: string): void
}

/** A terminal, or as much of one as a screen needs. */
export type Terminal = NodeJS.WritableStream & { readonly columns?: number; readonly rows?: number }

/** What says a line may write to another stream: in a terminal it comes to the same. Nothing is shown at first. */
export function screenOf(terminal: Terminal, sayLine: (text: string) => void): Screen {
  let shown: readonly string[] = []
  const erase = (): void => {
    if (shown.length === 0) return
    moveCursor(terminal, 0, -shown.length)
    clearScreenDown(terminal)
  }
  const write = (): void => {
    for (const line of shown) terminal.write(`${line}\n`)
  }
  return {
    show(lines) {
      erase()
      const { columns = Infinity, rows = Infinity } = terminal
      // The cursor has a row of its own, and a full line would wrap in some terminals.
      shown = lines.slice(-Math.max(1, rows - 1)).map((line) => line.slice(0, columns - 1))
      write()
    },
    say(text) {
      erase()
      sayLine(text)
      write()
    },
  }
}
