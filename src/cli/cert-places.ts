// What the `cert` commands have in common: which domain of ours is meant, where its files lie, and how they are named.

import { readFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { hasErrors } from '../config/finding.ts'
import { loadConfig } from '../config/load.ts'
import type { OwnDomain, Settings } from '../config/settings.ts'
import { suggest } from '../config/suggest.ts'
import type { Partner } from '../policy/partner.ts'
import { beside } from '../trust/staged-pair.ts'
import { parseDomain } from '../xmpp/domain.ts'
import type { Arguments } from './arguments.ts'
import { EXIT, type CommandContext } from './command.ts'
import { CommandError } from './errors.ts'

/** The settings of the installation. @throws CommandError where there are none that can be read. */
export async function readSettings(context: CommandContext): Promise<Settings> {
  return (await readConfiguration(context)).settings
}

/** The settings and the partners, likewise. */
export async function readConfiguration({
  directory,
}: CommandContext): Promise<{ readonly settings: Settings; readonly partners: readonly Partner[] }> {
  const { settings, partners, findings } = await loadConfig(join(directory, 'federation-config'))
  if (settings !== undefined && !hasErrors(findings)) return { settings, partners }
  throw new CommandError(
    'faulty-configuration',
    `the configuration in ${join(directory, 'federation-config')} is missing or faulty`,
    'Run `sallyport check`, which names every mistake; `sallyport quickstart` makes a new installation.',
    EXIT.configuration,
  )
}

/** One of our domains, however it is spelled. @throws CommandError */
export function ownDomain({ domains }: Settings, typed: string): OwnDomain {
  const wanted = parseDomain(typed)
  const own = domains.find(({ domain }) => domain === wanted)
  if (own) return own
  const names = domains.map(({ domain }) => domain)
  const near = suggest(wanted ?? typed, names)
  throw new CommandError(
    'not-found',
    `${typed} is not one of our domains`,
    near === undefined
      ? `Ours are ${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}; others are added below \`domains:\` in gateway.yaml.`
      : `Did you mean ${near}?`,
    EXIT.usage,
  )
}

/** One of the two places of a domain for a certificate and its key. */
export interface OwnPlace {
  readonly domain: string
  readonly certFile: string
  readonly keyFile: string
  readonly passphraseFile: string | undefined
}

/** That which a command means: the first, or with `--second` the one for another kind of key. */
export function ownPlace(own: OwnDomain, words: Arguments): OwnPlace {
  const { domain } = own
  const { certFile, keyFile, passphraseFile } = words.flag('second') ? own.second : own
  return { domain, certFile, keyFile, passphraseFile }
}

export const SECOND = { about: 'Mean the second certificate of the domain, with another kind of key: RSA beside EC.' }

/** Where a request waits for its answer: its key, and the request itself. */
export function pendingFiles({ keyFile }: Pick<OwnDomain, 'keyFile'>): {
  readonly key: string
  readonly request: string
} {
  const key = beside(keyFile, 'new')
  return { key, request: `${key.replace(/\.[^./]*$/, '')}.csr` }
}

/** A file as it is named to people: below the installation, or in full. */
export function shown({ directory }: CommandContext, file: string): string {
  const path = relative(directory, file)
  return path.startsWith('..') ? file : path
}

/** The passphrase in the file of `--passphrase-file`: its first line. */
export async function readPassphrase({ arguments: words, directory }: CommandContext): Promise<string | undefined> {
  const file = words.option('passphrase-file')
  return file === undefined ? undefined : firstLine(resolve(directory, file))
}

/** The passphrase that the settings name for the key at a place; undefined: it is not encrypted. */
export async function ownPassphrase({ passphraseFile }: OwnPlace): Promise<string | undefined> {
  return passphraseFile === undefined ? undefined : firstLine(passphraseFile)
}

async function firstLine(file: string): Promise<string> {
  const [line = ''] = (await readFile(file, 'utf8')).split(/\r?\n/, 1)
  if (line !== '') return line
  throw new CommandError('bad-input', `the first line of ${file} is empty`, 'Write the passphrase there.', EXIT.usage)
}
