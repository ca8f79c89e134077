import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'

const DOC = 'docs/performance.md'
const BEGIN = '<!-- results: written by npm run bench -- --publish -->'
const END = '<!-- end of the results -->'

/** Puts the results into the document, in place of the former ones, and the chart beside it. */
export function publish(results: string, folder: string): void {
  const text = readFileSync(DOC, 'utf8')
  const from = text.indexOf(BEGIN)
  const to = text.indexOf(END)
  if (from < 0 || to < from) throw new Error(`${DOC} has no place for the results: ${BEGIN} … ${END}`)
  writeFileSync(DOC, `${text.slice(0, from + BEGIN.length)}\n\n${results}\n\n${text.slice(to)}`)
  if (existsSync(`${folder}/votes.png`)) copyFileSync(`${folder}/votes.png`, 'docs/performance.png')
}
