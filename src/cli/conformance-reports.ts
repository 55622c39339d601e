// `sallyport conformance verify` says whether a report is as it was signed, `conformance diff` what has changed between two.

import { readFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { type Compared, differencesOf } from '../conformance/report/differences.ts'
import { examine, keyIn } from '../conformance/report/manifest.ts'
import { type Command, type CommandContext, EXIT } from './command.ts'
import { CommandError } from './errors.ts'
import { tone } from './output.ts'
import { count } from './text.ts'

const WANTED_KEY = 'Name the public key of whoever signs, got in another way than with the report.'

const within = ({ directory }: CommandContext, path: string): string =>
  isAbsolute(path) ? path : join(directory, path)

export const verifyCommand: Command = {
  name: 'conformance verify',
  noNotice: true,
  about: 'Says whether a report is as it was signed.',
  positionals: [{ name: 'report', about: 'the folder of the report' }],
  options: {
    key: {
      value: 'FILE',
      about: 'The public key (PEM) that must have signed it, got in another way than with the report.',
    },
  },
  notes: ['Exit code 0: nothing was changed. 1: something was, or somebody else has signed it.'],
  async run(context) {
    const { arguments: words, output } = context
    const keyFile = words.option('key')
    const trusted = keyFile === undefined ? undefined : await readFile(within(context, keyFile), 'utf8')
    if (trusted !== undefined && !keyIn(trusted))
      throw new CommandError('configuration', `${keyFile}: no key in PEM`, WANTED_KEY, EXIT.configuration)
    const { faults, signedBy, files } = await examine(within(context, words.required('report')), trusted)
    output.answer({ fine: faults.length === 0, signedBy, files, faults }, () => {
      for (const fault of faults) output.line(tone('bad', fault))
      if (faults.length === 0) output.line(tone('good', `${count(files, 'file')} as signed`), ` by ${signedBy}`)
      if (trusted === undefined)
        output.line(
          tone('quiet', 'The key lies beside the report: compare its fingerprint with what whoever made it tells you.'),
        )
    })
    return faults.length === 0 ? EXIT.fine : EXIT.finding
  },
}

export const diffCommand: Command = {
  name: 'conformance diff',
  noNotice: true,
  about: 'Lays two reports side by side: what has become better, what worse.',
  positionals: [
    { name: 'before', about: 'the folder of the earlier report' },
    { name: 'after', about: 'the folder of the later one' },
  ],
  notes: ['Exit code 0: nothing has become worse. 1: something has, or one of them is not as it was signed.'],
  async run(context) {
    const { arguments: words, output } = context
    const folders = (['before', 'after'] as const).map((which) => within(context, words.required(which)))
    const [before, after] = await Promise.all(folders.map((folder) => readReport(join(folder, 'report.json'))))
    const differences = differencesOf(before!, after!)
    const worse = differences.filter(({ kind }) => kind === 'worse')
    const faults = (await Promise.all(folders.map(changesIn))).flat()
    output.answer({ before: before!.id, after: after!.id, differences, faults }, () => {
      for (const fault of faults) output.line(tone('bad', fault))
      output.line(`${before!.id} → ${after!.id}`)
      if (before!.system.profile !== after!.system.profile)
        output.line(tone('careful', 'They are about different profiles: not all of it is a change of the product.'))
      for (const { requirement, before: was, after: is, kind, because } of differences)
        output.line(
          tone(kind === 'worse' ? 'bad' : kind === 'better' ? 'good' : 'quiet', kind.padEnd(7)),
          ` ${requirement}: ${was ?? 'not there'} → ${is ?? 'not there'}. ${because}`,
        )
      output.line(
        differences.length === 0
          ? 'Nothing differs.'
          : `${count(differences.length, 'difference')}, ${worse.length} for the worse.`,
      )
    })
    return worse.length === 0 && faults.length === 0 ? EXIT.fine : EXIT.finding
  },
}

/** What was changed since it was signed, by whomever. */
const changesIn = async (folder: string): Promise<readonly string[]> =>
  (await examine(folder)).faults.map((fault) => `${folder} is not as it was signed: ${fault}`)

/** What of a report is read to compare it. */
type Told = Compared & { readonly id: string; readonly system: { readonly profile: string } }

async function readReport(file: string): Promise<Told> {
  const read: unknown = JSON.parse(await readFile(file, 'utf8'))
  if (!isReport(read)) throw new Error(`${file}: no report of conformance`)
  return read
}

const isReport = (value: unknown): value is Told =>
  typeof value === 'object' &&
  value !== null &&
  'verdicts' in value &&
  Array.isArray(value.verdicts) &&
  'system' in value &&
  typeof value.system === 'object'
