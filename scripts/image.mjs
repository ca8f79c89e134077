// node scripts/image.mjs <folder> [--with-ccxt]
//
// Lays out what the image holds: the compiled bot, and of its packages the files that it can load, which are a quarter of
// what they bring. To be run in the project, after a build.
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { nodeFileTrace } from '@vercel/nft'

const [folder, ...options] = process.argv.slice(2)
const isWrong = options.some((option) => option !== '--with-ccxt')
if (folder === undefined || folder.startsWith('-') || isWrong || existsSync(folder)) {
  console.error('node scripts/image.mjs <a folder that is not there yet> [--with-ccxt]')
  process.exit(1)
}

/** What is run; the pictures are drawn by a thread of their own, whose path is put together. */
const ENTRIES = ['main.js', 'backup.js', 'restore.js', 'pictures/worker.js'].map((name) => join('dist', name))

/** What is found by its path, and by no import; and the licence of what echarts has in its own file. */
const BY_PATH = [
  'dejavu-fonts-ttf/ttf/DejaVuSans.ttf',
  'dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf',
  '@bull-board/ui',
  'zrender/LICENSE',
]

/** Found where others need them, and never loaded by the bot: bullmq is given another client. */
const NEVER_LOADED = ['ioredis/**']

/** Native helpers, where there are any for this machine. */
const NATIVE = ['@msgpackr-extract']

const inPackages = (path) => join('node_modules', path)

const fixed = ['package.json', ...ENTRIES, ...BY_PATH.map(inPackages)]
const absent = fixed.filter((path) => !existsSync(path))
if (absent.length > 0) {
  console.error(`not there: ${absent.join(', ')}. First: npm ci && npm run build`)
  process.exit(1)
}

const paths = new Set([...fixed, ...NATIVE.map(inPackages).filter(existsSync)])
const ignore = [...NEVER_LOADED, ...(options.includes('--with-ccxt') ? [] : ['ccxt/**'])].map(inPackages)
const cache = {}
// What a package has only for a newer Node may be what the image's Node asks for, or not.
for (const conditions of [['node'], ['node', 'module-sync']]) {
  const { fileList } = await nodeFileTrace(ENTRIES, { base: resolve('.'), conditions, ignore, cache })
  for (const path of fileList) paths.add(path)
}
for (const home of new Set([...paths].map(packageOf))) for (const path of licencesIn(home)) paths.add(path)
for (const path of paths) cpSync(path, join(folder, path), { recursive: true })

/** The folder of the package that a file is of; undefined for the bot's own. */
function packageOf(path) {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]
}

/** Whoever hands on a package's file hands on its licence, which a few have in their README. */
function licencesIn(home) {
  if (home === undefined) return []
  const named = (pattern) =>
    readdirSync(home)
      .filter((name) => pattern.test(name))
      .map((name) => join(home, name))
  const licences = named(/^(licen[cs]e|copying|copyright|notice|authors)/i)
  const isInReadme = licences.length === 0 || /README/.test(licenceNamed(home))
  return isInReadme ? [...licences, ...named(/^readme/i)] : licences
}

function licenceNamed(home) {
  const manifest = join(home, 'package.json')
  return existsSync(manifest) ? String(JSON.parse(readFileSync(manifest, 'utf8')).license) : ''
}
