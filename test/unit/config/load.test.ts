import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import { formatFinding } from '../../../src/config/finding.ts'
import { loadConfig, MAX_GATEWAY_BYTES } from '../../../src/config/load.ts'
import { MAX_PARTNER_BYTES } from '../../../src/config/read-text.ts'
import { configuration, GATEWAY, PARTNER } from './folder.ts'

const seen = async (directory: string): Promise<readonly string[]> => {
  const { findings } = await loadConfig(directory, { shownFrom: dirname(directory) })
  return findings.map((finding) => formatFinding(finding))
}

test('names of files are taken from the directory that holds the configuration, wherever it is called from', async (t) => {
  const directory = configuration(t, {
    'partners/partner.example.yaml': `${PARTNER}anchors: [certs/p.pem, /etc/p.pem]\n`,
  })
  const root = dirname(directory)
  const { settings, partners } = await loadConfig(relative(process.cwd(), directory))
  assert.equal(settings?.domains[0]?.certFile, join(root, 'certs/corp.example/fullchain.pem'))
  assert.equal(settings?.store.file, join(root, 'var/sallyport.db'))
  assert.deepEqual(settings?.core.trust.files, [join(root, 'certs/core/ca.pem')])
  assert.deepEqual(partners[0]?.anchors, [join(root, 'certs/p.pem'), '/etc/p.pem'])
})

test('a configuration elsewhere is shown with its whole name', async (t) => {
  const directory = configuration(t, { 'gateway.yaml': 'a: 1\n' })
  const { findings } = await loadConfig(directory, { shownFrom: '/nowhere' })
  assert.equal(findings[0]?.file, join(directory, 'gateway.yaml'))
})

test('partners come sorted by domain', async (t) => {
  const files = ['c', 'a', 'b'].map((n) => [`partners/${n}.example.yaml`, `domain: ${n}.example\nstatus: allowed\n`])
  const { partners } = await loadConfig(configuration(t, Object.fromEntries(files)))
  assert.deepEqual(
    partners.map(({ domain }) => domain),
    ['a.example', 'b.example', 'c.example'],
  )
})

test('a huge file is a mistake, not work', async (t) => {
  const directory = configuration(t, {
    'gateway.yaml': `${GATEWAY}# ${'x'.repeat(MAX_GATEWAY_BYTES)}\n`,
    'partners/partner.example.yaml': `${PARTNER}# ${'x'.repeat(MAX_PARTNER_BYTES)}\n`,
  })
  assert.deepEqual(await seen(directory), [
    'federation-config/gateway.yaml: larger than 1024 KiB; such a file is a mistake',
    'federation-config/partners/partner.example.yaml: larger than 64 KiB; such a file is a mistake',
  ])
})

test('a file as deep as a well ends in a sentence', async (t) => {
  const directory = configuration(t, {
    'gateway.yaml': `a: ${'['.repeat(100_000)}`,
  })
  assert.equal((await seen(directory)).length, 1)
})

test('as many keys as fit into a file are read at a cost that grows with their number, not with its square', async (t) => {
  /** The least work of several attempts, in μs of this process's own time: what else the machine does hardly counts. */
  const cost = async (count: number, attempts: number): Promise<number> => {
    const keys = Array.from({ length: count }, (_, index) => `k${index}: 1\n`).join('')
    const directory = configuration(t, { 'gateway.yaml': `${GATEWAY}${keys}` })
    let least = Number.POSITIVE_INFINITY
    for (let attempt = 0; attempt < attempts; attempt++) {
      const before = process.cpuUsage()
      assert.ok((await seen(directory)).length >= count)
      const { user, system } = process.cpuUsage(before)
      least = Math.min(least, user + system)
    }
    return least
  }
  const [few, many] = [await cost(1000, 5), await cost(30_000, 2)]
  // Thirty times as much, four times over for what a machine is worth; the square would be 900.
  assert.ok(many < few * 120, `${few} μs for 1000 keys, ${many} for 30000`)
})

test('what is no file does not hold us up', async (t) => {
  const directory = configuration(t, { 'partners/partner.example.yaml': PARTNER })
  const partners = join(directory, 'partners')
  execFileSync('mkfifo', [join(partners, 'pipe.example.yaml')])
  mkdirSync(join(partners, 'directory.example.yaml'))
  symlinkSync('loop.example.yaml', join(partners, 'loop.example.yaml'))
  assert.deepEqual(await seen(directory), [
    'federation-config/partners/directory.example.yaml: not a file',
    'federation-config/partners/loop.example.yaml: a symbolic link that leads nowhere',
    'federation-config/partners/pipe.example.yaml: not a file',
  ])
})

test('a file that may not be read says so', async (t) => {
  const directory = configuration(t, { 'partners/partner.example.yaml': PARTNER })
  chmodSync(dirname(directory), 0o755)
  chmodSync(join(directory, 'partners/partner.example.yaml'), 0)
  // Root may read everything, so a root looks with the eyes of nobody.
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(65_534)
  const lines = await seen(directory).finally(() => isRoot && process.seteuid?.(0))
  assert.deepEqual(lines, ['federation-config/partners/partner.example.yaml: cannot be read: permission denied'])
})

test('partners in a place that is no directory are a mistake', async (t) => {
  assert.deepEqual(await seen(configuration(t, { partners: 'x' })), ['federation-config/partners: not a directory'])
})
