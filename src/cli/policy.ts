// The `policy` commands: what walls and rules have done, whether they say what they are meant to, and what
// others would have done.

import { resolve } from 'node:path'
import type * as z from 'zod'
import { explain, policyRules } from '../admin/decisions.ts'
import { policyDiff } from '../admin/policy-diff.ts'
import { formatFinding } from '../config/finding.ts'
import { readCases, type PolicyCase } from '../config/policy-cases.ts'
import { DURATION } from '../config/values.ts'
import { stanzaOf } from '../lab/cases.ts'
import { UsageError } from './arguments.ts'
import { EXIT, type Command } from './command.ts'
import { shorter } from './errors.ts'
import { askFiles, askOrRead } from './offline.ts'
import { tone, type Cell } from './output.ts'
import { count, duration } from './text.ts'

type Explained = z.output<typeof explain.output>

const rules: Command = {
  name: 'policy rules',
  about:
    'List all rules, and the walls: how often each was asked, what it matched, refused or would refuse, and what it costs.',
  notes: [
    '"asked" counts, of walls and rules of policy.yaml, pairs of a user and a partner, each once for as long as it is remembered; all else counts stanzas.',
    'A stanza that looks like the last one of the same way is not asked about again. "µs each" is measured of a few.',
  ],
  async run(context) {
    const { output, now } = context
    const answer = await askOrRead(context, policyRules, {})
    output.answer(answer, () => {
      if (answer.rules.every((rule) => rule.is === 'built-in'))
        output.line('there are no walls and no rules in policy.yaml: all may talk to every partner')
      output.table(
        ['rule', 'asked', 'matched', 'refused', 'would refuse', 'µs each', 'last', 'what it says'],
        answer.rules.map((rule): Cell[] => [
          tone('strong', rule.name),
          ...[rule.asked, rule.matched, rule.refused].map(String),
          rule.report ? tone('careful', String(rule.reported)) : '',
          rule.costNs === undefined ? '' : (rule.costNs / 1000).toFixed(1),
          rule.lastAt === undefined ? '' : `${duration(now() - Date.parse(rule.lastAt))} ago`,
          tone('quiet', `${rule.about}${rule.report ? ' Only reports.' : ''} ${rule.place ?? ''}`),
        ]),
      )
    })
    return EXIT.fine
  },
}

/** What became of a case that is not as it should be. */
interface Failed {
  readonly place: string
  readonly name: string
  readonly expected: string
  readonly found: string
}

const test: Command = {
  name: 'policy test',
  about: 'Hold the files of the installation against cases of your own: stanzas, and what is to become of them.',
  positionals: [{ name: 'directory', about: 'a folder of files *.yaml with cases' }],
  notes: [
    'A case: { name: Staff may write, from: anna@corp.example, to: bob@partner.example, expect: pass }.',
    'It may say stanza (message chat, presence subscribe, iq get), carries (namespaces), at (a time), and expect reason and rule.',
    'times: 100, within: 10s, recipients: many holds so many like it against limits: pass where none of them is refused.',
    'Members of groups that stand in a directory may be written below groups: beside cases:; else those count that a gateway here has read.',
    'Exit code 0: all as expected. 1: some are not. 78: the configuration or the cases have mistakes.',
  ],
  async run(context) {
    const { output, arguments: words } = context
    const folder = resolve(words.required('directory'))
    const { cases, members, findings } = await readCases(shorter(folder) || '.')
    if (findings.length > 0) {
      output.answer({ findings }, () => {
        for (const finding of findings) output.line(tone('bad', formatFinding(finding)))
      })
      return EXIT.configuration
    }
    const answers = await askFiles(
      { ...context, members },
      explain,
      cases.map((one) => ({
        from: one.from,
        to: one.to,
        stanza: stanzaOf(one, " id='case'"),
        at: one.at,
        burst: burstOf(one),
      })),
    )
    const failed = cases.flatMap((one, index) => failureOf(one, answers[index]!))
    output.answer({ cases: cases.length, failed }, () => {
      for (const { place, name, expected, found } of failed)
        output.line(tone('bad', 'not so: '), `${place}: ${name}: expected ${expected}, and it is ${found}`)
      const good = cases.length - failed.length
      output.line(`${count(good, 'case')} as expected`, failed.length > 0 ? `, ${failed.length} not` : '')
    })
    return failed.length === 0 ? EXIT.fine : EXIT.finding
  },
}

