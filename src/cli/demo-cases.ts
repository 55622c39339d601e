// The cases of a worked example, played through the gateway that runs it: what arrives on the other side, what comes back,
// for which reason and by which rule. What is about another time or about many stanzas is left to `policy test`.

import { recent } from '../admin/decisions.ts'
import { labEvents, labSend, type LabNews } from '../admin/lab.ts'
import { type CaseScene, playOf } from '../lab/cases.ts'
import type { Residents } from '../lab/residents.ts'
import { isEnding, isTurnedBack, readTurnedBack } from '../lab/turned-back.ts'
import type { CommandContext } from './command.ts'
import { type Act, type OnRecord, PATIENCE_MS, reasonOf, type Result, show, tell } from './demo-acts.ts'
import { casesOf } from './example.ts'

/** How many of the newest decisions are looked through for a stanza of which nobody was told. */
const NEWEST = 100

/** Plays all cases of an example. @returns the exit code */
export async function playCases(context: CommandContext, name: string, residents: Residents): Promise<number> {
  const { output, now } = context
  const { scenes, left } = playOf(await casesOf(name), residents, `demo-${now().toString(36)}`)
  const acts: Act[] = []
  for (const scene of scenes) {
    const act = { title: scene.title, results: [await play(context, scene)] }
    acts.push(act)
    if (!output.json) show(output, act)
  }
  return tell(output, acts, left)
}

async function play(context: CommandContext, scene: CaseScene): Promise<Result> {
  const { ask } = context
  const began = performance.now()
  const { lastEvent } = await ask(labSend, { domain: scene.at, stanza: scene.stanza })
  if (scene.question) await ask(labSend, { domain: scene.at, stanza: scene.question.stanza })
  const seen: LabNews[] = []
  let after = lastEvent
  for (;;) {
    const outcome = await outcomeIn(context, seen, scene)
    if (outcome) return judge(scene, outcome, Math.round(performance.now() - began))
    if (performance.now() - began > PATIENCE_MS) {
      return { fine: false, words: `nothing within ${PATIENCE_MS / 1000} s (expected: ${wanted(scene)})` }
    }
    const { events } = await ask(labEvents, { after, waitMs: 1000 })
    seen.push(...events)
    after = events.at(-1)?.number ?? after
  }
}

/** What became of the stanza of a scene. */
interface Outcome {
  readonly expect: 'pass' | 'refuse' | 'close'
  readonly how: string
  readonly reference?: string | undefined
  readonly record?: OnRecord
}

/** Undefined: it is not known yet. That it arrived is looked for first: what came back may be an answer to it. */
async function outcomeIn(
  context: CommandContext,
  seen: readonly LabNews[],
  scene: CaseScene,
): Promise<Outcome | undefined> {
  const [arrival] = scene.ends
  if (arrival && seen.some((news) => isEnding(news, arrival, scene))) return { expect: 'pass', how: 'crossed' }
  const back = arrival && seen.find((news) => isTurnedBack(news, arrival, scene))
  if (back) {
    const { by, condition, reference, text } = readTurnedBack(back)
    const told = `${by === 'stream' ? 'stream closed' : 'sent back'} with ${condition ?? 'no condition'}`
    const expect = by === 'stream' ? 'close' : 'refuse'
    if (reference === undefined) return { expect, how: `${told} and without a reference: ${text}` }
    return { expect, how: told, reference, record: await reasonOf(context, reference) }
  }
  const { question } = scene
  if (!question || !seen.some((news) => isAnswerTo(news, scene, question.id))) return undefined
  return ofSilence(context, scene)
}

/** The stanza has been judged, and nobody was told anything: what is on record of it. */
async function ofSilence(context: CommandContext, scene: CaseScene): Promise<Outcome | undefined> {
  const { records } = await context.ask(recent, { limit: NEWEST })
  const record = records.find(({ id, verdict }) => id === scene.id && verdict !== 'pass')
  if (record?.reference === undefined) return undefined
  const { reference } = record
  return { expect: 'refuse', how: 'dropped without an answer', reference, record: await reasonOf(context, reference) }
}

const isAnswerTo = (news: LabNews, { at }: CaseScene, id: string): boolean =>
  news.kind === 'received' && news.domain === at && news.stanza.includes(`id="${id}"`)

function judge(scene: CaseScene, { expect, how, reference, record }: Outcome, ms: number): Result {
  const { wanted: its } = scene
  const isToldRight =
    its.expect === 'pass' ||
    (record !== undefined &&
      (its.reason === undefined || its.reason === record.reason) &&
      (its.rule === undefined || its.rule === record.rule))
  const fine = expect === its.expect && isToldRight
  const by = record?.rule === undefined ? '' : ` (${record.rule})`
  const why = record === undefined ? '' : ` — ${record.cause}${by} [${reference}]`
  const instead = fine ? '' : ` (expected: ${wanted(scene)})`
  return { fine, words: `${how}${why} (${ms} ms)${instead}`, ...(reference !== undefined && { reference }) }
}

const wanted = ({ wanted: { expect, reason, rule } }: CaseScene): string =>
  [expect, reason, rule && `by ${rule}`].filter((part) => part !== undefined).join(' ')
