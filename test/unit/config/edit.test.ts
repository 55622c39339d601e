import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { addPartner, removePartner, setPartner, type Coming } from '../../../src/config/edit.ts'
import { formatFinding, type Finding } from '../../../src/config/finding.ts'
import { ConfigReader, loadConfig } from '../../../src/config/load.ts'
import { configuration, put } from './folder.ts'

const HAND_WRITTEN = `# Aurora, see contract 17
domain: partner.example
status: allowed      # since May

# Keys: the new one is in use from June
pins:
  - "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="   # 2026
owner: it-security@corp.example # Ms Weber
`
const FILE = 'partners/partner.example.yaml'

const words = (result: { readonly findings: readonly Finding[] } | { readonly file: string }): readonly string[] =>
  'findings' in result ? result.findings.map((finding) => formatFinding(finding)) : []
const from = (directory: string) => ({ shownFrom: dirname(directory) })
const text = (directory: string, name = FILE): string => readFileSync(join(directory, name), 'utf8')

test('a new partner gets a file that explains itself', async (t) => {
  const directory = configuration(t)
  const result = await addPartner(
    directory,
    'Partner.Example.',
    { owner: 'it', expires: '2027-06-30' },
    from(directory),
  )
  assert.ok(result.ok)
  assert.equal(result.file, 'federation-config/partners/partner.example.yaml')
  assert.match(text(directory), /^# .*\ndomain: partner\.example$/m)
  assert.match(text(directory), /^# The last day.*\n#expires: .*\nexpires: 2027-06-30$/m)
  const { partners } = await loadConfig(directory)
  assert.deepEqual(partners, [result.partner])
  assert.equal(partners[0]?.status, 'allowed')
  assert.equal(statSync(join(directory, FILE)).mode & 0o777, 0o640)
})

test('a partner with an international name is filed under its A-label', async (t) => {
  const directory = configuration(t)
  await addPartner(directory, 'bücher.example', { status: 'blocked' })
  assert.deepEqual(readdirSync(join(directory, 'partners')), ['xn--bcher-kva.example.yaml'])
})

test('a partner that is there is not added again', async (t) => {
  const directory = configuration(t, { [FILE]: HAND_WRITTEN })
  const result = await addPartner(directory, 'partner.example', {}, from(directory))
  assert.deepEqual(words(result), [`federation-config/${FILE}: is there already; use "partner set" to change it`])
  assert.equal(text(directory), HAND_WRITTEN)
})

test('a change leaves every other byte, the permissions, and no other file behind', async (t) => {
  const directory = configuration(t, { [FILE]: HAND_WRITTEN })
  chmodSync(join(directory, FILE), 0o604)
  const result = await setPartner(directory, 'partner.example', { status: 'blocked' })
  assert.ok(result.ok)
  assert.equal(result.partner.status, 'blocked')
  assert.equal(text(directory), HAND_WRITTEN.replace('allowed', 'blocked'))
  assert.equal(statSync(join(directory, FILE)).mode & 0o777, 0o604)
  assert.deepEqual(readdirSync(join(directory, 'partners')), ['partner.example.yaml'])
})

test('changes there and back give the same file', async (t) => {
  const directory = configuration(t, { [FILE]: HAND_WRITTEN })
  await setPartner(directory, 'partner.example', { status: 'suspended', purpose: 'x', expires: '2027-01-01' })
  await setPartner(directory, 'partner.example', { status: 'allowed', purpose: undefined, expires: undefined })
  assert.equal(text(directory), HAND_WRITTEN)
})

for (const [what, changes, expected] of [
  ['a value', { status: 'blokced' }, 'status: write allowed, blocked, pending or suspended; did you mean "blocked"?'],
  ['a key', { stauts: 'blocked' }, 'stauts: unknown key; did you mean "status"?'],
  ['text with lines', { owner: 'a\nstatus: allowed' }, 'owner: write one line of text, up to 1000 characters'],
  ['another domain', { domain: 'other.example' }, 'a partner keeps its domain; remove this one and add the other'],
  [
    'nothing where something is needed',
    { status: undefined },
    'status: missing; write allowed, blocked, pending or suspended',
  ],
  ['one of our domains', { alsoKnownAs: ['corp.example'] }, 'corp.example is one of our own domains'],
  ["another partner's domain", { alsoKnownAs: ['other.example'] }, 'other.example already belongs to'],
] as const) {
  test(`${what} that is wrong is refused before anything is written`, async (t) => {
    const files = { [FILE]: HAND_WRITTEN, 'partners/other.example.yaml': 'domain: other.example\nstatus: allowed\n' }
    const directory = configuration(t, files)
    const result = await setPartner(directory, 'partner.example', changes, from(directory))
    assert.ok(!result.ok)
    assert.ok(
      words(result).every((line) => line.includes('partners/partner.example.yaml')),
      words(result).join('\n'),
    )
    assert.ok(words(result).join('\n').includes(expected), words(result).join('\n'))
    assert.equal(text(directory), HAND_WRITTEN)
    assert.equal(readdirSync(join(directory, 'partners')).length, 2)
  })
}

test('mistakes of other files do not keep a partner from being blocked', async (t) => {
  const directory = configuration(t, {
    [FILE]: HAND_WRITTEN,
    'gateway.yaml': 'a: [',
    'partners/b.example.yaml': 'x: 1\n',
  })
  const result = await setPartner(directory, 'partner.example', { status: 'blocked' })
  assert.ok(result.ok)
  assert.match(text(directory), /^status: blocked /m)
})

test('mistakes that the file has already are told, and it is left alone', async (t) => {
  const directory = configuration(t, { [FILE]: 'domain: partner.example\nstatus: allowed\npins: [\n' })
  const result = await setPartner(directory, 'partner.example', { status: 'blocked' }, from(directory))
  assert.deepEqual(words(result), [`federation-config/${FILE}:4: a [ or { further up is not closed`])
})

test('a partner that is not there is not changed, and a near name is named', async (t) => {
  const directory = configuration(t, { [FILE]: `${HAND_WRITTEN}alsoKnownAs: [rooms.partner.example]\n` })
  const tell = async (domain: string): Promise<string | undefined> =>
    words(await setPartner(directory, domain, { status: 'blocked' }, from(directory)))[0]?.replace(/^.*?yaml: /, '')
  assert.equal(await tell('partnre.example'), 'there is no such partner; did you mean "partner.example"?')
  assert.equal(
    await tell('rooms.partner.example'),
    'there is no such file; rooms.partner.example is under partner.example (alsoKnownAs)',
  )
  assert.equal(await tell('elsewhere.test'), 'there is no such partner')
  assert.match(words(await removePartner(directory, 'elsewhere.test'))[0] ?? '', /there is no such partner$/)
})

test('a name that is no domain leads nowhere', async (t) => {
  const directory = configuration(t, { [FILE]: HAND_WRITTEN })
  for (const name of [
    '../gateway',
    '../../etc/passwd',
    '/etc/passwd',
    'a/b',
    '..',
    '.',
    '',
    'a\u0000b',
    '*.partner.example',
    '192.0.2.1',
    '.hidden',
  ]) {
    for (const act of [addPartner, removePartner, setPartner]) {
      const result = await act(directory, name, {})
      assert.ok(!result.ok, `${act.name} ${JSON.stringify(name)}`)
    }
  }
  assert.deepEqual(readdirSync(directory).toSorted(), ['gateway.yaml', 'partners'])
  assert.deepEqual(readdirSync(join(directory, 'partners')), ['partner.example.yaml'])
})

test('links are not followed and not replaced', async (t) => {
  const directory = configuration(t, { 'elsewhere.txt': HAND_WRITTEN })
  mkdirSync(join(directory, 'partners'))
  symlinkSync('../elsewhere.txt', join(directory, FILE))
  for (const act of [addPartner, removePartner, setPartner]) {
    const result = await act(directory, 'partner.example', { status: 'blocked' })
    assert.match(words(result)[0] ?? '', /is a link or not a file; change it by hand$/)
  }
  assert.equal(text(directory, 'elsewhere.txt'), HAND_WRITTEN)
})

test('a partner is removed with its file, also with a faulty one', async (t) => {
  const directory = configuration(t, { [FILE]: 'pins: [' })
  const result = await removePartner(directory, 'partner.example', from(directory))
  assert.deepEqual(result, { ok: true, file: `federation-config/${FILE}` })
  assert.ok(!existsSync(join(directory, FILE)))
})

test('two who add the same partner at once do not overwrite each other', async (t) => {
  const directory = configuration(t)
  const results = await Promise.all(['a', 'b', 'c'].map((owner) => addPartner(directory, 'partner.example', { owner })))
  const added = results.filter((result) => result.ok)
  assert.equal(added.length, 1)
  const { partners } = await loadConfig(directory)
  assert.equal(partners[0]?.owner, added[0]?.ok === true ? added[0].partner.owner : undefined)
  assert.equal(readdirSync(join(directory, 'partners')).length, 1)
})

test('a directory that cannot be written to gives a sentence', async (t) => {
  const directory = configuration(t)
  rmSync(directory, { recursive: true })
  put(dirname(directory), { 'federation-config': 'a file' })
  const result = await addPartner(directory, 'partner.example', {}, from(directory))
  assert.match(words(result)[0] ?? '', /partner\.example\.yaml: not a directory$/)
})

test('who is told what is about to be written hears that it could not be', async (t) => {
  const directory = configuration(t, { [FILE]: HAND_WRITTEN })
  const failed: unknown[] = []
  const options = {
    ...from(directory),
    failed: ({ domain, text: wanted }: Coming) => failed.push([domain, wanted === undefined]),
  }
  await setPartner(directory, 'partner.example', { owner: 'anna' }, options)
  assert.deepEqual(failed, [])
  const gone = () => rmSync(join(directory, FILE))
  assert.equal((await removePartner(directory, 'partner.example', { ...options, before: gone })).ok, false)
  const inTheWay = () => {
    rmSync(join(directory, 'partners'), { recursive: true })
    put(directory, { partners: 'a file' })
  }
  assert.equal((await addPartner(directory, 'new.example', {}, { ...options, before: inTheWay })).ok, false)
  assert.deepEqual(failed, [
    ['partner.example', true],
    ['new.example', false],
  ])
})

test('what is written together is seen together: readings wait, and writings wait for them', async (t) => {
  const reader = new ConfigReader(configuration(t))
  const seen: string[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const before = reader.read().then(() => seen.push('read before'))
  const writing = reader.alone(async () => {
    seen.push('writing')
    await promise
    seen.push('written')
  })
  const after = reader.read().then(() => seen.push('read after'))
  await before
  resolve()
  await Promise.all([writing, after])
  assert.deepEqual(seen, ['read before', 'writing', 'written', 'read after'])
  // What fails holds nobody up.
  await assert.rejects(reader.alone(() => Promise.reject(new Error('no'))))
  await reader.read()
})