const diff: Command = {
  name: 'policy diff',
  about: 'Judge the traffic of late again under other files, and list what would go another way, by partner.',
  options: {
    with: { value: 'DIR', about: 'The other files: a directory as federation-config/ is.' },
    since: { value: 'TIME', about: 'How far back, such as 24h (the default) or 7d.' },
  },
  notes: [
    'It reads what the gateway has recorded of stanzas, without contents: all that was refused, and under load a part of what passed.',
    'Where the records do not go back that far, it says how far they go.',
    'Limits are held against what is recorded: under load, when only a part of that is, more may be refused than it says. Who is in which room is not recorded.',
    'Exit code 0: nothing would change. 1: something would. 78: the other files have mistakes.',
  ],
  async run({ output, arguments: words, directory, now }) {
    const candidate = words.option('with')
    if (candidate === undefined) throw new UsageError('--with is needed', 'policy diff')
    const since = DURATION.read(words.option('since') ?? '24h')
    if (since === undefined) throw new UsageError(`--since: ${DURATION.how}`, 'policy diff')
    const answer = await policyDiff(directory, resolve(candidate), { since: now() - since, now })
    if (!answer.ok) {
      output.answer(answer, () => {
        for (const finding of answer.findings) output.line(tone('bad', formatFinding(finding)))
      })
      return EXIT.configuration
    }
    const { looked, changes, onlyBackTo, notJudged } = answer
    output.answer({ looked, changes, onlyBackTo, notJudged }, () => {
      output.line(`${count(looked, 'stanza')} judged again`, changes.length === 0 ? '; nothing would change' : '')
      for (const [what, at] of Object.entries(onlyBackTo))
        output.line(
          tone(
            'careful',
            `only back to ${at} of what ${what === 'passed' ? 'passed' : 'was refused'}: there are no older records`,
          ),
        )
      if (notJudged.rooms > 0)
        output.line(
          tone('careful', `not judged again: ${count(notJudged.rooms, 'stanza')} refused for who was in a room then`),
        )
      if (notJudged.limits > 0)
        output.line(tone('careful', `not held against limits: ${count(notJudged.limits, 'stanza')}, the oldest`))
      if (changes.length === 0) return
      output.table(
        ['partner', 'way', 'stanzas', 'would', 'because of', 'such as'],
        changes.map(({ partner, direction, would, reason, rule, stanzas, example }): Cell[] => [
          ...[tone('strong', partner), direction, String(stanzas)],
          would === 'pass' ? tone('good', 'cross now') : tone('bad', 'be refused now'),
          [reason, rule].filter((part) => part !== undefined).join(' '),
          tone('quiet', `${example.kind} ${example.from} → ${example.to}`),
        ]),
      )
    })
    return changes.length === 0 ? EXIT.fine : EXIT.finding
  },
}

/** The `policy` commands, in the order of the help text. */
export const POLICY_COMMANDS: readonly Command[] = [rules, test, diff]

const burstOf = ({ times, within: withinMs, recipients }: PolicyCase) =>
  times === 1 ? undefined : { times, withinMs, recipients }

function failureOf({ place, name, expect, reason, rule }: PolicyCase, answer: Explained): readonly Failed[] {
  const decides = decidingRule(answer)
  const same =
    answer.verdict === expect &&
    (reason === undefined || answer.reason?.id === reason) &&
    (rule === undefined || rule === decides)
  if (same) return []
  const said = (...parts: readonly (string | undefined)[]): string =>
    parts.filter((part) => part !== undefined).join(' ')
  return [
    {
      ...{ place, name },
      expected: said(expect, reason, rule && `by ${rule}`),
      found: said(answer.verdict, answer.reason?.id, decides && `by ${decides}`),
    },
  ]
}

/** The wall or the rule of the policy that decides; none where it does not come to that. */
function decidingRule({ trail }: Explained): string | undefined {
  return trail.find(({ note }) => note === 'decides')?.rule
}
