// `sallyport cert import <domain> <file>…`: brings in what a CA has handed out. Everything is looked at as `check` and the
// partners will, before anything is touched; what was in use stays beside it under a date.

import { readFile, rm, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { NoGateway } from '../admin/client.ts'
import { status } from '../admin/status.ts'
import type { OwnDomain } from '../config/settings.ts'
import { loadAnchors, readCertificateFile, withMore, type Anchors } from '../trust/anchors.ts'
import { assemble, type Assembled } from '../trust/assemble.ts'
import { readCertificate } from '../trust/certificate.ts'
import {
  LARGEST_FILE_BYTES,
  readHandout,
  tooLarge,
  type HandedFile,
  type Handout,
  type HandoutFault,
} from '../trust/handout.ts'
import { errorCode, errorText } from '../trust/files.ts'
import { dateFindings, readOwnCertificate } from '../trust/own-certificate.ts'
import { readOwned } from '../trust/owned-file.ts'
import { isLink, StagedPair } from '../trust/staged-pair.ts'
import { summarise } from '../trust/summary.ts'
import type { CertificateSummary } from '../trust/verdict.ts'
import {
  ownDomain,
  ownPassphrase,
  ownPlace,
  pendingFiles,
  readPassphrase,
  readConfiguration,
  SECOND,
  shown,
  type OwnPlace,
} from './cert-places.ts'
import { EXIT, type Command, type CommandContext } from './command.ts'
import { CommandError } from './errors.ts'
import { tone, type Output } from './output.ts'
import { duration } from './text.ts'

/** A gateway takes new files within a second or two; of one that does not, that is what is said. */
const TAKEN_MS = 5_000
const ASK_MS = 200

export const certImport: Command = {
  name: 'cert import',
  about: 'Bring in the certificate that a CA has issued for a domain of ours; a running gateway takes it at once.',
  positionals: [
    { name: 'domain', about: 'one of `domains:`' },
    {
      name: 'file',
      about:
        'what the CA handed out, in any order: PEM, DER, PKCS#7 (.p7b) or PKCS#12 (.p12, .pfx), with or without the key',
      many: true,
    },
  ],
  options: {
    second: SECOND,
    'passphrase-file': {
      value: 'FILE',
      about: 'The passphrase of PKCS#12 or of an encrypted key: the first line counts.',
    },
  },
  notes: [
    'The key may be in the files, that of `sallyport cert csr`, or the one in use.',
    'Nothing is touched unless all is well. The files from before are kept beside the new ones, with the date in their names.',
  ],
  async run(context) {
    const { output, now } = context
    const { settings, partners } = await readConfiguration(context)
    const domain = ownDomain(settings, context.arguments.required('domain'))
    const own = ownPlace(domain, context.arguments)
    await refuseLinks(context, own)
    const handed = await handedOver(context, own)
    const atHand = await casIn([...settings.trust.intermediates, ...partners.flatMap((partner) => partner.anchors)])
    const handout =
      handed.certificates.length > 0 ? { ...handed, certificates: [...handed.certificates, ...atHand] } : handed
    const anchors = await knownCas(settings.trust.anchors)
    const assembled = proper(
      assemble(handout, { domain: own.domain, passphrase: await ownPassphrase(own), anchors: anchors.all, now: now() }),
    )
    await using pair = await StagedPair.write(own, assembled)
    const warnings = await inspect(domain, own, pair, now())
    if (!anchors.public.byFingerprint.has(assembled.anchor.fingerprint))
      warnings.push(
        `partners believe it by agreement only: it leads to ${summarise(assembled.anchor).subject}, no public CA`,
      )
    const kept = await pair.commit(stampOf(now()))
    const pending = pendingFiles(own)
    if (assembled.keyFile === pending.key)
      for (const file of [pending.key, pending.request]) await rm(file, { force: true })
    const taken = await takenOver(context, own.domain, summarise(assembled.chain[0]))
    const told = describe(context, { own, assembled, kept, warnings, taken })
    output.answer(told, () => show(output, told, now()))
    return EXIT.fine
  },
}

/** What the files hold, and the keys that lie at their places. */
async function handedOver(context: CommandContext, own: OwnPlace): Promise<Handout> {
  const names = context.arguments.words('file')
  const files: HandedFile[] = []
  for (const name of names) {
    const { size } = await stat(resolve(name))
    const large = tooLarge(size)
    if (size > LARGEST_FILE_BYTES) proper({ ...large, fault: `${name}: ${large.fault}` })
    files.push({ name, octets: await readFile(resolve(name)) })
  }
  const passphrase = await readPassphrase(context)
  const handout = proper(readHandout(files, passphrase))
  if (handout.keys.length > 0) return handout
  // The key of the request that waits, then that in use: a CA may renew a certificate for the same key.
  const keys = [...handout.keys]
  for (const file of [pendingFiles(own).key, own.keyFile]) {
    const octets = await heldKey(context, file)
    if (!octets) continue
    const [held, more] = [passphrase, await ownPassphrase(own)].map((one) => readHandout([{ name: file, octets }], one))
    const read = held && 'fault' in held ? more : held
    if (read && 'fault' in read && file !== own.keyFile)
      proper({ ...read, fault: read.fault.replace(file, shown(context, file)) })
    if (read && !('fault' in read)) keys.push(...read.keys)
  }
  return { ...handout, keys }
}

/** The key in a file of ours, if there is one; never that to which a link leads. */
async function heldKey(context: CommandContext, file: string): Promise<Buffer | undefined> {
  try {
    return await readOwned(file)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    const why = errorCode(error) === 'ELOOP' ? 'is a link' : `cannot be read (${errorText(error)})`
    return proper<Buffer>({
      fault: `${shown(context, file)} ${why}`,
      act: 'Put the key itself there, or give it with the files of the CA.',
    })
  }
}

function proper<T extends object>(result: T | HandoutFault): T {
  if (!('fault' in result)) return result
  throw new CommandError('refused', `${result.fault}; nothing was changed`, result.act)
}

async function refuseLinks(context: CommandContext, { certFile, keyFile }: OwnPlace): Promise<void> {
  for (const file of [certFile, keyFile]) {
    if (!(await isLink(file))) continue
    throw new CommandError(
      'conflict',
      `${shown(context, file)} is a link, so somebody else keeps the file, such as an ACME client`,
      'Let that program renew it, and the gateway takes what it writes; or remove the link first.',
    )
  }
}

/**
 * CA certificates of these files, as if they had been handed over: so a CA of one's own, which partners know, need not be
 * brought each time. A file that does not read is for `check` to tell of.
 */
async function casIn(files: readonly string[]): Promise<Handout['certificates']> {
  const found: Handout['certificates'][number][] = []
  for (const file of new Set(files))
    for (const what of (await readCertificateFile(file)).certificates.map(readCertificate))
      if (typeof what !== 'string' && what.extensions.basicConstraints?.ca === true) found.push({ what, file })
  return found
}

/** The CAs that strangers believe, and these with those that are believed here. */
async function knownCas(configured: 'system' | readonly string[]): Promise<Record<'public' | 'all', Anchors>> {
  const { anchors } = await loadAnchors('system')
  if (configured === 'system') return { public: anchors, all: anchors }
  const own = (await loadAnchors(configured)).anchors
  return {
    public: anchors,
    all: withMore(
      anchors,
      [...own.byFingerprint.values()].map(({ raw }) => raw),
    ),
  }
}

/** Looks at the staged pair as `check` does. Gives back the warnings; @throws CommandError for what is wrong. */
async function inspect(domain: OwnDomain, own: OwnPlace, { staged }: StagedPair, now: number): Promise<string[]> {
  const place = { ...staged, passphraseFile: own.passphraseFile }
  const entry =
    own.keyFile === domain.keyFile ? { ...domain, ...place } : { ...domain, second: { ...place, optional: false } }
  const { chains, findings } = await readOwnCertificate(entry)
  // Of the other pair only what it has to do with this one: its own faults are for `check`.
  const all = [...findings, ...dateFindings(domain.domain, chains, now)].filter(
    ({ severity, file }) => file === staged.certFile || file === staged.keyFile || severity === 'warning',
  )
  const wrong = all.filter(({ severity }) => severity === 'error').map(({ message }) => message)
  if (wrong.length > 0)
    throw new CommandError('refused', `${wrong.join('; ')}; nothing was changed`, 'Import one that partners accept.')
  return all.map(({ message }) => message)
}

/** 2026-11-25T22:14:01Z → `20261125-221401`. */
const stampOf = (now: number): string => new Date(now).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')

/** What became of it in the gateway that runs: `yes`, `not-yet`, `soon` where it does not tell, `none` where none runs. */
type Taken = 'yes' | 'not-yet' | 'none' | 'soon'

async function takenOver(
  { ask, arguments: words }: CommandContext,
  domain: string,
  wanted: CertificateSummary,
): Promise<Taken> {
  const until = performance.now() + TAKEN_MS
  for (;;) {
    try {
      const { domains } = await ask(status, {})
      // Of two certificates it tells the first.
      if (words.flag('second')) return 'soon'
      const inUse = domains.find((one) => one.domain === domain)?.certificate
      if (inUse?.spki === wanted.spki && inUse.notAfter === wanted.notAfter) return 'yes'
    } catch (error) {
      if (error instanceof NoGateway) return 'none'
      throw error
    }
    if (performance.now() > until) return 'not-yet'
    await new Promise((done) => setTimeout(done, ASK_MS))
  }
}

interface Imported {
  readonly own: OwnPlace
  readonly assembled: Assembled
  readonly kept: readonly string[]
  readonly warnings: readonly string[]
  readonly taken: Taken
}

function describe(context: CommandContext, { own, assembled, kept, warnings, taken }: Imported) {
  const { chain, anchor, keyFile } = assembled
  return {
    domain: own.domain,
    files: { certificate: shown(context, own.certFile), key: shown(context, own.keyFile) },
    certificate: summarise(chain[0]),
    chain: chain.map((one) => summarise(one).subject),
    anchor: summarise(anchor).subject,
    keyFrom: shown(context, keyFile),
    kept: kept.map((file) => shown(context, file)),
    warnings,
    running: taken,
  }
}

const TAKEN: Readonly<Record<Taken, string>> = {
  yes: 'the running gateway shows it already; streams that are up stay as they are',
  'not-yet': 'the running gateway does not show it yet: `sallyport status` and its log say why',
  soon: 'the running gateway takes it within seconds: `sallyport cert show` shows it then',
  none: 'no gateway is running here; the next start takes it',
}

function show(output: Output, told: ReturnType<typeof describe>, now: number): void {
  const { certificate, files } = told
  output.line(tone('strong', `The certificate for ${told.domain}`))
  output.facts([
    ['names', certificate.names.join(', ')],
    ['key', `${certificate.key}, from ${told.keyFrom}`],
    ['until', `${certificate.notAfter.slice(0, 10)}, another ${duration(Date.parse(certificate.notAfter) - now)}`],
    ['chain', [...told.chain, ...(told.anchor === told.chain.at(-1) ? [] : [`(${told.anchor})`])].join(' ← ')],
    ['written', `${files.certificate}, ${files.key}`],
    ['kept', told.kept.join(', ')],
  ])
  for (const warning of told.warnings) output.line('  ', tone('careful', 'warning  '), warning)
  output.line()
  output.line(tone(told.running === 'not-yet' ? 'careful' : 'good', TAKEN[told.running]))
}
