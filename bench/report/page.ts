import type { Results } from '../main.ts'
import { deadlinesTable, startsTable, tableOf } from './table.ts'

/** The results as a part of a document. */
export function pageOf(results: Results): string {
  const { processors, model, memoryGb, node, rounds, seconds, day } = results.machine
  const sections = [
    `Measured on ${day}: ${processors} processors (${model}), ${memoryGb} GB, Node ${node}; medians of ${rounds} rounds of ${seconds} seconds each.`,
    ...results.votes.map(({ what, summaries }) => `### ${capital(what)}\n\n${tableOf(summaries)}`),
  ]
  if (results.rawRedis)
    sections.push(
      `### Redis alone\n\n${Math.round(results.rawRedis.setsPerSecond).toLocaleString('en')} \`SET\`s of 100 bytes a second by one client.`,
    )
  if (results.deadlines.length > 0)
    sections.push(`### Deadlines in the same second\n\n${deadlinesTable(results.deadlines)}`)
  if (results.starts) sections.push(`### Start and rest\n\n${startsTable(results.starts)}`)
  sections.push(sizesText(results))
  return sections.join('\n\n')
}

export function sizesText({ dependencies, imageMegabytes: image }: Results): string {
  const { direct, all, megabytes } = dependencies
  const text = `Dependencies at run time: ${direct} named, ${all} in all, ${Math.round(megabytes)} MB.`
  return image === undefined ? text : `${text} The Docker image adds ${Math.round(image)} MB to Node's own.`
}

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1)
