// `sallyport cert csr <domain>`: a new key and the request with which to order a certificate for it. Both wait beside what
// is in use until `cert import` brings the answer in, so that a gateway that runs notices nothing.

import { rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { GeneralName } from '../trust/general-name.ts'
import { nameText } from '../trust/names.ts'
import { makeOwnedFolder, writeOwned } from '../trust/owned-file.ts'
import { makeRequest, namesOf, type RequestKey } from '../trust/request.ts'
import { parseDomain } from '../xmpp/domain.ts'
import { UsageError, type Arguments } from './arguments.ts'
import {
  ownDomain,
  ownPassphrase,
  ownPlace,
  pendingFiles,
  readPassphrase,
  readSettings,
  SECOND,
  shown,
} from './cert-places.ts'
import { EXIT, type Command, type CommandContext } from './command.ts'
import { CommandError } from './errors.ts'
import { tone } from './output.ts'

const NAME = 'cert csr'
const BITS = { least: 2048, most: 8192, usual: 3072 }

export const certCsr: Command = {
  name: NAME,
  about: 'Make a key and the request with which to order a certificate for a domain of ours. Overwrites nothing.',
  positionals: [{ name: 'domain', about: 'one of `domains:`' }],
  options: {
    second: SECOND,
    key: { value: 'ec|rsa', about: 'The kind of key (default: ec; with --second: rsa).' },
    curve: { value: 'P-256|P-384', about: 'The curve of an EC key (default: P-256).' },
    bits: { value: 'NUMBER', about: `The size of an RSA key, ${BITS.least} to ${BITS.most} (default: ${BITS.usual}).` },
    names: { value: 'NAME[,NAME]', about: 'More DNS names to ask for, such as *.labs.corp.example.', many: true },
    'xmpp-addr': { about: 'Ask for the domain as XmppAddr too, for peers from before 2011.' },
    'dns-only': { about: 'Ask for DNS names only, for a CA that refuses requests with others.' },
    'passphrase-file': {
      value: 'FILE',
      about: 'Encrypt the key with the passphrase in this file (default: the one that the settings name, if any).',
    },
  },
  notes: [
    'The key is made here and never leaves this machine; send the request to a CA, and bring its answer in with `sallyport cert import`.',
    'Public CAs issue the DNS names and leave the others out, which is fine: peers accept either.',
  ],
  async run(context) {
    const { output, arguments: words } = context
    const settings = await readSettings(context)
    const own = ownPlace(ownDomain(settings, words.required('domain')), words)
    const kind = requestKey(words)
    const names = requestedNames(own.domain, words)
    const passphrase = (await readPassphrase(context)) ?? (await ownPassphrase(own))
    const places = pendingFiles(own)
    await refuseToOverwrite(context, places)
    const { key, csr } = await makeRequest({ domain: own.domain, names, key: kind, passphrase })
    await makeOwnedFolder(dirname(places.key))
    await writeOwned(places.key, key, 0o600)
    try {
      await writeOwned(places.request, csr, 0o644)
    } catch (error) {
      await rm(places.key)
      throw error
    }
    const files = { key: shown(context, places.key), request: shown(context, places.request) }
    const asked = names.map(nameText)
    output.answer({ domain: own.domain, key: kind, names: asked, files, request: csr }, () => {
      output.line('  ', tone('good', 'made '), files.key, tone('quiet', '  the key, for this machine only'))
      output.line('  ', tone('good', 'made '), files.request, tone('quiet', `  asks for ${asked.join(', ')}`))
      output.heading('Then')
      output.paragraph(`Send ${files.request} to the CA. When its answer is there:`, '  ')
      output.block(
        `npx sallyport cert import ${own.domain}${words.flag('second') ? ' --second' : ''} <the files of the CA>`,
      )
    })
    return EXIT.fine
  },
}

function requestKey(words: Arguments): RequestKey {
  const kind = words.option('key') ?? (words.flag('second') ? 'rsa' : 'ec')
  const [curve, bits] = [words.option('curve'), words.option('bits')]
  if (kind === 'ec') {
    if (bits !== undefined) throw new UsageError('--bits is for --key rsa; an EC key has a --curve', NAME)
    const wanted = (curve ?? 'P-256').toUpperCase()
    if (wanted === 'P-256' || wanted === 'P-384') return { kind, curve: wanted }
    throw new UsageError(`--curve ${curve}: write P-256 or P-384`, NAME)
  }
  if (kind !== 'rsa') throw new UsageError(`--key ${kind}: write ec or rsa`, NAME)
  if (curve !== undefined) throw new UsageError('--curve is for --key ec; an RSA key has --bits', NAME)
  const size = Number(bits ?? BITS.usual)
  if (!Number.isInteger(size) || size < BITS.least || size > BITS.most)
    throw new UsageError(`--bits ${bits}: write a number from ${BITS.least} to ${BITS.most}`, NAME)
  return { kind, bits: size }
}

function requestedNames(domain: string, words: Arguments): readonly GeneralName[] {
  const dnsOnly = words.flag('dns-only')
  if (dnsOnly && words.flag('xmpp-addr')) throw new UsageError('--xmpp-addr and --dns-only exclude each other', NAME)
  const more = (words.options('names') ?? [])
    .flatMap((list) => list.split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map(dnsName)
    .filter((name) => name !== domain)
  const [first, ...others] = namesOf(domain, { srv: !dnsOnly, xmppAddr: words.flag('xmpp-addr') })
  const extra = [...new Set(more)].map((value): GeneralName => ({ kind: 'dns', value }))
  return [first!, ...extra, ...others]
}

/** A DNS name as certificates have it, with `*` as its whole first label at most. */
function dnsName(text: string): string {
  const wild = text.startsWith('*.') ? '*.' : ''
  const name = parseDomain(text.slice(wild.length))
  if (name !== undefined && (wild === '' || name.includes('.'))) return `${wild}${name}`
  throw new UsageError(`--names: "${text}" is no DNS name`, NAME)
}

async function refuseToOverwrite(
  context: CommandContext,
  { key, request }: { readonly key: string; readonly request: string },
): Promise<void> {
  for (const file of [key, request]) {
    if ((await stat(file).catch(() => undefined)) === undefined) continue
    throw new CommandError(
      'conflict',
      `${shown(context, file)} is there already: a request waits for its answer, and it stays as it is`,
      `Send ${shown(context, request)} to the CA and import the answer; or remove both ${shown(context, key)} and ${shown(context, request)}, and run this again.`,
    )
  }
}
