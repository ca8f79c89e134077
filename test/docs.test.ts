import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readConfig, variables } from '../src/config.ts'
import { ADMIN_COMMANDS, MEMBER_COMMANDS, PRIVATE_COMMANDS } from '../src/telegram/commands.ts'
import { LANGUAGES, textsFor } from '../src/telegram/texts.ts'

const root = new URL('../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')

const readme = read('README.md')
const example = read('.env.example')
const manifest = JSON.parse(read('package.json')) as { version: string; scripts: Record<string, string> }
const names = Object.keys(variables) as (keyof typeof variables)[]

/** As the documents write it: the default, `required`, or `none`. */
function defaultOf(name: keyof typeof variables): string {
  const read = variables[name].safeParse(undefined)
  if (!read.success) return 'required'
  return read.data === undefined ? 'none' : `\`${read.data}\``
}

const section = (from: string, to: string): string => readme.slice(readme.indexOf(from), readme.indexOf(to))

/** The cells of every row that begins with a name in capitals. */
const rows = [...section('## Configuration', '## Choosing').matchAll(/^\| `([A-Z_]+)` *\| (.*?) *\| (.*?) *\|$/gm)].map(
  ([, name, value, meaning]) => ({
    name,
    value,
    meaning,
  }),
)

test('the README names every variable with its default, in the order of the code', () => {
  expect(rows.map(({ name, value }) => [name, value])).toEqual(names.map((name) => [name, defaultOf(name)]))
  for (const { meaning } of rows) expect(meaning).toMatch(/\w/)
})

test('.env.example has every variable with its default, in the order of the code', () => {
  const [own, compose] = example.split('# Only for compose.yaml')
  const lines = [...own!.matchAll(/^(#?)([A-Z_]+)=(.*)$/gm)].map(([, mark, name, value]) => ({ mark, name, value }))
  expect(lines.map(({ name }) => name)).toEqual(names)
  for (const { mark, name, value } of lines) {
    const standard = defaultOf(name as keyof typeof variables)
    expect({ name, mark }).toEqual({ name, mark: standard === 'required' ? '' : '#' })
    expect({ name, value }).toEqual({ name, value: standard.startsWith('`') ? standard.slice(1, -1) : '' })
  }
  expect(compose!.match(/^#?[A-Z_]+(?==)/gm)).toEqual(['#POSTGRES_PASSWORD'])
})

test('the README names exactly the variables that can be given as a file', () => {
  const isSecret = (name: string): boolean => {
    const config = readConfig({ [`${name}_FILE`]: '/nowhere/at/all' })
    return 'problems' in config && config.problems.some((one) => one.name === `${name}_FILE`)
  }
  const named = [...readme.matchAll(/`([A-Z_]+)_FILE`/g)].map(([, name]) => name)
  expect(named).toEqual(names.filter(isSecret))
})

test('the Dockerfile and compose.yaml set variables that exist', () => {
  const settings = read('Dockerfile')
    .match(/^ENV .*$/gm)!
    .join('\n')
  const inImage = [...settings.matchAll(/([A-Z_]+)=/g)].map(([, name]) => name)
  const ofTheBot = /environment:\n((?: {6}\w.*\n)+)/.exec(read('compose.yaml'))![1]!
  const inCompose = [...ofTheBot.matchAll(/^ {6}([A-Z_]+):/gm)].map(([, name]) => name)
  expect(inCompose).toContain('DATABASE_URL')
  expect(inImage).toContain('HOST')
  expect([...names, 'NODE_ENV']).toEqual(expect.arrayContaining([...inImage, ...inCompose]))
})

const commands = [...new Set([...MEMBER_COMMANDS, ...ADMIN_COMMANDS, ...PRIVATE_COMMANDS])]

test.each(commands)('/%s is in the README', (command) => {
  expect(section('## Commands', '## How a vote works')).toMatch(new RegExp(`^\\| [^|]*\`/${command}[ \`]`, 'm'))
})

// Who reads the help of /start has found it.
const helpful = commands.filter((command) => command !== 'start')

test.each(LANGUAGES.flatMap((language) => helpful.map((command) => [command, language] as const)))(
  '/%s is in the help in %s',
  (command, language) => {
    const texts = textsFor(language)
    const help = ['help-group', 'help-group-look', 'help-group-admin', 'help-private']
      .map((id) => texts.html(id))
      .join('\n')
    expect(help).toMatch(new RegExp(`/${command}(?![a-z_])`))
  },
)

test.each(['README.md', 'CONTRIBUTING.md', 'docs/architecture.md', 'docs/operations.md'])(
  '%s names scripts and files that exist',
  (path) => {
    const text = read(path)
    const scripts = [...text.matchAll(/\bnpm (?:run )?(?:--silent )?([a-z]+)/g)].map(([, name]) => name!)
    for (const name of scripts) expect(['ci', 'install', ...Object.keys(manifest.scripts)]).toContain(name)
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, link]) => link!)
    const files = [...text.matchAll(/`((?:src|test|docs|scripts|\.ci)\/[\w./-]*)`/g)].map(([, file]) => `/${file}`)
    const base = new URL(path, root)
    for (const link of links) expect(existsSync(new URL(link, base)), link).toBe(true)
    for (const file of files) expect(existsSync(new URL(`.${file}`, root)), file).toBe(true)
  },
)

test('the newest version of the changelog is that of the package', () => {
  expect(/^## \[(.+)\] - \d{4}-\d{2}-\d{2}$/m.exec(read('CHANGELOG.md'))?.[1]).toBe(manifest.version)
})

test('the folder table of docs/architecture.md has every folder of src', () => {
  const folders = readdirSync(new URL('src/', root), { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const text = read('docs/architecture.md')
  for (const { name } of folders) expect(text).toContain(`| \`${name}\``)
})
