// The source files of this repository, read once, with what they import. By regular expressions on purpose: the form of
// an import is fixed by the formatter, and the compiler has no interface for programs.

import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, resolve } from 'node:path'

export const ROOT = resolve(import.meta.dirname, '..', '..')

export interface Import {
  readonly from: string
  readonly typesOnly: boolean
  /** `types`: the statement is one of types, so that the file is not loaded for it. */
  readonly statement: 'types' | 'values'
  /** Names as the library calls them; `*` for a namespace, `default` for the default export, none for effects alone. */
  readonly names: readonly string[]
  readonly line: number
}

export interface Source {
  /** From the root of the repository. */
  readonly path: string
  /** The folder below src/, test/ or bench/; `.` for files directly in it. */
  readonly folder: string
  readonly text: string
  readonly imports: readonly Import[]
}

/** What people read: README.md, and the pages in docs/. */
export function documents(): readonly { readonly path: string; readonly text: string }[] {
  const pages = globSync('docs/*.md', { cwd: ROOT }).toSorted()
  return ['README.md', ...pages].map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))
}

/** All TypeScript below `top`. */
export function sources(top: 'src' | 'test' | 'bench'): readonly Source[] {
  return globSync('**/*.ts', { cwd: join(ROOT, top) })
    .toSorted()
    .map((file) => {
      const text = readFileSync(join(ROOT, top, file), 'utf8')
      const [folder = '.', ...rest] = file.split('/')
      return { path: join(top, file), folder: rest.length === 0 ? '.' : folder, text, imports: readImports(text) }
    })
}

const STATIC = /^(?:import|export)\s+(type\s+)?(?:([^'"`;]*?)\s+from\s+)?'([^']+)'/gm
const DYNAMIC = /\bimport\('([^']+)'\)/g

export function readImports(text: string): readonly Import[] {
  const lineOf = (index: number): number => text.slice(0, index).split('\n').length
  const found: Import[] = []
  for (const match of text.matchAll(STATIC)) {
    const [, type, clause = '', from = ''] = match
    const { names, typesOnly } = readClause(clause)
    found.push({
      from,
      names,
      typesOnly: type !== undefined || typesOnly,
      statement: type === undefined ? 'values' : 'types',
      line: lineOf(match.index),
    })
  }
  for (const match of text.matchAll(DYNAMIC)) {
    found.push({ from: match[1] ?? '', names: ['*'], typesOnly: false, statement: 'values', line: lineOf(match.index) })
  }
  return found
}

/** What stands between `import` and `from`. */
function readClause(clause: string): { readonly names: readonly string[]; readonly typesOnly: boolean } {
  const names: string[] = []
  const braces = /\{([^}]*)\}/.exec(clause)
  const listed = (braces?.[1] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const outside = clause
    .replace(/\{[^}]*\}/, '')
    .replaceAll(',', '')
    .trim()
  if (outside.startsWith('*')) names.push('*')
  else if (outside !== '') names.push('default')
  const values = listed.filter((name) => !name.startsWith('type '))
  names.push(...values.map((name) => name.replace(/\s+as\s.*$/, '')))
  return { names, typesOnly: names.length === 0 && listed.length > 0 }
}

/** The folder below src/ that a relative import leads to; `.` for files directly in it; undefined outside src/. */
export function targetFolder(source: Source, from: string): string | undefined {
  const [top, folder, ...rest] = normalize(join(dirname(source.path), from)).split('/')
  if (top !== 'src' || folder === undefined) return undefined
  return rest.length === 0 ? '.' : folder
}

/** Fails with every breach of a rule at once. */
export function assertNone(breaches: readonly string[], rule: string): void {
  if (breaches.length > 0) throw new Error(`${rule}\n${breaches.map((breach) => `  ${breach}`).join('\n')}`)
}
