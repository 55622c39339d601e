// README.md is a front page, and what it leads to is there: links and their anchors, between pages, pictures and files.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { assertNone, documents, ROOT } from './sources.ts'

/** Bytes. What is generated from code, from results or by tests does not count. */
const LARGEST = { readme: 30_000, page: 34_000 }

const pages = documents()

/** Without what stands in fences, which is no Markdown. */
const prose = (text: string): string => text.replaceAll(/^( *)```[^]*?^\1```$/gm, '')

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>()
  for (const [, heading = ''] of prose(text).matchAll(/^#+ (.*)$/gm)) {
    const words = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-')
    let anchor = words
    for (let i = 1; anchors.has(anchor); i += 1) anchor = `${words}-${i}`
    anchors.add(anchor)
  }
  return anchors
}

/** Where the links and pictures of a page lead that stay in this repository: a path from its root, and an anchor. */
function linksOf({ path, text }: { readonly path: string; readonly text: string }) {
  return [...prose(text).matchAll(/\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].map(([link, to = '', anchor]) => ({
    link,
    to: to === '' ? path : normalize(join(dirname(path), to)),
    anchor,
  }))
}

test('every link of README.md and of the pages leads to something', () => {
  const lost = pages.flatMap((page) =>
    linksOf(page).flatMap(({ link, to, anchor }) => {
      if (!existsSync(join(ROOT, to))) return [`${page.path}: ${link}: no ${to}`]
      const target = pages.find(({ path }) => path === to)
      if (anchor === undefined || (target && anchorsOf(target.text).has(anchor))) return []
      return [`${page.path}: ${link}: no heading of ${to} has this anchor`]
    }),
  )
  assertNone(lost, 'Links that lead nowhere:')
})

test('every page is reached from README.md, and leads back to it', () => {
  const links = new Map(pages.map((page) => [page.path, linksOf(page).map(({ to }) => to)]))
  const front = links.get('README.md') ?? []
  assertNone(
    pages.filter(({ path }) => path !== 'README.md' && !front.includes(path)).map(({ path }) => path),
    'Pages to which README.md has no link:',
  )
  assertNone(
    [...links].filter(([, to]) => !to.includes('README.md')).flatMap(([path]) => (path === 'README.md' ? [] : [path])),
    'Pages without a link to README.md:',
  )
})

test('README.md is short, and so is every page but for what is generated', () => {
  const long = pages.flatMap(({ path, text }) => {
    const own = text.replaceAll(/<!-- ([\w-]+):begin -->[^]*?<!-- \1:end -->/g, '')
    const [size, most] = path === 'README.md' ? [text, LARGEST.readme] : [own, LARGEST.page]
    const bytes = Buffer.byteLength(size)
    return bytes > most ? [`${path}: ${bytes} bytes of at most ${most}`] : []
  })
  assertNone(long, 'A front page that nobody reads to its end; give a subject a page of its own:')
})

test('headings with the same words have different anchors, and what stands in a fence is no heading', () => {
  const text = '# A & B\n\n```sh\n# no heading\n```\n## What it *is*, `x`\n## What it is x\n## Ünder\n'
  assert.deepEqual([...anchorsOf(text)], ['a--b', 'what-it-is-x', 'what-it-is-x-1', 'ünder'])
})

test('links are found in prose, with and without anchors, and those to other sites are left alone', () => {
  const text = '[a](b.md#c) ![d](../e.svg) [f](#g) [h](https://i.example/j) `x`\n```\n[k](l.md)\n```\n'
  assert.deepEqual(
    linksOf({ path: 'docs/a.md', text }).map(({ to, anchor }) => [to, anchor]),
    [
      ['docs/b.md', 'c'],
      ['e.svg', undefined],
      ['docs/a.md', 'g'],
    ],
  )
})
