// Holds the imports of src/ against the plan of the house (`house.ts`).

import assert from 'node:assert/strict'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { FETCHES, FREE, LIBRARIES, PURE, ROOMS, type Share } from './house.ts'
import { assertNone, readImports, sources, targetFolder, type Import, type Source } from './sources.ts'

const all = sources('src')
const isRelative = (from: string): boolean => from.startsWith('.')
const place = (source: Source, { line }: Import): string => `${source.path}:${line}`

/** The package behind a deep import: `@peculiar/x509/build` is `@peculiar/x509`; Node's own names stay whole. */
function libraryOf(from: string): string {
  if (from.startsWith('node:')) return from
  const parts = from.split('/')
  return parts.slice(0, from.startsWith('@') ? 2 : 1).join('/')
}

function mayUse(share: Share | undefined, { typesOnly, names }: Import): boolean {
  if (share === undefined) return false
  if (typesOnly || share === 'all') return true
  return share !== 'types' && names.every((name) => share.includes(name))
}

test('every folder of src/ has its place in the plan', () => {
  assertNone(
    [...new Set(all.map(({ folder }) => folder))].filter((folder) => !(folder in ROOMS)),
    'A new folder needs a row in ROOMS of test/style/house.ts.',
  )
})

test('a folder imports only folders that the plan gives it', () => {
  const breaches: string[] = []
  for (const source of all) {
    for (const one of source.imports.filter(({ from }) => isRelative(from))) {
      const target = targetFolder(source, one.from)
      if (target === undefined) breaches.push(`${place(source, one)}: leaves src/: ${one.from}`)
      else if (target === source.folder) continue
      else {
        const access = ROOMS[source.folder]?.[target]
        if (access === undefined) breaches.push(`${place(source, one)}: ${source.folder} may not import ${target}`)
        else if (access === 'types' && !one.typesOnly) {
          breaches.push(`${place(source, one)}: ${source.folder} may import only types of ${target} (import type …)`)
        }
      }
    }
  }
  assertNone(breaches, 'Imports against the plan (ROOMS in test/style/house.ts):')
})

const TRUST_FOR_CONFIG = new Set(['../trust/profiles/profiles.ts', '../trust/card/fields.ts'])

test('config takes of trust only the profiles, and what of a card can be asked for', () => {
  const breaches = all
    .filter(({ folder }) => folder === 'config')
    .flatMap((source) =>
      source.imports.filter(({ from }) => from.startsWith('../trust/')).map((one) => ({ source, one })),
    )
    .filter(({ one }) => !TRUST_FOR_CONFIG.has(one.from))
  assertNone(
    breaches.map(({ source, one }) => place(source, one)),
    'Settings know what profiles demand and what cards hold, and nothing of certificates:',
  )
})

test('a library is used only by its owners', () => {
  const breaches: string[] = []
  for (const source of all) {
    for (const one of source.imports.filter(({ from }) => !isRelative(from))) {
      const library = libraryOf(one.from)
      if (FREE.includes(library)) continue
      const owners = LIBRARIES[library]
      if (owners === undefined) breaches.push(`${place(source, one)}: ${library} has no owner`)
      else if (!mayUse(owners[source.folder], one)) {
        breaches.push(`${place(source, one)}: ${source.folder} may not use ${one.names.join(', ')} of ${library}`)
      }
    }
  }
  assertNone(breaches, 'Libraries against the plan (LIBRARIES in test/style/house.ts):')
})

test('the plan of rooms has no circle', () => {
  const visit = (folder: string, path: readonly string[]): void => {
    assert.ok(!path.includes(folder), [...path, folder].join(' → '))
    for (const [next, access] of Object.entries(ROOMS[folder] ?? {})) {
      if (access === 'all') visit(next, [...path, folder])
    }
  }
  for (const folder of Object.keys(ROOMS)) visit(folder, [])
})

test('no files import values from each other in a circle', () => {
  const files = new Map(all.map((source) => [source.path, source]))
  const done = new Set<string>()
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) assert.fail([...way.slice(way.indexOf(path)), path].join(' → '))
    if (done.has(path)) return
    for (const { from, statement } of files.get(path)?.imports ?? []) {
      if (isRelative(from) && statement !== 'types') visit(join(dirname(path), from), [...way, path])
    }
    done.add(path)
  }
  for (const path of files.keys()) visit(path, [])
})

/** What reaches clock, chance, timers or the process without an import. */
const AMBIENT =
  /\b(?:Date\.now|Math\.random|setTimeout|setInterval|setImmediate|queueMicrotask|performance\.now|process\.\w+|console\.\w+|crypto\.\w+)\b|new Date\(\)/
const NETWORK = /\b(?:fetch|WebSocket|EventSource)\(/

test('pure folders have no clock, no chance and no process', () => {
  assertNone(
    search(
      all.filter(({ folder }) => PURE.includes(folder)),
      AMBIENT,
    ),
    'Time and randomness are arguments here:',
  )
})

test('nothing outside its owner reaches the network by a global', () => {
  assertNone(
    search(
      all.filter(({ folder }) => !FETCHES.includes(folder)),
      NETWORK,
    ),
    'Only net/ reaches the network:',
  )
})

/** Lines of code, comments left out, that match. */
function search(files: readonly Source[], pattern: RegExp): readonly string[] {
  return files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, i) => {
      const code = line.replace(/(^|\s)\/\/.*$/, '').replace(/^\s*\/?\*.*$/, '')
      const match = pattern.exec(code)
      return match ? [`${path}:${i + 1}: ${match[0]}`] : []
    }),
  )
}

test('imports are read in every form that the formatter leaves', () => {
  const text = [
    `import type { A } from './a.ts'`,
    `import { type B, type C } from './b.ts'`,
    `import { d, type E as F } from 'x'`,
    `import g, { h as i } from 'y'`,
    `import * as z from 'zod'`,
    `import 'reflect-metadata'`,
    `import {`,
    `  long,`,
    `  list,`,
    `} from './long.ts'`,
    `export { j } from './j.ts'`,
    `const k = await import('./k.ts')`,
  ].join('\n')
  assert.deepEqual(
    readImports(text).map(({ from, typesOnly, names, line }) => [from, typesOnly, names.join(), line]),
    [
      ['./a.ts', true, 'A', 1],
      ['./b.ts', true, '', 2],
      ['x', false, 'd', 3],
      ['y', false, 'default,h', 4],
      ['zod', false, '*', 5],
      ['reflect-metadata', false, '', 6],
      ['./long.ts', false, 'long,list', 7],
      ['./j.ts', false, 'j', 11],
      ['./k.ts', false, '*', 12],
    ],
  )
})
